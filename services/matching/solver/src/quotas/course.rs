//! How far charges are spread from pass to pass, when plans are made, and when enough is done.
//!
//! Scores are whole points, so very many candidates answer to the same price, and no price divides them: the use of a quota
//! jumps past its limit. **Spread** charges differ a little from candidate to candidate, and then use follows prices
//! smoothly. The first level spreads them by a quarter of a point: prices settle fast, hardly a quota is passed, so a plan
//! is soon made, and loses little. What the spread costs the bound is won back on the next levels, where it is less.
//!
//! Small markets, for which plans cost little, need none of this: there each pass after the prices have settled makes one.

use crate::book::Book;

/// The spread of each level, as a power of two that a point is divided by; at the last there is next to none.
const LEVELS: [u32; 3] = [2, 5, 9];
/// A spread of more parts would not fit 64 bits when it is multiplied by what looks drawn.
const SPREAD_MOST: u64 = 1 << 46;
/// Passes in a row in which nothing is won, after which a level ends.
const PATIENCE: u32 = 4;
/// Passes in a row in which quotas are kept no better, after which the first level ends, which is for plans.
const IDLE: u32 = 6;
/// So few units too many or too few are good enough for a plan.
const NEAR: i64 = 8;
/// A plan is made again where pairs by units to be given back are no more.
const WORK: i64 = 30_000_000;
/// So much of the gap must be won for a pass to have won something.
const PART: i128 = 64;

/// A market of so few pairs is small.
pub(super) const PAIRS_SMALL: usize = if cfg!(test) { 10_000 } else { 333_333 };
/// Passes in a row that do not lower the bound, after which prices of a small market have settled.
const PATIENCE_SMALL: u32 = 24;
/// So many plans are made of a small market at most, fewer where its core comes next, and until so many units, over all, had
/// to be given back.
pub(crate) const PLANS: u32 = 60;
pub(super) const PLANS_BEFORE_CORE: u32 = 4;
const UNITS: i64 = 3_000;

/// What a pass came to.
pub(super) struct Pass<'a> {
    /// By how much the bound fell.
    pub(super) fell: i128,
    /// The gap, once there is a plan.
    pub(super) gap: i128,
    /// By how much each quota is passed.
    pub(super) excess: &'a [i64],
    /// Units by which quotas that have a price are not reached.
    pub(super) unused: i64,
    /// No quota asks for another price.
    pub(super) settled: bool,
    /// All prices moved together: they are still far from where they should be.
    pub(super) together: bool,
}

/// Where the search stands.
#[derive(Debug)]
pub(super) struct Course {
    small: bool,
    pairs: i64,
    level: usize,
    /// Passes since the bound fell, and since quotas were kept better.
    stale: u32,
    idle: u32,
    least: i64,
    settled: bool,
    /// Units passed in this pass.
    units: i64,
    /// Plans made, how many at most, and units passed before each, over all.
    made: u32,
    plans: u32,
    given_back: i64,
}

impl Course {
    pub(super) fn new(book: &Book, plans: u32) -> Self {
        Self {
            small: book.pair_count() <= PAIRS_SMALL,
            pairs: book.pair_count() as i64,
            level: 0,
            stale: 0,
            idle: 0,
            least: i64::MAX,
            settled: false,
            units: 0,
            made: 0,
            plans,
            given_back: 0,
        }
    }

    /// Takes note of a pass.
    pub(super) fn note(&mut self, pass: &Pass) {
        let won = if self.small { pass.fell > 0 } else { pass.together || pass.fell.saturating_mul(PART) > pass.gap };
        self.stale = if won { 0 } else { self.stale + 1 };
        self.units = pass.excess.iter().map(|&excess| excess.max(0)).sum();
        let wrong = self.units + pass.unused;
        self.idle = if pass.together || wrong * 10 < self.least.saturating_mul(9) { 0 } else { self.idle + 1 };
        self.least = self.least.min(wrong);
        self.settled = pass.settled;
    }

    /// True if nothing more is to be won on this level. A small market has one level, which ends with its plans.
    pub(super) fn level_ends(&self) -> bool {
        if self.small {
            self.made >= self.plans || self.given_back > UNITS
        } else if self.level == 0 {
            self.settled || self.least <= NEAR || self.idle >= IDLE
        } else {
            self.settled || self.stale >= PATIENCE
        }
    }

    /// True if as many plans were made as the core needs.
    pub(super) fn has_plans_for_core(&self) -> bool {
        self.small && self.plans < PLANS && self.made >= self.plans
    }

    /// Lets as many plans be made as where no core comes next.
    pub(super) fn go_on(&mut self) {
        self.plans = PLANS;
    }

    /// True if a plan should be made of this pass.
    pub(super) fn makes_plan(&mut self) -> bool {
        let makes = if self.small {
            self.made > 0 || self.settled || self.stale >= PATIENCE_SMALL
        } else {
            self.level_ends() && (self.made == 0 || self.units * self.pairs <= WORK)
        };
        self.made += u32::from(makes);
        self.given_back += if makes { self.units } else { 0 };
        makes
    }

    /// True if the bound has not fallen for some passes.
    pub(super) fn stands(&self) -> bool {
        self.stale > 2
    }

    /// Goes to the next level; returns whether there is one.
    pub(super) fn next_level(&mut self) -> bool {
        self.level += 1;
        (self.stale, self.idle, self.least) = (0, 0, i64::MAX);
        !self.small && self.level < LEVELS.len()
    }

    /// Returns how far charges are spread, in parts of a point.
    pub(super) fn spread(&self, scale: i128) -> u64 {
        if self.small { 0 } else { u64::try_from(scale >> LEVELS[self.level]).unwrap_or(SPREAD_MOST).min(SPREAD_MOST) }
    }
}
