//! Changes of the market under an exact state: each leaves the state exact again, at a cost that follows the change.

use super::{Engine, NOBODY};
use crate::amount::Amount;
use crate::book::NONE;

impl<N: Amount> Engine<N> {
    /// Adds a candidate who has no pairs yet.
    pub(crate) fn enrol(&mut self, bonus: u64) -> u32 {
        let candidate = self.book.enrol(bonus);
        self.ask.push(self.floor(candidate));
        self.held.push(NONE);
        self.links.push([NOBODY; 2]);
        candidate
    }

    /// Adds a line that nobody may take yet.
    pub(crate) fn open(&mut self, seats: u32) -> u32 {
        self.price.push(N::ZERO);
        self.count.push(0);
        self.head.push(NOBODY);
        self.search.widen();
        self.book.open(seats)
    }

    /// Gives a candidate other pairs, or none.
    pub(crate) fn set_pairs(&mut self, candidate: u32, keys: &[u64]) {
        let former = self.line_of(candidate);
        if former.is_some() {
            self.leave(candidate);
        }
        let held_keys = self.book.pairs(candidate).to_vec();
        for (at, key) in held_keys.into_iter().enumerate().rev() {
            if !keys.contains(&key) {
                self.book.remove_pair(candidate, at);
            }
        }
        for &key in keys {
            if !self.book.pairs(candidate).contains(&key) {
                self.book.add_pair(candidate, key);
            }
        }
        self.reconsider(candidate);
        if let Some(line) = former {
            self.fill_up(line);
        }
    }

    /// Adds pairs of one line, each with its candidate; nobody named has a pair there yet.
    pub(crate) fn add_pairs(&mut self, line: u32, pairs: &[(u32, u64)]) {
        for &(candidate, key) in pairs {
            self.book.add_pair(candidate, key);
            // As long as nobody would get more here than elsewhere, nobody has a reason to move.
            let asked = self.gross(key) - self.charge(candidate, key) - self.ask[candidate as usize];
            self.price[line as usize] = self.price[line as usize].max(asked);
        }
        self.fill_up(line);
    }

    /// Changes how many seats a line has.
    pub(crate) fn set_seats(&mut self, line: u32, seats: u32) {
        while self.count[line as usize] > seats {
            let out = self.cheapest_out(line);
            self.leave(out);
            self.book.seats[line as usize] = self.count[line as usize];
            self.reconsider(out);
        }
        self.book.seats[line as usize] = seats;
        self.fill_up(line);
    }

    /// Returns who of those on a line loses least by staying out.
    fn cheapest_out(&self, line: u32) -> u32 {
        let (mut best, mut occupant) = (None, self.head[line as usize]);
        while occupant != NOBODY {
            let loss = self.ask[occupant as usize] - self.floor(occupant);
            best = best.min(Some((loss, occupant))).or(Some((loss, occupant)));
            occupant = self.links[occupant as usize][0];
        }
        best.expect("a line that seats too many seats somebody").1
    }

    /// Lets a candidate who is left out ask its best, and seats it if that can be.
    fn reconsider(&mut self, candidate: u32) {
        let best = self.best(candidate);
        self.ask[candidate as usize] = best;
        if best > self.floor(candidate) {
            self.admit(candidate);
        }
    }

    fn fill_up(&mut self, line: u32) {
        while self.free(line) > 0 && self.price[line as usize] > N::ZERO {
            self.fill(line);
        }
    }
}
