//! The policy `lists`: for each seat several candidates from whom an employer picks, so that no pick passes a quota.
//!
//! The plan of greatest score tells how the seats of each line are shared among the quotas. Each share gets a list of k
//! times its seats from those whose pairs are of the same line and the same quotas. Whoever is picked, as long as it is no
//! more than the share's seats from each list, lines and quotas hold what they hold in the plan. As nobody is on two
//! lists, picks cannot collide.
//!
//! The lists are a market without quotas, whose optimum the crate `solver` proves: first every list is filled once over,
//! then twice, up to k times; at that, the listed scores add up to the most.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use solver::{BuildError, CandidateIx, LineIx, MarketBuilder, Pair, Tier};

use crate::decimal::show;
use crate::draw;
use crate::finding::{Finding, Findings, Rule, What, what};
use crate::format::{ListEntry, Listed, PlanFile, Policy, Status};
use crate::market::Market;
use crate::optimal;
use crate::plan::{Options, Phase};
use crate::programme::Budget;
use crate::stable::beyond_single_seats;

/// The most candidates that a seat may have on its list.
pub const FOLDS_MOST: u32 = 20;
/// Scores in granules may not pass this: the scores of `solver` are 64-bit.
const SCORE_MOST: i128 = 1 << 60;

const SIZE: Rule = Rule(
    "LISTS_SIZE",
    "from a list one candidate is picked for each seat",
    "use the policy `optimal`, or make every size and seats 1",
);
const GROUPS: Rule = Rule(
    "LISTS_GROUPS",
    "an employer picks candidates one by one, and could part those who go together",
    "use the policy `optimal`, or leave `together` and `apart` out",
);
const WEIGHTS: Rule = Rule(
    "LISTS_WEIGHTS",
    "by this policy a quota counts pairs",
    "use the policy `optimal`, or make every weight 0 or 1",
);
const FOLDS: Rule = Rule("LISTS_FOLDS", "a list names 1 to 20 candidates for each seat", "ask for 1 to 20");
const LARGE: Rule = Rule(
    "LISTS_LARGE",
    "what fills lists first must outweigh all scores, in 124 bits",
    "ask for fewer candidates per seat, or give scores with fewer places",
);

/// Seats of a line that count against the same quotas.
type Share = (usize, Vec<usize>);
/// How many seats a share has, and the pairs pinned to them.
type Seats = (u64, Vec<usize>);

/// Returns the plan of greatest score with lists for its seats.
///
/// # Errors
/// What this policy has no answer for.
pub(crate) fn solve(
    market: &Market,
    options: &Options,
    budget: &Budget,
    progress: &dyn Fn(Phase),
) -> Result<PlanFile, Vec<Finding>> {
    refuse(market, options)?;
    let base = optimal::solve(market, options, budget, progress);
    let plan = PlanFile { policy: Policy::Lists, folds: Some(options.folds), ..base };
    if plan.status == Status::Infeasible {
        return Ok(plan);
    }
    progress(Phase::Lists);
    let shares = shares(market, &plan);
    let lists = recommend(market, options, &shares)?;
    Ok(PlanFile { lists: Some(lists), ..plan })
}

fn refuse(market: &Market, options: &Options) -> Result<(), Vec<Finding>> {
    let mut findings = beyond_single_seats(market, [&SIZE, &WEIGHTS, &GROUPS]);
    if !(1..=FOLDS_MOST).contains(&options.folds) {
        findings.add(&FOLDS, "--k", what!("asked-for": "{count} were asked for", count = options.folds));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings.into_list()) }
}

/// Returns the seats of each share of the plan, with those pinned to them.
fn shares(market: &Market, plan: &PlanFile) -> BTreeMap<Share, Seats> {
    let who: HashMap<&str, usize> = names(market.candidates.iter().map(|candidate| candidate.id.as_str()));
    let lines: HashMap<&str, usize> = names(market.lines.iter().map(|line| line.id.as_str()));
    let mut shares: BTreeMap<Share, Seats> = BTreeMap::new();
    for entry in &plan.pairs {
        let at = market.pair(who[entry.candidate.as_str()], lines[entry.line.as_str()]);
        let at = at.expect("a plan has listed pairs only");
        let share = shares.entry(share(market, at)).or_default();
        share.0 += 1;
        if market.pairs[at].pinned {
            share.1.push(at);
        }
    }
    shares
}

fn names<'a>(ids: impl Iterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    ids.enumerate().map(|(at, id)| (id, at)).collect()
}

fn share(market: &Market, pair: usize) -> Share {
    let pair = &market.pairs[pair];
    (pair.line, pair.uses.iter().map(|&(quota, _)| quota).collect())
}

/// Fills the lists of all shares.
fn recommend(
    market: &Market,
    options: &Options,
    shares: &BTreeMap<Share, Seats>,
) -> Result<Vec<ListEntry>, Vec<Finding>> {
    let mut order: Vec<(&Share, &Seats)> = shares.iter().collect();
    // By name: the order of the file has no part in the lists.
    let name = |share: &Share| {
        let mut quotas: Vec<&str> = share.1.iter().map(|&quota| market.quotas[quota].id.as_str()).collect();
        quotas.sort_unstable();
        (market.lines[share.0].id.as_str(), quotas)
    };
    order.sort_unstable_by_key(|(share, _)| name(share));
    let place: HashMap<&Share, usize> = order.iter().enumerate().map(|(at, (share, _))| (*share, at)).collect();
    let pinned: BTreeSet<usize> = market.pairs.iter().filter(|pair| pair.pinned).map(|pair| pair.candidate).collect();
    let mut builder = MarketBuilder::default();
    let mut folds: Vec<Vec<LineIx>> = Vec::new();
    for (at, (_, (seats, pinned))) in order.iter().enumerate() {
        let seats = u32::try_from(seats - pinned.len() as u64).unwrap_or(u32::MAX);
        folds.push((0..options.folds).map(|fold| builder.line(format!("{at}/{fold}"), seats)).collect());
    }
    let mut pairs_of = vec![Vec::new(); market.candidates.len()];
    for (at, pair) in market.pairs.iter().enumerate() {
        if !pair.forbidden && pair.score > 0 && !pinned.contains(&pair.candidate) {
            pairs_of[pair.candidate].push(at);
        }
    }
    let (granule, mut list_of_line) = (market.granule(), HashMap::new());
    for (who, pairs) in pairs_of.iter().enumerate() {
        let candidate = builder.candidate(&market.candidates[who].id, 1);
        for &at in pairs {
            let Some(&list) = place.get(&share(market, at)) else { continue };
            let score = market.pairs[at].score / granule;
            if score > SCORE_MOST {
                return Err(too_large(what!("score-too-great": "a score is too great")));
            }
            let score = score as i64;
            for (fold, &line) in (0_u8..).zip(&folds[list]) {
                builder.pair(candidate, Pair { tier: Tier(fold), ..Pair::scored(line, score) });
                list_of_line.insert((candidate, line), (list, at));
            }
        }
    }
    let small = builder.build().map_err(|error| too_large(refused(&error)))?;
    let plan = solver::solve(&small, &solver::Policy { reserve: 0, ..solver::Policy::seeded(options.seed.as_str()) });
    assert!(
        solver::verify(&small, &plan).is_ok_and(|certificate| certificate.gap == 0),
        "without quotas all is proved"
    );
    let mut listed: Vec<Vec<usize>> = order.iter().map(|(_, (_, pinned))| pinned.clone()).collect();
    for (candidate, line) in (0..).map(CandidateIx).zip(&plan.assignments) {
        if let Some(&(list, at)) = line.and_then(|line| list_of_line.get(&(candidate, line))) {
            listed[list].push(at);
        }
    }
    Ok(written(market, options, &order, listed))
}

fn too_large(what: What) -> Vec<Finding> {
    let mut findings = Findings::default();
    findings.add(&LARGE, "$", what);
    findings.into_list()
}

/// Says what the solver refuses, with values and not in its words.
fn refused(error: &BuildError) -> What {
    match error {
        BuildError::WeightsTooLarge { tiers, .. } => {
            what!("weights-too-large": "{tiers} candidates per seat over such scores need weights beyond 124 bits", tiers = tiers)
        }
        BuildError::TooMany { pairs, .. } => {
            what!("too-many-pairs": "{pairs} pairs, each with its place on the lists, are too many", pairs = pairs)
        }
        other => what!("solver-refuses": "the solver refuses the lists with {code}", code = other.code()),
    }
}

/// Returns lists as they are published: best score first, then the better draw.
fn written(market: &Market, options: &Options, order: &[(&Share, &Seats)], listed: Vec<Vec<usize>>) -> Vec<ListEntry> {
    let draw = draw::places(&options.seed, market.candidates.iter().map(|candidate| candidate.id.as_str()));
    let entry = |(at, mut pairs): (usize, Vec<usize>)| {
        let (share, (seats, _)) = order[at];
        pairs.sort_unstable_by_key(|&at| (-market.pairs[at].score, draw[market.pairs[at].candidate]));
        let mut quotas: Vec<String> = share.1.iter().map(|&quota| market.quotas[quota].id.clone()).collect();
        quotas.sort_unstable();
        let told = |&at: &usize| Listed {
            candidate: market.candidates[market.pairs[at].candidate].id.clone(),
            score: show(market.pairs[at].score),
        };
        let line = market.lines[share.0].id.clone();
        ListEntry { line, quotas, seats: *seats, candidates: pairs.iter().map(told).collect() }
    };
    listed.into_iter().enumerate().map(entry).collect()
}
