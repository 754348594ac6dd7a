//! Busloads: one transaction, each item its own result.

use std::time::Instant;

use platform::testing::{eventually, request_id};
use proto::placement::{BatchMovePlacementsRequest, BatchMovePlacementsResponse, ListPlacementsRequest, Move, Stage};
use uuid::Uuid;

use crate::house::{House, asked, for_worker, with_text};

async fn batch(house: &House, user: &str, moves: Vec<Move>, request_id: &str) -> BatchMovePlacementsResponse {
    let request = BatchMovePlacementsRequest { moves, request_id: request_id.to_owned(), validate_only: false };
    house
        .client
        .clone()
        .batch_move_placements(house.bench.call(user, request))
        .await
        .expect("the batch is answered")
        .into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_batch_twice_has_one_effect_and_a_bad_item_spoils_nothing() {
    let house = House::with_quota(10).await;
    let line = house.line(3).await;
    let ids = house.propose(line, &[0, 0, 0]).await;
    let mut moves: Vec<Move> = ids.iter().map(|id| asked(*id, "Select", "2026-01-12")).collect();
    moves[1].command = "StartWork".into();
    moves.push(asked(house.id(), "Select", "2026-01-12"));
    let key = request_id();
    let first = batch(&house, "pagesos", moves.clone(), &key).await;
    let again = batch(&house, "pagesos", moves, &key).await;
    assert_eq!(first, again);
    let reasons: Vec<&str> = first
        .results
        .iter()
        .map(|result| result.refusal.as_ref().map_or("", |refusal| refusal.reason.as_str()))
        .collect();
    assert_eq!(reasons, ["", "WRONG_STAGE", "", "NOT_FOUND"]);
    assert!(first.results[1].possible.contains(&"Select".to_owned()));
    for (id, version) in ids.iter().zip([2, 1, 2]) {
        assert_eq!(house.get(*id).await.unwrap().version, version);
    }
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_proposals_and_a_thousand_moves_are_quick() {
    const MANY: usize = 1000;
    let house = House::with_quota(2000).await;
    let mut lines = Vec::new();
    for _ in 0..4 {
        lines.push(house.line(250).await);
    }
    let mut ids: Vec<Uuid> = Vec::new();
    let started = Instant::now();
    for line in &lines {
        let entries: Vec<_> = (0..250).map(|_| house.entry(house.sena, 0)).collect();
        ids.extend(entries.iter().map(|entry| entry.placement_id.parse::<Uuid>().unwrap()));
        house.send(&house.proposal(*line, entries)).await;
    }
    eventually("all are placed", async || {
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM placement").fetch_one(&house.pool).await.unwrap();
        (rows == 1000).then_some(())
    })
    .await;
    println!("{MANY} proposals: {:?} with the broker's way", started.elapsed());
    let moves = |make: &dyn Fn(Uuid) -> Move| ids.iter().map(|id| make(*id)).collect::<Vec<Move>>();
    let steps: [(&str, &str, Vec<Move>); 13] = [
        ("pagesos", "Select", moves(&|id| asked(id, "Select", "2026-01-12"))),
        ("pagesos", "Offer", moves(&|id| with_text(asked(id, "Offer", "2026-01-13")))),
        ("sena", "Accept", moves(&|id| for_worker(with_text(asked(id, "Accept", "2026-01-14"))))),
        ("pagesos", "SignContract", moves(&|id| asked(id, "SignContract", "2026-01-15"))),
        ("sena", "SignContract", moves(&|id| for_worker(asked(id, "SignContract", "2026-01-15")))),
        ("consulate", "Authorise", moves(&|id| asked(id, "Authorise", "2026-01-20"))),
        ("sena", "ApplyVisa", moves(&|id| asked(id, "ApplyVisa", "2026-01-21"))),
        ("consulate", "GrantVisa", moves(&|id| asked(id, "GrantVisa", "2026-02-01"))),
        ("sena", "CompleteOrientation", moves(&|id| asked(id, "CompleteOrientation", "2026-02-02"))),
        ("iom", "BookTravel", moves(&|id| Move { date: "2026-02-28".into(), ..asked(id, "BookTravel", "2026-02-03") })),
        ("sena", "Depart", moves(&|id| with_text(asked(id, "Depart", "2026-02-28")))),
        ("pagesos", "ConfirmArrival", moves(&|id| with_text(asked(id, "ConfirmArrival", "2026-03-01")))),
        ("pagesos", "StartWork", moves(&|id| asked(id, "StartWork", "2026-03-02"))),
    ];
    for (user, command, moves) in steps {
        let started = Instant::now();
        let made = batch(&house, user, moves, &request_id()).await;
        println!("{MANY} × {command}: {:?}", started.elapsed());
        assert!(made.results.iter().all(|result| result.refusal.is_none()), "{command}: {:?}", made.results[0]);
    }
    let page =
        ListPlacementsRequest { stage: Stage::Working.into(), corridor_code: "CO-ES".into(), ..Default::default() };
    assert_eq!(house.list("iom", page).await.len(), MANY);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_only_tried_says_what_would_be_and_changes_nothing() {
    let house = House::with_quota(10).await;
    let line = house.line(3).await;
    let ids = house.propose(line, &[0, 0]).await;
    let mut moves: Vec<Move> = ids.iter().map(|id| asked(*id, "Select", "2026-01-12")).collect();
    moves.push(asked(ids[0], "Select", "2026-01-12"));
    moves.push(asked(house.id(), "Select", "2026-01-12"));
    let request = BatchMovePlacementsRequest { moves: moves.clone(), request_id: String::new(), validate_only: true };
    let call = house.bench.call("pagesos", request);
    let tried = house.client.clone().batch_move_placements(call).await.expect("it is answered").into_inner();
    for id in &ids {
        assert_eq!(house.get(*id).await.unwrap().version, 1, "nothing has moved");
    }
    house.audit().await;
    let made = batch(&house, "pagesos", moves, &request_id()).await;
    assert_eq!(tried, made, "what was told is what comes: also of the second move of one placement");
    let reasons: Vec<bool> = made.results.iter().map(|result| result.refusal.is_some()).collect();
    assert_eq!(reasons, [false, false, true, true]);
}
