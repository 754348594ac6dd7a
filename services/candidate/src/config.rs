use platform::config::Beside;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// What this service is told: the chassis's settings, the secret of the lotteries, and who ends places on the roster.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Beside<Own>")]
pub struct Config {
    pub platform: platform::Config,
    /// Lottery keys are made under it, so that nobody outside can try references until a digest fits. There is no
    /// default: a key that everybody can read here would be no secret, and once there are candidates it cannot change.
    pub lottery_key: SecretString,
    /// Seconds between two runs up to today (UTC). 0: only who calls `RunDue` ends places on the roster, as a season that is
    /// played on dates of its own does.
    pub run_due_every: u64,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Own {
    lottery_key: SecretString,
    run_due_every: u64,
}

impl TryFrom<Beside<Own>> for Config {
    type Error = NoLotteryKey;

    fn try_from(
        Beside { platform, own: Own { lottery_key, run_due_every } }: Beside<Own>,
    ) -> Result<Self, NoLotteryKey> {
        if lottery_key.expose_secret().trim().is_empty() {
            return Err(NoLotteryKey);
        }
        Ok(Self { platform, lottery_key, run_due_every })
    }
}

/// The service was not told its secret.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no key for lotteries: set CIRCULA_CANDIDATE__LOTTERY_KEY to a long random text, or \
     CIRCULA_CANDIDATE__LOTTERY_KEY_FILE to a file that holds it, before the first batch, and keep it"
)]
struct NoLotteryKey;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_lottery_key_there_is_no_service_and_the_refusal_says_what_to_set() {
        for text in ["{}", r#"{ "lottery_key": "" }"#, r#"{ "lottery_key": " " }"#] {
            let refused = serde_json::from_str::<Config>(text).unwrap_err().to_string();
            assert!(refused.contains("CIRCULA_CANDIDATE__LOTTERY_KEY"), "{text}: {refused}");
        }
    }

    #[test]
    fn settings_are_flat() {
        let text = r#"{ "grpc_listen": "127.0.0.1:7003", "lottery_key": "a secret", "run_due_every": 3600 }"#;
        let config: Config = serde_json::from_str(text).unwrap();
        assert_eq!((config.platform.grpc_listen.port(), config.run_due_every), (7003, 3600));
        assert_eq!(config.lottery_key.expose_secret(), "a secret");
        assert!(!format!("{config:?}").contains("a secret"), "no log tells it");
        assert!(serde_json::from_str::<Config>(r#"{ "lottery_keys": "a secret" }"#).is_err());
    }
}
