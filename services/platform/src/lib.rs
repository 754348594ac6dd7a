#![doc = include_str!("../README.md")]

pub mod admission;
pub mod command;
pub mod config;
pub mod grpc;
pub mod identity;
pub mod issuer;
mod operation;
mod pace;
pub mod page;
pub mod service;
pub mod telemetry;
pub mod testing;

pub use events::{clock, clock::Clock, consumer, database, fault, outbox, prune, refusal, shutdown};

pub use command::{Begun, Command};
pub use config::Config;
pub use consumer::{Fault, Handler, Received};
pub use database::{Database, Reach};
pub use events::readiness::Readiness;
pub use identity::{Principal, principal};
pub use refusal::{Error, Refused};
pub use service::{Chassis, Context};
pub use shutdown::Shutdown;
