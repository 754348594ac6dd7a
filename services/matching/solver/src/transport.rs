//! The exact method for seats alone: candidates enter one by one, by bids or by a shortest augmenting path.
//!
//! Between two entries the state is optimal for those who have entered: a seated candidate sits where its surplus
//! `net − price` is greatest and not negative, one without a seat has no positive surplus anywhere, and a line with a
//! free seat costs nothing. By linear programming duality such a state proves itself.
//!
//! A **bid** takes the newcomer's best line. If that is full, its price rises until the first of its candidates (or the
//! newcomer) is as well off elsewhere; that one leaves and is the next to enter. No candidate is worse seated than its
//! prices say, so the state stays exact. Where the price would not rise at all, bids could go round in circles: there,
//! and after [`BIDS`] of them, the entry is finished by a **search** over lines in reduced costs for the cheapest way to
//! take one candidate more: it ends at a free seat, or by putting one candidate out, perhaps the newcomer.
//!
//! Ties: of equally cheap ends a search takes a free seat, else it puts out the one with the worst draw. Who is seated
//! between start and end of a path does not change, so the path is also shortest when a vanishing bonus by draw is added
//! for being seated. A bid that raises a price leaves no tie by which an unseated candidate could reach that line, hence
//! no exchange that the bonus would want. By induction the seated set is, among those of greatest value, the first in
//! the order of the draw.

mod bids;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::canonical::{Canonical, NONE};
use bids::Bid;

/// The most bids for one entry.
const BIDS: usize = 2_000;

/// A state of the search, and at its end the answer.
pub(crate) struct Transport<'a> {
    canonical: &'a Canonical,
    /// Weight of each pair less the prices of its quotas; never above the weight.
    net: &'a [i64],
    /// Price of a seat on each line.
    pub(crate) price: Vec<i64>,
    /// Pair of each candidate, or [`NONE`].
    pub(crate) seat: Vec<u32>,
    occupants: Vec<Vec<u32>>,
    /// Per seated candidate, a price of its line up to which it surely stays: prices only rise, so this does too.
    stays_to: Vec<i64>,
    /// Per line, `stays_to` of its candidates, least first; entries of former values are skipped.
    leavers: Vec<BinaryHeap<Reverse<(i64, u32)>>>,
    search: Search,
}

/// Working memory of one search; labels of earlier searches are told by their stamp.
struct Search {
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    stamp: Vec<u32>,
    epoch: u32,
    label: Vec<Label>,
    scanned: Vec<(u32, i64)>,
}

/// How a line was reached.
#[derive(Clone, Copy, Default)]
struct Label {
    distance: i64,
    candidate: u32,
    pair: u32,
    scanned: bool,
}

/// Where a path ends: at `line`, by a free seat (`out` is none) or by putting `out` out.
#[derive(Clone, Copy)]
struct End {
    cost: i64,
    line: Option<u32>,
    out: Option<u32>,
}

impl<'a> Transport<'a> {
    /// Returns the optimal state for all candidates under the weights `net`.
    pub(crate) fn solve(canonical: &'a Canonical, net: &'a [i64]) -> Self {
        let lines = canonical.lines.len();
        let mut transport = Self {
            canonical,
            net,
            price: vec![0; lines],
            seat: vec![NONE; canonical.candidates.len()],
            occupants: vec![Vec::new(); lines],
            stays_to: vec![0; canonical.candidates.len()],
            leavers: vec![BinaryHeap::new(); lines],
            search: Search {
                heap: BinaryHeap::new(),
                stamp: vec![0; lines],
                epoch: 0,
                label: vec![Label::default(); lines],
                scanned: Vec::new(),
            },
        };
        for candidate in canonical.places() {
            transport.enter(candidate);
        }
        transport
    }

    /// Returns the greatest surplus of a candidate over its pairs; negative without any worth having.
    pub(crate) fn best(&self, candidate: u32) -> i64 {
        let mut best = -1;
        for pair in self.canonical.pairs(candidate) {
            if self.canonical.weight[pair] <= best {
                break;
            }
            best = best.max(self.net[pair] - self.price[self.canonical.line[pair] as usize]);
        }
        best
    }

    /// Returns the dual value of the prices: what no plan under the weights `net` can exceed.
    pub(crate) fn bound(&self) -> i128 {
        let surplus: i128 = self.canonical.places().map(|candidate| i128::from(self.best(candidate).max(0))).sum();
        let priced = self.price.iter().zip(&self.canonical.seats);
        surplus + priced.map(|(&price, &seats)| i128::from(price) * i128::from(seats)).sum::<i128>()
    }

    /// Returns a pair's weight less the prices of its quotas.
    pub(crate) fn net(&self, pair: usize) -> i64 {
        self.net[pair]
    }

    fn surplus(&self, candidate: u32) -> i64 {
        let pair = self.seat[candidate as usize] as usize;
        self.net[pair] - self.price[self.canonical.line[pair] as usize]
    }

    fn enter(&mut self, mut candidate: u32) {
        for _ in 0..BIDS {
            match self.bid(candidate) {
                Bid::Seated => return,
                Bid::Stuck => break,
                Bid::Left(next) => candidate = next,
            }
        }
        let best = self.best(candidate);
        if best < 0 {
            return;
        }
        let end = self.shortest_path(candidate, best);
        for &(line, distance) in &self.search.scanned {
            self.price[line as usize] += (end.cost - distance).max(0);
        }
        let Some(line) = end.line else { return };
        if let Some(out) = end.out {
            self.leave(out);
        }
        self.shift(candidate, line);
    }

    fn note(&mut self, candidate: u32, price: i64) {
        let line = self.canonical.line[self.seat[candidate as usize] as usize];
        if std::mem::replace(&mut self.stays_to[candidate as usize], price) != price {
            self.leavers[line as usize].push(Reverse((price, candidate)));
        }
    }

    fn sit(&mut self, candidate: u32, pair: usize, stays_to: i64) {
        let line = self.canonical.line[pair];
        self.seat[candidate as usize] = u32::try_from(pair).expect("positions of pairs fit 32 bits");
        self.occupants[line as usize].push(candidate);
        self.stays_to[candidate as usize] = stays_to;
        self.leavers[line as usize].push(Reverse((stays_to, candidate)));
    }

    /// Finds the cheapest way to take in `candidate`, whose best surplus is `best`.
    fn shortest_path(&mut self, candidate: u32, best: i64) -> End {
        self.search.epoch += 1;
        self.search.heap.clear();
        self.search.scanned.clear();
        let mut end = End { cost: best, line: None, out: Some(candidate) };
        self.relax(candidate, best, &mut end);
        while let Some(Reverse((distance, line))) = self.search.heap.pop() {
            if distance > end.cost || (distance == end.cost && end.out.is_none()) {
                break;
            }
            if std::mem::replace(&mut self.search.label[line as usize].scanned, true) {
                continue;
            }
            self.search.scanned.push((line, distance));
            for at in 0..self.occupants[line as usize].len() {
                let occupant = self.occupants[line as usize][at];
                // One who stays up to a dearer price than this search can lead to is no way on.
                if self.stays_to[occupant as usize] > self.price[line as usize] + end.cost - distance {
                    continue;
                }
                let cost = distance + self.surplus(occupant);
                if cost < end.cost || (cost == end.cost && end.out.is_some_and(|out| out < occupant)) {
                    end = End { cost, line: Some(line), out: Some(occupant) };
                }
                self.relax(occupant, cost, &mut end);
            }
        }
        end
    }

    /// Labels the lines that `candidate` reaches within the cost of `end`, itself standing at `cost` on its greatest
    /// surplus; a free seat among them is a new end. Notes what it learns of how long a seated candidate stays.
    fn relax(&mut self, candidate: u32, cost: i64, end: &mut End) {
        let held = self.seat[candidate as usize];
        let mut elsewhere = 0;
        for pair in self.canonical.pairs(candidate) {
            if cost - self.canonical.weight[pair] > end.cost {
                break;
            }
            let line = self.canonical.line[pair];
            let at = line as usize;
            let surplus = self.net[pair] - self.price[at];
            if pair as u64 == u64::from(held) {
                continue;
            }
            elsewhere = elsewhere.max(surplus);
            let distance = cost - surplus;
            let known = self.search.stamp[at] == self.search.epoch;
            if distance > end.cost || (known && distance >= self.search.label[at].distance) {
                continue;
            }
            self.search.stamp[at] = self.search.epoch;
            let pair = u32::try_from(pair).expect("positions of pairs fit 32 bits");
            self.search.label[at] = Label { distance, candidate, pair, scanned: false };
            if self.occupants[at].len() >= self.canonical.seats[at] as usize {
                self.search.heap.push(Reverse((distance, line)));
            } else if distance < end.cost || end.out.is_some() {
                assert_eq!(self.price[at], 0, "a line with a free seat costs nothing");
                *end = End { cost: distance, line: Some(line), out: None };
            }
        }
        if held != NONE {
            // Pairs passed over have a surplus of at most what the cost of the end leaves.
            self.note(candidate, self.net[held as usize] - elsewhere.max(cost - end.cost));
        }
    }

    /// Seats `newcomer` by moving each candidate of the found path one step on, back from `line`.
    fn shift(&mut self, newcomer: u32, mut line: u32) {
        loop {
            let Label { candidate, pair, .. } = self.search.label[line as usize];
            let former = self.seat[candidate as usize];
            if former != NONE {
                self.leave(candidate);
            }
            self.sit(candidate, pair as usize, self.price[line as usize]);
            if candidate == newcomer {
                break;
            }
            line = self.canonical.line[former as usize];
        }
    }

    fn leave(&mut self, candidate: u32) {
        let pair = std::mem::replace(&mut self.seat[candidate as usize], NONE);
        let occupants = &mut self.occupants[self.canonical.line[pair as usize] as usize];
        let at = occupants.iter().position(|&occupant| occupant == candidate);
        occupants.swap_remove(at.expect("a seated candidate is among the occupants of its line"));
    }
}
