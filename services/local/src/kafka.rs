//! Apache Kafka itself, run by Java from its published jars: one process, broker and controller in one.
//!
//! The scripts of `deploy/kafka` do the work, so that this and a broker started by hand are the same. They travel
//! inside the program: it runs without the checkout too.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;

use crate::ports;
use crate::process::{self, PAUSE, Process, Signals, table};

mod topics;

const FILES: [(&str, &str); 5] = [
    ("fetch.sh", include_str!("../../../deploy/kafka/fetch.sh")),
    ("start.sh", include_str!("../../../deploy/kafka/start.sh")),
    ("pom.xml", include_str!("../../../deploy/kafka/pom.xml")),
    ("server.properties", include_str!("../../../deploy/kafka/server.properties")),
    ("log4j2.properties", include_str!("../../../deploy/kafka/log4j2.properties")),
];

/// A broker recovers from its log, so an orphan is ended at once.
const SIGNALS: Signals = Signals { stop: libc::SIGTERM, orphaned: libc::SIGKILL };

/// The first fetch brings some 45 MB from a registry that may be far.
const FETCH: Duration = Duration::from_secs(600);
const START: Duration = Duration::from_secs(60);
const ATTEMPTS: u32 = 3;

/// Returns the process number of the broker that runs on the data in `directory`, if one does, whoever started it. Looks
/// only: nothing is made or changed there.
pub fn in_use(directory: &Path) -> Option<u32> {
    let settings = fs::canonicalize(directory).ok()?.join("server.properties");
    table::started_with(&[Path::new("kafka.Kafka"), &settings])
}

/// A running Apache Kafka, stopped when dropped.
pub struct ApacheKafka {
    process: Process,
    bootstrap_servers: String,
    log: PathBuf,
}

impl ApacheKafka {
    /// Starts a broker whose data lives in `directory`, and creates the topics, each a name and a number of
    /// partitions, that are not there yet. Returns when clients can write to all of them.
    ///
    /// The first start on a machine fetches the jars with Maven. A further start on the same directory finds the
    /// events there, also after [`ApacheKafka::kill`], and takes the same port if nobody took it meanwhile.
    pub async fn start(directory: &Path, topics: &[(String, i32)]) -> Result<Self> {
        fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
        let directory = fs::canonicalize(directory).with_context(|| format!("cannot find {}", directory.display()))?;
        let scripts = write_scripts(&directory)?;
        let mut fetch = Command::new("bash");
        fetch.arg(scripts.join("fetch.sh"));
        tracing::info!("looking for Apache Kafka's jars; the first time they are fetched, some 45 MB");
        process::run(fetch, FETCH).await.context("cannot get Apache Kafka's jars")?;

        let log = directory.join("kafka.log");
        let kafka = launch(&directory, &scripts, &log).await?;
        topics::create(&kafka.bootstrap_servers, topics).await.with_context(|| process::tail(&log))?;
        tracing::info!(bootstrap_servers = kafka.bootstrap_servers, topics = topics.len(), "Apache Kafka started");
        Ok(kafka)
    }

    /// Returns what a client calls `bootstrap.servers`.
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    /// Waits until the broker has ended by itself, and returns how, with the last lines of its log.
    pub async fn ended(&self) -> String {
        self.process.obituary(&self.log).await
    }

    /// Stops the broker in good order.
    pub async fn stop(self) -> Result<()> {
        self.process.stop().await
    }

    /// Ends the broker as a power cut would, for tests; start another one on the same directory to go on.
    pub async fn kill(&self) -> Result<()> {
        self.process.kill().await
    }
}

/// Writes the scripts where this broker finds them, and nobody else's program of another version overwrites them.
fn write_scripts(directory: &Path) -> Result<PathBuf> {
    let scripts = directory.join("scripts");
    fs::create_dir_all(&scripts).with_context(|| format!("cannot create {}", scripts.display()))?;
    for (name, text) in FILES {
        let file = scripts.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        if name.ends_with(".sh") {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(&file, mode).with_context(|| format!("cannot make {} executable", file.display()))?;
        }
    }
    Ok(scripts)
}

/// Starts the process and waits until it listens; again on other ports if somebody was quicker to take one.
async fn launch(directory: &Path, scripts: &Path, log: &Path) -> Result<ApacheKafka> {
    let remembered = directory.join("port");
    for _ in 0..ATTEMPTS {
        let port = ports::remembered(&remembered)?;
        let controller = ports::free()?;
        let mut command = Command::new("bash");
        command.arg(scripts.join("start.sh")).arg(directory).arg(port.to_string()).arg(controller.to_string());
        let process = Process::start("Apache Kafka", command, SIGNALS, log)?;
        if listens(&process, port, log).await? {
            ports::remember(&remembered, port)?;
            let bootstrap_servers = format!("127.0.0.1:{port}");
            return Ok(ApacheKafka { process, bootstrap_servers, log: log.to_owned() });
        }
        if ports::is_free(port) && ports::is_free(controller) {
            break;
        }
    }
    bail!("Apache Kafka ended while it started; {}", process::tail(log))
}

/// Returns true when the broker listens, false when it ended.
async fn listens(process: &Process, port: u16, log: &Path) -> Result<bool> {
    let deadline = Instant::now() + START;
    loop {
        // In this order: when ours has ended, whatever listens there is somebody else's.
        let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok();
        if process.ended().is_some() {
            return Ok(false);
        }
        if connected {
            return Ok(true);
        }
        if Instant::now() > deadline {
            bail!("Apache Kafka does not listen after {} s; {}", START.as_secs(), process::tail(log));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
