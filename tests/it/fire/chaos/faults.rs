//! What a campaign does to the house, one thing after the other. Each is over, or mended, before the next one begins.

use std::{fmt, ops::RangeInclusive, path::Path, process::Command, time::Duration};

use cli::house::SERVICES;
use local::{kafka::ApacheKafka, postgres::Postgres};
use platform::testing::eventually;
use proto::{Event, placement::PlacementEnvelope};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use rdkafka::{
    ClientConfig, Message,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::World;
use crate::{
    fire::{Writer, broker::delete, database, event_id, key, log, records},
    process::Process,
};

/// Keys under which the campaign writes what nobody can read begin like this.
pub(super) const POISON: &str = "poison-";
/// Records of a topic that are told again.
const AGAIN: usize = 200;
/// Milliseconds that a slow line holds up each piece, one way.
const SLOW: RangeInclusive<u64> = 5..=60;

/// The servers, which the faults end and start.
pub(super) struct Servers {
    pub(super) postgres: Option<Postgres>,
    pub(super) kafka: Option<ApacheKafka>,
}

#[derive(Clone, Copy)]
pub(super) enum Fault {
    Killed(&'static str),
    /// For longer or shorter than a session.
    Frozen(&'static str),
    /// By a second process of its kind: two relays, two consumers.
    Accompanied(&'static str),
    /// From its database: every connection is ended.
    CutOff(&'static str),
    /// By its line to the database, which holds up every piece.
    Slowed(&'static str),
    /// By a transaction that somebody leaves open in its database.
    Idled(&'static str),
    /// The end of its topic, three times.
    ToldAgain(&'static str),
    Poisoned(Uuid),
    TopicDeleted,
    /// Under commands, or with none under way: it meets relays, consumers and computations then.
    PostgresKilled {
        quiet: bool,
    },
    PostgresFrozen,
    KafkaKilled,
    KafkaFrozen,
    /// Its data are deleted under it, and it does not outlive them.
    KafkaWiped,
}

impl fmt::Display for Fault {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Killed(service) => write!(to, "{service} killed"),
            Self::Frozen(service) => write!(to, "{service} frozen"),
            Self::Accompanied(service) => write!(to, "{service} started twice"),
            Self::CutOff(service) => write!(to, "{service} cut off from its database"),
            Self::Slowed(service) => write!(to, "the line from {service} to its database slow"),
            Self::Idled(service) => write!(to, "a transaction left open in {service}"),
            Self::ToldAgain(service) => write!(to, "{service} told again"),
            Self::Poisoned(_) => write!(to, "poison"),
            Self::TopicDeleted => write!(to, "topic deleted"),
            Self::PostgresKilled { quiet: false } => write!(to, "PostgreSQL killed"),
            Self::PostgresKilled { quiet: true } => write!(to, "PostgreSQL killed with no command under way"),
            Self::PostgresFrozen => write!(to, "PostgreSQL frozen"),
            Self::KafkaKilled => write!(to, "Kafka killed"),
            Self::KafkaFrozen => write!(to, "Kafka frozen"),
            Self::KafkaWiped => write!(to, "Kafka wiped"),
        }
    }
}

impl Fault {
    /// A fault and how long it lasts, if it lasts.
    pub(super) fn draw(chance: &mut ChaCha8Rng) -> (Self, Duration) {
        let service = *SERVICES.choose(chance).expect("there are services");
        let teller =
            *["programme", "demand", "candidate", "matching", "placement"].choose(chance).expect("there are some");
        let lasts = Duration::from_millis(chance.random_range(200..9_000));
        let id = Uuid::from_u128(chance.random());
        let fault = match chance.random_range(0..27) {
            0..=5 => Self::Killed(service),
            6..=9 => Self::Frozen(service),
            10..=12 => Self::Accompanied(service),
            13..=14 => Self::CutOff(service),
            15 => Self::Idled(service),
            16..=17 => Self::ToldAgain(teller),
            18 => Self::Poisoned(id),
            19 => Self::TopicDeleted,
            20 => Self::PostgresKilled { quiet: chance.random() },
            21 => Self::PostgresFrozen,
            22 => Self::KafkaKilled,
            23 => Self::KafkaFrozen,
            24 => Self::KafkaWiped,
            _ => Self::Slowed(service),
        };
        (fault, lasts)
    }
}

impl World {
    pub(super) async fn inflict(&self, (fault, lasts): (Fault, Duration), servers: &mut Servers) {
        let bench = &self.race.bench;
        match fault {
            Fault::Killed(service) => {
                let mut process = self.processes[service].lock().await;
                process.kill();
                process.again();
            }
            Fault::Frozen(service) => {
                let process = self.processes[service].lock().await;
                process.signal("-STOP");
                tokio::time::sleep(lasts).await;
                process.signal("-CONT");
            }
            Fault::Accompanied(service) => {
                let companion = Process::start(bench, service).await;
                tokio::time::sleep(lasts).await;
                drop(companion);
            }
            Fault::CutOff(service) => {
                let cut = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE usename = '{service}' AND datname = current_database()"
                );
                sqlx::raw_sql(AssertSqlSafe(cut)).execute(&mut database(bench, service).await).await.unwrap();
            }
            Fault::Slowed(service) => {
                self.lines[service].delay(SLOW);
                tokio::time::sleep(lasts).await;
                self.lines[service].open();
            }
            Fault::Idled(service) => {
                let mut idle = database(bench, service).await;
                sqlx::raw_sql("BEGIN; SELECT pg_current_xact_id()").execute(&mut idle).await.unwrap();
                tokio::time::sleep(lasts).await;
            }
            Fault::ToldAgain(service) => self.tell_again(&format!("circula.{service}.v1")).await,
            Fault::Poisoned(id) => {
                let writer = Writer::new(bench, "circula.programme.v1");
                writer.write(&format!("{POISON}{id}"), id, b"\xFF\xFF not an event").await;
            }
            Fault::TopicDeleted => self.delete_topic().await,
            Fault::PostgresKilled { quiet: false } => self.kill_postgres(servers).await,
            Fault::PostgresKilled { quiet: true } => {
                let _calm = self.calm.write().await;
                let _still = self.still.write().await;
                self.kill_postgres(servers).await;
            }
            Fault::PostgresFrozen => freeze(&postgres_processes(self.home.path()), lasts).await,
            Fault::KafkaKilled => {
                servers.kafka.take().expect("it runs").kill().await.unwrap();
                servers.kafka = Some(kafka(self.home.path()).await);
            }
            Fault::KafkaFrozen => {
                let broker = local::kafka::in_use(&self.home.path().join("kafka")).expect("it runs");
                freeze(&[broker.to_string()], lasts).await;
            }
            Fault::KafkaWiped => self.wipe(servers).await,
        }
    }

    async fn kill_postgres(&self, servers: &mut Servers) {
        servers.postgres.take().expect("it runs").kill().await.unwrap();
        servers.postgres = Some(postgres(self.home.path()).await);
    }

    async fn tell_again(&self, topic: &str) {
        let told = records(&self.race.bench, topic);
        let writer = Writer::new(&self.race.bench, topic);
        for _ in 0..3 {
            for record in &told[told.len().saturating_sub(AGAIN)..] {
                let id = event_id(record).parse().expect("an event has an id");
                writer.write(&key(record), id, record.payload().unwrap()).await;
            }
        }
    }

    /// Owners make their topics in the new log and fill them. What the campaign told in their names is in no outbox: it tells
    /// that again.
    async fn wipe(&self, servers: &mut Servers) {
        // Nobody fights for what is lost before it was heard.
        let _calm = self.calm.write().await;
        let bench = &self.race.bench;
        let mut told = Vec::new();
        for service in ["programme", "demand", "candidate", "matching"] {
            let topic = format!("circula.{service}.v1");
            told.push((service, records(bench, &topic), self.refills(service).await, topic));
        }
        delete(&self.home.path().join("kafka")).await;
        servers.kafka.take().expect("it runs").kill().await.unwrap();
        servers.kafka = Some(kafka(self.home.path()).await);
        for (service, records, before, topic) in told {
            eventually(&format!("{service} fills its topic again"), async || {
                (self.refills(service).await > before).then_some(())
            })
            .await;
            let (writer, mut known) = (Writer::new(bench, &topic), log::written(bench, service).await);
            for record in &records {
                let id = event_id(record);
                if known.insert(id.clone()) {
                    writer
                        .write(&key(record), id.parse().expect("an event has an id"), record.payload().unwrap())
                        .await;
                }
            }
        }
    }

    /// How often a service said that it publishes everything again. It does so when its topic is made and has been empty for
    /// long enough.
    async fn refills(&self, service: &str) -> usize {
        self.processes[service].lock().await.log().matches("publishing what is retained again").count()
    }

    /// Its owner makes it and fills it again. Only that of placement: the other topics have facts which no outbox has.
    async fn delete_topic(&self) {
        let admin: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", self.race.bench.brokers()).create().unwrap();
        let name = format!("{}{}", self.race.bench.prefix, PlacementEnvelope::TOPIC);
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(20)));
        let mut outbox = database(&self.race.bench, "placement").await;
        let moment: String = sqlx::query_scalar("SELECT clock_timestamp()::text").fetch_one(&mut outbox).await.unwrap();
        admin.delete_topics(&[&name], &options).await.unwrap();
        eventually("its owner sees that it is gone", async || {
            let old = "SELECT count(*) FROM outbox WHERE published_at < $1::text::timestamptz";
            let old: i64 = sqlx::query_scalar(old).bind(&moment).fetch_one(&mut outbox).await.unwrap();
            (old == 0).then_some(())
        })
        .await;
    }
}

async fn freeze(processes: &[String], lasts: Duration) {
    for signal in ["-STOP", "-CONT"] {
        // One that has ended meanwhile needs no signal.
        Command::new("kill").arg(signal).args(processes).status().unwrap();
        if signal == "-STOP" {
            tokio::time::sleep(lasts).await;
        }
    }
}

/// The server first: it starts no more then.
fn postgres_processes(home: &Path) -> Vec<String> {
    let server = local::postgres::in_use(&home.join("postgres")).expect("it runs").to_string();
    let children = Command::new("ps").args(["-o", "pid=", "--ppid", &server]).output().unwrap();
    let children = String::from_utf8_lossy(&children.stdout).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    [server].into_iter().chain(children).collect()
}

pub(super) async fn postgres(home: &Path) -> Postgres {
    Postgres::start(&home.join("postgres")).await.expect("PostgreSQL starts")
}

pub(super) async fn kafka(home: &Path) -> ApacheKafka {
    ApacheKafka::start(&home.join("kafka"), &[]).await.expect("Apache Kafka starts")
}
