//! What a round promises.

use platform::{Refused, testing::request_id};
use proto::{
    common,
    matching::{self as wire, RoundState},
    placement::Stage,
};

use crate::{
    market::{self, line_id, person_id},
    world::{Client, World},
};

fn ids(pairs: &[wire::RoundPair]) -> Vec<String> {
    let mut ids: Vec<String> = pairs.iter().map(|pair| pair.candidate_id.clone()).collect();
    ids.sort();
    ids
}

fn people(numbers: &[u128]) -> Vec<String> {
    numbers.iter().map(|number| person_id(*number).to_string()).collect()
}

pub(crate) fn reason(status: &tonic::Status) -> String {
    Refused::from_status(status).reason
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_goes_out_exactly_once_through_a_restart() {
    let (mut world, mut client) = World::start().await;
    market::tell(&world).await;
    let round = world.computed(&mut client, "spring").await;
    assert_eq!((round.number, round.version, round.candidates, round.lines), (1, 1, 8, 2));
    assert_eq!((round.seats_open, round.seats_filled, round.reserves, round.gap_ppm), (3, 3, 2, 0));
    assert!(round.checks.len() >= 7 && round.checks.iter().all(|check| check.passed), "{:?}", round.checks);
    assert_eq!((round.goals[0].name.as_str(), round.goals[0].reached, round.goals[0].of), ("RECALLS", 1, 1));
    // 100 + 3 points a month: 130 for the named one, 220 for the best; 124 by the defaults of GT-ES.
    assert_eq!((round.value, round.bound), (130 + 220 + 124, 130 + 220 + 124));
    assert!(world.proposals().await.is_empty(), "a preview tells nobody");

    // As if the process died right after it was asked to publish.
    world.stop().await;
    world.execute("UPDATE round SET state = 3, publishing_at = clock_timestamp()").await;
    let mut client = world.run().await;
    let busy = compute(&world, &mut client, "other").await.unwrap_err();
    assert_eq!(reason(&busy), "ROUND_BUSY");
    let published = world.published(&mut client, &round.id).await;
    assert_eq!((published.state(), published.version), (RoundState::Published, 2));
    world.stop().await;
    let mut client = world.run().await;
    assert_eq!(world.published(&mut client, &round.id).await, published);

    let proposals = world.proposals().await;
    assert_eq!(proposals.len(), 2);
    let first = proposals.iter().find(|proposal| proposal.line_id == line_id(1).to_string()).expect("line 1");
    let entries: Vec<(String, i32, bool)> =
        first.entries.iter().map(|entry| (entry.candidate_id.clone(), entry.reserve_rank, entry.named)).collect();
    let person = |number: u128| person_id(number).to_string();
    assert_eq!(entries, [(person(1), 0, true), (person(4), 0, false), (person(3), 1, false)]);
    assert_eq!((first.line_version, first.entries[0].candidate_version), (1, 1));
    assert_eq!(first.entries[0].quota_id, market::quota_id("CO-ES").to_string());
    let rounds = world.number("SELECT count(*) FROM outbox WHERE aggregatetype = 'round'").await;
    assert_eq!(rounds, 2, "computed and published, once each");
    let tally = client.tally(world.bench.call("auditor", common::TallyRequest {})).await.unwrap().into_inner();
    let positions: Vec<(&str, i64, i64)> =
        tally.positions.iter().map(|at| (at.aggregate.as_str(), at.aggregates, at.events)).collect();
    assert_eq!(positions, [("round", 1, 2), ("line_proposal", 2, 2)]);
    let figure = |figure: &str, corridor: &str| {
        let count = tally.counts.iter().find(|count| count.figure == figure && count.corridor == corridor);
        count.map(|count| count.value)
    };
    assert_eq!(figure("rounds", "*-ES"), Some(1));
    assert_eq!((figure("proposals", "CO-ES"), figure("proposals", "GT-ES")), (Some(2), Some(1)));
    assert_eq!((figure("reserves", "CO-ES"), figure("reserves", "GT-ES")), (Some(1), Some(1)));
    world.stop().await;
}

pub(crate) fn asked(seed: &str) -> wire::ComputeRoundRequest {
    wire::ComputeRoundRequest {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        as_of: "2026-01-10".to_owned(),
        seed: seed.to_owned(),
        request_id: request_id(),
    }
}

pub(crate) async fn compute(world: &World, client: &mut Client, seed: &str) -> Result<wire::Round, tonic::Status> {
    client.compute_round(world.bench.call("operator", asked(seed))).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_market_and_seed_give_the_same_plan_and_another_seed_another_draw() {
    let (world, mut client) = World::start().await;
    world.publish(market::programme()).await;
    world.publish(vec![market::order(market::ORDER, vec![market::line(1, 5, "9211")], 1)]).await;
    let crowd = (1..=40).map(|number| market::registered(market::person(number, "CO", ("9211", 10))));
    world.publish(crowd.collect()).await;
    world.publish(vec![market::ledger((line_id(1), 5, 0), &["CO-ES"], 1)]).await;
    world.knows("candidate", "SELECT count(*) FROM candidate", 40).await;
    world.knows("the rest", "SELECT (SELECT count(*) FROM line_ledger) + (SELECT count(*) FROM job_line) + (SELECT count(*) FROM season) + (SELECT count(*) FROM rule_pack)", 4).await;
    let first = world.computed(&mut client, "spring").await;
    let again = world.computed(&mut client, "spring").await;
    let other = world.computed(&mut client, "summer").await;
    assert_eq!((&first.snapshot_hash, &first.plan_hash), (&again.snapshot_hash, &again.plan_hash));
    assert_eq!(first.snapshot_hash, other.snapshot_hash);
    assert_ne!(first.plan_hash, other.plan_hash);
    let [first_won, other_won] = [&first, &other].map(|round| round.id.clone());
    let first_won = ids(&world.pairs(&mut client, ("operator", &first_won, false)).await);
    let other_won = ids(&world.pairs(&mut client, ("operator", &other_won, false)).await);
    assert_ne!(first_won, other_won);
    // The draw anybody can repeat: the least digests of the seed and the ministry's reference.
    let mut draw: Vec<(Vec<u8>, u128)> =
        (1..=40).map(|number| (digest(&format!("springCO/reference {number}")), number)).collect();
    draw.sort();
    let mut winners: Vec<u128> = draw[..5].iter().map(|(_, number)| *number).collect();
    winners.sort_unstable();
    assert_eq!(first_won, people(&winners));
    // One of the previews goes out; the others rest on seats that are given, or on people.
    world.published(&mut client, &again.id).await;
    world.execute("UPDATE round SET destination = 'CA' WHERE number = 1").await;
    for stale in [&first, &other] {
        let request =
            wire::PublishRoundRequest { round_id: stale.id.clone(), request_id: request_id(), expected_version: 0 };
        let refused = client.publish_round(world.bench.call("operator", request)).await.unwrap_err();
        assert_eq!(reason(&refused), "ROUND_OVERTAKEN");
    }
    let request = wire::DiscardRoundRequest { round_id: first.id, reason: "stale".into(), request_id: request_id() };
    let discarded = client.discard_round(world.bench.call("operator", request)).await.unwrap().into_inner();
    assert_eq!((discarded.state(), discarded.version), (RoundState::Discarded, 2));
}

fn digest(text: &str) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(text).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_ministry_sees_its_own_people_and_learns_the_rule_that_kept_one_out() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let round = world.computed(&mut client, "spring").await;
    assert!(world.pairs(&mut client, ("co", &round.id, false)).await.is_empty(), "nothing is decided in a preview");
    world.published(&mut client, &round.id).await;
    let of_co = world.pairs(&mut client, ("co", &round.id, false)).await;
    let of_gt = world.pairs(&mut client, ("gt", &round.id, false)).await;
    assert_eq!(ids(&of_co), people(&[1, 4]));
    assert_eq!(of_gt.len(), 1);
    assert!(ids(&of_gt) == people(&[6]) || ids(&of_gt) == people(&[7]), "either of two equals");
    assert_eq!(world.pairs(&mut client, ("union", &round.id, false)).await.len(), 3);
    let parts: Vec<(&str, i64)> = of_co
        .iter()
        .find(|pair| pair.candidate_id == person_id(4).to_string())
        .map(|pair| pair.parts.iter().map(|part| (part.rule.as_str(), part.points)).collect())
        .expect("person 4");
    assert_eq!(parts, [("score.base", 100), ("score.per_experience_month", 120)]);

    let explain = |user: &str, number: u128| {
        let request = wire::ExplainCandidateRequest {
            round_id: round.number.to_string(),
            candidate_id: person_id(number).to_string(),
            changes: false,
        };
        let (mut client, call) = (client.clone(), world.bench.call(user, request));
        async move { client.explain_candidate(call).await.map(tonic::Response::into_inner) }
    };
    let old = explain("co", 5).await.expect("an explanation");
    let closed: Vec<(&str, i64)> = old.closed.iter().map(|closed| (closed.rule.as_str(), closed.lines)).collect();
    assert_eq!(closed, [("isco", 1), ("candidate.age_max", 1)]);
    let unfit = explain("gt", 8).await.expect("an explanation");
    assert_eq!((unfit.closed[0].rule.as_str(), unfit.closed[0].lines), ("candidate.fitness_required", 2));
    let second = explain("co", 2).await.expect("an explanation");
    assert_eq!((second.near[0].score, second.near[0].full), (160, true));
    assert!(second.near[0].price > 160 && second.near[0].price <= 220, "{:?}", second.near[0]);
    let seated = explain("co", 1).await.expect("an explanation");
    assert!(seated.summary.starts_with("Seated on line 1"), "{}", seated.summary);
    let others = explain("gt", 5).await.unwrap_err();
    assert_eq!(others.code(), tonic::Code::NotFound, "not yours is not there");

    let request =
        wire::ExplainLineRequest { round_id: round.id.clone(), line_id: line_id(1).to_string(), changes: false };
    let line = client.explain_line(world.bench.call("union", request.clone())).await.unwrap().into_inner();
    assert_eq!((line.eligible, line.seats_filled, line.lowest_score, line.reserves.len()), (4, 2, 130, 1));
    let foreign = client.explain_line(world.bench.call("gt", request)).await.unwrap_err();
    assert_eq!(foreign.code(), tonic::Code::NotFound);
    let request =
        wire::PublishRoundRequest { round_id: round.id.clone(), request_id: request_id(), expected_version: 0 };
    let refused = client.publish_round(world.bench.call("union", request)).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_seat_and_no_person_is_proposed_twice_by_rounds_in_a_row() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let first = world.computed(&mut client, "spring").await;
    world.published(&mut client, &first.id).await;
    // Nobody has answered yet: the seats are on their way.
    let second = world.computed(&mut client, "spring").await;
    assert_eq!((second.lines, second.seats_open), (0, 0));

    let pairs = world.pairs(&mut client, ("operator", &first.id, false)).await;
    let on_first: Vec<&wire::RoundPair> = pairs.iter().filter(|pair| pair.line_id == line_id(1).to_string()).collect();
    let named = |pair: &wire::RoundPair| (pair.placement_id.clone(), pair.line_id.clone(), pair.candidate_id.clone());
    let [kept, refused] = [on_first[0], on_first[1]].map(named);
    // One becomes a placement, whose ledger has not moved yet; the other is refused.
    world.publish(vec![market::placement((&kept.0, &kept.1, &kept.2), Stage::Proposed, 1)]).await;
    world.publish(vec![market::refusal((&refused.0, &refused.1, &refused.2), "NOT_ELIGIBLE")]).await;
    world.knows("answers", "SELECT count(*) FROM round_pair WHERE answered", 2).await;
    let third = world.computed(&mut client, "spring").await;
    assert_eq!((third.lines, third.seats_open), (1, 1), "the refused seat is free again, the kept one is not");
    let given = world.pairs(&mut client, ("operator", &third.id, false)).await;
    assert_eq!(given.len(), 1);
    assert!(given[0].candidate_id != kept.2 && given[0].candidate_id != refused.2, "{given:?}");

    // The ledger says the same; then the placement ends and both are free, but not for those two.
    world.publish(vec![market::ledger((line_id(1), 2, 1), &["CO-ES"], 2)]).await;
    world.knows("ledgers", "SELECT max(version) FROM line_ledger", 2).await;
    assert_eq!(world.computed(&mut client, "spring").await.seats_open, 1);
    world.publish(vec![market::placement((&kept.0, &kept.1, &kept.2), Stage::Cancelled, 2)]).await;
    world.publish(vec![market::ledger((line_id(1), 2, 0), &["CO-ES"], 3)]).await;
    world.knows("ledgers", "SELECT max(version) FROM line_ledger", 3).await;
    world.knows("placements", "SELECT max(version) FROM placement", 2).await;
    let last = world.computed(&mut client, "spring").await;
    assert_eq!(last.seats_open, 2);
    let given = ids(&world.pairs(&mut client, ("operator", &last.id, false)).await);
    assert!(!given.contains(&kept.2) && !given.contains(&refused.2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_state_changes_nothing_and_a_withdrawn_order_takes_its_lines_away() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let mut gone = market::person(4, "CO", ("9211", 40));
    (gone.state, gone.version) = (proto::candidate::CandidateState::Withdrawn.into(), 3);
    let late = { proto::candidate::Candidate { version: 2, ..market::person(4, "CO", ("9211", 40)) } };
    world.publish(vec![market::registered(gone), market::registered(late)]).await;
    world.knows("candidate", "SELECT max(version) FROM candidate", 3).await;
    // An order of the same topic and partition key, so that the late state has been read by then.
    assert_eq!(world.computed(&mut client, "spring").await.candidates, 7);
    let mut order = market::order(market::ORDER, vec![market::line(2, 1, "9213")], 2);
    world.publish(vec![order.clone()]).await;
    world.knows("job_line", "SELECT count(*) FROM job_line", 1).await;
    assert_eq!(world.computed(&mut client, "spring").await.lines, 1);
    let Some(proto::demand::demand_event::Aggregate::JobOrder(event)) = order.aggregate.as_mut() else { panic!() };
    let state = event.state.as_mut().expect("a state");
    (state.state, state.version) = (proto::demand::JobOrderState::Withdrawn.into(), 3);
    world.publish(vec![order]).await;
    world.knows("job_line", "SELECT count(*) FROM job_line", 0).await;
    assert_eq!(world.computed(&mut client, "spring").await.lines, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computation_ends_with_its_process_and_only_one_works_at_a_time() {
    let (mut world, mut client) = World::start().await;
    market::tell(&world).await;
    world
        .execute(
            "INSERT INTO round (id, number, season_code, destination, as_of, seed, state)
             VALUES ('00000000-0000-0000-0000-0000000000aa', 7, '2026', 'ES', '2026-01-10', 'lost', 1)",
        )
        .await;
    assert_eq!(reason(&compute(&world, &mut client, "spring").await.unwrap_err()), "ROUND_BUSY");
    world.stop().await;
    let mut client = world.run().await;
    let lost = world.ended(&client, "7").await;
    assert_eq!(lost.state(), RoundState::Failed);
    assert_eq!((lost.failure.as_str(), lost.version), ("ended with the process; compute again", 0));
    assert_eq!(lost.failed_because.expect("a code").code, "PROCESS_ENDED");
    assert_eq!(world.computed(&mut client, "spring").await.number, 8);
    let unknown = wire::ComputeRoundRequest {
        season_code: "1999".to_owned(),
        destination: "ES".to_owned(),
        as_of: "2026-01-10".to_owned(),
        seed: "spring".to_owned(),
        request_id: request_id(),
    };
    let refused = client.compute_round(world.bench.call("operator", unknown)).await.unwrap_err();
    assert_eq!(reason(&refused), "SEASON_UNKNOWN");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_refused_for_the_line_s_sake_has_the_seat_in_the_next_round() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let first = world.computed(&mut client, "spring").await;
    world.published(&mut client, &first.id).await;
    let pairs = world.pairs(&mut client, ("operator", &first.id, false)).await;
    // Placement found the line full meanwhile: its ledger says so. Nobody else is answered.
    let stale = pairs.iter().find(|pair| pair.candidate_id == person_id(4).to_string()).expect("the best of line 1");
    let stale = (stale.placement_id.as_str(), stale.line_id.as_str(), stale.candidate_id.as_str());
    world.publish(vec![market::ledger((line_id(1), 2, 2), &["CO-ES"], 2)]).await;
    world.publish(vec![market::refusal(stale, "NO_ROOM")]).await;
    world.knows("answers", "SELECT count(*) FROM round_pair WHERE answered", 1).await;
    world.knows("ledgers", "SELECT max(version) FROM line_ledger", 2).await;
    let full = world.computed(&mut client, "spring").await;
    assert_eq!((full.lines, full.seats_open), (0, 0), "a stale proposal frees no seat that the ledger has given");
    // The seat falls free again: the person takes part as before, before others who score less.
    world.publish(vec![market::ledger((line_id(1), 2, 0), &["CO-ES"], 3)]).await;
    world.knows("ledgers", "SELECT max(version) FROM line_ledger", 3).await;
    let next = world.computed(&mut client, "spring").await;
    assert_eq!(next.seats_open, 1, "the other seat is on its way to the worker asked for by name");
    assert_eq!(ids(&world.pairs(&mut client, ("operator", &next.id, false)).await), people(&[4]));
}
