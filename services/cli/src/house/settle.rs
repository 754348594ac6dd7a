//! Waiting until everything that was written has arrived everywhere: outboxes empty, consumers at the end of their topics.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    metadata::MetadataPartition,
};
use sqlx::{Connection, PgConnection};

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
    /// A topic, and a client in the group of each of its consumers.
    topics: Vec<(String, Vec<BaseConsumer>)>,
}

impl Arrivals {
    /// # Errors
    /// If a client cannot be made.
    pub(super) fn new(brokers: &str, prefix: &str) -> Result<Self, KafkaError> {
        let topics = proto::TOPICS.iter().map(|topic| {
            let consumers = CONSUMERS.iter().filter(|(_, topics)| topics.contains(&topic.producer));
            let groups =
                consumers.map(|(service, _)| format!("{prefix}{}", platform::consumer::group(service, topic.name)));
            Ok::<_, KafkaError>((
                format!("{prefix}{}", topic.name),
                groups.map(|group| client(brokers, &group)).collect::<Result<_, _>>()?,
            ))
        });
        Ok(Self { reader: client(brokers, "settle")?, topics: topics.collect::<Result<_, _>>()? })
    }

    /// True if every consumer has committed the end of every partition that holds anything.
    fn complete(&self) -> Result<bool, KafkaError> {
        for (topic, groups) in &self.topics {
            let ends = self.ends(topic)?;
            for group in groups {
                if !at_the_end(group, topic, &ends)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
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

/// Waits until nothing is under way. Handlers may write again, so it must be so twice in a row.
///
/// # Errors
/// If it does not come true in time, or a server does not answer.
pub(super) async fn settle(arrivals: Arc<Arrivals>, databases: &[String]) -> anyhow::Result<()> {
    let began = tokio::time::Instant::now();
    let mut quiet = 0;
    while quiet < 2 {
        anyhow::ensure!(began.elapsed() < PATIENCE, "after {} s events are still under way", PATIENCE.as_secs());
        let arrivals = arrivals.clone();
        let arrived = published(databases).await?
            && tokio::task::spawn_blocking(move || arrivals.complete()).await?.context("the broker does not answer")?;
        quiet = if arrived { quiet + 1 } else { 0 };
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn published(databases: &[String]) -> anyhow::Result<bool> {
    for url in databases {
        let mut connection = PgConnection::connect(url).await?;
        let waiting: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        if waiting {
            return Ok(false);
        }
    }
    Ok(true)
}

fn at_the_end(group: &BaseConsumer, topic: &str, ends: &[(i32, i64)]) -> Result<bool, KafkaError> {
    if ends.is_empty() {
        return Ok(true);
    }
    let mut asked = TopicPartitionList::new();
    for (partition, _) in ends {
        asked.add_partition(topic, *partition);
    }
    let committed = group.committed_offsets(asked, ANSWER)?;
    Ok(ends.iter().all(|(partition, end)| {
        committed.find_partition(topic, *partition).is_some_and(|found| found.offset() == Offset::Offset(*end))
    }))
}

fn client(brokers: &str, group: &str) -> Result<BaseConsumer, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("log_level", "2")
        .create()
}
