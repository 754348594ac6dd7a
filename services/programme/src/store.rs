//! SQL. Every function works in the transaction it is given; `insert_…` says whether the natural key was free.

mod packs;
mod quotas;
mod tally;

use chrono::NaiveDate;
use proto::{
    ids::OrganisationId,
    programme::{Corridor, CorridorState, Organisation, Season},
};
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) use packs::{insert_pack, pack, pack_in_force, packs};
pub(crate) use quotas::{
    complete_release, insert_quota, lapse_release, lock_quota, open_release, open_releases, propose_release, quota_of,
    quotas, release_units,
};
pub(crate) use tally::{counts, positions};

use crate::organisation::{kind, word};

struct OrganisationRow {
    id: Uuid,
    code: String,
    kind: String,
    name: String,
    country: String,
    version: i64,
}

impl From<OrganisationRow> for Organisation {
    fn from(row: OrganisationRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: kind(&row.kind).into(),
            name: row.name,
            country: row.country,
            code: row.code,
            version: row.version,
        }
    }
}

struct CorridorRow {
    code: String,
    origin: String,
    destination: String,
    agreement: String,
    state: String,
    ministry_id: Uuid,
    version: i64,
}

impl From<CorridorRow> for Corridor {
    fn from(row: CorridorRow) -> Self {
        let state = if row.state == "OPEN" { CorridorState::Open } else { CorridorState::Closed };
        Self {
            code: row.code,
            origin: row.origin,
            destination: row.destination,
            agreement: row.agreement,
            state: state.into(),
            ministry_id: row.ministry_id.to_string(),
            version: row.version,
        }
    }
}

struct SeasonRow {
    code: String,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    version: i64,
}

impl From<SeasonRow> for Season {
    fn from(row: SeasonRow) -> Self {
        Self {
            code: row.code,
            starts_on: row.starts_on.to_string(),
            ends_on: row.ends_on.to_string(),
            version: row.version,
        }
    }
}

pub(crate) async fn insert_organisation(
    tx: &mut PgConnection,
    id: OrganisationId,
    organisation: &Organisation,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO organisation (id, code, kind, name, country) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        id.0,
        organisation.code,
        word(organisation.kind()),
        organisation.name,
        organisation.country,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The organisation that stands in the way of a new one: the code's first, else the id's.
pub(crate) async fn organisation_by_code_or_id(
    tx: &mut PgConnection,
    code: &str,
    id: OrganisationId,
) -> Result<Organisation, sqlx::Error> {
    let row = sqlx::query_as!(
        OrganisationRow,
        "SELECT id, code, kind, name, country, version FROM organisation WHERE code = $1 OR id = $2
         ORDER BY code = $1 DESC LIMIT 1",
        code,
        id.0,
    )
    .fetch_one(tx)
    .await?;
    Ok(row.into())
}

pub(crate) async fn organisation(
    tx: &mut PgConnection,
    id: OrganisationId,
) -> Result<Option<Organisation>, sqlx::Error> {
    let row = sqlx::query_as!(
        OrganisationRow,
        "SELECT id, code, kind, name, country, version FROM organisation WHERE id = $1",
        id.0
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(Into::into))
}

pub(crate) async fn organisations(
    tx: &mut PgConnection,
    kind: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Organisation>, sqlx::Error> {
    let rows = sqlx::query_as!(
        OrganisationRow,
        "SELECT id, code, kind, name, country, version FROM organisation
         WHERE ($1 = '' OR kind = $1) AND code > $2 ORDER BY code LIMIT $3",
        kind,
        after,
        limit,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) async fn insert_corridor(
    tx: &mut PgConnection,
    ministry_id: OrganisationId,
    corridor: &Corridor,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO corridor (code, origin, destination, agreement, ministry_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        corridor.code,
        corridor.origin,
        corridor.destination,
        corridor.agreement,
        ministry_id.0,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn corridor(tx: &mut PgConnection, code: &str) -> Result<Option<Corridor>, sqlx::Error> {
    let row = sqlx::query_as!(
        CorridorRow,
        "SELECT code, origin, destination, agreement, state, ministry_id, version FROM corridor WHERE code = $1",
        code
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(Into::into))
}

pub(crate) async fn corridors(tx: &mut PgConnection, after: &str, limit: i64) -> Result<Vec<Corridor>, sqlx::Error> {
    let rows = sqlx::query_as!(
        CorridorRow,
        "SELECT code, origin, destination, agreement, state, ministry_id, version FROM corridor
         WHERE code > $1 ORDER BY code LIMIT $2",
        after,
        limit,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) async fn insert_season(
    tx: &mut PgConnection,
    code: &str,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO season (code, starts_on, ends_on) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        code,
        starts_on,
        ends_on
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn season(tx: &mut PgConnection, code: &str) -> Result<Option<Season>, sqlx::Error> {
    let row = sqlx::query_as!(SeasonRow, "SELECT code, starts_on, ends_on, version FROM season WHERE code = $1", code)
        .fetch_optional(tx)
        .await?;
    Ok(row.map(Into::into))
}

pub(crate) async fn seasons(tx: &mut PgConnection, after: &str, limit: i64) -> Result<Vec<Season>, sqlx::Error> {
    let rows = sqlx::query_as!(
        SeasonRow,
        "SELECT code, starts_on, ends_on, version FROM season WHERE code > $1 ORDER BY code LIMIT $2",
        after,
        limit,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
