//! Who goes together, who takes several seats, and how few may work on a line: checked from the market alone.

use std::collections::BTreeMap;

use super::{Check, Violation};
use crate::market::{CandidateIx, Eligibility, LineIx};
use crate::rules::Scope;

/// Whom one decision seats, and how near.
pub(super) type Unit = (Vec<CandidateIx>, Scope);

impl<E: Eligibility> Check<'_, E> {
    /// Returns those who are not seated one by one: groups, and whoever takes several seats alone.
    pub(super) fn units(&self) -> Vec<Unit> {
        let groups = self.market.together().iter().filter(|group| !group.members.is_empty());
        let mut units: Vec<Unit> = groups.map(|group| (group.members.clone(), group.scope)).collect();
        let mut grouped = vec![false; self.draws.len()];
        units.iter().flat_map(|unit| &unit.0).for_each(|member| grouped[member.at()] = true);
        let several = |at: &usize| !grouped[*at] && self.market.candidates()[*at].size > 1;
        units.extend((0..grouped.len()).filter(several).map(|at| (vec![CandidateIx::new(at)], Scope::Line)));
        units
    }

    /// Checks that nobody of a unit is left behind or far away, and adds to the bound what units may be worth.
    pub(super) fn read_units(&mut self, units: &[Unit]) {
        let mut site_of: BTreeMap<LineIx, usize> = BTreeMap::new();
        for (site, lines) in self.market.sites().iter().enumerate() {
            lines.iter().for_each(|&line| _ = site_of.insert(line, site));
        }
        let spot = |scope: Scope, line: LineIx| match (scope, site_of.get(&line)) {
            (Scope::Site, Some(&site)) => (true, site),
            _ => (false, line.at()),
        };
        for (members, scope) in units {
            let spots = members.iter().map(|member| self.plan.assignments[member.at()].map(|line| spot(*scope, line)));
            let spots: Vec<Option<(bool, usize)>> = spots.collect();
            if spots.iter().any(|other| *other != spots[0]) {
                self.violations.push(Violation::GroupSplit { candidate: members[0] });
            }
            self.certificate.bound += self.most(members, |line| spot(*scope, line));
        }
    }

    /// Returns the most that a unit could be paid: at one spot, each member by its best pair there.
    fn most(&self, members: &[CandidateIx], spot: impl Fn(LineIx) -> (bool, usize)) -> i128 {
        let sizes = members.iter().map(|member| u64::from(self.market.candidates()[member.at()].size));
        let needed: u64 = sizes.sum();
        let mut worth: BTreeMap<(bool, usize), (usize, i128)> = BTreeMap::new();
        let mut lines: BTreeMap<LineIx, u64> = BTreeMap::new();
        let mut pairs = Vec::new();
        for &member in members {
            self.market.pairs_of(member, &mut pairs);
            let size = self.market.candidates()[member.at()].size;
            let mut best: BTreeMap<(bool, usize), i128> = BTreeMap::new();
            for pair in pairs.iter().filter(|pair| self.market.lines()[pair.line.at()].seats >= size) {
                let surplus = self.surplus(pair, size);
                let entry = best.entry(spot(pair.line)).or_insert(surplus);
                *entry = surplus.max(*entry);
                lines.insert(pair.line, u64::from(self.market.lines()[pair.line.at()].seats));
            }
            for (spot, best) in best {
                let entry = worth.entry(spot).or_default();
                *entry = (entry.0 + 1, entry.1 + best);
            }
        }
        let mut seats: BTreeMap<(bool, usize), u64> = BTreeMap::new();
        lines.into_iter().for_each(|(line, more)| *seats.entry(spot(line)).or_default() += more);
        let able = worth.into_iter().filter(|(spot, (count, _))| *count == members.len() && seats[spot] >= needed);
        able.map(|(_, (_, worth))| worth).max().unwrap_or(0).max(0)
    }

    /// Checks that lines with a least crew have nobody or enough.
    pub(super) fn crews(&mut self) {
        for &(line, least) in self.market.least_crews() {
            let seated = self.seated[line.at()];
            if seated > 0 && seated < u64::from(least) {
                self.violations.push(Violation::CrewTooSmall { line, seated, least });
            }
        }
    }
}
