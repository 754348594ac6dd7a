//! The document of a row: its columns, and the passport's line beside them.

use chrono::NaiveDate;

use super::{
    Entry, Filing, code, date, mrz,
    reader::{Reader, Words},
};

/// Country, number and last day of the document. Without one the person is registered, and not on the roster.
pub(super) fn document(row: &mut Reader<'_>, filing: &Filing) -> (String, String, Option<NaiveDate>) {
    let number: String = row.capitals("document_number").chars().filter(|sign| !" -.".contains(*sign)).collect();
    let mut country = row.capitals("document_country");
    let before = row.findings.len();
    let expires = row.date("document_expiry");
    if number.is_empty() {
        let message = "No document is given: the person is registered, and not on the roster.".to_owned();
        row.flag("document_number", ("DOC-02", message, "Add number and expiry once the passport is issued."));
        return (String::new(), number, expires);
    }
    if country.is_empty() {
        country.clone_from(&filing.origin);
    }
    if !code::is_country(&country) {
        let message = "This is not a country code.".to_owned();
        row.refuse("document_country", ("DOC-03", message, "Write the two letters of the country, for example CO."));
    }
    if !(3..=20).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let message = "A document number has 3 to 20 letters and digits.".to_owned();
        row.refuse("document_number", ("DOC-03", message, "Copy it from the passport."));
    }
    match expires {
        Some(day) if day < filing.as_of => {
            let message = format!(
                "The document expired on {}: the person is registered, and not on the roster.",
                date::words(day)
            );
            row.flag("document_expiry", ("DOC-01", message, "Correct the record once the document is renewed."));
        }
        None if row.findings.len() == before => {
            let message = "No expiry is given: the person is registered, and not on the roster.".to_owned();
            row.flag("document_expiry", ("DOC-04", message, "Write the last day as in the passport."));
        }
        _ => {}
    }
    (country, number, expires)
}

/// Reads the passport's second line, if it is given, and compares it with the columns.
pub(super) fn compare(row: &mut Reader<'_>, entry: &Entry) {
    const SECOND_LINE: &str = "compare with the second line of the passport.";
    let line = row.capitals("mrz").replace(' ', "");
    if line.is_empty() {
        return;
    }
    let read = match mrz::read(&line) {
        Ok(read) => read,
        Err(fault) => return row.refuse("mrz", mrz_words(&fault)),
    };
    let person = &entry.person;
    let day = |day: NaiveDate| day.format("%y%m%d").to_string();
    let other = if read.document_number != person.document_number && person.document_number.len() <= 9 {
        Some("document_number")
    } else if read.born != day(person.born_on) {
        Some("birth_date")
    } else if person.document_expires_on.is_some_and(|expires| read.expires != day(expires)) {
        Some("document_expiry")
    } else if read.sex != 'X' && entry.facts.sex != "X" && !entry.facts.sex.starts_with(read.sex) {
        Some("sex")
    } else {
        None
    };
    if let Some(column) = other {
        let message = format!("The passport's line and the column {column} disagree.");
        row.refuse("mrz", ("MRZ-04", message, &format!("Correct the one that is wrong: {SECOND_LINE}")));
    }
}

fn mrz_words(fault: &mrz::Fault) -> Words<'static> {
    const AGAIN: &str = "Type the second line of the passport again.";
    match fault {
        mrz::Fault::Length(length) => ("MRZ-01", format!("The line has {length} signs; a passport's has 44."), AGAIN),
        mrz::Fault::Sign(place, sign) => {
            ("MRZ-01", format!("The {} sign is {sign:?}; the line has capitals, digits and <.", ordinal(*place)), AGAIN)
        }
        mrz::Fault::Digit(field) => {
            ("MRZ-02", format!("The check digit of the {field} does not fit: a sign is wrong."), AGAIN)
        }
        mrz::Fault::Letter { place, letter, digit } => {
            let message = format!("The check digit does not fit. The {} sign is the letter {letter}.", ordinal(*place));
            let mend = match digit {
                '0' => "Probably a zero: compare with the second line of the passport.",
                _ => "Probably a digit: compare with the second line of the passport.",
            };
            ("MRZ-03", message, mend)
        }
    }
}

fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (1, other) if other != 11 => "st",
        (2, other) if other != 12 => "nd",
        (3, other) if other != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
