//! When somebody from the list is called for a seat that became free, and how long they have.

use super::{
    told::{Way, asked},
    *,
};
use crate::passed::{Passed, Reopened, too_late};

fn calls(mut way: Way, party: Party, asked: Move) -> usize {
    way.make(party, asked).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    way.walk.desk.book.calls.len()
}

/// The work starts on the second of March: ten days before, names are final.
#[test]
fn nobody_is_called_once_names_are_final() {
    let reject = |on| Move { reason: "SKILLS_DIFFER".into(), ..asked("Reject", on) };
    for (on, called) in [("2026-02-20", 1), ("2026-02-21", 0)] {
        assert_eq!(calls(Way::new("Propose"), Party::Union, reject(on)), called, "Reject on {on}");
        assert_eq!(calls(Way::offered(), Party::Worker, asked("Decline", on)), called, "Decline on {on}");
        assert_eq!(calls(Way::offered(), Party::Ministry, asked("Withdraw", on)), called, "Withdraw on {on}");
    }
    // The day before the start, and the start: whoever comes now comes by a flight of their own.
    for (on, called) in [("2026-03-01", 0), ("2026-03-02", 1)] {
        assert_eq!(calls(Way::offered(), Party::Ministry, asked("Withdraw", on)), called, "Withdraw on {on}");
    }
}

#[test]
fn a_seat_that_is_vacated_abroad_calls_the_next_if_a_unit_stands_behind_it() {
    let resign = |way: Way| calls(way, Party::Worker, asked("Resign", "2026-05-04"));
    // One unit of the line's two was used by who leaves, and the other waits behind the other seat.
    assert_eq!(resign(Way::working()), 1);
    let mut none = Way::working();
    let line = none.walk.desk.book.lines.get_mut(&id::<LineId>(1, 0)).unwrap();
    line.shares[0].units = 0;
    assert_eq!(resign(none), 0, "a used unit never returns: L2 calls when there is another");
}

/// A seat of the line is promised to its list.
fn promise(walk: &mut Walk) {
    walk.desk.book.lines.get_mut(&id::<LineId>(1, 0)).unwrap().promised = 1;
}

/// Called from the list on a day, under a pack with these rules; under that of all if there are none.
fn called(on: &str, rules: &[(&str, &str)]) -> Way {
    let mut way = Way::new("Recommend");
    if !rules.is_empty() {
        way.rules(rules);
    }
    promise(&mut way.walk);
    way.must(Party::Clock, "CallReserve", on);
    way
}

/// Called from the list, chosen and offered the place on a day.
fn offered(on: &str) -> Way {
    let mut way = called(on, &[]);
    way.must(Party::Union, "Select", on);
    way.offer(on);
    way
}

#[test]
fn who_is_called_late_answers_within_two_days() {
    // Thirty days before the second of March, and one day later.
    assert_eq!(offered("2026-01-31").due("C-ANSWER").as_deref(), Some("2026-02-05"));
    let late = offered("2026-02-01");
    assert_eq!(late.due("C-ANSWER").as_deref(), Some("2026-02-03"));
    assert_eq!(late.state().clocks.iter().filter(|clock| clock.name == "C-ANSWER").count(), 1);
    // Who had a seat from the round has the time of everybody, however late the offer.
    let mut round = Way::new("Propose");
    round.must(Party::Union, "Select", "2026-02-20");
    round.offer("2026-02-20");
    assert_eq!(round.due("C-ANSWER").as_deref(), Some("2026-02-25"));
}

#[test]
fn a_late_reserve_that_does_not_answer_is_given_up_by_the_same_move() {
    let mut way = offered("2026-02-01");
    for channel in ["PHONE", "PHONE", "FAMILY"] {
        way.record(Party::Ministry, "CONTACT_ATTEMPT", channel, "2026-02-02").unwrap();
    }
    let early = way.make(Party::Clock, asked("ExpireOffer", "2026-02-02")).unwrap_err();
    assert_eq!(early.reason, "TOO_EARLY");
    way.must(Party::Clock, "ExpireOffer", "2026-02-03");
}

#[test]
fn a_selection_mission_ends_the_selection_three_days_after_its_last_day() {
    let mission = |last: &str| called("2026-01-12", &[("select.mission_last_day", last)]).due("C-SELECT");
    assert_eq!(mission("2026-02-06").as_deref(), Some("2026-02-09"));
    assert_eq!(mission("2026-01-12").as_deref(), Some("2026-01-15"), "proposed on its last day");
    // Whoever comes after its last day has the ordinary time.
    assert_eq!(mission("2026-01-11").as_deref(), Some("2026-01-22"));
}

#[test]
fn half_of_the_time_for_a_selection_alarms_and_moves_nothing() {
    let alarm = |rules: &[(&str, &str)]| called("2026-01-12", rules).due("C-SELECT-HALF");
    assert_eq!(alarm(&[]).as_deref(), Some("2026-01-17"), "of ten days");
    assert_eq!(alarm(&[("clock.select.days", "7")]).as_deref(), Some("2026-01-15"), "of seven days, three are over");
    assert_eq!(alarm(&[("clock.select.alarm_percent", "80")]).as_deref(), Some("2026-01-20"));
    // Until three days after the mission's last day there are twenty-eight.
    assert_eq!(alarm(&[("select.mission_last_day", "2026-02-06")]).as_deref(), Some("2026-01-26"));

    let mut way = called("2026-01-12", &[]);
    assert!(way.state().clock("C-SELECT-HALF").is_some_and(|clock| !clock.fires));
    let early = way.make(Party::Clock, asked("ExpireProposal", "2026-01-17")).unwrap_err();
    assert_eq!(early.reason, "TOO_EARLY", "the union still has the other half");
    way.record(Party::Operator, "STATEMENT", "REMINDED", "2026-01-18").unwrap();
    assert_eq!(way.due("C-SELECT-HALF").as_deref(), Some("2026-01-17"), "it goes on as it was");
    way.must(Party::Union, "Select", "2026-01-19");
    assert_eq!((way.due("C-SELECT-HALF"), way.due("C-SELECT")), (None, None));
}

#[test]
fn half_of_the_time_for_an_offer_is_counted_from_the_choice_and_alarms_too() {
    let selected = |rules: &[(&str, &str)]| {
        let mut way = Way::new("Propose");
        if !rules.is_empty() {
            way.rules(rules);
        }
        way.must(Party::Union, "Select", "2026-01-20");
        way
    };
    let mut way = selected(&[]);
    let dues = |way: &Way| (way.due("C-OFFER-HALF"), way.due("C-OFFER"));
    let days = |half: &str, whole: &str| (Some(half.to_owned()), Some(whole.to_owned()));
    assert_eq!(dues(&way), days("2026-01-22", "2026-01-25"), "of five days, two are over");
    assert_eq!(dues(&selected(&[("clock.offer.days", "8")])), days("2026-01-24", "2026-01-28"));
    assert_eq!(dues(&selected(&[("clock.offer.alarm_percent", "80")])), days("2026-01-24", "2026-01-25"));
    assert!(way.state().clock("C-OFFER-HALF").is_some_and(|clock| !clock.fires));
    let early = way.make(Party::Clock, asked("ExpireProposal", "2026-01-22")).unwrap_err();
    assert_eq!(early.reason, "TOO_EARLY", "the union still has the other half");
    way.record(Party::Operator, "STATEMENT", "REMINDED", "2026-01-23").unwrap();
    assert_eq!(dues(&way), days("2026-01-22", "2026-01-25"), "they go on as they were");
    way.offer("2026-01-24");
    assert_eq!(dues(&way), (None, None));
}

#[test]
fn an_order_that_is_longer_than_the_stay_takes_nobody() {
    let mut way = Way::new("Recommend");
    // 212 days of work, from the second of March to the end of September.
    way.rules(&[("stay.days_max_in_12_months", "211")]);
    let refused = way.make(Party::Union, asked("Select", "2026-01-12")).unwrap_err();
    assert_eq!((refused.guard.as_str(), refused.reason), ("G3", "STAY_TOO_LONG"));
    way.rules(&[("stay.days_max_in_12_months", "212")]);
    way.must(Party::Union, "Select", "2026-01-12");
}

#[test]
fn a_seat_that_is_free_once_names_are_final_says_that_it_is_the_unions() {
    for (on, reopened) in [("2026-02-20", None), ("2026-02-21", Some("NAMES_FINAL"))] {
        let mut way = Way::offered();
        way.must(Party::Worker, "Decline", on);
        let why = way.walk.desk.book.reopened.get(&id::<LineId>(1, 0));
        assert_eq!(why.map(|why| why.reason), reopened, "{on}");
    }
    // Who worked is replaced by the next round, and nobody is to blame for the empty seat.
    let mut way = Way::working();
    way.must(Party::Worker, "Resign", "2026-05-04");
    assert!(way.walk.desk.book.reopened.is_empty());
}

#[test]
fn a_fact_says_of_each_who_was_passed_over_why() {
    let mut way = Way::new("Recommend");
    promise(&mut way.walk);
    let passed = vec![Passed { id: id(5, 7), reason: "PERSON_TAKEN" }, Passed { id: id(5, 8), reason: "NAMES_FINAL" }];
    let called = Called { replaces: None, passed: passed.clone() };
    let asked = Move { placement_id: way.id, ..asked("CallReserve", "2026-01-12") };
    let fresh = || name(900 + way.walk.ids.replace(way.walk.ids.get() + 1));
    way.walk.desk.make(&asked, &Actor::clock(), &called, &fresh).unwrap();
    let (_, moved) = way.fact();
    let told: Vec<(&str, &str)> =
        moved.passed.iter().map(|one| (one.placement_id.as_str(), one.reason.as_str())).collect();
    let ids = [id::<PlacementId>(5, 7).to_string(), id::<PlacementId>(5, 8).to_string()];
    assert_eq!(told, [(ids[0].as_str(), "PERSON_TAKEN"), (ids[1].as_str(), "NAMES_FINAL")]);
    assert_eq!(moved.passed_over, ids);
    // The whole list was passed over, twice: everybody is named once.
    let mut seat = Reopened::by(passed.clone());
    seat.and(Reopened::by(passed));
    assert_eq!((seat.told().reason.as_str(), seat.told().passed.len()), ("NAMES_FINAL", 2));
    assert_eq!(Reopened::by(Vec::new()).reason, "LIST_EMPTY");
    assert_eq!(Reopened::by(vec![Passed { id: id(5, 7), reason: "PERSON_TAKEN" }]).reason, "NOBODY_FITS");
}

#[test]
fn the_pack_says_for_how_few_days_of_work_nobody_is_called() {
    let way = Way::new("Recommend");
    let line = &way.walk.desk.book.lines[&id::<LineId>(1, 0)];
    let late = |pack: &Pack, on: &str| {
        too_late(&Placement { starts_on: day("2026-12-01"), ..way.state().clone() }, line, pack, day(on))
    };
    let shorter = Pack { rules: [("reserve.days_left_min".to_owned(), "10".to_owned())].into(), ..Pack::default() };
    // The work ends on the thirtieth of September.
    assert_eq!(late(&Pack::default(), "2026-08-31"), None);
    assert_eq!(late(&Pack::default(), "2026-09-01"), Some("TOO_LATE"));
    assert_eq!(late(&shorter, "2026-09-01"), None);
}

#[test]
fn a_list_of_whom_not_all_were_looked_at_is_looked_at_again() {
    let mut walk = Walk::new(7);
    promise(&mut walk);
    let lists = BTreeMap::from([(id(1, 0), vec![id(5, 0), id(5, 1), id(5, 2)])]);
    let cut = |ahead: i32| crate::service::reserve::cut(&walk.desk, &lists, ahead);
    assert_eq!(cut(2), BTreeSet::from([id(1, 0)]), "three is as many as were asked for: there may be more");
    assert!(cut(3).is_empty(), "the list is over");
}
