//! The way of a placement, and the refusals beside it.

use platform::testing::eventually;
use proto::placement::{Ending, ListPlacementsRequest, Move, RecallReply, Stage, Track};

use crate::house::{House, asked, attempt, for_worker, with_text};

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_goes_all_the_way_home_and_leaves_a_season_record() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let [id] = house.propose(line, &[0]).await[..] else { panic!("one placement") };
    assert_eq!(house.stage(id).await, Stage::Proposed);
    house.accept(id).await;
    // What the proposal knew to be valid is done already.
    let done = house.get(id).await.unwrap().tracks_done;
    assert_eq!(done, [Track::Fitness as i32, Track::Training as i32]);
    house.prepare(id).await;
    house.travel(id).await;
    let working = house.get(id).await.unwrap();
    assert_eq!(working.stage(), Stage::Working);
    assert!(working.clocks.iter().any(|clock| clock.name == "C-END" && clock.due_on == "2026-10-14"));
    house.must("pagesos", asked(id, "CompleteWork", "2026-09-30")).await;
    house.must("pagesos", asked(id, "DepartHome", "2026-10-01")).await;
    let home = house.must("sena", with_text(asked(id, "VerifyReturn", "2026-10-03"))).await;
    assert_eq!((home.taken_until.as_str(), home.one_sided), ("2026-10-03", false));
    let end = house.must("sena", asked(id, "OpenReEntry", "2026-10-05")).await;
    assert_eq!((end.stage(), end.ending()), (Stage::ReEntryEligible, Ending::Completed));
    assert_eq!(end.steps.len(), usize::try_from(end.version).unwrap());
    let record: (String, i64) =
        sqlx::query_as("SELECT return_word, version FROM season_record").fetch_one(&house.pool).await.unwrap();
    assert_eq!(record, ("VERIFIED".to_owned(), 1));
    let recalled = house.must("pagesos", asked(id, "Recall", "2026-11-02")).await;
    assert_eq!((recalled.stage(), recalled.recalled_on.as_str()), (Stage::ReEntryEligible, "2026-11-02"));
    // The answer says of each step who made it and when; a list only which, and on which date.
    let offer = &recalled.steps[2];
    assert_eq!((offer.command.as_str(), offer.evidence.as_str()), ("Offer", "sha256:5f1e"));
    assert_eq!(offer.actor_organisation_id, house.pagesos.to_string());
    assert!(offer.recorded_at.ends_with('Z'), "{offer:?}");
    let listed = house.list("pagesos", ListPlacementsRequest::default()).await;
    assert_eq!((listed[0].steps[2].command.as_str(), listed[0].steps[2].recorded_at.as_str()), ("Offer", ""));
    assert_eq!(house.make("pagesos", asked(id, "Recall", "2026-11-03")).await.unwrap_err().reason, "ONCE");
    let answer =
        Move { kind: "STATEMENT".into(), reason: "RECALL_ACCEPTED".into(), ..asked(id, "AddRecord", "2026-11-04") };
    let answered = house.must("sena", for_worker(answer)).await;
    assert_eq!(answered.recall_reply(), RecallReply::Accepted);
    // The recall and the answer each wrote the one record anew.
    let records: Vec<(String, i64)> =
        sqlx::query_as("SELECT return_word, version FROM season_record").fetch_all(&house.pool).await.unwrap();
    assert_eq!(records, [("VERIFIED".to_owned(), 3)]);
    house.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_illegal_move_is_refused_by_stage_command_guard_and_what_is_possible() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let [id] = house.propose(line, &[0]).await[..] else { panic!("one placement") };
    let refused = house.make("pagesos", asked(id, "StartWork", "2026-01-12")).await.unwrap_err();
    let argument = |name: &str| {
        refused.arguments.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    assert_eq!((refused.reason.as_str(), refused.code), ("WRONG_STAGE", tonic::Code::FailedPrecondition));
    assert_eq!((argument("stage"), argument("command")), ("PROPOSED", "StartWork"));
    assert!(argument("possible").split(' ').any(|command| command == "Select"), "{refused:?}");
    assert!(!refused.mend.is_empty());

    house.accept(id).await;
    let refused = house.make("sena", with_text(asked(id, "Depart", "2026-02-28"))).await.unwrap_err();
    assert_eq!(refused.reason, "TRACKS_OPEN");
    assert!(refused.arguments.contains(&("guard".to_owned(), "G8".to_owned())), "{refused:?}");
    assert!(refused.message.contains("visa"), "{refused}");

    // The order of the tracks is the corridor's.
    let early = house.make("consulate", asked(id, "Authorise", "2026-01-16")).await.unwrap_err();
    assert_eq!(early.reason, "TRACKS_OPEN");
    // Not a party of this placement, not this role, no such move, a stale version.
    assert_eq!(house.make("ferme", asked(id, "SignContract", "2026-01-16")).await.unwrap_err().reason, "NOT_FOUND");
    assert_eq!(house.make("sena", asked(id, "SignContract", "2026-01-16")).await.unwrap_err().reason, "ROLE_NEEDED");
    assert_eq!(house.make("sena", asked(id, "Fly", "2026-01-16")).await.unwrap_err().reason, "UNKNOWN_COMMAND");
    let stale = Move { version: 2, ..asked(id, "SignContract", "2026-01-16") };
    assert_eq!(house.make("pagesos", stale).await.unwrap_err().code, tonic::Code::Aborted);
    // Who records an act of the worker names a witness.
    let unseen = Move { for_worker: true, ..asked(id, "Withdraw", "2026-01-16") };
    assert_eq!(house.make("iom", unseen).await.unwrap_err().reason, "NEEDED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placement_shows_what_its_caller_can_do_and_what_waits() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let [id] = house.propose(line, &[0]).await[..] else { panic!("one placement") };
    house.accept(id).await;
    let view = house.view("sena", id).await.unwrap();
    let possible: Vec<&str> = view.possible.iter().map(|option| option.command.as_str()).collect();
    assert!(possible.contains(&"CompleteOrientation") && possible.contains(&"Withdraw"), "{possible:?}");
    let waiting = view.waiting.iter().find(|option| option.command == "Depart").expect("departure waits");
    assert_eq!(waiting.refusal.as_ref().unwrap().reason, "TRACKS_OPEN");
    let held: Vec<(&str, &str)> = view.holdings.iter().map(|h| (h.ledger.as_str(), h.status.as_str())).collect();
    assert_eq!(held, [("SEAT", "HELD"), ("UNIT", "HELD"), ("PERIOD", "HELD")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_against_a_person_needs_a_hearing_by_another_organisation() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let ids = house.propose(line, &[0, 1]).await;
    let id = ids[0];
    house.accept(id).await;
    house.prepare(id).await;
    house.travel(id).await;
    let decide = || asked(id, "DecideAbandonment", "2026-05-10");
    assert_eq!(house.make("consulate", decide()).await.unwrap_err().reason, "NOT_HEARD");
    let case = Move { kind: "ABANDONMENT".into(), ..asked(id, "OpenCase", "2026-05-02") };
    house.must("pagesos", case).await;
    assert_eq!(house.make("iom", asked(id, "CloseHearing", "2026-05-03")).await.unwrap_err().reason, "NOT_CONTACTED");
    let record = |kind: &str| Move { kind: kind.into(), ..asked(id, "AddRecord", "2026-05-03") };
    // An attempt without its channel is none.
    let refused = house.make("iom", record("CONTACT_ATTEMPT")).await.unwrap_err();
    assert_eq!(refused.reason, "CHANNEL_NEEDED");
    for channel in ["PHONE", "PHONE"] {
        house.must("iom", attempt(id, channel, "2026-05-03")).await;
    }
    let refused = house.make("iom", asked(id, "CloseHearing", "2026-05-03")).await.unwrap_err();
    assert_eq!(refused.reason, "NOT_CONTACTED");
    assert!(refused.message.contains("2 of 3 attempts") && refused.mend.contains("VISIT"), "{refused}");
    house.must("iom", attempt(id, "VISIT", "2026-05-03")).await;
    house.must("pagesos", record("STATEMENT")).await;
    assert_eq!(house.make("iom", asked(id, "CloseHearing", "2026-05-04")).await.unwrap_err().reason, "NOT_BOTH_SIDES");
    house.must("sena", for_worker(record("STATEMENT"))).await;
    house.must("iom", asked(id, "CloseHearing", "2026-05-05")).await;
    let ended = house.must("consulate", decide()).await;
    assert_eq!((ended.stage(), ended.ending()), (Stage::WorkEnded, Ending::Abandoned));
    assert!(ended.open_case.is_none());
    // The unit stays used, so nobody from home can take the vacated seat.
    let line = house.get_line(line.id).await.unwrap();
    assert_eq!((line.taken, line.promised, line.shares[0].units, line.shares[0].units_used), (0, 0, 0, 1));
    eventually("nobody was called", async || (house.stage(ids[1]).await == Stage::Recommended).then_some(())).await;
    house.audit().await;
}
