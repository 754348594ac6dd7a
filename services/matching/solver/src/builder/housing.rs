//! Beds are quotas: what lines share a housing may not have more people than beds on any day.

use std::collections::BTreeSet;
use std::ops::Range;

use super::MarketBuilder;
use crate::market::{LineIx, QuotaIx};

impl MarketBuilder {
    /// Adds a housing of so many beds, shared by lines whose people sleep there on some days, the last of them not counted.
    /// Returns for each of `stays` the quotas that the pairs of its line must count against; add them to their sets.
    ///
    /// Who sleeps there changes only when a stay begins. So there is one quota for each day on which one does, and none for
    /// a day on which everybody is there on another as well: more are needed for no plan.
    ///
    /// ```
    /// let mut builder = solver::MarketBuilder::default();
    /// let (asparagus, grapes) = (builder.line("ES-77/1", 30), builder.line("ES-77/2", 30));
    /// let beds = builder.housing(40, &[(asparagus, 60..150), (grapes, 140..280)]);
    /// assert_eq!(beds[0], beds[1], "for ten days they share the beds");
    /// ```
    pub fn housing(&mut self, beds: u32, stays: &[(LineIx, Range<u32>)]) -> Vec<Vec<QuotaIx>> {
        let stays: Vec<&Range<u32>> = stays.iter().map(|(_, stay)| stay).collect();
        let starts: BTreeSet<u32> = stays.iter().filter(|stay| !stay.is_empty()).map(|stay| stay.start).collect();
        let there = |day| (0..stays.len()).filter(|&at| stays[at].contains(&day)).collect::<BTreeSet<usize>>();
        let days: BTreeSet<BTreeSet<usize>> = starts.into_iter().map(there).collect();
        let mut quotas = vec![Vec::new(); stays.len()];
        for day in &days {
            if days.iter().any(|other| other != day && other.is_superset(day)) {
                continue;
            }
            let quota = self.quota(beds);
            day.iter().for_each(|&at| quotas[at].push(quota));
        }
        quotas
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::*;

    proptest! {
        /// Whatever numbers of people sleep where: the quotas are kept if and only if there is a bed for each on every day.
        #[test]
        fn quotas_of_a_housing_are_beds_on_every_day(
            stays in prop::collection::vec((0..12_u32, 0..8_u32), 1..5),
            beds in 0..5_u32,
            people in prop::collection::vec(0..4_u32, 5),
        ) {
            let mut builder = MarketBuilder::default();
            let stays: Vec<_> = (0..).map(LineIx).zip(stays.iter().map(|&(from, days)| from..from + days)).collect();
            let quotas = builder.housing(beds, &stays);
            let mut used = std::collections::BTreeMap::new();
            for (quota, people) in quotas.iter().zip(&people).flat_map(|(own, people)| own.iter().map(move |q| (q, people))) {
                *used.entry(quota).or_insert(0) += people;
            }
            let on = |day| stays.iter().zip(&people).filter(|((_, stay), _)| stay.contains(&day)).map(|(_, people)| people).sum::<u32>();
            prop_assert_eq!(used.values().all(|used| *used <= beds), (0..20).all(|day| on(day) <= beds));
            prop_assert!(used.len() <= stays.len(), "no more quotas than stays");
        }

        /// Plans within these quotas are the best of all for which there are beds.
        #[test]
        fn plans_have_beds_on_every_day(
            stays in prop::collection::vec((0..12_u32, 1..8_u32), 3),
            beds in 1..4_u32,
            scores in prop::collection::vec(prop::collection::vec(0..9_i64, 3), 5),
        ) {
            let mut builder = MarketBuilder::default();
            let lines: Vec<LineIx> = (0..3).map(|at| builder.line(format!("line {at}"), 2)).collect();
            let stays: Vec<_> = lines.iter().copied().zip(stays.iter().map(|&(from, days)| from..from + days)).collect();
            let sets: Vec<QuotaSetIx> = builder.housing(beds, &stays).iter().map(|own| builder.quota_set(own)).collect();
            for (at, row) in scores.iter().enumerate() {
                let candidate = builder.candidate(format!("candidate {at}"), 1);
                for (&line, &score) in lines.iter().zip(row).filter(|(_, score)| **score > 0) {
                    builder.pair(candidate, Pair { quotas: sets[line.at()], ..Pair::scored(line, score) });
                }
            }
            let market = builder.build().unwrap();
            let plan = solve(&market, &Policy::seeded("seed"));
            prop_assert!(verify(&market, &plan).is_ok());
            let mut best = 0;
            for code in 0..4_usize.pow(5) {
                let seat = |at: usize| code / 4_usize.pow(at as u32) % 4;
                let chosen = (0..5).filter(|&at| seat(at) < 3 && scores[at][seat(at)] > 0).collect::<Vec<_>>();
                let seated = |line: usize| chosen.iter().filter(|&&at| seat(at) == line).count();
                let sleep = |day| (0..3).filter(|&line| stays[line].1.contains(&day)).map(seated).sum::<usize>();
                if (0..3).all(|line| seated(line) <= 2) && (0..20).all(|day| sleep(day) <= beds as usize) {
                    best = best.max(chosen.iter().map(|&at| i128::from(scores[at][seat(at)])).sum());
                }
            }
            prop_assert!(plan.value <= best && best <= plan.bound, "{} {best} {}", plan.value, plan.bound);
            prop_assert!(plan.status == Status::Bounded || plan.value == best);
        }
    }
}
