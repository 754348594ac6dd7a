//! Why a candidate has, or has not, a seat.

use chrono::NaiveDate;

use crate::console::{reason::Reason, refusal::Refusal, words::Words};

/// The panel beside the pairs.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub candidate_id: String,
    pub candidate: String,
    /// Id and name of the line, if there is a seat.
    pub seated: Option<(String, String)>,
    /// Why it came out so, sentence by sentence.
    pub reasons: Vec<Reason>,
    pub open_lines: u64,
    pub lines: u64,
    /// The lines that came nearest, best first.
    pub near: Vec<Near>,
    pub closed: Vec<Closed>,
    /// Rank and line on the reserve list.
    pub reserve: Option<(u64, String)>,
    /// What would have given a seat; `None` if nobody asked yet, or it could not be looked for.
    pub changes: Option<Changes>,
    /// Why what was asked for could not be looked for.
    pub no_changes: Option<Refusal>,
    /// The last day on the roster, as the round knew it.
    pub rostered_until: Option<NaiveDate>,
    /// The round that came after this one, if there is no seat and one did.
    pub later: Option<Later>,
}

/// A later round of the same season and destination.
#[derive(Clone, Debug)]
pub struct Later {
    pub id: String,
    pub number: u64,
    /// The date as of which rules and validities were judged.
    pub as_of: Option<NaiveDate>,
}

impl Later {
    /// Returns the round with its day.
    #[must_use]
    pub fn told(&self, words: &Words) -> String {
        match self.as_of {
            Some(day) => words.say("explain-later-on").with("number", self.number).with("day", day).to_string(),
            None => words.say("explain-later").with("number", self.number).to_string(),
        }
    }
}

/// A line that came near.
#[derive(Clone, Debug)]
pub struct Near {
    pub line_id: String,
    pub title: String,
    pub score: u64,
    /// The score that would have been enough; 0 if none would.
    pub needed: u64,
    /// Why there is no seat there; `None` if the service does not say.
    pub why: Option<Reason>,
}

/// Lines that a rule closed to the candidate.
#[derive(Clone, Debug)]
pub struct Closed {
    /// With the rule's key for its code.
    pub rule: Reason,
    pub lines: u64,
}

/// Changes that were tried, each by solving the round's market anew.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Each alone would have been enough.
    pub enough: Vec<Change>,
    /// The time was over before everything had been tried.
    pub cut: bool,
}

/// A smallest change, and the line of the seat it would have given.
#[derive(Clone, Debug)]
pub struct Change {
    pub what: What,
    pub line: String,
}

/// What would have been another.
#[derive(Clone, Debug)]
pub enum What {
    /// More points.
    Points(u64),
    /// Certificates by code, that the person would hold.
    Certificates(String),
    /// Days on which the person would be available; an end without a day stays as it was.
    Dates(Option<NaiveDate>, Option<NaiveDate>),
    /// More seats on the line.
    Seats(u64),
    /// More units of the quota of the corridor.
    Quota(u64, String),
}

impl Change {
    /// Returns the change as a phrase.
    #[must_use]
    pub fn phrase(&self, words: &Words) -> String {
        let message = match &self.what {
            What::Points(more) => words.say("change-points").with("more", more),
            What::Certificates(codes) => words.say("change-certificates").with("certificates", codes),
            What::Dates(Some(from), Some(until)) => words.say("change-dates").with("from", from).with("until", until),
            What::Dates(Some(from), None) => words.say("change-from").with("from", from),
            What::Dates(None, until) => words.say("change-until").with("until", until.unwrap_or_default()),
            What::Seats(more) => words.say("change-seats").with("more", more),
            What::Quota(more, corridor) => words.say("change-quota").with("more", more).with("corridor", corridor),
        };
        message.to_string()
    }
}
