#![doc = include_str!("../README.md")]

pub mod admission;
pub mod clock;
pub mod command;
pub mod config;
pub mod consumer;
pub mod database;
pub mod fault;
pub mod grpc;
pub mod identity;
pub mod issuer;
mod operation;
pub mod outbox;
pub mod page;
mod readiness;
pub mod refusal;
mod relay;
mod schema;
pub mod service;
pub mod shutdown;
pub mod telemetry;
pub mod testing;

pub use clock::Clock;
pub use command::{Begun, Command};
pub use config::Config;
pub use consumer::{Fault, Handler, Received};
pub use database::{Database, Reach};
pub use identity::{Principal, principal};
pub use refusal::{Error, Refused};
pub use service::{Chassis, Context};
pub use shutdown::Shutdown;
