//! One person on one line: what a placement is between two moves. No rule is here; rules are rows (`moves.toml`) and
//! guards.

use std::ops::Not;

use chrono::{DateTime, NaiveDate, Utc};
use proto::{
    clocks::makes_late,
    ids::{CandidateId, LineId, OrderId, OrganisationId, PlacementId, QuotaId, RoundId, SeasonRecordId},
    placement::{Ending, Fault, RecallReply, RosterEffect, Source, Stage},
};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use uuid::Uuid;

use crate::{
    signers::Signer,
    tracks::{Track, Tracks},
};

/// Contact attempts, statements and other records that one placement may gather, and those of one organisation among them: whoever
/// fills its part leaves the others theirs. Consents come beside them, one with each acceptance.
pub const RECORDS_MAX: usize = 128;
pub const RECORDS_OF_ONE: usize = 40;

/// A placement, as stored: what is not known, and what is empty in its lists, is not written, for every move writes the
/// whole. Only [`crate::view`] says what of it is published.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    pub id: PlacementId,
    /// 0 before its first move.
    pub version: i64,
    #[serde(with = "code")]
    pub stage: Stage,
    pub candidate_id: CandidateId,
    pub ministry_id: OrganisationId,
    pub union_id: OrganisationId,
    pub line_id: LineId,
    pub order_id: OrderId,
    pub quota_id: QuotaId,
    pub corridor: String,
    pub season: String,
    pub round_id: Option<RoundId>,
    #[serde(with = "code")]
    pub source: Source,
    pub rank: i32,
    pub score: i64,
    pub named: bool,
    /// With whom the round seated the person; not known of what was stored before it was kept.
    #[serde(default)]
    pub together: Option<Together>,
    pub reason: String,
    #[serde(with = "code")]
    pub fault: Fault,
    /// Set if it is cancelled.
    #[serde(with = "code", default = "unspecified")]
    pub roster: RosterEffect,
    #[serde(default)]
    pub next_round_first: bool,
    #[serde(with = "code")]
    pub ending: Ending,
    #[serde(default)]
    pub offer: Option<Offer>,
    pub tracks: Tracks,
    /// Whose signatures the contract needs, from ACCEPTED on.
    #[serde(default)]
    pub signers: Vec<Signer>,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    /// Facts the proposal carried: until when the person is rostered, fit, trained.
    pub rostered_until: Option<NaiveDate>,
    pub fit_until: Option<NaiveDate>,
    pub trained_until: Option<NaiveDate>,
    pub travel_on: Option<NaiveDate>,
    /// The end of the stay that the departure began, if the corridor limits it.
    #[serde(default)]
    pub stay_until: Option<NaiveDate>,
    pub arrived_on: Option<NaiveDate>,
    pub worked_from: Option<NaiveDate>,
    pub worked_until: Option<NaiveDate>,
    /// The first workday on which the person did not come, while nobody has seen the person back.
    #[serde(default)]
    pub absent_from: Option<NaiveDate>,
    pub seat: Option<Hold>,
    pub unit: Option<Hold>,
    pub period: Option<Period>,
    pub clocks: Vec<Clock>,
    pub case: Option<Case>,
    pub records: Vec<Record>,
    pub steps: Vec<Step>,
    /// What was last reported is known from one side only.
    pub one_sided: bool,
    /// The organisation whose report that is; not known of what was stored before it was kept.
    #[serde(default)]
    pub one_sided_by: Option<OrganisationId>,
    pub barred_until: Option<NaiveDate>,
    /// The rule that bars, cited by pack and key.
    #[serde(default)]
    pub rule_id: String,
    /// Until when a decision of non-return can be reviewed.
    #[serde(default)]
    pub review_until: Option<NaiveDate>,
    /// The day on which a review of that decision was asked for, until the stage is left.
    #[serde(default)]
    pub review_asked_on: Option<NaiveDate>,
    #[serde(default)]
    pub recalled_on: Option<NaiveDate>,
    /// What the worker answered to the recall.
    #[serde(with = "code", default = "unanswered")]
    pub recall_reply: RecallReply,
    /// The season record that was written of it; not known of what ended before this was kept.
    #[serde(default)]
    pub season_record: Option<Written>,
    /// The authority still has to be told of the end.
    pub notice_due: bool,
    /// The day on which the worker was told how to appeal against the termination, or the decision of non-return.
    #[serde(default)]
    pub appeal_told_on: Option<NaiveDate>,
    /// Who decided on non-return; a review is for other people. Never published.
    pub decided_by: Option<String>,
}

/// A family or a crew of which a placement is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Together {
    pub crew: bool,
    /// Placements that the round gave to the others. Those of another line may not have come about.
    pub others: Vec<PlacementId>,
}

/// The season record, and its last edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub id: SeasonRecordId,
    /// From 1.
    pub edition: i64,
}

/// What lies, or lay, before the worker: the proof of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub id: Uuid,
    pub text_hash: String,
    pub language: String,
}

impl Offer {
    /// Is a tag of the offer's own language, whatever its country?
    #[must_use]
    pub fn speaks(&self, language: &str) -> bool {
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        primary(&self.language) == primary(language)
    }
}

/// A seat or a unit of this placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub id: Uuid,
    pub status: HoldStatus,
    pub vacated_on: Option<NaiveDate>,
}

/// HELD, then exactly one of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldStatus {
    Held,
    Confirmed,
    Released,
}

impl HoldStatus {
    /// The word of the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "HELD",
            Self::Confirmed => "CONFIRMED",
            Self::Released => "RELEASED",
        }
    }
}

/// The days in which the person is taken: from the first up to the day before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub status: HoldStatus,
}

/// A deadline that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    pub name: String,
    /// Key of the rule it runs by: two rows of the table may share a name.
    pub rule: String,
    pub started_on: NaiveDate,
    pub due_on: NaiveDate,
    pub waits_for: String,
    /// True while `RunDue` may still make its move.
    pub fires: bool,
}

/// Something to be heard and decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub id: Uuid,
    pub kind: String,
    /// Nil if a clock opened it upon nobody's word.
    pub reporter: OrganisationId,
    pub opened_on: NaiveDate,
    /// Version that opened it: what was recorded since then belongs to it.
    pub since: i64,
    pub heard: bool,
    pub heard_by: OrganisationId,
}

/// A record beside the stage: contact attempt, statement, consent, confirmation, denial, notice, first of two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub version: i64,
    pub kind: String,
    pub role: String,
    pub organisation_id: OrganisationId,
    pub on: NaiveDate,
    /// What it is about: for a first of two, the command; for a contact attempt, its channel.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub witness: String,
    /// Who made it. Never published.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
}

/// One step, one version.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub version: i64,
    pub command: String,
    pub event: String,
    #[serde(with = "code")]
    pub stage: Stage,
    pub on: NaiveDate,
    pub role: String,
    pub organisation_id: OrganisationId,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The ground as it was given, where only who gave it and the person's ministry may read it. Never published.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub own: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// The evidence is published nowhere: it could tell what the reason must not.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub sealed: bool,
    #[serde(default)]
    pub recorded_at: Option<DateTime<Utc>>,
}

impl Placement {
    /// Nobody on no line, before any move.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            id: PlacementId::default(),
            version: 0,
            stage: Stage::Unspecified,
            candidate_id: CandidateId::default(),
            ministry_id: OrganisationId::default(),
            union_id: OrganisationId::default(),
            line_id: LineId::default(),
            order_id: OrderId::default(),
            quota_id: QuotaId::default(),
            corridor: String::new(),
            season: String::new(),
            round_id: None,
            source: Source::Unspecified,
            rank: 0,
            score: 0,
            named: false,
            together: None,
            reason: String::new(),
            fault: Fault::Unspecified,
            roster: RosterEffect::Unspecified,
            next_round_first: false,
            ending: Ending::Unspecified,
            offer: None,
            tracks: Tracks::default(),
            signers: Vec::new(),
            starts_on: NaiveDate::default(),
            ends_on: NaiveDate::default(),
            rostered_until: None,
            fit_until: None,
            trained_until: None,
            travel_on: None,
            stay_until: None,
            arrived_on: None,
            worked_from: None,
            worked_until: None,
            absent_from: None,
            seat: None,
            unit: None,
            period: None,
            clocks: Vec::new(),
            case: None,
            records: Vec::new(),
            steps: Vec::new(),
            one_sided: false,
            one_sided_by: None,
            barred_until: None,
            rule_id: String::new(),
            review_until: None,
            review_asked_on: None,
            recalled_on: None,
            recall_reply: RecallReply::Unspecified,
            season_record: None,
            notice_due: false,
            appeal_told_on: None,
            decided_by: None,
        }
    }

    /// True while it takes part in the life of the programme.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !crate::moves::is_terminal(self.stage)
    }

    /// The day on which the stage was entered.
    #[must_use]
    pub fn stage_since(&self) -> Option<NaiveDate> {
        self.steps.iter().rev().take_while(|step| step.stage == self.stage).last().map(|step| step.on)
    }

    /// The version that entered the stage.
    #[must_use]
    pub fn stage_version(&self) -> i64 {
        self.steps.iter().rev().take_while(|step| step.stage == self.stage).last().map_or(0, |step| step.version)
    }

    /// The organisation that reported the stage; nil for a clock.
    #[must_use]
    pub fn reporter(&self) -> Option<OrganisationId> {
        self.steps.iter().rev().take_while(|step| step.stage == self.stage).last().map(|step| step.organisation_id)
    }

    /// The last day of the fitness that is done, where it is known. Builds that did not ask for it left the day of the fitness
    /// before: one that lies before the clearing is no day of this one.
    #[must_use]
    pub fn fitness_ends(&self) -> Option<NaiveDate> {
        let cleared = self.steps.iter().rfind(|step| step.command == "ClearMedical");
        let done = self.tracks.is_done(Track::Fitness);
        self.fit_until.filter(|until| done && cleared.is_none_or(|step| step.on <= *until))
    }

    /// A running clock.
    #[must_use]
    pub fn clock(&self, name: &str) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.name == name)
    }

    /// Records of a kind since a version.
    pub fn records_since(&self, kind: &str, version: i64) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.kind == kind && record.version >= version)
    }

    /// Contact attempts that belong to the open case.
    #[must_use]
    pub fn contact_attempts(&self) -> usize {
        self.case.as_ref().map_or(0, |case| self.records_since("CONTACT_ATTEMPT", case.since).count())
    }

    /// The first deadline. An alarm within the time of another clock is none.
    #[must_use]
    pub fn next_due(&self) -> Option<NaiveDate> {
        self.clocks.iter().filter(|clock| makes_late(&clock.name)).map(|clock| clock.due_on).min()
    }

    /// The first day on which a clock makes a move.
    #[must_use]
    pub fn next_fire(&self) -> Option<NaiveDate> {
        self.clocks.iter().filter(|clock| clock.fires).map(|clock| clock.due_on).min()
    }
}

/// Of a placement that was stored before there was a word for it.
const fn unspecified() -> RosterEffect {
    RosterEffect::Unspecified
}

/// Of a placement that was stored before an answer could be.
const fn unanswered() -> RecallReply {
    RecallReply::Unspecified
}

/// Enumerations of the contracts are stored by number, as they travel.
mod code {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<E: Copy + Into<i32>, S: Serializer>(value: &E, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32((*value).into())
    }

    pub(super) fn deserialize<'de, E: TryFrom<i32>, D: Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
        let number = i32::deserialize(deserializer)?;
        E::try_from(number).map_err(|_| D::Error::custom(format!("{number} is no value of this enumeration")))
    }
}
