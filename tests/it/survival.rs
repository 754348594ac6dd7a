//! What must hold whatever dies, comes twice, or does not read: on real processes, PostgreSQL and Kafka.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use platform::testing::{Bench, eventually, request_id, user};
use proto::{
    Event, Role,
    programme::{
        ListOrganisationsRequest, OrganisationKind, ProgrammeEvent, RegisterOrganisationRequest,
        programme_service_client::ProgrammeServiceClient,
    },
};
use rdkafka::{
    ClientConfig, Message,
    consumer::{Consumer, StreamConsumer},
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};
use tonic::transport::Channel;
use uuid::Uuid;

const OPERATOR: Uuid = Uuid::from_u128(1);

async fn bench() -> Bench {
    Bench::new(vec![user("operator", OPERATOR, &[Role::Operator])]).await
}

/// A service as a process of its own, killed when dropped.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    async fn start(bench: &Bench, service: &str) -> Self {
        let config = bench.config(service).await;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let binary = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join(service);
        let child = Command::new(&binary)
            .env("CIRCULA__DATABASE__URL", config.database.url.expose_secret())
            .env("CIRCULA__KAFKA__BROKERS", &config.kafka.brokers)
            .env("CIRCULA__KAFKA__PREFIX", &config.kafka.prefix)
            .env("CIRCULA__IDENTITY__ISSUER", &config.identity.issuer)
            .env("CIRCULA__IDENTITY__JWKS_URL", &config.identity.jwks_url)
            .env("CIRCULA__GRPC_LISTEN", format!("127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        Self { child, url: format!("http://127.0.0.1:{port}") }
    }

    async fn channel(&self) -> Channel {
        eventually("the process listens", async || Channel::from_shared(self.url.clone()).unwrap().connect().await.ok())
            .await
    }

    /// SIGKILL: no drain, no goodbye.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn registration(code: &str, request_id: &str) -> RegisterOrganisationRequest {
    RegisterOrganisationRequest {
        kind: OrganisationKind::Ministry as i32,
        name: format!("Ministry {code}"),
        country: "CO".to_owned(),
        code: code.to_owned(),
        request_id: request_id.to_owned(),
        organisation_id: String::new(),
    }
}

/// Names of the facts about one aggregate, as its topic tells them.
async fn facts(bench: &Bench, id: &str) -> Vec<&'static str> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", bench.brokers())
        .set("group.id", request_id())
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    consumer.subscribe(&[&format!("{}{}", bench.prefix, ProgrammeEvent::TOPIC)]).unwrap();
    let mut facts = Vec::new();
    while let Ok(Ok(message)) =
        tokio::time::timeout(Duration::from_secs(if facts.is_empty() { 20 } else { 2 }), consumer.recv()).await
    {
        let head = prost::Message::decode(message.payload().unwrap())
            .map(|event: ProgrammeEvent| event.head().unwrap())
            .unwrap();
        if head.id == id {
            facts.push(head.name);
        }
    }
    facts
}

#[tokio::test]
async fn an_acknowledged_command_survives_a_kill_right_after_the_answer() {
    let bench = bench().await;
    let mut process = Process::start(&bench, "programme").await;
    let mut client = ProgrammeServiceClient::new(process.channel().await);
    let request = registration("survivor", &request_id());
    let answer = client.register_organisation(bench.call("operator", request.clone())).await.unwrap().into_inner();
    process.kill();

    let process = Process::start(&bench, "programme").await;
    let mut client = ProgrammeServiceClient::new(process.channel().await);
    let again = client.register_organisation(bench.call("operator", request)).await.unwrap().into_inner();
    assert_eq!(again, answer, "the same request gets the same answer, also from another process");
    let all = client.list_organisations(bench.call("operator", ListOrganisationsRequest::default())).await.unwrap();
    assert_eq!(all.into_inner().organisations, vec![answer.clone()], "it is there once");
    assert_eq!(facts(&bench, &answer.id).await, ["OrganisationRegistered"], "its event was published, once");
}

/// A record on the topic of the programme, as its relay would write it.
async fn produce(bench: &Bench, key: &str, event_id: Uuid, payload: &[u8]) {
    let producer: FutureProducer = ClientConfig::new().set("bootstrap.servers", bench.brokers()).create().unwrap();
    let topic = format!("{}{}", bench.prefix, ProgrammeEvent::TOPIC);
    let id = event_id.to_string();
    let headers = OwnedHeaders::new().insert(Header { key: "ce_id", value: Some(id.as_str()) });
    producer
        .send(FutureRecord::to(&topic).key(key).payload(payload).headers(headers), Duration::from_secs(20))
        .await
        .unwrap();
}

fn organisation(id: &str, version: i64) -> Vec<u8> {
    use proto::programme::{
        Organisation, OrganisationEvent, OrganisationRegistered, organisation_event, programme_event,
    };
    let state =
        Organisation { id: id.to_owned(), version, kind: OrganisationKind::Union as i32, ..Organisation::default() };
    let change = Some(organisation_event::Change::Registered(OrganisationRegistered {}));
    let event = OrganisationEvent { state: Some(state), change };
    prost::Message::encode_to_vec(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Organisation(event)) })
}

#[tokio::test]
async fn a_poison_message_is_parked_with_its_key_and_the_rest_flows() {
    let bench = bench().await;
    let monitoring = Process::start(&bench, "monitoring").await;
    monitoring.channel().await;
    let (poisoned, healthy) = (Uuid::from_u128(10).to_string(), Uuid::from_u128(11).to_string());
    produce(&bench, &poisoned, Uuid::from_u128(100), b"\xFF\xFF not an event").await;
    produce(&bench, &poisoned, Uuid::from_u128(101), &organisation(&poisoned, 2)).await;
    produce(&bench, &healthy, Uuid::from_u128(102), &organisation(&healthy, 1)).await;

    let mut database = PgConnection::connect(&bench.superuser_url("monitoring")).await.unwrap();
    let parked = eventually("the poison and what came behind it are parked", async || {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT key, split_part(reason, ':', 1) FROM parked ORDER BY id")
                .fetch_all(&mut database)
                .await
                .ok()?;
        (rows.len() == 2).then_some(rows)
    })
    .await;
    assert_eq!(parked, [(poisoned.clone(), "NOT_DECODED".to_owned()), (poisoned, "BEHIND_PARKED".to_owned())]);
    eventually("the rest flows", async || {
        let folded: i64 =
            sqlx::query_scalar("SELECT count(*) FROM organisation").fetch_one(&mut database).await.ok()?;
        (folded == 1).then_some(())
    })
    .await;
}
