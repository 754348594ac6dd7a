//! Pairs of rounds, and the proposals made of them.

use std::collections::HashMap;

use chrono::NaiveDate;
use proto::ids::{CandidateId, LineId, OrganisationId, PlacementId, QuotaId, RoundId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::why::Why;

pub(crate) struct PairRow {
    pub(crate) placement_id: PlacementId,
    pub(crate) position: i32,
    pub(crate) line_id: LineId,
    pub(crate) candidate_id: CandidateId,
    pub(crate) ministry_id: OrganisationId,
    pub(crate) union_id: OrganisationId,
    pub(crate) corridor_code: String,
    pub(crate) quota_id: QuotaId,
    pub(crate) reserve_rank: i32,
    /// Starts on, taken until.
    pub(crate) days: [NaiveDate; 2],
    /// The number of what decided.
    pub(crate) reason: i16,
    pub(crate) record: Vec<u8>,
    pub(crate) entry: Vec<u8>,
}

pub(crate) async fn insert(tx: &mut PgConnection, round_id: RoundId, rows: &[PairRow]) -> sqlx::Result<()> {
    let ids = |of: fn(&PairRow) -> Uuid| rows.iter().map(of).collect::<Vec<_>>();
    let numbers = |of: fn(&PairRow) -> i32| rows.iter().map(of).collect::<Vec<_>>();
    let reasons: Vec<i16> = rows.iter().map(|row| row.reason).collect();
    let days = |at: usize| rows.iter().map(|row| row.days[at]).collect::<Vec<_>>();
    let corridors: Vec<String> = rows.iter().map(|row| row.corridor_code.clone()).collect();
    let records: Vec<Vec<u8>> = rows.iter().map(|row| row.record.clone()).collect();
    let entries: Vec<Vec<u8>> = rows.iter().map(|row| row.entry.clone()).collect();
    sqlx::query!(
        "INSERT INTO round_pair (round_id, placement_id, position, line_id, candidate_id, ministry_id, union_id,
             corridor_code, quota_id, reserve_rank, starts_on, taken_until, record, entry, reason)
         SELECT $1, * FROM UNNEST($2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[],
             $9::uuid[], $10::int[], $11::date[], $12::date[], $13::bytea[], $14::bytea[],
             $15::smallint[])",
        round_id.0,
        &ids(|row| row.placement_id.0),
        &numbers(|row| row.position),
        &ids(|row| row.line_id.0),
        &ids(|row| row.candidate_id.0),
        &ids(|row| row.ministry_id.0),
        &ids(|row| row.union_id.0),
        &corridors,
        &ids(|row| row.quota_id.0),
        &numbers(|row| row.reserve_rank),
        &days(0),
        &days(1),
        &records,
        &entries,
        &reasons
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What a list of pairs is narrowed to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter {
    pub(crate) round_id: RoundId,
    pub(crate) line_id: Option<LineId>,
    pub(crate) candidate_id: Option<CandidateId>,
    /// Reserve lists instead of seats.
    pub(crate) reserves: bool,
    /// One of these decided; none = whatever did. Pairs of earlier builds do not tell.
    pub(crate) why: &'static [Why],
}

impl Filter {
    fn reasons(&self) -> Vec<i16> {
        self.why.iter().map(|why| *why as i16).collect()
    }
}

/// Records in their order after a position, with the positions.
pub(crate) async fn list(
    tx: &mut PgConnection,
    filter: Filter,
    (after, limit): (i32, i64),
) -> sqlx::Result<Vec<(i32, Vec<u8>)>> {
    let rows = sqlx::query!(
        "SELECT position, record FROM round_pair
         WHERE round_id = $1 AND ($2::uuid IS NULL OR line_id = $2) AND ($3::uuid IS NULL OR candidate_id = $3)
           AND (reserve_rank > 0) = $4 AND position > $5 AND ($7::smallint[] = '{}' OR reason = ANY($7))
         ORDER BY position LIMIT $6",
        filter.round_id.0,
        filter.line_id.map(|id| id.0),
        filter.candidate_id.map(|id| id.0),
        filter.reserves,
        after,
        limit,
        &filter.reasons()
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.position, row.record)).collect())
}

pub(crate) async fn count(tx: &mut PgConnection, filter: Filter) -> sqlx::Result<i64> {
    let count = sqlx::query_scalar!(
        "SELECT count(*) FROM round_pair
         WHERE round_id = $1 AND ($2::uuid IS NULL OR line_id = $2) AND ($3::uuid IS NULL OR candidate_id = $3)
           AND (reserve_rank > 0) = $4 AND ($5::smallint[] = '{}' OR reason = ANY($5))",
        filter.round_id.0,
        filter.line_id.map(|id| id.0),
        filter.candidate_id.map(|id| id.0),
        filter.reserves,
        &filter.reasons()
    )
    .fetch_one(tx)
    .await?;
    Ok(count.unwrap_or(0))
}

/// The seat of a candidate in a round, or else the best place on a reserve list.
pub(crate) async fn best(
    tx: &mut PgConnection,
    round_id: RoundId,
    candidate_id: CandidateId,
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "SELECT record FROM round_pair WHERE round_id = $1 AND candidate_id = $2 ORDER BY reserve_rank, position LIMIT 1",
        round_id.0,
        candidate_id.0
    )
    .fetch_optional(tx)
    .await
}

/// Candidate → line of those who have a seat in a round.
pub(crate) async fn seated(tx: &mut PgConnection, round_id: RoundId) -> sqlx::Result<HashMap<CandidateId, LineId>> {
    let rows = sqlx::query!(
        "SELECT candidate_id, line_id FROM round_pair WHERE round_id = $1 AND reserve_rank = 0",
        round_id.0
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.candidate_id.into(), row.line_id.into())).collect())
}

/// Takes all pairs of a round away, so that those of another plan can be put in their place.
pub(crate) async fn delete(tx: &mut PgConnection, round_id: RoundId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM round_pair WHERE round_id = $1", round_id.0).execute(tx).await?;
    Ok(())
}

/// The next lines to propose, locked, each with its facts.
pub(crate) async fn next_lines(
    tx: &mut PgConnection,
    round_id: RoundId,
    (after, limit): (Option<LineId>, i64),
) -> sqlx::Result<Vec<(LineId, serde_json::Value)>> {
    let rows = sqlx::query!(
        "SELECT line_id, facts FROM round_line WHERE round_id = $1 AND has_pairs AND NOT published 
             AND ($2::uuid IS NULL OR line_id > $2)
         ORDER BY line_id LIMIT $3 FOR UPDATE",
        round_id.0,
        after.map(|id| id.0),
        limit
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.line_id.into(), row.facts)).collect())
}

/// Entries of these lines, in order.
pub(crate) async fn entries(
    tx: &mut PgConnection,
    round_id: RoundId,
    lines: &[LineId],
) -> sqlx::Result<Vec<(LineId, Vec<u8>)>> {
    let rows = sqlx::query!(
        "SELECT line_id, entry FROM round_pair WHERE round_id = $1 AND line_id = ANY($2) ORDER BY position",
        round_id.0,
        lines as &[LineId]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.line_id.into(), row.entry)).collect())
}

/// Notes that these proposals (id, line, union) go out.
pub(crate) async fn insert_proposals(
    tx: &mut PgConnection,
    round_id: RoundId,
    rows: &[(Uuid, LineId, OrganisationId)],
) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let lines: Vec<Uuid> = rows.iter().map(|row| row.1.0).collect();
    let unions: Vec<Uuid> = rows.iter().map(|row| row.2.0).collect();
    sqlx::query!(
        "INSERT INTO line_proposal (id, round_id, line_id, union_id)
         SELECT id, $1, line_id, union_id FROM UNNEST($2::uuid[], $3::uuid[], $4::uuid[]) AS p (id, line_id, union_id)",
        round_id.0,
        &ids,
        &lines,
        &unions
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE round_line SET published = true WHERE round_id = $1 AND line_id = ANY($2)",
        round_id.0,
        &lines
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How many of a round's lines with pairs were proposed, and how many there are.
pub(crate) async fn published(tx: &mut PgConnection, round_id: RoundId) -> sqlx::Result<(i64, i64)> {
    let lines = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE published) AS "published!", count(*) AS "all!" FROM round_line
           WHERE round_id = $1 AND has_pairs"#,
        round_id.0
    );
    let lines = lines.fetch_one(tx).await?;
    Ok((lines.published, lines.all))
}

/// Season, corridor, seats and reserves proposed.
pub(crate) async fn proposed(tx: &mut PgConnection) -> sqlx::Result<Vec<(String, String, i64, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT r.season_code, p.corridor_code, count(*) FILTER (WHERE p.reserve_rank = 0) AS "seats!",
               count(*) FILTER (WHERE p.reserve_rank > 0) AS "reserves!"
           FROM round_pair p JOIN round_line l ON l.round_id = p.round_id AND l.line_id = p.line_id
           JOIN round r ON r.id = p.round_id
           WHERE l.published GROUP BY 1, 2 ORDER BY 1, 2"#
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.season_code, row.corridor_code, row.seats, row.reserves)).collect())
}

/// Proposals, and the sum of their versions.
pub(crate) async fn proposals(tx: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "proposals!", coalesce(sum(version), 0)::bigint AS "events!" FROM line_proposal"#
    )
    .fetch_one(tx)
    .await?;
    Ok((row.proposals, row.events))
}
