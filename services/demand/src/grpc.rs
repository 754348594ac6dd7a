//! The door: proto to validated input, use case, proto. Mutations check roles first; what is out of reach is not there.

mod crew;
pub(crate) mod read;
mod service;
mod text;

use crate::service::Service;

/// Serves `circula.demand.v1.DemandService`.
pub(crate) struct Grpc {
    service: Service,
}

impl Grpc {
    pub(crate) const fn new(service: Service) -> Self {
        Self { service }
    }
}
