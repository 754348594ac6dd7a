use chrono::NaiveDate;
use proto::programme;
use sqlx::{PgConnection, types::Json};

use crate::rules::{Pack, Rule};

/// When a season's work may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Season {
    pub(crate) starts_on: NaiveDate,
    pub(crate) ends_on: NaiveDate,
}

pub(crate) async fn season(tx: &mut PgConnection, code: &str) -> Result<Option<Season>, sqlx::Error> {
    sqlx::query_as!(Season, "SELECT starts_on, ends_on FROM season WHERE code = $1", code).fetch_optional(tx).await
}

/// Every pack of a destination; a few.
pub(crate) async fn packs(tx: &mut PgConnection, destination: &str) -> Result<Vec<Pack>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT id, valid_from, rules AS "rules: Json<Vec<Rule>>" FROM rule_pack WHERE code = $1"#,
        destination
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| Pack { id: row.id, valid_from: row.valid_from, rules: row.rules.0 }).collect())
}

pub(crate) async fn upsert_pack(
    tx: &mut PgConnection,
    pack: &programme::RulePack,
    valid_from: NaiveDate,
) -> Result<(), sqlx::Error> {
    let rule =
        |rule: &programme::Rule| Rule { key: rule.key.clone(), value: rule.value.clone(), source: rule.source.clone() };
    let rules: Vec<Rule> = pack.rules.iter().map(rule).collect();
    sqlx::query!(
        "INSERT INTO rule_pack AS known (id, code, valid_from, rules, version) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET code = excluded.code, valid_from = excluded.valid_from,
             rules = excluded.rules, version = excluded.version WHERE known.version < excluded.version",
        pack.id,
        pack.code,
        valid_from,
        Json(rules) as _,
        pack.version
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn upsert_season(
    tx: &mut PgConnection,
    season: &programme::Season,
    dates: Season,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO season AS known (code, starts_on, ends_on, version) VALUES ($1, $2, $3, $4)
         ON CONFLICT (code) DO UPDATE SET starts_on = excluded.starts_on, ends_on = excluded.ends_on,
             version = excluded.version WHERE known.version < excluded.version",
        season.code,
        dates.starts_on,
        dates.ends_on,
        season.version
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn upsert_corridor(tx: &mut PgConnection, corridor: &programme::Corridor) -> Result<(), sqlx::Error> {
    let open = corridor.state == programme::CorridorState::Open as i32;
    sqlx::query!(
        "INSERT INTO corridor AS known (code, origin, destination, open, version) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (code) DO UPDATE SET origin = excluded.origin, destination = excluded.destination,
             open = excluded.open, version = excluded.version WHERE known.version < excluded.version",
        corridor.code,
        corridor.origin,
        corridor.destination,
        open,
        corridor.version
    )
    .execute(tx)
    .await?;
    Ok(())
}
