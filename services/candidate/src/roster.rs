//! What a corridor asks of a candidate, and whether somebody may stand on the roster. Pure.

use chrono::{Days, NaiveDate};
use proto::programme::Rule;

/// What a corridor's rule pack asks of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requirements {
    /// Corridor code such as `CO-ES`; empty for the defaults.
    pub(crate) corridor: String,
    pub(crate) destination: String,
    /// Years.
    pub(crate) age_min: i32,
    pub(crate) age_max: i32,
    pub(crate) fitness: bool,
    pub(crate) training: bool,
    /// Days a roster entry is valid from the day it is judged.
    pub(crate) validity_days: i32,
}

impl Default for Requirements {
    fn default() -> Self {
        Self {
            corridor: String::new(),
            destination: String::new(),
            age_min: 18,
            age_max: 60,
            fitness: true,
            training: false,
            validity_days: 365,
        }
    }
}

impl Requirements {
    /// Reads the rules that this service applies; a rule that is absent or does not parse leaves the default.
    pub(crate) fn from_rules(rules: &[Rule]) -> Self {
        let value = |key: &str| rules.iter().find(|rule| rule.key == key).map(|rule| rule.value.trim());
        let number = |key: &str, default: i32| value(key).and_then(|text| text.parse().ok()).unwrap_or(default);
        let flag = |key: &str, default: bool| value(key).and_then(|text| text.parse().ok()).unwrap_or(default);
        let default = Self::default();
        Self {
            age_min: number("candidate.age_min", default.age_min),
            age_max: number("candidate.age_max", default.age_max),
            fitness: flag("candidate.fitness_required", default.fitness),
            training: flag("candidate.training_required", default.training),
            validity_days: number("roster.validity_days", default.validity_days).clamp(0, 3660),
            ..default
        }
    }
}

/// The corridors that a person could go by: those to the destinations named, or all of the origin; the defaults if
/// there is none.
pub(crate) fn reachable(corridors: &[Requirements], destinations: &[String]) -> Vec<Requirements> {
    let willing = |corridor: &&Requirements| destinations.is_empty() || destinations.contains(&corridor.destination);
    let found: Vec<Requirements> = corridors.iter().filter(willing).cloned().collect();
    if found.is_empty() { vec![Requirements::default()] } else { found }
}

/// Last days of what the roster rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Papers {
    pub(crate) document: Option<NaiveDate>,
    pub(crate) fitness: Option<NaiveDate>,
    pub(crate) training: Option<NaiveDate>,
}

/// Whether somebody may stand on the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Until this day, itself included.
    Rostered(NaiveDate),
    /// Not yet, for want of these: `DOCUMENT`, `FITNESS`, `TRAINING`.
    Lacks(Vec<String>),
}

/// The standing in the corridor that asks least: fewest things missing, then the longest time on the roster.
pub(crate) fn standing(corridors: &[Requirements], papers: Papers, on: NaiveDate) -> Standing {
    let mut best: Option<Standing> = None;
    for corridor in corridors {
        let found = standing_in(corridor, papers, on);
        if best.as_ref().is_none_or(|best| better(&found, best)) {
            best = Some(found);
        }
    }
    best.unwrap_or_else(|| standing_in(&Requirements::default(), papers, on))
}

fn standing_in(corridor: &Requirements, papers: Papers, on: NaiveDate) -> Standing {
    let needed = [
        ("DOCUMENT", true, papers.document),
        ("FITNESS", corridor.fitness, papers.fitness),
        ("TRAINING", corridor.training, papers.training),
    ];
    let (mut lacks, mut until) = (Vec::new(), validity_end(on, corridor.validity_days));
    for (name, required, last_day) in needed {
        match last_day {
            _ if !required => {}
            Some(day) if day >= on => until = until.min(day),
            _ => lacks.push(name.to_owned()),
        }
    }
    if lacks.is_empty() { Standing::Rostered(until) } else { Standing::Lacks(lacks) }
}

fn validity_end(on: NaiveDate, days: i32) -> NaiveDate {
    on.checked_add_days(Days::new(u64::try_from(days).unwrap_or_default())).unwrap_or(NaiveDate::MAX)
}

fn better(found: &Standing, best: &Standing) -> bool {
    match (found, best) {
        (Standing::Rostered(found), Standing::Rostered(best)) => found > best,
        (Standing::Rostered(_), Standing::Lacks(_)) => true,
        (Standing::Lacks(_), Standing::Rostered(_)) => false,
        (Standing::Lacks(found), Standing::Lacks(best)) => found.len() < best.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn papers(document: &str, fitness: &str) -> Papers {
        Papers { document: document.parse().ok(), fitness: fitness.parse().ok(), training: None }
    }

    #[test]
    fn the_roster_ends_with_the_first_paper_that_lapses() {
        let corridors = [Requirements::default()];
        let on = day("2026-01-10");
        for (document, fitness, until) in [
            ("2030-01-01", "2030-01-01", "2027-01-10"),
            ("2026-05-01", "2030-01-01", "2026-05-01"),
            ("2030-01-01", "2026-03-01", "2026-03-01"),
            ("2026-01-10", "2030-01-01", "2026-01-10"),
        ] {
            assert_eq!(standing(&corridors, papers(document, fitness), on), Standing::Rostered(day(until)));
        }
    }

    #[test]
    fn what_has_lapsed_is_missing() {
        let lacks = standing(&[Requirements::default()], papers("2026-01-09", ""), day("2026-01-10"));
        assert_eq!(lacks, Standing::Lacks(vec!["DOCUMENT".to_owned(), "FITNESS".to_owned()]));
    }

    #[test]
    fn the_corridor_that_asks_least_decides() {
        let strict = Requirements { training: true, ..Requirements::default() };
        let easy = Requirements { validity_days: 10, ..Requirements::default() };
        let found = standing(&[strict, easy], papers("2030-01-01", "2030-01-01"), day("2026-01-10"));
        assert_eq!(found, Standing::Rostered(day("2026-01-20")));
    }

    #[test]
    fn a_rule_that_does_not_parse_leaves_the_default() {
        let rule = |key: &str, value: &str| Rule { key: key.to_owned(), value: value.to_owned(), ..Rule::default() };
        let read = Requirements::from_rules(&[
            rule("candidate.age_max", "41"),
            rule("candidate.training_required", "true"),
            rule("roster.validity_days", "a year"),
        ]);
        assert_eq!((read.age_max, read.training, read.validity_days), (41, true, 365));
    }

    #[test]
    fn somebody_who_names_destinations_is_judged_by_those_corridors() {
        let to = |code: &str| Requirements {
            corridor: format!("CO-{code}"),
            destination: code.to_owned(),
            ..Requirements::default()
        };
        let corridors = [to("ES"), to("CA")];
        assert_eq!(reachable(&corridors, &["CA".to_owned()]), [to("CA")]);
        assert_eq!(reachable(&corridors, &[]).len(), 2);
        assert_eq!(reachable(&corridors, &["IT".to_owned()]), [Requirements::default()]);
    }
}
