//! A solved market in the words of the programme: who sits where, the reserve lists, the prices, the checks, the goals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use solver::{
    CandidateIx, Certificate, LineIx, Market, Method, Pair, Plan, Policy, QuotaIx, Status, Stopped, Violation, Watch,
};

use crate::{
    eligibility::judge,
    market::{FIRST, Index, Limits, NAMED, PINNED, PRIORITY},
    snapshot::Snapshot,
    together::Group,
    why::{Apart, Why},
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
    /// No plan that meets as many claims has a greater sum.
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
    /// What a worker with a ground for priority weighs more than any score; 0 if there is none.
    #[serde(default)]
    pub priority: i64,
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
    /// Beds left on the day on which fewest are, if beds limit the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beds_left: Option<u32>,
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
    pub why: Why,
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
    /// Who went together in it, or could not, by position of the candidates.
    pub groups: Vec<Group>,
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
    policy.threads = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
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
    let mut checks = checks(snapshot, &found, (&seats, plan.duals.quotas.len(), prices));
    checks.extend(rule_checks(market, &found));
    let (Ok(certificate), true) = (found, checks.iter().all(|check| check.passed)) else {
        return Err(checks);
    };
    let prices = Prices {
        named: [NAMED, PINNED].into_iter().map(|tier| boost(market, tier)).find(|boost| *boost > 0).unwrap_or(0),
        first: boost(market, FIRST),
        priority: boost(market, PRIORITY),
        corridors: limits
            .corridors
            .iter()
            .map(|(code, quota)| (code.clone(), plan.duals.quota_points(*quota)))
            .collect(),
    };
    let report = report(snapshot, (market, plan), &certificate, (&seats, claims), checks);
    Ok(Outcome { report, prices, lines, seats, eligible, groups: limits.groups.clone() })
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
    /// Those whom a pack puts before every score, also if they have a stronger claim, and those of them with a seat.
    priority: i64,
    priority_seated: i64,
}

impl Claims {
    /// Counts somebody who comes first, or has a ground for priority, if some line is open to them.
    fn note(&mut self, snapshot: &Snapshot, candidate: usize, (eligible, seated): (bool, bool)) {
        let person = &snapshot.candidates[candidate];
        let first = eligible && person.first;
        self.first += i64::from(first);
        self.first_seated += i64::from(first && seated);
        let priority = eligible && snapshot.terms.corridors[&person.origin].puts_first(person);
        self.priority += i64::from(priority);
        self.priority_seated += i64::from(priority && seated);
    }
}

/// Reads seats and reserve lists off the plan.
fn read(snapshot: &Snapshot, (market, limits): (&Market<Index>, &Limits), plan: &Plan) -> Read {
    let mut of_line: Vec<Vec<Seat>> = vec![Vec::new(); snapshot.lines.len()];
    let mut lines: Vec<LineOutcome> = Vec::with_capacity(snapshot.lines.len());
    for (at, (others, beds)) in limits.others.iter().zip(&limits.beds).enumerate() {
        let others_price = others.map_or(0, |quota| plan.duals.quota_points(quota));
        // A seat comes with a bed: what is paid for it is part of what the seat costs.
        let beds = beds.iter().map(|&quota| plan.duals.quota_points(quota));
        // What a claim of many weighs may be more than is told of it.
        let price = beds.fold(plan.duals.line_points(LineIx(index(at))), i64::saturating_add);
        lines.push(LineOutcome { price, others_price, ..LineOutcome::default() });
    }
    let mut apart = Apart::new(snapshot, &limits.groups);
    let (mut pairs, mut all, mut eligible) = (Vec::new(), Claims::default(), vec![false; plan.assignments.len()]);
    // Those with a seat first: the others are held against them.
    let (seated, left): (Vec<usize>, Vec<usize>) =
        (0..plan.assignments.len()).partition(|&candidate| plan.assignments[candidate].is_some());
    for candidate in seated.into_iter().chain(left) {
        let assigned = plan.assignments[candidate];
        market.pairs_of(CandidateIx(index(candidate)), &mut pairs);
        eligible[candidate] = !pairs.is_empty();
        let claims =
            |pair: &Pair| pair.tier == NAMED || (pair.tier == PINNED && is_named(snapshot, candidate, pair.line.at()));
        all.named += i64::from(pairs.iter().any(claims));
        all.note(snapshot, candidate, (eligible[candidate], assigned.is_some()));
        let Some(pair) = pairs.iter().find(|pair| Some(pair.line) == assigned) else {
            apart.leave(candidate, &pairs, &lines);
            continue;
        };
        let line = pair.line.at();
        let outcome = &mut lines[line];
        outcome.filled += 1;
        outcome.pinned += u32::from(pair.tier == PINNED);
        outcome.lowest = Some(outcome.lowest.map_or(pair.score, |lowest| lowest.min(pair.score)));
        let (score, why) = (pair.score, Why::of(pair.tier));
        of_line[line].push(Seat { line, candidate, rank: 0, score, named: claims(pair), why });
    }
    of_line.iter_mut().flatten().for_each(|seat| seat.why = apart.seat(seat));
    beds_left(market, limits, &mut lines);
    for (at, (list, line)) in plan.reserve.iter().zip(&snapshot.lines).enumerate() {
        for (rank, candidate) in (1..).zip(list.iter().take(line.reserve)) {
            let pair = market.pair(*candidate, LineIx(index(at))).expect("a reserve has a pair on its line");
            let (score, named, why) = (pair.score, pair.tier == NAMED, Why::of(pair.tier));
            of_line[at].push(Seat { line: at, candidate: candidate.at(), rank, score, named, why });
        }
    }
    let mut order: Vec<usize> = (0..snapshot.lines.len()).collect();
    order.sort_by_key(|&at| (&snapshot.lines[at].reference, snapshot.lines[at].id));
    let seats = order.into_iter().flat_map(|at| std::mem::take(&mut of_line[at])).collect();
    Read { seats, lines, eligible, claims: all }
}

/// Notes how many beds are left where they limit lines.
fn beds_left(market: &Market<Index>, limits: &Limits, lines: &mut [LineOutcome]) {
    let mut used: BTreeMap<QuotaIx, u32> = BTreeMap::new();
    for (beds, line) in limits.beds.iter().zip(&*lines) {
        beds.iter().for_each(|&quota| *used.entry(quota).or_default() += line.filled);
    }
    let left = |quota: &QuotaIx| market.quotas()[quota.at()].limit.saturating_sub(used[quota]);
    for (beds, line) in limits.beds.iter().zip(lines) {
        line.beds_left = beds.iter().map(left).min();
    }
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
    let check = |name: &str, looked_at: (usize, &str), of: fn(&Violation) -> bool| check(found, name, looked_at, of);
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
            matches!(
                violation,
                Violation::LotteryIgnored { .. } | Violation::DrawNotProved { .. } | Violation::DrawsUnordered { .. }
            )
        }),
        check("RESERVE", (lines, "lists"), |violation| matches!(violation, Violation::ReserveWrong { .. })),
        check("ELIGIBLE", (seats.len(), "pairs"), |violation| matches!(violation, Violation::NotEligible { .. })),
        by_the_rules(snapshot, seats),
    ]
}

/// Checks of what only some markets have: people who go together, lines with a least crew.
fn rule_checks(market: &Market<Index>, found: &Result<Certificate, Vec<Violation>>) -> Vec<Check> {
    let (groups, lines) = (market.together().len(), market.least_crews().len());
    let together = (groups > 0).then(|| {
        check(found, "TOGETHER", (groups, "groups"), |violation| matches!(violation, Violation::GroupSplit { .. }))
    });
    let crews = (lines > 0).then(|| {
        check(found, "LEAST_CREW", (lines, "lines"), |violation| matches!(violation, Violation::CrewTooSmall { .. }))
    });
    together.into_iter().chain(crews).collect()
}

fn check(
    found: &Result<Certificate, Vec<Violation>>,
    name: &str,
    (looked_at, what): (usize, &str),
    of: fn(&Violation) -> bool,
) -> Check {
    let violations = found.as_ref().err().into_iter().flatten();
    let wrong: Vec<String> = violations.filter(|violation| of(violation)).map(ToString::to_string).collect();
    let finding = match wrong.first() {
        Some(first) => format!("{} wrong, such as: {first}", wrong.len()),
        None => format!("{looked_at} {what}"),
    };
    Check { name: name.to_owned(), passed: wrong.is_empty(), finding, looked_at: Some(count(looked_at)) }
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
    if claims.priority > 0 {
        goals.push(goal("PRIORITY", claims.priority_seated, claims.priority));
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
mod tests;
