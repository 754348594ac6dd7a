//! One door for people and browsers: HTTP+JSON for every annotated call of the contracts, sign-in, and the console.
//!
//! Owns nothing but sessions, in memory; publishes and consumes nothing. Every call goes to the service that owns it with
//! the caller's own token, so that identity and reach are decided there.

pub mod config;
pub mod console;
mod openapi;
mod pages;
pub mod server;
pub mod session;
mod transcoder;
pub mod upstream;

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use platform::Shutdown;
use tokio::{net::TcpListener, sync::oneshot};

pub use config::{Config, DevelopmentUser, OidcConfig};
pub use server::App;

/// The gateway's name, everywhere.
pub const NAME: &str = "gateway";

/// Where the gateway listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// For people and browsers.
    pub http: SocketAddr,
    /// `/metrics`, `/livez` and `/readyz`.
    pub admin: SocketAddr,
}

/// Serves until shutdown; `bound` is told the addresses once it listens.
///
/// # Errors
/// If a setting does not fit, or an address is taken.
pub async fn run(config: Config, shutdown: Shutdown, bound: Option<oneshot::Sender<Bound>>) -> anyhow::Result<()> {
    let bind = |listen: SocketAddr| async move {
        TcpListener::bind(listen).await.with_context(|| format!("{NAME} cannot listen on {listen}"))
    };
    let (listener, admin) = (bind(config.listen).await?, bind(config.admin_listen).await?);
    let listens = Bound { http: listener.local_addr()?, admin: admin.local_addr()? };
    let app = Arc::new(App::new(config, listens.http)?);
    tracing::info!(service = NAME, http = %listens.http, admin = %listens.admin, url = app.public_url, "listening");
    if let Some(told) = bound {
        let _ = told.send(listens);
    }
    server::serve(listener, admin, app, shutdown).await
}
