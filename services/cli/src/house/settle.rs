//! Waiting until everything that was written has arrived everywhere: outboxes empty, consumers at the end of their topics.

use std::time::Duration;

use anyhow::Context;
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
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

/// Waits until nothing is under way. Handlers may write again, so it must be so twice in a row.
///
/// # Errors
/// If it does not come true in time, or a server does not answer.
pub(super) async fn settle((brokers, prefix): (&str, &str), databases: &[String]) -> anyhow::Result<()> {
    let began = tokio::time::Instant::now();
    let mut quiet = 0;
    while quiet < 2 {
        anyhow::ensure!(began.elapsed() < PATIENCE, "after {} s events are still under way", PATIENCE.as_secs());
        let (brokers, prefix) = (brokers.to_owned(), prefix.to_owned());
        let arrived = published(databases).await?
            && tokio::task::spawn_blocking(move || consumed(&brokers, &prefix))
                .await?
                .context("the broker does not answer")?;
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

fn consumed(brokers: &str, prefix: &str) -> Result<bool, rdkafka::error::KafkaError> {
    for topic in proto::TOPICS {
        let name = format!("{prefix}{}", topic.name);
        let reader = client(brokers, "settle")?;
        let partitions: Vec<i32> = reader
            .fetch_metadata(Some(&name), ANSWER)?
            .topics()
            .iter()
            .flat_map(|topic| topic.partitions().iter().map(rdkafka::metadata::MetadataPartition::id))
            .collect();
        let mut ends = Vec::new();
        for partition in partitions {
            let (_, end) = reader.fetch_watermarks(&name, partition, ANSWER)?;
            if end > 0 {
                ends.push((partition, end));
            }
        }
        for (service, _) in CONSUMERS.iter().filter(|(_, topics)| topics.contains(&topic.producer)) {
            let group = format!("{prefix}{}", platform::consumer::group(service, topic.name));
            if !at_the_end(brokers, (&group, &name), &ends)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn at_the_end(
    brokers: &str,
    (group, topic): (&str, &str),
    ends: &[(i32, i64)],
) -> Result<bool, rdkafka::error::KafkaError> {
    if ends.is_empty() {
        return Ok(true);
    }
    let client = client(brokers, group)?;
    let mut asked = TopicPartitionList::new();
    for (partition, _) in ends {
        asked.add_partition(topic, *partition);
    }
    let committed = client.committed_offsets(asked, ANSWER)?;
    Ok(ends.iter().all(|(partition, end)| {
        committed.find_partition(topic, *partition).is_some_and(|found| found.offset() == Offset::Offset(*end))
    }))
}

fn client(brokers: &str, group: &str) -> Result<BaseConsumer, rdkafka::error::KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("log_level", "2")
        .create()
}
