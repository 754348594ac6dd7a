//! Flows, clocks, reconciliation. Owns no facts: it folds the events of all five topics into the newest state of each
//! aggregate, counts from there, and asks the owners whether they count the same. Publishes nothing.

mod config;
mod consumer;
mod fold;
mod grpc;
mod owners;
mod reconcile;
mod ring;
mod service;
mod store;

use proto::monitoring::monitoring_service_server::MonitoringServiceServer;
use sqlx::migrate::Migrator;

pub use config::Config;

/// Name of the service, its database and its metrics.
pub const NAME: &str = "monitoring";

/// The service's own tables.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Runs the service until shutdown.
///
/// # Errors
/// If the database cannot be reached or brought up to date, an address is taken, or a part of the service stops.
pub async fn run(config: Config, context: platform::Context) -> anyhow::Result<()> {
    let chassis = platform::Chassis::start(NAME, config.platform, &MIGRATOR, context).await?;
    let owners = owners::Owners::new(&config.owners)?;
    let service = service::Service::new(chassis.database(), chassis.clock(), chassis.shutdown(), owners);
    let moved = service.moved();
    tokio::spawn(service.clone().pulse());
    let server =
        MonitoringServiceServer::new(grpc::Grpc::new(service)).max_decoding_message_size(platform::grpc::MESSAGE_BYTES);
    let routes = tonic::service::Routes::new(server);
    chassis
        .consuming(consumer::Programme::new(moved.clone()))
        .consuming(consumer::Demand::new(moved.clone()))
        .consuming(consumer::Candidate::new(moved.clone()))
        .consuming(consumer::Matching::new(moved.clone()))
        .consuming(consumer::Placement::new(moved))
        .serve(routes)
        .await
}
