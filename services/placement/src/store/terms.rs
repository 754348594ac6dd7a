//! What lines offer.

use std::collections::HashMap;

use proto::ids::LineId;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::projections::OrderLine;
use crate::offer::Terms;

/// Takes the terms of lines that are known; those of a line that is open stay as they were offered.
///
/// # Errors
/// If the database is gone.
pub async fn put(tx: &mut PgConnection, lines: &[OrderLine]) -> Result<(), sqlx::Error> {
    if lines.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = lines.iter().map(|line| line.id.0).collect();
    let terms: Vec<Json<&Terms>> = lines.iter().map(|line| Json(&line.terms)).collect();
    sqlx::query!(
        "INSERT INTO line_terms (line_id, terms) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
         ON CONFLICT (line_id) DO UPDATE SET terms = excluded.terms
         WHERE EXISTS (SELECT FROM line WHERE line.id = excluded.line_id AND line.state = 1)",
        &ids,
        &terms as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Terms by line, as far as they are known.
///
/// # Errors
/// If the database is gone.
pub async fn of_lines(tx: &mut PgConnection, lines: &[LineId]) -> Result<HashMap<LineId, Terms>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT line_id, terms AS "terms: Json<Terms>" FROM line_terms WHERE line_id = ANY($1)"#,
        lines as &[LineId]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.line_id.into(), row.terms.0)).collect())
}
