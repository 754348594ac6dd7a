//! Places on the roster end when their last day is over: here, and nowhere else.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use platform::{Begun, Clock, Error, Principal, Reach, Refused, Shutdown, command, outbox};
use proto::{
    Role,
    candidate::{CandidateLeftRoster, RunDueRequest, RunDueResponse},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Service;
use crate::{
    candidate::Candidate,
    message::{self, Fact},
    store,
};

/// Places ended by one call at most.
const DUE_MAX: i32 = 1000;

impl Service {
    /// Ends places on the roster whose last day is before `as_of`. Who was renewed meanwhile is left as they are, and what has
    /// ended is not due any more, so any number of callers may.
    pub(crate) async fn run_due(
        &self,
        principal: &Principal,
        request: &RunDueRequest,
    ) -> Result<RunDueResponse, Error> {
        principal.needs(&[Role::Operator, Role::Service])?;
        let as_of: NaiveDate = request.as_of.parse().map_err(|_| {
            Refused::field("as_of", "DATE", "as_of is no date").mend("send an ISO 8601 date, such as 2026-03-14")
        })?;
        self.has_come(as_of)?;
        let limit = if request.limit <= 0 { DUE_MAX } else { request.limit.min(DUE_MAX) };
        let key = (Reach::System, principal.organisation_id);
        let mut command = match command::begin(&self.database, key, "RunDue", &request.request_id, request).await? {
            Begun::Answered(saved) => return Ok(saved),
            Begun::New(command) => command,
        };
        let tx = command.tx();
        let due = store::due(tx, as_of, limit.into()).await?;
        let mut expired = store::lock(tx, &due).await?;
        expired.retain_mut(|candidate| candidate.expire(as_of));
        self.save_expired(tx, principal, &expired).await?;
        let more = !store::due(tx, as_of, 1).await?.is_empty();
        command.finish(RunDueResponse { expired: i32::try_from(expired.len()).unwrap_or(i32::MAX), more }).await
    }

    /// Where places end by the wall, none is over before its day: the last one that has begun anywhere, fourteen hours before UTC.
    fn has_come(&self, as_of: NaiveDate) -> Result<(), Refused> {
        let latest = (self.clock.now() + TimeDelta::hours(14)).date_naive();
        if !self.by_wall || as_of <= latest {
            return Ok(());
        }
        Err(Refused::field("as_of", "DATE_AHEAD", format!("{as_of} has not come yet"))
            .mend("give a day that has come")
            .with("last", latest))
    }

    async fn save_expired(
        &self,
        tx: &mut PgConnection,
        principal: &Principal,
        expired: &[Candidate],
    ) -> Result<(), Error> {
        if expired.is_empty() {
            return Ok(());
        }
        store::update_candidates(tx, expired).await?;
        let now = self.clock.now();
        let change = |candidate: &Candidate| store::Change {
            candidate_id: candidate.id,
            version: candidate.version,
            organisation_id: candidate.organisation_id,
            what: "left the roster: EXPIRED".to_owned(),
            actor: principal.subject.clone(),
            recorded_at: now,
            fields: Vec::new(),
        };
        store::insert_changes(tx, &expired.iter().map(change).collect::<Vec<_>>()).await?;
        let fact = || Fact::LeftRoster(CandidateLeftRoster { reason: "EXPIRED".to_owned() });
        let events: Vec<_> = expired.iter().map(|candidate| message::event(candidate, fact())).collect();
        outbox::append(tx, &self.clock, &events).await
    }
}

/// Calls `RunDue` with today's date, as often as told, until shutdown. A run that fails is made again at the next time.
pub(crate) async fn run(service: Service, clock: Clock, every: Duration, shutdown: Shutdown) -> anyhow::Result<()> {
    while !shutdown.asked() {
        if let Err(error) = run_due(&service, &clock, &shutdown).await {
            tracing::warn!(%error, "places on the roster end with the next run");
        }
        tokio::select! { () = tokio::time::sleep(every) => {}, () = shutdown.wait() => {} }
    }
    Ok(())
}

async fn run_due(service: &Service, clock: &Clock, shutdown: &Shutdown) -> Result<(), Error> {
    let scheduler =
        Principal { subject: "scheduler".to_owned(), organisation_id: Uuid::nil(), roles: vec![Role::Service] };
    let as_of = clock.now().date_naive();
    let mut more = true;
    while more && !shutdown.asked() {
        let request = RunDueRequest { as_of: as_of.to_string(), limit: DUE_MAX, request_id: clock.id().to_string() };
        let done = service.run_due(&scheduler, &request).await?;
        if done.expired > 0 {
            tracing::info!(%as_of, expired = done.expired, "places on the roster ended");
        }
        // What another run holds is left to it.
        more = done.more && done.expired > 0;
    }
    Ok(())
}
