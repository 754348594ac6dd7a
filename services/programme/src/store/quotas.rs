use proto::{ids::QuotaId, programme::Quota};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::quota::Proposal;

struct QuotaRow {
    id: Uuid,
    corridor_code: String,
    season_code: String,
    sector: String,
    cap: i32,
    kept: i32,
    version: i64,
}

impl From<QuotaRow> for Quota {
    fn from(row: QuotaRow) -> Self {
        Self {
            id: row.id.to_string(),
            corridor_code: row.corridor_code,
            season_code: row.season_code,
            sector: row.sector,
            cap: row.cap,
            flexible_reserve: row.kept,
            version: row.version,
        }
    }
}

pub(crate) async fn insert_quota(tx: &mut PgConnection, id: QuotaId, quota: &Quota) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO quota (id, corridor_code, season_code, sector, cap, flexible_reserve) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING",
        id.0,
        quota.corridor_code,
        quota.season_code,
        quota.sector,
        quota.cap,
        quota.flexible_reserve,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The quota of the same corridor, season and sector.
pub(crate) async fn quota_of(tx: &mut PgConnection, quota: &Quota) -> Result<Quota, sqlx::Error> {
    let row = sqlx::query_as!(
        QuotaRow,
        r#"SELECT id, corridor_code, season_code, sector, cap, flexible_reserve - released AS "kept!", version FROM quota
           WHERE corridor_code = $1 AND season_code = $2 AND sector = $3"#,
        quota.corridor_code,
        quota.season_code,
        quota.sector,
    )
    .fetch_one(tx)
    .await?;
    Ok(row.into())
}

/// Locks the quota for the rest of the transaction.
pub(crate) async fn lock_quota(tx: &mut PgConnection, id: QuotaId) -> Result<Option<Quota>, sqlx::Error> {
    let row = sqlx::query_as!(
        QuotaRow,
        r#"SELECT id, corridor_code, season_code, sector, cap, flexible_reserve - released AS "kept!", version FROM quota
           WHERE id = $1 FOR UPDATE"#,
        id.0,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(Into::into))
}

/// Moves units from the reserve to the cap. The CHECK of the row refuses what the reserve does not hold.
pub(crate) async fn release_units(tx: &mut PgConnection, id: QuotaId, units: i32) -> Result<Quota, sqlx::Error> {
    let row = sqlx::query_as!(
        QuotaRow,
        r#"UPDATE quota SET cap = cap + $2, released = released + $2, version = version + 1 WHERE id = $1
           RETURNING id, corridor_code, season_code, sector, cap, flexible_reserve - released AS "kept!", version"#,
        id.0,
        units,
    )
    .fetch_one(tx)
    .await?;
    Ok(row.into())
}

/// The release that waits for its second person.
pub(crate) async fn open_release(tx: &mut PgConnection, quota: QuotaId) -> Result<Option<Proposal>, sqlx::Error> {
    sqlx::query_as!(
        Proposal,
        r#"SELECT id, units, proposed_by AS by, proposed_at AS at FROM reserve_release
           WHERE quota_id = $1 AND completed_by IS NULL AND NOT lapsed"#,
        quota.0,
    )
    .fetch_optional(tx)
    .await
}

/// Those of several quotas.
pub(crate) async fn open_releases(
    tx: &mut PgConnection,
    quotas: &[Uuid],
) -> Result<Vec<(Uuid, Proposal)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT quota_id, id, units, proposed_by AS by, proposed_at AS at FROM reserve_release
           WHERE quota_id = ANY($1) AND completed_by IS NULL AND NOT lapsed ORDER BY proposed_at, id"#,
        quotas,
    )
    .fetch_all(tx)
    .await?;
    let proposal = |id, units, by, at| Proposal { id, units, by, at };
    Ok(rows.into_iter().map(|row| (row.quota_id, proposal(row.id, row.units, row.by, row.at))).collect())
}

pub(crate) async fn propose_release(
    tx: &mut PgConnection,
    quota: QuotaId,
    proposal: &Proposal,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO reserve_release (id, quota_id, units, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5)",
        proposal.id,
        quota.0,
        proposal.units,
        proposal.by,
        proposal.at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes the second person. The CHECK of the row refuses the first.
pub(crate) async fn complete_release(tx: &mut PgConnection, id: Uuid, by: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE reserve_release SET completed_by = $2 WHERE id = $1", id, by).execute(tx).await?;
    Ok(())
}

pub(crate) async fn lapse_release(tx: &mut PgConnection, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE reserve_release SET lapsed = true WHERE id = $1", id).execute(tx).await?;
    Ok(())
}

/// `codes` = corridor and season, empty for every one.
pub(crate) async fn quotas(
    tx: &mut PgConnection,
    codes: (&str, &str),
    after: QuotaId,
    limit: i64,
) -> Result<Vec<Quota>, sqlx::Error> {
    let rows = sqlx::query_as!(
        QuotaRow,
        r#"SELECT id, corridor_code, season_code, sector, cap, flexible_reserve - released AS "kept!", version FROM quota
           WHERE ($1 = '' OR corridor_code = $1) AND ($2 = '' OR season_code = $2) AND id > $3 ORDER BY id LIMIT $4"#,
        codes.0,
        codes.1,
        after.0,
        limit,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
