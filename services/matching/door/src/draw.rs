//! The lottery: the order of the draw, and its use between equal claims.

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use crate::market::Market;

/// Returns the place of each name by SHA-256(seed ‖ name); place 0 wins every tie.
pub(crate) fn places<'a>(seed: &str, names: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let digest = |name: &str| -> [u8; 32] { Sha256::new().chain_update(seed).chain_update(name).finalize().into() };
    let mut draws: Vec<([u8; 32], usize)> = names.enumerate().map(|(at, name)| (digest(name), at)).collect();
    draws.sort_unstable();
    let mut places = vec![0; draws.len()];
    for (place, (_, at)) in draws.into_iter().enumerate() {
        places[at] = place;
    }
    places
}

/// What a pair claims: pairs alike in line, score, seats and quotas can take each other's place in any plan.
type Claim<'a> = (usize, i128, u64, &'a [(usize, u64)]);

/// Gives places to the better draw where a candidate without one has exactly the claim of one who has.
///
/// Only candidates without group and without pinned pair take part. Feasibility and value stay the same; each swap moves
/// the chosen set forward in the order of the draw, so it ends.
pub(crate) fn settle(market: &Market, seed: &str, chosen: &mut [usize]) {
    let place = places(seed, market.candidates.iter().map(|candidate| candidate.id.as_str()));
    let mut free = vec![true; market.candidates.len()];
    for &member in market.together.iter().chain(&market.apart).flatten() {
        free[member] = false;
    }
    for pair in market.pairs.iter().filter(|pair| pair.pinned) {
        free[pair.candidate] = false;
    }
    let claim = |pair: usize| -> Claim {
        let pair = &market.pairs[pair];
        (pair.line, pair.score, pair.seats, &pair.uses)
    };
    let mut own: Vec<Vec<usize>> = vec![Vec::new(); market.candidates.len()];
    for (at, pair) in market.pairs.iter().enumerate().filter(|(_, pair)| !pair.forbidden && free[pair.candidate]) {
        own[pair.candidate].push(at);
    }
    let mut holders: HashMap<Claim, BTreeSet<(usize, usize)>> = HashMap::new();
    let mut waiting: BTreeSet<(usize, usize)> =
        (0..free.len()).filter(|&candidate| free[candidate]).map(|candidate| (place[candidate], candidate)).collect();
    for (slot, &pair) in chosen.iter().enumerate() {
        let candidate = market.pairs[pair].candidate;
        if waiting.remove(&(place[candidate], candidate)) {
            holders.entry(claim(pair)).or_default().insert((place[candidate], slot));
        }
    }
    for pairs in &mut own {
        pairs.sort_unstable_by(|&one, &other| {
            market.lines[market.pairs[one].line].id.cmp(&market.lines[market.pairs[other].line].id)
        });
    }
    while let Some((drawn, candidate)) = waiting.pop_first() {
        for &pair in &own[candidate] {
            let Some(alike) = holders.get_mut(&claim(pair)) else { continue };
            let Some(&(last, slot)) = alike.last().filter(|(last, _)| *last > drawn) else { continue };
            alike.remove(&(last, slot));
            alike.insert((drawn, slot));
            waiting.insert((last, market.pairs[chosen[slot]].candidate));
            chosen[slot] = pair;
            break;
        }
    }
}
