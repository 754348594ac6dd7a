//! Where a consumer reads: from the place that its group committed, if that place is still one of the same log.
//!
//! A broker that lost its log gets it anew, and then the place of old is there again, behind events that were never read. So a
//! place is committed with the time of the record before it, and reading begins at that record: one written anew has
//! another time.
//!
//! librdkafka does not always follow a topic that was made anew under its name: who joins a group in the moment when it is not
//! there may be given no partition, and is not told when it is there again. So who gets no message looks whether there are
//! any, and if so takes a new client.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use futures::FutureExt;
use proto::Event;
use rdkafka::{
    ClientConfig, ClientContext, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, StreamConsumer},
    error::KafkaResult,
    types::{RDKafkaErrorCode, RDKafkaRespErr},
};
use tokio::sync::watch;

use super::{Handler, Message};
use crate::{config::KafkaConfig, fault, readiness::Readiness};

/// Events applied in one transaction at most, if each has its effects.
const BATCH_EVENTS: usize = 500;
/// The same of a projection: of states the newest counts, and they are written together.
const BATCH_STATES: usize = 1000;
/// Bytes of a batch at most, save that one message is always taken.
const BATCH_BYTES: usize = 8 << 20;
/// How long the broker may take to say where a group is.
const LOOK: Duration = Duration::from_secs(5);
/// Pause before it is asked again.
const PAUSE: Duration = Duration::from_millis(500);
/// How long no message has come when the reader looks whether there are any.
const QUIET: Duration = Duration::from_secs(5);

type Client = StreamConsumer<Assignments>;

/// Reads one topic for one group.
pub(super) struct Reader {
    settings: ClientConfig,
    topic: String,
    group: String,
    /// Events of a batch at most.
    most: usize,
    client: Arc<Client>,
    assigned: watch::Receiver<Option<TopicPartitionList>>,
    /// True if messages that are there did not come the last time that was looked.
    overdue: bool,
    /// Of the partitions of which no record came since they were assigned.
    places: HashMap<i32, Place>,
    readiness: Readiness,
}

/// How far a group has read a partition.
struct Place {
    /// The offset after the last record that was read.
    next: i64,
    /// When that record was written, ms since the epoch.
    written: i64,
}

/// Hands what the group gives to this reader over to the loop, which finds out where to begin.
struct Assignments(watch::Sender<Option<TopicPartitionList>>);

impl ClientContext for Assignments {}

impl ConsumerContext for Assignments {
    fn rebalance(&self, client: &BaseConsumer<Self>, kind: RDKafkaRespErr, given: &mut TopicPartitionList) {
        if kind == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.0.send_replace(Some(given.clone()));
            return;
        }
        self.0.send_replace(None);
        if let Err(error) = client.unassign() {
            tracing::warn!(%error, "partitions are not given back");
        }
    }
}

impl Reader {
    /// # Errors
    /// If the settings do not fit.
    pub(super) fn connect<H: Handler>(config: &KafkaConfig, group: &str, readiness: Readiness) -> anyhow::Result<Self> {
        let (topic, group) =
            (format!("{}{}", config.prefix, <H::Event as Event>::TOPIC), format!("{}{group}", config.prefix));
        let most = if H::EFFECTS { BATCH_EVENTS } else { BATCH_STATES };
        let mut settings = ClientConfig::new();
        settings
            .set("bootstrap.servers", &config.brokers)
            .set("group.id", &group)
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
            .set("log_level", "2");
        let (client, assigned) = client_of(&settings, &topic).context("the consumer's settings do not fit")?;
        Ok(Self { settings, topic, group, most, client, assigned, overdue: false, places: HashMap::new(), readiness })
    }

    /// The next message and what else is there already. None if there is nothing to apply this time.
    pub(super) async fn next(&mut self) -> Option<Vec<Message>> {
        let batch = tokio::select! {
            biased;
            changed = self.assigned.changed() => {
                changed.ok()?;
                self.begin().await;
                return None;
            }
            batch = gather(&self.client, &self.readiness, self.most) => batch?,
            () = tokio::time::sleep(QUIET) => {
                self.look_for_messages().await;
                return None;
            }
        };
        self.overdue = false;
        let mut new = Vec::with_capacity(batch.len());
        for message in batch {
            match self.places.remove(&message.partition) {
                None => new.push(message),
                Some(place) if place.is_after(&message) => {}
                Some(_) => {
                    self.begin_at_the_start();
                    return None;
                }
            }
        }
        (!new.is_empty()).then_some(new)
    }

    /// Commits that a batch was read, unless the group has given partitions anew meanwhile: then where to begin is still to be
    /// found out, and this place may be one of another log.
    pub(super) fn commit(&self, batch: &[Message], mode: CommitMode) {
        if self.assigned.has_changed().unwrap_or(true) {
            return;
        }
        // The database is the truth: an offset that is not committed only means that events come twice.
        if let Err(error) = positions(batch).and_then(|positions| self.client.commit(&positions, mode)) {
            tracing::debug!(%error, "offsets were not committed");
        }
    }

    /// Closing takes a moment, and longer while the broker is still being asked something: not on a thread that serves calls.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        let close = move || {
            while Arc::strong_count(&self.client) > 1 {
                std::thread::sleep(Duration::from_millis(10));
            }
            drop(self);
        };
        tokio::task::spawn_blocking(close).await.context("closing the consumer")
    }

    /// Takes what the group gave.
    async fn begin(&mut self) {
        let Some(given) = self.assigned.borrow_and_update().clone() else { return };
        let client = self.client.clone();
        let found = tokio::task::spawn_blocking(move || places(&client, &given)).await;
        let begun = found.map_err(anyhow::Error::from).and_then(|found| {
            let (from, places) = found?;
            self.client.assign(&from)?;
            Ok(places)
        });
        match begun {
            Ok(places) => self.places = places,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the broker does not say where to begin");
                tokio::time::sleep(PAUSE).await;
                self.assigned.mark_changed();
            }
        }
    }

    /// Takes a new client if messages have been there for a while and do not come.
    async fn look_for_messages(&mut self) {
        let (client, topic, group) = (self.client.clone(), self.topic.clone(), self.group.clone());
        let found = tokio::task::spawn_blocking(move || has_messages(&client, &topic, &group)).await;
        let found = found.map_err(anyhow::Error::from).and_then(|found| Ok(found?));
        match &found {
            Ok(_) => self.readiness.here("kafka"),
            // The broker is away: then none can come.
            Err(error) => self.readiness.missing("kafka", &format!("{error:#}")),
        }
        let overdue = found.unwrap_or(false);
        let twice = overdue && self.overdue;
        self.overdue = overdue && !twice;
        if !twice {
            return;
        }
        let topic = &self.topic;
        match client_of(&self.settings, topic) {
            Ok((client, assigned)) => {
                tracing::warn!(topic, "messages that are there do not come: a new client reads them");
                self.assigned = assigned;
                let old = std::mem::replace(&mut self.client, client);
                // It leaves its group, which takes a moment.
                if let Err(error) = tokio::task::spawn_blocking(move || drop(old)).await {
                    tracing::warn!(%error, "the old client did not close");
                }
            }
            Err(error) => {
                tracing::warn!(topic, %error, "messages that are there do not come, and there is no new client")
            }
        }
    }

    fn begin_at_the_start(&mut self) {
        self.places.clear();
        let begun = self.client.assignment().and_then(|mut all| {
            all.set_all_offsets(Offset::Beginning)?;
            self.client.assign(&all)
        });
        match begun {
            Ok(()) => tracing::info!("the log is another one: it is read from its start"),
            Err(error) => {
                tracing::warn!(%error, "the log is another one, and cannot be read from its start yet");
                self.assigned.mark_changed();
            }
        }
    }
}

impl Place {
    /// True if the message is the one that was read last, in the log in which it was read.
    fn is_after(&self, message: &Message) -> bool {
        message.offset + 1 == self.next && message.written == Some(self.written) || fault::planted("place_is_believed")
    }
}

fn client_of(
    settings: &ClientConfig,
    topic: &str,
) -> KafkaResult<(Arc<Client>, watch::Receiver<Option<TopicPartitionList>>)> {
    let (assign, assigned) = watch::channel(None);
    let client: Client = settings.create_with_context(Assignments(assign))?;
    client.subscribe(&[topic])?;
    Ok((Arc::new(client), assigned))
}

/// True if a partition of this client holds something that it has not read, or if it has none and should have.
fn has_messages(client: &Client, topic: &str, group: &str) -> KafkaResult<bool> {
    let places = client.position()?;
    if places.count() == 0 {
        return is_left_out(client, topic, group);
    }
    for place in places.elements() {
        let (first, end) = client.fetch_watermarks(topic, place.partition(), LOOK)?;
        let next = place.offset().to_raw().filter(|next| *next >= 0).unwrap_or(first);
        if next != end {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True if the group has given away all partitions of the topic, and has no more readers than these.
fn is_left_out(client: &Client, topic: &str, group: &str) -> KafkaResult<bool> {
    let metadata = client.fetch_metadata(Some(topic), LOOK)?;
    let partitions: usize = metadata.topics().iter().map(|topic| topic.partitions().len()).sum();
    let groups = client.fetch_group_list(Some(group), LOOK)?;
    let stable = groups.groups().iter().find(|found| found.state() == "Stable");
    Ok(stable.is_some_and(|group| group.members().len() <= partitions))
}

/// Where to read from: at the record before each place, so that it can be seen whether it still is the one it was. At the start
/// where it is not there.
fn places(client: &Client, given: &TopicPartitionList) -> KafkaResult<(TopicPartitionList, HashMap<i32, Place>)> {
    let committed = client.committed_offsets(given.clone(), LOOK)?;
    let (mut from, mut places) = (TopicPartitionList::new(), HashMap::new());
    for place in committed.elements() {
        place.error()?;
        let (topic, partition) = (place.topic(), place.partition());
        let begin = match place.offset() {
            Offset::Offset(next) if next > 0 && is_there(client, topic, partition, next) => {
                // A build that kept no time committed it: then the record comes twice.
                if let Ok(written) = place.metadata().parse() {
                    places.insert(partition, Place { next, written });
                }
                Offset::Offset(next - 1)
            }
            _ => Offset::Beginning,
        };
        from.add_partition_offset(topic, partition, begin)?;
    }
    Ok((from, places))
}

/// False if the log has no record before that place. A partition that does not answer is read like one that has: then its
/// first record tells.
fn is_there(client: &Client, topic: &str, partition: i32, next: i64) -> bool {
    client.fetch_watermarks(topic, partition, LOOK).map_or(true, |(first, end)| (first + 1..=end).contains(&next))
}

/// The places after a batch.
fn positions(batch: &[Message]) -> KafkaResult<TopicPartitionList> {
    let mut last: BTreeMap<i32, &Message> = BTreeMap::new();
    for message in batch {
        let kept = last.entry(message.partition).or_insert(message);
        if kept.offset < message.offset {
            *kept = message;
        }
    }
    let mut positions = TopicPartitionList::new();
    for message in last.values() {
        let mut position = positions.add_partition(&message.topic, message.partition);
        position.set_offset(Offset::Offset(message.offset + 1))?;
        if let Some(written) = message.written {
            position.set_metadata(written.to_string());
        }
    }
    Ok(positions)
}

async fn gather(client: &Client, readiness: &Readiness, most: usize) -> Option<Vec<Message>> {
    let received = |outcome: KafkaResult<_>| match outcome {
        Ok(message) => Some(Message::read(&message)),
        Err(error) => {
            if matches!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::Resolve))
            {
                readiness.missing("kafka", &error.to_string());
            }
            tracing::warn!(%error, "the broker did not give the next message");
            None
        }
    };
    let first = received(client.recv().await)?;
    readiness.here("kafka");
    let mut bytes = first.bytes();
    let mut batch = vec![first];
    while batch.len() < most && bytes < BATCH_BYTES {
        let Some(message) = client.recv().now_or_never().and_then(received) else { break };
        bytes += message.bytes();
        batch.push(message);
    }
    Some(batch)
}
