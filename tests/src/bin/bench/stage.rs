//! Databases, topics and users of one part, the programme it plays in, and processes on it.

use std::time::{Duration, Instant};

use platform::{
    Clock,
    testing::{Bench, user},
};
use proto::{
    Event, Role,
    programme::{
        Corridor, CorridorEvent, CorridorState, Organisation, OrganisationEvent, ProgrammeEvent, Quota, QuotaEvent,
        Rule, RulePack, RulePackEvent, Season, SeasonEvent, programme_event::Aggregate,
    },
};
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tonic::{
    Request,
    metadata::{Ascii, MetadataValue},
    transport::Channel,
};
use uuid::Uuid;

use crate::process::Process;

pub(crate) const OPERATOR: Uuid = Uuid::from_u128(1);
pub(crate) const UNION: Uuid = Uuid::from_u128(2);
pub(crate) const MINISTRY: Uuid = Uuid::from_u128(3);
pub(crate) const IMPORTER: Uuid = Uuid::from_u128(4);
pub(crate) const QUOTA: Uuid = Uuid::from_u128(5);

pub(crate) struct Stage {
    pub(crate) bench: Bench,
    producer: FutureProducer,
}

/// A user's token, made once: what a caller would do.
#[derive(Clone)]
pub(crate) struct Signed(MetadataValue<Ascii>);

impl Signed {
    pub(crate) fn call<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", self.0.clone());
        request
    }
}

impl Stage {
    /// A stage on which the programme's facts are published.
    pub(crate) async fn new() -> Self {
        let bench = Bench::new(vec![
            user("operator", OPERATOR, &[Role::Operator]),
            user("union", UNION, &[Role::Union]),
            user("ministry", MINISTRY, &[Role::Ministry]),
            user("importer", IMPORTER, &[Role::Union]),
        ])
        .await;
        let producer = ClientConfig::new().set("bootstrap.servers", bench.brokers()).create().unwrap();
        let stage = Self { bench, producer };
        for event in programme() {
            stage.publish(&event).await;
        }
        stage
    }

    /// Writes a fact to its topic as its owner's relay would.
    pub(crate) async fn publish<E: Event>(&self, event: &E) {
        let key = event.head().unwrap().id;
        let topic = format!("{}{}", self.bench.prefix, E::TOPIC);
        let id = Clock::wall().id().to_string();
        let headers = OwnedHeaders::new().insert(Header { key: "ce_id", value: Some(&id) });
        let payload = event.encode_to_vec();
        let record = FutureRecord::to(&topic).key(&key).payload(&payload).headers(headers);
        self.producer.send(record, Duration::from_secs(10)).await.unwrap();
    }

    pub(crate) fn signed(&self, user: &str) -> Signed {
        Signed(self.bench.call(user, ()).metadata().get("authorization").unwrap().clone())
    }

    /// A service that is ready.
    pub(crate) async fn start(&self, service: &str) -> Process {
        let process = Process::start(&self.bench, service).await;
        until(&format!("{service} is ready"), async || matches!(process.ready().await, Some((200, _)))).await;
        process
    }

    /// Connections, one a caller.
    pub(crate) async fn channels(&self, process: &Process, many: usize) -> Vec<Channel> {
        let mut channels = Vec::new();
        for _ in 0..many {
            channels.push(process.channel().await);
        }
        channels
    }

    /// The superuser's connection to a service's database.
    pub(crate) async fn database(&self, service: &str) -> PgConnection {
        PgConnection::connect(&self.bench.superuser_url(service)).await.unwrap()
    }

    /// Waits until a count in a service's database is at least this.
    pub(crate) async fn counted(&self, service: &str, sql: &str, least: i64) {
        let mut database = self.database(service).await;
        until(&format!("{service}: {sql} is {least}"), async || {
            let count: Option<i64> =
                sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut database).await.unwrap();
            count >= Some(least)
        })
        .await;
    }

    /// Waits until a service, which has heard of nothing else yet, knows the programme.
    pub(crate) async fn programme_known(&self, process: &Process) {
        until("the programme is known", async || {
            process.metric("circula_events_applied_total").await >= Some(programme().len() as f64)
        })
        .await;
    }

    /// Waits until a service has published everything it has to say.
    pub(crate) async fn told(&self, service: &str) {
        let sql = "SELECT (NOT EXISTS (SELECT FROM outbox WHERE published_at IS NULL))::int::bigint";
        self.counted(service, sql, 1).await;
    }
}

/// Runs SQL of several statements.
pub(crate) async fn run(database: &mut PgConnection, sql: impl Into<String>) {
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(database).await.unwrap();
}

/// Asks every 20 ms until it is so, for at most five minutes.
pub(crate) async fn until(what: &str, ask: impl AsyncFnMut() -> bool) {
    until_every(Duration::from_millis(20), what, ask).await;
}

/// The same, asking less often: of what is measured while it is asked.
pub(crate) async fn until_every(pause: Duration, what: &str, mut ask: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !ask().await {
        assert!(started.elapsed() < Duration::from_secs(300), "in five minutes it did not come true that {what}");
        tokio::time::sleep(pause).await;
    }
}

fn programme() -> Vec<ProgrammeEvent> {
    let corridor = |origin: &str, destination: &str| {
        let state = Corridor {
            code: format!("{origin}-{destination}"),
            origin: origin.to_owned(),
            destination: destination.to_owned(),
            state: CorridorState::Open.into(),
            ministry_id: MINISTRY.to_string(),
            version: 1,
            ..Corridor::default()
        };
        Aggregate::Corridor(CorridorEvent { state: Some(state), change: None })
    };
    let season = |code: &str, starts_on: &str, ends_on: &str| {
        let (starts_on, ends_on) = (starts_on.to_owned(), ends_on.to_owned());
        let state = Season { code: code.to_owned(), starts_on, ends_on, version: 1 };
        Aggregate::Season(SeasonEvent { state: Some(state), change: None })
    };
    let pack = |code: &str, valid_from: &str, rules: &[(&str, &str)]| {
        let rule = |(key, value): &(&str, &str)| Rule {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
            source: "the rules of a measurement".to_owned(),
            assumed: false,
        };
        let state = RulePack {
            id: format!("{code}@{valid_from}"),
            code: code.to_owned(),
            valid_from: valid_from.to_owned(),
            rules: rules.iter().map(rule).collect(),
            version: 1,
            ..RulePack::default()
        };
        Aggregate::RulePack(RulePackEvent { state: Some(state), change: None })
    };
    let organisation =
        Organisation { id: MINISTRY.to_string(), country: "CO".to_owned(), version: 1, ..Default::default() };
    let quota = Quota {
        id: QUOTA.to_string(),
        corridor_code: "CO-ES".to_owned(),
        season_code: "2026".to_owned(),
        sector: "A01".to_owned(),
        cap: 1_000_000,
        flexible_reserve: 0,
        version: 1,
    };
    let facts = [
        Aggregate::Organisation(OrganisationEvent { state: Some(organisation), change: None }),
        corridor("CO", "ES"),
        corridor("MX", "US"),
        season("2026", "2026-01-01", "2026-12-31"),
        season("2017", "2016-05-01", "2018-12-31"),
        pack("ES", "2024-01-01", &[("order.seats_min", "5"), ("order.months_max", "9")]),
        pack("US", "2015-10-01", &[("order.hours_week_min", "35"), ("order.housing_required", "true")]),
        pack("CO-ES", "2025-01-01", &[("list.reserve_factor", "100"), ("tracks.waits.visa", "authorisation")]),
        Aggregate::Quota(QuotaEvent { state: Some(quota), change: None }),
    ];
    facts.into_iter().map(|aggregate| ProgrammeEvent { aggregate: Some(aggregate) }).collect()
}
