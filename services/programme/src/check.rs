//! Forms of the codes that the programme is built from. Each check names the field and what would mend it.

use std::str::FromStr;

use chrono::NaiveDate;
use platform::Refused;
use proto::ids::MalformedId;

/// Longest name or title, characters.
const TEXT_MAX: usize = 300;

/// ISO 3166-1 alpha-2, by its form.
pub(crate) fn country(field: &str, text: &str) -> Result<(), Refused> {
    if is_country(text) {
        return Ok(());
    }
    Err(Refused::field(field, "COUNTRY", format!("{text:?} is no ISO 3166-1 alpha-2 code"))
        .mend("write two capital letters, such as CO"))
}

/// True for two capital letters.
pub(crate) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A name or title: something, and not a page of it.
pub(crate) fn text(field: &str, text: &str) -> Result<(), Refused> {
    let length = text.trim().chars().count();
    if (1..=TEXT_MAX).contains(&length) {
        return Ok(());
    }
    Err(Refused::field(field, "TEXT", format!("{field} needs 1 to {TEXT_MAX} characters, not {length}"))
        .mend("write a name or title that fits on a line or two"))
}

/// An ISO 8601 date.
pub(crate) fn date(field: &str, text: &str) -> Result<NaiveDate, Refused> {
    text.parse().map_err(|_| {
        Refused::field(field, "DATE", format!("{text:?} is no date")).mend("write year-month-day, such as 2026-03-01")
    })
}

/// An id of the kind that is wanted.
pub(crate) fn id<I: FromStr<Err = MalformedId>>(field: &str, text: &str) -> Result<I, Refused> {
    text.parse().map_err(|error: MalformedId| {
        Refused::field(field, "ID", error.to_string()).mend("send the id as the lists give it")
    })
}

/// At most `max` units, none below zero.
pub(crate) fn units(field: &str, units: i32, (min, max): (i32, i32)) -> Result<(), Refused> {
    if (min..=max).contains(&units) {
        return Ok(());
    }
    Err(Refused::field(field, "UNITS", format!("{field} lies between {min} and {max}, not at {units}"))
        .mend(format!("write a whole number from {min} to {max}")))
}

/// True for 1 to `max` characters of `a`–`z`, `0`–`9` and hyphen, the first of them no hyphen.
pub(crate) fn is_slug(text: &str, max: usize) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=max).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-')
}
