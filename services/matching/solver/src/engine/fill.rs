//! Line augmentation: what a free seat with a price needs.

use super::{Engine, NOBODY};
use crate::amount::Amount;
use crate::book::NONE;

/// Where a path ends: at `line`, by taking `candidate` (left out so far) with `key`, or by leaving a seat empty.
struct End<N> {
    cost: N,
    line: u32,
    candidate: u32,
    key: u64,
}

impl<N: Amount> Engine<N> {
    /// Fills a free seat of `line`, or lowers its price to 0, by the cheapest path: a candidate comes from another line,
    /// whose seat is filled in turn, until somebody comes who was left out or a seat stays empty that need not cost.
    ///
    /// The state must be exact but for free seats with a price, and is so afterwards, with one such seat less.
    pub(crate) fn fill(&mut self, line: u32) {
        debug_assert!(self.free(line) > 0);
        let mut end = End { cost: self.price[line as usize], line, candidate: NOBODY, key: NONE };
        self.search.begin();
        self.search.reach(line, N::ZERO, (NOBODY, NONE));
        while let Some((line, distance)) = self.search.next(end.cost) {
            let empty = distance + self.price[line as usize];
            if empty < end.cost {
                end = End { cost: empty, line, candidate: NOBODY, key: NONE };
            }
            self.scan_line(line, distance, &mut end);
        }
        self.settle(end.cost, true);
        if end.candidate != NOBODY {
            self.sit(end.candidate, end.key);
        }
        let mut at = end.line;
        while at != line {
            let label = self.search.label(at);
            self.leave(label.candidate);
            self.sit(label.candidate, label.key);
            at = self.book.packing.id(label.key);
        }
    }

    /// Looks for candidates that would come to `line`. Pairs are sorted, so the scan ends early.
    fn scan_line(&mut self, line: u32, distance: N, end: &mut End<N>) {
        let reach = distance + self.price[line as usize];
        // Lines are labelled when the whole list has told how far the path may be at most: few of them are near enough.
        let mut near = std::mem::take(&mut self.search.near);
        let book = &self.book;
        for &key in book.line_pairs(line) {
            let candidate = book.packing.id(key);
            let gross = self.gross(key);
            // Nobody asks less than the floor, and the floors rise with the draw among pairs of one weight.
            if reach - gross + self.floor(candidate) >= end.cost {
                break;
            }
            let cost = reach - gross + self.charge(candidate, key) + self.ask[candidate as usize];
            if cost >= end.cost {
                continue;
            }
            let held = self.held[candidate as usize];
            let own = book.packing.with_id(key, line);
            if held == NONE {
                *end = End { cost, line, candidate, key: own };
            } else if book.packing.id(held) != line {
                debug_assert!(cost >= distance, "no reduced cost is negative");
                near.push((cost, book.packing.id(held), candidate, own));
            }
        }
        self.search.reach_all(&mut near, end.cost);
    }
}
