//! What placements do to candidates.

use platform::{
    Refused,
    testing::{eventually, request_id},
};
use proto::{
    candidate::{
        CandidateRecord, CandidateState, GetCandidateNameRequest, GetCandidateRecordRequest, ListCandidatesRequest,
    },
    placement::{
        Placement, PlacementEnvelope, PlacementEvent, PlacementMoved, RosterEffect, Stage, Step, placement_envelope,
        placement_event,
    },
};
use tonic::Code;

use crate::{
    file, get, row,
    world::{self, World},
};

/// A placement of somebody, as its owner tells of it step by step.
struct Story {
    state: Placement,
}

impl Story {
    fn of(candidate_id: &str) -> Self {
        let state = Placement {
            id: request_id(),
            candidate_id: candidate_id.to_owned(),
            ministry_id: world::SENA.to_string(),
            union_id: world::UNION.to_string(),
            ..Default::default()
        };
        Self { state }
    }

    /// One step further.
    fn step(&mut self, stage: Stage, on: &str) -> PlacementEnvelope {
        self.state.version += 1;
        self.state.stage = stage as i32;
        self.state.steps.push(Step {
            version: self.state.version,
            stage: stage as i32,
            occurred_on: on.to_owned(),
            ..Default::default()
        });
        told(self.state.clone())
    }

    /// The end before departure.
    fn cancelled(&mut self, on: &str, reason: &str, effect: RosterEffect) -> PlacementEnvelope {
        self.cancelled_by("", on, reason, effect)
    }

    fn cancelled_by(&mut self, command: &str, on: &str, reason: &str, effect: RosterEffect) -> PlacementEnvelope {
        self.state.reason = reason.to_owned();
        self.state.roster_effect = effect as i32;
        self.step(Stage::Cancelled, on);
        self.state.steps.last_mut().unwrap().command = command.to_owned();
        told(self.state.clone())
    }
}

fn told(state: Placement) -> PlacementEnvelope {
    let change = Some(placement_event::Change::Moved(PlacementMoved::default()));
    let event = PlacementEvent { state: Some(state), change };
    PlacementEnvelope { aggregate: Some(placement_envelope::Aggregate::Placement(event)) }
}

/// Registers people of these references, and answers the candidates' ids.
async fn registered<const N: usize>(world: &World, references: [&str; N]) -> [String; N] {
    let rows: Vec<String> = (0..N).map(|at| row(references[at], &format!("AB10000{at}"))).collect();
    world.register("sena", &world.check("sena", &file(&rows)).await).await;
    let mut ids = references.map(str::to_owned);
    for id in &mut ids {
        *id = get(world, "sena", id).await.candidate.unwrap().id;
    }
    ids
}

async fn history_with(world: &World, reference: &str, words: &str) -> CandidateRecord {
    eventually(words, async || {
        let record = get(world, "sena", reference).await;
        record.history.iter().any(|line| line.what.contains(words)).then_some(record)
    })
    .await
}

#[tokio::test]
async fn a_place_that_the_employer_let_go_renews_the_roster_once_and_who_leaves_is_off_it() {
    let world = World::start().await;
    let [renewed, gone, kept] = registered(&world, ["A-1", "A-2", "A-3"]).await;
    assert_eq!(get(&world, "sena", "A-1").await.candidate.unwrap().rostered_until, "2027-01-10");

    let mut story = Story::of(&renewed);
    world.publish(&request_id(), &story.step(Stage::Proposed, "2026-02-01")).await;
    let end = story.cancelled_by("RetractOffer", "2026-03-01", "PREGNANCY", RosterEffect::Renew);
    let event = request_id();
    // The same event twice, the same end under another id, and a later step that the end has already behind it.
    for id in [event.clone(), event, request_id()] {
        world.publish(&id, &end).await;
    }
    world.publish(&request_id(), &story.step(Stage::Cancelled, "2026-06-01")).await;
    world.publish(&request_id(), &Story::of(&kept).cancelled("2026-03-01", "DECLINED", RosterEffect::Keep)).await;
    // A day before the one from which the roster counts would shorten it.
    let earlier = Story::of(&kept).cancelled("2025-03-01", "OTHER", RosterEffect::Renew);
    world.publish(&request_id(), &earlier).await;
    world.publish(&request_id(), &Story::of(&gone).cancelled("2026-03-01", "WITHDRAWN", RosterEffect::End)).await;

    let left = history_with(&world, "A-2", "left the roster: WITHDRAWN").await.candidate.unwrap();
    assert_eq!((left.state(), left.rostered_until.as_str()), (CandidateState::Withdrawn, ""));
    let longer = history_with(&world, "A-1", "roster renewed: RetractOffer").await.candidate.unwrap();
    assert_eq!((longer.rostered_until.as_str(), longer.version), ("2027-03-01", 2), "a year from that day, once");
    let same = get(&world, "sena", "A-3").await.candidate.unwrap();
    assert_eq!((same.rostered_until.as_str(), same.version), ("2027-01-10", 1));
    let ground = world.payloads().await.iter().any(|payload| payload.contains("PREGNANCY"));
    assert!(!ground, "the ground that a union gave goes no further");
    assert_eq!(world.facts(&renewed).await, ["CandidateRegistered", "RosterRenewed"]);
    assert_eq!(world.facts(&gone).await, ["CandidateRegistered", "CandidateLeftRoster"]);
    assert_eq!(world.parked().await, 0);
}

#[tokio::test]
async fn whoever_is_on_a_list_that_ends_stays_on_the_roster_whatever_the_fact_says() {
    let world = World::start().await;
    let [listed, gone] = registered(&world, ["A-1", "A-2"]).await;
    let over = Story::of(&listed).cancelled_by("Unlist", "2026-02-15", "ROSTER_OVER", RosterEffect::End);
    world.publish(&request_id(), &over).await;
    // The same person, later: what an end would have made impossible.
    let renewed = Story::of(&listed).cancelled_by("ExpireProposal", "2026-03-01", "NOT_ANSWERED", RosterEffect::Renew);
    world.publish(&request_id(), &renewed).await;
    let left = Story::of(&gone).cancelled_by("Withdraw", "2026-03-01", "BARRED", RosterEffect::End);
    world.publish(&request_id(), &left).await;
    let kept = history_with(&world, "A-1", "roster renewed: ExpireProposal").await.candidate.unwrap();
    assert_eq!((kept.state(), kept.rostered_until.as_str()), (CandidateState::Rostered, "2027-03-01"));
    let left = history_with(&world, "A-2", "left the roster: BARRED").await.candidate.unwrap();
    assert_eq!(left.state(), CandidateState::Withdrawn);
    assert_eq!(world.facts(&listed).await, ["CandidateRegistered", "RosterRenewed"]);
}

/// The name as a user gets it: all of it, or the refusal's code, reason and words without the id.
async fn name(world: &World, user: &str, candidate_id: &str) -> Result<String, (Code, String)> {
    let request = GetCandidateNameRequest { candidate_id: candidate_id.to_owned() };
    match world.client().get_candidate_name(world.bench.call(user, request)).await {
        Ok(answer) => {
            let name = answer.into_inner();
            assert_eq!(name.candidate_id, candidate_id);
            Ok(format!("{}, {}", name.family_name, name.given_names))
        }
        Err(status) => {
            let refused = Refused::from_status(&status);
            Err((status.code(), format!("{} {}", refused.reason, refused.message.replace(candidate_id, "{id}"))))
        }
    }
}

/// Waits until an event of a placement has been taken.
async fn taken(world: &World, story: &Story) {
    eventually("the placement is taken", async || {
        (world.sight_version(&story.state.id).await == Some(story.state.version)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_union_reads_the_name_from_its_choice_until_the_placement_is_cancelled() {
    let world = World::start().await;
    let [chosen, other] = registered(&world, ["A-1", "A-2"]).await;
    let absent = name(&world, "union", &request_id()).await.unwrap_err();
    assert_eq!(absent.0, Code::NotFound);
    let mut story = Story::of(&chosen);
    for stage in [Stage::Recommended, Stage::Proposed] {
        let event = story.step(stage, "2026-02-01");
        world.publish(&request_id(), &event).await;
        taken(&world, &story).await;
        for user in ["union", "other-union", "operator", "ghana", "auditor"] {
            let refused = name(&world, user, &chosen).await.unwrap_err();
            assert_eq!(refused, absent, "{user} at {stage:?}: as if nobody were there");
        }
    }
    assert_eq!(name(&world, "sena", &chosen).await.unwrap(), "Muñoz, Luz A-1", "its ministry always");

    let proposed = story.state.clone();
    let selected = story.step(Stage::Selected, "2026-02-03");
    world.publish(&request_id(), &selected).await;
    taken(&world, &story).await;
    // What comes late changes nothing, nor what comes again.
    for event in [told(proposed), selected] {
        world.publish(&request_id(), &event).await;
    }
    let mut marker = Story::of(&other);
    world.publish(&request_id(), &marker.step(Stage::Proposed, "2026-02-03")).await;
    taken(&world, &marker).await;
    for user in ["union", "operator", "sena"] {
        assert_eq!(name(&world, user, &chosen).await.unwrap(), "Muñoz, Luz A-1", "{user}");
    }
    for user in ["other-union", "ghana", "auditor"] {
        assert_eq!(name(&world, user, &chosen).await.unwrap_err(), absent, "{user} is no party of it");
    }
    for user in ["union", "operator"] {
        assert_eq!(name(&world, user, &other).await.unwrap_err(), absent, "{user}: proposed and not chosen");
        let by_reference = ListCandidatesRequest { reference: "A-1".to_owned(), ..Default::default() };
        let list = world.client().list_candidates(world.bench.call(user, by_reference)).await;
        let found = list.map(|list| list.into_inner().candidates.len()).unwrap_or_default();
        assert_eq!(found, 0, "{user} may know the name, and finds nobody by the ministry's reference");
        let record = GetCandidateRecordRequest { candidate_id: chosen.clone(), ..Default::default() };
        let record = world.client().get_candidate_record(world.bench.call(user, record)).await;
        assert_eq!(record.unwrap_err().code(), Code::NotFound, "{user} sees the name and no more");
    }
    let seen = [("operator", Some(&story.state.id)), ("sena", None), ("sena", None), ("union", Some(&story.state.id))];
    let mut looks = world.looks(&chosen).await;
    looks.sort();
    let seen = seen.map(|(actor, by)| (actor.to_owned(), by.cloned()));
    assert_eq!(looks, seen, "each look is written down, and no refusal");
    a_name_shows_only_in_the_transaction_that_wrote_the_look_down(&world, &chosen).await;

    world.publish(&request_id(), &story.cancelled("2026-03-01", "OTHER", RosterEffect::Keep)).await;
    taken(&world, &story).await;
    for user in ["union", "operator", "other-union"] {
        assert_eq!(name(&world, user, &chosen).await.unwrap_err(), absent, "{user} after it was cancelled");
    }
    assert_eq!(name(&world, "sena", &chosen).await.unwrap(), "Muñoz, Luz A-1");
    for payload in world.payloads().await {
        assert!(!payload.contains("Muñoz") && !payload.contains("Luz"), "a name is in an event");
    }
    let list = world.client().list_candidates(world.bench.call("operator", ListCandidatesRequest::default())).await;
    assert!(!format!("{:?}", list.unwrap().into_inner()).contains("Muñoz"), "a name is in a list");
    assert_eq!(world.parked().await, 0);
}

/// Below the service: an earlier look opens nothing, and nobody writes one without a ground.
async fn a_name_shows_only_in_the_transaction_that_wrote_the_look_down(world: &World, candidate_id: &str) {
    for (reach, organisation) in [("own", world::UNION), ("all", world::OPERATOR), ("system", world::UNION)] {
        assert_eq!(world.persons_under(reach, organisation, None).await, Some(0), "reach {reach}");
    }
    let looks = [("own", world::UNION, Some(1)), ("all", world::OPERATOR, Some(1))];
    for (reach, organisation, seen) in looks.into_iter().chain([("own", world::OTHER_UNION, None)]) {
        let found = world.persons_under(reach, organisation, Some(candidate_id)).await;
        assert_eq!(found, seen, "reach {reach} of {organisation}, with a look");
    }
}

#[tokio::test]
async fn a_transfer_takes_the_name_along_to_the_new_union() {
    let world = World::start().await;
    let [candidate] = registered(&world, ["A-1"]).await;
    let mut story = Story::of(&candidate);
    for stage in [Stage::Proposed, Stage::Selected, Stage::Offered, Stage::Accepted, Stage::Working] {
        let event = story.step(stage, "2026-03-01");
        world.publish(&request_id(), &event).await;
    }
    taken(&world, &story).await;
    assert!(name(&world, "union", &candidate).await.is_ok());
    assert!(name(&world, "other-union", &candidate).await.is_err());
    story.state.union_id = world::OTHER_UNION.to_string();
    let moved = story.step(Stage::Working, "2026-05-01");
    world.publish(&request_id(), &moved).await;
    taken(&world, &story).await;
    assert!(name(&world, "other-union", &candidate).await.is_ok());
    assert!(name(&world, "union", &candidate).await.is_err());
}
