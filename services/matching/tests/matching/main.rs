//! The matching service by gRPC, on a real PostgreSQL and a real broker. The other services are played by a producer
//! that writes their events.

mod changes;
mod claims;
mod course;
mod crash;
mod door;
mod fairness;
mod large;
mod market;
mod overrule;
mod pairs;
mod rounds;
mod scale;
mod seeds;
mod together;
mod world;
