//! What is said when something is refused.

use std::collections::BTreeMap;

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
    /// Which sentence `what` is; stable, translations hang on it.
    pub said: &'static str,
    /// The named values of `what`.
    pub arguments: BTreeMap<&'static str, String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}: {}; {}. To mend it: {}.", self.code, self.at, self.what, self.why, self.mend)
    }
}

/// A rule of the format: its code, why it is there, what mends a breach.
pub(crate) struct Rule(pub(crate) &'static str, pub(crate) &'static str, pub(crate) &'static str);

const MORE: Rule = Rule("MORE", "a list that long helps nobody", "mend those listed and ask again");

/// What was found: a sentence with its code and its named values.
pub(crate) struct What {
    pub(crate) said: &'static str,
    pub(crate) text: String,
    pub(crate) arguments: BTreeMap<&'static str, String>,
}

/// What was found: `what!("no-id": "{id} is no id", id = shown(id))`.
macro_rules! what {
    ($said:literal: $text:literal) => {
        $crate::finding::What { said: $said, text: $text.to_owned(), arguments: Default::default() }
    };
    ($said:literal: $text:literal, $($name:ident = $value:expr),+) => {{
        $(let $name = $crate::finding::text(&$value);)+
        let text = format!($text);
        $crate::finding::What { said: $said, text, arguments: [$((stringify!($name), $name)),+].into() }
    }};
}
pub(crate) use what;

/// A value as it stands in a sentence.
pub(crate) fn text(value: &(impl std::fmt::Display + ?Sized)) -> String {
    value.to_string()
}

/// Collects findings.
#[derive(Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    more: usize,
}

impl Findings {
    pub(crate) fn add(&mut self, rule: &Rule, at: impl Into<String>, what: What) {
        if self.list.len() < MOST {
            self.list.push(finding(rule, at.into(), what));
        } else {
            self.more += 1;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn into_list(mut self) -> Vec<Finding> {
        if self.more > 0 {
            let what = what!("more": "{count} findings more are not listed", count = self.more);
            self.list.push(finding(&MORE, "$".to_owned(), what));
        }
        self.list
    }
}

fn finding(rule: &Rule, at: String, what: What) -> Finding {
    let What { said, text, arguments } = what;
    Finding { code: rule.0, at, what: text, why: rule.1, mend: rule.2, said, arguments }
}

/// Returns text from a file as it may be shown: quoted, escaped, short.
pub(crate) fn shown(text: &str) -> String {
    if text.chars().count() <= 60 {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(60).collect();
    format!("{start:?}…")
}
