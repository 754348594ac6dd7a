//! Computing a round: begun in the call, done in a task of its own.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use platform::{Begun, Error, Principal, Reach, Refused, command};
use proto::{ids::RoundId, matching as wire};
use serde_json::Value;
use sqlx::PgConnection;
use tokio::task::JoinSet;

use super::{
    Service, commit,
    course::{Course, Phase},
    keep::json,
};
use crate::{
    assemble::{self, Gathered, NoMarket},
    market,
    plan::{self, Outcome, Report},
    reason::{self, Code},
    round::{Cause, Round, State},
    snapshot::Snapshot,
    store::{commitment::Group, gather, round as store},
};

/// Between two tries to note that a computation came to nothing.
const PAUSE: Duration = Duration::from_secs(1);

/// What is to be matched.
pub(crate) struct ComputeRound {
    pub(crate) season_code: String,
    pub(crate) destination: String,
    pub(crate) as_of: NaiveDate,
    pub(crate) seed: String,
}

/// Why a computation came to nothing: told in the round.
pub(super) struct Failure(pub(super) wire::Reason);

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        let detail = error.to_string();
        Self(Code::NotComputed.say(detail.clone(), &[&detail], &[]))
    }
}

/// The sentence of a failure and its code with values, as a round keeps them.
pub(super) fn kept(why: &wire::Reason) -> (&str, Value) {
    let cause = Cause {
        code: why.code.clone(),
        arguments: why.arguments.clone().into_iter().collect(),
        numbers: why.numbers.clone().into_iter().collect(),
    };
    (&why.message, json(&cause))
}

impl Service {
    /// Begins a round. The answer comes at once; the work goes on.
    pub(crate) async fn compute_round(
        &self,
        principal: &Principal,
        wanted: ComputeRound,
        request: &wire::ComputeRoundRequest,
    ) -> Result<wire::Round, Error> {
        let who = (principal.reach(), principal.organisation_id);
        let begun = command::begin(&self.database, who, "ComputeRound", &request.request_id, request).await?;
        let mut command = match begun {
            Begun::Answered(round) => return Ok(round),
            Begun::New(command) => command,
        };
        let group = (wanted.season_code.as_str(), wanted.destination.as_str());
        check(command.tx(), group).await?;
        let commitment = commit::opened(command.tx(), group, &wanted.seed).await?;
        let mut round = Round {
            id: RoundId(self.clock.id()),
            number: 0,
            season_code: wanted.season_code,
            destination: wanted.destination,
            state: State::Computing,
            as_of: wanted.as_of,
            seed: wanted.seed,
            commitment,
            phase: Phase::Waiting.word().to_owned(),
            percent: 0,
            failure: String::new(),
            failed_because: None,
            report: Report::default(),
            version: 0,
        };
        round.number = store::insert(command.tx(), &round).await.map_err(|error| match &error {
            sqlx::Error::Database(fault) if fault.is_unique_violation() => busy("another one").into(),
            _ => Error::from(error),
        })?;
        let answer = command.finish(wire::Round::from(&round)).await?;
        let service = self.clone();
        tokio::spawn(async move { service.compute_to_the_end(round).await });
        Ok(answer)
    }

    async fn compute_to_the_end(&self, round: Round) {
        let (id, number, course) = (round.id, round.number, Course::default());
        // A set ends its task when it goes; and whatever breaks in the task, the round is told.
        let mut task = JoinSet::new();
        let (service, own) = (self.clone(), course.clone());
        task.spawn(async move { service.compute(round, &own).await });
        let done = tokio::select! {
            Some(done) = task.join_next() => done.unwrap_or_else(|broken| Err(Failure::from(broken))),
            () = self.follow((id, number), &course) => {
                tracing::info!(round = number, "a round was ended while it was computed");
                return;
            }
        };
        let Err(Failure(failure)) = done else { return };
        tracing::error!(round = number, failure = failure.message, "a round was not computed");
        let mut pause = tokio::time::interval(PAUSE);
        loop {
            pause.tick().await;
            let Err(error) = self.note_failure(id, &failure).await else { return };
            tracing::warn!(round = number, %error, "the failure of a round was not noted; it is tried again");
        }
    }

    async fn note_failure(&self, id: RoundId, failure: &wire::Reason) -> Result<(), Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        store::fail(&mut tx, id, kept(failure)).await?;
        Ok(self.database.commit(tx).await?)
    }

    async fn compute(&self, mut round: Round, course: &Course) -> Result<(), Failure> {
        // One large market is held at a time.
        let turn = self.computing.clone().acquire_owned().await?;
        let started = Instant::now();
        // What goes out while this round waits is in its snapshot.
        let mut tx = self.database.begin(Reach::System).await?;
        store::start(&mut tx, round.id).await?;
        self.database.commit(tx).await?;
        course.reach(Phase::Reading, (0, 0))?;
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        let group = (round.season_code.as_str(), round.destination.as_str(), round.as_of);
        let reach = |done| course.reach(Phase::Reading, done);
        let (gathered, traits) = gather::gather(&mut tx, group, reach).await?;
        tx.commit().await?;
        let (own, same) = (course.clone(), round.clone());
        let working = tokio::task::spawn_blocking(move || (work_out(&same, gathered, own), turn));
        // The turn is held by the thread: it goes on until it looks at its course, whatever becomes of who waits for it.
        let (worked, _turn) = working.await?;
        let (snapshot, outcome) = worked?;
        round.report = outcome.report.clone();
        round.report.milliseconds = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        round.report.computed_on = self.clock.now().date_naive().to_string();
        self.keep(round, (&snapshot, &traits), (&outcome, course)).await
    }
}

/// From rows to a verified plan. Only what is to be kept outlives it.
fn work_out(round: &Round, gathered: Gathered, mut course: Course) -> Result<(Arc<Snapshot>, Outcome), Failure> {
    let group = (round.season_code.as_str(), round.destination.as_str(), round.as_of);
    let mut snapshot = assemble::snapshot(group, gathered).map_err(|no_market| match no_market {
        NoMarket::Unfounded(unfounded) => {
            let values = [unfounded.corridor_code.as_str(), unfounded.ground.as_str()];
            Failure(Code::GroundUnfounded.say(unfounded.to_string(), &values, &[]))
        }
        NoMarket::Unreadable(row) => Failure::from(row),
    })?;
    snapshot.draw_lines(&round.seed);
    let snapshot = Arc::new(snapshot);
    course.reach(Phase::Market, (0, 0))?;
    let (market, limits) = market::build(snapshot.clone()).map_err(|error| Failure(reason::refused(&error)))?;
    let plan = plan::solve_with(&snapshot, &market, &round.seed, &mut course)?;
    course.reach(Phase::Checking, (0, 0))?;
    let outcome = plan::conclude(&snapshot, (&market, &limits), &plan).map_err(|checks| {
        let wrong: Vec<String> = checks
            .iter()
            .filter(|check| !check.passed)
            .map(|check| format!("{}: {}", check.name, check.finding))
            .collect();
        let wrong = wrong.join("; ");
        Failure(Code::PlanWrong.say(format!("the plan did not pass its checks: {wrong}"), &[&wrong], &[]))
    })?;
    Ok((snapshot, outcome))
}

/// Refuses a group of which there can be no round.
pub(super) async fn known(tx: &mut PgConnection, (season_code, destination): Group<'_>) -> Result<(), Error> {
    if !gather::season_is_known(tx, season_code).await? {
        let message = format!("no season {season_code} is planned");
        return Err(Refused::field("season_code", "SEASON_UNKNOWN", message).into());
    }
    let corridors = gather::corridors(tx, destination).await?;
    if !corridors.iter().any(|corridor| corridor.open) {
        let message = format!("no open corridor leads to {destination}");
        return Err(Refused::field("destination", "NO_CORRIDOR", message).mend("open a corridor to it first").into());
    }
    Ok(())
}

async fn check(tx: &mut PgConnection, group: Group<'_>) -> Result<(), Error> {
    known(tx, group).await?;
    match store::working(tx, group.0, group.1).await? {
        None => Ok(()),
        Some((number, state)) if state == State::Publishing as i16 => {
            let refused = busy(&format!("round {number}, which is being published,"));
            Err(refused.mend(format!("publish round {number} again: it goes on where it stopped")).into())
        }
        Some((number, _)) => Err(busy(&format!("round {number}")).into()),
    }
}

fn busy(who: &str) -> Refused {
    let message = format!("{who} of this season and destination works now; rounds of one group go one after another");
    Refused::new(tonic::Code::FailedPrecondition, "ROUND_BUSY", message).mend("wait until it has ended, or discard it")
}
