use proto::placement::Step;

use super::*;

/// The answer to an offer.
fn answer(id: &str, lot: &str) -> String {
    let placement = Placement {
        id: id.to_owned(),
        stage: Stage::Offered as i32,
        corridor_code: "CO-ES".to_owned(),
        starts_on: "2026-03-01".to_owned(),
        ends_on: "2026-09-01".to_owned(),
        ..Placement::default()
    };
    let until = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
    Person::new(&placement, lot.to_owned(), 7).unwrap().next(until).unwrap().made.command
}

#[test]
fn a_fate_is_the_persons_and_not_the_placement_ids() {
    let lots: Vec<String> = (0..400).map(|number| format!("2026/{number}/1")).collect();
    for lot in &lots {
        assert_eq!(answer("one", lot), answer("another", lot), "{lot}");
    }
    let declined = lots.iter().filter(|lot| answer("one", lot) == "Decline").count();
    assert!((8..45).contains(&declined), "{declined} of 400 at 6 %");
}

#[test]
fn who_does_not_come_home_is_heard_of_until_it_is_decided() {
    let until = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
    let rates = fate::rates("CO-ES");
    let lot = (0..10_000)
        .map(|number| format!("2026/{number}/1"))
        .find(|lot| {
            fate::falls(7, lot, "unverified", rates.unverified) && fate::falls(7, lot, "return", rates.non_return)
        })
        .unwrap();
    let ended = Placement {
        stage: Stage::WorkEnded as i32,
        corridor_code: "CO-ES".to_owned(),
        starts_on: "2026-03-01".to_owned(),
        ends_on: "2026-09-01".to_owned(),
        ..Placement::default()
    };
    let mut person = Person::new(&ended, lot, 7).unwrap();
    let mut commands = Vec::new();
    // The clock has found the return unproved meanwhile: the first answer says so.
    let unverified = MoveResult { stage: Stage::Unverified as i32, ..MoveResult::default() };
    while let Some(act) = person.next(until) {
        commands.push(act.made.command.clone());
        if act.made.command == "DecideNonReturn" {
            break;
        }
        person.made(&act.made, &unverified);
    }
    let sought = ["AddRecord"; SOUGHT.len()];
    let whole = [&["OpenCase"], &sought[..], &["CloseHearing", "AddRecord", "DecideNonReturn"]].concat();
    assert_eq!(commands, whole);
}

/// Somebody of Spain who was at work, after this last move.
fn ended(lot: &str, command: &str, on: &str) -> Person {
    let working = Placement {
        stage: Stage::Working as i32,
        corridor_code: "CO-ES".to_owned(),
        starts_on: "2026-03-01".to_owned(),
        ends_on: "2026-09-01".to_owned(),
        ..Placement::default()
    };
    let mut person = Person::new(&working, lot.to_owned(), 7).unwrap();
    let made = Move { command: command.to_owned(), occurred_on: on.to_owned(), ..Move::default() };
    person.made(&made, &MoveResult { stage: Stage::WorkEnded as i32, ..MoveResult::default() });
    person
}

/// The day of the notice that comes next, if one does.
fn noticed(person: &mut Person) -> Option<String> {
    let until = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
    let Act { user, made } = person.next(until).unwrap();
    let is_notice = made.command == "AddRecord" && made.kind == NOTICE;
    assert!(!is_notice || user == cast::union("ES").user, "{user} tells the authority");
    is_notice.then_some(made.occurred_on)
}

#[test]
fn most_unions_tell_the_authority_in_time_some_late_and_some_never() {
    let lots: Vec<String> = (0..400).map(|number| format!("2026/{number}/1")).collect();
    let days: Vec<_> = lots.iter().map(|lot| noticed(&mut ended(lot, "DecideAbandonment", "2026-05-04"))).collect();
    let count = |day: Option<&str>| days.iter().filter(|told| told.as_deref() == day).count();
    let (in_time, late, never) = (count(Some("2026-05-05")), count(Some("2026-05-13")), count(None));
    assert_eq!(in_time + late + never, 400, "{days:?}");
    assert!((320..370).contains(&in_time) && late > 15 && never > 5, "{in_time}, {late} and {never} of 400");
}

#[test]
fn what_counts_as_early_is_what_the_packs_say() {
    let packs = programme::packs::all();
    let rules = packs.iter().flat_map(|pack| &pack.rules).filter(|rule| rule.key == "end.early_days");
    let said: std::collections::BTreeSet<&str> = rules.map(|rule| rule.value.as_str()).collect();
    assert_eq!(said.into_iter().collect::<Vec<_>>(), [EARLY.to_string()]);
}

#[test]
fn the_authority_is_told_once_and_only_of_what_it_asks_for() {
    let lot = (0..400)
        .map(|number| format!("2026/{number}/1"))
        .find(|lot| noticed(&mut ended(lot, "Terminate", "2026-05-04")).is_some())
        .unwrap();
    assert!(noticed(&mut ended(&lot, "CompleteWork", "2026-07-23")).is_some(), "forty days early");
    for (command, on) in [("CompleteWork", "2026-09-01"), ("Resign", "2026-05-04"), ("CompleteWork", "2026-08-02")] {
        assert_eq!(noticed(&mut ended(&lot, command, on)), None, "{command} on {on}");
    }
    let mut person = ended(&lot, "Terminate", "2026-05-04");
    let until = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
    let told = person.next(until).unwrap().made;
    person.made(&told, &MoveResult { stage: Stage::WorkEnded as i32, ..MoveResult::default() });
    assert_eq!(noticed(&mut person), None);
}

/// Somebody of Spain whose union has not yet said yes to the seat that they got on 15 November.
fn proposed() -> Person {
    let step = Step { stage: Stage::Proposed as i32, occurred_on: "2025-11-15".to_owned(), ..Step::default() };
    let placement = Placement {
        id: "one".to_owned(),
        stage: Stage::Proposed as i32,
        corridor_code: "CO-ES".to_owned(),
        starts_on: "2026-03-01".to_owned(),
        ends_on: "2026-09-01".to_owned(),
        steps: vec![step],
        ..Placement::default()
    };
    Person::new(&placement, "2026/1/1".to_owned(), 7).unwrap()
}

fn november(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 11, day).unwrap()
}

#[test]
fn whose_next_act_is_later_is_not_asked_now_and_acts_on_its_day() {
    let mut person = proposed();
    assert!(person.next(november(15)).is_none() && person.next(november(16)).is_none());
    let selected = person.next(november(17)).unwrap().made;
    assert_eq!((selected.command.as_str(), selected.occurred_on.as_str()), ("Select", "2025-11-17"));
    person.made(&selected, &MoveResult { stage: Stage::Selected as i32, ..MoveResult::default() });
    assert!(person.next(november(17)).is_none());
    let offered = person.next(november(18)).unwrap().made;
    assert_eq!((offered.command.as_str(), offered.occurred_on.as_str()), ("Offer", "2025-11-18"));
}

#[test]
fn who_was_refused_once_tries_again_and_who_was_refused_twice_does_not() {
    let mut person = proposed();
    let tried = person.next(november(17)).unwrap().made;
    person.refused(&tried);
    assert_eq!(person.next(november(17)).unwrap().made, tried);
    person.refused(&tried);
    assert!(person.next(november(17)).is_none() && person.next(NaiveDate::MAX).is_none());
}
