//! A running service, and a programme that speaks to it.

use std::time::Duration;

use platform::{
    Clock, Context,
    testing::{Bench, eventually, user},
};
use proto::{
    Event, Role,
    common::{Import, UploadImportRequest},
    demand::{
        Employer, JobOrder, ListJobOrdersRequest, PostJobOrderRequest, RegisterEmployerRequest,
        demand_service_client::DemandServiceClient,
    },
    programme::{
        Corridor, CorridorEvent, CorridorOpened, CorridorState, ProgrammeEvent, Rule, RulePack, RulePackEvent,
        RulePackPublished, Season, SeasonEvent, SeasonPlanned, corridor_event, programme_event::Aggregate,
        rule_pack_event, season_event,
    },
};
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use sqlx::{Connection, PgConnection};
use tonic::transport::Channel;
use uuid::Uuid;

pub(crate) type Client = DemandServiceClient<Channel>;

pub(crate) struct House {
    pub(crate) bench: Bench,
    pub(crate) client: Client,
}

impl House {
    /// The service with two unions, a ministry, an operator, an auditor and an importer, and these programme events.
    pub(crate) async fn open(events: Vec<ProgrammeEvent>) -> Self {
        let users = vec![
            user("union", organisation(1), &[Role::Union]),
            user("other-union", organisation(2), &[Role::Union]),
            user("ministry", organisation(3), &[Role::Ministry]),
            user("operator", organisation(4), &[Role::Operator]),
            user("auditor", organisation(5), &[Role::Auditor]),
            user("importer", organisation(6), &[Role::Union]),
        ];
        let bench = Bench::new(users).await;
        let config = bench.config(demand::NAME).await;
        let (told, bound) = tokio::sync::oneshot::channel();
        let context = Context { clock: Clock::wall(), shutdown: bench.shutdown.clone(), bound: Some(told) };
        tokio::spawn(async move { demand::run(config, context).await.unwrap() });
        let address = bound.await.unwrap().grpc;
        let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
        let house = Self { bench, client: DemandServiceClient::new(channel) };
        house.tell(events).await;
        house
    }

    /// Publishes programme events as the programme's relay does, and waits until the service has taken them in.
    async fn tell(&self, events: Vec<ProgrammeEvent>) {
        let producer: FutureProducer =
            ClientConfig::new().set("bootstrap.servers", self.bench.brokers()).create().unwrap();
        let topic = format!("{}{}", self.bench.prefix, ProgrammeEvent::TOPIC);
        let told = events.len();
        for event in events {
            let head = event.head().unwrap();
            let id = Clock::wall().id().to_string();
            let headers = OwnedHeaders::new().insert(Header { key: "ce_id", value: Some(&id) });
            let payload = prost::Message::encode_to_vec(&event);
            let record = FutureRecord::to(&topic).key(&head.id).payload(&payload).headers(headers);
            producer.send(record, Duration::from_secs(10)).await.unwrap();
        }
        let url = self.bench.superuser_url(demand::NAME);
        let mut connection = PgConnection::connect(&url).await.unwrap();
        eventually("the programme's events are taken in", async || {
            let known: i64 = sqlx::query_scalar(
                "SELECT (SELECT count(*) FROM rule_pack) + (SELECT count(*) FROM season) + (SELECT count(*) FROM corridor)",
            )
            .fetch_one(&mut connection)
            .await
            .unwrap();
            (known == i64::try_from(told).unwrap()).then_some(())
        })
        .await;
    }

    /// Runs SQL as the superuser, to do what no call can.
    pub(crate) async fn force(&self, sql: &'static str) {
        let mut connection = PgConnection::connect(&self.bench.superuser_url(demand::NAME)).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }

    /// A count of rows, as the superuser sees them.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        let mut connection = PgConnection::connect(&self.bench.superuser_url(demand::NAME)).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    }

    /// Payloads of the facts about an aggregate, in order.
    pub(crate) async fn payloads(&self, id: &str) -> Vec<Vec<u8>> {
        let mut connection = PgConnection::connect(&self.bench.superuser_url(demand::NAME)).await.unwrap();
        let facts = sqlx::query_scalar("SELECT payload FROM outbox WHERE aggregateid = $1 ORDER BY id").bind(id);
        facts.fetch_all(&mut connection).await.unwrap()
    }

    pub(crate) async fn employer(&self, user: &str, reference: &str) -> Employer {
        let request = RegisterEmployerRequest {
            name: format!("Farms of {reference}"),
            country: "ES".to_owned(),
            region: "Lleida".to_owned(),
            city: "Aitona".to_owned(),
            reference: reference.to_owned(),
            request_id: platform::testing::request_id(),
        };
        self.client.clone().register_employer(self.bench.call(user, request)).await.unwrap().into_inner()
    }

    pub(crate) async fn post(&self, user: &str, order: JobOrder) -> Result<JobOrder, tonic::Status> {
        let request = PostJobOrderRequest { order: Some(order), request_id: platform::testing::request_id() };
        self.client.clone().post_job_order(self.bench.call(user, request)).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn orders(&self, user: &str, request: ListJobOrdersRequest) -> Vec<JobOrder> {
        let mut orders = Vec::new();
        let mut request = ListJobOrdersRequest { page_size: 1000, ..request };
        loop {
            let call = self.bench.call(user, request.clone());
            let page = self.client.clone().list_job_orders(call).await.unwrap().into_inner();
            orders.extend(page.orders);
            if page.next_page_token.is_empty() {
                return orders;
            }
            request.page_token = page.next_page_token;
        }
    }

    /// Sends bytes from an offset on, in one stream.
    pub(crate) async fn upload(&self, import_id: &str, (bytes, from): (&[u8], usize)) -> Result<Import, tonic::Status> {
        let mut offset = from;
        let pieces: Vec<UploadImportRequest> = bytes[from..]
            .chunks(64 << 10)
            .map(|data| {
                let piece = UploadImportRequest {
                    import_id: import_id.to_owned(),
                    offset: i64::try_from(offset).unwrap(),
                    data: data.to_vec(),
                };
                offset += data.len();
                piece
            })
            .collect();
        let call = self.bench.call("importer", tokio_stream::iter(pieces));
        self.client.clone().upload_import(call).await.map(tonic::Response::into_inner)
    }
}

pub(crate) fn organisation(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub(crate) fn corridor(code: &str) -> ProgrammeEvent {
    let (origin, destination) = code.split_once('-').unwrap();
    let state = Corridor {
        code: code.to_owned(),
        origin: origin.to_owned(),
        destination: destination.to_owned(),
        state: CorridorState::Open as i32,
        version: 1,
        ..Corridor::default()
    };
    let change = Some(corridor_event::Change::Opened(CorridorOpened {}));
    ProgrammeEvent { aggregate: Some(Aggregate::Corridor(CorridorEvent { state: Some(state), change })) }
}

pub(crate) fn season(code: &str, starts_on: &str, ends_on: &str) -> ProgrammeEvent {
    let state =
        Season { code: code.to_owned(), starts_on: starts_on.to_owned(), ends_on: ends_on.to_owned(), version: 1 };
    let change = Some(season_event::Change::Planned(SeasonPlanned {}));
    ProgrammeEvent { aggregate: Some(Aggregate::Season(SeasonEvent { state: Some(state), change })) }
}

pub(crate) fn pack(id: &str, rules: &[(&str, &str)]) -> ProgrammeEvent {
    let (code, valid_from) = id.split_once('@').unwrap();
    let rule = |(key, value): &(&str, &str)| Rule {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
        source: format!("source of {id}"),
        assumed: false,
    };
    let state = RulePack {
        id: id.to_owned(),
        code: code.to_owned(),
        valid_from: valid_from.to_owned(),
        rules: rules.iter().map(rule).collect(),
        version: 1,
        ..RulePack::default()
    };
    let change = Some(rule_pack_event::Change::Published(RulePackPublished {}));
    ProgrammeEvent { aggregate: Some(Aggregate::RulePack(RulePackEvent { state: Some(state), change })) }
}

/// Spain with the rules of 2024 and of 2026.
pub(crate) fn spain() -> Vec<ProgrammeEvent> {
    let rules = |seats| [("order.seats_min", seats), ("order.months_max", "9"), ("order.housing_required", "true")];
    vec![
        corridor("CO-ES"),
        season("2026", "2026-01-01", "2026-12-31"),
        pack("ES@2024-01-01", &rules("5")),
        pack("ES@2026-01-01", &rules("10")),
    ]
}
