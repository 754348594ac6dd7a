//! What a pack says of days that once were the same everywhere: hearings, early ends, two people, lists.

use proto::placement::Ending;

use super::{
    told::{Way, asked},
    *,
};

/// A case of the union's on the fourth of May, a Monday, and the person sought.
fn accused() -> Way {
    let mut way = Way::working();
    way.open_case(Party::Union, "ABANDONMENT", "2026-05-04");
    for channel in ["PHONE", "PHONE", "VISIT"] {
        way.record(Party::Operator, "CONTACT_ATTEMPT", channel, "2026-05-04").unwrap();
    }
    way
}

#[test]
fn a_side_has_five_workdays_to_answer_and_the_hearing_fifteen() {
    let close = |way: &mut Way, on: &str| way.make(Party::Operator, asked("CloseHearing", on));
    let mut way = accused();
    way.record(Party::Union, "STATEMENT", "SAID", "2026-05-06").unwrap();
    let early = close(&mut way, "2026-05-12").unwrap_err();
    assert_eq!(early.reason, "NOT_BOTH_SIDES");
    assert!(early.mend.ends_with("2026-05-13"), "{}", early.mend);
    close(&mut way, "2026-05-13").unwrap();
    // Nobody said a word: fifteen in all.
    let mut silent = accused();
    assert_eq!(close(&mut silent, "2026-05-22").unwrap_err().reason, "NOT_BOTH_SIDES");
    close(&mut silent, "2026-05-25").unwrap();
    let mut longer = accused();
    longer.rules(&[("clock.hearing_side.workdays", "8")]);
    longer.record(Party::Union, "STATEMENT", "SAID", "2026-05-06").unwrap();
    assert_eq!(close(&mut longer, "2026-05-15").unwrap_err().reason, "NOT_BOTH_SIDES");
}

#[test]
fn the_pack_says_when_an_end_is_early() {
    // Fifteen days before the thirtieth of September.
    for (days, ending) in [("30", Ok(Ending::Completed)), ("10", Err("EARLY"))] {
        let mut way = Way::working();
        way.rules(&[("end.early_days", days)]);
        let ended = way.make(Party::Union, asked("CompleteWork", "2026-09-15")).map_err(|refused| refused.reason);
        assert_eq!(ended.map(|()| way.state().ending), ending, "{days}");
    }
}

#[test]
fn the_pack_says_how_long_the_first_of_two_waits_for_the_second() {
    for (workdays, made) in [("5", true), ("1", false)] {
        let mut way = Way::working();
        way.rules(&[("two_people.workdays", workdays)]);
        way.record(Party::Ministry, "FIRST_OF_TWO", "RecordDeath", "2026-05-04").unwrap();
        assert_eq!(way.make(Party::Authority, asked("RecordDeath", "2026-05-06")).is_ok(), made, "{workdays}");
    }
}

#[test]
fn who_was_renewed_stays_on_the_list_until_its_days_are_over() {
    let roster = |until: &str| Roster { rostered: true, until: Some(day(until)), version: 9, papers: None };
    let mut way = Way::new("Recommend");
    way.walk.desk.placements.get_mut(&id::<PlacementId>(5, 0)).unwrap().clocks[0].due_on = day("2026-05-01");
    // Nothing is known but what came with the proposal; then of a shorter roster; then of a longer one.
    way.walk.desk.around.rosters.remove(&id::<CandidateId>(6, 0));
    assert!(!way.walk.desk.listed_longer(id(5, 0)));
    way.walk.desk.around.rosters.insert(id(6, 0), roster("2026-04-20"));
    assert!(!way.walk.desk.listed_longer(id(5, 0)));
    way.walk.desk.around.rosters.insert(id(6, 0), roster("2026-06-30"));
    assert!(way.walk.desk.listed_longer(id(5, 0)));
    assert_eq!(way.due("C-LIST").as_deref(), Some("2026-07-01"));
    // No longer than the pack's days, and not twice for the same.
    way.rules(&[("clock.list.days", "180")]);
    way.walk.desk.around.rosters.insert(id(6, 0), roster("2026-12-31"));
    assert!(way.walk.desk.listed_longer(id(5, 0)));
    assert_eq!(way.due("C-LIST").as_deref(), Some("2026-07-09"));
    assert!(!way.walk.desk.listed_longer(id(5, 0)));
}
