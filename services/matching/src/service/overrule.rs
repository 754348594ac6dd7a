//! What an operator lays down in a round against its plan: tried first, then recorded with its cost.

use std::{collections::HashMap, time::Instant};

use platform::{Begun, Error, Principal, Reach, Refused, command, outbox};
use prost::Message;
use proto::{
    ids::{CandidateId, LineId},
    matching::{self as wire, round_event::Change},
};
use tonic::Code;

use super::{
    Service,
    compute::Failure,
    explain::{SEARCH, no_plan},
    find, find_locked,
    keep::{insert_pairs, json},
};
use crate::{
    message,
    plan::Outcome,
    replay::{Ended, Replay},
    round::Round,
    snapshot::Snapshot,
    store::{
        basis as kept,
        overrule::{self, OverrideRow},
        pair, round as store,
    },
    whatif::{self, Fault, Figures, Move, Wish},
};

/// Moves told at most.
const MOVES_MAX: usize = 200;

/// What a wish came to.
struct Tried {
    snapshot: Snapshot,
    outcome: Outcome,
    moves: Vec<Move>,
}

impl Service {
    /// What it would cost to lay a pair down. Nothing is changed.
    pub(crate) async fn what_if(&self, round_id: &str, wish: Wish) -> Result<wire::WhatIfResponse, Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        let round = find(&mut tx, round_id).await?;
        drop(tx);
        let tried = self.try_out(&round, wish).await?;
        let moves = tried.moves.iter().take(MOVES_MAX).map(|step| message::seat_move(&tried.snapshot, step));
        Ok(wire::WhatIfResponse {
            before: Some(message::figures(&Figures::from(&round.report))),
            after: Some(message::figures(&Figures::from(&tried.outcome.report))),
            moves: moves.collect(),
            moves_total: i64::try_from(tried.moves.len()).unwrap_or(i64::MAX),
        })
    }

    /// Lays a pair of a preview down. The market is solved before anything is locked; then it is only checked that the
    /// round is still the one that was solved, and written.
    pub(crate) async fn override_round(
        &self,
        principal: &Principal,
        wish: Wish,
        request: &wire::OverrideRoundRequest,
    ) -> Result<wire::RoundOverride, Error> {
        let who = (principal.reach(), principal.organisation_id);
        let begin = || command::begin(&self.database, who, "OverrideRound", &request.request_id, request);
        match begin().await? {
            Begun::Answered(done) => return Ok(done),
            // Given back: nobody waits while the market is solved.
            Begun::New(command) => drop(command),
        }
        let mut tx = self.database.begin(Reach::System).await?;
        let round = find(&mut tx, &request.round_id).await?;
        drop(tx);
        round.may_overrule().map_err(|state| super::wrong_state(state, "overridden"))?;
        super::as_looked_at(&round, request.expected_version)?;
        let tried = self.try_out(&round, wish).await?;
        let mut command = match begin().await? {
            Begun::Answered(done) => return Ok(done),
            Begun::New(command) => command,
        };
        let mut now = find_locked(command.tx(), &round.id.to_string()).await?;
        if (now.state, now.version) != (round.state, round.version) {
            let message = format!("round {} was changed while the market was solved", round.number);
            let refused = Refused::new(Code::Aborted, "ROUND_CHANGED", message).with("state", now.state.word());
            return Err(refused.mend("look at the round as it stands now and decide anew").into());
        }
        let before = message::figures(&Figures::from(&round.report));
        self.write(command.tx(), &mut now, &tried).await?;
        let record = wire::RoundOverride {
            round_id: round.id.to_string(),
            candidate_id: wish.candidate_id.to_string(),
            line_id: wish.line_id.to_string(),
            kind: wish.kind as i32,
            reason: request.reason.trim().to_owned(),
            actor: principal.subject.clone(),
            recorded_at: message::second(self.clock.now()),
            before: Some(before),
            after: Some(message::figures(&Figures::from(&now.report))),
            moved: i64::try_from(tried.moves.len()).unwrap_or(i64::MAX),
        };
        overrule::insert(command.tx(), row(&tried.snapshot, (&now, wish), &record, self.clock.now())).await?;
        let event = message::round_event(&now, Change::Overridden(message::overridden(&record)));
        outbox::append(command.tx(), &self.clock, &[event]).await?;
        command.finish(record).await
    }

    /// What was laid down in a round.
    pub(crate) async fn overrides(
        &self,
        principal: &Principal,
        round_id: &str,
    ) -> Result<wire::ListRoundOverridesResponse, Error> {
        let mut tx = self.database.begin(principal.reach()).await?;
        let round = find(&mut tx, round_id).await?;
        let records = overrule::records(&mut tx, round.id).await?;
        let read = |record: Vec<u8>| {
            wire::RoundOverride::decode(record.as_slice()).map_err(|error| Error::Internal(error.to_string()))
        };
        Ok(wire::ListRoundOverridesResponse { overrides: records.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    /// Solves the round's market with the wish laid down, on a thread of its own.
    async fn try_out(&self, round: &Round, wish: Wish) -> Result<Tried, Error> {
        let permit = self.may_solve()?;
        let until = Instant::now() + SEARCH;
        let mut tx = self.database.begin(Reach::System).await?;
        let basis = kept::basis(&mut tx, round.id).await?.ok_or_else(|| no_plan(round))?;
        let seated = pair::seated(&mut tx, round.id).await?;
        drop(tx);
        let (replay, mut wishes) = self.replay(round, &basis).await?;
        wishes.push(wish);
        let solving = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            solve(replay, &wishes, &seated, until)
        });
        solving.await.map_err(|error| Error::Internal(error.to_string()))?
    }

    /// Puts the plan that was found in the place of the round's.
    async fn write(&self, tx: &mut sqlx::PgConnection, round: &mut Round, tried: &Tried) -> Result<(), Error> {
        let Tried { snapshot, outcome, .. } = tried;
        let (milliseconds, computed_on) = (round.report.milliseconds, self.clock.now().date_naive().to_string());
        round.report = crate::plan::Report { milliseconds, computed_on, ..outcome.report.clone() };
        round.version = store::overrule(tx, round.id, (json(&round.report), json(&outcome.prices))).await?;
        pair::delete(tx, round.id).await?;
        let mut has_pairs = vec![false; snapshot.lines.len()];
        outcome.seats.iter().for_each(|seat| has_pairs[seat.line] = true);
        let lines = snapshot.lines.iter().zip(&outcome.lines).zip(has_pairs);
        let lines = lines.map(|((line, outcome), has_pairs)| (line.id, json(outcome), has_pairs));
        kept::update_lines(tx, round.id, lines.collect()).await?;
        let kept = insert_pairs(tx, round.id, (snapshot, outcome), |_| Ok(())).await;
        kept.map_err(|Failure(failure)| Error::Internal(failure.message))
    }
}

fn solve(
    replay: Replay,
    wishes: &[Wish],
    seated: &HashMap<CandidateId, LineId>,
    until: Instant,
) -> Result<Tried, Error> {
    let trial = whatif::trial(&replay.snapshot, wishes).map_err(refused)?;
    let outcome = replay.outcome(trial, until).map_err(|ended| match ended {
        Ended::Time => {
            let message = format!("the market was not solved within {} s", SEARCH.as_secs());
            Error::from(Refused::new(Code::ResourceExhausted, "SEARCH_TIME", message).mend("ask again in a quiet hour"))
        }
        Ended::Refused(error) => Error::Internal(error.to_string()),
        Ended::Wrong(checks) => Error::Internal(format!("the plan did not pass its checks: {checks:?}")),
    })?;
    let moves = whatif::moves(&replay.snapshot, seated, &outcome.seats);
    if let Some(fault) = whatif::not_kept(&replay.snapshot, wishes, &outcome.seats) {
        return Err(refused(fault));
    }
    Ok(Tried { snapshot: replay.snapshot, outcome, moves })
}

fn refused(fault: Fault) -> Error {
    let state = |reason: &str, message: &str| Refused::new(Code::FailedPrecondition, reason, message);
    let refused = match fault {
        Fault::NoCandidate => {
            Refused::field("candidate_id", "PAIR_UNKNOWN", "the round had no such candidate on its roster")
        }
        Fault::NoLine => Refused::field("line_id", "PAIR_UNKNOWN", "the round had no such line with a free seat"),
        Fault::Closed(rule) => state("PAIR_CLOSED", rule.message()).with("rule", rule.key()),
        Fault::Twice => state("PAIR_LAID_DOWN", "this pair was laid down before in this round")
            .mend("discard the round and compute a new one to decide anew"),
        Fault::Elsewhere => state("PINNED_ELSEWHERE", "the candidate is pinned to another line of this round"),
        Fault::Taken => state("SEATS_PINNED", "every seat or quota unit for this pair went to others that are pinned"),
        Fault::NotWhole => {
            state("TOGETHER_NOT_WHOLE", "the candidate goes with others, and not all of them are in the round").mend(
                "bring all of them on the roster, or have their ministry take the candidate out of the family or crew",
            )
        }
        Fault::NoRoom => {
            state("TOGETHER_NO_ROOM", "the candidate goes with others, and there is no room for all of them")
                .mend("choose a line with a seat for each that all of them may take, a family on lines of one employer")
        }
    };
    refused.into()
}

fn row<'a>(
    snapshot: &Snapshot,
    (round, wish): (&Round, Wish),
    record: &'a wire::RoundOverride,
    recorded_at: chrono::DateTime<chrono::Utc>,
) -> OverrideRow<'a> {
    let person = snapshot.candidates.iter().find(|person| person.id == wish.candidate_id);
    let line = snapshot.lines.iter().find(|line| line.id == wish.line_id);
    OverrideRow {
        round_id: round.id,
        wish,
        ministry_id: person.expect("the wish was tried").ministry_id,
        union_id: line.expect("the wish was tried").organisation_id,
        reason: &record.reason,
        actor: &record.actor,
        recorded_at,
        round_version: round.version,
        record: record.encode_to_vec(),
    }
}
