//! Under fire: the promises of the house while processes die, servers vanish, messages come twice or broken, and callers
//! go away. Each test breaks when its promise is broken; `make zoo` plants bugs to see that.

mod broker;
mod chaos;
mod commands;
mod consumers;
mod delays;
mod figures;
mod gate;
mod kills;
mod ledgers;
mod limits;
mod log;
mod poison;
mod rebuild;
mod restore;
mod siege;
mod slow;
mod start;
mod tenants;
mod upgrade;
mod verified;
mod zombies;

use std::time::Duration;

use cli::{client::Addresses, house::SERVICES};
use platform::testing::{Bench, request_id, user};
use proto::{
    Event, Head, Role,
    demand::{RegisterEmployerRequest, demand_service_client::DemandServiceClient},
    placement::{RunDueRequest, placement_service_client::PlacementServiceClient},
    programme::{
        Organisation, OrganisationEvent, OrganisationKind, OrganisationRegistered, ProgrammeEvent,
        RegisterOrganisationRequest, organisation_event, programme_event,
        programme_service_client::ProgrammeServiceClient,
    },
};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaResult,
    message::{Header, Headers, OwnedHeaders, OwnedMessage},
    producer::{FutureProducer, FutureRecord},
};
use sqlx::{Connection, PgConnection};
use tonic::{Status, transport::Channel};
use uuid::Uuid;

use crate::process::Process;

pub(crate) const OPERATOR: Uuid = Uuid::from_u128(1);
pub(crate) const UNION: Uuid = Uuid::from_u128(2);

pub(crate) fn users() -> Vec<platform::issuer::User> {
    vec![
        user("operator", OPERATOR, &[Role::Operator]),
        user("union", UNION, &[Role::Union]),
        user("ministry", Uuid::from_u128(3), &[Role::Ministry]),
    ]
}

/// How many of something a test tries: fewer in CI than at night, when `CIRCULA_NIGHTLY` is set.
pub(crate) fn size(ci: usize, nightly: usize) -> usize {
    if platform::config::variable("CIRCULA_NIGHTLY").is_some() { nightly } else { ci }
}

/// A command of each service that has a plain one: made again with the same number and request id, it is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Organisation,
    Employer,
    Calendar,
}

impl Deed {
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Organisation => "programme",
            Self::Employer => "demand",
            Self::Calendar => "placement",
        }
    }

    pub(crate) async fn try_on(
        self,
        bench: &Bench,
        channel: Channel,
        (number, request_id): (u32, &str),
    ) -> Result<(), Status> {
        match self {
            Self::Organisation => {
                let call = bench.call("operator", registration(number, request_id));
                ProgrammeServiceClient::new(channel).register_organisation(call).await.map(drop)
            }
            Self::Employer => {
                let request = RegisterEmployerRequest {
                    name: format!("Farm {number}"),
                    country: "ES".to_owned(),
                    reference: format!("farm-{number}"),
                    request_id: request_id.to_owned(),
                    ..RegisterEmployerRequest::default()
                };
                DemandServiceClient::new(channel).register_employer(bench.call("union", request)).await.map(drop)
            }
            Self::Calendar => {
                let as_of = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(number.into());
                let request = RunDueRequest { as_of: as_of.to_string(), limit: 10, request_id: request_id.to_owned() };
                PlacementServiceClient::new(channel).run_due(bench.call("operator", request)).await.map(drop)
            }
        }
    }

    /// What of it is in the database: rows, or days turned.
    pub(crate) async fn done(self, bench: &Bench) -> i64 {
        let sql = match self {
            Self::Organisation => "SELECT count(*) FROM organisation",
            Self::Employer => "SELECT count(*) FROM employer",
            Self::Calendar => "SELECT coalesce(max(version), 0) FROM calendar",
        };
        sqlx::query_scalar(sql).fetch_one(&mut database(bench, self.service()).await).await.unwrap()
    }

    pub(crate) fn topic(self) -> String {
        format!("circula.{}.v1", self.service())
    }
}

pub(crate) fn registration(number: u32, request_id: &str) -> RegisterOrganisationRequest {
    RegisterOrganisationRequest {
        kind: OrganisationKind::Union as i32,
        name: format!("Union {number}"),
        country: "ES".to_owned(),
        code: format!("union-{number}"),
        request_id: request_id.to_owned(),
        organisation_id: String::new(),
    }
}

/// As the superuser, to look past the policies.
pub(crate) async fn database(bench: &Bench, service: &str) -> PgConnection {
    PgConnection::connect(&bench.superuser_url(service)).await.unwrap()
}

pub(crate) async fn scalar(bench: &Bench, service: &str, sql: &'static str) -> Option<i64> {
    let mut database = PgConnection::connect(&bench.superuser_url(service)).await.ok()?;
    sqlx::query_scalar(sql).fetch_one(&mut database).await.ok()
}

/// Addresses of a house of which this service alone is asked.
pub(crate) fn only(process: &Process) -> Addresses {
    let services = SERVICES.map(|service| (service.to_owned(), process.url.clone()));
    Addresses { services: services.into(), ..Addresses::default() }
}

/// Every record of a topic, partition by partition, in order.
pub(crate) fn records(bench: &Bench, topic: &str) -> Vec<OwnedMessage> {
    try_records(bench, topic).unwrap()
}

/// The same of a topic that may just be made: its partitions have no leader for a moment.
pub(crate) fn try_records(bench: &Bench, topic: &str) -> KafkaResult<Vec<OwnedMessage>> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bench.brokers())
        .set("group.id", request_id())
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    let name = format!("{}{topic}", bench.prefix);
    let (mut assigned, mut wanted) = (TopicPartitionList::new(), 0);
    let metadata = consumer.fetch_metadata(Some(&name), Duration::from_secs(20))?;
    for partition in metadata.topics()[0].partitions() {
        let (low, high) = consumer.fetch_watermarks(&name, partition.id(), Duration::from_secs(20))?;
        assigned.add_partition_offset(&name, partition.id(), Offset::Beginning).unwrap();
        wanted += usize::try_from(high - low).unwrap();
    }
    consumer.assign(&assigned).unwrap();
    let mut records = Vec::with_capacity(wanted);
    while records.len() < wanted {
        let next = consumer.poll(Duration::from_secs(30)).expect("the broker gives every record");
        records.push(next.unwrap().detach());
    }
    records.sort_by_key(|record| (record.partition(), record.offset()));
    Ok(records)
}

pub(crate) fn key(record: &OwnedMessage) -> String {
    String::from_utf8_lossy(record.key().unwrap_or_default()).into_owned()
}

pub(crate) fn event_id(record: &OwnedMessage) -> String {
    let headers = record.headers().unwrap();
    let value = headers.iter().find(|header| header.key == "ce_id").and_then(|header| header.value);
    String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
}

/// The versions of one kind of event, by aggregate, in the order of the log.
pub(crate) fn versions<E: Event>(records: &[OwnedMessage]) -> std::collections::BTreeMap<String, Vec<i64>> {
    let mut found: std::collections::BTreeMap<String, Vec<i64>> = std::collections::BTreeMap::new();
    for record in records {
        let head: Head = E::decode(record.payload().unwrap()).unwrap().head().unwrap();
        found.entry(head.id).or_default().push(head.version);
    }
    found
}

/// Writes to a topic as a relay would.
pub(crate) struct Writer {
    producer: FutureProducer,
    topic: String,
}

impl Writer {
    pub(crate) fn new(bench: &Bench, topic: &str) -> Self {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", bench.brokers())
            .set("message.max.bytes", "20000000")
            .create()
            .unwrap();
        Self { producer, topic: format!("{}{topic}", bench.prefix) }
    }

    pub(crate) async fn write(&self, key: &str, event_id: Uuid, payload: &[u8]) {
        let id = event_id.to_string();
        self.write_with(key, OwnedHeaders::new().insert(Header { key: "ce_id", value: Some(id.as_str()) }), payload)
            .await;
    }

    pub(crate) async fn write_with(&self, key: &str, headers: OwnedHeaders, payload: &[u8]) {
        let record = FutureRecord::to(&self.topic).key(key).payload(payload).headers(headers);
        self.producer.send(record, Duration::from_secs(20)).await.unwrap();
    }
}

/// An organisation as `programme` would tell of it.
pub(crate) fn organisation(id: &str, version: i64) -> Vec<u8> {
    let state =
        Organisation { id: id.to_owned(), version, kind: OrganisationKind::Union as i32, ..Organisation::default() };
    let change = Some(organisation_event::Change::Registered(OrganisationRegistered {}));
    let event = OrganisationEvent { state: Some(state), change };
    prost::Message::encode_to_vec(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Organisation(event)) })
}
