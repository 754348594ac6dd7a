//! Rules beyond seats and quotas against trying every plan.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::*;

/// Score (0: no pair), tier, quotas as bits.
type Cell = (i64, u8, u8);

/// A small market as plain numbers.
#[derive(Clone, Debug)]
struct Sketch {
    /// Seats, site and least crew of each line.
    lines: Vec<(u32, u8, u32)>,
    limits: Vec<u32>,
    /// Per candidate: size and group (0: none), then what it has on each line.
    people: Vec<(u32, u8, Vec<Cell>)>,
    /// The order in which people are given, and whether lines are given in the reverse order. Groups with an odd number
    /// need stay on a site only.
    order: Vec<usize>,
    flipped: bool,
}

impl Sketch {
    fn market(&self) -> Market {
        let mut builder = MarketBuilder::default();
        let quotas: Vec<QuotaIx> = self.limits.iter().map(|&limit| builder.quota(limit)).collect();
        let mut given: Vec<usize> = (0..self.lines.len()).collect();
        if self.flipped {
            given.reverse();
        }
        let mut lines: Vec<LineIx> =
            given.into_iter().map(|at| builder.line(format!("line {at}"), self.lines[at].0)).collect();
        if self.flipped {
            lines.reverse();
        }
        for site in 1..=2 {
            let own = lines.iter().zip(&self.lines).filter(|(_, sketch)| sketch.1 == site).map(|(line, _)| *line);
            builder.site(&own.collect::<Vec<_>>());
        }
        for (&line, sketch) in lines.iter().zip(&self.lines).filter(|(_, sketch)| sketch.2 > 0) {
            builder.least_crew(line, sketch.2);
        }
        let mut groups: BTreeMap<u8, Vec<CandidateIx>> = BTreeMap::new();
        for &at in &self.order {
            let (size, group, row) = &self.people[at];
            let candidate = builder.candidate(format!("candidate {at}"), *size);
            if *group > 0 {
                groups.entry(*group).or_default().push(candidate);
            }
            for (&line, &(score, tier, bits)) in lines.iter().zip(row).filter(|(_, pair)| pair.0 > 0) {
                let members: Vec<QuotaIx> = quotas.iter().copied().filter(|quota| bits >> quota.0 & 1 == 1).collect();
                let quotas = builder.quota_set(&members);
                builder.pair(candidate, Pair { line, score, tier: Tier(tier), quotas });
            }
        }
        for (group, members) in groups {
            builder.together(&members, if group % 2 == 1 { Scope::Site } else { Scope::Line });
        }
        builder.build().unwrap()
    }

    /// Tries every plan; returns the best (named, score).
    fn brute_force(&self) -> (u32, i64) {
        let mut best = (0, 0);
        self.descend(&mut Vec::new(), &mut best);
        best
    }

    fn descend(&self, taken: &mut Vec<Option<usize>>, best: &mut (u32, i64)) {
        if taken.len() == self.people.len() {
            if let Some(value) = self.judge(taken) {
                *best = value.max(*best);
            }
            return;
        }
        let row = &self.people[taken.len()].2;
        for line in [None].into_iter().chain((0..row.len()).filter(|&line| row[line].0 > 0).map(Some)) {
            taken.push(line);
            self.descend(taken, best);
            taken.pop();
        }
    }

    /// Returns the value of a plan that keeps all rules.
    fn judge(&self, taken: &[Option<usize>]) -> Option<(u32, i64)> {
        let (mut value, mut seated, mut used) = ((0, 0), vec![0; self.lines.len()], vec![0; self.limits.len()]);
        let mut spots: BTreeMap<u8, Vec<Option<(bool, usize)>>> = BTreeMap::new();
        for ((size, group, row), &line) in self.people.iter().zip(taken) {
            if let Some(line) = line {
                let (score, tier, bits) = row[line];
                value = (value.0 + u32::from(tier == 0), value.1 + score);
                seated[line] += size;
                (0..used.len()).filter(|quota| bits >> quota & 1 == 1).for_each(|quota| used[quota] += size);
            }
            let spot = |line: usize| match self.lines[line].1 {
                site @ 1..=2 if group % 2 == 1 => (true, usize::from(site)),
                _ => (false, line),
            };
            if *group > 0 {
                spots.entry(*group).or_default().push(line.map(spot));
            }
        }
        let whole = spots.values().all(|spots| spots.iter().all(|spot| *spot == spots[0]));
        let lines = self.lines.iter().zip(&seated);
        let seats = lines.clone().all(|(line, &seated)| seated <= line.0);
        let crews = lines.clone().all(|(line, &seated)| seated == 0 || seated >= line.2);
        let quotas = used.iter().zip(&self.limits).all(|(used, limit)| used <= limit);
        (whole && seats && crews && quotas).then_some(value)
    }

    fn weighed(&self, market: &Market, (named, score): (u32, i64)) -> i128 {
        let boost = market.weight(&Pair { tier: Tier(0), ..Pair::scored(LineIx(0), 0) });
        i128::from(named) * boost + i128::from(score)
    }
}

/// Markets of up to 6 candidates and 4 lines, with what is asked for: quotas, groups, sizes, least crews.
fn sketches((quotas, groups, size, least): (usize, u8, u32, u32)) -> impl Strategy<Value = Sketch> {
    (1..=6_usize, 1..=4_usize, 1..=12_i64).prop_flat_map(move |(candidates, lines, score_max)| {
        let tier = prop_oneof![1 => Just(0_u8), 5 => Just(255)];
        let row = prop::collection::vec((0..=score_max, tier, 0..1_u8 << quotas), lines);
        let size = prop_oneof![2 => Just(1_u32), 1 => 1..=size];
        let people = prop::collection::vec((size, 0..=groups, row), candidates);
        let line = (0..=3_u32, 0..=2_u8, 0..=least);
        let limits = prop::collection::vec(0..=3_u32, quotas);
        let order = Just((0..candidates).collect::<Vec<_>>()).prop_shuffle();
        (people, prop::collection::vec(line, lines), limits, order).prop_map(|(people, lines, limits, order)| Sketch {
            lines,
            limits,
            people,
            order,
            flipped: false,
        })
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    any::<[u8; 4]>().prop_map(Policy::seeded)
}

/// Checks a plan against every other.
fn check(sketch: &Sketch, policy: &Policy) -> Result<(), TestCaseError> {
    let market = sketch.market();
    let plan = solve(&market, policy);
    let optimum = sketch.weighed(&market, sketch.brute_force());
    prop_assert!(plan.value <= optimum && optimum <= plan.bound, "{} {optimum} {}", plan.value, plan.bound);
    prop_assert!(plan.status != Status::Searched || plan.value == optimum, "{} of {optimum}", plan.value);
    prop_assert!(plan.searched_bound.is_none_or(|bound| optimum <= bound));
    let checked = verify(&market, &plan);
    prop_assert!(checked.is_ok(), "{:?}", checked);
    Ok(())
}

/// Returns how many of 1000 markets are planned as well as can be, and how many are told to be.
fn closed(kind: (usize, u8, u32, u32), plan: impl Fn(&Market, i128) -> Plan) -> (usize, usize) {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut best, mut told) = (0, 0);
    for _ in 0..1000 {
        let sketch = sketches(kind).new_tree(&mut runner).unwrap().current();
        let market = sketch.market();
        let optimum = sketch.weighed(&market, sketch.brute_force());
        let plan = plan(&market, optimum);
        best += usize::from(plan.value == optimum);
        told += usize::from(plan.status != Status::Bounded);
    }
    (best, told)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn groups_stay_together(sketch in sketches((0, 3, 1, 0)), policy in policies()) {
        check(&sketch, &policy)?;
    }

    #[test]
    fn groups_stay_together_within_quotas(sketch in sketches((2, 3, 1, 0)), policy in policies()) {
        check(&sketch, &policy)?;
    }

    #[test]
    fn families_take_their_seats(sketch in sketches((1, 2, 3, 0)), policy in policies()) {
        check(&sketch, &policy)?;
    }

    #[test]
    fn too_few_do_not_work_on_a_line(sketch in sketches((0, 0, 1, 3)), policy in policies()) {
        check(&sketch, &policy)?;
    }

    #[test]
    fn all_rules_hold_at_once(sketch in sketches((2, 2, 2, 3)), policy in policies()) {
        check(&sketch, &policy)?;
    }

    #[test]
    fn the_order_of_the_input_changes_nothing(sketch in sketches((1, 3, 2, 3)), policy in policies()) {
        let sorted = Sketch { order: (0..sketch.people.len()).collect(), flipped: true, ..sketch.clone() };
        let told = |sketch: &Sketch| {
            let market = sketch.market();
            String::from_utf8(solve(&market, &policy).canonical_bytes(&market)).unwrap()
        };
        prop_assert_eq!(told(&sketch), told(&sorted));
    }
}

/// The kinds of markets on which the search is judged.
const KINDS: [(usize, u8, u32, u32); 3] = [(1, 3, 2, 0), (0, 0, 1, 3), (2, 2, 2, 3)];

#[test]
fn small_markets_with_rules_are_planned_as_well_as_can_be() {
    for kind in KINDS {
        let closed = closed(kind, |market, _| solve(market, &Policy::seeded("seed")));
        assert_eq!(closed, (1000, 1000), "{kind:?}: so many are the best, so many are told to be");
    }
}

/// Without HiGHS on the core: a change that makes decisions worse shows here.
#[test]
fn decisions_alone_are_nearly_always_the_best() {
    for (kind, least) in KINDS.into_iter().zip([980, 930, 930]) {
        let decided = |market: &Market, optimum: i128| {
            let policy = Policy::seeded("seed");
            let super::Decided { mut plan, units, duals, most, held, .. } =
                super::decided(market, &policy, &mut ()).unwrap();
            if held {
                super::draw(market, &units, &policy, (&mut plan, &mut ())).unwrap();
            }
            super::search_bound(market, &units, (&duals, most), &mut plan);
            for duals in duals.iter().filter(|_| most.is_some()) {
                let bound = super::claims::bound(market, &units, duals, most.unwrap_or_default());
                assert!(bound.is_none_or(|bound| optimum <= bound), "no plan meets more claims");
            }
            assert!(plan.value <= optimum && optimum <= plan.searched_bound.unwrap_or(plan.bound));
            assert!(verify(market, &plan).is_ok());
            plan
        };
        let (best, told) = closed(kind, decided);
        assert!(best >= least, "{kind:?}: {best} of 1000 are the best, {told} are told to be");
    }
}

/// Three pickers and their cook on two lines of one farm, or on one of them.
fn farm(scope: Scope) -> (Market, [CandidateIx; 3]) {
    let mut builder = MarketBuilder::default();
    let (field, kitchen) = (builder.line("ES-77/1", 2), builder.line("ES-77/2", 1));
    builder.site(&[field, kitchen]);
    let people = ["MA-001", "MA-002", "MA-003"].map(|name| builder.candidate(name, 1));
    for candidate in people {
        builder.pair(candidate, Pair::scored(field, 50));
        builder.pair(candidate, Pair::scored(kitchen, 40));
    }
    builder.together(&people, scope);
    builder.least_crew(field, 2);
    (builder.build().unwrap(), people)
}

#[test]
fn a_crew_may_share_a_farm_but_not_be_split() {
    let policy = Policy::seeded("seed");
    let (market, people) = farm(Scope::Site);
    let mut plan = solve(&market, &policy);
    assert_eq!((plan.value, plan.gap, plan.decided), (140, 0, 2));
    plan.assignments[people[1].at()] = None;
    let violations = verify(&market, &plan).unwrap_err();
    assert!(violations.contains(&Violation::GroupSplit { candidate: people[0] }), "{violations:?}");
    let (market, people) = farm(Scope::Line);
    let mut plan = solve(&market, &policy);
    assert_eq!((plan.value, plan.gap), (0, 0), "no line has three seats");
    plan.assignments[people[0].at()] = Some(LineIx(0));
    let violations = verify(&market, &plan).unwrap_err();
    assert!(violations.contains(&Violation::CrewTooSmall { line: LineIx(0), seated: 1, least: 2 }), "{violations:?}");
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    let refusal = |change: fn(&mut MarketBuilder, CandidateIx, LineIx)| {
        let mut builder = MarketBuilder::default();
        let (candidate, line) = (builder.candidate("MA-001", 1), builder.line("ES-77/1", 1));
        change(&mut builder, candidate, line);
        builder.build().unwrap_err().to_string()
    };
    let twice = refusal(|builder, candidate, _| builder.together(&[candidate, candidate], Scope::Line));
    assert_eq!(twice, "candidate \"MA-001\" goes together twice");
    let unknown = refusal(|builder, _, _| builder.together(&[CandidateIx(7)], Scope::Line));
    assert_eq!(unknown, "a pair or a group names candidate 7 of 1");
    let sites = refusal(|builder, _, line| (0..2).for_each(|_| _ = builder.site(&[line])));
    assert_eq!(sites, "line \"ES-77/1\" is on two sites");
    let least = refusal(|builder, _, _| builder.least_crew(LineIx(3), 2));
    assert_eq!(least, "a site or a least crew names line 3 of 1");
    let refused = Session::start(farm(Scope::Site).0, &Policy::seeded("seed")).err();
    let refused = refused.expect("groups and least crews are not followed");
    assert_eq!(refused, BuildError::NotInSession { groups: 1, sized: 0, crews: 1 });
    assert_eq!(refused.code(), "NOT_IN_SESSION");
}
