//! What is said when something is refused.

use serde::Serialize;

/// The most findings that are listed; more are counted.
pub(crate) const MOST: usize = 100;

/// One thing that is wrong with a file: what, where, why it matters, what would mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable; programs may act on it.
    pub code: &'static str,
    /// JSON path, and line and column where they are known.
    pub at: String,
    /// What was found.
    pub what: String,
    /// Why it is refused.
    pub why: &'static str,
    /// What would mend it.
    pub mend: &'static str,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}: {}; {}. To mend it: {}.", self.code, self.at, self.what, self.why, self.mend)
    }
}

/// A rule of the format: its code, why it is there, what mends a breach.
pub(crate) struct Rule(pub(crate) &'static str, pub(crate) &'static str, pub(crate) &'static str);

/// Collects findings.
#[derive(Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    more: usize,
}

impl Findings {
    pub(crate) fn add(&mut self, rule: &Rule, at: impl Into<String>, what: impl Into<String>) {
        if self.list.len() < MOST {
            self.list.push(Finding { code: rule.0, at: at.into(), what: what.into(), why: rule.1, mend: rule.2 });
        } else {
            self.more += 1;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn into_list(mut self) -> Vec<Finding> {
        if self.more > 0 {
            let what = format!("{} findings more are not listed", self.more);
            let (why, mend) = ("a list that long helps nobody", "mend those listed and ask again");
            self.list.push(Finding { code: "MORE", at: "$".to_owned(), what, why, mend });
        }
        self.list
    }
}

/// Returns text from a file as it may be shown: quoted, escaped, short.
pub(crate) fn shown(text: &str) -> String {
    if text.chars().count() <= 60 {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(60).collect();
    format!("{start:?}…")
}
