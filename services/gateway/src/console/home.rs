//! The operator's home: the season in a sentence, its rivers, what waits.

use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::code::{Choice, Corridor};
use super::figure::{Direction, narrow, rivers};
use super::flow::{self, CorridorFlow, Difference, Flow};
use super::frame::Frame;
use super::step::Column;
use super::url;
use super::words::Words;

/// `/` for the operator.
#[derive(Clone, Debug)]
pub struct OperatorHome {
    /// The season's name, for example `2026`.
    pub season: String,
    /// First and last day; `None` where the season is not planned.
    pub days: Option<(NaiveDate, NaiveDate)>,
    pub seasons: Vec<String>,
    /// The corridor the filter is set to; empty for all.
    pub corridor: String,
    /// All corridors of the season, for the filter.
    pub corridors: Vec<Corridor>,
    /// The corridors shown, in the order of their lanes.
    pub flows: Vec<CorridorFlow>,
    pub seal: Seal,
    /// `None` where a service that would know does not answer.
    pub decisions: Option<Vec<Decision>>,
    pub late: Vec<LateGroup>,
    /// The largest first, and not more than a page takes.
    pub stuck: Vec<StuckGroup>,
    /// How many stuck groups there are, shown or not.
    pub stuck_groups: u64,
}

/// When the figures were last counted again, and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Seal {
    /// `None` where no recount has ended yet.
    pub verified_at: Option<NaiveDateTime>,
    pub events: u64,
    pub differences: u64,
    /// What was compared, each service's part.
    pub sources: Vec<Source>,
    /// The figures that differ, in the words of whoever counted.
    pub differing: Vec<String>,
}

/// What one service counted again.
#[derive(Clone, Debug)]
pub struct Source {
    pub service: String,
    pub figures: u64,
    pub events: u64,
    /// It could not be asked, or not be compared.
    pub failed: bool,
}

impl Seal {
    /// Returns the class of the stylesheet; `agrees` says that the page's own sums hold.
    #[must_use]
    pub fn class(&self, agrees: bool) -> &'static str {
        match self.verified_at {
            _ if self.differences > 0 || !agrees => "late",
            Some(_) => "ok",
            None => "note",
        }
    }
}

/// A decision that waits for the operator.
#[derive(Clone, Debug)]
pub struct Decision {
    /// `PUBLISH_ROUND`, `HEAR_CASE`, `DECIDE_CASE` …
    pub code: String,
    pub count: u64,
    /// What it is about, for example `CO-ES` or a round's number.
    pub about: String,
    pub due: Option<NaiveDate>,
    /// Whole days past due.
    pub days_late: u64,
    pub href: String,
    /// The list with all rows marked and the move chosen; empty where it is not made for many.
    pub marked: String,
}

/// Late steps of one kind that one party can mend.
#[derive(Clone, Debug)]
pub struct LateGroup {
    /// The clock, for example `C-VISA`.
    pub clock: String,
    /// Who must act: `MINISTRY`, `UNION`, `AUTHORITY`, `OPERATOR`, `WORKER`.
    pub party: String,
    /// The organisation's name, if it is one.
    pub organisation: String,
    pub count: u64,
    pub oldest_days: u64,
    pub href: String,
}

/// Placements that wait for the same thing at the same party, all past its deadline.
#[derive(Clone, Debug)]
pub struct StuckGroup {
    pub corridor: Corridor,
    /// The clock, for example `C-VISA`.
    pub clock: String,
    /// Who must act.
    pub party: String,
    /// The one move that mends it, for example `GRANT_VISA`.
    pub command: String,
    pub count: u64,
    pub oldest_days: u64,
    /// The list of them.
    pub href: String,
    /// The list with all rows marked and the move chosen; empty where this desk cannot make it.
    pub marked: String,
}

impl OperatorHome {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        let words = frame.words();
        HomePage {
            frame,
            w: words,
            home: self,
            total: flow::total(&self.flows),
            wide: rivers::wide(&self.flows, &words, Direction::Ltr),
            narrow: narrow::narrow(&self.flows, &words, Direction::Ltr),
            sentence: self.sentence(words),
            differences: self.flows.iter().flat_map(CorridorFlow::differences).collect(),
        }
        .render()
    }

    fn sentence(&self, words: Words) -> String {
        let total = flow::total(&self.flows);
        let at = |column: Column| total[column as usize];
        let list = |parameters: &[(&str, &str)]| {
            let mut all = vec![("corridor", self.corridor.as_str()), ("season", &self.season)];
            all.extend_from_slice(parameters);
            url::with_query("/placements", &all)
        };
        words
            .say("home-sentence")
            .with("ordered", at(Column::Ordered).reached)
            .with("home", at(Column::Returned).reached)
            .with("working", at(Column::Working).here)
            .with("late", self.late_steps())
            .with("stuck", self.stuck_groups)
            .with("decisions", self.decisions.iter().flatten().map(|decision| decision.count).sum::<u64>())
            .link("home", list(&[("state", "RETURNED_VERIFIED")]))
            .link("working", list(&[("state", "WORKING")]))
            .link("late", list(&[("late", "yes")]))
            .link("ordered", "#flow-t")
            .link("stuck", "#stuck")
            .link("decisions", "#decisions")
            .html()
    }

    fn late_clocks(&self) -> u64 {
        self.late.iter().map(|group| group.count).sum()
    }

    fn late_steps(&self) -> u64 {
        self.flows.iter().map(|flow| flow.late).sum()
    }

    fn choices(&self, words: &Words) -> Vec<Choice> {
        self.corridors
            .iter()
            .map(|corridor| Choice { value: corridor.code.clone(), label: corridor.name(words) })
            .collect()
    }
}

#[derive(Template)]
#[template(path = "console/home.html")]
struct HomePage<'a> {
    frame: &'a Frame,
    w: Words,
    home: &'a OperatorHome,
    total: [Flow; 8],
    wide: String,
    narrow: String,
    sentence: String,
    differences: Vec<Difference>,
}

impl HomePage<'_> {
    fn sum(&self, pick: fn(&CorridorFlow) -> u64) -> u64 {
        self.home.flows.iter().map(pick).sum()
    }

    fn at(&self, corridor: &CorridorFlow, column: &Column) -> Flow {
        corridor.at(*column)
    }

    fn sum_at(&self, column: &Column) -> Flow {
        self.total[*column as usize]
    }

    fn hides_stuck(&self) -> bool {
        self.home.stuck_groups > self.home.stuck.len() as u64
    }

    fn replaced(&self) -> u64 {
        self.sum(|flow| flow.replaced)
    }

    fn one_sided(&self) -> u64 {
        self.sum(|flow| flow.one_sided)
    }

    fn dropped(&self) -> u64 {
        self.sum(CorridorFlow::dropped)
    }

    /// What a service counted again, or that it could not be compared.
    fn compared(&self, source: &Source) -> String {
        let told = match source.failed {
            true => self.w.t("seal-silent"),
            false => {
                self.w.say("seal-source").with("figures", source.figures).with("events", source.events).to_string()
            }
        };
        self.w.say("pair").with("name", source.service.as_str()).with("value", told).to_string()
    }

    /// What must be done, by whom, in one sentence.
    fn mend(&self, group: &StuckGroup) -> String {
        let (party, task) = (self.w.code("actor", &group.party), self.w.code("task", &group.command));
        self.w.say("placement-next").with("party", party).with("task", task).html()
    }

    fn corridor(&self, code: &str, section: &str) -> String {
        let path = format!("/corridors/{}", url::encode(code));
        url::with_query(&path, &[("season", &self.home.season)]) + section
    }

    /// The table as a file.
    fn file(&self) -> String {
        url::with_query("/flows.csv", &[("season", &self.home.season), ("corridor", &self.home.corridor)])
    }

    fn list(&self, corridor: &str, state: &str, late: &str) -> String {
        let parameters = [("corridor", corridor), ("state", state), ("late", late), ("season", &self.home.season)];
        url::with_query("/placements", &parameters)
    }
}
