//! The search against trying everything, and against changes whose effect is known.

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::explain::Explainer;
use crate::*;

/// A small market as plain numbers: easy to vary, and independent of the builder's order.
#[derive(Clone, Debug)]
struct Sketch {
    candidates: Vec<String>,
    lines: Vec<(String, u32)>,
    limits: Vec<u32>,
    /// Per candidate and line: score (0: no pair), tier, quotas as bits.
    pairs: Vec<Vec<(i64, u8, u8)>>,
}

impl Sketch {
    fn market(&self) -> Market {
        let mut builder = MarketBuilder::default();
        let quotas: Vec<QuotaIx> = self.limits.iter().map(|&limit| builder.quota(limit)).collect();
        let lines: Vec<LineIx> = self.lines.iter().map(|(name, seats)| builder.line(name, *seats)).collect();
        for (name, row) in self.candidates.iter().zip(&self.pairs) {
            let candidate = builder.candidate(name, 1);
            for (&line, &(score, tier, bits)) in lines.iter().zip(row).filter(|(_, pair)| pair.0 > 0) {
                let members: Vec<QuotaIx> = quotas.iter().copied().filter(|quota| bits >> quota.0 & 1 == 1).collect();
                let quotas = builder.quota_set(&members);
                builder.pair(candidate, Pair { line, score, tier: Tier(tier), quotas });
            }
        }
        builder.build().unwrap()
    }

    /// Tries every plan. Returns the best (pairs of tier 0, pairs of tier 1, score) and, of the plans that reach it,
    /// who is seated in the one whose seated come first by draw.
    fn brute_force(&self, seed: &[u8]) -> ((u32, u32, i64), Vec<bool>) {
        let mut order: Vec<usize> = (0..self.candidates.len()).collect();
        order.sort_by_key(|&at| Sha256::digest([seed, self.candidates[at].as_bytes()].concat()).to_vec());
        let seats = self.lines.iter().map(|line| line.1).collect();
        let mut best = ((0, 0, -1), Vec::new());
        self.descend(&order, &mut Vec::new(), (seats, self.limits.clone(), (0, 0, 0)), &mut best);
        best
    }

    fn descend(
        &self,
        order: &[usize],
        taken: &mut Vec<bool>,
        (seats, limits, value): (Vec<u32>, Vec<u32>, (u32, u32, i64)),
        best: &mut ((u32, u32, i64), Vec<bool>),
    ) {
        let Some(&candidate) = order.get(taken.len()) else {
            if (value, &*taken) > (best.0, &best.1) {
                *best = (value, taken.clone());
            }
            return;
        };
        taken.push(false);
        self.descend(order, taken, (seats.clone(), limits.clone(), value), best);
        taken.pop();
        for (line, &(score, tier, bits)) in self.pairs[candidate].iter().enumerate() {
            let covers = |quota: usize| bits >> quota & 1 == 1;
            let fits = (0..limits.len()).all(|quota| !covers(quota) || limits[quota] > 0);
            if score == 0 || seats[line] == 0 || !fits {
                continue;
            }
            let (mut seats, mut limits) = (seats.clone(), limits.clone());
            seats[line] -= 1;
            (0..limits.len()).filter(|&quota| covers(quota)).for_each(|quota| limits[quota] -= 1);
            let value = (value.0 + u32::from(tier == 0), value.1 + u32::from(tier == 1), value.2 + score);
            taken.push(true);
            self.descend(order, taken, (seats, limits, value), best);
            taken.pop();
        }
    }

    /// Returns what `plan` reaches, in the terms of [`Self::brute_force`], with the seated in the order of the draw.
    fn reached(&self, plan: &Plan) -> ((u32, u32, i64), Vec<bool>) {
        let mut value = (0, 0, 0);
        for (row, line) in self.pairs.iter().zip(&plan.assignments) {
            let Some(line) = line else { continue };
            let (score, tier, _) = row[line.at()];
            value = (value.0 + u32::from(tier == 0), value.1 + u32::from(tier == 1), value.2 + score);
        }
        let mut order: Vec<usize> = (0..self.candidates.len()).collect();
        order.sort_by_key(|&at| Sha256::digest([&plan.seed, self.candidates[at].as_bytes()].concat()).to_vec());
        (value, order.into_iter().map(|at| plan.assignments[at].is_some()).collect())
    }

    /// Returns the value of a lexicographic triple in the weights of `market`.
    fn weighed(&self, market: &Market, (named, priority, score): (u32, u32, i64)) -> i128 {
        let boost = |tier: u8| market.weight(&Pair { tier: Tier(tier), ..Pair::scored(LineIx(0), 0) });
        i128::from(named) * boost(0) + i128::from(priority) * boost(1) + i128::from(score)
    }

    /// Returns the same market with candidates and lines given in the reverse order.
    fn reversed(&self) -> Self {
        let mut other = self.clone();
        other.candidates.reverse();
        other.lines.reverse();
        other.pairs.reverse();
        other.pairs.iter_mut().for_each(|row| row.reverse());
        other
    }
}

/// Markets of up to 6 candidates, 4 lines and `quotas` quotas; few scores, so that ties abound.
fn sketches(quotas: usize) -> impl Strategy<Value = Sketch> {
    let sizes = (1..=6_usize, 1..=4_usize, 1..=12_i64);
    sizes.prop_flat_map(move |(candidates, lines, score_max)| {
        let tier = prop_oneof![1 => Just(0_u8), 1 => Just(1), 4 => Just(255)];
        let pair = (0..=score_max, tier, 0..1_u8 << quotas);
        let rows = prop::collection::vec(prop::collection::vec(pair, lines), candidates);
        let seats = prop::collection::vec(0..=2_u32, lines);
        let limits = prop::collection::vec(0..=3_u32, quotas);
        (rows, seats, limits).prop_map(|(pairs, seats, limits)| Sketch {
            candidates: (0..pairs.len()).map(|at| format!("candidate {at}")).collect(),
            lines: seats.into_iter().enumerate().map(|(at, seats)| (format!("line {at}"), seats)).collect(),
            limits,
            pairs,
        })
    })
}

fn seeds() -> impl Strategy<Value = Policy> {
    any::<[u8; 4]>().prop_map(Policy::seeded)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn without_quotas_the_plan_is_the_best_and_the_first_by_draw(sketch in sketches(0), policy in seeds()) {
        let market = sketch.market();
        let plan = solve(&market, &policy);
        prop_assert_eq!(sketch.reached(&plan), sketch.brute_force(&policy.seed));
        prop_assert_eq!((plan.gap, plan.status, plan.method), (0, Status::Optimal, Method::ShortestPaths));
        let checked = verify(&market, &plan);
        prop_assert!(checked.is_ok(), "{:?}", checked);
    }

    #[test]
    fn with_quotas_the_optimum_lies_between_value_and_bound(sketch in sketches(3), policy in seeds()) {
        let market = sketch.market();
        let plan = solve(&market, &policy);
        let optimum = sketch.weighed(&market, sketch.brute_force(&policy.seed).0);
        prop_assert!(plan.value <= optimum && optimum <= plan.bound, "{} {optimum} {}", plan.value, plan.bound);
        let checked = verify(&market, &plan);
        prop_assert!(checked.is_ok(), "{:?}", checked);
    }

    #[test]
    fn the_order_of_the_input_changes_nothing(sketch in sketches(2), policy in seeds()) {
        let (market, other) = (sketch.market(), sketch.reversed().market());
        let (plan, other_plan) = (solve(&market, &policy), solve(&other, &policy));
        let (bytes, other_bytes) = (plan.canonical_bytes(&market), other_plan.canonical_bytes(&other));
        prop_assert_eq!(String::from_utf8(bytes).unwrap(), String::from_utf8(other_bytes).unwrap());
        prop_assert_eq!(plan.digest(&market), other_plan.digest(&other));
    }

    #[test]
    fn a_seat_more_costs_no_value(sketch in sketches(0), policy in seeds(), line in 0..4_usize) {
        let mut wider = sketch.clone();
        let line = line % wider.lines.len();
        wider.lines[line].1 += 1;
        let reached = |sketch: &Sketch| sketch.reached(&solve(&sketch.market(), &policy)).0;
        prop_assert!(reached(&wider) >= reached(&sketch));
    }

    #[test]
    fn scores_in_other_units_seat_the_same_people(sketch in sketches(0), policy in seeds(), unit in 2..1000_i64) {
        let mut scaled = sketch.clone();
        scaled.pairs.iter_mut().flatten().for_each(|pair| pair.0 *= unit);
        let seated = |sketch: &Sketch| sketch.reached(&solve(&sketch.market(), &policy)).1;
        prop_assert_eq!(seated(&scaled), seated(&sketch));
    }

    #[test]
    fn scores_too_wide_for_a_key_are_ranked(sketch in sketches(2), policy in seeds()) {
        // 2^54 apart: neither beside the rest of a key nor, with the draws, within 64 bits.
        let mut wide = sketch.clone();
        wide.pairs.iter_mut().flatten().for_each(|pair| pair.0 *= 1 << 54);
        let (market, plan) = (wide.market(), solve(&wide.market(), &policy));
        let optimum = wide.weighed(&market, wide.brute_force(&policy.seed).0);
        prop_assert!(plan.value <= optimum && optimum <= plan.bound);
        let checked = verify(&market, &plan);
        prop_assert!(checked.is_ok(), "{:?}", checked);
    }

    #[test]
    fn a_place_more_in_a_quota_lowers_no_bound(sketch in sketches(2), policy in seeds(), quota in 0..2_usize) {
        let mut wider = sketch.clone();
        wider.limits[quota] += 1;
        let (plan, wider) = (solve(&sketch.market(), &policy), solve(&wider.market(), &policy));
        prop_assert!(wider.bound >= plan.value);
    }

    #[test]
    fn other_references_change_no_value(sketch in sketches(0), policy in seeds()) {
        let mut renamed = sketch.clone();
        renamed.candidates.iter_mut().for_each(|name| *name = format!("{name} anew"));
        let value = |sketch: &Sketch| solve(&sketch.market(), &policy).value;
        prop_assert_eq!(value(&renamed), value(&sketch));
    }

    #[test]
    fn a_changed_plan_is_caught(sketch in sketches(1), policy in seeds(), at in 0..6_usize, to in 0..5_u32) {
        let market = sketch.market();
        let mut plan = solve(&market, &policy);
        let at = at % plan.assignments.len();
        let line = Some(LineIx(to)).filter(|line| line.at() < market.lines().len());
        let weight = |line| market.pair(CandidateIx(at as u32), line).map(|pair| market.weight(&pair));
        // A move between pairs of one weight may give another plan as good.
        if plan.assignments[at].and_then(weight) == line.and_then(weight) {
            return Ok(());
        }
        plan.assignments[at] = line;
        prop_assert!(verify(&market, &plan).is_err());
    }

    #[test]
    fn reasons_agree_with_the_plan(sketch in sketches(0), policy in seeds()) {
        let market = sketch.market();
        let plan = solve(&market, &policy);
        let explainer = Explainer::new(&market, &plan);
        for (at, line) in plan.assignments.iter().enumerate() {
            for reason in explainer.candidate(CandidateIx(at as u32)) {
                prop_assert!(reason.missed_by >= 0);
                prop_assert_eq!(reason.seated, *line == Some(reason.line));
                prop_assert!(!reason.seated || reason.missed_by == 0);
                prop_assert!(line.is_some() || reason.line_full, "a free seat is refused");
            }
        }
    }
}

/// Two seekers of one seat with 70 and 64 points.
fn contest() -> (Market, Plan) {
    let mut builder = MarketBuilder::default();
    let line = builder.line("ES-77/1", 1);
    for (name, score) in [("MA-001", 64), ("MA-002", 70)] {
        let candidate = builder.candidate(name, 1);
        builder.pair(candidate, Pair::scored(line, score));
    }
    let market = builder.build().unwrap();
    let plan = solve(&market, &Policy::seeded("seed"));
    (market, plan)
}

#[test]
fn the_loser_learns_by_how_much() {
    let (market, plan) = contest();
    let explainer = Explainer::new(&market, &plan);
    let reason = &explainer.candidate(CandidateIx(0))[0];
    let price = plan.duals.line_points(LineIx(0));
    assert!((64..=70).contains(&price), "the price lies between the two scores");
    assert_eq!((reason.missed_by, reason.line_full, reason.seated), (price - 64, true, false));
    let line = explainer.line(LineIx(0), 5);
    assert_eq!((line.seats, line.seated, line.lowest_score), (1, 1, Some(70)));
    assert_eq!(line.missed.iter().map(|miss| miss.candidate).collect::<Vec<_>>(), [CandidateIx(0)]);
    assert_eq!(plan.reserve, [vec![CandidateIx(0)]]);
}

#[test]
fn false_statements_are_named() {
    let (market, plan) = contest();
    let violations = |change: fn(&mut Plan)| {
        let mut plan = plan.clone();
        change(&mut plan);
        verify(&market, &plan).unwrap_err()
    };
    let misstated = violations(|plan| plan.value += 1);
    assert!(matches!(misstated[0], Violation::Misstated { what: "value", stated: 71, found: 70 }));
    let undrawn = violations(|plan| plan.duals.lines[0] = 64 * plan.duals.scale);
    assert!(matches!(undrawn[..], [Violation::DrawNotProved { .. }]), "{undrawn:?}");
    let negative = violations(|plan| plan.duals.lines[0] = -1);
    assert!(negative.contains(&Violation::NegativePrice { price: -1 }));
    let empty = violations(|plan| plan.reserve[0].clear());
    assert_eq!(empty, [Violation::ReserveWrong { line: LineIx(0) }]);
    let crowded = violations(|plan| plan.assignments[0] = Some(LineIx(0)));
    assert!(crowded.contains(&Violation::SeatsExceeded { line: LineIx(0), seated: 2, seats: 1 }));
    let short = violations(|plan| plan.assignments.truncate(1));
    assert_eq!(short, [Violation::WrongLength { what: "assignments", found: 1, expected: 2 }]);
}

#[test]
fn a_lost_draw_that_was_won_is_caught() {
    let mut builder = MarketBuilder::default();
    let line = builder.line("ES-77/1", 1);
    for name in ["MA-001", "MA-002"] {
        let candidate = builder.candidate(name, 1);
        builder.pair(candidate, Pair::scored(line, 50));
    }
    let market = builder.build().unwrap();
    let mut plan = solve(&market, &Policy { reserve: 0, ..Policy::seeded("seed") });
    assert!(verify(&market, &plan).is_ok());
    plan.assignments.reverse();
    let violations = verify(&market, &plan).unwrap_err();
    let drawn = matches!(violations[..], [Violation::LotteryIgnored { .. }, Violation::DrawNotProved { .. }]);
    assert!(drawn, "{violations:?}");
}

#[test]
fn a_bad_market_is_refused_with_its_place() {
    let refusal = |change: fn(&mut MarketBuilder)| {
        let mut builder = MarketBuilder::default();
        builder.candidate("MA-001", 1);
        builder.line("ES-77/1", 1);
        change(&mut builder);
        builder.build().unwrap_err().to_string()
    };
    type Case = (fn(&mut MarketBuilder), &'static str);
    let cases: [Case; 8] = [
        (|builder| _ = builder.candidate("MA-001", 1), "candidate reference \"MA-001\" is used twice"),
        (|builder| _ = builder.line("ES-77/1", 2), "line reference \"ES-77/1\" is used twice"),
        (|builder| _ = builder.candidate("MA-002", 0), "candidate \"MA-002\" has size 0; 1 to 1000 are supported"),
        (
            |builder| builder.pair(CandidateIx(3), Pair::scored(LineIx(0), 1)),
            "a pair or a group names candidate 3 of 1",
        ),
        (
            |builder| builder.pair(CandidateIx(0), Pair::scored(LineIx(2), 1)),
            "a pair of candidate \"MA-001\" names line 2 of 1",
        ),
        (|builder| _ = builder.quota_set(&[QuotaIx(0)]), "quota set 1 names quota 0 of 0"),
        (
            |builder| builder.pair(CandidateIx(0), Pair::scored(LineIx(0), 0)),
            "the pair of candidate \"MA-001\" on line \"ES-77/1\" has score 0; at least 1 is needed",
        ),
        (
            |builder| (0..2).for_each(|_| builder.pair(CandidateIx(0), Pair::scored(LineIx(0), 1))),
            "candidate \"MA-001\" has two pairs on line \"ES-77/1\"",
        ),
    ];
    for (change, message) in cases {
        assert_eq!(refusal(change), message);
    }
}

/// One seat more than a tier below can pay for, at weights far beyond 64 bits.
#[test]
fn many_tiers_stay_lexicographic_beyond_64_bits() {
    let mut builder = MarketBuilder::default();
    let lines: Vec<LineIx> = (0..40).map(|at| builder.line(format!("line {at}"), 1)).collect();
    // Candidate c may sit on lines c and c + 1. On c + 1 it scores far more, on c it has the stronger claim.
    for (at, two) in lines.windows(2).enumerate() {
        let candidate = builder.candidate(format!("candidate {at}"), 1);
        let tier = Tier(u8::try_from(at / 2).unwrap());
        builder.pair(candidate, Pair { tier, ..Pair::scored(two[0], 1) });
        builder.pair(candidate, Pair::scored(two[1], 1_000_000_000));
    }
    let market = builder.build().unwrap();
    assert!(market.weight(&Pair { tier: Tier(0), ..Pair::scored(LineIx(0), 1) }) > 1 << 64);
    let plan = solve(&market, &Policy::seeded("seed"));
    let own = (0..39).map(|at| Some(LineIx(at))).collect::<Vec<_>>();
    assert_eq!(plan.assignments, own, "every claim is met before any score");
    assert_eq!(verify(&market, &plan).unwrap().gap, 0);
}

#[test]
fn weights_beyond_the_range_are_refused() {
    let mut builder = MarketBuilder::default();
    let line = builder.line("ES-77/1", 2);
    for tier in 0..200 {
        let candidate = builder.candidate(format!("MA-{tier}"), 1);
        builder.pair(candidate, Pair { tier: Tier(tier), ..Pair::scored(line, i64::MAX) });
    }
    assert!(matches!(builder.build(), Err(BuildError::WeightsTooLarge { tiers: 200, .. })));
}

/// Notes the phases, and stops at the `stop`-th question.
struct Patience {
    phases: Vec<Phase>,
    asked: usize,
    stop: usize,
}

impl Watch for Patience {
    fn note(&mut self, progress: Progress) {
        let ordered = progress.value.zip(progress.bound).is_none_or(|(value, bound)| value <= bound);
        assert!(ordered && progress.permille <= 1000, "{progress:?}");
        self.phases.push(progress.phase);
        self.phases.dedup();
    }

    fn stopped(&mut self) -> bool {
        self.asked += 1;
        self.asked > self.stop
    }
}

#[test]
fn a_search_is_watched_and_stopped() {
    let mut builder = MarketBuilder::default();
    let quota = builder.quota(3);
    let quotas = builder.quota_set(&[quota]);
    let line = builder.line("ES-77/1", 5);
    for at in 0..20 {
        let candidate = builder.candidate(format!("MA-{at}"), 1);
        builder.pair(candidate, Pair { quotas, ..Pair::scored(line, 50 + at) });
    }
    let market = builder.build().unwrap();
    let mut patience = Patience { phases: Vec::new(), asked: 0, stop: usize::MAX };
    let plan = solve_with(&market, &Policy::seeded("seed"), &mut patience).unwrap();
    assert_eq!((plan.value, plan.status), (69 + 68 + 67, Status::Optimal));
    assert_eq!(patience.phases, [Phase::Reading, Phase::Seats, Phase::Quotas, Phase::Done]);
    for stop in 0..patience.asked - 1 {
        let mut patience = Patience { phases: Vec::new(), asked: 0, stop };
        assert_eq!(solve_with(&market, &Policy::seeded("seed"), &mut patience).err(), Some(Stopped), "at {stop}");
    }
}

/// How often small markets with quotas are closed: a change that makes the search worse shows here first.
#[test]
fn most_small_markets_with_quotas_are_proved() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let closed = (0..1000).filter(|_| {
        let sketch = sketches(3).new_tree(&mut runner).unwrap().current();
        let market = sketch.market();
        let plan = solve(&market, &Policy::seeded("seed"));
        let optimum = sketch.weighed(&market, sketch.brute_force(&plan.seed).0);
        plan.value == optimum && plan.gap == 0
    });
    let closed = closed.count();
    assert!(closed >= 940, "{closed} of 1000");
}
