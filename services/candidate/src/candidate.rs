//! A candidate: coded facts about somebody who could go, and where they stand. Pure decisions; the roster's rules are in
//! [`crate::roster`].

use chrono::NaiveDate;
use proto::ids::{CandidateId, OrganisationId};
use serde::{Deserialize, Serialize};

use crate::{
    entry::Entry,
    roster::{Papers, Requirements, Standing, reachable, standing},
};

/// Where a candidate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    /// Something needed for the roster is missing.
    Registered,
    Rostered,
    /// The last day on the roster is over.
    Expired,
    Withdrawn,
    Barred,
}

impl State {
    /// True while the record lives: it may be corrected, withdrawn and brought back to the roster.
    const fn lives(self) -> bool {
        matches!(self, Self::Registered | Self::Rostered | Self::Expired)
    }

    /// The word of the state.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "REGISTERED",
            Self::Rostered => "ROSTERED",
            Self::Expired => "EXPIRED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Barred => "BARRED",
        }
    }
}

/// Months of work in an occupation, written `9211:24`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Experience {
    pub(crate) isco_code: String,
    pub(crate) months: i32,
}

impl From<Experience> for String {
    fn from(experience: Experience) -> Self {
        format!("{}:{}", experience.isco_code, experience.months)
    }
}

impl TryFrom<String> for Experience {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts = text.split_once(':').and_then(|(code, months)| Some((code.to_owned(), months.parse().ok()?)));
        let (isco_code, months) = parts.ok_or(text)?;
        Ok(Self { isco_code, months })
    }
}

/// Facts that may travel. None of them names anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) birth_year: i32,
    pub(crate) sex: String,
    pub(crate) region: String,
    pub(crate) experience: Vec<Experience>,
    pub(crate) languages: Vec<String>,
    pub(crate) certificates: Vec<String>,
    pub(crate) destinations: Vec<String>,
    pub(crate) available_from: Option<NaiveDate>,
    pub(crate) available_until: Option<NaiveDate>,
    pub(crate) fit_until: Option<NaiveDate>,
    pub(crate) trained_until: Option<NaiveDate>,
    pub(crate) seasons_returned: i32,
    pub(crate) priorities: Vec<String>,
}

/// With whom somebody travels, as keyed digests; none where they travel alone. At most one is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Groups {
    pub(crate) family: Option<String>,
    pub(crate) crew: Option<String>,
}

/// A candidate as stored; the columns of the table of that name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) id: CandidateId,
    pub(crate) organisation_id: OrganisationId,
    pub(crate) origin: String,
    pub(crate) lottery_key: String,
    pub(crate) state: State,
    #[serde(flatten)]
    pub(crate) facts: Facts,
    #[serde(flatten)]
    pub(crate) groups: Groups,
    /// Last day of the document; it bounds the roster and does not travel.
    pub(crate) document_until: Option<NaiveDate>,
    /// The day the roster counts from.
    pub(crate) judged_on: NaiveDate,
    /// The last day on the roster: set exactly while rostered, and kept once that day is over.
    pub(crate) rostered_until: Option<NaiveDate>,
    pub(crate) missing: Vec<String>,
    pub(crate) version: i64,
}

/// Who a new candidate is, beside the facts.
pub(crate) struct Identity {
    pub(crate) id: CandidateId,
    pub(crate) organisation_id: OrganisationId,
    pub(crate) origin: String,
    pub(crate) lottery_key: String,
    pub(crate) groups: Groups,
}

/// The record is in a state in which this cannot be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed(pub(crate) State);

impl Candidate {
    /// Registers somebody, judged on a day.
    pub(crate) fn register(identity: Identity, entry: &Entry, corridors: &[Requirements], on: NaiveDate) -> Self {
        let mut candidate = Self {
            id: identity.id,
            organisation_id: identity.organisation_id,
            origin: identity.origin,
            lottery_key: identity.lottery_key,
            state: State::Registered,
            facts: entry.facts.clone(),
            groups: identity.groups,
            document_until: entry.document_until(),
            judged_on: on,
            rostered_until: None,
            missing: Vec::new(),
            version: 1,
        };
        candidate.judge(corridors);
        candidate
    }

    /// Takes corrected facts. The roster still counts from the day it counted from: a correction repairs, it does not renew.
    pub(crate) fn correct(
        &mut self,
        (entry, groups): (&Entry, Groups),
        corridors: &[Requirements],
    ) -> Result<(), Closed> {
        self.must_live()?;
        (self.facts, self.groups) = (entry.facts.clone(), groups);
        self.document_until = entry.document_until();
        self.judge(corridors);
        self.version += 1;
        Ok(())
    }

    /// Ends a place on the roster whose last day is before this one. False if there is none to end.
    pub(crate) fn expire(&mut self, as_of: NaiveDate) -> bool {
        if self.state != State::Rostered || self.rostered_until.is_none_or(|until| until >= as_of) {
            return false;
        }
        self.state = State::Expired;
        self.version += 1;
        true
    }

    /// Registers somebody anew whose place on the roster was over before the new filing date. Seasons of this programme are
    /// kept, whatever the new row says. False, and nothing changes, if they are not EXPIRED, or were not yet on that day.
    pub(crate) fn register_again(
        &mut self,
        (entry, groups): (&Entry, Groups),
        corridors: &[Requirements],
        on: NaiveDate,
    ) -> bool {
        if self.state != State::Expired || self.rostered_until.is_none_or(|until| until >= on) {
            return false;
        }
        let seasons_returned = self.facts.seasons_returned.max(entry.facts.seasons_returned);
        (self.facts, self.groups) = (Facts { seasons_returned, ..entry.facts.clone() }, groups);
        self.document_until = entry.document_until();
        self.judged_on = on;
        self.judge(corridors);
        self.version += 1;
        true
    }

    /// Takes the candidate off the roster for good.
    pub(crate) fn withdraw(&mut self) -> Result<(), Closed> {
        self.must_live()?;
        self.leave(State::Withdrawn);
        Ok(())
    }

    /// Credits a season that ended with a verified return, and renews the roster from its last day. Who was barred or has
    /// withdrawn keeps the season and stays where they are.
    pub(crate) fn credit_season(&mut self, corridors: &[Requirements], ended_on: NaiveDate) {
        self.facts.seasons_returned += 1;
        if self.state.lives() {
            self.judged_on = self.judged_on.max(ended_on);
            self.judge(corridors);
        }
        self.version += 1;
    }

    /// Renews the roster from a day: the place ended through no doing of the person's. Nothing changes, and false is
    /// answered, if that would not make it longer.
    pub(crate) fn renew(&mut self, corridors: &[Requirements], on: NaiveDate) -> bool {
        if !self.state.lives() {
            return false;
        }
        let before = self.clone();
        self.judged_on = self.judged_on.max(on);
        self.judge(corridors);
        if self.rostered_until <= before.rostered_until {
            *self = before;
            return false;
        }
        self.version += 1;
        true
    }

    /// Leaves the programme by what became of a placement. False if there was nothing to leave.
    pub(crate) fn leave_programme(&mut self, to: State) -> bool {
        if !self.state.lives() {
            return false;
        }
        self.leave(to);
        true
    }

    fn leave(&mut self, to: State) {
        (self.state, self.rostered_until, self.missing) = (to, None, Vec::new());
        self.version += 1;
    }

    fn must_live(&self) -> Result<(), Closed> {
        if self.state.lives() { Ok(()) } else { Err(Closed(self.state)) }
    }

    fn judge(&mut self, corridors: &[Requirements]) {
        let papers =
            Papers { document: self.document_until, fitness: self.facts.fit_until, training: self.facts.trained_until };
        let corridors = reachable(corridors, &self.facts.destinations);
        let over = self.rostered_until.filter(|_| self.state == State::Expired);
        (self.state, self.rostered_until, self.missing) = match standing(&corridors, papers, self.judged_on) {
            // What makes it no longer brings back no place that is over.
            Standing::Rostered(until) if over.is_some_and(|over| until <= over) => (State::Expired, over, Vec::new()),
            Standing::Rostered(until) => (State::Rostered, Some(until), Vec::new()),
            Standing::Lacks(missing) => (State::Registered, None, missing),
        };
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::entry::tests::entry;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn candidate(entry: &Entry) -> Candidate {
        let identity = Identity {
            id: CandidateId(Uuid::from_u128(1)),
            organisation_id: OrganisationId(Uuid::from_u128(2)),
            origin: "CO".to_owned(),
            lottery_key: "00".to_owned(),
            groups: Groups::default(),
        };
        Candidate::register(identity, entry, &[], day("2026-01-10"))
    }

    #[test]
    fn who_has_everything_is_rostered_and_who_lacks_fitness_is_registered() {
        let mut entry = entry();
        let rostered = candidate(&entry);
        assert_eq!((rostered.state, rostered.rostered_until), (State::Rostered, Some(day("2027-01-10"))));
        entry.facts.fit_until = None;
        let registered = candidate(&entry);
        assert_eq!((registered.state, registered.rostered_until), (State::Registered, None));
        assert_eq!(registered.missing, ["FITNESS"]);
    }

    #[test]
    fn a_correction_repairs_and_does_not_renew() {
        let mut entry = entry();
        let mut candidate = candidate(&entry);
        entry.facts.region = "CO-TOL".to_owned();
        candidate.correct((&entry, Groups::default()), &[]).unwrap();
        assert_eq!((candidate.version, candidate.rostered_until), (2, Some(day("2027-01-10"))));
        assert_eq!(candidate.facts.region, "CO-TOL");
    }

    #[test]
    fn a_verified_season_renews_the_roster_from_its_last_day() {
        let mut candidate = candidate(&entry());
        candidate.credit_season(&[], day("2026-09-30"));
        assert_eq!((candidate.facts.seasons_returned, candidate.version), (1, 2));
        assert_eq!(candidate.rostered_until, Some(day("2027-09-30")));
    }

    #[test]
    fn a_renewal_lengthens_the_roster_up_to_the_papers_and_never_shortens_it() {
        let mut entry = entry();
        entry.facts.fit_until = Some(day("2027-03-01"));
        let mut candidate = candidate(&entry);
        let first = candidate.clone();
        assert!(!candidate.renew(&[], day("2026-01-01")), "a day before the one it counts from");
        let shorter = Requirements { validity_days: 10, ..Requirements::default() };
        assert!(!candidate.renew(&[shorter], day("2026-06-01")), "rules that give less time now");
        assert!(!candidate.renew(&[], day("2028-01-01")), "the fitness has lapsed by then");
        assert_eq!(candidate, first, "what lengthens nothing changes nothing");
        assert!(candidate.renew(&[], day("2026-02-01")));
        assert_eq!((candidate.rostered_until, candidate.version), (Some(day("2027-02-01")), 2));
        assert!(candidate.renew(&[], day("2026-06-01")));
        assert_eq!(candidate.rostered_until, Some(day("2027-03-01")), "the fitness bounds it");
        assert!(candidate.leave_programme(State::Withdrawn));
        assert!(!candidate.renew(&[], day("2026-07-01")), "who has left is not brought back");
    }

    #[test]
    fn who_is_barred_keeps_the_season_and_stays_barred() {
        let mut candidate = candidate(&entry());
        assert!(candidate.leave_programme(State::Barred));
        assert!(!candidate.leave_programme(State::Withdrawn), "there is nothing left to leave");
        candidate.credit_season(&[], day("2026-09-30"));
        assert_eq!((candidate.state, candidate.rostered_until), (State::Barred, None));
        assert_eq!((candidate.facts.seasons_returned, candidate.version), (1, 3));
        assert_eq!(candidate.withdraw(), Err(Closed(State::Barred)));
    }

    #[test]
    fn a_place_ends_after_its_last_day_and_only_what_makes_it_longer_brings_it_back() {
        let mut entry = entry();
        entry.facts.fit_until = Some(day("2026-06-01"));
        let mut candidate = candidate(&entry);
        assert!(!candidate.expire(day("2026-06-01")), "the last day counts");
        assert!(candidate.expire(day("2026-06-02")));
        assert!(!candidate.expire(day("2026-06-02")), "it is over once");
        let over = (State::Expired, Some(day("2026-06-01")));
        assert_eq!((candidate.state, candidate.rostered_until, candidate.version), (over.0, over.1, 2));

        entry.facts.region = "CO-TOL".to_owned();
        candidate.correct((&entry, Groups::default()), &[]).unwrap();
        assert_eq!((candidate.state, candidate.rostered_until), over, "this has nothing to do with it");
        entry.facts.fit_until = Some(day("2026-05-01"));
        candidate.correct((&entry, Groups::default()), &[]).unwrap();
        assert_eq!((candidate.state, candidate.rostered_until), over, "a day that was on the roster stays one");
        let mut renewed = candidate.clone();
        entry.facts.fit_until = Some(day("2028-01-01"));
        candidate.correct((&entry, Groups::default()), &[]).unwrap();
        assert_eq!((candidate.state, candidate.rostered_until), (State::Rostered, Some(day("2027-01-10"))));

        renewed.facts.fit_until = Some(day("2028-01-01"));
        assert!(renewed.renew(&[], day("2026-07-01")), "a place that the employer let go");
        assert_eq!((renewed.state, renewed.rostered_until), (State::Rostered, Some(day("2027-07-01"))));
    }

    #[test]
    fn who_has_expired_is_registered_again_by_a_row_that_is_filed_later() {
        let mut entry = entry();
        let mut candidate = candidate(&entry);
        candidate.credit_season(&[], day("2026-01-10"));
        entry.facts.seasons_returned = 0;
        let groups = Groups { crew: Some("00".to_owned()), ..Groups::default() };
        let again = |candidate: &mut Candidate, entry: &Entry, on: &str| {
            candidate.register_again((entry, groups.clone()), &[], day(on))
        };
        assert!(!again(&mut candidate, &entry, "2027-02-01"), "on the roster, as far as anybody has looked");
        assert!(candidate.expire(day("2027-01-11")));
        let before = candidate.clone();
        assert!(!again(&mut candidate, &entry, "2027-01-10"), "a file of before");
        assert_eq!(candidate, before);

        let mut unfit = candidate.clone();
        assert!(again(&mut candidate, &entry, "2027-02-01"));
        assert_eq!((candidate.state, candidate.rostered_until), (State::Rostered, Some(day("2028-02-01"))));
        assert_eq!((candidate.version, &candidate.groups, candidate.facts.seasons_returned), (4, &groups, 1));
        assert!(!again(&mut candidate, &entry, "2027-02-01"), "once");
        entry.facts.fit_until = None;
        assert!(again(&mut unfit, &entry, "2027-02-01"));
        assert_eq!(
            (unfit.state, unfit.rostered_until, unfit.missing),
            (State::Registered, None, vec!["FITNESS".into()])
        );
        let mut barred = before;
        assert!(barred.leave_programme(State::Barred) && !again(&mut barred, &entry, "2027-02-01"));
    }

    #[test]
    fn experience_is_written_as_the_layout_writes_it() {
        let experience = Experience { isco_code: "9211".to_owned(), months: 24 };
        assert_eq!(serde_json::to_string(&experience).unwrap(), "\"9211:24\"");
        assert_eq!(serde_json::from_str::<Experience>("\"9211:24\"").unwrap(), experience);
    }
}
