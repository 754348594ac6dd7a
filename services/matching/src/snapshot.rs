//! Everything a round knows, read in one moment; and its hash, by which anyone can tell that two rounds knew the same.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    facts::{Candidate, Language, Line, Period, Shut},
    terms::Terms,
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
}

#[derive(Serialize)]
struct PersonRow<'a> {
    origin: &'a str,
    key: &'a str,
    birth_year: i32,
    experience: &'a std::collections::BTreeMap<String, i32>,
    languages: &'a [Language],
    certificates: Vec<&'a str>,
    destinations: Vec<&'a str>,
    available: [Option<chrono::NaiveDate>; 2],
    valid: [Option<chrono::NaiveDate>; 3],
    seasons: i32,
    priorities: Vec<&'a str>,
    periods: Vec<Period>,
    shut: Vec<(&'a str, Shut)>,
}

impl Snapshot {
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
        let references: HashMap<Uuid, &str> =
            self.lines.iter().map(|line| (line.id, line.reference.as_str())).collect();
        let named: HashSet<Uuid> = self.lines.iter().flat_map(|line| line.named.iter().copied()).collect();
        let known = self.candidates.iter().filter(|person| named.contains(&person.id));
        let keys: HashMap<Uuid, &str> = known.map(|person| (person.id, person.lottery_key.as_str())).collect();
        tell(&format!("market {} {}", self.season_code, self.destination));
        tell(&json(&self.terms));
        let mut quotas: Vec<String> =
            self.quotas.iter().map(|quota| format!("quota {} {}", quota.corridor_code, quota.free)).collect();
        let mut lines: Vec<String> = self.lines.iter().map(|line| json(&line_row(line, &keys))).collect();
        for part in [&mut quotas, &mut lines] {
            part.sort_unstable();
            part.iter().for_each(|row| tell(row));
        }
        // In the order of their rows, which begin with origin and key.
        let row = |person: &Candidate| json(&person_row(person, &references));
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

fn line_row<'a>(line: &'a Line, keys: &HashMap<Uuid, &'a str>) -> LineRow<'a> {
    // Who is named but not in the market changes nothing.
    let mut named: Vec<&str> = line.named.iter().filter_map(|id| keys.get(id).copied()).collect();
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
    }
}

fn person_row<'a>(person: &'a Candidate, references: &HashMap<Uuid, &'a str>) -> PersonRow<'a> {
    let mut periods = person.periods.clone();
    periods.sort_unstable();
    let mut shut: Vec<(&str, Shut)> =
        person.shut.iter().filter_map(|(line, shut)| Some((*references.get(line)?, *shut))).collect();
    shut.sort_unstable();
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
    }
}

#[cfg(test)]
mod tests {
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
            person.id = Uuid::from_u128(person.id.as_u128() + 50);
        }
        for line in &mut second.lines {
            line.id = Uuid::from_u128(line.id.as_u128() + 50);
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
}
