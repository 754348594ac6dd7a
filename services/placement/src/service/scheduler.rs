//! Runs the clocks by the wall. Any number of processes may: a clock that has fired is not due any more.

use std::time::Duration;

use platform::{Clock, Error, Principal, Shutdown};
use proto::{Role, placement::RunDueRequest};
use uuid::Uuid;

use super::{Service, due::DUE_MAX};

/// Calls `RunDue` with today's date, as often as told, until shutdown. A run that fails is made again at the next time.
pub(crate) async fn run(service: Service, clock: Clock, every: Duration, shutdown: Shutdown) -> anyhow::Result<()> {
    while !shutdown.asked() {
        if let Err(error) = run_due(&service, &clock, &shutdown).await {
            tracing::warn!(%error, "clocks wait for the next run");
        }
        tokio::select! { () = tokio::time::sleep(every) => {}, () = shutdown.wait() => {} }
    }
    Ok(())
}

async fn run_due(service: &Service, clock: &Clock, shutdown: &Shutdown) -> Result<(), Error> {
    let scheduler =
        Principal { subject: "scheduler".to_owned(), organisation_id: Uuid::nil(), roles: vec![Role::Service] };
    let as_of = clock.now().date_naive();
    let mut more = true;
    while more && !shutdown.asked() {
        let request = RunDueRequest {
            as_of: as_of.to_string(),
            limit: i32::try_from(DUE_MAX).unwrap_or(i32::MAX),
            request_id: clock.id().to_string(),
        };
        let done = service.run_due(&scheduler, &request, (as_of, DUE_MAX)).await?;
        if !done.moved.is_empty() {
            tracing::info!(%as_of, moved = ?done.moved, "clocks ran");
        }
        // What could not move now is left for the next run.
        more = done.more && !done.moved.is_empty();
    }
    Ok(())
}
