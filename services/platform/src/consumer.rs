//! The consumer loop: read a batch, apply it in one transaction, then commit the offsets. What cannot be applied is
//! parked with the later events of its key; the rest flows.

mod lane;
mod message;
mod parked;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use futures::FutureExt;
use proto::{Event, Head};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{CommitMode, Consumer as _, StreamConsumer},
    message::BorrowedMessage,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{config::KafkaConfig, fault, readiness::Readiness, refusal::Error, shutdown::Shutdown};

pub(crate) use lane::Lane;
pub(crate) use message::EPOCH;
use message::Message;
pub(crate) use parked::{Parking, count, discard};

/// Events applied in one transaction at most.
const BATCH_EVENTS: usize = 500;
/// Bytes of a batch at most, save that one message is always taken.
const BATCH_BYTES: usize = 8 << 20;
/// Longest pause between two tries of a batch that could not be applied for a passing reason.
const RETRY_MAX: Duration = Duration::from_secs(5);

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
    lane: Arc<Lane<H>>,
    config: KafkaConfig,
    readiness: Readiness,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let consumer = connect::<H::Event>(&config, lane.name())?;
    tracing::info!(consumer = lane.name(), "consuming");
    while !shutdown.asked() {
        let batch = tokio::select! {
            batch = gather(&consumer, &readiness) => batch,
            () = shutdown.wait() => break,
        };
        let Some(batch) = batch else { continue };
        fault::point("consumer.polled");
        if fault::planted("offset_first") {
            commit(&consumer, &batch, CommitMode::Sync);
        }
        if !apply_until_done(&lane, &batch, &shutdown).await {
            break;
        }
        fault::point("consumer.committed");
        commit(&consumer, &batch, CommitMode::Async);
        fault::point("consumer.offset");
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
        .set("fetch.wait.max.ms", config.fetch_wait_ms.to_string())
        // What waits in memory to be read, per consumer; by default it is 64 MB.
        .set("queued.max.messages.kbytes", "16384")
        .set("reconnect.backoff.max.ms", "2000")
        .set("topic.metadata.refresh.interval.ms", "5000")
        .set("allow.auto.create.topics", "false")
        .set("log_level", "2")
        .create()
        .context("the consumer's settings do not fit")?;
    consumer.subscribe(&[&format!("{}{}", config.prefix, E::TOPIC)])?;
    Ok(consumer)
}

/// The next message and what else is there already.
async fn gather(consumer: &StreamConsumer, readiness: &Readiness) -> Option<Vec<Message>> {
    let first = received(consumer.recv().await, readiness)?;
    let mut bytes = first.bytes();
    let mut batch = vec![first];
    while batch.len() < BATCH_EVENTS && bytes < BATCH_BYTES {
        let Some(message) = consumer.recv().now_or_never().and_then(|next| received(next, readiness)) else { break };
        bytes += message.bytes();
        batch.push(message);
    }
    Some(batch)
}

fn received(
    outcome: Result<BorrowedMessage<'_>, rdkafka::error::KafkaError>,
    readiness: &Readiness,
) -> Option<Message> {
    match outcome {
        Ok(message) => {
            readiness.here("kafka");
            Some(Message::read(&message))
        }
        Err(error) => {
            tracing::warn!(%error, "the broker did not give the next message");
            None
        }
    }
}

fn commit(consumer: &StreamConsumer, batch: &[Message], mode: CommitMode) {
    let mut positions = TopicPartitionList::new();
    let mut last: std::collections::BTreeMap<i32, i64> = std::collections::BTreeMap::new();
    for message in batch {
        let next = last.entry(message.partition).or_insert(0);
        *next = (*next).max(message.offset + 1);
    }
    for (partition, next) in last {
        if let Err(error) = positions.add_partition_offset(&batch[0].topic, partition, Offset::Offset(next)) {
            tracing::debug!(%error, "an offset is not committed");
        }
    }
    // The database is the truth: an offset that is not committed only means that events come twice.
    if let Err(error) = consumer.commit(&positions, mode) {
        tracing::debug!(%error, "offsets were not committed");
    }
}

/// Applies the batch, again and again while the reason passes. False if shutdown came first.
async fn apply_until_done<H: Handler>(lane: &Lane<H>, batch: &[Message], shutdown: &Shutdown) -> bool {
    let mut pause = Duration::from_millis(50);
    loop {
        match lane.apply(batch).await {
            Ok(()) => return true,
            Err(reason) => {
                tracing::warn!(consumer = lane.name(), reason, "a batch is tried again");
                metrics::counter!("circula_consumer_retries_total", "consumer" => lane.name().to_owned()).increment(1);
            }
        }
        tokio::select! { () = tokio::time::sleep(pause) => {}, () = shutdown.wait() => return false }
        pause = (pause * 2).min(RETRY_MAX);
    }
}
