//! How long a person may be abroad: days within any twelve months, as the corridor's pack has it. Guard G3 asks before a
//! seat is taken, the clock C-STAY from the departure on.

use chrono::{Duration, NaiveDate};

use crate::pack::Pack;

/// From this many days on a pack sets no limit: no twelve months have more.
const NO_LIMIT: i64 = 366;

/// A stay: from a day until another.
pub(crate) type Days = (NaiveDate, NaiveDate);

/// Most days within any twelve months that end with one of the stays.
pub(crate) fn longest(stays: &[Days]) -> i64 {
    let within = |end: NaiveDate| {
        let start = end - Duration::days(365);
        stays.iter().map(|(from, until)| (*until.min(&end) - *from.max(&start)).num_days().max(0)).sum()
    };
    stays.iter().map(|(_, end)| within(*end)).max().unwrap_or(0)
}

/// The end of the stay that somebody's departure begins, beside the person's others. None if the pack sets no limit.
pub(crate) fn end(pack: &Pack, others: &[Days], departed_on: NaiveDate) -> Option<NaiveDate> {
    if pack.stay_days_max() >= NO_LIMIT {
        return None;
    }
    // Days that lie behind, and were more than the pack allows now, end no stay before it began.
    let most = pack.stay_days_max().max(longest(others));
    let fits = |until: &NaiveDate| {
        let all: Vec<Days> = others.iter().copied().chain([(departed_on, *until)]).collect();
        longest(&all) <= most
    };
    (0..=most.min(NO_LIMIT)).map(|days| departed_on + Duration::days(days)).take_while(fits).last()
}
