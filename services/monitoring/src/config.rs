use std::{collections::HashMap, net::SocketAddr};

use platform::config::{DatabaseConfig, IdentityConfig, KafkaConfig, LimitsConfig};
use serde::Deserialize;

/// What this service is told: the chassis's settings, and where the owners of the figures are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Settings")]
pub struct Config {
    pub platform: platform::Config,
    /// gRPC address of each owner, such as `programme` → `http://127.0.0.1:7001`. An owner without one is not verified.
    pub owners: HashMap<String, String>,
}

/// As it stands in files and in the environment: flat. Written out, because values of the environment are all text, and
/// a flattened struct would not read numbers from text.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    database: DatabaseConfig,
    kafka: KafkaConfig,
    identity: IdentityConfig,
    grpc_listen: SocketAddr,
    admin_listen: SocketAddr,
    limits: LimitsConfig,
    owners: HashMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        let platform::Config { database, kafka, identity, grpc_listen, admin_listen, limits } =
            platform::Config::default();
        Self { database, kafka, identity, grpc_listen, admin_listen, limits, owners: HashMap::new() }
    }
}

impl From<Settings> for Config {
    fn from(settings: Settings) -> Self {
        let Settings { database, kafka, identity, grpc_listen, admin_listen, limits, owners } = settings;
        let platform = platform::Config { database, kafka, identity, grpc_listen, admin_listen, limits };
        Self { platform, owners }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_flat() {
        let text = r#"{ "grpc_listen": "127.0.0.1:7006", "database": { "max_connections": 4 },
                        "owners": { "programme": "http://127.0.0.1:7001" } }"#;
        let config: Config = serde_json::from_str(text).unwrap();
        assert_eq!(config.platform.database.max_connections, 4);
        assert_eq!(config.platform.grpc_listen.port(), 7006);
        assert_eq!(config.owners["programme"], "http://127.0.0.1:7001");
        assert!(serde_json::from_str::<Config>(r#"{ "owner": {} }"#).is_err());
    }
}
