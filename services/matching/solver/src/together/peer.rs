//! Rules beyond seats and quotas against another formulation of the whole, which HiGHS solves: on markets for which plans
//! are too many to be tried.
//!
//! The peer shares nothing with the search: a column for each pair, a row for each member and place of a group, beds by the
//! day and not as quotas. Where its search ends within a point, it knows the optimum.

use std::collections::BTreeMap;
use std::ops::Range;

use highs::{Col, HighsModelStatus, RowProblem, Sense};
use proptest::prelude::*;

use crate::*;

/// A market as plain numbers.
#[derive(Clone, Debug)]
struct Sketch {
    lines: Vec<Spot>,
    limits: Vec<u32>,
    /// Beds on each farm, for all who work on its lines.
    beds: Vec<u32>,
    people: Vec<Person>,
    /// The scope of each group.
    scopes: Vec<Scope>,
}

#[derive(Clone, Debug)]
struct Spot {
    seats: u32,
    farm: usize,
    least: u32,
    stay: Range<u32>,
}

#[derive(Clone, Debug)]
struct Person {
    size: u32,
    /// Beyond the number of groups: alone.
    group: usize,
    /// Score (0: no pair), tier and quota (beyond their number: none) on each line.
    row: Vec<(i64, u8, usize)>,
}

impl Sketch {
    fn market(&self) -> Market {
        let mut builder = MarketBuilder::default();
        let lines: Vec<LineIx> =
            (0..).zip(&self.lines).map(|(at, line)| builder.line(format!("line {at}"), line.seats)).collect();
        let mut quotas: Vec<Vec<QuotaIx>> = vec![Vec::new(); lines.len()];
        for (farm, &beds) in self.beds.iter().enumerate() {
            let own: Vec<usize> = (0..lines.len()).filter(|&at| self.lines[at].farm == farm).collect();
            builder.site(&own.iter().map(|&at| lines[at]).collect::<Vec<_>>());
            let stays: Vec<_> = own.iter().map(|&at| (lines[at], self.lines[at].stay.clone())).collect();
            for (at, nights) in own.into_iter().zip(builder.housing(beds, &stays)) {
                quotas[at] = nights;
            }
        }
        for (&line, spot) in lines.iter().zip(&self.lines).filter(|(_, spot)| spot.least > 0) {
            builder.least_crew(line, spot.least);
        }
        let limits: Vec<QuotaIx> = self.limits.iter().map(|&limit| builder.quota(limit)).collect();
        let mut groups: BTreeMap<usize, Vec<CandidateIx>> = BTreeMap::new();
        for (at, person) in self.people.iter().enumerate() {
            let candidate = builder.candidate(format!("candidate {at}"), person.size);
            if person.group < self.scopes.len() {
                groups.entry(person.group).or_default().push(candidate);
            }
            for (&line, &(score, tier, quota)) in lines.iter().zip(&person.row).filter(|(_, pair)| pair.0 > 0) {
                let own: Vec<QuotaIx> = quotas[line.at()].iter().chain(limits.get(quota)).copied().collect();
                let quotas = builder.quota_set(&own);
                builder.pair(candidate, Pair { line, score, tier: Tier(tier), quotas });
            }
        }
        groups.into_iter().for_each(|(group, members)| builder.together(&members, self.scopes[group]));
        builder.build().unwrap()
    }

    /// Returns what the best plan is worth, if HiGHS finds it.
    fn optimum(&self, market: &Market) -> Option<i128> {
        let mut problem = RowProblem::default();
        // The columns of each person, with their lines.
        let mut columns: Vec<Vec<(usize, Col)>> = Vec::new();
        for person in &self.people {
            let pairs = person.row.iter().enumerate().filter(|(_, pair)| pair.0 > 0);
            let own = pairs.map(|(line, &(score, tier, _))| {
                let pair = Pair { tier: Tier(tier), ..Pair::scored(LineIx::new(line), score) };
                (line, problem.add_integer_column(market.weight(&pair) as f64, 0.0..=1.0))
            });
            columns.push(own.collect());
            problem.add_row(..=1.0, columns[columns.len() - 1].iter().map(|&(_, column)| (column, 1.0)));
        }
        let taken = |counts: &dyn Fn(usize, usize) -> bool| -> Vec<(Col, f64)> {
            let people = columns.iter().zip(&self.people).enumerate();
            let seats = people.flat_map(|(who, (own, person))| {
                own.iter()
                    .filter(move |(line, _)| counts(who, *line))
                    .map(|(_, column)| (*column, f64::from(person.size)))
            });
            seats.collect()
        };
        for (at, spot) in self.lines.iter().enumerate() {
            let open = problem.add_integer_column(0.0, 0.0..=1.0);
            let seated = taken(&|_, line| line == at);
            let most = seated.iter().copied().chain([(open, -f64::from(spot.seats))]);
            problem.add_row(..=0.0, most);
            problem.add_row(0.0.., seated.into_iter().chain([(open, -f64::from(spot.least))]));
        }
        for (at, &limit) in self.limits.iter().enumerate() {
            problem.add_row(..=f64::from(limit), taken(&|who, line| self.people[who].row[line].2 == at));
        }
        let days = self.lines.iter().map(|spot| spot.stay.end).max().unwrap_or(0);
        for (farm, &beds) in self.beds.iter().enumerate() {
            for day in 0..days {
                let sleeps = |line: usize| self.lines[line].farm == farm && self.lines[line].stay.contains(&day);
                problem.add_row(..=f64::from(beds), taken(&|_, line| sleeps(line)));
            }
        }
        self.keep_together(&mut problem, &columns);
        let mut model = problem.try_optimise(Sense::Maximise).unwrap();
        for (option, value) in [("mip_rel_gap", 0.0), ("mip_abs_gap", 0.5)] {
            model.try_set_option(option, value).unwrap();
        }
        model.try_set_option("threads", 1).unwrap();
        model.try_set_option("mip_max_nodes", 20_000).unwrap();
        let solved = model.try_solve().unwrap();
        let found = (solved.status() == HighsModelStatus::Optimal).then(|| solved.objective_value())?;
        assert!((found - found.round()).abs() < 1e-3, "{found} is no sum of weights");
        Some(found.round() as i128)
    }

    /// Whoever goes with others has each place as often as the first of them.
    fn keep_together(&self, problem: &mut RowProblem, columns: &[Vec<(usize, Col)>]) {
        for (group, scope) in self.scopes.iter().enumerate() {
            let place = |line: usize| if *scope == Scope::Site { self.lines[line].farm } else { line };
            let members: Vec<_> = columns.iter().zip(&self.people).filter(|(_, who)| who.group == group).collect();
            let Some(((first, _), others)) = members.split_first() else { continue };
            for (other, _) in others {
                for spot in 0..self.lines.len() {
                    let there = |own: &[(usize, Col)], sign: f64| -> Vec<(Col, f64)> {
                        own.iter().filter(|(line, _)| place(*line) == spot).map(|(_, column)| (*column, sign)).collect()
                    };
                    problem.add_row(0.0..=0.0, there(first, 1.0).into_iter().chain(there(other, -1.0)));
                }
            }
        }
    }
}

/// Markets of up to so many candidates on up to 8 lines of up to 3 farms, with every rule there is.
fn sketches(most: usize) -> impl Strategy<Value = Sketch> {
    (most / 2..=most, 3..=8_usize, 1..=3_usize, 0..=8_usize, 5..=40_i64).prop_flat_map(
        |(people, lines, farms, groups, score_max)| {
            let pair = prop_oneof![
                2 => Just((0, 255, 9)),
                3 => (1..=score_max, prop_oneof![1 => Just(0_u8), 12 => Just(255)], 0..4_usize),
            ];
            let person =
                (prop_oneof![6 => Just(1_u32), 1 => 2..=4_u32], 0..=3 * groups, prop::collection::vec(pair, lines));
            let person = person.prop_map(|(size, group, row)| Person { size, group, row });
            let stay = (0..6_u32, 1..5_u32).prop_map(|(from, days)| from..from + days);
            let spot = (1..=9_u32, 0..farms, 0..=4_u32, stay);
            let spot = spot.prop_map(|(seats, farm, least, stay)| Spot { seats, farm, least, stay });
            let scope = prop_oneof![Just(Scope::Line), Just(Scope::Site)];
            let limits = prop::collection::vec(1..=10_u32, 2);
            let parts = (prop::collection::vec(spot, lines), limits, prop::collection::vec(3..=16_u32, farms));
            (parts, prop::collection::vec(person, people), prop::collection::vec(scope, groups))
                .prop_map(|((lines, limits, beds), people, scopes)| Sketch { lines, limits, beds, people, scopes })
        },
    )
}

/// Small and few in CI; as large as HiGHS ends within a second when `CIRCULA_NIGHTLY` is set.
#[test]
fn plans_with_all_rules_are_what_another_formulation_says() {
    let nightly = std::env::var_os("CIRCULA_NIGHTLY").is_some();
    let (markets, most) = if nightly { (400, 40) } else { (60, 20) };
    let (mut known, mut closed, mut seated) = (0, 0, 0);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(markets) },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let counts = std::cell::RefCell::new((&mut known, &mut closed, &mut seated));
    runner
        .run(&sketches(most), |sketch| {
            let market = sketch.market();
            let plan = solve(&market, &Policy::seeded("seed"));
            let checked = verify(&market, &plan);
            prop_assert!(checked.is_ok(), "{:?}", checked);
            let Some(optimum) = sketch.optimum(&market) else { return Ok(()) };
            prop_assert!(plan.value <= optimum && optimum <= plan.bound, "{} {optimum} {}", plan.value, plan.bound);
            prop_assert!(
                plan.searched_bound.is_none_or(|bound| optimum <= bound),
                "{optimum} {:?}",
                plan.searched_bound
            );
            prop_assert!(plan.status == Status::Bounded || plan.value == optimum, "{} of {optimum}", plan.value);
            let mut counts = counts.borrow_mut();
            *counts.0 += 1;
            *counts.1 += u32::from(plan.value == optimum);
            *counts.2 += plan.assignments.iter().flatten().count();
            Ok(())
        })
        .unwrap();
    println!("{known} optima are known, {closed} plans reach them, {seated} sit");
    assert!(known * 10 >= markets * 9, "of {markets} optima only {known} are known: nothing is compared");
    assert!(closed * 100 >= known * 95, "of {known} plans only {closed} are the best");
    assert!(seated > usize::try_from(known).unwrap(), "markets in which nobody sits compare nothing");
}
