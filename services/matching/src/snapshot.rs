//! Everything a round knows, read in one moment; and its hash, by which anyone can tell that two rounds knew the same.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::Hash,
};

use proto::ids::{CandidateId, LineId, OrganisationId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    beds::Housing,
    facts::{Candidate, Language, Line, Period, Shut},
    terms::{Papers, Terms},
};

/// The market of one season and destination.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub season_code: String,
    pub destination: String,
    pub terms: Terms,
    /// Lines with a seat to give.
    pub lines: Vec<Line>,
    /// People on the roster of an open corridor.
    pub candidates: Vec<Candidate>,
    pub quotas: Vec<Quota>,
}

/// A quota from which lines of several origins draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    pub corridor_code: String,
    /// Units not allotted and not on their way.
    pub free: u32,
}

#[derive(Serialize)]
struct LineRow<'a> {
    reference: &'a str,
    isco: Vec<&'a str>,
    days: [chrono::NaiveDate; 2],
    experience_months: i32,
    languages: &'a [Language],
    certificates: Vec<&'a str>,
    named: Vec<&'a str>,
    substitutes: bool,
    origins: Vec<&'a str>,
    corridors: Vec<&'a str>,
    posted: i64,
    seats: u32,
    others: Option<u32>,
    reserve: usize,
    /// The union, if it recalled somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    union: Option<&'a str>,
    /// Where the order's date asks for other papers than the round's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    papers: Vec<(&'a str, Papers)>,
    // Told only where they bind, as claims are.
    /// What is left of the least crew.
    #[serde(skip_serializing_if = "Option::is_none")]
    least: Option<u32>,
    /// The housing, by the least reference of its lines, with the beds free on days on which a stay begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    beds: Option<(&'a str, &'a BTreeMap<chrono::NaiveDate, u32>)>,
    /// The site, by the least reference of its lines, if there are families.
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
}

#[derive(Serialize)]
struct PersonRow<'a> {
    origin: &'a str,
    key: &'a str,
    birth_year: i32,
    experience: &'a BTreeMap<String, i32>,
    languages: &'a [Language],
    certificates: Vec<&'a str>,
    destinations: Vec<&'a str>,
    available: [Option<chrono::NaiveDate>; 2],
    valid: [Option<chrono::NaiveDate>; 3],
    seasons: i32,
    priorities: Vec<&'a str>,
    periods: Vec<Period>,
    shut: Vec<(&'a str, Shut)>,
    // Told only where there are any: markets without claims keep the hash that they had before there were some.
    /// Union and season.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recalled: Vec<(&'a str, &'a str)>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    first: bool,
    /// Digests of family and crew, and how many of them are not in the market.
    #[serde(skip_serializing_if = "Option::is_none")]
    together: Option<(&'a str, &'a str, u32)>,
}

/// How rows name what has only an id.
struct Names<'a> {
    /// Line → its reference.
    lines: HashMap<LineId, &'a str>,
    /// A person whom an order names → the digest of the ministry's reference.
    people: HashMap<CandidateId, &'a str>,
    /// A union that recalled somebody → the least reference of its lines.
    unions: HashMap<OrganisationId, &'a str>,
    /// A site → the least reference of its lines; empty if there are no families.
    sites: HashMap<Uuid, &'a str>,
    /// A housing → the least reference of its lines.
    housings: HashMap<Housing<'a>, &'a str>,
}

impl<'a> Names<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let named: HashSet<CandidateId> = snapshot.lines.iter().flat_map(|line| line.named.iter().copied()).collect();
        let known = snapshot.candidates.iter().filter(|person| named.contains(&person.id));
        let recalling = snapshot.recalling();
        let families = snapshot.candidates.iter().any(|person| !person.family.is_empty());
        let lines = || snapshot.lines.iter();
        Self {
            unions: least(
                lines()
                    .filter(|line| recalling.contains(&line.organisation_id))
                    .map(|line| (line.organisation_id, line)),
            ),
            sites: least(lines().filter(|_| families).map(|line| (line.site, line))),
            housings: least(lines().filter(|line| !line.beds.is_empty()).map(|line| (Housing::of(line), line))),
            lines: snapshot.lines.iter().map(|line| (line.id, line.reference.as_str())).collect(),
            people: known.map(|person| (person.id, person.lottery_key.as_str())).collect(),
        }
    }
}

/// Names each of what lines have in common by the least reference of them.
fn least<'a, K: Eq + Hash>(lines: impl Iterator<Item = (K, &'a Line)>) -> HashMap<K, &'a str> {
    let mut names: HashMap<K, &'a str> = HashMap::new();
    for (of, line) in lines {
        let least = names.entry(of).or_insert(&line.reference);
        *least = (*least).min(&line.reference);
    }
    names
}

impl Snapshot {
    /// The unions that asked for somebody of the market again.
    #[must_use]
    pub fn recalling(&self) -> HashSet<OrganisationId> {
        self.candidates.iter().flat_map(|person| person.recalled.keys().copied()).collect()
    }

    /// The market as text that depends on public references only: people by the digest of their ministry's reference,
    /// lines by case number. Equal markets give equal bytes, wherever and in whatever order they were stored.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut rows = Vec::new();
        self.tell_rows(|row| rows.push(row.to_owned()));
        rows.join("\n")
    }

    /// Tells the lines of [`Self::canonical`] one at a time: people are too many to be held as text.
    fn tell_rows(&self, mut tell: impl FnMut(&str)) {
        let names = Names::of(self);
        tell(&format!("market {} {}", self.season_code, self.destination));
        tell(&json(&self.terms));
        let mut quotas: Vec<String> =
            self.quotas.iter().map(|quota| format!("quota {} {}", quota.corridor_code, quota.free)).collect();
        let mut lines: Vec<String> = self.lines.iter().map(|line| json(&line_row(line, &names))).collect();
        for part in [&mut quotas, &mut lines] {
            part.sort_unstable();
            part.iter().for_each(|row| tell(row));
        }
        // In the order of their rows, which begin with origin and key.
        let row = |person: &Candidate| json(&person_row(person, &names));
        let mut people: Vec<&Candidate> = self.candidates.iter().collect();
        people.sort_unstable_by(|one, other| head(one).cmp(head(other)).then_with(|| row(one).cmp(&row(other))));
        people.into_iter().for_each(|person| tell(&row(person)));
    }

    /// Brings the lines into the order in which the solver will draw them. Only for speed: it finds the pairs of a person
    /// sorted, and orders them itself in any case.
    pub fn draw_lines(&mut self, seed: &str) {
        self.lines.sort_by_cached_key(|line| Sha256::digest([seed, &line.reference].concat()));
    }

    /// SHA-256 of [`Self::canonical`], hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        let (mut digest, mut between) = (Sha256::new(), "");
        self.tell_rows(|row| {
            digest.update(std::mem::replace(&mut between, "\n"));
            digest.update(row);
        });
        hex::encode(digest.finalize())
    }
}

fn json(row: &impl Serialize) -> String {
    serde_json::to_string(row).expect("plain data becomes JSON")
}

/// How the row of a person begins, but for the names of its fields.
fn head(person: &Candidate) -> impl Iterator<Item = u8> + '_ {
    person.origin.bytes().chain([b'"']).chain(person.lottery_key.bytes()).chain([b'"'])
}

fn words<'a>(words: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
    words.into_iter().map(String::as_str).collect()
}

fn line_row<'a>(line: &'a Line, names: &Names<'a>) -> LineRow<'a> {
    // Who is named but not in the market changes nothing.
    let mut named: Vec<&str> = line.named.iter().filter_map(|id| names.people.get(id).copied()).collect();
    named.sort_unstable();
    let mut corridors: Vec<&str> = line.shares.iter().map(|share| share.corridor_code.as_str()).collect();
    corridors.sort_unstable();
    LineRow {
        reference: &line.reference,
        isco: words(&line.isco_codes),
        days: [line.starts_on, line.ends_on],
        experience_months: line.experience_months,
        languages: &line.languages,
        certificates: words(&line.certificates),
        named,
        substitutes: line.substitutes,
        origins: words(&line.origins),
        corridors,
        posted: line.posted,
        seats: line.seats,
        others: line.others,
        reserve: line.reserve,
        union: names.unions.get(&line.organisation_id).copied(),
        papers: line.papers.iter().map(|(corridor, papers)| (corridor.as_str(), *papers)).collect(),
        least: Some(line.least).filter(|least| *least > 1),
        beds: names.housings.get(&Housing::of(line)).map(|housing| (*housing, &line.beds)),
        site: names.sites.get(&line.site).copied(),
    }
}

fn person_row<'a>(person: &'a Candidate, names: &Names<'a>) -> PersonRow<'a> {
    let mut periods = person.periods.clone();
    periods.sort_unstable();
    let mut shut: Vec<(&str, Shut)> =
        person.shut.iter().filter_map(|(line, shut)| Some((*names.lines.get(line)?, *shut))).collect();
    shut.sort_unstable();
    // A union without a line in the market asks for nobody there.
    let of_union = |(union, season): (&OrganisationId, &'a String)| Some((*names.unions.get(union)?, season.as_str()));
    let mut recalled: Vec<(&str, &str)> = person.recalled.iter().filter_map(of_union).collect();
    recalled.sort_unstable();
    let together = !person.family.is_empty() || !person.crew.is_empty();
    PersonRow {
        origin: &person.origin,
        key: &person.lottery_key,
        birth_year: person.birth_year,
        experience: &person.experience,
        languages: &person.languages,
        certificates: words(&person.certificates),
        destinations: words(&person.destinations),
        available: [person.available_from, person.available_until],
        valid: [person.fit_until, person.trained_until, person.rostered_until],
        seasons: person.seasons_returned,
        priorities: words(&person.priorities),
        periods,
        shut,
        recalled,
        first: person.first,
        together: together.then_some((&person.family, &person.crew, person.absent)),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing::{candidate, line, terms};

    fn market() -> Snapshot {
        Snapshot {
            season_code: "2026".to_owned(),
            destination: "ES".to_owned(),
            terms: terms(),
            lines: vec![line(1), line(2)],
            candidates: vec![candidate(1), candidate(2)],
            quotas: Vec::new(),
        }
    }

    #[test]
    fn other_ids_and_another_order_give_the_same_hash() {
        let first = market();
        let mut second = market();
        second.lines.reverse();
        second.candidates.reverse();
        for person in &mut second.candidates {
            person.id = CandidateId(Uuid::from_u128(person.id.0.as_u128() + 50));
        }
        for line in &mut second.lines {
            line.id = LineId(Uuid::from_u128(line.id.0.as_u128() + 50));
            line.version = 9;
        }
        assert_eq!(first.hash(), second.hash());
    }

    #[test]
    fn a_fact_that_counts_changes_the_hash() {
        let first = market();
        let mut second = market();
        second.lines[0].seats = 2;
        assert_ne!(first.hash(), second.hash());
        let mut third = market();
        let named = third.candidates[1].id;
        third.lines[0].named.insert(named);
        assert_ne!(first.hash(), third.hash());
    }

    #[test]
    fn a_claim_changes_the_hash_whatever_ids_unions_got_and_one_without_effect_does_not() {
        let first = market();
        let recalled = |union: u128, by: u128| {
            let mut market = market();
            market.lines[1].organisation_id = OrganisationId(Uuid::from_u128(union));
            market.candidates[0].recalled.insert(OrganisationId(Uuid::from_u128(by)), "2025".to_owned());
            market.hash()
        };
        assert_ne!(recalled(902, 902), first.hash());
        assert_eq!(recalled(902, 902), recalled(903, 903), "another id of the same union");
        assert_ne!(recalled(902, 902), recalled(902, 901), "another union");
        assert_eq!(recalled(902, 904), first.hash(), "a union without a line here");
        let mut second = market();
        second.candidates[1].first = true;
        assert_ne!(second.hash(), first.hash());
    }

    #[test]
    fn who_goes_together_and_what_a_line_needs_and_has_beds_for_change_the_hash_whatever_ids_there_are() {
        let hash = |change: &dyn Fn(&mut Snapshot)| {
            let mut market = market();
            change(&mut market);
            market.hash()
        };
        let day = crate::testing::date("2026-03-01").unwrap();
        let family =
            |market: &mut Snapshot| market.candidates.iter_mut().for_each(|person| person.family = "f".to_owned());
        let plain = market().hash();
        let all = [
            plain.clone(),
            hash(&family),
            hash(&|market| market.candidates[0].crew = "f".to_owned()),
            hash(&|market| {
                family(market);
                market.lines[1].site = Uuid::from_u128(7);
            }),
            hash(&|market| {
                family(market);
                market.candidates[0].absent = 1;
            }),
            hash(&|market| market.lines[0].least = 2),
            hash(&|market| _ = market.lines[0].beds.insert(day, 1)),
            hash(&|market| _ = market.lines[0].beds.insert(day, 2)),
        ];
        let different: HashSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        assert_eq!(hash(&|market| market.lines[1].site = Uuid::from_u128(7)), plain, "nobody asks for one employer");
        let sited = |site: u128| {
            hash(&|market| {
                family(market);
                market.lines[1].site = Uuid::from_u128(site);
            })
        };
        assert_eq!(sited(7), sited(8), "another id of the same employer");
    }
}
