//! Newer version wins: what programme, demand, candidate and matching own.

use sqlx::PgConnection;

use super::col;
use crate::fold::{
    CandidateRow, CorridorRow, EmployerRow, JobOrderRow, LineProposalRow, MarkRow, OrganisationRow, QuotaRow, RoundRow,
};

pub(crate) async fn fold_organisations(tx: &mut PgConnection, rows: &[OrganisationRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO organisation (id, version, kind)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, kind = excluded.kind
         WHERE organisation.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, kind) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_corridors(tx: &mut PgConnection, rows: &[CorridorRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO corridor (code, version, state, ministry_id)
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::uuid[])
         ON CONFLICT (code) DO UPDATE SET version = excluded.version, state = excluded.state,
             ministry_id = excluded.ministry_id
         WHERE corridor.version < excluded.version",
        col!(rows, code) as _,
        col!(rows, version) as _,
        col!(rows, state) as _,
        col!(rows, ministry_id) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_rule_packs(tx: &mut PgConnection, rows: &[MarkRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO rule_pack (id, version)
         SELECT * FROM unnest($1::text[], $2::bigint[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version
         WHERE rule_pack.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_seasons(tx: &mut PgConnection, rows: &[MarkRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO season (code, version)
         SELECT * FROM unnest($1::text[], $2::bigint[])
         ON CONFLICT (code) DO UPDATE SET version = excluded.version
         WHERE season.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_quotas(tx: &mut PgConnection, rows: &[QuotaRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO quota (id, version, corridor_code, season_code, cap)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::int[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, corridor_code = excluded.corridor_code,
             season_code = excluded.season_code, cap = excluded.cap
         WHERE quota.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, corridor_code) as _,
        col!(rows, season_code) as _,
        col!(rows, cap) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_employers(tx: &mut PgConnection, rows: &[EmployerRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO employer (id, version, organisation_id)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, organisation_id = excluded.organisation_id
         WHERE employer.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, organisation_id) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_job_orders(tx: &mut PgConnection, rows: &[JobOrderRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO job_order (id, version, organisation_id, season_code, destination, state, lines, seats, seats_asked)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[],
             $7::bigint[], $8::bigint[], $9::bigint[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, organisation_id = excluded.organisation_id,
             season_code = excluded.season_code, destination = excluded.destination, state = excluded.state,
             lines = excluded.lines, seats = excluded.seats, seats_asked = excluded.seats_asked
         WHERE job_order.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, organisation_id) as _,
        col!(rows, season_code) as _,
        col!(rows, destination) as _,
        col!(rows, state) as _,
        col!(rows, lines) as _,
        col!(rows, seats) as _,
        col!(rows, seats_asked) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_candidates(tx: &mut PgConnection, rows: &[CandidateRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO candidate (id, version, organisation_id, origin, state, seasons_returned, destinations)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::int[],
             $7::text[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, organisation_id = excluded.organisation_id,
             origin = excluded.origin, state = excluded.state, seasons_returned = excluded.seasons_returned,
             destinations = excluded.destinations
         WHERE candidate.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, organisation_id) as _,
        col!(rows, origin) as _,
        col!(rows, state) as _,
        col!(rows, seasons_returned) as _,
        col!(rows, destinations) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_rounds(tx: &mut PgConnection, rows: &[RoundRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO round (id, version, season_code, destination, state)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, season_code = excluded.season_code,
             destination = excluded.destination, state = excluded.state
         WHERE round.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, season_code) as _,
        col!(rows, destination) as _,
        col!(rows, state) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_line_proposals(tx: &mut PgConnection, rows: &[LineProposalRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO line_proposal (id, version, organisation_id, season_code, shares)
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::jsonb[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, organisation_id = excluded.organisation_id,
             season_code = excluded.season_code, shares = excluded.shares
         WHERE line_proposal.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, organisation_id) as _,
        col!(rows, season_code) as _,
        col!(rows, shares) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}
