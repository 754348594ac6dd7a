//! Who got a seat, of those who could have had one: by sex, region, first season and age. Nothing here reaches a score.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use proto::candidate as people;

/// Below so many eligible people a group is not told: its rate says little, and may say who somebody is.
pub const LEAST: i64 = 10;
/// The standard normal quantile of 97.5 %.
const Z: f64 = 1.959_964;

/// What a report groups by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    Sex = 1,
    Region = 2,
    FirstTimer = 3,
    AgeBand = 4,
}

/// What a round keeps of a person for its report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Traits {
    /// `F`, `M` or `X`.
    pub sex: String,
    pub region: String,
    /// No season of this programme has ended with a verified return.
    pub first_timer: bool,
    pub age_band: String,
}

impl Traits {
    /// Reads the state that the candidate service published; ages are those reached in the year of `as_of`, because only
    /// the year of birth travels.
    #[must_use]
    pub fn of(state: &people::Candidate, as_of: NaiveDate) -> Self {
        let band = match as_of.year() - state.birth_year {
            ..=24 => "-24",
            25..=34 => "25-34",
            35..=44 => "35-44",
            45..=54 => "45-54",
            _ => "55-",
        };
        Self {
            sex: state.sex.clone(),
            region: state.region.clone(),
            first_timer: state.seasons_returned == 0,
            age_band: band.to_owned(),
        }
    }

    fn words(&self) -> [(Attribute, &str); 4] {
        [
            (Attribute::Sex, &self.sex),
            (Attribute::Region, &self.region),
            (Attribute::FirstTimer, if self.first_timer { "yes" } else { "no" }),
            (Attribute::AgeBand, &self.age_band),
        ]
    }
}

/// The traits of many people, by position: few are alike in none, so each kind is kept once.
#[derive(Debug, Clone, Default)]
pub struct Register {
    numbers: HashMap<Traits, u32>,
    kinds: Vec<Traits>,
    of: Vec<u32>,
}

impl Register {
    /// Adds the next person.
    pub fn push(&mut self, traits: Traits) {
        let next = u32::try_from(self.kinds.len()).expect("there are fewer kinds of people than 2^32");
        let number = *self.numbers.entry(traits).or_insert_with_key(|traits| {
            self.kinds.push(traits.clone());
            next
        });
        self.of.push(number);
    }

    /// The traits of the person at a position.
    #[must_use]
    pub fn of(&self, at: usize) -> &Traits {
        &self.kinds[self.of[at] as usize]
    }
}

/// People who are alike in all traits, with how many of them there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    pub traits: Traits,
    pub eligible: i64,
    pub seated: i64,
}

/// One group of a report. Rates in parts per million; all zero where it is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub attribute: Attribute,
    /// Empty = unknown.
    pub name: String,
    pub eligible: i64,
    pub seated: i64,
    pub rate: i64,
    /// Ends of the interval of 95 %.
    pub low: i64,
    pub high: i64,
    pub suppressed: bool,
}

/// The groups of each attribute, and all people together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub groups: Vec<Group>,
    pub eligible: i64,
    pub seated: i64,
}

/// Counts the cells attribute by attribute.
///
/// A group below [`LEAST`] is not told; and until those that are not told are [`LEAST`] people together, neither is the next
/// smallest: else as few could be told from all the others and the sum.
#[must_use]
pub fn report(cells: &[Cell]) -> Report {
    let mut counts: BTreeMap<(Attribute, &str), (i64, i64)> = BTreeMap::new();
    let mut all = Report::default();
    for cell in cells {
        (all.eligible, all.seated) = (all.eligible + cell.eligible, all.seated + cell.seated);
        for (attribute, name) in cell.traits.words() {
            let count = counts.entry((attribute, name)).or_default();
            (count.0, count.1) = (count.0 + cell.eligible, count.1 + cell.seated);
        }
    }
    for attribute in [Attribute::Sex, Attribute::Region, Attribute::FirstTimer, Attribute::AgeBand] {
        let mut of: Vec<(&str, i64, i64)> = counts
            .iter()
            .filter(|((known, _), _)| *known == attribute)
            .map(|((_, name), (eligible, seated))| (*name, *eligible, *seated))
            .collect();
        of.sort_by_key(|(name, eligible, _)| (*eligible, *name));
        let hidden = hidden(&of);
        let mut groups: Vec<Group> =
            of.into_iter().enumerate().map(|(at, count)| group(attribute, count, at < hidden)).collect();
        groups.sort_by(|one, other| one.name.cmp(&other.name));
        all.groups.append(&mut groups);
    }
    all
}

/// How many of the groups of an attribute, the smallest first, are not told.
fn hidden(of: &[(&str, i64, i64)]) -> usize {
    let (mut groups, mut people) = (0, 0);
    for (_, eligible, _) in of {
        if *eligible >= LEAST && (groups == 0 || people >= LEAST) {
            break;
        }
        (groups, people) = (groups + 1, people + eligible);
    }
    groups
}

fn group(attribute: Attribute, (name, eligible, seated): (&str, i64, i64), suppressed: bool) -> Group {
    let (eligible, seated) = if suppressed { (0, 0) } else { (eligible, seated) };
    let (rate, low, high) = interval(seated, eligible);
    Group { attribute, name: name.to_owned(), eligible, seated, rate, low, high, suppressed }
}

/// The share of `seated` among `eligible`, and its interval of 95 %, in parts per million; zeros for nobody.
///
/// The score interval of E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of
/// the American Statistical Association 22 (1927) 209-212: it holds for small groups and for shares near 0 and 1, where
/// the usual one does not.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2^52")]
pub fn interval(seated: i64, eligible: i64) -> (i64, i64, i64) {
    if eligible <= 0 {
        return (0, 0, 0);
    }
    let (count, share) = (eligible as f64, seated as f64 / eligible as f64);
    let spread = Z * Z / count;
    let middle = (share + spread / 2.0) / (1.0 + spread);
    let half = Z * (share * (1.0 - share) / count + spread / (4.0 * count)).sqrt() / (1.0 + spread);
    (ppm(share), ppm(middle - half), ppm(middle + half))
}

#[expect(clippy::cast_possible_truncation, reason = "a share is between 0 and 1")]
fn ppm(share: f64) -> i64 {
    (share.clamp(0.0, 1.0) * 1_000_000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(sex: &str, region: &str, (seated, eligible): (i64, i64)) -> Cell {
        let traits = Traits { sex: sex.to_owned(), region: region.to_owned(), ..Traits::default() };
        Cell { traits, eligible, seated }
    }

    fn told(report: &Report, attribute: Attribute) -> Vec<(&str, i64, i64, bool)> {
        let of = report.groups.iter().filter(|group| group.attribute == attribute);
        of.map(|group| (group.name.as_str(), group.seated, group.eligible, group.suppressed)).collect()
    }

    #[test]
    fn the_interval_is_wilsons() {
        // The textbook's 2 of 10 is 5.67 % to 50.98 %.
        assert_eq!(interval(2, 10), (200_000, 56_682, 509_838));
        assert_eq!(interval(0, 10), (0, 0, 277_533));
        let (rate, low, high) = interval(500, 1000);
        assert_eq!((rate, low + high), (500_000, 1_000_000));
        assert!((469_000..470_000).contains(&low), "{low}");
    }

    #[test]
    fn groups_add_up_over_the_other_attributes() {
        let cells = [cell("F", "CO-CAU", (3, 20)), cell("M", "CO-CAU", (5, 30)), cell("F", "CO-NAR", (4, 12))];
        let report = report(&cells);
        assert_eq!((report.seated, report.eligible), (12, 62));
        assert_eq!(told(&report, Attribute::Sex), [("F", 7, 32, false), ("M", 5, 30, false)]);
        assert_eq!(told(&report, Attribute::Region), [("CO-CAU", 8, 50, false), ("CO-NAR", 4, 12, false)]);
    }

    #[test]
    fn a_small_group_is_not_told_and_cannot_be_told_from_the_others() {
        let cells = [cell("F", "A", (3, 9)), cell("M", "A", (5, 30)), cell("X", "B", (1, 12))];
        let one = report(&cells);
        // F is small; with M told, F would be what is missing from the sum, so X goes as well.
        assert_eq!(told(&one, Attribute::Sex), [("F", 0, 0, true), ("M", 5, 30, false), ("X", 0, 0, true)]);
        assert!(told(&one, Attribute::Region).iter().all(|group| !group.3));
        let two = report(&[cell("F", "A", (3, 9)), cell("M", "A", (5, 30)), cell("X", "B", (1, 2))]);
        assert_eq!(told(&two, Attribute::Sex), [("F", 0, 0, true), ("M", 5, 30, false), ("X", 0, 0, true)]);
    }

    #[test]
    fn small_groups_are_too_few_people_together_to_be_told_as_what_is_missing() {
        let cells = [cell("F", "A", (1, 2)), cell("X", "B", (1, 3)), cell("M", "C", (5, 30)), cell("", "D", (9, 40))];
        // F and X are five people: with both of the others told, their rate would be what is missing.
        let hidden = [("", 9, 40, false), ("F", 0, 0, true), ("M", 0, 0, true), ("X", 0, 0, true)];
        assert_eq!(told(&report(&cells), Attribute::Sex), hidden);
    }
}
