//! Demand: who offers the work, and which seats they ask for.
//!
//! Owns employers and job orders with their lines and farms. Publishes `EmployerEvent` and `JobOrderEvent` on
//! `circula.demand.v1`. Consumes `circula.programme.v1` into a small projection (rule packs, seasons, corridors) by which
//! orders are judged. Orders come one by one ([`proto::demand`] `PostJobOrder`) or as a file of a national feed
//! ([`feed`]); [`generate`] makes the founding corridors' season for the demo.

mod consumer;
pub mod feed;
pub mod generate;
mod grpc;
mod message;
pub mod occupation;
pub mod order;
pub mod rules;
mod service;
mod store;

use proto::{
    Event,
    demand::{DemandEvent, demand_service_server::DemandServiceServer},
};
use sqlx::migrate::Migrator;

/// Name of the service: crate, binary, database, consumer group.
pub const NAME: &str = "demand";
/// The schema.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Runs the service until shutdown.
///
/// # Errors
/// If it cannot start, or a part of it stops with a fault.
pub async fn run(config: platform::Config, context: platform::Context) -> anyhow::Result<()> {
    let chassis = platform::Chassis::start(NAME, config, &MIGRATOR, context).await?;
    let service = service::Service::new(chassis.database(), chassis.clock());
    let server =
        DemandServiceServer::new(grpc::Grpc::new(service)).max_decoding_message_size(platform::grpc::MESSAGE_BYTES);
    let routes = tonic::service::Routes::new(server);
    chassis.publishing(DemandEvent::TOPIC).consuming(consumer::Programme).serve(routes).await
}
