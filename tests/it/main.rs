//! The system as a whole: what the contracts promise, and what must hold on real components.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod attack;
mod browser;
mod command_line;
mod compose;
mod console;
mod contracts;
mod fire;
mod frames;
mod gallery;
mod interrupt;
mod invariants;
mod machines;
mod process;
mod season;
mod shape;
mod solve;
mod twice;
