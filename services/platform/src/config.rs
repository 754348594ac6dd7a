//! Settings: environment over file over defaults. `CIRCULA_DEMAND__DATABASE__URL` sets `database.url` of the service
//! `demand`, `CIRCULA__DATABASE__URL` that of every service; a name that ends in `_FILE` reads the value from a file.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::Context;
pub use events::config::{DatabaseConfig, KafkaConfig, some, variable};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

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
    /// Connections of one peer: of an IPv4 address, or of all of IPv6 with the same first 64 bits. Behind a proxy everybody has
    /// the proxy's.
    pub connections_per_peer: usize,
    /// At least 1: calls of one peer that a service works on at once, over all of its connections, and requests that the
    /// gateway does. Behind a proxy everybody has the proxy's.
    #[serde(deserialize_with = "events::config::some")]
    pub calls_per_peer: usize,
    /// Calls of one peer that are read within a second, over all of its connections, and requests that the gateway reads; further
    /// ones are read later. At least 1. Behind a proxy everybody has the proxy's.
    #[serde(deserialize_with = "events::config::some")]
    pub calls_per_peer_s: u32,
    /// A connection on which nothing moved for so many seconds is closed. Live streams and keep-alive pings move more often.
    /// At least 1.
    #[serde(deserialize_with = "events::config::some")]
    pub silence_s: u64,
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
        Self {
            connections: 1024,
            connections_per_peer: 128,
            // Less than a service has room for, so that no peer takes all of it. Three connections full of calls: a gateway has
            // one to each service, and a second while an old one is drained.
            calls_per_peer: 192,
            // More than one machine answers, and less than it could turn away.
            calls_per_peer_s: 4_000,
            silence_s: 75,
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

/// The chassis's settings and a service's own, as they stand beside each other in files and in the environment. `T` has
/// all of its own and refuses what it does not know (`deny_unknown_fields`).
#[derive(Debug)]
pub struct Beside<T> {
    pub platform: Config,
    pub own: T,
}

/// The fields of [`Config`]; every other one is the service's own.
const CHASSIS: [&str; 6] = ["database", "kafka", "identity", "grpc_listen", "admin_listen", "limits"];

impl<'de, T: DeserializeOwned> Deserialize<'de> for Beside<T> {
    /// Not `#[serde(flatten)]`: values of the environment are all text, and a flattened struct reads no numbers from text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = HashMap::<String, config::Value>::deserialize(deserializer)?;
        let (platform, own) = all.into_iter().partition(|(name, _)| CHASSIS.contains(&name.as_str()));
        let (platform, own) = (read(platform).map_err(D::Error::custom)?, read(own).map_err(D::Error::custom)?);
        Ok(Self { platform, own })
    }
}

fn read<T: DeserializeOwned>(fields: HashMap<String, config::Value>) -> Result<T, config::ConfigError> {
    T::deserialize(config::Value::new(None, fields))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Own {
        every: u64,
    }

    fn beside(text: &str) -> Result<Beside<Own>, String> {
        let source = config::File::from_str(text, config::FileFormat::Toml);
        let read = config::Config::builder().add_source(source).build().unwrap();
        read.try_deserialize().map_err(|error| error.to_string())
    }

    #[test]
    fn a_service_s_own_settings_stand_beside_the_chassis_s_and_numbers_may_be_text() {
        let read = beside("every = '60'\ngrpc_listen = '127.0.0.1:7005'\nlimits = { connections = '7' }");
        let Beside { platform, own } = read.unwrap();
        assert_eq!((own.every, platform.grpc_listen.port(), platform.limits.connections), (60, 7005, 7));
    }

    #[test]
    fn each_field_of_the_chassis_is_known_as_its_own() {
        // A new field has to be named here and in CHASSIS, or it would be looked for among the service's own.
        let Config { database: _, kafka: _, identity: _, grpc_listen: _, admin_listen: _, limits: _ } =
            Config::default();
        for field in ["database", "kafka", "identity", "limits"] {
            assert!(beside(&format!("{field} = {{}}")).is_ok(), "{field}");
        }
        for field in ["grpc_listen", "admin_listen"] {
            assert!(beside(&format!("{field} = '127.0.0.1:0'")).is_ok(), "{field}");
        }
    }

    #[test]
    fn what_may_not_be_none_is_refused_by_its_name() {
        for (text, field) in [
            ("limits = { silence_s = '0' }", "silence_s"),
            ("limits = { calls_per_peer = '0' }", "calls_per_peer"),
            ("limits = { calls_per_peer_s = '0' }", "calls_per_peer_s"),
            ("database = { statement_timeout_ms = 0 }", "statement_timeout_ms"),
        ] {
            let refused = beside(text).err().unwrap();
            assert!(refused.contains("give 1 or more") && refused.contains(field), "{refused}");
        }
        assert_eq!(beside("limits = { silence_s = '1' }").unwrap().platform.limits.silence_s, 1);
    }

    #[test]
    fn what_nobody_knows_is_refused_by_its_name() {
        for text in ["evry = 60", "limits = { conections = 7 }"] {
            let refused = beside(text).err().unwrap();
            assert!(refused.contains("evry") || refused.contains("conections"), "{refused}");
        }
    }
}
