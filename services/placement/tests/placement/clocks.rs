//! Deadlines fire through `RunDue` and through nothing else; a service that is told to calls it by itself.

use platform::{
    Refused,
    testing::{eventually, request_id},
};
use proto::placement::{Fault, ListPlacementsRequest, Move, OpenLinesRequest, RunDueRequest, Stage};

use crate::house::{House, asked, attempt, for_worker, with_text};

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_fires_only_when_the_calendar_is_run_past_it() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let ids = house.propose(line, &[0, 1]).await;
    assert!(house.run_due("2026-01-16").await.moved.is_empty());
    let half = ListPlacementsRequest { clock: "C-SELECT-HALF".into(), late: true, ..Default::default() };
    let warned: Vec<String> = house.list("pagesos", half).await.into_iter().map(|placement| placement.id).collect();
    assert_eq!(warned, [ids[0].to_string()], "half of the ten days is over, which moves nothing");
    let late = ListPlacementsRequest { late: true, ..Default::default() };
    assert!(house.list("pagesos", late).await.is_empty(), "the other half is still theirs");
    assert!(house.run_due("2026-01-19").await.moved.is_empty());
    assert_eq!(house.stage(ids[0]).await, Stage::Proposed);
    let run = house.run_due("2026-01-20").await;
    assert_eq!(run.moved.get("C-SELECT"), Some(&1));
    let expired = house.get(ids[0]).await.unwrap();
    assert_eq!((expired.stage(), expired.fault()), (Stage::Cancelled, Fault::Employer));
    assert_eq!(expired.steps.last().unwrap().actor_role, "clock");
    // P8 calls nobody: the next would wait as well.
    assert_eq!(house.stage(ids[1]).await, Stage::Recommended);
    house.audit().await;
}

/// The proposal's deadline lies before today.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_told_to_runs_its_clocks_by_the_wall() {
    let house = House::running_clocks(10, 1).await;
    let line = house.line(1).await;
    let ids = house.propose(line, &[0]).await;
    eventually("the proposal expired", async || (house.stage(ids[0]).await == Stage::Cancelled).then_some(())).await;
    let expired = house.get(ids[0]).await.unwrap();
    assert_eq!(expired.steps.last().unwrap().actor_role, "clock");
    house.audit().await;
}

/// A day too far would let every clock of the season be over at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_runs_its_clocks_by_the_wall_takes_no_day_that_has_not_come() {
    const AHEAD: &str = "2999-01-01";
    let house = House::running_clocks(10, 3600).await;
    let line = house.line(1).await;
    let id = house.propose(line, &[0]).await[0];
    let refused = house.make("pagesos", asked(id, "Select", AHEAD)).await.unwrap_err();
    assert_eq!((refused.code, refused.reason.as_str()), (tonic::Code::InvalidArgument, "DATE_AHEAD"));
    assert_eq!(refused.mend, "give the day on which it happened");
    let run = RunDueRequest { as_of: AHEAD.into(), limit: 0, request_id: request_id() };
    let run = house.client.clone().run_due(house.bench.call("iom", run)).await.unwrap_err();
    let open = OpenLinesRequest {
        season_code: "2026".into(),
        destination: "ES".into(),
        occurred_on: AHEAD.into(),
        request_id: request_id(),
    };
    let open = house.client.clone().open_lines(house.bench.call("iom", open)).await.unwrap_err();
    for (status, field) in [(run, "as_of"), (open, "occurred_on")] {
        let refused = Refused::from_status(&status);
        assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("DATE_AHEAD", field));
    }
    assert_eq!(house.stage(id).await, Stage::Proposed, "no clock was over");
    house.must("pagesos", asked(id, "Select", "2026-01-12")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_season_is_played_on_dates_of_its_own() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let id = house.propose(line, &[0]).await[0];
    house.must("pagesos", asked(id, "Select", "2999-01-01")).await;
    assert_eq!(house.run_due("2999-01-06").await.moved.get("C-OFFER"), Some(&1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_offer_expires_after_attempts_to_reach_the_person() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let ids = house.propose(line, &[0, 1]).await;
    house.must("pagesos", asked(ids[0], "Select", "2026-01-12")).await;
    house.must("pagesos", with_text(asked(ids[0], "Offer", "2026-01-13"))).await;
    assert!(house.run_due("2026-02-01").await.moved.is_empty());
    let late = house.list("pagesos", ListPlacementsRequest { late: true, ..Default::default() }).await;
    assert_eq!(late.len(), 1);
    let by_clock = async |clock: &str, late| {
        let filter = ListPlacementsRequest { clock: clock.to_owned(), late, ..Default::default() };
        house.list("pagesos", filter).await.iter().map(|placement| placement.id.clone()).collect::<Vec<_>>()
    };
    // The other is on the list, which has a clock of its own that is not over.
    let expected = |id: uuid::Uuid| vec![id.to_string()];
    assert_eq!(by_clock("C-ANSWER", true).await, expected(ids[0]));
    assert_eq!(by_clock("C-LIST", false).await, expected(ids[1]));
    assert!(by_clock("C-LIST", true).await.is_empty() && by_clock("C-VISA", false).await.is_empty());
    let stages = |stages: &[Stage]| ListPlacementsRequest {
        stages: stages.iter().map(|stage| (*stage).into()).collect(),
        ..Default::default()
    };
    assert_eq!(house.list("pagesos", stages(&[Stage::Offered, Stage::Recommended])).await.len(), 2);
    assert_eq!(house.list("pagesos", stages(&[Stage::Offered, Stage::Working])).await.len(), 1);
    house.must("sena", attempt(ids[0], "PHONE", "2026-01-17")).await;
    house.must("sena", attempt(ids[0], "PHONE", "2026-01-18")).await;
    assert!(house.run_due("2026-02-01").await.moved.is_empty(), "two attempts on one channel are not enough");
    house.must("sena", attempt(ids[0], "FAMILY", "2026-01-19")).await;
    let run = house.run_due("2026-02-01").await;
    assert_eq!((run.moved.get("C-ANSWER"), run.moved.get("C-RESERVE")), (Some(&1), Some(&1)));
    assert_eq!(house.stage(ids[1]).await, Stage::Proposed);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_fly_gets_a_case_and_a_return_without_proof_is_a_gap_not_a_reproach() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let ids = house.propose(line, &[0, 0]).await;
    for id in &ids {
        house.accept(*id).await;
        house.prepare(*id).await;
    }
    house.travel(ids[1]).await;
    let run = house.run_due("2026-03-05").await;
    assert_eq!(run.moved.get("C-DEPART"), Some(&1));
    let case = house.get(ids[0]).await.unwrap().open_case.expect("a case is open");
    assert_eq!((case.kind.as_str(), case.heard), ("NO_SHOW_DEPARTURE", false));
    let dismissed = house.must("iom", asked(ids[0], "DismissCase", "2026-03-04")).await;
    assert!(dismissed.open_case.is_none());
    assert!(!dismissed.tracks_done.contains(&(proto::placement::Track::Travel as i32)));

    house.must("sena", for_worker(asked(ids[1], "Resign", "2026-06-01"))).await;
    house.run_due("2026-06-30").await;
    assert_eq!(house.stage(ids[1]).await, Stage::WorkEnded);
    let run = house.run_due("2026-07-01").await;
    assert_eq!(run.moved.get("C-RETURN"), Some(&1));
    assert_eq!(house.stage(ids[1]).await, Stage::Unverified);
    // Late proof ends it; nobody else acting, the clock opens re-entry.
    house.must("sena", with_text(asked(ids[1], "VerifyReturn", "2026-07-20"))).await;
    let run = house.run_due("2026-07-30").await;
    assert_eq!(run.moved.get("C-REENTRY"), Some(&1));
    assert_eq!(house.stage(ids[1]).await, Stage::ReEntryEligible);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stays_away_for_five_workdays_gets_a_case_and_who_comes_back_none() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let ids = house.propose(line, &[0, 0]).await;
    for id in &ids {
        house.accept(*id).await;
        house.prepare(*id).await;
        house.travel(*id).await;
        let absent = Move { reason: "ABSENT".into(), date: "2026-05-04".into(), ..statement(*id, "2026-05-05") };
        house.must("pagesos", absent).await;
    }
    let back = Move { reason: "BACK".into(), ..statement(ids[1], "2026-05-08") };
    house.must("pagesos", back).await;
    house.run_due("2026-05-10").await;
    assert_eq!(house.get(ids[0]).await.unwrap().open_case, None);
    let run = house.run_due("2026-05-11").await;
    assert_eq!(run.moved.get("C-ABSENT"), Some(&1));
    let case = house.get(ids[0]).await.unwrap().open_case.expect("a case is open");
    assert_eq!((case.kind.as_str(), case.opened_on.as_str()), ("ABANDONMENT", "2026-05-11"));
    assert_eq!(house.get(ids[1]).await.unwrap().open_case, None);
    // The stay is watched beside, from the departure on: 270 days, less thirty.
    let clocks = house.get(ids[1]).await.unwrap().clocks;
    assert!(clocks.iter().any(|clock| clock.name == "C-STAY" && clock.due_on == "2026-10-26"), "{clocks:?}");
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fitness_that_is_over_before_the_departure_is_open_again() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let id = house.propose(line, &[0]).await[0];
    house.accept(id).await;
    let has =
        |placement: &proto::placement::Placement, clock: &str| placement.clocks.iter().any(|one| one.name == clock);
    let fit = |placement: &proto::placement::Placement| {
        placement.tracks_done.contains(&(proto::placement::Track::Fitness as i32))
    };
    house.must("sena", asked(id, "ReopenMedical", "2026-01-15")).await;
    let cleared = Move { valid_until: "2026-02-10".into(), ..asked(id, "ClearMedical", "2026-01-16") };
    let cleared = house.must("sena", cleared).await;
    assert!(fit(&cleared) && has(&cleared, "C-FITNESS"), "{cleared:?}");
    assert!(!house.run_due("2026-02-10").await.moved.contains_key("C-FITNESS"));
    assert_eq!(house.run_due("2026-02-11").await.moved.get("C-FITNESS"), Some(&1));
    let over = house.get(id).await.unwrap();
    assert!(!fit(&over) && !has(&over, "C-FITNESS"));
    let last = over.steps.last().unwrap();
    assert_eq!((last.event.as_str(), last.actor_role.as_str()), ("PreparationUpdated", "clock"));
    assert_eq!(last.occurred_on, "2026-02-11");
    house.audit().await;
}

fn statement(id: uuid::Uuid, on: &str) -> Move {
    Move { kind: "STATEMENT".into(), ..asked(id, "AddRecord", on) }
}

#[tokio::test(flavor = "multi_thread")]
async fn non_return_takes_two_people_and_a_hearing() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let id = house.propose(line, &[0]).await[0];
    house.accept(id).await;
    house.prepare(id).await;
    house.travel(id).await;
    house.must("pagesos", asked(id, "CompleteWork", "2026-09-30")).await;
    house.run_due("2026-10-30").await;
    assert_eq!(house.stage(id).await, Stage::Unverified);
    let record = |kind: &str, reason: &str| Move {
        kind: kind.into(),
        reason: reason.into(),
        ..asked(id, "AddRecord", "2026-11-02")
    };
    house.must("iom", Move { kind: "NON_RETURN".into(), ..asked(id, "OpenCase", "2026-11-02") }).await;
    house.seek("iom", id, "2026-11-02").await;
    house.must("iom", record("STATEMENT", "")).await;
    house.must("sena", record("STATEMENT", "")).await;
    house.must("iom", asked(id, "CloseHearing", "2026-11-03")).await;
    let decide = || Move { appeal_told_on: "2026-11-04".into(), ..asked(id, "DecideNonReturn", "2026-11-04") };
    assert_eq!(house.make("consulate", decide()).await.unwrap_err().reason, "SECOND_PERSON");
    for about in ["", "MarkUnverified"] {
        let refused = house.make("consulate", record("FIRST_OF_TWO", about)).await.unwrap_err();
        assert_eq!(refused.reason, "ABOUT_NEEDED", "a first of two for {about:?}");
    }
    house.must("consulate", record("FIRST_OF_TWO", "DecideNonReturn")).await;
    assert_eq!(house.make("consulate", decide()).await.unwrap_err().reason, "SECOND_PERSON");
    house.must("tribunal", decide()).await;
    for decider in ["consulate", "tribunal"] {
        let review = house.make(decider, asked(id, "GrantReview", "2026-11-10")).await.unwrap_err();
        assert_eq!(review.reason, "SAME_PERSON", "{decider}");
    }
    house.run_due("2026-12-04").await;
    let barred = house.get(id).await.unwrap();
    assert_eq!(barred.stage(), Stage::ReEntryBarred);
    assert_eq!(barred.barred_until, "2028-12-03");
    assert_eq!(
        (barred.rule_id.as_str(), barred.review_until.as_str()),
        ("CO-ES@2025-01-01/reentry.bar.days", "2026-12-04")
    );
}
