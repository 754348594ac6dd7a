//! What matching knows of people and of lines: codes, dates and counts. No name, no document, no date of birth.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use proto::ids::{CandidateId, LineId, MalformedId, OrderId, OrganisationId, QuotaId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::terms::Papers;

/// A fact as its owner published it does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<MalformedId> for Unreadable {
    fn from(error: MalformedId) -> Self {
        Self(error.to_string())
    }
}

/// Reads an ISO 8601 date; none if there is none.
#[must_use]
pub fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

/// A language with its CEFR level: A1 = 1 … C2 = 6; a language without a level counts as A1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Language {
    pub code: String,
    pub level: u8,
}

impl Language {
    /// Reads `es:B1`.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (code, level) = text.split_once(':').unwrap_or((text, "A1"));
        let place = ["A1", "A2", "B1", "B2", "C1", "C2"].iter().position(|known| known.eq_ignore_ascii_case(level));
        let level = u8::try_from(place.unwrap_or(0) + 1).expect("six levels fit");
        Self { code: code.to_ascii_lowercase(), level }
    }
}

/// Days on which a person is taken, the way home included; half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

impl Period {
    /// How many days these are.
    #[must_use]
    pub fn days(self) -> i64 {
        (self.until - self.from).num_days().max(0)
    }
}

/// Why one line is closed to one person, whatever the rules of the packs say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Shut {
    /// Stands on the line's reserve list already.
    Listed,
    /// A proposal of the two was refused for a reason that lies with the person.
    Refused,
    /// A placement of the person on the line came to an end before departure.
    Ended,
}

/// A candidate on the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub id: CandidateId,
    pub ministry_id: OrganisationId,
    pub version: i64,
    /// ISO 3166-1 alpha-2.
    pub origin: String,
    /// Digest of the ministry's own reference: what the lottery draws on.
    pub lottery_key: String,
    pub birth_year: i32,
    /// ISCO-08 unit group → months.
    pub experience: BTreeMap<String, i32>,
    pub languages: Vec<Language>,
    pub certificates: BTreeSet<String>,
    /// Empty = any.
    pub destinations: BTreeSet<String>,
    pub available_from: Option<NaiveDate>,
    pub available_until: Option<NaiveDate>,
    pub fit_until: Option<NaiveDate>,
    pub trained_until: Option<NaiveDate>,
    pub rostered_until: Option<NaiveDate>,
    pub seasons_returned: i32,
    pub priorities: BTreeSet<String>,
    /// Where placements and unanswered proposals have the person.
    #[serde(default)]
    pub periods: Vec<Period>,
    /// Lines closed to this person.
    #[serde(default)]
    pub shut: BTreeMap<LineId, Shut>,
    /// Unions that asked for the person by name again, each with the season after which it did.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recalled: BTreeMap<OrganisationId, String>,
    /// Comes before every score: an employer took the last offer back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first: bool,
    /// Digest of the ministry's name for the family; empty = none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub family: String,
    /// Digest of the ministry's name for the crew; empty = none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub crew: String,
    /// How many of the family and the crew are not in the market.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub absent: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Candidate {
    /// Reads the state that the candidate service published; periods, closed lines and claims come from elsewhere.
    ///
    /// # Errors
    /// If an id is none.
    pub fn read(state: proto::candidate::Candidate) -> Result<Self, Unreadable> {
        Ok(Self {
            id: state.id.parse()?,
            ministry_id: state.organisation_id.parse()?,
            version: state.version,
            origin: state.origin,
            lottery_key: state.lottery_key,
            birth_year: state.birth_year,
            experience: state.experience.into_iter().map(|known| (known.isco_code, known.months)).collect(),
            languages: state.languages.iter().map(|text| Language::read(text)).collect(),
            certificates: state.certificates.into_iter().collect(),
            destinations: state.destinations.into_iter().collect(),
            available_from: day(&state.available_from),
            available_until: day(&state.available_until),
            fit_until: day(&state.fit_until),
            trained_until: day(&state.trained_until),
            rostered_until: day(&state.rostered_until),
            seasons_returned: state.seasons_returned,
            priorities: state.priorities.into_iter().collect(),
            periods: Vec::new(),
            shut: BTreeMap::new(),
            recalled: BTreeMap::new(),
            first: false,
            family: state.family,
            crew: state.crew,
            absent: 0,
        })
    }

    /// The level of a language; 0 if it is not spoken.
    #[must_use]
    pub fn level(&self, code: &str) -> u8 {
        let spoken = self.languages.iter().filter(|language| language.code == code);
        spoken.map(|language| language.level).max().unwrap_or(0)
    }
}

/// The part of one corridor in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub corridor_code: String,
    pub quota_id: QuotaId,
}

/// An open line as a round sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub id: LineId,
    pub order_id: OrderId,
    pub organisation_id: OrganisationId,
    /// `<source>:<case number>/<line number>`: public, and the same wherever the order is stored.
    pub reference: String,
    pub number: i32,
    pub title: String,
    pub destination: String,
    /// Version of the line's ledger that the round rests on.
    pub version: i64,
    pub isco_codes: BTreeSet<String>,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub experience_months: i32,
    pub languages: Vec<Language>,
    pub certificates: BTreeSet<String>,
    pub named: BTreeSet<CandidateId>,
    pub substitutes: bool,
    /// Origins admitted; empty = every origin.
    pub origins: BTreeSet<String>,
    pub shares: Vec<Share>,
    pub posted: i64,
    /// Seats that this round may give.
    pub seats: u32,
    /// Of these, how many may go to people whom the order does not name; none = all.
    pub others: Option<u32>,
    /// The most people on the reserve list that this round may add.
    pub reserve: usize,
    /// Corridor → the papers asked for when the order was filed, where the round's date asks for others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub papers: BTreeMap<String, Papers>,
    /// Whose work it is: the employer, or the order itself where no employer is known. A family goes to lines of one site.
    #[serde(default)]
    pub site: Uuid,
    /// The least number of people that this round must send if it sends anybody: what is left of the least crew.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub least: u32,
    /// The poster's name for where the workers sleep; empty = the line's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub housing: String,
    /// Beds that are free there on days on which a stay begins, where they are fewer than the seats that may need one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub beds: BTreeMap<NaiveDate, u32>,
}

impl Line {
    /// Reads the line of an order and the ledger that stands beside it; rooms are computed elsewhere.
    ///
    /// # Errors
    /// If an id or a date is none.
    pub fn read(
        (order_id, organisation_id, reference, destination): (OrderId, OrganisationId, &str, &str),
        asked: proto::demand::OrderLine,
        ledger: &proto::placement::Line,
    ) -> Result<Self, Unreadable> {
        let date = |text: &str| day(text).ok_or_else(|| Unreadable(format!("line {} has no dates", asked.id)));
        let share = |share: &proto::placement::LineShare| {
            Ok(Share { corridor_code: share.corridor_code.clone(), quota_id: share.quota_id.parse()? })
        };
        Ok(Self {
            id: asked.id.parse()?,
            order_id,
            organisation_id,
            reference: format!("{reference}/{}", asked.number),
            number: asked.number,
            starts_on: date(&asked.starts_on)?,
            ends_on: date(&asked.ends_on)?,
            title: asked.title,
            destination: destination.to_owned(),
            version: ledger.version,
            isco_codes: asked.isco_codes.into_iter().collect(),
            experience_months: asked.experience_months,
            languages: asked.languages.iter().map(|text| Language::read(text)).collect(),
            certificates: asked.certificates.into_iter().collect(),
            named: asked
                .named_candidate_ids
                .iter()
                .map(|named| named.parse::<CandidateId>())
                .collect::<Result<_, _>>()?,
            substitutes: asked.substitutes,
            origins: asked.origins.into_iter().collect(),
            shares: ledger.shares.iter().map(share).collect::<Result<_, Unreadable>>()?,
            posted: i64::from(ledger.posted),
            seats: 0,
            others: None,
            reserve: 0,
            papers: BTreeMap::new(),
            site: order_id.0,
            least: u32::try_from(asked.least_crew).unwrap_or(0),
            housing: asked.housing,
            beds: BTreeMap::new(),
        })
    }

    /// True if the worker is asked for by name: by the order, or by the union that recalled the worker.
    #[must_use]
    pub fn asks_for(&self, person: &Candidate) -> bool {
        self.named.contains(&person.id) || person.recalled.contains_key(&self.organisation_id)
    }

    /// The share of a corridor.
    #[must_use]
    pub fn share(&self, corridor_code: &str) -> Option<&Share> {
        self.shares.iter().find(|share| share.corridor_code == corridor_code)
    }

    /// True if people of several origins may come: then a unit is taken from the origin's quota with each seat. A line
    /// with one origin has its units already.
    #[must_use]
    pub fn draws_on_quotas(&self) -> bool {
        self.shares.len() > 1
    }
}
