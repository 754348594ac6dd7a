//! Every message of the house delivered again: in its order, under a new id, and the oldest last. Nothing may change.

use std::{collections::BTreeMap, time::Duration};

use cli::{
    demo::play,
    house::{House, SERVICES},
};
use futures::future::join_all;
use platform::testing::{Bench, request_id};
use proto::{
    common::{TallyRequest, TallyResponse},
    monitoring::VerifyRequest,
};
use rdkafka::{
    ClientConfig, Message,
    message::{Header, Headers, OwnedHeaders, OwnedMessage},
    producer::{FutureProducer, FutureRecord},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{invariants, season};

/// Tables that record what was received, sent or asked, and not what is so. What they may do is asked below.
const BOOKKEEPING: [&str; 6] = ["inbox", "outbox", "parked", "command", "relay_state", "verification"];

/// How the log comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// As it was: what a consumer sees whose offsets were lost.
    AsItWas,
    /// Under new ids: no inbox knows them, as from the copy of a foreign broker.
    UnderNewIds,
    /// Under new ids and backwards: the state that comes last is the oldest one.
    OldestLast,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_delivered_again_changes_nothing() {
    let bench = Bench::new(Vec::new()).await;
    let directory = tempfile::tempdir().unwrap();
    let house = season::house(&bench, directory.path()).await;
    play(&house, &season::script(directory.path())).await.expect("the season is played");
    house.settle().await.unwrap();
    let records = everything(&bench);
    let before = Picture::take(&bench, &house).await;
    let written: i64 = before.outboxes.values().map(|(rows, _)| rows).sum();
    assert!(i64::try_from(records.len()).unwrap() >= written, "each row of an outbox is a record");

    for again in [Again::AsItWas, Again::UnderNewIds, Again::OldestLast] {
        let seen = inboxes(&bench).await;
        deliver(&bench, &records, again).await;
        house.settle().await.unwrap();

        assert_eq!(outboxes(&bench).await, before.outboxes, "{again:?}: nobody has anything new to say");
        let after = Picture::take(&bench, &house).await;
        let changed: Vec<_> = after.tables.iter().filter(|(name, sum)| before.tables.get(*name) != Some(sum)).collect();
        assert!(changed.is_empty(), "{again:?}: these tables are not what they were: {changed:?}");
        assert_eq!(after.tallies, before.tallies, "{again:?}: every owner counts what it counted");
        assert_eq!(after.verified, before.verified, "{again:?}: every figure is as true as it was");
        assert_eq!(parked(&bench).await, 0, "{again:?}: nothing is parked");
        let fresh = inboxes(&bench).await - seen;
        match again {
            Again::AsItWas => assert_eq!(fresh, 0, "the inboxes know every message"),
            // Without this the assertions above would hold for messages that nobody got.
            _ => {
                assert_eq!(fresh, with_effects(&records, &bench), "{again:?}: handlers with effects got every message")
            }
        }
    }
    invariants::hold(&bench, |user| season::session(&house, user)).await;
    house.stop().await;
}

/// What may not change.
struct Picture {
    /// Sum over the rows of every table, by `service.table`.
    tables: BTreeMap<String, Option<String>>,
    tallies: BTreeMap<&'static str, TallyResponse>,
    /// Figures and events compared, per owner.
    verified: Vec<(String, i64, i64)>,
    outboxes: BTreeMap<&'static str, (i64, i64)>,
}

impl Picture {
    async fn take(bench: &Bench, house: &House) -> Self {
        let tables = sums(bench).await;
        let filled = tables.values().filter(|sum| sum.is_some()).count();
        assert!(filled > 40, "the season leaves something in every corner of the house, not only in {filled} tables");
        Self { tables, tallies: tallies(house).await, verified: verified(house).await, outboxes: outboxes(bench).await }
    }
}

/// Sum over the rows of every table, by `service.table`.
pub(crate) async fn sums(bench: &Bench) -> BTreeMap<String, Option<String>> {
    let mut tables = BTreeMap::new();
    for service in SERVICES {
        let mut database = database(bench, service).await;
        for table in tables_of(&mut database).await {
            let sql = format!("SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM \"{table}\" t");
            let sum: Option<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut database).await.unwrap();
            tables.insert(format!("{service}.{table}"), sum);
        }
    }
    tables
}

async fn database(bench: &Bench, service: &str) -> PgConnection {
    PgConnection::connect(&bench.superuser_url(service)).await.unwrap()
}

async fn tables_of(database: &mut PgConnection) -> Vec<String> {
    let all: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
         AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname",
    )
    .fetch_all(database)
    .await
    .unwrap();
    all.into_iter().filter(|name| !BOOKKEEPING.contains(&name.as_str())).collect()
}

async fn tallies(house: &House) -> BTreeMap<&'static str, TallyResponse> {
    let auditor = season::session(house, "auditor");
    let asked = TallyRequest {};
    BTreeMap::from([
        ("programme", sorted(auditor.programme().tally(asked).await.unwrap().into_inner())),
        ("demand", sorted(auditor.demand().tally(asked).await.unwrap().into_inner())),
        ("candidate", sorted(auditor.candidate().tally(asked).await.unwrap().into_inner())),
        ("matching", sorted(auditor.matching().tally(asked).await.unwrap().into_inner())),
        ("placement", sorted(auditor.placement().tally(asked).await.unwrap().into_inner())),
        ("monitoring", sorted(auditor.monitoring().tally(asked).await.unwrap().into_inner())),
    ])
}

/// The order of counts says nothing.
fn sorted(mut tally: TallyResponse) -> TallyResponse {
    tally.counts.sort_by_key(|count| format!("{count:?}"));
    tally.positions.sort_by_key(|position| format!("{position:?}"));
    tally
}

async fn verified(house: &House) -> Vec<(String, i64, i64)> {
    let request = VerifyRequest { request_id: request_id() };
    let answer = season::session(house, "auditor").monitoring().verify(request).await.unwrap().into_inner();
    assert_eq!(answer.differences, Vec::new(), "every figure is its owner's");
    let sources = answer.sources.into_iter();
    sources.map(|source| (source.service, source.figures, source.events)).collect()
}

/// Rows, and those not published, of every outbox.
async fn outboxes(bench: &Bench) -> BTreeMap<&'static str, (i64, i64)> {
    let mut found = BTreeMap::new();
    for service in SERVICES {
        let sql = "SELECT count(*), count(*) FILTER (WHERE published_at IS NULL) FROM outbox";
        let rows = sqlx::query_as(sql).fetch_one(&mut database(bench, service).await).await.unwrap();
        found.insert(service, rows);
    }
    found
}

async fn count(bench: &Bench, table: &str) -> i64 {
    let mut count = 0;
    for service in SERVICES {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&mut database(bench, service).await).await.unwrap();
        count += rows;
    }
    count
}

async fn parked(bench: &Bench) -> i64 {
    count(bench, "parked").await
}

async fn inboxes(bench: &Bench) -> i64 {
    count(bench, "inbox").await
}

/// Records of the topics whose handler acts on the facts themselves: of placements in `candidate`, of proposals in
/// `placement`.
fn with_effects(records: &[OwnedMessage], bench: &Bench) -> i64 {
    let topics = ["placement", "matching"].map(|name| format!("{}circula.{name}.v1", bench.prefix));
    i64::try_from(records.iter().filter(|record| topics.iter().any(|topic| topic == record.topic())).count()).unwrap()
}

/// Every record of every topic, by partition and offset.
fn everything(bench: &Bench) -> Vec<OwnedMessage> {
    proto::TOPICS.iter().flat_map(|topic| crate::fire::records(bench, topic.name)).collect()
}

/// Produces every record again, where it was and as it was but for what `again` says.
async fn deliver(bench: &Bench, records: &[OwnedMessage], again: Again) {
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", bench.brokers())
        .set("enable.idempotence", "true")
        .set("linger.ms", "20")
        .create()
        .unwrap();
    let mut order: Vec<&OwnedMessage> = records.iter().collect();
    if again == Again::OldestLast {
        order.reverse();
    }
    let sent = order.into_iter().map(|record| {
        let record = FutureRecord::to(record.topic())
            .partition(record.partition())
            .key(record.key().unwrap())
            .payload(record.payload().unwrap())
            .headers(headers(record, again));
        producer.send(record, Duration::from_secs(60))
    });
    for outcome in join_all(sent).await {
        outcome.unwrap();
    }
}

fn headers(record: &OwnedMessage, again: Again) -> OwnedHeaders {
    let mut headers = OwnedHeaders::new();
    for header in record.headers().unwrap().iter() {
        let id = request_id();
        let new = header.key == "ce_id" && again != Again::AsItWas;
        let value = if new { Some(id.as_bytes()) } else { header.value };
        headers = headers.insert(Header { key: header.key, value });
    }
    headers
}
