//! Settings: environment over file over defaults. `CIRCULA_DEMAND__DATABASE__URL` sets `database.url` of the service
//! `demand`, `CIRCULA__DATABASE__URL` that of every service; a name that ends in `_FILE` reads the value from a file.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use anyhow::Context;
use secrecy::SecretString;
use serde::{Deserialize, de::DeserializeOwned};

/// What every service is told. Each field has a default that suits one machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub database: DatabaseConfig,
    pub kafka: KafkaConfig,
    pub identity: IdentityConfig,
    /// Where gRPC listens; port 0 takes a free one.
    pub grpc_listen: SocketAddr,
    /// Where `/metrics`, `/livez` and `/readyz` listen.
    pub admin_listen: SocketAddr,
    pub limits: LimitsConfig,
}

/// How much is let in.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Connections at once.
    pub connections: usize,
    /// Connections of one address. Behind a proxy everybody has the proxy's.
    pub connections_per_peer: usize,
}

/// The service's own database.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://user@host:port/name`; the user may become the service's roles and owns nothing.
    pub url: SecretString,
    /// Connections kept at most.
    pub max_connections: u32,
    /// Bring the schema up to date at start.
    pub migrate: bool,
}

/// The broker.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KafkaConfig {
    /// `host:port`, several by comma.
    pub brokers: String,
    /// Put before every topic and group, so that several systems share a broker.
    pub prefix: String,
    /// How long the relay gathers messages, milliseconds. Larger batches, fewer requests.
    pub linger_ms: u32,
    /// How long the broker may hold a request for events that are not there yet, milliseconds. It answers at once when
    /// one comes; the embedded broker does not, so there this is the delay.
    pub fetch_wait_ms: u32,
    /// Partitions of the service's topic, if the relay has to make it.
    pub partitions: i32,
    /// Copies of the service's topic, if the relay has to make it.
    pub replication: i32,
}

/// Who signs the tokens that are believed.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityConfig {
    /// The `iss` claim that is accepted.
    pub issuer: String,
    /// Where the issuer's keys are.
    pub jwks_url: String,
    /// The `aud` claim that is accepted.
    pub audience: String,
    /// Claim that holds the organisation's id; issuers differ.
    pub organisation_claim: String,
    /// Claim that holds the roles.
    pub roles_claim: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: DatabaseConfig::default(),
            kafka: KafkaConfig::default(),
            identity: IdentityConfig::default(),
            grpc_listen: ([127, 0, 0, 1], 0).into(),
            admin_listen: ([127, 0, 0, 1], 0).into(),
            limits: LimitsConfig::default(),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { connections: 1024, connections_per_peer: 128 }
    }
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: SecretString::from(""), max_connections: 8, migrate: true }
    }
}

impl Default for KafkaConfig {
    fn default() -> Self {
        Self {
            brokers: "127.0.0.1:9092".to_owned(),
            prefix: String::new(),
            linger_ms: 20,
            fetch_wait_ms: 500,
            partitions: 16,
            replication: 1,
        }
    }
}

impl Default for IdentityConfig {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            jwks_url: String::new(),
            audience: "circula".to_owned(),
            organisation_claim: "org".to_owned(),
            roles_claim: "roles".to_owned(),
        }
    }
}

/// Reads the settings of `service`.
///
/// # Errors
/// If a file cannot be read, or a value does not fit its field; the message names the field.
pub fn load<C: DeserializeOwned>(service: &str, file: Option<PathBuf>) -> anyhow::Result<C> {
    let mut builder = config::Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(config::File::from(file));
    }
    for prefix in ["CIRCULA__".to_owned(), format!("CIRCULA_{}__", service.to_uppercase())] {
        for (key, value) in environment(&prefix)? {
            builder = builder.set_override(key, value)?;
        }
    }
    builder.build()?.try_deserialize().with_context(|| format!("the settings of {service} do not fit"))
}

/// Reads one variable of the environment.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn environment(prefix: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for (name, value) in std::env::vars() {
        let Some(key) = name.strip_prefix(prefix) else { continue };
        let key = key.to_lowercase().replace("__", ".");
        match key.strip_suffix("_file") {
            Some(key) => {
                let text = std::fs::read_to_string(&value).with_context(|| format!("{name} names {value}"))?;
                values.insert(key.to_owned(), text.trim_end().to_owned());
            }
            None => {
                values.insert(key, value);
            }
        }
    }
    Ok(values)
}
