//! The published score: a sum of points by rule of the corridor's pack. Nothing else ranks people; a named recall, or a ground
//! that a pack puts first, is a claim above every score, not points.

use crate::{
    eligibility::months_in,
    facts::{Candidate, Line},
    terms::Corridor,
};

/// One summand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The rule's key.
    pub rule: &'static str,
    pub points: i64,
    /// How the points come about.
    pub detail: String,
    /// How many of what the rule counts, where it counts something.
    pub counted: Option<i64>,
}

/// What of a person counts for a line.
struct Counted {
    months: i64,
    seasons: i64,
    /// CEFR levels above what the line asks for, over all its languages.
    levels: i64,
    /// Certificates beyond those the line asks for.
    certificates: i64,
    priority: bool,
}

impl Counted {
    fn of(corridor: &Corridor, candidate: &Candidate, line: &Line) -> Self {
        let score = &corridor.score;
        let above =
            |asked: &crate::facts::Language| i64::from(candidate.level(&asked.code).saturating_sub(asked.level));
        let beyond = candidate.certificates.difference(&line.certificates).count();
        Self {
            months: i64::from(months_in(candidate, line).unwrap_or(0)).clamp(0, score.experience_months_cap.max(0)),
            seasons: i64::from(candidate.seasons_returned).clamp(0, score.seasons_cap.max(0)),
            levels: line.languages.iter().map(above).sum(),
            certificates: i64::try_from(beyond).unwrap_or(0),
            priority: score.priorities.iter().any(|ground| candidate.priorities.contains(ground)),
        }
    }

    fn points(&self, corridor: &Corridor) -> [(&'static str, i64); 6] {
        let score = &corridor.score;
        [
            ("score.base", score.base),
            ("score.per_experience_month", score.per_experience_month * self.months),
            ("score.per_returned_season", score.per_returned_season * self.seasons),
            ("score.per_language_level", score.per_language_level * self.levels),
            ("score.per_certificate", score.per_certificate * self.certificates),
            ("score.priority", if self.priority { score.priority } else { 0 }),
        ]
    }

    fn counted(&self, rule: &str) -> Option<i64> {
        match rule {
            "score.per_experience_month" => Some(self.months),
            "score.per_returned_season" => Some(self.seasons),
            "score.per_language_level" => Some(self.levels),
            "score.per_certificate" => Some(self.certificates),
            _ => None,
        }
    }

    fn detail(&self, rule: &str) -> String {
        match rule {
            "score.per_experience_month" => format!("{} months in the occupation", self.months),
            "score.per_returned_season" => format!("{} seasons ended with a verified return", self.seasons),
            "score.per_language_level" => format!("{} language levels above what is asked", self.levels),
            "score.per_certificate" => format!("{} certificates beyond those asked for", self.certificates),
            "score.priority" => "a ground for priority that the corridor names".to_owned(),
            _ => "every person".to_owned(),
        }
    }
}

/// Returns the score of a pair: at least 1, so that any seat is better than none.
#[must_use]
pub fn total(corridor: &Corridor, candidate: &Candidate, line: &Line) -> i64 {
    Counted::of(corridor, candidate, line).points(corridor).iter().map(|(_, points)| points).sum::<i64>().max(1)
}

/// Returns the summands that are not zero.
#[must_use]
pub fn parts(corridor: &Corridor, candidate: &Candidate, line: &Line) -> Vec<Part> {
    let counted = Counted::of(corridor, candidate, line);
    let points = counted.points(corridor).into_iter().filter(|(_, points)| *points != 0);
    let part = |(rule, points)| Part { rule, points, detail: counted.detail(rule), counted: counted.counted(rule) };
    points.map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::Language,
        testing::{candidate, line, terms},
    };

    #[test]
    fn the_parts_add_up_to_the_score_and_respect_the_caps() {
        let (mut terms, mut person, mut line) = (terms(), candidate(1), line(1));
        let corridor = terms.corridors.get_mut("CO").unwrap();
        corridor.score.priorities = vec!["DISPLACED".to_owned()];
        person.experience.insert("9211".to_owned(), 100);
        person.seasons_returned = 9;
        person.certificates = ["PRUNING".to_owned(), "TRACTOR".to_owned()].into();
        person.priorities = ["DISPLACED".to_owned()].into();
        person.languages = vec![Language::read("es:C1")];
        line.languages = vec![Language::read("es:A2")];
        line.certificates = ["TRACTOR".to_owned()].into();
        let parts = parts(corridor, &person, &line);
        let points: Vec<(&str, i64)> = parts.iter().map(|part| (part.rule, part.points)).collect();
        assert_eq!(
            points,
            [
                ("score.base", 100),
                ("score.per_experience_month", 96),
                ("score.per_returned_season", 240),
                ("score.per_language_level", 45),
                ("score.per_certificate", 20),
                ("score.priority", 25),
            ]
        );
        assert_eq!(total(corridor, &person, &line), 526);
    }

    #[test]
    fn a_priority_counts_only_where_the_pack_names_its_ground() {
        let (terms, mut person, line) = (terms(), candidate(1), line(1));
        let before = total(&terms.corridors["CO"], &person, &line);
        person.priorities = ["DISPLACED".to_owned()].into();
        assert_eq!(total(&terms.corridors["CO"], &person, &line), before);
    }

    #[test]
    fn sex_region_and_age_do_not_reach_the_score() {
        // Sex and region are not among the facts that matching keeps of a person at all.
        let kept = serde_json::to_value(candidate(1)).unwrap();
        assert!(kept.get("sex").is_none() && kept.get("region").is_none());
        let (terms, line) = (terms(), line(1));
        let of_age = |birth_year| total(&terms.corridors["CO"], &Candidate { birth_year, ..candidate(1) }, &line);
        assert!((1940..=2010).all(|birth_year| of_age(birth_year) == of_age(1990)));
    }
}
