//! The broker is disposable: it may be away, it may lose everything, it may lose one topic.

use std::{collections::BTreeSet, path::Path, time::Duration};

use local::kafka::ApacheKafka;
use platform::testing::{Bench, eventually, request_id};
use proto::programme::ProgrammeEvent;
use rdkafka::{
    ClientConfig, Message, TopicPartitionList,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
    consumer::{BaseConsumer, CommitMode, Consumer},
};
use sqlx::AssertSqlSafe;

use super::{Deed, Writer, database, event_id, key, records, scalar, try_records, users, verified, versions};
use crate::process::Process;

/// `programme` tells, `demand` and `monitoring` listen, `demand` tells `monitoring`.
struct Trio {
    bench: Bench,
    programme: Process,
    demand: Process,
    monitoring: Process,
}

impl Trio {
    async fn start(kafka: &str) -> Self {
        let postgres = platform::config::variable("CIRCULA_TEST_POSTGRES").unwrap();
        let bench = Bench::on(&postgres, kafka, users()).await;
        let programme = Process::start(&bench, "programme").await;
        let demand = Process::start(&bench, "demand").await;
        let monitoring = verified::monitoring(&bench, &[("programme", &programme), ("demand", &demand)]).await;
        Self { bench, programme, demand, monitoring }
    }

    async fn deeds(&self, numbers: std::ops::RangeInclusive<u32>) {
        for number in numbers {
            for (deed, process) in [(Deed::Organisation, &self.programme), (Deed::Employer, &self.demand)] {
                let channel = process.channel().await;
                deed.try_on(&self.bench, channel, (number, &request_id())).await.unwrap();
            }
        }
    }

    /// Waits until monitoring has folded so many organisations and employers, and gives the hash of its rows.
    async fn folded(&self, wanted: i64) -> [String; 2] {
        eventually("monitoring has folded everything", async || {
            for sql in ["SELECT count(*) FROM organisation", "SELECT count(*) FROM employer"] {
                if scalar(&self.bench, "monitoring", sql).await? != wanted {
                    return None;
                }
            }
            Some(())
        })
        .await;
        [self.hash("organisation").await, self.hash("employer").await]
    }

    /// The rows of both projections, as text.
    async fn rows(&self) -> BTreeSet<String> {
        let mut rows = BTreeSet::new();
        for table in ["organisation", "employer"] {
            let sql = AssertSqlSafe(format!("SELECT t::text FROM {table} t"));
            let found: Vec<String> =
                sqlx::query_scalar(sql).fetch_all(&mut database(&self.bench, "monitoring").await).await.unwrap();
            rows.extend(found);
        }
        rows
    }

    async fn figures_are_true(&self) {
        verified::is_clean(&self.bench, &self.monitoring, &["programme", "demand"]).await;
    }

    async fn hash(&self, table: &str) -> String {
        let sql = format!("SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM {table} t");
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut database(&self.bench, "monitoring").await).await.unwrap()
    }

    /// Empties monitoring's fold, as if it had never heard of anything: only a replay of the whole log fills it again.
    async fn forget(&self) {
        for table in ["organisation", "employer"] {
            let sql = AssertSqlSafe(format!("TRUNCATE {table}"));
            sqlx::query(sql).execute(&mut database(&self.bench, "monitoring").await).await.unwrap();
        }
    }
}

async fn broker(directory: &Path) -> ApacheKafka {
    ApacheKafka::start(directory, &[]).await.expect("Apache Kafka starts")
}

/// Deletes the data of a broker that may be running: what it makes there meanwhile goes too.
pub(super) async fn delete(home: &Path) {
    let data = home.join("data");
    eventually("the broker's data are gone", async || {
        std::fs::remove_dir_all(&data).ok();
        (!data.exists()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_go_on_while_the_broker_is_away_and_a_broker_that_lost_everything_is_filled_again() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("kafka");
    let kafka = broker(&home).await;
    let trio = Trio::start(kafka.bootstrap_servers()).await;
    trio.deeds(1..=10).await;
    trio.folded(10).await;
    let live = trio.rows().await;

    // Its data are deleted under it. What it may still take of the next two, and acknowledge, goes with it.
    delete(&home).await;
    trio.deeds(11..=12).await;
    kafka.kill().await.unwrap();
    drop(kafka);
    trio.deeds(13..=17).await;
    let (status, report) = trio.programme.ready().await.unwrap();
    assert_eq!(status, 200, "commands do without the broker");
    eventually("it says that the broker is away", async || {
        let (_, report) = trio.programme.ready().await?;
        report.contains("waiting for kafka").then_some(())
    })
    .await;
    drop(report);
    // More than the relay has in its hands: all that wait.
    for (service, process) in [("programme", &trio.programme), ("demand", &trio.demand)] {
        let sql = "SELECT count(*) FROM outbox WHERE published_at IS NULL";
        let waiting = scalar(&trio.bench, service, sql).await.unwrap();
        assert!((5..=7).contains(&waiting), "{service}: {waiting}");
        let told = process.metric("circula_outbox_unpublished").await.unwrap();
        assert_eq!(told.to_string(), waiting.to_string(), "{service}");
    }

    trio.forget().await;
    let kafka = broker(&home).await;
    trio.folded(17).await;
    let again = trio.rows().await;
    assert_eq!((live.len(), again.len()), (20, 34), "seven more of each");
    let lost: Vec<_> = live.difference(&again).collect();
    assert!(lost.is_empty(), "rows that were folded live and came back otherwise: {lost:?}");
    trio.figures_are_true().await;

    // The log itself is whole again, in order, each event once.
    let told = versions::<ProgrammeEvent>(&records(&trio.bench, &Deed::Organisation.topic()));
    assert_eq!((told.len(), told.values().all(|versions| versions == &[1])), (17, true));
    drop(kafka);
}

/// A reader that is away while the broker is replaced, and whose place of old is found at the new one: it was committed
/// late. Behind it lies all that the new log has.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_in_a_log_that_is_gone_is_not_believed_in_the_one_that_took_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("kafka");
    let kafka = broker(&home).await;
    let mut trio = Trio::start(kafka.bootstrap_servers()).await;
    trio.deeds(1..=8).await;
    let before = trio.folded(8).await;
    let groups = ["programme", "demand"].map(|producer| Group::new(&trio.bench, producer));
    let mut places = Vec::new();
    for group in &groups {
        places.push(eventually("all is committed", async || group.place_at_the_end()).await);
    }
    trio.monitoring.kill();
    trio.forget().await;

    kafka.kill().await.unwrap();
    drop(kafka);
    std::fs::remove_dir_all(home.join("data")).unwrap();
    let kafka = broker(&home).await;
    for (group, place) in groups.iter().zip(&places) {
        eventually("the log is whole again", async || {
            (group.metadata_has_topic()
                && try_records(&trio.bench, &group.topic).is_ok_and(|records| records.len() == 8))
            .then_some(())
        })
        .await;
        eventually("a late commit is taken", async || group.reader.commit(place, CommitMode::Sync).ok()).await;
    }
    trio.monitoring.again();
    assert_eq!(trio.folded(8).await, before);
    trio.figures_are_true().await;
    drop(kafka);
}

/// Monitoring's group of one topic, as a client of the broker sees it.
struct Group {
    reader: BaseConsumer,
    topic: String,
    name: String,
}

const ANSWER: Duration = Duration::from_secs(10);

impl Group {
    fn new(bench: &Bench, producer: &str) -> Self {
        let topic = format!("circula.{producer}.v1");
        let group = platform::consumer::group("monitoring", &topic);
        let reader = ClientConfig::new()
            .set("bootstrap.servers", bench.brokers())
            .set("group.id", format!("{}{group}", bench.prefix))
            .set("enable.auto.commit", "false")
            .create()
            .unwrap();
        let name = format!("{}{topic}", bench.prefix);
        Self { reader, topic, name }
    }

    fn metadata_has_topic(&self) -> bool {
        let metadata = self.reader.fetch_metadata(Some(&self.name), ANSWER);
        metadata.is_ok_and(|metadata| metadata.topics().iter().all(|topic| topic.error().is_none()))
    }

    /// What the group has committed, once it is the end of every partition that holds anything.
    fn place_at_the_end(&self) -> Option<TopicPartitionList> {
        let metadata = self.reader.fetch_metadata(Some(&self.name), ANSWER).ok()?;
        let mut asked = TopicPartitionList::new();
        for partition in metadata.topics()[0].partitions() {
            if self.end(partition.id())? > 0 {
                asked.add_partition(&self.name, partition.id());
            }
        }
        let places = self.reader.committed_offsets(asked, ANSWER).ok()?;
        let at_the_end = places.elements().iter().all(|place| place.offset().to_raw() == self.end(place.partition()));
        at_the_end.then_some(places)
    }

    fn end(&self, partition: i32) -> Option<i64> {
        self.reader.fetch_watermarks(&self.name, partition, ANSWER).ok().map(|(_, end)| end)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_was_deleted_is_made_and_filled_again_and_nobody_misses_an_event() {
    let directory = tempfile::tempdir().unwrap();
    let kafka = broker(directory.path()).await;
    let trio = Trio::start(kafka.bootstrap_servers()).await;
    trio.deeds(1..=8).await;
    trio.folded(8).await;
    // The log that is lost was longer than the one that takes its place: it had every event twice.
    let topic = Deed::Organisation.topic();
    let writer = Writer::new(&trio.bench, &topic);
    for record in records(&trio.bench, &topic) {
        writer.write(&key(&record), event_id(&record).parse().unwrap(), record.payload().unwrap()).await;
    }
    eventually("monitoring has read all of it", async || {
        (trio.monitoring.metric("circula_events_applied_total").await? >= 24.0).then_some(())
    })
    .await;

    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", kafka.bootstrap_servers()).create().unwrap();
    let name = format!("{}{topic}", trio.bench.prefix);
    let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(20)));
    admin.delete_topics(&[&name], &options).await.unwrap();
    trio.deeds(9..=12).await;
    trio.folded(12).await;
    eventually("the log is whole again", async || {
        let told = versions::<ProgrammeEvent>(&records(&trio.bench, &topic));
        (told.len() == 12).then_some(())
    })
    .await;
    trio.figures_are_true().await;
    assert!(trio.monitoring.metric("circula_parked_events").await.unwrap_or_default() < 1.0, "nothing is parked");
}
