//! A topic beside the outbox that it is written from.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use platform::testing::{Bench, eventually};
use proto::Event;
use rdkafka::{
    ClientConfig, Message,
    admin::{AdminClient, AdminOptions, GroupResult},
    client::DefaultClientContext,
    message::OwnedMessage,
    types::RDKafkaErrorCode,
};

use super::{database, event_id, records, scalar};

/// The topic holds every event of the outbox and no other, each behind the one that it follows.
pub(super) async fn is_whole_and_in_order<E: Event>(bench: &Bench, service: &str) {
    let told = records(bench, E::TOPIC);
    let written = written(bench, service).await;
    let strangers: Vec<String> = told.iter().map(event_id).filter(|id| !written.contains(id)).collect();
    assert!(strangers.is_empty(), "{service} never wrote {strangers:?}");
    nothing_is_missing(service, &told, &written);
    in_order::<E>(&told);
}

/// The topic holds every event of the outbox, whatever else is on it.
pub(super) async fn is_whole(bench: &Bench, service: &str) {
    let told = records(bench, &format!("circula.{service}.v1"));
    nothing_is_missing(service, &told, &written(bench, service).await);
}

/// The ids of a service's own events.
pub(super) async fn written(bench: &Bench, service: &str) -> BTreeSet<String> {
    let sql = "SELECT event_id::text FROM outbox";
    let ids: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut database(bench, service).await).await.unwrap();
    ids.into_iter().collect()
}

fn nothing_is_missing(service: &str, told: &[OwnedMessage], written: &BTreeSet<String>) {
    let told: BTreeSet<String> = told.iter().map(event_id).collect();
    let missing: Vec<&String> = written.difference(&told).collect();
    assert!(missing.is_empty(), "events of {service} that nobody was told: {missing:?}");
}

/// What is told again comes behind; nothing comes before the version that it follows.
fn in_order<E: Event>(told: &[OwnedMessage]) {
    let mut next: BTreeMap<(&str, String), i64> = BTreeMap::new();
    for record in told {
        let head = E::decode(record.payload().unwrap()).unwrap().head().unwrap();
        let next = next.entry((head.aggregate, head.id.clone())).or_insert(1);
        assert!(head.version <= *next, "{} {}: version {} before {next}", head.aggregate, head.id, head.version);
        *next = (*next).max(head.version + 1);
    }
}

/// A handler with effects has had every event of a topic, each once: its inbox is the topic, whatever came how often.
pub(super) async fn is_had_once(bench: &Bench, service: &str, topic: &str) {
    let told: BTreeSet<String> = records(bench, topic).iter().map(event_id).collect();
    let consumer = platform::consumer::group(service, topic);
    eventually(&format!("{consumer} has had everything"), async || {
        let sql = "SELECT event_id::text FROM inbox WHERE consumer = $1";
        let had: Vec<String> =
            sqlx::query_scalar(sql).bind(&consumer).fetch_all(&mut database(bench, service).await).await.unwrap();
        (had.into_iter().collect::<BTreeSet<_>>() == told).then_some(())
    })
    .await;
}

/// Waits until nothing waits to be published.
pub(super) async fn is_told(bench: &Bench, service: &str) {
    eventually("everything is published", async || {
        let waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL";
        scalar(bench, service, waiting).await.filter(|rows| *rows == 0)
    })
    .await;
}

/// How many records of a topic come again.
pub(super) fn repeated(bench: &Bench, topic: &str) -> usize {
    let told = records(bench, topic);
    told.len() - told.iter().map(event_id).collect::<BTreeSet<_>>().len()
}

/// Makes the broker forget where these services were in these topics, once none of them reads any more.
pub(super) async fn forget_places(bench: &Bench, readers: &[(&str, &[&str])]) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", bench.brokers()).create().unwrap();
    let options = AdminOptions::new().request_timeout(Some(Duration::from_secs(20)));
    let groups = readers.iter().flat_map(|(service, producers)| producers.iter().map(move |of| (*service, *of)));
    for (service, producer) in groups {
        let group = platform::consumer::group(service, &format!("circula.{producer}.v1"));
        let group = format!("{}{group}", bench.prefix);
        eventually(&format!("the broker forgets {group}"), async || {
            let told = admin.delete_groups(&[&group], &options).await.ok()?;
            let busy = |one: &GroupResult| matches!(one, Err((_, RDKafkaErrorCode::NonEmptyGroup)));
            (!told.iter().any(busy)).then_some(())
        })
        .await;
    }
}
