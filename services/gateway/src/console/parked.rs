//! Events that could not be applied, and what stands behind them.

use askama::Template;
use chrono::NaiveDateTime;

use super::{frame::Frame, refusal::Refusal, words::Words};

/// `/parked`.
#[derive(Clone, Debug, Default)]
pub struct Parked {
    /// The longest parked of each service first.
    pub keys: Vec<ParkedKey>,
    /// Events that wait in all services that answered.
    pub events: u64,
    /// Services that did not answer: of their events nothing is known.
    pub silent: Vec<String>,
    /// What was just refused.
    pub refusal: Option<Refusal>,
}

/// The events of one aggregate that wait at one consumer.
#[derive(Clone, Debug)]
pub struct ParkedKey {
    pub service: String,
    /// Such as `matching-demand`.
    pub consumer: String,
    /// The aggregate's id.
    pub key: String,
    pub events: u64,
    /// Why the first one was not applied: a code, then the service's own words.
    pub reason: String,
    pub since: Option<NaiveDateTime>,
    /// Topic, partition and offset of the first one.
    pub place: String,
    /// Of the two forms: a double click has one effect.
    pub request_ids: [String; 2],
    /// Why it may be given up, as it was typed; and what is wrong with that, a sentence.
    pub typed: String,
    pub wrong: String,
}

impl Parked {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        ParkedPage { frame, w: frame.words(), page: self }.render()
    }
}

#[derive(Template)]
#[template(path = "console/parked.html")]
struct ParkedPage<'a> {
    frame: &'a Frame,
    w: Words,
    page: &'a Parked,
}

impl ParkedPage<'_> {
    fn title(&self) -> String {
        self.w.title(self.page.refusal.is_some(), self.w.t("nav-parked"))
    }
}
