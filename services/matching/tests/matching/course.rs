//! A round while it is computed: followed, and thrown away.

use platform::testing::{eventually, request_id};
use proto::matching::{self as wire, RoundState};
use sqlx::{Connection, Executor, PgConnection};

use crate::{
    market,
    world::{Client, World},
};

pub(crate) const ROWS_LEFT: &str = "SELECT (SELECT count(*) FROM round_line) + (SELECT count(*) FROM round_candidate)
    + (SELECT count(*) FROM round_pair) + (SELECT count(*) FROM outbox)";

/// Holds a lock, until the connection is closed.
pub(crate) async fn locked(world: &World, lock: &'static str) -> PgConnection {
    let mut connection = world.superuser().await;
    connection.execute("BEGIN").await.expect("a transaction");
    connection.execute(lock).await.expect("the lock");
    connection
}

pub(crate) async fn begun(world: &World, client: &mut Client, destination: &str) -> String {
    let request = wire::ComputeRoundRequest {
        season_code: "2026".to_owned(),
        destination: destination.to_owned(),
        as_of: "2026-01-10".to_owned(),
        seed: "spring".to_owned(),
        request_id: request_id(),
    };
    client.compute_round(world.bench.call("operator", request)).await.expect("it begins").into_inner().id
}

pub(crate) async fn reached(world: &World, client: &Client, (id, phase): (&str, &str)) -> wire::Round {
    eventually(phase, async || {
        let round = world.round(&mut client.clone(), id).await;
        (round.phase == phase).then_some(round)
    })
    .await
}

async fn discard(world: &World, client: &mut Client, id: &str) -> wire::Round {
    let request =
        wire::DiscardRoundRequest { round_id: id.to_owned(), reason: "not today".to_owned(), request_id: request_id() };
    client.discard_round(world.bench.call("operator", request)).await.expect("it ends").into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_thrown_away_while_it_reads_leaves_nothing_and_blocks_nobody() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let lock = locked(&world, "LOCK TABLE candidate IN ACCESS EXCLUSIVE MODE").await;
    let first = begun(&world, &mut client, "ES").await;
    reached(&world, &client, (&first, "reading")).await;
    world.execute("INSERT INTO corridor VALUES ('CO-CA', 'CO', 'CA', true, 1)").await;
    let other = begun(&world, &mut client, "CA").await;
    reached(&world, &client, (&other, "waiting")).await;
    let ended = discard(&world, &mut client, &first).await;
    assert_eq!((ended.state(), ended.version, ended.phase.as_str()), (RoundState::Discarded, 0, ""));
    // The next one of the group may begin at once. The one of the other group has its turn, though the first still hung on
    // the lock; it ends in the same way, and lets the second go on.
    let second = begun(&world, &mut client, "ES").await;
    reached(&world, &client, (&other, "reading")).await;
    discard(&world, &mut client, &other).await;
    reached(&world, &client, (&second, "reading")).await;
    assert_eq!(world.number(ROWS_LEFT).await, 0);
    lock.close().await.expect("the lock is given back");
    let second = world.ended(&client, &second).await;
    assert_eq!((second.state(), second.seats_filled), (RoundState::Preview, 3));
    assert_eq!(world.number("SELECT count(DISTINCT round_id) FROM round_line").await, 1, "of the second alone");
    assert_eq!(world.round(&mut client, &first).await, ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn value_and_bound_are_told_before_the_plan_is_stored_and_a_late_end_takes_all_back() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let lock = locked(&world, "LOCK TABLE round_pair IN SHARE MODE").await;
    let id = begun(&world, &mut client, "ES").await;
    let storing = eventually("value and bound", async || {
        let round = world.round(&mut client.clone(), &id).await;
        (round.phase == "storing" && round.value > 0).then_some(round)
    })
    .await;
    assert_eq!((storing.state(), storing.version), (RoundState::Computing, 0));
    // A claim by name weighs more than all scores, and is no part of them.
    assert_eq!((storing.value, storing.bound, storing.gap_ppm), (130 + 220 + 124, 130 + 220 + 124, 0));
    assert!((80..100).contains(&storing.percent), "{}", storing.percent);
    // Lines and people are written by now, and nobody sees them.
    assert_eq!(discard(&world, &mut client, &id).await.state(), RoundState::Discarded);
    lock.close().await.expect("the lock is given back");
    let next = world.computed(&mut client, "spring").await;
    assert_eq!(world.number("SELECT count(DISTINCT round_id) FROM round_line").await, 1);
    assert_eq!(world.number("SELECT count(DISTINCT round_id) FROM round_pair").await, 1);
    assert_eq!(
        world.number("SELECT count(*) FROM outbox").await,
        1,
        "the second was computed; nobody heard of the first"
    );
    let ended = world.round(&mut client, &id).await;
    assert_eq!((ended.state(), ended.value, ended.version), (RoundState::Discarded, 0, 0));
    assert_eq!(next.state(), RoundState::Preview);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_waited_for_its_turn_sees_what_went_out_meanwhile() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    // Of another group, but with the same people and seats.
    let first = world.computed(&mut client, "spring").await;
    world.execute("UPDATE round SET destination = 'CA' WHERE number = 1").await;
    world.execute("INSERT INTO corridor VALUES ('CO-IT', 'CO', 'IT', true, 1)").await;
    let lock = locked(&world, "LOCK TABLE candidate IN ACCESS EXCLUSIVE MODE").await;
    let other = begun(&world, &mut client, "IT").await;
    reached(&world, &client, (&other, "reading")).await;
    let second = begun(&world, &mut client, "ES").await;
    reached(&world, &client, (&second, "waiting")).await;
    let published = world.published(&mut client, &first.id).await;
    assert_eq!((published.state(), published.seats_filled), (RoundState::Published, 3));
    lock.close().await.expect("the lock is given back");
    let second = world.ended(&client, &second).await;
    let left = (second.seats_open, second.seats_filled);
    assert_eq!(left, (first.seats_open - first.seats_filled, 0), "the people and seats of the first are taken");
    // It rests on nothing that was given away after it began to look.
    let published = world.published(&mut client, &second.id).await;
    assert_eq!(published.state(), RoundState::Published);
}
