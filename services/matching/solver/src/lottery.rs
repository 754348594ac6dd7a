//! Hands seats to the better draw where two candidates have the same claim to them.

use std::collections::{BTreeSet, HashMap};

use crate::canonical::{Canonical, NONE};

/// Line, weight and quota set: pairs alike in these can take each other's place in any plan.
type Claim = (u32, i64, u32);

/// Swaps seated candidates for unseated ones of the same claim and better draw, until there are none.
///
/// Feasibility and value stay the same. Each swap moves the seated set forward in the order of the draw, so it ends.
pub(crate) fn settle(canonical: &Canonical, seat: &mut [u32]) {
    let claim = |pair: usize| -> Claim { (canonical.line[pair], canonical.weight[pair], canonical.set[pair]) };
    let mut holders: HashMap<Claim, BTreeSet<u32>> = HashMap::new();
    for candidate in canonical.places().filter(|&candidate| seat[candidate as usize] != NONE) {
        holders.entry(claim(seat[candidate as usize] as usize)).or_default().insert(candidate);
    }
    let mut waiting: BTreeSet<u32> = canonical.places().filter(|&candidate| seat[candidate as usize] == NONE).collect();
    while let Some(candidate) = waiting.pop_first() {
        for pair in canonical.pairs(candidate) {
            let Some(alike) = holders.get_mut(&claim(pair)) else {
                continue;
            };
            let Some(&last) = alike.last().filter(|&&last| last > candidate) else {
                continue;
            };
            alike.remove(&last);
            alike.insert(candidate);
            seat[last as usize] = NONE;
            seat[candidate as usize] = u32::try_from(pair).expect("positions of pairs fit 32 bits");
            waiting.insert(last);
            break;
        }
    }
}
