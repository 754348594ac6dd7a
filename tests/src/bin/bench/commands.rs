//! Commands through a service, and the same writes through pgbench in a copy of the service's database.

use std::{process::Command, time::Duration};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::{
    load::{AsyncCaller, Run, Serials, closed, percentiles},
    process::Process,
    stage::{Stage, run, until},
    table::{Aim, Table, median},
};

/// Runs of each; the middle one counts.
const RUNS: usize = 3;
/// How long a run lasts.
const LASTS: Duration = Duration::from_secs(4);
/// How many call at once.
const CLIENTS: [usize; 2] = [1, 32];

/// A copy of a service's database, for pgbench.
pub(crate) struct Peer {
    service: &'static str,
    options: PgConnectOptions,
    database: String,
    script: tempfile::TempDir,
}

impl Peer {
    /// Copies the database of a service that was stopped. `fill` says, as SQL, what each place of `script` in braces is.
    pub(crate) async fn new(stage: &Stage, service: &'static str, (script, fill): (&str, &[(&str, &str)])) -> Self {
        let mut database = stage.database(service).await;
        let mut text = script.to_owned();
        for (place, sql) in fill {
            let value: String =
                sqlx::query_scalar(sqlx::AssertSqlSafe((*sql).to_owned())).fetch_one(&mut database).await.unwrap();
            text = text.replace(&format!("{{{place}}}"), &without_variables(&value));
        }
        database.close().await.unwrap();
        let options: PgConnectOptions = stage.bench.superuser_url(service).parse().unwrap();
        let from = options.get_database().unwrap().to_owned();
        let name = format!("{from}-peer");
        let mut server = PgConnection::connect(stage.bench.postgres()).await.unwrap();
        until("nobody is connected to what is copied", async || {
            let sql = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = $1)";
            sqlx::query_scalar(sql).bind(&from).fetch_one(&mut server).await.unwrap()
        })
        .await;
        run(&mut server, format!("CREATE DATABASE \"{name}\" TEMPLATE \"{from}\" STRATEGY FILE_COPY")).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("script.sql"), text).unwrap();
        Self { service, options, database: name, script: folder }
    }

    /// A run of pgbench: its rate, and how long each transaction took.
    pub(crate) fn run(&self, clients: usize, number: usize) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new("pgbench")
            .args(["-h", self.options.get_host(), "-p", &self.options.get_port().to_string()])
            .args(["-U", self.service, "-n", "-M", "prepared", "-j", "2"])
            .args(["-c", &clients.to_string(), "-T", &LASTS.as_secs().to_string()])
            // Numbers that no other client or run draws.
            .args(["-D", &format!("run={number}"), "-D", "k=0", "-D", &format!("clients={clients}")])
            .arg("-l")
            .arg(format!("--log-prefix={}", folder.path().join("log").display()))
            .arg("-f")
            .arg(self.script.path().join("script.sql"))
            .arg(&self.database)
            .output()
            .expect("pgbench is installed with PostgreSQL");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "pgbench: {said}{}", String::from_utf8_lossy(&output.stderr));
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok()).unwrap();
        let mut times = Vec::new();
        for log in std::fs::read_dir(folder.path()).unwrap() {
            let text = std::fs::read_to_string(log.unwrap().path()).unwrap();
            let micros = text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok());
            times.extend(micros.map(|micros| micros / 1e6));
        }
        Run { rate, ..Run::new(times, LASTS) }
    }
}

/// Values with every colon that pgbench would take for the beginning of a variable written as JSON may write it, and a text
/// with escapes. A colon after another begins a type: pgbench leaves it alone.
fn without_variables(value: &str) -> String {
    let mut signs = value.chars().peekable();
    let (mut text, mut before) = (String::new(), ' ');
    while let Some(sign) = signs.next() {
        match signs.peek() {
            Some(next) if sign == ':' && before != ':' && (next.is_alphanumeric() || *next == '_') => {
                text.push_str("\\u003a");
            }
            _ => text.push(sign),
        }
        before = sign;
    }
    text
}

/// Runs callers and the peer in turn and notes both. Answers the rate with the most clients.
pub(crate) async fn compare<C>(
    table: &mut Table,
    what: &str,
    (process, peer): (&Process, &Peer),
    (callers, serials): (impl AsyncFn(usize) -> Vec<C>, &Serials),
) -> f64
where
    C: AsyncCaller + Send + 'static,
{
    let mut best = 0.0;
    for clients in CLIENTS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for number in 0..RUNS {
            ours.push(closed(callers(clients).await, LASTS, serials).await);
            theirs.push(peer.run(clients, clients * RUNS + number));
        }
        let note = format!("{}; peer {}", percentiles(&ours), percentiles(&theirs));
        let rates = |runs: &[Run]| median(runs.iter().map(|run| run.rate).collect());
        best = rates(&ours);
        let plural = if clients == 1 { "client" } else { "clients" };
        let figure = (format!("{what}, {clients} {plural}"), "1/s");
        table.add(figure, (best, Some(rates(&theirs))), Aim::Share(0.5), note);
    }
    let memory = process.memory() as f64 / 1024.0;
    table.add((format!("memory of {} after it", peer.service), "MiB"), (memory, None), Aim::None, what);
    best
}
