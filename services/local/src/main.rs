//! `local COMMAND…`: starts a PostgreSQL and an Apache Kafka, runs the command with their addresses in
//! `CIRCULA_TEST_POSTGRES` and `CIRCULA_TEST_KAFKA`, stops them, and ends with the command's status.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use local::{broker::MockBroker, kafka::ApacheKafka, postgres::Postgres};

/// The broker of the tests. The embedded one is second best: the last lines say so, and CI does not accept it.
enum Broker {
    Named(String),
    Apache(ApacheKafka),
    Embedded(MockBroker),
}

impl Broker {
    /// Waits until a broker of ours has ended by itself, and returns how.
    async fn ended(&self) -> String {
        match self {
            Self::Apache(kafka) => kafka.ended().await,
            Self::Named(_) | Self::Embedded(_) => std::future::pending().await,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("local: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().context("name the command to run beside the servers")?;
    let directory = PathBuf::from(variable("CIRCULA_SERVERS").unwrap_or_else(|| ".circula/servers".to_owned()));
    std::fs::create_dir_all(&directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    eprintln!("local: starting PostgreSQL and the broker; Apache Kafka is fetched the first time, some 45 MB");
    let postgres = Postgres::start(&directory.join("postgres")).await?;
    let broker = broker(&directory).await?;
    let (address, kind) = match &broker {
        Broker::Named(address) => (address.as_str(), "named"),
        Broker::Apache(kafka) => (kafka.bootstrap_servers(), "apache"),
        Broker::Embedded(mock) => (mock.bootstrap_servers(), "embedded"),
    };
    eprintln!("local: PostgreSQL at {}, broker ({kind}) at {address}", postgres.url());
    let status = tokio::process::Command::new(&program)
        .args(words)
        .env("CIRCULA_TEST_POSTGRES", postgres.url())
        .env("CIRCULA_TEST_KAFKA", address)
        .env("CIRCULA_TEST_KAFKA_KIND", kind)
        .kill_on_drop(true)
        .status();
    let status = tokio::select! {
        status = status => status.with_context(|| format!("{} cannot be run", program.display()))?,
        // Without a server each test fails for a reason that is not its own: say the reason, once.
        why = postgres.ended() => bail!("{why}"),
        why = broker.ended() => bail!("{why}"),
        _ = tokio::signal::ctrl_c() => return Ok(ExitCode::FAILURE),
    };
    if kind == "embedded" {
        eprintln!("local: Apache Kafka could not be had; the broker of these runs was the embedded one.");
    }
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn broker(directory: &std::path::Path) -> anyhow::Result<Broker> {
    if let Some(address) = variable("KAFKA_BROKERS") {
        return Ok(Broker::Named(address));
    }
    match ApacheKafka::start(&directory.join("kafka"), &[]).await {
        Ok(kafka) => Ok(Broker::Apache(kafka)),
        Err(error) if variable("CI").is_some() => Err(error.context("CI accepts Apache Kafka only")),
        Err(error) => {
            eprintln!("local: {error:#}");
            Ok(Broker::Embedded(MockBroker::start(&[]).await?))
        }
    }
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a program of its own, without the chassis")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
