//! Nothing is told of a day that has not come; what is planned for one is.

use super::{
    told::{Way, asked},
    *,
};

/// A move as a party makes it on the day that it is, by somebody who can tell nothing later than `latest`.
fn told_by(way: &mut Way, party: Party, latest: &str, asked: Move) -> Result<(), Refusal> {
    let actor = Actor { latest: Some(day(latest)), ..way.walk.actor(party) };
    way.make_as(&actor, asked)
}

#[test]
fn no_row_of_the_table_takes_a_day_that_has_not_come_from_people() {
    for row in &TABLE.rows {
        let people = row.who.iter().filter(|party| **party != Party::Clock);
        for (party, stage) in people.flat_map(|party| row.from.iter().map(move |stage| (*party, *stage))) {
            let mut way = Way::offered();
            way.walk.desk.placements.get_mut(&way.id).unwrap().stage = stage;
            let asked = Move { for_worker: party == Party::Worker, ..asked(&row.command, "2026-05-05") };
            let ahead = told_by(&mut way, party, "2026-05-04", asked.clone()).unwrap_err();
            assert_eq!((ahead.kind, ahead.reason), (Kind::Input, "DATE_AHEAD"), "{} by {party:?}", row.id);
            assert_eq!(ahead.mend, "give the day on which it happened", "{}", row.id);
            assert_eq!(ahead.values, [("last", "2026-05-04".to_owned())], "{}", row.id);
            let come = told_by(&mut way, party, "2026-05-05", asked);
            assert!(!come.is_err_and(|refusal| refusal.reason == "DATE_AHEAD"), "{} by {party:?}", row.id);
        }
    }
}

/// What these waited for was over at once for whoever gave a day that was far enough.
#[test]
fn nobody_jumps_a_clock_by_a_day_that_has_not_come() {
    let mut way = Way::working();
    let early = told_by(&mut way, Party::Operator, "2026-10-01", asked("CompleteWork", "2026-10-01")).unwrap_err();
    assert_eq!(early.reason, "TOO_EARLY");
    let ahead = told_by(&mut way, Party::Operator, "2026-10-01", asked("CompleteWork", "2026-10-14")).unwrap_err();
    assert_eq!((ahead.reason, way.state().stage), ("DATE_AHEAD", Stage::Working));
    told_by(&mut way, Party::Operator, "2026-10-14", asked("CompleteWork", "2026-10-14")).unwrap();
}

#[test]
fn what_is_planned_for_a_day_to_come_is_told_before() {
    let mut way = Way::offered();
    way.accept();
    way.must(Party::Union, "SignContract", "2026-01-15");
    way.must(Party::Worker, "SignContract", "2026-01-15");
    let valid = Move { valid_until: Some(day("2027-01-20")), ..asked("ClearMedical", "2026-01-20") };
    told_by(&mut way, Party::Ministry, "2026-01-20", asked("ReopenMedical", "2026-01-20")).unwrap();
    told_by(&mut way, Party::Ministry, "2026-01-20", valid).unwrap();
    way.must(Party::Authority, "Authorise", "2026-01-20");
    way.must(Party::Ministry, "ApplyVisa", "2026-01-21");
    way.must(Party::Authority, "GrantVisa", "2026-02-01");
    way.must(Party::Ministry, "CompleteOrientation", "2026-02-02");
    let booked = Move { date: Some(day("2026-02-28")), ..asked("BookTravel", "2026-02-03") };
    told_by(&mut way, Party::Operator, "2026-02-03", booked).unwrap();
    assert_eq!(way.state().travel_on, Some(day("2026-02-28")));
}

/// As a round leaves it that was computed for a later day.
#[test]
fn whose_stage_began_on_a_day_to_come_goes_on_from_that_day() {
    let mut way = Way::new("Propose");
    let select = |on: &str| asked("Select", on);
    let later = told_by(&mut way, Party::Union, "2026-01-05", select("2026-01-11")).unwrap_err();
    assert_eq!((later.reason, later.values), ("DATE_AHEAD", vec![("last", "2026-01-10".to_owned())]));
    let before = told_by(&mut way, Party::Union, "2026-01-05", select("2026-01-05")).unwrap_err();
    assert_eq!(before.reason, "DATE_ORDER");
    told_by(&mut way, Party::Union, "2026-01-05", select("2026-01-10")).unwrap();
}
