//! Positions, figures, and the verifications that compared them.

use chrono::{DateTime, Utc};
use proto::common::{Count, Position};
use sqlx::PgConnection;
use uuid::Uuid;

/// How far the fold has come, per kind of aggregate.
pub(crate) async fn positions(tx: &mut PgConnection) -> Result<Vec<Position>, sqlx::Error> {
    sqlx::query_as!(
        Position,
        r#"SELECT aggregate AS "aggregate!", aggregates AS "aggregates!", events AS "events!" FROM position"#
    )
    .fetch_all(tx)
    .await
}

/// The figures of one owner as its own tally names them.
pub(crate) async fn counts(tx: &mut PgConnection, owner: &str) -> Result<Vec<Count>, sqlx::Error> {
    sqlx::query_as!(
        Count,
        r#"SELECT figure AS "figure!", corridor AS "corridor!", season AS "season!", state AS "state!", value AS "value!"
           FROM figure WHERE owner = $1 ORDER BY 1, 2, 3, 4"#,
        owner,
    )
    .fetch_all(tx)
    .await
}

pub(crate) async fn insert_verification(
    tx: &mut PgConnection,
    (id, verified_at): (Uuid, DateTime<Utc>),
    differences: i64,
    body: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO verification (id, verified_at, differences, body) VALUES ($1, $2, $3, $4)",
        id,
        verified_at,
        differences,
        body,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The last verification as it was answered.
pub(crate) async fn last_verification(tx: &mut PgConnection) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!("SELECT body FROM verification ORDER BY verified_at DESC, id DESC LIMIT 1")
        .fetch_optional(tx)
        .await
}
