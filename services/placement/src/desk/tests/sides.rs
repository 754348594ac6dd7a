//! What one side alone has reported, and what makes it known from both.

use super::{told::Way, *};

fn confirm(way: &mut Way, party: Party, on: &str) {
    way.record(party, "CONFIRMATION", "", on).unwrap();
}

fn is_one_sided(way: &Way) -> bool {
    view::placement(way.state()).one_sided
}

#[test]
fn a_report_is_one_sided_until_another_organisation_confirms_it() {
    let mut way = Way::working();
    assert!(is_one_sided(&way), "the start of work is the union's word alone");
    confirm(&mut way, Party::Union, "2026-03-03");
    assert!(is_one_sided(&way), "nobody is the second side to their own report");
    confirm(&mut way, Party::Worker, "2026-03-04");
    assert!(!is_one_sided(&way));
    way.must(Party::Union, "CompleteWork", "2026-09-30");
    assert!(is_one_sided(&way), "the end is a report of its own");
}

#[test]
fn a_return_that_was_told_before_is_known_from_two_sides() {
    let mut told = Way::working();
    told.must(Party::Union, "CompleteWork", "2026-09-30");
    told.must(Party::Union, "DepartHome", "2026-10-01");
    assert!(is_one_sided(&told), "still the end of work");
    told.must_with(Party::Ministry, "VerifyReturn", "2026-10-03", |asked| asked.evidence = "CONSULATE_VISIT".into());
    assert!(!is_one_sided(&told));
    let mut alone = Way::home();
    alone.must(Party::Ministry, "OpenReEntry", "2026-10-05");
    assert!(is_one_sided(&alone), "what follows from a return confirms it no more");
}

#[test]
fn nobody_confirms_their_own_report_by_what_follows_from_it() {
    let mut way = Way::working();
    way.must(Party::Union, "CompleteWork", "2026-09-30");
    // The operator tells of the way home; the end of work is still the union's word.
    way.must(Party::Operator, "DepartHome", "2026-10-01");
    confirm(&mut way, Party::Union, "2026-10-02");
    assert!(is_one_sided(&way));
    confirm(&mut way, Party::Operator, "2026-10-02");
    assert!(!is_one_sided(&way));

    // What the ministry told for the worker makes its own proof no second side's; the union's word would.
    let mut alone = Way::working();
    alone.must(Party::Union, "CompleteWork", "2026-09-30");
    alone.must(Party::Worker, "DepartHome", "2026-10-01");
    alone.must_with(Party::Ministry, "VerifyReturn", "2026-10-03", |asked| asked.evidence = "CONSULATE_VISIT".into());
    assert!(is_one_sided(&alone));
    alone.must(Party::Clock, "OpenReEntry", "2026-10-13");
    confirm(&mut alone, Party::Ministry, "2026-10-14");
    assert!(is_one_sided(&alone), "the clock came after its report");
    confirm(&mut alone, Party::Union, "2026-10-15");
    assert!(!is_one_sided(&alone));
}

#[test]
fn a_flag_that_an_older_build_left_counts_only_where_there_is_something_to_confirm() {
    let mut gone = Way::working();
    gone.must(Party::Worker, "Resign", "2026-05-04");
    gone.walk.desk.placements.get_mut(&gone.id).unwrap().one_sided = true;
    assert!(!is_one_sided(&gone));
    confirm(&mut gone, Party::Worker, "2026-05-05");
    assert!(!gone.state().one_sided);
}

#[test]
fn the_worker_s_own_word_and_what_was_never_reported_are_not_one_sided() {
    let mut way = Way::offered();
    assert!(!is_one_sided(&way));
    way.must(Party::Worker, "Decline", "2026-01-14");
    assert!(!is_one_sided(&way));
    let mut gone = Way::working();
    gone.must(Party::Worker, "Resign", "2026-05-04");
    assert!(!is_one_sided(&gone));
}

#[test]
fn a_proved_return_stays_one_in_the_record_of_who_died_at_home() {
    let mut way = Way::home();
    way.record(Party::Ministry, "FIRST_OF_TWO", "RecordDeath", "2026-10-05").unwrap();
    way.must(Party::Authority, "RecordDeath", "2026-10-06");
    let record = way.walk.desk.records.last().unwrap();
    assert_eq!((record.r#return.as_str(), record.re_entry), ("VERIFIED", false));
}
