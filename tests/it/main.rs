//! The system as a whole: what the contracts promise, and what must hold on real components.

mod contracts;
mod season;
mod shape;
mod survival;
