//! The quick start: lines bid for candidates. What it leaves is nearly optimal, and repaired.

use std::collections::VecDeque;

use super::Engine;
use super::hidden::Hidden;
use crate::amount::Amount;
use crate::watch::{Stopped, Watch};

/// Into so many parts the spread of scores is cut for a bid. Found by trial on loose and on tight markets.
const STEPS: i128 = 48;

/// A pair that a line would like to have: what it would gain, who, by which key.
type Wish<N> = (N, u32, u64);

impl<N: Amount> Engine<N> {
    /// Lets lines with free seats bid until each is full or finds nobody who is worth what they ask.
    ///
    /// A line with f free seats takes the f candidates that are worth most to it, and pays each so much that the next
    /// best would be as good, and `step` more: the step grows with the line's bids, so that no two lines quarrel long.
    fn auction(&mut self, step: N, watch: &mut dyn Watch) -> Result<(), Stopped> {
        let lines = self.book.lines.len();
        let mut queue: VecDeque<u32> = self.book.line_places().filter(|&line| self.free(line) > 0).collect();
        let mut queued = vec![false; lines];
        queue.iter().for_each(|&line| queued[line as usize] = true);
        let mut bids = vec![0_u32; lines];
        let mut wishes = Vec::new();
        while let Some(line) = queue.pop_front() {
            if watch.stopped() {
                return Err(Stopped);
            }
            queued[line as usize] = false;
            let free = self.free(line) as usize;
            self.wishes(line, free + 1, &mut wishes);
            let next = if wishes.len() > free { wishes.pop().map_or(N::ZERO, |wish| wish.0) } else { N::ZERO };
            let mut grown = step;
            for _ in 0..bids[line as usize] / 16 {
                if grown >= next {
                    break;
                }
                grown += grown;
            }
            bids[line as usize] += 1;
            for &(value, candidate, key) in &wishes {
                if let Some(former) = self.line_of(candidate) {
                    self.leave(candidate);
                    if !std::mem::replace(&mut queued[former as usize], true) {
                        queue.push_back(former);
                    }
                }
                self.ask[candidate as usize] += value - next + grown.min(next);
                self.sit(candidate, self.book.packing.with_id(key, line));
            }
        }
        self.price_unheld();
        Ok(())
    }

    /// Replaces `wishes` by up to `most` candidates who are not on `line` and worth most to it, best first.
    fn wishes(&self, line: u32, most: usize, wishes: &mut Vec<Wish<N>>) {
        wishes.clear();
        let mut least = N::ZERO;
        for &key in self.book.line_pairs(line) {
            let candidate = self.book.packing.id(key);
            let gross = self.gross(key);
            if gross - self.floor(candidate) <= least {
                break;
            }
            let value = gross - self.charge(candidate, key) - self.ask[candidate as usize];
            if value <= least || self.line_of(candidate) == Some(line) {
                continue;
            }
            if wishes.len() == most {
                wishes.pop();
            }
            let at = wishes.partition_point(|wish| wish.0 >= value);
            wishes.insert(at, (value, candidate, key));
            if wishes.len() == most {
                least = wishes[most - 1].0;
            }
        }
    }

    /// Sets the price of each full line to what the best candidate elsewhere would be worth to it; of others to 0.
    fn price_unheld(&mut self) {
        let mut wishes = Vec::new();
        for line in self.book.line_places() {
            self.price[line as usize] = if self.free(line) > 0 {
                N::ZERO
            } else {
                self.wishes(line, 1, &mut wishes);
                wishes.first().map_or(N::ZERO, |wish| wish.0)
            };
        }
    }
}

impl<N: Amount> Engine<N> {
    /// Brings the first state from nothing to exact.
    pub(crate) fn start(&mut self, watch: &mut dyn Watch) -> Result<(), Stopped> {
        self.auction(self.step(), watch)?;
        self.ask_best();
        let mut hidden = Hidden::new(self);
        for candidate in hidden.reveal(self) {
            self.ask[candidate as usize] = self.best(candidate);
        }
        self.mend(watch)?;
        hidden.uncover(self, watch)
    }

    /// Returns by how much a bid goes beyond the next best: a small part of what scores on one line commonly differ.
    fn step(&self) -> N {
        let book = &self.book;
        let score = |key: &u64| {
            let field = book.packing.score(*key);
            if book.below.is_empty() { i128::from(field) } else { i128::from(book.below[field as usize]) }
        };
        let spread = |keys: &[u64]| {
            let (least, most) = (keys.iter().map(score).min(), keys.iter().map(score).max());
            least.zip(most).map(|(least, most)| most - least)
        };
        let spreads: Vec<i128> = book.line_places().filter_map(|line| spread(book.line_pairs(line))).collect();
        let mean = spreads.iter().sum::<i128>() / (spreads.len() as i128).max(1);
        N::of((mean * book.scale / STEPS).max(1))
    }
}
