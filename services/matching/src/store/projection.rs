//! Writes what programme, demand and candidate publish. Each statement takes a batch; a row gives way only to a newer version of itself, so
//! duplicates and reordering change nothing. A batch holds each aggregate once.

use chrono::NaiveDate;
use proto::ids::{CandidateId, LineId, OrderId, OrganisationId, QuotaId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) struct CorridorRow {
    pub(crate) code: String,
    pub(crate) origin: String,
    pub(crate) destination: String,
    pub(crate) open: bool,
    pub(crate) version: i64,
}

pub(crate) async fn corridors(tx: &mut PgConnection, rows: &[CorridorRow]) -> sqlx::Result<()> {
    let texts = |of: fn(&CorridorRow) -> &String| rows.iter().map(|row| of(row).clone()).collect::<Vec<_>>();
    let open: Vec<bool> = rows.iter().map(|row| row.open).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    sqlx::query!(
        "INSERT INTO corridor (code, origin, destination, open, version)
         SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bool[], $5::bigint[])
         ON CONFLICT (code) DO UPDATE SET open = excluded.open, version = excluded.version
         WHERE corridor.version < excluded.version",
        &texts(|row| &row.code),
        &texts(|row| &row.origin),
        &texts(|row| &row.destination),
        &open,
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn seasons(tx: &mut PgConnection, codes: &[String], versions: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO season (code, version) SELECT * FROM UNNEST($1::text[], $2::bigint[])
         ON CONFLICT (code) DO UPDATE SET version = excluded.version WHERE season.version < excluded.version",
        codes,
        versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) struct PackRow {
    pub(crate) id: String,
    pub(crate) code: String,
    pub(crate) valid_from: NaiveDate,
    pub(crate) rules: Value,
    pub(crate) version: i64,
}

pub(crate) async fn packs(tx: &mut PgConnection, rows: &[PackRow]) -> sqlx::Result<()> {
    let texts = |of: fn(&PackRow) -> &String| rows.iter().map(|row| of(row).clone()).collect::<Vec<_>>();
    let valid_from: Vec<NaiveDate> = rows.iter().map(|row| row.valid_from).collect();
    let rules: Vec<Value> = rows.iter().map(|row| row.rules.clone()).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    sqlx::query!(
        "INSERT INTO rule_pack (id, code, valid_from, rules, version)
         SELECT * FROM UNNEST($1::text[], $2::text[], $3::date[], $4::jsonb[], $5::bigint[])
         ON CONFLICT (id) DO UPDATE SET rules = excluded.rules, version = excluded.version
         WHERE rule_pack.version < excluded.version",
        &texts(|row| &row.id),
        &texts(|row| &row.code),
        &valid_from,
        &rules,
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) struct QuotaRow {
    pub(crate) id: QuotaId,
    pub(crate) corridor_code: String,
    pub(crate) season_code: String,
    pub(crate) cap: i64,
    pub(crate) version: i64,
}

pub(crate) async fn quotas(tx: &mut PgConnection, rows: &[QuotaRow]) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let corridors: Vec<String> = rows.iter().map(|row| row.corridor_code.clone()).collect();
    let seasons: Vec<String> = rows.iter().map(|row| row.season_code.clone()).collect();
    let caps: Vec<i64> = rows.iter().map(|row| row.cap).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    sqlx::query!(
        "INSERT INTO quota (id, corridor_code, season_code, cap, version)
         SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
         ON CONFLICT (id) DO UPDATE SET cap = excluded.cap, version = excluded.version
         WHERE quota.version < excluded.version",
        &ids,
        &corridors,
        &seasons,
        &caps,
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Id, name, version.
pub(crate) async fn organisations(tx: &mut PgConnection, rows: &[(OrganisationId, String, i64)]) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0.0).collect();
    let names: Vec<String> = rows.iter().map(|row| row.1.clone()).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.2).collect();
    sqlx::query!(
        "INSERT INTO organisation (id, name, version) SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::bigint[])
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version
         WHERE organisation.version < excluded.version",
        &ids,
        &names,
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) struct CandidateRow {
    pub(crate) id: CandidateId,
    pub(crate) ministry_id: OrganisationId,
    pub(crate) origin: String,
    pub(crate) rostered: bool,
    pub(crate) facts: Vec<u8>,
    pub(crate) version: i64,
    pub(crate) family: String,
    pub(crate) crew: String,
}

pub(crate) async fn candidates(tx: &mut PgConnection, rows: Vec<CandidateRow>) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let ministries: Vec<Uuid> = rows.iter().map(|row| row.ministry_id.0).collect();
    let origins: Vec<String> = rows.iter().map(|row| row.origin.clone()).collect();
    let rostered: Vec<bool> = rows.iter().map(|row| row.rostered).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    let families: Vec<String> = rows.iter().map(|row| row.family.clone()).collect();
    let crews: Vec<String> = rows.iter().map(|row| row.crew.clone()).collect();
    let facts: Vec<Vec<u8>> = rows.into_iter().map(|row| row.facts).collect();
    sqlx::query!(
        "INSERT INTO candidate (id, ministry_id, origin, rostered, facts, version, family, crew)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::bool[], $5::bytea[], $6::bigint[], $7::text[], $8::text[])
         ON CONFLICT (id) DO UPDATE SET ministry_id = excluded.ministry_id, origin = excluded.origin,
             rostered = excluded.rostered, facts = excluded.facts, version = excluded.version,
             family = excluded.family, crew = excluded.crew
         WHERE candidate.version < excluded.version",
        &ids,
        &ministries,
        &origins,
        &rostered,
        &facts,
        &versions,
        &families,
        &crews
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) struct OrderRow {
    pub(crate) id: OrderId,
    pub(crate) organisation_id: OrganisationId,
    pub(crate) season_code: String,
    pub(crate) destination: String,
    pub(crate) open: bool,
    pub(crate) reference: String,
    pub(crate) filed_on: Option<NaiveDate>,
    pub(crate) employer_id: Option<Uuid>,
    pub(crate) version: i64,
    /// Id and facts of each line.
    pub(crate) lines: Vec<(LineId, Vec<u8>)>,
}

pub(crate) async fn orders(tx: &mut PgConnection, rows: Vec<OrderRow>) -> sqlx::Result<()> {
    let texts = |of: fn(&OrderRow) -> &String| rows.iter().map(|row| of(row).clone()).collect::<Vec<_>>();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let organisations: Vec<Uuid> = rows.iter().map(|row| row.organisation_id.0).collect();
    let open: Vec<bool> = rows.iter().map(|row| row.open).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    let filed_on: Vec<Option<NaiveDate>> = rows.iter().map(|row| row.filed_on).collect();
    let employers: Vec<Option<Uuid>> = rows.iter().map(|row| row.employer_id).collect();
    let newer = sqlx::query_scalar!(
        "INSERT INTO job_order (id, organisation_id, season_code, destination, open, reference, version, filed_on, employer_id)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::text[], $7::bigint[], $8::date[],
             $9::uuid[])
         ON CONFLICT (id) DO UPDATE SET season_code = excluded.season_code, destination = excluded.destination,
             open = excluded.open, reference = excluded.reference, version = excluded.version,
             filed_on = excluded.filed_on, employer_id = excluded.employer_id
         WHERE job_order.version < excluded.version
         RETURNING id",
        &ids,
        &organisations,
        &texts(|row| &row.season_code),
        &texts(|row| &row.destination),
        &open,
        &texts(|row| &row.reference),
        &versions,
        &filed_on as &[Option<NaiveDate>],
        &employers as &[Option<Uuid>]
    )
    .fetch_all(&mut *tx)
    .await?;
    let newer: Vec<OrderId> = newer.into_iter().map(OrderId).collect();
    replace_lines(tx, &newer, rows).await
}

async fn replace_lines(tx: &mut PgConnection, newer: &[OrderId], rows: Vec<OrderRow>) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM job_line WHERE order_id = ANY($1)", newer as &[OrderId]).execute(&mut *tx).await?;
    let (mut ids, mut orders, mut organisations, mut facts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in rows.into_iter().filter(|row| newer.contains(&row.id)) {
        for (id, fact) in row.lines {
            ids.push(id.0);
            orders.push(row.id.0);
            organisations.push(row.organisation_id.0);
            facts.push(fact);
        }
    }
    sqlx::query!(
        "INSERT INTO job_line (id, order_id, organisation_id, facts)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[])",
        &ids,
        &orders,
        &organisations,
        &facts
    )
    .execute(tx)
    .await?;
    Ok(())
}
