use std::sync::Arc;

use proto::ids::{CandidateId, OrganisationId};
use uuid::Uuid;

use super::*;
use crate::{
    market, snapshot,
    testing::{candidate, line, terms},
};

fn outcome(snapshot: Snapshot, seed: &str) -> (Outcome, String) {
    let snapshot = Arc::new(snapshot);
    let (market, limits) = market::build(snapshot.clone()).unwrap();
    let plan = solve(&snapshot, &market, seed);
    let outcome = conclude(&snapshot, (&market, &limits), &plan).unwrap();
    let plan_hash = outcome.report.plan_hash.clone();
    (outcome, plan_hash)
}

fn market_of(people: u128, seats: u32) -> Snapshot {
    let mut only = line(1);
    (only.seats, only.posted, only.reserve) = (seats, i64::from(seats), 2);
    Snapshot {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        terms: terms(),
        lines: vec![only],
        candidates: (1..=people).map(candidate).collect(),
        quotas: Vec::new(),
    }
}

fn seated(outcome: &Outcome) -> Vec<usize> {
    outcome.seats.iter().filter(|seat| seat.rank == 0).map(|seat| seat.candidate).collect()
}

#[test]
fn equal_people_are_drawn_by_the_seed_and_the_ministrys_reference_alone() {
    let (first, hash) = outcome(market_of(40, 5), "spring");
    let (again, same) = outcome(market_of(40, 5), "spring");
    assert_eq!((seated(&first), &hash), (seated(&again), &same));
    let (other, another) = outcome(market_of(40, 5), "summer");
    assert_ne!(hash, another);
    assert_ne!(seated(&first), seated(&other));
    // Other generated ids and another order of storage: the same references win.
    let mut moved = market_of(40, 5);
    for person in &mut moved.candidates {
        person.id = CandidateId(Uuid::from_u128(person.id.0.as_u128() ^ 0xffff));
    }
    moved.candidates.reverse();
    let (turned, same) = outcome(moved, "spring");
    assert_eq!(hash, same);
    let mut winners: Vec<usize> = seated(&turned).into_iter().map(|at| 39 - at).collect();
    winners.sort_unstable();
    assert_eq!(winners, seated(&first));
}

#[test]
fn a_named_recall_goes_before_any_score_and_the_list_is_as_long_as_the_line_allows() {
    let mut market = market_of(10, 1);
    market.lines[0].named.insert(market.candidates[4].id);
    market.candidates[7].seasons_returned = 4;
    let (outcome, _) = outcome(market, "spring");
    assert_eq!(seated(&outcome), [4]);
    assert!(outcome.prices.named > outcome.seats[1].score, "{:?}", outcome.prices);
    assert_eq!(outcome.seats[1], Seat { line: 0, candidate: 7, rank: 1, score: 364, named: false, why: Why::Score });
    assert_eq!(outcome.report.reserves, 2);
    assert_eq!(outcome.report.goals[0], Goal { name: "RECALLS".to_owned(), reached: 1, of: 1 });
}

#[test]
fn a_recall_goes_before_an_offer_taken_back_and_that_before_any_score() {
    let mut market = market_of(10, 2);
    market.candidates[7].seasons_returned = 4;
    market.candidates[2].first = true;
    let goals = |outcome: &Outcome| -> Vec<(String, i64, i64)> {
        outcome.report.goals.iter().map(|goal| (goal.name.clone(), goal.reached, goal.of)).take(2).collect()
    };
    let (first, _) = outcome(market.clone(), "spring");
    assert_eq!(seated(&first), [2, 7]);
    assert_eq!(goals(&first), [("RECALLS".to_owned(), 0, 0), ("FIRST".to_owned(), 1, 1)]);
    assert!(first.prices.first > 364 && first.prices.named == 0, "{:?}", first.prices);
    for (at, union) in [(4, market.lines[0].organisation_id), (5, OrganisationId(Uuid::from_u128(77)))] {
        market.candidates[at].recalled.insert(union, "2025".to_owned());
    }
    market.lines[0].seats = 1;
    let (recalled, _) = outcome(market, "spring");
    assert_eq!(seated(&recalled), [4], "a recall by another union counts for nothing here");
    assert!(recalled.seats[0].named && !recalled.seats[1].named);
    assert_eq!(recalled.seats[1].candidate, 2, "first on the reserve list");
    assert_eq!(goals(&recalled), [("RECALLS".to_owned(), 1, 1), ("FIRST".to_owned(), 0, 1)]);
    assert!(recalled.prices.named > recalled.prices.first, "{:?}", recalled.prices);
}

#[test]
fn a_ground_that_the_pack_puts_first_goes_before_any_score_and_after_the_other_claims() {
    let mut market = market_of(10, 1);
    market.candidates[7].seasons_returned = 4;
    let (_, plain) = outcome(market.clone(), "spring");
    market.candidates[2].priorities.insert("DISPLACED".to_owned());
    let (score, same) = outcome(market.clone(), "spring");
    assert_eq!((seated(&score), same), (vec![7], plain), "no pack puts the ground first");
    assert!(score.prices.priority == 0 && score.report.goals.iter().all(|goal| goal.name != "PRIORITY"));

    market.terms.corridors.get_mut("CO").unwrap().grounds = vec!["DISPLACED".to_owned()];
    let goals = |outcome: &Outcome| -> Vec<(String, i64, i64)> {
        outcome.report.goals.iter().map(|goal| (goal.name.clone(), goal.reached, goal.of)).collect()
    };
    let goal = |name: &str, reached, of| (name.to_owned(), reached, of);
    let (first, _) = outcome(market.clone(), "spring");
    let best = Seat { line: 0, candidate: 2, rank: 0, score: 124, named: false, why: Why::Priority };
    assert_eq!((first.seats[0], first.seats[1].candidate), (best, 7));
    assert_eq!(
        goals(&first),
        [goal("RECALLS", 0, 0), goal("PRIORITY", 1, 1), goal("SEATS", 1, 1), goal("SCORE", 124, 124)]
    );
    assert!(first.prices.priority > 364 && first.prices.first == 0, "{:?}", first.prices);

    market.lines[0].named.insert(market.candidates[4].id);
    let (named, _) = outcome(market.clone(), "spring");
    assert_eq!(seated(&named), [4]);
    assert_eq!((named.seats[1].candidate, named.seats[1].why), (2, Why::Priority), "first on the reserve list");
    assert_eq!(goals(&named)[..2], [goal("RECALLS", 1, 1), goal("PRIORITY", 0, 1)]);

    market.candidates[5].first = true;
    market.lines[0].seats = 2;
    let (all, _) = outcome(market.clone(), "spring");
    assert_eq!((seated(&all), all.seats[2].candidate), (vec![4, 5], 2));
    let Prices { named, first, priority, .. } = all.prices;
    assert!(named > first && first > priority, "{:?}", all.prices);
    // Who has a stronger claim too counts among those whom the pack puts first.
    market.candidates[5].priorities.insert("DISPLACED".to_owned());
    let (both, _) = outcome(market, "spring");
    assert_eq!(goals(&both)[..3], [goal("RECALLS", 1, 1), goal("FIRST", 1, 1), goal("PRIORITY", 1, 2)]);
}

#[test]
fn a_recall_takes_no_seat_that_is_kept_for_whom_the_order_names() {
    let mut market = market_of(10, 1);
    market.lines[0].named.insert(market.candidates[4].id);
    market.lines[0].others = Some(0);
    for at in [6, 7] {
        market.candidates[at].recalled.insert(market.lines[0].organisation_id, "2025".to_owned());
        market.candidates[at].seasons_returned = 4;
    }
    let (only, _) = outcome(market.clone(), "spring");
    assert_eq!(seated(&only), [4], "the recalled score more");
    assert_eq!(only.report.goals[0], Goal { name: "RECALLS".to_owned(), reached: 1, of: 1 });
    (market.lines[0].seats, market.lines[0].others) = (3, Some(2));
    let (both, _) = outcome(market.clone(), "spring");
    assert_eq!(seated(&both), [4, 6, 7]);
    // Whom the order names may take no seat this time: it stays free for them.
    (market.lines[0].seats, market.lines[0].others) = (2, Some(1));
    market.candidates[4].fit_until = None;
    let (kept, _) = outcome(market, "spring");
    assert_eq!(seated(&kept).len(), 1, "one of two who were recalled");
    assert!(kept.seats[0].named && kept.lines[0].others_price > 0, "{:?}", kept.lines[0]);
}

#[test]
fn a_quota_of_several_origins_bounds_what_is_seated() {
    let mut market = market_of(10, 6);
    let mut second = market.lines[0].shares[0].clone();
    second.corridor_code = "GT-ES".to_owned();
    market.lines[0].shares.push(second);
    market.quotas = vec![snapshot::Quota { corridor_code: "CO-ES".to_owned(), free: 4 }];
    let (outcome, _) = outcome(market, "spring");
    assert_eq!(seated(&outcome).len(), 4);
    assert_eq!((outcome.report.value, outcome.report.gap_ppm), (4 * 124, 0));
}

#[test]
fn seats_kept_for_named_workers_stay_free_without_them() {
    let mut market = market_of(10, 6);
    market.lines[0].others = Some(4);
    let (outcome, _) = outcome(market, "spring");
    assert_eq!(seated(&outcome).len(), 4);
}

#[test]
fn groups_and_least_crews_are_checked_where_there_are_any_and_beds_that_are_left_are_told() {
    let told = |market: Snapshot| {
        let (outcome, _) = outcome(market, "spring");
        let checks = outcome.report.checks.iter().skip(8).map(|check| (check.name.clone(), check.looked_at));
        (checks.collect::<Vec<_>>(), outcome.lines[0].beds_left, seated(&outcome))
    };
    let mut market = market_of(5, 4);
    assert_eq!(told(market.clone()).0, []);
    market.candidates[3..].iter_mut().for_each(|person| person.crew = "c".to_owned());
    market.candidates[4].seasons_returned = 1;
    market.lines[0].least = 3;
    let day = market.lines[0].starts_on;
    market.lines[0].beds.insert(day, 3);
    let (checks, left, seats) = told(market);
    assert_eq!(checks, [("TOGETHER".to_owned(), Some(1)), ("LEAST_CREW".to_owned(), Some(1))]);
    assert_eq!((left, seats.len(), &seats[1..]), (Some(0), 3, [3, 4].as_slice()), "three beds for four seats");
}

#[test]
fn a_seat_says_what_decided_about_it() {
    let mut market = market_of(10, 6);
    market.lines[0].named.insert(market.candidates[0].id);
    market.candidates[1].first = true;
    for at in [2, 3, 9] {
        market.candidates[at].seasons_returned = 4;
    }
    let whys = |market: &Snapshot| {
        let (outcome, _) = outcome(market.clone(), "spring");
        outcome.seats.iter().map(|seat| (seat.candidate, seat.rank > 0, seat.why)).collect::<Vec<_>>()
    };
    let alone = whys(&market);
    let [named, first, second, third, drawn, best] = [0, 1, 2, 3, 4, 5].map(|at| alone[at]);
    assert_eq!([named, first], [(0, false, Why::Named), (1, false, Why::First)]);
    assert_eq!(
        [second, third, best],
        [2, 3, 9].map(|at| (at, false, Why::Score)),
        "nobody scores as much without a seat"
    );
    assert_eq!((drawn.1, drawn.2), (false, Why::Draw), "five others of the same score got none");
    assert!(alone.len() > 6 && alone[6..].iter().all(|(_, listed, why)| *listed && *why == Why::Score), "{alone:?}");

    for (name, wanted) in [("crew", Why::Crew), ("family", Why::Family)] {
        let mut together = market.clone();
        for at in [2, 3] {
            let person = &mut together.candidates[at];
            let mark = if name == "crew" { &mut person.crew } else { &mut person.family };
            mark.push('x');
        }
        assert_eq!(whys(&together)[2..4], [2, 3].map(|at| (at, false, wanted)), "{name}");
    }

    // Who goes with others could not have had the seat instead: nothing was drawn.
    let mut two = market_of(3, 1);
    two.candidates[2].seasons_returned = 1;
    two.candidates[1].seasons_returned = 1;
    assert_eq!(whys(&two)[0].2, Why::Draw);
    for at in [0, 1] {
        two.candidates[at].crew.push('x');
    }
    assert_eq!(whys(&two)[0], (2, false, Why::Score), "a crew of two has no room on one seat");
}

#[test]
fn a_plan_that_is_not_what_it_says_is_no_round() {
    let mut unfit = market_of(4, 2);
    unfit.candidates[3].fit_until = None;
    let snapshot = Arc::new(unfit);
    let (market, limits) = market::build(snapshot.clone()).unwrap();
    let plan = solve(&snapshot, &market, "spring");
    assert!(conclude(&snapshot, (&market, &limits), &plan).is_ok());
    let broken = |snapshot: &Snapshot, change: fn(&mut Plan)| -> Vec<String> {
        let mut plan = plan.clone();
        change(&mut plan);
        let checks = conclude(snapshot, (&market, &limits), &plan).unwrap_err();
        checks.into_iter().filter(|check| !check.passed).map(|check| check.name).collect()
    };
    type Change = fn(&mut Plan);
    let changes: [(&str, Change); 7] = [
        ("BOUND", |plan| plan.value += 1),
        ("BOUND", |plan| plan.duals.lines[0] = -1),
        ("CAPACITY", |plan| plan.assignments[..3].fill(Some(LineIx(0)))),
        ("ELIGIBLE", |plan| plan.assignments[3] = Some(LineIx(0))),
        ("LOTTERY", |plan| plan.duals.draws = vec![0; 4]),
        ("ONE_SEAT_EACH", |plan| plan.duals.lines.push(0)),
        ("RESERVE", |plan| plan.reserve[0].clear()),
    ];
    for (name, change) in changes {
        let found = broken(&snapshot, change);
        assert!(found.iter().any(|found| found == name), "{name} is not in {found:?}");
    }
    // The market itself may have been told wrongly: rules are judged anew.
    let mut old = Snapshot::clone(&snapshot);
    old.candidates.iter_mut().for_each(|person| person.rostered_until = None);
    assert_eq!(broken(&old, |_| {}), ["RULES"]);
}
