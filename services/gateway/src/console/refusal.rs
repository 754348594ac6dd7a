//! A refusal as people read it: what, why, where, and what would mend it.

/// What was not done and why. All sentences are complete and in the reader's language, but for `original`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// What was not done, as the button said it.
    pub what: String,
    pub why: String,
    /// A field, a stage or a rule of the service; empty if it named none.
    pub place: String,
    /// What would mend it; empty if nothing would.
    pub mend: String,
    /// The service's own English sentence, where `why` is a translation that says less.
    pub original: String,
}
