//! The consumer loop: read a batch, apply it in one transaction, then commit the offsets. What cannot be applied is
//! parked with the later events of its key; the rest flows.

use std::{collections::HashSet, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use futures::FutureExt;
use proto::{Event, Head};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{CommitMode, Consumer as _, StreamConsumer},
    message::{BorrowedMessage, Headers, OwnedMessage},
};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::{
    config::KafkaConfig,
    database::{Database, Reach},
    refusal::Error,
    shutdown::Shutdown,
};

/// Events applied in one transaction at most.
const BATCH_EVENTS: usize = 500;
/// Longest pause between two tries of a batch that could not be applied for a passing reason.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// An event as it came from its topic.
#[derive(Debug, Clone)]
pub struct Received<E> {
    pub event_id: Uuid,
    pub head: Head,
    pub event: E,
}

/// Why a batch was not applied.
#[derive(Debug)]
pub enum Fault {
    /// Trying again later may help.
    Transient(String),
    /// This event will never fit: park it.
    Permanent(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        if error.is_transient() { Self::Transient(error.to_string()) } else { Self::Permanent(error.to_string()) }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Error::from(error).into()
    }
}

/// What a service does with the events of one topic.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    type Event: Event;

    /// True if the handler acts on the facts themselves. Then each event reaches it once (an inbox row is written in
    /// its transaction), and facts that this build does not know are parked. A projection applies states: it gets every
    /// event, must pass over versions it already has, and takes the state that comes with a fact it does not know.
    const EFFECTS: bool;

    /// Applies events of this service's other, in order, in the given transaction.
    async fn apply(&self, tx: &mut PgConnection, events: &[Received<Self::Event>]) -> Result<(), Fault>;
}

/// Consumes one topic for one service until shutdown.
///
/// # Errors
/// If the consumer cannot be made; faults while running are retried.
pub(crate) async fn run<H: Handler>(
    database: Database,
    config: KafkaConfig,
    handler: H,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let name = group(database.service(), H::Event::TOPIC);
    let consumer = connect::<H::Event>(&config, &name)?;
    let lane = Lane { database, handler, name };
    tracing::info!(consumer = lane.name, "consuming");
    while !shutdown.asked() {
        let batch = tokio::select! {
            batch = gather(&consumer) => batch,
            () = shutdown.wait() => break,
        };
        let Some(batch) = batch else { continue };
        if !lane.apply_until_done(&batch, &shutdown).await {
            break;
        }
        commit(&consumer, &batch);
    }
    // Dropping the consumer blocks for a moment: not on a thread that serves calls.
    tokio::task::spawn_blocking(move || drop(consumer)).await.context("closing the consumer")
}

/// The consumer group of a service for a topic, such as `matching-demand`.
#[must_use]
pub fn group(service: &str, topic: &str) -> String {
    format!("{service}-{}", topic.trim_start_matches("circula.").trim_end_matches(".v1"))
}

fn connect<E: Event>(config: &KafkaConfig, name: &str) -> anyhow::Result<StreamConsumer> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", &config.brokers)
        .set("group.id", format!("{}{name}", config.prefix))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("partition.assignment.strategy", "range")
        .set("session.timeout.ms", "6000")
        .set("heartbeat.interval.ms", "1000")
        .set("max.poll.interval.ms", "1800000")
        .set("fetch.wait.max.ms", "10")
        .set("topic.metadata.refresh.interval.ms", "5000")
        .set("allow.auto.create.topics", "false")
        .set("log_level", "2")
        .create()
        .context("the consumer's settings do not fit")?;
    consumer.subscribe(&[&format!("{}{}", config.prefix, E::TOPIC)])?;
    Ok(consumer)
}

/// The next message and what else is there already.
async fn gather(consumer: &StreamConsumer) -> Option<Vec<OwnedMessage>> {
    let first = received(consumer.recv().await)?;
    let mut batch = vec![first];
    while batch.len() < BATCH_EVENTS {
        match consumer.recv().now_or_never().and_then(received) {
            Some(message) => batch.push(message),
            None => break,
        }
    }
    Some(batch)
}

fn received(outcome: Result<BorrowedMessage<'_>, rdkafka::error::KafkaError>) -> Option<OwnedMessage> {
    outcome
        .inspect_err(|error| tracing::warn!(%error, "the broker did not give the next message"))
        .ok()
        .map(|message| message.detach())
}

fn commit(consumer: &StreamConsumer, batch: &[OwnedMessage]) {
    let mut positions = TopicPartitionList::new();
    let mut last: std::collections::BTreeMap<i32, i64> = std::collections::BTreeMap::new();
    for message in batch {
        let next = last.entry(message.partition()).or_insert(0);
        *next = (*next).max(message.offset() + 1);
    }
    for (partition, next) in last {
        if let Err(error) = positions.add_partition_offset(batch[0].topic(), partition, Offset::Offset(next)) {
            tracing::debug!(%error, "an offset is not committed");
        }
    }
    // The database is the truth: an offset that is not committed only means that events come twice.
    if let Err(error) = consumer.commit(&positions, CommitMode::Async) {
        tracing::debug!(%error, "offsets were not committed");
    }
}

/// A message, decoded or not.
type Decoded<E> = Result<Received<E>, (Option<Uuid>, String)>;

struct Lane<H> {
    database: Database,
    handler: H,
    name: String,
}

impl<H: Handler> Lane<H> {
    /// Applies the batch, again and again while the reason passes. False if shutdown came first.
    async fn apply_until_done(&self, batch: &[OwnedMessage], shutdown: &Shutdown) -> bool {
        let mut pause = Duration::from_millis(50);
        loop {
            let work = self.apply(batch);
            match work.await {
                Ok(()) => return true,
                Err(reason) => {
                    tracing::warn!(consumer = self.name, reason, "a batch is tried again");
                    metrics::counter!("circula_consumer_retries_total", "consumer" => self.name.clone()).increment(1);
                }
            }
            tokio::select! { () = tokio::time::sleep(pause) => {}, () = shutdown.wait() => return false }
            pause = (pause * 2).min(RETRY_MAX);
        }
    }

    /// First all at once; if that does not fit, one by one, so that only what does not fit is parked.
    async fn apply(&self, batch: &[OwnedMessage]) -> Result<(), String> {
        match self.apply_together(batch).await {
            Ok(()) => return Ok(()),
            Err(Fault::Transient(reason)) => return Err(reason),
            Err(Fault::Permanent(_)) => {}
        }
        for message in batch {
            match self.apply_together(std::slice::from_ref(message)).await {
                Ok(()) => {}
                Err(Fault::Transient(reason)) => return Err(reason),
                Err(Fault::Permanent(reason)) => {
                    self.park_alone(message, &reason).await.map_err(|error| error.to_string())?
                }
            }
        }
        Ok(())
    }

    async fn apply_together(&self, batch: &[OwnedMessage]) -> Result<(), Fault> {
        let mut tx = self.database.begin(Reach::System).await?;
        let mut blocked = self.parked_keys(&mut tx, batch).await?;
        let mut events = Vec::with_capacity(batch.len());
        for message in batch {
            let key = key(message);
            match decode::<H::Event>(message) {
                Ok(received) if blocked.contains(&key) => {
                    self.park(&mut tx, message, Some(received.event_id), "BEHIND_PARKED").await?;
                }
                Ok(received) if H::EFFECTS && received.head.name.is_empty() => {
                    self.park(&mut tx, message, Some(received.event_id), "UNKNOWN_CHANGE").await?;
                    blocked.insert(key);
                }
                Ok(received) => events.push(received),
                Err((event_id, reason)) => {
                    self.park(&mut tx, message, event_id, &reason).await?;
                    blocked.insert(key);
                }
            }
        }
        if H::EFFECTS {
            events = self.not_seen_before(&mut tx, events).await?;
        }
        if !events.is_empty() {
            self.handler.apply(&mut tx, &events).await?;
        }
        self.database.commit(tx).await?;
        metrics::counter!("circula_events_applied_total", "consumer" => self.name.clone())
            .increment(events.len() as u64);
        Ok(())
    }

    async fn not_seen_before(
        &self,
        tx: &mut PgConnection,
        events: Vec<Received<H::Event>>,
    ) -> Result<Vec<Received<H::Event>>, Fault> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.event_id).collect();
        let fresh: Vec<Uuid> = sqlx::query_scalar(
            "INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id",
        )
        .bind(&self.name)
        .bind(&ids)
        .fetch_all(tx)
        .await?;
        let mut fresh: HashSet<Uuid> = fresh.into_iter().collect();
        Ok(events.into_iter().filter(|event| fresh.remove(&event.event_id)).collect())
    }

    async fn parked_keys(&self, tx: &mut PgConnection, batch: &[OwnedMessage]) -> Result<HashSet<String>, Fault> {
        let keys: Vec<String> = batch.iter().map(key).collect();
        let rows = sqlx::query("SELECT DISTINCT key FROM parked WHERE consumer = $1 AND key = ANY($2)")
            .bind(&self.name)
            .bind(&keys)
            .fetch_all(tx)
            .await?;
        Ok(rows.iter().map(|row| row.get("key")).collect())
    }

    async fn park_alone(&self, message: &OwnedMessage, reason: &str) -> Result<(), sqlx::Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        let event_id = decode::<H::Event>(message).ok().map(|received| received.event_id);
        self.park(&mut tx, message, event_id, reason).await?;
        self.database.commit(tx).await
    }

    async fn park(
        &self,
        tx: &mut PgConnection,
        message: &OwnedMessage,
        event_id: Option<Uuid>,
        reason: &str,
    ) -> Result<(), sqlx::Error> {
        let parked = sqlx::query(
            "INSERT INTO parked (consumer, key, topic, partition, message_offset, event_id, payload, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(&self.name)
        .bind(key(message))
        .bind(message.topic())
        .bind(message.partition())
        .bind(message.offset())
        .bind(event_id)
        .bind(message.payload())
        .bind(reason)
        .execute(tx)
        .await?;
        // A replay brings it again: it is parked once, and said once.
        if parked.rows_affected() > 0 {
            let (key, offset) = (key(message), message.offset());
            tracing::error!(consumer = self.name, key, offset, reason, "an event is parked");
            metrics::counter!("circula_events_parked_total", "consumer" => self.name.clone()).increment(1);
        }
        Ok(())
    }
}

fn key(message: &OwnedMessage) -> String {
    String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned()
}

fn decode<E: Event>(message: &OwnedMessage) -> Decoded<E> {
    let event_id = message
        .headers()
        .and_then(|headers| headers.iter().find(|header| header.key == "ce_id"))
        .and_then(|header| header.value)
        .and_then(|value| Uuid::parse_str(std::str::from_utf8(value).ok()?).ok());
    let Some(id) = event_id else { return Err((None, "NO_EVENT_ID".to_owned())) };
    let payload = message.payload().unwrap_or_default();
    let event = E::decode(payload).map_err(|error| (event_id, format!("NOT_DECODED: {error}")))?;
    let head = event.head().map_err(|error| (event_id, format!("UNKNOWN_AGGREGATE: {error}")))?;
    Ok(Received { event_id: id, head, event })
}
