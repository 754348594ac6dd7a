//! A plan within quotas follows a change of the market: some steps near the change, none elsewhere.

use std::collections::BTreeSet;

use super::Rounding;
use crate::amount::Amount;
use crate::book::{Book, NONE};
use crate::engine::Engine;
use crate::lottery;

/// A plan within quotas between two changes.
#[derive(Default)]
pub(crate) struct Seating {
    pub(crate) held: Vec<u64>,
    pub(super) on_line: Vec<Vec<u32>>,
    pub(super) used: Vec<u32>,
}

/// What has changed, by place.
#[derive(Clone, Copy, Default)]
pub(crate) struct Change {
    /// Whose pairs are others now.
    pub(crate) candidate: Option<u32>,
    /// Whose seats are others now.
    pub(crate) line: Option<u32>,
    /// Which limit is another now.
    pub(crate) quota: Option<usize>,
}

impl Seating {
    /// Returns a plan as it is given.
    pub(crate) fn of<N: Amount>(engine: &Engine<N>, prices: &[N], held: &[u64]) -> Self {
        Rounding::of(engine, prices, held).pause().0
    }

    /// Lets the plan follow a change after which the seats of `moved` are others where quotas have but prices: likely
    /// here too. Returns whom it moved, some perhaps in vain.
    pub(crate) fn follow<N: Amount>(
        &mut self,
        engine: &Engine<N>,
        prices: &[N],
        change: Change,
        moved: &BTreeSet<u32>,
    ) -> BTreeSet<u32> {
        let mut rounding = Rounding::resume(engine, prices, std::mem::take(self));
        let left = rounding.give_way(change);
        for &candidate in moved {
            rounding.imitate(candidate);
        }
        let near = moved.iter().map(|&candidate| rounding.held[candidate as usize]).filter(|&key| key != NONE);
        let near: BTreeSet<u32> = near.map(|key| engine.book.packing.id(key)).chain(left).chain(change.line).collect();
        for line in near {
            while rounding.fill(line) && rounding.judge() {}
            rounding.judge();
        }
        let (seating, mut touched) = rounding.pause();
        *self = seating;
        self.draw(&engine.book, change, &mut touched);
        touched
    }

    /// Lets the better draw go first among equal claims, wherever somebody moved or may claim something new.
    fn draw(&mut self, book: &Book, change: Change, touched: &mut BTreeSet<u32>) {
        let lines_of = |candidate: u32| book.pairs(candidate).iter().map(|&key| book.packing.id(key));
        let people = touched.iter().copied().chain(change.candidate);
        let mut open: BTreeSet<u32> = people.flat_map(lines_of).chain(change.line).collect();
        while let Some(line) = open.pop_first() {
            for (first, last) in lottery::settle_line(book, &mut self.held, line) {
                let on_line = &mut self.on_line[line as usize];
                on_line.iter_mut().filter(|other| **other == last).for_each(|other| *other = first);
                touched.extend([first, last]);
                open.extend(lines_of(last));
            }
        }
    }
}

impl<'a, N: Amount> Rounding<'a, N> {
    fn resume(engine: &'a Engine<N>, quota_price: &'a [N], seating: Seating) -> Self {
        let Seating { mut held, mut on_line, used } = seating;
        held.resize(engine.held.len(), NONE);
        on_line.resize(engine.book.lines.len(), Vec::new());
        Self { held, on_line, used, log: Some(BTreeSet::new()), ..Self::empty(engine, quota_price) }
    }

    fn pause(self) -> (Seating, BTreeSet<u32>) {
        let Self { held, on_line, used, log, .. } = self;
        (Seating { held, on_line, used }, log.unwrap_or_default())
    }

    /// Takes off their seats who may not keep them; returns the line that somebody left whose pairs are others.
    fn give_way(&mut self, change: Change) -> Option<u32> {
        let mut left = None;
        if let Some(candidate) = change.candidate {
            let held = self.held[candidate as usize];
            if held != NONE && !self.book.pairs(candidate).contains(&held) {
                left = Some(self.book.packing.id(held));
                self.set(candidate, NONE);
                self.settle();
            }
            _ = self.held[candidate as usize] == NONE && self.admit(candidate) && self.judge();
        }
        if let Some(line) = change.line {
            while self.on_line[line as usize].len() > self.book.seats[line as usize] as usize {
                let loss = |&candidate: &u32| {
                    let key = self.held[candidate as usize];
                    (self.engine.pay(candidate, key) - self.engine.floor(candidate), candidate)
                };
                let out = self.on_line[line as usize].iter().copied().min_by_key(loss).expect("a line has people");
                self.set(out, NONE);
                self.settle();
                _ = self.admit(out) && self.judge();
            }
        }
        if let Some(quota) = change.quota {
            if self.keeps_quota(quota) {
                self.enter_quotas();
            } else {
                self.leave_excess();
            }
        }
        left
    }

    /// Lets a candidate do what it did where quotas have but prices, if that gains something here.
    fn imitate(&mut self, candidate: u32) {
        let (held, other) = (self.held[candidate as usize], self.engine.held[candidate as usize]);
        if other == NONE || held == other {
            return;
        }
        let moved = if held == NONE { self.admit(candidate) } else { self.enter(candidate, other) };
        if moved {
            self.judge();
        } else {
            self.undo();
        }
    }
}
