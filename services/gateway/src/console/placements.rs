//! The list of placements, by filters.

use askama::Template;
use chrono::NaiveDate;

use super::code::{Choice, Corridor};
use super::figure::ring;
use super::frame::Frame;
use super::paging::Paging;
use super::placement::{snake, standing};
use super::step::Step;
use super::url;
use super::words::Words;

/// States beside the ring, by which the list can be narrowed.
pub const ENDINGS: [&str; 7] =
    ["RECOMMENDED", "CANCELLED", "UNVERIFIED", "NON_RETURN", "RE_ENTRY_BARRED", "LEFT_PROGRAMME", "DECEASED"];

/// Everybody who has left and is neither back nor at the end of work: several steps in one list.
pub const ABROAD: &str = "ABROAD";

/// Clocks, by which the list can be narrowed: all that placement's table names.
pub const CLOCKS: [&str; 27] = [
    "C-LIST",
    "C-SELECT",
    "C-SELECT-HALF",
    "C-OFFER",
    "C-OFFER-HALF",
    "C-ANSWER",
    "C-SIGN",
    "C-AUTHORISE",
    "C-VISA",
    "C-READY",
    "C-LAST",
    "C-NAMES",
    "C-FITNESS",
    "C-DEPART",
    "C-ARRIVAL",
    "C-START",
    "C-ABSENT",
    "C-STAY",
    "C-CONTACT",
    "C-HEARING",
    "C-DECIDE",
    "C-NOTICE",
    "C-END",
    "C-RETURN",
    "C-UNVERIFIED",
    "C-REVIEW",
    "C-REENTRY",
];

/// `/placements`.
#[derive(Clone, Debug)]
pub struct Placements {
    pub filter: Filter,
    /// All corridors the desk may see.
    pub corridors: Vec<Corridor>,
    pub rows: Vec<PlacementRow>,
    pub paging: Paging,
    /// What the desk may do to rows that it marks; `None` where it may nothing.
    pub bulk: Option<Marking>,
}

/// The bar under the list: rows are marked and sent to `/preview`.
#[derive(Clone, Debug)]
pub struct Marking {
    /// Commands, as forms send them: `SignContract`.
    pub actions: Vec<&'static str>,
    /// The one that is chosen; empty for none.
    pub action: String,
    /// Codes of grounds.
    pub grounds: Vec<&'static str>,
    /// All rows are marked.
    pub all: bool,
    /// The page of the list.
    pub after: String,
}

/// What the list is narrowed to; empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub corridor: String,
    /// Code of a step or of an ending.
    pub state: String,
    /// `yes` for those with a clock that is over.
    pub late: String,
    /// A clock that runs, for example `C-VISA`; with `late` one that is over.
    pub clock: String,
    pub season: String,
}

/// A placement in a list.
#[derive(Clone, Debug)]
pub struct PlacementRow {
    /// As in addresses.
    pub id: String,
    /// What a move made from this row names.
    pub version: i64,
    /// The stage of the service: `ACCEPTED`.
    pub stage: String,
    /// As people write it.
    pub number: String,
    pub step: Step,
    /// Code of the ending, if it ended other than by a verified return.
    pub ending: String,
    /// Name or code number, whichever the desk may see.
    pub candidate: String,
    pub corridor: Corridor,
    pub line: String,
    pub farm: String,
    /// Who must act next; empty if nobody.
    pub party: String,
    pub due: Option<NaiveDate>,
    pub days_late: u64,
}

impl Placements {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        ListPage { frame, w: frame.words(), list: self }.render()
    }

    fn filtered(&self) -> bool {
        self.filter != Filter::default()
    }

    fn address(&self, after: &str) -> String {
        self.marked(after, "", "")
    }

    /// The address of this page, with all rows marked or none.
    fn marked(&self, after: &str, pick: &str, action: &str) -> String {
        let parameters = [
            ("pick", pick),
            ("action", action),
            ("corridor", self.filter.corridor.as_str()),
            ("state", &self.filter.state),
            ("late", &self.filter.late),
            ("clock", &self.filter.clock),
            ("season", &self.filter.season),
            ("after", after),
        ];
        url::with_query("/placements", &parameters)
    }
}

#[derive(Template)]
#[template(path = "console/placements.html")]
struct ListPage<'a> {
    frame: &'a Frame,
    w: Words,
    list: &'a Placements,
}

impl ListPage<'_> {
    fn corridors(&self) -> Vec<Choice> {
        let choice = |corridor: &Corridor| Choice { value: corridor.code.clone(), label: corridor.name(&self.w) };
        self.list.corridors.iter().map(choice).collect()
    }

    fn states(&self) -> Vec<Choice> {
        let choice = |step: Step| Choice { value: step.code().to_owned(), label: self.w.code("step", step.code()) };
        let ending = |code: &str| Choice { value: code.to_owned(), label: self.w.code("ending", code) };
        let steps = Step::ALL.into_iter().map(choice);
        steps.chain([ending(ABROAD)]).chain(ENDINGS.map(ending)).collect()
    }

    fn action(&self, command: &str) -> String {
        self.w.code("move", &snake(command))
    }

    fn clocks(&self) -> Vec<Choice> {
        let choice = |clock: &str| Choice { value: clock.to_owned(), label: self.w.code("clock", clock) };
        CLOCKS.into_iter().map(choice).collect()
    }

    fn glyph(&self, row: &PlacementRow) -> String {
        ring::glyph(Some(row.step), standing(row.step, &row.ending))
    }

    fn state(&self, row: &PlacementRow) -> String {
        if row.ending.is_empty() { self.w.code("step", row.step.code()) } else { self.w.code("ending", &row.ending) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_narrowed_by_every_clock_of_placements_table() {
        let table = include_str!("../../../placement/moves.toml");
        let (_, clocks) = table.split_once("\nclocks = [").expect("the table has clocks");
        let names = clocks.lines().filter_map(|row| row.split_once("{ name = \"")?.1.split('"').next());
        let names: Vec<&str> = names.collect();
        assert!(names.len() > 20, "{names:?}");
        for name in names {
            assert!(CLOCKS.contains(&name), "{name}");
        }
    }
}
