//! Makes of an exact state, which keeps seats but not quotas, a plan that keeps both.
//!
//! Prices tell what each step costs. Against the bound a plan loses: for each candidate what it asks beyond what its line
//! pays; for each free seat its price; for each free place in a quota the quota's price. The steps below make these losses
//! smaller one by one: people leave quotas that are passed, seats are filled, free places in quotas are taken. Each step
//! is a chain of moves, found by [`chain`], in which a quota may be passed on the way and left again: so candidates swap
//! between quotas. A step that gains nothing is taken back.

mod chain;
mod follow;
mod steps;

use std::collections::BTreeSet;

use crate::amount::Amount;
use crate::book::{Book, NONE};
use crate::engine::Engine;
use crate::watch::{Stopped, Watch};
use chain::Chains;
pub(crate) use follow::{Change, Seating};

/// Rounds of steps; one in which nothing is gained ends them.
const ROUNDS: usize = 4;

/// A step is tried so many ways at most, fewer where there are many steps to take; and so many in all steps together.
const TRIES: usize = 48;
const TRIES_IN_ALL: usize = 6_000;

/// What a step costs at least, whom it moves first, to which pair.
type Way<N> = (N, u32, u64);

pub(crate) struct Rounding<'a, N> {
    engine: &'a Engine<N>,
    book: &'a Book,
    quota_price: &'a [N],
    held: Vec<u64>,
    on_line: Vec<Vec<u32>>,
    used: Vec<u32>,
    /// What every change since the last settled step replaced.
    journal: Vec<(u32, u64)>,
    /// What these changes add to the plan's value, draws included.
    gain: i128,
    /// The same, with all quotas paid.
    net: i128,
    chains: Chains<N>,
    tries: usize,
    /// Whom settled steps moved: noted for sessions only.
    log: Option<BTreeSet<u32>>,
    /// May stop the steps; what is held then is no plan.
    watch: Option<&'a mut dyn Watch>,
    stopped: bool,
}

/// Returns a plan that keeps seats and quotas, made from an exact state that keeps the seats.
pub(crate) fn feasible<'a, N: Amount>(
    engine: &'a Engine<N>,
    quota_price: &'a [N],
    watch: &'a mut dyn Watch,
) -> Result<Vec<u64>, Stopped> {
    let book = &engine.book;
    let mut rounding = Rounding { watch: Some(watch), ..Rounding::of(engine, quota_price, &engine.held) };
    let over = |(&used, &limit): (&u32, &u32)| used.saturating_sub(limit) as usize;
    let steps: usize = rounding.used.iter().zip(&book.limits).map(over).sum();
    rounding.tries = (TRIES_IN_ALL / steps.max(1)).clamp(3, TRIES);
    rounding.leave_excess();
    for _ in 0..ROUNDS {
        let gained =
            rounding.fill_seats() | rounding.seat_those_left_out() | rounding.enter_quotas() | rounding.shake();
        if !gained {
            break;
        }
    }
    rounding.take_what_is_free();
    if rounding.stopped { Err(Stopped) } else { Ok(rounding.held) }
}

impl<'a, N: Amount> Rounding<'a, N> {
    /// Returns the rounding that begins with the seats `held`.
    fn of(engine: &'a Engine<N>, quota_price: &'a [N], held: &[u64]) -> Self {
        let mut rounding = Self {
            held: vec![NONE; held.len()],
            on_line: vec![Vec::new(); engine.book.lines.len()],
            used: vec![0; engine.book.limits.len()],
            ..Self::empty(engine, quota_price)
        };
        for (candidate, &key) in (0..).zip(held).filter(|(_, key)| **key != NONE) {
            rounding.set(candidate, key);
        }
        rounding.settle();
        rounding
    }

    fn empty(engine: &'a Engine<N>, quota_price: &'a [N]) -> Self {
        Self {
            engine,
            book: &engine.book,
            quota_price,
            held: Vec::new(),
            on_line: Vec::new(),
            used: Vec::new(),
            journal: Vec::new(),
            gain: 0,
            net: 0,
            chains: Chains::default(),
            tries: TRIES,
            log: None,
            watch: None,
            stopped: false,
        }
    }
}

impl<N: Amount> Rounding<'_, N> {
    /// True if no more steps are to be taken.
    fn stop(&mut self) -> bool {
        self.stopped = self.stopped || self.watch.as_mut().is_some_and(|watch| watch.stopped());
        self.stopped
    }

    /// Gives a candidate another pair, or [`NONE`].
    fn set(&mut self, candidate: u32, key: u64) {
        let former = std::mem::replace(&mut self.held[candidate as usize], key);
        self.journal.push((candidate, former));
        if former != NONE {
            let line = self.book.packing.id(former) as usize;
            let at = self.on_line[line].iter().position(|&other| other == candidate);
            self.on_line[line].swap_remove(at.expect("a seated candidate is on its line"));
            self.count(former, candidate, -1);
            self.book.quotas(former).iter().for_each(|quota| self.used[quota.at()] -= 1);
        }
        if key != NONE {
            self.on_line[self.book.packing.id(key) as usize].push(candidate);
            self.count(key, candidate, 1);
            self.book.quotas(key).iter().for_each(|quota| self.used[quota.at()] += 1);
        }
    }

    fn count(&mut self, key: u64, candidate: u32, sign: i128) {
        let gain = sign * (self.engine.gross(key) - self.engine.floor(candidate)).wide();
        self.gain += gain;
        self.net += gain - sign * self.engine.charge(candidate, key).wide();
    }

    /// Tries ways to take a step, best first by what each costs at least, and takes the one that is best in the end.
    fn take_best(&mut self, ways: &[Way<N>], least: i128, step: impl Fn(&mut Self, u32, u64) -> bool) -> bool {
        let mut best: Option<(i128, Vec<(u32, u64)>)> = None;
        for way in ways.iter().take(self.tries) {
            if best.as_ref().is_some_and(|(net, _)| -way.0.wide() <= *net) {
                break;
            }
            let good = step(self, way.1, way.2) && self.gain > least;
            if good && best.as_ref().is_none_or(|(net, _)| self.net > *net) {
                let after = |&(candidate, _): &(u32, u64)| (candidate, self.held[candidate as usize]);
                best = Some((self.net, self.journal.iter().map(after).collect()));
            }
            self.undo();
        }
        let Some((_, after)) = best else { return false };
        // The very moves that were tried: a second search might find others that cost the same.
        after.into_iter().for_each(|(candidate, key)| self.set(candidate, key));
        self.settle();
        true
    }

    /// Takes all changes back.
    fn undo(&mut self) {
        let journal = std::mem::take(&mut self.journal);
        journal.into_iter().rev().for_each(|(candidate, former)| self.set(candidate, former));
        self.settle();
    }

    /// Lets all changes stand.
    fn settle(&mut self) {
        if let Some(log) = &mut self.log {
            log.extend(self.journal.iter().map(|&(candidate, _)| candidate));
        }
        self.journal.clear();
        (self.gain, self.net) = (0, 0);
    }

    /// Lets the changes stand if they gain something, else takes them back.
    fn judge(&mut self) -> bool {
        let gained = self.gain > 0 && self.journal.iter().all(|&(candidate, _)| self.keeps(candidate));
        if gained {
            self.settle();
        } else {
            self.undo();
        }
        gained
    }

    /// True if neither the line nor a quota of a candidate is passed.
    fn keeps(&self, candidate: u32) -> bool {
        let held = self.held[candidate as usize];
        let within = |quota: &crate::QuotaIx| self.keeps_quota(quota.at());
        let line = self.book.packing.id(held) as usize;
        held == NONE
            || (self.on_line[line].len() <= self.book.seats[line] as usize && self.book.quotas(held).iter().all(within))
    }

    fn keeps_quota(&self, quota: usize) -> bool {
        self.used[quota] <= self.book.limits[quota]
    }

    /// Returns whether a quota has room for one more.
    fn room(&self, quota: usize) -> bool {
        self.used[quota] < self.book.limits[quota]
    }

    fn has_seat(&self, line: u32) -> bool {
        self.on_line[line as usize].len() < self.book.seats[line as usize] as usize
    }

    /// Returns what a candidate asks beyond what a pair pays.
    fn miss(&self, candidate: u32, key: u64) -> N {
        self.engine.ask[candidate as usize] - self.engine.pay(candidate, key)
    }

    /// Takes off every quota that is passed those who lose least elsewhere, and seats them there if there is room.
    fn leave_excess(&mut self) {
        for quota in 0..self.used.len() {
            let mut ways = Vec::new();
            while self.used[quota] > self.book.limits[quota] && !self.stop() {
                ways.retain(|way: &Way<N>| self.holds(way.1, quota));
                if ways.is_empty() {
                    ways = self.ways_out(quota);
                }
                self.take_best(&ways, i128::MIN, Self::exit);
            }
        }
    }

    fn holds(&self, candidate: u32, quota: usize) -> bool {
        let held = self.held[candidate as usize];
        held != NONE && self.book.quotas(held).iter().any(|held| held.at() == quota)
    }

    /// Returns who holds a quota, those first who lose least elsewhere; of equals the worst draw.
    fn ways_out(&self, quota: usize) -> Vec<Way<N>> {
        let loss = |candidate: u32| self.engine.ask[candidate as usize] - self.best_outside(candidate, quota);
        let holders = self.book.places().rev().filter(|&candidate| self.holds(candidate, quota));
        let mut ways: Vec<Way<N>> = holders.map(|candidate| (loss(candidate), candidate, NONE)).collect();
        ways.sort_by_key(|way| way.0);
        ways
    }

    /// Takes a candidate off its line, seats it elsewhere if that can be, and fills its seat.
    fn exit(&mut self, candidate: u32, _: u64) -> bool {
        let line = self.book.packing.id(self.held[candidate as usize]);
        self.set(candidate, NONE);
        self.admit(candidate);
        self.fill(line);
        true
    }

    /// Returns what a candidate could ask without a quota.
    fn best_outside(&self, candidate: u32, quota: usize) -> N {
        let outside = |key: &&u64| self.book.quotas(**key).iter().all(|held| held.at() != quota);
        let pays = self.book.pairs(candidate).iter().filter(outside).map(|&key| self.engine.pay(candidate, key));
        pays.fold(self.engine.floor(candidate), N::max)
    }
}
