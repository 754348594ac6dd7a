//! The owners of the figures, asked over gRPC with the caller's own token.

use std::{collections::HashMap, time::Duration};

use anyhow::Context;
use proto::{
    candidate::candidate_service_client::CandidateServiceClient,
    common::{TallyRequest, TallyResponse},
    demand::demand_service_client::DemandServiceClient,
    matching::matching_service_client::MatchingServiceClient,
    placement::placement_service_client::PlacementServiceClient,
    programme::programme_service_client::ProgrammeServiceClient,
};
use tonic::{Request, metadata::AsciiMetadataValue, transport::Channel};

use crate::reconcile::OWNERS;

/// Longest time an owner may take to count.
const TALLY: Duration = Duration::from_secs(8);

/// Channels to the owners that have an address. They connect when first used.
#[derive(Clone)]
pub(crate) struct Owners {
    channels: HashMap<String, Channel>,
}

impl Owners {
    /// # Errors
    /// If an address is none, or names a service that owns no figures.
    pub(crate) fn new(addresses: &HashMap<String, String>) -> anyhow::Result<Self> {
        let mut channels = HashMap::new();
        for (owner, address) in addresses {
            let known = OWNERS.iter().any(|(name, _)| name == owner);
            anyhow::ensure!(known, "owners.{owner}: no service of this name owns figures");
            let endpoint =
                Channel::from_shared(address.clone()).with_context(|| format!("owners.{owner} is no address"))?;
            channels.insert(owner.clone(), endpoint.connect_timeout(Duration::from_secs(3)).connect_lazy());
        }
        Ok(Self { channels })
    }

    /// The owner's own counts, or why there are none.
    pub(crate) async fn tally(&self, owner: &str, token: Option<&AsciiMetadataValue>) -> Result<TallyResponse, String> {
        let channel = self.channels.get(owner).cloned();
        let channel = channel.ok_or_else(|| format!("no address is set for it: set owners.{owner}"))?;
        let mut request = Request::new(TallyRequest {});
        request.set_timeout(TALLY);
        if let Some(token) = token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        let answered = match owner {
            "programme" => ProgrammeServiceClient::new(channel).tally(request).await,
            "demand" => DemandServiceClient::new(channel).tally(request).await,
            "candidate" => CandidateServiceClient::new(channel).tally(request).await,
            "matching" => MatchingServiceClient::new(channel).tally(request).await,
            _ => PlacementServiceClient::new(channel).tally(request).await,
        };
        answered.map(tonic::Response::into_inner).map_err(|status| format!("it did not answer: {}", status.message()))
    }
}
