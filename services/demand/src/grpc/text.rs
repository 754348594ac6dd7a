//! Readers of single fields. `at` is the field's path, such as `order.lines[0].title`.

use std::str::FromStr;

use chrono::NaiveDate;
use platform::Refused;
use proto::ids::MalformedId;

/// Letters a text field may have.
const TEXT_MAX: usize = 200;

/// A text of 1 to 200 letters.
pub(super) fn required(text: &str, at: &str) -> Result<String, Refused> {
    let text = optional(text, at)?;
    if text.is_empty() {
        return Err(Refused::field(at, "FIELD_EMPTY", format!("{at} says nothing")).mend("fill it in"));
    }
    Ok(text)
}

/// A text of at most 200 letters.
pub(super) fn optional(text: &str, at: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.chars().count() > TEXT_MAX {
        let message = format!("{at} has more than {TEXT_MAX} letters");
        return Err(Refused::field(at, "FIELD_LONG", message).mend("say it shorter"));
    }
    Ok(text.to_owned())
}

/// An ISO 8601 date.
pub(super) fn date(text: &str, at: &str) -> Result<NaiveDate, Refused> {
    text.parse().map_err(|_| {
        Refused::field(at, "DATE", format!("{text:?} is no date"))
            .mend("write the date as 2026-02-28")
            .with("value", text)
    })
}

/// Two dates in their order.
pub(super) fn period((from, to): (&str, &str), at: &str) -> Result<(NaiveDate, NaiveDate), Refused> {
    let (from_at, to_at) = (format!("{at}.starts_on"), format!("{at}.ends_on"));
    let (from, to) = (date(from, &from_at)?, date(to, &to_at)?);
    if to < from {
        let message = format!("the end {to} is before the start {from}");
        return Err(Refused::field(&to_at, "DATES_REVERSED", message).mend("let the work end after it starts"));
    }
    Ok((from, to))
}

/// ISO 3166-1 alpha-2.
pub(super) fn country(text: &str, at: &str) -> Result<String, Refused> {
    if text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Ok(text.to_owned());
    }
    Err(Refused::field(at, "COUNTRY", format!("{text:?} is no country code")).mend("write two capitals, such as ES"))
}

/// A whole number within bounds.
pub(super) fn number(value: i32, (least, most): (i32, i32), at: &str) -> Result<i32, Refused> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let message = format!("{at} is {value}; it may be {least} to {most}");
    Err(Refused::field(at, "NUMBER_RANGE", message)
        .with("value", value)
        .with("least", least)
        .with("most", most)
        .mend(format!("write a whole number from {least} to {most}")))
}

pub(super) fn id<I: FromStr<Err = MalformedId>>(text: &str, at: &str) -> Result<I, Refused> {
    text.parse().map_err(|error: MalformedId| Refused::field(at, "ID", error.to_string()).mend("send a UUID"))
}

/// A list of at most `most` entries, each of a form that `fits`.
pub(super) fn codes(
    list: &[String],
    (most, form): (usize, &str),
    at: &str,
    fits: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Refused> {
    if list.len() > most {
        return Err(Refused::field(at, "LIST_LONG", format!("{at} has {} entries; at most {most}", list.len()))
            .mend("leave out what the work does not need"));
    }
    match list.iter().find(|code| !fits(code)) {
        Some(code) => Err(Refused::field(at, "CODE", format!("{code:?} is no code of this kind"))
            .with("value", code)
            .mend(format!("write it as {form}"))),
        None => Ok(list.to_vec()),
    }
}
