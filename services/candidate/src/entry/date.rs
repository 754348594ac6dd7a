//! Dates as people write them: ISO 8601, or day/month/year.

use chrono::{Datelike, NaiveDate};

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The form fits, the day does not exist. `day` is how to say it, `example` the last day of that month.
    NoSuchDay {
        day: String,
        example: String,
    },
    NoSuchMonth(u32),
    /// Neither form, or a year outside 1900 to 2199.
    Form,
}

const MONTHS: [&str; 12] = [
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
];

/// Reads `2026-03-09` or `9/3/2026`.
pub(super) fn read(text: &str) -> Result<NaiveDate, Fault> {
    let (year, month, day) = parts(text).ok_or(Fault::Form)?;
    if !(1900..2200).contains(&year) {
        return Err(Fault::Form);
    }
    if !(1..=12).contains(&month) {
        return Err(Fault::NoSuchMonth(month));
    }
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| no_such_day(year, month, day))
}

fn parts(text: &str) -> Option<(i32, u32, u32)> {
    let number = |part: &str, longest: usize| -> Option<u32> {
        let digits = part.len() <= longest && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    };
    let separator = if text.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = text.split(separator).collect();
    let [first, month, last] = parts[..] else { return None };
    let (year, day) = if separator == '/' { (last, first) } else { (first, last) };
    if year.len() != 4 {
        return None;
    }
    Some((i32::try_from(number(year, 4)?).ok()?, number(month, 2)?, number(day, 2)?))
}

fn no_such_day(year: i32, month: u32, day: u32) -> Fault {
    let name = MONTHS[month as usize - 1];
    let last = (28..=31).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day)).unwrap_or_default();
    // 29 February exists in some years: then the year belongs to the sentence.
    let day = if (month, day) == (2, 29) { format!("29 February {year}") } else { format!("{day} {name}") };
    Fault::NoSuchDay { day, example: last.format("%d/%m/%Y").to_string() }
}

/// A date as a sentence says it: `9 March 2026`.
pub(super) fn words(date: NaiveDate) -> String {
    format!("{} {} {}", date.day(), MONTHS[date.month0() as usize], date.year())
}

/// Whole years on a day.
pub(super) fn age(born: NaiveDate, on: NaiveDate) -> i32 {
    let years = on.year() - born.year();
    if (on.month(), on.day()) < (born.month(), born.day()) { years - 1 } else { years }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let day = NaiveDate::from_ymd_opt(1994, 2, 28).unwrap();
        assert_eq!(read("1994-02-28"), Ok(day));
        assert_eq!(read("28/02/1994"), Ok(day));
        assert_eq!(read("9/3/2026"), Ok(NaiveDate::from_ymd_opt(2026, 3, 9).unwrap()));
        assert_eq!(words(day), "28 February 1994");
    }

    #[test]
    fn a_day_that_does_not_exist_is_named() {
        let fault = |day: &str, example: &str| Fault::NoSuchDay { day: day.to_owned(), example: example.to_owned() };
        assert_eq!(read("30/02/1994"), Err(fault("30 February", "28/02/1994")));
        assert_eq!(read("1993-02-29"), Err(fault("29 February 1993", "28/02/1993")));
        assert_eq!(read("31/04/1990"), Err(fault("31 April", "30/04/1990")));
        assert_eq!(read("12/25/1990"), Err(Fault::NoSuchMonth(25)));
    }

    #[test]
    fn what_is_no_date_is_not_guessed() {
        for text in ["", "28/02/94", "28.02.1994", "28-02-1994", "1994/02/28", "34392", "1/1/0001", "+1/2/1990"] {
            assert_eq!(read(text), Err(Fault::Form), "{text}");
        }
    }

    #[test]
    fn age_counts_whole_years() {
        let born = NaiveDate::from_ymd_opt(2000, 6, 15).unwrap();
        assert_eq!(age(born, NaiveDate::from_ymd_opt(2018, 6, 14).unwrap()), 17);
        assert_eq!(age(born, NaiveDate::from_ymd_opt(2018, 6, 15).unwrap()), 18);
    }
}
