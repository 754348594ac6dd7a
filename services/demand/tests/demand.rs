//! The service by gRPC, on a real PostgreSQL and a real broker.

#[path = "demand/feed.rs"]
mod feed;
#[path = "demand/house.rs"]
mod house;
#[path = "demand/orders.rs"]
mod orders;
