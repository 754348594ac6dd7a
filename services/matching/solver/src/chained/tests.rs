//! Chains against trying every plan.

use proptest::prelude::*;

use super::{Chained, Season};
use crate::*;

/// Score (0: none), named, counted against the quota.
type Cell = (i64, bool, bool);

#[derive(Clone, Debug)]
struct Sketch {
    /// Seats, first day and days of each line.
    lines: Vec<(u32, u32, u32)>,
    limit: u32,
    /// Days that each person may work; what it has on each line.
    people: Vec<(u32, Vec<Cell>)>,
    /// The order in which people are given, and whether lines are given in the reverse order.
    order: Vec<usize>,
    flipped: bool,
}

impl Sketch {
    fn chained(&self) -> Chained<PairTable> {
        let mut builder = MarketBuilder::default();
        let quota = builder.quota(self.limit);
        let set = builder.quota_set(&[quota]);
        let mut given: Vec<usize> = (0..self.lines.len()).collect();
        if self.flipped {
            given.reverse();
        }
        let stays = given.iter().map(|&at| self.lines[at].1..self.lines[at].1 + self.lines[at].2).collect();
        let mut lines: Vec<LineIx> =
            given.into_iter().map(|at| builder.line(format!("line {at}"), self.lines[at].0)).collect();
        if self.flipped {
            lines.reverse();
        }
        for &at in &self.order {
            let candidate = builder.candidate(format!("candidate {at}"), 1);
            for (&line, &(score, named, counted)) in lines.iter().zip(&self.people[at].1).filter(|(_, pair)| pair.0 > 0)
            {
                let tier = if named { Tier::NAMED } else { Tier::SCORE };
                builder
                    .pair(candidate, Pair { line, score, tier, quotas: if counted { set } else { QuotaSetIx::NONE } });
            }
        }
        let most = self.order.iter().map(|&at| self.people[at].0).collect();
        Chained::new(builder.build().unwrap(), Season { stays, most }).unwrap()
    }

    /// Tries every plan; returns the best (named, score).
    fn brute_force(&self) -> (u32, i64) {
        let seats = self.lines.iter().map(|line| line.0).collect();
        self.descend(0, 0, (seats, self.limit), (&mut Vec::new(), 0))
    }

    fn descend(
        &self,
        person: usize,
        line: usize,
        (seats, limit): (Vec<u32>, u32),
        (days, worked): (&mut Vec<u32>, u32),
    ) -> (u32, i64) {
        let Some((most, row)) = self.people.get(person) else { return (0, 0) };
        if line == self.lines.len() {
            return self.descend(person + 1, 0, (seats, limit), (&mut Vec::new(), 0));
        }
        let mut best = self.descend(person, line + 1, (seats.clone(), limit), (&mut days.clone(), worked));
        let ((_, from, length), (score, named, counted)) = (self.lines[line], row[line]);
        let apart = (from..from + length).all(|day| !days.contains(&day));
        if score > 0 && seats[line] > 0 && (!counted || limit > 0) && apart && worked + length <= *most {
            let (mut seats, mut days) = (seats, days.clone());
            seats[line] -= 1;
            days.extend(from..from + length);
            let rest =
                self.descend(person, line + 1, (seats, limit - u32::from(counted)), (&mut days, worked + length));
            best = best.max((rest.0 + u32::from(named), rest.1 + score));
        }
        best
    }
}

fn sketches() -> impl Strategy<Value = Sketch> {
    (1..=4_usize, 1..=4_usize).prop_flat_map(|(people, lines)| {
        let row = prop::collection::vec((0..=9_i64, prop::bool::weighted(0.15), any::<bool>()), lines);
        let lines = prop::collection::vec((0..=2_u32, 0..=8_u32, 0..=5_u32), lines);
        let order = Just((0..people).collect::<Vec<_>>()).prop_shuffle();
        (prop::collection::vec((2..=10_u32, row), people), lines, 0..=5_u32, order)
            .prop_map(|(people, lines, limit, order)| Sketch { lines, limit, people, order, flipped: false })
    })
}

fn weighed(market: &Market, (named, score): (u32, i64)) -> i128 {
    let boost = market.weight(&Pair { tier: Tier(0), ..Pair::scored(LineIx(0), 0) });
    i128::from(named) * boost + i128::from(score)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn the_best_plan_lies_between_value_and_bound(sketch in sketches(), seed in any::<[u8; 4]>()) {
        let chained = sketch.chained();
        let plan = chained.solve(&Policy::seeded(seed), &mut ()).unwrap();
        let optimum = weighed(chained.market(), sketch.brute_force());
        prop_assert!(plan.value <= optimum && optimum <= plan.bound, "{} {optimum} {}", plan.value, plan.bound);
        prop_assert_eq!(chained.verify(&plan), Ok(plan.gap));
    }

    #[test]
    fn the_order_of_the_input_changes_nothing(sketch in sketches(), seed in any::<[u8; 4]>()) {
        let sorted = Sketch { order: (0..sketch.people.len()).collect(), flipped: true, ..sketch.clone() };
        let plan = |sketch: &Sketch| sketch.chained().solve(&Policy::seeded(seed), &mut ()).unwrap();
        let (one, other) = (plan(&sketch), plan(&sorted));
        prop_assert_eq!((one.value, one.bound), (other.value, other.bound));
        let flipped = |line: &LineIx| LineIx((sketch.lines.len() - 1 - line.at()) as u32);
        // Lines that take no days stand in a chain in any order.
        let told = |chain: &[LineIx]| chain.iter().map(|line| line.0).collect::<std::collections::BTreeSet<u32>>();
        let own = |at: usize| other.chains[at].iter().map(flipped).collect::<Vec<_>>();
        let chains: Vec<_> = sketch.order.iter().map(|&at| told(&own(at))).collect();
        prop_assert_eq!(one.chains.iter().map(|chain| told(chain)).collect::<Vec<_>>(), chains);
    }

    #[test]
    fn a_changed_chain_is_caught(sketch in sketches(), at in 0..4_usize, line in 0..4_u32) {
        let chained = sketch.chained();
        let mut plan = chained.solve(&Policy::seeded("seed"), &mut ()).unwrap();
        let (at, line) = (at % plan.chains.len(), LineIx(line % sketch.lines.len() as u32));
        // A line more, or one that is already there a second time.
        plan.chains[at].push(line);
        prop_assert!(chained.verify(&plan).is_err());
    }
}

#[test]
fn most_small_seasons_are_planned_as_well_as_can_be() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut best, mut told) = (0, 0);
    for _ in 0..1000 {
        let sketch = sketches().new_tree(&mut runner).unwrap().current();
        let chained = sketch.chained();
        let plan = chained.solve(&Policy::seeded("seed"), &mut ()).unwrap();
        best += usize::from(plan.value == weighed(chained.market(), sketch.brute_force()));
        told += usize::from(plan.status != Status::Bounded);
    }
    assert!(best == 1000 && told == 1000, "{best} are the best, {told} are told to be");
}
