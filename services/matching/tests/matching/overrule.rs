//! What-if and override: the cost told before is the cost recorded, and what goes out is what was laid down.

use platform::{
    Refused,
    testing::{eventually, request_id},
};
use prost::Message;
use proto::matching::{self as wire, OverrideKind, RoundState};

use crate::{
    market::{self, line_id, person_id},
    world::{Client, World},
};

fn reason(status: &tonic::Status) -> String {
    Refused::from_status(status).reason
}

async fn what_if(
    world: &World,
    client: &Client,
    (user, round): (&str, &str),
    (person, line, kind): (u128, u128, OverrideKind),
) -> Result<wire::WhatIfResponse, tonic::Status> {
    let request = wire::WhatIfRequest {
        round_id: round.to_owned(),
        candidate_id: person_id(person).to_string(),
        line_id: line_id(line).to_string(),
        kind: kind.into(),
    };
    client.clone().what_if(world.bench.call(user, request)).await.map(tonic::Response::into_inner)
}

fn wanted(round: &str, (person, line, kind): (u128, u128, OverrideKind)) -> wire::OverrideRoundRequest {
    wire::OverrideRoundRequest {
        round_id: round.to_owned(),
        candidate_id: person_id(person).to_string(),
        line_id: line_id(line).to_string(),
        kind: kind.into(),
        reason: format!("the farm asked for this crew{}", "é".repeat(150)),
        request_id: request_id(),
        expected_version: 0,
    }
}

async fn lay_down(
    world: &World,
    client: &Client,
    user: &str,
    request: &wire::OverrideRoundRequest,
) -> Result<wire::RoundOverride, tonic::Status> {
    client.clone().override_round(world.bench.call(user, request.clone())).await.map(tonic::Response::into_inner)
}

async fn overrides(world: &World, client: &Client, user: &str, round: &str) -> Vec<wire::RoundOverride> {
    let request = wire::ListRoundOverridesRequest { round_id: round.to_owned() };
    client.clone().list_round_overrides(world.bench.call(user, request)).await.expect("a list").into_inner().overrides
}

/// The market of [`market::tell`]: line 1 seats person 1, who is named, and person 4, the best; 3 and 2 come next.
#[tokio::test(flavor = "multi_thread")]
async fn the_cost_told_before_is_the_cost_recorded_and_the_overridden_plan_goes_out() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let round = world.computed(&mut client, "spring").await;
    let told = what_if(&world, &client, ("operator", &round.id), (2, 1, OverrideKind::Pin)).await.expect("told");
    let (before, after) = (told.before.clone().unwrap(), told.after.clone().unwrap());
    // 100 + 3 points a month: 160 of the second instead of 220 of the fourth.
    assert_eq!((before.recalls, before.seats, before.score), (1, 3, 130 + 220 + 124));
    assert_eq!((after.recalls, after.seats, after.score, after.bound), (1, 3, 130 + 160 + 124, 130 + 160 + 124));
    let moves: Vec<(String, bool, bool)> =
        told.moves.iter().map(|step| (step.candidate_id.clone(), step.from.is_some(), step.to.is_some())).collect();
    let person = |number: u128| person_id(number).to_string();
    assert_eq!(moves, [(person(4), true, false), (person(2), false, true)]);
    assert_eq!((told.moves_total, told.moves[0].from.as_ref().unwrap().line_number), (2, 1));
    assert_eq!(world.round(&mut client, &round.id).await, round, "a what-if changes nothing");

    let request = wire::OverrideRoundRequest { expected_version: 1, ..wanted(&round.id, (2, 1, OverrideKind::Pin)) };
    let done = lay_down(&world, &client, "operator", &request).await.expect("it is laid down");
    assert_eq!((done.before.clone(), done.after.clone(), done.moved), (Some(before), Some(after.clone()), 2));
    assert_eq!((done.reason.as_str(), done.kind()), (request.reason.as_str(), OverrideKind::Pin));
    assert!(!done.actor.is_empty() && !done.recorded_at.is_empty());
    let now = world.round(&mut client, &round.id).await;
    assert_eq!((now.state(), now.version, now.value), (RoundState::Preview, 2, after.score));
    assert_eq!((&now.plan_hash, &now.snapshot_hash), (&after.plan_hash, &round.snapshot_hash));
    assert!(now.checks.len() >= 7 && now.checks.iter().all(|check| check.passed), "{:?}", now.checks);

    // The same request again is the same answer; another for the pair is refused; so is one without a reason.
    assert_eq!(lay_down(&world, &client, "operator", &request).await.expect("the same"), done);
    let twice = wanted(&round.id, (2, 1, OverrideKind::Forbid));
    assert_eq!(reason(&lay_down(&world, &client, "operator", &twice).await.unwrap_err()), "PAIR_LAID_DOWN");
    let silent = wire::OverrideRoundRequest { reason: " ".to_owned(), ..wanted(&round.id, (3, 1, OverrideKind::Pin)) };
    assert_eq!(reason(&lay_down(&world, &client, "operator", &silent).await.unwrap_err()), "TEXT_LENGTH");
    let stale = wire::OverrideRoundRequest { expected_version: 1, ..wanted(&round.id, (3, 1, OverrideKind::Pin)) };
    assert_eq!(reason(&lay_down(&world, &client, "operator", &stale).await.unwrap_err()), "VERSION");
    let wordy = wire::OverrideRoundRequest { reason: "é".repeat(201), ..wanted(&round.id, (3, 1, OverrideKind::Pin)) };
    assert_eq!(reason(&lay_down(&world, &client, "operator", &wordy).await.unwrap_err()), "TEXT_LENGTH");
    assert_eq!(overrides(&world, &client, "auditor", &round.id).await, [done]);
    assert_eq!(world.number("SELECT count(*) FROM round_override").await, 1);

    let unseen =
        wire::PublishRoundRequest { round_id: round.id.clone(), request_id: request_id(), expected_version: 1 };
    let refused = client.publish_round(world.bench.call("operator", unseen)).await.unwrap_err();
    assert_eq!(reason(&refused), "VERSION", "whoever looked at the plan before the override does not send this one");
    let published = world.published(&mut client, &round.id).await;
    assert_eq!((published.state(), published.version), (RoundState::Published, 3));
    let seated: Vec<(String, bool)> = world
        .proposals()
        .await
        .into_iter()
        .filter(|proposal| proposal.line_id == line_id(1).to_string())
        .flat_map(|proposal| proposal.entries)
        .filter(|entry| entry.reserve_rank == 0)
        .map(|entry| (entry.candidate_id, entry.pinned))
        .collect();
    assert_eq!(seated, [(person(1), false), (person(2), true)], "who was pinned is told from who was chosen");
    let late = wanted(&round.id, (3, 1, OverrideKind::Pin));
    assert_eq!(reason(&lay_down(&world, &client, "operator", &late).await.unwrap_err()), "ROUND_STATE");
    assert_eq!(events(&world).await, ["RoundComputed", "RoundOverridden", "RoundPublished"]);
}

/// The facts about rounds in the outbox, in order; an override says what it cost, and neither who nor why.
async fn events(world: &World) -> Vec<&'static str> {
    let mut connection = world.superuser().await;
    let sql = "SELECT payload FROM outbox WHERE aggregatetype = 'round' ORDER BY id";
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("the outbox reads");
    let name = |row: Vec<u8>| {
        let text = String::from_utf8_lossy(&row).into_owned();
        assert!(!text.contains("the farm asked"), "a reason is free text and stays");
        let event = wire::MatchingEvent::decode(row.as_slice()).expect("an event");
        let Some(wire::matching_event::Aggregate::Round(event)) = event.aggregate else { panic!("no round") };
        match event.change.expect("a change") {
            wire::round_event::Change::Computed(_) => "RoundComputed",
            wire::round_event::Change::Published(_) => "RoundPublished",
            wire::round_event::Change::Discarded(_) => "RoundDiscarded",
            wire::round_event::Change::Overridden(told) => {
                assert_eq!(told.after.map(|after| after.score), event.state.map(|state| state.value));
                "RoundOverridden"
            }
        }
    };
    rows.into_iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn overrides_add_up_and_what_the_rules_close_nobody_lays_down() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let round = world.computed(&mut client, "spring").await;
    let closed = what_if(&world, &client, ("operator", &round.id), (5, 1, OverrideKind::Pin)).await.unwrap_err();
    let closed = Refused::from_status(&closed);
    assert_eq!(
        (closed.reason.as_str(), closed.arguments),
        ("PAIR_CLOSED", vec![("rule".into(), "candidate.age_max".into())])
    );
    let unknown = what_if(&world, &client, ("operator", &round.id), (99, 1, OverrideKind::Pin)).await.unwrap_err();
    assert_eq!(reason(&unknown), "PAIR_UNKNOWN");
    for user in ["co", "union", "auditor"] {
        let refused = what_if(&world, &client, (user, &round.id), (2, 1, OverrideKind::Pin)).await.unwrap_err();
        assert_eq!(reason(&refused), "ROLE_NEEDED", "{user}");
        let refused = lay_down(&world, &client, user, &wanted(&round.id, (2, 1, OverrideKind::Pin))).await.unwrap_err();
        assert_eq!(reason(&refused), "ROLE_NEEDED", "{user}");
    }
    // Two pins fill line 1; the named worker pays, and the second what-if counts from the first override on.
    lay_down(&world, &client, "operator", &wanted(&round.id, (2, 1, OverrideKind::Pin))).await.expect("the first");
    let second =
        lay_down(&world, &client, "operator", &wanted(&round.id, (3, 1, OverrideKind::Pin))).await.expect("the second");
    assert_eq!((second.before.unwrap().recalls, second.after.unwrap().recalls), (1, 0));
    let third = what_if(&world, &client, ("operator", &round.id), (4, 1, OverrideKind::Pin)).await.unwrap_err();
    assert_eq!(reason(&third), "SEATS_PINNED");
    let forbidden = lay_down(&world, &client, "operator", &wanted(&round.id, (4, 1, OverrideKind::Forbid)))
        .await
        .expect("the third");
    assert_eq!(forbidden.moved, 0, "who has no seat loses none");
    let listed = world.pairs(&mut client, ("operator", &round.id, true)).await;
    assert!(listed.iter().all(|pair| pair.candidate_id != person_id(4).to_string()), "nor a place in line");
    assert_eq!(overrides(&world, &client, "operator", &round.id).await.len(), 3);
    assert_eq!(world.round(&mut client, &round.id).await.version, 4);
    // A plan is explained as it stands: who was pushed out is told no score that would do.
    let request = wire::ExplainCandidateRequest {
        round_id: round.id.clone(),
        candidate_id: person_id(1).to_string(),
        changes: true,
    };
    let told = client.explain_candidate(world.bench.call("operator", request)).await.expect("told").into_inner();
    assert_eq!(told.near[0].price, 0, "{:?}", told.near);
    let whats: Vec<_> = told.changes.into_iter().filter_map(|change| change.what).collect();
    assert_eq!(whats, [wire::change::What::Seats(wire::SeatsChange { more: 1 })]);
}

/// Two overrides that were solved on the same plan: the round is locked only to be written, and the second finds it changed.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_overrides_solved_on_one_plan_the_second_is_told_that_it_changed() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let round = world.computed(&mut client, "spring").await;
    let mut other = world.superuser().await;
    sqlx::query("BEGIN").execute(&mut other).await.expect("it begins");
    sqlx::query("SELECT id FROM round FOR UPDATE").execute(&mut other).await.expect("the round is held");
    let [first, second] = [2, 3].map(|person| wanted(&round.id, (person, 1, OverrideKind::Pin)));
    let both = async {
        tokio::join!(lay_down(&world, &client, "operator", &first), lay_down(&world, &client, "operator", &second))
    };
    let released = async {
        // While somebody else holds the round both are solved; then they wait.
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
        eventually("both wait for the round", async || (world.number(waiting).await == 2).then_some(())).await;
        sqlx::query("COMMIT").execute(&mut other).await.expect("the round is let go");
    };
    let ((one, two), ()) = tokio::join!(both, released);
    let refused: Vec<String> = [&one, &two].into_iter().filter_map(|done| done.as_ref().err()).map(reason).collect();
    assert_eq!(refused, ["ROUND_CHANGED"], "{one:?} {two:?}");
    assert_eq!(world.round(&mut client, &round.id).await.version, 2);
    assert_eq!(world.number("SELECT count(*) FROM round_override").await, 1);
    // Who was refused asks again with the same request, on the plan as it stands now.
    let again = if one.is_err() { &first } else { &second };
    lay_down(&world, &client, "operator", again).await.expect("now it is laid down");
    assert_eq!(world.round(&mut client, &round.id).await.version, 3);
}
