//! What placements do to candidates.

use platform::testing::{eventually, request_id};
use proto::{
    candidate::{CandidateRecord, CandidateState},
    placement::{
        Placement, PlacementEnvelope, PlacementEvent, PlacementMoved, RosterEffect, Stage, Step, placement_envelope,
        placement_event,
    },
};

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
        let change = Some(placement_event::Change::Moved(PlacementMoved::default()));
        let event = PlacementEvent { state: Some(self.state.clone()), change };
        PlacementEnvelope { aggregate: Some(placement_envelope::Aggregate::Placement(event)) }
    }

    /// The end before departure.
    fn cancelled(&mut self, on: &str, reason: &str, effect: RosterEffect) -> PlacementEnvelope {
        self.state.reason = reason.to_owned();
        self.state.roster_effect = effect as i32;
        self.step(Stage::Cancelled, on)
    }
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
    let (event, end) = (request_id(), story.cancelled("2026-03-01", "NOT_ANSWERED", RosterEffect::Renew));
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
    let longer = history_with(&world, "A-1", "roster renewed: NOT_ANSWERED").await.candidate.unwrap();
    assert_eq!((longer.rostered_until.as_str(), longer.version), ("2027-03-01", 2), "a year from that day, once");
    let same = get(&world, "sena", "A-3").await.candidate.unwrap();
    assert_eq!((same.rostered_until.as_str(), same.version), ("2027-01-10", 1));
    assert_eq!(world.facts(&renewed).await, ["CandidateRegistered", "RosterRenewed"]);
    assert_eq!(world.facts(&gone).await, ["CandidateRegistered", "CandidateLeftRoster"]);
    assert_eq!(world.parked().await, 0);
}
