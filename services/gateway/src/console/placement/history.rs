//! What has happened to a placement, and which of it was recorded late.

use chrono::{NaiveDate, NaiveDateTime};

use crate::console::step::Step;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The step it reached, if it reached one.
    pub step: Option<Step>,
    /// Event code, for example `VISA_GRANTED` or `REPORT_CORRECTED`.
    pub event: String,
    pub on: NaiveDate,
    pub party: String,
    pub organisation: String,
    /// Reason code; empty if none.
    pub reason: String,
    /// A remark already in words; empty if none.
    pub remark: String,
    /// When it was recorded, UTC; `None` of steps that were stored before this was kept.
    pub recorded: Option<NaiveDateTime>,
    pub ended_badly: bool,
}

impl Entry {
    /// The day on which it was recorded, if that is late. A record has the day of UTC, an entry that of its place: where it
    /// is still evening the next day has begun, so one day more says nothing.
    fn recorded_late(&self) -> Option<NaiveDate> {
        self.recorded.map(|at| at.date()).filter(|day| (*day - self.on).num_days() > 1)
    }
}

/// That entries were recorded late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Late {
    pub(super) day: NaiveDate,
    /// Entries right before this one that were recorded late on the same day.
    pub(super) others: usize,
}

/// The entries in their order. Of several in a row that were recorded late on one day, as when a file or a stack of papers is
/// caught up with, the last one tells it for all: said at each, it would hide the one that matters.
pub(super) fn told(timeline: &[Entry]) -> Vec<(&Entry, Option<Late>)> {
    let mut others = 0;
    let mut told = Vec::with_capacity(timeline.len());
    for (at, entry) in timeline.iter().enumerate() {
        let day = entry.recorded_late();
        let goes_on = day.is_some() && timeline.get(at + 1).and_then(Entry::recorded_late) == day;
        told.push((entry, day.filter(|_| !goes_on).map(|day| Late { day, others })));
        others = if goes_on { others + 1 } else { 0 };
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn march(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    /// What is told of entries that happened and were recorded on these days of March; 0 = nobody knows when it was recorded.
    fn late(days: &[(u32, u32)]) -> Vec<Option<(u32, usize)>> {
        let entry = |(on, recorded): &(u32, u32)| Entry {
            step: None,
            event: String::new(),
            on: march(*on),
            party: String::new(),
            organisation: String::new(),
            reason: String::new(),
            remark: String::new(),
            recorded: (*recorded > 0).then(|| march(*recorded).and_hms_opt(0, 30, 0)).flatten(),
            ended_badly: false,
        };
        let timeline: Vec<Entry> = days.iter().map(entry).collect();
        let seen = |late: Late| (u32::try_from((late.day - march(1)).num_days()).unwrap() + 1, late.others);
        told(&timeline).into_iter().map(|(_, late)| late.map(seen)).collect()
    }

    #[test]
    fn a_record_of_the_day_or_the_night_after_is_not_late() {
        assert_eq!(late(&[(2, 2), (3, 4), (9, 5), (9, 0)]), [None; 4]);
        assert_eq!(late(&[(3, 5)]), [Some((5, 0))]);
    }

    #[test]
    fn what_was_recorded_late_on_one_day_is_told_once() {
        assert_eq!(late(&[(2, 20), (3, 20), (9, 20)]), [None, None, Some((20, 2))]);
        let two_days = late(&[(2, 20), (3, 20), (4, 21), (9, 21), (21, 21)]);
        assert_eq!(two_days, [None, Some((20, 1)), None, Some((21, 1)), None]);
        assert_eq!(
            late(&[(2, 20), (3, 0), (4, 20)]),
            [Some((20, 0)), None, Some((20, 0))],
            "only neighbours are counted"
        );
    }
}
