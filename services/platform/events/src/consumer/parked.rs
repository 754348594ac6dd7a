//! Parked events of one key: applied again in their order, or given up one by one.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{PgConnection, Postgres, Row, Transaction};
use tokio::time::{Instant, timeout_at};
use tonic::Code;
use uuid::Uuid;

use super::{Fault, Handler, Lane, Message, message::plain};
use crate::{
    database::{Database, Reach},
    fault,
    refusal::{Error, Refused},
};

/// How a replay ended.
pub struct Replayed {
    pub events: i64,
    /// Events of a life that was lost, which were dropped.
    pub passed_over: i64,
    pub remaining: i64,
    /// Why the first that remains does not fit.
    pub reason: String,
}

/// A consumer whose parked events can be applied again.
#[async_trait]
pub trait Parking: Send + Sync {
    /// Such as `matching-demand`.
    fn name(&self) -> &str;

    /// Applies the parked events of a key in their order, each in a transaction of its own, up to the first that still
    /// does not fit. Those of a life that was lost are passed over: what their owner still has of them comes again. It ends
    /// before `until`, also if not all is done: no statement may take longer than a third of the time until then.
    async fn replay(&self, key: &str, until: Instant) -> Result<Replayed, Error>;
}

#[async_trait]
impl<H: Handler> Parking for Lane<H> {
    fn name(&self) -> &str {
        self.name()
    }

    async fn replay(&self, key: &str, until: Instant) -> Result<Replayed, Error> {
        let within = until.saturating_duration_since(Instant::now()) / STEPS;
        // The last of the time is for what is said of it.
        let last = until.checked_sub(within / STEPS).unwrap_or(until);
        let (mut events, mut passed_over, mut reason) = (0, 0, String::new());
        loop {
            match timeout_at(last, self.replay_first(key, within)).await {
                Ok(Ok(Step::Applied)) => events += 1,
                Ok(Ok(Step::PassedOver)) => passed_over += 1,
                Ok(Ok(Step::More)) => {}
                Ok(Ok(Step::Empty)) => break,
                Ok(Ok(Step::Stuck(why))) => {
                    reason = why;
                    break;
                }
                Ok(Err(error)) if events + passed_over == 0 => return Err(error),
                // What was done before is told.
                Ok(Err(error)) => {
                    reason = error.to_string();
                    break;
                }
                Err(_) => {
                    "OUT_OF_TIME: the call ends before all events are applied; replay the key again"
                        .clone_into(&mut reason);
                    break;
                }
            }
        }
        let remaining = remaining(&self.database, self.name(), key).await?;
        tracing::info!(
            consumer = self.name(),
            key,
            events,
            passed_over,
            remaining,
            reason,
            "parked events were replayed"
        );
        Ok(Replayed { events, passed_over, remaining, reason })
    }
}

/// A statement of a replay may take this part of its time.
const STEPS: u32 = 3;

enum Step {
    Applied,
    PassedOver,
    Empty,
    /// There is one more than was seen before.
    More,
    Stuck(String),
}

impl<H: Handler> Lane<H> {
    async fn begin_within(&self, within: Duration) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        if !fault::planted("replay_without_end") {
            // 0 would be for ever.
            let set = format!("SET LOCAL statement_timeout = {}", within.as_millis().max(1));
            sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(&mut *tx).await?;
        }
        Ok(tx)
    }

    async fn replay_first(&self, key: &str, within: Duration) -> Result<Step, Error> {
        let mut tx = self.begin_within(within).await?;
        let order = if fault::planted("replay_backwards") { "DESC" } else { "ASC" };
        let first = format!(
            "SELECT id, topic, partition, message_offset, event_id, payload, epoch, (SELECT epoch FROM life) AS life FROM parked
             WHERE consumer = $1 AND key = $2 ORDER BY id {order} LIMIT 1 FOR UPDATE"
        );
        let first = sqlx::query(sqlx::AssertSqlSafe(first)).bind(self.name()).bind(key);
        let Some(row) = first.fetch_optional(&mut *tx).await? else {
            // A batch may be putting an event behind one that was applied just now.
            emptied(&mut tx, self.name()).await?;
            let none = count(&mut tx, self.name(), key).await? == 0;
            return Ok(if none { Step::Empty } else { Step::More });
        };
        let id: i64 = row.get("id");
        let place = (row.get("topic"), row.get("partition"), row.get("message_offset"));
        let mut message = Message::parked(place, key);
        message.event_id = row.get("event_id");
        message.payload = row.get::<Option<Vec<u8>>, _>("payload").unwrap_or_default();
        message.epoch = row.get("epoch");
        let life = row.get("life");
        let lost = message.epoch.is_some_and(|of| of != life) && !fault::planted("parked_of_any_life");
        let applied = match message.decode::<H::Event>() {
            _ if lost => Ok(()),
            Ok(received) if H::EFFECTS && received.head.name.is_empty() => {
                Err(Fault::Permanent("UNKNOWN_CHANGE".to_owned()))
            }
            Ok(received) => self.apply_events(&mut tx, vec![received]).await,
            Err(reason) => Err(Fault::Permanent(reason)),
        };
        match applied {
            Ok(()) => {
                sqlx::query("DELETE FROM parked WHERE id = $1").bind(id).execute(&mut *tx).await?;
                self.database.commit(tx).await?;
                if lost {
                    self.pass_over(&message, life);
                    let (offset, of) = (message.offset, message.epoch);
                    tracing::info!(consumer = self.name(), key, offset, of, "a parked event of a lost life is dropped");
                    return Ok(Step::PassedOver);
                }
                Ok(Step::Applied)
            }
            Err(Fault::Transient(reason)) => {
                Err(Refused::new(Code::Unavailable, "BUSY", reason).mend("replay the key again in a moment").into())
            }
            Err(Fault::Late(reason) | Fault::Permanent(reason)) => {
                drop(tx);
                let (mut tx, reason) = (self.begin_within(within).await?, plain(&reason));
                let say = sqlx::query("UPDATE parked SET reason = $2 WHERE id = $1").bind(id).bind(&reason);
                say.execute(&mut *tx).await?;
                self.database.commit(tx).await?;
                Ok(Step::Stuck(reason))
            }
        }
    }
}

async fn remaining(database: &Database, consumer: &str, key: &str) -> Result<i64, Error> {
    let mut tx = database.begin(Reach::System).await?;
    Ok(count(&mut tx, consumer, key).await?)
}

/// For a batch that puts events behind a row that somebody else holds: until it ends, nobody says that a key is empty.
///
/// # Errors
/// If the database refuses.
pub(super) async fn behind(tx: &mut PgConnection, consumer: &str) -> Result<(), sqlx::Error> {
    let lock = sqlx::query("SELECT pg_advisory_xact_lock_shared(hashtext('circula parked'), hashtext($1))");
    lock.bind(consumer).execute(tx).await.map(drop)
}

/// Waits for batches that are [`behind`]: what they put there is seen from now on.
async fn emptied(tx: &mut PgConnection, consumer: &str) -> Result<(), sqlx::Error> {
    let lock = sqlx::query("SELECT pg_advisory_xact_lock(hashtext('circula parked'), hashtext($1))");
    lock.bind(consumer).execute(tx).await.map(drop)
}

/// How many events of a key are parked.
///
/// # Errors
/// If the database refuses.
pub async fn count(tx: &mut PgConnection, consumer: &str, key: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM parked WHERE consumer = $1 AND key = $2")
        .bind(consumer)
        .bind(key)
        .fetch_one(tx)
        .await
}

/// Moves the first parked event of a key to `discarded`. `None` if the key has none.
///
/// # Errors
/// If the database refuses.
pub async fn discard(
    tx: &mut PgConnection,
    (consumer, key): (&str, &str),
    (by, why): (&str, &str),
) -> Result<Option<Uuid>, sqlx::Error> {
    let row = sqlx::query(
        "WITH first AS (
             DELETE FROM parked WHERE id = (
                 SELECT id FROM parked WHERE consumer = $1 AND key = $2 ORDER BY id LIMIT 1 FOR UPDATE
             ) RETURNING *
         )
         INSERT INTO discarded (consumer, key, topic, partition, message_offset, event_id, payload, reason, parked_at,
             epoch, discarded_at, discarded_by, why)
         SELECT consumer, key, topic, partition, message_offset, event_id, payload, reason, parked_at,
             epoch, clock_timestamp(), $3, $4
         FROM first RETURNING event_id",
    )
    .bind(consumer)
    .bind(key)
    .bind(by)
    .bind(why)
    .fetch_optional(&mut *tx)
    .await?;
    // Whoever counts what remains counts also what a batch is putting behind it.
    emptied(tx, consumer).await?;
    Ok(row.map(|row| row.get::<Option<Uuid>, _>("event_id").unwrap_or_default()))
}
