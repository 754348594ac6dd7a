//! A row of layout `candidates-v1`: what it says, and what is to be said about it. Pure: the same row, date and rules give
//! the same findings, in a batch as in a correction.

mod code;
mod date;
pub(crate) mod mrz;
mod passport;
mod reader;

use chrono::{Datelike, NaiveDate};
use import::Finding;

use crate::{
    candidate::Facts,
    person::Person,
    roster::{Requirements, reachable},
};
use reader::Reader;

/// Every column, in the order of the template.
pub(crate) const COLUMNS: [&str; 23] = [
    "reference",
    "family_name",
    "given_names",
    "birth_date",
    "sex",
    "region",
    "phone",
    "document_country",
    "document_number",
    "document_expiry",
    "mrz",
    "occupations",
    "languages",
    "certificates",
    "destinations",
    "available_from",
    "available_until",
    "fit_until",
    "trained_until",
    "seasons_returned",
    "priorities",
    "family_group",
    "crew",
];

/// Columns a file must have; a field in them may still be empty where the table in the README says so.
pub(crate) const REQUIRED: [&str; 8] = [
    "reference",
    "family_name",
    "given_names",
    "birth_date",
    "sex",
    "document_number",
    "document_expiry",
    "occupations",
];

/// What a row is judged by.
pub(crate) struct Filing {
    /// The day on which ages and last days are looked at.
    pub(crate) as_of: NaiveDate,
    /// The ministry's country.
    pub(crate) origin: String,
    /// What its corridors ask on that day.
    pub(crate) corridors: Vec<Requirements>,
}

/// Somebody as a row describes them.
pub(crate) struct Entry {
    pub(crate) person: Person,
    pub(crate) facts: Facts,
}

impl Entry {
    /// Last day of the document; none without a document.
    pub(crate) fn document_until(&self) -> Option<NaiveDate> {
        self.person.document_expires_on.filter(|_| !self.person.document_number.is_empty())
    }

    /// The field of a column, written as the layout reads it.
    pub(crate) fn field(&self, column: &str) -> String {
        let (person, facts) = (&self.person, &self.facts);
        let date = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
        match column {
            "reference" => person.reference.clone(),
            "family_name" => person.family_name.clone(),
            "given_names" => person.given_names.clone(),
            "birth_date" => person.born_on.to_string(),
            "sex" => facts.sex.clone(),
            "region" => facts.region.clone(),
            "phone" => person.phone.clone(),
            "document_country" => person.document_country.clone(),
            "document_number" => person.document_number.clone(),
            "document_expiry" => date(person.document_expires_on),
            "occupations" => facts.experience.iter().cloned().map(String::from).collect::<Vec<_>>().join("|"),
            "languages" => facts.languages.join("|"),
            "certificates" => facts.certificates.join("|"),
            "destinations" => facts.destinations.join("|"),
            "available_from" => date(facts.available_from),
            "available_until" => date(facts.available_until),
            "fit_until" => date(facts.fit_until),
            "trained_until" => date(facts.trained_until),
            "seasons_returned" => facts.seasons_returned.to_string(),
            "priorities" => facts.priorities.join("|"),
            "family_group" => person.family_group.clone(),
            "crew" => person.crew.clone(),
            // The passport's line is checked and not kept: it repeats what other columns say, and more.
            _ => String::new(),
        }
    }
}

/// A row with its findings. There is an entry whenever there is a date of birth; it counts if nothing refuses the row.
pub(crate) struct Judged {
    pub(crate) entry: Option<Entry>,
    pub(crate) findings: Vec<Finding>,
}

/// Judges the row whose fields `get` gives.
pub(crate) fn judge(get: &dyn Fn(&str) -> String, filing: &Filing) -> Judged {
    let mut row = Reader::new(get);
    let reference = reference(&mut row);
    let family_name = row.text("family_name");
    if family_name.is_empty() {
        let message = "The family name is missing.".to_owned();
        row.refuse("family_name", ("NAME-01", message, "Write it as in the passport; a single name goes here."));
    }
    let given_names = row.text("given_names");
    let born_on = born_on(&mut row, filing);
    let (document_country, document_number, document_expires_on) = passport::document(&mut row, filing);
    let facts = facts(&mut row, filing, born_on);
    let phone = phone(&mut row);
    let (family_group, crew) = groups(&mut row);
    let entry = born_on.map(|born_on| Entry {
        person: Person {
            reference,
            family_name,
            given_names,
            born_on,
            document_country,
            document_number,
            document_expires_on,
            phone,
            family_group,
            crew,
        },
        facts,
    });
    if let Some(entry) = &entry {
        ages(&mut row, filing, entry);
        passport::compare(&mut row, entry);
    }
    Judged { entry, findings: row.findings }
}

fn reference(row: &mut Reader<'_>) -> String {
    let reference = row.text("reference");
    if reference.is_empty() {
        let mend = "Give the number under which your office files this person; the record is found again by it.";
        row.refuse("reference", ("REF-01", "The reference is missing.".to_owned(), mend));
    } else if !code::is_reference(&reference) {
        let message = "A reference has at most 64 signs: letters without accents, digits, punctuation.".to_owned();
        row.refuse("reference", ("REF-02", message, "Write it without accents."));
    }
    reference
}

fn born_on(row: &mut Reader<'_>, filing: &Filing) -> Option<NaiveDate> {
    let before = row.findings.len();
    let born_on = row.date("birth_date");
    if born_on.is_none() && row.findings.len() == before {
        let message = "The date of birth is missing.".to_owned();
        row.refuse("birth_date", ("DATE-03", message, "Write the date as in the passport, for example 28/02/1994."));
    }
    if born_on.is_some_and(|day| day > filing.as_of) {
        let message = format!("This day lies after {}.", date::words(filing.as_of));
        row.refuse("birth_date", ("DATE-04", message, "Write the date as in the passport."));
    }
    born_on
}

fn facts(row: &mut Reader<'_>, filing: &Filing, born_on: Option<NaiveDate>) -> Facts {
    Facts {
        birth_year: born_on.map_or(0, |day| day.year()),
        sex: sex(row),
        region: region(row, &filing.origin),
        experience: row.occupations("occupations"),
        languages: row.languages("languages"),
        certificates: row.codes("certificates", "CERT-01"),
        destinations: destinations(row, filing),
        available_from: row.date("available_from"),
        available_until: available_until(row),
        fit_until: row.date("fit_until"),
        trained_until: row.date("trained_until"),
        seasons_returned: seasons(row),
        priorities: row.codes("priorities", "PRIO-01"),
    }
}

fn sex(row: &mut Reader<'_>) -> String {
    let sex = row.capitals("sex");
    match sex.as_str() {
        "F" | "M" | "X" => sex,
        "" | "<" => "X".to_owned(),
        _ => {
            let message = format!("{sex:?} is not read.");
            row.refuse("sex", ("SEX-01", message, "Write F, M or X as in the passport."));
            "X".to_owned()
        }
    }
}

fn region(row: &mut Reader<'_>, origin: &str) -> String {
    let region = row.capitals("region");
    if !region.is_empty() && !code::is_code(&region, 12) {
        let message = "This is not a region's code.".to_owned();
        row.refuse("region", ("REGION-01", message, "Write the code of ISO 3166-2, for example CO-VAC."));
    }
    let country = region.split_once('-').map_or("", |(country, _)| country);
    if code::is_country(country) && country != origin {
        let message = format!("The region lies in {country}, not in {origin}.");
        row.flag("region", ("REGION-02", message, "Look whether the code is the right one."));
    }
    region
}

fn destinations(row: &mut Reader<'_>, filing: &Filing) -> Vec<String> {
    let destinations = row.countries("destinations");
    let open = |code: &String| filing.corridors.iter().any(|corridor| corridor.destination == *code);
    if !filing.corridors.is_empty()
        && let Some(closed) = destinations.iter().find(|code| code::is_country(code) && !open(code))
    {
        let message = format!("No corridor from {} to {closed} is open.", filing.origin);
        row.flag("destinations", ("DEST-02", message, "Leave the field empty for any destination."));
    }
    destinations
}

fn available_until(row: &mut Reader<'_>) -> Option<NaiveDate> {
    let until = row.date("available_until")?;
    let mut apart = Reader::new(row.get());
    let from = apart.date("available_from");
    if from.is_some_and(|from| from > until) {
        let message = "This day lies before available_from.".to_owned();
        row.refuse("available_until", ("DATE-05", message, "Exchange the two dates, or correct one."));
    }
    Some(until)
}

fn seasons(row: &mut Reader<'_>) -> i32 {
    let text = row.text("seasons_returned");
    if text.is_empty() {
        return 0;
    }
    match text.parse::<i32>() {
        Ok(seasons) if (0..=60).contains(&seasons) => seasons,
        _ => {
            let message = format!("{text:?} is not a number of seasons (0 to 60).");
            row.refuse("seasons_returned", ("SEASON-01", message, "Write how many seasons ended with a return."));
            0
        }
    }
}

fn phone(row: &mut Reader<'_>) -> String {
    let phone = row.text("phone");
    let digits: String = phone.chars().filter(|sign| !" -().".contains(*sign)).collect();
    let number = digits.strip_prefix('+').unwrap_or_default();
    if !phone.is_empty() && (!(8..=15).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit())) {
        let message = "This is not an international number.".to_owned();
        row.flag(
            "phone",
            ("PHONE-01", message, "Write + and the country's number first, for example +57 300 555 0123."),
        );
    }
    phone
}

/// With whom the person travels: a family, a crew, or nobody.
fn groups(row: &mut Reader<'_>) -> (String, String) {
    let (family_group, crew) = (group(row, "family_group"), group(row, "crew"));
    if !family_group.is_empty() && !crew.is_empty() {
        let message = "The person is in a family and in a crew; nobody travels with two groups.".to_owned();
        row.refuse("crew", ("GROUP-02", message, "Leave one of the two fields empty."));
    }
    (family_group, crew)
}

fn group(row: &mut Reader<'_>, column: &str) -> String {
    let name = row.text(column);
    if !code::is_reference(&name) {
        let message = "A group's name has at most 64 signs: letters without accents, digits, punctuation.".to_owned();
        row.refuse(column, ("GROUP-01", message, "Write it shorter and without accents, the same for each member."));
    }
    name
}

/// Ages are judged here, because the day of birth stays here. The widest bounds of the corridors in question count.
fn ages(row: &mut Reader<'_>, filing: &Filing, entry: &Entry) {
    let corridors = reachable(&filing.corridors, &entry.facts.destinations);
    let age = date::age(entry.person.born_on, filing.as_of);
    let on = date::words(filing.as_of);
    let named = |rule: &str, corridor: &Requirements| match corridor.corridor.as_str() {
        "" => format!("({rule}, by default)"),
        code => format!("({rule} of {code})"),
    };
    if let Some(corridor) = corridors.iter().min_by_key(|corridor| corridor.age_min)
        && (0..corridor.age_min).contains(&age)
    {
        let rule = named("candidate.age_min", corridor);
        let message = format!("{age} years old on {on}; the least is {} {rule}.", corridor.age_min);
        row.refuse("birth_date", ("AGE-01", message, "Register the person once they are old enough."));
    }
    if let Some(corridor) = corridors.iter().max_by_key(|corridor| corridor.age_max)
        && age > corridor.age_max
    {
        let rule = named("candidate.age_max", corridor);
        let message = format!("{age} years old on {on}; the most is {} {rule}.", corridor.age_max);
        row.refuse("birth_date", ("AGE-02", message, "Compare the date with the passport."));
    }
}

#[cfg(test)]
pub(crate) mod tests;
