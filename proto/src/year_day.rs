//! A day that comes every year, as packs write it.

/// The days of each month in a year that has no 29 February.
const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Month and day of `MM-DD`, such as `12-15`; none if this is no day that every year has.
#[must_use]
pub fn month_and_day(text: &str) -> Option<(u32, u32)> {
    let (month, day) = text.split_once('-')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(month) || !two_digits(day) {
        return None;
    }
    let (month, day): (u32, u32) = (month.parse().ok()?, day.parse().ok()?);
    let days = DAYS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    (1..=*days).contains(&day).then_some((month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_year_is_one_that_every_year_has() {
        assert_eq!(month_and_day("12-15"), Some((12, 15)));
        assert_eq!(month_and_day("01-01"), Some((1, 1)));
        assert_eq!(month_and_day("02-28"), Some((2, 28)));
        for wrong in
            ["", "12", "02-29", "02-30", "00-10", "13-01", "04-31", "06-00", "6-1", "+1-15", "12-15 ", "2026-12-15"]
        {
            assert_eq!(month_and_day(wrong), None, "{wrong}");
        }
    }
}
