//! SQL, and nothing else.

pub(crate) mod gather;
pub(crate) mod pair;
pub(crate) mod projection;
pub(crate) mod round;
