//! Repair: from any prices to the exact state. And what an exact state proves.

use super::Engine;
use crate::amount::Amount;
use crate::book::NONE;
use crate::watch::{Stopped, Watch};

/// So many steps of a repair are done between two looks at the watch.
const STEPS: usize = 1000;

impl<N: Amount> Engine<N> {
    /// Makes the state exact from whatever prices there are; only the speed depends on them.
    pub(crate) fn repair(&mut self, watch: &mut dyn Watch) -> Result<(), Stopped> {
        self.ask_best();
        self.mend(watch)
    }

    /// Does so where everybody asks the best that any line would pay already.
    pub(super) fn mend(&mut self, watch: &mut dyn Watch) -> Result<(), Stopped> {
        let mut newcomers = Vec::new();
        for candidate in self.book.places() {
            let best = self.ask[candidate as usize];
            let held = self.held[candidate as usize];
            if held != NONE {
                let price = self.price[self.book.packing.id(held) as usize];
                if self.gross(held) - self.charge(candidate, held) - price != best {
                    self.leave(candidate);
                }
            }
            if self.is_out(candidate) && best > self.floor(candidate) {
                newcomers.push(candidate);
            }
        }
        self.admit_all(&newcomers, watch)
    }

    /// Lets everybody ask the best that any line would pay.
    pub(super) fn ask_best(&mut self) {
        for &candidate in self.book.as_read() {
            self.ask[candidate as usize] = self.best(candidate);
        }
    }

    /// Admits who is left out and could be paid more, then fills the free seats that have a price.
    ///
    /// The state must be exact but for what these ask, and for such seats.
    pub(super) fn admit_all(&mut self, newcomers: &[u32], watch: &mut dyn Watch) -> Result<(), Stopped> {
        for (at, &candidate) in newcomers.iter().enumerate() {
            if at.is_multiple_of(STEPS) && watch.stopped() {
                return Err(Stopped);
            }
            let best = self.best(candidate);
            self.ask[candidate as usize] = best;
            if best > self.floor(candidate) && !self.sit_where_free(candidate) {
                self.admit(candidate);
            }
        }
        self.fill_all(watch)
    }

    /// Fills every free seat that has a price.
    fn fill_all(&mut self, watch: &mut dyn Watch) -> Result<(), Stopped> {
        for line in self.book.line_places() {
            if (line as usize).is_multiple_of(STEPS) && watch.stopped() {
                return Err(Stopped);
            }
            while self.free(line) > 0 && self.price[line as usize] > N::ZERO {
                self.fill(line);
            }
        }
        if cfg!(test) {
            self.assert_exact();
        }
        Ok(())
    }

    /// Returns what no plan can exceed, in points, under the given prices of quotas. The state must be exact.
    ///
    /// Spread charges are taken as they are on the whole. A plan is worth whole points, so what is left of a point falls away.
    pub(crate) fn bound(&self, quota_prices: &[N]) -> i128 {
        self.bound_in_parts(quota_prices).div_euclid(self.book.scale)
    }

    /// Returns the same in parts of a point.
    pub(crate) fn bound_in_parts(&self, quota_prices: &[N]) -> i128 {
        let surplus: i128 = if self.is_spread() {
            self.book.places().map(|candidate| self.plain_best(candidate).wide().max(0)).sum()
        } else {
            self.ask.iter().map(|ask| ask.wide().max(0)).sum()
        };
        let product = |(price, &amount): (&N, &u32)| price.wide() * i128::from(amount);
        let seats: i128 = self.price.iter().zip(&self.book.seats).map(product).sum();
        let quotas: i128 = quota_prices.iter().zip(&self.book.limits).map(product).sum();
        surplus + seats + quotas
    }

    /// Checks all that makes a state exact.
    pub(crate) fn assert_exact(&self) {
        let mut count = vec![0; self.price.len()];
        for candidate in self.book.places() {
            let (ask, held) = (self.ask[candidate as usize], self.held[candidate as usize]);
            assert_eq!(ask, self.best(candidate), "a candidate asks the most that any line would pay");
            if held == NONE {
                assert_eq!(ask, self.floor(candidate), "one left out asks its floor");
            } else {
                let line = self.book.packing.id(held) as usize;
                count[line] += 1;
                assert_eq!(
                    ask,
                    self.gross(held) - self.charge(candidate, held) - self.price[line],
                    "a seat pays what is asked"
                );
            }
        }
        assert_eq!(count, self.count, "lines know how many they seat");
        for line in self.book.line_places() {
            let price = self.price[line as usize];
            assert!(price >= N::ZERO && (self.free(line) == 0 || price == N::ZERO), "a free seat costs nothing");
        }
    }
}
