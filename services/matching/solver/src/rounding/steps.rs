//! The steps that better a plan.

use super::{Rounding, Way};
use crate::amount::Amount;
use crate::book::NONE;

/// How many of the cheapest ways into a quota are tried.
const WAYS: usize = 256;

impl<N: Amount> Rounding<'_, N> {
    /// Fills free seats that have a price.
    pub(super) fn fill_seats(&mut self) -> bool {
        let mut gained = false;
        for line in self.book.line_places() {
            if self.stop() {
                break;
            }
            while self.has_seat(line) && self.engine.price[line as usize] > N::ZERO && self.fill(line) && self.judge() {
                gained = true;
            }
            self.judge();
        }
        gained
    }

    /// Seats those left out who ask more than their floor.
    pub(super) fn seat_those_left_out(&mut self) -> bool {
        let mut gained = false;
        for candidate in self.book.places() {
            if self.stop() {
                break;
            }
            let out = self.held[candidate as usize] == NONE;
            if out && self.engine.ask[candidate as usize] > self.engine.floor(candidate) && self.admit(candidate) {
                gained |= self.judge();
            }
        }
        gained
    }

    /// Brings people into quotas that have a price and room.
    pub(super) fn enter_quotas(&mut self) -> bool {
        let open = |quota: &usize| self.room(*quota) && self.quota_price[*quota] > N::ZERO;
        let quotas: Vec<usize> = (0..self.used.len()).filter(open).collect();
        let mut gained = false;
        for (quota, ways) in quotas.iter().zip(self.ways_into(&quotas)) {
            let mut ways = ways;
            while self.room(*quota) && !self.stop() && self.take_best(&ways, 0, Self::enter) {
                gained = true;
                ways.retain(|way| self.held[way.1 as usize] != way.2);
            }
        }
        gained
    }

    /// Lets those who have less than they ask look for a better place, together with the seat they leave.
    pub(super) fn shake(&mut self) -> bool {
        let mut gained = false;
        for candidate in self.book.places() {
            let held = self.held[candidate as usize];
            if held == NONE || self.miss(candidate, held) <= N::ZERO || self.stop() {
                continue;
            }
            self.exit(candidate, NONE);
            gained |= self.judge();
        }
        gained
    }

    /// Seats those left out wherever there is a seat and room in all quotas, the heaviest first: chains look for what costs
    /// least, and may pass by what is simply free.
    pub(super) fn take_what_is_free(&mut self) {
        let mut ways: Vec<Way<N>> = Vec::new();
        for candidate in self.book.places().filter(|&candidate| self.held[candidate as usize] == NONE) {
            let free = self.book.pairs(candidate).iter().filter(|&&key| self.is_free(key));
            let gains = free.map(|&key| (self.engine.floor(candidate) - self.engine.gross(key), candidate, key));
            ways.extend(gains.filter(|(loss, ..)| *loss < N::ZERO));
        }
        ways.sort_unstable();
        for (_, candidate, key) in ways {
            if self.held[candidate as usize] == NONE && self.is_free(key) {
                self.set(candidate, key);
            }
        }
        self.settle();
    }

    /// True if a pair has a seat and room in all its quotas.
    fn is_free(&self, key: u64) -> bool {
        self.has_seat(self.book.packing.id(key)) && self.book.quotas(key).iter().all(|quota| self.room(quota.at()))
    }

    /// Moves a candidate to the line of `key`; whoever must make way goes on, and the seat it leaves is filled.
    pub(super) fn enter(&mut self, candidate: u32, key: u64) -> bool {
        let former = self.held[candidate as usize];
        let line = self.book.packing.id(key);
        if former != NONE && self.book.packing.id(former) == line {
            return false;
        }
        let full = |quota: &crate::QuotaIx| {
            !self.room(quota.at()) && (former == NONE || !self.book.quotas(former).contains(quota))
        };
        if self.book.quotas(key).iter().any(full) {
            return false;
        }
        let crowded = !self.has_seat(line);
        self.set(candidate, key);
        if crowded && !self.make_way(line, candidate) {
            return false;
        }
        if former != NONE {
            self.fill(self.book.packing.id(former));
        }
        self.journal.iter().all(|&(candidate, _)| self.keeps(candidate))
    }

    /// Returns for each of `quotas` the cheapest ways into it.
    fn ways_into(&self, quotas: &[usize]) -> Vec<Vec<Way<N>>> {
        let mut at_quota = vec![usize::MAX; self.used.len()];
        quotas.iter().enumerate().for_each(|(at, &quota)| at_quota[quota] = at);
        let open: Vec<bool> =
            self.book.sets.iter().map(|set| set.iter().any(|quota| at_quota[quota.at()] != usize::MAX)).collect();
        let mut ways: Vec<Vec<Way<N>>> = vec![Vec::new(); quotas.len()];
        for candidate in self.book.places() {
            let held = self.held[candidate as usize];
            let own = if held == NONE { &[][..] } else { self.book.quotas(held) };
            for &key in self.book.pairs(candidate).iter().filter(|&&key| open[self.book.packing.set(key)]) {
                let way = (self.miss(candidate, key), candidate, key);
                for quota in self.book.quotas(key).iter().filter(|quota| !own.contains(quota)) {
                    let Some(list) = ways.get_mut(at_quota[quota.at()]) else { continue };
                    if list.len() == 2 * WAYS {
                        list.sort_unstable();
                        list.truncate(WAYS);
                    }
                    if list.len() < WAYS || way < list[WAYS - 1] {
                        list.push(way);
                    }
                }
            }
        }
        for list in &mut ways {
            list.sort_unstable();
            list.truncate(WAYS);
        }
        ways
    }
}
