use uuid::Uuid;

use super::*;
use crate::testing::{candidate, line, terms};

fn basis() -> Basis {
    Basis { terms: terms(), prices: Prices { named: 10_000, ..Prices::default() } }
}

fn outcome(price: i64, filled: u32) -> LineOutcome {
    LineOutcome { price, filled, lowest: Some(price), ..LineOutcome::default() }
}

#[test]
fn closed_lines_are_counted_by_their_first_rule_and_all_lines_are_accounted_for() {
    let mut other = line(2);
    other.isco_codes = ["6111".to_owned()].into();
    let mut third = line(3);
    third.origins = ["GT".to_owned()].into();
    third.isco_codes = ["6111".to_owned()].into();
    let lines = [(line(1), outcome(130, 1)), (other, outcome(0, 0)), (third, outcome(0, 0))];
    let told = basis().candidate(&candidate(1), &lines, None);
    assert_eq!(told.rostered_until, "2026-12-31");
    let closed: Vec<(&str, i64)> = told.closed.iter().map(|closed| (closed.rule.as_str(), closed.lines)).collect();
    assert_eq!(closed, [("line.origins", 1), ("isco", 1)]);
    assert_eq!(told.near.len(), 1);
    assert!(told.summary.starts_with("No seat: 1 of 3 lines"), "{}", told.summary);
}

#[test]
fn a_near_line_says_which_score_it_would_have_taken() {
    let lines = [(line(1), outcome(130, 1)), (line(2), outcome(126, 1)), (line(3), outcome(9_000_000, 1))];
    let told = basis().candidate(&candidate(1), &lines, None);
    let near: Vec<(i64, i64, bool)> = told.near.iter().map(|near| (near.score, near.price, near.full)).collect();
    assert_eq!(near, [(124, 126, true), (124, 130, true), (124, 0, true)]);
    assert!(told.near[2].message.contains("by name"));
}

#[test]
fn claims_are_told_with_their_reason_and_what_holds_a_seat_against_a_score() {
    let mut basis = basis();
    basis.prices.first = 2_000;
    let lines = [(line(1), outcome(2_124, 1)), (line(2), outcome(10_124, 1))];
    let told = basis.candidate(&candidate(1), &lines, None);
    let near: Vec<(i64, bool)> =
        told.near.iter().map(|near| (near.price, near.message.contains("comes first"))).collect();
    assert_eq!(near, [(0, true), (0, false)]);
    assert!(told.near[1].message.contains("by name"));
    let mut person = candidate(1);
    person.first = true;
    let told = basis.candidate(&person, &lines, None);
    assert_eq!(told.near[0].price, 124, "against others who come first the score decides");
    assert_eq!(told.near[1].price, 0, "{}", told.near[1].message);
    person.recalled.insert(line(1).organisation_id, "2025".to_owned());
    person.recalled.insert(OrganisationId(Uuid::from_u128(5)), "2024".to_owned());
    let mut told = basis.candidate(&person, &lines, None);
    let unions = HashMap::from([(line(1).organisation_id, "Unió de Pagesos".to_owned())]);
    add_claims(&mut told, (&basis.terms, &person, &lines), &unions);
    let reasons = " Asked for by name by Unió de Pagesos after season 2025. Comes first: the last offer was taken back by the employer.";
    assert!(told.summary.ends_with(reasons), "{}", told.summary);
    assert!(!told.summary.contains("2024"), "a union without a line in the round");
}

#[test]
fn a_ground_for_priority_is_told_without_its_name_and_holds_a_seat_against_a_score() {
    let mut basis = basis();
    (basis.prices.first, basis.prices.priority) = (6_000, 2_000);
    basis.terms.corridors.get_mut("CO").unwrap().grounds = vec!["DISPLACED".to_owned()];
    // A price beyond what can be told is told as the greatest number.
    let dear = LineOutcome { others_price: 5, ..outcome(i64::MAX, 1) };
    let lines =
        [(line(1), outcome(2_124, 1)), (line(2), outcome(6_124, 1)), (line(3), outcome(10_124, 1)), (line(4), dear)];
    let near = |person: &Candidate| -> Vec<(String, i64)> {
        let told = basis.candidate(person, &lines, None);
        told.near.into_iter().map(|near| (near.reason.unwrap().code, near.price)).collect()
    };
    let of = |code: &str, price| (code.to_owned(), price);
    let mut person = candidate(1);
    let above = [of("ALL_FIRST", 0), of("ALL_NAMED", 0), of("ALL_NAMED", 0)];
    assert_eq!(near(&person), [&[of("ALL_PRIORITY", 0)][..], &above].concat());
    person.priorities.insert("DISPLACED".to_owned());
    assert_eq!(
        near(&person),
        [&[of("FULL", 124)][..], &above].concat(),
        "against others with a ground the score decides"
    );
    let mut told = basis.candidate(&person, &lines, None);
    add_claims(&mut told, (&basis.terms, &person, &lines), &HashMap::new());
    assert!(told.summary.ends_with("a ground for priority that the rules of the corridor name."), "{}", told.summary);
    assert_eq!(told.reasons.last().unwrap().code, "PRIORITY");
    assert!(!format!("{told:?}").contains("DISPLACED"), "which one, is the ministry's to tell");
}

/// What a person is told who goes with those before in the list.
fn told_together(members: &[Candidate], lines: &[(Line, LineOutcome)]) -> (Vec<String>, Vec<i64>, usize) {
    let mut told = basis().candidate(&members[0], lines, None);
    add_together(&mut told, (&terms(), members), lines);
    let codes = told.reasons.iter().map(|reason| reason.code.clone()).collect();
    let mut numbers: Vec<(String, i64)> = told.reasons[0].numbers.clone().into_iter().collect();
    numbers.sort();
    (codes, numbers.into_iter().map(|(_, number)| number).collect(), told.near.len())
}

#[test]
fn who_goes_with_others_is_told_how_many_they_are_and_not_who() {
    let mut family: Vec<Candidate> = (1..=3).map(candidate).collect();
    family.iter_mut().for_each(|person| person.family = "f".to_owned());
    let lines = [(line(1), outcome(130, 1)), (line(2), outcome(126, 1))];
    let told = told_together(&family, &lines);
    assert_eq!(told, (vec!["TOGETHER_NO_ROOM".to_owned()], vec![3, 1], 0), "two lines of one employer are one place");
    family[2].fit_until = None;
    assert_eq!(told_together(&family, &lines), (vec!["TOGETHER_NOT_WHOLE".to_owned()], vec![1, 3], 0));
    family[2].fit_until = family[0].fit_until;
    family.iter_mut().for_each(|person| person.absent = 2);
    assert_eq!(told_together(&family, &lines), (vec!["TOGETHER_NOT_WHOLE".to_owned()], vec![2, 5], 0));
    let (codes, _, near) = told_together(&[candidate(1)], &lines);
    assert_eq!((codes, near), (vec!["NEAREST".to_owned()], 2), "who goes alone");
}

#[test]
fn a_line_says_that_its_least_crew_was_not_reached_or_its_beds_are_taken() {
    let code = |line: Line, outcome: LineOutcome| {
        let told = basis().line(&(line.clone(), outcome.clone()), &[candidate(1)], Vec::new());
        let near = basis().candidate(&candidate(1), &[(line, outcome)], None).near;
        (told.reasons[0].code.clone(), near[0].reason.clone().unwrap().code)
    };
    let asked = Line { seats: 5, least: 4, ..line(1) };
    let both = |code: &str| (code.to_owned(), code.to_owned());
    assert_eq!(code(asked.clone(), outcome(130, 0)), both("LEAST_CREW_NOT_REACHED"));
    let full = LineOutcome { beds_left: Some(0), ..outcome(130, 4) };
    assert_eq!(code(asked.clone(), full.clone()), both("BEDS_TAKEN"));
    let left = LineOutcome { beds_left: Some(1), ..full };
    assert_eq!(code(asked, left), ("SEATS_LEFT".to_owned(), "QUOTA_USED".to_owned()));
}

#[test]
fn a_line_tells_who_was_kept_out_by_which_rule() {
    let mut unfit = candidate(2);
    unfit.fit_until = None;
    let told = basis().line(&(line(1), outcome(124, 1)), &[candidate(1), unfit], Vec::new());
    assert_eq!((told.eligible, told.seats_filled, told.lowest_score), (1, 1, 124));
    assert_eq!(told.closed[0].rule, "candidate.fitness_required");
    assert_eq!(told.closed[0].candidates, 1);
}

#[test]
fn a_line_counts_nobody_as_eligible_whose_family_or_crew_is_not_whole() {
    let counted = |people: &[Candidate]| {
        let told = basis().line(&(line(1), outcome(124, 1)), people, Vec::new());
        let closed = told.closed.into_iter().map(|closed| (closed.rule, closed.candidates));
        (told.eligible, closed.collect::<Vec<_>>(), told.reasons[0].code.clone())
    };
    let mut people: Vec<Candidate> = (1..=4).map(candidate).collect();
    people[1..].iter_mut().for_each(|person| person.crew = "c".to_owned());
    assert_eq!(counted(&people), (4, Vec::new(), "ALL_FILLED".to_owned()), "all of the crew are there");
    people[1..].iter_mut().for_each(|person| person.absent = 1);
    people[3].fit_until = None;
    let kept_out = [("candidate.fitness_required".to_owned(), 1), ("TOGETHER_NOT_WHOLE".to_owned(), 2)];
    assert_eq!(counted(&people), (1, kept_out.to_vec(), "ALL_FILLED".to_owned()));
    let of_crew = counted(&people[1..3]);
    assert_eq!(of_crew, (0, vec![("TOGETHER_NOT_WHOLE".to_owned(), 2)], "NOBODY".to_owned()));
}
