//! Who may take a seat of which line. Hard rules only, each with its key; what is better than permitted is in `score`.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    facts::{Candidate, Language, Line, Period, Shut},
    terms::{Corridor, Terms},
};

macro_rules! rules {
    ($($name:ident $key:literal $message:literal;)*) => {
        /// A rule that can close a line to a person. The order is the order in which reasons are counted: a line that
        /// several rules close counts for the first of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rule {
            $($name,)*
        }

        impl Rule {
            /// Every rule, in that order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The rule's key, as in packs and answers.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// What it says where it closes a line, a sentence.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}

rules! {
    CorridorOpen "corridor.open" "There is no open corridor from the person's country to this destination.";
    Roster "roster.validity_days" "The place on the roster was not valid on the round's date.";
    Fitness "candidate.fitness_required" "No valid medical fitness on the round's date.";
    Training "candidate.training_required" "No valid training on the round's date.";
    Destination "candidate.destinations" "The person does not wish to go to this destination.";
    Origins "line.origins" "The line admits other origins.";
    Quota "line.quota" "No quota of the person's corridor stands behind the line.";
    Isco "isco" "The person has not worked in any occupation of the line.";
    Experience "line.experience_months" "Less experience in the occupation than the line asks for.";
    ExperienceMin "candidate.experience_months_min" "Less experience in the occupation than the corridor asks for.";
    Languages "line.languages" "A language is missing, or below the level the line asks for.";
    CorridorLanguages "candidate.languages" "A language is missing, or below the level the corridor asks for.";
    Certificates "line.certificates" "A certificate that the line asks for is missing.";
    AgeMin "candidate.age_min" "Too young in the year the work starts.";
    AgeMax "candidate.age_max" "Too old in the year the work starts.";
    Dates "dates" "The work is not within the days the person is available.";
    Free "person.free" "The person is placed or proposed elsewhere in this time.";
    Stay "stay.days_max_in_12_months" "With this work the person would be abroad for too many days within twelve months.";
    Named "line.substitutes" "All seats are kept for workers whom the order names, and the line takes no substitutes.";
    Listed "placement.listed" "The person is on the line's reserve list already.";
    Refused "proposal.refused" "A proposal of this person for this line was refused before.";
    Ended "placement.ended" "A placement of this person on this line ended before departure.";
}

/// Returns every rule that closes `line` to `candidate`, in their order; none = permitted.
#[must_use]
pub fn judge(terms: &Terms, candidate: &Candidate, line: &Line) -> Vec<Rule> {
    let Some(corridor) = terms.corridors.get(&candidate.origin) else {
        return vec![Rule::CorridorOpen];
    };
    let mut closing = person_rules(terms, corridor, candidate, &line.destination);
    closing.extend(paper_rules(terms, corridor, candidate, line));
    closing.extend(work_rules(corridor, candidate, line));
    closing.extend(date_rules(corridor, candidate, line));
    closing.extend(pair_rules(candidate, line));
    closing.sort_unstable();
    closing
}

/// Rules about the person alone.
#[must_use]
pub fn person_rules(terms: &Terms, corridor: &Corridor, candidate: &Candidate, destination: &str) -> Vec<Rule> {
    let valid = |until: Option<NaiveDate>| until.is_some_and(|until| until >= terms.as_of);
    let willing = candidate.destinations.is_empty() || candidate.destinations.contains(destination);
    closing([
        (Rule::CorridorOpen, !corridor.open),
        (Rule::Roster, !valid(candidate.rostered_until)),
        (Rule::Destination, !willing),
    ])
}

/// Rules about the person's papers: those that the packs of the order's date ask for, valid on the round's.
#[must_use]
pub fn paper_rules(terms: &Terms, corridor: &Corridor, candidate: &Candidate, line: &Line) -> Vec<Rule> {
    let valid = |until: Option<NaiveDate>| until.is_some_and(|until| until >= terms.as_of);
    let asked = line.papers.get(&corridor.code).copied().unwrap_or(corridor.papers());
    closing([
        (Rule::Fitness, asked.fitness && !valid(candidate.fit_until)),
        (Rule::Training, asked.training && !valid(candidate.trained_until)),
    ])
}

/// Rules about the person and the kind of work: they read no dates.
#[must_use]
pub fn work_rules(corridor: &Corridor, candidate: &Candidate, line: &Line) -> Vec<Rule> {
    let months = months_in(candidate, line);
    let known = months.unwrap_or(0);
    let admitted = line.origins.is_empty() || line.origins.contains(&candidate.origin);
    let speaks = |all: &[Language]| all.iter().all(|asked| candidate.level(&asked.code) >= asked.level);
    closing([
        (Rule::Origins, !admitted),
        (Rule::Quota, line.share(&corridor.code).is_none()),
        (Rule::Isco, months.is_none()),
        (Rule::Experience, months.is_some() && known < line.experience_months),
        (Rule::ExperienceMin, months.is_some() && known < corridor.experience_months_min),
        (Rule::Languages, !speaks(&line.languages)),
        (Rule::CorridorLanguages, !speaks(&corridor.languages)),
        (Rule::Certificates, !line.certificates.is_subset(&candidate.certificates)),
    ])
}

/// Rules about the days of the work.
#[must_use]
pub fn date_rules(corridor: &Corridor, candidate: &Candidate, line: &Line) -> Vec<Rule> {
    // Only the year of birth travels, so the age is the one reached in the year the work starts.
    let age = line.starts_on.year() - candidate.birth_year;
    let available = candidate.available_from.is_none_or(|from| from <= line.starts_on)
        && candidate.available_until.is_none_or(|until| until >= line.ends_on);
    closing([
        (Rule::AgeMin, age < corridor.age_min),
        (Rule::AgeMax, age > corridor.age_max),
        (Rule::Dates, !available),
        (Rule::Free, !is_free(corridor, candidate, line)),
        (Rule::Stay, !may_stay(corridor, candidate, line)),
    ])
}

/// Rules about this very pair.
#[must_use]
pub fn pair_rules(candidate: &Candidate, line: &Line) -> Vec<Rule> {
    let shut = candidate.shut.get(&line.id);
    closing([
        (Rule::Named, line.others == Some(0) && !line.named.contains(&candidate.id)),
        (Rule::Listed, shut == Some(&Shut::Listed)),
        (Rule::Refused, shut == Some(&Shut::Refused)),
        (Rule::Ended, shut == Some(&Shut::Ended)),
    ])
}

fn closing<const N: usize>(rules: [(Rule, bool); N]) -> Vec<Rule> {
    rules.into_iter().filter(|(_, closes)| *closes).map(|(rule, _)| rule).collect()
}

/// The person's greatest experience in an occupation of the line, months; none without any. A line that names no
/// occupation is open to all.
#[must_use]
pub fn months_in(candidate: &Candidate, line: &Line) -> Option<i32> {
    if line.isco_codes.is_empty() {
        return Some(candidate.experience.values().copied().max().unwrap_or(0));
    }
    let known = candidate.experience.iter().filter(|(code, _)| line.isco_codes.contains(*code));
    known.map(|(_, months)| *months).max()
}

/// The days a placement on `line` would take of a person: from the start to the day of the return.
#[must_use]
pub fn period(corridor: &Corridor, line: &Line) -> Period {
    let days = Days::new(u64::try_from(corridor.return_days).unwrap_or(0));
    let until = line.ends_on.checked_add_days(days).unwrap_or(line.ends_on);
    Period { from: line.starts_on, until }
}

fn is_free(corridor: &Corridor, candidate: &Candidate, line: &Line) -> bool {
    let wanted = period(corridor, line);
    candidate.periods.iter().all(|taken| taken.until <= wanted.from || wanted.until <= taken.from)
}

/// True if in no 365 days that have a day of this work the person would be taken for more days than the corridor allows,
/// however long the order: the rule by which `placement` takes the seat.
#[must_use]
pub fn may_stay(corridor: &Corridor, candidate: &Candidate, line: &Line) -> bool {
    let new = Period { from: line.starts_on, until: line.ends_on };
    if new.days() == 0 {
        return true;
    }
    let (first, last) = (new.from - Days::new(YEAR - 1), new.until - Days::new(1));
    let stays = || candidate.periods.iter().copied().chain(std::iter::once(new));
    let year = |start: NaiveDate| {
        let end = start + Days::new(YEAR);
        let within = |stay: Period| Period { from: stay.from.max(start), until: stay.until.min(end) }.days();
        stays().map(within).sum::<i64>()
    };
    // The fullest year begins with a stay, or is the first or the last of those that count.
    let starts = stays().map(|stay| stay.from).filter(|from| first <= *from && *from <= last);
    starts.chain([first, last]).all(|start| year(start) <= corridor.stay_days_max)
}

/// Twelve months.
const YEAR: u64 = 365;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{candidate, date, line, terms};

    fn closes(change: impl FnOnce(&mut Terms, &mut Candidate, &mut Line)) -> Vec<&'static str> {
        let (mut terms, mut candidate, mut line) = (terms(), candidate(1), line(1));
        change(&mut terms, &mut candidate, &mut line);
        judge(&terms, &candidate, &line).into_iter().map(Rule::key).collect()
    }

    #[test]
    fn a_fitting_person_is_permitted() {
        assert!(closes(|_, _, _| {}).is_empty());
    }

    #[test]
    fn each_rule_about_the_person_names_itself() {
        assert_eq!(closes(|_, candidate, _| candidate.origin = "GH".to_owned()), ["corridor.open"]);
        assert_eq!(closes(|terms, _, _| terms.corridors.get_mut("CO").unwrap().open = false), ["corridor.open"]);
        assert_eq!(closes(|_, candidate, _| candidate.rostered_until = date("2026-01-09")), ["roster.validity_days"]);
        assert!(closes(|_, candidate, _| candidate.rostered_until = date("2026-01-10")).is_empty(), "the last day");
        assert_eq!(closes(|_, candidate, _| candidate.fit_until = None), ["candidate.fitness_required"]);
        assert_eq!(
            closes(|terms, candidate, _| {
                terms.corridors.get_mut("CO").unwrap().training_required = true;
                candidate.trained_until = None;
            }),
            ["candidate.training_required"]
        );
        assert_eq!(
            closes(|_, candidate, _| candidate.destinations = ["CA".to_owned()].into()),
            ["candidate.destinations"]
        );
    }

    #[test]
    fn papers_are_asked_for_by_the_rules_of_the_orders_date() {
        let filed = |fitness, training| {
            closes(move |_, candidate, line| {
                (candidate.fit_until, candidate.trained_until) = (None, None);
                line.papers.insert("CO-ES".to_owned(), crate::terms::Papers { fitness, training });
            })
        };
        assert!(filed(false, false).is_empty(), "filed when none was asked for");
        assert_eq!(filed(true, true), ["candidate.fitness_required", "candidate.training_required"]);
    }

    #[test]
    fn each_rule_about_the_work_names_itself() {
        assert_eq!(closes(|_, _, line| line.origins = ["GT".to_owned()].into()), ["line.origins"]);
        assert_eq!(closes(|_, _, line| line.shares.clear()), ["line.quota"]);
        assert_eq!(closes(|_, _, line| line.isco_codes = ["6111".to_owned()].into()), ["isco"]);
        assert!(closes(|_, _, line| line.isco_codes.clear()).is_empty(), "a line that names no occupation");
        assert_eq!(closes(|_, _, line| line.experience_months = 13), ["line.experience_months"]);
        assert_eq!(
            closes(|terms, _, _| terms.corridors.get_mut("CO").unwrap().experience_months_min = 13),
            ["candidate.experience_months_min"]
        );
        assert_eq!(
            closes(|_, candidate, line| {
                line.languages = vec![crate::facts::Language::read("ca:A2")];
                candidate.languages.push(crate::facts::Language::read("ca:A1"));
            }),
            ["line.languages"]
        );
        let asked = |level: &str| {
            let [asked, spoken] = [format!("es:{level}"), "es:A2".to_owned()].map(|text| Language::read(&text));
            closes(|terms, candidate, _| {
                terms.corridors.get_mut("CO").unwrap().languages = vec![asked];
                candidate.languages = vec![spoken];
            })
        };
        assert_eq!(asked("B1"), ["candidate.languages"]);
        assert!(asked("A2").is_empty(), "the very level");
        assert_eq!(closes(|_, _, line| line.certificates = ["TRACTOR".to_owned()].into()), ["line.certificates"]);
    }

    #[test]
    fn each_rule_about_the_days_names_itself() {
        assert_eq!(closes(|_, candidate, _| candidate.birth_year = 2009), ["candidate.age_min"]);
        assert!(closes(|_, candidate, _| candidate.birth_year = 2008).is_empty(), "eighteen in that year");
        assert_eq!(closes(|_, candidate, _| candidate.birth_year = 1965), ["candidate.age_max"]);
        assert_eq!(closes(|_, candidate, _| candidate.available_from = date("2026-03-02")), ["dates"]);
        assert_eq!(closes(|_, candidate, _| candidate.available_until = date("2026-08-30")), ["dates"]);
        // 270 days from the first of March.
        assert!(closes(|_, _, line| line.ends_on = date("2026-11-26").unwrap()).is_empty());
        assert_eq!(
            closes(|_, _, line| line.ends_on = date("2026-11-27").unwrap()),
            ["stay.days_max_in_12_months"],
            "however long the order"
        );
    }

    #[test]
    fn a_person_is_not_taken_twice_and_the_way_home_counts() {
        let elsewhere = |from: &str, until: &str| {
            let (from, until) = (date(from).unwrap(), date(until).unwrap());
            closes(move |_, candidate, _| {
                candidate.periods = vec![Period { from, until }];
            })
        };
        assert_eq!(elsewhere("2026-09-29", "2026-10-31"), ["person.free"], "on the way home from this work");
        assert!(elsewhere("2026-09-30", "2026-10-31").is_empty());
        assert!(elsewhere("2026-01-01", "2026-03-01").is_empty(), "free again on the first day");
        assert_eq!(elsewhere("2026-01-01", "2026-03-02"), ["person.free"]);
    }

    #[test]
    fn days_of_former_work_count_within_twelve_months() {
        let (from, until) = (date("2025-09-01").unwrap(), date("2025-12-31").unwrap());
        let stay = Period { from, until };
        // 121 days and 183 days fall within the year from September on.
        assert_eq!(closes(|_, candidate, _| candidate.periods = vec![stay]), ["stay.days_max_in_12_months"]);
        // A whole season before, whose return was verified late: no year with a day of this work has too many.
        let (from, until) = (date("2024-03-01").unwrap(), date("2025-01-20").unwrap());
        assert!(closes(|_, candidate, _| candidate.periods = vec![Period { from, until }]).is_empty());
    }

    #[test]
    fn a_line_for_named_workers_only_is_closed_to_others() {
        assert_eq!(closes(|_, _, line| line.others = Some(0)), ["line.substitutes"]);
        assert!(
            closes(|_, candidate, line| {
                line.others = Some(0);
                line.named.insert(candidate.id);
            })
            .is_empty()
        );
        assert_eq!(
            closes(|_, candidate, line| {
                line.others = Some(0);
                candidate.recalled.insert(line.organisation_id, "2025".to_owned());
            }),
            ["line.substitutes"],
            "a recall takes no seat that is kept for another"
        );
        assert_eq!(
            closes(|_, candidate, line| {
                candidate.shut.insert(line.id, Shut::Listed);
            }),
            ["placement.listed"]
        );
    }
}
