//! The life of a placement, one person on one line of an order, and the ledgers behind it: the seats of a line, the units
//! of a quota, the days of a person.
//!
//! Owns placements, lines and their shares, the use of quotas, season records, refused proposals and the calendar; publishes
//! them on `circula.placement.v1`; consumes programme, demand and candidate as projections and the proposals of matching
//! as effects. What moves a placement is a row of `moves.toml`; README.md shows the table.

pub mod cases;
pub mod clocks;
mod config;
mod consumer;
mod counted;
pub mod decide;
pub mod desk;
mod grounds;
mod grpc;
pub mod guards;
pub mod ledger;
pub mod moves;
pub mod offer;
pub mod pack;
pub mod passed;
pub mod placement;
pub mod service;
pub mod sides;
pub mod signers;
mod stay;
pub mod store;
pub mod tracks;
pub mod veil;
pub mod view;

use std::time::Duration;

use proto::{
    Event,
    placement::{PlacementEnvelope, placement_service_server::PlacementServiceServer},
};
use sqlx::migrate::Migrator;

pub use crate::config::Config;
use crate::service::Service;

/// The service's name: folder, crate, database, consumer group, `ce_source`.
pub const NAME: &str = "placement";
/// The service's schema.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Runs the service until shutdown.
///
/// # Errors
/// If the database cannot be reached, an address is taken, or a part ends with a fault.
pub async fn run(config: Config, context: platform::Context) -> anyhow::Result<()> {
    let mut chassis = platform::Chassis::start(NAME, config.platform, &MIGRATOR, context).await?;
    let service = Service::new(chassis.database(), chassis.clock(), config.run_due_every > 0);
    if config.run_due_every > 0 {
        let every = Duration::from_secs(config.run_due_every);
        let clocks = service::scheduler::run(service.clone(), chassis.clock(), every, chassis.shutdown());
        chassis = chassis.running(clocks);
    }
    let server = PlacementServiceServer::new(grpc::Grpc(service.clone()))
        .max_decoding_message_size(platform::grpc::MESSAGE_BYTES);
    let routes = tonic::service::Routes::new(server);
    chassis
        .publishing(PlacementEnvelope::TOPIC)
        .consuming(consumer::Programme(service.clone()))
        .consuming(consumer::Demand(service.clone()))
        .consuming(consumer::Candidate)
        .consuming(consumer::Matching(service))
        .serve(routes)
        .await
}
