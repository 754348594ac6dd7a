//! Lists: pages for readers, and the rows that runners pick up.

use chrono::NaiveDate;
use proto::ids::{CandidateId, LineId, OrderId, PlacementId, QuotaId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{ledger::Quota, placement::Placement};

/// A promised seat.
#[derive(Debug, Clone)]
pub struct ReserveCall {
    pub id: Uuid,
    pub line_id: LineId,
    pub replaces: Option<PlacementId>,
    pub called_on: NaiveDate,
}

/// Lines with promised seats, oldest promise first.
///
/// # Errors
/// If the database is gone.
pub async fn called_lines(tx: &mut PgConnection, most: i64) -> Result<Vec<LineId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        r#"SELECT DISTINCT line_id AS "line_id!" FROM (SELECT line_id FROM reserve_call ORDER BY id LIMIT $1) AS oldest"#,
        most
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(LineId).collect())
}

/// Promises of these lines.
///
/// # Errors
/// If the database is gone.
pub async fn calls(tx: &mut PgConnection, lines: &[LineId], most: i64) -> Result<Vec<ReserveCall>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT id, line_id, replaces, called_on FROM reserve_call WHERE line_id = ANY($1) ORDER BY id LIMIT $2 FOR UPDATE",
        lines as &[LineId],
        most
    )
    .fetch_all(tx)
    .await?;
    let calls = rows.into_iter().map(|row| ReserveCall {
        id: row.id,
        line_id: row.line_id.into(),
        replaces: row.replaces.map(PlacementId),
        called_on: row.called_on,
    });
    Ok(calls.collect())
}

/// Deletes promises that were served or lapsed.
///
/// # Errors
/// If the database is gone.
pub async fn forget_calls(tx: &mut PgConnection, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM reserve_call WHERE id = ANY($1)", ids).execute(tx).await?;
    Ok(())
}

/// The first on each line's list: as many as it has promises, and `ahead` more.
///
/// # Errors
/// If the database is gone.
pub async fn reserve(tx: &mut PgConnection, lines: &[LineId], ahead: i32) -> Result<Vec<PlacementId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM (
               SELECT p.id, row_number() OVER (PARTITION BY p.line_id ORDER BY p.reserve_rank, p.id) AS place, l.promised
               FROM placement p JOIN line l ON l.id = p.line_id WHERE p.line_id = ANY($1) AND p.stage = 1
           ) AS listed WHERE place <= promised + $2"#,
        lines as &[LineId],
        ahead
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(PlacementId).collect())
}

/// List entries of people in days in which they are taken elsewhere.
///
/// # Errors
/// If the database is gone.
pub async fn overlapping_entries(
    tx: &mut PgConnection,
    candidates: &[CandidateId],
) -> Result<Vec<(PlacementId, CandidateId)>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT p.id, p.candidate_id FROM placement p JOIN line l ON l.id = p.line_id
         WHERE p.candidate_id = ANY($1) AND p.stage = 1 AND EXISTS (
             SELECT FROM occupancy o
             WHERE o.candidate_id = p.candidate_id AND o.status <> 'RELEASED'
                 AND o.during && daterange(l.starts_on, l.ends_on, '[]')
         ) ORDER BY p.id LIMIT 1000",
        candidates as &[CandidateId]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.candidate_id.into())).collect())
}

/// An entry of a list that ends.
#[derive(Debug, Clone, Copy)]
pub struct Leaving {
    pub id: PlacementId,
    /// The day on which it can end: the given one, but not before it began.
    pub on: NaiveDate,
}

/// List entries of lines whose order is closed.
///
/// # Errors
/// If the database is gone.
pub async fn entries_of_closed_lines(
    tx: &mut PgConnection,
    as_of: NaiveDate,
    most: i64,
) -> Result<Vec<Leaving>, sqlx::Error> {
    sqlx::query_as!(
        Leaving,
        r#"SELECT p.id, greatest($1, (p.facts::json -> 'steps' -> 0 ->> 'on')::date) AS "on!"
           FROM placement p JOIN line l ON l.id = p.line_id
           WHERE l.withdrawn AND p.stage = 1 ORDER BY p.line_id, p.reserve_rank LIMIT $2"#,
        as_of,
        most
    )
    .fetch_all(tx)
    .await
}

/// List entries of people who accepted another offer, or went on from it, in days in which they are taken by it.
/// Both sides are read in the order of their indexes by candidate.
///
/// # Errors
/// If the database is gone.
pub async fn entries_of_placed(
    tx: &mut PgConnection,
    as_of: NaiveDate,
    most: i64,
) -> Result<Vec<Leaving>, sqlx::Error> {
    sqlx::query_as!(
        Leaving,
        r#"SELECT p.id, greatest($1, (p.facts::json -> 'steps' -> 0 ->> 'on')::date) AS "on!"
           FROM placement p JOIN line l ON l.id = p.line_id
           WHERE p.stage = 1 AND EXISTS (
               SELECT FROM occupancy o JOIN placement h ON h.id = o.placement_id
               WHERE o.candidate_id = p.candidate_id AND o.status <> 'RELEASED' AND h.stage BETWEEN 5 AND 14
                   AND o.during && daterange(l.starts_on, l.ends_on, '[]')
           ) ORDER BY p.candidate_id, p.id LIMIT $2"#,
        as_of,
        most
    )
    .fetch_all(tx)
    .await
}

/// Placements with a clock that fires on or before a day, the longest overdue first.
///
/// # Errors
/// If the database is gone.
pub async fn due(
    tx: &mut PgConnection,
    as_of: NaiveDate,
    most: i64,
) -> Result<Vec<(PlacementId, LineId)>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT id, line_id FROM placement WHERE next_fire <= $1 ORDER BY next_fire, id LIMIT $2",
        as_of,
        most
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.line_id.into())).collect())
}

/// What a page of placements is asked for; empty text and no id mean any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub corridor: String,
    pub season: String,
    pub stage: i16,
    /// Any of these; none means all.
    pub stages: Vec<i16>,
    pub line: Option<LineId>,
    pub candidate: Option<CandidateId>,
    pub order: Option<OrderId>,
    /// Only those with a deadline before the calendar's day; an alarm within another clock's time is none.
    pub late: bool,
    /// Only those for whom this clock runs; with `late`, for whom it is the one that is due, be it an alarm.
    pub clock: String,
    /// Only those with an open case of abuse or health.
    pub unpublished_case: bool,
    /// Who asks handles such cases. To others it is as if there were none: no clock of one finds its placement.
    pub knows: bool,
}

/// A page of placements by id.
///
/// # Errors
/// If the database is gone.
pub async fn placements(
    tx: &mut PgConnection,
    filter: &Filter,
    (after, size): (Option<PlacementId>, i64),
) -> Result<Vec<Placement>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT facts FROM placement
           WHERE ($1::uuid IS NULL OR id > $1)
             AND ($3 = '' OR corridor_code = $3)
             AND ($4 = '' OR season_code = $4)
             AND ($5::smallint = 0 OR stage = $5)
             AND ($6::uuid IS NULL OR line_id = $6)
             AND ($7::uuid IS NULL OR candidate_id = $7)
             AND ($8::uuid IS NULL OR order_id = $8)
             AND (NOT $9 OR $11 <> '' OR next_due < (SELECT as_of FROM calendar))
             AND (cardinality($10::smallint[]) = 0 OR stage = ANY($10))
             AND ($11 = '' OR clocks @> jsonb_build_array(jsonb_build_object('name', $11::text)))
             AND ($11 = '' OR NOT $9 OR EXISTS (
                 SELECT FROM jsonb_array_elements(clocks) AS clock
                 WHERE clock ->> 'name' = $11 AND (clock ->> 'due_on')::date < (SELECT as_of FROM calendar)
             ))
             AND (NOT $12 OR ($13 AND covered))
             AND ($13 OR NOT covered OR ($11 = '' AND NOT $9) OR EXISTS (
                 SELECT FROM jsonb_array_elements(clocks) AS clock
                 WHERE NOT clock ? 'covered'
                     AND ($11 = '' OR clock ->> 'name' = $11)
                     AND (NOT $9 OR (clock ->> 'due_on')::date < (SELECT as_of FROM calendar))
             ))
           ORDER BY id LIMIT $2",
        after.map(|id| id.0),
        size,
        filter.corridor,
        filter.season,
        filter.stage,
        filter.line.map(|id| id.0),
        filter.candidate.map(|id| id.0),
        filter.order.map(|id| id.0),
        filter.late,
        &filter.stages,
        filter.clock,
        filter.unpublished_case,
        filter.knows
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| super::read(&row.facts)).collect()
}

/// One placement, if the transaction may see it.
///
/// # Errors
/// If the database is gone.
pub async fn placement(tx: &mut PgConnection, id: PlacementId) -> Result<Option<Placement>, sqlx::Error> {
    let row = sqlx::query!("SELECT facts FROM placement WHERE id = $1", id.0).fetch_optional(tx).await?;
    row.map(|row| super::read(&row.facts)).transpose()
}

/// Ids of a page of lines.
///
/// # Errors
/// If the database is gone.
pub async fn line_ids(
    tx: &mut PgConnection,
    (season, destination, order): (&str, &str, Option<OrderId>),
    (after, size): (Option<LineId>, i64),
) -> Result<Vec<LineId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM line
         WHERE ($1::uuid IS NULL OR id > $1) AND ($3 = '' OR season_code = $3) AND ($4 = '' OR destination = $4)
           AND ($5::uuid IS NULL OR order_id = $5)
         ORDER BY id LIMIT $2",
        after.map(|id| id.0),
        size,
        season,
        destination,
        order.map(|id| id.0)
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(LineId).collect())
}

/// Use of quotas; there are few.
///
/// # Errors
/// If the database is gone.
pub async fn quotas(tx: &mut PgConnection, corridor: &str, season: &str) -> Result<Vec<Quota>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT id, corridor_code, season_code, wanted, allotted, version FROM quota
         WHERE ($1 = '' OR corridor_code = $1) AND ($2 = '' OR season_code = $2) ORDER BY season_code, corridor_code, id
         LIMIT 1000",
        corridor,
        season
    )
    .fetch_all(tx)
    .await?;
    let quota = |row: (QuotaId, String, String, i32, i32, i64)| Quota {
        id: row.0,
        corridor: row.1,
        season: row.2,
        wanted: row.3,
        allotted: row.4,
        version: row.5,
    };
    Ok(rows
        .into_iter()
        .map(|row| quota((row.id.into(), row.corridor_code, row.season_code, row.wanted, row.allotted, row.version)))
        .collect())
}

/// How far the clocks were run.
///
/// # Errors
/// If the database is gone.
pub async fn calendar(tx: &mut PgConnection) -> Result<Option<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!("SELECT as_of FROM calendar").fetch_optional(tx).await
}
