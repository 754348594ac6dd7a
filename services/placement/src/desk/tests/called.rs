//! When somebody from the list is called for a seat that became free, and how long they have.

use super::{
    told::{Way, asked},
    *,
};

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
    let line = none.walk.desk.book.lines.get_mut(&id(1, 0)).unwrap();
    line.shares[0].units = 0;
    assert_eq!(resign(none), 0, "a used unit never returns: L2 calls when there is another");
}

fn due(way: &Way, name: &str) -> Option<String> {
    way.state().clock(name).map(|clock| clock.due_on.to_string())
}

fn with_rules(way: &mut Way, rules: &[(&str, &str)]) {
    let rules = rules.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let packs = Packs([(day("2025-01-01"), Arc::new(Pack { rules, ..Pack::default() }))].into());
    way.walk.desk.around.packs.insert("CO-ES".into(), packs);
}

/// Called from the list on a day, and offered the place on the next.
fn called(on: &str) -> Way {
    let mut way = Way::new("Recommend");
    way.walk.desk.book.lines.get_mut(&id(1, 0)).unwrap().promised = 1;
    way.must(Party::Clock, "CallReserve", on);
    way.must(Party::Union, "Select", on);
    way.must_with(Party::Union, "Offer", on, |asked| {
        asked.evidence = "sha256:5f1e".into();
        asked.language = "es".into();
    });
    way
}

#[test]
fn who_is_called_late_answers_within_two_days() {
    // Thirty days before the second of March, and one day later.
    assert_eq!(due(&called("2026-01-31"), "C-ANSWER").as_deref(), Some("2026-02-05"));
    let late = called("2026-02-01");
    assert_eq!(due(&late, "C-ANSWER").as_deref(), Some("2026-02-03"));
    assert_eq!(late.state().clocks.iter().filter(|clock| clock.name == "C-ANSWER").count(), 1);
    // Who had a seat from the round has the time of everybody, however late the offer.
    let mut round = Way::new("Propose");
    round.must(Party::Union, "Select", "2026-02-20");
    round.must_with(Party::Union, "Offer", "2026-02-20", |asked| {
        asked.evidence = "sha256:5f1e".into();
        asked.language = "es".into();
    });
    assert_eq!(due(&round, "C-ANSWER").as_deref(), Some("2026-02-25"));
}

#[test]
fn a_late_reserve_that_does_not_answer_is_given_up_by_the_same_move() {
    let mut way = called("2026-02-01");
    for channel in ["PHONE", "PHONE", "FAMILY"] {
        way.record(Party::Ministry, "CONTACT_ATTEMPT", channel, "2026-02-02").unwrap();
    }
    let early = way.make(Party::Clock, asked("ExpireOffer", "2026-02-02")).unwrap_err();
    assert_eq!(early.reason, "TOO_EARLY");
    way.must(Party::Clock, "ExpireOffer", "2026-02-03");
}

#[test]
fn a_selection_mission_ends_the_selection_three_days_after_its_last_day() {
    let mission = |last: &'static str| {
        let mut way = Way::new("Recommend");
        with_rules(&mut way, &[("select.mission_last_day", last)]);
        way.walk.desk.book.lines.get_mut(&id(1, 0)).unwrap().promised = 1;
        way.must(Party::Clock, "CallReserve", "2026-01-12");
        due(&way, "C-SELECT")
    };
    assert_eq!(mission("2026-02-06").as_deref(), Some("2026-02-09"));
    assert_eq!(mission("2026-01-12").as_deref(), Some("2026-01-15"), "proposed on its last day");
    // Whoever comes after its last day has the ordinary time.
    assert_eq!(mission("2026-01-11").as_deref(), Some("2026-01-22"));
}

#[test]
fn an_order_that_is_longer_than_the_stay_takes_nobody() {
    let mut way = Way::new("Recommend");
    // 212 days of work, from the second of March to the end of September.
    with_rules(&mut way, &[("stay.days_max_in_12_months", "211")]);
    let refused = way.make(Party::Union, asked("Select", "2026-01-12")).unwrap_err();
    assert_eq!((refused.guard.as_str(), refused.reason), ("G3", "STAY_TOO_LONG"));
    with_rules(&mut way, &[("stay.days_max_in_12_months", "212")]);
    way.must(Party::Union, "Select", "2026-01-12");
}
