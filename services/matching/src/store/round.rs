//! Rounds and their states.

use chrono::{DateTime, NaiveDate, Utc};
use proto::ids::RoundId;
use serde_json::Value;
use sqlx::PgConnection;

use crate::{
    plan::Report,
    round::{Commitment, Round, State},
};

/// What [`find`] looks for; empty = everything.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) id: Option<RoundId>,
    pub(crate) number: Option<i32>,
    pub(crate) season_code: &'a str,
    /// Only numbers below this.
    pub(crate) before: Option<i32>,
    pub(crate) limit: i64,
}

/// What a search has found so far, in points of score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) value: Option<i64>,
    pub(crate) bound: Option<i64>,
}

impl Found {
    /// What is known after `later` was found; what it does not tell is as before.
    pub(crate) fn and(self, later: Self) -> Self {
        Self { value: later.value.or(self.value), bound: later.bound.or(self.bound) }
    }
}

struct RoundRow {
    id: RoundId,
    number: i32,
    season_code: String,
    destination: String,
    state: i16,
    as_of: NaiveDate,
    seed: String,
    seed_sha256: Option<String>,
    seed_committed_at: Option<DateTime<Utc>>,
    phase: String,
    percent: i32,
    failure: String,
    failed_because: Option<Value>,
    report: Option<Value>,
    found_value: Option<i64>,
    found_bound: Option<i64>,
    version: i64,
}

impl TryFrom<RoundRow> for Round {
    type Error = platform::Error;

    fn try_from(row: RoundRow) -> Result<Self, platform::Error> {
        let state = State::read(row.state).ok_or_else(|| wrong("state", &row.state))?;
        let found = Found { value: row.found_value, bound: row.found_bound };
        let report = row.report.map(serde_json::from_value).transpose().map_err(|error| wrong("report", &error))?;
        let failed_because = row.failed_because.map(serde_json::from_value).transpose();
        let commitment = row.seed_sha256.zip(row.seed_committed_at);
        let so_far =
            || if state == State::Computing { Report::so_far(found.value, found.bound) } else { Report::default() };
        Ok(Self {
            id: row.id,
            number: row.number,
            season_code: row.season_code,
            destination: row.destination,
            state,
            as_of: row.as_of,
            seed: row.seed,
            commitment: commitment.map(|(seed_sha256, committed_at)| Commitment { seed_sha256, committed_at }),
            phase: row.phase,
            percent: row.percent,
            failure: row.failure,
            failed_because: failed_because.map_err(|error| wrong("failed_because", &error))?,
            report: report.unwrap_or_else(so_far),
            version: row.version,
        })
    }
}

pub(super) fn wrong(what: &str, found: &dyn std::fmt::Display) -> platform::Error {
    platform::Error::Internal(format!("table round holds a {what} that does not read: {found}"))
}

/// Rounds, latest first.
pub(crate) async fn find(tx: &mut PgConnection, wanted: Wanted<'_>) -> Result<Vec<Round>, platform::Error> {
    let rows = sqlx::query_as!(
        RoundRow,
        "SELECT id, number, season_code, destination, state, as_of, seed, seed_sha256, seed_committed_at, phase, percent,
             failure, failed_because, report, found_value, found_bound, version
         FROM round
         WHERE ($1::uuid IS NULL OR id = $1) AND ($2::int IS NULL OR number = $2) AND ($3 = '' OR season_code = $3)
           AND ($4::int IS NULL OR number < $4)
         ORDER BY number DESC LIMIT $5",
        wanted.id.map(|id| id.0),
        wanted.number,
        wanted.season_code,
        wanted.before,
        wanted.limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(Round::try_from).collect()
}

/// Waits for whoever else changes this round; not for whoever writes rows that belong to it.
pub(crate) async fn lock(tx: &mut PgConnection, id: RoundId) -> sqlx::Result<()> {
    sqlx::query!("SELECT id FROM round WHERE id = $1 FOR NO KEY UPDATE", id.0).fetch_optional(tx).await?;
    Ok(())
}

/// The round of this group that works now.
pub(crate) async fn working(
    tx: &mut PgConnection,
    season_code: &str,
    destination: &str,
) -> sqlx::Result<Option<(i32, i16)>> {
    let row = sqlx::query!(
        "SELECT number, state FROM round WHERE season_code = $1 AND destination = $2 AND state IN (1, 3)",
        season_code,
        destination
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| (row.number, row.state)))
}

/// Inserts a round that is being computed, under the next number.
pub(crate) async fn insert(tx: &mut PgConnection, round: &Round) -> sqlx::Result<i32> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('round.number'))").fetch_one(&mut *tx).await?;
    let commitment = round.commitment.as_ref();
    sqlx::query_scalar!(
        "INSERT INTO round (id, number, season_code, destination, as_of, seed, state, phase, seed_sha256,
             seed_committed_at)
         VALUES ($1, (SELECT coalesce(max(number), 0) + 1 FROM round), $2, $3, $4, $5, $6, $7, $8, $9) RETURNING number",
        round.id.0,
        round.season_code,
        round.destination,
        round.as_of,
        round.seed,
        round.state as i16,
        round.phase,
        commitment.map(|commitment| commitment.seed_sha256.as_str()),
        commitment.map(|commitment| commitment.committed_at)
    )
    .fetch_one(tx)
    .await
}

/// How far the work is; not part of the versioned state. False if no work is done on the round.
pub(crate) async fn progress(
    tx: &mut PgConnection,
    id: RoundId,
    (phase, percent): (&str, i32),
    found: Found,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE round SET phase = $2, percent = CASE state WHEN 3 THEN greatest(percent, $3) ELSE $3 END,
             found_value = $4, found_bound = $5
         WHERE id = $1 AND state IN (1, 3)",
        id.0,
        phase,
        percent,
        found.value,
        found.bound
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a computation begins to look at the world now. Not while a round begins to go out: either that round is seen,
/// or it is later.
pub(crate) async fn start(tx: &mut PgConnection, id: RoundId) -> sqlx::Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('round.publishing'))").fetch_one(&mut *tx).await?;
    sqlx::query!("UPDATE round SET started_at = clock_timestamp() WHERE id = $1", id.0).execute(tx).await?;
    Ok(())
}

/// Ends a computation that came to nothing.
pub(crate) async fn fail(tx: &mut PgConnection, id: RoundId, (failure, cause): (&str, Value)) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE round SET state = 6, failure = $2, failed_because = $3 WHERE id = $1 AND state = 1",
        id.0,
        failure,
        cause
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The rounds that are being computed, each with a mark that every change of its row changes: the transaction that wrote it.
pub(crate) async fn computing(tx: &mut PgConnection) -> sqlx::Result<Vec<(RoundId, String)>> {
    let rows = sqlx::query!(r#"SELECT id, xmin::text AS "mark!" FROM round WHERE state = 1"#).fetch_all(tx).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.mark)).collect())
}

/// Ends a computation whose round is still as it was marked; false if it is not.
pub(crate) async fn fail_left(
    tx: &mut PgConnection,
    (id, mark): (RoundId, &str),
    (failure, cause): (&str, Value),
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE round SET state = 6, failure = $3, failed_because = $4 WHERE id = $1 AND state = 1 AND xmin::text = $2",
        id.0,
        mark,
        failure,
        cause
    );
    Ok(done.execute(tx).await?.rows_affected() == 1)
}

/// Stores what was found; false if the round is not being computed any more.
pub(crate) async fn conclude(
    tx: &mut PgConnection,
    id: RoundId,
    (report, terms, prices, quotas): (Value, Value, Value, Value),
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE round SET state = 2, phase = '', percent = 100, report = $2, terms = $3, prices = $4, quotas = $5,
             version = 1
         WHERE id = $1 AND state = 1",
        id.0,
        report,
        terms,
        prices,
        quotas
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The number of a round that went out after this one was begun and gave away what this one rests on: seats of the same
/// group, or people for the same days. Rounds begin to go out one after another, so that none overlooks another.
pub(crate) async fn overtaken_by(tx: &mut PgConnection, id: RoundId) -> sqlx::Result<Option<i32>> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('round.publishing'))").fetch_one(&mut *tx).await?;
    sqlx::query_scalar!(
        "SELECT other.number FROM round
         JOIN round other ON other.id <> round.id AND other.publishing_at > round.started_at
         WHERE round.id = $1
           AND ((other.season_code, other.destination) = (round.season_code, round.destination) OR EXISTS (
               SELECT FROM round_pair mine
               JOIN round_pair theirs ON theirs.round_id = other.id AND theirs.candidate_id = mine.candidate_id
               WHERE mine.round_id = round.id AND mine.reserve_rank = 0 AND theirs.reserve_rank = 0
                 AND mine.starts_on < theirs.taken_until AND theirs.starts_on < mine.taken_until))
         ORDER BY other.number LIMIT 1",
        id.0
    )
    .fetch_optional(tx)
    .await
}

/// Puts another plan in the place of a preview's; returns the new version.
pub(crate) async fn overrule(
    tx: &mut PgConnection,
    id: RoundId,
    (report, prices): (Value, Value),
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "UPDATE round SET report = $2, prices = $3, version = version + 1 WHERE id = $1 RETURNING version",
        id.0,
        report,
        prices
    )
    .fetch_one(tx)
    .await
}

/// From preview to publishing.
pub(crate) async fn begin_publishing(tx: &mut PgConnection, id: RoundId) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE round SET state = 3, phase = 'publishing', percent = 0, publishing_at = clock_timestamp() WHERE id = $1",
        id.0
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends a computation that nobody wants any more; false if the round is not being computed.
pub(crate) async fn cancel(tx: &mut PgConnection, id: RoundId, reason: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE round SET state = 5, discard_reason = $2, phase = '' WHERE id = $1 AND state = 1",
        id.0,
        reason
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// From publishing to published, or from preview to discarded; returns the new version.
pub(crate) async fn end(tx: &mut PgConnection, id: RoundId, state: State, reason: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "UPDATE round SET state = $2, discard_reason = $3, phase = '', percent = 100, version = version + 1
         WHERE id = $1 RETURNING version",
        id.0,
        state as i16,
        reason
    )
    .fetch_one(tx)
    .await
}

/// Season, destination, state, rounds, and the sum of versions.
pub(crate) async fn counts(tx: &mut PgConnection) -> sqlx::Result<Vec<(String, String, i16, i64, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT season_code, destination, state, count(*) AS "rounds!", sum(version)::bigint AS "events!"
           FROM round WHERE version > 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"#
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.season_code, row.destination, row.state, row.rounds, row.events)).collect())
}
