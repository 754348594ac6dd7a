//! The service's database: three roles, one unit of work. The unit of work is the only way to a connection: it takes
//! the `app` role and the caller's reach for the length of one transaction, so row-level security always bites.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use secrecy::ExposeSecret;
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{config::DatabaseConfig, fault, readiness::Readiness, schema};

/// Events that wait to be published are counted up to here.
pub const COUNTED: i64 = 100_000;

/// Whose rows a unit of work may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those of one organisation.
    Own(Uuid),
    /// Every organisation's, acting for this one.
    All(Uuid),
    /// The service itself: consumers, clocks.
    System,
}

/// A pool, and the names of the roles that its transactions take.
#[derive(Clone)]
pub struct Database {
    pool: PgPool,
    service: &'static str,
    written: Arc<Notify>,
}

impl Database {
    /// Waits until the database answers, brings the schema up to date if asked, and opens the pool.
    ///
    /// # Errors
    /// If the settings do not fit, a migration fails, or the schema is not one that this build can run on.
    pub async fn connect(
        service: &'static str,
        config: &DatabaseConfig,
        migrator: &Migrator,
        readiness: &Readiness,
    ) -> anyhow::Result<Self> {
        let options: PgConnectOptions = config
            .url
            .expose_secret()
            .parse::<PgConnectOptions>()
            .with_context(|| format!("database.url of {service} is no PostgreSQL URL"))?
            .application_name(service)
            .options([("statement_timeout", format!("{}ms", config.statement_timeout_ms))])
            .options([("idle_in_transaction_session_timeout", "60s"), ("jit", "off")]);
        wait(service, &options, readiness).await?;
        schema::prepare(service, &options, config.migrate, migrator)
            .await
            .with_context(|| format!("the schema of {service}"))?;
        let pool = PgPoolOptions::new()
            .max_connections(config.max_connections)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .with_context(|| format!("{service} cannot reach its database"))?;
        Ok(Self { pool, service, written: Arc::new(Notify::new()) })
    }

    /// Begins a unit of work.
    ///
    /// # Errors
    /// If no connection is free in time or the database is gone.
    pub async fn begin(&self, reach: Reach) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin_as("BEGIN", reach).await
    }

    /// Begins a unit of work that reads one unchanging moment, for what must agree with each other.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn begin_snapshot(&self, reach: Reach) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin_as("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", reach).await
    }

    async fn begin_as(&self, begin: &str, reach: Reach) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let (reach, organisation) = match reach {
            Reach::Own(organisation) if fault::planted("every_tenant_sees_all") => ("all", organisation),
            Reach::Own(organisation) => ("own", organisation),
            Reach::All(organisation) => ("all", organisation),
            Reach::System => ("system", Uuid::nil()),
        };
        // sqlx 0.9.0 can hand out a connection that still sits in a transaction nobody owns, if a future was dropped
        // while BEGIN was in flight; what it then writes is lost. ROLLBACK ends it.
        let clean = if fault::planted("begin_not_cleaned") { "" } else { "ROLLBACK; " };
        // One way to the server and back instead of three: every transaction begins like this.
        let sql = format!(
            "{clean}{begin}; SELECT set_config('role', '{}_app', true), set_config('circula.organisation', \
             '{organisation}', true), set_config('circula.reach', '{reach}', true)",
            self.service
        );
        // A connection that died while it lay in the pool is only found out now. Nothing was begun: the next one is as
        // good, and there are no more dead ones than the pool holds.
        for _ in 0..self.pool.options().get_max_connections() {
            match self.pool.begin_with(AssertSqlSafe(sql.clone())).await {
                Err(error) if is_cut_off(&error) => tracing::debug!(%error, "a connection had died"),
                begun => return begun,
            }
        }
        self.pool.begin_with(AssertSqlSafe(sql)).await
    }

    /// Commits and tells the relay that there may be something to publish.
    ///
    /// # Errors
    /// If the commit fails; then nothing was written.
    pub async fn commit(&self, tx: Transaction<'static, Postgres>) -> Result<(), sqlx::Error> {
        tx.commit().await?;
        self.written.notify_one();
        Ok(())
    }

    /// How many events wait to be published, at most [`COUNTED`] + 1: more are as bad, and take longer to count.
    ///
    /// # Errors
    /// If they cannot be counted.
    pub async fn unpublished(&self) -> Result<i64, sqlx::Error> {
        let mut tx = self.begin(Reach::System).await?;
        // The app may append to the outbox and not read it.
        tx.execute(AssertSqlSafe(format!("SET LOCAL ROLE {}_relay", self.service))).await?;
        sqlx::query_scalar("SELECT count(*) FROM (SELECT FROM outbox WHERE published_at IS NULL LIMIT $1) AS waiting")
            .bind(COUNTED + 1)
            .fetch_one(&mut *tx)
            .await
    }

    /// The service this database belongs to.
    #[must_use]
    pub const fn service(&self) -> &'static str {
        self.service
    }

    pub(crate) async fn written(&self) {
        self.written.notified().await;
    }

    /// A connection of its own with the relay's role, outside the pool: it holds the advisory lock.
    pub(crate) async fn relay_connection(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.pool.connect_options()).await?;
        connection.execute(AssertSqlSafe(format!("SET ROLE {}_relay", self.service))).await?;
        // A mark that is lost with the server is made again by publishing again, which consumers expect anyway.
        connection.execute("SET synchronous_commit = off").await?;
        // What waits is there in the order of an index. A planner that has not heard of a heap yet takes it for small, and
        // sorts all of it for each few rows that are read.
        connection.execute("SET enable_sort = off").await?;
        Ok(connection)
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// If it gives none.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(|_| ())
    }

    /// Closes the pool.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// True if it took longer than it may: a statement, the wait for a lock, a transaction.
#[must_use]
pub fn is_late(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("57014" | "55P03" | "25P03" | "25P04"))
}

/// True if trying again later may help: connection lost or left idle for too long, pool exhausted, serialization failure,
/// deadlock, no room or memory, shutdown, and what took too long this time.
#[must_use]
pub fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        late if is_late(late) => true,
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["08", "40", "53", "57"].iter().any(|of| code.starts_with(of)))
        }
        _ => false,
    }
}

/// True if the connection is gone, and nothing else is wrong.
fn is_cut_off(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // The server said goodbye: it stops, somebody ended this connection, or a transaction was left open in it.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P") || code == "25P03"),
        _ => false,
    }
}

/// Creates the cluster-wide roles of a service and its database. Needs a superuser; idempotent; one at a time.
///
/// # Errors
/// If the server refuses.
pub async fn bootstrap(superuser_url: &str, service: &str, database: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(superuser_url).await.context("the superuser cannot connect")?;
    connection.execute("SELECT pg_advisory_lock(7237561)").await?;
    // The one who signs in comes first: the others are granted to it.
    for (role, kind) in [("", "LOGIN NOINHERIT"), ("owner", "NOLOGIN"), ("app", "NOLOGIN"), ("relay", "NOLOGIN")] {
        let name = if role.is_empty() { service.to_owned() } else { format!("{service}_{role}") };
        let exists = sqlx::query("SELECT FROM pg_roles WHERE rolname = $1").bind(&name).fetch_optional(&mut connection);
        if exists.await?.is_none() {
            connection.execute(AssertSqlSafe(format!("CREATE ROLE {name} {kind} NOSUPERUSER NOBYPASSRLS"))).await?;
        }
        if !role.is_empty() {
            connection.execute(AssertSqlSafe(format!("GRANT {name} TO {service}"))).await?;
        }
    }
    let exists =
        sqlx::query("SELECT FROM pg_database WHERE datname = $1").bind(database).fetch_optional(&mut connection);
    if exists.await?.is_none() {
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE \"{database}\" OWNER {service}_owner"))).await?;
    }
    connection.execute("SELECT pg_advisory_unlock(7237561)").await?;
    connection.close().await?;
    Ok(())
}

/// Waits until a connection can be made. Only what may pass is waited for: a wrong password ends the start.
async fn wait(service: &str, options: &PgConnectOptions, readiness: &Readiness) -> anyhow::Result<()> {
    let mut pause = Duration::from_millis(100);
    loop {
        let error = match PgConnection::connect_with(options).await {
            Ok(connection) => {
                connection.close().await.ok();
                readiness.here("the database");
                return Ok(());
            }
            Err(error) => error,
        };
        // Its bootstrap may still be under way: a database or a role that is not there yet may come.
        let coming =
            matches!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("3D000" | "28000"));
        let (host, port) = (options.get_host(), options.get_port());
        if (!is_transient(&error) && !coming) || fault::planted("gives_up_waiting") {
            return Err(error).with_context(|| format!("{service} cannot use its database at {host}:{port}"));
        }
        readiness.missing("the database", &format!("{host}:{port}: {error}"));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}
