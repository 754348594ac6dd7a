//! Organisations, corridors, dated rule packs, seasons, quotas. Owns limits, not their use; publishes every change on
//! `circula.programme.v1`, consumes nothing. The list of rule keys is in the README.

mod check;
mod corridor;
mod grpc;
mod organisation;
pub mod packs;
mod quota;
mod refusal;
pub mod rule_pack;
mod season;
mod service;
mod store;

use proto::{
    Event,
    programme::{ProgrammeEvent, programme_service_server::ProgrammeServiceServer},
};
use sqlx::migrate::Migrator;

/// Name of the service, its database and its metrics.
pub const NAME: &str = "programme";

/// The service's own tables.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Runs the service until shutdown.
///
/// # Errors
/// If the database cannot be reached or brought up to date, an address is taken, or a part of the service stops.
pub async fn run(config: platform::Config, context: platform::Context) -> anyhow::Result<()> {
    let chassis = platform::Chassis::start(NAME, config, &MIGRATOR, context).await?;
    let service = service::Service::new(chassis.database(), chassis.clock());
    let server =
        ProgrammeServiceServer::new(grpc::Grpc::new(service)).max_decoding_message_size(platform::grpc::MESSAGE_BYTES);
    let routes = tonic::service::Routes::new(server);
    chassis.publishing(<ProgrammeEvent as Event>::TOPIC).serve(routes).await
}
