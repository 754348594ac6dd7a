//! A PostgreSQL and a Kafka-speaking broker of one's own, for a first look and for tests.
//!
//! Everything listens on loopback only, on ports that are free, and ends with the process that started it: when the
//! value is dropped, and also when that process is killed. None of it is meant for production.
//!
//! - [`postgres::Postgres`]: a PostgreSQL from the binaries of the machine; its data stays for the next start.
//! - [`broker::MockBroker`]: librdkafka's broker inside this process; starts in no time, forgets everything.
//! - [`kafka::ApacheKafka`]: the real broker, run by Java from its published jars; its events stay for the next start.
//! - [`hold::Hold`]: a directory that nobody else may use or remove meanwhile.
//!
//! This is the only crate with `unsafe`: the bindings of the mock broker, and signals to child processes.

pub mod broker;
pub mod hold;
pub mod kafka;
pub mod postgres;

mod ports;
mod process;
