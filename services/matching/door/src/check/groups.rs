//! Groups that go together or stay apart, pinned and forbidden pairs.

use std::collections::HashSet;

use super::{Check, DUPLICATE, DUPLICATE_PAIR};
use crate::finding::{Rule, shown, what};
use crate::format::{MarketFile, PairName};

const GROUP: Rule = Rule("GROUP", "a group ties at least two candidates", "name two or more, or leave the group out");
const TOGETHER_AND_APART: Rule = Rule(
    "TOGETHER_AND_APART",
    "who goes together takes seats on one line, who stays apart does not, so they could only stay out",
    "take one of the two out of a group",
);
const PINNED_AND_FORBIDDEN: Rule =
    Rule("PINNED_AND_FORBIDDEN", "a pair cannot be both chosen and not chosen", "take it out of one of the two lists");

impl<'a> Check<'a> {
    pub(super) fn groups(&mut self, file: &'a MarketFile) {
        self.market.together = self.named_groups("together", &file.together);
        self.market.apart = self.named_groups("apart", &file.apart);
        let families = crate::market::families(self.market.candidates.len(), &self.market.together);
        for (at, group) in self.market.apart.iter().enumerate() {
            let mut seen = HashSet::new();
            for &member in group {
                if !seen.insert(families[member]) {
                    let what = what!(
                        "also-together": "{candidate} also goes together with another",
                        candidate = shown(&self.market.candidates[member].id)
                    );
                    self.findings.add(&TOGETHER_AND_APART, format!("$.apart[{at}]"), what);
                }
            }
        }
    }

    fn named_groups(&mut self, name: &str, groups: &'a [Vec<String>]) -> Vec<Vec<usize>> {
        let mut found = Vec::new();
        for (at, ids) in groups.iter().enumerate() {
            let path = format!("$.{name}[{at}]");
            if ids.len() < 2 {
                self.findings.add(
                    &GROUP,
                    path.clone(),
                    what!("group-members": "the group has {count} members", count = ids.len()),
                );
            }
            let mut members = Vec::new();
            let mut seen = HashSet::new();
            for (place, id) in ids.iter().enumerate() {
                let Some(member) = self.candidate(id, || format!("{path}[{place}]")) else { continue };
                if seen.insert(member) {
                    members.push(member);
                } else {
                    let what = what!("named-before": "{id} is named before", id = shown(id));
                    self.findings.add(&DUPLICATE, format!("{path}[{place}]"), what);
                }
            }
            found.push(members);
        }
        found
    }

    pub(super) fn marks(&mut self, file: &'a MarketFile) {
        for pair in self.named_pairs("pinned", &file.pinned) {
            self.market.pairs[pair].pinned = true;
        }
        for pair in self.named_pairs("forbidden", &file.forbidden) {
            self.market.pairs[pair].forbidden = true;
        }
        for (at, name) in file.forbidden.iter().enumerate() {
            let ids = (self.candidates.get(name.candidate.as_str()), self.lines.get(name.line.as_str()));
            let (Some(&candidate), Some(&line)) = ids else { continue };
            if self.market.pair(candidate, line).is_some_and(|pair| self.market.pairs[pair].pinned) {
                let what = what!(
                    "pinned-as-well": "{candidate} on {line} is pinned as well",
                    candidate = shown(&name.candidate),
                    line = shown(&name.line)
                );
                self.findings.add(&PINNED_AND_FORBIDDEN, format!("$.forbidden[{at}]"), what);
            }
        }
    }

    fn named_pairs(&mut self, list: &str, names: &'a [PairName]) -> Vec<usize> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let path = format!("$.{list}[{at}]");
            let Some(pair) = self.named((&name.candidate, &name.line), &path) else { continue };
            if seen.insert(pair) {
                found.push(pair);
            } else {
                let what = what!(
                    "pair-before": "{candidate} on {line} is listed before",
                    candidate = shown(&name.candidate),
                    line = shown(&name.line)
                );
                self.findings.add(&DUPLICATE_PAIR, path, what);
            }
        }
        found
    }
}
