//! Reasons that a service gives as a code with named values.

use super::words::Words;

/// Why something is as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// `SEATED`, `candidate.age_max` …; empty if the service only said it in English.
    pub code: String,
    /// The service's own sentence, in English.
    pub message: String,
    /// Named texts of the sentence.
    pub texts: Vec<(String, String)>,
    /// Named numbers of the sentence.
    pub numbers: Vec<(String, i64)>,
}

impl Reason {
    /// A reason without values, such as a rule that closed a line.
    #[must_use]
    pub fn bare(code: impl Into<String>, message: impl Into<String>) -> Reason {
        Reason { code: code.into(), message: message.into(), ..Reason::default() }
    }

    /// Reasons as a service sent them; of one that sends none yet, what it said in English.
    #[must_use]
    pub fn all<R: Into<Reason>>(reasons: impl IntoIterator<Item = R>, english: &str) -> Vec<Reason> {
        let mut all: Vec<Reason> = reasons.into_iter().map(Into::into).collect();
        if all.is_empty() && !english.is_empty() {
            all.push(Reason::bare("", english));
        }
        all
    }

    /// Returns the reason in the reader's language, if there are words for its code and its values are enough for them.
    #[must_use]
    pub fn in_words(&self, words: &Words) -> Option<String> {
        let key = format!("reason-{}", self.code.to_lowercase().replace(['_', '.'], "-"));
        words.filled_with(&key, &self.texts, &self.numbers)
    }
}
