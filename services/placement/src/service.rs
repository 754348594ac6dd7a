//! The use cases: one function, one transaction: load, decide, save, outbox, commit.

pub mod due;
pub mod lines;
pub mod moves;
pub mod proposals;
pub mod read;
pub mod reserve;
pub(crate) mod scheduler;

use platform::{Clock, Database, Error, Reach};
use proto::ids::CandidateId;
use sqlx::{Connection, PgConnection};

/// Items of one batch at most.
pub const BATCH_MAX: usize = 1000;

/// The service's hands.
#[derive(Clone)]
pub struct Service {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
}

impl Service {
    /// A service on its database.
    #[must_use]
    pub const fn new(database: Database, clock: Clock) -> Self {
        Self { database, clock }
    }

    /// What follows from moves and is no part of them, each in a transaction of its own: list entries of people who
    /// accepted elsewhere end, promised seats go to the next on the list. What fails here is done by the next `RunDue`.
    pub(crate) async fn follow(&self, accepted: &[(CandidateId, chrono::NaiveDate)], called: bool) {
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
