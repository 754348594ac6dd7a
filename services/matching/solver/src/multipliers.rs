//! Quotas by prices: each pass takes the prices off the weights, solves for seats exactly, and moves the prices.
//!
//! For any prices p of seats and μ of quotas, none negative, no plan is worth more than
//! `Σ_i max(0, max_j (w_ij − Σ μ − p_j)) + Σ_j p_j·seats_j + Σ_k μ_k·limit_k`: the least of these seen is the bound. A
//! quota that is passed by e raises its price by the e-th smallest loss its holders would suffer by going elsewhere; one
//! that is not reached lowers it by what lets as many in as it lacks. Moves shrink where their direction alternates.

use crate::canonical::{Canonical, NONE};
use crate::market::Market;
use crate::plan::Method;
use crate::transport::Transport;
use crate::{lottery, repair};

/// Passes in a row that better neither plan nor bound, after which the search ends.
const PATIENCE: u32 = 20;
/// Prices and steps stay below this, above every weight.
const STEP_MAX: i64 = i64::MAX / 4;
/// A full move, in parts.
const WHOLE: i64 = 256;

/// The best plan and the best prices met, by canonical position.
pub(crate) struct Outcome {
    pub(crate) seat: Vec<u32>,
    pub(crate) value: i128,
    pub(crate) bound: i128,
    pub(crate) lines: Vec<i64>,
    pub(crate) quotas: Vec<i64>,
    pub(crate) method: Method,
}

/// Prices of the quotas and how boldly each moves.
struct Multipliers {
    price: Vec<i64>,
    share: Vec<i64>,
    /// The last move.
    last: Vec<i64>,
}

/// Returns the best plan found in at most `passes` passes (one at least); one pass is exact where no quota binds.
pub(crate) fn optimise<E>(canonical: &Canonical, market: &Market<E>, passes: u32) -> Outcome {
    let count = market.quotas.len();
    let mut multipliers = Multipliers { price: vec![0; count], share: vec![WHOLE; count], last: vec![0; count] };
    let mut best: Option<Outcome> = None;
    let (mut gap, mut idle) = (i128::MAX, 0);
    for _ in 0..passes.max(1) {
        let net = multipliers.net(canonical);
        let transport = Transport::solve(canonical, &net);
        let usage = canonical.quota_use(&transport.seat);
        let found = outcome(canonical, &transport, &multipliers.price, &usage);
        let outcome = merge(best.take(), found);
        let left = outcome.bound - outcome.value;
        idle = if left < gap { 0 } else { idle + 1 };
        gap = left;
        best = Some(outcome);
        if gap == 0 || idle == PATIENCE || !multipliers.advance(canonical, &transport, &usage) {
            break;
        }
    }
    let outcome = best.expect("there is at least one pass");
    assert!(outcome.value <= outcome.bound, "no plan is worth more than the bound");
    outcome
}

fn outcome(canonical: &Canonical, transport: &Transport, prices: &[i64], usage: &[u32]) -> Outcome {
    let limits = &canonical.limits;
    let priced: i128 = prices.iter().zip(limits).map(|(&price, &limit)| i128::from(price) * i128::from(limit)).sum();
    let bound = transport.bound() + priced;
    let exact = prices.iter().all(|&price| price == 0) && usage.iter().zip(limits).all(|(used, limit)| used <= limit);
    let seat = if exact {
        transport.seat.clone()
    } else {
        let mut seat = repair::feasible(canonical, &transport.seat);
        lottery::settle(canonical, &mut seat);
        seat
    };
    let value = canonical.value(&seat);
    assert!(!exact || value == bound, "without a binding quota the plan reaches its bound");
    let method = if exact { Method::ShortestPaths } else { Method::QuotaPrices };
    Outcome { seat, value, bound, lines: transport.price.clone(), quotas: prices.to_vec(), method }
}

/// Keeps the better plan and, apart from it, the tighter prices.
fn merge(best: Option<Outcome>, found: Outcome) -> Outcome {
    let Some(mut best) = best else { return found };
    if found.value > best.value {
        (best.value, best.seat, best.method) = (found.value, found.seat, found.method);
    }
    if found.bound < best.bound {
        (best.bound, best.lines, best.quotas) = (found.bound, found.lines, found.quotas);
    }
    best
}

impl Multipliers {
    /// Returns each pair's weight less the prices of its quotas; −1 where nothing is left.
    fn net(&self, canonical: &Canonical) -> Vec<i64> {
        let price = |set: &Vec<_>| set.iter().map(|quota: &crate::QuotaIx| i128::from(self.price[quota.at()])).sum();
        let of_set: Vec<i128> = canonical.sets.iter().map(price).collect();
        let net = |(&weight, &set): (&i64, &u32)| {
            i64::try_from((i128::from(weight) - of_set[set as usize]).max(-1)).expect("never above a weight")
        };
        canonical.weight.iter().zip(&canonical.set).map(net).collect()
    }

    /// Moves the prices; returns whether any moved.
    fn advance(&mut self, canonical: &Canonical, transport: &Transport, usage: &[u32]) -> bool {
        let excess: Vec<i64> =
            usage.iter().zip(&canonical.limits).map(|(&used, &limit)| i64::from(used) - i64::from(limit)).collect();
        let wanted: Vec<bool> =
            excess.iter().zip(&self.price).map(|(&excess, &price)| excess > 0 || (excess < 0 && price > 0)).collect();
        let mut losses = Losses::of(canonical, transport, &wanted, &excess);
        for quota in (0..excess.len()).filter(|&quota| wanted[quota]) {
            self.move_price(quota, excess[quota], &mut losses.of_quota[quota]);
        }
        wanted.contains(&true)
    }

    /// Moves one price. A run of moves one way grows, since quotas that share candidates must often rise together, each
    /// alone seeing but a small loss; a turn halves the step.
    fn move_price(&mut self, quota: usize, excess: i64, losses: &mut [i64]) {
        let nth = usize::try_from(excess.unsigned_abs()).expect("a count fits a position");
        let whole = if nth > losses.len() { self.price[quota] } else { *losses.select_nth_unstable(nth - 1).1 };
        let (share, last) = (&mut self.share[quota], self.last[quota]);
        let turned = last.signum() == -excess.signum();
        *share = if turned { (*share / 2).max(1) } else { (*share * 5 / 4 + 1).min(WHOLE) };
        // Multiplied in 128 bits: a loss may be as large as a weight.
        let part = i128::from(whole) * i128::from(*share) / i128::from(WHOLE);
        let part = i64::try_from(part).expect("a part of a 64-bit number");
        let run = last.abs();
        let step = if turned { part.min(run / 2) } else { part.max(run + (run + 1) / 2) }.clamp(1, STEP_MAX);
        self.last[quota] = excess.signum() * step;
        self.price[quota] = (self.price[quota] + self.last[quota]).clamp(0, STEP_MAX);
    }
}

/// What candidates would lose by leaving a quota that is passed, or by entering one that is not reached.
struct Losses<'a> {
    canonical: &'a Canonical,
    transport: &'a Transport<'a>,
    of_quota: Vec<Vec<i64>>,
}

impl<'a> Losses<'a> {
    fn of(canonical: &'a Canonical, transport: &'a Transport<'a>, wanted: &[bool], excess: &[i64]) -> Self {
        let mut losses = Self { canonical, transport, of_quota: vec![Vec::new(); excess.len()] };
        let mut inside = vec![i64::MIN; excess.len()];
        for candidate in canonical.places() {
            let pair = transport.seat[candidate as usize];
            let held = if pair == NONE { &[][..] } else { canonical.quotas(pair) };
            let surplus = transport.best(candidate).max(0);
            for quota in held.iter().map(|quota| quota.at()).filter(|&quota| wanted[quota] && excess[quota] > 0) {
                let outside = losses.best_outside(candidate, quota);
                losses.of_quota[quota].push(surplus - outside);
            }
            losses.best_inside(candidate, &mut inside);
            for at in canonical.pairs(candidate) {
                for quota in &canonical.sets[canonical.set[at] as usize] {
                    let best = std::mem::replace(&mut inside[quota.at()], i64::MIN);
                    let enters = wanted[quota.at()] && excess[quota.at()] < 0 && !held.contains(quota);
                    if enters && best > i64::MIN {
                        losses.of_quota[quota.at()].push(surplus - best);
                    }
                }
            }
        }
        losses
    }

    fn surplus(&self, pair: usize) -> i64 {
        self.transport.net(pair) - self.transport.price[self.canonical.line[pair] as usize]
    }

    /// Returns a candidate's greatest surplus without `quota`; 0 is to stay out.
    fn best_outside(&self, candidate: u32, quota: usize) -> i64 {
        let canonical = self.canonical;
        let outside =
            |&pair: &usize| canonical.sets[canonical.set[pair] as usize].iter().all(|held| held.at() != quota);
        canonical.pairs(candidate).filter(outside).map(|pair| self.surplus(pair)).max().unwrap_or(0).max(0)
    }

    /// Raises `inside` to the candidate's greatest surplus in each quota it can reach.
    fn best_inside(&self, candidate: u32, inside: &mut [i64]) {
        for pair in self.canonical.pairs(candidate) {
            for quota in &self.canonical.sets[self.canonical.set[pair] as usize] {
                inside[quota.at()] = inside[quota.at()].max(self.surplus(pair));
            }
        }
    }
}
