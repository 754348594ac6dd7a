//! Candidate augmentation: what somebody needs who was left out and could be paid more.

use super::{Engine, NOBODY};
use crate::amount::Amount;
use crate::book::NONE;

/// Where a path ends: at a free seat of `line`, or by putting `out` out, perhaps the newcomer (who then reached no line).
struct End<N> {
    cost: N,
    line: u32,
    out: u32,
}

/// "No line": the newcomer stays out.
const NOWHERE: u32 = u32::MAX;

impl<N: Amount> Engine<N> {
    /// Takes in `newcomer` by the cheapest path, or lowers what it asks to its floor: it takes a seat, whose holder takes
    /// another, until a seat was free or somebody is left out who asks the least.
    ///
    /// What the newcomer asks must be its best. The state must be exact but for others left out who ask more than their
    /// floor and for free seats with a price; afterwards so is all that has to do with the newcomer.
    pub(crate) fn admit(&mut self, newcomer: u32) {
        let floor = self.floor(newcomer);
        let mut end = End { cost: self.ask[newcomer as usize] - floor, line: NOWHERE, out: newcomer };
        self.search.begin();
        self.scan_candidate(newcomer, N::ZERO, &mut end);
        while let Some((line, distance)) = self.search.next(end.cost) {
            let mut occupant = self.head[line as usize];
            while occupant != NOBODY {
                let cost = distance + self.ask[occupant as usize] - self.floor(occupant);
                if cost < end.cost {
                    end = End { cost, line, out: occupant };
                }
                self.scan_candidate(occupant, distance, &mut end);
                occupant = self.links[occupant as usize][0];
            }
        }
        self.settle(end.cost, false);
        self.ask[newcomer as usize] -= end.cost;
        if end.line == NOWHERE {
            return;
        }
        if end.out != NOBODY {
            self.leave(end.out);
        }
        let mut at = end.line;
        loop {
            let label = self.search.label(at);
            let former = self.line_of(label.candidate);
            if former.is_some() {
                self.leave(label.candidate);
            }
            self.sit(label.candidate, label.key);
            match former {
                Some(line) => at = line,
                None => break,
            }
        }
    }

    /// Seats `newcomer` where it gets what it asks, if a seat is free there: that is the shortest path there can be.
    pub(super) fn sit_where_free(&mut self, newcomer: u32) -> bool {
        let ask = self.ask[newcomer as usize];
        let heavy = self.book.pairs(newcomer).iter().take_while(|&&key| self.gross(key) >= ask);
        let mut free = heavy.filter(|&&key| self.free(self.book.packing.id(key)) > 0);
        let found = free.find(|&&key| self.pay(newcomer, key) == ask).copied();
        if let Some(key) = found {
            self.sit(newcomer, key);
        }
        found.is_some()
    }

    /// Looks for lines to which `candidate` would go, itself having been reached at `distance`.
    fn scan_candidate(&mut self, candidate: u32, distance: N, end: &mut End<N>) {
        let reach = distance + self.ask[candidate as usize];
        let held = self.held[candidate as usize];
        let mut near = std::mem::take(&mut self.search.near);
        let book = &self.book;
        for &key in book.pairs(candidate) {
            let gross = self.gross(key);
            if reach - gross >= end.cost {
                break;
            }
            let line = book.packing.id(key);
            let cost = reach - gross + self.charge(candidate, key) + self.price[line as usize];
            if cost >= end.cost || key == held {
                continue;
            }
            debug_assert!(cost >= distance, "no reduced cost is negative");
            near.push((cost, line, candidate, key));
            if self.free(line) > 0 {
                self.search.reach(line, cost, (candidate, key));
                *end = End { cost, line, out: NOBODY };
            }
        }
        self.search.reach_all(&mut near, end.cost);
    }

    /// True if a candidate has no seat.
    pub(crate) fn is_out(&self, candidate: u32) -> bool {
        self.held[candidate as usize] == NONE
    }
}
