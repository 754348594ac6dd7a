use proto::common::{Count, Position};
use sqlx::PgConnection;

/// Everything demand counts of itself.
pub(crate) async fn counts(tx: &mut PgConnection) -> Result<Vec<Count>, sqlx::Error> {
    let employers = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM employer"#).fetch_one(&mut *tx).await?;
    let mut counts = vec![Count { figure: "employers".to_owned(), value: employers, ..Count::default() }];
    let rows = sqlx::query!(
        r#"SELECT figure AS "figure!", '*-' || destination AS "corridor!", season_code, state AS "state!",
                  sum(value)::bigint AS "value!"
           FROM (
               SELECT 'orders' AS figure, destination, season_code, state, 1 AS value FROM job_order
               UNION ALL
               SELECT figure, destination, season_code, CASE WHEN figure = 'lines' THEN state ELSE '' END, value
               FROM job_order JOIN order_line ON order_id = job_order.id,
                    LATERAL (VALUES ('lines', 1), ('seats_asked', seats_asked),
                                    ('seats_posted', CASE WHEN state = 'OPEN' THEN seats END)) AS of (figure, value)
               WHERE value IS NOT NULL
           ) AS counted
           GROUP BY figure, destination, season_code, state ORDER BY 1, 2, 3, 4"#
    )
    .fetch_all(tx)
    .await?;
    counts.extend(rows.into_iter().map(|row| Count {
        figure: row.figure,
        corridor: row.corridor,
        season: row.season_code.unwrap_or_default(),
        state: row.state,
        value: row.value,
    }));
    Ok(counts)
}

/// How far the log goes, by the versions of what it made.
pub(crate) async fn positions(tx: &mut PgConnection) -> Result<Vec<Position>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT 'employer' AS "aggregate!", count(*) AS "aggregates!", coalesce(sum(version), 0)::bigint AS "events!" FROM employer
           UNION ALL
           SELECT 'job_order', count(*), coalesce(sum(version), 0)::bigint FROM job_order"#
    )
    .fetch_all(tx)
    .await?;
    let position = |aggregate, aggregates, events| Position { aggregate, aggregates, events };
    Ok(rows.into_iter().map(|row| position(row.aggregate, row.aggregates, row.events)).collect())
}
