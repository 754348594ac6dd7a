//! What a round rested on, kept for its explanations: rules, prices, lines, people.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::round::wrong;
use crate::{
    explain::Basis,
    facts::{Candidate, Line},
    plan::LineOutcome,
};

/// Rules and prices of a round that has a plan.
pub(crate) async fn basis(tx: &mut PgConnection, id: Uuid) -> Result<Option<Basis>, platform::Error> {
    let row = sqlx::query!(
        r#"SELECT terms AS "terms!", prices AS "prices!" FROM round WHERE id = $1 AND terms IS NOT NULL"#,
        id
    )
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let terms = serde_json::from_value(row.terms).map_err(|error| wrong("terms", &error))?;
    let prices = serde_json::from_value(row.prices).map_err(|error| wrong("prices", &error))?;
    Ok(Some(Basis { terms, prices }))
}

pub(crate) struct LineRow {
    pub(crate) line_id: Uuid,
    pub(crate) union_id: Uuid,
    pub(crate) facts: Value,
    pub(crate) outcome: Value,
    pub(crate) has_pairs: bool,
}

pub(crate) async fn insert_lines(tx: &mut PgConnection, round_id: Uuid, rows: Vec<LineRow>) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.line_id).collect();
    let unions: Vec<Uuid> = rows.iter().map(|row| row.union_id).collect();
    let has_pairs: Vec<bool> = rows.iter().map(|row| row.has_pairs).collect();
    let (facts, outcomes): (Vec<Value>, Vec<Value>) = rows.into_iter().map(|row| (row.facts, row.outcome)).unzip();
    sqlx::query!(
        "INSERT INTO round_line (round_id, line_id, union_id, facts, outcome, has_pairs)
         SELECT $1, * FROM UNNEST($2::uuid[], $3::uuid[], $4::jsonb[], $5::jsonb[], $6::bool[])",
        round_id,
        &ids,
        &unions,
        &facts,
        &outcomes,
        &has_pairs
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Id, ministry and facts of each.
pub(crate) async fn insert_candidates(
    tx: &mut PgConnection,
    round_id: Uuid,
    rows: Vec<(Uuid, Uuid, Value)>,
) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let ministries: Vec<Uuid> = rows.iter().map(|row| row.1).collect();
    let facts: Vec<Value> = rows.into_iter().map(|row| row.2).collect();
    sqlx::query!(
        "INSERT INTO round_candidate (round_id, candidate_id, ministry_id, facts)
         SELECT $1, * FROM UNNEST($2::uuid[], $3::uuid[], $4::jsonb[])",
        round_id,
        &ids,
        &ministries,
        &facts
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The lines of a round with what became of them; of one line if named.
pub(crate) async fn lines(
    tx: &mut PgConnection,
    round_id: Uuid,
    line_id: Option<Uuid>,
) -> Result<Vec<(Line, LineOutcome)>, platform::Error> {
    let rows = sqlx::query!(
        "SELECT facts, outcome FROM round_line WHERE round_id = $1 AND ($2::uuid IS NULL OR line_id = $2)",
        round_id,
        line_id
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let line = serde_json::from_value(row.facts).map_err(|error| wrong("line", &error))?;
            let outcome = serde_json::from_value(row.outcome).map_err(|error| wrong("outcome", &error))?;
            Ok((line, outcome))
        })
        .collect()
}

/// The people of a round; one of them if named.
pub(crate) async fn candidates(
    tx: &mut PgConnection,
    round_id: Uuid,
    candidate_id: Option<Uuid>,
) -> Result<Vec<Candidate>, platform::Error> {
    let rows = sqlx::query_scalar!(
        "SELECT facts FROM round_candidate WHERE round_id = $1 AND ($2::uuid IS NULL OR candidate_id = $2)",
        round_id,
        candidate_id
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|facts| serde_json::from_value(facts).map_err(|error| wrong("person", &error))).collect()
}
