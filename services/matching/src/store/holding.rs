//! Writes what placement publishes: ledgers, who is where, and the answers to proposals. Batches and versions as in
//! `projection`.

use chrono::NaiveDate;
use proto::ids::{CandidateId, LineId, OrganisationId, PlacementId, QuotaId};
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) struct LedgerRow {
    pub(crate) line_id: LineId,
    pub(crate) organisation_id: OrganisationId,
    pub(crate) season_code: String,
    pub(crate) destination: String,
    pub(crate) open: bool,
    pub(crate) facts: Vec<u8>,
    pub(crate) version: i64,
}

pub(crate) async fn ledgers(tx: &mut PgConnection, rows: Vec<LedgerRow>) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.line_id.0).collect();
    let organisations: Vec<Uuid> = rows.iter().map(|row| row.organisation_id.0).collect();
    let seasons: Vec<String> = rows.iter().map(|row| row.season_code.clone()).collect();
    let destinations: Vec<String> = rows.iter().map(|row| row.destination.clone()).collect();
    let open: Vec<bool> = rows.iter().map(|row| row.open).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    let facts: Vec<Vec<u8>> = rows.into_iter().map(|row| row.facts).collect();
    sqlx::query!(
        "INSERT INTO line_ledger (line_id, organisation_id, season_code, destination, open, facts, version)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::bytea[], $7::bigint[])
         ON CONFLICT (line_id) DO UPDATE SET open = excluded.open, facts = excluded.facts, version = excluded.version
         WHERE line_ledger.version < excluded.version",
        &ids,
        &organisations,
        &seasons,
        &destinations,
        &open,
        &facts,
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Quota, cap, allotted, version.
pub(crate) async fn quota_uses(tx: &mut PgConnection, rows: &[(QuotaId, i64, i64, i64)]) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0.0).collect();
    let caps: Vec<i64> = rows.iter().map(|row| row.1).collect();
    let allotted: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.3).collect();
    sqlx::query!(
        "INSERT INTO quota_use (quota_id, cap, allotted, version)
         SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])
         ON CONFLICT (quota_id) DO UPDATE SET cap = excluded.cap, allotted = excluded.allotted, version = excluded.version
         WHERE quota_use.version < excluded.version",
        &ids,
        &caps,
        &allotted,
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) struct PlacementRow {
    pub(crate) id: PlacementId,
    pub(crate) candidate_id: CandidateId,
    pub(crate) ministry_id: Option<OrganisationId>,
    pub(crate) union_id: Option<OrganisationId>,
    pub(crate) line_id: LineId,
    pub(crate) quota_id: Option<QuotaId>,
    pub(crate) season_code: String,
    /// Listed, holds a seat, holds a unit, ended here, first in the next round.
    pub(crate) marks: [bool; 5],
    /// Taken from, taken until, starts, recalled, held since, ended.
    pub(crate) days: [Option<NaiveDate>; 6],
    pub(crate) version: i64,
}

pub(crate) async fn placements(tx: &mut PgConnection, rows: &[PlacementRow]) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let candidates: Vec<Uuid> = rows.iter().map(|row| row.candidate_id.0).collect();
    let ministries: Vec<Option<OrganisationId>> = rows.iter().map(|row| row.ministry_id).collect();
    let unions: Vec<Option<OrganisationId>> = rows.iter().map(|row| row.union_id).collect();
    let lines: Vec<Uuid> = rows.iter().map(|row| row.line_id.0).collect();
    let quotas: Vec<Option<QuotaId>> = rows.iter().map(|row| row.quota_id).collect();
    let mark = |at: usize| rows.iter().map(|row| row.marks[at]).collect::<Vec<_>>();
    let days = |at: usize| rows.iter().map(|row| row.days[at]).collect::<Vec<_>>();
    let seasons: Vec<String> = rows.iter().map(|row| row.season_code.clone()).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    sqlx::query!(
        "INSERT INTO placement (id, candidate_id, ministry_id, union_id, line_id, quota_id,
             listed, holds_seat, holds_unit, ended_here, next_round_first, taken_from, taken_until, starts_on, recalled_on,
             held_since, ended_on, season_code, version)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[],
             $7::bool[], $8::bool[], $9::bool[], $10::bool[], $11::bool[], $12::date[], $13::date[], $14::date[],
             $15::date[], $16::date[], $17::date[], $18::text[], $19::bigint[])
         ON CONFLICT (id) DO UPDATE SET line_id = excluded.line_id, quota_id = excluded.quota_id,
             listed = excluded.listed, holds_seat = excluded.holds_seat, holds_unit = excluded.holds_unit,
             ended_here = excluded.ended_here, next_round_first = excluded.next_round_first,
             taken_from = excluded.taken_from, taken_until = excluded.taken_until, starts_on = excluded.starts_on,
             recalled_on = excluded.recalled_on, held_since = excluded.held_since, ended_on = excluded.ended_on,
             season_code = excluded.season_code, union_id = excluded.union_id, version = excluded.version
         WHERE placement.version < excluded.version",
        &ids,
        &candidates,
        &ministries as &[Option<OrganisationId>],
        &unions as &[Option<OrganisationId>],
        &lines,
        &quotas as &[Option<QuotaId>],
        &mark(0),
        &mark(1),
        &mark(2),
        &mark(3),
        &mark(4),
        &days(0) as &[Option<NaiveDate>],
        &days(1) as &[Option<NaiveDate>],
        &days(2) as &[Option<NaiveDate>],
        &days(3) as &[Option<NaiveDate>],
        &days(4) as &[Option<NaiveDate>],
        &days(5) as &[Option<NaiveDate>],
        &seasons,
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Placement, line, candidate, reason, version.
pub(crate) async fn refusals(
    tx: &mut PgConnection,
    rows: &[(PlacementId, LineId, CandidateId, String, i64)],
) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0.0).collect();
    let lines: Vec<Uuid> = rows.iter().map(|row| row.1.0).collect();
    let candidates: Vec<Uuid> = rows.iter().map(|row| row.2.0).collect();
    let reasons: Vec<String> = rows.iter().map(|row| row.3.clone()).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.4).collect();
    sqlx::query!(
        "INSERT INTO proposal_refusal (placement_id, line_id, candidate_id, reason, version)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[])
         ON CONFLICT (placement_id) DO UPDATE SET reason = excluded.reason, version = excluded.version
         WHERE proposal_refusal.version < excluded.version",
        &ids,
        &lines,
        &candidates,
        &reasons,
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The placement service has said what became of these proposals.
pub(crate) async fn answered(tx: &mut PgConnection, placements: &[PlacementId]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE round_pair SET answered = true WHERE placement_id = ANY($1) AND NOT answered",
        placements as &[PlacementId]
    )
    .execute(tx)
    .await?;
    Ok(())
}
