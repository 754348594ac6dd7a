//! Matching: rounds over open lines and rostered people, the proposals that come of them, and the reasons.
//!
//! Owns rounds, their pairs and their explanations. Publishes `RoundEvent` and `LineProposalEvent` on
//! `circula.matching.v1`. Consumes programme, demand, candidate and placement into projections of its own: what is free
//! follows from placement's events alone. The plan itself is made by the crate `solver`.
//!
//! Rows of one moment ([`assemble`]) become a [`snapshot`] with its hash; the [`market`] of it is solved and checked
//! ([`plan`]); [`eligibility`] and [`score`] say who may sit where and what counts, [`claim`] who goes before every score,
//! [`together`] who goes with whom, [`beds`] how many may sleep where;
//! [`explain`] gives the reasons, as codes with values ([`reason`]).
//! [`replay`] solves the market of a round anew; [`change`] looks for what would have given somebody a
//! seat, [`whatif`] for what it costs to lay a pair down. [`fairness`] counts who got one.

pub mod assemble;
pub mod beds;
pub mod change;
pub mod claim;
mod consumer;
pub mod eligibility;
pub mod explain;
pub mod facts;
pub mod fairness;
mod grpc;
pub mod ledger;
pub mod market;
mod message;
pub mod plan;
pub mod reason;
pub mod replay;
pub mod round;
pub mod score;
mod service;
pub mod snapshot;
mod store;
pub mod terms;
#[cfg(test)]
mod testing;
pub mod together;
pub mod whatif;
pub mod why;

use proto::{
    Event,
    matching::{MatchingEvent, matching_service_server::MatchingServiceServer},
};
use sqlx::migrate::Migrator;

/// Name of the service, its database, its source and its consumer groups.
pub const NAME: &str = "matching";

/// The service's tables.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Runs the service until shutdown.
///
/// # Errors
/// If it cannot start, or one of its parts ends with a fault.
pub async fn run(config: platform::Config, context: platform::Context) -> anyhow::Result<()> {
    let chassis = platform::Chassis::start(NAME, config, &MIGRATOR, context).await?;
    let service = service::Service::new(chassis.database(), chassis.clock());
    let tend = service.clone().tend(chassis.shutdown());
    let server =
        MatchingServiceServer::new(grpc::Grpc::new(service)).max_decoding_message_size(platform::grpc::MESSAGE_BYTES);
    let routes = tonic::service::Routes::new(server);
    chassis
        .running(async move {
            tend.await;
            Ok(())
        })
        .publishing(MatchingEvent::TOPIC)
        .consuming(consumer::Programme)
        .consuming(consumer::Demand)
        .consuming(consumer::Candidates)
        .consuming(consumer::Placements)
        .serve(routes)
        .await
}
