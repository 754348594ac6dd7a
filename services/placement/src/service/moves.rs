//! Moves of placements, many at once: one transaction, each item its own result.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform::{Begun, Clock, Error, Principal, Reach, Refused, command};
use proto::{
    ids::{CandidateId, OrganisationId, PlacementId},
    placement::{
        BatchMovePlacementsRequest, BatchMovePlacementsResponse, MovePlacementRequest, MoveResult, PlacementEnvelope,
        Stage,
    },
};
use sqlx::PgConnection;
use tonic::Code;

use super::{Service, savepoint, tripped};
use crate::{
    decide::{Actor, Kind, Move, Refusal},
    desk::{Desk, stage_word},
    moves::{Row, TABLE},
    offer::OFFER,
    placement::Placement,
    store,
    veil::{self, Reader},
    view::{self, Called},
};

/// What became of one item.
#[derive(Debug, Clone)]
pub struct Made {
    pub version: i64,
    pub stage: Stage,
    pub refused: Option<Refused>,
    /// Commands possible instead, if refused.
    pub possible: Vec<String>,
    /// Tracks done now, as published.
    pub tracks: Vec<i32>,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Outcome {
    pub made: Vec<Made>,
    pub accepted: Vec<(CandidateId, NaiveDate)>,
    /// A seat was promised to a reserve list.
    pub called: bool,
    /// The placements as they stand now.
    pub placements: BTreeMap<PlacementId, Placement>,
    /// Facts that are not in the outbox yet.
    pub events: Vec<PlacementEnvelope>,
}

impl Service {
    /// Many moves, each with its own result.
    ///
    /// # Errors
    /// If the request is not whole, or the database is gone. What one item may not is in its result.
    pub async fn batch_move(
        &self,
        principal: &Principal,
        request: &BatchMovePlacementsRequest,
        moves: Vec<Result<Move, Refused>>,
    ) -> Result<BatchMovePlacementsResponse, Error> {
        let key = (principal.reach(), principal.organisation_id);
        let mut command =
            match command::begin(&self.database, key, "BatchMovePlacements", &request.request_id, request).await? {
                Begun::Answered(saved) => return Ok(saved),
                Begun::New(command) => command,
            };
        let outcome = carry_out(command.tx(), &self.clock, (principal.reach(), &self.actor(principal)), moves).await?;
        let response = command.finish_with(results(request, &outcome), &self.clock, &outcome.events).await?;
        self.follow(&outcome.accepted, outcome.called).await;
        Ok(response)
    }

    /// What would become of many moves if they were made now, one after the other: they are made and taken back.
    ///
    /// # Errors
    /// If the database is gone.
    pub async fn try_moves(
        &self,
        principal: &Principal,
        request: &BatchMovePlacementsRequest,
        moves: Vec<Result<Move, Refused>>,
    ) -> Result<BatchMovePlacementsResponse, Error> {
        let mut tx = self.database.begin(principal.reach()).await?;
        let outcome = carry_out(&mut tx, &self.clock, (principal.reach(), &self.actor(principal)), moves).await?;
        tx.rollback().await?;
        Ok(results(request, &outcome))
    }

    /// One move: a batch of one, whose refusal is the call's.
    ///
    /// # Errors
    /// The refusal.
    pub async fn move_placement(
        &self,
        principal: &Principal,
        request: &MovePlacementRequest,
        asked: Move,
    ) -> Result<proto::placement::Placement, Error> {
        let key = (principal.reach(), principal.organisation_id);
        let mut command =
            match command::begin(&self.database, key, "MovePlacement", &request.request_id, request).await? {
                Begun::Answered(saved) => return Ok(saved),
                Begun::New(command) => command,
            };
        let id = asked.placement_id;
        let item = [Ok(asked)];
        // No savepoint: what refuses the one move ends the command.
        let mut outcome = match attempt(command.tx(), &self.clock, &self.actor(principal), &item).await {
            Ok(outcome) => outcome,
            Err(error) => return Err(tripped(&error).map_or(error, |reason| taken(&item[0], reason).into())),
        };
        if let Some(refused) = outcome.made.pop().and_then(|made| made.refused) {
            return Err(refused.into());
        }
        let placement = outcome.placements.remove(&id).ok_or_else(|| Refused::not_found("placement", id))?;
        let answer = view::whole(&placement, Reader::of(principal));
        let response = command.finish_with(answer, &self.clock, &outcome.events).await?;
        self.follow(&outcome.accepted, outcome.called).await;
        Ok(response)
    }

    /// The actor behind a principal, today.
    pub(crate) fn actor(&self, principal: &Principal) -> Actor {
        Actor {
            organisation_id: OrganisationId(principal.organisation_id),
            subject: principal.subject.clone(),
            roles: principal.roles.clone(),
            clock: false,
            latest: self.latest(),
        }
    }
}

fn results(request: &BatchMovePlacementsRequest, outcome: &Outcome) -> BatchMovePlacementsResponse {
    let results = request.moves.iter().zip(&outcome.made).map(|(asked, made)| result(asked, made)).collect();
    BatchMovePlacementsResponse { results }
}

fn result(asked: &proto::placement::Move, made: &Made) -> MoveResult {
    MoveResult {
        placement_id: asked.placement_id.clone(),
        version: made.version,
        stage: made.stage.into(),
        refusal: made.refused.clone().map(Refused::into_proto),
        possible: made.possible.clone(),
        tracks_done: made.tracks.clone(),
    }
}

/// Decides and saves the moves, and leaves their facts to be appended to the outbox. A constraint that trips refuses only its own
/// item: then they are tried one by one.
///
/// # Errors
/// If the database is gone.
pub async fn carry_out(
    tx: &mut PgConnection,
    clock: &Clock,
    (reach, actor): (Reach, &Actor),
    moves: Vec<Result<Move, Refused>>,
) -> Result<Outcome, Error> {
    let mut point = savepoint(tx).await?;
    match attempt(&mut point, clock, actor, &moves).await {
        Ok(outcome) => {
            point.commit().await?;
            return Ok(outcome);
        }
        Err(error) if tripped(&error).is_some() => point.rollback().await?,
        Err(error) => return Err(error),
    }
    let mut all = Outcome::default();
    for item in &moves {
        let mut point = savepoint(tx).await?;
        // The one before has left it to the service.
        store::act_as_caller(&mut point, reach).await?;
        match attempt(&mut point, clock, actor, std::slice::from_ref(item)).await {
            Ok(outcome) => {
                point.commit().await?;
                all.made.extend(outcome.made);
                all.accepted.extend(outcome.accepted);
                all.called |= outcome.called;
                all.placements.extend(outcome.placements);
                all.events.extend(outcome.events);
            }
            Err(error) => {
                let Some(reason) = tripped(&error) else { return Err(error) };
                point.rollback().await?;
                all.made.push(refuse(taken(item, reason), None));
            }
        }
    }
    Ok(all)
}

/// A constraint said no: somebody else was faster.
fn taken(item: &Result<Move, Refused>, reason: &'static str) -> Refused {
    let message = "the seat, the unit or the person was taken at the same moment";
    let command = item.as_ref().map(|asked| asked.command.clone()).unwrap_or_default();
    Refused::new(Code::FailedPrecondition, reason, message).with("command", command)
}

/// Decides and saves moves in a transaction that acts for the caller; afterwards it acts for the service.
async fn attempt(
    tx: &mut PgConnection,
    clock: &Clock,
    actor: &Actor,
    moves: &[Result<Move, Refused>],
) -> Result<Outcome, Error> {
    let asked: Vec<&Move> = moves.iter().flatten().collect();
    let ids: Vec<PlacementId> = asked.iter().map(|asked| asked.placement_id).collect();
    // What a clock moves may be one of many things in its transaction.
    let seen = store::load::visible_then_all(tx, &ids, ids.len() == 1 && !actor.clock).await?;
    let rows: Vec<_> = asked.iter().flat_map(|asked| TABLE.of(&asked.command)).collect();
    let mut wanted = store::load::Wanted {
        lines: seen.values().copied().collect(),
        placements: seen.keys().copied().collect(),
        ledgers: rows.iter().any(|row| !row.ledger.is_empty()),
        terms: asked.iter().any(|asked| asked.command == OFFER),
        ..Default::default()
    };
    let mut desk = Desk::new(&TABLE, clock.now());
    store::load::lock(tx, &mut desk, &wanted).await?;
    // The stage is certain only now. Of one move among several it is not: another of them may change it.
    let row = match asked.as_slice() {
        [one] => desk.placements.get(&one.placement_id).and_then(|placement| TABLE.row(&one.command, placement.stage)),
        _ => None,
    };
    wanted.holds = row.map_or_else(|| rows.iter().any(|row| row.reads_person()), Row::reads_person);
    store::load::read_around(tx, &mut desk, &wanted).await?;
    let made = moves
        .iter()
        .map(|item| match item {
            Ok(asked) => make(&mut desk, clock, asked, actor),
            Err(refused) => refuse(refused.clone(), None),
        })
        .collect();
    let events = store::save::write(tx, clock, &mut desk).await?;
    let called = !desk.book.calls.is_empty();
    Ok(Outcome { made, accepted: desk.accepted, called, placements: desk.placements, events })
}

fn make(desk: &mut Desk<'_>, clock: &Clock, asked: &Move, actor: &Actor) -> Made {
    let outcome = desk.make(asked, actor, &Called::default(), &|| clock.id());
    let placement = desk.placements.get(&asked.placement_id);
    match (outcome, placement) {
        (Ok(()), Some(placement)) => {
            let tracks = placement.tracks.published();
            Made { version: placement.version, stage: placement.stage, refused: None, possible: Vec::new(), tracks }
        }
        (Err(refusal), Some(placement)) => {
            // What will be possible on a day to come is not possible yet.
            let on = actor.latest.map_or(asked.occurred_on, |latest| latest.min(asked.occurred_on));
            let possible = desk.possible(&veil::shown(placement, veil::knows(&actor.roles)), on);
            let refused = explain(&refusal, asked, placement, &possible);
            Made { possible, ..refuse(refused, Some(placement)) }
        }
        (_, None) => refuse(Refused::not_found("placement", asked.placement_id), None),
    }
}

fn refuse(refused: Refused, placement: Option<&Placement>) -> Made {
    Made {
        version: placement.map_or(0, |placement| placement.version),
        stage: placement.map_or(Stage::Unspecified, |placement| placement.stage),
        refused: Some(refused),
        possible: Vec::new(),
        tracks: Vec::new(),
    }
}

/// Stage, command, the guard that failed, what would mend it, the moves that are possible, and the refusal's own values.
#[must_use]
pub fn explain(refusal: &Refusal, asked: &Move, placement: &Placement, possible: &[String]) -> Refused {
    let stage = stage_word(Some(placement));
    let code = match refusal.kind {
        Kind::Precondition => Code::FailedPrecondition,
        Kind::Denied => Code::PermissionDenied,
        Kind::Input => Code::InvalidArgument,
        Kind::Conflict => Code::Aborted,
    };
    let refused =
        Refused::new(code, refusal.reason, format!("{} in stage {stage}: {}", asked.command, refusal.message))
            .at(stage)
            .mend(refusal.mend.clone())
            .with("stage", stage)
            .with("command", &asked.command)
            .with("guard", &refusal.guard)
            .with("possible", possible.join(" "));
    refusal.values.iter().fold(refused, |refused, (name, value)| refused.with(name, value))
}
