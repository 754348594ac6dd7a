//! The use cases: one function, one transaction: load, decide, save, outbox, commit.

pub mod due;
pub mod lines;
pub mod moves;
pub mod proposals;
pub mod read;
pub mod reserve;
pub(crate) mod scheduler;

use chrono::{NaiveDate, TimeDelta};
use platform::{Clock, Database, Error, Reach, Refused};
use proto::ids::CandidateId;
use sqlx::{Connection, PgConnection};

/// Items of one batch at most.
pub const BATCH_MAX: usize = 1000;

/// The service's hands.
#[derive(Clone)]
pub struct Service {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    /// Its clocks run by the wall. Else the season is played on dates of its own, and what day it is nobody says.
    by_wall: bool,
}

impl Service {
    /// A service on its database, whose clocks run by the wall or by whoever plays a season.
    #[must_use]
    pub const fn new(database: Database, clock: Clock, by_wall: bool) -> Self {
        Self { database, clock, by_wall }
    }

    /// The last day on which something can have happened, where the clocks run by the wall: the one that it is by now where days
    /// begin first, fourteen hours before UTC, so that nobody has to wait until what happened may be told.
    pub(crate) fn latest(&self) -> Option<NaiveDate> {
        self.by_wall.then(|| (self.clock.now() + TimeDelta::hours(14)).date_naive())
    }

    /// Refuses the day in a call's field if it has not come yet.
    ///
    /// # Errors
    /// `DATE_AHEAD`.
    pub(crate) fn has_come(&self, field: &str, day: NaiveDate) -> Result<(), Refused> {
        match self.latest().filter(|latest| day > *latest) {
            None => Ok(()),
            Some(latest) => Err(Refused::field(field, "DATE_AHEAD", format!("{day} has not come yet"))
                .mend("give a day that has come")
                .with("last", latest)),
        }
    }

    /// What follows from moves and is no part of them, each in a transaction of its own: list entries of people who
    /// accepted elsewhere end, promised seats go to the next on the list. What fails here is done by the next `RunDue`.
    pub(crate) async fn follow(&self, accepted: &[(CandidateId, NaiveDate)], called: bool) {
        if !accepted.is_empty()
            && let Err(error) = self.unlist(accepted).await
        {
            tracing::warn!(%error, "list entries of people placed elsewhere stay until their clock");
        }
        if called && let Err(error) = self.run_calls().await {
            tracing::warn!(%error, "promised seats wait for the next RunDue");
        }
    }

    async fn run_calls(&self) -> Result<(), Error> {
        for _ in 0..reserve::ROUNDS_MAX {
            let mut tx = self.database.begin(Reach::System).await?;
            let done = reserve::run(&mut tx, &self.clock, reserve::CALLS_MAX).await?;
            self.database.commit(tx).await?;
            if done.is_empty() {
                break;
            }
        }
        Ok(())
    }
}

/// The constraint that tripped, if that is what went wrong: a guard of last resort, met by another transaction's row.
pub(crate) fn tripped(error: &Error) -> Option<&'static str> {
    let Error::Database(sqlx::Error::Database(error)) = error else { return None };
    match error.code()?.as_ref() {
        "23P01" => Some("PERSON_TAKEN"),
        "23505" if error.constraint() == Some("placement_live") => Some("PERSON_TAKEN"),
        "23514" => Some("NO_ROOM"),
        _ => None,
    }
}

/// Begins a savepoint.
pub(crate) async fn savepoint(tx: &mut PgConnection) -> Result<sqlx::Transaction<'_, sqlx::Postgres>, sqlx::Error> {
    tx.begin().await
}
