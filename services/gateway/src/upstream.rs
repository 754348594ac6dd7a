//! The services behind the gateway: one lazily connected channel each, and typed clients that speak for a session.

use std::{collections::HashMap, error::Error as _, sync::Arc, time::Duration};

use anyhow::Context;
use platform::grpc::REQUEST_ID;
use proto::{
    candidate::candidate_service_client::CandidateServiceClient, demand::demand_service_client::DemandServiceClient,
    matching::matching_service_client::MatchingServiceClient,
    monitoring::monitoring_service_client::MonitoringServiceClient,
    operation::operation_service_client::OperationServiceClient,
    placement::placement_service_client::PlacementServiceClient,
    programme::programme_service_client::ProgrammeServiceClient,
};
use tonic::{
    Code, Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::session::Session;

/// Services that have an address.
pub const SERVICES: [&str; 6] = ["programme", "demand", "candidate", "matching", "placement", "monitoring"];
/// Longest time a call may take; the services allow no more.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// Bytes of an answer: a page of 1,000 with its history.
pub(crate) const ANSWER_BYTES_MAX: usize = 16 << 20;
/// An address that does not answer is given up after this long; the next call tries again. To say whether it is there, a
/// service has as long.
const CONNECT: Duration = Duration::from_secs(2);

/// A channel on which every call carries a session's token.
pub type Signed = InterceptedService<Channel, Bearer>;

/// Puts the token, the request's id and the deadline on each call.
#[derive(Clone)]
pub struct Bearer {
    token: MetadataValue<Ascii>,
    request_id: Option<MetadataValue<Ascii>>,
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.token.clone());
        if let Some(id) = &self.request_id {
            request.metadata_mut().insert(REQUEST_ID, id.clone());
        }
        request.set_timeout(DEADLINE);
        Ok(request)
    }
}

/// All channels. Cheap to clone.
#[derive(Clone)]
pub struct Upstream(Arc<HashMap<&'static str, Channel>>);

impl Upstream {
    /// Channels to these addresses; nothing is connected yet.
    ///
    /// # Errors
    /// If a service has no address, or one that is none.
    pub fn new(addresses: &HashMap<String, String>) -> anyhow::Result<Self> {
        let mut channels = HashMap::new();
        for service in SERVICES {
            let address = addresses.get(service).with_context(|| format!("services.{service} names no address"))?;
            let endpoint = Endpoint::from_shared(address.clone())
                .with_context(|| format!("services.{service} is not an address: {address:?}"))?
                .connect_timeout(CONNECT)
                .tcp_nodelay(true)
                .http2_keep_alive_interval(Duration::from_secs(30))
                .keep_alive_timeout(Duration::from_secs(10))
                .keep_alive_while_idle(true);
            channels.insert(service, endpoint.connect_lazy());
        }
        Ok(Self(Arc::new(channels)))
    }

    /// The bare channel of a service.
    pub(crate) fn channel(&self, service: &str) -> Option<Channel> {
        self.0.get(service).cloned()
    }

    /// True if the service answers a call. That its channel is ready says nothing: it takes calls for whoever is away.
    pub(crate) async fn answers(&self, service: &str) -> bool {
        let Some(channel) = self.channel(service) else { return false };
        let mut health = HealthClient::new(channel);
        match tokio::time::timeout(CONNECT, health.check(HealthCheckRequest::default())).await {
            // Who has no room for this call, or does not know it, is there.
            Ok(Err(status)) => matches!(status.code(), Code::ResourceExhausted | Code::Unimplemented),
            Ok(Ok(_)) => true,
            Err(_) => false,
        }
    }

    fn signed(&self, service: &str, session: &Session) -> Signed {
        let channel = self.0.get(service).cloned().expect("a channel for each service was made at start");
        let request_id = Some(&session.request_id).filter(|id| !id.is_empty()).and_then(|id| id.parse().ok());
        InterceptedService::new(channel, Bearer { token: session.bearer(), request_id })
    }

    /// The chassis of a service in the name of the session.
    #[must_use]
    pub fn operation(&self, service: &'static str, session: &Session) -> OperationServiceClient<Signed> {
        OperationServiceClient::new(self.signed(service, session)).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// `programme` in the name of the session.
    #[must_use]
    pub fn programme(&self, session: &Session) -> ProgrammeServiceClient<Signed> {
        ProgrammeServiceClient::new(self.signed("programme", session)).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// `demand` in the name of the session.
    #[must_use]
    pub fn demand(&self, session: &Session) -> DemandServiceClient<Signed> {
        DemandServiceClient::new(self.signed("demand", session)).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// `candidate` in the name of the session.
    #[must_use]
    pub fn candidate(&self, session: &Session) -> CandidateServiceClient<Signed> {
        CandidateServiceClient::new(self.signed("candidate", session)).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// `matching` in the name of the session.
    #[must_use]
    pub fn matching(&self, session: &Session) -> MatchingServiceClient<Signed> {
        MatchingServiceClient::new(self.signed("matching", session)).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// `placement` in the name of the session.
    #[must_use]
    pub fn placement(&self, session: &Session) -> PlacementServiceClient<Signed> {
        PlacementServiceClient::new(self.signed("placement", session)).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// `monitoring` in the name of the session. One connection carries at most 64 calls at once: share one
    /// `WatchFlows` among all who watch.
    #[must_use]
    pub fn monitoring(&self, session: &Session) -> MonitoringServiceClient<Signed> {
        MonitoringServiceClient::new(self.signed("monitoring", session)).max_decoding_message_size(ANSWER_BYTES_MAX)
    }
}

/// True if nobody was there to answer: the service is away, or its connection ended under the call. What becomes of the latter is the
/// client's word, no service's, and it has a source; a service that says farewell as a call comes makes it `Internal`.
pub(crate) fn is_away(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => true,
        Code::Internal | Code::Unknown => status.source().is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_connection_that_ended_is_told_from_a_fault_of_a_service() {
        let ended = Status::from_error(io::Error::from(io::ErrorKind::ConnectionReset).into());
        assert!(ended.code() == Code::Unknown && is_away(&ended), "{ended:?}");
        assert!(is_away(&Status::unavailable("")));
        for said in [Status::internal("a row is missing"), Status::unknown(""), Status::aborted("")] {
            assert!(!is_away(&said), "{said:?}");
        }
    }
}
