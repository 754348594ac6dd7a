//! Restores: a database, and all of them, that go back in time.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use cli::{
    cast,
    client::Addresses,
    demo::play,
    house::{CONSUMERS, House, SERVICES},
};
use local::postgres::Postgres;
use platform::testing::{Bench, eventually, request_id};
use proto::{
    demand::RegisterEmployerRequest,
    monitoring::VerifyRequest,
    operation::{DiscardParkedEventRequest, ReplayParkedKeyRequest, operation_service_client::OperationServiceClient},
    programme::{ListOrganisationsRequest, Organisation, programme_service_client::ProgrammeServiceClient},
};
use rdkafka::message::{Header, OwnedHeaders};
use sqlx::AssertSqlSafe;
use tonic::transport::Channel;
use uuid::Uuid;

use super::{Deed, Writer, chaos, database, log, organisation, registration, scalar, users, verified};
use crate::{process::Process, season, shape::repository};

fn script(name: &str, arguments: &[&str]) {
    let outcome = Command::new(repository().join("deploy").join(name)).args(arguments).output().unwrap();
    assert!(outcome.status.success(), "{name}: {}", String::from_utf8_lossy(&outcome.stderr));
}

/// PostgreSQL's folder belongs to whom it runs as.
fn give_like(folder: &Path, owner: &Path) {
    let status = Command::new("chown").arg("-R").arg(format!("--reference={}", owner.display())).arg(folder).status();
    assert!(status.unwrap().success());
}

/// The codes of all organisations, however many were made while a backup was taken.
async fn codes(bench: &Bench, channel: Channel) -> Vec<String> {
    let mut client = ProgrammeServiceClient::new(channel);
    let mut all = ListOrganisationsRequest { page_size: 500, ..ListOrganisationsRequest::default() };
    let mut codes: Vec<String> = Vec::new();
    loop {
        let page = client.list_organisations(bench.call("operator", all.clone())).await.unwrap().into_inner();
        codes.extend(page.organisations.into_iter().map(|one: Organisation| one.code));
        if page.next_page_token.is_empty() {
            codes.sort();
            return codes;
        }
        all.page_token = page.next_page_token;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_figures_agree_again_and_events_of_the_lost_future_are_not_applied() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("first"), directory.path().join("second"));
    let kafka = platform::config::variable("CIRCULA_TEST_KAFKA").unwrap();
    let postgres = Postgres::start(&first).await.unwrap();
    let bench = Bench::on(postgres.url(), &kafka, users()).await;
    let programme = Process::start(&bench, "programme").await;
    let monitoring = Process::start(&bench, "monitoring").await;
    let channel = programme.channel().await;
    for number in 1..=10 {
        Deed::Organisation.try_on(&bench, channel.clone(), (number, &request_id())).await.unwrap();
    }
    let sql = "SELECT count(*) FROM organisation";
    eventually("monitoring follows", async || (scalar(&bench, "monitoring", sql).await? == 10).then_some(())).await;
    drop(monitoring);

    // Commands go on while the backup is taken; those that come after it are the future that will be lost.
    std::fs::create_dir_all(&second).unwrap();
    let data = second.join("data");
    let (url, folder) = (postgres.url().to_owned(), data.to_str().unwrap().to_owned());
    let backup = tokio::task::spawn_blocking(move || script("backup.sh", &[&url, &folder]));
    let mut number = 10;
    while !backup.is_finished() {
        number += 1;
        Deed::Organisation.try_on(&bench, channel.clone(), (number, &request_id())).await.unwrap();
    }
    backup.await.unwrap();
    for _ in 0..10 {
        number += 1;
        Deed::Organisation.try_on(&bench, channel.clone(), (number, &request_id())).await.unwrap();
    }
    eventually("the future is on the topic", async || {
        let left = scalar(&bench, "programme", "SELECT count(*) FROM outbox WHERE published_at IS NULL").await?;
        (left == 0).then_some(())
    })
    .await;
    let future = codes(&bench, channel).await;
    drop(programme);
    give_like(&data, &first.join("data"));
    postgres.stop().await.unwrap();

    let postgres = Postgres::start(&second).await.unwrap();
    let mut restored = Bench::on(postgres.url(), &kafka, users()).await;
    restored.prefix.clone_from(&bench.prefix);
    script("restore.sh", &[postgres.url()]);
    let programme = Process::start(&restored, "programme").await;
    let monitoring = verified::monitoring(&restored, &[("programme", &programme)]).await;
    let channel = programme.channel().await;
    let now = codes(&restored, channel.clone()).await;
    assert!(now.len() >= 10 && now.len() < future.len(), "{} of {} were there at that moment", now.len(), future.len());
    assert!(now.iter().all(|code| future.contains(code)));
    Deed::Organisation.try_on(&restored, channel, (1_000, &request_id())).await.unwrap();
    let wanted = i64::try_from(now.len()).unwrap() + 1;
    eventually("monitoring agrees with the owner", async || {
        (scalar(&restored, "monitoring", sql).await? == wanted).then_some(())
    })
    .await;
    let hash = "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM organisation";
    let mut ids = Vec::new();
    for service in ["programme", "monitoring"] {
        let found: String = sqlx::query_scalar(hash).fetch_one(&mut database(&restored, service).await).await.unwrap();
        ids.push(found);
    }
    assert_eq!(ids[0], ids[1], "nobody of the lost future is counted");
    verified::is_clean(&restored, &monitoring, &["programme"]).await;
    let passed_over = monitoring.metric("circula_events_of_another_life_total").await.unwrap_or_default();
    assert!(passed_over >= 10.0, "they came, and were known: {passed_over}");
    assert_eq!(scalar(&restored, "monitoring", "SELECT count(*) FROM parked").await, Some(0));
}

/// A table of an owner, and who keeps its rows under the same name. Monitoring's other figures are counted again.
const FOLDED: [(&str, &str, &[&str]); 6] = [
    ("programme", "organisation", &["matching", "candidate", "monitoring"]),
    ("demand", "employer", &["monitoring"]),
    ("demand", "job_order", &["matching", "placement", "monitoring"]),
    ("candidate", "candidate", &["matching", "placement", "monitoring"]),
    ("placement", "placement", &["matching", "monitoring"]),
    ("placement", "line", &["monitoring"]),
];

async fn rows(bench: &Bench, service: &str, sql: &str) -> BTreeSet<String> {
    let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
    let rows: Vec<String> = query.fetch_all(&mut database(bench, service).await).await.unwrap();
    rows.into_iter().collect()
}

/// Events that each service ever wrote.
async fn written(bench: &Bench) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut written = BTreeMap::new();
    for service in SERVICES {
        written.insert(service, rows(bench, service, "SELECT event_id::text FROM outbox").await);
    }
    written
}

/// Plays a season to its end, and takes a backup in its middle. What comes after that is the future that will be lost.
async fn play_through_a_backup(bench: &Bench, house: &House, (home, data): (&Path, &Path)) {
    let script_of_play = season::script(home);
    let play = play(house, &script_of_play);
    tokio::pin!(play);
    let moment = async {
        let chosen = "SELECT count(*) FROM placement WHERE version > 2";
        while scalar(bench, "placement", chosen).await < Some(20) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        played = &mut play => panic!("the season was over before its middle came: {played:?}"),
        () = moment => {}
    }
    let (url, folder) = (bench.postgres().to_owned(), data.to_str().unwrap().to_owned());
    let backup = tokio::task::spawn_blocking(move || script("backup.sh", &[&url, &folder]));
    play.await.expect("the season goes on meanwhile");
    backup.await.unwrap();
    // Whoever has nothing to say late in a season says it now.
    let operator = season::session(house, "operator");
    operator.programme().register_organisation(registration(1, &request_id())).await.unwrap();
    let employer = RegisterEmployerRequest {
        name: "Farm of the future".to_owned(),
        country: "ES".to_owned(),
        reference: "farm-of-the-future".to_owned(),
        request_id: request_id(),
        ..RegisterEmployerRequest::default()
    };
    season::session(house, "union-es").demand().register_employer(employer).await.unwrap();
    house.settle().await.unwrap();
}

/// Every service as a process of its own; monitoring comes last and knows whom to ask.
async fn everybody(bench: &Bench) -> (BTreeMap<&'static str, Process>, Addresses) {
    let (mut processes, mut addresses) = (BTreeMap::new(), Addresses::default());
    let mut owners: Vec<(String, String)> = Vec::new();
    for service in SERVICES {
        let environment: Vec<(&str, &str)> = owners
            .iter()
            .map(|(name, url)| (name.as_str(), url.as_str()))
            .filter(|_| service == "monitoring")
            .collect();
        let process = Process::start_with(bench, service, &environment).await;
        owners.push((format!("CIRCULA_MONITORING__OWNERS__{}", service.to_uppercase()), process.url.clone()));
        addresses.services.insert(service.to_owned(), process.url.clone());
        processes.insert(service, process);
    }
    (processes, addresses)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_databases_go_back_to_one_moment_and_every_projection_agrees_and_nothing_of_the_lost_future_is_applied() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("first"), directory.path().join("second"));
    let kafka = platform::config::variable("CIRCULA_TEST_KAFKA").unwrap();
    let postgres = Postgres::start(&first).await.unwrap();
    let bench = Bench::on(postgres.url(), &kafka, Vec::new()).await;
    let house = season::house(&bench, directory.path()).await;
    std::fs::create_dir_all(&second).unwrap();
    let data = second.join("data");
    play_through_a_backup(&bench, &house, (directory.path(), &data)).await;
    let future = written(&bench).await;
    house.stop().await;
    // Nobody knows any more where they were: all of the lost future comes to everybody.
    log::forget_places(&bench, &CONSUMERS).await;
    give_like(&data, &first.join("data"));
    postgres.stop().await.unwrap();

    let postgres = Postgres::start(&second).await.unwrap();
    let mut restored = Bench::on(postgres.url(), &kafka, cast::users()).await;
    restored.prefix.clone_from(&bench.prefix);
    script("restore.sh", &[postgres.url()]);
    let mut lost = BTreeMap::new();
    for (service, kept) in written(&restored).await {
        assert!(kept.is_subset(&future[service]), "{service} has what it never had");
        lost.insert(service, future[service].len() - kept.len());
    }
    assert!(lost["placement"] > 100 && lost["programme"] > 0 && lost["demand"] > 0, "a future is lost: {lost:?}");

    let (processes, addresses) = everybody(&restored).await;
    everything_agrees(&restored, &addresses).await;
    for (service, producers) in CONSUMERS {
        let strange: usize = producers.iter().map(|producer| lost[producer]).sum();
        eventually(&format!("{service} has seen the lost future and passed over it"), async || {
            let passed_over = processes[service].metric("circula_events_of_another_life_total").await;
            (passed_over.unwrap_or_default() >= strange as f64).then_some(())
        })
        .await;
        assert_eq!(scalar(&restored, service, "SELECT count(*) FROM parked").await, Some(0), "{service}");
    }
    // Life goes on, and nothing that it told has been mixed up with what was.
    let operator = chaos::session(&addresses)(&restored, "operator");
    operator.programme().register_organisation(registration(2, &request_id())).await.unwrap();
    everything_agrees(&restored, &addresses).await;
    drop(processes);
}

/// Every figure is its owner's, every folded row is a row of its owner, and the ledgers add up.
async fn everything_agrees(bench: &Bench, addresses: &Addresses) {
    let auditor = chaos::session(addresses)(bench, "auditor");
    // Six processes read all that was ever told, twice: that may take longer than a minute.
    let began = Instant::now();
    let differences = loop {
        let asked = VerifyRequest { request_id: request_id() };
        let told = auditor.monitoring().verify(asked).await.map(tonic::Response::into_inner).unwrap_or_default();
        if told.sources.len() == 5 && told.sources.iter().all(|source| source.failure.is_empty()) {
            break told.differences;
        }
        assert!(began.elapsed() < Duration::from_secs(300), "monitoring does not fold what its owners have: {told:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(differences, Vec::new());
    for (owner, table, readers) in FOLDED {
        let versions = format!("SELECT id || '@' || version FROM {table}");
        let own = rows(bench, owner, &versions).await;
        assert!(!own.is_empty(), "{owner} has no {table}");
        for reader in readers {
            eventually(&format!("{reader} has each {table} of {owner}, as it is"), async || {
                (rows(bench, reader, &versions).await == own).then_some(())
            })
            .await;
        }
    }
    let audit = include_str!("../../../services/placement/tests/placement/audit.sql");
    assert_eq!(rows(bench, "placement", audit).await, BTreeSet::new(), "the ledgers add up");
}

/// A parked event that its owner lost in a restore does not come back by a replay; one that it still has, does.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_parked_of_a_lost_future_is_passed_over_when_its_key_is_replayed() {
    let bench = Bench::new(users()).await;
    let monitoring = Process::start(&bench, "monitoring").await;
    let mut operator = OperationServiceClient::new(monitoring.channel().await);
    let writer = Writer::new(&bench, &Deed::Organisation.topic());
    let key = Uuid::from_u128(31).to_string();
    let write = async |event: u128, epoch: &str, payload: &[u8]| {
        let id = Uuid::from_u128(event).to_string();
        let headers = OwnedHeaders::new().insert(Header { key: "ce_id", value: Some(id.as_str()) });
        writer.write_with(&key, headers.insert(Header { key: "circula_epoch", value: Some(epoch) }), payload).await;
    };
    write(300, "1", b"\xFF\xFF not an event").await;
    write(302, "1", &organisation(&key, 2)).await;
    write(309, "1", &organisation(&key, 9)).await;
    eventually("all three are parked", async || {
        (scalar(&bench, "monitoring", "SELECT count(*) FROM parked").await? == 3).then_some(())
    })
    .await;

    // What restore.sh does. The owner publishes what it still has under the new number: not the last of the three.
    sqlx::raw_sql("UPDATE life SET epoch = 2").execute(&mut database(&bench, "monitoring").await).await.unwrap();
    write(302, "2", &organisation(&key, 2)).await;
    write(303, "2", &organisation(&key, 3)).await;
    eventually("the new life is behind it", async || {
        (scalar(&bench, "monitoring", "SELECT count(*) FROM parked WHERE epoch = 2").await? == 2).then_some(())
    })
    .await;
    let (service, consumer) = ("monitoring".to_owned(), "monitoring-programme".to_owned());
    let reason = "written by hand".to_owned();
    let discard = DiscardParkedEventRequest {
        service: service.clone(),
        consumer: consumer.clone(),
        key: key.clone(),
        reason,
        request_id: request_id(),
    };
    operator.discard_parked_event(bench.call("operator", discard)).await.unwrap();
    let replay = ReplayParkedKeyRequest { service, consumer, key: key.clone(), request_id: request_id() };
    let done = operator.replay_parked_key(bench.call("operator", replay)).await.unwrap().into_inner();
    assert_eq!((done.replayed, done.remaining, done.reason.as_str()), (2, 0, ""));
    assert_eq!(done.passed_over, 1, "who replays it is told what was dropped");
    let version = "SELECT version FROM organisation WHERE id = '00000000-0000-0000-0000-00000000001f'";
    assert_eq!(scalar(&bench, "monitoring", version).await, Some(3), "the lost version is not applied");
    assert_eq!(monitoring.metric("circula_events_of_another_life_total").await, Some(1.0));
}
