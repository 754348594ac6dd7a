//! What is asked for, and the plan as it is written.

use crate::decimal::show;
use crate::format::{PlanFile, PlanPair, Policy, Status};
use crate::market::Market;

/// What is asked for beside the market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// By which rules.
    pub policy: Policy,
    /// The lottery's seed.
    pub seed: String,
    /// Searches end after this time with what they have.
    pub seconds: u32,
    /// Searches end after this many nodes with what they have; unlike time, the same on every machine.
    pub nodes: Option<u32>,
    /// Policy `lists`: how many candidates a list names for each seat, 1 to 20.
    pub folds: u32,
}

/// What is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Shortest paths and prices, by the crate `solver`.
    Prices,
    /// The linear relaxation.
    Relaxation,
    /// Branch and bound, between a value that is reached and a bound.
    Branching { value: String, bound: String },
    /// The search in whole numbers.
    Exhaustion,
    /// Lists are filled.
    Lists,
    /// The plan is checked.
    Checking,
}

/// What a plan can name as the code that found it.
pub const METHODS: [&str; 7] =
    ["pins", "greedy", "solver", "highs_lp", "highs_mip", "exhaustion", "deferred_acceptance"];

impl Default for Options {
    fn default() -> Self {
        Self { policy: Policy::Optimal, seed: "7".to_owned(), seconds: 60, nodes: None, folds: 3 }
    }
}

/// Returns a plan without pairs.
pub(crate) fn empty(market: &Market, options: &Options, status: Status, method: &str) -> PlanFile {
    PlanFile {
        status,
        why: Vec::new(),
        policy: options.policy,
        seed: options.seed.clone(),
        market: market.digest.clone(),
        pairs: Vec::new(),
        value: None,
        bound: None,
        gap: None,
        proof: None,
        duals: None,
        blocking: None,
        folds: None,
        lists: None,
        method: method.to_owned(),
        seconds: "0".to_owned(),
    }
}

/// Returns chosen pairs as they are published.
pub(crate) fn pairs(market: &Market, chosen: &[usize]) -> Vec<PlanPair> {
    let entry = |&pair: &usize| {
        let pair = &market.pairs[pair];
        PlanPair {
            candidate: market.candidates[pair.candidate].id.clone(),
            line: market.lines[pair.line].id.clone(),
            score: show(pair.score),
            seats: pair.seats,
        }
    };
    let mut pairs: Vec<PlanPair> = chosen.iter().map(entry).collect();
    pairs.sort_unstable_by(|one, other| one.candidate.cmp(&other.candidate));
    pairs
}
