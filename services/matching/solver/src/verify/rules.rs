//! The published rules, derived anew.

use super::Violation;
use crate::market::{CandidateIx, Eligibility, Market};
use crate::plan::Plan;

/// Returns what it counts to seat each candidate: as the plan says, if it keeps the order of the draw, or by the rule.
pub(super) fn drawn_bonus<E: Eligibility>(
    market: &Market<E>,
    plan: &Plan,
    draws: &[[u8; 32]],
) -> Result<Vec<i128>, Vec<Violation>> {
    let (given, expected) = (&plan.duals.draws, draws.len());
    if given.is_empty() {
        return Ok(bonus(draws, market.room.gap));
    }
    if given.len() != expected {
        return Err(vec![Violation::WrongLength { what: "draws", found: given.len(), expected }]);
    }
    let mut order: Vec<usize> = (0..expected).collect();
    order.sort_unstable_by_key(|&at| std::cmp::Reverse(draws[at]));
    let mut last = 0;
    for at in order {
        if given[at] <= last {
            return Err(vec![Violation::DrawsUnordered { candidate: CandidateIx::new(at), draw: given[at] }]);
        }
        last = given[at];
    }
    Ok(given.clone())
}

/// Returns the number of candidates less each one's place in the draw, so many times as the room between draws asks.
fn bonus(draws: &[[u8; 32]], gap: u32) -> Vec<i128> {
    let mut order: Vec<usize> = (0..draws.len()).collect();
    order.sort_unstable_by_key(|&at| draws[at]);
    let mut bonus = vec![0; draws.len()];
    for (place, at) in (0..).zip(order) {
        bonus[at] = (draws.len() as i128 - place) << gap;
    }
    bonus
}

/// Returns the weight each tier adds, derived anew from the rule that `Market::weight` states.
pub(crate) fn boosts<E: Eligibility>(market: &Market<E>) -> [i128; 256] {
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
    let room = &market.room;
    let (seats, able) = (seats.max(i128::from(room.seats)), able.max(i128::from(room.candidates)));
    score_max = score_max.max(i128::from(room.score_max));
    for (count, &room) in claimants.iter_mut().zip(&room.claimants) {
        *count = i128::from(room).max(*count);
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
