//! Newer version wins: what placement owns.

use sqlx::PgConnection;

use super::col;
use crate::fold::{CalendarRow, LineRow, PlacementRow, QuotaUseRow, WordRow};

pub(crate) async fn fold_placements(tx: &mut PgConnection, rows: &[PlacementRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO placement (id, version, ministry_id, union_id, corridor_code, season_code, stage, source, step, dropped, reason, since, due_on, clocks, spans, one_sided)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
             $7::text[], $8::text[], $9::smallint[], $10::boolean[], $11::text[], $12::date[], $13::date[],
             $14::jsonb[], $15::jsonb[], $16::boolean[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, ministry_id = excluded.ministry_id,
             union_id = excluded.union_id, corridor_code = excluded.corridor_code,
             season_code = excluded.season_code, stage = excluded.stage, source = excluded.source,
             step = excluded.step, dropped = excluded.dropped, reason = excluded.reason,
             since = excluded.since, due_on = excluded.due_on, clocks = excluded.clocks,
             spans = excluded.spans, one_sided = excluded.one_sided
         WHERE placement.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, ministry_id) as _,
        col!(rows, union_id) as _,
        col!(rows, corridor_code) as _,
        col!(rows, season_code) as _,
        col!(rows, stage) as _,
        col!(rows, source) as _,
        col!(rows, step) as _,
        col!(rows, dropped) as _,
        col!(rows, reason) as _,
        col!(rows, since) as _,
        col!(rows, due_on) as _,
        col!(rows, clocks) as _,
        col!(rows, spans) as _,
        col!(rows, one_sided) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_lines(tx: &mut PgConnection, rows: &[LineRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO line (id, version, organisation_id, corridor_code, season_code, state, posted, held, taken, promised, shares)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[],
             $7::int[], $8::int[], $9::int[], $10::int[], $11::jsonb[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, organisation_id = excluded.organisation_id,
             corridor_code = excluded.corridor_code, season_code = excluded.season_code,
             state = excluded.state, posted = excluded.posted, held = excluded.held, taken = excluded.taken,
             promised = excluded.promised, shares = excluded.shares
         WHERE line.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, organisation_id) as _,
        col!(rows, corridor_code) as _,
        col!(rows, season_code) as _,
        col!(rows, state) as _,
        col!(rows, posted) as _,
        col!(rows, held) as _,
        col!(rows, taken) as _,
        col!(rows, promised) as _,
        col!(rows, shares) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_quota_uses(tx: &mut PgConnection, rows: &[QuotaUseRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO quota_use (id, version, corridor_code, season_code, cap, allotted)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::int[], $6::int[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, corridor_code = excluded.corridor_code,
             season_code = excluded.season_code, cap = excluded.cap, allotted = excluded.allotted
         WHERE quota_use.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, corridor_code) as _,
        col!(rows, season_code) as _,
        col!(rows, cap) as _,
        col!(rows, allotted) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_season_records(tx: &mut PgConnection, rows: &[WordRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO season_record (id, version, ministry_id, corridor_code, season_code, return)
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, ministry_id = excluded.ministry_id,
             corridor_code = excluded.corridor_code, season_code = excluded.season_code,
             return = excluded.return
         WHERE season_record.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, ministry_id) as _,
        col!(rows, corridor_code) as _,
        col!(rows, season_code) as _,
        col!(rows, word) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_proposal_refusals(tx: &mut PgConnection, rows: &[WordRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO proposal_refusal (id, version, corridor_code, season_code, reason)
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, corridor_code = excluded.corridor_code,
             season_code = excluded.season_code, reason = excluded.reason
         WHERE proposal_refusal.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, corridor_code) as _,
        col!(rows, season_code) as _,
        col!(rows, word) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn fold_calendars(tx: &mut PgConnection, rows: &[CalendarRow]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO calendar (id, version, as_of)
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::date[])
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, as_of = excluded.as_of
         WHERE calendar.version < excluded.version",
        col!(rows, id) as _,
        col!(rows, version) as _,
        col!(rows, as_of) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}
