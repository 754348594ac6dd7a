//! Waiting until everything that was written has arrived everywhere: outboxes empty, consumers at the end of their topics.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    metadata::MetadataPartition,
};
use sqlx::{Connection, PgConnection};

use crate::output::number;

/// Which service consumes which topics. A test holds this against the handlers.
pub const CONSUMERS: [(&str, &[&str]); 6] = [
    ("programme", &[]),
    ("demand", &["programme"]),
    ("candidate", &["programme", "placement"]),
    ("matching", &["programme", "demand", "candidate", "placement"]),
    ("placement", &["programme", "demand", "candidate", "matching"]),
    ("monitoring", &["programme", "demand", "candidate", "matching", "placement"]),
];
/// How long one may wait for everything to arrive.
const PATIENCE: Duration = Duration::from_secs(600);
const PAUSE: Duration = Duration::from_millis(50);
const ANSWER: Duration = Duration::from_secs(10);

/// Looks at the topics of a house through the eyes of its consumers. Made once: a group's first answer takes a while.
pub(super) struct Arrivals {
    reader: BaseConsumer,
    /// A topic, and a client in the group of each of its consumers, by service.
    topics: Vec<(String, Vec<(&'static str, BaseConsumer)>)>,
}

impl Arrivals {
    /// # Errors
    /// If a client cannot be made.
    pub(super) fn new(brokers: &str, prefix: &str) -> Result<Self, KafkaError> {
        let topics = proto::TOPICS.iter().map(|topic| {
            let consumers = CONSUMERS.iter().filter(|(_, topics)| topics.contains(&topic.producer));
            let groups = consumers.map(|(service, _)| {
                let group = format!("{prefix}{}", platform::consumer::group(service, topic.name));
                Ok::<_, KafkaError>((*service, client(brokers, &group)?))
            });
            Ok::<_, KafkaError>((format!("{prefix}{}", topic.name), groups.collect::<Result<_, _>>()?))
        });
        Ok(Self { reader: client(brokers, "settle")?, topics: topics.collect::<Result<_, _>>()? })
    }

    /// Nothing if every consumer has committed the end of every partition that holds anything; else the first that has
    /// not, in words.
    fn under_way(&self) -> Result<Option<String>, KafkaError> {
        for (topic, groups) in &self.topics {
            let ends = self.ends(topic)?;
            for (name, group) in groups {
                let events = behind(group, topic, &ends)?;
                if events > 0 {
                    return Ok(Some(format!("{} events on their way to {name}", number(events))));
                }
            }
        }
        Ok(None)
    }

    fn ends(&self, topic: &str) -> Result<Vec<(i32, i64)>, KafkaError> {
        let metadata = self.reader.fetch_metadata(Some(topic), ANSWER)?;
        let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions()).map(MetadataPartition::id);
        let mut ends = Vec::new();
        for partition in partitions {
            let (_, end) = self.reader.fetch_watermarks(topic, partition, ANSWER)?;
            if end > 0 {
                ends.push((partition, end));
            }
        }
        Ok(ends)
    }
}

/// Waits until nothing is under way, and tells what is. Handlers may write again, so it must be so twice in a row.
///
/// # Errors
/// If it does not come true in time, or a server does not answer.
pub(super) async fn settle(arrivals: Arc<Arrivals>, databases: &[String], tell: impl Fn(String)) -> anyhow::Result<()> {
    let began = tokio::time::Instant::now();
    let mut quiet = 0;
    while quiet < 2 {
        anyhow::ensure!(began.elapsed() < PATIENCE, "after {} s events are still under way", PATIENCE.as_secs());
        let arrivals = arrivals.clone();
        let under_way = match unpublished(databases).await? {
            0 => tokio::task::spawn_blocking(move || arrivals.under_way())
                .await?
                .or_else(passes_by_itself)
                .context("the broker does not answer")?,
            events => Some(format!("{} events to publish", number(events))),
        };
        quiet = if under_way.is_none() { quiet + 1 } else { 0 };
        if let Some(what) = under_way {
            tell(what);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Who keeps a group's place, or leads a partition, changes while the broker starts, makes a topic or moves it; that passes by
/// itself, and nothing is known until then.
fn passes_by_itself(error: KafkaError) -> Result<Option<String>, KafkaError> {
    use RDKafkaErrorCode::{
        CoordinatorLoadInProgress, CoordinatorNotAvailable, LeaderNotAvailable, NotCoordinator, NotLeaderForPartition,
    };
    match error.rdkafka_error_code() {
        Some(NotCoordinator | CoordinatorNotAvailable | CoordinatorLoadInProgress) => {
            Ok(Some("groups whose coordinator is not there yet".to_owned()))
        }
        Some(LeaderNotAvailable | NotLeaderForPartition) => {
            Ok(Some("partitions whose leader is not there yet".to_owned()))
        }
        _ => Err(error),
    }
}

async fn unpublished(databases: &[String]) -> anyhow::Result<i64> {
    let mut events = 0;
    for url in databases {
        let mut connection = PgConnection::connect(url).await?;
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE published_at IS NULL")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        events += waiting;
    }
    Ok(events)
}

/// Events that the group has not committed. A position beyond the end is one of another broker: then all are to come.
fn behind(group: &BaseConsumer, topic: &str, ends: &[(i32, i64)]) -> Result<i64, KafkaError> {
    if ends.is_empty() {
        return Ok(0);
    }
    let mut asked = TopicPartitionList::new();
    for (partition, _) in ends {
        asked.add_partition(topic, *partition);
    }
    let committed = group.committed_offsets(asked, ANSWER)?;
    let missing = |(partition, end): &(i32, i64)| match committed.find_partition(topic, *partition)?.offset() {
        Offset::Offset(offset) if offset <= *end => Some(end - offset),
        _ => None,
    };
    Ok(ends.iter().map(|partition| missing(partition).unwrap_or(partition.1)).sum())
}

fn client(brokers: &str, group: &str) -> Result<BaseConsumer, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("log_level", "2")
        .create()
}
