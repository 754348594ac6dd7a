//! Topics on a broker that has just started.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::metadata::Metadata;
use rdkafka::types::RDKafkaErrorCode;

const PATIENCE: Duration = Duration::from_secs(30);
const REQUEST: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Creates the topics that are missing and returns when every partition of each has a leader.
pub(super) async fn create(bootstrap_servers: &str, topics: &[(String, i32)]) -> Result<()> {
    if topics.is_empty() {
        return Ok(());
    }
    let client: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap_servers)
        .set("reconnect.backoff.max.ms", "200")
        .create()
        .context("cannot make the client that creates topics")?;
    ask(&client, topics).await?;
    let topics = topics.to_vec();
    // The client's metadata call blocks its thread.
    tokio::task::spawn_blocking(move || wait(&client, &topics)).await.context("the wait for the topics was cut off")?
}

async fn ask(client: &AdminClient<DefaultClientContext>, topics: &[(String, i32)]) -> Result<()> {
    let wanted: Vec<NewTopic<'_>> =
        topics.iter().map(|(name, partitions)| NewTopic::new(name, *partitions, TopicReplication::Fixed(1))).collect();
    let options = AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(REQUEST));
    let results = client.create_topics(&wanted, &options).await.context("Apache Kafka does not answer")?;
    for result in results {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => bail!("Apache Kafka refused the topic {name}: {code}"),
        }
    }
    Ok(())
}

fn wait(client: &AdminClient<DefaultClientContext>, topics: &[(String, i32)]) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let metadata = client.inner().fetch_metadata(None, REQUEST);
        let missing = match &metadata {
            Ok(metadata) => topics.iter().find(|(name, partitions)| !is_ready(metadata, name, *partitions)),
            Err(_) => topics.first(),
        };
        let Some((name, partitions)) = missing else {
            return Ok(());
        };
        if Instant::now() > deadline {
            let error = metadata.err().map(|error| format!(" ({error})")).unwrap_or_default();
            bail!(
                "the topic {name} with {partitions} partitions did not appear within {} s{error}; if it is there with \
                 another number of partitions, delete the broker's folder to start anew",
                PATIENCE.as_secs()
            );
        }
        std::thread::sleep(PAUSE);
    }
}

fn is_ready(metadata: &Metadata, name: &str, partitions: i32) -> bool {
    metadata.topics().iter().filter(|topic| topic.name() == name && topic.error().is_none()).any(|topic| {
        i32::try_from(topic.partitions().len()) == Ok(partitions)
            && topic.partitions().iter().all(|partition| partition.leader() >= 0 && partition.error().is_none())
    })
}
