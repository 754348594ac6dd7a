//! A person, a line and the rules of one corridor that fit each other: tests change what they are about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use proto::ids::{CandidateId, LineId, OrderId, OrganisationId, QuotaId};
use uuid::Uuid;

use crate::{
    facts::{Candidate, Line, Share},
    terms::{Corridor, Terms, Values},
};

pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    crate::facts::day(text)
}

pub(crate) fn terms() -> Terms {
    let corridor = Corridor::read("CO-ES", true, &Values::new()).unwrap();
    Terms { as_of: date("2026-01-10").unwrap(), corridors: BTreeMap::from([("CO".to_owned(), corridor)]) }
}

pub(crate) fn candidate(number: u128) -> Candidate {
    Candidate {
        id: CandidateId(Uuid::from_u128(number)),
        ministry_id: OrganisationId(Uuid::from_u128(900)),
        version: 1,
        origin: "CO".to_owned(),
        lottery_key: format!("key {number}"),
        birth_year: 1990,
        experience: BTreeMap::from([("9211".to_owned(), 12)]),
        languages: Vec::new(),
        certificates: BTreeSet::new(),
        destinations: BTreeSet::new(),
        available_from: None,
        available_until: None,
        fit_until: date("2026-12-31"),
        trained_until: None,
        rostered_until: date("2026-12-31"),
        seasons_returned: 0,
        priorities: BTreeSet::new(),
        periods: Vec::new(),
        shut: BTreeMap::new(),
        recalled: BTreeMap::new(),
        first: false,
        family: String::new(),
        crew: String::new(),
        absent: 0,
    }
}

/// From March to August, one seat, for CO-ES.
pub(crate) fn line(number: u128) -> Line {
    Line {
        id: LineId(Uuid::from_u128(1000 + number)),
        order_id: OrderId(Uuid::from_u128(2000)),
        organisation_id: OrganisationId(Uuid::from_u128(901)),
        reference: format!("posted:UP-1/{number}"),
        number: i32::try_from(number).unwrap(),
        title: "Fruit picking".to_owned(),
        destination: "ES".to_owned(),
        version: 1,
        isco_codes: BTreeSet::from(["9211".to_owned()]),
        starts_on: date("2026-03-01").unwrap(),
        ends_on: date("2026-08-31").unwrap(),
        experience_months: 0,
        languages: Vec::new(),
        certificates: BTreeSet::new(),
        named: BTreeSet::new(),
        substitutes: true,
        origins: BTreeSet::new(),
        shares: vec![Share { corridor_code: "CO-ES".to_owned(), quota_id: QuotaId(Uuid::from_u128(3000)) }],
        posted: 1,
        seats: 1,
        others: None,
        reserve: 1,
        papers: BTreeMap::new(),
        site: Uuid::from_u128(2000),
        least: 0,
        housing: String::new(),
        beds: BTreeMap::new(),
    }
}
