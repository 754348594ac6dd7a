//! How far charges are spread from pass to pass, and when plans are made.
//!
//! Scores are whole points, so very many candidates answer to the same price, and no price divides them: the use of a quota
//! jumps past its limit. **Spread** charges differ a little from candidate to candidate, and then use follows prices
//! smoothly. The first level spreads them by a quarter of a point: prices settle fast, hardly a quota is passed, so a plan
//! is soon made, and loses little. What the spread costs the bound is won back on the next levels, where it is less.
//! Small markets, for which passes cost nothing, go on with other spreads, each of which gives another plan.

use crate::book::Book;

/// The spread of each level, as a power of two that a point is divided by; at the last there is none.
const LEVELS: [u32; 3] = [2, 5, 9];
/// Small markets begin without, and go on with spreads for plans.
const LEVELS_SMALL: [u32; 21] = [128, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3];

/// So many parts fit what looks drawn 2^16 times.
const SPREAD_MOST: u64 = 1 << 46;

/// Passes in a row in which nothing is won, after which a level ends.
const PATIENCE: u32 = 4;
const PATIENCE_SMALL: u32 = 50;
/// Passes in a row in which quotas are kept no better, after which a level ends that is for plans.
const IDLE: u32 = 6;
/// So few units too many or too few are good enough for a plan.
const NEAR: i64 = 8;
/// A market with so few pairs is small.
const PAIRS_SMALL: usize = 330_000;
/// A plan is made again where pairs by units to be given back are no more.
const WORK: i64 = 30_000_000;
/// So much of the gap must be won for a pass to have won something.
const PART: i128 = 64;

/// Where the search stands.
#[derive(Debug)]
pub(super) struct Course {
    level: usize,
    pairs: i64,
    small: bool,
    levels: &'static [u32],
    /// Passes since the bound fell, and since quotas were kept better.
    stale: u32,
    idle: u32,
    least: i64,
    units: i64,
    made: bool,
    settled: bool,
}

/// What a pass came to.
pub(super) struct Pass<'a> {
    /// By how much the bound fell.
    pub(super) fell: i128,
    /// The gap, once there is a plan.
    pub(super) gap: i128,
    pub(super) excess: &'a [i64],
    /// Units by which quotas that have a price are not reached.
    pub(super) unused: i64,
    /// No quota asks for another price.
    pub(super) settled: bool,
}

impl Course {
    pub(super) fn new(book: &Book) -> Self {
        let small = book.pair_count() <= PAIRS_SMALL;
        Self {
            level: 0,
            pairs: book.pair_count() as i64,
            small,
            levels: if small { &LEVELS_SMALL } else { &LEVELS },
            stale: 0,
            idle: 0,
            least: i64::MAX,
            units: 0,
            made: false,
            settled: false,
        }
    }

    /// Takes note of a pass.
    pub(super) fn note(&mut self, pass: &Pass) {
        self.stale = if pass.fell * PART > pass.gap { 0 } else { self.stale + 1 };
        self.units = pass.excess.iter().map(|&excess| excess.max(0)).sum();
        let wrong = self.units + pass.unused;
        self.idle = if wrong * 10 < self.least.saturating_mul(9) { 0 } else { self.idle + 1 };
        self.least = self.least.min(wrong);
        self.settled = pass.settled;
    }

    /// True if nothing more is to be won on this level.
    pub(super) fn level_ends(&self) -> bool {
        let for_plans = self.small != (self.level == 0);
        let patience = if self.small { PATIENCE_SMALL } else { PATIENCE };
        let near = for_plans && self.least <= NEAR && !self.small;
        self.settled || near || if for_plans { self.idle >= IDLE } else { self.stale >= patience }
    }

    /// True if a plan should be made at the end of a level.
    pub(super) fn makes_plan(&mut self) -> bool {
        let makes = !self.made || self.units * self.pairs <= WORK;
        self.made |= makes;
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
        self.level < self.levels.len()
    }

    /// Returns how far charges are spread, and by which of many spreads.
    pub(super) fn spread(&self, scale: i128) -> (u64, u64) {
        let spread = u64::try_from(scale.checked_shr(self.levels[self.level]).unwrap_or(0)).unwrap_or(SPREAD_MOST).min(SPREAD_MOST);
        (spread, if self.small { self.level as u64 } else { 0 })
    }
}
