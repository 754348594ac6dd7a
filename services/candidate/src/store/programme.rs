//! The projection of the programme: countries of organisations, corridors, what their dated packs ask of candidates.

use chrono::NaiveDate;
use platform::Error;
use proto::{
    ids::OrganisationId,
    programme::{Corridor, CorridorState, Organisation},
};
use sqlx::PgConnection;

use crate::roster::Requirements;

pub(crate) async fn save_organisation(
    tx: &mut PgConnection,
    id: OrganisationId,
    organisation: &Organisation,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO organisation AS known (id, country, version) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET country = excluded.country, version = excluded.version
         WHERE known.version < excluded.version",
        id.0,
        organisation.country,
        organisation.version
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn save_corridor(tx: &mut PgConnection, corridor: &Corridor) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO corridor AS known (code, origin, destination, open, version) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (code) DO UPDATE SET open = excluded.open, version = excluded.version
         WHERE known.version < excluded.version",
        corridor.code,
        corridor.origin,
        corridor.destination,
        corridor.state == CorridorState::Open as i32,
        corridor.version
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Which pack, from when.
pub(crate) struct Pack<'a> {
    pub(crate) id: &'a str,
    pub(crate) code: &'a str,
    pub(crate) valid_from: NaiveDate,
    pub(crate) version: i64,
}

pub(crate) async fn save_pack(tx: &mut PgConnection, pack: &Pack<'_>, asks: &Requirements) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO rule_pack AS known (id, code, valid_from, age_min, age_max, fitness, training, validity_days, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET age_min = excluded.age_min, age_max = excluded.age_max,
             fitness = excluded.fitness, training = excluded.training, validity_days = excluded.validity_days,
             version = excluded.version
         WHERE known.version < excluded.version",
        pack.id,
        pack.code,
        pack.valid_from,
        asks.age_min,
        asks.age_max,
        asks.fitness,
        asks.training,
        asks.validity_days,
        pack.version
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The country of an organisation, once the programme has told.
pub(crate) async fn country(tx: &mut PgConnection, organisation_id: OrganisationId) -> Result<Option<String>, Error> {
    let found = sqlx::query_scalar!("SELECT country FROM organisation WHERE id = $1", organisation_id.0);
    Ok(found.fetch_optional(tx).await?)
}

/// The open corridors of an origin with what the packs in force on a day ask; the defaults where none is in force.
pub(crate) async fn corridors(tx: &mut PgConnection, origin: &str, on: NaiveDate) -> Result<Vec<Requirements>, Error> {
    let default = Requirements::default();
    let found = sqlx::query_as!(
        Requirements,
        r#"SELECT corridor.code AS corridor, destination, coalesce(age_min, $3) AS "age_min!",
                  coalesce(age_max, $4) AS "age_max!", coalesce(fitness, $5) AS "fitness!",
                  coalesce(training, $6) AS "training!", coalesce(validity_days, $7) AS "validity_days!"
           FROM corridor LEFT JOIN LATERAL (
               SELECT age_min, age_max, fitness, training, validity_days FROM rule_pack
               WHERE rule_pack.code = corridor.code AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1) AS pack ON true
           WHERE origin = $1 AND open ORDER BY corridor.code"#,
        origin,
        on,
        default.age_min,
        default.age_max,
        default.fitness,
        default.training,
        default.validity_days
    );
    Ok(found.fetch_all(tx).await?)
}
