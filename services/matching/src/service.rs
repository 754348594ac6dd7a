//! The use cases.

mod commit;
mod compute;
mod course;
mod explain;
mod keep;
mod overrule;
mod publish;
mod read;
mod solve;

use std::{collections::HashMap, sync::Arc, time::Duration};

use platform::{Clock, Database, Error, Reach, Refused, Shutdown};
use proto::ids::RoundId;
use sqlx::PgConnection;
use tokio::{sync::Semaphore, time::MissedTickBehavior};
use tonic::Code;

use crate::{
    reason,
    round::{Round, WrongState},
    store::round::{self as store, Wanted},
};

pub(crate) use commit::CommitSeed;
pub(crate) use compute::ComputeRound;
pub(crate) use read::Pairs;

/// What computations are ended with whose process is gone.
const ENDED: &str = "ended with the process; compute again";

/// How often rounds that are computed are looked at, and how often one must have been found unchanged to have lost its process.
const LOOK: Duration = Duration::from_secs(1);
const LOOKS: u32 = 5;

/// Rounds with their marks, and how many looks in a row found them so.
type Seen = HashMap<(RoundId, String), u32>;

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

    /// Ends computations whose process is gone, as long as the service runs. One that lives changes the row of its round four
    /// times a second (`course.rs`), whichever process and build it is; publishing goes on when it is asked for again.
    pub(crate) async fn tend(self, shutdown: Shutdown) {
        let mut beat = tokio::time::interval(LOOK);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = Seen::new();
        loop {
            tokio::select! {
                () = shutdown.wait() => return,
                _ = beat.tick() => {}
            }
            // While the database cannot be looked at, nobody can be heard of either.
            seen = self.look(&seen).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "nobody looked for computations whose process is gone");
                Seen::new()
            });
        }
    }

    async fn look(&self, before: &Seen) -> Result<Seen, Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        let now = store::computing(&mut tx).await?;
        let again = |round| (before.get(&round).map_or(1, |times| times + 1), round);
        let seen: Seen = now.into_iter().map(again).map(|(times, round)| (round, times)).collect();
        let ended = reason::Code::ProcessEnded.say(ENDED, &[], &[]);
        for ((id, mark), _) in seen.iter().filter(|(_, times)| **times > LOOKS) {
            if store::fail_left(&mut tx, (*id, mark), compute::kept(&ended)).await? {
                tracing::warn!(round = %id, "the computation of a process that is gone was ended");
            }
        }
        self.database.commit(tx).await?;
        Ok(seen)
    }
}

/// The round with this id or number.
async fn find(tx: &mut PgConnection, id_or_number: &str) -> Result<Round, Error> {
    let (id, number) = (id_or_number.parse().ok(), id_or_number.parse().ok());
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

/// Refuses a decision that was taken on another version of the round; 0 is a decision on whichever it is.
fn as_looked_at(round: &Round, version: i64) -> Result<(), Refused> {
    if [0, round.version].contains(&version) {
        return Ok(());
    }
    let message = format!("round {} was changed after it was looked at", round.number);
    let refused = Refused::new(Code::Aborted, "VERSION", message).with("version", round.version);
    Err(refused.mend("look at the round as it stands now and decide anew"))
}

fn wrong_state(WrongState(state): WrongState, done: &str) -> Error {
    let message = format!("a round that is {} cannot be {done}", state.word());
    Refused::new(Code::FailedPrecondition, "ROUND_STATE", message).with("state", state.word()).into()
}
