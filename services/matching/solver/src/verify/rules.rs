//! The published rules, derived anew.

use crate::market::{CandidateIx, Eligibility, Market};

/// Returns the number of candidates less each one's place in the draw.
pub(super) fn bonus(draws: &[[u8; 32]]) -> Vec<i128> {
    let mut order: Vec<usize> = (0..draws.len()).collect();
    order.sort_unstable_by_key(|&at| draws[at]);
    let mut bonus = vec![0; draws.len()];
    for (place, at) in (0..).zip(order) {
        bonus[at] = draws.len() as i128 - place;
    }
    bonus
}

/// Returns the weight each tier adds, derived anew from the rule that `Market::weight` states.
pub(super) fn boosts<E: Eligibility>(market: &Market<E>) -> [i128; 256] {
    let seats: i128 = market.lines().iter().map(|line| i128::from(line.seats)).sum();
    let (mut score_max, mut able) = (0, 0);
    let mut claimants = [0_i128; 256];
    let mut pairs = Vec::new();
    for at in 0..market.candidates().len() {
        market.pairs_of(CandidateIx::new(at), &mut pairs);
        able += i128::from(!pairs.is_empty());
        let mut claims = [false; 256];
        for pair in &pairs {
            score_max = score_max.max(i128::from(pair.score));
            claims[usize::from(pair.tier.0)] = true;
        }
        for (count, claimed) in claimants.iter_mut().zip(claims) {
            *count += i128::from(claimed);
        }
    }
    let mut boosts = [0; 256];
    let mut reach = able.min(seats).max(1) * score_max;
    for tier in (0..255).rev() {
        if claimants[tier] > 0 {
            boosts[tier] = reach + score_max;
            reach += claimants[tier].min(seats).max(1) * boosts[tier];
        }
    }
    boosts
}
