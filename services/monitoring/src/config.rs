use std::collections::HashMap;

use platform::config::Beside;
use serde::Deserialize;

/// What this service is told: the chassis's settings, and where the owners of the figures are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Beside<Own>")]
pub struct Config {
    pub platform: platform::Config,
    /// gRPC address of each owner, such as `programme` → `http://127.0.0.1:7001`. An owner without one is not verified.
    pub owners: HashMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Own {
    owners: HashMap<String, String>,
}

impl From<Beside<Own>> for Config {
    fn from(Beside { platform, own: Own { owners } }: Beside<Own>) -> Self {
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
