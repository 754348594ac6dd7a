//! Draws one person.

use chrono::{Datelike, Days, NaiveDate};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{Spec, country::Country};
use crate::entry::{COLUMNS, mrz};

/// Unit groups of ISCO-08 on farms, with how often in 100 somebody's main work is of that kind.
const OCCUPATIONS: [(&str, u32); 9] = [
    ("9211", 48),
    ("9213", 13),
    ("9214", 11),
    ("6112", 9),
    ("6111", 8),
    ("6130", 4),
    ("9212", 3),
    ("6121", 2),
    ("8341", 2),
];
/// Ages as seasonal farm work has them: from, to, how many in 100. 85 in 100 are younger than 41.
const AGES: [(i32, i32, u32); 4] = [(18, 24, 24), (25, 32, 36), (33, 40, 25), (41, 55, 15)];

/// A row before it is written: dates are kept apart, because spreadsheets write them in their own way.
#[derive(Clone)]
pub(super) struct Draft([Field; COLUMNS.len()]);

#[derive(Clone)]
enum Field {
    Text(String),
    Day(NaiveDate),
}

impl Draft {
    fn new() -> Self {
        Self(std::array::from_fn(|_| Field::Text(String::new())))
    }

    fn at(column: &str) -> usize {
        COLUMNS.iter().position(|name| *name == column).expect("only columns of the layout are set")
    }

    pub(super) fn set(&mut self, column: &str, text: impl Into<String>) {
        self.0[Self::at(column)] = Field::Text(text.into());
    }

    pub(super) fn set_day(&mut self, column: &str, day: NaiveDate) {
        self.0[Self::at(column)] = Field::Day(day);
    }

    /// The text of a field; a date in the form of ISO 8601.
    pub(super) fn get(&self, column: &str) -> String {
        match &self.0[Self::at(column)] {
            Field::Text(text) => text.clone(),
            Field::Day(day) => day.to_string(),
        }
    }

    /// The fields in the order of the layout; dates as day/month/year if a spreadsheet writes them.
    pub(super) fn fields(&self, spreadsheet: bool) -> Vec<String> {
        let field = |field: &Field| match field {
            Field::Text(text) => text.clone(),
            Field::Day(day) if spreadsheet => day.format("%d/%m/%Y").to_string(),
            Field::Day(day) => day.to_string(),
        };
        self.0.iter().map(field).collect()
    }
}

/// Draws the person with this number in the batch.
pub(super) fn draw(
    spec: &Spec,
    country: &Country,
    (serial, stamp): (usize, &[u8; 32]),
    chance: &mut ChaCha8Rng,
) -> Draft {
    let mut draft = Draft::new();
    let year = spec.filing_date.year();
    draft.set("reference", format!("{}-{year}-{}-{:06}", country.code, hex::encode(&stamp[..3]), serial + 1));
    name(&mut draft, country, chance);
    draft.set_day("birth_date", birth_date(spec.filing_date, chance));
    draft.set("region", pick(country.regions, chance));
    draft.set("phone", format!("{}{:03}", country.phone, chance.random_range(0..1000)));
    document(&mut draft, spec, (country, serial, stamp), chance);
    work(&mut draft, country, chance);
    dates(&mut draft, spec.filing_date, chance);
    let destinations = country.destinations;
    if destinations.len() > 1 && in_hundred(25, chance) {
        draft.set("destinations", *destinations.choose(chance).expect("more than one"));
    }
    let seasons = if in_hundred(country.repeaters, chance) { chance.random_range(1..=5) } else { 0 };
    draft.set("seasons_returned", seasons.to_string());
    draft
}

fn name(draft: &mut Draft, country: &Country, chance: &mut ChaCha8Rng) {
    let woman = in_hundred(country.women, chance);
    draft.set("sex", if woman { "F" } else { "M" });
    let given = if woman { country.women_names } else { country.men_names };
    let mut given_names = pick(given, chance).to_owned();
    let second = pick(given, chance);
    if second != given_names && in_hundred(60, chance) {
        given_names = format!("{given_names} {second}");
    }
    let mut family_name = pick(country.families, chance).to_owned();
    if country.two_family_names {
        family_name = format!("{family_name} {}", pick(country.families, chance));
    }
    draft.set("given_names", given_names);
    draft.set("family_name", family_name);
}

fn birth_date(filing_date: NaiveDate, chance: &mut ChaCha8Rng) -> NaiveDate {
    let (from, to, _) = weighted(&AGES, |age| age.2, chance);
    let age = chance.random_range(*from..=*to);
    let birthday =
        filing_date.with_day(1).and_then(|day| day.with_year(filing_date.year() - age)).unwrap_or(filing_date);
    // Between a day and a year older: no age bound is met on its very day.
    back(birthday, chance.random_range(1..330))
}

/// Documents of one batch differ in their last six digits, those of two batches in their letters.
fn document(
    draft: &mut Draft,
    spec: &Spec,
    (country, serial, stamp): (&Country, usize, &[u8; 32]),
    chance: &mut ChaCha8Rng,
) {
    let letters: String = stamp[3..6].iter().map(|byte| char::from(b'A' + byte % 26)).collect();
    let number = format!("{letters}{:06}", (serial * 611_953 + usize::from(stamp[6]) * 3_907) % 1_000_000);
    let expires = ahead(spec.filing_date, chance.random_range(430..3300));
    let six = |column: &str, draft: &Draft| draft.get(column).replace('-', "").split_off(2);
    draft.set("document_country", country.code);
    draft.set("document_number", number.clone());
    draft.set_day("document_expiry", expires);
    if in_hundred(70, chance) {
        let sex = if draft.get("sex") == "F" { 'F' } else { 'M' };
        let (born, until) = (six("birth_date", draft), six("document_expiry", draft));
        draft.set("mrz", mrz::write(&number, country.alpha3, (&born, sex, &until)));
    }
}

fn work(draft: &mut Draft, country: &Country, chance: &mut ChaCha8Rng) {
    let mut occupations: Vec<String> = Vec::new();
    for _ in 0..if in_hundred(35, chance) { 2 } else { 1 } {
        let (code, _) = weighted(&OCCUPATIONS, |occupation| occupation.1, chance);
        // Many have a few months, few have many years.
        let months = chance.random_range(1..12_u32) * chance.random_range(1..12_u32);
        if !occupations.iter().any(|known| known.starts_with(code)) {
            occupations.push(format!("{code}:{months}"));
        }
    }
    draft.set("occupations", occupations.join("|"));
    let mut languages = vec![country.mother_tongue];
    for (language, share) in country.languages {
        let known = languages.iter().any(|known| known[..2] == language[..2]);
        if in_hundred(*share, chance) && !known {
            languages.push(language);
        }
    }
    draft.set("languages", languages.join("|"));
    draft.set("certificates", some_of(country.certificates, chance));
    let mut priorities = some_of(country.priorities, chance);
    if draft.get("sex") != "F" {
        priorities = priorities.split('|').filter(|code| !code.starts_with("WOMAN")).collect::<Vec<_>>().join("|");
    }
    draft.set("priorities", priorities);
}

fn dates(draft: &mut Draft, filing_date: NaiveDate, chance: &mut ChaCha8Rng) {
    let from = ahead(filing_date, chance.random_range(0..45));
    draft.set_day("available_from", from);
    if in_hundred(60, chance) {
        draft.set_day("available_until", ahead(from, chance.random_range(270..480)));
    }
    if in_hundred(95, chance) {
        draft.set_day("fit_until", ahead(filing_date, chance.random_range(400..730)));
    }
    if in_hundred(85, chance) {
        draft.set_day("trained_until", ahead(filing_date, chance.random_range(400..900)));
    }
}

fn some_of(codes: &[(&'static str, u32)], chance: &mut ChaCha8Rng) -> String {
    let drawn: Vec<&str> =
        codes.iter().filter(|(_, share)| in_hundred(*share, chance)).map(|(code, _)| *code).collect();
    drawn.join("|")
}

fn pick(words: &'static str, chance: &mut ChaCha8Rng) -> &'static str {
    let words: Vec<&'static str> = words.split(' ').collect();
    words.choose(chance).copied().unwrap_or_default()
}

fn weighted<'t, T>(table: &'t [T], weight: impl Fn(&T) -> u32, chance: &mut ChaCha8Rng) -> &'t T {
    let mut left = chance.random_range(0..table.iter().map(&weight).sum());
    for row in table {
        match left.checked_sub(weight(row)) {
            Some(rest) => left = rest,
            None => return row,
        }
    }
    &table[0]
}

fn in_hundred(share: u32, chance: &mut ChaCha8Rng) -> bool {
    chance.random_range(0..100) < share
}

fn ahead(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

fn back(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}
