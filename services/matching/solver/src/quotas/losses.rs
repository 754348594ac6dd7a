//! What candidates would lose by leaving a quota that is passed, or by entering one that is not reached.

use crate::amount::Amount;
use crate::book::NONE;
use crate::engine::Engine;

pub(crate) struct Losses<'a, N> {
    engine: &'a Engine<N>,
    pub(crate) of_quota: Vec<Vec<N>>,
}

impl<'a, N: Amount> Losses<'a, N> {
    pub(crate) fn of(engine: &'a Engine<N>, wanted: &[bool], excess: &[i64]) -> Self {
        let book = &engine.book;
        let mut losses = Self { engine, of_quota: vec![Vec::new(); excess.len()] };
        let mut inside: Vec<Option<N>> = vec![None; excess.len()];
        let enters: Vec<bool> = wanted.iter().zip(excess).map(|(&wanted, &excess)| wanted && excess < 0).collect();
        let any = enters.contains(&true);
        // Sets with a quota that may be entered.
        let open: Vec<bool> = book.sets.iter().map(|set| set.iter().any(|quota| enters[quota.at()])).collect();
        for candidate in book.places() {
            let held = engine.held[candidate as usize];
            let own = if held == NONE { &[][..] } else { book.quotas(held) };
            for quota in own.iter().map(|quota| quota.at()).filter(|&quota| wanted[quota] && excess[quota] > 0) {
                let loss = engine.ask[candidate as usize] - losses.best_outside(candidate, quota);
                losses.of_quota[quota].push(loss);
            }
            if !any {
                continue;
            }
            let mut met = Vec::new();
            for &key in book.pairs(candidate).iter().filter(|&&key| open[book.packing.set(key)]) {
                let pay = engine.pay(candidate, key);
                for quota in book.quotas(key).iter().filter(|quota| enters[quota.at()] && !own.contains(quota)) {
                    let best = &mut inside[quota.at()];
                    if best.is_none() {
                        met.push(quota.at());
                    }
                    *best = Some(best.map_or(pay, |best| best.max(pay)));
                }
            }
            for quota in met {
                if let Some(best) = inside[quota].take() {
                    losses.of_quota[quota].push(engine.ask[candidate as usize] - best);
                }
            }
        }
        losses
    }

    /// Returns what a candidate could ask without `quota`.
    fn best_outside(&self, candidate: u32, quota: usize) -> N {
        let engine = self.engine;
        let mut best = engine.floor(candidate);
        for &key in engine.book.pairs(candidate) {
            let gross = engine.gross(key);
            if gross <= best {
                break;
            }
            if engine.book.quotas(key).iter().all(|held| held.at() != quota) {
                best = best.max(engine.pay(candidate, key));
            }
        }
        best
    }
}
