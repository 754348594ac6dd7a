//! A matching round: what it reached, who goes where, and why.

pub mod explanation;
pub mod fairness;
pub mod overrule;

use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::code::{Choice, FormKeys};
use super::format;
use super::frame::Frame;
use super::paging::Paging;
use super::reason::Reason;
use super::refusal::Refusal;
use super::rounds::RoundStatus;
use super::url;
use super::words::{Message, Words};
use explanation::Explanation;
use fairness::Fairness;
use overrule::{Override, WhatIf};

/// `/rounds/{id}`.
#[derive(Clone, Debug)]
pub struct RoundPage {
    pub id: String,
    pub number: u64,
    pub status: RoundStatus,
    pub scope: String,
    /// The date as of which rules and validities were judged.
    pub as_of: Option<NaiveDate>,
    pub computed_on: Option<NaiveDate>,
    /// Why it failed, if it did.
    pub failure: Option<Reason>,
    /// `None` unless it is computed or published just now.
    pub progress: Option<Progress>,
    pub market: Market,
    pub certificate: Certificate,
    pub goals: Vec<Goal>,
    pub checks: Vec<Check>,
    pub filter: RoundFilter,
    /// Lines that the page knows, to narrow to.
    pub lines: Vec<Choice>,
    pub pairs: Vec<Pair>,
    pub paging: Paging,
    pub explanation: Option<Explanation>,
    /// `None` where the round has no plan, or the visitor may not see whom it seats yet.
    pub fairness: Option<Fairness>,
    /// The visitor may lay pairs down.
    pub overruling: bool,
    pub what_if: Option<WhatIf>,
    /// Pairs that were laid down, in their order.
    pub overrides: Vec<Override>,
    /// The form that publishes, or goes on publishing; `None` unless the desk may and the round waits for it.
    pub publish: Option<FormKeys>,
    pub refusal: Option<Refusal>,
}

/// How far a round that is computed or published has come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// `waiting`, `reading`, `seats`, `publishing` …
    pub phase: String,
    /// 0 to 100, of the whole.
    pub percent: u64,
}

/// What the round had before it.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    pub candidates: u64,
    pub lines: u64,
    pub seats: u64,
    /// Seats that the plan fills.
    pub pairs: u64,
    /// People on the reserve lists of the plan.
    pub reserves: u64,
}

/// What anyone can check.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The value of the plan and the bound no plan can pass, in points.
    pub value: u64,
    pub bound: u64,
    pub seed: String,
    /// `None` if the seed was not committed before the round.
    pub commitment: Option<Commitment>,
    /// How the plan was found: `SHORTEST_PATHS`, `QUOTA_PRICES`.
    pub method: String,
    pub snapshot_hash: String,
    pub plan_hash: String,
}

impl Certificate {
    /// Says whether the seed was committed before the round, and when.
    #[must_use]
    pub fn committed(&self, words: &Words) -> String {
        let Some(Commitment { at, .. }) = &self.commitment else { return words.t("seed-not-committed") };
        words.say("seed-committed").with("at", words.moment(at)).to_string()
    }
}

/// A seed that was promised by its SHA-256.
#[derive(Clone, Debug)]
pub struct Commitment {
    /// UTC.
    pub at: NaiveDateTime,
    /// Hexadecimal.
    pub digest: String,
}

/// A goal, in the order the policy puts them.
#[derive(Clone, Debug)]
pub struct Goal {
    /// `RECALLS`, `SEATS`, `SCORE` …
    pub code: String,
    pub reached: u64,
    pub possible: u64,
}

/// A check of the independent verifier.
#[derive(Clone, Debug)]
pub struct Check {
    /// `CAPACITY`, `ONE_SEAT_EACH`, `QUOTA`, `ELIGIBLE`, `BOUND` …
    pub code: String,
    pub passed: bool,
    /// What was looked at or found, in the verifier's own English.
    pub finding: String,
    /// How many were looked at, if that is known.
    pub looked_at: Option<u64>,
}

impl Check {
    /// Returns the words of how many were looked at, where nothing is wrong that only the verifier can tell.
    #[must_use]
    pub fn seen(&self, words: &Words) -> Option<Message> {
        let what = match self.code.as_str() {
            "CAPACITY" | "LEAST_CREW" => "seen-lines",
            "ONE_SEAT_EACH" | "LOTTERY" => "seen-people",
            "QUOTA" => "seen-quotas",
            "BOUND" => "seen-prices",
            "RESERVE" => "seen-lists",
            "TOGETHER" => "seen-groups",
            "ELIGIBLE" | "RULES" => "seen-pairs",
            _ => return None,
        };
        let count = self.looked_at.filter(|_| self.passed)?;
        Some(words.say(what).with("count", count))
    }
}

/// What the pairs are narrowed to; empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundFilter {
    /// A line's id.
    pub line: String,
    /// What decided: one of [`REASONS`].
    pub reason: String,
    /// A candidate's id.
    pub candidate: String,
    /// Reserve lists instead of seats.
    pub reserves: bool,
}

/// What may have decided that a pair was made, in the order in which it is looked for.
pub const REASONS: [&str; 8] = ["PINNED", "NAMED", "FIRST", "PRIORITY", "CREW", "FAMILY", "DRAW", "SCORE"];

/// Who goes where.
#[derive(Clone, Debug)]
pub struct Pair {
    /// As in addresses, and as people write it.
    pub candidate_id: String,
    pub candidate: String,
    pub line: String,
    pub title: String,
    /// First and last day of the work; `None` in rounds of earlier builds.
    pub period: Option<[NaiveDate; 2]>,
    pub corridor: String,
    /// One of [`REASONS`]; empty in rounds of earlier builds.
    pub reason: String,
    /// 0 = a seat; from 1 = the place on the reserve list.
    pub rank: u64,
    pub score: u64,
    pub parts: Vec<Part>,
}

impl Pair {
    /// Returns the days of the work, for tables.
    #[must_use]
    pub fn days(&self, words: &Words) -> String {
        let days = |[from, until]: &[NaiveDate; 2]| format!("{} – {}", words.short_day(from), words.short_day(until));
        self.period.as_ref().map_or_else(|| "–".to_owned(), days)
    }

    /// Returns what decided, in words.
    #[must_use]
    pub fn decided(&self, words: &Words) -> String {
        if self.reason.is_empty() { "–".to_owned() } else { words.code("pair-reason", &self.reason) }
    }
}

/// A published summand of a score.
#[derive(Clone, Debug)]
pub struct Part {
    /// Rule key without its head: `per_returned_season`.
    pub rule: String,
    pub points: i64,
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
        let wrong = self.checks.iter().filter(|check| !check.passed).count();
        let key = match (self.certificate.value == self.certificate.bound, wrong) {
            _ if self.status == RoundStatus::Computing => "round-sentence-computing",
            _ if self.status == RoundStatus::Failed => "round-sentence-failed",
            _ if self.status == RoundStatus::Discarded => "round-sentence-discarded",
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
            .link("pairs", "#pairs-h")
            .link("proof", "#proof-h")
            .html()
    }

    fn address(&self, explain: &str, after: &str) -> String {
        let path = format!("/rounds/{}", url::encode(&self.id));
        let parameters = [
            ("line", self.filter.line.as_str()),
            ("reason", &self.filter.reason),
            ("candidate", &self.filter.candidate),
            ("reserves", if self.filter.reserves { "yes" } else { "" }),
            ("explain", explain),
            ("after", after),
        ];
        url::with_query(&path, &parameters)
    }

    /// Where the cost of a pair of the person explained is told; `kind` is `pin` or `forbid`.
    fn cost_of(&self, kind: &str, line_id: &str) -> String {
        let explained = self.explanation.as_ref().map_or("", |explanation| &explanation.candidate_id);
        format!("{}&{kind}={}", self.address(explained, ""), url::encode(line_id))
    }

    /// Says whether some of it went out already.
    fn goes_on(&self) -> bool {
        self.status == RoundStatus::Publishing
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
    fn title(&self) -> String {
        let title = self.w.say("round-number").with("number", self.page.number).to_string();
        self.w.title(self.page.refusal.is_some(), title)
    }

    fn reasons(&self) -> Vec<Choice> {
        let choice = |code: &str| Choice { value: code.to_owned(), label: self.w.code("pair-reason", code) };
        REASONS.into_iter().map(choice).collect()
    }

    /// A dash as long as there is no bound.
    fn gap(&self) -> String {
        let Certificate { value, bound, .. } = self.page.certificate;
        if bound == 0 { "–".to_owned() } else { gap(self.w, value, bound) }
    }

    fn so_far(&self) -> Option<String> {
        let Progress { phase, percent } = self.page.progress.as_ref()?;
        let share = format::percent(self.w.language, *percent as f64 / 100.0, 0);
        let message = self.w.say("round-progress").with("phase", self.w.code("phase", phase)).with("percent", share);
        Some(message.to_string())
    }

    fn goal_bar(&self, goal: &Goal) -> String {
        super::figure::bars::parts(&[("fill went", goal.reached)], goal.possible)
    }

    /// Says whether the row is the one that is explained.
    fn explained(&self, pair: &Pair) -> bool {
        let shown = self.page.explanation.as_ref();
        shown.is_some_and(|explanation| explanation.candidate_id == pair.candidate_id)
    }
}
