//! What is here, counted in one snapshot.

use proto::{
    common::{Count, Position},
    placement::Stage,
};
use sqlx::PgConnection;

use crate::moves::word;

/// Every figure this service owns.
///
/// # Errors
/// If the database is gone.
pub async fn counts(tx: &mut PgConnection) -> Result<Vec<Count>, sqlx::Error> {
    let mut counts = Vec::new();
    let placements = sqlx::query!(
        r#"SELECT corridor_code, season_code, stage, count(*) AS "value!" FROM placement GROUP BY 1, 2, 3"#
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in placements {
        let state = word(Stage::try_from(i32::from(row.stage)).unwrap_or(Stage::Unspecified));
        counts.push(count("placements", (row.corridor_code, row.season_code), state, row.value));
    }
    one_sided(tx, &mut counts).await?;
    counts.extend(placed(tx).await?);
    counts.extend(clocks(tx).await?);
    counts.extend(lines(tx).await?);
    seats(tx, &mut counts).await?;
    units(tx, &mut counts).await?;
    let quotas = sqlx::query!(
        r#"SELECT corridor_code, season_code, sum(cap) AS "cap!", sum(allotted) AS "allotted!" FROM quota GROUP BY 1, 2"#
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in quotas {
        let of = (row.corridor_code, row.season_code);
        counts.push(count("quota_cap", of.clone(), "", row.cap));
        counts.push(count("quota_allotted", of, "", row.allotted));
    }
    let records = sqlx::query!(
        r#"SELECT corridor_code, season_code, return_word, count(*) AS "value!" FROM season_record GROUP BY 1, 2, 3"#
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in records {
        counts.push(count("season_records", (row.corridor_code, row.season_code), &row.return_word, row.value));
    }
    let refusals = sqlx::query!(
        r#"SELECT corridor_code, season_code, reason, count(*) AS "value!" FROM proposal_refusal GROUP BY 1, 2, 3"#
    )
    .fetch_all(tx)
    .await?;
    for row in refusals {
        counts.push(count("proposal_refusals", (row.corridor_code, row.season_code), &row.reason, row.value));
    }
    Ok(counts)
}

async fn one_sided(tx: &mut PgConnection, counts: &mut Vec<Count>) -> Result<(), sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT corridor_code, season_code, stage, count(*) AS "value!" FROM placement WHERE one_sided GROUP BY 1, 2, 3"#
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        let state = word(Stage::try_from(i32::from(row.stage)).unwrap_or(Stage::Unspecified));
        counts.push(count("one_sided", (row.corridor_code, row.season_code), state, row.value));
    }
    Ok(())
}

/// Whose the placements are, where they stand and since when, where they come from, why their way ended, and when they are due.
/// A case of abuse or health is told by no fact, nor are its clocks: what is due is then the first of the others.
/// When somebody's list ends is moved with the roster and told by no fact, so nobody could fold it.
async fn placed(tx: &mut PgConnection) -> Result<Vec<Count>, sqlx::Error> {
    sqlx::query_as!(
        Count,
        r#"SELECT t.figure AS "figure!", p.corridor_code AS "corridor!", p.season_code AS "season!", t.state AS "state!",
                  count(*) AS "value!"
           FROM placement p, LATERAL (VALUES
               ('placements_by_ministry', p.ministry_id::text),
               ('placements_by_union', p.union_id::text),
               ('sources', p.source),
               ('steps', p.step),
               ('dropped', CASE WHEN p.dropped IS NOT NULL THEN concat_ws(' ', p.step, p.dropped) END),
               ('since', to_char(p.since, 'YYYY-MM-DD')),
               ('due', CASE
                   WHEN p.stage = 1 THEN NULL
                   WHEN p.covered THEN (
                       SELECT min(clock ->> 'due_on') FROM jsonb_array_elements(p.clocks) AS clock WHERE NOT clock ? 'covered'
                   )
                   ELSE to_char(p.next_due, 'YYYY-MM-DD')
               END)
           ) AS t (figure, state)
           WHERE t.state IS NOT NULL GROUP BY 1, 2, 3, 4"#
    )
    .fetch_all(tx)
    .await
}

/// Clocks that run, by whom they wait for, and by the day on which they are due.
async fn clocks(tx: &mut PgConnection) -> Result<Vec<Count>, sqlx::Error> {
    sqlx::query_as!(
        Count,
        r#"SELECT t.figure AS "figure!", p.corridor_code AS "corridor!", p.season_code AS "season!", t.state AS "state!",
                  count(*) AS "value!"
           FROM placement p, jsonb_to_recordset(p.clocks) AS c (name text, due_on text, waits_for text, covered boolean),
               LATERAL (VALUES
               ('clocks', concat_ws(' ', c.name, c.waits_for)),
               ('clocks_due', CASE WHEN c.name <> 'C-LIST' THEN c.due_on END)
           ) AS t (figure, state)
           WHERE c.covered IS NULL AND t.state IS NOT NULL GROUP BY 1, 2, 3, 4"#
    )
    .fetch_all(tx)
    .await
}

/// Lines by state and by union, and the day up to which the clocks were run.
async fn lines(tx: &mut PgConnection) -> Result<Vec<Count>, sqlx::Error> {
    sqlx::query_as!(
        Count,
        r#"SELECT t.figure AS "figure!", l.corridor AS "corridor!", l.season_code AS "season!", t.state AS "state!",
                  count(*) AS "value!"
           FROM line l, LATERAL (VALUES
               ('lines', CASE l.state WHEN 2 THEN 'OPEN' ELSE 'CLOSED' END), ('lines_by_union', l.organisation_id::text)
           ) AS t (figure, state)
           WHERE l.version > 0 GROUP BY 1, 2, 3, 4
           UNION ALL SELECT 'as_of', '', '', to_char(as_of, 'YYYY-MM-DD'), 1 FROM calendar"#
    )
    .fetch_all(tx)
    .await
}

async fn seats(tx: &mut PgConnection, counts: &mut Vec<Count>) -> Result<(), sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT corridor, season_code, sum(posted) AS "posted!", sum(held) AS "held!", sum(taken) AS "taken!",
                  sum(promised) AS "promised!" FROM line WHERE version > 0 GROUP BY 1, 2"#
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        let of = (row.corridor, row.season_code);
        counts.push(count("seats_posted", of.clone(), "", row.posted));
        counts.push(count("seats_held", of.clone(), "", row.held));
        counts.push(count("seats_taken", of.clone(), "", row.taken));
        counts.push(count("seats_promised", of, "", row.promised));
    }
    Ok(())
}

async fn units(tx: &mut PgConnection, counts: &mut Vec<Count>) -> Result<(), sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT s.corridor_code, l.season_code, sum(s.units) AS "units!", sum(s.units_held) AS "held!",
                  sum(s.units_used) AS "used!"
           FROM line_share s JOIN line l ON l.id = s.line_id GROUP BY 1, 2"#
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        let of = (row.corridor_code, row.season_code);
        counts.push(count("units", of.clone(), "", row.units));
        counts.push(count("units_held", of.clone(), "", row.held));
        counts.push(count("units_used", of, "", row.used));
    }
    Ok(())
}

fn count(figure: &str, (corridor, season): (String, String), state: &str, value: i64) -> Count {
    Count { figure: figure.to_owned(), corridor, season, state: state.to_owned(), value }
}

/// How far the log of each kind of aggregate goes.
///
/// # Errors
/// If the database is gone.
pub async fn positions(tx: &mut PgConnection) -> Result<Vec<Position>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT 'placement' AS "kind!", count(*) AS "aggregates!", coalesce(sum(version), 0)::bigint AS "events!"
           FROM placement
           UNION ALL SELECT 'line', count(*), coalesce(sum(version), 0)::bigint FROM line WHERE version > 0
           UNION ALL SELECT 'quota_use', count(*), coalesce(sum(version), 0)::bigint FROM quota
           UNION ALL SELECT 'season_record', count(*), coalesce(sum(version), 0)::bigint FROM season_record
           UNION ALL SELECT 'proposal_refusal', count(*), coalesce(sum(version), 0)::bigint FROM proposal_refusal
           UNION ALL SELECT 'calendar', count(*), coalesce(sum(version), 0)::bigint FROM calendar"#
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Position { aggregate: row.kind, aggregates: row.aggregates, events: row.events })
        .collect())
}
