//! The service on a bench of its own, with the programme's facts that it needs, and the hands of other services.

use std::time::Duration;

use platform::{
    Clock, Context,
    testing::{Bench, eventually, map, request_id, user},
};
use proto::{
    Event, Role,
    candidate::candidate_service_client::CandidateServiceClient,
    common::{
        CheckImportRequest, CreateImportRequest, Import, ImportState, RegisterImportRequest, UploadImportRequest,
    },
    placement::{
        Placement, PlacementEnvelope, PlacementEvent, PlacementMoved, SeasonRecord, SeasonRecordEvent,
        SeasonRecordWritten, Stage, placement_envelope, placement_event, season_record_event,
    },
    programme::{
        Corridor, CorridorEvent, CorridorState, Organisation, OrganisationEvent, ProgrammeEvent, RulePack,
        RulePackEvent, programme_event,
    },
};
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use sqlx::{Connection, Row};
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

pub(crate) const SENA: Uuid = Uuid::from_u128(0x0196_0000_0000_7000_8000_0000_0000_0001);
pub(crate) const GHANA: Uuid = Uuid::from_u128(0x0196_0000_0000_7000_8000_0000_0000_0002);
pub(crate) const OPERATOR: Uuid = Uuid::from_u128(0x0196_0000_0000_7000_8000_0000_0000_0003);
pub(crate) const UNION: Uuid = Uuid::from_u128(0x0196_0000_0000_7000_8000_0000_0000_0004);

pub(crate) const OTHER_UNION: Uuid = Uuid::from_u128(0x0196_0000_0000_7000_8000_0000_0000_0005);

/// The filing date of files, where a test names no other.
const AS_OF: &str = "2026-01-10";

pub(crate) struct World {
    pub(crate) bench: Bench,
    channel: Channel,
    producer: FutureProducer,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::running_clocks(0).await
    }

    /// One that ends places on the roster by the wall, every so many seconds.
    pub(crate) async fn running_clocks(run_due_every: u64) -> Self {
        let bench = Bench::new(vec![
            user("sena", SENA, &[Role::Ministry]),
            user("ghana", GHANA, &[Role::Ministry]),
            user("operator", OPERATOR, &[Role::Operator]),
            user("auditor", OPERATOR, &[Role::Auditor]),
            user("union", UNION, &[Role::Union]),
            user("other-union", OTHER_UNION, &[Role::Union]),
        ])
        .await;
        let config = candidate::Config {
            platform: bench.config(candidate::NAME).await,
            lottery_key: "a key for the test".into(),
            run_due_every,
        };
        let (tell, told) = tokio::sync::oneshot::channel();
        let context = Context { clock: Clock::wall(), shutdown: bench.shutdown.clone(), bound: Some(tell) };
        tokio::spawn(async move { candidate::run(config, context).await.expect("the service runs") });
        let bound = told.await.expect("the service listens");
        let channel = Endpoint::from_shared(format!("http://{}", bound.grpc)).unwrap().connect().await.unwrap();
        let producer =
            ClientConfig::new().set("bootstrap.servers", bench.brokers()).create().expect("a producer for the test");
        let world = Self { bench, channel, producer };
        for event in programme() {
            world.publish(&request_id(), &event).await;
        }
        let corridors = async || (world.count("SELECT count(*) FROM rule_pack").await == 1).then_some(());
        eventually("the programme is known", corridors).await;
        world
    }

    pub(crate) fn client(&self) -> CandidateServiceClient<Channel> {
        CandidateServiceClient::new(self.channel.clone())
    }

    /// Uploads a file and has it checked.
    pub(crate) async fn check(&self, user: &str, file: &[u8]) -> Import {
        self.check_filed(AS_OF, user, file).await
    }

    /// The same, filed on a day.
    pub(crate) async fn check_filed(&self, as_of: &str, user: &str, file: &[u8]) -> Import {
        let create = CreateImportRequest {
            layout: "candidates-v1".to_owned(),
            file_name: "people.csv".to_owned(),
            parameters: map(&[("as_of", as_of)]),
            request_id: request_id(),
        };
        let import = self.client().create_import(self.bench.call(user, create)).await.unwrap().into_inner();
        let import_id = import.id;
        let mut offset = 0;
        let pieces: Vec<UploadImportRequest> = file
            .chunks(60_000)
            .map(|data| {
                let piece = UploadImportRequest { import_id: import_id.clone(), offset, data: data.to_vec() };
                offset += i64::try_from(data.len()).unwrap();
                piece
            })
            .collect();
        let uploaded = self.client().upload_import(self.bench.call(user, tokio_stream::iter(pieces))).await.unwrap();
        assert_eq!(uploaded.into_inner().bytes_received, offset);
        let check = CheckImportRequest { import_id, request_id: request_id() };
        self.client().check_import(self.bench.call(user, check)).await.unwrap().into_inner()
    }

    /// Registers a checked import to its end.
    pub(crate) async fn register(&self, user: &str, import: &Import) -> Import {
        loop {
            let register = RegisterImportRequest { import_id: import.id.clone(), request_id: request_id() };
            let import = self.client().register_import(self.bench.call(user, register)).await.unwrap().into_inner();
            if import.state() == ImportState::Registered {
                return import;
            }
        }
    }

    /// Publishes an event as its owner's relay would; all on one partition, so that the order is known.
    pub(crate) async fn publish<E: Event>(&self, event_id: &str, event: &E) {
        let head = event.head().unwrap();
        let (topic, payload) = (format!("{}{}", self.bench.prefix, E::TOPIC), event.encode_to_vec());
        let headers = OwnedHeaders::new().insert(Header { key: "ce_id", value: Some(event_id) });
        let record = FutureRecord::to(&topic).partition(0).key(&head.id).payload(&payload).headers(headers);
        self.producer.send(record, Duration::from_secs(10)).await.expect("the broker takes the event");
    }

    /// The facts of a candidate in the outbox, in order.
    pub(crate) async fn facts(&self, candidate_id: &str) -> Vec<String> {
        let rows = sqlx::query("SELECT type, version FROM outbox WHERE aggregateid = $1 ORDER BY id")
            .bind(candidate_id)
            .fetch_all(&mut self.database().await)
            .await
            .unwrap();
        let versions: Vec<i64> = rows.iter().map(|row| row.get("version")).collect();
        assert!(
            versions.iter().copied().eq(1..=i64::try_from(rows.len()).unwrap()),
            "versions are contiguous: {versions:?}"
        );
        rows.iter().map(|row| row.get::<String, _>("type").rsplit('.').next().unwrap().to_owned()).collect()
    }

    /// Every payload of the outbox, as text.
    pub(crate) async fn payloads(&self) -> Vec<String> {
        let payloads: Vec<Vec<u8>> = sqlx::query_scalar("SELECT payload FROM outbox ORDER BY id")
            .fetch_all(&mut self.database().await)
            .await
            .unwrap();
        payloads.iter().map(|payload| String::from_utf8_lossy(payload).into_owned()).collect()
    }

    /// Events that did not fit.
    pub(crate) async fn parked(&self) -> i64 {
        self.count("SELECT count(*) FROM parked").await
    }

    /// How far a placement is known.
    pub(crate) async fn sight_version(&self, placement_id: &str) -> Option<i64> {
        let known = sqlx::query_scalar("SELECT version FROM sight WHERE placement_id::text = $1").bind(placement_id);
        known.fetch_optional(&mut self.database().await).await.unwrap()
    }

    /// Who looked at a name, and by which placement.
    pub(crate) async fn looks(&self, candidate_id: &str) -> Vec<(String, Option<String>)> {
        let looks = sqlx::query_as("SELECT actor, placement_id::text FROM person_look WHERE candidate_id::text = $1");
        looks.bind(candidate_id).fetch_all(&mut self.database().await).await.unwrap()
    }

    /// How many persons the table shows under a reach, with a look at this one written down before if asked; nothing if the
    /// look is refused.
    pub(crate) async fn persons_under(&self, reach: &str, organisation: Uuid, look_at: Option<&str>) -> Option<i64> {
        let mut connection = self.database().await;
        let mut tx = connection.begin().await.unwrap();
        sqlx::query("SELECT set_config('role', 'candidate_app', true), set_config('circula.reach', $1, true), set_config('circula.organisation', $2, true)")
            .bind(reach)
            .bind(organisation.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
        if let Some(candidate_id) = look_at {
            let (placement_id, ministry_id) = self.placement_of(candidate_id).await;
            sqlx::query(
                "INSERT INTO person_look (id, candidate_id, placement_id, ministry_id, organisation_id, actor, role, looked_at)
                 VALUES (gen_random_uuid(), $1::uuid, $2, $3, $4, 'a test', 'union', now())",
            )
            .bind(candidate_id)
            .bind(placement_id)
            .bind(ministry_id)
            .bind(organisation)
            .execute(&mut *tx)
            .await
            .ok()?;
        }
        Some(sqlx::query_scalar("SELECT count(*) FROM person").fetch_one(&mut *tx).await.unwrap())
    }

    async fn placement_of(&self, candidate_id: &str) -> (Uuid, Uuid) {
        let row =
            sqlx::query_as("SELECT placement_id, ministry_id FROM sight WHERE candidate_id::text = $1 AND chosen");
        row.bind(candidate_id).fetch_one(&mut self.database().await).await.unwrap()
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.database().await).await.unwrap()
    }

    /// Does to the database what no call does.
    pub(crate) async fn run(&self, sql: &'static str) {
        sqlx::query(sql).execute(&mut self.database().await).await.unwrap();
    }

    async fn database(&self) -> sqlx::PgConnection {
        sqlx::PgConnection::connect(&self.bench.superuser_url(candidate::NAME)).await.unwrap()
    }
}

fn programme() -> Vec<ProgrammeEvent> {
    use programme_event::Aggregate;
    let organisation = |id: Uuid, country: &str| {
        let state = Organisation { id: id.to_string(), country: country.to_owned(), version: 1, ..Default::default() };
        Aggregate::Organisation(OrganisationEvent { state: Some(state), change: None })
    };
    let corridor = |origin: &str, destination: &str| {
        let state = Corridor {
            code: format!("{origin}-{destination}"),
            origin: origin.to_owned(),
            destination: destination.to_owned(),
            state: CorridorState::Open as i32,
            version: 1,
            ..Default::default()
        };
        Aggregate::Corridor(CorridorEvent { state: Some(state), change: None })
    };
    let pack = RulePack {
        id: "CO-ES@2025-12-01".to_owned(),
        code: "CO-ES".to_owned(),
        valid_from: "2025-12-01".to_owned(),
        version: 1,
        ..Default::default()
    };
    let pack = Aggregate::RulePack(RulePackEvent { state: Some(pack), change: None });
    let facts = [
        organisation(SENA, "CO"),
        organisation(GHANA, "GH"),
        corridor("CO", "ES"),
        corridor("CO", "CA"),
        corridor("CO", "US"),
        corridor("GH", "IT"),
        pack,
    ];
    facts.into_iter().map(|aggregate| ProgrammeEvent { aggregate: Some(aggregate) }).collect()
}

/// A season's end: season code, last day, what became of the return.
pub(crate) fn season_record(
    id: &str,
    candidate_id: &str,
    (season_code, ended_on, returned): (&str, &str, &str),
) -> PlacementEnvelope {
    let state = SeasonRecord {
        id: id.to_owned(),
        candidate_id: candidate_id.to_owned(),
        ministry_id: SENA.to_string(),
        season_code: season_code.to_owned(),
        ended_on: ended_on.to_owned(),
        r#return: returned.to_owned(),
        re_entry: true,
        version: 1,
        ..Default::default()
    };
    let change = Some(season_record_event::Change::Written(SeasonRecordWritten {}));
    let event = SeasonRecordEvent { state: Some(state), change };
    PlacementEnvelope { aggregate: Some(placement_envelope::Aggregate::SeasonRecord(event)) }
}

/// A placement that ended with a bar.
pub(crate) fn barred(candidate_id: &str) -> PlacementEnvelope {
    let state = Placement {
        id: request_id(),
        candidate_id: candidate_id.to_owned(),
        ministry_id: SENA.to_string(),
        union_id: UNION.to_string(),
        stage: Stage::ReEntryBarred as i32,
        version: 1,
        ..Default::default()
    };
    let change = Some(placement_event::Change::Moved(PlacementMoved::default()));
    let event = PlacementEvent { state: Some(state), change };
    PlacementEnvelope { aggregate: Some(placement_envelope::Aggregate::Placement(event)) }
}
