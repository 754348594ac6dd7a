//! Numbers and days as each language writes them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::words::Language;

const MONTHS: [[&str; 12]; 3] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
];

const SHORT_MONTHS: [[&str; 12]; 3] = [
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
];

fn month(names: &[[&'static str; 12]; 3], language: Language, day: NaiveDate) -> &'static str {
    names[language as usize][day.month0() as usize]
}

fn first(language: Language, day: NaiveDate) -> &'static str {
    if language == Language::French && day.day() == 1 { "er" } else { "" }
}

/// Returns a whole number with the language's separators: 6,979; 6 979 with a
/// narrow no-break space; 6.979. Spanish groups from five digits on in running
/// text, but tables of this house group from four, so that columns line up.
#[must_use]
pub fn whole(language: Language, number: i64) -> String {
    let separator = match language {
        Language::English => ',',
        Language::French => '\u{202f}',
        Language::Spanish => '.',
    };
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "\u{2212}" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// Returns a number with a fixed count of decimals.
#[must_use]
pub fn decimal(language: Language, number: f64, places: usize) -> String {
    let plain = format!("{:.places$}", number.abs());
    let (head, tail) = plain.split_once('.').unwrap_or((&plain, ""));
    let mark = if language == Language::English { '.' } else { ',' };
    let mut text = whole(language, head.parse().unwrap_or(i64::MAX));
    if number < 0.0 {
        text.insert(0, '\u{2212}');
    }
    if !tail.is_empty() {
        text.push(mark);
        text.push_str(tail);
    }
    text
}

/// Returns a share as a percentage with a no-break space before the sign.
#[must_use]
pub fn percent(language: Language, share: f64, places: usize) -> String {
    let number = decimal(language, share * 100.0, places);
    if language == Language::English { format!("{number}%") } else { format!("{number}\u{a0}%") }
}

/// Returns a day with its year: 12 October 2026.
#[must_use]
pub fn day(language: Language, day: NaiveDate) -> String {
    let (told, year) = (day_of_year(language, day), day.year());
    if language == Language::Spanish { format!("{told} de {year}") } else { format!("{told} {year}") }
}

/// Returns a day that comes every year: 15 December.
#[must_use]
pub fn day_of_year(language: Language, day: NaiveDate) -> String {
    let (number, name) = (day.day(), month(&MONTHS, language, day));
    match language {
        Language::Spanish => format!("{number}\u{a0}de\u{a0}{name}"),
        _ => format!("{number}{}\u{a0}{name}", first(language, day)),
    }
}

/// Returns a day of the current season, without its year: 12 Oct.
#[must_use]
pub fn short_day(language: Language, day: NaiveDate) -> String {
    let name = month(&SHORT_MONTHS, language, day);
    format!("{}{}\u{a0}{name}", day.day(), first(language, day))
}

/// Returns a time of day: 10:42, 10 h 42.
#[must_use]
pub fn time(language: Language, time: NaiveTime) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    match language {
        Language::French => format!("{hour}\u{a0}h\u{a0}{minute:02}"),
        _ => format!("{hour}:{minute:02}"),
    }
}

/// Returns a day with its year and a time, for timelines.
#[must_use]
pub fn moment(language: Language, moment: NaiveDateTime) -> String {
    let year = moment.year();
    let date = short_day(language, moment.date());
    format!("{date} {year}, {}", time(language, moment.time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_the_separators_of_the_language() {
        assert_eq!(whole(Language::English, 6979), "6,979");
        assert_eq!(whole(Language::French, 1_006_979), "1\u{202f}006\u{202f}979");
        assert_eq!(whole(Language::Spanish, 6979), "6.979");
        assert_eq!(whole(Language::English, 0), "0");
        assert_eq!(whole(Language::English, -1200), "\u{2212}1,200");
        assert_eq!(decimal(Language::French, 71.25, 1), "71,2");
        assert_eq!(percent(Language::English, 0.31, 0), "31%");
        assert_eq!(percent(Language::French, 0.31, 0), "31\u{a0}%");
    }

    #[test]
    fn days_are_words() {
        let first = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
        assert_eq!(day(Language::English, first), "1\u{a0}October 2026");
        assert_eq!(day(Language::French, first), "1er\u{a0}octobre 2026");
        assert_eq!(day(Language::Spanish, first), "1\u{a0}de\u{a0}octubre de 2026");
        let time_of_day = NaiveTime::from_hms_opt(9, 2, 0).unwrap();
        assert_eq!(time(Language::French, time_of_day), "9\u{a0}h\u{a0}02");
    }
}
