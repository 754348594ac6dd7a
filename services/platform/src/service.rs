//! Runs a service: database, relay, consumers, gRPC and the admin door, until shutdown.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{Router, extract::State, http::StatusCode, routing::get};
use events::{prune, readiness::Readiness, relay::Relay};
use proto::operation::operation_service_server::OperationServiceServer;
use serde::de::DeserializeOwned;
use sqlx::migrate::Migrator;
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet};
use tonic::service::Routes;

use crate::{
    admission::{Admission, Door},
    clock::Clock,
    config::{self, Config},
    consumer::{self, Handler, Lane, Parking},
    database::Database,
    fault,
    grpc::{self, Front},
    identity::Verifier,
    operation::Operation,
    shutdown::{DRAIN, Shutdown},
    telemetry,
};

/// How long the database may take to give a sign of life to `/readyz`.
const PING: Duration = Duration::from_secs(1);

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
    readiness: Readiness,
    grpc: TcpListener,
    admin: SocketAddr,
    consumers: Vec<Arc<dyn Parking>>,
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Chassis {
    /// Binds, waits for the database, migrates. `/readyz` tells meanwhile what is waited for.
    ///
    /// # Errors
    /// If an address is taken, the database does not let the service in, or a migration fails.
    pub async fn start(
        name: &'static str,
        config: Config,
        migrator: &Migrator,
        context: Context,
    ) -> anyhow::Result<Self> {
        let bind = |listen: SocketAddr| async move {
            TcpListener::bind(listen).await.with_context(|| format!("{name} cannot listen on {listen}"))
        };
        let admin = bind(config.admin_listen).await?;
        let address = admin.local_addr()?;
        let readiness = Readiness::new(name);
        let here = Arc::new(tokio::sync::OnceCell::new());
        let mut tasks = JoinSet::new();
        let looking = Admin { readiness: readiness.clone(), database: here.clone() };
        tasks.spawn(serve_admin(admin, looking, context.shutdown.clone()));
        tracing::info!(service = name, admin = %address, "starting");
        let database = tokio::select! {
            connected = Database::connect(name, &config.database, migrator, &readiness) => connected?,
            () = context.shutdown.wait() => anyhow::bail!("{name} was stopped before its database was there"),
        };
        here.set(database.clone()).ok();
        // Only now: who can connect is served.
        let grpc = bind(config.grpc_listen).await?;
        Ok(Self { name, config, context, database, readiness, grpc, admin: address, consumers: Vec::new(), tasks })
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
        let relay = Relay {
            database: self.database.clone(),
            config: self.config.kafka.clone(),
            topic,
            readiness: self.readiness.clone(),
            shutdown: self.context.shutdown.clone(),
        };
        self.tasks.spawn(async move {
            relay.run().await;
            Ok(())
        });
        self
    }

    /// Consumes a topic.
    #[must_use]
    pub fn consuming<H: Handler>(mut self, handler: H) -> Self {
        let lane = Arc::new(Lane::new(self.database.clone(), handler));
        self.consumers.push(lane.clone());
        let (config, readiness) = (self.config.kafka.clone(), self.readiness.clone());
        self.tasks.spawn(consumer::run(lane, config, readiness, self.context.shutdown.clone()));
        self
    }

    /// Runs something else until shutdown: if it ends with a fault, the service does.
    #[must_use]
    pub fn running(mut self, part: impl Future<Output = anyhow::Result<()>> + Send + 'static) -> Self {
        self.tasks.spawn(part);
        self
    }

    /// Serves `routes` until shutdown. The first part that ends with a fault ends the service.
    ///
    /// # Errors
    /// The fault of the part that ended.
    pub async fn serve(mut self, routes: Routes) -> anyhow::Result<()> {
        let shutdown = self.context.shutdown.clone();
        let bound = Bound { grpc: self.grpc.local_addr()?, admin: self.admin };
        let limits = &self.config.limits;
        let per_peer = if fault::planted("peer_unbounded") { usize::MAX } else { limits.calls_per_peer };
        let door = Admission::new(self.grpc, limits);
        let front = Front {
            service: self.name,
            verifier: Verifier::new(self.config.identity.clone(), self.readiness.clone()),
            clock: self.context.clock.clone(),
            room: Door::new(grpc::ROOM, per_peer),
            paces: door.paces(),
        };
        let operation = Operation::new(self.database.clone(), self.consumers);
        let bytes = if fault::planted("large_is_read") { usize::MAX } else { grpc::MESSAGE_BYTES };
        let routes = routes.add_service(OperationServiceServer::new(operation).max_decoding_message_size(bytes));
        self.tasks.spawn(grpc::serve(door, routes, front, shutdown.clone()));
        let old = prune::run(self.database.clone(), self.config.database.keep_answers_days, shutdown.clone());
        self.tasks.spawn(async move {
            old.await;
            Ok(())
        });
        tracing::info!(service = self.name, grpc = %bound.grpc, admin = %bound.admin, "listening");
        if let Some(told) = self.context.bound.take() {
            let _ = told.send(bound);
        }
        let mut outcome = Ok(());
        let (mut tasks, database, asked) = (self.tasks, self.database, shutdown.clone());
        let drained = async {
            while let Some(ended) = tasks.join_next().await {
                let ended = ended.context("a part of the service panicked").and_then(|ended| ended);
                if ended.is_err() && outcome.is_ok() {
                    outcome = ended.with_context(|| format!("{} stops", self.name));
                    shutdown.trigger();
                }
            }
            database.close().await;
        };
        // A statement that waits for a lock can hold its part for a minute: what is not committed by then is not acknowledged.
        let late = async {
            asked.wait().await;
            let patience = if fault::planted("drains_for_ever") { DRAIN * 100 } else { DRAIN };
            tokio::time::sleep(patience).await;
        };
        tokio::select! {
            () = drained => {}
            () = late => tracing::warn!(service = self.name, "not everything ended in time"),
        }
        outcome
    }
}

/// What the admin door shows.
#[derive(Clone)]
struct Admin {
    readiness: Readiness,
    /// Set once it answers.
    database: Arc<tokio::sync::OnceCell<Database>>,
}

/// `/metrics`, `/livez`, `/readyz`.
async fn serve_admin(listener: TcpListener, admin: Admin, shutdown: Shutdown) -> anyhow::Result<()> {
    let routes = Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(ready))
        .with_state(admin);
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move { shutdown.wait().await })
        .await
        .context("the admin door closed")
}

async fn metrics(State(admin): State<Admin>) -> String {
    if let Some(database) = admin.database.get()
        && let Err(error) = measure(database).await
    {
        tracing::debug!(%error, "what waits in the database was not counted");
    }
    telemetry::metrics_text()
}

/// What waits in the database is counted when somebody asks, so that it is never stale.
async fn measure(database: &Database) -> Result<(), sqlx::Error> {
    let mut tx = database.begin(crate::Reach::System).await?;
    let parked: i64 = sqlx::query_scalar("SELECT count(*) FROM parked").fetch_one(&mut *tx).await?;
    drop(tx);
    metrics::gauge!("circula_parked_events", "service" => database.service()).set(parked as f64);
    let unpublished = database.unpublished().await?;
    metrics::gauge!("circula_outbox_unpublished", "service" => database.service()).set(unpublished as f64);
    Ok(())
}

async fn ready(State(admin): State<Admin>) -> (StatusCode, String) {
    if let Some(database) = admin.database.get() {
        match tokio::time::timeout(PING, database.ping()).await {
            Ok(Ok(())) => admin.readiness.here("the database"),
            Ok(Err(error)) => admin.readiness.missing("the database", &error.to_string()),
            Err(_) => admin.readiness.missing("the database", "it does not answer within a second"),
        }
    }
    let (ready, report) = admin.readiness.report();
    (if ready && admin.database.initialized() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, report)
}
