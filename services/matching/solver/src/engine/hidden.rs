//! Pairs that the lists do not show: looked at by prices, and shown where they would pay more than is asked.

use super::Engine;
use crate::amount::Amount;
use crate::watch::{Stopped, Watch};

/// At most so many pairs of a candidate are revealed at a time.
const AT_ONCE: usize = if cfg!(test) { 1 } else { 4 };

/// What is known of hidden pairs since they were looked at.
pub(super) struct Hidden<N> {
    /// The prices of lines at the last look.
    price: Vec<N>,
    /// Per candidate, no less than what any of its hidden pairs would have paid then.
    most: Vec<N>,
}

impl<N: Amount> Hidden<N> {
    /// Knows that nothing pays more than the greatest weight.
    pub(super) fn new(engine: &Engine<N>) -> Self {
        let top = engine.scales.tops.first().copied().unwrap_or(N::ZERO);
        let looked = if engine.book.hides() { engine.ask.len() } else { 0 };
        Self { price: engine.price.clone(), most: vec![top; looked] }
    }

    /// Reveals, for each candidate whose best hidden pairs would pay more than it asks, these; returns whose they are.
    ///
    /// What everybody asks must be its best among the pairs that are shown. Quotas must not cost anything yet.
    pub(super) fn reveal(&mut self, engine: &mut Engine<N>) -> Vec<u32> {
        if !engine.book.hides() {
            return Vec::new();
        }
        debug_assert!(engine.scales.charge.iter().all(|&charge| charge == N::ZERO), "all is shown before quotas cost");
        let fallen = self.price.iter().zip(&engine.price).map(|(&then, &now)| then - now).max();
        let fallen = fallen.unwrap_or(N::ZERO).max(N::ZERO);
        self.price.clone_from(&engine.price);
        let mut better = Vec::new();
        let (packing, price) = (engine.book.packing, engine.price.as_slice());
        for &candidate in engine.book.as_read() {
            let ask = engine.ask[candidate as usize];
            let most = &mut self.most[candidate as usize];
            *most += fallen;
            if *most <= ask {
                continue;
            }
            let pays = |key: u64| engine.gross(key) - price[packing.id(key) as usize];
            let hidden = engine.book.hidden(candidate);
            *most = hidden.iter().fold(engine.floor(candidate), |most, &key| pays(key).max(most));
            if *most > ask {
                let more = hidden.iter().filter(|&&key| pays(key) > ask);
                better.extend(more.map(|&key| (candidate, -pays(key), engine.book.chance(candidate, key), key)));
            }
        }
        better.sort_unstable();
        let mut whose = Vec::new();
        for run in better.chunk_by(|one, other| one.0 == other.0) {
            whose.push(run[0].0);
            run.iter().take(AT_ONCE).for_each(|&(candidate, .., key)| engine.book.reveal(candidate, key));
        }
        whose
    }

    /// Makes a state that is exact for the pairs that are shown exact for all pairs.
    pub(super) fn uncover(&mut self, engine: &mut Engine<N>, watch: &mut dyn Watch) -> Result<(), Stopped> {
        loop {
            let whose = self.reveal(engine);
            if whose.is_empty() {
                return Ok(());
            }
            for &candidate in &whose {
                if !engine.is_out(candidate) {
                    engine.leave(candidate);
                }
            }
            engine.admit_all(&whose, watch)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};

    use crate::book::{Book, NONE};
    use crate::{MarketBuilder, Pair, quotas, reserve};

    #[test]
    fn whoever_begins_with_few_pairs_finds_what_all_pairs_find() {
        for seed in 0..40_u8 {
            let mut chance = rand_chacha::ChaCha8Rng::seed_from_u64(seed.into());
            let mut builder = MarketBuilder::default();
            let quota = builder.quota(if seed % 2 == 0 { 1000 } else { 15 });
            let sets = [builder.quota_set(&[]), builder.quota_set(&[quota])];
            let lines: Vec<_> = (0..30).map(|at| builder.line(format!("farm {at}"), at % 4)).collect();
            for at in 0..60 {
                let candidate = builder.candidate(format!("{at}"), 1);
                for &line in lines.iter().filter(|line| line.at() % 3 != at % 3) {
                    let quotas = sets[usize::from(line.at() < 15)];
                    builder.pair(candidate, Pair { quotas, ..Pair::scored(line, chance.random_range(1..6)) });
                }
            }
            let market = builder.build().unwrap();
            let (all, full) = quotas::optimise::<i64>(Book::new(&market, &[seed]), 200, &mut ()).unwrap();
            let (some, book) = quotas::optimise::<i64>(Book::with_hidden(&market, &[seed]), 200, &mut ()).unwrap();
            assert_eq!(some.value, all.value);
            if seed % 2 == 0 {
                assert!(book.pair_count() < full.pair_count() / 2, "most pairs stay hidden");
                let seated = |held: &[u64]| held.iter().map(|&key| key != NONE).collect::<Vec<_>>();
                assert_eq!(some.bound, all.bound);
                assert_eq!(seated(&some.held), seated(&all.held), "the same people are drawn");
                assert_eq!(reserve::lists(&book, &some.held, 5), reserve::lists(&full, &all.held, 5));
            } else {
                assert!(!book.hides(), "a quota binds: all pairs are shown");
            }
        }
    }
}
