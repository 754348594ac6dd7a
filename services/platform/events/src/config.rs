//! Where the database and the broker are.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error};

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
    /// How long one statement may take, milliseconds; at least 1.
    #[serde(deserialize_with = "some")]
    pub statement_timeout_ms: u64,
    /// How many days a command's answer is kept for who sends it again; 0 keeps it for ever.
    pub keep_answers_days: u32,
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

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: SecretString::from(""),
            max_connections: 8,
            migrate: true,
            statement_timeout_ms: 60_000,
            keep_answers_days: 30,
        }
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

/// A number that may not be none: of a length of time 0 is for ever to PostgreSQL and at once to a connection.
///
/// # Errors
/// If it is 0, or no number.
pub fn some<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default + PartialEq,
    D: Deserializer<'de>,
{
    let number = T::deserialize(deserializer)?;
    if number == T::default() {
        return Err(D::Error::custom("0 says nothing here: give 1 or more"));
    }
    Ok(number)
}

/// Reads one variable of the environment.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
