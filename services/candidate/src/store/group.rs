//! How many travel together.

use std::collections::HashMap;

use platform::Error;
use proto::ids::OrganisationId;
use sqlx::PgConnection;

/// Lets nobody else add members to a group of the ministry until the transaction ends.
pub(crate) async fn hold(tx: &mut PgConnection, organisation_id: OrganisationId) -> Result<(), Error> {
    let id = organisation_id.to_string();
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('groups'), hashtext($1))", id).fetch_one(tx).await?;
    Ok(())
}

/// Members of groups of one ministry, by the groups' digests. Who has left the programme is in no group any more.
pub(crate) async fn members(
    tx: &mut PgConnection,
    organisation_id: OrganisationId,
    digests: &[String],
) -> Result<HashMap<String, i64>, Error> {
    let found = sqlx::query!(
        r#"SELECT wanted.digest AS "digest!",
                  (SELECT count(*) FROM candidate WHERE organisation_id = $1 AND family = wanted.digest
                       AND state NOT IN ('WITHDRAWN', 'BARRED'))
                  + (SELECT count(*) FROM candidate WHERE organisation_id = $1 AND crew = wanted.digest
                       AND state NOT IN ('WITHDRAWN', 'BARRED')) AS "members!"
           FROM unnest($2::text[]) AS wanted (digest)"#,
        organisation_id.0,
        digests
    );
    Ok(found.fetch_all(tx).await?.into_iter().map(|row| (row.digest, row.members)).collect())
}
