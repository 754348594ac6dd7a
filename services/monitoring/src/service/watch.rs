//! Watching: one task looks how far the fold has come, however many watch.

use std::time::Duration;

use futures::{Stream, StreamExt, future, stream};
use platform::{Error, Principal, Reach};
use proto::{
    Role,
    monitoring::{WatchFlowsRequest, WatchFlowsResponse},
};
use tokio::time::Instant;
use tokio_stream::wrappers::WatchStream;

use super::{Service, text};
use crate::store;

/// At most two messages a second.
const PACE: Duration = Duration::from_millis(500);
/// A look now and then, even if nothing was told: a batch tells before it is committed.
const LOOK: Duration = Duration::from_secs(1);

impl Service {
    /// A message now, and one whenever the fold has moved.
    pub(crate) async fn watch_flows(
        &self,
        who: &Principal,
        _request: WatchFlowsRequest,
    ) -> Result<impl Stream<Item = WatchFlowsResponse> + Send + use<>, Error> {
        who.needs(&Role::READERS)?;
        let changes = WatchStream::from_changes(self.progress.subscribe());
        let first = self.progress_now().await?;
        let mut last = first.clone();
        let news = changes.filter(move |now| {
            let new = *now != last;
            last.clone_from(now);
            future::ready(new)
        });
        let shutdown = self.shutdown.clone();
        Ok(stream::iter([first]).chain(news).take_until(async move { shutdown.wait().await }))
    }

    /// Tells watchers until shutdown. The pause grows with the work, so that looking never takes more than a fifth.
    pub(crate) async fn pulse(self) {
        let mut moved = self.moved.subscribe();
        while !self.shutdown.asked() {
            tokio::select! {
                _ = moved.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
                () = self.shutdown.wait() => return,
            }
            let started = Instant::now();
            if self.progress.receiver_count() > 0 {
                match self.progress_now().await {
                    Ok(now) => {
                        self.progress.send_if_modified(|last| {
                            *last != now && {
                                *last = now;
                                true
                            }
                        });
                    }
                    Err(error) => tracing::warn!(%error, "the fold cannot be read"),
                }
            }
            tokio::time::sleep(PACE.max(started.elapsed() * 4)).await;
        }
    }

    async fn progress_now(&self) -> Result<WatchFlowsResponse, sqlx::Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        Ok(WatchFlowsResponse { events: store::events(&mut tx).await?, as_of: text(store::as_of(&mut tx).await?) })
    }
}
