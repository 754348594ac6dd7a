//! The list of matching rounds.

use askama::Template;
use chrono::NaiveDate;

use super::frame::Frame;
use super::paging::Paging;
use super::url;
use super::words::Words;

/// `/rounds`.
#[derive(Clone, Debug)]
pub struct Rounds {
    pub rows: Vec<RoundRow>,
    pub paging: Paging,
}

/// A round in the list.
#[derive(Clone, Debug)]
pub struct RoundRow {
    /// As in addresses.
    pub id: String,
    pub number: u64,
    /// What was matched, for example the corridors' codes.
    pub scope: String,
    /// The day it was computed; `None` until it is.
    pub computed_on: Option<NaiveDate>,
    pub status: RoundStatus,
    pub seats: u64,
    pub pairs: u64,
    pub value: u64,
    pub bound: u64,
}

/// How far a round has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundStatus {
    Computing,
    Computed,
    Publishing,
    Published,
    Discarded,
    Failed,
}

impl RoundStatus {
    /// Returns the code under which the words know the status.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            RoundStatus::Computing => "COMPUTING",
            RoundStatus::Computed => "COMPUTED",
            RoundStatus::Publishing => "PUBLISHING",
            RoundStatus::Published => "PUBLISHED",
            RoundStatus::Discarded => "DISCARDED",
            RoundStatus::Failed => "FAILED",
        }
    }

    /// Returns the class of the status' tag.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            RoundStatus::Computing | RoundStatus::Publishing => "note",
            RoundStatus::Computed => "soon",
            RoundStatus::Published => "ok",
            RoundStatus::Discarded | RoundStatus::Failed => "plain",
        }
    }
}

impl Rounds {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        RoundsPage { frame, w: frame.words(), list: self }.render()
    }

    fn waiting(&self) -> usize {
        let computed = |row: &&RoundRow| row.status == RoundStatus::Computed;
        self.rows.iter().filter(computed).count()
    }

    fn address(&self, after: &str) -> String {
        url::with_query("/rounds", &[("after", after)])
    }
}

#[derive(Template)]
#[template(path = "console/rounds.html")]
struct RoundsPage<'a> {
    frame: &'a Frame,
    w: Words,
    list: &'a Rounds,
}

impl RoundsPage<'_> {
    fn gap(&self, row: &RoundRow) -> String {
        super::round::gap(self.w, row.value, row.bound)
    }

    fn seated(&self, row: &RoundRow) -> String {
        super::figure::bars::parts(&[("fill went", row.pairs)], row.seats)
    }
}
