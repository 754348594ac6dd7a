//! Proposals: taken, refused, waiting.

use chrono::NaiveDate;
use prost::Message;
use proto::{
    ids::{PlacementId, QuotaId, RoundId},
    matching::LineProposal,
};
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

use crate::service::proposals::Proposed;

/// Which of these proposals were taken, refused or put to wait before.
///
/// # Errors
/// If the database is gone.
pub async fn known(tx: &mut PgConnection, ids: &[PlacementId]) -> Result<Vec<PlacementId>, sqlx::Error> {
    let known = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM placement WHERE id = ANY($1)
           UNION ALL SELECT placement_id FROM proposal_refusal WHERE placement_id = ANY($1)
           UNION ALL SELECT placement_id FROM waiting_proposal WHERE placement_id = ANY($1)"#,
        ids as &[PlacementId]
    )
    .fetch_all(tx)
    .await?;
    Ok(known.into_iter().map(PlacementId).collect())
}

/// Which of these quotas are known.
///
/// # Errors
/// If the database is gone.
pub async fn known_quotas(tx: &mut PgConnection, ids: &[QuotaId]) -> Result<HashSet<QuotaId>, sqlx::Error> {
    let ids = sqlx::query_scalar!("SELECT id FROM quota WHERE id = ANY($1)", ids as &[QuotaId]).fetch_all(tx).await?;
    Ok(ids.into_iter().map(QuotaId).collect())
}

/// Puts proposals to wait for their line or quota.
///
/// # Errors
/// If the database is gone.
pub async fn wait(tx: &mut PgConnection, waiting: &[&Proposed]) -> Result<(), sqlx::Error> {
    if waiting.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = waiting.iter().map(|entry| entry.placement_id.0).collect();
    let lines: Vec<Uuid> = waiting.iter().map(|entry| entry.line_id.0).collect();
    let quotas: Vec<Uuid> = waiting.iter().map(|entry| entry.quota_id.0).collect();
    let as_of: Vec<NaiveDate> = waiting.iter().map(|entry| entry.as_of).collect();
    let ranks: Vec<i32> = waiting.iter().map(|entry| entry.rank).collect();
    let wholes: Vec<Vec<u8>> = waiting.iter().map(|entry| entry.whole.encode_to_vec()).collect();
    sqlx::query!(
        "INSERT INTO waiting_proposal (placement_id, line_id, quota_id, as_of, reserve_rank, proposal)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[], $5::int[], $6::bytea[])
         ON CONFLICT DO NOTHING",
        &ids,
        &lines,
        &quotas,
        &as_of,
        &ranks,
        &wholes
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes those out of the waiting room whose line is no longer pending and whose quota is known.
///
/// # Errors
/// If the database is gone.
pub async fn ready(tx: &mut PgConnection, most: i64) -> Result<Vec<LineProposal>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "DELETE FROM waiting_proposal WHERE placement_id IN (
             SELECT w.placement_id FROM waiting_proposal w
             JOIN line l ON l.id = w.line_id AND l.state <> 1 JOIN quota q ON q.id = w.quota_id
             ORDER BY w.reserve_rank, w.placement_id LIMIT $1 FOR UPDATE OF w SKIP LOCKED
         ) RETURNING proposal",
        most
    )
    .fetch_all(tx)
    .await?;
    decode(&rows)
}

/// Takes those out that are older than a day.
///
/// # Errors
/// If the database is gone.
pub async fn overdue(tx: &mut PgConnection, before: NaiveDate, most: i64) -> Result<Vec<LineProposal>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "DELETE FROM waiting_proposal WHERE placement_id IN (
             SELECT placement_id FROM waiting_proposal WHERE as_of < $1 ORDER BY placement_id LIMIT $2
             FOR UPDATE SKIP LOCKED
         ) RETURNING proposal",
        before,
        most
    )
    .fetch_all(tx)
    .await?;
    decode(&rows)
}

fn decode(rows: &[Vec<u8>]) -> Result<Vec<LineProposal>, sqlx::Error> {
    rows.iter()
        .map(|bytes| LineProposal::decode(bytes.as_slice()).map_err(|error| sqlx::Error::Decode(error.into())))
        .collect()
}

/// Records refusals.
///
/// # Errors
/// If the database is gone.
pub async fn refuse(tx: &mut PgConnection, rows: &[(Uuid, &Proposed, &'static str)]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|(id, _, _)| *id).collect();
    let of = |of: fn(&Proposed) -> Uuid| rows.iter().map(|(_, entry, _)| of(entry)).collect::<Vec<Uuid>>();
    let rounds: Vec<Option<RoundId>> = rows.iter().map(|(_, entry, _)| entry.round_id).collect();
    let corridors: Vec<String> = rows.iter().map(|(_, entry, _)| entry.corridor.clone()).collect();
    let seasons: Vec<String> = rows.iter().map(|(_, entry, _)| entry.season.clone()).collect();
    let reasons: Vec<String> = rows.iter().map(|(_, _, reason)| (*reason).to_owned()).collect();
    sqlx::query!(
        "INSERT INTO proposal_refusal
             (id, placement_id, round_id, line_id, candidate_id, ministry_id, corridor_code, season_code, reason, version)
         SELECT *, 1 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[],
                                 $8::text[], $9::text[])",
        &ids,
        &of(|entry| entry.placement_id.0),
        &rounds as &[Option<RoundId>],
        &of(|entry| entry.line_id.0),
        &of(|entry| entry.candidate_id.0),
        &of(|entry| entry.ministry_id.0),
        &corridors,
        &seasons,
        &reasons
    )
    .execute(tx)
    .await?;
    Ok(())
}
