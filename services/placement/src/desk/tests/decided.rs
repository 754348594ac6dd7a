//! What a decision against a person rests on: a law, a remedy that is over, an appeal that was told of, other people.

use super::{
    told::{Way, asked},
    *,
};

fn refused(way: &mut Way, party: Party, asked: Move) -> Refusal {
    way.make(party, asked).unwrap_err()
}

/// Accused, and a first of two is for a bar.
fn accused() -> Way {
    let mut way = Way::accused();
    way.record(Party::Ministry, "FIRST_OF_TWO", "BarReEntry", "2026-10-07").unwrap();
    way
}

pub(super) fn bar(rule: &str, until: &str) -> Move {
    Move {
        reason: "OTHER".into(),
        evidence: "DECISION_17".into(),
        date: Some(day(until)),
        rule_id: rule.into(),
        ..asked("BarReEntry", "2026-10-08")
    }
}

#[test]
fn re_entry_is_barred_by_a_rule_of_the_pack_and_no_longer_than_it_allows() {
    let mut way = accused();
    let none = refused(&mut way, Party::Authority, bar("", "2027-01-01"));
    assert_eq!(none.reason, "NEEDED");
    let unknown = refused(&mut way, Party::Authority, bar("NO_LAW", "2027-01-01"));
    assert_eq!((unknown.guard.as_str(), unknown.reason), ("BAR", "NO_BAR_RULE"));
    assert!(unknown.mend.ends_with("A_LAW"), "{}", unknown.mend);
    let long = refused(&mut way, Party::Authority, bar("A_LAW", "2027-10-09"));
    assert_eq!(long.reason, "BAR_TOO_LONG");
    assert!(long.message.contains("365 days") && long.message.contains("Act of 2001, s. 3"), "{}", long.message);
    assert_eq!(long.mend, "send a date no later than 2027-10-08");
    assert_eq!(refused(&mut way, Party::Authority, bar("A_LAW", "2026-10-08")).reason, "BAR_OVER");
    way.make(Party::Authority, bar("A_LAW", "2027-10-08")).unwrap();
    let state = view::placement(way.state());
    assert_eq!(state.stage(), Stage::ReEntryBarred);
    assert_eq!(state.barred_until, "2027-10-08");
    assert_eq!(state.rule_id, "CO-ES@2025-01-01/reentry.bars/A_LAW");
}

#[test]
fn where_no_law_is_named_nobody_is_barred_after_a_return() {
    let mut way = accused();
    way.rules(&[]);
    let none = refused(&mut way, Party::Authority, bar("A_LAW", "2027-01-01"));
    assert_eq!(none.reason, "NO_BAR_RULE");
    assert!(none.mend.contains("reentry.bars"), "{}", none.mend);
}

#[test]
fn nobody_is_dismissed_who_was_not_told_how_to_appeal() {
    let mut way = Way::working();
    way.open_case(Party::Union, "TERMINATION", "2026-05-04");
    way.hear("2026-05-05");
    way.must(Party::Operator, "CloseHearing", "2026-05-06");
    let end = |told: Option<&str>| Move {
        reason: "CONDUCT".into(),
        appeal_told_on: told.map(day),
        ..asked("Terminate", "2026-05-08")
    };
    // Not at all; after the decision; before there was anything to appeal against.
    for told in [None, Some("2026-05-09"), Some("2026-05-03")] {
        let refusal = refused(&mut way, Party::Union, end(told));
        assert_eq!((refusal.guard.as_str(), refusal.reason), ("APPEAL", "APPEAL_NOT_TOLD"), "{told:?}");
        assert!(refusal.mend.contains("appeal_told_on"), "{}", refusal.mend);
    }
    way.make(Party::Union, end(Some("2026-05-07"))).unwrap();
    let told = view::placement(way.state());
    assert_eq!((told.stage(), told.appeal_told_on.as_str()), (Stage::WorkEnded, "2026-05-07"));
}

/// Accepted, and the visa applied for.
fn applied() -> Way {
    let mut way = Way::offered();
    way.accept();
    way.must(Party::Ministry, "ApplyVisa", "2026-01-21");
    way
}

#[test]
fn a_refused_visa_closes_nothing_before_the_remedy_is_over() {
    let close = |on: &str| asked("ClosePreparation", on);
    let mut way = applied();
    way.must(Party::Authority, "RefuseVisa", "2026-02-01");
    let open = refused(&mut way, Party::Operator, close("2026-03-02"));
    assert_eq!((open.guard.as_str(), open.reason), ("NOT_READY", "REMEDY_OPEN"));
    assert!(open.message.contains("2026-03-03"), "{}", open.message);
    // Whoever applies again is waited for, and whoever is refused again has the time anew.
    way.must(Party::Ministry, "ApplyVisa", "2026-02-10");
    assert_eq!(refused(&mut way, Party::Operator, close("2026-03-03")).reason, "STILL_TIME");
    way.must(Party::Authority, "RefuseVisa", "2026-02-20");
    assert_eq!(refused(&mut way, Party::Operator, close("2026-03-21")).reason, "REMEDY_OPEN");
    way.must(Party::Operator, "ClosePreparation", "2026-03-22");
    assert_eq!(way.state().reason, "VISA_REFUSED");
}

#[test]
fn the_clock_waits_for_the_remedy_as_people_do() {
    let mut way = applied();
    // Thirty days after the start of work.
    assert_eq!(way.due("C-LAST").as_deref(), Some("2026-04-01"));
    way.must(Party::Authority, "RefuseVisa", "2026-03-20");
    assert_eq!(way.due("C-LAST").as_deref(), Some("2026-04-19"));
    let early = refused(&mut way, Party::Clock, asked("ClosePreparation", "2026-04-01"));
    assert_eq!(early.reason, "REMEDY_OPEN");
    way.must(Party::Clock, "ClosePreparation", "2026-04-19");
    assert_eq!(way.state().stage, Stage::Cancelled);
}

#[test]
fn the_last_start_day_is_put_off_for_a_refusal_alone() {
    let mut way = applied();
    way.must(Party::Authority, "RefuseVisa", "2026-03-20");
    assert_eq!(way.due("C-LAST").as_deref(), Some("2026-04-19"));
    way.must(Party::Ministry, "ApplyVisa", "2026-03-22");
    assert_eq!(way.due("C-LAST").as_deref(), Some("2026-04-01"), "nothing is refused any more");
    let early = refused(&mut way, Party::Operator, asked("ClosePreparation", "2026-03-31"));
    assert_eq!(early.reason, "STILL_TIME");
    assert_eq!(early.message, "nothing stands refused, and the last start day is 2026-04-01");
    way.must(Party::Clock, "ClosePreparation", "2026-04-01");
}

#[test]
fn a_clock_that_meets_an_open_remedy_comes_again_when_it_is_over() {
    let mut way = applied();
    way.must(Party::Authority, "RefuseVisa", "2026-03-20");
    // As a build stored it that did not wait.
    let placement = way.walk.desk.placements.get_mut(&way.id).unwrap();
    placement.clocks.iter_mut().filter(|clock| clock.name == "C-LAST").for_each(|clock| {
        clock.due_on = day("2026-04-01");
    });
    let clock = platform::Clock::fixed(DateTime::UNIX_EPOCH);
    let fired = |way: &mut Way, on| crate::service::due::fire_one(&mut way.walk.desk, &clock, way.id, day(on));
    assert!(!fired(&mut way, "2026-04-01").contains(&"C-LAST".to_owned()));
    let last = way.state().clock("C-LAST").unwrap();
    assert_eq!((last.due_on, last.fires), (day("2026-04-19"), true));
    assert!(fired(&mut way, "2026-04-19").contains(&"C-LAST".to_owned()));
    assert_eq!(way.state().stage, Stage::Cancelled);
}

#[test]
fn whoever_is_not_fit_is_not_held_by_the_remedy_of_another_refusal() {
    let mut way = applied();
    way.must(Party::Authority, "RefuseVisa", "2026-02-01");
    way.must(Party::Ministry, "ReopenMedical", "2026-02-02");
    way.must(Party::Ministry, "FailMedical", "2026-02-03");
    way.must(Party::Operator, "ClosePreparation", "2026-02-04");
}

#[test]
fn who_is_not_fit_has_no_remedy_to_wait_for() {
    let mut way = applied();
    way.must(Party::Ministry, "ReopenMedical", "2026-01-22");
    way.must(Party::Ministry, "FailMedical", "2026-01-23");
    way.must(Party::Operator, "ClosePreparation", "2026-01-24");
    assert_eq!(way.state().reason, "NOT_READY");
}

fn official(number: usize, subject: &str) -> Actor {
    Actor { organisation_id: id(8, number), subject: subject.into(), roles: vec![Role::Authority], ..Actor::default() }
}

/// A decision of non-return by `first` and `second`, on the fourth of November.
fn decided() -> Way {
    let mut way = Way::not_returned();
    let (first, second) = (official(1, "first"), official(2, "second"));
    let first_of_two =
        Move { kind: "FIRST_OF_TWO".into(), reason: "DecideNonReturn".into(), ..asked("AddRecord", "2026-11-03") };
    way.make_as(&first, first_of_two).unwrap();
    let untold = way.make_as(&second, asked("DecideNonReturn", "2026-11-04")).unwrap_err();
    assert_eq!((untold.guard.as_str(), untold.reason), ("APPEAL", "APPEAL_NOT_TOLD"));
    let told = Move { appeal_told_on: Some(day("2026-11-03")), ..asked("DecideNonReturn", "2026-11-04") };
    way.make_as(&second, told).unwrap();
    way
}

#[test]
fn a_decision_is_reviewed_by_neither_of_those_who_made_it() {
    let mut way = decided();
    let (first, second) = (official(1, "first"), official(2, "second"));
    for same in [&first, &second] {
        let refusal = way.make_as(same, asked("GrantReview", "2026-11-10")).unwrap_err();
        assert_eq!((refusal.guard.as_str(), refusal.reason), ("OTHERS", "SAME_PERSON"), "{}", same.subject);
    }
    // A colleague of the first may.
    way.make_as(&official(1, "third"), asked("GrantReview", "2026-11-10")).unwrap();
    assert_eq!(way.state().stage, Stage::Unverified);
}

#[test]
fn who_asked_for_a_review_is_barred_by_no_clock() {
    let mut way = decided();
    let ask = || Move { kind: "STATEMENT".into(), reason: "REVIEW".into(), ..asked("AddRecord", "2026-11-20") };
    assert_eq!(refused(&mut way, Party::Union, ask()).reason, "RECORD_KIND");
    way.make(Party::Worker, ask()).unwrap();
    let clock = way.state().clock("C-REVIEW").expect("it still shows until when").clone();
    assert!(!clock.fires && clock.due_on == day("2026-12-04"), "{clock:?}");
    assert_eq!(refused(&mut way, Party::Clock, asked("CloseReview", "2026-12-04")).reason, "REVIEW");
    let close = |evidence: &str, until: &str| Move {
        evidence: evidence.into(),
        date: Some(day(until)),
        ..asked("CloseReview", "2026-12-10")
    };
    let mut by =
        |subject: &str, asked: Move| way.make_as(&official(1, subject), asked).map_err(|refused| refused.reason);
    assert_eq!(by("third", close("", "2027-12-10")), Err("REVIEW"));
    assert_eq!(by("first", close("REVIEW_REFUSED_3", "2027-12-10")), Err("SAME_PERSON"));
    // Two years by the pack's default.
    assert_eq!(by("third", close("REVIEW_REFUSED_3", "2028-12-10")), Err("BAR_TOO_LONG"));
    assert_eq!(by("third", close("REVIEW_REFUSED_3", "2026-12-10")), Err("BAR_OVER"));
    assert_eq!(by("third", close("REVIEW_REFUSED_3", "2028-12-09")), Ok(()));
    assert_eq!((way.state().stage, way.state().review_asked_on), (Stage::ReEntryBarred, None));
}

#[test]
fn unasked_nobody_closes_the_review_before_its_time() {
    let early = Move { evidence: "CODE".into(), ..asked("CloseReview", "2026-12-03") };
    let refusal = decided().make_as(&official(1, "third"), early).unwrap_err();
    assert_eq!((refusal.guard.as_str(), refusal.reason), ("REVIEW_OVER", "TOO_EARLY"));
    decided().make(Party::Clock, asked("CloseReview", "2026-12-04")).unwrap();
    let mut elsewhere = Way::working();
    let none = Move { kind: "STATEMENT".into(), reason: "REVIEW".into(), ..asked("AddRecord", "2026-05-04") };
    assert_eq!(refused(&mut elsewhere, Party::Worker, none).reason, "NOTHING_TO_REVIEW");
}

#[test]
fn whoever_fills_the_record_leaves_room_for_the_others_and_for_consent() {
    let mut way = Way::offered();
    let said = |way: &mut Way, party: Party| way.record(party, "STATEMENT", "SAID", "2026-01-14");
    while said(&mut way, Party::Union).is_ok() {
        assert!(way.state().records.len() < 100, "one organisation fills all of it");
    }
    let full = said(&mut way, Party::Union).unwrap_err();
    assert_eq!(full.reason, "TOO_MANY_RECORDS");
    assert!(full.mend.contains("another party"), "{full:?}");
    while said(&mut way, Party::Ministry).is_ok() {}
    // What protects the person, and what the person agrees to, finds its place all the same.
    way.accept();
    assert_eq!(way.state().records.last().map(|record| record.kind.as_str()), Some("CONSENT"));
    way.record(Party::Operator, "FIRST_OF_TWO", "RecordDeath", "2026-01-15").unwrap();
    way.must(Party::Authority, "RecordDeath", "2026-01-15");
}
