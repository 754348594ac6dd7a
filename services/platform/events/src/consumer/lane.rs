//! One consumer's way from messages to its database.

use std::{collections::HashSet, panic::AssertUnwindSafe};

use futures::FutureExt;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::{Fault, Handler, Message, Received, message::plain, parked};
use crate::{
    database::{Database, Reach},
    fault,
};

/// A handler, the database it writes to, and the name under which it is known.
pub struct Lane<H> {
    pub(super) database: Database,
    pub(super) handler: H,
    name: String,
}

/// How often an event that takes too long is tried again by itself before it is parked.
const LATE_TRIES: u32 = 5;

/// How far a batch has come that was not applied at once.
#[derive(Default)]
pub(super) struct Progress {
    /// True once its messages go one by one.
    alone: bool,
    /// Messages that are behind it.
    done: usize,
    /// How often the next one took too long.
    late: u32,
}

/// What must be known of the database before a batch is applied.
struct Standing {
    epoch: i64,
    /// Keys with parked events.
    blocked: HashSet<String>,
}

impl<H: Handler> Lane<H> {
    /// A lane named after the service and the topic, see [`super::group`].
    #[must_use]
    pub fn new(database: Database, handler: H) -> Self {
        let name = super::group(database.service(), <H::Event as proto::Event>::TOPIC);
        Self { database, handler, name }
    }

    /// Such as `matching-demand`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// First all at once; if that does not fit, one by one, so that only what does not fit is parked. What takes too long
    /// is tried a few times: the database may have been busy, or the event may be too much for it.
    pub(super) async fn apply(&self, batch: &[Message], progress: &mut Progress) -> Result<(), String> {
        if !progress.alone {
            match self.apply_together(batch).await {
                Ok(()) => return Ok(()),
                Err(Fault::Transient(reason)) => return Err(reason),
                Err(Fault::Late(_) | Fault::Permanent(_)) => progress.alone = true,
            }
        }
        while let Some(message) = batch.get(progress.done) {
            let more = progress.late < LATE_TRIES || fault::planted("late_for_ever");
            match self.apply_together(std::slice::from_ref(message)).await {
                Ok(()) => {}
                Err(Fault::Transient(reason)) => return Err(reason),
                Err(Fault::Late(reason)) if more => {
                    progress.late += 1;
                    return Err(reason);
                }
                Err(Fault::Late(reason) | Fault::Permanent(reason)) => {
                    self.park_alone(message, &reason).await.map_err(|error| error.to_string())?
                }
            }
            (progress.done, progress.late) = (progress.done + 1, 0);
        }
        Ok(())
    }

    async fn apply_together(&self, batch: &[Message]) -> Result<(), Fault> {
        let mut tx = self.database.begin(Reach::System).await?;
        let Standing { epoch, mut blocked } = self.standing(&mut tx, batch).await?;
        let mut events = Vec::with_capacity(batch.len());
        for message in batch {
            if message.epoch.is_some_and(|of| of != epoch) && !fault::planted("epoch_ignored") {
                self.pass_over(message, epoch);
                continue;
            }
            let parked = match message.decode::<H::Event>() {
                Ok(_) if blocked.contains(&message.key) && !fault::planted("parks_only_the_poison") => {
                    self.park(&mut tx, message, "BEHIND_PARKED").await?
                }
                Ok(received)
                    if H::EFFECTS && received.head.name.is_empty() && !fault::planted("unknown_is_applied") =>
                {
                    self.park(&mut tx, message, "UNKNOWN_CHANGE").await?
                }
                Ok(received) => {
                    events.push(received);
                    false
                }
                Err(reason) => self.park(&mut tx, message, &reason).await?,
            };
            if parked {
                blocked.insert(message.key.clone());
            }
        }
        self.apply_events(&mut tx, events).await?;
        fault::point("consumer.applied");
        self.database.commit(tx).await?;
        Ok(())
    }

    /// Applies decoded events: each once if the handler has effects.
    pub(super) async fn apply_events(
        &self,
        tx: &mut PgConnection,
        mut events: Vec<Received<H::Event>>,
    ) -> Result<(), Fault> {
        if H::EFFECTS && !fault::planted("inbox_dropped") {
            fault::point("consumer.claiming");
            events = self.not_seen_before(tx, events).await?;
            fault::point("consumer.claimed");
        }
        if events.is_empty() {
            return Ok(());
        }
        // A handler that panics on an event would do so for ever: the event is parked, with a name for it.
        let applied = AssertUnwindSafe(self.handler.apply(tx, &events)).catch_unwind().await;
        applied.unwrap_or_else(|_| match fault::planted("panics_for_ever") {
            true => Err(Fault::Transient("it may pass".to_owned())),
            false => Err(Fault::Permanent("PANICKED: the handler did not survive it".to_owned())),
        })?;
        metrics::counter!("circula_events_applied_total", "consumer" => self.name.clone())
            .increment(events.len() as u64);
        Ok(())
    }

    async fn not_seen_before(
        &self,
        tx: &mut PgConnection,
        events: Vec<Received<H::Event>>,
    ) -> Result<Vec<Received<H::Event>>, Fault> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.event_id).collect();
        let fresh: Vec<Uuid> = sqlx::query_scalar(
            "INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id",
        )
        .bind(&self.name)
        .bind(&ids)
        .fetch_all(tx)
        .await?;
        let mut fresh: HashSet<Uuid> = fresh.into_iter().collect();
        Ok(events.into_iter().filter(|event| fresh.remove(&event.event_id)).collect())
    }

    /// The parked rows found stay locked until the end of the transaction, so that a replay cannot empty a key while
    /// one more event is put behind it. The row that a replay works on is not waited for: the rest of the batch has nothing
    /// to do with it. Its key stands as parked, and the replay looks once more before it says that nothing is left.
    async fn standing(&self, tx: &mut PgConnection, batch: &[Message]) -> Result<Standing, Fault> {
        let keys: Vec<&str> = batch.iter().map(|message| message.key.as_str()).collect();
        let (standing, held) = self.look(tx, &keys).await?;
        if standing.blocked.is_subset(&held) {
            return Ok(standing);
        }
        parked::behind(tx, &self.name).await?;
        Ok(self.look(tx, &keys).await?.0)
    }

    /// What stands, and the keys of which a row could be locked.
    async fn look(&self, tx: &mut PgConnection, keys: &[&str]) -> Result<(Standing, HashSet<String>), Fault> {
        let wait = if fault::planted("waits_for_a_replay") { "" } else { "SKIP LOCKED" };
        // Mostly nothing is parked: then the keys, which are many, are neither sorted nor looked for.
        let any = "EXISTS (SELECT FROM parked WHERE consumer = $1)";
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT epoch, ARRAY(SELECT key FROM parked WHERE consumer = $1 AND key = ANY($2) AND {any}) AS blocked,
                 ARRAY(SELECT key FROM parked WHERE consumer = $1 AND key = ANY($2) AND {any} FOR SHARE {wait}) AS held
             FROM life"
        )))
        .bind(&self.name)
        .bind(keys)
        .fetch_one(tx)
        .await?;
        let of = |column: &str| row.get::<Vec<String>, _>(column).into_iter().collect::<HashSet<String>>();
        Ok((Standing { epoch: row.get("epoch"), blocked: of("blocked") }, of("held")))
    }

    /// An event of another life of the system: after a restore its owner publishes what it still has anew.
    pub(super) fn pass_over(&self, message: &Message, epoch: i64) {
        let (key, offset, of) = (&message.key, message.offset, message.epoch);
        tracing::debug!(consumer = self.name, key, offset, of, epoch, "an event of another life is passed over");
        metrics::counter!("circula_events_of_another_life_total", "consumer" => self.name.clone()).increment(1);
    }

    async fn park_alone(&self, message: &Message, reason: &str) -> Result<(), sqlx::Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        self.park(&mut tx, message, reason).await?;
        self.database.commit(tx).await
    }

    /// Parks a message, unless it was discarded before. True if it now stands in the way of its key. One that is parked
    /// already and comes again of another life is one of that life: its owner still has it.
    async fn park(&self, tx: &mut PgConnection, message: &Message, reason: &str) -> Result<bool, sqlx::Error> {
        if fault::planted("poison_is_skipped") {
            return Ok(false);
        }
        let discarded: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM discarded WHERE consumer = $1 AND event_id IS NOT NULL AND event_id = $2)",
        )
        .bind(&self.name)
        .bind(message.event_id)
        .fetch_one(&mut *tx)
        .await?;
        if discarded {
            return Ok(false);
        }
        let new: Option<bool> = sqlx::query_scalar(
            "INSERT INTO parked (consumer, key, topic, partition, message_offset, event_id, payload, reason, epoch)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (consumer, event_id) WHERE event_id IS NOT NULL DO UPDATE SET epoch = excluded.epoch
                 WHERE excluded.epoch IS NOT NULL AND parked.epoch IS DISTINCT FROM excluded.epoch
             RETURNING xmax = 0",
        )
        .bind(&self.name)
        .bind(&message.key)
        .bind(&message.topic)
        .bind(message.partition)
        .bind(message.offset)
        .bind(message.event_id)
        .bind(&message.payload)
        .bind(plain(reason))
        .bind(message.epoch)
        .fetch_optional(tx)
        .await?;
        // A replay of the log brings it again: it is parked once, and said once.
        if new == Some(true) {
            let (key, offset) = (&message.key, message.offset);
            tracing::error!(consumer = self.name, key, offset, reason, "an event is parked");
            metrics::counter!("circula_events_parked_total", "consumer" => self.name.clone()).increment(1);
        }
        Ok(true)
    }
}
