//! Upgrades and restores: builds side by side on one schema, and a database that goes back in time.

use std::{path::Path, process::Command};

use local::postgres::Postgres;
use platform::testing::{Bench, eventually, request_id};
use proto::{
    operation::{DiscardParkedEventRequest, ReplayParkedKeyRequest, operation_service_client::OperationServiceClient},
    programme::{ListOrganisationsRequest, Organisation, programme_service_client::ProgrammeServiceClient},
};
use rdkafka::message::{Header, OwnedHeaders};
use tonic::transport::Channel;
use uuid::Uuid;

use super::{Deed, Writer, database, organisation, scalar, users};
use crate::{process::Process, shape::repository};

/// A folder with one migration of a build to come.
fn tomorrow(number: i64, sql: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(format!("{number:04}_tomorrow.sql")), sql).unwrap();
    folder
}

fn text(folder: &tempfile::TempDir) -> String {
    folder.path().to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_and_a_new_build_work_side_by_side_while_the_schema_grows_and_no_command_fails() {
    let bench = Bench::new(users()).await;
    let old = Process::start(&bench, "programme").await;
    let old_channel = old.channel().await;
    let more = tomorrow(
        9001,
        "ALTER TABLE organisation ADD COLUMN motto text NOT NULL DEFAULT '';
         CREATE INDEX organisation_motto ON organisation (motto);",
    );
    let mut new: Option<(Process, Channel)> = None;
    for number in 1..=120 {
        if number == 40 {
            let process = Process::start_with(&bench, "programme", &[("CIRCULA_TEST_MIGRATIONS", &text(&more))]).await;
            let channel = process.channel().await;
            new = Some((process, channel));
        }
        let channel = match &new {
            Some((_, channel)) if number % 2 == 0 => channel.clone(),
            _ => old_channel.clone(),
        };
        let id = request_id();
        Deed::Organisation
            .try_on(&bench, channel, (number, &id))
            .await
            .unwrap_or_else(|status| panic!("{number}: {status}"));
    }
    let grown = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'motto'";
    assert_eq!(scalar(&bench, "programme", grown).await, Some(1), "the schema grew meanwhile");
    assert_eq!(Deed::Organisation.done(&bench).await, 120);
    drop(old);

    let again = Process::start(&bench, "programme").await;
    let channel = again.channel().await;
    Deed::Organisation.try_on(&bench, channel, (121, &request_id())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_cannot_run_on_a_schema_says_why_not() {
    let bench = Bench::new(users()).await;
    let less = tomorrow(9002, "UPDATE schema_floor SET oldest = 9002; ALTER TABLE organisation DROP COLUMN country;");
    let new = Process::start_with(&bench, "programme", &[("CIRCULA_TEST_MIGRATIONS", &text(&less))]).await;
    new.channel().await;
    drop(new);
    let mut old = Process::start(&bench, "programme").await;
    assert!(!old.ended().await.success());
    let log = old.log();
    assert!(log.contains("it needs a build that knows migration 9002"), "{log}");

    let unfinished = Bench::new(users()).await;
    let mut early = Process::start_with(&unfinished, "programme", &[("CIRCULA__DATABASE__MIGRATE", "false")]).await;
    assert!(!early.ended().await.success());
    let log = early.log();
    assert!(log.contains("start once with database.migrate=true"), "{log}");
}

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
    let monitoring = Process::start(&restored, "monitoring").await;
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
    let passed_over = monitoring.metric("circula_events_of_another_life_total").await.unwrap_or_default();
    assert!(passed_over >= 10.0, "they came, and were known: {passed_over}");
    assert_eq!(scalar(&restored, "monitoring", "SELECT count(*) FROM parked").await, Some(0));
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
