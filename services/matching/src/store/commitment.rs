//! Seeds promised before the rounds that they decide.

use sqlx::PgConnection;

use crate::round::Commitment;

/// Season and destination.
pub(crate) type Group<'a> = (&'a str, &'a str);

/// Until the transaction ends nobody else commits, no other round asks, and none that was promised goes out.
async fn alone(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('seed_commitment'))").fetch_one(tx).await?;
    Ok(())
}

/// The commitment that is open for the group; it stays so until the transaction ends.
pub(crate) async fn open(
    tx: &mut PgConnection,
    (season_code, destination): Group<'_>,
) -> sqlx::Result<Option<Commitment>> {
    alone(tx).await?;
    sqlx::query_as!(
        Commitment,
        "SELECT seed_sha256, committed_at FROM seed_commitment
         WHERE season_code = $1 AND destination = $2 AND NOT spent AND replaced_because = ''",
        season_code,
        destination
    )
    .fetch_optional(tx)
    .await
}

/// The first round of the group that was drawn by this seed: whoever knows how it comes out may not promise it.
pub(crate) async fn drawn_by(
    tx: &mut PgConnection,
    (season_code, destination): Group<'_>,
    seed_sha256: &str,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "SELECT number FROM round
         WHERE season_code = $1 AND destination = $2 AND encode(sha256(convert_to(seed, 'UTF8')), 'hex') = $3
         ORDER BY number LIMIT 1",
        season_code,
        destination,
        seed_sha256
    )
    .fetch_optional(tx)
    .await
}

/// Fails on the primary key if the group had this one before.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    (season_code, destination): Group<'_>,
    (commitment, actor): (&Commitment, &str),
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO seed_commitment (season_code, destination, seed_sha256, actor, committed_at)
         VALUES ($1, $2, $3, $4, $5)",
        season_code,
        destination,
        commitment.seed_sha256,
        actor,
        commitment.committed_at
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes why another one takes the place of the one that is open.
pub(crate) async fn replace(
    tx: &mut PgConnection,
    (season_code, destination): Group<'_>,
    reason: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE seed_commitment SET replaced_because = $3
         WHERE season_code = $1 AND destination = $2 AND NOT spent AND replaced_because = ''",
        season_code,
        destination,
        reason
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes that a round with this seed goes out. Whatever round found the commitment open is there by then, so none that begins
/// later says that it was promised.
pub(crate) async fn spend(
    tx: &mut PgConnection,
    (season_code, destination): Group<'_>,
    commitment: &Commitment,
) -> sqlx::Result<()> {
    alone(tx).await?;
    sqlx::query!(
        "UPDATE seed_commitment SET spent = true WHERE season_code = $1 AND destination = $2 AND seed_sha256 = $3",
        season_code,
        destination,
        commitment.seed_sha256
    )
    .execute(tx)
    .await?;
    Ok(())
}
