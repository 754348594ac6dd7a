//! One file per command.

pub(crate) mod batch;
pub(crate) mod candidate;
pub(crate) mod change;
pub(crate) mod explain;
pub(crate) mod fairness;
pub(crate) mod flows;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod lines;
pub(crate) mod overrule;
pub(crate) mod pairs;
pub(crate) mod parked;
pub(crate) mod placement;
pub(crate) mod round;
pub(crate) mod seed;
pub(crate) mod solve;
pub(crate) mod up;
pub(crate) mod verify;
