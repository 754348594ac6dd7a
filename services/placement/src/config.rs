use std::net::SocketAddr;

use platform::config::{DatabaseConfig, IdentityConfig, KafkaConfig, LimitsConfig};
use serde::Deserialize;

/// What this service is told: the chassis's settings, and who runs the clocks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Settings")]
pub struct Config {
    pub platform: platform::Config,
    /// Seconds between two runs of the clocks up to today (UTC). 0: only who calls `RunDue` runs them, as a season that is
    /// played on dates of its own does.
    pub run_due_every: u64,
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
    run_due_every: u64,
}

impl Default for Settings {
    fn default() -> Self {
        let platform::Config { database, kafka, identity, grpc_listen, admin_listen, limits } =
            platform::Config::default();
        Self { database, kafka, identity, grpc_listen, admin_listen, limits, run_due_every: 0 }
    }
}

impl From<Settings> for Config {
    fn from(settings: Settings) -> Self {
        let Settings { database, kafka, identity, grpc_listen, admin_listen, limits, run_due_every } = settings;
        let platform = platform::Config { database, kafka, identity, grpc_listen, admin_listen, limits };
        Self { platform, run_due_every }
    }
}
