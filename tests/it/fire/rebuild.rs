//! The broker is disposable and so is what is folded from it: with all its data deleted and every projection emptied, each
//! table comes back as it was, row by row.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use chrono::{DateTime, Utc};
use cli::{
    demo::play,
    house::{CONSUMERS, SERVICES},
};
use local::kafka::ApacheKafka;
use platform::testing::{Bench, eventually};
use sqlx::AssertSqlSafe;

use super::{database, figures, scalar};
use crate::{season, twice::sums};

/// Tables that are folded from the events of others and nothing else. Whom a union has chosen, in candidate, is none: it is kept
/// by a handler with effects, whose inbox knows every event, so that it is not folded anew.
pub(super) const PROJECTIONS: [(&str, &[&str]); 5] = [
    (
        "monitoring",
        &[
            "organisation",
            "corridor",
            "rule_pack",
            "season",
            "quota",
            "employer",
            "job_order",
            "candidate",
            "round",
            "line_proposal",
            "placement",
            "line",
            "quota_use",
            "season_record",
            "proposal_refusal",
            "calendar",
            "passed_over",
        ],
    ),
    (
        "matching",
        &[
            "corridor",
            "season",
            "rule_pack",
            "quota",
            "quota_use",
            "candidate",
            "job_order",
            "job_line",
            "line_ledger",
            "placement",
            "proposal_refusal",
            "organisation",
        ],
    ),
    ("placement", &["corridor", "rule_pack", "candidate"]),
    ("demand", &["corridor", "rule_pack", "season"]),
    ("candidate", &["organisation", "corridor", "rule_pack"]),
];

/// Tables that are more than a fold of the events they are named by: lines and units hang on them that are their service's own,
/// and an older order would resize them.
const NOT_FOLDED_ALONE: [&str; 2] = ["placement.job_order", "placement.quota"];

/// Projections that others keep beside them by triggers.
const BY_TRIGGER: [&str; 1] = ["monitoring.clock_time"];

#[tokio::test(flavor = "multi_thread")]
async fn with_all_of_kafkas_data_deleted_every_projection_is_rebuilt_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("kafka");
    let kafka = broker(&home).await;
    let postgres = platform::config::variable("CIRCULA_TEST_POSTGRES").unwrap();
    let bench = Bench::on(&postgres, kafka.bootstrap_servers(), Vec::new()).await;
    let house = season::house(&bench, directory.path()).await;
    play(&house, &season::script(directory.path())).await.expect("the season is played");
    house.settle().await.unwrap();
    let before = sums(&bench).await;
    nothing_is_left_out(before.keys().map(String::as_str).collect());
    let written = rows(&bench).await;
    assert_eq!(
        scalar(&bench, "placement", "SELECT count(*) FROM waiting_proposal").await,
        Some(0),
        "no proposal waits that would be judged while people are not known"
    );

    kafka.kill().await.unwrap();
    drop(kafka);
    std::fs::remove_dir_all(home.join("data")).unwrap();
    let emptied = forget(&bench).await;
    let moment: DateTime<Utc> = sqlx::query_scalar("SELECT clock_timestamp()")
        .fetch_one(&mut database(&bench, "programme").await)
        .await
        .unwrap();
    assert!(emptied.iter().filter(|table| before[*table].is_some()).count() > 25, "they were filled: {emptied:?}");
    let between = sums(&bench).await;
    for table in emptied.iter().map(String::as_str).chain(BY_TRIGGER) {
        assert_eq!(between[table], None, "{table} is empty");
    }

    let kafka = broker(&home).await;
    for service in SERVICES {
        eventually(&format!("{service} has published everything again"), async || {
            let sql = "SELECT count(*) FROM outbox WHERE published_at IS NULL OR published_at < $1";
            let left: i64 =
                sqlx::query_scalar(sql).bind(moment).fetch_one(&mut database(&bench, service).await).await.unwrap();
            (left == 0).then_some(())
        })
        .await;
    }
    house.settle().await.unwrap();
    let after = sums(&bench).await;
    let differs: Vec<_> = after.iter().filter(|(table, sum)| before.get(*table) != Some(sum)).collect();
    assert!(differs.is_empty(), "these tables are not what they were: {differs:?}");
    assert_eq!(after.len(), before.len());
    assert_eq!(rows(&bench).await, written, "nobody has anything new to say");
    figures::is_clean(&figures::verify(&house).await);
    house.stop().await;
    drop(kafka);
}

async fn broker(home: &Path) -> ApacheKafka {
    ApacheKafka::start(home, &[]).await.expect("Apache Kafka starts")
}

/// A service that keeps what it consumes in a table of that name has the table among the projections.
fn nothing_is_left_out(tables: BTreeSet<&str>) {
    let mut missing = tables.clone();
    missing.retain(|table| {
        let (service, kind) = table.split_once('.').expect("a table has a service");
        let consumed = CONSUMERS.iter().filter(|(reader, _)| *reader == service).flat_map(|(_, producers)| *producers);
        let mut topics =
            proto::TOPICS.iter().filter(|topic| consumed.clone().any(|producer| *producer == topic.producer));
        topics.any(|topic| proto::EVENTS.iter().any(|event| event.topic == topic.name && event.aggregate == kind))
    });
    assert!(missing.len() > 25, "they are found by their names: {missing:?}");
    let listed =
        PROJECTIONS.iter().flat_map(|(service, tables)| tables.iter().map(move |table| format!("{service}.{table}")));
    for table in listed {
        assert!(tables.contains(table.as_str()), "there is no table {table}");
        missing.remove(table.as_str());
    }
    assert_eq!(missing.into_iter().collect::<Vec<_>>(), NOT_FOLDED_ALONE, "projections that are not in the list");
}

/// Rows of every outbox.
async fn rows(bench: &Bench) -> BTreeMap<&'static str, Option<i64>> {
    let mut rows = BTreeMap::new();
    for service in SERVICES {
        rows.insert(service, scalar(bench, service, "SELECT count(*) FROM outbox").await);
    }
    rows
}

/// Empties every projection, as if nothing had ever been heard.
async fn forget(bench: &Bench) -> BTreeSet<String> {
    let mut emptied = BTreeSet::new();
    for (service, tables) in PROJECTIONS {
        let sql = format!("TRUNCATE {}", tables.join(", "));
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut database(bench, service).await).await.unwrap();
        emptied.extend(tables.iter().map(|table| format!("{service}.{table}")));
    }
    emptied
}
