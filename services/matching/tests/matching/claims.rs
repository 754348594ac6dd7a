//! Claims before every score: what a placement leaves behind for the rounds after it, a recall of its union or an offer that
//! was taken back, and a ground that a pack puts first.

use proto::{
    candidate as people,
    matching::{self as wire, PairReason},
    placement::{self, PlacementEnvelope, Stage, placement_envelope::Aggregate},
    programme::{self, ProgrammeEvent},
};
use uuid::Uuid;

use crate::{
    market::{self, ledger, line, line_id, order, person, person_id, registered},
    world::{Client, UNION, World},
};

/// A placement with days for its steps.
fn told(
    (id, number, line): (u128, u128, u128),
    (stage, version): (Stage, i64),
    change: impl Fn(&mut placement::Placement),
) -> PlacementEnvelope {
    let (id, line, person) =
        (Uuid::from_u128(id).to_string(), line_id(line).to_string(), person_id(number).to_string());
    let mut envelope = market::placement((&id, &line, &person), stage, version);
    let Some(Aggregate::Placement(event)) = envelope.aggregate.as_mut() else { panic!("a placement") };
    change(event.state.as_mut().expect("a state"));
    envelope
}

fn step(stage: Stage, command: &str, on: &str) -> placement::Step {
    placement::Step {
        stage: stage.into(),
        command: command.to_owned(),
        occurred_on: on.to_owned(),
        ..Default::default()
    }
}

/// Person 2 worked for the union in 2025, came home and was recalled.
fn recalled(version: i64) -> PlacementEnvelope {
    told((0xa1, 2, 8), (Stage::ReEntryEligible, version), |state| {
        state.season_code = "2025".to_owned();
        (state.starts_on, state.ends_on) = ("2025-03-01".to_owned(), "2025-08-31".to_owned());
        (state.taken_from, state.taken_until) = ("2025-03-01".to_owned(), "2025-09-10".to_owned());
        state.recalled_on = "2025-10-01".to_owned();
        state.steps =
            vec![step(Stage::Proposed, "Propose", "2025-01-10"), step(Stage::WorkEnded, "CompleteWork", "2025-08-31")];
    })
}

/// Person 3 was chosen for this season, and the union took the offer back.
fn taken_back() -> PlacementEnvelope {
    told((0xa2, 3, 9), (Stage::Cancelled, 4), |state| {
        state.next_round_first = true;
        state.steps =
            vec![step(Stage::Proposed, "Propose", "2026-01-02"), step(Stage::Cancelled, "RetractOffer", "2026-01-05")];
    })
}

/// Somebody is proposed for another line of the season.
fn placed(id: u128, number: u128) -> PlacementEnvelope {
    told((id, number, 7), (Stage::Proposed, 1), |state| {
        state.steps = vec![step(Stage::Proposed, "Propose", "2026-01-10")];
    })
}

fn union() -> ProgrammeEvent {
    let state = programme::Organisation {
        id: UNION.to_string(),
        kind: programme::OrganisationKind::Union.into(),
        name: "Unió de Pagesos".to_owned(),
        country: "ES".to_owned(),
        code: "unio-de-pagesos".to_owned(),
        version: 1,
    };
    let change = Some(programme::organisation_event::Change::Registered(programme::OrganisationRegistered {}));
    let event = programme::OrganisationEvent { state: Some(state), change };
    ProgrammeEvent { aggregate: Some(programme::programme_event::Aggregate::Organisation(event)) }
}

/// One line of one seat. Person 1 scores most.
async fn tell(world: &World) {
    world.publish(market::programme()).await;
    world.publish(vec![union()]).await;
    let mut asked = line(1, 1, "9211");
    asked.substitutes = true;
    world.publish(vec![order(market::ORDER, vec![asked], 1)]).await;
    let crowd = [(1, 60), (2, 10), (3, 10)];
    world.publish(crowd.map(|(number, months)| registered(person(number, "CO", ("9211", months)))).to_vec()).await;
    world.publish(vec![ledger((line_id(1), 1, 0), &["CO-ES"], 1)]).await;
    world.publish(vec![recalled(7), taken_back()]).await;
    world.knows("claims", "SELECT count(*) FROM placement WHERE recalled_on IS NOT NULL OR next_round_first", 2).await;
    world.knows("candidate", "SELECT count(*) FROM candidate", 3).await;
    world.knows("the rest", "SELECT (SELECT count(*) FROM line_ledger) + (SELECT count(*) FROM job_line) + (SELECT count(*) FROM season) + (SELECT count(*) FROM rule_pack) + (SELECT count(*) FROM organisation)", 5).await;
}

/// Seat and goals of a round.
async fn given(world: &World, client: &mut Client) -> (wire::Round, String, Vec<(String, i64, i64)>) {
    let round = world.computed(client, "spring").await;
    let pairs = world.pairs(client, ("operator", &round.id, false)).await;
    assert_eq!(pairs.len(), 1);
    let goals = round.goals.iter().map(|goal| (goal.name.clone(), goal.reached, goal.of));
    let claims = goals.filter(|(name, ..)| name == "RECALLS" || name == "FIRST").collect();
    (round, pairs[0].candidate_id.clone(), claims)
}

async fn summary(world: &World, client: &mut Client, round: &wire::Round, number: u128) -> String {
    let request = wire::ExplainCandidateRequest {
        round_id: round.id.clone(),
        candidate_id: person_id(number).to_string(),
        changes: true,
    };
    client.explain_candidate(world.bench.call("operator", request)).await.expect("told").into_inner().summary
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_and_an_offer_taken_back_go_before_every_score_until_there_is_a_seat() {
    let (world, mut client) = World::start().await;
    tell(&world).await;
    let goal = |name: &str, reached, of| (name.to_owned(), reached, of);
    let (round, seat, goals) = given(&world, &mut client).await;
    assert_eq!(seat, person_id(2).to_string(), "asked for by name");
    assert_eq!(goals, [goal("RECALLS", 1, 1), goal("FIRST", 0, 1)]);
    let told = summary(&world, &mut client, &round, 2).await;
    assert!(told.ends_with("Asked for by name by Unió de Pagesos after season 2025."), "{told}");
    let told = summary(&world, &mut client, &round, 3).await;
    assert!(told.ends_with("Comes first: the last offer was taken back by the employer."), "{told}");
    let told = summary(&world, &mut client, &round, 1).await;
    assert!(!told.contains("by name by") && !told.contains("Comes first"), "{told}");

    // The same fact again, an older one after it, and a step more of the same placement: nothing is counted twice.
    world.publish(vec![recalled(7), recalled(6), recalled(8)]).await;
    world.knows("placements", "SELECT max(version) FROM placement", 8).await;
    let (again, seat, same) = given(&world, &mut client).await;
    assert_eq!((&again.snapshot_hash, seat, same), (&round.snapshot_hash, person_id(2).to_string(), goals));

    // Placed for this season: no longer asked for, here and in the rounds after.
    world.publish(vec![placed(0xb1, 2)]).await;
    world.knows("placements", "SELECT count(*) FROM placement", 3).await;
    let (other, seat, goals) = given(&world, &mut client).await;
    assert_eq!(seat, person_id(3).to_string(), "before person 1, who scores more");
    assert_eq!(goals, [goal("RECALLS", 0, 0), goal("FIRST", 1, 1)]);
    assert_ne!(other.snapshot_hash, round.snapshot_hash);

    world.publish(vec![placed(0xb2, 3)]).await;
    world.knows("placements", "SELECT count(*) FROM placement", 4).await;
    let (_, seat, goals) = given(&world, &mut client).await;
    assert_eq!((seat, goals), (person_id(1).to_string(), vec![goal("RECALLS", 0, 0)]));
    let mut world = world;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ground_that_the_pack_puts_first_goes_before_every_score() {
    let (mut world, mut client) = World::start().await;
    let rule = programme::Rule { key: "priority.grounds".into(), value: "DISPLACED".into(), ..Default::default() };
    let state = programme::RulePack {
        id: "CO-ES@2026-01-01".to_owned(),
        code: "CO-ES".to_owned(),
        valid_from: "2026-01-01".to_owned(),
        rules: vec![rule],
        version: 1,
        ..Default::default()
    };
    let change = Some(programme::rule_pack_event::Change::Published(programme::RulePackPublished {}));
    let event = programme::RulePackEvent { state: Some(state), change };
    let pack = ProgrammeEvent { aggregate: Some(programme::programme_event::Aggregate::RulePack(event)) };
    world.publish(market::programme()).await;
    world.publish(vec![pack]).await;
    world.publish(vec![order(market::ORDER, vec![line(1, 1, "9211")], 1)]).await;
    let displaced = people::Candidate { priorities: vec!["DISPLACED".to_owned()], ..person(2, "CO", ("9211", 10)) };
    world.publish(vec![registered(person(1, "CO", ("9211", 60))), registered(displaced)]).await;
    world.publish(vec![ledger((line_id(1), 1, 0), &["CO-ES"], 1)]).await;
    world.knows("candidate", "SELECT count(*) FROM candidate", 2).await;
    world.knows("the rest", "SELECT (SELECT count(*) FROM line_ledger) + (SELECT count(*) FROM job_line) + (SELECT count(*) FROM season) + (SELECT count(*) FROM rule_pack) + (SELECT count(*) FROM corridor) + (SELECT count(*) FROM quota)", 9).await;

    let round = world.computed(&mut client, "spring").await;
    let goals: Vec<_> = round.goals.iter().map(|goal| (goal.name.as_str(), goal.reached, goal.of)).collect();
    assert!(goals.contains(&("PRIORITY", 1, 1)), "{goals:?}");
    for (reason, wanted) in [(PairReason::Priority, vec![person_id(2).to_string()]), (PairReason::Score, Vec::new())] {
        let request =
            wire::ListRoundPairsRequest { round_id: round.id.clone(), reason: reason.into(), ..Default::default() };
        let listed = client.list_round_pairs(world.bench.call("operator", request)).await.expect("pairs").into_inner();
        let people: Vec<String> = listed.pairs.into_iter().map(|pair| pair.candidate_id).collect();
        assert_eq!(people, wanted, "{reason:?}");
    }
    let told = summary(&world, &mut client, &round, 2).await;
    assert!(told.ends_with("a ground for priority that the rules of the corridor name."), "{told}");
    let told = summary(&world, &mut client, &round, 1).await;
    assert!(told.starts_with("No seat") && !told.contains("ground for priority"), "{told}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_union_does_not_read_that_somebody_comes_first() {
    let (mut world, mut client) = World::start().await;
    tell(&world).await;
    let (round, ..) = given(&world, &mut client).await;
    world.published(&mut client, &round.id).await;
    let reserves = async |user, reason: PairReason| {
        let request = wire::ListRoundPairsRequest {
            round_id: round.id.clone(),
            reserves: true,
            reason: reason.into(),
            ..Default::default()
        };
        let listed =
            client.clone().list_round_pairs(world.bench.call(user, request)).await.expect("pairs").into_inner();
        assert_eq!(listed.total_size, i64::try_from(listed.pairs.len()).expect("few"));
        listed.pairs.iter().map(|pair| (pair.candidate_id.clone(), pair.reason())).collect::<Vec<_>>()
    };
    let person = |number, reason| (person_id(number).to_string(), reason);
    let told = [person(3, PairReason::First)];
    assert_eq!(reserves("co", PairReason::Unspecified).await, told);
    assert_eq!(reserves("co", PairReason::First).await, told);
    let told = [person(3, PairReason::Score)];
    assert_eq!(reserves("union", PairReason::Unspecified).await, told);
    assert_eq!(reserves("union", PairReason::Score).await, told);
    assert!(reserves("union", PairReason::First).await.is_empty());
    let request =
        wire::ExplainLineRequest { round_id: round.id.clone(), line_id: line_id(1).to_string(), changes: false };
    let line = client.clone().explain_line(world.bench.call("union", request)).await.expect("told").into_inner();
    assert!(line.reserves.iter().all(|pair| pair.reason() == PairReason::Score), "{:?}", line.reserves);
    assert_eq!(line.reserves.len(), 1);
    world.stop().await;
}
