use chrono::NaiveDate;
use proto::programme::{Rule, RulePack};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};

#[derive(Serialize, Deserialize)]
struct RuleRow {
    key: String,
    value: String,
    source: String,
    assumed: bool,
}

struct PackRow {
    id: String,
    code: String,
    valid_from: NaiveDate,
    title: String,
    rules: Json<Vec<RuleRow>>,
    version: i64,
}

impl From<PackRow> for RulePack {
    fn from(row: PackRow) -> Self {
        let rule = |row: RuleRow| Rule { key: row.key, value: row.value, source: row.source, assumed: row.assumed };
        Self {
            id: row.id,
            code: row.code,
            valid_from: row.valid_from.to_string(),
            title: row.title,
            rules: row.rules.0.into_iter().map(rule).collect(),
            version: row.version,
        }
    }
}

pub(crate) async fn insert_pack(
    tx: &mut PgConnection,
    pack: &RulePack,
    valid_from: NaiveDate,
) -> Result<bool, sqlx::Error> {
    let row = |rule: &Rule| RuleRow {
        key: rule.key.clone(),
        value: rule.value.clone(),
        source: rule.source.clone(),
        assumed: rule.assumed,
    };
    let rules: Vec<RuleRow> = pack.rules.iter().map(row).collect();
    let done = sqlx::query!(
        "INSERT INTO rule_pack (id, code, valid_from, title, rules) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        pack.id,
        pack.code,
        valid_from,
        pack.title,
        Json(rules) as _,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn pack(tx: &mut PgConnection, id: &str) -> Result<Option<RulePack>, sqlx::Error> {
    let row = sqlx::query_as!(
        PackRow,
        r#"SELECT id, code, valid_from, title, rules AS "rules: Json<Vec<RuleRow>>", version FROM rule_pack WHERE id = $1"#,
        id
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(Into::into))
}

pub(crate) async fn pack_in_force(
    tx: &mut PgConnection,
    code: &str,
    on: NaiveDate,
) -> Result<Option<RulePack>, sqlx::Error> {
    let row = sqlx::query_as!(
        PackRow,
        r#"SELECT id, code, valid_from, title, rules AS "rules: Json<Vec<RuleRow>>", version FROM rule_pack
           WHERE code = $1 AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1"#,
        code,
        on,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(Into::into))
}

pub(crate) async fn packs(
    tx: &mut PgConnection,
    code: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<RulePack>, sqlx::Error> {
    let rows = sqlx::query_as!(
        PackRow,
        r#"SELECT id, code, valid_from, title, rules AS "rules: Json<Vec<RuleRow>>", version FROM rule_pack
           WHERE ($1 = '' OR code = $1) AND id > $2 ORDER BY id LIMIT $3"#,
        code,
        after,
        limit,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
