//! Processes that stand still past their time and thaw with something in their hands: seats are held once, events are told in
//! order.

use std::time::Duration;

use cli::cast;
use platform::testing::{Bench, eventually};
use proto::{Event, matching::MatchingEvent, placement::PlacementEnvelope};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
};
use uuid::Uuid;

use super::{
    chaos, database,
    ledgers::{
        entries,
        race::{Entry, Line, Race, asked},
    },
    log, only, scalar, verified,
};
use crate::process::Process;

const SEASON: &str = "zombie";
const LINES: usize = 4;
const SEATS: i32 = 5;
/// People proposed for each line in one wave: fewer than its seats; two waves are more.
const PEOPLE: usize = 4;

/// Members of a consumer group, once the broker has given out its partitions.
fn members(bench: &Bench, service: &str, topic: &str) -> Option<usize> {
    let group = format!("{}{}", bench.prefix, platform::consumer::group(service, topic));
    let asked: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", bench.brokers()).set("group.id", &group).create().unwrap();
    let list = asked.fetch_group_list(Some(&group), Duration::from_secs(10)).ok()?;
    let found = list.groups().first()?;
    (found.state() == "Stable").then(|| found.members().len())
}

async fn shared_by(race: &Race, wanted: usize) {
    eventually(&format!("the group has {wanted} members"), async || {
        members(&race.bench, "placement", MatchingEvent::TOPIC).filter(|found| *found == wanted)
    })
    .await;
}

/// Proposals for all lines, one person each, so that whoever shares the topic has some of every line. Each comes three times.
async fn wave(race: &Race, lines: &[Line], quota: Uuid) -> Vec<Entry> {
    let people = entries(LINES * PEOPLE, quota, |_| 0);
    for (number, person) in people.iter().enumerate() {
        race.propose_thrice(&lines[number % LINES], std::slice::from_ref(person)).await;
    }
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_freezes_before_or_in_its_claim_holds_no_seat_twice_when_it_thaws() {
    for point in ["consumer.claiming", "consumer.claimed"] {
        let bench = Bench::new(cast::users()).await;
        let awake = Process::start(&bench, "placement").await;
        let race = Race::at(bench, chaos::session(&only(&awake))).await;
        let quota = race.quota("CO-ES", SEASON, 1000).await;
        let lines = race.lines(SEASON, (LINES, SEATS), &["CO"]).await;
        let fault = format!("{point}:freeze");
        let mut frozen = Process::start_with(&race.bench, "placement", &[("CIRCULA_FAULT", &fault)]).await;
        shared_by(&race, 2).await;

        let mut proposed = wave(&race, &lines, quota).await;
        eventually("one stands still with a proposal in its hands", async || frozen.is_frozen().then_some(())).await;
        proposed.extend(wave(&race, &lines, quota).await);
        shared_by(&race, 1).await;
        if point == "consumer.claiming" {
            // Nothing is locked yet: the other does all of it, and more than once there is nothing left to do.
            race.answered(&proposed).await;
        }
        frozen.signal("-CONT");
        race.answered(&proposed).await;
        shared_by(&race, 2).await;
        proposed.extend(wave(&race, &lines, quota).await);
        race.answered(&proposed).await;
        assert!(frozen.is_running(), "{point}: {}", frozen.log());
        had_once(&race, &proposed, point).await;
        verified::figures_are_true(&race.bench, &[("placement", &awake)]).await;
    }
}

/// Each proposal had one effect, each seat is held once, and every fact of it was told once and in order.
async fn had_once(race: &Race, proposed: &[Entry], point: &str) {
    let counted = async |sql: &'static str| scalar(&race.bench, "placement", sql).await.unwrap();
    let wanted = i64::try_from(proposed.len()).unwrap();
    let seats = i64::try_from(LINES).unwrap() * i64::from(SEATS);
    let held = counted("SELECT count(*) FROM hold WHERE ledger = 'SEAT' AND status = 'HELD'").await;
    assert_eq!(held, seats, "{point}: every seat is held, and once");
    assert_eq!(counted("SELECT sum(held)::bigint FROM line").await, seats, "{point}: and so the lines say");
    assert_eq!(counted("SELECT sum(allotted)::bigint FROM quota").await, seats, "{point}: a unit for each seat");
    assert_eq!(counted("SELECT count(*) FROM occupancy").await, seats, "{point}: nobody else is bound");
    let refused = counted("SELECT count(*) FROM proposal_refusal").await;
    assert_eq!(counted("SELECT count(*) FROM placement").await + refused, wanted, "{point}: each has one answer");
    let told = counted("SELECT count(*) FROM outbox WHERE aggregatetype = 'proposal_refusal'").await;
    assert_eq!(told, refused, "{point}: each refusal is told once");
    let claimed = counted("SELECT count(*) FROM inbox WHERE consumer = 'placement-matching'").await;
    assert_eq!(claimed, wanted, "{point}: each event is claimed once, however often it came");
    assert_eq!(counted("SELECT count(*) FROM parked").await, 0, "{point}");
    race.ledgers_add_up(SEASON).await;
    log::is_told(&race.bench, "placement").await;
    race.history_is_sound();
    log::is_whole_and_in_order::<PlacementEnvelope>(&race.bench, "placement").await;
    assert_eq!(log::repeated(&race.bench, PlacementEnvelope::TOPIC), 0, "{point}: one relay told it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_freezes_and_loses_its_lock_turns_no_order_round_when_it_thaws() {
    for point in ["relay.selected", "relay.produced"] {
        let bench = Bench::new(cast::users()).await;
        let mut other = Process::start(&bench, "placement").await;
        let race = Race::at(bench, chaos::session(&only(&other))).await;
        let quota = race.quota("CO-ES", SEASON, 1000).await;
        let lines = race.lines(SEASON, (LINES, SEATS), &["CO"]).await;
        let people = wave(&race, &lines, quota).await;
        race.answered(&people).await;
        log::is_told(&race.bench, "placement").await;

        // The lock goes to the one that will freeze; the other comes back behind it.
        let fault = format!("{point}:freeze");
        let frozen = Process::start_with(&race.bench, "placement", &[("CIRCULA_FAULT", &fault)]).await;
        frozen.channel().await;
        let before = scalar(&race.bench, "placement", RELAY).await.expect("the other has it");
        other.signal("-TERM");
        other.ended().await;
        eventually("it has the lock", async || {
            scalar(&race.bench, "placement", RELAY).await.filter(|holder| *holder != before)
        })
        .await;
        other.again();

        let (first, rest) = people.split_at(people.len() / 2);
        for person in first {
            race.select(person).await.expect("they hold a seat");
        }
        eventually("it stands still with events in its hands", async || frozen.is_frozen().then_some(())).await;
        // The server gives the silent connection up, and the lock with it.
        let cut = sqlx::query(CUT).execute(&mut database(&race.bench, "placement").await).await.unwrap();
        assert_eq!(cut.rows_affected(), 1);
        for person in rest {
            race.select(person).await.expect("they hold a seat");
        }
        log::is_told(&race.bench, "placement").await;
        frozen.signal("-CONT");
        eventually("what it had in its hands is told again", async || {
            (log::repeated(&race.bench, PlacementEnvelope::TOPIC) > 0).then_some(())
        })
        .await;
        for person in first {
            race.make("ministry-co", asked(person.placement, "Withdraw", "2026-01-13")).await.expect("they may go");
        }
        log::is_told(&race.bench, "placement").await;
        race.ledgers_add_up(SEASON).await;
        log::is_whole_and_in_order::<PlacementEnvelope>(&race.bench, "placement").await;
        // Each line has a history long enough to be told in a wrong order.
        let short = "SELECT count(*) FROM line WHERE version < 4";
        assert_eq!(scalar(&race.bench, "placement", short).await, Some(0));
        verified::figures_are_true(&race.bench, &[("placement", &other)]).await;
    }
}

/// The session that holds the lock of the relays.
const RELAY: &str = "SELECT pid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
