//! Counts of what this service owns, all of one snapshot.

use platform::Error;
use proto::common::{Count, Position, TallyResponse};
use sqlx::PgConnection;

/// Candidates by origin and state, by ministry, and by where they are willing to go, seasons by origin, and how far the log goes.
pub(crate) async fn tally(tx: &mut PgConnection) -> Result<TallyResponse, Error> {
    let candidates = sqlx::query!(
        r#"SELECT origin, state, count(*) AS "candidates!", sum(seasons_returned)::bigint AS "seasons!",
                  sum(version)::bigint AS "events!"
           FROM candidate GROUP BY origin, state ORDER BY origin, state"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut counts: Vec<Count> = Vec::new();
    let mut position = Position { aggregate: "candidate".to_owned(), ..Position::default() };
    let mut seasons: std::collections::BTreeMap<String, i64> = std::collections::BTreeMap::new();
    for row in candidates {
        let corridor = format!("{}-*", row.origin);
        *seasons.entry(corridor.clone()).or_default() += row.seasons;
        position.aggregates += row.candidates;
        position.events += row.events;
        let figure = "candidates".to_owned();
        counts.push(Count { figure, corridor, state: row.state, value: row.candidates, ..Count::default() });
    }
    counts.extend(seasons.into_iter().map(|(corridor, value)| Count {
        figure: "seasons_returned".to_owned(),
        corridor,
        value,
        ..Count::default()
    }));
    let others = sqlx::query_as!(
        Count,
        r#"SELECT t.figure AS "figure!", c.origin || '-*' AS "corridor!", '' AS "season!", t.state AS "state!",
                  count(*) AS "value!"
           FROM candidate c, LATERAL (VALUES
               ('candidates_by_ministry', c.organisation_id::text),
               ('rostered', CASE WHEN c.state = 'ROSTERED' THEN array_to_string(c.destinations, ' ') END)
           ) AS t (figure, state)
           WHERE t.state IS NOT NULL GROUP BY 1, 2, 4 ORDER BY 1, 2, 4"#
    )
    .fetch_all(tx)
    .await?;
    counts.extend(others);
    Ok(TallyResponse { counts, positions: vec![position] })
}
