//! Candidates and the persons behind them: batches from ministries, the roster, what a season adds to a record.
//!
//! Owns `person` (the only home of personal data), `candidate`, their history, what was credited, and who looked at a name.
//! Publishes `circula.candidate.v1` with coded facts only. Consumes `circula.programme.v1` (the organisation's country,
//! corridors, dated rules) and `circula.placement.v1` (season records, places that ended, people who leave the programme,
//! and whom a union has chosen).

mod candidate;
mod config;
mod consumer;
mod duplicates;
mod entry;
pub mod generate;
mod group;
mod grpc;
mod message;
mod person;
mod roster;
mod service;
mod sight;
mod store;

use std::time::Duration;

use platform::{Chassis, Context};
use proto::{
    Event,
    candidate::{CandidateEnvelope, candidate_service_server::CandidateServiceServer},
};
use secrecy::ExposeSecret;
use sqlx::migrate::Migrator;

pub use crate::config::Config;
use crate::service::Service;

/// Name of the service, its database and its consumer groups.
pub const NAME: &str = "candidate";

/// The service's own tables.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Runs the service until shutdown.
///
/// # Errors
/// If it cannot start, or a part of it ends with a fault.
pub async fn run(config: Config, context: Context) -> anyhow::Result<()> {
    let key = person::LotteryKey::new(config.lottery_key.expose_secret());
    let mut chassis = Chassis::start(NAME, config.platform, &MIGRATOR, context).await?;
    let service = Service::new(chassis.database(), chassis.clock(), key, config.run_due_every > 0);
    if config.run_due_every > 0 {
        let every = Duration::from_secs(config.run_due_every);
        let due = service::due::run(service.clone(), chassis.clock(), every, chassis.shutdown());
        chassis = chassis.running(due);
    }
    let server = CandidateServiceServer::new(grpc::Grpc::new(service.clone()))
        .max_decoding_message_size(platform::grpc::MESSAGE_BYTES);
    let routes = tonic::service::Routes::new(server);
    chassis
        .publishing(CandidateEnvelope::TOPIC)
        .consuming(consumer::Programme)
        .consuming(consumer::Placement::new(service))
        .serve(routes)
        .await
}
