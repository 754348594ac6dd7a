//! Two rule packs side by side: which rules differ, from what to what, and since when.

use askama::Template;
use chrono::NaiveDate;

use super::{
    code::{Choice, Corridor},
    frame::Frame,
    url,
    words::Words,
};

/// `/corridors/{code}/packs`.
#[derive(Clone, Debug)]
pub struct PacksPage {
    pub corridor: Corridor,
    /// All packs of the corridor and of its destination, from which two are chosen.
    pub packs: Vec<Choice>,
    /// The ids of those chosen; empty if there is nothing to choose.
    pub from: String,
    pub to: String,
    pub compared: Compared,
}

/// What comes of two packs.
#[derive(Clone, Debug)]
pub enum Compared {
    /// There are no two packs of one code.
    Few,
    /// One is the corridor's, the other the destination's: they rule different things.
    Apart,
    /// How many rules say the same in both, and those that do not, by key.
    Told { same: u64, changes: Vec<Change> },
}

/// A rule that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `order.seats_min`.
    pub key: String,
    /// `None` where the pack does not set it.
    pub before: Option<Said>,
    pub after: Option<Said>,
    /// The first day on which it says what it says in the later pack.
    pub since: NaiveDate,
}

/// What a pack says about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub value: String,
    /// Where it is written.
    pub source: String,
    pub assumed: bool,
}

impl PacksPage {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        let w = frame.words();
        Page { frame, w, page: self, name: self.corridor.name(&w), path: self.path(), sentence: self.sentence(w) }
            .render()
    }

    fn changes(&self) -> Option<&[Change]> {
        if let Compared::Told { changes, .. } = &self.compared { Some(changes) } else { None }
    }

    fn path(&self) -> String {
        format!("/corridors/{}", url::encode(&self.corridor.code))
    }

    fn sentence(&self, words: Words) -> String {
        let (from, to) = (self.from.as_str(), self.to.as_str());
        match &self.compared {
            Compared::Few => words.t("packs-few"),
            Compared::Apart => words.t("packs-apart"),
            Compared::Told { same, changes } => {
                let told = words.say("packs-sentence").with("count", changes.len()).with("from", from).with("to", to);
                format!("{} {}", told.html(), words.say("packs-same").with("count", *same).html())
            }
        }
    }
}

#[derive(Template)]
#[template(path = "console/packs.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: Words,
    page: &'a PacksPage,
    name: String,
    path: String,
    sentence: String,
}
