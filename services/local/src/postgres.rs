//! A PostgreSQL from the binaries of this machine, on loopback, with its data in a folder of ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::ports;
use crate::process::{self, PAUSE, Process, Signals, table};

mod binaries;
mod home;

use home::Home;

/// SIGINT is the "fast" stop: clients are cut off, the data is written. An orphan goes the same way.
const SIGNALS: Signals = Signals { stop: libc::SIGINT, orphaned: libc::SIGINT };

const INITIALISE: Duration = Duration::from_secs(120);
/// Recovery after a kill replays what was written since the last checkpoint.
const START: Duration = Duration::from_secs(60);
/// How long the server of a parent that was killed may take to end.
const PREDECESSOR: Duration = Duration::from_secs(20);
const ATTEMPTS: u32 = 3;

/// What differs from PostgreSQL's defaults.
const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    // TCP is enough, and there is no path that could be too long for a socket, nor a folder others must be able to read.
    "unix_socket_directories=",
    // All services and the tests share this one server, each with a pool of its own.
    "max_connections=200",
    "timezone=UTC",
    "log_timezone=UTC",
    // Compiling a query costs more than the short queries here take.
    "jit=off",
    "log_checkpoints=off",
];

/// Returns the process number of the server that runs on the data in `directory`, if one does, whoever started it. Looks
/// only: nothing is made or changed there.
pub fn in_use(directory: &Path) -> Option<u32> {
    let data = fs::canonicalize(directory).ok()?.join("data");
    let pid = lock_line(&data.join("postmaster.pid"), 0)?.parse().ok()?;
    // As root the server was given the place that the link leads to.
    let names = [fs::read_link(&data).ok(), Some(data)];
    names.iter().flatten().any(|data| table::was_started_with(pid, data)).then_some(pid)
}

/// A running PostgreSQL, stopped when dropped.
pub struct Postgres {
    process: Process,
    url: String,
    log: PathBuf,
}

impl Postgres {
    /// Starts a server whose data lives in `directory`, made at the first start. Returns when it answers.
    ///
    /// A further start on the same directory finds the data there, also after [`Postgres::kill`], and takes the same
    /// port if nobody took it meanwhile. Whoever can reach loopback on this machine is superuser: keep no real data in it.
    pub async fn start(directory: &Path) -> Result<Self> {
        let home = Home::prepare(directory)?;
        let binaries = binaries::find(home.version()).await?;
        home.check_readable(&binaries)?;
        if home.version().is_none() {
            initialise(&home, &binaries).await?;
        }
        clear_lock(&home).await?;
        let postgres = launch(&home, &binaries).await?;
        tracing::info!(url = postgres.url, data = %home.data().display(), "PostgreSQL started");
        Ok(postgres)
    }

    /// Returns the superuser's connection to the database `postgres`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the server has ended by itself, and returns how, with the last lines of its log.
    pub async fn ended(&self) -> String {
        self.process.obituary(&self.log).await
    }

    /// Stops the server in good order; clients are cut off.
    pub async fn stop(self) -> Result<()> {
        self.process.stop().await
    }

    /// Ends the server and its children as a power cut would, for tests; start another one on the same directory to go
    /// on.
    pub async fn kill(&self) -> Result<()> {
        self.process.kill().await
    }
}

/// Makes the data folder in one step: an interrupted `initdb` leaves nothing that looks finished.
async fn initialise(home: &Home, binaries: &Path) -> Result<()> {
    let new = home.empty_folder()?;
    let mut command = home.command(&binaries.join("initdb"));
    command.arg("-D").arg(&new).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--data-checksums"]);
    process::run(command, INITIALISE).await.context("cannot make PostgreSQL's data folder")?;
    fs::rename(&new, home.data()).with_context(|| format!("cannot move {} into place", new.display()))
}

/// Waits for a predecessor that is about to end, and removes the lock of one that was killed. PostgreSQL itself takes a
/// lock for stale only if nobody has that process number now, which after a reboot is a matter of luck.
async fn clear_lock(home: &Home) -> Result<()> {
    let lock = home.data().join("postmaster.pid");
    let deadline = Instant::now() + PREDECESSOR;
    while let Some(pid) = lock_line(&lock, 0).and_then(|line| line.parse().ok()) {
        if !table::was_started_with(pid, home.data()) {
            tracing::info!(pid, "removing the lock of a PostgreSQL that was killed");
            return fs::remove_file(&lock).with_context(|| format!("cannot remove {}", lock.display()));
        }
        if Instant::now() > deadline {
            bail!(
                "{} is in use by another PostgreSQL, process {pid}: end the program that started it, or take another \
                 directory",
                home.data().display()
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Starts the server and waits until it answers; again on another port if somebody was quicker to take it.
async fn launch(home: &Home, binaries: &Path) -> Result<Postgres> {
    for _ in 0..ATTEMPTS {
        let port = ports::remembered(&home.port())?;
        let log = home.log();
        let process = Process::start("PostgreSQL", server(home, binaries, port), SIGNALS, &log)?;
        if answers(&process, &home.data().join("postmaster.pid"), &log).await? {
            ports::remember(&home.port(), port)?;
            let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
            return Ok(Postgres { process, url, log });
        }
        if ports::is_free(port) {
            break;
        }
    }
    bail!("PostgreSQL ended while it started; {}", process::tail(&home.log()))
}

fn server(home: &Home, binaries: &Path, port: u16) -> Command {
    let mut command = home.command(&binaries.join("postgres"));
    command.arg("-D").arg(home.data()).arg("-p").arg(port.to_string());
    for setting in SETTINGS {
        command.arg("-c").arg(setting);
    }
    command
}

/// Returns true when the server takes connections, false when it ended. It says so in its lock file, where `pg_ctl`
/// looks too; a port that is merely open may still refuse for the time of a recovery.
async fn answers(process: &Process, lock: &Path, log: &Path) -> Result<bool> {
    const STATUS: usize = 7;
    let pid = process.pid().to_string();
    let deadline = Instant::now() + START;
    loop {
        if process.ended().is_some() {
            return Ok(false);
        }
        if lock_line(lock, 0).as_deref() == Some(&pid) && lock_line(lock, STATUS).as_deref() == Some("ready") {
            return Ok(true);
        }
        if Instant::now() > deadline {
            bail!("PostgreSQL does not answer after {} s; {}", START.as_secs(), process::tail(log));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn lock_line(lock: &Path, number: usize) -> Option<String> {
    let text = fs::read_to_string(lock).ok()?;
    text.lines().nth(number).map(|line| line.trim().to_owned())
}
