//! From the domain to the contracts. Whatever leaves this service passes here, so this is where a name could slip out.

use chrono::NaiveDate;
use proto::candidate::{self as contract, candidate_envelope, candidate_event};

use crate::{
    candidate::{Candidate, State},
    person::Person,
};

pub(crate) use candidate_event::Change as Fact;

/// The coded facts of a candidate.
pub(crate) fn candidate(candidate: &Candidate) -> contract::Candidate {
    let (facts, groups) = (candidate.facts.clone(), candidate.groups.clone());
    contract::Candidate {
        id: candidate.id.to_string(),
        organisation_id: candidate.organisation_id.to_string(),
        origin: candidate.origin.clone(),
        lottery_key: candidate.lottery_key.clone(),
        state: state(candidate.state) as i32,
        birth_year: facts.birth_year,
        sex: facts.sex,
        region: facts.region,
        experience: facts
            .experience
            .into_iter()
            .map(|work| contract::Experience { isco_code: work.isco_code, months: work.months })
            .collect(),
        languages: facts.languages,
        certificates: facts.certificates,
        destinations: facts.destinations,
        available_from: date(facts.available_from),
        available_until: date(facts.available_until),
        fit_until: date(facts.fit_until),
        trained_until: date(facts.trained_until),
        rostered_until: date(candidate.rostered_until),
        seasons_returned: facts.seasons_returned,
        priorities: facts.priorities,
        version: candidate.version,
        family: groups.family.unwrap_or_default(),
        crew: groups.crew.unwrap_or_default(),
    }
}

/// The person, for the ministry that registered them.
pub(crate) fn person(candidate: &Candidate, person: Person) -> contract::Person {
    contract::Person {
        candidate_id: candidate.id.to_string(),
        reference: person.reference,
        family_name: person.family_name,
        given_names: person.given_names,
        born_on: person.born_on.to_string(),
        document_number: person.document_number,
        document_expires_on: date(person.document_expires_on),
        phone: person.phone,
        family_group: person.family_group,
        crew: person.crew,
    }
}

/// A fact with the state after it.
pub(crate) fn event(after: &Candidate, fact: Fact) -> contract::CandidateEnvelope {
    let event = contract::CandidateEvent { state: Some(candidate(after)), change: Some(fact) };
    contract::CandidateEnvelope { aggregate: Some(candidate_envelope::Aggregate::Candidate(event)) }
}

/// The word of a state in a filter; none for "any".
pub(crate) fn state_word(number: i32) -> Option<&'static str> {
    use contract::CandidateState as C;
    match C::try_from(number).unwrap_or_default() {
        C::Unspecified => None,
        C::Registered => Some(State::Registered.as_str()),
        C::Rostered => Some(State::Rostered.as_str()),
        C::Expired => Some(State::Expired.as_str()),
        C::Withdrawn => Some(State::Withdrawn.as_str()),
        C::Barred => Some(State::Barred.as_str()),
    }
}

const fn state(state: State) -> contract::CandidateState {
    match state {
        State::Registered => contract::CandidateState::Registered,
        State::Rostered => contract::CandidateState::Rostered,
        State::Expired => contract::CandidateState::Expired,
        State::Withdrawn => contract::CandidateState::Withdrawn,
        State::Barred => contract::CandidateState::Barred,
    }
}

fn date(date: Option<NaiveDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}
