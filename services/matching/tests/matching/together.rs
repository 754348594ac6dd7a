//! Families, crews, least crews and shared beds, from the events that tell them to the proposals that keep them.

use std::collections::BTreeSet;

use proto::{
    candidate as people, demand, matching as wire,
    placement::{LineEvent, Stage, placement_envelope::Aggregate},
};
use uuid::Uuid;

use crate::{
    market::{self, ORDER, ledger, line, line_id, order, person, person_id, registered},
    world::{Client, World},
};

const OTHER: Uuid = Uuid::from_u128(0x0e);

/// Person n of a family and a crew; more months, more points.
fn member(number: u128, months: i32, (family, crew): (&str, &str)) -> people::Candidate {
    let (family, crew) = (family.to_owned(), crew.to_owned());
    people::Candidate { family, crew, ..person(number, "CO", ("9211", months)) }
}

/// Lines 1 and 2 of one order with two seats each; their people sleep in one house of three beds. Line 3 of another order with
/// five seats, for three people at least.
fn orders(beds: i32) -> Vec<proto::demand::DemandEvent> {
    let housed = |number| demand::OrderLine { housing: "Mas Pi".to_owned(), beds, ..line(number, 2, "9211") };
    let third = demand::OrderLine { least_crew: 3, ..line(3, 5, "9211") };
    vec![order(ORDER, vec![housed(1), housed(2)], 1), order(OTHER, vec![third], 1)]
}

async fn tell(world: &World, crowd: Vec<people::Candidate>) {
    let all = i64::try_from(crowd.len()).expect("few people");
    world.publish(market::programme()).await;
    world.publish(orders(3)).await;
    world.publish(crowd.into_iter().map(registered).collect()).await;
    let ledgers = [(1, 2), (2, 2), (3, 5)].map(|(number, posted)| ledger((line_id(number), posted, 0), &["CO-ES"], 1));
    world.publish(ledgers.to_vec()).await;
    world.knows("candidate", "SELECT count(*) FROM candidate", all).await;
    world.knows("line_ledger", "SELECT count(*) FROM line_ledger", 3).await;
    world.knows("job_line", "SELECT count(*) FROM job_line", 3).await;
    market::programme_known(world).await;
}

/// Who is proposed for a seat of a line, by number, with the mark of those with whom the person goes.
fn proposed(proposals: &[wire::LineProposal], line: u128) -> Vec<(u128, String)> {
    let of_line = proposals.iter().filter(|proposal| proposal.line_id == line_id(line).to_string());
    let seats = of_line.flat_map(|proposal| &proposal.entries).filter(|entry| entry.reserve_rank == 0);
    let number = |id: &str| id.parse::<Uuid>().expect("an id").as_u128() - person_id(0).as_u128();
    let mut all: Vec<(u128, String)> =
        seats.map(|entry| (number(&entry.candidate_id), entry.together.clone())).collect();
    all.sort();
    all
}

fn numbers(seats: &[(u128, String)]) -> Vec<u128> {
    seats.iter().map(|(number, _)| *number).collect()
}

async fn told(world: &World, client: &mut Client, (round, number): (&str, u128)) -> wire::Reason {
    let (round_id, candidate_id) = (round.to_owned(), person_id(number).to_string());
    let request = wire::ExplainCandidateRequest { round_id, candidate_id, changes: false };
    let told = client.explain_candidate(world.bench.call("operator", request)).await.expect("told").into_inner();
    told.reasons[0].clone()
}

async fn told_of_line(world: &World, client: &mut Client, (round, number): (&str, u128)) -> wire::LineExplanation {
    let (round_id, line_id) = (round.to_owned(), line_id(number).to_string());
    let request = wire::ExplainLineRequest { round_id, line_id, changes: false };
    client.explain_line(world.bench.call("operator", request)).await.expect("told").into_inner()
}

/// Of each line, in their order: seats filled, seats that were free, and what decided.
async fn of_lines(world: &World, client: &mut Client, round: &str) -> Vec<(i64, i64, String)> {
    let mut of_line = Vec::new();
    for number in 1..=3 {
        let told = told_of_line(world, client, (round, number)).await;
        of_line.push((told.seats_filled, told.seats_open, told.reasons[0].code.clone()));
    }
    of_line
}

/// Why seats of the house stay free, line by line.
fn free_in_the_house(of_line: &[(i64, i64, String)]) -> Vec<&str> {
    of_line[..2].iter().filter(|line| line.0 < line.1).map(|(.., code)| code.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn families_and_crews_are_proposed_whole_within_beds_and_least_crews_or_told_why_not() {
    let (mut world, mut client) = World::start().await;
    // A family of three, a crew of three, a couple of whom one is not on the roster, one who scores most, one who scores least.
    let mut couple = [member(7, 40, ("couple", "")), member(8, 40, ("couple", ""))];
    couple[1].state = people::CandidateState::Registered.into();
    let crowd = (1..=3)
        .map(|number| member(number, 10, ("family", "")))
        .chain((4..=6).map(|number| member(number, 10, ("", "crew"))))
        .chain(couple)
        .chain([member(9, 45, ("", "")), member(10, 1, ("", ""))])
        .collect();
    tell(&world, crowd).await;
    let round = world.computed(&mut client, "spring").await;
    let checks: Vec<&str> = round.checks.iter().map(|check| check.name.as_str()).collect();
    assert!(checks.contains(&"TOGETHER") && checks.contains(&"LEAST_CREW"), "{checks:?}");
    // All but the couple: three in the house of three beds, five on line 3.
    assert_eq!((round.seats_filled, round.reserves), (8, 0));
    world.published(&mut client, &round.id).await;
    let proposals = world.proposals().await;
    let [first, second, third] = [1, 2, 3].map(|line| proposed(&proposals, line));
    let mut house = [numbers(&first), numbers(&second)].concat();
    house.sort_unstable();
    assert_eq!(house, [1, 2, 3], "the family in one house, on two lines of one order");
    assert_eq!(numbers(&third), [4, 5, 6, 9, 10]);
    let mark = |seats: &[(u128, String)]| seats.iter().map(|(_, mark)| mark.clone()).collect::<BTreeSet<String>>();
    let of_family = mark(&[first, second].concat());
    assert_eq!((of_family.len(), of_family.contains("")), (1, false), "one mark on both lines: {of_family:?}");
    let of_third: Vec<&str> = third.iter().map(|(_, mark)| mark.as_str()).collect();
    assert!(!of_third[0].is_empty() && of_third[..3].iter().all(|mark| *mark == of_third[0]), "{of_third:?}");
    assert_eq!(of_third[3..], ["", ""], "who goes alone");
    assert!(!of_family.contains(of_third[0]));
    let seats = |line: u128| {
        let of_line = proposals.iter().filter(move |proposal| proposal.line_id == line_id(line).to_string());
        of_line.flat_map(|proposal| &proposal.entries)
    };
    for (own, other) in [(1, 2), (2, 1)] {
        let others: Vec<&String> = seats(other).map(|entry| &entry.placement_id).collect();
        for entry in seats(own) {
            let elsewhere: Vec<&String> = entry.elsewhere.iter().collect();
            assert!(!entry.crew && elsewhere.len() == others.len(), "{entry:?}");
            assert!(elsewhere.iter().all(|id| others.contains(id)), "the family on the other line: {entry:?}");
        }
    }
    assert!(seats(3).all(|entry| entry.crew != entry.together.is_empty() && entry.elsewhere.is_empty()));
    // Person 7 scores well and has no seat, for person 8 is not on the roster; the answer does not say who that is.
    let reason = told(&world, &mut client, (&round.id, 7)).await;
    assert_eq!(reason.code, "TOGETHER_NOT_WHOLE");
    assert_eq!((reason.numbers["people"], reason.numbers["out"], reason.arguments.len()), (2, 1, 0));
    // No line counts person 7 among those who may take a seat of it.
    let of_line = told_of_line(&world, &mut client, (&round.id, 1)).await;
    let closed: Vec<(&str, i64)> =
        of_line.closed.iter().map(|closed| (closed.rule.as_str(), closed.candidates)).collect();
    assert_eq!((of_line.eligible, closed), (8, vec![("TOGETHER_NOT_WHOLE", 1)]));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beds_of_earlier_placements_count_and_lines_say_why_their_seats_stay_free() {
    let (mut world, mut client) = World::start().await;
    tell(&world, (1..=2).map(|number| member(number, 10, ("", ""))).collect()).await;
    // Somebody sleeps in the house already, by a placement on line 1: two beds are left for three seats.
    let (id, line, person) = (Uuid::from_u128(0xb1).to_string(), line_id(1).to_string(), person_id(99).to_string());
    world.publish(vec![market::placement((&id, &line, &person), Stage::Selected, 1)]).await;
    world.knows("placement", "SELECT count(*) FROM placement WHERE holds_seat", 1).await;
    let round = world.computed(&mut client, "spring").await;
    let of_line = of_lines(&world, &mut client, &round.id).await;
    assert_eq!(of_line[2], (0, 5, "LEAST_CREW_NOT_REACHED".to_owned()), "two people, and three are needed");
    assert_eq!((of_line[0].0 + of_line[1].0, of_line[0].1, of_line[1].1), (2, 1, 2), "{of_line:?}");
    let free = free_in_the_house(&of_line);
    assert_eq!(free, ["BEDS_TAKEN"], "three beds, one of them taken before the round: {of_line:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_promised_to_the_reserve_list_keeps_its_bed() {
    let (mut world, mut client) = World::start().await;
    tell(&world, (1..=8).map(|number| member(number, 10, ("", ""))).collect()).await;
    // A seat of line 1 waits for the next on the list: one is left there and two on line 2, with two beds for the three.
    let mut promised = ledger((line_id(1), 2, 0), &["CO-ES"], 2);
    let Some(Aggregate::Line(LineEvent { state: Some(state), .. })) = promised.aggregate.as_mut() else {
        panic!("a ledger is of a line")
    };
    state.promised = 1;
    world.publish(vec![promised]).await;
    world.knows("line_ledger", "SELECT count(*) FROM line_ledger WHERE version = 2", 1).await;
    let round = world.computed(&mut client, "spring").await;
    let of_line = of_lines(&world, &mut client, &round.id).await;
    assert_eq!((of_line[0].1, of_line[1].1, of_line[2].0), (1, 2, 5), "{of_line:?}");
    assert_eq!(of_line[0].0 + of_line[1].0, 2, "the third bed is promised with its seat: {of_line:?}");
    assert_eq!(free_in_the_house(&of_line), ["BEDS_TAKEN"], "{of_line:?}");
    world.stop().await;
}
