//! What a service waits for, and why: `/readyz` reads it, and one line of the log tells each change.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What commands do without for a while: what they did is published when the broker comes back, and whoever signed in before
/// is known by the keys that are there. A service that were not ready for it would be sent nobody, and be no better for it.
const SPARED: [&str; 2] = ["kafka", "the issuer"];

/// The dependencies that do not answer just now. Cheap to clone.
#[derive(Clone)]
pub struct Readiness {
    service: &'static str,
    missing: Arc<Mutex<BTreeMap<&'static str, String>>>,
}

impl Readiness {
    /// Nothing is missing yet.
    #[must_use]
    pub fn new(service: &'static str) -> Self {
        Self { service, missing: Arc::default() }
    }

    /// `what` does not answer; said once until it does.
    pub fn missing(&self, what: &'static str, why: &str) {
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if missing.insert(what, why.to_owned()).is_none() {
            tracing::warn!(service = self.service, "waiting for {what}: {why}");
        }
    }

    /// `what` answers.
    pub fn here(&self, what: &'static str) {
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if missing.remove(what).is_some() {
            tracing::info!(service = self.service, "{what} is here");
        }
    }

    /// True if everything that commands cannot do without is there, and a line per thing that is missing.
    #[must_use]
    pub fn report(&self) -> (bool, String) {
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<String> = missing.iter().map(|(what, why)| format!("waiting for {what}: {why}")).collect();
        let ready = missing.keys().all(|what| SPARED.contains(what));
        (ready, if lines.is_empty() { "ready".to_owned() } else { lines.join("\n") })
    }
}
