//! The use cases.

mod compute;
mod course;
mod explain;
mod keep;
mod overrule;
mod publish;
mod read;
mod solve;

use std::sync::Arc;

use platform::{Clock, Database, Error, Reach, Refused};
use sqlx::PgConnection;
use tokio::sync::Semaphore;
use tonic::Code;
use uuid::Uuid;

use crate::{
    round::{Round, WrongState},
    store::round::{self as store, Wanted},
};

pub(crate) use compute::ComputeRound;
pub(crate) use read::Pairs;

/// What computations are ended with whose process is gone.
const ENDED: &str = "ended with the process; compute again";

/// The service's use cases. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Service {
    database: Database,
    clock: Clock,
    /// Places for those who have a market solved.
    solving: Arc<Semaphore>,
    /// The place of the round that is computed.
    computing: Arc<Semaphore>,
}

impl Service {
    pub(crate) fn new(database: Database, clock: Clock) -> Self {
        let places = |places| Arc::new(Semaphore::new(places));
        Self { database, clock, solving: places(solve::AT_ONCE), computing: places(1) }
    }

    /// Ends the computations of a former process. Publishing goes on when it is asked for again.
    pub(crate) async fn fail_what_was_left(&self) -> Result<(), Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        let ended = store::fail_all(&mut tx, ENDED).await?;
        self.database.commit(tx).await?;
        if ended > 0 {
            tracing::warn!(rounds = ended, "computations of a former process were ended");
        }
        Ok(())
    }
}

/// The round with this id or number.
async fn find(tx: &mut PgConnection, id_or_number: &str) -> Result<Round, Error> {
    let (id, number) = (Uuid::parse_str(id_or_number).ok(), id_or_number.parse().ok());
    if id.is_none() && number.is_none() {
        return Err(Refused::not_found("round", id_or_number).into());
    }
    let found = store::find(tx, Wanted { id, number, limit: 1, ..Wanted::default() }).await?;
    found.into_iter().next().ok_or_else(|| Refused::not_found("round", id_or_number).into())
}

/// The round, once nobody else changes it.
async fn find_locked(tx: &mut PgConnection, id_or_number: &str) -> Result<Round, Error> {
    let round = find(tx, id_or_number).await?;
    store::lock(tx, round.id).await?;
    find(tx, &round.id.to_string()).await
}

fn wrong_state(WrongState(state): WrongState, done: &str) -> Error {
    let message = format!("a round that is {} cannot be {done}", state.word());
    Refused::new(Code::FailedPrecondition, "ROUND_STATE", message).with("state", state.word()).into()
}
