//! The relay: the only producer. One per service holds the advisory lock; it publishes the lowest unpublished rows by id
//! and marks each on its own delivery report. A broker with another cluster id gets everything retained again, in order.

use std::{collections::HashSet, time::Duration};

use anyhow::Context;
use futures::future::join_all;
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord, Producer},
};
use sqlx::{Connection, PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use crate::{config::KafkaConfig, database::Database, shutdown::Shutdown};

/// Rows published in one go.
const BATCH_ROWS: i64 = 2000;
/// How long the relay rests when there is nothing to publish and nobody tells it.
const IDLE: Duration = Duration::from_millis(100);
/// How often the relay asks whether the broker is still the same cluster.
const CLUSTER_CHECK: Duration = Duration::from_secs(2);

/// Publishes the outbox of one service until shutdown. Faults are logged and retried: commands go on meanwhile.
pub(crate) async fn run(database: Database, config: KafkaConfig, topic: &'static str, shutdown: Shutdown) {
    let mut pause = Duration::from_millis(200);
    while !shutdown.asked() {
        match publish_until_fault(&database, &config, topic, &shutdown).await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(service = database.service(), error = format!("{error:#}"), "the relay starts again");
                metrics::counter!("circula_relay_faults_total", "service" => database.service()).increment(1);
            }
        }
        tokio::select! { () = tokio::time::sleep(pause) => {}, () = shutdown.wait() => return }
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

async fn publish_until_fault(
    database: &Database,
    config: &KafkaConfig,
    topic: &'static str,
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    let mut connection = database.relay_connection().await?;
    while !take_lock(&mut connection, database.service()).await? {
        tokio::select! { () = tokio::time::sleep(Duration::from_secs(1)) => {}, () = shutdown.wait() => return Ok(()) }
    }
    let producer = producer(config)?;
    let topic = format!("{}{topic}", config.prefix);
    let mut checked: Option<tokio::time::Instant> = None;
    while !shutdown.asked() {
        if checked.is_none_or(|at| at.elapsed() >= CLUSTER_CHECK) {
            recognise_cluster(&mut connection, &producer, database.service()).await?;
            checked = Some(tokio::time::Instant::now());
        }
        if publish_batch(&mut connection, &producer, &topic, database.service()).await? < BATCH_ROWS {
            tokio::select! {
                () = database.written() => {}
                () = tokio::time::sleep(IDLE) => {}
                () = shutdown.wait() => {}
            }
        }
    }
    connection.close().await?;
    Ok(())
}

async fn take_lock(connection: &mut PgConnection, service: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtext('relay'), hashtext($1))")
        .bind(service)
        .fetch_one(connection)
        .await
}

fn producer(config: &KafkaConfig) -> anyhow::Result<FutureProducer> {
    ClientConfig::new()
        .set("bootstrap.servers", &config.brokers)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", "lz4")
        .set("linger.ms", config.linger_ms.to_string())
        .set("batch.size", "1000000")
        .set("message.timeout.ms", "600000")
        .set("log_level", "2")
        .create()
        .context("the producer's settings do not fit")
}

/// A cluster that was not published to before gets every retained row again.
async fn recognise_cluster(
    connection: &mut PgConnection,
    producer: &FutureProducer,
    service: &'static str,
) -> anyhow::Result<()> {
    let asked = producer.clone();
    let found = tokio::task::spawn_blocking(move || asked.client().fetch_cluster_id(Duration::from_secs(5))).await?;
    let cluster = found.context("the broker does not answer")?;
    let known: Option<String> =
        sqlx::query_scalar("SELECT cluster_id FROM relay_state").fetch_optional(&mut *connection).await?;
    if known.as_deref() == Some(&cluster) {
        return Ok(());
    }
    let mut tx = connection.begin().await?;
    let again =
        sqlx::query("UPDATE outbox SET published_at = NULL WHERE published_at IS NOT NULL").execute(&mut *tx).await?;
    sqlx::query("INSERT INTO relay_state (cluster_id) VALUES ($1) ON CONFLICT (one) DO UPDATE SET cluster_id = excluded.cluster_id")
        .bind(&cluster)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    tracing::info!(service, cluster, rows = again.rows_affected(), "a new broker: publishing what is retained again");
    Ok(())
}

async fn publish_batch(
    connection: &mut PgConnection,
    producer: &FutureProducer,
    topic: &str,
    service: &'static str,
) -> anyhow::Result<i64> {
    let rows = sqlx::query(
        "SELECT id, event_id, aggregateid, type, payload, traceparent, recorded_at FROM outbox
         WHERE published_at IS NULL ORDER BY id LIMIT $1",
    )
    .bind(BATCH_ROWS)
    .fetch_all(&mut *connection)
    .await?;
    if rows.is_empty() {
        metrics::gauge!("circula_outbox_unpublished", "service" => service).set(0.0);
        return Ok(0);
    }
    let keys: Vec<String> = rows.iter().map(|row| row.get("aggregateid")).collect();
    let deliveries = rows
        .iter()
        .zip(&keys)
        .map(|(row, key)| producer.send(record(topic, service, key, row), Duration::from_secs(30)));
    let outcomes = join_all(deliveries).await;
    let mut stuck: HashSet<&str> = HashSet::new();
    let mut published: Vec<i64> = Vec::with_capacity(rows.len());
    let mut fault = None;
    for ((row, key), outcome) in rows.iter().zip(&keys).zip(outcomes) {
        match outcome {
            Ok(_) if !stuck.contains(key.as_str()) => published.push(row.get("id")),
            Ok(_) => {}
            Err((error, _)) => {
                stuck.insert(key);
                fault = Some(error);
            }
        }
    }
    sqlx::query("UPDATE outbox SET published_at = clock_timestamp() WHERE id = ANY($1)")
        .bind(&published)
        .execute(connection)
        .await?;
    metrics::counter!("circula_relay_published_total", "service" => service).increment(published.len() as u64);
    metrics::gauge!("circula_outbox_unpublished", "service" => service).set((rows.len() - published.len()) as f64);
    match fault {
        Some(error) => Err(error).context("the broker did not take an event"),
        None => Ok(i64::try_from(rows.len()).unwrap_or(BATCH_ROWS)),
    }
}

/// `CloudEvents` 1.0, Kafka binding, binary mode.
fn record<'a>(topic: &'a str, service: &'a str, key: &'a str, row: &'a PgRow) -> FutureRecord<'a, str, [u8]> {
    let event_id: Uuid = row.get("event_id");
    let at: chrono::DateTime<chrono::Utc> = row.get("recorded_at");
    let kind: &str = row.get("type");
    let (event_id, at) = (event_id.to_string(), at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    let mut headers = OwnedHeaders::new();
    for (name, value) in [
        ("ce_specversion", "1.0"),
        ("ce_id", event_id.as_str()),
        ("ce_source", service),
        ("ce_type", kind),
        ("ce_subject", key),
        ("ce_time", at.as_str()),
        ("content-type", "application/protobuf"),
    ] {
        headers = headers.insert(Header { key: name, value: Some(value) });
    }
    if let Some(traceparent) = row.get::<Option<&str>, _>("traceparent") {
        headers = headers.insert(Header { key: "traceparent", value: Some(traceparent) });
    }
    FutureRecord::to(topic).key(key).payload(row.get::<&[u8], _>("payload")).headers(headers)
}
