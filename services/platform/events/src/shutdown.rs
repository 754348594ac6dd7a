//! The whole story of stopping: one signal, one token, a bounded drain.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::fault;

/// How long running work may take after the signal.
pub const DRAIN: Duration = Duration::from_secs(10);

/// Tells everybody that it is time to stop. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// A shutdown that nobody has asked for yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everybody to stop.
    pub fn trigger(&self) {
        self.0.cancel();
    }

    /// True once asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until asked.
    pub async fn wait(&self) {
        self.0.cancelled().await;
    }

    /// Triggers on Ctrl-C or SIGTERM.
    ///
    /// # Errors
    /// If the signal handler cannot be set.
    pub fn on_signal(&self) -> std::io::Result<()> {
        let token = self.0.clone();
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            if fault::planted("dies_at_once") {
                std::process::abort();
            }
            token.cancel();
        });
        Ok(())
    }
}
