//! Delays: of two processes of one service, one has a slow line to its database. It tells what both did, long after the
//! other would have.

use std::{collections::BTreeMap, ops::RangeInclusive};

use cli::{cast, client::Session};
use futures::future::join_all;
use platform::testing::{Bench, eventually, request_id};
use proto::{Event, matching::MatchingEvent, placement::PlacementEnvelope};
use uuid::Uuid;

use super::{
    chaos,
    ledgers::{
        entries,
        race::{Entry, Line, Race, asked, make},
        rank,
    },
    log, only, records, scalar,
    slow::SlowLine,
    verified,
};
use crate::process::Process;

const SEASON: &str = "slow";
const SEED: u64 = 4;
const LINES: usize = 2;
/// Seats of a line: those who begin at the quick process leave some for those who begin at the slow one.
const SEATS: i32 = 7;
const TAKERS: usize = 10;
/// Whom rounds propose for each line meanwhile.
const PROPOSED: usize = 2;
/// Milliseconds that each piece is held up, one way.
const SLOW: RangeInclusive<u64> = 5..=20;
/// So long that the relay is behind until any machine has seen it; commands come through all the same.
const BEHIND_BY: RangeInclusive<u64> = 200..=200;
/// So long that between what the relay has told and its mark of that any machine has looked: seconds.
const UNMARKED: RangeInclusive<u64> = 1_000..=1_000;

/// Lines of which several versions wait at once: they could change places.
const BEHIND: &str = "SELECT count(*) FROM (SELECT FROM outbox WHERE published_at IS NULL AND aggregatetype = 'line'
    GROUP BY aggregateid HAVING count(*) > 1) AS line";
/// The session whose relay tells.
const TELLS: &str = "SELECT pid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND classid::bigint = hashtext('relay')::bigint & 4294967295
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Who acts, at one of the two processes.
struct Door {
    union: Session,
    ministry: Session,
}

impl Door {
    fn of(bench: &Bench, process: &Process) -> Self {
        let addresses = only(process);
        let session = chaos::session(&addresses);
        Self { union: session(bench, "union-es"), ministry: session(bench, "ministry-co") }
    }
}

/// Takes a seat at one door and asks for the answer again at the other. Who is to give it back does so at both at once.
/// True if the seat was taken, and if it was given back.
async fn take(person: &Entry, [first, second]: [&Door; 2], gives_back: bool) -> (bool, bool) {
    let id = request_id();
    let select = || asked(person.placement, "Select", "2026-01-12");
    let taken = make(&first.union, select(), &id).await;
    let again = make(&second.union, select(), &id).await;
    if let Ok(placement) = &taken {
        assert_eq!(again.as_ref().ok(), Some(placement), "the other process knows the answer");
    }
    // Who was refused may have been luckier the second time.
    if again.is_err() || !gives_back {
        return (again.is_ok(), false);
    }
    let withdraw = async |door: &Door| {
        make(&door.ministry, asked(person.placement, "Withdraw", "2026-01-13"), &request_id()).await.is_ok()
    };
    let (one, other) = tokio::join!(withdraw(first), withdraw(second));
    assert!(one != other, "a seat is given back once, not at both doors or at none: {one}, {other}");
    (true, true)
}

/// Half of them begin at the one door, half at the other; half of each give back what they get.
async fn take_all(people: &[Entry], [one, other]: [&Door; 2]) -> BTreeMap<Uuid, (bool, bool)> {
    let takes = people.iter().enumerate().map(|(number, person)| async move {
        let doors = if number.is_multiple_of(2) { [one, other] } else { [other, one] };
        (person.placement, take(person, doors, number % 4 < 2).await)
    });
    join_all(takes).await.into_iter().collect()
}

/// People on the list of each line, behind so many others.
async fn listed(race: &Race, lines: &[Line], (quota, others): (Uuid, usize)) -> Vec<Entry> {
    let mut people = Vec::new();
    for line in lines {
        let listed = entries(TAKERS, quota, |number| rank(others + number));
        race.propose(line, &listed).await;
        people.extend(listed);
    }
    race.answered(&people).await;
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_of_which_one_is_slow_do_nothing_twice_and_what_they_did_is_told_in_order() {
    let bench = Bench::new(cast::users()).await;
    let line = SlowLine::to(&bench, SEED).await;
    let url = line.database(&bench, "placement").await;
    let slow = Process::start_with(&bench, "placement", &[("CIRCULA__DATABASE__URL", &url)]).await;
    slow.channel().await;
    let slow_one = eventually("the slow one tells", async || scalar(&bench, "placement", TELLS).await).await;
    let quick = Process::start(&bench, "placement").await;
    quick.channel().await;
    let race = Race::at(bench, chaos::session(&only(&quick))).await;
    let bench = &race.bench;
    let (door, slow_door) = (Door::of(bench, &quick), Door::of(bench, &slow));
    let quota = race.quota("CO-ES", SEASON, 1000).await;
    let lines = race.lines(SEASON, (LINES, SEATS), &["CO"]).await;
    let people = listed(&race, &lines, (quota, 0)).await;
    log::is_told(bench, "placement").await;

    line.delay(BEHIND_BY);
    let proposed = entries(LINES * PROPOSED, quota, |_| 0);
    let rounds = async {
        for (number, person) in proposed.iter().enumerate() {
            race.propose_thrice(&lines[number % LINES], std::slice::from_ref(person)).await;
        }
        race.answered(&proposed).await;
    };
    let behind = async {
        eventually("several versions of a line wait at once", async || {
            scalar(bench, "placement", BEHIND).await.filter(|found| *found > 0)
        })
        .await;
        line.delay(SLOW);
    };
    let (mut done, (), ()) = tokio::join!(take_all(&people, [&door, &slow_door]), rounds, behind);
    log::is_told(bench, "placement").await;
    assert_eq!(scalar(bench, "placement", TELLS).await, Some(slow_one), "it was the slow one that told it");

    // Its line breaks between what it has told and its mark of that: the other tells it again.
    line.delay(UNMARKED);
    let (told, again) = (records(bench, PlacementEnvelope::TOPIC).len(), repeated(bench));
    let held = people.iter().find(|person| done[&person.placement] == (true, false)).expect("somebody holds a seat");
    let withdraw = asked(held.placement, "Withdraw", "2026-01-13");
    make(&door.ministry, withdraw, &request_id()).await.expect("they may go");
    done.insert(held.placement, (true, true));
    eventually("it is told", async || (records(bench, PlacementEnvelope::TOPIC).len() > told).then_some(())).await;
    line.cut();
    eventually("the quick one tells", async || {
        scalar(bench, "placement", TELLS).await.filter(|session| *session != slow_one)
    })
    .await;
    eventually("what was told without a mark is told again", async || (repeated(bench) > again).then_some(())).await;

    line.open();
    let late = listed(&race, &lines, (quota, TAKERS)).await;
    line.delay(SLOW);
    done.extend(take_all(&late, [&door, &slow_door]).await);

    each_has_its_effect_once(&race, &done).await;
    race.ledgers_add_up(SEASON).await;
    log::is_told(bench, "placement").await;
    race.history_is_sound();
    log::is_whole_and_in_order::<PlacementEnvelope>(bench, "placement").await;
    log::is_had_once(bench, "placement", MatchingEvent::TOPIC).await;
    verified::figures_are_true(bench, &[("placement", &quick)]).await;
}

fn repeated(bench: &Bench) -> usize {
    log::repeated(bench, PlacementEnvelope::TOPIC)
}

/// What was answered is so, and no step of a placement is there twice or missing.
async fn each_has_its_effect_once(race: &Race, done: &BTreeMap<Uuid, (bool, bool)>) {
    assert_eq!(scalar(&race.bench, "placement", "SELECT count(*) FROM parked").await, Some(0));
    for placement in race.placements(SEASON).await {
        let versions: Vec<i64> = placement.steps.iter().map(|step| step.version).collect();
        assert_eq!(versions, (1..=placement.version).collect::<Vec<_>>(), "one step a version: {placement:?}");
        let id: Uuid = placement.id.parse().unwrap();
        let Some((held, back)) = done.get(&id) else { continue };
        let steps = |event: &str| placement.steps.iter().filter(|step| step.event == event).count();
        let made = (steps("CandidateSelected"), steps("CandidateWithdrawn"));
        assert_eq!(made, (usize::from(*held), usize::from(*back)), "{placement:?}");
    }
}
