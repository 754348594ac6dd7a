//! SQL, and nothing else. What is locked is locked in one order: lines by id, quotas by id, placements by id.

pub mod lists;
pub mod load;
pub mod projections;
pub mod proposals;
pub mod save;
pub mod tally;
pub mod terms;

use sqlx::PgConnection;

use crate::placement::Placement;

/// From here on the transaction acts for the service itself: ledgers belong to no tenant. Whoever calls this has found
/// under the caller's own reach what the caller may touch.
///
/// # Errors
/// If the database is gone.
pub async fn act_as_service(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT set_config('circula.reach', 'system', true)").execute(tx).await?;
    Ok(())
}

/// Back to what the caller may see.
///
/// # Errors
/// If the database is gone.
pub async fn act_as_caller(tx: &mut PgConnection, reach: platform::Reach) -> Result<(), sqlx::Error> {
    let reach = match reach {
        platform::Reach::Own(_) => "own",
        platform::Reach::All(_) => "all",
        platform::Reach::System => "system",
    };
    sqlx::query("SELECT set_config('circula.reach', $1, true)").bind(reach).execute(tx).await?;
    Ok(())
}

/// Reads a placement as stored.
fn read(facts: &str) -> Result<Placement, sqlx::Error> {
    serde_json::from_str(facts).map_err(|error| sqlx::Error::Decode(error.into()))
}
