//! Each service that has a place where it may die, killed there: commands in `candidate`, `matching` and `monitoring` (those of
//! the others are in `commands.rs`), relays of the first two, consumers of those that `consumers.rs` does not kill. Figures are
//! verified where an owner has any: most of what is killed here handles events and commands made by a test.

use std::collections::BTreeSet;

use platform::testing::{Bench, eventually, request_id};
use proto::{
    Event,
    operation::{DiscardParkedEventRequest, operation_service_client::OperationServiceClient},
    placement::{
        PlacementEnvelope, SeasonRecord, SeasonRecordEvent, SeasonRecordWritten, placement_envelope,
        season_record_event,
    },
    programme::{Corridor, CorridorEvent, CorridorOpened, ProgrammeEvent, corridor_event, programme_event},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{
    Writer,
    commands::{COMMAND_POINTS, RELAY_POINTS},
    consumers::{CONSUMER_POINTS, EFFECT_POINTS},
    database, event_id, records, scalar, users, verified,
};
use crate::{process::Process, shape::sources};

#[test]
fn every_place_of_faults_is_one_at_which_processes_are_killed() {
    const PLACE: &str = "fault::point(\"";
    let code = sources("services");
    let places = code.iter().flat_map(|(_, text)| {
        text.match_indices(PLACE).filter_map(move |(at, _)| text[at + PLACE.len()..].split('"').next())
    });
    let places: BTreeSet<&str> = places.collect();
    let killed = COMMAND_POINTS.into_iter().chain(RELAY_POINTS).chain(CONSUMER_POINTS).chain(EFFECT_POINTS);
    assert_eq!(places, killed.collect::<BTreeSet<_>>());
}

/// Every service has this command: the first parked event of a key is given up.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_point_of_a_command_candidate_matching_and_monitoring_did_it_once_or_not_at_all() {
    for service in ["candidate", "matching", "monitoring"] {
        let bench = Bench::new(users()).await;
        drop(ready(&bench, service).await);
        let consumer = format!("{service}-programme");
        let parked = format!(
            "INSERT INTO parked (consumer, key, topic, partition, message_offset, event_id, reason)
             SELECT '{consumer}', 'key', 'by hand', 0, n, gen_random_uuid(), 'BY_HAND' FROM generate_series(1, 20) AS n"
        );
        sqlx::raw_sql(AssertSqlSafe(parked)).execute(&mut database(&bench, service).await).await.unwrap();
        let done = async || scalar(&bench, service, "SELECT count(*) FROM discarded").await.unwrap();
        let give_up = async |process: &Process, id: &str| {
            let request = DiscardParkedEventRequest {
                service: service.to_owned(),
                consumer: consumer.clone(),
                key: "key".to_owned(),
                reason: "made by a test".to_owned(),
                request_id: id.to_owned(),
            };
            let channel = process.channel().await;
            OperationServiceClient::new(channel).discard_parked_event(bench.call("operator", request)).await
        };
        for (before, point) in (0..).zip(COMMAND_POINTS) {
            let id = request_id();
            let mut process = Process::start_with(&bench, service, &[("CIRCULA_FAULT", point)]).await;
            let answer = give_up(&process, &id).await;
            process.ended().await;
            if answer.is_ok() {
                assert_eq!(done().await, before + 1, "{service} at {point}: acknowledged, so it is done");
            }
            let process = Process::start(&bench, service).await;
            for _ in 0..2 {
                give_up(&process, &id).await.unwrap();
            }
            assert_eq!(done().await, before + 1, "{service} at {point}: done once");
        }
    }
}

/// A service whose schema is there.
async fn ready(bench: &Bench, service: &str) -> Process {
    let process = Process::start(bench, service).await;
    process.channel().await;
    process
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_point_of_publishing_candidate_and_matching_publish_every_event_in_its_order() {
    for service in ["candidate", "matching"] {
        let bench = Bench::new(users()).await;
        drop(ready(&bench, service).await);
        let mut written: Vec<String> = Vec::new();
        for point in RELAY_POINTS {
            let mut rows = Vec::new();
            for version in 1..=5 {
                let id = request_id();
                rows.push(format!("('{id}', 'thing', 'key', 'a.thing', {version}, '')"));
                written.push(id);
            }
            let sql = format!(
                "INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, version, payload) VALUES {}",
                rows.join(", ")
            );
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut database(&bench, service).await).await.unwrap();
            let mut process = Process::start_with(&bench, service, &[("CIRCULA_FAULT", point)]).await;
            process.ended().await;
            let process = Process::start(&bench, service).await;
            eventually(&format!("{service} killed at {point} publishes the rest"), async || {
                let left = scalar(&bench, service, "SELECT count(*) FROM outbox WHERE published_at IS NULL").await?;
                (left == 0).then_some(())
            })
            .await;
            drop(process);
        }
        // One that was under way when its process died may be there twice; no later one before it.
        let mut told: Vec<String> = Vec::new();
        for record in records(&bench, &format!("circula.{service}.v1")) {
            let id = event_id(&record);
            if !told.contains(&id) {
                told.push(id);
            }
        }
        assert_eq!(told, written, "{service}");
    }
}

fn corridor(code: &str) -> Vec<u8> {
    let (origin, destination) = code.split_once('-').unwrap();
    let state = Corridor {
        code: code.to_owned(),
        origin: origin.to_owned(),
        destination: destination.to_owned(),
        ministry_id: Uuid::from_u128(3).to_string(),
        version: 1,
        ..Corridor::default()
    };
    let change = Some(corridor_event::Change::Opened(CorridorOpened {}));
    let event = CorridorEvent { state: Some(state), change };
    let event = ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Corridor(event)) };
    prost::Message::encode_to_vec(&event)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_point_of_consuming_demand_matching_and_placement_apply_every_event_in_the_end() {
    let bench = Bench::new(users()).await;
    let writer = Writer::new(&bench, ProgrammeEvent::TOPIC);
    let mut number = 0_u8;
    for service in ["demand", "matching", "placement"] {
        for point in CONSUMER_POINTS {
            let code = format!("C{}-ES", char::from(b'A' + number));
            number += 1;
            let mut process = Process::start_with(&bench, service, &[("CIRCULA_FAULT", point)]).await;
            writer.write(&code, Uuid::now_v7(), &corridor(&code)).await;
            process.ended().await;
            let process = Process::start(&bench, service).await;
            eventually(&format!("{service} killed at {point} catches up"), async || {
                let known = scalar(&bench, service, "SELECT count(*) FROM corridor").await?;
                (known == i64::from(number)).then_some(())
            })
            .await;
            assert_eq!(scalar(&bench, service, "SELECT count(*) FROM parked").await, Some(0));
            drop(process);
        }
    }
}

/// Somebody whom a ministry registered, and who came home from no season yet.
const CANDIDATE: &str = "INSERT INTO candidate (id, organisation_id, origin, lottery_key, state, birth_year, sex, region,
        experience, languages, certificates, destinations, seasons_returned, priorities, judged_on, missing, version)
    VALUES ('00000000-0000-0000-0000-000000000007', '00000000-0000-0000-0000-000000000003', 'CO', 'key', 'REGISTERED', 1990,
        'F', '', '{}', '{}', '{}', '{ES}', 0, '{}', '2026-01-01', '{}', 1)";

/// A season from which that person came home.
fn record(id: Uuid) -> Vec<u8> {
    let state = SeasonRecord {
        id: id.to_string(),
        candidate_id: Uuid::from_u128(7).to_string(),
        ministry_id: Uuid::from_u128(3).to_string(),
        season_code: "2026".to_owned(),
        ended_on: "2026-06-30".to_owned(),
        r#return: "VERIFIED".to_owned(),
        re_entry: true,
        version: 1,
        ..SeasonRecord::default()
    };
    let change = Some(season_record_event::Change::Written(SeasonRecordWritten {}));
    let event = SeasonRecordEvent { state: Some(state), change };
    let event = PlacementEnvelope { aggregate: Some(placement_envelope::Aggregate::SeasonRecord(event)) };
    prost::Message::encode_to_vec(&event)
}

/// The effect that is counted is a sum and a fact that is published: a season that counts twice would be seen in both.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_point_of_an_effect_candidate_has_it_once() {
    let bench = Bench::new(users()).await;
    drop(ready(&bench, "candidate").await);
    sqlx::raw_sql(CANDIDATE).execute(&mut database(&bench, "candidate").await).await.unwrap();
    let writer = Writer::new(&bench, PlacementEnvelope::TOPIC);
    for (before, point) in (0..).zip(EFFECT_POINTS) {
        let mut process = Process::start_with(&bench, "candidate", &[("CIRCULA_FAULT", point)]).await;
        let (event, payload) = (Uuid::now_v7(), record(Uuid::now_v7()));
        for _ in 0..3 {
            writer.write("record", event, &payload).await;
        }
        process.ended().await;
        let candidate = Process::start(&bench, "candidate").await;
        // Behind the three, so that all of them have been met once it is.
        writer.write("record", Uuid::now_v7(), &record(Uuid::now_v7())).await;
        let seasons = 2 * (before + 1);
        eventually(&format!("candidate killed at {point} has both"), async || {
            (scalar(&bench, "candidate", "SELECT count(*) FROM season_credit").await? == seasons).then_some(())
        })
        .await;
        for credited in [
            "SELECT seasons_returned::bigint FROM candidate",
            "SELECT version - 1 FROM candidate",
            "SELECT count(*) FROM outbox WHERE type LIKE '%SeasonCredited'",
        ] {
            assert_eq!(scalar(&bench, "candidate", credited).await, Some(seasons), "{point}: {credited}");
        }
        assert_eq!(scalar(&bench, "candidate", "SELECT count(*) FROM parked").await, Some(0));
        drop(candidate);
    }
    let candidate = ready(&bench, "candidate").await;
    verified::figures_are_true(&bench, &[("candidate", &candidate)]).await;
}
