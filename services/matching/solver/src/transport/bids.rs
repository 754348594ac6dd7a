//! Bids: the quick way in, as long as a price rises.

use std::cmp::Reverse;

use super::Transport;
use crate::canonical::NONE;

/// What became of a bid.
pub(super) enum Bid {
    /// The bidder has a free seat.
    Seated,
    /// A price rose, and this candidate is the next to enter; perhaps the bidder.
    Left(u32),
    /// Nothing changed: no line is worth a bid, or a price would not rise.
    Stuck,
}

impl Transport<'_> {
    /// Lets `candidate` bid for its best line.
    pub(super) fn bid(&mut self, candidate: u32) -> Bid {
        let (mut best, mut second, mut chosen) = (0, 0, None);
        for pair in self.canonical.pairs(candidate) {
            if self.canonical.weight[pair] <= second {
                break;
            }
            let surplus = self.net[pair] - self.price[self.canonical.line[pair] as usize];
            if surplus > best {
                (best, second, chosen) = (surplus, best, Some(pair));
            } else {
                second = second.max(surplus);
            }
        }
        let Some(pair) = chosen else {
            return Bid::Stuck;
        };
        let line = self.canonical.line[pair];
        let at = line as usize;
        if self.occupants[at].len() < self.canonical.seats[at] as usize {
            self.sit(candidate, pair, self.net[pair] - second);
            return Bid::Seated;
        }
        let own = self.net[pair] - second;
        let first = self.first_to_leave(line).filter(|&(price, _)| price <= own);
        let (price, leaver) = first.unwrap_or((own, candidate));
        if price == self.price[at] {
            return Bid::Stuck;
        }
        self.price[at] = price;
        if leaver != candidate {
            self.leave(leaver);
            self.sit(candidate, pair, own);
        }
        Bid::Left(leaver)
    }

    /// Returns the least price of `line` at which one of its candidates is as well off elsewhere, and whom.
    fn first_to_leave(&mut self, line: u32) -> Option<(i64, u32)> {
        while let Some(&Reverse((price, candidate))) = self.leavers[line as usize].peek() {
            let pair = self.seat[candidate as usize];
            let current = pair != NONE && self.canonical.line[pair as usize] == line;
            if current && price == self.stays_to[candidate as usize] && self.refresh(candidate) == price {
                return Some((price, candidate));
            }
            self.leavers[line as usize].pop();
        }
        None
    }

    /// Computes anew up to which price of its line a seated candidate stays.
    fn refresh(&mut self, candidate: u32) -> i64 {
        let held = self.seat[candidate as usize] as usize;
        let mut elsewhere = 0;
        for pair in self.canonical.pairs(candidate).filter(|&pair| pair != held) {
            if self.canonical.weight[pair] <= elsewhere {
                break;
            }
            elsewhere = elsewhere.max(self.net[pair] - self.price[self.canonical.line[pair] as usize]);
        }
        let price = self.net[held] - elsewhere;
        self.note(candidate, price);
        price
    }
}
