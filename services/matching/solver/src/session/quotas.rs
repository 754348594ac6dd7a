//! How the plan that is told follows the exact state: at once, or through quotas.

use std::collections::{BTreeMap, BTreeSet};

use super::{Move, Priced, Session};
use crate::book::NONE;
use crate::market::{CandidateIx, LineIx};
use crate::plan::Method;
use crate::quotas;
use crate::rounding::{Change, Seating};

/// Whose seat became another, with the seat before.
type Former = BTreeMap<CandidateIx, Option<LineIx>>;

impl Session {
    /// Makes the first plan of an exact state.
    pub(super) fn begin(&mut self) {
        let mut former = Former::new();
        self.tell(self.engine.book.places(), &mut former);
        if self.exceeds() {
            self.price(&mut former);
        }
    }

    /// Moves the prices of quotas from where they are and makes a plan under the best ones, as [`crate::solve`] does from
    /// scratch: worth it when the gap has grown over many changes. The plan is never worse than before. Without quotas
    /// that bind nothing is to be done.
    pub fn refine(&mut self) -> Vec<Move> {
        let mut former = Former::new();
        if self.priced.is_some() {
            self.price(&mut former);
        }
        self.moves(former)
    }

    /// Tells the plan after a change of the exact state.
    pub(super) fn follow(&mut self, change: Change) -> Vec<Move> {
        let mut former = std::mem::take(&mut self.pending);
        let journal = self.engine.journal.as_mut().map(std::mem::take).unwrap_or_default();
        let moved: BTreeSet<u32> = journal.into_iter().map(|(candidate, _)| candidate).collect();
        if let Some(Priced { prices, seating }) = &mut self.priced {
            let touched = seating.follow(&self.engine, prices, change, &moved);
            self.tell(touched.into_iter(), &mut former);
        } else {
            self.tell(moved.into_iter(), &mut former);
            if self.exceeds() {
                self.price(&mut former);
            }
        }
        self.moves(former)
    }

    /// Finds prices of quotas and a plan that keeps them.
    fn price(&mut self, former: &mut Former) {
        self.engine.journal = None;
        let before = self.priced.take();
        let prices = before.as_ref().map(|priced| priced.prices.clone());
        let found = quotas::price(&mut self.engine, prices, (self.policy.passes, quotas::PLANS), &mut ())
            .expect("nobody stops it");
        if found.method == Method::QuotaPrices {
            self.engine.price.clone_from(&found.lines);
            self.engine.charge_quotas(&found.quotas);
            self.engine.repair(&mut ()).expect("nobody stops it");
            let held = match before {
                Some(before) if self.value >= found.value => before.seating.held,
                _ => found.held,
            };
            let seating = Seating::of(&self.engine, &found.quotas, &held);
            self.priced = Some(Priced { prices: found.quotas, seating });
        }
        self.engine.journal = Some(Vec::new());
        self.tell(self.engine.book.places(), former);
    }

    /// Tells the seats of those who may have moved: value and use of quotas follow.
    fn tell(&mut self, touched: impl Iterator<Item = u32>, former: &mut Former) {
        let book = &self.engine.book;
        let now = self.priced.as_ref().map_or(&self.engine.held, |priced| &priced.seating.held);
        for place in touched {
            let (before, after) = (self.held[place as usize], now[place as usize]);
            if before == after {
                continue;
            }
            former.entry(book.candidates[place as usize]).or_insert_with(|| self.line_of(before));
            if before != NONE {
                self.value -= book.weight(before);
                book.quotas(before).iter().for_each(|quota| self.used[quota.at()] -= 1);
            }
            if after != NONE {
                self.value += book.weight(after);
                book.quotas(after).iter().for_each(|quota| self.used[quota.at()] += 1);
            }
            self.held[place as usize] = after;
        }
    }

    fn exceeds(&self) -> bool {
        self.used.iter().zip(&self.engine.book.limits).any(|(used, limit)| used > limit)
    }

    fn moves(&self, former: Former) -> Vec<Move> {
        let told = |(candidate, from)| Move { candidate, from, to: self.seat_of(candidate) };
        former.into_iter().map(told).filter(|told| told.from != told.to).collect()
    }
}
