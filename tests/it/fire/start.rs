//! Start and stop: in any order, saying what is waited for, and going within ten seconds.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::TcpStream,
    time::{Duration, Instant},
};

use cli::house::SERVICES;
use futures::future::join_all;
use local::{kafka::ApacheKafka, postgres::Postgres};
use platform::{
    Config,
    config::variable,
    testing::{Bench, eventually, request_id},
};
use proto::{
    monitoring::{WatchFlowsRequest, monitoring_service_client::MonitoringServiceClient},
    operation::{ListParkedKeysRequest, operation_service_client::OperationServiceClient},
};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use sqlx::PgConnection;

use super::{Deed, database, scalar, size, users};
use crate::process::{DRAIN, Prepared, Process};

#[tokio::test(flavor = "multi_thread")]
async fn services_start_before_their_database_and_their_broker_and_say_what_they_wait_for() {
    let directory = tempfile::tempdir().unwrap();
    let postgres = Postgres::start(directory.path()).await.unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let bench = Bench::on(postgres.url(), &nobody, users()).await;
    bench.config("programme").await;
    let url = postgres.url().to_owned();
    postgres.stop().await.unwrap();

    // `start` makes the database, so it goes through a server that is there; the process itself sees the stopped one.
    let standby = Bench::new(users()).await;
    let address = url.strip_prefix("postgres://postgres@").unwrap().strip_suffix("/postgres").unwrap();
    let database = format!("postgres://programme@{address}/{}programme", bench.prefix);
    let environment =
        [("CIRCULA_PROGRAMME__DATABASE__URL", database.as_str()), ("CIRCULA_PROGRAMME__KAFKA__BROKERS", &nobody)];
    let mut programme = Process::start_with(&standby, "programme", &environment).await;
    let report = eventually("it says what it waits for", async || {
        let (status, report) = programme.ready().await?;
        (status == 503 && report.contains("waiting for")).then_some(report)
    })
    .await;
    assert!(report.contains("the database") && report.contains(address), "{report}");
    assert!(programme.log().lines().filter(|line| line.contains("waiting for the database")).count() == 1, "once");
    assert!(programme.is_running(), "it waits, it does not give up");

    let postgres = Postgres::start(directory.path()).await.unwrap();
    assert_eq!(postgres.url(), url);
    eventually("it is ready", async || programme.ready().await.filter(|(status, _)| *status == 200)).await;
    let channel = programme.channel().await;
    Deed::Organisation.try_on(&standby, channel, (1, &request_id())).await.unwrap();
    eventually("it says that the broker is away", async || {
        programme.ready().await.filter(|(status, report)| *status == 200 && report.contains("waiting for kafka"))
    })
    .await;
    programme.signal("-TERM");
    assert!(programme.ended().await.success(), "{}", programme.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_wrong_ends_the_start_with_one_line() {
    let bench = Bench::new(users()).await;
    let environment = [("CIRCULA_PROGRAMME__DATABASE__URL", "postgres://nobody_known@127.0.0.1:1/x?sslmode=nonsense")];
    let mut programme = Process::start_with(&bench, "programme", &environment).await;
    assert!(!programme.ended().await.success());
    let log = programme.log();
    assert!(log.lines().any(|line| line.starts_with("programme: ") && line.contains("database.url")), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_a_service_finishes_what_it_took_and_goes_within_ten_seconds() {
    let bench = Bench::new(users()).await;
    let mut programme = Process::start(&bench, "programme").await;
    let mut monitoring = Process::start(&bench, "monitoring").await;
    let channel = programme.channel().await;
    // Somebody watches for hours, somebody opened a connection and says nothing.
    let mut watching = MonitoringServiceClient::new(monitoring.channel().await);
    let stream = watching.watch_flows(bench.call("operator", WatchFlowsRequest::default())).await.unwrap();
    let silent = TcpStream::connect(programme.address()).unwrap();

    let mut acknowledged = 0;
    let mut number = 0;
    let mut asked = std::time::Instant::now();
    while programme.is_running() && asked.elapsed() < DRAIN * 2 {
        number += 1;
        if Deed::Organisation.try_on(&bench, channel.clone(), (number, &request_id())).await.is_ok() {
            acknowledged += 1;
        }
        if number == 20 {
            asked = std::time::Instant::now();
            programme.signal("-TERM");
            monitoring.signal("-TERM");
        }
    }
    assert!(programme.ended().await.success(), "{}", programme.log());
    assert!(monitoring.ended().await.success(), "{}", monitoring.log());
    assert!(asked.elapsed() < DRAIN + std::time::Duration::from_secs(1), "{:?}", asked.elapsed());
    assert!(acknowledged >= 20);
    assert!(Deed::Organisation.done(&bench).await >= acknowledged, "what was acknowledged is there");
    drop((stream, silent));
}

const POSTGRES: &str = "PostgreSQL";
const KAFKA: &str = "Kafka";
const GATEWAY: &str = "gateway";

/// The seed is said when the test fails; `CIRCULA_START_SEED` draws the same orders again.
#[tokio::test(flavor = "multi_thread")]
async fn in_whatever_order_all_is_started_each_says_what_it_waits_for_and_in_the_end_all_is_ready() {
    let seed =
        variable("CIRCULA_START_SEED").map_or_else(|| u64::from(std::process::id()), |seed| seed.parse().unwrap());
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let home = tempfile::tempdir().unwrap();
    let mut street = Street::found(home.path()).await;
    for round in 0..size(2, 20) {
        let mut order: Vec<&'static str> = SERVICES.into_iter().chain([GATEWAY, POSTGRES, KAFKA]).collect();
        order.shuffle(&mut chance);
        println!("seed {seed}: {order:?}");
        for name in order {
            street.start(name).await;
            street.everybody_says_what_is_missing().await;
        }
        street.works(u32::try_from(round).unwrap()).await;
        street.stop(&mut chance).await;
    }
}

/// Everything that runs in a house, each by itself and at addresses that all know before.
struct Street<'h> {
    home: &'h std::path::Path,
    bench: Bench,
    configs: BTreeMap<&'static str, Config>,
    postgres: Option<Postgres>,
    kafka: Option<ApacheKafka>,
    prepared: BTreeMap<&'static str, Prepared>,
    running: BTreeMap<&'static str, Process>,
    /// By the names of their variables.
    addresses: Vec<(String, String)>,
}

impl<'h> Street<'h> {
    /// Empty databases are made, and the servers stopped again.
    async fn found(home: &'h std::path::Path) -> Self {
        let postgres = Postgres::start(&home.join("postgres")).await.unwrap();
        let kafka = ApacheKafka::start(&home.join("kafka"), &[]).await.unwrap();
        let bench = Bench::on(postgres.url(), kafka.bootstrap_servers(), users()).await;
        let mut configs = BTreeMap::new();
        for service in SERVICES {
            configs.insert(service, bench.config(service).await);
        }
        // It has no database; what it is told of one is passed over.
        configs.insert(GATEWAY, configs["programme"].clone());
        postgres.stop().await.unwrap();
        kafka.stop().await.unwrap();
        let mut street = Self {
            home,
            bench,
            configs,
            postgres: None,
            kafka: None,
            prepared: BTreeMap::new(),
            running: BTreeMap::new(),
            addresses: Vec::new(),
        };
        street.prepare();
        street
    }

    fn prepare(&mut self) {
        let prepared = self.configs.iter().map(|(name, config)| (*name, Prepared::new(config, name)));
        self.prepared = prepared.collect();
        let url = |name: &str| self.prepared[name].url.clone();
        let variable = |of: &str, name: &str| (format!("{of}{}", name.to_uppercase()), url(name));
        let owners = SERVICES.into_iter().filter(|name| *name != "monitoring");
        let owners = owners.map(|name| variable("CIRCULA_MONITORING__OWNERS__", name));
        let all = SERVICES.into_iter().map(|name| variable("CIRCULA_GATEWAY__SERVICES__", name));
        self.addresses = all.chain(owners).collect();
    }

    async fn start(&mut self, name: &'static str) {
        match name {
            POSTGRES => {
                let postgres = Postgres::start(&self.home.join("postgres")).await.unwrap();
                assert_eq!(postgres.url(), self.bench.postgres(), "it comes back where it was");
                self.postgres = Some(postgres);
            }
            KAFKA => {
                let kafka = ApacheKafka::start(&self.home.join("kafka"), &[]).await.unwrap();
                assert_eq!(kafka.bootstrap_servers(), self.bench.brokers(), "it comes back where it was");
                self.kafka = Some(kafka);
            }
            service => {
                let known: Vec<(&str, &str)> =
                    self.addresses.iter().map(|(name, url)| (name.as_str(), url.as_str())).collect();
                let process = self.prepared.remove(service).unwrap().start(&known);
                self.running.insert(service, process);
            }
        }
    }

    async fn everybody_says_what_is_missing(&self) {
        join_all(self.running.iter().map(|(name, process)| self.says_what_is_missing(name, process))).await;
    }

    /// A line for each thing that is missing, and no other.
    async fn says_what_is_missing(&self, name: &str, process: &Process) {
        let server = self.bench.postgres().rsplit(['@', '/']).nth(1).unwrap();
        let (status, wanted): (u16, BTreeSet<String>) = match (name, &self.postgres, &self.kafka) {
            // It stays ready for the calls of those who answer. Nobody answers before he has his database.
            (GATEWAY, postgres, _) => {
                let answers = |service: &&str| postgres.is_some() && self.running.contains_key(*service);
                let silent = SERVICES.into_iter().filter(|service| !answers(service));
                (200, silent.map(|service| format!("waiting for {service}: it does not answer at http://")).collect())
            }
            (_, None, _) => (503, [format!("waiting for the database: {server}")].into()),
            (_, Some(_), None) => (200, ["waiting for kafka: ".to_owned()].into()),
            (_, Some(_), Some(_)) => (200, BTreeSet::new()),
        };
        eventually(&format!("{name} is {status} and says {wanted:?}"), async || {
            let (found, report) = process.ready().await?;
            let lines: Vec<&str> = report.lines().filter(|line| *line != "ready").collect();
            let each = lines.iter().all(|line| wanted.iter().any(|begin| line.starts_with(begin)));
            (found == status && each && lines.len() == wanted.len()).then_some(())
        })
        .await;
        let said = process.log().lines().filter(|line| line.contains("waiting for the database")).count();
        assert!(said <= 1, "{name} says it {said} times");
    }

    /// A command at one end of the house is a figure at the other.
    async fn works(&self, number: u32) {
        let channel = self.running["programme"].channel().await;
        Deed::Organisation.try_on(&self.bench, channel, (number, &request_id())).await.unwrap();
        eventually("monitoring has it", async || {
            let folded = scalar(&self.bench, "monitoring", "SELECT count(*) FROM organisation").await?;
            (folded == i64::from(number) + 1).then_some(())
        })
        .await;
    }

    /// Services in another order than they came, then the servers.
    async fn stop(&mut self, chance: &mut ChaCha8Rng) {
        let mut order: Vec<&'static str> = self.running.keys().copied().collect();
        order.shuffle(chance);
        for name in order {
            let mut process = self.running.remove(name).unwrap();
            let asked = Instant::now();
            process.signal("-TERM");
            assert!(process.ended().await.success(), "{name}: {}", process.log());
            assert!(asked.elapsed() < DRAIN + Duration::from_secs(1), "{name} took {:?}", asked.elapsed());
        }
        self.postgres.take().unwrap().stop().await.unwrap();
        self.kafka.take().unwrap().stop().await.unwrap();
        self.prepare();
    }
}

/// Every service of a house, and the gateway in front of them.
async fn everybody(bench: &Bench) -> BTreeMap<&'static str, Process> {
    let mut running = BTreeMap::new();
    let mut addresses = Vec::new();
    for service in SERVICES {
        let process = Process::start(bench, service).await;
        addresses.push((format!("CIRCULA_GATEWAY__SERVICES__{}", service.to_uppercase()), process.url.clone()));
        running.insert(service, process);
    }
    let known: Vec<(&str, &str)> = addresses.iter().map(|(name, url)| (name.as_str(), url.as_str())).collect();
    let gateway = Prepared::new(&bench.config("programme").await, GATEWAY).start(&known);
    running.insert(GATEWAY, gateway);
    for process in running.values() {
        eventually("it is ready", async || process.ready().await.filter(|(_, report)| report == "ready")).await;
    }
    running
}

/// Holds what a call for the parked events of this service needs.
async fn hold(bench: &Bench, service: &str) -> PgConnection {
    let mut holder = database(bench, service).await;
    sqlx::raw_sql("BEGIN; LOCK TABLE parked IN ACCESS EXCLUSIVE MODE").execute(&mut holder).await.unwrap();
    holder
}

/// Waits until a call waits for that.
async fn is_under_way(bench: &Bench, service: &str) {
    let waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'parked'::regclass AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    eventually("a call is under way", async || scalar(bench, service, waiting).await.filter(|calls| *calls > 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_every_service_answers_the_call_that_it_has_in_its_hands_and_goes() {
    let bench = Bench::new(users()).await;
    let mut running = everybody(&bench).await;
    let token = bench.issuer.token("operator").unwrap();
    // The gateway first: it needs somebody to ask.
    for name in [GATEWAY].into_iter().chain(SERVICES) {
        let asked_of = if name == GATEWAY { "programme" } else { name };
        let mut process = running.remove(name).unwrap();
        let mut holder = hold(&bench, asked_of).await;
        let call = if name == GATEWAY {
            let url = format!("{}/v1/services/{asked_of}/parkedKeys", process.url);
            let call = reqwest::Client::new().get(url).bearer_auth(&token).send();
            tokio::spawn(async move { call.await.is_ok_and(|answer| answer.status() == 200) })
        } else {
            let mut client = OperationServiceClient::new(process.channel().await);
            let request = bench.call("operator", ListParkedKeysRequest::default());
            tokio::spawn(async move { client.list_parked_keys(request).await.is_ok() })
        };
        is_under_way(&bench, asked_of).await;
        let asked = Instant::now();
        process.signal("-TERM");
        eventually("it has begun to stop", async || process.ready().await.is_none().then_some(())).await;
        assert!(process.is_running(), "{name} does not leave a call alone");
        sqlx::raw_sql("COMMIT").execute(&mut holder).await.unwrap();
        assert!(call.await.unwrap(), "{name} answers what it took: {}", process.log());
        assert!(process.ended().await.success(), "{name}: {}", process.log());
        assert!(asked.elapsed() < DRAIN + Duration::from_secs(1), "{name} took {:?}", asked.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_no_service_waits_longer_than_ten_seconds_for_a_call_that_comes_to_no_end() {
    let bench = Bench::new(users()).await;
    let mut running = everybody(&bench).await;
    let mut holders = Vec::new();
    for service in SERVICES {
        holders.push(hold(&bench, service).await);
        let mut client = OperationServiceClient::new(running[service].channel().await);
        let request = bench.call("operator", ListParkedKeysRequest::default());
        tokio::spawn(async move { client.list_parked_keys(request).await });
        is_under_way(&bench, service).await;
    }
    let asked = Instant::now();
    for process in running.values() {
        process.signal("-TERM");
    }
    for (name, process) in &mut running {
        assert!(process.ended().await.success(), "{name}: {}", process.log());
        assert!(asked.elapsed() < DRAIN + Duration::from_secs(2), "{name} took {:?}", asked.elapsed());
    }
    drop(holders);
}
