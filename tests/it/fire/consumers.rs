//! Consumers and relays: every event once and in order, whatever comes twice, late, broken, or from two at a time.

use std::time::Duration;

use platform::{
    Refused,
    testing::{Bench, eventually, request_id},
};
use proto::{
    operation::{
        DiscardParkedEventRequest, ListParkedKeysRequest, ListParkedKeysResponse, ReplayParkedKeyRequest,
        operation_service_client::OperationServiceClient,
    },
    placement::PlacementEnvelope,
    programme::ProgrammeEvent,
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier},
    client::DefaultClientContext,
    message::OwnedHeaders,
};
use sqlx::AssertSqlSafe;
use tonic::{Code, transport::Channel};
use uuid::Uuid;

use super::{Deed, Writer, database, key, organisation, records, registration, scalar, users, verified, versions};
use crate::process::Process;

/// Where a process may die between a message and its offset.
pub(super) const CONSUMER_POINTS: [&str; 4] =
    ["consumer.polled", "consumer.applied", "consumer.committed", "consumer.offset"];
/// The same where the handler has effects, each event claimed before it is applied.
pub(super) const EFFECT_POINTS: [&str; 4] =
    ["consumer.claiming", "consumer.claimed", "consumer.applied", "consumer.committed"];
/// Services that fold what `programme` tells.
const LISTENERS: [&str; 2] = ["monitoring", "candidate"];

async fn organisations(bench: &Bench, service: &str) -> Option<i64> {
    scalar(bench, service, "SELECT count(*) FROM organisation").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_killed_at_any_point_applies_every_event_in_the_end() {
    let bench = Bench::new(users()).await;
    let writer = Writer::new(&bench, &Deed::Organisation.topic());
    let mut number = 0;
    for listener in LISTENERS {
        for point in CONSUMER_POINTS {
            number += 1;
            let mut process = Process::start_with(&bench, listener, &[("CIRCULA_FAULT", point)]).await;
            let id = Uuid::from_u128(1000 + number);
            writer.write(&id.to_string(), id, &organisation(&id.to_string(), 1)).await;
            process.ended().await;
            let process = Process::start(&bench, listener).await;
            eventually(&format!("{listener} killed at {point} catches up"), async || {
                (organisations(&bench, listener).await? == i64::try_from(number).unwrap()).then_some(())
            })
            .await;
            assert_eq!(scalar(&bench, listener, "SELECT count(*) FROM parked").await, Some(0));
            drop(process);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_is_had_once_however_often_its_message_comes_and_wherever_its_consumer_dies() {
    use proto::matching::{MatchingEvent, Round, RoundEvent, RoundPublished, matching_event, round_event};
    let bench = Bench::new(users()).await;
    let writer = Writer::new(&bench, "circula.matching.v1");
    let id = Uuid::from_u128(77).to_string();
    let state = Round { id: id.clone(), version: 1, ..Round::default() };
    let change = Some(round_event::Change::Published(RoundPublished::default()));
    let event =
        MatchingEvent { aggregate: Some(matching_event::Aggregate::Round(RoundEvent { state: Some(state), change })) };
    let payload = prost::Message::encode_to_vec(&event);
    for point in EFFECT_POINTS {
        let mut process = Process::start_with(&bench, "placement", &[("CIRCULA_FAULT", point)]).await;
        for _ in 0..3 {
            writer.write(&id, Uuid::from_u128(78), &payload).await;
        }
        process.ended().await;
    }
    let placement = Process::start(&bench, "placement").await;
    eventually("the event is claimed", async || {
        (scalar(&bench, "placement", "SELECT count(*) FROM inbox").await? == 1).then_some(())
    })
    .await;
    let last = Uuid::from_u128(79);
    writer.write(&id, last, &payload).await;
    eventually("everything before the last one is behind", async || {
        (scalar(&bench, "placement", "SELECT count(*) FROM inbox").await? == 2).then_some(())
    })
    .await;
    assert_eq!(scalar(&bench, "placement", "SELECT count(*) FROM parked").await, Some(0));
    drop(placement);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_state_wins_in_whatever_order_and_number_the_messages_come() {
    let bench = Bench::new(users()).await;
    let monitoring = Process::start(&bench, "monitoring").await;
    let writer = Writer::new(&bench, &Deed::Organisation.topic());
    let id = Uuid::from_u128(55).to_string();
    for version in [1, 3, 2, 3, 1, 5, 4, 5, 2, 1] {
        writer.write(&id, Uuid::from_u128(500 + u128::try_from(version).unwrap()), &organisation(&id, version)).await;
    }
    let version = "SELECT version FROM organisation WHERE id = '00000000-0000-0000-0000-000000000037'";
    // One mate per partition at least: when all are there, so is everything written before.
    let mates = async |from: u128| {
        for mate in from..from + 8 {
            let id = Uuid::from_u128(600 + mate).to_string();
            writer.write(&id, Uuid::from_u128(700 + mate), &organisation(&id, 1)).await;
        }
    };
    mates(0).await;
    eventually("all are folded", async || (organisations(&bench, "monitoring").await? == 9).then_some(())).await;
    assert_eq!(scalar(&bench, "monitoring", version).await, Some(5), "of one heap the newest is taken");
    // And an older one that comes alone, long after.
    writer.write(&id, Uuid::from_u128(510), &organisation(&id, 4)).await;
    mates(8).await;
    eventually("all are folded", async || (organisations(&bench, "monitoring").await? == 17).then_some(())).await;
    assert_eq!(scalar(&bench, "monitoring", version).await, Some(5), "an older state changes nothing");
    drop(monitoring);
}

/// Of one record with many versions, which both turn at once: of two that change places one is told before its time.
#[tokio::test(flavor = "multi_thread")]
async fn two_relays_at_once_publish_every_event_once_and_in_order() {
    let bench = Bench::new(users()).await;
    let one = Process::start(&bench, "placement").await;
    let two = Process::start(&bench, "placement").await;
    let (first, second) = (one.channel().await, two.channel().await);
    let turn = async |channel: &Channel, day: u32| {
        Deed::Calendar.try_on(&bench, channel.clone(), (day, &request_id())).await.unwrap();
    };
    for day in (1..=60).step_by(2) {
        tokio::join!(turn(&first, day), turn(&second, day + 1));
    }
    eventually("all are published", async || {
        let sql = "SELECT count(*) FROM outbox WHERE published_at IS NULL";
        (scalar(&bench, "placement", sql).await? == 0).then_some(())
    })
    .await;
    // The earlier day of two comes to nothing behind the later one.
    let turns = Deed::Calendar.done(&bench).await;
    assert!((30..=60).contains(&turns), "{turns}");
    let told = versions::<PlacementEnvelope>(&records(&bench, &Deed::Calendar.topic()));
    let told: Vec<Vec<i64>> = told.into_values().collect();
    assert_eq!(told, [(1..=turns).collect::<Vec<_>>()], "once each, in order");
    verified::figures_are_true(&bench, &[("placement", &one)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_slow_transaction_are_published_though_later_ones_went_before() {
    let bench = Bench::new(users()).await;
    let programme = Process::start(&bench, "programme").await;
    let channel = programme.channel().await;
    Deed::Organisation.try_on(&bench, channel.clone(), (1, &request_id())).await.unwrap();
    // A row takes its id now and is seen only when its transaction commits, after the next command.
    let mut slow = database(&bench, "programme").await;
    let id = Uuid::from_u128(91).to_string();
    let statements = format!(
        "BEGIN; INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, version, payload)
         VALUES ('{id}', 'organisation', '{id}', 'circula.programme.v1.OrganisationRegistered', 1, '\\x{}')",
        organisation(&id, 1).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    );
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut slow).await.unwrap();
    Deed::Organisation.try_on(&bench, channel, (2, &request_id())).await.unwrap();
    eventually("the later one is published", async || {
        let sql = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL";
        (scalar(&bench, "programme", sql).await? == 2).then_some(())
    })
    .await;
    sqlx::raw_sql("COMMIT").execute(&mut slow).await.unwrap();
    eventually("so is the slow one", async || {
        let sql = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL";
        (scalar(&bench, "programme", sql).await? == 3).then_some(())
    })
    .await;
    assert!(records(&bench, &Deed::Organisation.topic()).iter().any(|record| key(record) == id));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_aggregate_are_published_in_the_order_of_their_commits() {
    let bench = Bench::new(users()).await;
    let programme = Process::start(&bench, "programme").await;
    programme.channel().await;
    let id = Uuid::from_u128(92).to_string();
    // All at once, so that the relay takes them in one go.
    let rows: Vec<String> = (1..=200)
        .map(|version| {
            let payload: String = organisation(&id, version).iter().map(|byte| format!("{byte:02x}")).collect();
            let event = Uuid::from_u128(10_000 + u128::try_from(version).unwrap());
            format!("('{event}', 'organisation', '{id}', 'circula.programme.v1.OrganisationRegistered', {version}, '\\x{payload}')")
        })
        .collect();
    let sql = format!(
        "INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, version, payload) VALUES {}",
        rows.join(", ")
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut database(&bench, "programme").await).await.unwrap();
    eventually("all are published", async || {
        let sql = "SELECT count(*) FROM outbox WHERE published_at IS NULL";
        (scalar(&bench, "programme", sql).await? == 0).then_some(())
    })
    .await;
    let told = versions::<ProgrammeEvent>(&records(&bench, &Deed::Organisation.topic()));
    assert_eq!(told[&id], (1..=200).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_that_this_build_does_not_know_is_parked_where_it_has_effects_and_its_state_taken_where_not() {
    use proto::matching::{MatchingEvent, Round, RoundEvent, matching_event};
    let bench = Bench::new(users()).await;
    let placement = Process::start(&bench, "placement").await;
    let monitoring = Process::start(&bench, "monitoring").await;
    let id = Uuid::from_u128(66).to_string();
    let state = Round { id: id.clone(), version: 1, season_code: "2026".to_owned(), ..Round::default() };
    let event = RoundEvent { state: Some(state), change: None };
    let event = MatchingEvent { aggregate: Some(matching_event::Aggregate::Round(event)) };
    // No change that this build knows: as if a later one had written a field of its own.
    Writer::new(&bench, "circula.matching.v1")
        .write(&id, Uuid::from_u128(67), &prost::Message::encode_to_vec(&event))
        .await;
    let list = eventually("placement parks it", async || {
        let list = parked(&bench, &placement.channel().await).await;
        (list.total_events == 1).then_some(list)
    })
    .await;
    assert_eq!(list.parked_keys[0].reason, "UNKNOWN_CHANGE");
    eventually("monitoring takes the state", async || {
        (scalar(&bench, "monitoring", "SELECT count(*) FROM round").await? == 1).then_some(())
    })
    .await;
    drop(monitoring);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_was_frozen_and_thawed_does_no_harm_to_the_one_that_took_over() {
    let bench = Bench::new(users()).await;
    let writer = Writer::new(&bench, &Deed::Organisation.topic());
    let frozen = Process::start(&bench, "monitoring").await;
    for number in 0..20 {
        let id = Uuid::from_u128(2000 + number);
        writer.write(&id.to_string(), id, &organisation(&id.to_string(), 1)).await;
    }
    eventually("it folds", async || (organisations(&bench, "monitoring").await? == 20).then_some(())).await;
    frozen.signal("-STOP");
    for number in 0..20 {
        let id = Uuid::from_u128(2000 + number);
        writer.write(&id.to_string(), Uuid::from_u128(3000 + number), &organisation(&id.to_string(), 2)).await;
    }
    // Its session of six seconds runs out; the other takes its partitions over.
    let other = Process::start(&bench, "monitoring").await;
    let newer = "SELECT count(*) FROM organisation WHERE version >= 2";
    eventually("the other took over", async || (scalar(&bench, "monitoring", newer).await? == 20).then_some(())).await;
    frozen.signal("-CONT");
    for number in 0..20 {
        let id = Uuid::from_u128(2000 + number);
        writer.write(&id.to_string(), Uuid::from_u128(4000 + number), &organisation(&id.to_string(), 3)).await;
    }
    let newest = "SELECT count(*) FROM organisation WHERE version = 3";
    eventually("all is folded", async || (scalar(&bench, "monitoring", newest).await? == 20).then_some(())).await;
    assert_eq!(scalar(&bench, "monitoring", "SELECT count(*) FROM parked").await, Some(0));
    drop((frozen, other));
}

async fn parked(bench: &Bench, channel: &Channel) -> ListParkedKeysResponse {
    let call = bench.call("operator", ListParkedKeysRequest::default());
    OperationServiceClient::new(channel.clone()).list_parked_keys(call).await.unwrap().into_inner()
}

/// An order with one line, as `demand` would tell of it.
fn order(id: Uuid, version: i64, state: i32) -> Vec<u8> {
    use proto::demand::{
        DemandEvent, JobOrder, JobOrderApproved, JobOrderEvent, OrderLine, demand_event, job_order_event,
    };
    let line = OrderLine {
        id: id.to_string(),
        seats: 1,
        starts_on: "2026-04-02".to_owned(),
        ends_on: "2026-09-30".to_owned(),
        ..OrderLine::default()
    };
    let organisation_id = Uuid::from_u128(2).to_string();
    let order =
        JobOrder { id: id.to_string(), organisation_id, version, state, lines: vec![line], ..JobOrder::default() };
    let change = Some(job_order_event::Change::Approved(JobOrderApproved {}));
    let event = JobOrderEvent { state: Some(order), change };
    prost::Message::encode_to_vec(&DemandEvent { aggregate: Some(demand_event::Aggregate::JobOrder(event)) })
}

/// A placement in a stage, as `placement` would tell of it.
fn placement(id: Uuid, version: i64, stage: i32) -> Vec<u8> {
    use proto::placement::{
        Placement, PlacementEnvelope, PlacementEvent, PlacementMoved, placement_envelope, placement_event,
    };
    let state = Placement {
        id: id.to_string(),
        version,
        stage,
        candidate_id: Uuid::from_u128(7).to_string(),
        ministry_id: Uuid::from_u128(3).to_string(),
        union_id: Uuid::from_u128(2).to_string(),
        ..Placement::default()
    };
    let change = Some(placement_event::Change::Moved(PlacementMoved::default()));
    let event = PlacementEvent { state: Some(state), change };
    prost::Message::encode_to_vec(&PlacementEnvelope {
        aggregate: Some(placement_envelope::Aggregate::Placement(event)),
    })
}

/// The first parked key of a process, once so many events are parked.
async fn parked_of(bench: &Bench, process: &Process, events: i64) -> (String, String) {
    let channel = process.channel().await;
    let list = eventually("it is parked, and what comes behind it", async || {
        let list = parked(bench, &channel).await;
        (list.total_events == events).then_some(list)
    })
    .await;
    assert_eq!(list.parked_keys.len(), 1, "{list:?}");
    (list.parked_keys[0].key.clone(), list.parked_keys[0].reason.clone())
}

/// Taken for none, it would close an order that may be open, and be claimed as an effect that nobody has.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_this_build_does_not_know_is_parked_by_key_and_taken_for_no_other() {
    use proto::{demand::JobOrderState, placement::Stage};
    let bench = Bench::new(users()).await;
    let (one, other) = (Uuid::from_u128(61), Uuid::from_u128(62));

    let projects = Process::start(&bench, "placement").await;
    let writer = Writer::new(&bench, "circula.demand.v1");
    let open = i32::from(JobOrderState::Open);
    for (id, version, state) in [(one, 1, open), (one, 2, 99), (one, 3, open), (other, 1, open)] {
        writer.write(&id.to_string(), Uuid::now_v7(), &order(id, version, state)).await;
    }
    let (key, reason) = parked_of(&bench, &projects, 2).await;
    assert_eq!(key, one.to_string());
    assert!(reason.starts_with("UNKNOWN_ENUM: circula.demand.v1.JobOrder.state is 99"), "{reason}");
    eventually("the other order's line is known, and the first one's still is", async || {
        (scalar(&bench, "placement", "SELECT count(*) FROM line").await? == 2).then_some(())
    })
    .await;
    let version = "SELECT max(version) FROM job_order";
    assert_eq!(scalar(&bench, "placement", version).await, Some(1), "nothing of that key is applied");

    let acts = Process::start(&bench, "candidate").await;
    let writer = Writer::new(&bench, "circula.placement.v1");
    let selected = i32::from(Stage::Selected);
    for (id, version, stage) in [(one, 1, 99), (one, 2, selected), (other, 1, selected)] {
        writer.write(&id.to_string(), Uuid::now_v7(), &placement(id, version, stage)).await;
    }
    let (key, reason) = parked_of(&bench, &acts, 2).await;
    assert_eq!(key, one.to_string());
    assert!(reason.starts_with("UNKNOWN_ENUM: circula.placement.v1.Placement.stage is 99"), "{reason}");
    eventually("the rest flows", async || {
        (scalar(&bench, "candidate", "SELECT count(*) FROM sight").await? == 1).then_some(())
    })
    .await;
    let claimed = scalar(&bench, "candidate", "SELECT count(*) FROM inbox").await;
    assert_eq!(claimed, Some(1), "what is parked is not claimed, so that a replay applies it");
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_parked_by_key_shown_counted_and_replayed_in_order_by_command() {
    let bench = Bench::new(users()).await;
    let monitoring = Process::start(&bench, "monitoring").await;
    let channel = monitoring.channel().await;
    let topic = Deed::Organisation.topic();
    let writer = Writer::new(&bench, &topic);
    let poisoned = Uuid::from_u128(10).to_string();
    writer.write(&poisoned, Uuid::from_u128(100), b"\xFF\xFF not an event").await;
    for version in [2, 3, 4] {
        writer
            .write(&poisoned, Uuid::from_u128(100 + version), &organisation(&poisoned, i64::try_from(version).unwrap()))
            .await;
    }
    let healthy = Uuid::from_u128(11).to_string();
    writer.write(&healthy, Uuid::from_u128(111), &organisation(&healthy, 1)).await;
    eventually("the rest flows", async || (organisations(&bench, "monitoring").await? == 1).then_some(())).await;
    let list = eventually("the key is parked with what came behind it", async || {
        let list = parked(&bench, &channel).await;
        (list.total_events == 4).then_some(list)
    })
    .await;
    let shown = &list.parked_keys[0];
    assert_eq!((list.parked_keys.len(), shown.key.as_str(), shown.events), (1, poisoned.as_str(), 4));
    assert!(shown.reason.starts_with("NOT_DECODED"), "{}", shown.reason);
    assert_eq!(monitoring.metric("circula_parked_events").await, Some(4.0), "an alarm can be set on it");

    let mut client = OperationServiceClient::new(channel.clone());
    let replay = || ReplayParkedKeyRequest {
        service: "monitoring".to_owned(),
        consumer: "monitoring-programme".to_owned(),
        key: poisoned.clone(),
        request_id: request_id(),
    };
    let stuck = client.replay_parked_key(bench.call("operator", replay())).await.unwrap().into_inner();
    assert_eq!((stuck.replayed, stuck.remaining), (0, 4), "what does not fit still does not");
    let denied = client.replay_parked_key(bench.call("ministry", replay())).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);

    let discard = DiscardParkedEventRequest {
        service: "monitoring".to_owned(),
        consumer: "monitoring-programme".to_owned(),
        key: poisoned.clone(),
        reason: "written by hand".to_owned(),
        request_id: request_id(),
    };
    let unreasoned = DiscardParkedEventRequest { reason: " ".to_owned(), request_id: request_id(), ..discard.clone() };
    let refused = client.discard_parked_event(bench.call("operator", unreasoned)).await.unwrap_err();
    assert_eq!(Refused::from_status(&refused).reason, "REASON");
    for _ in 0..2 {
        let left = client.discard_parked_event(bench.call("operator", discard.clone())).await.unwrap().into_inner();
        assert_eq!(left.remaining, 3, "the same request gives up one event, however often it comes");
    }
    let done = client.replay_parked_key(bench.call("operator", replay())).await.unwrap().into_inner();
    assert_eq!((done.replayed, done.remaining, done.reason.as_str()), (3, 0, ""));
    let version = "SELECT version FROM organisation WHERE id = '00000000-0000-0000-0000-00000000000a'";
    assert_eq!(scalar(&bench, "monitoring", version).await, Some(4));

    // The key flows again, and the event that was given up does not come back when the log is read again.
    writer.write(&poisoned, Uuid::from_u128(100), b"\xFF\xFF not an event").await;
    writer.write(&poisoned, Uuid::from_u128(105), &organisation(&poisoned, 5)).await;
    eventually("the key flows", async || (scalar(&bench, "monitoring", version).await? == 5).then_some(())).await;
    assert_eq!(parked(&bench, &channel).await.total_events, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_ten_mebibytes_without_an_id_or_of_nothing_known_are_parked_and_memory_stays_bounded() {
    let bench = Bench::new(users()).await;
    let name = format!("{}{}", bench.prefix, Deed::Organisation.topic());
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", bench.brokers()).create().unwrap();
    let larger = AlterConfig::new(ResourceSpecifier::Topic(&name)).set("max.message.bytes", "20000000");
    let options = AdminOptions::new().request_timeout(Some(Duration::from_secs(20)));
    admin.alter_configs(&[larger], &options).await.unwrap()[0].as_ref().unwrap();
    let monitoring = Process::start(&bench, "monitoring").await;
    let channel = monitoring.channel().await;
    let rest = monitoring.memory();
    let writer = Writer::new(&bench, &Deed::Organisation.topic());
    let huge = vec![7_u8; 10 << 20];
    for number in 0..12 {
        let id = Uuid::from_u128(9000 + number).to_string();
        writer.write(&id, Uuid::from_u128(9100 + number), &huge).await;
    }
    let nameless = Uuid::from_u128(9200).to_string();
    writer.write_with(&nameless, OwnedHeaders::new(), &organisation(&nameless, 1)).await;
    // An envelope without an aggregate that this build knows.
    let unknown = Uuid::from_u128(9201).to_string();
    writer.write(&unknown, Uuid::from_u128(9301), b"").await;
    let healthy = Uuid::from_u128(12).to_string();
    writer.write(&healthy, Uuid::from_u128(112), &organisation(&healthy, 1)).await;
    eventually("the rest flows", async || (organisations(&bench, "monitoring").await? == 1).then_some(())).await;
    let list = eventually("they are parked", async || {
        let list = parked(&bench, &channel).await;
        (list.total_events == 14).then_some(list)
    })
    .await;
    let reason = |key: &str| {
        let found = list.parked_keys.iter().find(|parked| parked.key == key);
        found.map(|parked| parked.reason.clone()).unwrap_or_default()
    };
    assert_eq!(reason(&nameless), "NO_EVENT_ID");
    assert!(reason(&unknown).starts_with("UNKNOWN_AGGREGATE"), "{list:?}");
    let large = list.parked_keys.iter().filter(|key| key.reason.starts_with("TOO_LARGE: 10485760"));
    assert_eq!(large.count(), 12, "{list:?}");
    let grown = monitoring.memory().saturating_sub(rest) / 1024;
    assert!(grown < 160, "{grown} MiB more for 120 MiB of messages");
    let bytes = scalar(
        &bench,
        "monitoring",
        "SELECT coalesce(sum(length(payload)), 0)::bigint FROM parked WHERE reason LIKE 'TOO_LARGE%'",
    )
    .await;
    assert_eq!(bytes, Some(0), "what is too large is named, not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_registration_leaves_nothing_behind() {
    let bench = Bench::new(users()).await;
    let programme = Process::start(&bench, "programme").await;
    let channel = programme.channel().await;
    let id = request_id();
    Deed::Organisation.try_on(&bench, channel.clone(), (1, &id)).await.unwrap();
    let same_code = registration(1, &request_id());
    let mut client = proto::programme::programme_service_client::ProgrammeServiceClient::new(channel);
    let refused = client.register_organisation(bench.call("operator", same_code)).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists, "{refused}");
    let rows = scalar(&bench, "programme", "SELECT count(*) FROM outbox").await;
    assert_eq!((Deed::Organisation.done(&bench).await, rows), (1, Some(1)));
}
