//! How long a person may be abroad: days within any twelve months, as the corridor's pack has it. Guard G3 asks before a
//! seat is taken, the clock C-STAY from the departure on.

use chrono::{Duration, NaiveDate};

use crate::pack::Pack;

/// From this many days on a pack sets no limit: no twelve months have more.
const NO_LIMIT: i64 = 366;

/// Twelve months.
const YEAR: i64 = 365;

/// A stay: from a day until another.
pub(crate) type Days = (NaiveDate, NaiveDate);

/// Most days within any twelve months that a new stay has a day in, beside the person's others. Twelve months without a day of it
/// are past, or another stay's.
pub(crate) fn longest(others: &[Days], new: Days) -> i64 {
    if new.0 >= new.1 {
        return 0;
    }
    let (first, last) = (new.0 - Duration::days(YEAR - 1), new.1 - Duration::days(1));
    let stays = || others.iter().copied().chain([new]);
    let year = |start: NaiveDate| {
        let end = start + Duration::days(YEAR);
        stays().map(|(from, until)| (until.min(end) - from.max(start)).num_days().max(0)).sum::<i64>()
    };
    // The fullest twelve months begin with a stay, or are the first or the last of those that count.
    let starts = stays().map(|(from, _)| from).filter(|from| first <= *from && *from <= last);
    starts.chain([first, last]).map(year).max().unwrap_or(0)
}

/// The end of the stay that somebody's departure begins: the days of the pack beside the person's other stays, or its last day of
/// the year, whichever comes first. None if the pack sets no limit.
pub(crate) fn end(pack: &Pack, others: &[Days], departed_on: NaiveDate) -> Option<NaiveDate> {
    [by_days(pack, others, departed_on), pack.stay_last_day(departed_on)].into_iter().flatten().min()
}

fn by_days(pack: &Pack, others: &[Days], departed_on: NaiveDate) -> Option<NaiveDate> {
    if pack.stay_days_max() >= NO_LIMIT {
        return None;
    }
    // Days that lie behind, and were more than the pack allows now, end no stay before it began.
    let behind = longest(others, (departed_on, departed_on + Duration::days(1))) - 1;
    let most = pack.stay_days_max().max(behind);
    let fits = |until: &NaiveDate| longest(others, (departed_on, *until)) <= most;
    (0..=most.min(NO_LIMIT)).map(|days| departed_on + Duration::days(days)).take_while(fits).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(from: &str, until: &str) -> Days {
        (from.parse().unwrap(), until.parse().unwrap())
    }

    #[test]
    fn only_twelve_months_with_a_day_of_the_new_stay_count() {
        let new = stay("2026-03-01", "2026-11-30");
        assert_eq!(longest(&[], new), 274);
        // A whole season of the year before, whose return was verified late: 335 days in a year without a day of this one.
        let late = stay("2024-02-01", "2025-01-01");
        assert_eq!(longest(&[late], new), 274);
        // 61 days in the twelve months that begin with the first of November.
        assert_eq!(longest(&[stay("2025-11-01", "2026-01-01")], new), 61 + 245);
        // Another one that comes after it counts too.
        assert_eq!(longest(&[stay("2026-12-31", "2027-02-28")], new), 274 + 59);
    }
}
