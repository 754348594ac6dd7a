//! The service by gRPC, on a real PostgreSQL and a real broker.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it says")]

#[path = "demand/feed.rs"]
mod feed;
#[path = "demand/house.rs"]
mod house;
#[path = "demand/orders.rs"]
mod orders;
