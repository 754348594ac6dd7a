//! The schema of a service: brought up to date as its owner, or found fit as it is.
//!
//! An upgrade goes in two steps: a migration that only adds runs first, and builds before it go on working; one that
//! takes something away comes with a later build and raises `schema_floor.oldest`.

use anyhow::{Context, bail};
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection,
    migrate::{Migrate, MigrateError, Migration, Migrator},
    postgres::PgConnectOptions,
};

const CHASSIS_TABLE: &str = "_chassis_migrations";
const SERVICE_TABLE: &str = "_sqlx_migrations";

/// Runs what is missing if `migrate`, then checks that this build can run on what is there.
pub(crate) async fn prepare(
    service: &str,
    options: &PgConnectOptions,
    migrate: bool,
    migrator: &Migrator,
) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(options).await?;
    connection.execute(AssertSqlSafe(format!("SET ROLE {service}_owner"))).await?;
    // The limit is one of calls: an index over all rows, or another starter's migration, takes as long as it takes.
    connection.execute("SET statement_timeout = 0").await?;
    // Two of a service may start at once; the lock goes with the connection.
    connection.execute("SELECT pg_advisory_lock(hashtext('circula schema'))").await?;
    let chassis = adding(sqlx::migrate!("../migrations").iter().cloned().collect(), CHASSIS_TABLE);
    let own = adding(migrator.iter().cloned().chain(of_tomorrow().await?).collect(), SERVICE_TABLE);
    if migrate {
        refuse_if_too_old(&mut connection, &own).await?;
        run(&chassis, &mut connection).await?;
        run(&own, &mut connection).await?;
        connection.execute(AssertSqlSafe(grants(service))).await?;
        crate::outbox::ensure_partitions(&mut connection).await?;
    } else {
        refuse_if_unfinished(&mut connection, &chassis).await?;
        refuse_if_unfinished(&mut connection, &own).await?;
    }
    refuse_if_too_old(&mut connection, &own).await?;
    connection.close().await?;
    Ok(())
}

/// Migrations of a build to come, from a folder: how a test sees an upgrade before there is one. Debug builds only.
#[cfg(debug_assertions)]
async fn of_tomorrow() -> anyhow::Result<Vec<Migration>> {
    let Some(folder) = crate::config::variable("CIRCULA_TEST_MIGRATIONS") else { return Ok(Vec::new()) };
    Ok(Migrator::new(std::path::PathBuf::from(folder)).await?.iter().cloned().collect())
}

#[cfg(not(debug_assertions))]
async fn of_tomorrow() -> anyhow::Result<Vec<Migration>> {
    Ok(Vec::new())
}

/// A migrator that minds only migrations it knows: newer ones are the business of newer builds.
fn adding(migrations: Vec<Migration>, table: &'static str) -> Migrator {
    let mut own = Migrator::with_migrations(migrations);
    own.set_ignore_missing(true);
    own.dangerous_set_table_name(table);
    own
}

async fn run(migrator: &Migrator, connection: &mut PgConnection) -> anyhow::Result<()> {
    match migrator.run_direct(None, connection, false).await {
        Err(MigrateError::VersionMismatch(version)) => {
            bail!("migration {version} is not the one that was run here: this build is of another line")
        }
        ended => ended.context("a migration did not run; nothing of it was kept"),
    }
}

/// Number of the newest migration that a build knows.
fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or_default()
}

async fn refuse_if_too_old(connection: &mut PgConnection, migrator: &Migrator) -> anyhow::Result<()> {
    let known: bool =
        sqlx::query_scalar("SELECT to_regclass('schema_floor') IS NOT NULL").fetch_one(&mut *connection).await?;
    if !known {
        return Ok(());
    }
    let oldest: i64 = sqlx::query_scalar("SELECT oldest FROM schema_floor").fetch_one(&mut *connection).await?;
    let newest = newest(migrator);
    if oldest > newest && !crate::fault::planted("floor_ignored") {
        bail!("it needs a build that knows migration {oldest}; this one knows {newest}: start a newer build");
    }
    Ok(())
}

async fn refuse_if_unfinished(connection: &mut PgConnection, migrator: &Migrator) -> anyhow::Result<()> {
    connection.ensure_migrations_table(&migrator.table_name).await?;
    let applied = connection.list_applied_migrations(&migrator.table_name).await?;
    let found = applied.iter().map(|migration| migration.version).max().unwrap_or_default();
    let newest = newest(migrator);
    if found < newest {
        bail!("it stands at migration {found}, and this build needs {newest}: start once with database.migrate=true");
    }
    Ok(())
}

fn grants(service: &str) -> String {
    let (app, relay) = (format!("{service}_app"), format!("{service}_relay"));
    format!(
        "GRANT USAGE ON SCHEMA public TO {app}, {relay};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app};
         REVOKE ALL ON outbox, relay_state, {SERVICE_TABLE}, {CHASSIS_TABLE} FROM {app};
         REVOKE INSERT, UPDATE, DELETE ON life, schema_floor FROM {app};
         DO $$
         DECLARE name text;
         BEGIN
             FOR name IN SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'outbox'::regclass LOOP
                 EXECUTE format('REVOKE ALL ON %s FROM {app}', name);
             END LOOP;
         END $$;
         GRANT INSERT ON outbox TO {app};
         GRANT SELECT ON outbox, relay_state, life TO {relay};
         GRANT UPDATE (published_at) ON outbox TO {relay};
         GRANT INSERT, UPDATE ON relay_state TO {relay};
         DO $$ BEGIN
             IF NOT EXISTS (SELECT FROM pg_policies WHERE tablename = 'outbox' AND policyname = 'publish') THEN
                 CREATE POLICY publish ON outbox TO {relay} USING (true);
             END IF;
         END $$;"
    )
}
