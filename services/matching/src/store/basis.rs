//! What a round rested on, kept for its explanations: rules, prices, lines, people.

use std::collections::HashMap;

use proto::ids::{CandidateId, LineId, OrganisationId, RoundId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::round::wrong;
use crate::{
    explain::Basis,
    facts::{Candidate, Line},
    fairness::{Cell, Traits},
    plan::LineOutcome,
    replay::{Kept, Replay},
    round::Round,
    terms::Terms,
};

/// People read at a time: as rows they take several times the room.
const PEOPLE: i64 = 5_000;

/// Rules and prices of a round that has a plan.
pub(crate) async fn basis(tx: &mut PgConnection, id: RoundId) -> Result<Option<Basis>, platform::Error> {
    let row = sqlx::query!(
        r#"SELECT terms AS "terms!", prices AS "prices!" FROM round WHERE id = $1 AND terms IS NOT NULL"#,
        id.0
    )
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let terms = serde_json::from_value(row.terms).map_err(|error| wrong("terms", &error))?;
    let prices = serde_json::from_value(row.prices).map_err(|error| wrong("prices", &error))?;
    Ok(Some(Basis { terms, prices }))
}

/// Names of organisations, as far as they are known.
pub(crate) async fn names(
    tx: &mut PgConnection,
    ids: &[OrganisationId],
) -> sqlx::Result<HashMap<OrganisationId, String>> {
    let rows = sqlx::query!("SELECT id, name FROM organisation WHERE id = ANY($1)", ids as &[OrganisationId]);
    Ok(rows.fetch_all(tx).await?.into_iter().map(|row| (row.id.into(), row.name)).collect())
}

/// The market of a round that has a plan; none if the round kept too little of it.
pub(crate) async fn replay(
    tx: &mut PgConnection,
    round: &Round,
    terms: Terms,
) -> Result<Option<Replay>, platform::Error> {
    let quotas = sqlx::query_scalar!("SELECT quotas FROM round WHERE id = $1", round.id.0).fetch_one(&mut *tx).await?;
    let Some(quotas) = quotas else { return Ok(None) };
    let kept = Kept {
        season_code: round.season_code.clone(),
        destination: round.destination.clone(),
        seed: round.seed.clone(),
        lines: lines(tx, round.id, None).await?,
        candidates: candidates(tx, round.id, None).await?,
        quotas: serde_json::from_value(quotas).map_err(|error| wrong("quota", &error))?,
    };
    Ok(Some(Replay::new(terms, kept)))
}

pub(crate) struct LineRow {
    pub(crate) line_id: LineId,
    pub(crate) union_id: OrganisationId,
    pub(crate) facts: Value,
    pub(crate) outcome: Value,
    pub(crate) has_pairs: bool,
}

pub(crate) async fn insert_lines(tx: &mut PgConnection, round_id: RoundId, rows: Vec<LineRow>) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.line_id.0).collect();
    let unions: Vec<Uuid> = rows.iter().map(|row| row.union_id.0).collect();
    let has_pairs: Vec<bool> = rows.iter().map(|row| row.has_pairs).collect();
    let (facts, outcomes): (Vec<Value>, Vec<Value>) = rows.into_iter().map(|row| (row.facts, row.outcome)).unzip();
    sqlx::query!(
        "INSERT INTO round_line (round_id, line_id, union_id, facts, outcome, has_pairs)
         SELECT $1, * FROM UNNEST($2::uuid[], $3::uuid[], $4::jsonb[], $5::jsonb[], $6::bool[])",
        round_id.0,
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

pub(crate) struct CandidateRow {
    pub(crate) candidate_id: CandidateId,
    pub(crate) ministry_id: OrganisationId,
    pub(crate) facts: Value,
    pub(crate) eligible: bool,
    pub(crate) traits: Traits,
    /// The mark of those with whom the person goes.
    pub(crate) together: Option<Uuid>,
}

pub(crate) async fn insert_candidates(
    tx: &mut PgConnection,
    round_id: RoundId,
    rows: Vec<CandidateRow>,
) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.candidate_id.0).collect();
    let ministries: Vec<Uuid> = rows.iter().map(|row| row.ministry_id.0).collect();
    let eligible: Vec<bool> = rows.iter().map(|row| row.eligible).collect();
    let texts = |of: fn(&Traits) -> &String| rows.iter().map(|row| of(&row.traits).clone()).collect::<Vec<_>>();
    let (sexes, regions) = (texts(|traits| &traits.sex), texts(|traits| &traits.region));
    let bands = texts(|traits| &traits.age_band);
    let first_timers: Vec<bool> = rows.iter().map(|row| row.traits.first_timer).collect();
    let together: Vec<Option<Uuid>> = rows.iter().map(|row| row.together).collect();
    let facts: Vec<Value> = rows.into_iter().map(|row| row.facts).collect();
    sqlx::query!(
        "INSERT INTO round_candidate (round_id, candidate_id, ministry_id, facts, eligible, sex, region, first_timer, age_band,
             together)
         SELECT $1, * FROM UNNEST($2::uuid[], $3::uuid[], $4::jsonb[], $5::bool[], $6::text[], $7::text[], $8::bool[],
             $9::text[], $10::uuid[])",
        round_id.0,
        &ids,
        &ministries,
        &facts,
        &eligible,
        &sexes,
        &regions,
        &first_timers,
        &bands,
        &together as &[Option<Uuid>]
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// True if the round kept its whole market and the traits of its people.
pub(crate) async fn is_kept(tx: &mut PgConnection, round_id: RoundId) -> sqlx::Result<bool> {
    let kept = sqlx::query_scalar!(
        "SELECT EXISTS (SELECT FROM round_candidate WHERE round_id = $1 AND eligible IS NOT NULL)",
        round_id.0
    );
    Ok(kept.fetch_one(tx).await?.unwrap_or(false))
}

/// The eligible people of a round by their traits, and how many of them have a seat; empty if the round did not keep them.
pub(crate) async fn cells(tx: &mut PgConnection, round_id: RoundId) -> sqlx::Result<Vec<Cell>> {
    let rows = sqlx::query!(
        r#"SELECT c.sex AS "sex!", c.region AS "region!", c.first_timer AS "first_timer!", c.age_band AS "age_band!",
               count(*) AS "eligible!", count(p.placement_id) AS "seated!"
           FROM round_candidate c LEFT JOIN round_pair p
               ON p.round_id = c.round_id AND p.candidate_id = c.candidate_id AND p.reserve_rank = 0
           WHERE c.round_id = $1 AND c.eligible GROUP BY 1, 2, 3, 4"#,
        round_id.0
    )
    .fetch_all(tx)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let traits = Traits { sex: row.sex, region: row.region, first_timer: row.first_timer, age_band: row.age_band };
        Cell { traits, eligible: row.eligible, seated: row.seated }
    });
    Ok(rows.collect())
}

/// The lines of a round with what became of them; of one line if named.
pub(crate) async fn lines(
    tx: &mut PgConnection,
    round_id: RoundId,
    line_id: Option<LineId>,
) -> Result<Vec<(Line, LineOutcome)>, platform::Error> {
    let rows = sqlx::query!(
        "SELECT facts, outcome FROM round_line WHERE round_id = $1 AND ($2::uuid IS NULL OR line_id = $2)",
        round_id.0,
        line_id.map(|id| id.0)
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
    round_id: RoundId,
    candidate_id: Option<CandidateId>,
) -> Result<Vec<Candidate>, platform::Error> {
    let (mut people, mut after): (Vec<Candidate>, _) = (Vec::new(), CandidateId::default());
    loop {
        let rows = sqlx::query_scalar!(
            "SELECT facts FROM round_candidate
             WHERE round_id = $1 AND ($2::uuid IS NULL OR candidate_id = $2) AND candidate_id > $3
             ORDER BY candidate_id LIMIT $4",
            round_id.0,
            candidate_id.map(|id| id.0),
            after.0,
            PEOPLE
        )
        .fetch_all(&mut *tx)
        .await?;
        if rows.is_empty() {
            return Ok(people);
        }
        for facts in rows {
            people.push(serde_json::from_value(facts).map_err(|error| wrong("person", &error))?);
        }
        after = people.last().map_or(after, |person| person.id);
    }
}

/// Those with whom a person goes in a round, the person too; empty if the person goes alone.
pub(crate) async fn together(
    tx: &mut PgConnection,
    (round_id, candidate_id): (RoundId, CandidateId),
) -> Result<Vec<Candidate>, platform::Error> {
    let rows = sqlx::query_scalar!(
        "SELECT m.facts FROM round_candidate c
         JOIN round_candidate m ON m.round_id = c.round_id AND m.together = c.together
         WHERE c.round_id = $1 AND c.candidate_id = $2 AND m.together IS NOT NULL
         ORDER BY m.candidate_id",
        round_id.0,
        candidate_id.0
    );
    let facts = rows.fetch_all(tx).await?.into_iter();
    facts.map(|facts| serde_json::from_value(facts).map_err(|error| wrong("person", &error))).collect()
}

/// What became of the lines of a round under another plan.
pub(crate) async fn update_lines(
    tx: &mut PgConnection,
    round_id: RoundId,
    rows: Vec<(LineId, Value, bool)>,
) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0.0).collect();
    let has_pairs: Vec<bool> = rows.iter().map(|row| row.2).collect();
    let outcomes: Vec<Value> = rows.into_iter().map(|row| row.1).collect();
    sqlx::query!(
        "UPDATE round_line l SET outcome = n.outcome, has_pairs = n.has_pairs
         FROM UNNEST($2::uuid[], $3::jsonb[], $4::bool[]) AS n (line_id, outcome, has_pairs)
         WHERE l.round_id = $1 AND l.line_id = n.line_id",
        round_id.0,
        &ids,
        &outcomes,
        &has_pairs
    )
    .execute(tx)
    .await?;
    Ok(())
}
