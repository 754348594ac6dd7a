//! The clocks of a person abroad: who does not come to work, and whose stay comes to its end.

use super::{
    told::{Way, asked},
    *,
};

fn say(way: &mut Way, party: Party, reason: &str, (first, on): (&str, &str)) -> Result<(), Refusal> {
    let said =
        Move { kind: "STATEMENT".into(), reason: reason.into(), date: Some(day(first)), ..asked("AddRecord", on) };
    way.make(party, said)
}

#[test]
fn five_workdays_of_absence_wait_for_a_case() {
    let mut way = Way::working();
    assert_eq!(way.due("C-ABSENT"), None);
    // A Monday; told on the Tuesday.
    say(&mut way, Party::Union, "ABSENT", ("2026-05-04", "2026-05-05")).unwrap();
    assert_eq!(way.due("C-ABSENT").as_deref(), Some("2026-05-11"), "counted from the first day, not from the report");
    say(&mut way, Party::Operator, "ABSENT", ("2026-05-06", "2026-05-06")).unwrap();
    assert_eq!(way.due("C-ABSENT").as_deref(), Some("2026-05-11"), "said again, it is the same absence");
    way.record(Party::Worker, "STATEMENT", "BACK", "2026-05-07").unwrap();
    assert_eq!(way.due("C-ABSENT"), None);
    // Told late, it is due at once and not before it was told.
    say(&mut way, Party::Union, "ABSENT", ("2026-06-01", "2026-06-20")).unwrap();
    assert_eq!(way.due("C-ABSENT").as_deref(), Some("2026-06-20"));
    way.open_case(Party::Clock, "ABANDONMENT", "2026-06-20");
    assert_eq!(way.due("C-ABSENT"), None, "the case is what is waited for now");
    way.must(Party::Operator, "DismissCase", "2026-06-22");
    assert_eq!(way.due("C-ABSENT"), None, "who was found is absent no more");
}

#[test]
fn absence_is_told_by_who_sees_the_work_and_of_people_at_work() {
    let mut way = Way::working();
    let refused = |way: &mut Way, party, days| say(way, party, "ABSENT", days).unwrap_err().reason;
    assert_eq!(refused(&mut way, Party::Ministry, ("2026-05-04", "2026-05-05")), "RECORD_KIND");
    assert_eq!(refused(&mut way, Party::Union, ("2026-05-06", "2026-05-05")), "DATE_ORDER");
    assert_eq!(refused(&mut way, Party::Union, ("2026-03-01", "2026-05-05")), "DATE_ORDER", "before the work began");
    assert_eq!(refused(&mut Way::offered(), Party::Union, ("2026-01-14", "2026-01-14")), "NOT_AT_WORK");
    say(&mut way, Party::Union, "ABSENT", ("2026-05-04", "2026-05-05")).unwrap();
    way.must(Party::Worker, "Resign", "2026-05-06");
    assert_eq!((way.due("C-ABSENT"), way.state().absent_from), (None, None));
}

#[test]
fn nobody_decides_an_abandonment_that_their_own_organisation_reported_by_way_of_a_clock() {
    let mut way = Way::working();
    say(&mut way, Party::Operator, "ABSENT", ("2026-05-04", "2026-05-05")).unwrap();
    way.open_case(Party::Clock, "ABANDONMENT", "2026-05-11");
    way.hear("2026-05-12");
    way.must(Party::Operator, "CloseHearing", "2026-05-13");
    let refused = way.make(Party::Operator, asked("DecideAbandonment", "2026-05-14")).unwrap_err();
    assert_eq!((refused.guard.as_str(), refused.reason), ("G6", "OWN_REPORT"));
    way.must(Party::Authority, "DecideAbandonment", "2026-05-14");

    // What the union reported, the operator decides.
    let mut other = Way::working();
    say(&mut other, Party::Union, "ABSENT", ("2026-05-04", "2026-05-05")).unwrap();
    other.open_case(Party::Clock, "ABANDONMENT", "2026-05-11");
    other.hear("2026-05-12");
    other.must(Party::Operator, "CloseHearing", "2026-05-13");
    other.must(Party::Operator, "DecideAbandonment", "2026-05-14");
}

#[test]
fn a_stay_alarms_thirty_days_before_its_end_until_the_person_leaves() {
    let mut way = Way::working();
    // 270 days from the twenty-eighth of February.
    assert_eq!(way.state().stay_until, Some(day("2026-11-25")));
    assert_eq!(way.due("C-STAY").as_deref(), Some("2026-10-26"));
    assert!(way.state().clock("C-STAY").is_some_and(|clock| !clock.fires), "it moves nothing");
    way.must(Party::Union, "CompleteWork", "2026-09-30");
    assert_eq!(way.due("C-STAY").as_deref(), Some("2026-10-26"));
    way.must(Party::Union, "DepartHome", "2026-10-01");
    assert_eq!(way.due("C-STAY"), None);
}

#[test]
fn days_abroad_before_shorten_a_stay_and_a_pack_may_set_no_limit() {
    let mut way = Way::offered();
    // 61 days of another placement within the twelve months.
    let other = (id(5, 9), day("2025-11-01"), day("2026-01-01"));
    way.walk.desk.around.periods.entry(id(6, 0)).or_default().push(other);
    assert_eq!(way.at_work().due("C-STAY").as_deref(), Some("2026-08-26"));

    let mut free = Way::offered();
    free.rules(&[("stay.days_max_in_12_months", "366")]);
    assert_eq!(free.at_work().due("C-STAY"), None);
}

#[test]
fn a_stay_ends_on_the_pack_s_last_day_of_the_year_if_that_comes_first() {
    let due_by = |rules: &[(&str, &str)]| {
        let mut way = Way::offered();
        way.rules(rules);
        way.at_work().due("C-STAY")
    };
    assert_eq!(due_by(&[("stay.last_day", "11-15")]).as_deref(), Some("2026-10-16"));
    assert_eq!(due_by(&[("stay.last_day", "12-15")]).as_deref(), Some("2026-10-26"), "270 days are over before");
    assert_eq!(due_by(&[("stay.last_day", "02-27")]).as_deref(), Some("2026-10-26"), "that of the next year");
    let free = ("stay.days_max_in_12_months", "366");
    assert_eq!(due_by(&[free, ("stay.last_day", "12-15")]).as_deref(), Some("2026-11-15"));
}
