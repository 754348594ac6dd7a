//! SQL of candidates, persons, their history. A batch of any size is one statement. What is registered travels as an array a
//! column, which costs the server less to read than records of JSON; what is updated travels as such records.

use chrono::{DateTime, NaiveDate, Utc};
use platform::Error;
use proto::ids::{CandidateId, OrganisationId, PlacementId, SeasonRecordId};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{candidate::Candidate, person::Person};

pub(crate) mod group;
pub(crate) mod name;
pub(crate) mod programme;
pub(crate) mod tally;

/// What stands between the items of a list on its way in, as in the layout: no item has it.
const BETWEEN: &str = "|";

/// A line of a record's history.
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
    organisation_id: OrganisationId,
    persons: &[(CandidateId, &Person)],
) -> Result<Vec<CandidateId>, Error> {
    let ids: Vec<Uuid> = persons.iter().map(|(id, _)| id.0).collect();
    let texts = |of: fn(&Person) -> &str| persons.iter().map(|(_, one)| of(one)).collect::<Vec<&str>>();
    let born: Vec<NaiveDate> = persons.iter().map(|(_, one)| one.born_on).collect();
    let expires: Vec<Option<NaiveDate>> = persons.iter().map(|(_, one)| one.document_expires_on).collect();
    let inserted = sqlx::query_scalar!(
        "INSERT INTO person (candidate_id, organisation_id, reference, family_name, given_names, born_on,
                             document_country, document_number, document_expires_on, phone, family_group, crew)
         SELECT n.candidate_id, $2::uuid, n.reference, normalize(n.family_name, NFC), normalize(n.given_names, NFC), n.born_on,
                n.document_country, n.document_number, n.document_expires_on, normalize(n.phone, NFC), n.family_group, n.crew
         FROM unnest($1::uuid[], $3::text[], $4::text[], $5::text[], $6::date[], $7::text[], $8::text[], $9::date[],
                     $10::text[], $11::text[], $12::text[])
              AS n (candidate_id, reference, family_name, given_names, born_on, document_country, document_number,
                    document_expires_on, phone, family_group, crew)
         ON CONFLICT (organisation_id, reference) DO NOTHING RETURNING candidate_id",
        &ids,
        organisation_id.0,
        &texts(|one| &one.reference) as &[&str],
        &texts(|one| &one.family_name) as &[&str],
        &texts(|one| &one.given_names) as &[&str],
        &born,
        &texts(|one| &one.document_country) as &[&str],
        &texts(|one| &one.document_number) as &[&str],
        &expires as &[Option<NaiveDate>],
        &texts(|one| &one.phone) as &[&str],
        &texts(|one| &one.family_group) as &[&str],
        &texts(|one| &one.crew) as &[&str]
    )
    .fetch_all(tx)
    .await?;
    Ok(inserted.into_iter().map(CandidateId).collect())
}

pub(crate) async fn update_persons(tx: &mut PgConnection, persons: &[(CandidateId, &Person)]) -> Result<(), Error> {
    let ids: Vec<Uuid> = persons.iter().map(|(id, _)| id.0).collect();
    let texts = |of: fn(&Person) -> &str| persons.iter().map(|(_, one)| of(one)).collect::<Vec<&str>>();
    let born: Vec<NaiveDate> = persons.iter().map(|(_, one)| one.born_on).collect();
    let expires: Vec<Option<NaiveDate>> = persons.iter().map(|(_, one)| one.document_expires_on).collect();
    sqlx::query!(
        "UPDATE person SET family_name = normalize(n.family_name, NFC), given_names = normalize(n.given_names, NFC),
             born_on = n.born_on, document_country = n.document_country, document_number = n.document_number,
             document_expires_on = n.document_expires_on, phone = normalize(n.phone, NFC), family_group = n.family_group,
             crew = n.crew
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::text[], $6::text[], $7::date[], $8::text[],
                     $9::text[], $10::text[])
              AS n (candidate_id, family_name, given_names, born_on, document_country, document_number,
                    document_expires_on, phone, family_group, crew)
         WHERE person.candidate_id = n.candidate_id",
        &ids,
        &texts(|one| &one.family_name) as &[&str],
        &texts(|one| &one.given_names) as &[&str],
        &born,
        &texts(|one| &one.document_country) as &[&str],
        &texts(|one| &one.document_number) as &[&str],
        &expires as &[Option<NaiveDate>],
        &texts(|one| &one.phone) as &[&str],
        &texts(|one| &one.family_group) as &[&str],
        &texts(|one| &one.crew) as &[&str]
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

/// Inserts candidates with the first line of their history, that `actor` registered them at `now`.
pub(crate) async fn insert_candidates(
    tx: &mut PgConnection,
    candidates: &[Candidate],
    (actor, now): (&str, DateTime<Utc>),
) -> Result<(), Error> {
    let ids = |of: fn(&Candidate) -> Uuid| candidates.iter().map(of).collect::<Vec<Uuid>>();
    let texts = |of: fn(&Candidate) -> &str| candidates.iter().map(of).collect::<Vec<&str>>();
    let groups = |of: fn(&Candidate) -> Option<&str>| candidates.iter().map(of).collect::<Vec<Option<&str>>>();
    let lists =
        |of: fn(&Candidate) -> &[String]| candidates.iter().map(|one| of(one).join(BETWEEN)).collect::<Vec<String>>();
    let numbers = |of: fn(&Candidate) -> i32| candidates.iter().map(of).collect::<Vec<i32>>();
    let dates = |of: fn(&Candidate) -> Option<NaiveDate>| candidates.iter().map(of).collect::<Vec<Option<NaiveDate>>>();
    let written = |one: &Candidate| one.facts.experience.iter().cloned().map(String::from).collect::<Vec<String>>();
    let experience: Vec<String> = candidates.iter().map(|one| written(one).join(BETWEEN)).collect();
    let versions: Vec<i64> = candidates.iter().map(|one| one.version).collect();
    sqlx::query!(
        "WITH registered AS (
             INSERT INTO candidate (id, organisation_id, origin, lottery_key, state, birth_year, sex, region, experience,
                 languages, certificates, destinations, available_from, available_until, fit_until, trained_until,
                 seasons_returned, priorities, document_until, judged_on, rostered_until, missing, version, family, crew)
             SELECT n.id, n.organisation_id, n.origin, n.lottery_key, n.state, n.birth_year, n.sex, n.region,
                 string_to_array(n.experience, $26), string_to_array(n.languages, $26), string_to_array(n.certificates, $26),
                 string_to_array(n.destinations, $26), n.available_from, n.available_until, n.fit_until, n.trained_until,
                 n.seasons_returned, string_to_array(n.priorities, $26), n.document_until, n.judged_on, n.rostered_until,
                 string_to_array(n.missing, $26), n.version, n.family, n.crew
             FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[],
                     $9::text[], $10::text[], $11::text[], $12::text[], $13::date[], $14::date[], $15::date[], $16::date[],
                     $17::int[], $18::text[], $19::date[], $20::date[], $21::date[], $22::text[], $23::bigint[],
                     $24::text[], $25::text[])
                 AS n (id, organisation_id, origin, lottery_key, state, birth_year, sex, region, experience, languages,
                     certificates, destinations, available_from, available_until, fit_until, trained_until,
                     seasons_returned, priorities, document_until, judged_on, rostered_until, missing, version, family, crew)
             RETURNING id, version, organisation_id)
         INSERT INTO candidate_change (candidate_id, version, organisation_id, what, actor, recorded_at, fields)
         SELECT id, version, organisation_id, 'registered', $27, $28, '{}' FROM registered",
        &ids(|one| one.id.0),
        &ids(|one| one.organisation_id.0),
        &texts(|one| &one.origin) as &[&str],
        &texts(|one| &one.lottery_key) as &[&str],
        &texts(|one| one.state.as_str()) as &[&str],
        &numbers(|one| one.facts.birth_year),
        &texts(|one| &one.facts.sex) as &[&str],
        &texts(|one| &one.facts.region) as &[&str],
        &experience,
        &lists(|one| &one.facts.languages),
        &lists(|one| &one.facts.certificates),
        &lists(|one| &one.facts.destinations),
        &dates(|one| one.facts.available_from) as &[Option<NaiveDate>],
        &dates(|one| one.facts.available_until) as &[Option<NaiveDate>],
        &dates(|one| one.facts.fit_until) as &[Option<NaiveDate>],
        &dates(|one| one.facts.trained_until) as &[Option<NaiveDate>],
        &numbers(|one| one.facts.seasons_returned),
        &lists(|one| &one.facts.priorities),
        &dates(|one| one.document_until) as &[Option<NaiveDate>],
        &dates(|one| Some(one.judged_on)) as &[Option<NaiveDate>],
        &dates(|one| one.rostered_until) as &[Option<NaiveDate>],
        &lists(|one| &one.missing),
        &versions,
        &groups(|one| one.groups.family.as_deref()) as &[Option<&str>],
        &groups(|one| one.groups.crew.as_deref()) as &[Option<&str>],
        BETWEEN,
        actor,
        now
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

/// Who is on the roster and was there up to a day before this one, at most so many: first whose day is over longest.
pub(crate) async fn due(tx: &mut PgConnection, as_of: NaiveDate, limit: i64) -> Result<Vec<CandidateId>, Error> {
    let found = sqlx::query_scalar!(
        "SELECT id FROM candidate WHERE state = 'ROSTERED' AND rostered_until < $1 ORDER BY rostered_until, id LIMIT $2",
        as_of,
        limit
    );
    Ok(found.fetch_all(tx).await?.into_iter().map(CandidateId).collect())
}

/// Those of these candidates whose place on the roster was over before a day, and has been ended.
pub(crate) async fn expired(
    tx: &mut PgConnection,
    ids: &[CandidateId],
    before: NaiveDate,
) -> Result<Vec<CandidateId>, Error> {
    let found = sqlx::query_scalar!(
        "SELECT id FROM candidate WHERE id = ANY($1) AND state = 'EXPIRED' AND rostered_until < $2",
        ids as &[CandidateId],
        before
    );
    Ok(found.fetch_all(tx).await?.into_iter().map(CandidateId).collect())
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
    let ids: Vec<Uuid> = changes.iter().map(|change| change.candidate_id.0).collect();
    let versions: Vec<i64> = changes.iter().map(|change| change.version).collect();
    let organisations: Vec<Uuid> = changes.iter().map(|change| change.organisation_id.0).collect();
    let what: Vec<&str> = changes.iter().map(|change| change.what.as_str()).collect();
    let actors: Vec<&str> = changes.iter().map(|change| change.actor.as_str()).collect();
    let recorded: Vec<DateTime<Utc>> = changes.iter().map(|change| change.recorded_at).collect();
    let fields: Vec<String> = changes.iter().map(|change| change.fields.join(BETWEEN)).collect();
    sqlx::query!(
        "INSERT INTO candidate_change (candidate_id, version, organisation_id, what, actor, recorded_at, fields)
         SELECT n.candidate_id, n.version, n.organisation_id, n.what, n.actor, n.recorded_at, string_to_array(n.fields, $8)
         FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
              AS n (candidate_id, version, organisation_id, what, actor, recorded_at, fields)",
        &ids,
        &versions,
        &organisations,
        &what as &[&str],
        &actors as &[&str],
        &recorded,
        &fields,
        BETWEEN
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
