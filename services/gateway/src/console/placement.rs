//! A placement: where it stands, what can be done, what has happened.

mod history;

use askama::Template;
use chrono::NaiveDate;

use super::code::{Corridor, FormKeys};
use super::figure::Direction;
use super::figure::bars;
use super::figure::ring::{self, Standing};
use super::frame::Frame;
use super::refusal::Refusal;
use super::sight;
use super::step::Step;
use super::url;
use super::words::Words;
pub use history::Entry;

/// `/placements/{id}`.
#[derive(Clone, Debug)]
pub struct PlacementPage {
    pub id: String,
    pub number: String,
    pub corridor: Corridor,
    pub step: Step,
    /// Code of the ending, if it ended other than by a verified return.
    pub ending: String,
    /// What was last reported is known from one side only.
    pub one_sided: bool,
    pub candidate: Candidate,
    /// With whom the person was seated, if not alone.
    pub company: Option<Company>,
    pub line: Line,
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub today: NaiveDate,
    pub next: Option<Next>,
    /// The planned departure, until it has happened.
    pub departure: Option<NaiveDate>,
    pub moves: Vec<Move>,
    pub waits: Vec<Wait>,
    /// Whose signatures the contract needs, from the acceptance on.
    pub signatures: Vec<Signature>,
    /// The day on which the worker was told how to appeal, if the employer ended the work.
    pub appeal_told: Option<NaiveDate>,
    /// The union asked for the person again.
    pub recall: Option<Recall>,
    pub clocks: Vec<RunningClock>,
    pub ledgers: Vec<Holding>,
    /// What is, or would be, offered.
    pub terms: Option<Terms>,
    /// A move that was just refused.
    pub refusal: Option<Refusal>,
    /// The last step, if it was made after the form of that move was drawn.
    pub faster: Option<Entry>,
    /// What was typed into that form, with its labels, if the move is possible no longer.
    pub typed: Vec<(String, String)>,
    /// The address of what decided in the round that proposed the person; empty where none did.
    pub why: String,
    /// In order of time.
    pub timeline: Vec<Entry>,
    pub ahead: Vec<Ahead>,
}

/// Who goes. `hidden` says that this desk does not see the name yet.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub shown: String,
    pub hidden: bool,
}

/// A family or a crew that was seated all or not at all.
#[derive(Clone, Debug)]
pub struct Company {
    pub crew: bool,
    /// With this person.
    pub people: u64,
    /// The others whom this desk sees.
    pub others: Vec<Other>,
}

impl Company {
    /// How many have no placement, or one of which this desk is told nothing.
    fn unseen(&self) -> u64 {
        self.people.saturating_sub(self.others.len() as u64 + 1)
    }
}

/// The placement of somebody else of a group.
#[derive(Clone, Debug)]
pub struct Other {
    pub id: String,
    pub number: String,
}

/// That a union asked for somebody again, and what the worker answered.
#[derive(Clone, Debug)]
pub struct Recall {
    pub on: NaiveDate,
    /// `ACCEPTED`, `DECLINED`, or `UNSPECIFIED` while there is no answer.
    pub reply: String,
}

/// The line of the order the seat belongs to.
#[derive(Clone, Debug)]
pub struct Line {
    pub number: String,
    /// Task, farm and place, as the order says.
    pub what: String,
}

/// The one move that is due.
#[derive(Clone, Debug)]
pub struct Next {
    pub command: String,
    pub party: String,
    /// The organisation's name, if it is known.
    pub organisation: String,
    pub due: Option<NaiveDate>,
    pub days_late: u64,
}

/// A move this desk can make now.
#[derive(Clone, Debug)]
pub struct Move {
    /// Command code: `SELECT`, `WITHDRAW` …
    pub command: String,
    pub form: FormKeys,
    /// Gives something up: outlined in red, and asks for a reason.
    pub grave: bool,
    /// Recorded for the worker, before a witness.
    pub for_worker: bool,
    /// What the move carries.
    pub fields: Vec<Field>,
}

/// A field of a move's form. Its label is the message `field-<name>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// As the form sends it: `reason`, `evidence`, `language`, `witness`, `kind`, `date`, `rule_id`,
    /// `appeal_told_on`, `valid_until`, `occurred_on`.
    pub name: &'static str,
    pub input: Input,
    pub required: bool,
    /// What stands in it: a default, or what was typed before.
    pub value: String,
    /// What is wrong with it, a sentence; empty if nothing is.
    pub wrong: String,
}

/// How a field is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// One of these codes, or of these commands.
    Choice(Vec<&'static str>),
    Day,
    Text,
}

/// A move that waits, and for what.
#[derive(Clone, Debug)]
pub struct Wait {
    pub command: String,
    pub because: Refusal,
}

/// A party that signs the contract, and when it did.
#[derive(Clone, Debug)]
pub struct Signature {
    pub party: String,
    pub on: Option<NaiveDate>,
}

/// A clock that runs.
#[derive(Clone, Debug)]
pub struct RunningClock {
    pub clock: String,
    pub party: String,
    pub due: NaiveDate,
    pub used_days: u64,
    pub allowed_days: u64,
    /// Below zero when late.
    pub left_days: i64,
}

/// What the placement holds in one ledger.
#[derive(Clone, Debug)]
pub struct Holding {
    /// `SEAT`, `UNIT`, `BED`, `PERIOD`.
    pub ledger: String,
    /// Of what: the line, the quota, the housing, the dates.
    pub of: String,
    /// `HELD`, `CONFIRMED`, `RELEASED`, `VACATED`.
    pub status: String,
}

/// The terms of the line, in the reader's language, as the order's own text tells them.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Label and value.
    pub lines: Vec<(String, String)>,
    /// True if too little is known for an offer.
    pub missing: bool,
    /// Digest of the text that lies before the worker; empty if none does.
    pub digest: String,
}

/// A step that is still to come.
#[derive(Clone, Debug)]
pub struct Ahead {
    pub step: Step,
    pub party: String,
    pub due: Option<NaiveDate>,
}

impl PlacementPage {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        let words = frame.words();
        Page { frame, w: words, page: self, ring: ring::head(self.step, self.standing(), &words, Direction::Ltr) }
            .render()
    }

    fn standing(&self) -> Standing {
        standing(self.step, &self.ending)
    }
}

/// Returns how a placement stands: on a list it has not begun yet.
#[must_use]
pub fn standing(step: Step, ending: &str) -> Standing {
    match (ending, step) {
        ("RECOMMENDED", _) => Standing::Ahead,
        ("", Step::ReturnedVerified) => Standing::Done,
        ("", _) => Standing::Now,
        _ => Standing::Lost,
    }
}

/// What decides on who sees what: the step, if any is reached, and whether the placement was cancelled.
#[must_use]
pub fn sighted(step: Step, ending: &str) -> (Option<Step>, bool) {
    ((ending != "RECOMMENDED").then_some(step), ending == "CANCELLED")
}

/// Grounds are written `UPPER_SNAKE`, commands `LikeThis`.
fn is_command(code: &str) -> bool {
    code.contains(|sign: char| sign.is_ascii_lowercase())
}

/// The words of a choice: grounds, kinds and moves have their own.
pub(crate) fn choice(words: Words, field: &Field, code: &str) -> String {
    match field.name {
        "reason" if is_command(code) => words.code("move", &snake(code)),
        "reason" => words.code("ground", code),
        name => words.code(name, code),
    }
}

/// The reason of a record is the move that it is about, or the channel.
pub(crate) fn label(words: Words, field: &Field) -> String {
    let about = matches!(&field.input, Input::Choice(codes) if codes.iter().any(|code| is_command(code)));
    words.code("field", if about { "about" } else { field.name })
}

/// `SignContract` → `SIGN_CONTRACT`.
pub(crate) fn snake(name: &str) -> String {
    let mut code = String::with_capacity(name.len() + 4);
    for sign in name.chars() {
        if sign.is_ascii_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(sign.to_ascii_uppercase());
    }
    code
}

#[derive(Template)]
#[template(path = "console/placement.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: Words,
    page: &'a PlacementPage,
    ring: String,
}

impl Page<'_> {
    fn state(&self) -> String {
        if self.page.ending.is_empty() {
            self.w.code("step", self.page.step.code())
        } else {
            self.w.code("ending", &self.page.ending)
        }
    }

    fn title(&self) -> String {
        self.w.title(self.page.refusal.is_some(), format!("{} · {}", self.state(), self.page.number))
    }

    /// Returns who made the last step, which and when, in one message.
    fn faster(&self, last: &Entry) -> String {
        let who = match last.organisation.as_str() {
            // A step that is told to this desk as a record and no more says of nobody whose it is.
            "" if last.party.is_empty() => self.w.t("actor-somebody"),
            "" => self.w.known("actor", &last.party).unwrap_or_else(|| self.w.code("party", &last.party)),
            organisation => organisation.to_owned(),
        };
        let key = if last.recorded.is_some() { "faster-at" } else { "faster-on" };
        let message = self.w.say(key).with("who", who).with("what", self.entry_name(last));
        match last.recorded {
            Some(at) => message.with("at", at),
            None => message.with("at", last.on),
        }
        .to_string()
    }

    fn corridor_list(&self) -> String {
        let corridor = self.page.corridor.code.as_str();
        url::with_query("/placements", &[("corridor", corridor)])
    }

    fn action(&self, command: &str) -> String {
        let command = command.to_lowercase().replace('_', "-");
        format!("/placements/{}/moves/{command}", url::encode(&self.page.id))
    }

    /// Returns who must do what by when, in one message.
    fn due(&self, next: &Next) -> String {
        let key = match (next.due, next.days_late) {
            (None, _) => "placement-next",
            (Some(_), 0) => "placement-next-due",
            (Some(_), _) => "placement-next-late",
        };
        let party = match next.organisation.as_str() {
            "" => self.w.code("actor", &next.party),
            organisation => organisation.to_owned(),
        };
        let task = self.w.code("task", &next.command);
        let message = self.w.say(key).with("party", party).with("task", task);
        match next.due {
            Some(due) => message.with("due", due).with("days", next.days_late).html(),
            None => message.html(),
        }
    }

    /// Returns the departure with the days until then.
    fn departs(&self, day: &NaiveDate) -> String {
        let days = (*day - self.page.today).num_days().max(0);
        self.w.say("placement-departs").with("day", day).with("days", days).to_string()
    }

    /// Returns what has happened, each with what is said of its record: nothing, or that it is a late one.
    fn history(&self) -> Vec<(&Entry, String)> {
        let said = |late: history::Late| match late.others {
            0 => self.w.say("recorded-later").with("day", late.day).to_string(),
            others => self.w.say("recorded-together").with("day", late.day).with("others", others).to_string(),
        };
        let told = history::told(&self.page.timeline).into_iter();
        told.map(|(entry, late)| (entry, late.map(said).unwrap_or_default())).collect()
    }

    fn who(&self, party: &str, organisation: &str) -> String {
        if organisation.is_empty() { self.w.code("party", party) } else { organisation.to_owned() }
    }

    /// A party with the day on which it signed.
    fn signature(&self, signature: &Signature) -> String {
        let on = signature.on.map_or_else(|| self.w.t("signature-missing"), |day| self.w.day(&day));
        self.w.say("pair").with("name", self.w.code("party", &signature.party)).with("value", on).to_string()
    }

    /// How many go together, as what.
    fn company(&self, company: &Company) -> String {
        let key = if company.crew { "company-crew" } else { "company-family" };
        self.w.say(key).with("people", company.people).to_string()
    }

    /// The day of the recall, with the worker's answer.
    fn recall(&self, recall: &Recall) -> String {
        let reply = self.w.code("recall", &recall.reply);
        self.w.say("pair").with("name", self.w.day(&recall.on)).with("value", reply).to_string()
    }

    fn choice(&self, field: &Field, code: &str) -> String {
        choice(self.w, field, code)
    }

    fn label(&self, field: &Field) -> String {
        label(self.w, field)
    }

    /// What is hidden at this desk now.
    fn hidden(&self) -> Vec<&'static sight::Field> {
        let (step, ended) = sighted(self.page.step, &self.page.ending);
        let desk = self.frame.signed.as_ref().map(|signed| signed.desk);
        desk.map(|desk| sight::hidden(desk, step, ended)).unwrap_or_default()
    }

    fn over(&self) -> bool {
        !matches!(self.page.ending.as_str(), "" | "RECOMMENDED" | "UNVERIFIED" | "NON_RETURN" | "AWAITING_TRANSFER")
    }

    fn clock_tone(&self, clock: &RunningClock) -> &'static str {
        match clock.left_days {
            i64::MIN..0 => "late",
            0..=3 => "soon",
            _ => "went",
        }
    }

    fn clock_bar(&self, clock: &RunningClock) -> String {
        bars::used(clock.used_days, clock.allowed_days, self.clock_tone(clock))
    }

    fn left(&self, clock: &RunningClock) -> String {
        let key = if clock.left_days < 0 { "days-late" } else { "days" };
        let days = clock.left_days.unsigned_abs();
        self.w.say(key).with("count", days).to_string()
    }

    fn entry_glyph(&self, entry: &Entry, last: &bool) -> String {
        let standing = match (entry.ended_badly, *last) {
            (true, _) => Standing::Lost,
            (false, true) if self.page.step != Step::ReturnedVerified => Standing::Now,
            (false, _) => Standing::Done,
        };
        ring::glyph(entry.step.or(Some(self.page.step)), standing)
    }

    fn entry_name(&self, entry: &Entry) -> String {
        match entry.step {
            Some(step) => self.w.code("step", step.code()),
            None => self.w.code("event", &entry.event),
        }
    }

    fn ahead_glyph(&self) -> String {
        ring::glyph(None, Standing::Ahead)
    }
}
