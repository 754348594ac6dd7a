//! Each of the three servers is started for real. What a machine lacks is said by the error.

use std::fs::Permissions;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use local::broker::MockBroker;
use local::kafka::{self, ApacheKafka};
use local::postgres::{self, Postgres};
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, util::Timeout};
use sqlx::{Connection, PgConnection};

const TOPIC: &str = "circula.demand.v1";

/// The directory for the program that is going to be killed.
const DOOMED: &str = "CIRCULA_TEST_DOOMED";

/// No test may hang; the first start of Apache Kafka on a machine fetches it.
async fn bounded(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::time::timeout(Duration::from_secs(300), work).await.context("the test takes too long")?
}

/// Does the work and says how long it took.
async fn timed<T>(what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let begin = Instant::now();
    let done = work.await.with_context(|| what.to_owned())?;
    println!("{what}: {} ms", begin.elapsed().as_millis());
    Ok(done)
}

fn topics() -> Vec<(String, i32)> {
    (0..7).map(|number| (format!("circula.other{number}.v1"), 4)).chain([(TOPIC.to_owned(), 16)]).collect()
}

async fn produce(servers: &str, text: &str) -> Result<()> {
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .set("enable.idempotence", "true")
        .set("message.timeout.ms", "20000")
        .create()?;
    let record = FutureRecord::to(TOPIC).key("one").payload(text);
    producer.send(record, Timeout::Never).await.map_err(|(error, _)| error)?;
    Ok(())
}

async fn consume(servers: &str, group: &str) -> Result<String> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("fetch.wait.max.ms", "10")
        .create()?;
    consumer.subscribe(&[TOPIC])?;
    let message = consumer.recv().await?;
    Ok(String::from_utf8(message.payload().context("an empty event")?.to_vec())?)
}

async fn answer(url: &str, sql: &'static str) -> Result<i32> {
    let mut connection = PgConnection::connect(url).await?;
    Ok(sqlx::query_scalar(sql).fetch_one(&mut connection).await?)
}

/// As root the data of a directory below one of mode 0700 is elsewhere.
fn clean(directory: &Path) -> Result<()> {
    match std::fs::read_link(directory.join("data")) {
        Ok(moved) => Ok(std::fs::remove_dir_all(moved)?),
        Err(_) => Ok(()),
    }
}

#[tokio::test]
async fn postgres_keeps_its_data_through_a_kill_and_a_stop() -> Result<()> {
    bounded(async {
        let folder = tempfile::tempdir()?;
        // Like root's home: where the server runs as somebody else, its data cannot be here.
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o700))?;
        let directory = folder.path().join("a").join("postgres");
        assert_eq!(postgres::in_use(&directory), None, "nothing is there");
        let postgres = timed("PostgreSQL, first start", Postgres::start(&directory)).await?;
        let url = postgres.url().to_owned();
        assert!(postgres::in_use(&directory).is_some());
        assert_eq!(answer(&url, "SELECT current_setting('max_connections')::INTEGER").await?, 200);
        assert_eq!(answer(&url, "SELECT (current_setting('data_checksums') = 'on')::INTEGER").await?, 1);
        let mut connection = PgConnection::connect(&url).await?;
        sqlx::raw_sql("CREATE TABLE seat AS SELECT 7 AS number").execute(&mut connection).await?;
        timed("PostgreSQL, kill", postgres.kill()).await?;
        assert!(PgConnection::connect(&url).await.is_err());
        assert_eq!(postgres::in_use(&directory), None, "it was killed, whatever its lock says");

        let restarted = timed("PostgreSQL, start after a kill", Postgres::start(&directory)).await?;
        assert_eq!(restarted.url(), url);
        assert_eq!(answer(&url, "SELECT number FROM seat").await?, 7);
        timed("PostgreSQL, stop", restarted.stop()).await?;
        assert_eq!(postgres::in_use(&directory), None);

        let again = timed("PostgreSQL, start after a stop", Postgres::start(&directory)).await?;
        assert_eq!(answer(again.url(), "SELECT number FROM seat").await?, 7);
        drop(again);
        assert!(PgConnection::connect(&url).await.is_err());
        clean(&directory)
    })
    .await
}

#[tokio::test]
async fn a_lock_with_the_number_of_another_process_is_stale() -> Result<()> {
    bounded(async {
        let folder = tempfile::tempdir()?;
        Postgres::start(folder.path()).await?.stop().await?;
        let lock = folder.path().join("data/postmaster.pid");
        std::fs::write(&lock, format!("{}\n", std::process::id()))?;
        assert_eq!(postgres::in_use(folder.path()), None);
        let postgres = Postgres::start(folder.path()).await?;
        assert_eq!(answer(postgres.url(), "SELECT 1").await?, 1);
        Ok(())
    })
    .await
}

/// This test's own program is started once more to be the parent.
#[tokio::test]
async fn postgres_ends_with_a_parent_that_is_killed() -> Result<()> {
    bounded(async {
        let folder = tempfile::tempdir()?;
        let directory = folder.path().join("doomed");
        let mut parent = Command::new(std::env::current_exe()?)
            .args(["--exact", "the_program_that_is_killed", "--ignored"])
            .env(DOOMED, &directory)
            .stdout(Stdio::null())
            .spawn()?;
        let url = loop {
            match std::fs::read_to_string(directory.join("url")) {
                Ok(url) if !url.is_empty() => break url,
                _ if parent.try_wait()?.is_some() => {
                    bail!("the other program ended before it was killed")
                }
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        assert_eq!(answer(&url, "SELECT 1").await?, 1);
        parent.kill()?;
        parent.wait()?;
        while PgConnection::connect(&url).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Also while the old one is still writing.
        let successor = Postgres::start(&directory).await?;
        assert_eq!(answer(successor.url(), "SELECT 1").await?, 1);
        successor.stop().await?;
        clean(&directory)
    })
    .await
}

#[tokio::test]
#[ignore = "is a part of `postgres_ends_with_a_parent_that_is_killed`"]
async fn the_program_that_is_killed() -> Result<()> {
    let Some(directory) = std::env::var_os(DOOMED).map(PathBuf::from) else {
        return Ok(());
    };
    let postgres = Postgres::start(&directory).await?;
    std::fs::write(directory.join("url"), postgres.url())?;
    std::future::pending().await
}

#[tokio::test]
async fn the_mock_broker_hands_on_what_was_produced() -> Result<()> {
    bounded(async {
        let broker = timed("mock broker, start", MockBroker::start(&topics())).await?;
        let servers = broker.bootstrap_servers();
        timed("mock broker, first event there", produce(servers, "tomatoes")).await?;
        assert_eq!(timed("mock broker, and back", consume(servers, "matching")).await?, "tomatoes");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn apache_kafka_keeps_its_events_through_a_kill_and_a_stop() -> Result<()> {
    bounded(async {
        let folder = tempfile::tempdir()?;
        assert_eq!(kafka::in_use(folder.path()), None, "nothing is there");
        let kafka = timed("Apache Kafka, first start", ApacheKafka::start(folder.path(), &topics())).await?;
        let servers = kafka.bootstrap_servers().to_owned();
        timed("Apache Kafka, first event there", produce(&servers, "apples")).await?;
        assert_eq!(timed("Apache Kafka, and back", consume(&servers, "matching")).await?, "apples");
        assert!(kafka::in_use(folder.path()).is_some());
        timed("Apache Kafka, kill", kafka.kill()).await?;
        assert_eq!(kafka::in_use(folder.path()), None);

        let restarted = timed("Apache Kafka, start after a kill", ApacheKafka::start(folder.path(), &topics())).await?;
        assert_eq!(restarted.bootstrap_servers(), servers);
        assert_eq!(consume(&servers, "placement").await?, "apples");
        timed("Apache Kafka, stop", restarted.stop()).await?;

        let again = timed("Apache Kafka, start after a stop", ApacheKafka::start(folder.path(), &topics())).await?;
        assert_eq!(timed("Apache Kafka, an old event", consume(again.bootstrap_servers(), "gateway")).await?, "apples");
        Ok(())
    })
    .await
}
