//! A corridor: its rule pack, its 17 steps, its clocks, its quota.

use askama::Template;
use chrono::NaiveDate;

use super::code::Corridor;
use super::figure::bars::{self, ClockDays};
use super::figure::ring::{self, Standing};
use super::flow::{self, StepFlow};
use super::frame::Frame;
use super::url;
use super::words::Words;

/// `/corridors/{code}`.
#[derive(Clone, Debug)]
pub struct CorridorPage {
    pub corridor: Corridor,
    pub season: String,
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// The agreement the corridor rests on, as its parties call it.
    pub agreement: String,
    pub pack: Pack,
    pub frozen: bool,
    /// All 17 steps in order.
    pub steps: Vec<StepFlow>,
    pub clocks: Vec<ClockRow>,
    pub quota: QuotaUse,
}

/// A dated rule pack.
#[derive(Clone, Debug)]
pub struct Pack {
    pub name: String,
    pub version: String,
    pub in_force_from: NaiveDate,
    pub in_force_until: Option<NaiveDate>,
    pub rules: Vec<Rule>,
}

/// A rule in force.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `ES-06`.
    pub id: String,
    /// What it says, in the words of the pack.
    pub text: String,
    /// Where it is written; empty if `assumed`.
    pub source: String,
    /// The source's address, if it has one.
    pub href: String,
    pub assumed: bool,
}

/// A kind of clock and how long it takes.
#[derive(Clone, Debug)]
pub struct ClockRow {
    /// `C-VISA`.
    pub clock: String,
    /// Who must act.
    pub party: String,
    pub running: u64,
    pub late: u64,
    pub days: ClockDays,
}

/// How the units of the quota are used.
#[derive(Clone, Copy, Debug)]
pub struct QuotaUse {
    pub cap: u64,
    /// Used for good: the person has departed.
    pub confirmed: u64,
    /// Held by placements before departure.
    pub held: u64,
    /// Reserved for open seats of lines.
    pub reserved: u64,
    /// Free in the corridor's flexible reserve.
    pub free: u64,
    /// Given back so far; they are free, reserved or held again.
    pub released: u64,
}

impl QuotaUse {
    /// Says whether the parts are the whole.
    #[must_use]
    pub fn adds_up(self) -> bool {
        self.confirmed + self.held + self.reserved + self.free == self.cap
    }
}

impl CorridorPage {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        let words = frame.words();
        Page {
            frame,
            w: words,
            page: self,
            name: self.corridor.name(&words),
            sentence: self.sentence(words),
            most: self.steps.iter().map(|step| step.flow.reached).max().unwrap_or(0),
            longest: self.longest(),
            adds_up: flow::steps_add_up(&self.steps) && self.quota.adds_up(),
        }
        .render()
    }

    fn sentence(&self, words: Words) -> String {
        let proposed = self.steps.first().map_or(0, |step| step.flow.reached);
        let home = self.steps.last().map_or(0, |step| step.flow.reached);
        let dropped: u64 = self.steps.iter().map(|step| step.flow.dropped).sum();
        let late: u64 = self.clocks.iter().map(|clock| clock.late).sum();
        let code = self.corridor.code.as_str();
        words
            .say("corridor-sentence")
            .with("proposed", proposed)
            .with("home", home)
            .with("dropped", dropped)
            .with("late", late)
            .link("home", placements(code, "RETURNED_VERIFIED", ""))
            .link("late", placements(code, "", "yes"))
            .html()
    }

    fn longest(&self) -> u64 {
        let each = |row: &ClockRow| {
            let days = row.days;
            [days.half, days.nine, days.limit, days.oldest].into_iter().flatten().max()
        };
        self.clocks.iter().filter_map(each).max().unwrap_or(0)
    }
}

fn placements(corridor: &str, state: &str, late: &str) -> String {
    let parameters = [("corridor", corridor), ("state", state), ("late", late)];
    url::with_query("/placements", &parameters)
}

#[derive(Template)]
#[template(path = "console/corridor.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: Words,
    page: &'a CorridorPage,
    name: String,
    sentence: String,
    most: u64,
    longest: u64,
    adds_up: bool,
}

impl Page<'_> {
    fn glyph(&self, row: &StepFlow) -> String {
        ring::glyph(Some(row.step), Standing::Done)
    }

    fn bar(&self, row: &StepFlow) -> String {
        bars::flow(row.flow, self.most)
    }

    fn clock_bar(&self, row: &ClockRow) -> String {
        bars::clock(row.days, self.longest)
    }

    fn quota_bar(&self) -> String {
        let quota = self.page.quota;
        let parts = [("fill went", quota.confirmed), ("fill held", quota.held), ("fill here", quota.reserved)];
        bars::parts(&parts, quota.cap)
    }

    fn days(&self, days: &Option<u64>) -> String {
        days.map_or_else(|| "–".to_owned(), |days| self.w.n(days))
    }

    fn ends_here(&self, row: &StepFlow) -> bool {
        row.step.number() == 17
    }

    fn list(&self, state: &str, late: &str) -> String {
        placements(&self.page.corridor.code, state, late)
    }
}
