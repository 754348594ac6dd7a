//! The matching service by gRPC, on a real PostgreSQL and a real broker. The other services are played by a producer
//! that writes their events.

mod door;
mod market;
mod rounds;
mod scale;
mod world;
