//! A corridor: its rule packs, its 17 steps, its clocks, its quota.

use askama::Template;
use chrono::NaiveDate;
use proto::clocks::makes_late;

use super::code::Corridor;
use super::figure::bars::{self, ClockDays};
use super::figure::ring::{self, Standing};
use super::flow::{self, StepFlow};
use super::frame::Frame;
use super::rule;
use super::step::Step;
use super::url;
use super::words::Words;

/// `/corridors/{code}`.
#[derive(Clone, Debug)]
pub struct CorridorPage {
    pub corridor: Corridor,
    pub season: String,
    /// The agreement the corridor rests on, as its parties call it.
    pub agreement: String,
    /// The pack in force; `None` where none was published yet.
    pub pack: Option<Pack>,
    /// All packs of the corridor, each with the day it starts on.
    pub packs: Vec<(String, NaiveDate)>,
    /// The destination's pack in force, by which the orders of this corridor are judged.
    pub orders: Option<Pack>,
    pub closed: bool,
    /// All 17 steps in order.
    pub steps: Vec<StepFlow>,
    pub clocks: Vec<ClockRow>,
    /// The times of clocks that have ended are not told just now.
    pub times_away: bool,
    /// `None` where no quota is set for the season.
    pub quota: Option<QuotaUse>,
}

/// A dated rule pack.
#[derive(Clone, Debug)]
pub struct Pack {
    pub name: String,
    pub version: String,
    pub in_force_from: NaiveDate,
    /// The last day, if a later pack is known.
    pub in_force_until: Option<NaiveDate>,
    pub rules: Vec<Rule>,
}

/// A rule in force.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `order.seats_min`.
    pub key: String,
    /// What it says, as the pack writes it: `visa fitness`.
    pub value: String,
    /// Where it is written; if `assumed`, from what.
    pub source: String,
    /// The source's address, if it has one.
    pub href: String,
    pub assumed: bool,
}

/// A kind of clock, how many of it run, and how far they are.
#[derive(Clone, Debug)]
pub struct ClockRow {
    /// `C-VISA`.
    pub clock: String,
    /// Who must act.
    pub party: String,
    pub running: u64,
    pub late: u64,
    /// How many have ended, and after how many days half of these and nine of ten had; `None` where none has.
    pub ended: Option<Ended>,
    /// Days the rule pack allows, if it says so.
    pub limit: Option<u64>,
    /// Working days the rule pack allows, where it counts in these.
    pub workdays: Option<u64>,
    /// Days by which the oldest is past its due day.
    pub oldest: Option<u64>,
}

/// Clocks of a kind that have ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    pub count: u64,
    /// Days after which half of them had ended.
    pub half: u64,
    /// Days after which nine of ten had.
    pub nine: u64,
}

impl ClockRow {
    /// What the row's bar shows, and the days its whole length stands for.
    fn days(&self) -> (ClockDays, u64) {
        let (half, nine) = (self.ended.map(|ended| ended.half), self.ended.map(|ended| ended.nine));
        let oldest = self.oldest.map(|late| self.limit.unwrap_or_default() + late);
        let most = [nine, self.limit, oldest].into_iter().flatten().max().unwrap_or(0);
        (ClockDays { half, nine, limit: self.limit, oldest }, most + most / 10 + 1)
    }
}

/// How the units of the quota are used.
#[derive(Clone, Copy, Debug)]
pub struct QuotaUse {
    /// Units that may be used now: the limit that is applied.
    pub cap: u64,
    /// Units given to the seats of lines, held and used ones among them.
    pub allotted: u64,
    /// How far the programme's limit lies below what is allotted.
    pub shortfall: u64,
    /// Units kept back on top of the limit.
    pub reserve: u64,
    /// What is allotted, in its parts; `None` where this desk does not see all lines, or they are being counted.
    pub parts: Option<QuotaParts>,
}

/// Units that are allotted: at lines with nobody on them, held, and used for good.
#[derive(Clone, Copy, Debug)]
pub struct QuotaParts {
    pub open: u64,
    pub held: u64,
    pub used: u64,
}

impl QuotaUse {
    /// Returns the units that no line has.
    #[must_use]
    pub fn free(self) -> u64 {
        self.cap.saturating_sub(self.allotted)
    }

    /// Says whether no more is allotted than the limit allows.
    #[must_use]
    pub fn adds_up(self) -> bool {
        let parts = self.parts.is_none_or(|parts| parts.open + parts.held + parts.used == self.allotted);
        parts && self.allotted <= self.cap
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
            adds_up: flow::steps_add_up(&self.steps) && self.quota.is_none_or(QuotaUse::adds_up),
        }
        .render()
    }

    fn sentence(&self, words: Words) -> String {
        let proposed = self.steps.first().map_or(0, |step| step.flow.reached);
        let home = self.steps.last().map_or(0, |step| step.flow.reached);
        let dropped: u64 = self.steps.iter().map(|step| step.flow.dropped).sum();
        let deadlines = self.clocks.iter().filter(|clock| makes_late(&clock.clock));
        let late: u64 = deadlines.map(|clock| clock.late).sum();
        let code = self.corridor.code.as_str();
        words
            .say("corridor-sentence")
            .with("proposed", proposed)
            .with("home", home)
            .with("dropped", dropped)
            .with("late", late)
            .link("home", placements((code, &self.season), "RETURNED_VERIFIED", ""))
            .link("late", placements((code, &self.season), "", "yes"))
            .link("steps", "#steps-h")
            .html()
    }
}

fn placements((corridor, season): (&str, &str), state: &str, late: &str) -> String {
    let parameters = [("corridor", corridor), ("state", state), ("late", late), ("season", season)];
    url::with_query("/placements", &parameters)
}

/// The rules of a pack, as a section of the page.
struct Group<'a> {
    /// Of its heading.
    id: &'static str,
    title: String,
    hint: String,
    pack: Option<&'a Pack>,
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
    adds_up: bool,
}

impl Page<'_> {
    fn glyph(&self, row: &StepFlow) -> String {
        ring::glyph(Some(row.step), Standing::Done)
    }

    fn bar(&self, row: &StepFlow) -> String {
        bars::flow(row.flow, self.most)
    }

    fn quota_bar(&self, quota: &QuotaUse) -> String {
        match quota.parts {
            Some(parts) => bars::parts(
                &[("fill went", parts.used), ("fill held", parts.held), ("fill here", parts.open)],
                quota.cap,
            ),
            None => bars::parts(&[("fill held", quota.allotted)], quota.cap),
        }
    }

    /// Each on its own scale: a bar shows its row, not how clocks compare.
    fn clock_bar(&self, row: &ClockRow) -> String {
        let (days, most) = row.days();
        bars::clock(days, most)
    }

    fn half(&self, row: &ClockRow) -> String {
        self.days(&row.ended.map(|ended| ended.half))
    }

    fn nine(&self, row: &ClockRow) -> String {
        self.days(&row.ended.map(|ended| ended.nine))
    }

    /// How many have ended; a dash where it is not known.
    fn ended(&self, row: &ClockRow) -> String {
        let none = if self.page.times_away { None } else { Some(0) };
        self.days(&row.ended.map(|ended| ended.count).or(none))
    }

    /// Returns the address of this page under the pack that starts on a day.
    fn under(&self, day: &NaiveDate) -> String {
        let path = format!("/corridors/{}", url::encode(&self.page.corridor.code));
        url::with_query(&path, &[("season", &self.page.season), ("on", &day.to_string())]) + "#rules"
    }

    /// The address of a page below this one.
    fn below(&self, name: &str) -> String {
        let path = format!("/corridors/{}/{name}", url::encode(&self.page.corridor.code));
        if name == "units" { url::with_query(&path, &[("season", &self.page.season)]) } else { path }
    }

    /// The corridor's own rules, then those for orders.
    fn groups(&self) -> [Group<'_>; 2] {
        let (w, page) = (self.w, self.page);
        let country = w.country(&page.corridor.destination);
        [
            Group { id: "rules", title: w.t("rules-title"), hint: w.t("rules-hint"), pack: page.pack.as_ref() },
            Group {
                id: "order-rules",
                title: w.say("rules-orders-title").with("country", country).to_string(),
                hint: w.t("rules-orders-hint"),
                pack: page.orders.as_ref(),
            },
        ]
    }

    /// Which pack it is, and from when to when it holds.
    fn line(&self, pack: &Pack) -> String {
        let named = |key: &str| self.w.say(key).with("version", &pack.version).with("from", pack.in_force_from);
        match pack.in_force_until {
            Some(until) => named("pack-line-until").with("until", until).to_string(),
            None => named("pack-line").to_string(),
        }
    }

    fn says(&self, rule: &Rule) -> String {
        rule::says(self.w, &rule.key, &rule.value)
    }

    /// Units that were held and given back: every placement holds one from the proposal on, uses it for good by departing, and
    /// gives it back if it ends before. What came back is free or at a seat again, so it is no part of the quota.
    fn released(&self) -> u64 {
        let before = self.page.steps.iter().filter(|row| row.step < Step::Departed);
        before.map(|row| row.flow.dropped).sum()
    }

    fn limit(&self, row: &ClockRow) -> String {
        match row.workdays {
            Some(days) if row.limit.is_none() => self.w.say("unit-workdays").with("count", days).to_string(),
            _ => self.days(&row.limit),
        }
    }

    fn days(&self, days: &Option<u64>) -> String {
        days.map_or_else(|| "–".to_owned(), |days| self.w.n(days))
    }

    fn days_here(&self, row: &StepFlow) -> String {
        let [median, longest] = row.days_here;
        self.w.say("days-median-longest").with("median", median).with("longest", longest).to_string()
    }

    fn ends_here(&self, row: &StepFlow) -> bool {
        row.step.number() == 17
    }

    fn list(&self, state: &str, late: &str) -> String {
        placements((&self.page.corridor.code, &self.page.season), state, late)
    }

    /// The list of those whose clock of this kind is over.
    fn late(&self, clock: &str) -> String {
        let (corridor, season) = (self.page.corridor.code.as_str(), self.page.season.as_str());
        let parameters = [("corridor", corridor), ("late", "yes"), ("clock", clock), ("season", season)];
        url::with_query("/placements", &parameters)
    }
}
