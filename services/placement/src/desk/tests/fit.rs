//! Papers that have a last day: who is eligible, and when a fitness is over.

use super::{
    told::{Way, asked},
    *,
};
use crate::{
    decide::Papers,
    tracks::{Status, Track},
};

/// On the list of a line whose order was filed on a day, under two packs.
fn listed(filed_on: &str, papers: Option<Papers>) -> Way {
    let mut way = Way::new("Recommend");
    let pack = |required: &str| {
        let rules = [("candidate.training_required".to_owned(), required.to_owned())].into();
        Arc::new(Pack { rules, ..Pack::default() })
    };
    let packs = [(day("2025-01-01"), pack("true")), (day("2026-01-01"), pack("false"))].into();
    way.walk.desk.around.packs.insert("CO-ES".into(), Packs(packs));
    way.walk.desk.book.lines.get_mut(&id::<LineId>(1, 0)).unwrap().filed_on = Some(day(filed_on));
    let roster = Roster { rostered: true, until: Some(day("2026-12-31")), version: 9, papers };
    way.walk.desk.around.rosters.insert(id(6, 0), roster);
    way
}

fn papers(trained_until: Option<&str>) -> Option<Papers> {
    Some(Papers { fit_until: Some(day("2026-12-31")), trained_until: trained_until.map(day) })
}

#[test]
fn who_is_eligible_is_a_rule_of_the_orders_date() {
    let select = |mut way: Way| way.make(Party::Union, asked("Select", "2026-01-12"));
    // Filed while a training was asked for, whatever stands on the day of the move.
    let refused = select(listed("2025-10-01", papers(None))).unwrap_err();
    assert_eq!((refused.guard.as_str(), refused.reason), ("G4", "PAPERS_OVER"));
    assert!(!refused.message.contains("train") && !refused.mend.contains("train"), "nobody learns which paper");
    assert!(select(listed("2025-10-01", papers(Some("2026-01-11")))).is_err(), "over since yesterday");
    assert_eq!(select(listed("2025-10-01", papers(Some("2026-01-12")))), Ok(()));
    assert_eq!(select(listed("2026-01-02", papers(None))), Ok(()), "filed when none was asked for");
    // Of who was told of before papers were, those of the proposal stand.
    assert_eq!(select(listed("2025-10-01", None)), Ok(()));
}

/// Accepted with a fitness of the proposal that lasts until a day.
fn accepted(fit_until: &str) -> Way {
    let mut way = Way::offered();
    way.walk.desk.placements.get_mut(&way.id).unwrap().fit_until = Some(day(fit_until));
    way.accept();
    way
}

fn fitness(way: &Way) -> (Status, Option<String>) {
    (way.state().tracks.get(Track::Fitness), way.due("C-FITNESS"))
}

#[test]
fn a_fitness_is_open_again_the_day_after_its_last() {
    let mut way = accepted("2026-03-05");
    assert_eq!(fitness(&way), (Status::Done, Some("2026-03-06".to_owned())));
    let early = way.make(Party::Clock, asked("ReopenMedical", "2026-03-05")).unwrap_err();
    assert_eq!((early.guard.as_str(), early.reason), ("DUE", "TOO_EARLY"));
    way.must(Party::Clock, "ReopenMedical", "2026-03-06");
    assert_eq!(fitness(&way), (Status::Open, None));
    // Nobody sees why.
    assert_eq!(way.state().steps.last().unwrap().command, "UpdatePreparation");
    way.must_with(Party::Ministry, "ClearMedical", "2026-03-07", |asked| {
        asked.valid_until = Some(day("2026-06-30"));
    });
    assert_eq!(fitness(&way), (Status::Done, Some("2026-07-01".to_owned())));
    // A ministry need not wait; and one that names no day starts no clock.
    way.must(Party::Ministry, "ReopenMedical", "2026-03-08");
    way.must(Party::Ministry, "ClearMedical", "2026-03-09");
    assert_eq!(fitness(&way), (Status::Done, None));
}

#[test]
fn a_fitness_that_is_over_is_none_and_the_clock_stops_with_the_departure() {
    let mut way = accepted("2026-02-01");
    assert_eq!(fitness(&way), (Status::Open, None), "it would not last until the work starts");
    let over = Move { valid_until: Some(day("2026-01-19")), ..asked("ClearMedical", "2026-01-20") };
    assert_eq!(way.make(Party::Ministry, over).unwrap_err().reason, "DATE_ORDER");
    assert_eq!(fitness(&Way::working()).1, None);
}

/// Accepted, fit until the fifth of March, and with everything but the travel done.
fn prepared() -> Way {
    let mut way = accepted("2026-03-05");
    let steps: [(Party, &str); 6] = [
        (Party::Union, "SignContract"),
        (Party::Worker, "SignContract"),
        (Party::Authority, "Authorise"),
        (Party::Ministry, "ApplyVisa"),
        (Party::Authority, "GrantVisa"),
        (Party::Ministry, "CompleteOrientation"),
    ];
    for (party, command) in steps {
        way.must_with(party, command, "2026-02-02", |asked| asked.evidence = "CODE".into());
    }
    way
}

fn book(way: &mut Way, leaves: &str) {
    way.must_with(Party::Operator, "BookTravel", "2026-02-03", |asked| asked.date = Some(day(leaves)));
}

fn depart(way: &mut Way, on: &str) -> Result<(), Refusal> {
    way.make(Party::Ministry, Move { evidence: "EXIT_CLEARANCE".into(), ..asked("Depart", on) })
}

#[test]
fn a_fitness_is_judged_by_the_day_of_the_departure_however_late_it_is_recorded() {
    let mut way = prepared();
    book(&mut way, "2026-03-05");
    assert_eq!(fitness(&way), (Status::Done, None), "it lasts until the booked day");
    let over = depart(&mut way, "2026-03-06").unwrap_err();
    assert_eq!((over.guard.as_str(), over.reason), ("G8", "FITNESS_OVER"));
    depart(&mut way, "2026-03-05").unwrap();

    // Booked beyond it, the clock runs; a departure after its last day is refused before the clock has fired too.
    let mut late = prepared();
    book(&mut late, "2026-03-07");
    assert_eq!(fitness(&late).1.as_deref(), Some("2026-03-06"));
    assert_eq!(depart(&mut late, "2026-03-07").unwrap_err().reason, "FITNESS_OVER");
    late.must(Party::Ministry, "ReopenMedical", "2026-03-06");
    late.must_with(Party::Ministry, "ClearMedical", "2026-03-06", |asked| asked.valid_until = Some(day("2026-12-31")));
    depart(&mut late, "2026-03-07").unwrap();
}

#[test]
fn a_day_that_an_older_build_left_opens_no_fitness_again() {
    let mut way = accepted("2026-02-01");
    way.must(Party::Ministry, "ClearMedical", "2026-02-10");
    // That build kept the day of the fitness before.
    way.walk.desk.placements.get_mut(&way.id).unwrap().fit_until = Some(day("2026-02-01"));
    way.must(Party::Union, "SignContract", "2026-02-11");
    assert_eq!(fitness(&way), (Status::Done, None));
}
