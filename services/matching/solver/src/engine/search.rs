//! Working memory of the searches for a shortest path over lines. Labels of earlier searches are told by their stamp.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Engine, NOBODY};
use crate::amount::Amount;

/// How a line was reached: by which candidate, who then sits with which key.
#[derive(Clone, Copy)]
pub(super) struct Label<N> {
    pub(super) distance: N,
    pub(super) key: u64,
    pub(super) candidate: u32,
    stamp: u32,
    scanned: bool,
}

pub(super) struct Search<N> {
    heap: BinaryHeap<Reverse<(N, u32)>>,
    labels: Vec<Label<N>>,
    epoch: u32,
    /// Lines in the order in which they were scanned.
    pub(super) scanned: Vec<u32>,
    /// Room for what one scan finds: distance, line, by whom, with which key.
    pub(super) near: Vec<(N, u32, u32, u64)>,
}

impl<N: Amount> Search<N> {
    pub(super) fn new(lines: usize) -> Self {
        let label = Label { distance: N::ZERO, key: 0, candidate: NOBODY, stamp: 0, scanned: false };
        Self { heap: BinaryHeap::new(), labels: vec![label; lines], epoch: 0, scanned: Vec::new(), near: Vec::new() }
    }

    /// Makes room for one line more.
    pub(super) fn widen(&mut self) {
        self.labels.push(Label { distance: N::ZERO, key: 0, candidate: NOBODY, stamp: 0, scanned: false });
    }

    pub(super) fn begin(&mut self) {
        if self.epoch == u32::MAX {
            self.labels.iter_mut().for_each(|label| label.stamp = 0);
            self.epoch = 0;
        }
        self.epoch += 1;
        self.heap.clear();
        self.scanned.clear();
    }

    /// Labels `line` if `distance` is less than what is known.
    #[inline]
    pub(super) fn reach(&mut self, line: u32, distance: N, (candidate, key): (u32, u64)) {
        let label = &mut self.labels[line as usize];
        if label.stamp == self.epoch && label.distance <= distance {
            return;
        }
        *label = Label { distance, key, candidate, stamp: self.epoch, scanned: false };
        self.heap.push(Reverse((distance, line)));
    }

    /// Labels all that a scan found nearer than `cost`, and keeps the room.
    pub(super) fn reach_all(&mut self, near: &mut Vec<(N, u32, u32, u64)>, cost: N) {
        for (distance, line, candidate, key) in near.drain(..) {
            if distance < cost {
                self.reach(line, distance, (candidate, key));
            }
        }
        self.near = std::mem::take(near);
    }

    /// Returns the nearest line that was not scanned, if it is nearer than `cost`.
    pub(super) fn next(&mut self, cost: N) -> Option<(u32, N)> {
        while let Some(Reverse((distance, line))) = self.heap.pop() {
            if distance >= cost {
                return None;
            }
            let label = &mut self.labels[line as usize];
            if !std::mem::replace(&mut label.scanned, true) {
                debug_assert_eq!(label.distance, distance, "no reduced cost is negative");
                self.scanned.push(line);
                return Some((line, distance));
            }
        }
        None
    }

    pub(super) fn label(&self, line: u32) -> Label<N> {
        self.labels[line as usize]
    }
}

impl<N: Amount> Engine<N> {
    /// Brings the prices of all scanned lines to a path of length `cost`: down, and what their candidates ask up, or the
    /// other way round.
    pub(super) fn settle(&mut self, cost: N, down: bool) {
        for at in 0..self.search.scanned.len() {
            let line = self.search.scanned[at];
            let shift = cost - self.search.label(line).distance;
            let shift = if down { shift } else { -shift };
            self.price[line as usize] -= shift;
            debug_assert!(self.price[line as usize] >= N::ZERO, "no price is negative");
            let mut occupant = self.head[line as usize];
            while occupant != NOBODY {
                self.ask[occupant as usize] += shift;
                occupant = self.links[occupant as usize][0];
            }
        }
    }
}
