use proto::{
    demand::{AccreditationState, Employer},
    ids::EmployerId,
};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// A row of `employer`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EmployerRow {
    pub(crate) id: EmployerId,
    pub(crate) organisation_id: Uuid,
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) region: String,
    pub(crate) city: String,
    pub(crate) reference: String,
    pub(crate) accreditation: String,
    pub(crate) version: i64,
}

/// The word of an employer who may post orders.
pub(crate) const ACCREDITED: &str = "ACCREDITED";

impl EmployerRow {
    pub(crate) fn message(&self) -> Employer {
        let accreditation = match self.accreditation.as_str() {
            ACCREDITED => AccreditationState::Accredited,
            _ => AccreditationState::Suspended,
        };
        Employer {
            id: self.id.to_string(),
            organisation_id: self.organisation_id.to_string(),
            name: self.name.clone(),
            country: self.country.clone(),
            region: self.region.clone(),
            city: self.city.clone(),
            reference: self.reference.clone(),
            accreditation: accreditation as i32,
            version: self.version,
        }
    }
}

/// Inserts those whose reference is new and answers their ids.
pub(crate) async fn insert(tx: &mut PgConnection, rows: &[EmployerRow]) -> Result<Vec<EmployerId>, sqlx::Error> {
    sqlx::query!(
        "INSERT INTO employer SELECT * FROM jsonb_populate_recordset(NULL::employer, $1)
         ON CONFLICT (organisation_id, reference) DO NOTHING RETURNING id",
        Json(rows) as _
    )
    .map(|row| EmployerId(row.id))
    .fetch_all(tx)
    .await
}

/// Locks employers until the commit, by id whatever order they are given in: who locks several at a time and who locks others
/// of them never wait for each other in a circle. An order that names them is no update of theirs and does not wait: an import
/// names them in the order of its file.
pub(crate) async fn lock(tx: &mut PgConnection, ids: &[EmployerId]) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT id FROM employer WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", ids as &[EmployerId])
        .fetch_all(tx)
        .await?;
    Ok(())
}

/// One organisation's employers by their references.
pub(crate) async fn by_reference(
    tx: &mut PgConnection,
    organisation_id: Uuid,
    references: &[String],
) -> Result<Vec<EmployerRow>, sqlx::Error> {
    sqlx::query_as!(
        EmployerRow,
        "SELECT id, organisation_id, name, country, region, city, reference, accreditation, version
         FROM employer WHERE organisation_id = $1 AND reference = ANY($2)",
        organisation_id,
        references
    )
    .fetch_all(tx)
    .await
}

/// A page, newest first.
pub(crate) async fn list(
    tx: &mut PgConnection,
    before: Option<EmployerId>,
    limit: i64,
) -> Result<Vec<EmployerRow>, sqlx::Error> {
    sqlx::query_as!(
        EmployerRow,
        "SELECT id, organisation_id, name, country, region, city, reference, accreditation, version
         FROM employer WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
        before.map(|employer| employer.0),
        limit
    )
    .fetch_all(tx)
    .await
}
