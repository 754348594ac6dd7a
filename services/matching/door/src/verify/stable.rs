//! Blocking pairs, recounted.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{Check, MISSING, MISSTATED, NOT_PROVED};
use crate::finding::{shown, what};
use crate::format::Status;
use crate::market::{Market, Pair};

/// The common order of pairs: score, draw of the candidate, draw of the line.
type Standing = (i128, [u8; 32], [u8; 32]);

/// Recounts blocking pairs, compares them with those stated, and returns how many there are.
///
/// A pair blocks if its candidate would rather have it, and the chosen pairs that stand before it, but for the
/// candidate's own, leave room on its line and in all its quotas. Pinned pairs stand before all others.
pub(super) fn blocking(check: &mut Check) -> usize {
    let market = check.market;
    let seed = check.plan.seed.as_bytes();
    let draw = |id: &str| -> [u8; 32] { Sha256::digest([seed, id.as_bytes()].concat()).into() };
    let who: Vec<[u8; 32]> = market.candidates.iter().map(|candidate| draw(&candidate.id)).collect();
    let lines: Vec<[u8; 32]> = market.lines.iter().map(|line| draw(&line.id)).collect();
    let standing = |pair: &Pair| -> Standing { (-pair.score, who[pair.candidate], lines[pair.line]) };
    let pinned: BTreeSet<usize> = market.pairs.iter().filter(|pair| pair.pinned).map(|pair| pair.candidate).collect();
    let mut on_line: Vec<Vec<(Standing, usize)>> = vec![Vec::new(); market.lines.len()];
    let mut in_quota: Vec<Vec<(Standing, usize)>> = vec![Vec::new(); market.quotas.len()];
    for pair in check.chosen.values().map(|&pair| &market.pairs[pair]) {
        let mut place = (standing(pair), pair.candidate);
        if pair.pinned {
            place.0 = (i128::MIN, [0; 32], [0; 32]);
        }
        on_line[pair.line].push(place);
        pair.uses.iter().for_each(|&(quota, _)| in_quota[quota].push(place));
    }
    on_line.iter_mut().chain(&mut in_quota).for_each(|places| places.sort_unstable());
    let room = |places: &[(Standing, usize)], pair: &Pair, limit: u64| {
        let before =
            places.iter().take_while(|place| place.0 < standing(pair)).filter(|place| place.1 != pair.candidate);
        (before.count() as u64) < limit
    };
    let mut found = BTreeSet::new();
    for (at, pair) in market.pairs.iter().enumerate() {
        let closed = pair.forbidden || pair.score <= 0 || pinned.contains(&pair.candidate);
        if !closed
            && rather(market, at, check.chosen.get(&pair.candidate).copied())
            && room(&on_line[pair.line], pair, market.lines[pair.line].seats)
            && pair.uses.iter().all(|&(quota, _)| room(&in_quota[quota], pair, market.quotas[quota].limit))
        {
            found.insert((market.candidates[pair.candidate].id.as_str(), market.lines[pair.line].id.as_str()));
        }
    }
    let count = found.len();
    let Some(stated) = &check.plan.blocking else {
        check.findings.add(&MISSING, "$", what!("not-stated": "{member} is not stated", member = "blocking"));
        return count;
    };
    let stated: BTreeSet<(&str, &str)> =
        stated.iter().map(|pair| (pair.candidate.as_str(), pair.line.as_str())).collect();
    if let Some((candidate, line)) = stated.symmetric_difference(&found).next() {
        let what = what!(
            "blocking-differs": "{candidate} on {line} is stated or found, but not both",
            candidate = shown(candidate),
            line = shown(line)
        );
        check.findings.add(&MISSTATED, "$.blocking", what);
    }
    if check.plan.status == Status::Optimal && count > 0 {
        check.findings.add(&NOT_PROVED, "$.status", what!("pairs-block": "{count} pairs block", count = count));
    }
    count
}

/// True if the candidate of `pair` would rather have it than what it holds.
fn rather(market: &Market, pair: usize, held: Option<usize>) -> bool {
    let candidate = market.pairs[pair].candidate;
    if let Some(ranks) = market.preferences.get(&candidate) {
        let rank = |wanted: usize| ranks.iter().position(|rank| rank.contains(&wanted)).unwrap_or(usize::MAX);
        return rank(pair) < held.map_or(usize::MAX, rank);
    }
    held.is_none_or(|held| market.pairs[pair].score > market.pairs[held].score)
}
