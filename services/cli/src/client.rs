//! The services as a client sees them: addresses of a running house, a token, typed clients.

use std::collections::BTreeMap;

use anyhow::Context;
use proto::{
    candidate::candidate_service_client::CandidateServiceClient, demand::demand_service_client::DemandServiceClient,
    matching::matching_service_client::MatchingServiceClient,
    monitoring::monitoring_service_client::MonitoringServiceClient,
    operation::operation_service_client::OperationServiceClient,
    placement::placement_service_client::PlacementServiceClient,
    programme::programme_service_client::ProgrammeServiceClient,
};
use serde::{Deserialize, Serialize};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

use crate::args::ClientArgs;

/// Bytes of an answer at most: a page of 1,000 orders with their farms.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Where a house listens. Written by `circula up`, or by hand for one that runs elsewhere, and read by every other command.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Addresses {
    /// gRPC base URL per service. Only these are needed.
    pub services: BTreeMap<String, String>,
    /// Metrics and health per service.
    pub admin: BTreeMap<String, String>,
    /// The console and HTTP+JSON.
    pub gateway: String,
    /// The development issuer. Empty where people sign in elsewhere: then each call needs a token.
    pub issuer: String,
}

/// Puts the token on every call.
#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

type Authorised = InterceptedService<Channel, Bearer>;

/// Somebody signed in to a house.
#[derive(Clone)]
pub struct Session {
    channels: BTreeMap<String, Channel>,
    bearer: Bearer,
}

macro_rules! clients {
    ($($name:ident -> $client:ident;)*) => {
        impl Session {$(
            /// The service of this name.
            #[must_use]
            pub fn $name(&self) -> $client<Authorised> {
                let channel = self.channels[stringify!($name)].clone();
                $client::with_interceptor(channel, self.bearer.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
            }
        )*}

        const SERVICES: &[&str] = &[$(stringify!($name)),*];
    };
}

clients! {
    programme -> ProgrammeServiceClient;
    demand -> DemandServiceClient;
    candidate -> CandidateServiceClient;
    matching -> MatchingServiceClient;
    placement -> PlacementServiceClient;
    monitoring -> MonitoringServiceClient;
}

impl Session {
    /// Signs in as the arguments say.
    ///
    /// # Errors
    /// If no house runs, or the issuer does not know the user.
    pub async fn open(args: &ClientArgs) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(&args.house).with_context(|| {
            format!(
                "no house runs here: {} is not there; start one with `circula up` or `make demo`, or name the addresses \
                 of one that runs elsewhere with --house FILE (such as deploy/compose.house.json)",
                args.house.display()
            )
        })?;
        let addresses: Addresses =
            serde_json::from_str(&text).with_context(|| format!("{} does not read", args.house.display()))?;
        let token = match &args.token {
            Some(token) => token.clone(),
            None if addresses.issuer.is_empty() => anyhow::bail!(
                "{} names no development issuer: pass an access token of yours with --token or CIRCULA_TOKEN",
                args.house.display()
            ),
            None => sign_in(&addresses.issuer, &args.user).await?,
        };
        Self::with_token(&addresses, &token)
    }

    /// The chassis of a service.
    ///
    /// # Errors
    /// If there is no service of this name.
    pub fn operation(&self, service: &str) -> anyhow::Result<OperationServiceClient<Authorised>> {
        let channel = self.channels.get(service).with_context(|| format!("the house has no service {service}"))?;
        Ok(OperationServiceClient::with_interceptor(channel.clone(), self.bearer.clone()))
    }

    /// A session with a token that is there already.
    ///
    /// # Errors
    /// If an address is none, or the token is not ASCII.
    pub fn with_token(addresses: &Addresses, token: &str) -> anyhow::Result<Self> {
        let mut channels = BTreeMap::new();
        for name in SERVICES {
            let url = addresses.services.get(*name).with_context(|| format!("the house has no {name}"))?;
            channels.insert((*name).to_owned(), Endpoint::from_shared(url.clone())?.connect_lazy());
        }
        let bearer = Bearer(format!("Bearer {token}").parse().context("the token is not ASCII")?);
        Ok(Self { channels, bearer })
    }
}

async fn sign_in(issuer: &str, user: &str) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Token {
        access_token: String,
    }
    let form = [("grant_type", "client_credentials"), ("username", user)];
    let answer = reqwest::Client::new()
        .post(format!("{issuer}/token"))
        .form(&form)
        .send()
        .await
        .with_context(|| format!("the issuer {issuer} does not answer: does the house still run?"))?;
    if !answer.status().is_success() {
        anyhow::bail!("the issuer does not know the user {user:?}; the house says at its start who may sign in");
    }
    Ok(answer.json::<Token>().await?.access_token)
}

/// What a status says, with place and mend.
#[must_use]
pub fn refusal(status: &Status) -> anyhow::Error {
    let refused = platform::Refused::from_status(status);
    let mut text = format!("{} ({})", refused.message, refused.reason);
    if !refused.place.is_empty() {
        text = format!("{}: {text}", refused.place);
    }
    if !refused.mend.is_empty() {
        text = format!("{text}\n  What mends it: {}", refused.mend);
    }
    anyhow::anyhow!(text)
}

/// A new request id.
#[must_use]
pub fn request_id() -> String {
    platform::Clock::wall().id().to_string()
}

/// The day that it is, UTC.
#[must_use]
pub fn today() -> chrono::NaiveDate {
    platform::Clock::wall().now().date_naive()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A file of this checkout, by its path from the top.
    fn here(path: &str) -> PathBuf {
        PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..").join(path)
    }

    fn compose(token: Option<&str>) -> ClientArgs {
        ClientArgs {
            house: here("deploy/compose.house.json"),
            user: "operator".to_owned(),
            token: token.map(str::to_owned),
        }
    }

    #[tokio::test]
    async fn the_containers_are_reached_with_a_token_at_the_ports_they_publish() {
        let session = Session::open(&compose(Some("a.b.c"))).await.unwrap();
        assert_eq!(session.channels.len(), SERVICES.len());

        let compose = std::fs::read_to_string(here("docker-compose.yml")).unwrap();
        let file = std::fs::read(self::compose(None).house).unwrap();
        let addresses: Addresses = serde_json::from_slice(&file).unwrap();
        for (service, url) in &addresses.services {
            let port = url.rsplit(':').next().unwrap();
            let part = compose.split(&format!("\n  {service}:\n")).nth(1).unwrap();
            let part = part.split("\n\n").next().unwrap();
            assert!(
                part.contains(&format!("ports: [\"127.0.0.1:{port}:50051\"]")),
                "{service} is not at {url}:\n{part}"
            );
        }
    }

    #[tokio::test]
    async fn without_a_token_and_an_issuer_one_is_told_what_is_missing() {
        let refused = Session::open(&compose(None)).await.err().unwrap().to_string();
        assert!(refused.contains("CIRCULA_TOKEN"), "{refused}");
    }
}
