//! The projection of who may see whose name, the names themselves, and who looked.

use chrono::{DateTime, Utc};
use platform::Error;
use proto::ids::{CandidateId, OrganisationId, PlacementId};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

/// A placement, as far as it lets somebody see a name; the columns of the table `sight`.
#[derive(Serialize)]
pub(crate) struct Sight {
    pub(crate) placement_id: PlacementId,
    pub(crate) candidate_id: CandidateId,
    pub(crate) ministry_id: OrganisationId,
    pub(crate) union_id: OrganisationId,
    /// The union has chosen the person, and that still holds.
    pub(crate) chosen: bool,
    pub(crate) version: i64,
}

/// Saves what is newer than what is known; one row a placement.
pub(crate) async fn save_sights(tx: &mut PgConnection, sights: &[Sight]) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO sight AS known SELECT * FROM jsonb_populate_recordset(NULL::sight, $1)
         ON CONFLICT (placement_id) DO UPDATE SET candidate_id = excluded.candidate_id,
             ministry_id = excluded.ministry_id, union_id = excluded.union_id, chosen = excluded.chosen,
             version = excluded.version
         WHERE known.version < excluded.version",
        super::records(sights)?
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Who looks at whose name.
pub(crate) struct Look<'a> {
    pub(crate) id: Uuid,
    pub(crate) candidate_id: CandidateId,
    pub(crate) organisation_id: OrganisationId,
    pub(crate) actor: &'a str,
    pub(crate) role: &'a str,
    pub(crate) at: DateTime<Utc>,
}

/// Writes a look down, with the ground on which it is allowed: the person is the organisation's own, or chosen in a
/// placement that the reach shows. False, and nothing is written, if there is none.
pub(crate) async fn insert_look(tx: &mut PgConnection, look: &Look<'_>) -> Result<bool, Error> {
    let inserted = sqlx::query!(
        "INSERT INTO person_look (id, candidate_id, placement_id, ministry_id, organisation_id, actor, role, looked_at)
         SELECT $1, candidate_id, placement_id, ministry_id, $3, $4, $5, $6
         FROM (SELECT id AS candidate_id, NULL::uuid AS placement_id, organisation_id AS ministry_id
               FROM candidate WHERE id = $2 AND organisation_id = $3
               UNION ALL
               SELECT candidate_id, placement_id, ministry_id FROM sight WHERE candidate_id = $2 AND chosen) AS ground
         ORDER BY placement_id DESC NULLS FIRST LIMIT 1",
        look.id,
        look.candidate_id.0,
        look.organisation_id.0,
        look.actor,
        look.role,
        look.at
    );
    Ok(inserted.execute(tx).await?.rows_affected() == 1)
}

/// Family and given names, for whom the row is there: its ministry, and whoever has written a look down in this
/// transaction.
pub(crate) async fn names(tx: &mut PgConnection, candidate_id: CandidateId) -> Result<Option<(String, String)>, Error> {
    let found = sqlx::query!("SELECT family_name, given_names FROM person WHERE candidate_id = $1", candidate_id.0);
    Ok(found.fetch_optional(tx).await?.map(|row| (row.family_name, row.given_names)))
}
