//! No seat, unit or person is given twice.

use futures::future::join_all;
use platform::testing::eventually;
use proto::{
    candidate::CandidateState,
    demand::JobOrderState,
    matching::ProposedCandidate,
    placement::{Fault, ListPlacementsRequest, ListQuotaUseRequest, RosterEffect, Stage},
};

use crate::house::{House, asked, for_worker, with_text};

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_takers_of_the_last_seat_one_wins() {
    let house = House::with_quota(64).await;
    let line = house.line(1).await;
    let ranks: Vec<i32> = (1..=64).collect();
    let ids = house.propose(line, &ranks).await;
    let takers = ids.iter().map(|id| house.make("pagesos", asked(*id, "Select", "2026-01-12")));
    let outcomes = join_all(takers).await;
    let refusals: Vec<&str> =
        outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(|refused| refused.reason.as_str()).collect();
    assert_eq!(refusals, ["NO_ROOM"; 63]);
    let line = house.get_line(line.id).await.unwrap();
    assert_eq!((line.held, line.shares[0].units_held, line.shares[0].units), (1, 1, 0));
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_gets_one_of_two_seats_at_the_same_time() {
    let house = House::with_quota(64).await;
    let (one, two) = (house.line(8).await, house.line(8).await);
    let mut placements = Vec::new();
    for _ in 0..8 {
        let mut here = house.entry(house.sena, 1);
        let mut there = house.entry(house.sena, 1);
        there.candidate_id.clone_from(&here.candidate_id);
        (here.reserve_rank, there.reserve_rank) = (1, 1);
        placements.push((here.placement_id.parse().unwrap(), there.placement_id.parse().unwrap()));
        house.send(&house.proposal(one, vec![here])).await;
        house.send(&house.proposal(two, vec![there])).await;
    }
    for (here, there) in &placements {
        eventually("both are listed", async || {
            house.get(*here).await?;
            house.get(*there).await
        })
        .await;
    }
    let pairs = placements.iter().map(|(here, there)| async {
        tokio::join!(
            house.make("pagesos", asked(*here, "Select", "2026-01-12")),
            house.make("pagesos", asked(*there, "Select", "2026-01-12"))
        )
    });
    for (here, there) in join_all(pairs).await {
        let refused = here.err().or(there.err()).expect("one of two");
        assert_eq!(refused.reason, "PERSON_TAKEN");
    }
    let held: i32 = house.get_line(one.id).await.unwrap().held + house.get_line(two.id).await.unwrap().held;
    assert_eq!(held, 8);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_declines_gives_the_seat_to_the_next_on_the_list() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let ids = house.propose(line, &[0, 1, 2]).await;
    house.must("pagesos", asked(ids[0], "Select", "2026-01-12")).await;
    house.must("pagesos", with_text(asked(ids[0], "Offer", "2026-01-13"))).await;
    house.must("sena", for_worker(asked(ids[0], "Decline", "2026-01-14"))).await;
    let next = house.get(ids[1]).await.unwrap();
    assert_eq!((next.stage(), next.source), (Stage::Proposed, 2));
    assert_eq!(house.stage(ids[2]).await, Stage::Recommended);
    assert_eq!(next.steps.last().unwrap().event, "ReserveCalled");
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promised_seat_that_nobody_on_the_list_can_take_is_open_again() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let ids = house.propose(line, &[0, 1]).await;
    let listed = house.get(ids[1]).await.unwrap().candidate_id.parse().unwrap();
    house.person(listed, house.sena, CandidateState::Withdrawn, 2).await;
    eventually("the person is known", async || {
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM candidate").fetch_one(&house.pool).await.unwrap();
        (rows == 1).then_some(())
    })
    .await;
    house.must("pagesos", asked(ids[0], "Select", "2026-01-12")).await;
    house.must("pagesos", with_text(asked(ids[0], "Offer", "2026-01-13"))).await;
    house.must("sena", for_worker(asked(ids[0], "Decline", "2026-01-14"))).await;
    assert_eq!(house.stage(ids[1]).await, Stage::Recommended);
    let open = house.get_line(line.id).await.unwrap();
    assert_eq!((open.promised, open.held, open.shares[0].units), (0, 0, 1));
    let facts = house.facts(line.id).await;
    assert_eq!((facts.first().unwrap().as_str(), facts.last().unwrap().as_str()), ("QuotaReserved", "SeatReopened"));
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_is_free_once_names_are_final_is_open_again_and_calls_nobody() {
    let house = House::with_quota(1).await;
    let line = house.line(2).await;
    let ids = house.propose(line, &[0, 1]).await;
    house.accept(ids[0]).await;
    house.quota(house.quota, ("CO-ES", 2), 2).await;
    // The second seat gets its unit nine days before the start.
    eventually("the seat was open again", async || {
        house.run_due("2026-02-21").await;
        house.facts(line.id).await.contains(&"SeatReopened".to_owned()).then_some(())
    })
    .await;
    assert!(house.facts(line.id).await.contains(&"QuotaUnitGranted".to_owned()));
    house.must("sena", for_worker(asked(ids[0], "Withdraw", "2026-02-21"))).await;
    house.run_due("2026-02-22").await;
    assert_eq!(house.stage(ids[1]).await, Stage::Recommended);
    let open = house.get_line(line.id).await.unwrap();
    assert_eq!((open.promised, open.held, open.shares[0].units), (0, 0, 2));
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_vacated_abroad_is_refilled_from_the_list_with_another_unit() {
    let house = House::with_quota(2).await;
    let line = house.line(1).await;
    let ids = house.propose(line, &[0, 1]).await;
    house.accept(ids[0]).await;
    house.prepare(ids[0]).await;
    house.travel(ids[0]).await;
    house.must("sena", for_worker(asked(ids[0], "Resign", "2026-06-01"))).await;
    eventually("the next is called", async || {
        house.run_due("2026-06-02").await;
        (house.stage(ids[1]).await == Stage::Proposed).then_some(())
    })
    .await;
    let open = house.get_line(line.id).await.unwrap();
    let units = (open.shares[0].units, open.shares[0].units_held, open.shares[0].units_used);
    assert_eq!((open.held, open.promised, units), (1, 0, (0, 1, 1)), "the used unit stays used");
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_delivered_twice_changes_nothing_and_what_does_not_fit_is_refused() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let entries = vec![house.entry(house.sena, 0), house.entry(house.sena, 0), house.entry(house.sena, 1)];
    let proposal = house.proposal(line, entries);
    let event_id = house.id();
    house.send_as(&proposal, event_id).await;
    house.send_as(&proposal, event_id).await;
    // The same proposal as another event: published again after a loss.
    house.send(&proposal).await;
    let refused = async || {
        let rows: Vec<String> =
            sqlx::query_scalar("SELECT reason FROM proposal_refusal").fetch_all(&house.pool).await.unwrap();
        (!rows.is_empty()).then_some(rows)
    };
    assert_eq!(eventually("one is refused", refused).await, ["NO_ROOM"]);
    let other = house.line(1).await;
    house.propose(other, &[0]).await;
    let placed = house.list("iom", ListPlacementsRequest { line_id: line.id.to_string(), ..Default::default() }).await;
    assert_eq!(placed.iter().map(|placement| placement.version).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(refused().await.unwrap(), ["NO_ROOM"]);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_accepted_leaves_other_lists_with_the_next_run_however_they_came_there() {
    let house = House::with_quota(10).await;
    let (line, other) = (house.line(1).await, house.line(1).await);
    let seat = house.entry(house.sena, 0);
    let [id, late, stranger]: [uuid::Uuid; 3] = std::array::from_fn(|_| house.id());
    house.send(&house.proposal(line, vec![ProposedCandidate { placement_id: id.to_string(), ..seat.clone() }])).await;
    eventually("there is a placement", async || house.get(id).await).await;
    house.accept(id).await;
    // Listed after the yes, so the move that said it found nothing.
    let entry = |id: uuid::Uuid, rank, of: &ProposedCandidate| ProposedCandidate {
        placement_id: id.to_string(),
        reserve_rank: rank,
        ..of.clone()
    };
    let entries = vec![entry(late, 1, &seat), entry(stranger, 2, &house.entry(house.sena, 0))];
    house.send(&house.proposal(other, entries)).await;
    eventually("both are listed", async || house.get(stranger).await).await;
    assert_eq!(house.stage(late).await, Stage::Recommended);
    house.run_due("2026-01-20").await;
    let gone = house.get(late).await.unwrap();
    assert_eq!((gone.stage(), gone.reason.as_str()), (Stage::Cancelled, "PLACED_ELSEWHERE"));
    assert_eq!(house.stage(stranger).await, Stage::Recommended);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_waits_for_its_line_and_not_for_ever() {
    let house = House::with_quota(10).await;
    let line = crate::house::OpenLine { id: house.id(), order: house.id(), union: house.pagesos };
    let lost = crate::house::OpenLine { id: house.id(), order: house.id(), union: house.pagesos };
    let entry = house.entry(house.sena, 0);
    let id = entry.placement_id.parse().unwrap();
    house.send(&house.proposal(line, vec![entry])).await;
    house.send(&house.proposal(lost, vec![house.entry(house.sena, 0)])).await;
    let waiting = async |wanted: i64| {
        let rows: i64 =
            sqlx::query_scalar("SELECT count(*) FROM waiting_proposal").fetch_one(&house.pool).await.unwrap();
        (rows == wanted).then_some(())
    };
    eventually("both wait", async || waiting(2).await).await;
    house.send(&house.order(line, 1, (JobOrderState::Open, 1))).await;
    eventually("the line is open", async || {
        house.open().await;
        house.get(id).await
    })
    .await;
    house.run_due("2026-02-09").await;
    eventually("one still waits", async || waiting(1).await).await;
    house.run_due("2026-02-10").await;
    let reason: String =
        sqlx::query_scalar("SELECT reason FROM proposal_refusal").fetch_one(&house.pool).await.unwrap();
    assert_eq!(reason, "UNKNOWN_LINE");
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_left_the_roster_is_not_placed() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let entry = house.entry(house.sena, 0);
    house.person(entry.candidate_id.parse().unwrap(), house.sena, CandidateState::Withdrawn, 2).await;
    eventually("the person is known", async || {
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM candidate").fetch_one(&house.pool).await.unwrap();
        (rows == 1).then_some(())
    })
    .await;
    house.send(&house.proposal(line, vec![entry])).await;
    let reason: String = eventually("it is refused", async || {
        sqlx::query_scalar("SELECT reason FROM proposal_refusal").fetch_optional(&house.pool).await.unwrap()
    })
    .await;
    assert_eq!(reason, "NOT_ELIGIBLE");
}

/// What comes late: the person was on the roster on the day of the proposal.
#[tokio::test(flavor = "multi_thread")]
async fn whose_place_on_the_roster_is_over_is_judged_by_the_day_of_the_move() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let entry = house.entry(house.sena, 0);
    let id = entry.placement_id.parse().unwrap();
    house.person(entry.candidate_id.parse().unwrap(), house.sena, CandidateState::Expired, 2).await;
    eventually("the person is known", async || {
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM candidate").fetch_one(&house.pool).await.unwrap();
        (rows == 1).then_some(())
    })
    .await;
    house.send(&house.proposal(line, vec![entry])).await;
    let placed = eventually("it is placed", async || house.get(id).await).await;
    assert_eq!(placed.stage(), Stage::Proposed);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_papers_are_over_is_refused_for_a_reason_that_passes() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let entry = ProposedCandidate { fit_until: "2026-01-01".into(), ..house.entry(house.sena, 0) };
    house.send(&house.proposal(line, vec![entry])).await;
    let reason: String = eventually("it is refused", async || {
        sqlx::query_scalar("SELECT reason FROM proposal_refusal").fetch_optional(&house.pool).await.unwrap()
    })
    .await;
    assert_eq!(reason, "PAPERS_OVER");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_cut_below_its_use_refuses_newcomers_and_jams_nothing() {
    let house = House::with_quota(3).await;
    let line = house.line(2).await;
    house.propose(line, &[0, 0]).await;
    house.quota(house.quota, ("CO-ES", 1), 2).await;
    let used = eventually("the cut is known", async || {
        let request = ListQuotaUseRequest::default();
        let found = house.client.clone().list_quota_use(house.bench.call("iom", request)).await.unwrap().into_inner();
        found.quotas.into_iter().find(|quota| quota.shortfall == 1)
    })
    .await;
    assert_eq!((used.cap, used.allotted), (2, 2));
    let late = house.line(1).await;
    let late = house.get_line(late.id).await.unwrap();
    assert_eq!(late.shares[0].units, 0);
    house.audit().await;
    // Raised again, the oldest open seat gets its unit.
    house.quota(house.quota, ("CO-ES", 5), 3).await;
    eventually("the seat has a unit", async || {
        house.run_due("2026-01-11").await;
        house.get_line(late.id.parse().unwrap()).await.filter(|line| line.shares[0].units == 1)
    })
    .await;
    assert_eq!(house.facts(late.id.parse().unwrap()).await, ["QuotaReserved", "QuotaUnitGranted"]);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_order_gives_its_open_seats_up_and_closes_when_nobody_is_held() {
    let house = House::with_quota(10).await;
    let line = house.line(3).await;
    let ids = house.propose(line, &[0]).await;
    house.send(&house.order(line, 3, (JobOrderState::Withdrawn, 2))).await;
    let left =
        eventually("the open seats are gone", async || house.get_line(line.id).await.filter(|line| line.posted == 1))
            .await;
    assert_eq!((left.state, left.shares[0].units, left.shares[0].units_held), (2, 0, 1));
    let retract =
        proto::placement::Move { reason: "ORDER_REDUCED".into(), ..asked(ids[0], "RetractOffer", "2026-01-20") };
    house.must("pagesos", asked(ids[0], "Select", "2026-01-12")).await;
    let retracted = house.must("pagesos", retract).await;
    assert_eq!((retracted.roster_effect(), retracted.next_round_first), (RosterEffect::Renew, true));
    let closed = house.get_line(line.id).await.unwrap();
    assert_eq!((closed.state, closed.posted, closed.shares[0].units), (3, 0, 0));
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_on_the_list_of_a_closed_order_leaves_it_without_penalty() {
    let house = House::with_quota(10).await;
    let (line, other) = (house.line(1).await, house.line(1).await);
    let ids = house.propose(line, &[0, 1, 2]).await;
    let elsewhere = house.propose(other, &[0, 1]).await;
    house.run_due("2026-01-13").await;
    assert_eq!(house.stage(ids[1]).await, Stage::Recommended, "the order is open");
    house.send(&house.order(line, 1, (JobOrderState::Withdrawn, 2))).await;
    let unlisted = eventually("the clock has ended the entries", async || {
        let moved = house.run_due("2026-01-14").await.moved;
        moved.get("C-LIST").copied()
    })
    .await;
    assert_eq!(unlisted, 2);
    for id in &ids[1..] {
        let over = house.get(*id).await.unwrap();
        assert_eq!((over.stage(), over.reason.as_str()), (Stage::Cancelled, "LINE_CLOSED"));
        assert_eq!((over.fault(), over.roster_effect()), (Fault::None, RosterEffect::Keep));
        let last = over.steps.last().unwrap();
        assert_eq!((last.actor_role.as_str(), last.occurred_on.as_str()), ("clock", "2026-01-14"));
    }
    assert_eq!(house.stage(ids[0]).await, Stage::Proposed, "who holds a seat is the union's to answer");
    assert_eq!(house.stage(elsewhere[1]).await, Stage::Recommended);
    assert!(!house.run_due("2026-01-15").await.moved.contains_key("C-LIST"));
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_two_corridors_takes_units_from_the_quota_of_whoever_comes_and_gives_them_back() {
    let house = House::with_quota(1).await;
    let other = house.id();
    house.corridor("GH-ES", 1).await;
    house.quota(other, ("GH-ES", 5), 1).await;
    let quotas = async || {
        let request = ListQuotaUseRequest::default();
        let found = house.client.clone().list_quota_use(house.bench.call("iom", request)).await.unwrap().into_inner();
        found.quotas.iter().map(|quota| (quota.corridor_code.clone(), quota.allotted)).collect::<Vec<_>>()
    };
    eventually("both quotas are known", async || (quotas().await.len() == 2).then_some(())).await;
    let line = house.line(3).await;
    assert_eq!(house.get_line(line.id).await.unwrap().shares.len(), 2);
    let mut entries = vec![house.entry(house.sena, 0), house.entry(house.sena, 0), house.entry(house.labour, 0)];
    entries[2].corridor_code = "GH-ES".into();
    entries[2].quota_id = other.to_string();
    let ids: Vec<uuid::Uuid> = entries.iter().map(|entry| entry.placement_id.parse().unwrap()).collect();
    house.send(&house.proposal(line, entries)).await;
    eventually("one of each corridor is placed", async || house.get(ids[2]).await).await;
    assert_eq!(quotas().await, [("CO-ES".to_owned(), 1), ("GH-ES".to_owned(), 1)]);
    let reason: String =
        sqlx::query_scalar("SELECT reason FROM proposal_refusal").fetch_one(&house.pool).await.unwrap();
    assert_eq!(reason, "NO_UNIT");
    house.must("labour", asked(ids[2], "Withdraw", "2026-01-12")).await;
    assert_eq!(quotas().await, [("CO-ES".to_owned(), 1), ("GH-ES".to_owned(), 0)]);
    house.audit().await;
}
