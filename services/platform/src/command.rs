//! Idempotent commands: `request_id` and the request's hash are stored with the answer in the transaction of the effect.

use std::collections::HashMap;

use prost::Message;
use proto::Event;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use uuid::Uuid;

use crate::{
    clock::Clock,
    database::{Database, Reach},
    fault, outbox,
    refusal::{Error, Refused},
};

/// A command under way: the transaction, and under which key its answer will be stored.
pub struct Command {
    database: Database,
    tx: Transaction<'static, Postgres>,
    organisation_id: Uuid,
    request_id: Uuid,
}

/// Either the answer given before, or a command to carry out.
pub enum Begun<R> {
    Answered(R),
    New(Command),
}

/// A request that holds a map, with the map taken out and written down by its keys. A map is walked in any order, so the
/// bytes of such a request differ from one call to the next; begun as this, the same request has the same hash.
#[derive(Clone, PartialEq, Message)]
pub struct Ordered {
    #[prost(bytes = "vec", tag = "1")]
    request: Vec<u8>,
    #[prost(string, repeated, tag = "2")]
    pairs: Vec<String>,
}

impl Ordered {
    /// `request` without its map, and the map.
    #[must_use]
    pub fn new<Q: Message>(request: &Q, map: &HashMap<String, String>) -> Self {
        let mut pairs: Vec<(&String, &String)> = map.iter().collect();
        pairs.sort_unstable();
        Self {
            request: request.encode_to_vec(),
            pairs: pairs.into_iter().flat_map(|(key, value)| [key.clone(), value.clone()]).collect(),
        }
    }
}

/// Begins a command of `method` for `organisation_id`. A second one with the same id waits for the first.
///
/// # Errors
/// `REQUEST_ID` if the id is no UUID, `REQUEST_ID_REUSED` if it was used for something else.
pub async fn begin<Q: Message, R: Message + Default>(
    database: &Database,
    (reach, organisation_id): (Reach, Uuid),
    method: &str,
    request_id: &str,
    request: &Q,
) -> Result<Begun<R>, Error> {
    let request_id = Uuid::parse_str(request_id).map_err(|_| {
        Refused::field("request_id", "REQUEST_ID", "every change needs a request_id, a UUID made by the caller")
            .mend("send a new UUID; send the same one again only to repeat the same request")
    })?;
    let hash = Sha256::digest(request.encode_to_vec()).to_vec();
    let mut tx = database.begin(reach).await?;
    fault::point("command.begun");
    if fault::planted("no_idempotency") {
        let request_id = Uuid::now_v7();
        return Ok(Begun::New(Command { database: database.clone(), tx, organisation_id, request_id }));
    }
    let inserted = sqlx::query(
        "INSERT INTO command (organisation_id, request_id, method, request_hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(organisation_id)
    .bind(request_id)
    .bind(method)
    .bind(&hash)
    .execute(&mut *tx)
    .await?;
    fault::point("command.claimed");
    if inserted.rows_affected() == 1 {
        return Ok(Begun::New(Command { database: database.clone(), tx, organisation_id, request_id }));
    }
    let (before_method, before_hash, response): (String, Vec<u8>, Option<Vec<u8>>) = sqlx::query_as(
        "SELECT method, request_hash, response FROM command WHERE organisation_id = $1 AND request_id = $2",
    )
    .bind(organisation_id)
    .bind(request_id)
    .fetch_one(&mut *tx)
    .await?;
    let other = before_method != method || before_hash != hash;
    if other && !fault::planted("other_body_is_answered") {
        let message = format!("request_id {request_id} was used for another request");
        return Err(Refused::field("request_id", "REQUEST_ID_REUSED", message).mend("send a new UUID").into());
    }
    let response = response.ok_or_else(|| Error::Internal(format!("command {request_id} has no answer")))?;
    let response = R::decode(response.as_slice()).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Begun::Answered(response))
}

impl Command {
    /// The transaction of this command.
    pub fn tx(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Stores the answer and commits. Once this returns, the command is never lost.
    ///
    /// # Errors
    /// If the commit fails; then nothing was done.
    pub async fn finish<R: Message>(mut self, response: R) -> Result<R, Error> {
        fault::point("command.done");
        sqlx::query("UPDATE command SET response = $3 WHERE organisation_id = $1 AND request_id = $2")
            .bind(self.organisation_id)
            .bind(self.request_id)
            .bind(response.encode_to_vec())
            .execute(&mut *self.tx)
            .await?;
        self.commit(response).await
    }

    /// As [`Self::finish`], and appends the last events of the command with the answer: one way to the database and back less.
    ///
    /// # Errors
    /// If an envelope is not whole, or the commit fails; then nothing was done.
    pub async fn finish_with<R: Message, E: Event>(
        mut self,
        response: R,
        clock: &Clock,
        events: &[E],
    ) -> Result<R, Error> {
        fault::point("command.done");
        let answer = "WITH answered AS (
             UPDATE command SET response = $9 WHERE organisation_id = $10 AND request_id = $11)";
        outbox::appending(answer, clock, events)?
            .bind(response.encode_to_vec())
            .bind(self.organisation_id)
            .bind(self.request_id)
            .execute(&mut *self.tx)
            .await?;
        self.commit(response).await
    }

    async fn commit<R>(mut self, response: R) -> Result<R, Error> {
        if fault::planted("published_before_commit") {
            publish_early(&self.database, &mut self.tx).await?;
        }
        fault::point("command.answered");
        if fault::planted("answers_before_commit") {
            let (database, tx) = (self.database, self.tx);
            tokio::spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                database.commit(tx).await
            });
            return Ok(response);
        }
        self.database.commit(self.tx).await?;
        fault::point("command.committed");
        Ok(response)
    }
}

/// A planted bug: the events of a command are committed ahead of it, where the relay finds them.
async fn publish_early(database: &Database, tx: &mut PgConnection) -> Result<(), Error> {
    // The app may append to the outbox and not read it.
    let relay = format!("SET LOCAL ROLE {}_relay", database.service());
    sqlx::query(AssertSqlSafe(relay)).execute(&mut *tx).await?;
    let taken: String = sqlx::query_scalar(
        "WITH taken AS (UPDATE outbox SET published_at = clock_timestamp() WHERE xmin = pg_current_xact_id()::xid
             RETURNING event_id, aggregatetype, aggregateid, type, version, payload)
         SELECT coalesce(json_agg(taken), '[]')::text FROM taken",
    )
    .fetch_one(tx)
    .await?;
    let mut early = database.begin(Reach::System).await?;
    sqlx::query(
        "INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, version, payload)
         SELECT event_id, aggregatetype, aggregateid, type, version, payload FROM json_populate_recordset(NULL::outbox, $1::json)",
    )
    .bind(taken)
    .execute(&mut *early)
    .await?;
    Ok(database.commit(early).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_with_a_map_has_one_hash_in_whatever_order_the_map_was_filled() {
        let request = proto::common::CheckImportRequest { import_id: "one".to_owned(), ..Default::default() };
        let pairs: Vec<(String, String)> = (0..20).map(|number| (format!("k{number}"), number.to_string())).collect();
        let (forth, back): (HashMap<_, _>, HashMap<_, _>) =
            (pairs.iter().cloned().collect(), pairs.iter().rev().cloned().collect());
        assert_eq!(Ordered::new(&request, &forth).encode_to_vec(), Ordered::new(&request, &back).encode_to_vec());
        let other: HashMap<String, String> = pairs.into_iter().skip(1).collect();
        assert_ne!(Ordered::new(&request, &forth), Ordered::new(&request, &other));
    }
}
