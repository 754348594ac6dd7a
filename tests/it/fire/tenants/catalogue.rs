//! Row-level security as the databases themselves tell it, and what a stranger sees of a played season.

use std::time::Duration;

use cli::house::SERVICES;
use platform::testing::Bench;
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::fire::database;

/// What is everybody's in each service. Every other table shows a stranger nothing.
const EVERYBODYS: &[(&str, &[&str])] = &[
    ("programme", &["organisation", "corridor", "rule_pack", "season", "quota", "reserve_release"]),
    ("demand", &["corridor", "rule_pack", "season"]),
    ("candidate", &["organisation", "corridor", "rule_pack"]),
    // Of organisations their names alone, which are public.
    ("matching", &["corridor", "season", "rule_pack", "quota", "quota_use", "round", "organisation"]),
    ("placement", &["corridor", "rule_pack", "quota", "calendar"]),
    ("monitoring", &["organisation", "corridor", "rule_pack", "season", "quota", "quota_use", "calendar"]),
];
/// The chassis' own marks: of no tenant.
const CHASSIS: &[&str] = &["life", "schema_floor"];
/// Views that count what their tables show.
const COUNTS: &[&str] = &["position", "figure"];

/// Queries for what must not be; `$1` is the service, which the names of its roles begin with.
const CLOSED: &[(&str, &str)] = &[
    (
        "a table without forced row-level security that somebody may use",
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f', 'm')
         AND NOT (relrowsecurity AND relforcerowsecurity)
         AND EXISTS (SELECT FROM unnest(ARRAY[$1, $1 || '_app', $1 || '_relay', 'public']) AS somebody WHERE
             has_table_privilege(somebody, oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
             OR has_any_column_privilege(somebody, oid, 'SELECT, INSERT, UPDATE, REFERENCES'))",
    ),
    (
        "a table that is forced and has no policy",
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid) AND $1 <> ''",
    ),
    (
        "a view that looks with its owner's eyes",
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'
         AND NOT coalesce(reloptions, '{}') && '{security_invoker=true,security_invoker=on,security_invoker=1}'
         AND $1 <> ''",
    ),
    (
        "a function that acts as its owner",
        "SELECT proname::text FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
         WHERE prosecdef AND nspname NOT IN ('pg_catalog', 'information_schema') AND $1 <> ''",
    ),
    (
        "a role that is too strong",
        "SELECT rolname::text FROM pg_roles WHERE rolname IN ($1, $1 || '_owner', $1 || '_app', $1 || '_relay')
         AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
              OR (rolcanlogin <> (rolname = $1)) OR (rolname = $1 AND rolinherit))",
    ),
    (
        "a role that is not there",
        "SELECT name FROM unnest(ARRAY[$1, $1 || '_owner', $1 || '_app', $1 || '_relay']) AS name
         WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)",
    ),
    (
        "something that a role of the run time owns",
        "SELECT owned.name FROM (
             SELECT relname::text AS name, relowner AS owner FROM pg_class
             UNION ALL SELECT proname::text, proowner FROM pg_proc UNION ALL SELECT nspname::text, nspowner FROM pg_namespace
             UNION ALL SELECT datname::text, datdba FROM pg_database UNION ALL SELECT typname::text, typowner FROM pg_type
         ) AS owned JOIN pg_roles ON pg_roles.oid = owner
         WHERE rolname IN ($1, $1 || '_app', $1 || '_relay')",
    ),
    (
        "a membership that leads further than the service's own roles",
        "SELECT granted.rolname || ' for ' || taker.rolname FROM pg_auth_members
         JOIN pg_roles granted ON granted.oid = roleid JOIN pg_roles taker ON taker.oid = member
         WHERE taker.rolname IN ($1, $1 || '_app', $1 || '_relay')
         AND NOT (taker.rolname = $1 AND granted.rolname IN ($1 || '_owner', $1 || '_app', $1 || '_relay'))",
    ),
];

/// What the catalogues of the six databases say against the design.
pub(super) async fn faults(bench: &Bench) -> Vec<String> {
    let mut faults = Vec::new();
    for service in SERVICES {
        let mut database = database(bench, service).await;
        for (what, sql) in CLOSED {
            let found: Vec<String> = sqlx::query_scalar(*sql).bind(service).fetch_all(&mut database).await.unwrap();
            faults.extend(found.into_iter().map(|name| format!("{service} has {what}: {name}")));
        }
        let tables = tables(&mut database).await;
        assert!(tables.len() > 8, "{service} has its tables, not {tables:?}");
    }
    faults
}

async fn tables(database: &mut PgConnection) -> Vec<String> {
    let sql =
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
               AND NOT relispartition ORDER BY 1";
    sqlx::query_scalar(sql).fetch_all(database).await.unwrap()
}

/// From now on an owner writes no row. (It may still read and update: checks of foreign keys are made in its name.)
pub(super) async fn take_from_owners(bench: &Bench) {
    for service in SERVICES {
        let sql = format!("REVOKE INSERT, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public FROM {service}_owner");
        database(bench, service).await.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

/// Plays, and looks meanwhile who is connected: each service as the role it signs in with, which turned into its owner
/// for nothing.
pub(super) async fn while_under_way(bench: &Bench, play: impl Future<Output = anyhow::Result<()>>) -> Vec<String> {
    let mut server = database(bench, SERVICES[0]).await;
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let (mut faults, mut seen) = (Vec::new(), 0);
    let mut play = std::pin::pin!(play);
    loop {
        tokio::select! {
            played = &mut play => {
                played.expect("the season is played");
                break;
            }
            _ = looks.tick() => {
                let sql = "SELECT application_name, usename::text, query FROM pg_stat_activity
                    WHERE starts_with(datname, $1) AND application_name = ANY ($2)";
                let rows: Vec<(String, Option<String>, String)> =
                    sqlx::query_as(sql).bind(&bench.prefix).bind(SERVICES).fetch_all(&mut server).await.unwrap();
                seen += rows.len();
                for (service, user, query) in rows {
                    if user.as_ref() != Some(&service) || query.contains(&format!("{service}_owner")) {
                        faults.push(format!("{service} is connected as {user:?} for {query}"));
                    }
                }
            }
        }
    }
    assert!(seen > 100, "only {seen} connections were seen");
    faults.sort();
    faults.dedup();
    faults
}

/// Looks as the role of the handlers, for an organisation that nobody knows and for nobody at all.
pub(super) async fn what_strangers_see(bench: &Bench) -> Vec<String> {
    let (mut faults, mut hidden) = (Vec::new(), 0);
    for service in SERVICES {
        let mut database = database(bench, service).await;
        let open = EVERYBODYS.iter().find(|(name, _)| *name == service).map(|(_, tables)| *tables).unwrap();
        for table in tables(&mut database).await {
            if CHASSIS.contains(&table.as_str()) || open.contains(&table.as_str()) || COUNTS.contains(&table.as_str()) {
                continue;
            }
            let sql = format!("SELECT count(*) FROM \"{table}\"");
            let all: i64 = sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_one(&mut database).await.unwrap();
            for (who, reach, organisation) in
                [("a stranger", "own", "00000000-0000-4000-8000-000000000001"), ("nobody", "", "")]
            {
                database.execute("BEGIN").await.unwrap();
                let settings = "SELECT set_config('role', $1, true), set_config('circula.reach', $2, true),
                    set_config('circula.organisation', $3, true)";
                let set = sqlx::query(settings).bind(format!("{service}_app")).bind(reach).bind(organisation);
                set.execute(&mut database).await.unwrap();
                // Without the right to read there is nothing to see either.
                let read = sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_one(&mut database).await;
                let seen: i64 = read.unwrap_or_default();
                database.execute("ROLLBACK").await.unwrap();
                if seen > 0 {
                    faults.push(format!("{who} sees {seen} of {all} rows of {service}.{table}"));
                }
            }
            hidden += usize::from(all > 0);
        }
    }
    assert!(hidden > 30, "the season filled only {hidden} tables of tenants");
    faults
}
