//! The first page of a union or a ministry: its own flow and its own queue.

use askama::Template;
use chrono::NaiveDate;

use super::figure::bars;
use super::figure::ring::{self, Standing};
use super::flow::Flow;
use super::frame::Frame;
use super::placements::ABROAD;
use super::step::Step;
use super::url;
use super::words::Words;

/// `/` for a union or a ministry.
#[derive(Clone, Debug)]
pub struct DeskHome {
    pub season: String,
    pub numbers: DeskNumbers,
    /// Late first, then by due day.
    pub queue: Vec<QueueItem>,
    /// Own placements by step.
    pub steps: Vec<(Step, Flow)>,
}

/// The numbers of the opening sentence. Of a ministry with several `corridors` at least `ready` people are rostered:
/// whoever would go by several counts in each.
#[derive(Clone, Copy, Debug)]
pub enum DeskNumbers {
    Union { ordered: u64, filled: u64, missing: u64, working: u64, late: u64 },
    Ministry { ready: u64, corridors: u64, preparing: u64, abroad: u64, home: u64, late: u64 },
}

/// Work of one kind: it vanishes with its last person.
#[derive(Clone, Debug)]
pub struct QueueItem {
    /// The move that is due, for example `SELECT` or `CONFIRM_ARRIVAL`.
    pub command: String,
    /// The same as forms send it, if it can be made for many at once; else empty.
    pub action: String,
    /// What runs for them, for example `C-ARRIVAL`.
    pub clock: String,
    /// Where most of them stand.
    pub step: Step,
    pub count: u64,
    pub late: u64,
    pub due: Option<NaiveDate>,
}

impl DeskHome {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        let words = frame.words();
        DeskPage {
            frame,
            w: words,
            desk: self,
            most: self.steps.iter().map(|(_, flow)| flow.reached).max().unwrap_or(0),
            sentence: sentence(&self.numbers, &self.season, words),
        }
        .render()
    }
}

fn sentence(numbers: &DeskNumbers, season: &str, words: Words) -> String {
    let late = url::with_query("/placements", &[("late", "yes"), ("season", season)]);
    let working = url::with_query("/placements", &[("state", "WORKING"), ("season", season)]);
    let abroad = url::with_query("/placements", &[("state", ABROAD), ("season", season)]);
    let home = url::with_query("/placements", &[("state", "RETURNED_VERIFIED"), ("season", season)]);
    match *numbers {
        DeskNumbers::Union { ordered, filled, missing, working: at_work, late: steps } => words
            .say("union-sentence")
            .with("ordered", ordered)
            .with("filled", filled)
            .with("missing", missing)
            .with("working", at_work)
            .with("late", steps),
        DeskNumbers::Ministry { ready, corridors, preparing, abroad, home: returned, late: steps } => words
            .say("ministry-sentence")
            .with("ready", ready)
            .with("corridors", corridors)
            .with("preparing", preparing)
            .with("abroad", abroad)
            .with("home", returned)
            .with("late", steps),
    }
    .link("late", late)
    .link("working", working)
    .link("abroad", abroad)
    .link("home", home)
    .link("steps", "#steps-h")
    .html()
}

#[derive(Template)]
#[template(path = "console/desk.html")]
struct DeskPage<'a> {
    frame: &'a Frame,
    w: Words,
    desk: &'a DeskHome,
    most: u64,
    sentence: String,
}

impl DeskPage<'_> {
    fn glyph(&self, step: &Step) -> String {
        ring::glyph(Some(*step), Standing::Now)
    }

    fn bar(&self, flow: &Flow) -> String {
        bars::flow(*flow, self.most)
    }

    /// Those who are at a step now.
    fn list(&self, step: &Step) -> String {
        url::with_query("/placements", &[("state", step.code()), ("season", &self.desk.season)])
    }

    /// Those whom an item counts: this clock runs for them, wherever they stand.
    fn waiting(&self, item: &QueueItem) -> String {
        url::with_query("/placements", &[("clock", &item.clock), ("season", &self.desk.season)])
    }

    /// The same list with all rows marked and the move chosen.
    fn marked(&self, item: &QueueItem) -> String {
        let parameters =
            [("clock", item.clock.as_str()), ("season", &self.desk.season), ("pick", "all"), ("action", &item.action)];
        url::with_query("/placements", &parameters)
    }

    fn todo(&self, item: &QueueItem) -> String {
        let key = format!("todo-{}", item.command.to_lowercase().replace('_', "-"));
        let said = self.w.say(&key).with("count", item.count);
        if said.exists() { said.to_string() } else { self.w.code("move", &item.command) }
    }
}
