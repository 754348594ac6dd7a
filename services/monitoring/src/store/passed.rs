//! Who was passed over on a reserve list. A fact that came before changes nothing.

use chrono::NaiveDate;
use proto::ids::PlacementId;
use sqlx::PgConnection;

use super::col;
use crate::fold::PassedRow;

pub(crate) async fn keep_passed_over(tx: &mut PgConnection, rows: &[PassedRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO passed_over (placement_id, told_by, version, occurred_on, reason, called_rank)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::date[], $5::text[], $6::int[])
         ON CONFLICT DO NOTHING",
        col!(rows, placement_id) as _,
        col!(rows, told_by) as _,
        col!(rows, version) as _,
        col!(rows, occurred_on) as _,
        col!(rows, reason) as _,
        col!(rows, called_rank) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Once that a placement was passed over.
pub(crate) struct Passed {
    pub(crate) occurred_on: NaiveDate,
    pub(crate) reason: String,
    pub(crate) called_rank: i32,
}

/// The last hundred, the latest first.
pub(crate) async fn passed_over(tx: &mut PgConnection, placement_id: PlacementId) -> Result<Vec<Passed>, sqlx::Error> {
    sqlx::query_as!(
        Passed,
        "SELECT occurred_on, reason, called_rank FROM passed_over WHERE placement_id = $1
         ORDER BY occurred_on DESC, told_by DESC, version DESC LIMIT 100",
        placement_id as PlacementId,
    )
    .fetch_all(tx)
    .await
}
