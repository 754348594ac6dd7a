//! Quotas by prices: each pass takes the prices off the weights, brings the seats to the exact state, and moves the prices.
//!
//! For any prices the exact state gives a bound; the least of these is kept. A quota that is passed by e raises its price,
//! one that has a price and is not reached lowers it. How far, each tells from how its use answered to its last move; at
//! least by the e-th smallest loss that its holders would suffer elsewhere, for a smaller move surely is not enough. Moves
//! shrink when the bound no longer falls. When it has settled, plans that keep the quotas are made of the next states.

mod course;
mod losses;
mod moves;
#[cfg(test)]
mod tests;

use crate::amount::Amount;
use crate::book::{Book, NONE};
use crate::engine::Engine;
use crate::plan::Method;
use crate::watch::{Phase, Progress, Stopped, Watch};
use crate::{core, lottery, rounding};
pub(crate) use course::PLANS;
use course::{Course, PLANS_BEFORE_CORE, Pass};
use moves::Multipliers;

/// The best plan and the best prices met, by place in the draw.
pub(crate) struct Outcome {
    pub(crate) held: Vec<u64>,
    pub(crate) value: i128,
    pub(crate) bound: i128,
    pub(crate) lines: Vec<i128>,
    pub(crate) quotas: Vec<i128>,
    pub(crate) method: Method,
    pub(crate) searched: bool,
}

/// The same in the numbers of the search.
pub(crate) struct Found<N> {
    pub(crate) held: Vec<u64>,
    pub(crate) value: i128,
    pub(crate) bound: i128,
    pub(crate) lines: Vec<N>,
    pub(crate) quotas: Vec<N>,
    pub(crate) method: Method,
    /// A search over what a better plan could be came to its end.
    pub(crate) searched: bool,
}

impl<N: Amount> Found<N> {
    pub(crate) fn wide(self) -> Outcome {
        let Self { held, value, bound, method, searched, .. } = self;
        let wide = |prices: Vec<N>| prices.into_iter().map(Amount::wide).collect();
        Outcome { held, value, bound, lines: wide(self.lines), quotas: wide(self.quotas), method, searched }
    }
}

/// What was found so far.
struct Best<N> {
    bound: i128,
    lines: Vec<N>,
    quotas: Vec<N>,
    plan: Option<(i128, Vec<u64>)>,
    /// What the claims of the plan weigh; before there is one, those of the seats under the least bound.
    claims: i128,
}

/// Returns the best plan and prices found in at most `passes` passes, one at least; one is exact where no quota binds.
pub(crate) fn optimise<N: Amount>(book: Book, passes: u32, watch: &mut dyn Watch) -> Result<(Outcome, Book), Stopped> {
    let (found, engine) = search::<N>(book, passes, watch)?;
    Ok((found.wide(), engine.book))
}

/// Returns the same with the state of the search.
pub(crate) fn search<N: Amount>(
    book: Book,
    passes: u32,
    watch: &mut dyn Watch,
) -> Result<(Found<N>, Engine<N>), Stopped> {
    note(watch, Phase::Seats, 0, None::<&Best<N>>);
    let mut engine: Engine<N> = Engine::new(book);
    engine.start(watch)?;
    if excess(&engine.book, &engine.held).iter().any(|&excess| excess > 0) {
        engine.book.reveal_all();
    }
    let found = price(&mut engine, None, (passes, PLANS_BEFORE_CORE), watch)?;
    let found = core::close(&mut engine, found, watch)?;
    Ok((found, engine))
}

/// Moves the prices of quotas, from those given or from nothing, in so many passes and with so many plans of a small market
/// at most. The state must be exact under them.
pub(crate) fn price<N: Amount>(
    engine: &mut Engine<N>,
    prices: Option<Vec<N>>,
    (passes, plans): (u32, u32),
    watch: &mut dyn Watch,
) -> Result<Found<N>, Stopped> {
    let greatest = engine.book.tops.first().map_or(0, |top| top * engine.book.scale);
    let mut multipliers = Multipliers::new(engine.book.limits.len(), greatest);
    if let Some(prices) = prices {
        multipliers.price = prices;
    }
    let mut best = Best { bound: i128::MAX, lines: Vec::new(), quotas: Vec::new(), plan: None, claims: 0 };
    let mut course = Course::new(&engine.book, plans);
    for pass in 1..=passes.max(1) {
        let excess = excess(&engine.book, &engine.held);
        let free = multipliers.free() && excess.iter().all(|&excess| excess <= 0);
        let last = pass >= passes;
        let (settled, unused) = (multipliers.settled(&excess), multipliers.unused(&excess));
        let fell = best.lower(engine, &multipliers.price);
        let together = multipliers.moves_together();
        course.note(&Pass { fell, gap: best.gap().unwrap_or(0), excess: &excess, unused, settled, together });
        if free {
            best.raise(&engine.book, engine.held.clone());
        } else if course.makes_plan() || last {
            let mut held = rounding::feasible(engine, &multipliers.price, watch)?;
            lottery::settle(&engine.book, &mut held);
            best.raise(&engine.book, held);
        }
        note(watch, Phase::Quotas, 1000 * pass / passes.max(1), Some(&best));
        if watch.stopped() {
            return Err(Stopped);
        }
        if course.has_plans_for_core() && best.gap().is_some_and(|gap| !core::is_small(engine, gap)) {
            course.go_on();
        }
        let ends = course.level_ends();
        if free || last || best.gap() == Some(0) || (ends && !course.next_level()) {
            engine.charge_quotas(&multipliers.price);
            return Ok(best.found(if free { Method::ShortestPaths } else { Method::QuotaPrices }));
        }
        let spread = course.spread(engine.book.scale);
        if ends {
            multipliers.restart(&excess, i128::from(spread / 4));
        } else if course.stands() {
            multipliers.damp();
        }
        multipliers.advance(engine, &excess);
        engine.spread_charges(&multipliers.price, spread);
        engine.repair(watch)?;
    }
    unreachable!("the last pass returns")
}

fn note<N>(watch: &mut dyn Watch, phase: Phase, permille: u32, best: Option<&Best<N>>) {
    let value = best.and_then(|best| best.plan.as_ref()).map(|plan| plan.0);
    let (bound, claims) = (best.map(|best| best.bound), best.map_or(0, |best| best.claims));
    watch.note(Progress { phase, permille, value, bound, claims });
}

/// Returns by how much each quota is passed; below 0 how much room it has.
fn excess(book: &Book, held: &[u64]) -> Vec<i64> {
    let used = book.quota_use(held);
    used.iter().zip(&book.limits).map(|(&used, &limit)| i64::from(used) - i64::from(limit)).collect()
}

impl<N: Amount> Best<N> {
    /// Keeps the prices if their bound is less; returns by how much it is.
    fn lower(&mut self, engine: &Engine<N>, quotas: &[N]) -> i128 {
        let bound = engine.bound(quotas);
        let fell = (self.bound - bound).max(0);
        if fell > 0 {
            self.bound = bound;
            self.lines.clone_from(&engine.price);
            self.quotas = quotas.to_vec();
            if self.plan.is_none() {
                self.claims = engine.book.claims(&engine.held);
            }
        }
        fell
    }

    /// Keeps the plan if its value is greater.
    fn raise(&mut self, book: &Book, held: Vec<u64>) {
        let value = book.value(&held);
        assert!(value <= self.bound, "no plan is worth more than the bound");
        debug_assert!(keeps(book, &held), "a plan keeps seats and quotas");
        if self.plan.as_ref().is_none_or(|plan| plan.0 < value) {
            self.claims = book.claims(&held);
            self.plan = Some((value, held));
        }
    }

    /// Returns how far the plan may be from the best, if there is one.
    fn gap(&self) -> Option<i128> {
        self.plan.as_ref().map(|plan| self.bound - plan.0)
    }

    fn found(self, method: Method) -> Found<N> {
        let (value, held) = self.plan.expect("the last pass makes a plan");
        assert!(method == Method::QuotaPrices || value == self.bound, "an exact plan reaches its bound");
        Found { held, value, bound: self.bound, lines: self.lines, quotas: self.quotas, method, searched: false }
    }
}

/// True if a choice keeps seats and quotas.
pub(crate) fn keeps(book: &Book, held: &[u64]) -> bool {
    let mut seated = vec![0; book.lines.len()];
    for &key in held.iter().filter(|&&key| key != NONE) {
        seated[book.packing.id(key) as usize] += 1;
    }
    seated.iter().zip(&book.seats).all(|(seated, seats)| seated <= seats)
        && excess(book, held).iter().all(|&excess| excess <= 0)
}
