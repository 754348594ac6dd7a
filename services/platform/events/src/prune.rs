//! What is kept for a time: answers to commands, for who sends the same request again. They go in small heaps.
//!
//! Nothing else goes by its age. A broker that lost everything is filled from all rows of the outbox, published or not, and
//! whatever of them comes again has its effect once only as long as the inbox knows it.

use std::time::Duration;

use chrono::{DateTime, Days, Utc};

use crate::{
    database::{Database, Reach},
    fault,
    shutdown::Shutdown,
};

/// Rows of one heap: each is a transaction of its own, so that nobody waits for long.
const HEAP: u32 = 1000;
/// How often what is too old is looked for.
const REST: Duration = Duration::from_secs(3600);

/// Takes away answers that are older than so many days, at the start and every hour until shutdown. 0 keeps them all.
pub async fn run(database: Database, keep_days: u32, shutdown: Shutdown) {
    while keep_days > 0 && !shutdown.asked() {
        match old(&database, keep_days, &shutdown).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(service = database.service(), rows, "old answers to commands were taken away"),
            Err(error) => tracing::warn!(%error, "old answers to commands stay for now"),
        }
        tokio::select! { () = tokio::time::sleep(REST) => {}, () = shutdown.wait() => {} }
    }
}

/// By the clock of the database, which also dated the answers.
async fn old(database: &Database, keep_days: u32, shutdown: &Shutdown) -> Result<u64, sqlx::Error> {
    let mut tx = database.begin(Reach::System).await?;
    let now: DateTime<Utc> = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&mut *tx).await?;
    drop(tx);
    let keep_days = if fault::planted("answers_are_forgotten") { 0 } else { keep_days };
    let Some(before) = now.checked_sub_days(Days::new(keep_days.into())) else { return Ok(0) };
    let (mut rows, mut heap) = (0, u64::from(HEAP));
    while heap == u64::from(HEAP) && !shutdown.asked() {
        heap = answers(database, before).await?;
        rows += heap;
    }
    Ok(rows)
}

/// Takes away one heap of answers given before a moment, the oldest first; says how many there were.
///
/// # Errors
/// If the database refuses.
pub async fn answers(database: &Database, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let mut tx = database.begin(Reach::System).await?;
    let rows = sqlx::query(
        "DELETE FROM command WHERE (organisation_id, request_id) IN (
             SELECT organisation_id, request_id FROM command WHERE recorded_at < $1
             ORDER BY recorded_at LIMIT $2 FOR UPDATE SKIP LOCKED
         )",
    )
    .bind(before)
    .bind(i64::from(HEAP))
    .execute(&mut *tx)
    .await?
    .rows_affected();
    database.commit(tx).await?;
    metrics::counter!("circula_answers_pruned_total", "service" => database.service()).increment(rows);
    Ok(rows)
}
