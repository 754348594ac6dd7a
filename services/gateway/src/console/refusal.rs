//! A refusal as people read it: what, why, where, and what would mend it.

use super::words::Words;

/// What was not done and why. All sentences are complete and in the reader's language, but for `original`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// What was not done, as the button said it.
    pub what: String,
    pub why: String,
    /// A stage in words, or a field or a rule of the service; empty if it named none.
    pub place: String,
    /// What would mend it; empty if nothing would.
    pub mend: String,
    /// The service's own English sentence, where `why` is a translation that says less.
    pub original: String,
    /// Fields of the page's form that are to be mended.
    pub fields: Vec<FieldError>,
}

/// A field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The id of the input, for the link.
    pub field: String,
    pub sentence: String,
}

impl FieldError {
    /// A field by its label, with what is wrong with it.
    #[must_use]
    pub fn new(words: Words, field: impl Into<String>, (label, wrong): (&str, &str)) -> FieldError {
        let sentence = words.say("pair").with("name", label).with("value", wrong).to_string();
        FieldError { field: field.into(), sentence }
    }
}
