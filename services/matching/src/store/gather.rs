//! Reads the market of one season and destination. All statements run in one repeatable-read transaction. People, the
//! most of it, come a batch at a time, so that never more than a batch is held in the form in which it is stored.

use std::collections::HashMap;

use chrono::NaiveDate;
use prost::Message;
use proto::ids::{CandidateId, LineId, OrganisationId, QuotaId};
use solver::Stopped;
use sqlx::PgConnection;

use crate::{
    assemble::{AbsentRow, AskedLine, CorridorRow, Gathered, HeldRow, PendingRow, PlacementRow, QuotaRow},
    claim::ClaimRow,
    facts::Candidate,
    fairness::{Register, Traits},
    terms::Packs,
};

/// People read at once.
const PEOPLE: i64 = 10_000;

/// Reads everything a round needs, and the traits of its people by position. `reach` is told how many people of how many
/// were read, and may end it.
pub(crate) async fn gather(
    tx: &mut PgConnection,
    (season_code, destination, as_of): (&str, &str, NaiveDate),
    reach: impl FnMut((usize, usize)) -> Result<(), Stopped>,
) -> Result<(Gathered, Register), platform::Error> {
    let corridors = corridors(tx, destination).await?;
    let codes: Vec<String> = corridors.iter().map(|row| row.code.clone()).collect();
    let origins: Vec<String> = corridors.iter().filter(|row| row.open).map(|row| row.origin.clone()).collect();
    let (candidates, traits) = candidates(tx, (&origins, as_of), reach).await?;
    let gathered = Gathered {
        packs: packs(tx, &codes).await?,
        quotas: quotas(tx, season_code, &codes).await?,
        lines: lines(tx, season_code, destination).await?,
        ledgers: ledgers(tx, season_code, destination).await?,
        candidates,
        held: held(tx, season_code, destination).await?,
        placements: placements(tx, &origins).await?,
        pending: pending(tx).await?,
        claims: claims(tx, &origins).await?,
        refused: refused(tx, season_code, destination).await?,
        absent: absent(tx, &origins).await?,
        corridors,
    };
    Ok((gathered, traits))
}

pub(crate) async fn corridors(tx: &mut PgConnection, destination: &str) -> sqlx::Result<Vec<CorridorRow>> {
    sqlx::query_as!(
        CorridorRow,
        "SELECT code, origin, open FROM corridor WHERE destination = $1 ORDER BY code",
        destination
    )
    .fetch_all(tx)
    .await
}

pub(crate) async fn season_is_known(tx: &mut PgConnection, code: &str) -> sqlx::Result<bool> {
    Ok(sqlx::query_scalar!("SELECT EXISTS (SELECT FROM season WHERE code = $1)", code)
        .fetch_one(tx)
        .await?
        .unwrap_or(false))
}

async fn packs(tx: &mut PgConnection, codes: &[String]) -> Result<HashMap<String, Packs>, platform::Error> {
    let rows = sqlx::query!("SELECT code, valid_from, rules FROM rule_pack WHERE code = ANY($1)", codes);
    let mut packs: HashMap<String, Packs> = HashMap::new();
    for row in rows.fetch_all(tx).await? {
        let values = serde_json::from_value(row.rules).map_err(|error| unreadable("rule pack", &error))?;
        packs.entry(row.code).or_default().0.insert(row.valid_from, values);
    }
    Ok(packs)
}

async fn quotas(tx: &mut PgConnection, season_code: &str, codes: &[String]) -> sqlx::Result<Vec<QuotaRow>> {
    sqlx::query_as!(
        QuotaRow,
        r#"SELECT q.id, q.corridor_code, coalesce(u.cap, q.cap) AS "cap!", coalesce(u.allotted, 0) AS "allotted!"
           FROM quota q LEFT JOIN quota_use u ON u.quota_id = q.id
           WHERE q.season_code = $1 AND q.corridor_code = ANY($2) ORDER BY q.corridor_code, q.id"#,
        season_code,
        codes
    )
    .fetch_all(tx)
    .await
}

async fn lines(tx: &mut PgConnection, season_code: &str, destination: &str) -> Result<Vec<AskedLine>, platform::Error> {
    let rows = sqlx::query!(
        "SELECT l.order_id, l.organisation_id, o.reference, o.filed_on, o.employer_id, l.facts
         FROM job_line l JOIN job_order o ON o.id = l.order_id
         WHERE o.open AND o.season_code = $1 AND o.destination = $2",
        season_code,
        destination
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let line = decode("line", &row.facts)?;
            Ok(AskedLine {
                order_id: row.order_id.into(),
                organisation_id: row.organisation_id.into(),
                reference: row.reference,
                filed_on: row.filed_on,
                employer_id: row.employer_id,
                line,
            })
        })
        .collect()
}

async fn ledgers(
    tx: &mut PgConnection,
    season_code: &str,
    destination: &str,
) -> Result<Vec<proto::placement::Line>, platform::Error> {
    let rows = sqlx::query_scalar!(
        "SELECT facts FROM line_ledger WHERE season_code = $1 AND destination = $2",
        season_code,
        destination
    )
    .fetch_all(tx)
    .await?;
    rows.iter().map(|facts| decode("ledger", facts)).collect()
}

async fn candidates(
    tx: &mut PgConnection,
    (origins, as_of): (&[String], NaiveDate),
    mut reach: impl FnMut((usize, usize)) -> Result<(), Stopped>,
) -> Result<(Vec<Candidate>, Register), platform::Error> {
    let count = sqlx::query_scalar!("SELECT count(*) FROM candidate WHERE rostered AND origin = ANY($1)", origins);
    let all = usize::try_from(count.fetch_one(&mut *tx).await?.unwrap_or(0)).unwrap_or(0);
    let (mut people, mut traits) = (Vec::with_capacity(all), Register::default());
    while people.len() < all {
        let after = people.last().map(|person: &Candidate| person.id).unwrap_or_default();
        let rows = sqlx::query_scalar!(
            "SELECT facts FROM candidate WHERE rostered AND origin = ANY($1) AND id > $2 ORDER BY id LIMIT $3",
            origins,
            after.0,
            PEOPLE
        )
        .fetch_all(&mut *tx)
        .await?;
        if rows.is_empty() {
            break;
        }
        for facts in rows {
            let state: proto::candidate::Candidate = decode("candidate", &facts)?;
            traits.push(Traits::of(&state, as_of));
            people.push(Candidate::read(state).map_err(|error| platform::Error::Internal(error.to_string()))?);
        }
        reach((people.len(), all)).map_err(|stopped| platform::Error::Internal(stopped.to_string()))?;
    }
    Ok((people, traits))
}

async fn held(tx: &mut PgConnection, season_code: &str, destination: &str) -> sqlx::Result<Vec<HeldRow>> {
    sqlx::query_as!(
        HeldRow,
        r#"SELECT p.line_id, p.quota_id AS "quota_id: QuotaId", count(*) FILTER (WHERE p.holds_seat) AS "seats!",
               count(*) FILTER (WHERE p.holds_unit) AS "units!", count(*) FILTER (WHERE p.listed) AS "listed!"
           FROM placement p JOIN line_ledger l ON l.line_id = p.line_id
           WHERE l.season_code = $1 AND l.destination = $2 AND (p.holds_seat OR p.holds_unit OR p.listed)
           GROUP BY p.line_id, p.quota_id"#,
        season_code,
        destination
    )
    .fetch_all(tx)
    .await
}

async fn placements(tx: &mut PgConnection, origins: &[String]) -> sqlx::Result<Vec<PlacementRow>> {
    sqlx::query_as!(
        PlacementRow,
        r#"SELECT p.id, p.candidate_id, p.union_id AS "union_id: OrganisationId", p.line_id, p.season_code, p.listed,
               p.ended_here, coalesce(p.starts_on, p.taken_from) AS starts_on, p.held_since, p.taken_from, p.taken_until
           FROM placement p JOIN candidate c ON c.id = p.candidate_id
           WHERE c.rostered AND c.origin = ANY($1) AND (p.listed OR p.ended_here OR p.taken_from IS NOT NULL)"#,
        origins
    )
    .fetch_all(tx)
    .await
}

/// Placements that give their person a claim in a later round.
async fn claims(tx: &mut PgConnection, origins: &[String]) -> sqlx::Result<Vec<ClaimRow>> {
    sqlx::query_as!(
        ClaimRow,
        r#"SELECT p.id, p.candidate_id, p.union_id AS "union_id: OrganisationId", p.season_code,
               coalesce(p.starts_on, p.taken_from) AS starts_on, p.ended_on, p.recalled_on IS NOT NULL AS "recalled!", p.next_round_first AS first
           FROM placement p JOIN candidate c ON c.id = p.candidate_id
           WHERE c.rostered AND c.origin = ANY($1) AND (p.recalled_on IS NOT NULL OR p.next_round_first)
           ORDER BY p.starts_on, p.id"#,
        origins
    )
    .fetch_all(tx)
    .await
}

/// Members of families and crews whom no round of these origins can seat.
async fn absent(tx: &mut PgConnection, origins: &[String]) -> sqlx::Result<Vec<AbsentRow>> {
    sqlx::query_as!(
        AbsentRow,
        r#"SELECT ministry_id, family, crew, count(*) AS "people!" FROM candidate
           WHERE (family <> '' OR crew <> '') AND NOT (rostered AND origin = ANY($1)) GROUP BY 1, 2, 3"#,
        origins
    )
    .fetch_all(tx)
    .await
}

/// Proposals of every round that went out and were not answered: a person may be on the way to another destination.
async fn pending(tx: &mut PgConnection) -> sqlx::Result<Vec<PendingRow>> {
    sqlx::query_as!(
        PendingRow,
        "SELECT p.line_id, p.candidate_id, p.quota_id, p.reserve_rank, r.season_code, p.starts_on, p.taken_until
         FROM round_pair p JOIN round r ON r.id = p.round_id WHERE r.state IN (3, 4) AND NOT p.answered"
    )
    .fetch_all(tx)
    .await
}

/// Pairs refused for the person's sake; a seat or unit that was lacking may be there next time.
async fn refused(
    tx: &mut PgConnection,
    season_code: &str,
    destination: &str,
) -> sqlx::Result<Vec<(LineId, CandidateId)>> {
    let rows = sqlx::query!(
        "SELECT r.line_id, r.candidate_id FROM proposal_refusal r JOIN line_ledger l ON l.line_id = r.line_id
         WHERE l.season_code = $1 AND l.destination = $2 AND r.reason IN ('NOT_ELIGIBLE', 'PERSON_TAKEN')",
        season_code,
        destination
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.line_id.into(), row.candidate_id.into())).collect())
}

fn decode<M: Message + Default>(what: &str, facts: &[u8]) -> Result<M, platform::Error> {
    M::decode(facts).map_err(|error| unreadable(what, &error))
}

fn unreadable(what: &str, error: &dyn std::fmt::Display) -> platform::Error {
    platform::Error::Internal(format!("the facts of a {what} do not read: {error}"))
}
