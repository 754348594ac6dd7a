//! Checks a chained plan from the market, the season and the plan alone. Shares no code with the search.

use std::collections::{BTreeMap, BTreeSet};

use super::{Chained, ChainedPlan};
use crate::market::{CandidateIx, Eligibility, LineIx, QuotaIx};
use crate::verify::Violation;

impl<E: Eligibility> Chained<E> {
    /// Returns the gap of `plan`, or all that is wrong with it.
    ///
    /// Checked: permitted lines without a common day, each person's days, seats, quotas, value, bound and gap.
    ///
    /// # Errors
    /// Every [`Violation`] found; lists of a wrong length end the check at once.
    pub fn verify(&self, plan: &ChainedPlan) -> Result<i128, Vec<Violation>> {
        let (market, mut violations) = (&self.market, Vec::new());
        let lengths = [
            ("chains", plan.chains.len(), market.candidates().len()),
            ("line prices", plan.duals.lines.len(), market.lines().len()),
            ("quota prices", plan.duals.quotas.len(), market.quotas().len()),
        ];
        let wrong = lengths.into_iter().filter(|(_, found, expected)| found != expected);
        violations.extend(wrong.map(|(what, found, expected)| Violation::WrongLength { what, found, expected }));
        if !violations.is_empty() {
            return Err(violations);
        }
        let boosts = crate::verify::rules::boosts(market);
        let (mut seated, mut used) = (vec![0_u64; market.lines().len()], vec![0_u64; market.quotas().len()]);
        let (mut value, mut bound, mut pairs) = (0, 0, Vec::new());
        for (at, chain) in plan.chains.iter().enumerate() {
            let candidate = CandidateIx::new(at);
            if !self.chains_well(at, chain) {
                violations.push(Violation::ChainBroken { candidate });
            }
            market.pairs_of(candidate, &mut pairs);
            for &line in chain {
                let Some(pair) = pairs.iter().find(|pair| pair.line == line) else {
                    violations.push(Violation::NotEligible { candidate, line });
                    continue;
                };
                value += boosts[usize::from(pair.tier.0)] + i128::from(pair.score);
                seated[line.at()] += 1;
                market.quota_set(pair.quotas).iter().for_each(|quota| used[quota.at()] += 1);
            }
            let surplus = |pair: &crate::Pair| {
                let quotas: i128 =
                    market.quota_set(pair.quotas).iter().map(|quota| plan.duals.quotas[quota.at()]).sum();
                let weight = boosts[usize::from(pair.tier.0)] + i128::from(pair.score);
                (pair.line, weight * plan.duals.scale - quotas - plan.duals.lines[pair.line.at()])
            };
            bound += self.most(at, pairs.iter().map(surplus).filter(|(_, surplus)| *surplus > 0).collect());
        }
        for ((at, line), seated) in market.lines().iter().enumerate().zip(seated) {
            bound += plan.duals.lines[at] * i128::from(line.seats);
            if seated > u64::from(line.seats) {
                violations.push(Violation::SeatsExceeded { line: LineIx::new(at), seated, seats: line.seats });
            }
        }
        for ((at, quota), used) in market.quotas().iter().enumerate().zip(used) {
            bound += plan.duals.quotas[at] * i128::from(quota.limit);
            if used > u64::from(quota.limit) {
                violations.push(Violation::QuotaExceeded { quota: QuotaIx::new(at), used, limit: quota.limit });
            }
        }
        let prices = plan.duals.lines.iter().chain(&plan.duals.quotas);
        violations.extend(prices.filter(|price| **price < 0).map(|&price| Violation::NegativePrice { price }));
        let bound = bound.div_euclid(plan.duals.scale);
        let stated = [("value", plan.value, value), ("bound", plan.bound, bound), ("gap", plan.gap, bound - value)];
        let misstated = stated.into_iter().filter(|(_, stated, found)| stated != found);
        violations.extend(misstated.map(|(what, stated, found)| Violation::Misstated { what, stated, found }));
        if violations.is_empty() { Ok(bound - value) } else { Err(violations) }
    }

    /// True if no two lines have a day in common and all days together are no more than the person may work.
    fn chains_well(&self, at: usize, chain: &[LineIx]) -> bool {
        let (mut days, mut lines, mut total) = (BTreeSet::new(), BTreeSet::new(), 0);
        let fresh = chain.iter().all(|line| {
            let stay = self.season.stays[line.at()].clone();
            total += stay.len();
            lines.insert(*line) && stay.into_iter().all(|day| days.insert(day))
        });
        fresh && total <= self.season.most[at] as usize
    }

    /// Returns the most that somebody could be paid: by the day on which the next line begins and the days that are left.
    fn most(&self, at: usize, mut lines: Vec<(LineIx, i128)>) -> i128 {
        let stay = |line: LineIx| self.season.stays[line.at()].clone();
        let free: i128 = lines.iter().filter(|(line, _)| stay(*line).is_empty()).map(|(_, surplus)| surplus).sum();
        lines.retain(|(line, _)| !stay(*line).is_empty());
        lines.sort_unstable_by_key(|(line, _)| stay(*line).start);
        // From the last line to the first: what those behind it can add, by the days that are left.
        let mut known: Vec<BTreeMap<u32, i128>> = vec![BTreeMap::new(); lines.len() + 1];
        free + self.from(&lines, 0, self.season.most[at], &mut known)
    }

    fn from(&self, lines: &[(LineIx, i128)], at: usize, left: u32, known: &mut [BTreeMap<u32, i128>]) -> i128 {
        let Some(&(line, surplus)) = lines.get(at) else { return 0 };
        if let Some(&most) = known[at].get(&left) {
            return most;
        }
        let stay = &self.season.stays[line.at()];
        let mut most = self.from(lines, at + 1, left, known);
        if let Some(left) = left.checked_sub(stay.end - stay.start) {
            let next = lines.partition_point(|(other, _)| self.season.stays[other.at()].start < stay.end);
            most = most.max(surplus + self.from(lines, next, left, known));
        }
        known[at].insert(left, most);
        most
    }
}
