//! The corridor's rule pack as this service reads it: values by key, and what stands where the pack is silent.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{Datelike, Days, Duration, NaiveDate, Weekday};
use proto::{
    bars::{Bar, bars},
    year_day::month_and_day,
};

use crate::{cases::CHANNELS, decide::BAR_RULE, moves::Party, signers::SIGNERS, tracks::Track};

/// The rules that let re-entry be barred.
pub(crate) const BARS: &str = "reentry.bars";

/// The packs of a corridor, by the date they start on.
#[derive(Debug, Clone, Default)]
pub struct Packs(pub BTreeMap<NaiveDate, Arc<Pack>>);

impl Packs {
    /// The pack in force on a day; before the first one, the first.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<Arc<Pack>> {
        self.0.range(..=day).next_back().or_else(|| self.0.iter().next()).map(|(_, pack)| pack.clone())
    }
}

/// Rules of a corridor in force on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pack {
    /// Such as `CO-ES@2025-01-01`; empty if no pack is known and the defaults stand.
    pub id: String,
    pub rules: BTreeMap<String, String>,
}

impl Pack {
    fn text(&self, key: &str) -> Option<&str> {
        self.rules.get(key).map(String::as_str)
    }

    /// How a rule of this pack is cited, such as `CO-ES@2025-01-01/reentry.bar.days`.
    #[must_use]
    pub fn rule_id(&self, key: &str) -> String {
        if self.id.is_empty() { key.to_owned() } else { format!("{}/{key}", self.id) }
    }

    /// A whole number, such as days of a clock.
    #[must_use]
    pub fn number(&self, key: &str, default: i64) -> i64 {
        self.text(key).and_then(|value| value.trim().parse().ok()).unwrap_or(default)
    }

    fn flag(&self, key: &str, default: bool) -> bool {
        self.text(key).map_or(default, |value| value.trim() == "true")
    }

    fn tracks(&self, key: &str, default: &[Track]) -> Vec<Track> {
        self.text(key)
            .map_or_else(|| default.to_vec(), |value| value.split([' ', ',']).filter_map(Track::from_word).collect())
    }

    /// Tracks that departure waits for.
    #[must_use]
    pub fn depart(&self) -> Vec<Track> {
        self.tracks("tracks.depart", &Track::ALL)
    }

    /// Tracks that the start of work waits for.
    #[must_use]
    pub fn start_work(&self) -> Vec<Track> {
        self.tracks("tracks.start_work", &[])
    }

    /// Tracks that are done with the order itself.
    #[must_use]
    pub fn done_with_order(&self) -> Vec<Track> {
        self.tracks("tracks.done_with_order", &[])
    }

    /// Tracks that `track` waits for.
    #[must_use]
    pub fn waits(&self, track: Track) -> Vec<Track> {
        self.tracks(&format!("tracks.waits.{}", track.as_str()), &[])
    }

    /// Whose signatures the contract needs; a pack that names nobody has those of both sides.
    #[must_use]
    pub fn signers(&self) -> Vec<Party> {
        let named = self.text("tracks.contract.signers").unwrap_or_default();
        let named: Vec<Party> =
            SIGNERS.into_iter().filter(|party| named.split(' ').any(|word| word == party.as_str())).collect();
        if named.is_empty() { vec![Party::Union, Party::Worker] } else { named }
    }

    /// Is nobody eligible without a valid fitness for work?
    #[must_use]
    pub fn fitness_required(&self) -> bool {
        self.flag("candidate.fitness_required", true)
    }

    /// Is nobody eligible without a valid training?
    #[must_use]
    pub fn training_required(&self) -> bool {
        self.flag("candidate.training_required", false)
    }

    /// May somebody else come in place of one who drops out?
    #[must_use]
    pub fn substitutes(&self) -> bool {
        self.flag("substitutes.allowed", true)
    }

    /// Longest list for a number of posts: `ceil(R-K × posts)`.
    #[must_use]
    pub fn list_max(&self, posts: i32) -> i32 {
        let factor: f64 = self.text("list.reserve_factor").and_then(|value| value.trim().parse().ok()).unwrap_or(1.45);
        // Seats are below a million, so the product is exact enough and fits.
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        let max = (factor * f64::from(posts)).ceil().min(1e9) as i32;
        max
    }

    /// Attempts to reach a person, and channels they have to be spread over, before anything is decided without the person.
    #[must_use]
    pub fn contacts(&self) -> (usize, usize) {
        // No pack can ask for more than a placement gathers records for, or for a channel there is not.
        let number = |key: &str, default: i64, most: i64| {
            usize::try_from(self.number(key, default).clamp(0, most)).unwrap_or_default()
        };
        (number("contact.attempts", 3, 20), number("contact.channels", 2, CHANNELS.len() as i64))
    }

    /// Days a person may be abroad within any twelve months.
    #[must_use]
    pub fn stay_days_max(&self) -> i64 {
        self.number("stay.days_max_in_12_months", 270)
    }

    /// The day on which a stay that begins on that day ends at the latest, where the pack names a day of the year for it.
    #[must_use]
    pub fn stay_last_day(&self, from: NaiveDate) -> Option<NaiveDate> {
        let (month, day) = month_and_day(self.text("stay.last_day")?)?;
        let years = [from.year(), from.year() + 1];
        years.into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, month, day)).find(|last| *last >= from)
    }

    /// Days in which something can be done about an authority's refusal.
    #[must_use]
    pub fn remedy_days(&self) -> i64 {
        self.number("remedy.days", 30).max(0)
    }

    /// The rules by which re-entry may be barred; none if the pack names no law.
    #[must_use]
    pub fn bars(&self) -> Vec<Bar<'_>> {
        self.text(BARS).and_then(bars).unwrap_or_default()
    }

    /// Days for which re-entry is barred if the decision names no day, and at most.
    #[must_use]
    pub fn bar_days(&self) -> i64 {
        self.number(BAR_RULE, 730)
    }

    /// How the pack is called in a refusal.
    #[must_use]
    pub fn name(&self) -> String {
        if self.id.is_empty() { "the corridor's rule pack".to_owned() } else { format!("the rule pack {}", self.id) }
    }

    /// The last day of the selection mission, where the pack has one.
    #[must_use]
    pub fn selection_mission(&self) -> Option<NaiveDate> {
        self.text("select.mission_last_day").and_then(|value| value.trim().parse().ok())
    }

    /// The day that lies so many working days after another. Saturdays, Sundays and the holidays of the pack's calendar are no
    /// working days.
    #[must_use]
    pub fn workdays_after(&self, day: NaiveDate, days: i64) -> NaiveDate {
        let holidays = self.text("calendar.holidays").unwrap_or_default();
        let holidays: Vec<NaiveDate> = holidays.split(' ').filter_map(|day| day.parse().ok()).collect();
        let (mut day, mut left) = (day, days);
        while left > 0 {
            day = day + Days::new(1);
            if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !holidays.contains(&day) {
                left -= 1;
            }
        }
        day
    }

    /// Is it too late, on this day, to name anybody else for the flight of who begins on that? Once the work has begun, a seat
    /// that is vacated is another flight's.
    #[must_use]
    pub fn names_are_final(&self, starts_on: NaiveDate, on: NaiveDate) -> bool {
        on < starts_on && on > starts_on - Duration::days(self.number("clock.names.days", 10))
    }

    /// Whoever could work for fewer days than these is called from no list.
    #[must_use]
    pub fn days_left_min(&self) -> i64 {
        self.number("reserve.days_left_min", 30)
    }

    /// Work that ends more days than these before its planned end ends early.
    #[must_use]
    pub fn early_days(&self) -> i64 {
        self.number("end.early_days", 30)
    }

    /// Workdays after which the word of the first of two people lapses.
    #[must_use]
    pub fn two_people_workdays(&self) -> i64 {
        self.number("two_people.workdays", 5)
    }

    /// Workdays in which one side of a hearing answers to the other.
    #[must_use]
    pub fn hearing_side_workdays(&self) -> i64 {
        self.number("clock.hearing_side.workdays", 5)
    }

    /// Days after the work's end until the return is due.
    #[must_use]
    pub fn return_days(&self) -> i64 {
        self.number("clock.return.days", 30)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holiday_is_no_workday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let rules = [("calendar.holidays".to_owned(), "2026-04-02 2026-04-03".to_owned())].into();
        let easter = Pack { rules, ..Pack::default() };
        // Wednesday before Easter.
        assert_eq!(Pack::default().workdays_after(day("2026-04-01"), 2), day("2026-04-03"));
        assert_eq!(easter.workdays_after(day("2026-04-01"), 2), day("2026-04-07"));
        assert_eq!(easter.workdays_after(day("2026-04-02"), 0), day("2026-04-02"));
    }
}
