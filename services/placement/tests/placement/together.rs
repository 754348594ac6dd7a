//! Those of a proposal who come together are seated all, or none of them.

use std::collections::BTreeMap;

use platform::testing::eventually;
use proto::{demand::JobOrderState, matching::ProposedCandidate, placement::Stage};
use uuid::Uuid;

use crate::house::{House, OpenLine};

/// So many people with one mark.
fn family(house: &House, mark: &str, people: usize) -> Vec<ProposedCandidate> {
    let one = || ProposedCandidate { together: mark.into(), ..house.entry(house.sena, 0) };
    (0..people).map(|_| one()).collect()
}

fn ids(entries: &[ProposedCandidate]) -> Vec<Uuid> {
    entries.iter().map(|entry| entry.placement_id.parse().expect("an id")).collect()
}

/// Waits until so many proposals are refused, and says why each was.
async fn refusals(house: &House, many: usize) -> BTreeMap<Uuid, String> {
    eventually("they are refused", async || {
        let rows: Vec<(Uuid, String)> = sqlx::query_as("SELECT placement_id, reason FROM proposal_refusal")
            .fetch_all(&house.pool)
            .await
            .expect("rows");
        (rows.len() == many).then(|| rows.into_iter().collect())
    })
    .await
}

async fn told(house: &House) -> i64 {
    let sql = "SELECT count(*) FROM outbox WHERE type LIKE '%ProposalRefused'";
    sqlx::query_scalar(sql).fetch_one(&house.pool).await.expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn if_one_of_a_family_is_taken_elsewhere_none_is_seated_and_both_are_told() {
    let house = House::with_quota(10).await;
    let (line, other) = (house.line(2).await, house.line(1).await);
    let elsewhere = house.entry(house.sena, 0);
    house.send(&house.proposal(other, vec![elsewhere.clone()])).await;
    let there = elsewhere.placement_id.parse().unwrap();
    eventually("one of them has a place", async || house.get(there).await).await;
    let mut entries = family(&house, "1", 2);
    entries[1].candidate_id = elsewhere.candidate_id;
    let pair = ids(&entries);
    house.send(&house.proposal(line, entries)).await;
    let why = refusals(&house, 2).await;
    assert_eq!((why[&pair[0]].as_str(), why[&pair[1]].as_str()), ("TOGETHER_NOT_WHOLE", "PERSON_TAKEN"));
    assert_eq!(told(&house).await, 2);
    for id in pair {
        assert!(house.get(id).await.is_none());
        assert!(house.facts(id).await.is_empty(), "of a seat that was taken back nothing is published");
    }
    let left = house.get_line(line.id).await.unwrap();
    assert_eq!((left.held, left.shares[0].units), (0, 2));
    assert_eq!(house.stage(there).await, Stage::Proposed);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_that_is_free_is_seated_beside_another_of_the_same_mark_that_is_not() {
    let house = House::with_quota(10).await;
    let (line, small) = (house.line(3).await, house.line(1).await);
    let (free, too_many) = (family(&house, "1", 2), family(&house, "1", 2));
    let (seated, refused) = (ids(&free), ids(&too_many));
    let alone = house.entry(house.sena, 0);
    let single = alone.placement_id.parse().unwrap();
    // Between the two of them stands somebody who comes alone.
    let entries = vec![free[0].clone(), alone, free[1].clone()];
    house.send(&house.proposal(small, too_many)).await;
    house.send(&house.proposal(line, entries)).await;
    for id in [seated[0], seated[1], single] {
        eventually("there is a placement", async || house.get(id).await).await;
        assert_eq!(house.stage(id).await, Stage::Proposed);
    }
    let why = refusals(&house, 2).await;
    let why: Vec<&str> = refused.iter().map(|id| why[id].as_str()).collect();
    assert!(why.contains(&"NO_ROOM") && why.contains(&"TOGETHER_NOT_WHOLE"), "{why:?}");
    assert_eq!(house.get_line(line.id).await.unwrap().held, 3);
    let told = house.view("sena", seated[0]).await.unwrap().together.unwrap();
    assert_eq!((told.crew, told.people, told.placement_ids), (false, 2, vec![seated[1].to_string()]));
    assert!(house.view("sena", single).await.unwrap().together.is_none(), "who comes alone");
    assert_eq!(house.get_line(small.id).await.unwrap().held, 0);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_unit_of_a_quota_seats_nobody_of_two_and_is_there_for_the_next() {
    let house = House::with_quota(1).await;
    let line = house.line(2).await;
    let pair = family(&house, "1", 2);
    let both = ids(&pair);
    house.send(&house.proposal(line, pair)).await;
    let why = refusals(&house, 2).await;
    let mut why: Vec<&str> = both.iter().map(|id| why[id].as_str()).collect();
    why.sort_unstable();
    assert_eq!(why, ["NO_UNIT", "TOGETHER_NOT_WHOLE"]);
    house.audit().await;
    let next = house.propose(line, &[0]).await;
    assert_eq!(house.stage(next[0]).await, Stage::Proposed);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_line_together_is_seated_together_or_not_at_all() {
    let house = House::with_quota(10).await;
    let line = || OpenLine { id: house.id(), order: house.id(), union: house.pagesos };
    let (two, one) = (line(), line());
    let (fits, too_many) = (family(&house, "1", 2), family(&house, "1", 2));
    let (seated, refused) = (ids(&fits), ids(&too_many));
    house.send(&house.proposal(two, fits)).await;
    house.send(&house.proposal(one, too_many)).await;
    eventually("all wait", async || {
        let rows: i64 =
            sqlx::query_scalar("SELECT count(*) FROM waiting_proposal").fetch_one(&house.pool).await.unwrap();
        (rows == 4).then_some(())
    })
    .await;
    house.send(&house.order(two, 2, (JobOrderState::Open, 1))).await;
    house.send(&house.order(one, 1, (JobOrderState::Open, 1))).await;
    for id in seated {
        eventually("the line is open", async || {
            house.open().await;
            house.get(id).await
        })
        .await;
    }
    eventually("the other line is open", async || {
        house.open().await;
        house.get_line(one.id).await.filter(|line| line.state == 2)
    })
    .await;
    house.run_due("2026-01-11").await;
    let why = refusals(&house, 2).await;
    assert!(refused.iter().all(|id| why.contains_key(id)), "{why:?}");
    assert_eq!(house.get_line(one.id).await.unwrap().held, 0);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_another_of_the_family_is_no_move_of_the_clocks() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let mut pair = family(&house, "1", 2);
    pair[1].quota_id = house.id().to_string();
    house.send(&house.proposal(line, pair.clone())).await;
    let waiting = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM waiting_proposal").fetch_one(&house.pool).await.unwrap()
    };
    eventually("both wait", async || (waiting().await == 2).then_some(())).await;
    let run = house.run_due("2026-01-11").await;
    assert!(run.moved.is_empty(), "the quota of one is still not known: {:?}", run.moved);
    assert_eq!((waiting().await, house.get_line(line.id).await.unwrap().held), (2, 0));
    for id in ids(&pair) {
        assert!(house.get(id).await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_one_of_a_family_sees_how_many_and_of_the_others_only_their_own() {
    let house = House::with_quota(10).await;
    let lines = [house.line_of(house.pagesos, 1).await, house.line_of(house.ferme, 1).await];
    let mut pair = family(&house, "1", 2);
    pair[0].elsewhere = vec![pair[1].placement_id.clone()];
    pair[1].elsewhere = vec![pair[0].placement_id.clone()];
    let both = ids(&pair);
    for (line, entry) in lines.into_iter().zip(pair) {
        house.send(&house.proposal(line, vec![entry])).await;
    }
    for id in &both {
        eventually("there is a placement", async || house.get(*id).await).await;
    }
    for (user, own, others) in [
        ("sena", 0, vec![both[1].to_string()]),
        ("iom", 1, vec![both[0].to_string()]),
        ("pagesos", 0, Vec::new()),
        ("ferme", 1, Vec::new()),
    ] {
        let told = house.view(user, both[own]).await.unwrap().together.unwrap();
        assert_eq!((told.crew, told.people, told.placement_ids), (false, 2, others), "{user}");
    }
}
