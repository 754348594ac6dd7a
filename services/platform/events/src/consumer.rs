//! The consumer loop: read a batch, apply it in one transaction, then commit the offsets. What cannot be applied is
//! parked with the later events of its key; the rest flows.

mod lane;
mod message;
mod parked;
mod reader;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use proto::{Event, Head, ids::MalformedId};
use rdkafka::consumer::CommitMode;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{config::KafkaConfig, database::is_late, fault, readiness::Readiness, refusal::Error, shutdown::Shutdown};

pub use lane::Lane;
use lane::Progress;
pub(crate) use message::EPOCH;
use message::Message;
pub use parked::{Parking, Replayed, count, discard};
use reader::Reader;

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
    /// It took longer than it may. Trying again a few times may help; an event that is too much never passes.
    Late(String),
    /// This event will never fit: park it.
    Permanent(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match &error {
            Error::Database(late) if is_late(late) => Self::Late(format!("TOO_LATE: {error}")),
            _ if error.is_transient() => Self::Transient(error.to_string()),
            _ => Self::Permanent(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<MalformedId> for Fault {
    fn from(error: MalformedId) -> Self {
        Self::Permanent(error.to_string())
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
pub async fn run<H: Handler>(
    lane: Arc<Lane<H>>,
    config: KafkaConfig,
    readiness: Readiness,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let mut reader = Reader::connect::<H>(&config, lane.name(), readiness)?;
    tracing::info!(consumer = lane.name(), "consuming");
    while !shutdown.asked() {
        let batch = tokio::select! {
            batch = reader.next() => batch,
            () = shutdown.wait() => break,
        };
        let Some(batch) = batch else { continue };
        fault::point("consumer.polled");
        if fault::planted("offset_first") {
            reader.commit(&batch, CommitMode::Sync);
        }
        if !apply_until_done(&lane, &batch, &shutdown).await {
            break;
        }
        fault::point("consumer.committed");
        reader.commit(&batch, CommitMode::Async);
        fault::point("consumer.offset");
    }
    reader.close().await
}

/// The consumer group of a service for a topic, such as `matching-demand`.
#[must_use]
pub fn group(service: &str, topic: &str) -> String {
    format!("{service}-{}", topic.trim_start_matches("circula.").trim_end_matches(".v1"))
}

/// Applies the batch, again and again while the reason passes. False if shutdown came first.
async fn apply_until_done<H: Handler>(lane: &Lane<H>, batch: &[Message], shutdown: &Shutdown) -> bool {
    let (mut pause, mut progress) = (Duration::from_millis(50), Progress::default());
    loop {
        match lane.apply(batch, &mut progress).await {
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
