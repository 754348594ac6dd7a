//! What was laid down in rounds.

use chrono::{DateTime, Utc};
use proto::ids::{OrganisationId, RoundId};
use sqlx::PgConnection;

use super::round::wrong;
use crate::whatif::{Kind, Wish};

pub(crate) struct OverrideRow<'a> {
    pub(crate) round_id: RoundId,
    pub(crate) wish: Wish,
    pub(crate) ministry_id: OrganisationId,
    pub(crate) union_id: OrganisationId,
    pub(crate) reason: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) round_version: i64,
    pub(crate) record: Vec<u8>,
}

pub(crate) async fn insert(tx: &mut PgConnection, row: OverrideRow<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO round_override (round_id, line_id, candidate_id, ministry_id, union_id, kind, reason, actor,
             recorded_at, round_version, record)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        row.round_id.0,
        row.wish.line_id.0,
        row.wish.candidate_id.0,
        row.ministry_id.0,
        row.union_id.0,
        row.wish.kind as i16,
        row.reason,
        row.actor,
        row.recorded_at,
        row.round_version,
        row.record
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What was laid down in a round, in order.
pub(crate) async fn wishes(tx: &mut PgConnection, round_id: RoundId) -> Result<Vec<Wish>, platform::Error> {
    let rows = sqlx::query!(
        "SELECT kind, candidate_id, line_id FROM round_override WHERE round_id = $1 ORDER BY round_version",
        round_id.0
    )
    .fetch_all(tx)
    .await?;
    let wish = |kind: i16| Kind::read(kind.into()).ok_or_else(|| wrong("kind", &kind));
    rows.into_iter()
        .map(|row| {
            Ok(Wish { kind: wish(row.kind)?, candidate_id: row.candidate_id.into(), line_id: row.line_id.into() })
        })
        .collect()
}

/// The same as shown.
pub(crate) async fn records(tx: &mut PgConnection, round_id: RoundId) -> sqlx::Result<Vec<Vec<u8>>> {
    sqlx::query_scalar!("SELECT record FROM round_override WHERE round_id = $1 ORDER BY round_version", round_id.0)
        .fetch_all(tx)
        .await
}
