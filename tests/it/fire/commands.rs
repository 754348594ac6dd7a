//! Commands: acknowledged is done, repeated is done once, whoever dies or goes away in between.

use std::time::Duration;

use futures::{StreamExt, future::join_all, stream};
use local::postgres::Postgres;
use platform::{
    Refused,
    testing::{Bench, eventually, request_id},
};
use prost_reflect::DescriptorPool;
use proto::programme::{ListOrganisationsRequest, ProgrammeEvent, programme_service_client::ProgrammeServiceClient};
use sqlx::AssertSqlSafe;
use tonic::Code;

use super::{Deed, database, records, registration, scalar, size, users, verified, versions};
use crate::{
    process::Process,
    shape::{repository, sources},
};

/// Where a process may die between a command and its event on the topic.
pub(super) const COMMAND_POINTS: [&str; 5] =
    ["command.begun", "command.claimed", "command.done", "command.answered", "command.committed"];
pub(super) const RELAY_POINTS: [&str; 4] = ["relay.selected", "relay.enqueued", "relay.produced", "relay.marked"];

#[tokio::test(flavor = "multi_thread")]
async fn whenever_the_caller_goes_away_nothing_acknowledged_is_lost_and_a_repeat_finds_out() {
    let bench = Bench::new(users()).await;
    let programme = Process::start(&bench, "programme").await;
    let channel = programme.channel().await;
    let calls = u32::try_from(size(500, 10_000)).unwrap();
    // The first call fetches the issuer's keys; the second tells how long a call takes on this machine just now.
    Deed::Organisation.try_on(&bench, channel.clone(), (calls + 1, &request_id())).await.unwrap();
    let started = std::time::Instant::now();
    Deed::Organisation.try_on(&bench, channel.clone(), (calls + 2, &request_id())).await.unwrap();
    let one = u64::try_from(started.elapsed().as_micros()).unwrap();

    let answered = stream::iter(1..=calls)
        .map(|number| {
            let (channel, bench) = (channel.clone(), &bench);
            async move {
                let id = request_id();
                // Every moment of a call comes up: from before it is sent to after it is answered.
                let patience = Duration::from_micros(u64::from(number * 7919 % 1000) * one * 32 / 1000);
                let call = Deed::Organisation.try_on(bench, channel.clone(), (number, &id));
                let answered = tokio::time::timeout(patience, call).await.is_ok_and(|outcome| outcome.is_ok());
                (number, id, answered)
            }
        })
        .buffer_unordered(16)
        .collect::<Vec<_>>()
        .await;
    let acknowledged = answered.iter().filter(|(_, _, answered)| *answered).count();
    let gone = answered.len() - acknowledged;
    assert!(acknowledged > 0 && gone > 0, "both come up: {acknowledged} answered, {gone} went away");

    for (number, _, _) in answered.iter().filter(|(_, _, answered)| *answered) {
        let sql =
            sqlx::query_scalar("SELECT count(*) FROM organisation WHERE code = $1").bind(format!("union-{number}"));
        let found: i64 = sql.fetch_one(&mut database(&bench, "programme").await).await.unwrap();
        assert_eq!(found, 1, "organisation {number} was acknowledged");
    }
    for (number, id, _) in &answered {
        let again = Deed::Organisation.try_on(&bench, channel.clone(), (*number, id)).await;
        again.unwrap_or_else(|status| panic!("the same request finds out what became of it: {status}"));
    }
    assert_eq!(Deed::Organisation.done(&bench).await, i64::from(calls) + 2, "each is there once");
    published_once_each(&bench, calls + 2).await;
    verified::figures_are_true(&bench, &[("programme", &programme)]).await;
}

async fn published(bench: &Bench, service: &str) {
    eventually("everything is published", async || {
        let left = scalar(bench, service, "SELECT count(*) FROM outbox WHERE published_at IS NULL").await?;
        (left == 0).then_some(())
    })
    .await;
}

async fn published_once_each(bench: &Bench, wanted: u32) {
    published(bench, "programme").await;
    let told = versions::<ProgrammeEvent>(&records(bench, &Deed::Organisation.topic()));
    assert_eq!(told.len(), wanted as usize, "each has its event");
    assert!(told.values().all(|versions| versions == &[1]), "each event is there once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_command_survives_a_kill_right_after_the_answer() {
    let bench = Bench::new(users()).await;
    let id = request_id();
    let mut process = Process::start(&bench, "programme").await;
    let call = bench.call("operator", registration(1, &id));
    let answer = ProgrammeServiceClient::new(process.channel().await).register_organisation(call).await.unwrap();
    process.kill();

    let process = Process::start(&bench, "programme").await;
    let call = bench.call("operator", registration(1, &id));
    let again = ProgrammeServiceClient::new(process.channel().await).register_organisation(call).await.unwrap();
    assert_eq!(again.into_inner(), answer.into_inner(), "the same answer, also from another process");
    assert_eq!(Deed::Organisation.done(&bench).await, 1);
    published_once_each(&bench, 1).await;
    verified::figures_are_true(&bench, &[("programme", &process)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_point_a_command_is_done_once_or_not_at_all_and_its_event_follows() {
    let bench = Bench::new(users()).await;
    for deed in [Deed::Organisation, Deed::Employer, Deed::Calendar] {
        let mut number = 0;
        for point in COMMAND_POINTS.iter().chain(&RELAY_POINTS) {
            number += 1;
            let id = request_id();
            let mut process = Process::start_with(&bench, deed.service(), &[("CIRCULA_FAULT", point)]).await;
            let answer = deed.try_on(&bench, process.channel().await, (number, &id)).await;
            process.ended().await;
            let before = deed.done(&bench).await;
            if answer.is_ok() {
                assert_eq!(before, i64::from(number), "{deed:?} at {point}: acknowledged, so it is done");
            }

            let process = Process::start(&bench, deed.service()).await;
            let channel = process.channel().await;
            deed.try_on(&bench, channel.clone(), (number, &id)).await.unwrap();
            deed.try_on(&bench, channel, (number, &id)).await.unwrap();
            assert_eq!(deed.done(&bench).await, i64::from(number), "{deed:?} at {point}: done once");
            published(&bench, deed.service()).await;
        }
        assert_told_in_order(&bench, deed, number);
        let owner = Process::start(&bench, deed.service()).await;
        verified::figures_are_true(&bench, &[(deed.service(), &owner)]).await;
    }
}

/// Every event is there; one that was sent when its process or its database died may be there twice, never out of order.
fn assert_told_in_order(bench: &Bench, deed: Deed, deeds: u32) {
    let found = records(bench, &deed.topic());
    let mut ids = std::collections::BTreeSet::new();
    let mut fresh = Vec::new();
    for record in &found {
        if ids.insert(super::event_id(record)) {
            fresh.push(record.clone());
        }
    }
    assert_eq!(fresh.len(), deeds as usize, "{deed:?}: every deed has one event");
    let told = match deed {
        Deed::Organisation => versions::<ProgrammeEvent>(&fresh),
        Deed::Employer => versions::<proto::demand::DemandEvent>(&fresh),
        Deed::Calendar => versions::<proto::placement::PlacementEnvelope>(&fresh),
    };
    for (id, versions) in told {
        assert!(versions.windows(2).all(|pair| pair[1] == pair[0] + 1), "{deed:?} {id}: {versions:?}");
    }
}

/// Calls without a request id that are no read by their names: they change nothing, but for pieces of a file, of which one that
/// comes again is known by the byte at which it begins.
const WITHOUT: [&str; 4] = ["Tally", "WhatIf", "SolveMarket", "UploadImport"];

#[test]
fn every_call_that_changes_something_takes_a_request_id_and_is_a_command_of_its_own_name() {
    let mut faults = Vec::new();
    let contracts = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    for method in contracts.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let name = method.name();
        let reads = ["Get", "List", "Explain", "Watch"].iter().any(|word| name.starts_with(word));
        if method.input().get_field_by_name("request_id").is_none() {
            if !reads && !WITHOUT.contains(&name) {
                faults.push(format!("{name} takes no request id"));
            }
            continue;
        }
        let service = method.parent_service().package_name().split('.').nth(1).unwrap_or_default().to_owned();
        let folders = [format!("services/{service}/src"), "services/import/src".into(), "services/platform/src".into()];
        let mut code =
            folders.iter().filter(|folder| repository().join(folder).is_dir()).flat_map(|folder| sources(folder));
        if !code.any(|(_, text)| text.contains(&format!("\"{name}\""))) {
            faults.push(format!("nobody begins a command {name}"));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_sixty_four_times_at_once_has_one_effect_and_one_answer() {
    let bench = Bench::new(users()).await;
    let programme = Process::start(&bench, "programme").await;
    let channel = programme.channel().await;
    let id = request_id();
    let calls = (0..64).map(|_| {
        let mut client = ProgrammeServiceClient::new(channel.clone());
        let call = bench.call("operator", registration(7, &id));
        async move { client.register_organisation(call).await.map(tonic::Response::into_inner) }
    });
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "all are told the same");
    assert_eq!(Deed::Organisation.done(&bench).await, 1);
    published_once_each(&bench, 1).await;

    let other = bench.call("operator", registration(8, &id));
    let refused = ProgrammeServiceClient::new(channel).register_organisation(other).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(Refused::from_status(&refused).reason, "REQUEST_ID_REUSED", "another body is another command");
    assert_eq!(Deed::Organisation.done(&bench).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_postgresql_dies_commands_wait_or_are_refused_and_what_was_acknowledged_stays() {
    let directory = tempfile::tempdir().unwrap();
    let postgres = Postgres::start(&directory.path().join("postgres")).await.unwrap();
    let kafka = platform::config::variable("CIRCULA_TEST_KAFKA").unwrap();
    let bench = Bench::on(postgres.url(), &kafka, users()).await;
    let programme = Process::start(&bench, "programme").await;
    let channel = programme.channel().await;
    let mut acknowledged = Vec::new();
    for number in 1..=20 {
        let id = request_id();
        Deed::Organisation.try_on(&bench, channel.clone(), (number, &id)).await.unwrap();
        acknowledged.push((number, id));
    }
    // One of them is answered and the others are under way when it dies: what is answered stays as well.
    let mut under_way: stream::FuturesUnordered<_> = (101..=140)
        .map(|number| {
            let (bench, channel, id) = (&bench, channel.clone(), request_id());
            async move {
                let answered = Deed::Organisation.try_on(bench, channel, (number, &id)).await.is_ok();
                answered.then_some((number, id))
            }
        })
        .collect();
    acknowledged.push(under_way.next().await.flatten().expect("it is answered before the server dies"));
    let (answered, killed) = tokio::join!(under_way.collect::<Vec<_>>(), postgres.kill());
    killed.unwrap();
    acknowledged.extend(answered.into_iter().flatten());
    let refused = Deed::Organisation.try_on(&bench, channel.clone(), (21, &request_id())).await.unwrap_err();
    assert_eq!((refused.code(), Refused::from_status(&refused).reason.as_str()), (Code::Unavailable, "BUSY"));
    let (status, report) = programme.ready().await.unwrap();
    assert_eq!(status, 503);
    assert!(report.contains("the database"), "it says what it waits for: {report}");
    drop(postgres);

    let postgres = Postgres::start(&directory.path().join("postgres")).await.unwrap();
    assert_eq!(bench.postgres(), postgres.url(), "it comes back where it was");
    eventually("commands are taken again", async || {
        Deed::Organisation.try_on(&bench, channel.clone(), (22, &request_id())).await.ok()
    })
    .await;
    for (number, id) in &acknowledged {
        Deed::Organisation.try_on(&bench, channel.clone(), (*number, id)).await.unwrap();
    }
    let all = ListOrganisationsRequest { page_size: 100, ..ListOrganisationsRequest::default() };
    let all = ProgrammeServiceClient::new(channel).list_organisations(bench.call("operator", all)).await.unwrap();
    let codes: Vec<String> = all.into_inner().organisations.into_iter().map(|one| one.code).collect();
    for (number, _) in &acknowledged {
        let code = format!("union-{number}");
        assert_eq!(codes.iter().filter(|found| **found == code).count(), 1, "{code}");
    }
    published(&bench, "programme").await;
    assert_told_in_order(&bench, Deed::Organisation, u32::try_from(codes.len()).unwrap());
    assert_eq!(programme.ready().await.unwrap().0, 200);
    verified::figures_are_true(&bench, &[("programme", &programme)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_for_their_days_and_then_taken_away_and_nothing_else_is() {
    let bench = Bench::new(users()).await;
    let mut programme = Process::start(&bench, "programme").await;
    let channel = programme.channel().await;
    let (old, young) = (request_id(), request_id());
    for (number, id) in [(1, &old), (2, &young)] {
        Deed::Organisation.try_on(&bench, channel.clone(), (number, id)).await.unwrap();
    }
    published(&bench, "programme").await;
    programme.kill();
    // So much time passes: more answers than one heap holds are past theirs, two events too.
    let passes = format!(
        "UPDATE command SET recorded_at = recorded_at - interval '29 days' WHERE request_id = '{young}';
         UPDATE command SET recorded_at = recorded_at - interval '31 days' WHERE request_id = '{old}';
         INSERT INTO command (organisation_id, request_id, method, request_hash, recorded_at)
             SELECT gen_random_uuid(), gen_random_uuid(), 'Old', '', now() - interval '40 days' FROM generate_series(1, 2500);
         UPDATE outbox SET recorded_at = recorded_at - interval '400 days';
         INSERT INTO inbox VALUES ('programme-nobody', gen_random_uuid(), now() - interval '400 days')"
    );
    sqlx::raw_sql(AssertSqlSafe(passes)).execute(&mut database(&bench, "programme").await).await.unwrap();

    programme.again();
    let left = "SELECT count(*) FROM command WHERE recorded_at < now() - interval '30 days'";
    eventually("old answers go", async || (scalar(&bench, "programme", left).await? == 0).then_some(())).await;
    eventually("they are counted", async || {
        (programme.metric("circula_answers_pruned_total").await == Some(2501.0)).then_some(())
    })
    .await;
    assert_eq!(scalar(&bench, "programme", "SELECT count(*) FROM command").await, Some(1));
    assert_eq!(scalar(&bench, "programme", "SELECT count(*) FROM outbox").await, Some(2), "events fill a new broker");
    assert_eq!(
        scalar(&bench, "programme", "SELECT count(*) FROM inbox").await,
        Some(1),
        "and are known when they come"
    );
    let channel = programme.channel().await;
    Deed::Organisation.try_on(&bench, channel.clone(), (2, &young)).await.expect("the answer given before");
    let late = Deed::Organisation.try_on(&bench, channel, (1, &old)).await.unwrap_err();
    assert_eq!(late.code(), Code::AlreadyExists, "too late for an answer: {late}");
}
