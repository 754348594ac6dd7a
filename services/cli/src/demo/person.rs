//! One placement as the simulated people around it know it, and what they do next.

pub(crate) mod past;
#[cfg(test)]
mod tests;

use chrono::{Days, NaiveDate, TimeDelta};
use proto::placement::{Move, MoveResult, Placement, Stage, Track};

use super::fate::{self, Rates};
use crate::cast;

/// How the person of a case is sought, one attempt after the other: as many, on as many channels, as the packs ask.
const SOUGHT: [&str; 3] = ["PHONE", "MESSAGE", "PHONE"];
/// The record by which somebody else says that a report is true.
const CONFIRMATION: &str = "CONFIRMATION";
/// The record that the union has told the authority of an end before its time.
const NOTICE: &str = "NOTICE";
/// So many days before the planned end work ends early, as the packs have it.
const EARLY: i64 = 30;

/// Days in which nothing is closed after an authority's refusal, as the packs have it.
const REMEDY: u64 = 30;

/// An act: who makes which move.
pub(crate) struct Act {
    pub(crate) user: &'static str,
    pub(crate) made: Move,
}

/// How far a case has come.
#[derive(Debug, Default, Clone, Copy)]
struct CaseProgress {
    opened: bool,
    records: usize,
    heard: bool,
    seconded: bool,
    /// The worker has said that the start of work is as the union reports it.
    confirmed: bool,
}

pub(crate) struct Person {
    pub(crate) id: String,
    /// What fates are drawn from: the same in every run, where ids are not.
    pub(crate) lot: String,
    pub(crate) corridor: String,
    pub(crate) stage: Stage,
    tracks: Vec<Track>,
    /// Signatures under the contract.
    signatures: usize,
    refused: Option<&'static str>,
    case: CaseProgress,
    /// The authority has to be told of the end of work, and was not yet.
    notice_due: bool,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    /// Date of the last step.
    last_on: NaiveDate,
    seed: u64,
    /// Refusals in a row; after two, nothing more is tried.
    pub(crate) refusals: u8,
    /// Day of the next act, once it was looked for; beyond all days for who does nothing more. What comes next hangs on nothing
    /// outside, so it is looked for anew only after a move of theirs.
    next_on: Option<NaiveDate>,
}

impl Person {
    /// Reads what the placement service says.
    ///
    /// # Errors
    /// If a date does not read.
    pub(crate) fn new(placement: &Placement, lot: String, seed: u64) -> anyhow::Result<Self> {
        let last = placement.steps.last().map_or(placement.starts_on.as_str(), |step| step.occurred_on.as_str());
        Ok(Self {
            id: placement.id.clone(),
            lot,
            corridor: placement.corridor_code.clone(),
            stage: placement.stage(),
            tracks: placement.tracks_done().collect(),
            signatures: placement.contract_signers.iter().filter(|signer| !signer.signed_on.is_empty()).count(),
            refused: None,
            case: CaseProgress::default(),
            notice_due: false,
            starts_on: placement.starts_on.parse()?,
            ends_on: placement.ends_on.parse()?,
            last_on: last.parse()?,
            seed,
            refusals: 0,
            next_on: None,
        })
    }

    /// The next act if it falls on or before `until`.
    pub(crate) fn next(&mut self, until: NaiveDate) -> Option<Act> {
        if self.next_on.is_some_and(|day| day > until) {
            return None;
        }
        let act = self.next_of_all();
        let day = act.as_ref().and_then(|act| act.made.occurred_on.parse().ok()).unwrap_or(NaiveDate::MAX);
        self.next_on = Some(day);
        act.filter(|_| day <= until)
    }

    /// The next act, whenever it is.
    fn next_of_all(&self) -> Option<Act> {
        if self.refusals > 1 {
            return None;
        }
        Some(match self.stage {
            Stage::Proposed => self.by_union("Select", self.after(2)),
            // What is offered is told by the order's own terms: the service keeps the digest of their text.
            Stage::Selected => self.in_language(self.by_union("Offer", self.after(1))),
            Stage::Offered if self.falls("decline", self.rates().decline) => self.by_worker("Decline", self.answer()),
            // A yes without a text of its own is one to what was offered.
            Stage::Offered => self.in_language(self.by_worker("Accept", self.answer())),
            Stage::Accepted => self.accepted()?,
            Stage::Departed => self.departed(),
            Stage::Arrived => self.arrived(),
            Stage::Working => self.working(),
            Stage::WorkEnded if self.notice_due && !self.falls("notice-never", fate::NOTICE_NEVER) => self.notice(),
            Stage::WorkEnded | Stage::Unverified if self.falls("unverified", self.rates().unverified) => {
                self.silent()?
            }
            Stage::WorkEnded => self.act("operator", "DepartHome", self.after(3)),
            Stage::ReturnTravel => self.proved("VerifyReturn", self.after(7)),
            _ => return None,
        })
    }

    /// Takes note of a move that was made.
    pub(crate) fn made(&mut self, made: &Move, result: &MoveResult) {
        let stage = result.stage();
        self.next_on = None;
        self.refusals = 0;
        self.tracks = result.tracks_done().collect();
        if stage != self.stage {
            self.case = CaseProgress::default();
        }
        self.stage = stage;
        self.last_on = made.occurred_on.parse().unwrap_or(self.last_on);
        match made.command.as_str() {
            "SignContract" => self.signatures += 1,
            "OpenCase" => self.case.opened = true,
            "AddRecord" if made.kind == "FIRST_OF_TWO" => self.case.seconded = true,
            "AddRecord" if made.kind == CONFIRMATION => self.case.confirmed = true,
            "AddRecord" if made.kind == NOTICE => self.notice_due = false,
            "AddRecord" => self.case.records += 1,
            "DecideNotArrived" | "DecideWorkNoShow" | "Terminate" | "DecideAbandonment" => self.notice_due = true,
            "CompleteWork" => self.notice_due = (self.ends_on - self.last_on).num_days() > EARLY,
            "CloseHearing" => self.case.heard = true,
            "RefuseAuthorisation" => self.refused = Some("AUTHORISATION_REFUSED"),
            "RefuseVisa" => self.refused = Some("VISA_REFUSED"),
            "FailMedical" => self.refused = Some("NOT_READY"),
            _ => {}
        }
    }

    /// Takes note of a move that was refused. A clock may have opened or closed the case meanwhile.
    pub(crate) fn refused(&mut self, made: &Move) {
        self.next_on = None;
        match made.command.as_str() {
            "OpenCase" if !self.case.opened => self.case.opened = true,
            "CloseHearing" if !self.case.heard => self.case.heard = true,
            // No step tells of it, for it is about somebody's health: so whoever was found unfit before a stop is known by
            // this refusal.
            "FailMedical" => {
                self.refused = Some("NOT_READY");
                self.last_on = made.occurred_on.parse().unwrap_or(self.last_on);
                self.refusals += 1;
            }
            _ => self.refusals += 1,
        }
    }

    fn rates(&self) -> Rates {
        fate::rates(&self.corridor)
    }

    fn falls(&self, step: &str, percent: f64) -> bool {
        fate::falls(self.seed, &self.lot, step, percent)
    }

    fn has(&self, track: Track) -> bool {
        self.tracks.contains(&track)
    }

    fn after(&self, days: u64) -> NaiveDate {
        self.last_on.checked_add_days(Days::new(days)).unwrap_or(self.last_on)
    }

    /// Who is asked shortly before the start has two days to answer, if the seat came from the list.
    fn answer(&self) -> NaiveDate {
        let late = (self.starts_on - self.last_on).num_days() < 35;
        self.after(if late { 1 } else { 3 })
    }

    /// So many days before the start, but never before the last step.
    fn before_start(&self, days: u64) -> NaiveDate {
        self.starts_on.checked_sub_days(Days::new(days)).unwrap_or(self.starts_on).max(self.last_on)
    }

    fn act(&self, user: &'static str, command: &str, on: NaiveDate) -> Act {
        let made = Move {
            placement_id: self.id.clone(),
            command: command.to_owned(),
            occurred_on: on.to_string(),
            ..Move::default()
        };
        Act { user, made }
    }

    fn by_union(&self, command: &str, on: NaiveDate) -> Act {
        self.act(cast::union(self.corridor.split('-').next_back().unwrap_or_default()).user, command, on)
    }

    fn by_ministry(&self, command: &str, on: NaiveDate) -> Act {
        self.act(cast::ministry(self.corridor.split('-').next().unwrap_or_default()).user, command, on)
    }

    /// An act of the worker that the ministry records, before a witness.
    fn by_worker(&self, command: &str, on: NaiveDate) -> Act {
        let mut act = self.by_ministry(command, on);
        act.made.for_worker = true;
        "liaison-officer".clone_into(&mut act.made.witness);
        act
    }

    fn in_language(&self, mut act: Act) -> Act {
        let language =
            if self.corridor.starts_with("CO") || self.corridor.starts_with("GT") || self.corridor.starts_with("MX") {
                "es"
            } else if self.corridor.starts_with("SN") {
                "fr"
            } else {
                "en"
            };
        language.clone_into(&mut act.made.language);
        act
    }

    fn proved(&self, command: &str, on: NaiveDate) -> Act {
        let mut act = self.by_ministry(command, on);
        "CONSULATE_VISIT".clone_into(&mut act.made.evidence);
        act
    }

    fn accepted(&self) -> Option<Act> {
        if let Some(reason) = self.refused {
            let remedied = if reason == "NOT_READY" { 2 } else { REMEDY };
            let mut act = self.act("operator", "ClosePreparation", self.after(remedied));
            reason.clone_into(&mut act.made.reason);
            return Some(act);
        }
        if self.falls("withdraw", self.rates().withdraw) {
            return Some(self.by_worker("Withdraw", self.before_start(68)));
        }
        if let Some(act) = self.preparation() {
            return Some(act);
        }
        if self.falls("no-show", self.rates().no_show_departure) {
            return self.case("NO_SHOW_DEPARTURE", "operator", "DecideDepartureNoShow");
        }
        let mut act = self.by_ministry("Depart", self.before_start(2));
        "EXIT_CLEARANCE".clone_into(&mut act.made.evidence);
        Some(act)
    }

    /// The next track that is not done.
    fn preparation(&self) -> Option<Act> {
        let rates = self.rates();
        let refusal = |step: &str, percent: f64, refused: &'static str, done: &'static str| {
            if self.falls(step, percent) { refused } else { done }
        };
        if !self.has(Track::Contract) && !self.signs_after_arrival() {
            return Some(self.signature(self.before_start(65)));
        }
        if !self.has(Track::Authorisation) {
            let command = refusal("authorisation", rates.authorisation_refused, "RefuseAuthorisation", "Authorise");
            return Some(self.act("authority", command, self.before_start(60)));
        }
        if !self.has(Track::Fitness) || (self.falls("fitness", rates.not_fit) && !self.has(Track::VisaApplied)) {
            return Some(self.fitness(rates));
        }
        if !self.has(Track::Training) {
            return Some(self.by_ministry("CompleteTraining", self.before_start(50)));
        }
        if !self.has(Track::VisaApplied) && !self.has(Track::Visa) {
            return Some(self.by_ministry("ApplyVisa", self.before_start(40)));
        }
        if !self.has(Track::Visa) {
            let command = refusal("visa", rates.visa_refused, "RefuseVisa", "GrantVisa");
            return Some(self.act("authority", command, self.before_start(25)));
        }
        if !self.has(Track::Orientation) {
            return Some(self.by_ministry("CompleteOrientation", self.before_start(20)));
        }
        if !self.has(Track::Travel) {
            let mut act = self.act("operator", "BookTravel", self.before_start(15));
            act.made.date = self.before_start(2).to_string();
            return Some(act);
        }
        None
    }

    /// Who falls here is found unfit at a check before the journey: what was valid is opened again first.
    fn fitness(&self, rates: Rates) -> Act {
        let on = self.before_start(55);
        if !self.falls("fitness", rates.not_fit) {
            return self.by_ministry("ClearMedical", on);
        }
        self.by_ministry(if self.has(Track::Fitness) { "ReopenMedical" } else { "FailMedical" }, on)
    }

    fn departed(&self) -> Act {
        if self.falls("arrival", self.rates().not_arrived)
            && let Some(act) = self.case("NOT_ARRIVED", "union", "DecideNotArrived")
        {
            return act;
        }
        let mut act = self.by_union("ConfirmArrival", self.after(1));
        "ARRIVAL_REPORT".clone_into(&mut act.made.evidence);
        act
    }

    fn arrived(&self) -> Act {
        if self.falls("start", self.rates().no_show_work)
            && let Some(act) = self.case("NO_SHOW_WORK", "union", "DecideWorkNoShow")
        {
            return act;
        }
        if !self.has(Track::Contract) {
            return self.signature(self.after(2));
        }
        self.by_union("StartWork", self.starts_on.max(self.after(1)))
    }

    /// The union signs first, then the worker, then, where the rule pack asks for it, the ministry.
    fn signature(&self, on: NaiveDate) -> Act {
        match self.signatures {
            0 => self.by_union("SignContract", on),
            1 => self.by_worker("SignContract", on),
            _ => self.by_ministry("SignContract", on),
        }
    }

    /// As the rule packs of Italy have it.
    fn signs_after_arrival(&self) -> bool {
        self.corridor.ends_with("-IT")
    }

    fn working(&self) -> Act {
        if !self.case.confirmed && self.falls("confirm", fate::CONFIRMED) {
            let mut act = self.by_worker("AddRecord", self.after(1));
            CONFIRMATION.clone_into(&mut act.made.kind);
            return act;
        }
        let rates = self.rates();
        // Whoever came late may have begun after the planned end.
        let half = self.last_on + (self.ends_on - self.last_on).max(TimeDelta::zero()) / 2;
        if self.falls("death", fate::DIED) {
            return self.death(half);
        }
        if self.falls("repatriation", fate::REPATRIATED) {
            let mut act = self.act("operator", "RepatriateMedically", half);
            "CLINIC_REPORT".clone_into(&mut act.made.evidence);
            return act;
        }
        if self.falls("resign", rates.resign) {
            return self.by_worker("Resign", half);
        }
        if self.falls("abandon", rates.abandon)
            && let Some(act) = self.case("ABANDONMENT", "union", "DecideAbandonment")
        {
            return act;
        }
        if self.falls("terminate", rates.terminate)
            && let Some(mut act) = self.case("TERMINATION", "union", "Terminate")
        {
            // What the case needs before has grounds of its own, such as the channel on which the person was sought.
            if act.made.command == "Terminate" {
                "CONDUCT".clone_into(&mut act.made.reason);
            }
            return act;
        }
        let early = self.falls("early", rates.early);
        let planned =
            if early { self.ends_on.checked_sub_days(Days::new(40)).unwrap_or(self.ends_on) } else { self.ends_on };
        let mut act = self.by_union("CompleteWork", planned.max(self.last_on));
        if early {
            "TRANSFER_OFFERED".clone_into(&mut act.made.evidence);
        }
        act
    }

    /// The union tells the authority of an end before its time, some only when it is late.
    fn notice(&self) -> Act {
        let days = if self.falls("notice-late", fate::NOTICE_LATE) { 9 } else { 1 };
        let mut act = self.by_union("AddRecord", self.after(days));
        NOTICE.clone_into(&mut act.made.kind);
        act
    }

    /// Two people of two organisations record it.
    fn death(&self, on: NaiveDate) -> Act {
        if self.case.seconded {
            return self.act("operator", "RecordDeath", self.after(1));
        }
        let mut act = self.by_ministry("AddRecord", on);
        "FIRST_OF_TWO".clone_into(&mut act.made.kind);
        "RecordDeath".clone_into(&mut act.made.reason);
        act
    }

    /// Nobody hears of them in time: some are found later, some are not.
    fn silent(&self) -> Option<Act> {
        if !self.falls("return", self.rates().non_return) {
            return Some(self.proved("VerifyReturn", self.after(60)));
        }
        self.case("NON_RETURN", "operator", "DecideNonReturn")
    }

    /// A case from the report to the decision: contact attempts, both statements, hearing, decision by another
    /// organisation than the reporter.
    fn case(&self, kind: &str, reporter: &'static str, decision: &str) -> Option<Act> {
        let operator = |command: &str, kind: &str, on: NaiveDate| {
            let mut act = self.act("operator", command, on);
            kind.clone_into(&mut act.made.kind);
            act
        };
        if !self.case.opened {
            // The clock that finds the return unproved has run by then, at the end of a month.
            let on = if kind == "NON_RETURN" { self.after(75) } else { self.after(5) };
            let mut act =
                if reporter == "union" { self.by_union("OpenCase", on) } else { self.by_ministry("OpenCase", on) };
            kind.clone_into(&mut act.made.kind);
            if kind == "NON_RETURN" {
                act.user = "operator";
            }
            return Some(act);
        }
        if let Some(channel) = SOUGHT.get(self.case.records) {
            let mut act = operator("AddRecord", "CONTACT_ATTEMPT", self.after(1));
            (*channel).clone_into(&mut act.made.reason);
            return Some(act);
        }
        if !self.case.heard {
            return Some(self.act("operator", "CloseHearing", self.after(24)));
        }
        if kind == "NON_RETURN" && !self.case.seconded {
            let mut act = operator("AddRecord", "FIRST_OF_TWO", self.after(1));
            decision.clone_into(&mut act.made.reason);
            return Some(act);
        }
        Some(match decision {
            "Terminate" => {
                let mut act = self.by_union(decision, self.after(2));
                act.made.appeal_told_on = self.after(1).to_string();
                act
            }
            "DecideNonReturn" => {
                let mut act = self.act("authority", decision, self.after(2));
                act.made.appeal_told_on = self.after(1).to_string();
                act
            }
            _ => self.act("operator", decision, self.after(2)),
        })
    }
}
