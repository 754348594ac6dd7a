//! The relay: the only producer. One per service holds the advisory lock; it publishes the lowest unpublished rows by id
//! and marks each on its own delivery report. A broker with another cluster
//! id, or one that lost the topic, gets everything retained again, in order.

use std::{collections::HashSet, ops::RangeInclusive, time::Duration};

use anyhow::Context;
use futures::future::join_all;
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    error::KafkaError,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord, Producer},
    types::RDKafkaErrorCode,
};
use sqlx::{Connection, Executor, PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use crate::{
    config::KafkaConfig, consumer::EPOCH, database::Database, fault, readiness::Readiness, shutdown::Shutdown,
};

/// Rows published in one go: so many that the producer does not wait for more (`linger_ms`) for long beside the rest.
const BATCH_ROWS: i64 = 4000;
/// How long the relay rests when there is nothing to publish and nobody tells it.
const IDLE: Duration = Duration::from_millis(100);
/// How often the relay asks whether the broker is still the same cluster.
const CLUSTER_CHECK: Duration = Duration::from_secs(2);
/// How long a topic stays empty when it is made anew, because it was deleted or its broker is another one. Whoever still reads
/// it finds meanwhile that the place where it was is not there, and begins at the start; later that place would be there
/// again, behind events that it never read. Who comes back later finds out by itself that its place is of another log.
const EMPTY: Duration = Duration::from_secs(10);
/// How long the broker may take to say what it is.
const LOOK: Duration = Duration::from_secs(5);

/// What the relay of one service works with.
pub struct Relay {
    pub database: Database,
    pub config: KafkaConfig,
    pub topic: &'static str,
    pub readiness: Readiness,
    pub shutdown: Shutdown,
}

impl Relay {
    /// Publishes the outbox until shutdown. Faults are logged and retried: commands go on meanwhile.
    pub async fn run(self) {
        let mut pause = Duration::from_millis(200);
        while !self.shutdown.asked() {
            let started = tokio::time::Instant::now();
            match self.publish_until_fault().await {
                Ok(()) => return,
                Err(error) => {
                    self.readiness.missing("kafka", &format!("{error:#}"));
                    tracing::debug!(service = self.service(), error = format!("{error:#}"), "the relay starts again");
                    metrics::counter!("circula_relay_faults_total", "service" => self.service()).increment(1);
                }
            }
            tokio::select! { () = tokio::time::sleep(pause) => {}, () = self.shutdown.wait() => return }
            let lasted = started.elapsed() > Duration::from_secs(30);
            pause = if lasted { Duration::from_millis(200) } else { (pause * 2).min(Duration::from_secs(2)) };
        }
    }

    fn service(&self) -> &'static str {
        self.database.service()
    }

    fn topic(&self) -> String {
        format!("{}{}", self.config.prefix, self.topic)
    }

    async fn publish_until_fault(&self) -> anyhow::Result<()> {
        let mut connection = self.database.relay_connection().await?;
        while !fault::planted("relay_without_lock") && !take_lock(&mut connection, self.service()).await? {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = self.shutdown.wait() => return Ok(()),
            }
        }
        let producer = producer(&self.config)?;
        let outcome = self.publish(&mut connection, &producer).await;
        // Dropping a producer that still holds messages for a broker that is gone takes a moment.
        tokio::task::spawn_blocking(move || drop(producer)).await?;
        outcome?;
        connection.close().await?;
        Ok(())
    }

    /// While one heap is on its way to the broker, the one before is marked and the next one is read.
    async fn publish(&self, connection: &mut PgConnection, producer: &FutureProducer) -> anyhow::Result<()> {
        let service = self.service();
        let mut source = self.recognise_broker(connection, producer).await?;
        let mut looked = tokio::time::Instant::now();
        let (mut rows, mut published): (Vec<PgRow>, Vec<Published>) = (Vec::new(), Vec::new());
        let mut under_way = 0..=0;
        while !self.shutdown.asked() {
            if looked.elapsed() >= CLUSTER_CHECK {
                mark(connection, service, std::mem::take(&mut published)).await?;
                source = self.recognise_broker(connection, producer).await?;
                looked = tokio::time::Instant::now();
            }
            self.readiness.here("kafka");
            if fault::planted("relay_marks_before_ack") {
                published.extend(rows.iter().map(Published::new));
            }
            under_way = ids(&rows, &under_way);
            let marked_and_read = async {
                mark(&mut *connection, service, std::mem::take(&mut published)).await?;
                unpublished(&mut *connection, &under_way).await
            };
            // The database is asked first: it works while the heap is handed to the producer, which takes no break.
            let (next, delivered) = tokio::join!(biased; marked_and_read, self.deliver(producer, &rows, &source));
            let (delivered, fault) = delivered?;
            if let Some(fault) = fault {
                mark(connection, service, delivered).await?;
                return Err(fault).context("the broker did not take an event");
            }
            let nothing_to_do = rows.is_empty() && next.as_ref().is_ok_and(Vec::is_empty);
            (rows, published) = (next?, delivered);
            if nothing_to_do {
                tokio::select! {
                    () = self.database.written() => {}
                    () = tokio::time::sleep(IDLE) => {}
                    () = self.shutdown.wait() => {}
                }
            }
        }
        mark(connection, service, published).await?;
        Ok(())
    }

    /// A broker, a topic or a life of the database that was not published to before gets every retained row again.
    async fn recognise_broker(
        &self,
        connection: &mut PgConnection,
        producer: &FutureProducer,
    ) -> anyhow::Result<Source> {
        let topic = self.topic();
        let broker = look(producer, &topic).await?;
        let epoch: i64 = sqlx::query_scalar("SELECT epoch FROM life").fetch_one(&mut *connection).await?;
        let source = Source { cluster: broker.cluster, epoch };
        let known: Option<(String, i64)> =
            sqlx::query_as("SELECT cluster_id, epoch FROM relay_state").fetch_optional(&mut *connection).await?;
        let same = known.as_ref().is_some_and(|(cluster, of)| *cluster == source.cluster && *of == epoch);
        if same && broker.has_topic {
            return Ok(source);
        }
        let mut tx = connection.begin().await?;
        // Marks may be lost with the server. That they were taken away may not: the topic is made after it.
        tx.execute("SET LOCAL synchronous_commit = on").await?;
        let again = "UPDATE outbox SET published_at = NULL WHERE published_at IS NOT NULL";
        let again = if fault::planted("relay_keeps_its_marks") { "SELECT" } else { again };
        let again = tx.execute(again).await?.rows_affected();
        sqlx::query(
            "INSERT INTO relay_state (cluster_id, epoch) VALUES ($1, $2)
             ON CONFLICT (one) DO UPDATE SET cluster_id = excluded.cluster_id, epoch = excluded.epoch",
        )
        .bind(&source.cluster)
        .bind(epoch)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        // Only now: with its topic there nobody would see any more that the rows have to go out again.
        if !broker.has_topic {
            create_topic(&self.config, &topic).await?;
            if known.is_some() {
                tokio::select! { () = tokio::time::sleep(EMPTY) => {}, () = self.shutdown.wait() => {} }
            }
        }
        let (service, cluster) = (self.service(), &source.cluster);
        tracing::info!(service, cluster, epoch, rows = again, "a new broker: publishing what is retained again");
        Ok(source)
    }

    /// Sends rows and waits for what the broker says to each; answers those that it took, and its fault if it had one.
    async fn deliver(
        &self,
        producer: &FutureProducer,
        rows: &[PgRow],
        source: &Source,
    ) -> anyhow::Result<(Vec<Published>, Option<KafkaError>)> {
        let mut published = Vec::with_capacity(rows.len());
        if rows.is_empty() {
            return Ok((published, None));
        }
        fault::point("relay.selected");
        let (service, topic, epoch) = (self.service(), self.topic(), source.epoch.to_string());
        let keys: Vec<String> = rows.iter().map(|row| row.get("aggregateid")).collect();
        let deliveries = rows
            .iter()
            .zip(&keys)
            .map(|(row, key)| producer.send(record((&topic, service), (key, &epoch), row), Duration::from_secs(30)));
        let deliveries = join_all(deliveries);
        fault::point("relay.enqueued");
        let outcomes = tokio::select! {
            outcomes = deliveries => outcomes,
            changed = self.changed(producer, &source.cluster) => return Err(changed),
            () = self.shutdown.wait() => return Ok((published, None)),
        };
        fault::point("relay.produced");
        let mut stuck: HashSet<&str> = HashSet::new();
        let mut fault = None;
        for ((row, key), outcome) in rows.iter().zip(&keys).zip(outcomes) {
            match outcome {
                Ok(_) if !stuck.contains(key.as_str()) => published.push(Published::new(row)),
                Ok(_) => {}
                Err((error, _)) => {
                    stuck.insert(key);
                    fault = Some(error);
                }
            }
        }
        Ok((published, fault))
    }

    /// Returns when the broker is another one, or has lost the topic: what is under way would then wait for minutes.
    async fn changed(&self, producer: &FutureProducer, cluster: &str) -> anyhow::Error {
        let topic = self.topic();
        loop {
            tokio::time::sleep(CLUSTER_CHECK).await;
            match look(producer, &topic).await {
                Ok(broker) if broker.cluster == cluster && broker.has_topic => self.readiness.here("kafka"),
                Ok(_) => return anyhow::anyhow!("the broker is a new one"),
                // What is under way waits for it.
                Err(error) => self.readiness.missing("kafka", &format!("{error:#}")),
            }
        }
    }
}

/// Whose log is written to, in which life of the database.
struct Source {
    cluster: String,
    epoch: i64,
}

struct Broker {
    cluster: String,
    has_topic: bool,
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
        .set("reconnect.backoff.max.ms", "2000")
        .set("log_level", "2")
        .create()
        .context("the producer's settings do not fit")
}

/// Asks the broker which cluster it is and whether it has the topic.
async fn look(producer: &FutureProducer, topic: &str) -> anyhow::Result<Broker> {
    let (asked, topic) = (producer.clone(), topic.to_owned());
    tokio::task::spawn_blocking(move || {
        // The metadata comes first: the id of the cluster is the one that the last metadata told.
        let client = asked.client();
        let metadata = client.fetch_metadata(Some(&topic), LOOK).context("the broker does not answer")?;
        let cluster = client.fetch_cluster_id(LOOK).context("the broker does not say which cluster it is")?;
        let has_topic = metadata.topics().iter().any(|found| found.name() == topic && found.error().is_none());
        Ok(Broker { cluster, has_topic })
    })
    .await?
}

async fn create_topic(config: &KafkaConfig, topic: &str) -> anyhow::Result<()> {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &config.brokers).set("log_level", "2").create()?;
    let wanted = NewTopic::new(topic, config.partitions, TopicReplication::Fixed(config.replication));
    let options = AdminOptions::new().operation_timeout(Some(LOOK));
    for outcome in admin.create_topics(&[wanted], &options).await.context("the topic could not be made")? {
        match outcome {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((_, code)) => anyhow::bail!("the topic {topic} could not be made: {code}"),
        }
    }
    tracing::info!(topic, partitions = config.partitions, "the topic was made");
    Ok(())
}

/// A row that the broker has taken.
struct Published {
    id: i64,
    recorded_at: chrono::DateTime<chrono::Utc>,
}

impl Published {
    fn new(row: &PgRow) -> Self {
        Self { id: row.get("id"), recorded_at: row.get("recorded_at") }
    }
}

/// From the lowest to the highest id of rows; what was under way before them is of no matter, but to a planted bug.
fn ids(rows: &[PgRow], before: &RangeInclusive<i64>) -> RangeInclusive<i64> {
    let id = |row: Option<&PgRow>| row.map_or(0_i64, |row| row.get("id"));
    let (first, last) = (id(rows.first()), id(rows.last()));
    if fault::planted("relay_by_cursor") {
        return 0..=last.max(*before.end());
    }
    first.min(last)..=first.max(last)
}

/// The lowest rows that are neither published nor under way. One that was committed late, with an id between those that
/// are under way, is found when these have arrived.
async fn unpublished(
    connection: &mut PgConnection,
    under_way: &RangeInclusive<i64>,
) -> Result<Vec<PgRow>, sqlx::Error> {
    let order = if fault::planted("relay_newest_first") { "DESC" } else { "ASC" };
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT id, event_id, aggregateid, type, payload, traceparent, recorded_at FROM outbox
         WHERE published_at IS NULL AND id NOT BETWEEN $2 AND $3 ORDER BY id {order} LIMIT $1"
    )))
    .bind(BATCH_ROWS)
    .bind(under_way.start())
    .bind(under_way.end())
    .fetch_all(connection)
    .await
}

/// Marks rows as published. Their days are named, so that only the partitions they are in are looked at.
async fn mark(
    connection: &mut PgConnection,
    service: &'static str,
    published: Vec<Published>,
) -> Result<(), sqlx::Error> {
    if published.is_empty() {
        return Ok(());
    }
    let days = || published.iter().map(|row| row.recorded_at);
    sqlx::query(
        "UPDATE outbox SET published_at = clock_timestamp() WHERE id = ANY($1) AND recorded_at BETWEEN $2 AND $3",
    )
    .bind(published.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind(days().min())
    .bind(days().max())
    .execute(connection)
    .await?;
    fault::point("relay.marked");
    metrics::counter!("circula_relay_published_total", "service" => service).increment(published.len() as u64);
    Ok(())
}

/// `CloudEvents` 1.0, Kafka binding, binary mode.
fn record<'a>(
    (topic, service): (&'a str, &'a str),
    (key, epoch): (&'a str, &'a str),
    row: &'a PgRow,
) -> FutureRecord<'a, str, [u8]> {
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
        (EPOCH, epoch),
    ] {
        headers = headers.insert(Header { key: name, value: Some(value) });
    }
    if let Some(traceparent) = row.get::<Option<&str>, _>("traceparent") {
        headers = headers.insert(Header { key: "traceparent", value: Some(traceparent) });
    }
    FutureRecord::to(topic).key(key).payload(row.get::<&[u8], _>("payload")).headers(headers)
}
