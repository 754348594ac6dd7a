//! A solved market in the words of the programme: who sits where, the reserve lists, the prices, the checks, the goals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use solver::{CandidateIx, Certificate, LineIx, Market, Method, Pair, Plan, Policy, Status, Stopped, Violation, Watch};

use crate::{
    eligibility::judge,
    market::{FIRST, Index, Limits, NAMED, PINNED},
    snapshot::Snapshot,
};

/// Figures of a round, as shown and as published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub corridor_codes: Vec<String>,
    pub snapshot_hash: String,
    pub plan_hash: String,
    pub candidates: i64,
    pub lines: i64,
    pub seats_open: i64,
    pub seats_filled: i64,
    pub reserves: i64,
    /// Sum of the published scores.
    pub value: i64,
    /// No plan with as many named recalls has a greater sum.
    pub bound: i64,
    pub gap_ppm: i64,
    pub checks: Vec<Check>,
    pub goals: Vec<Goal>,
    pub method: String,
    pub milliseconds: i64,
    /// The day on which it was computed, by the wall.
    pub computed_on: String,
}

impl Report {
    /// What can be told before there is a plan to report: value and bound of the search so far, where it has them.
    #[must_use]
    pub fn so_far(value: Option<i64>, bound: Option<i64>) -> Self {
        let gap =
            value.zip(bound).map(|(value, bound)| gap_ppm(i128::from(bound) - i128::from(value), i128::from(bound)));
        let (value, bound) = (value.unwrap_or(0), bound.unwrap_or(0));
        Self { value, bound, gap_ppm: gap.unwrap_or(0), ..Self::default() }
    }
}

fn gap_ppm(gap: i128, bound: i128) -> i64 {
    i64::try_from((gap * 1_000_000).checked_div(bound).unwrap_or(0)).unwrap_or(i64::MAX)
}

/// A check of the independent verifier and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub name: String,
    pub passed: bool,
    /// In English: what was looked at, or what is wrong.
    pub finding: String,
    /// How many were looked at; none in rounds that did not note it.
    #[serde(default)]
    pub looked_at: Option<i64>,
}

/// How far a goal was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    pub name: String,
    pub reached: i64,
    pub of: i64,
}

/// Prices that are not of one line, in points.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// What a named recall weighs more than any score; where there is none, what a pair weighs that was laid down.
    pub named: i64,
    /// What a worker whose last offer was taken back weighs more than any score; 0 if there is none.
    #[serde(default)]
    pub first: i64,
    /// Corridor → price of one unit of its quota.
    pub corridors: BTreeMap<String, i64>,
}

/// What became of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineOutcome {
    /// Price of a seat.
    pub price: i64,
    /// What a seat costs more for somebody who is not named.
    pub others_price: i64,
    pub filled: u32,
    /// Seats of these that an operator gave away, whatever anybody scores.
    #[serde(default)]
    pub pinned: u32,
    /// Least published score that has a seat.
    pub lowest: Option<i64>,
}

/// A pair of the plan: positions in the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub line: usize,
    pub candidate: usize,
    /// 0 = a seat; from 1 = rank on the reserve list.
    pub rank: i32,
    pub score: i64,
    pub named: bool,
}

/// A plan in the programme's words.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub report: Report,
    pub prices: Prices,
    pub lines: Vec<LineOutcome>,
    /// By the line's reference, then rank; within a line's seats as the market lists people.
    pub seats: Vec<Seat>,
    /// By position of the candidate: some line with a free seat is open to them.
    pub eligible: Vec<bool>,
}

/// Solves the market under the round's seed.
#[must_use]
pub fn solve(snapshot: &Snapshot, market: &Market<Index>, seed: &str) -> Plan {
    solve_with(snapshot, market, seed, &mut ()).expect("nobody stops it")
}

/// Does what [`solve`] does, unless `watch` stops it.
///
/// # Errors
/// [`Stopped`] by `watch`.
pub fn solve_with(
    snapshot: &Snapshot,
    market: &Market<Index>,
    seed: &str,
    watch: &mut dyn Watch,
) -> Result<Plan, Stopped> {
    let mut policy = Policy::seeded(seed.as_bytes());
    policy.reserve = snapshot.lines.iter().map(|line| line.reserve).max().unwrap_or(0);
    solver::solve_with(market, &policy, watch)
}

/// Has the plan verified and puts it into words.
///
/// # Errors
/// The checks, if one of them does not hold: such a plan is never shown as a round.
pub fn conclude(
    snapshot: &Snapshot,
    (market, limits): (&Market<Index>, &Limits),
    plan: &Plan,
) -> Result<Outcome, Vec<Check>> {
    let found = solver::verify(market, plan);
    let Read { seats, lines, eligible, claims } = read(snapshot, (market, limits), plan);
    let prices = plan.duals.lines.len() + plan.duals.quotas.len();
    let checks = checks(snapshot, &found, (&seats, plan.duals.quotas.len(), prices));
    let (Ok(certificate), true) = (found, checks.iter().all(|check| check.passed)) else {
        return Err(checks);
    };
    let prices = Prices {
        named: [NAMED, PINNED].into_iter().map(|tier| boost(market, tier)).find(|boost| *boost > 0).unwrap_or(0),
        first: boost(market, FIRST),
        corridors: limits
            .corridors
            .iter()
            .map(|(code, quota)| (code.clone(), plan.duals.quota_points(*quota)))
            .collect(),
    };
    let report = report(snapshot, (market, plan), &certificate, (&seats, claims), checks);
    Ok(Outcome { report, prices, lines, seats, eligible })
}

/// What a plan says.
struct Read {
    seats: Vec<Seat>,
    lines: Vec<LineOutcome>,
    eligible: Vec<bool>,
    claims: Claims,
}

/// People with a claim before every score, of those who may take a seat.
#[derive(Clone, Copy, Default)]
struct Claims {
    named: i64,
    /// Those whose last offer was taken back, and those of them with a seat.
    first: i64,
    first_seated: i64,
}

/// Reads seats and reserve lists off the plan.
fn read(snapshot: &Snapshot, (market, limits): (&Market<Index>, &Limits), plan: &Plan) -> Read {
    let mut of_line: Vec<Vec<Seat>> = vec![Vec::new(); snapshot.lines.len()];
    let mut lines: Vec<LineOutcome> = Vec::with_capacity(snapshot.lines.len());
    for (at, others) in limits.others.iter().enumerate() {
        let others_price = others.map_or(0, |quota| plan.duals.quota_points(quota));
        let price = plan.duals.line_points(LineIx(index(at)));
        lines.push(LineOutcome { price, others_price, ..LineOutcome::default() });
    }
    let (mut pairs, mut all, mut eligible) =
        (Vec::new(), Claims::default(), Vec::with_capacity(plan.assignments.len()));
    for (candidate, assigned) in plan.assignments.iter().enumerate() {
        market.pairs_of(CandidateIx(index(candidate)), &mut pairs);
        eligible.push(!pairs.is_empty());
        let claims =
            |pair: &Pair| pair.tier == NAMED || (pair.tier == PINNED && is_named(snapshot, candidate, pair.line.at()));
        all.named += i64::from(pairs.iter().any(claims));
        let first = snapshot.candidates[candidate].first && !pairs.is_empty();
        all.first += i64::from(first);
        all.first_seated += i64::from(first && assigned.is_some());
        let Some(pair) = pairs.iter().find(|pair| Some(pair.line) == *assigned) else { continue };
        let line = pair.line.at();
        let outcome = &mut lines[line];
        outcome.filled += 1;
        outcome.pinned += u32::from(pair.tier == PINNED);
        outcome.lowest = Some(outcome.lowest.map_or(pair.score, |lowest| lowest.min(pair.score)));
        of_line[line].push(Seat { line, candidate, rank: 0, score: pair.score, named: claims(pair) });
    }
    for (at, (list, line)) in plan.reserve.iter().zip(&snapshot.lines).enumerate() {
        for (rank, candidate) in (1..).zip(list.iter().take(line.reserve)) {
            let pair = market.pair(*candidate, LineIx(index(at))).expect("a reserve has a pair on its line");
            let seat = Seat { line: at, candidate: candidate.at(), rank, score: pair.score, named: pair.tier == NAMED };
            of_line[at].push(seat);
        }
    }
    let mut order: Vec<usize> = (0..snapshot.lines.len()).collect();
    order.sort_by_key(|&at| (&snapshot.lines[at].reference, snapshot.lines[at].id));
    let seats = order.into_iter().flat_map(|at| std::mem::take(&mut of_line[at])).collect();
    Read { seats, lines, eligible, claims: all }
}

/// What a claim of this tier weighs beyond the score; 0 if nobody has one.
fn boost(market: &Market<Index>, tier: solver::Tier) -> i64 {
    points(market.weight(&Pair { tier, ..Pair::scored(LineIx(0), 0) }))
}

fn is_named(snapshot: &Snapshot, candidate: usize, line: usize) -> bool {
    snapshot.lines[line].asks_for(&snapshot.candidates[candidate])
}

fn index(position: usize) -> u32 {
    u32::try_from(position).expect("a market holds fewer than 2^32 of anything")
}

/// `limits`: quotas of corridors and of lines; `prices`: of lines and of limits.
fn checks(
    snapshot: &Snapshot,
    found: &Result<Certificate, Vec<Violation>>,
    (seats, limits, prices): (&[Seat], usize, usize),
) -> Vec<Check> {
    let none = Vec::new();
    let violations = found.as_ref().err().unwrap_or(&none);
    let check = |name: &str, (looked_at, what): (usize, &str), of: fn(&Violation) -> bool| {
        let wrong: Vec<String> = violations.iter().filter(|violation| of(violation)).map(ToString::to_string).collect();
        let finding = match wrong.first() {
            Some(first) => format!("{} wrong, such as: {first}", wrong.len()),
            None => format!("{looked_at} {what}"),
        };
        Check { name: name.to_owned(), passed: wrong.is_empty(), finding, looked_at: Some(count(looked_at)) }
    };
    let (lines, people) = (snapshot.lines.len(), snapshot.candidates.len());
    vec![
        check("CAPACITY", (lines, "lines"), |violation| matches!(violation, Violation::SeatsExceeded { .. })),
        check("ONE_SEAT_EACH", (people, "people"), |violation| matches!(violation, Violation::WrongLength { .. })),
        check("QUOTA", (limits, "quotas"), |violation| matches!(violation, Violation::QuotaExceeded { .. })),
        check("BOUND", (prices, "prices"), |violation| {
            matches!(
                violation,
                Violation::NegativePrice { .. } | Violation::Misstated { .. } | Violation::NotProved { .. }
            )
        }),
        check("LOTTERY", (people, "people"), |violation| {
            matches!(violation, Violation::LotteryIgnored { .. } | Violation::DrawNotProved { .. })
        }),
        check("RESERVE", (lines, "lists"), |violation| matches!(violation, Violation::ReserveWrong { .. })),
        check("ELIGIBLE", (seats.len(), "pairs"), |violation| matches!(violation, Violation::NotEligible { .. })),
        by_the_rules(snapshot, seats),
    ]
}

/// Judges each pair anew, rule by rule, without the index from which the market was told.
fn by_the_rules(snapshot: &Snapshot, seats: &[Seat]) -> Check {
    let closing = |seat: &Seat| {
        let rules = judge(&snapshot.terms, &snapshot.candidates[seat.candidate], &snapshot.lines[seat.line]);
        rules.first().copied()
    };
    let wrong: Vec<&str> = seats.iter().filter_map(closing).map(crate::eligibility::Rule::key).collect();
    let finding = match wrong.first() {
        Some(rule) => format!("{} wrong, such as: {rule}", wrong.len()),
        None => format!("{} pairs, every rule", seats.len()),
    };
    Check { name: "RULES".to_owned(), passed: wrong.is_empty(), finding, looked_at: Some(count(seats.len())) }
}

fn report(
    snapshot: &Snapshot,
    (market, plan): (&Market<Index>, &Plan),
    certificate: &Certificate,
    (seats, claims): (&[Seat], Claims),
    checks: Vec<Check>,
) -> Report {
    let (value, bound) = (points(certificate.score), points(certificate.score + certificate.gap));
    let open: i64 = snapshot.lines.iter().map(|line| i64::from(line.seats)).sum();
    let filled = count(certificate.seated);
    let recalled = seats.iter().filter(|seat| seat.rank == 0 && seat.named).count();
    let goal = |name: &str, reached, of| Goal { name: name.to_owned(), reached, of };
    let mut goals = vec![goal("RECALLS", count(recalled), claims.named)];
    if claims.first > 0 {
        goals.push(goal("FIRST", claims.first_seated, claims.first));
    }
    goals.extend([goal("SEATS", filled, open), goal("SCORE", value, bound)]);
    let method = match plan.method {
        Method::ShortestPaths => "SHORTEST_PATHS",
        Method::QuotaPrices => "QUOTA_PRICES",
        Method::Core if plan.status == Status::Searched => "CORE_SEARCHED",
        Method::Core => "CORE",
    };
    Report {
        corridor_codes: snapshot.terms.corridors.values().map(|corridor| corridor.code.clone()).collect(),
        snapshot_hash: snapshot.hash(),
        plan_hash: hex::encode(plan.digest(market)),
        candidates: count(snapshot.candidates.len()),
        lines: count(snapshot.lines.len()),
        seats_open: open,
        seats_filled: filled,
        reserves: count(seats.iter().filter(|seat| seat.rank > 0).count()),
        value,
        bound,
        gap_ppm: gap_ppm(certificate.gap, i128::from(bound)),
        checks,
        goals,
        method: method.to_owned(),
        milliseconds: 0,
        computed_on: String::new(),
    }
}

fn points(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(i64::MAX)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proto::ids::{CandidateId, OrganisationId};
    use uuid::Uuid;

    use super::*;
    use crate::{
        market, snapshot,
        testing::{candidate, line, terms},
    };

    fn outcome(snapshot: Snapshot, seed: &str) -> (Outcome, String) {
        let snapshot = Arc::new(snapshot);
        let (market, limits) = market::build(snapshot.clone()).unwrap();
        let plan = solve(&snapshot, &market, seed);
        let outcome = conclude(&snapshot, (&market, &limits), &plan).unwrap();
        let plan_hash = outcome.report.plan_hash.clone();
        (outcome, plan_hash)
    }

    fn market_of(people: u128, seats: u32) -> Snapshot {
        let mut only = line(1);
        (only.seats, only.posted, only.reserve) = (seats, i64::from(seats), 2);
        Snapshot {
            season_code: "2026".to_owned(),
            destination: "ES".to_owned(),
            terms: terms(),
            lines: vec![only],
            candidates: (1..=people).map(candidate).collect(),
            quotas: Vec::new(),
        }
    }

    fn seated(outcome: &Outcome) -> Vec<usize> {
        outcome.seats.iter().filter(|seat| seat.rank == 0).map(|seat| seat.candidate).collect()
    }

    #[test]
    fn equal_people_are_drawn_by_the_seed_and_the_ministrys_reference_alone() {
        let (first, hash) = outcome(market_of(40, 5), "spring");
        let (again, same) = outcome(market_of(40, 5), "spring");
        assert_eq!((seated(&first), &hash), (seated(&again), &same));
        let (other, another) = outcome(market_of(40, 5), "summer");
        assert_ne!(hash, another);
        assert_ne!(seated(&first), seated(&other));
        // Other generated ids and another order of storage: the same references win.
        let mut moved = market_of(40, 5);
        for person in &mut moved.candidates {
            person.id = CandidateId(Uuid::from_u128(person.id.0.as_u128() ^ 0xffff));
        }
        moved.candidates.reverse();
        let (turned, same) = outcome(moved, "spring");
        assert_eq!(hash, same);
        let mut winners: Vec<usize> = seated(&turned).into_iter().map(|at| 39 - at).collect();
        winners.sort_unstable();
        assert_eq!(winners, seated(&first));
    }

    #[test]
    fn a_named_recall_goes_before_any_score_and_the_list_is_as_long_as_the_line_allows() {
        let mut market = market_of(10, 1);
        market.lines[0].named.insert(market.candidates[4].id);
        market.candidates[7].seasons_returned = 4;
        let (outcome, _) = outcome(market, "spring");
        assert_eq!(seated(&outcome), [4]);
        assert!(outcome.prices.named > outcome.seats[1].score, "{:?}", outcome.prices);
        assert_eq!(outcome.seats[1], Seat { line: 0, candidate: 7, rank: 1, score: 364, named: false });
        assert_eq!(outcome.report.reserves, 2);
        assert_eq!(outcome.report.goals[0], Goal { name: "RECALLS".to_owned(), reached: 1, of: 1 });
    }

    #[test]
    fn a_recall_goes_before_an_offer_taken_back_and_that_before_any_score() {
        let mut market = market_of(10, 2);
        market.candidates[7].seasons_returned = 4;
        market.candidates[2].first = true;
        let goals = |outcome: &Outcome| -> Vec<(String, i64, i64)> {
            outcome.report.goals.iter().map(|goal| (goal.name.clone(), goal.reached, goal.of)).take(2).collect()
        };
        let (first, _) = outcome(market.clone(), "spring");
        assert_eq!(seated(&first), [2, 7]);
        assert_eq!(goals(&first), [("RECALLS".to_owned(), 0, 0), ("FIRST".to_owned(), 1, 1)]);
        assert!(first.prices.first > 364 && first.prices.named == 0, "{:?}", first.prices);
        for (at, union) in [(4, market.lines[0].organisation_id), (5, OrganisationId(Uuid::from_u128(77)))] {
            market.candidates[at].recalled.insert(union, "2025".to_owned());
        }
        market.lines[0].seats = 1;
        let (recalled, _) = outcome(market, "spring");
        assert_eq!(seated(&recalled), [4], "a recall by another union counts for nothing here");
        assert!(recalled.seats[0].named && !recalled.seats[1].named);
        assert_eq!(recalled.seats[1].candidate, 2, "first on the reserve list");
        assert_eq!(goals(&recalled), [("RECALLS".to_owned(), 1, 1), ("FIRST".to_owned(), 0, 1)]);
        assert!(recalled.prices.named > recalled.prices.first, "{:?}", recalled.prices);
    }

    #[test]
    fn a_recall_takes_no_seat_that_is_kept_for_whom_the_order_names() {
        let mut market = market_of(10, 1);
        market.lines[0].named.insert(market.candidates[4].id);
        market.lines[0].others = Some(0);
        for at in [6, 7] {
            market.candidates[at].recalled.insert(market.lines[0].organisation_id, "2025".to_owned());
            market.candidates[at].seasons_returned = 4;
        }
        let (only, _) = outcome(market.clone(), "spring");
        assert_eq!(seated(&only), [4], "the recalled score more");
        assert_eq!(only.report.goals[0], Goal { name: "RECALLS".to_owned(), reached: 1, of: 1 });
        (market.lines[0].seats, market.lines[0].others) = (3, Some(2));
        let (both, _) = outcome(market.clone(), "spring");
        assert_eq!(seated(&both), [4, 6, 7]);
        // Whom the order names may take no seat this time: it stays free for them.
        (market.lines[0].seats, market.lines[0].others) = (2, Some(1));
        market.candidates[4].fit_until = None;
        let (kept, _) = outcome(market, "spring");
        assert_eq!(seated(&kept).len(), 1, "one of two who were recalled");
        assert!(kept.seats[0].named && kept.lines[0].others_price > 0, "{:?}", kept.lines[0]);
    }

    #[test]
    fn a_quota_of_several_origins_bounds_what_is_seated() {
        let mut market = market_of(10, 6);
        let mut second = market.lines[0].shares[0].clone();
        second.corridor_code = "GT-ES".to_owned();
        market.lines[0].shares.push(second);
        market.quotas = vec![snapshot::Quota { corridor_code: "CO-ES".to_owned(), free: 4 }];
        let (outcome, _) = outcome(market, "spring");
        assert_eq!(seated(&outcome).len(), 4);
        assert_eq!((outcome.report.value, outcome.report.gap_ppm), (4 * 124, 0));
    }

    #[test]
    fn seats_kept_for_named_workers_stay_free_without_them() {
        let mut market = market_of(10, 6);
        market.lines[0].others = Some(4);
        let (outcome, _) = outcome(market, "spring");
        assert_eq!(seated(&outcome).len(), 4);
    }
}
