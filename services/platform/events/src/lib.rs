//! A service's database, and the events that come of it.
//!
//! A unit of work ([`database`]) changes rows and appends what happened ([`outbox`]) in one transaction; the [`relay`]
//! publishes it; [`consumer`]s of other services apply it in a transaction of theirs, park what does not fit, and let the
//! rest flow. Who runs a service finds all of it in `platform`, which is built on this crate and passes it on.

pub mod clock;
pub mod config;
pub mod consumer;
pub mod database;
pub mod fault;
pub mod outbox;
pub mod prune;
pub mod readiness;
pub mod refusal;
pub mod relay;
mod schema;
pub mod shutdown;
