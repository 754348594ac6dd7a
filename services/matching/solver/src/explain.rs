//! Turns the prices of a plan into reasons. Plain data; the words are found elsewhere.
//!
//! A surplus is what a pair is worth beyond its prices: weight − quota prices − line price. A candidate gets its greatest
//! surplus if that is positive; a pair that is not chosen missed by the difference. Prices are told in whole points: what
//! is left of a point comes from the draw, so a miss of 0 is a tie.

use serde::{Deserialize, Serialize};

use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair, QuotaIx, Tier};
use crate::plan::Plan;

/// Why a candidate did or did not get one of its pairs. Prices and differences in points of weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairReason {
    /// The line.
    pub line: LineIx,
    /// Published score of the pair.
    pub score: i64,
    /// Claim of the pair.
    pub tier: Tier,
    /// Score with the boost of the claim.
    pub weight: i128,
    /// Price of a seat.
    pub line_price: i64,
    /// Sum of the prices of its quotas.
    pub quota_price: i64,
    /// Weight less both prices.
    pub surplus: i64,
    /// What the candidate's best surplus (0 at least) is above this one: the weight it would need more.
    pub missed_by: i64,
    /// Whether this is the candidate's seat.
    pub seated: bool,
    /// Whether all seats of the line are taken.
    pub line_full: bool,
    /// The quotas of the pair that are used up.
    pub full_quotas: Vec<QuotaIx>,
}

/// What decided about one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineReason {
    /// Seats on offer.
    pub seats: u32,
    /// Seats taken.
    pub seated: u32,
    /// Price of a seat.
    pub price: i64,
    /// Least weight that has a seat.
    pub lowest_weight: Option<i128>,
    /// Least published score that has a seat.
    pub lowest_score: Option<i64>,
    /// Candidates without any seat who could sit here: least miss first.
    pub missed: Vec<Miss>,
}

/// One who could have sat on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    /// Who.
    pub candidate: CandidateIx,
    /// Published score of the pair.
    pub score: i64,
    /// Weight that was lacking against the prices; 0 is a tie.
    pub missed_by: i64,
}

/// Seats and quotas in use under a plan: made once, asked often.
#[derive(Clone, Debug)]
pub struct Explainer<'a, E> {
    market: &'a Market<E>,
    plan: &'a Plan,
    seated: Vec<u32>,
    used: Vec<u32>,
}

impl<'a, E: Eligibility> Explainer<'a, E> {
    /// Returns an explainer of `plan`, which must be a plan of `market`.
    pub fn new(market: &'a Market<E>, plan: &'a Plan) -> Self {
        let mut seated = vec![0; market.lines().len()];
        let mut used = vec![0; market.quotas().len()];
        for (at, line) in plan.assignments.iter().enumerate() {
            let Some(pair) = line.and_then(|line| market.pair(CandidateIx::new(at), line)) else {
                continue;
            };
            let size = market.candidates()[at].size;
            seated[pair.line.at()] += size;
            for quota in market.quota_set(pair.quotas) {
                used[quota.at()] += size;
            }
        }
        Self { market, plan, seated, used }
    }

    /// Returns the reasons for each pair of `candidate`, least miss first.
    pub fn candidate(&self, candidate: CandidateIx) -> Vec<PairReason> {
        let mut pairs = Vec::new();
        self.market.pairs_of(candidate, &mut pairs);
        let best = self.best(candidate, &pairs);
        let mut reasons: Vec<PairReason> = pairs.iter().map(|pair| self.reason(candidate, pair, best)).collect();
        reasons.sort_by_key(|reason| (reason.missed_by, reason.line));
        reasons
    }

    /// Returns what decided about `line`, with at most `most` of those who missed it. Reads every pair of the market.
    pub fn line(&self, line: LineIx, most: usize) -> LineReason {
        let mut reason = LineReason {
            seats: self.market.lines()[line.at()].seats,
            seated: self.seated[line.at()],
            price: self.plan.duals.line_points(line),
            lowest_weight: None,
            lowest_score: None,
            missed: Vec::new(),
        };
        for (at, assigned) in self.plan.assignments.iter().enumerate() {
            let candidate = CandidateIx::new(at);
            let Some(pair) = self.market.pair(candidate, line) else {
                continue;
            };
            if *assigned == Some(line) {
                let (weight, score) = (self.market.weight(&pair), pair.score);
                reason.lowest_weight = Some(reason.lowest_weight.map_or(weight, |lowest| lowest.min(weight)));
                reason.lowest_score = Some(reason.lowest_score.map_or(score, |lowest| lowest.min(score)));
            } else if assigned.is_none() {
                let missed_by = self.plan.duals.points((-self.surplus(candidate, &pair)).max(0));
                reason.missed.push(Miss { candidate, score: pair.score, missed_by });
            }
        }
        reason.missed.sort_by_key(|miss| (miss.missed_by, miss.candidate));
        reason.missed.truncate(most);
        reason
    }

    fn reason(&self, candidate: CandidateIx, pair: &Pair, best: i128) -> PairReason {
        let full = |quota: &&QuotaIx| self.used[quota.at()] >= self.market.quotas()[quota.at()].limit;
        let surplus = self.surplus(candidate, pair);
        PairReason {
            line: pair.line,
            score: pair.score,
            tier: pair.tier,
            weight: self.market.weight(pair),
            line_price: self.plan.duals.line_points(pair.line),
            quota_price: self.plan.duals.points(self.quota_price(pair)),
            surplus: self.plan.duals.points(surplus),
            missed_by: self.plan.duals.points(best - surplus),
            seated: self.plan.assignments[candidate.at()] == Some(pair.line),
            line_full: self.seated[pair.line.at()] >= self.market.lines()[pair.line.at()].seats,
            full_quotas: self.market.quota_set(pair.quotas).iter().filter(full).copied().collect(),
        }
    }

    fn best(&self, candidate: CandidateIx, pairs: &[Pair]) -> i128 {
        pairs.iter().map(|pair| self.surplus(candidate, pair)).max().unwrap_or(0).max(0)
    }

    fn surplus(&self, candidate: CandidateIx, pair: &Pair) -> i128 {
        let size = i128::from(self.market.candidates()[candidate.at()].size);
        let prices = self.quota_price(pair) + self.plan.duals.lines[pair.line.at()];
        self.market.weight(pair) * self.plan.duals.scale - size * prices
    }

    fn quota_price(&self, pair: &Pair) -> i128 {
        let quotas = self.market.quota_set(pair.quotas).iter();
        quotas.map(|quota| self.plan.duals.quotas[quota.at()]).sum()
    }
}
