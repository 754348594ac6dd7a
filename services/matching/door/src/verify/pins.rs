//! Pinned pairs and what follows from them, for the checker.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, MISSTATED};
use crate::finding::what;
use crate::market::Market;

/// Returns the families: candidates tied by `together`, directly or through others. Everybody is in one.
pub(super) fn families(market: &Market) -> Vec<BTreeSet<usize>> {
    let mut families: Vec<BTreeSet<usize>> = Vec::new();
    let mut tied = vec![None; market.candidates.len()];
    for group in &market.together {
        let mut merged: BTreeSet<usize> = group.iter().copied().collect();
        for &member in group {
            if let Some(at) = tied[member] {
                let old: BTreeSet<usize> = std::mem::take(&mut families[at]);
                merged.extend(old);
            }
        }
        merged.iter().for_each(|&member| tied[member] = Some(families.len()));
        families.push(merged);
    }
    families.retain(|family| !family.is_empty());
    families.extend((0..tied.len()).filter(|&at| tied[at].is_none()).map(|at| BTreeSet::from([at])));
    families
}

/// Returns the pairs of a whole family on a line, if each has one there that is not forbidden.
pub(super) fn together_on(market: &Market, family: &BTreeSet<usize>, line: usize) -> Option<Vec<usize>> {
    family.iter().map(|&member| market.pair(member, line).filter(|&pair| !market.pairs[pair].forbidden)).collect()
}

/// Returns the lines that pins name for a family.
pub(super) fn pinned_lines(pinned: &BTreeMap<usize, BTreeSet<usize>>, family: &BTreeSet<usize>) -> BTreeSet<usize> {
    family.iter().filter_map(|member| pinned.get(member)).flatten().copied().collect()
}

/// Returns the pinned lines of each candidate that has some.
pub(super) fn pinned(market: &Market) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut lines: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for pair in market.pairs.iter().filter(|pair| pair.pinned) {
        lines.entry(pair.candidate).or_default().insert(pair.line);
    }
    lines
}

/// Checks a claim that no plan exists: what pins force must break a rule, for all other rules are ceilings.
pub(super) fn contradict(check: &mut Check) {
    let plan = check.plan;
    if !plan.pairs.is_empty() || plan.why.is_empty() {
        check.findings.add(&MISSTATED, "$", what!("states-why": "an infeasible plan states why, and has no pairs"));
    }
    let (market, pinned) = (check.market, pinned(check.market));
    let (mut seats, mut used) = (vec![0_u64; market.lines.len()], vec![0_u64; market.quotas.len()]);
    let mut line_of = BTreeMap::new();
    for family in families(market) {
        let lines = pinned_lines(&pinned, &family);
        let Some(&line) = lines.first() else { continue };
        let Some(pairs) = together_on(market, &family, line).filter(|_| lines.len() == 1) else { return };
        for pair in pairs.into_iter().map(|pair| &market.pairs[pair]) {
            seats[pair.line] += pair.seats;
            pair.uses.iter().for_each(|&(quota, weight)| used[quota] += weight);
            line_of.insert(pair.candidate, pair.line);
        }
    }
    let overrun = market.lines.iter().zip(&seats).any(|(line, &taken)| taken > line.seats)
        || market.quotas.iter().zip(&used).any(|(quota, &used)| used > quota.limit);
    let met = market.apart.iter().any(|group| {
        let mut on = BTreeSet::new();
        group.iter().filter_map(|member| line_of.get(member)).any(|line| !on.insert(line))
    });
    if !overrun && !met {
        check.findings.add(
            &MISSTATED,
            "$.status",
            what!("plan-exists": "the pinned pairs alone are a plan, so one exists"),
        );
    }
}
