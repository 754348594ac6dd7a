//! Runs a service: database, relay, consumers, gRPC and the admin door, until shutdown.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use axum::{Router, extract::State, http::StatusCode, routing::get};
use serde::de::DeserializeOwned;
use sqlx::migrate::Migrator;
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet};
use tonic::service::Routes;

use crate::{
    clock::Clock,
    config::{self, Config},
    consumer::{self, Handler},
    database::Database,
    grpc::{self, Front},
    identity::Verifier,
    relay,
    shutdown::Shutdown,
    telemetry,
};

/// Where a service listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    pub grpc: SocketAddr,
    pub admin: SocketAddr,
}

/// What a run is given beside its settings.
pub struct Context {
    pub clock: Clock,
    pub shutdown: Shutdown,
    /// Told once the service listens.
    pub bound: Option<oneshot::Sender<Bound>>,
}

/// The process of one service: settings, telemetry, signals, then `run`.
///
/// `--check-config` reads the settings and stops; `--config FILE` reads a file under the environment.
pub fn main<C, F>(name: &'static str, run: impl FnOnce(C, Context) -> F) -> ExitCode
where
    C: DeserializeOwned,
    F: Future<Output = anyhow::Result<()>>,
{
    match start(name, run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start<C, F>(name: &'static str, run: impl FnOnce(C, Context) -> F) -> anyhow::Result<()>
where
    C: DeserializeOwned,
    F: Future<Output = anyhow::Result<()>>,
{
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file =
        arguments.iter().position(|word| word == "--config").and_then(|at| arguments.get(at + 1)).map(PathBuf::from);
    let settings: C = config::load(name, file)?;
    if arguments.iter().any(|word| word == "--check-config") {
        println!("{name}: the settings fit");
        return Ok(());
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        install_crypto();
        telemetry::install(name, telemetry::SERVICE_LOG)?;
        let shutdown = Shutdown::new();
        shutdown.on_signal()?;
        run(settings, Context { clock: Clock::wall(), shutdown, bound: None }).await
    })
}

/// Chooses the one TLS provider of the process. Two in one tree panic at the first handshake.
pub fn install_crypto() {
    // A second call finds the first one's choice, which is the same.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

/// A service that is coming up: it has its database and its addresses, and collects what it runs.
pub struct Chassis {
    name: &'static str,
    config: Config,
    context: Context,
    database: Database,
    grpc: TcpListener,
    admin: TcpListener,
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Chassis {
    /// Connects, migrates, binds.
    ///
    /// # Errors
    /// If the database cannot be reached, a migration fails, or an address is taken.
    pub async fn start(
        name: &'static str,
        config: Config,
        migrator: &Migrator,
        context: Context,
    ) -> anyhow::Result<Self> {
        let database = Database::connect(name, &config.database, migrator).await?;
        let bind = |listen: SocketAddr| async move {
            TcpListener::bind(listen).await.with_context(|| format!("{name} cannot listen on {listen}"))
        };
        let (grpc, admin) = (bind(config.grpc_listen).await?, bind(config.admin_listen).await?);
        Ok(Self { name, config, context, database, grpc, admin, tasks: JoinSet::new() })
    }

    /// The service's database.
    #[must_use]
    pub fn database(&self) -> Database {
        self.database.clone()
    }

    /// The clock that was passed in.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.context.clock.clone()
    }

    /// Told when to stop.
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        self.context.shutdown.clone()
    }

    /// Publishes this service's outbox to its topic.
    #[must_use]
    pub fn publishing(mut self, topic: &'static str) -> Self {
        let work = relay::run(self.database.clone(), self.config.kafka.clone(), topic, self.context.shutdown.clone());
        self.tasks.spawn(async move {
            work.await;
            Ok(())
        });
        self
    }

    /// Consumes a topic.
    #[must_use]
    pub fn consuming<H: Handler>(mut self, handler: H) -> Self {
        let work =
            consumer::run(self.database.clone(), self.config.kafka.clone(), handler, self.context.shutdown.clone());
        self.tasks.spawn(work);
        self
    }

    /// Serves `routes` until shutdown. The first part that ends with a fault ends the service.
    ///
    /// # Errors
    /// The fault of the part that ended.
    pub async fn serve(mut self, routes: Routes) -> anyhow::Result<()> {
        let shutdown = self.context.shutdown.clone();
        let bound = Bound { grpc: self.grpc.local_addr()?, admin: self.admin.local_addr()? };
        let front = Front {
            service: self.name,
            verifier: Verifier::new(self.config.identity.clone()),
            clock: self.context.clock.clone(),
        };
        self.tasks.spawn(grpc::serve(self.grpc, routes, front, shutdown.clone()));
        self.tasks.spawn(serve_admin(self.admin, self.database.clone(), shutdown.clone()));
        tracing::info!(service = self.name, grpc = %bound.grpc, admin = %bound.admin, "listening");
        if let Some(told) = self.context.bound.take() {
            let _ = told.send(bound);
        }
        let mut outcome = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            let ended = ended.context("a part of the service panicked").and_then(|ended| ended);
            if ended.is_err() && outcome.is_ok() {
                outcome = ended.with_context(|| format!("{} stops", self.name));
                shutdown.trigger();
            }
        }
        self.database.close().await;
        outcome
    }
}

/// `/metrics`, `/livez`, `/readyz`.
async fn serve_admin(listener: TcpListener, database: Database, shutdown: Shutdown) -> anyhow::Result<()> {
    let routes = Router::new()
        .route("/metrics", get(async || telemetry::metrics_text()))
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(ready))
        .with_state(database);
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move { shutdown.wait().await })
        .await
        .context("the admin door closed")
}

async fn ready(State(database): State<Database>) -> (StatusCode, String) {
    match database.ping().await {
        Ok(()) => (StatusCode::OK, "ready".to_owned()),
        Err(error) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("the database of {} does not answer: {error}", database.service()),
        ),
    }
}
