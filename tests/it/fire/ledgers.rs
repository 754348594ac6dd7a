//! Never oversold: many take the last seat, the last unit of a quota and the same person at once, by hand and by
//! proposals, while deadlines pass and others give back what they hold. What came of it is told in its order.

pub(super) mod race;

use futures::future::join_all;
use proto::placement::{Move, Placement, PlacementEnvelope};
use uuid::Uuid;

use super::{log, size};
use race::{Entry, LATE, Race, asked, ever_held, id};

/// Who takes at once.
const TAKERS: usize = 64;

pub(super) fn entries(count: usize, quota: Uuid, rank: impl Fn(usize) -> i32) -> Vec<Entry> {
    let entry = |number| Entry { placement: id(), candidate: id(), ministry: "sena", quota, rank: rank(number) };
    (0..count).map(entry).collect()
}

pub(super) fn rank(number: usize) -> i32 {
    i32::try_from(number).unwrap() + 1
}

/// What others were told is what is so: no state oversold, none missing, each behind the one that it follows.
async fn is_told(race: &Race) {
    race.events_agree().await;
    race.history_is_sound();
    log::is_told(&race.bench, "placement").await;
    log::is_whole_and_in_order::<PlacementEnvelope>(&race.bench, "placement").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_seats_are_given_once_each() {
    let (race, house) = Race::start().await;
    for round in 0..size(2, 40) {
        let season = format!("seat-{round}");
        let quota = race.quota("CO-ES", &season, 1000).await;
        let [line, given_back] = race.lines(&season, (2, 3), &["CO"]).await.try_into().ok().unwrap();

        // Three seats, 64 who are selected and 8 whom a round proposes, all at once.
        let listed = entries(TAKERS, quota, rank);
        race.propose(&line, &listed).await;
        race.answered(&listed).await;
        let proposed = entries(8, quota, |_| 0);
        let by_topic = proposed.iter().map(|entry| race.propose(&line, std::slice::from_ref(entry)));
        let by_hand = listed.iter().map(|entry| race.select(entry));
        let (_, selected) = tokio::join!(join_all(by_topic), join_all(by_hand));
        race.answered(&proposed).await;
        let mut winners = selected.iter().filter(|outcome| outcome.is_ok()).count();
        for entry in &proposed {
            winners += usize::from(race.get(entry.placement).await.is_some());
        }
        assert_eq!(winners, 3, "three seats have three winners");
        for refused in selected.into_iter().filter_map(Result::err) {
            assert_eq!(refused.reason, "NO_ROOM", "{refused}");
        }

        // The same, while those who hold give back and deadlines pass.
        let holders = entries(3, quota, |_| 0);
        race.propose(&given_back, &holders).await;
        let listed = entries(TAKERS, quota, rank);
        race.propose(&given_back, &listed).await;
        race.answered(&holders).await;
        race.answered(&listed).await;
        let rejected =
            Move { reason: "SKILLS_DIFFER".to_owned(), ..asked(holders[0].placement, "Reject", "2026-01-12") };
        let released = async {
            let withdrawn = asked(holders[1].placement, "Withdraw", "2026-01-12");
            tokio::join!(race.make("union-es", rejected), race.make("ministry-co", withdrawn))
        };
        let expired = join_all((0..4).map(|_| race.run_due(LATE)));
        let taken = join_all(listed.iter().map(|entry| race.select(entry)));
        // Who comes too late is refused; how many held in the end is counted below.
        drop(tokio::join!(released, expired, taken));
        race.audit(&season).await;
        let line_id = given_back.id.to_string();
        let placements: Vec<Placement> =
            race.placements(&season).await.into_iter().filter(|placement| placement.line_id == line_id).collect();
        let (held, back) = ever_held(&placements);
        assert!(back > 0 && held - back <= 3, "{held} ever held three seats, {back} gave back");
    }
    is_told(&race).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_units_of_a_quota_are_given_once_each() {
    let (race, house) = Race::start().await;
    for round in 0..size(2, 40) {
        let season = format!("unit-{round}");
        let quota = race.quota("CO-ES", &season, 5).await;
        race.quota("GT-ES", &season, 1000).await;
        // Lines of two origins: a unit is taken with the seat.
        let lines = race.lines(&season, (16, 8), &["CO", "GT"]).await;
        let listed = entries(TAKERS, quota, rank);
        for (line, entries) in lines.iter().zip(listed.chunks(TAKERS / lines.len())) {
            race.propose(line, entries).await;
        }
        race.answered(&listed).await;
        let proposed = entries(16, quota, |_| 0);
        let by_topic = lines.iter().zip(proposed.chunks(1)).map(|(line, entry)| race.propose(line, entry));
        let by_hand = listed.iter().map(|entry| race.select(entry));
        let open = join_all((0..4).map(|_| race.open(&season)));
        let (_, selected, _) = tokio::join!(join_all(by_topic), join_all(by_hand), open);
        race.answered(&proposed).await;
        let mut winners = selected.iter().filter(|outcome| outcome.is_ok()).count();
        for entry in &proposed {
            winners += usize::from(race.get(entry.placement).await.is_some());
        }
        assert_eq!(winners, 5, "five units have five winners: {:?}", selected.iter().find(|one| one.is_err()));

        // Units that come back while deadlines pass are taken by others, once each.
        let holders: Vec<&Entry> =
            listed.iter().zip(&selected).filter(|(_, one)| one.is_ok()).map(|(one, _)| one).collect();
        let released = join_all(
            holders.iter().map(|entry| race.make("ministry-co", asked(entry.placement, "Withdraw", "2026-01-13"))),
        );
        let expired = join_all((0..4).map(|_| race.run_due(LATE)));
        let taken = join_all(listed.iter().map(|entry| race.select(entry)));
        // Who comes too late is refused; how many held in the end is counted below.
        drop(tokio::join!(released, expired, taken));
        race.audit(&season).await;
        let (held, back) = ever_held(&race.placements(&season).await);
        assert!(held - back <= 5, "{held} ever held five units, {back} gave back");
    }
    is_told(&race).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_person_is_taken_once() {
    let (race, house) = Race::start().await;
    for round in 0..size(2, 40) {
        let season = format!("person-{round}");
        let quota = race.quota("CO-ES", &season, 1000).await;
        let lines = race.lines(&season, (TAKERS, 1), &["CO"]).await;
        let candidate = id();
        // Two ministries claim the person, each in a round of its own.
        let claim = |number: usize, rank| Entry {
            placement: id(),
            candidate,
            ministry: if number.is_multiple_of(2) { "sena" } else { "mintrab-gt" },
            quota,
            rank,
        };
        let listed: Vec<Entry> = (0..TAKERS).map(|number| claim(number, 1)).collect();
        for (line, entry) in lines.iter().zip(listed.chunks(1)) {
            race.propose(line, entry).await;
        }
        race.answered(&listed).await;
        let rounds = race.lines(&season, (8, 1), &["CO"]).await;
        let proposed: Vec<Entry> = (0..8).map(|number| claim(number, 0)).collect();
        let by_topic = rounds.iter().zip(proposed.chunks(1)).map(|(line, entry)| race.propose(line, entry));
        let by_hand = listed.iter().map(|entry| race.select(entry));
        let (_, selected) = tokio::join!(join_all(by_topic), join_all(by_hand));
        race.answered(&proposed).await;
        let mut winners: Vec<&Entry> =
            listed.iter().zip(&selected).filter(|(_, one)| one.is_ok()).map(|(one, _)| one).collect();
        for entry in &proposed {
            if race.get(entry.placement).await.is_some() {
                winners.push(entry);
            }
        }
        assert_eq!(winners.len(), 1, "one person has one place");
        for refused in selected.iter().filter_map(|outcome| outcome.as_ref().err()) {
            assert_eq!(refused.reason, "PERSON_TAKEN", "{refused}");
        }

        let user = if winners[0].ministry == "sena" { "ministry-co" } else { "ministry-gt" };
        let released = race.make(user, asked(winners[0].placement, "Withdraw", "2026-01-13"));
        let expired = join_all((0..4).map(|_| race.run_due(LATE)));
        let taken = join_all(listed.iter().map(|entry| race.select(entry)));
        // Who comes too late is refused; how many held in the end is counted below.
        drop(tokio::join!(released, expired, taken));
        race.audit(&season).await;
        let (held, back) = ever_held(&race.placements(&season).await);
        assert!(back > 0 && held - back <= 1, "{held} ever held one person, {back} gave back");
    }
    is_told(&race).await;
    house.stop().await;
}

/// Seats for everybody: each of those who take at once moves the line by one version.
#[tokio::test(flavor = "multi_thread")]
async fn what_many_do_to_one_line_at_once_is_told_in_the_order_in_which_it_was_done() {
    let (race, house) = Race::start().await;
    for round in 0..size(3, 40) {
        let season = format!("order-{round}");
        let quota = race.quota("CO-ES", &season, 1000).await;
        let seats = i32::try_from(TAKERS).unwrap();
        let line = race.lines(&season, (1, seats), &["CO"]).await.remove(0);
        let listed = entries(TAKERS, quota, rank);
        race.propose(&line, &listed).await;
        race.answered(&listed).await;
        let before = race.line(&line).await.expect("it is open").version;
        let outcomes = join_all(listed.iter().map(|entry| race.select(entry))).await;
        let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert!(refused.is_empty(), "{season}: there is a seat for each of them: {refused:?}");
        let moved = race.line(&line).await.expect("it is there").version - before;
        assert!(moved >= i64::try_from(TAKERS).unwrap(), "{season}: one version each, not {moved}");
    }
    is_told(&race).await;
    house.stop().await;
}
