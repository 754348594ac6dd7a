//! Parked events of one key: applied again in their order, or given up one by one.

use async_trait::async_trait;
use sqlx::{PgConnection, Row};
use tonic::Code;
use uuid::Uuid;

use super::{Fault, Handler, Lane, Message};
use crate::{
    database::{Database, Reach},
    fault,
    refusal::{Error, Refused},
};

/// How a replay ended.
pub struct Replayed {
    pub events: i64,
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
    /// does not fit. Those of a life that was lost are passed over: what their owner still has of them comes again.
    async fn replay(&self, key: &str) -> Result<Replayed, Error>;
}

#[async_trait]
impl<H: Handler> Parking for Lane<H> {
    fn name(&self) -> &str {
        self.name()
    }

    async fn replay(&self, key: &str) -> Result<Replayed, Error> {
        let (mut events, mut reason) = (0, String::new());
        loop {
            match self.replay_first(key).await? {
                Step::Applied => events += 1,
                Step::PassedOver => {}
                Step::Empty => break,
                Step::Stuck(why) => {
                    reason = why;
                    break;
                }
            }
        }
        let remaining = remaining(&self.database, self.name(), key).await?;
        tracing::info!(consumer = self.name(), key, events, remaining, reason, "parked events were replayed");
        Ok(Replayed { events, remaining, reason })
    }
}

enum Step {
    Applied,
    PassedOver,
    Empty,
    Stuck(String),
}

impl<H: Handler> Lane<H> {
    async fn replay_first(&self, key: &str) -> Result<Step, Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        let order = if fault::planted("replay_backwards") { "DESC" } else { "ASC" };
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT id, topic, partition, message_offset, event_id, payload, epoch, (SELECT epoch FROM life) AS life FROM parked
             WHERE consumer = $1 AND key = $2 ORDER BY id {order} LIMIT 1 FOR UPDATE"
        )))
        .bind(self.name())
        .bind(key)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(Step::Empty) };
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
                    return Ok(Step::PassedOver);
                }
                Ok(Step::Applied)
            }
            Err(Fault::Transient(reason)) => {
                Err(Refused::new(Code::Unavailable, "BUSY", reason).mend("replay the key again in a moment").into())
            }
            Err(Fault::Late(reason) | Fault::Permanent(reason)) => {
                drop(tx);
                let mut tx = self.database.begin(Reach::System).await?;
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
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| row.get::<Option<Uuid>, _>("event_id").unwrap_or_default()))
}
