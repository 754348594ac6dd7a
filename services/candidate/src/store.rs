//! SQL of candidates, persons, their history. Rows travel as JSON records, so a batch of any size is one statement.

use chrono::{DateTime, Utc};
use platform::Error;
use proto::ids::{CandidateId, OrganisationId, PlacementId, SeasonRecordId};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};

use crate::{candidate::Candidate, person::Person};

pub(crate) mod group;
pub(crate) mod name;
pub(crate) mod programme;
pub(crate) mod tally;

/// A line of a record's history.
#[derive(Serialize)]
pub(crate) struct Change {
    pub(crate) candidate_id: CandidateId,
    pub(crate) version: i64,
    pub(crate) organisation_id: OrganisationId,
    pub(crate) what: String,
    pub(crate) actor: String,
    pub(crate) recorded_at: DateTime<Utc>,
    /// Columns of the layout.
    pub(crate) fields: Vec<String>,
}

/// A person on the way in.
#[derive(Serialize)]
pub(crate) struct NewPerson<'a> {
    pub(crate) candidate_id: CandidateId,
    pub(crate) organisation_id: OrganisationId,
    #[serde(flatten)]
    pub(crate) person: &'a Person,
}

/// Which candidates to list.
pub(crate) struct Filter<'a> {
    pub(crate) state: Option<&'a str>,
    pub(crate) origin: &'a str,
    pub(crate) reference: &'a str,
    /// Go on after this id.
    pub(crate) after: Option<CandidateId>,
}

fn records<T: Serialize>(rows: &[T]) -> Result<serde_json::Value, Error> {
    serde_json::to_value(rows).map_err(|error| Error::Internal(error.to_string()))
}

/// Inserts persons whose reference the ministry does not have yet; answers the candidates of those. Text is stored in
/// normal form C, so that one name written in two ways is one name.
pub(crate) async fn insert_persons(
    tx: &mut PgConnection,
    persons: &[NewPerson<'_>],
) -> Result<Vec<CandidateId>, Error> {
    let inserted = sqlx::query_scalar!(
        "INSERT INTO person (candidate_id, organisation_id, reference, family_name, given_names, born_on,
                             document_country, document_number, document_expires_on, phone, family_group, crew)
         SELECT candidate_id, organisation_id, reference, normalize(family_name, NFC), normalize(given_names, NFC),
                born_on, document_country, document_number, document_expires_on, normalize(phone, NFC), family_group, crew
         FROM jsonb_populate_recordset(NULL::person, $1)
         ON CONFLICT (organisation_id, reference) DO NOTHING RETURNING candidate_id",
        records(persons)?
    );
    Ok(inserted.fetch_all(tx).await?.into_iter().map(CandidateId).collect())
}

pub(crate) async fn update_person(tx: &mut PgConnection, id: CandidateId, person: &Person) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE person SET family_name = normalize($2::text, NFC), given_names = normalize($3::text, NFC), born_on = $4,
             document_country = $5, document_number = $6, document_expires_on = $7, phone = normalize($8::text, NFC),
             family_group = $9, crew = $10
         WHERE candidate_id = $1",
        id.0,
        person.family_name,
        person.given_names,
        person.born_on,
        person.document_country,
        person.document_number,
        person.document_expires_on,
        person.phone,
        person.family_group,
        person.crew
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn person(tx: &mut PgConnection, id: CandidateId) -> Result<Option<Person>, Error> {
    let found = sqlx::query_as!(
        Person,
        r#"SELECT reference, family_name, given_names, born_on, document_country, document_number, document_expires_on, phone,
                  COALESCE(family_group, '') AS "family_group!", COALESCE(crew, '') AS "crew!"
           FROM person WHERE candidate_id = $1"#,
        id.0
    );
    Ok(found.fetch_optional(tx).await?)
}

/// The candidates behind references of one ministry. Each is looked up by itself: asked for as a list, and with a plan
/// made before the table had grown, every person would be compared with every reference.
pub(crate) async fn by_references(
    tx: &mut PgConnection,
    organisation_id: OrganisationId,
    references: &[String],
) -> Result<Vec<(String, CandidateId)>, Error> {
    let found = sqlx::query!(
        r#"SELECT wanted.reference AS "reference!", found.candidate_id AS "candidate_id!"
           FROM unnest($2::text[]) AS wanted (reference),
               LATERAL (SELECT candidate_id FROM person
                        WHERE organisation_id = $1 AND reference = wanted.reference LIMIT 1) AS found"#,
        organisation_id.0,
        references
    );
    Ok(found.fetch_all(tx).await?.into_iter().map(|row| (row.reference, CandidateId(row.candidate_id))).collect())
}

/// Document numbers that one ministry has on record, each with a reference that has it.
pub(crate) async fn by_documents(
    tx: &mut PgConnection,
    organisation_id: OrganisationId,
    numbers: &[String],
) -> Result<Vec<(String, String)>, Error> {
    let found = sqlx::query!(
        r#"SELECT wanted.number AS "document_number!", found.reference AS "reference!"
           FROM (SELECT DISTINCT number FROM unnest($2::text[]) AS sent (number) WHERE number <> '') AS wanted,
               LATERAL (SELECT reference FROM person
                        WHERE organisation_id = $1 AND document_number = wanted.number AND document_number <> ''
                        ORDER BY reference LIMIT 1) AS found"#,
        organisation_id.0,
        numbers
    );
    Ok(found.fetch_all(tx).await?.into_iter().map(|row| (row.document_number, row.reference)).collect())
}

pub(crate) async fn insert_candidates(tx: &mut PgConnection, candidates: &[Candidate]) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO candidate SELECT * FROM jsonb_populate_recordset(NULL::candidate, $1)",
        records(candidates)?
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Saves candidates that are one version further than their rows.
pub(crate) async fn update_candidates(tx: &mut PgConnection, candidates: &[Candidate]) -> Result<(), Error> {
    let saved = sqlx::query!(
        "UPDATE candidate SET state = n.state, birth_year = n.birth_year, sex = n.sex, region = n.region,
             experience = n.experience, languages = n.languages, certificates = n.certificates,
             destinations = n.destinations, available_from = n.available_from, available_until = n.available_until,
             fit_until = n.fit_until, trained_until = n.trained_until, seasons_returned = n.seasons_returned,
             priorities = n.priorities, document_until = n.document_until, judged_on = n.judged_on,
             rostered_until = n.rostered_until, missing = n.missing, version = n.version, family = n.family,
             crew = n.crew
         FROM jsonb_populate_recordset(NULL::candidate, $1) AS n
         WHERE candidate.id = n.id AND candidate.version < n.version",
        records(candidates)?
    )
    .execute(tx)
    .await?;
    if saved.rows_affected() == candidates.len() as u64 {
        return Ok(());
    }
    Err(Error::Internal(format!("{} of {} candidates were saved", saved.rows_affected(), candidates.len())))
}

/// Locks candidates, always in the order of their ids.
pub(crate) async fn lock(tx: &mut PgConnection, ids: &[CandidateId]) -> Result<Vec<Candidate>, Error> {
    let found = sqlx::query_scalar!(
        r#"SELECT to_jsonb(c) AS "record!: Json<Candidate>" FROM candidate AS c WHERE id = ANY($1) ORDER BY id FOR UPDATE"#,
        ids as &[CandidateId]
    );
    Ok(found.fetch_all(tx).await?.into_iter().map(|record| record.0).collect())
}

pub(crate) async fn get(tx: &mut PgConnection, id: CandidateId) -> Result<Option<Candidate>, Error> {
    let found = sqlx::query_scalar!(
        r#"SELECT to_jsonb(c) AS "record!: Json<Candidate>" FROM candidate AS c WHERE id = $1"#,
        id.0
    );
    Ok(found.fetch_optional(tx).await?.map(|record| record.0))
}

/// A page of what the caller may see. A reference finds only what the caller's own organisation registered.
pub(crate) async fn list(tx: &mut PgConnection, filter: &Filter<'_>, limit: i64) -> Result<Vec<Candidate>, Error> {
    let found = sqlx::query_scalar!(
        r#"SELECT to_jsonb(c) AS "record!: Json<Candidate>" FROM candidate AS c
           WHERE ($1::uuid IS NULL OR id > $1) AND ($2::text IS NULL OR state = $2) AND ($3 = '' OR origin = $3)
                 AND ($4 = '' OR EXISTS (SELECT FROM person WHERE candidate_id = id AND reference = $4))
           ORDER BY id LIMIT $5"#,
        filter.after.map(|id| id.0),
        filter.state,
        filter.origin,
        filter.reference,
        limit
    );
    Ok(found.fetch_all(tx).await?.into_iter().map(|record| record.0).collect())
}

pub(crate) async fn insert_changes(tx: &mut PgConnection, changes: &[Change]) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO candidate_change SELECT * FROM jsonb_populate_recordset(NULL::candidate_change, $1)",
        records(changes)?
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn history(tx: &mut PgConnection, id: CandidateId) -> Result<Vec<Change>, Error> {
    let found = sqlx::query_as!(
        Change,
        "SELECT candidate_id, version, organisation_id, what, actor, recorded_at, fields
         FROM candidate_change WHERE candidate_id = $1 ORDER BY version",
        id.0
    );
    Ok(found.fetch_all(tx).await?)
}

/// Notes that a placement renewed the roster. False if it did before.
pub(crate) async fn insert_renewal(
    tx: &mut PgConnection,
    placement_id: PlacementId,
    candidate: &Candidate,
) -> Result<bool, Error> {
    let inserted = sqlx::query!(
        "INSERT INTO roster_renewal (placement_id, candidate_id, organisation_id) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
        placement_id.0,
        candidate.id.0,
        candidate.organisation_id.0
    );
    Ok(inserted.execute(tx).await?.rows_affected() == 1)
}

/// Notes that a season record was credited. False if it was before.
pub(crate) async fn insert_credit(
    tx: &mut PgConnection,
    season_record_id: SeasonRecordId,
    candidate: &Candidate,
    season_code: &str,
) -> Result<bool, Error> {
    let inserted = sqlx::query!(
        "INSERT INTO season_credit (season_record_id, candidate_id, organisation_id, season_code)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        season_record_id.0,
        candidate.id.0,
        candidate.organisation_id.0,
        season_code
    );
    Ok(inserted.execute(tx).await?.rows_affected() == 1)
}
