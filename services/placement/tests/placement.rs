//! The placement service on a real PostgreSQL and a real broker, by gRPC.

#[path = "placement/clocks.rs"]
mod clocks;
#[path = "placement/house.rs"]
mod house;
#[path = "placement/ledgers.rs"]
mod ledgers;
#[path = "placement/many.rs"]
mod many;
#[path = "placement/signing.rs"]
mod signing;
#[path = "placement/tenancy.rs"]
mod tenancy;
#[path = "placement/terms.rs"]
mod terms;
#[path = "placement/together.rs"]
mod together;
#[path = "placement/way.rs"]
mod way;
