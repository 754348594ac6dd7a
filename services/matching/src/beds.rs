//! Beds: how many people may sleep in a housing on each day. Lines of one poster that give the same name share its beds; a
//! line without a name has its own. Pure: lines in, beds that are free out.
//!
//! Who sleeps there changes only when a stay begins or ends, and is most on a day on which one begins: so one limit for each
//! such day is the same as a bed for everybody on every day.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use proto::ids::{LineId, OrganisationId};

use crate::facts::Line;

/// Where the people of a line sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Housing<'a> {
    organisation_id: OrganisationId,
    name: &'a str,
    /// Of a housing without a name: whose it is.
    line: Option<LineId>,
}

impl<'a> Housing<'a> {
    /// The housing of a line.
    #[must_use]
    pub fn of(line: &'a Line) -> Self {
        Self {
            organisation_id: line.organisation_id,
            name: &line.housing,
            line: line.housing.is_empty().then_some(line.id),
        }
    }
}

/// The people of a line in their housing, from the first day of work to the last, both counted.
#[derive(Debug, Clone)]
pub struct Stay {
    organisation_id: OrganisationId,
    housing: String,
    line: LineId,
    days: [NaiveDate; 2],
    /// None if the line says nothing of beds, or that none come with it: then its people sleep elsewhere.
    beds: Option<u32>,
    taken: u32,
    seats: u32,
}

impl Stay {
    /// The stay of a line whose order tells `beds`, and of which `taken` seats are given or promised; none if there are no beds
    /// to count.
    #[must_use]
    pub fn of(line: &Line, beds: i32, taken: u32) -> Option<Self> {
        let beds = u32::try_from(beds).ok().filter(|&beds| beds > 0);
        (beds.is_some() || !line.housing.is_empty()).then(|| Self {
            organisation_id: line.organisation_id,
            housing: line.housing.clone(),
            line: line.id,
            days: [line.starts_on, line.ends_on],
            beds,
            taken,
            seats: line.seats,
        })
    }

    fn housing(&self) -> Housing<'_> {
        let line = self.housing.is_empty().then_some(self.line);
        Housing { organisation_id: self.organisation_id, name: &self.housing, line }
    }

    fn has(&self, day: NaiveDate) -> bool {
        self.days[0] <= day && day <= self.days[1]
    }
}

/// Lines whose people sleep in a housing on a day, and the beds that are left for them.
type Night = (BTreeSet<LineId>, u32);

/// Tells each line which beds are free. `stays` are of all lines, also of those that are full: their people sleep there.
pub fn give(lines: &mut [Line], stays: &[Stay]) {
    let mut housings: HashMap<Housing<'_>, Vec<&Stay>> = HashMap::new();
    stays.iter().for_each(|stay| housings.entry(stay.housing()).or_default().push(stay));
    let mut free: HashMap<LineId, BTreeMap<NaiveDate, u32>> = HashMap::new();
    for stays in housings.values() {
        for (day, (there, beds)) in nights(stays) {
            there.into_iter().for_each(|line| _ = free.entry(line).or_default().insert(day, beds));
        }
    }
    for line in lines {
        line.beds = free.remove(&line.id).unwrap_or_default();
    }
}

/// The days that limit a housing. Where its lines tell different numbers of beds the least counts: nobody is sent where there
/// may be no bed.
fn nights(stays: &[&Stay]) -> BTreeMap<NaiveDate, Night> {
    let Some(beds) = stays.iter().filter_map(|stay| stay.beds).min() else { return BTreeMap::new() };
    let starts: BTreeSet<NaiveDate> = stays.iter().map(|stay| stay.days[0]).collect();
    let mut nights: BTreeMap<NaiveDate, Night> = BTreeMap::new();
    for day in starts {
        let there = || stays.iter().filter(move |stay| stay.has(day));
        let taken = there().map(|stay| stay.taken).fold(0, u32::saturating_add);
        let seats = there().map(|stay| stay.seats).fold(0, u32::saturating_add);
        let free = beds.saturating_sub(taken);
        if free < seats {
            nights.insert(day, (there().filter(|stay| stay.seats > 0).map(|stay| stay.line).collect(), free));
        }
    }
    // A day on which everybody is there on another one with no more beds limits nothing further.
    let all = nights.clone();
    let implied = |day: &NaiveDate, (there, free): &Night| {
        all.iter().any(|(other, (more, fewer))| {
            other != day && there.is_subset(more) && fewer <= free && ((there, free) != (more, fewer) || other < day)
        })
    };
    nights.retain(|day, night| !implied(day, night));
    nights
}

#[cfg(test)]
mod tests {
    use proto::ids::OrderId;
    use uuid::Uuid;

    use super::*;
    use crate::testing::{date, line};

    /// Line n with so many seats in a housing, on some days.
    fn asked(number: u128, (housing, seats): (&str, u32), days: [&str; 2]) -> Line {
        let [starts_on, ends_on] = days.map(|day| date(day).unwrap());
        Line { housing: housing.to_owned(), seats, starts_on, ends_on, ..line(number) }
    }

    fn free(line: &Line) -> Vec<(String, u32)> {
        line.beds.iter().map(|(day, free)| (day.to_string(), *free)).collect()
    }

    #[test]
    fn lines_of_one_housing_share_its_beds_on_the_days_that_they_have_in_common() {
        let mut lines = [
            asked(1, ("Mas Pi", 30), ["2026-03-01", "2026-05-31"]),
            asked(2, ("Mas Pi", 30), ["2026-05-20", "2026-08-31"]),
            asked(3, ("Mas Pi", 30), ["2026-09-01", "2026-09-30"]),
        ];
        let stays: Vec<Stay> = lines.iter().filter_map(|line| Stay::of(line, 40, 0)).collect();
        give(&mut lines, &stays);
        let shared = vec![("2026-05-20".to_owned(), 40)];
        assert_eq!(lines.each_ref().map(free), [shared.clone(), shared, Vec::new()]);
    }

    #[test]
    fn two_orders_that_tell_different_numbers_of_beds_have_the_least() {
        let days = ["2026-03-01", "2026-05-31"];
        let second = Line { order_id: OrderId(Uuid::from_u128(2001)), ..asked(2, ("Mas Pi", 30), days) };
        let mut lines = [asked(1, ("Mas Pi", 30), days), second];
        let stays = [Stay::of(&lines[0], 40, 0), Stay::of(&lines[1], 25, 0)].map(Option::unwrap);
        give(&mut lines, &stays);
        let least = vec![("2026-03-01".to_owned(), 25)];
        assert_eq!(lines.each_ref().map(free), [least.clone(), least]);
    }

    #[test]
    fn whoever_sleeps_there_already_takes_a_bed_also_on_a_line_that_is_full() {
        let mut lines = [asked(1, ("Mas Pi", 10), ["2026-03-01", "2026-05-31"])];
        let full = asked(2, ("Mas Pi", 0), ["2026-04-01", "2026-08-31"]);
        let elsewhere = Line { organisation_id: OrganisationId::default(), ..full.clone() };
        let stays =
            [Stay::of(&lines[0], 12, 3), Stay::of(&full, -1, 5), Stay::of(&elsewhere, 12, 9)].map(Option::unwrap);
        give(&mut lines, &stays);
        assert_eq!(free(&lines[0]), [("2026-04-01".to_owned(), 4)], "fewer than on the first day, 9");
    }

    #[test]
    fn a_line_of_its_own_is_limited_by_its_beds_where_they_are_fewer_than_its_seats() {
        let of = |beds: i32, taken: u32| {
            let mut lines = [asked(1, ("", 10), ["2026-03-01", "2026-05-31"])];
            let stays: Vec<Stay> = Stay::of(&lines[0], beds, taken).into_iter().collect();
            give(&mut lines, &stays);
            free(&lines[0])
        };
        assert_eq!(of(7, 0), [("2026-03-01".to_owned(), 7)]);
        assert_eq!(of(7, 9), [("2026-03-01".to_owned(), 0)]);
        assert!(
            [10, -1, 0].into_iter().all(|beds| of(beds, 0).is_empty()),
            "a bed for each, or none comes with the seat"
        );
    }
}
