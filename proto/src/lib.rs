#![doc = include_str!("../README.md")]
#![allow(clippy::doc_markdown, reason = "generated comments are the contracts' own")]

pub mod bars;
pub mod clocks;
mod events;
pub mod grounds;
pub mod ids;
mod role;
mod stage;
pub mod year_day;

pub use events::{EVENTS, Event, EventName, Head, KnownEnums, TOPICS, Topic, UnknownAggregate, UnknownEnum};
pub use role::Role;

#[allow(clippy::all, dead_code, missing_docs)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/all.rs"));
}
/// [`KnownEnums`] of whatever an event may hold, written by the build script.
#[allow(clippy::all)]
mod enums {
    include!(concat!(env!("OUT_DIR"), "/enums.rs"));
}
pub use generated::circula::{
    candidate::v1 as candidate, demand::v1 as demand, matching::v1 as matching, monitoring::v1 as monitoring,
    operation::v1 as operation, placement::v1 as placement, programme::v1 as programme, r#type::v1 as common,
};

/// All contracts as an encoded `google.protobuf.FileDescriptorSet`: for reflection, transcoding, OpenAPI.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/circula.binpb"));
