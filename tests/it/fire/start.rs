//! Start and stop: in any order, saying what is waited for, and going within ten seconds.

use std::net::TcpStream;

use local::postgres::Postgres;
use platform::testing::{Bench, eventually, request_id};
use proto::monitoring::{WatchFlowsRequest, monitoring_service_client::MonitoringServiceClient};

use super::{Deed, users};
use crate::process::{DRAIN, Process};

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
