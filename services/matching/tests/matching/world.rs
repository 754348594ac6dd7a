//! The service on its bench, and the voices of the other services.

use std::time::Duration;

use matching::NAME;
use platform::{
    Clock, Context, Shutdown,
    testing::{Bench, eventually, request_id, user},
};
use prost::Message;
use proto::{
    Event, Role,
    matching::{self as wire, matching_service_client::MatchingServiceClient},
};
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use sqlx::{Connection, PgConnection};
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

pub(crate) type Client = MatchingServiceClient<Channel>;

/// Two ministries, a union, an operator.
pub(crate) const CO: Uuid = Uuid::from_u128(0xc0);
pub(crate) const GT: Uuid = Uuid::from_u128(0x67);
pub(crate) const UNION: Uuid = Uuid::from_u128(0xe5);

pub(crate) struct World {
    pub(crate) bench: Bench,
    producer: FutureProducer,
    running: Option<(Shutdown, JoinHandle<anyhow::Result<()>>)>,
}

impl World {
    /// A bench with the service running on it.
    pub(crate) async fn start() -> (Self, Client) {
        let bench = Bench::new(vec![
            user("operator", Uuid::from_u128(0x0b), &[Role::Operator]),
            user("co", CO, &[Role::Ministry]),
            user("gt", GT, &[Role::Ministry]),
            user("union", UNION, &[Role::Union]),
            user("auditor", Uuid::from_u128(0xad), &[Role::Auditor]),
        ])
        .await;
        let producer = ClientConfig::new().set("bootstrap.servers", bench.brokers()).create().expect("a producer");
        let mut world = Self { bench, producer, running: None };
        let client = world.run().await;
        (world, client)
    }

    /// Starts the service.
    pub(crate) async fn run(&mut self) -> Client {
        let (bound, address) = oneshot::channel();
        let shutdown = Shutdown::new();
        let context = Context { clock: Clock::wall(), shutdown: shutdown.clone(), bound: Some(bound) };
        let running = tokio::spawn(matching::run(self.bench.config(NAME).await, context));
        let address = address.await.expect("the service starts").grpc;
        self.running = Some((shutdown, running));
        let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
        MatchingServiceClient::new(endpoint.connect().await.expect("the service answers"))
    }

    /// Stops the service.
    pub(crate) async fn stop(&mut self) {
        let (shutdown, running) = self.running.take().expect("the service runs");
        shutdown.trigger();
        running.await.expect("the service does not panic").expect("the service ends well");
    }

    /// Writes events as their owner's relay does.
    pub(crate) async fn publish<E: Event>(&self, events: Vec<E>) {
        let topic = format!("{}{}", self.bench.prefix, E::TOPIC);
        let mut sent = Vec::with_capacity(events.len());
        for event in events {
            let head = event.head().expect("a whole event");
            let (id, kind) = (request_id(), format!("{}.{}", E::TOPIC, head.name));
            let headers = [("ce_specversion", "1.0"), ("ce_id", &id), ("ce_type", &kind), ("ce_subject", &head.id)];
            let headers = headers
                .into_iter()
                .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
            let payload = event.encode_to_vec();
            let mut record = FutureRecord::to(&topic).key(&head.id).payload(&payload).headers(headers);
            loop {
                match self.producer.send_result(record) {
                    Ok(delivery) => break sent.push(delivery),
                    Err((_, back)) => {
                        record = back;
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
            }
        }
        for delivery in sent {
            delivery.await.expect("the producer lives").expect("the broker takes the event");
        }
    }

    /// Past the policies.
    pub(crate) async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.bench.superuser_url(NAME)).await.expect("the superuser connects")
    }

    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        let mut connection = self.superuser().await;
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a number")
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        let mut connection = self.superuser().await;
        sqlx::query(sql).execute(&mut connection).await.expect("the statement works");
    }

    /// Waits until the projections hold this many versions in all.
    pub(crate) async fn knows(&self, table: &'static str, sql: &'static str, wanted: i64) {
        eventually(&format!("{table} holds {wanted}"), async || (self.number(sql).await == wanted).then_some(())).await;
    }

    /// What was written to the outbox about proposals.
    pub(crate) async fn proposals(&self) -> Vec<wire::LineProposal> {
        let sql = "SELECT payload FROM outbox WHERE aggregatetype = 'line_proposal' ORDER BY id";
        let mut connection = self.superuser().await;
        let rows: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("the outbox reads");
        let proposal = |row: Vec<u8>| match wire::MatchingEvent::decode(row.as_slice()).expect("an event").aggregate {
            Some(wire::matching_event::Aggregate::LineProposal(event)) => event.state.expect("a state"),
            other => panic!("no proposal: {other:?}"),
        };
        rows.into_iter().map(proposal).collect()
    }

    /// Computes a round and waits for its end.
    pub(crate) async fn computed(&self, client: &mut Client, seed: &str) -> wire::Round {
        let request = wire::ComputeRoundRequest {
            season_code: "2026".to_owned(),
            destination: "ES".to_owned(),
            as_of: "2026-01-10".to_owned(),
            seed: seed.to_owned(),
            request_id: request_id(),
        };
        let begun = client.compute_round(self.bench.call("operator", request)).await.expect("it begins").into_inner();
        assert_eq!(begun.state(), wire::RoundState::Computing);
        let round = self.ended(client, &begun.id).await;
        assert_eq!(round.state(), wire::RoundState::Preview, "{}", round.failure);
        round
    }

    /// Waits until a round is not computed any more.
    pub(crate) async fn ended(&self, client: &Client, id: &str) -> wire::Round {
        eventually("the computation ends", async || {
            let round = self.round(&mut client.clone(), id).await;
            (round.state() != wire::RoundState::Computing).then_some(round)
        })
        .await
    }

    pub(crate) async fn round(&self, client: &mut Client, id: &str) -> wire::Round {
        let request = wire::GetRoundRequest { round_id: id.to_owned() };
        client.get_round(self.bench.call("operator", request)).await.expect("the round").into_inner()
    }

    pub(crate) async fn published(&self, client: &mut Client, id: &str) -> wire::Round {
        let request =
            wire::PublishRoundRequest { round_id: id.to_owned(), request_id: request_id(), expected_version: 0 };
        client.publish_round(self.bench.call("operator", request)).await.expect("it goes out").into_inner()
    }

    /// The pairs of a round as a user sees them.
    pub(crate) async fn pairs(
        &self,
        client: &mut Client,
        (user, round_id, reserves): (&str, &str, bool),
    ) -> Vec<wire::RoundPair> {
        let request = wire::ListRoundPairsRequest { round_id: round_id.to_owned(), reserves, ..Default::default() };
        client.list_round_pairs(self.bench.call(user, request)).await.expect("pairs").into_inner().pairs
    }
}
