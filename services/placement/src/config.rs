use platform::config::Beside;
use serde::Deserialize;

/// What this service is told: the chassis's settings, and who runs the clocks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Beside<Own>")]
pub struct Config {
    pub platform: platform::Config,
    /// Seconds between two runs of the clocks up to today (UTC). 0: only who calls `RunDue` runs them, as a season that is
    /// played on dates of its own does; then it takes any day, else none that has not come.
    pub run_due_every: u64,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Own {
    run_due_every: u64,
}

impl From<Beside<Own>> for Config {
    fn from(Beside { platform, own: Own { run_due_every } }: Beside<Own>) -> Self {
        Self { platform, run_due_every }
    }
}
