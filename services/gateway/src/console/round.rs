//! A matching round: what it reached, who goes where, and why.

use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::code::{Choice, FormKeys};
use super::format;
use super::frame::Frame;
use super::paging::Paging;
use super::rounds::RoundStatus;
use super::url;
use super::words::Words;

/// `/rounds/{id}`.
#[derive(Clone, Debug)]
pub struct RoundPage {
    pub id: String,
    pub number: u64,
    pub status: RoundStatus,
    pub scope: String,
    pub computed_at: NaiveDateTime,
    pub market: Market,
    pub certificate: Certificate,
    pub goals: Vec<Goal>,
    pub checks: Vec<Check>,
    pub filter: RoundFilter,
    pub lines: Vec<Choice>,
    /// Reason codes that occur in the round.
    pub reasons: Vec<String>,
    pub pairs: Vec<Pair>,
    pub paging: Paging,
    pub explanation: Option<Explanation>,
    /// The form that publishes; `None` unless the desk may and it is computed.
    pub publish: Option<FormKeys>,
}

/// What the round had before it.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    pub candidates: u64,
    pub lines: u64,
    pub seats: u64,
    /// Pairs that every rule allows.
    pub eligible: u64,
    /// Pairs in the plan.
    pub pairs: u64,
}

/// What anyone can check.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The value of the plan and the bound no plan can pass.
    pub value: u64,
    pub bound: u64,
    pub seed: String,
    pub policy: String,
    pub input_hash: String,
}

/// A goal, in the order the policy puts them.
#[derive(Clone, Debug)]
pub struct Goal {
    /// `RECALLS`, `TIER_1`, `SCORE` …
    pub code: String,
    pub reached: u64,
    pub possible: u64,
}

/// A check of the independent verifier.
#[derive(Clone, Debug)]
pub struct Check {
    /// `CAPACITY`, `ONE_SEAT_EACH`, `QUOTA`, `ELIGIBLE`, `GROUPS`, `BOUND` …
    pub code: String,
    /// How many things were looked at.
    pub looked_at: u64,
    pub wrong: u64,
}

/// What the pairs are narrowed to; empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundFilter {
    pub line: String,
    pub reason: String,
    pub candidate: String,
}

/// Who goes where.
#[derive(Clone, Debug)]
pub struct Pair {
    pub candidate: String,
    pub line: String,
    pub farm: String,
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// `RECALL`, `CREW`, `SCORE`, `DRAW`.
    pub reason: String,
    pub score: f64,
    pub why: Why,
}

/// Why this pair is in the plan.
#[derive(Clone, Debug)]
pub enum Why {
    /// Named by the farm for its n-th season there.
    Named { season: u64 },
    /// Comes with others who stay together.
    With { others: Vec<String> },
    /// Rank among those who wanted and could.
    Rank { rank: u64, of: u64 },
    /// Would score more elsewhere, where others score more still.
    Elsewhere { line: String, score: f64, above: u64 },
    /// Equal to others; the public draw decided.
    Draw { place: u64, of: u64 },
    /// Already in words.
    Said(String),
}

/// Why a candidate has, or has not, a seat.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub candidate: String,
    /// The line, if there is a seat.
    pub seated: Option<String>,
    pub open_lines: u64,
    pub lines: u64,
    pub closest: Option<Closest>,
    pub changes: Vec<Change>,
    pub closed: Vec<Closed>,
    /// Rank and line on the reserve list.
    pub reserve: Option<(u64, String)>,
    pub rostered_until: Option<NaiveDate>,
    pub next_round: Option<NaiveDate>,
}

/// The line that was nearest.
#[derive(Clone, Debug)]
pub struct Closest {
    pub line: String,
    pub farm: String,
    pub score: f64,
    pub last_seated: f64,
}

/// What would have changed the outcome.
#[derive(Clone, Debug)]
pub enum Change {
    OneMoreSeat { line: String },
    MoreScore { line: String, points: f64 },
    FreeFrom { day: NaiveDate, line: String },
    Said(String),
}

/// Lines that a rule closed to the candidate.
#[derive(Clone, Debug)]
pub struct Closed {
    pub rule: String,
    /// What it says, in the words of the pack.
    pub text: String,
    pub lines: u64,
}

impl RoundPage {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        let words = frame.words();
        Page { frame, w: words, page: self, sentence: self.sentence(words) }.render()
    }

    fn sentence(&self, words: Words) -> String {
        let wrong: u64 = self.checks.iter().map(|check| check.wrong).sum();
        let key = match (self.certificate.value == self.certificate.bound, wrong) {
            (_, 1..) => "round-sentence-wrong",
            (true, _) => "round-sentence-best",
            (false, _) => "round-sentence-gap",
        };
        words
            .say(key)
            .with("pairs", self.market.pairs)
            .with("seats", self.market.seats)
            .with("candidates", self.market.candidates)
            .with("wrong", wrong)
            .with("gap", gap(words, self.certificate.value, self.certificate.bound))
            .html()
    }

    fn address(&self, explain: &str, after: &str) -> String {
        let path = format!("/rounds/{}", url::encode(&self.id));
        let parameters = [
            ("line", self.filter.line.as_str()),
            ("reason", &self.filter.reason),
            ("candidate", &self.filter.candidate),
            ("explain", explain),
            ("after", after),
        ];
        url::with_query(&path, &parameters)
    }

    fn filtered(&self) -> bool {
        self.filter != RoundFilter::default()
    }
}

/// Returns the distance between value and bound as a share of the bound.
#[must_use]
pub fn gap(words: Words, value: u64, bound: u64) -> String {
    let open = bound.saturating_sub(value) as f64 / bound.max(1) as f64;
    let places = if open == 0.0 { 0 } else { 4 };
    format::percent(words.language, open, places)
}

#[derive(Template)]
#[template(path = "console/round.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: Words,
    page: &'a RoundPage,
    sentence: String,
}

impl Page<'_> {
    fn gap(&self) -> String {
        gap(self.w, self.page.certificate.value, self.page.certificate.bound)
    }

    fn goal_bar(&self, goal: &Goal) -> String {
        super::figure::bars::parts(&[("fill went", goal.reached)], goal.possible)
    }

    fn why(&self, why: &Why) -> String {
        let score = |score: &f64| self.w.decimal(score);
        match why {
            Why::Named { season } => self.w.say("why-named").with("season", season),
            Why::With { others } => self.w.say("why-with").with("others", others.join(", ")),
            Why::Rank { rank, of } => self.w.say("why-rank").with("rank", rank).with("of", of),
            Why::Elsewhere { line, score: points, above } => {
                self.w.say("why-elsewhere").with("line", line).with("score", score(points)).with("above", above)
            }
            Why::Draw { place, of } => self.w.say("why-draw").with("place", place).with("of", of),
            Why::Said(text) => return super::words::escape(text),
        }
        .html()
    }

    fn change(&self, change: &Change) -> String {
        match change {
            Change::OneMoreSeat { line } => self.w.say("change-seat").with("line", line),
            Change::MoreScore { line, points } => {
                self.w.say("change-score").with("line", line).with("points", self.w.decimal(points))
            }
            Change::FreeFrom { day, line } => self.w.say("change-free").with("day", day).with("line", line),
            Change::Said(text) => return super::words::escape(text),
        }
        .html()
    }

    fn closest(&self, closest: &Closest) -> String {
        self.w
            .say("explain-closest")
            .with("line", &closest.line)
            .with("farm", &closest.farm)
            .with("score", self.w.decimal(&closest.score))
            .with("last", self.w.decimal(&closest.last_seated))
            .html()
    }

    /// Says whether the row is the one that is explained.
    fn explained(&self, pair: &Pair) -> bool {
        let shown = self.page.explanation.as_ref();
        shown.is_some_and(|explanation| explanation.candidate == pair.candidate)
    }
}
