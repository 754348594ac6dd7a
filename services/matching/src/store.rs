//! SQL, and nothing else.

pub(crate) mod basis;
pub(crate) mod commitment;
pub(crate) mod gather;
pub(crate) mod holding;
pub(crate) mod overrule;
pub(crate) mod pair;
pub(crate) mod projection;
pub(crate) mod round;
