//! The whole numbers that prices are made of: 64 bits where they hold, else 128.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

/// Largest weight, scaled, for which 64 bits leave room to add a price, a surplus and a distance.
const NARROW_MAX: i128 = 1 << 60;

/// A price, a surplus or a distance.
pub(crate) trait Amount:
    Copy
    + Send
    + Sync
    + Ord
    + Debug
    + Default
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
{
    /// Nothing.
    const ZERO: Self;

    /// Returns a number that is known to fit.
    fn of(number: i128) -> Self;

    /// Returns a small number: a place, a count, the field of a key.
    fn small(number: u64) -> Self;

    /// Returns the number in 128 bits, for sums.
    fn wide(self) -> i128;
}

impl Amount for i64 {
    const ZERO: Self = 0;

    fn of(number: i128) -> Self {
        Self::try_from(number).expect("narrow amounts are chosen only where weights are small")
    }

    fn small(number: u64) -> Self {
        number.cast_signed()
    }

    fn wide(self) -> i128 {
        i128::from(self)
    }
}

impl Amount for i128 {
    const ZERO: Self = 0;

    fn of(number: i128) -> Self {
        number
    }

    fn small(number: u64) -> Self {
        Self::from(number)
    }

    fn wide(self) -> i128 {
        self
    }
}

/// True if prices up to `greatest` are safe in 64 bits.
pub(crate) fn narrow(greatest: i128) -> bool {
    greatest < NARROW_MAX
}
