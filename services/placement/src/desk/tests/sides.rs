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
    let home = |way: &mut Way| {
        way.must_with(Party::Ministry, "VerifyReturn", "2026-10-03", |asked| asked.evidence = "CONSULATE_VISIT".into());
    };
    let mut told = Way::working();
    told.must(Party::Union, "CompleteWork", "2026-09-30");
    told.must(Party::Union, "DepartHome", "2026-10-01");
    assert!(is_one_sided(&told), "still the end of work");
    home(&mut told);
    assert!(!is_one_sided(&told));
    let mut alone = Way::working();
    alone.must(Party::Union, "CompleteWork", "2026-09-30");
    home(&mut alone);
    alone.must(Party::Ministry, "OpenReEntry", "2026-10-05");
    assert!(is_one_sided(&alone), "what follows from a return confirms it no more");
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
