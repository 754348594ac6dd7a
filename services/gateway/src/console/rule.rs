//! What a rule of a pack says, in words: by the kind of its key, not key by key. Packs write values for machines.

use chrono::NaiveDate;
use proto::{
    bars::{self, Bar},
    grounds, year_day,
};

use super::{format, words::Words};

/// A part of a key, and what its number counts; the first that is found decides: `stay.days_max_in_12_months` is in days, and
/// of scores only what is counted in nothing else is in points.
const UNITS: [(&str, &str); 11] = [
    ("workdays", "unit-workdays"),
    ("days", "unit-days"),
    ("percent", "unit-percent"),
    ("months", "unit-months"),
    ("week", "unit-hours-a-week"),
    ("seats", "unit-seats"),
    ("seasons", "unit-seasons"),
    ("age", "unit-years"),
    ("attempts", "unit-attempts"),
    ("channels", "unit-channels"),
    ("score", "unit-points"),
];

/// Returns the value of a rule in the reader's language. What is of no known kind, and a word that the console does not know,
/// stay as the pack writes them.
#[must_use]
pub fn says(words: Words, key: &str, value: &str) -> String {
    if value.is_empty() {
        return words.t("rule-none");
    }
    told(words, key, value).unwrap_or_else(|| value.to_owned())
}

fn told(words: Words, key: &str, value: &str) -> Option<String> {
    match key.rsplit(['.', '_']).next()? {
        "factor" => factor(words, value),
        "bars" => {
            let bars = bars::bars(value)?;
            Some(bars.iter().map(|bar| allowed(words, bar)).collect::<Vec<_>>().join(" · "))
        }
        "basis" => {
            let bases = grounds::bases(value)?;
            let told = bases.iter().map(|(ground, law)| pair(words, &word(words, ground), law));
            Some(told.collect::<Vec<_>>().join(" · "))
        }
        "languages" => Some(each(value, |it| language(words, it))),
        "priorities" | "grounds" => Some(each(value, |it| word(words, it))),
        _ if key.starts_with("tracks.") => Some(each(value, |it| word(words, it))),
        _ if matches!(value, "true" | "false") => words.known("rule-word", value),
        _ => counted(words, key, value).or_else(|| days(words, value)),
    }
}

/// A whole number with its unit.
fn counted(words: Words, key: &str, value: &str) -> Option<String> {
    let count: u64 = value.parse().ok()?;
    let has = |wanted: &str| key.split(['.', '_']).any(|part| part == wanted);
    let (_, unit) = UNITS.iter().find(|(part, _)| has(part))?;
    Some(words.say(unit).with("count", count).to_string())
}

/// A multiple of the seats.
fn factor(words: Words, value: &str) -> Option<String> {
    let times: f64 = value.parse().ok().filter(|times: &f64| times.is_finite())?;
    Some(words.say("unit-a-seat").with("times", format::decimal(words.language, times, 2)).to_string())
}

/// Days, or one day that comes every year.
fn days(words: Words, value: &str) -> Option<String> {
    if let Some((month, day)) = year_day::month_and_day(value) {
        // Any year has it.
        return Some(format::day_of_year(words.language, NaiveDate::from_ymd_opt(2001, month, day)?));
    }
    let days: Option<Vec<NaiveDate>> = value.split(' ').map(|day| day.parse().ok()).collect();
    Some(days?.iter().map(|day| words.day(day)).collect::<Vec<_>>().join(", "))
}

/// A rule that lets re-entry be barred: its longest time, and its law.
fn allowed(words: Words, bar: &Bar<'_>) -> String {
    let days = words.say("unit-days").with("count", bar.days).to_string();
    pair(words, bar.name, &format!("{days}, {}", bar.law))
}

fn pair(words: Words, name: &str, value: &str) -> String {
    words.say("pair").with("name", name).with("value", value).to_string()
}

fn each(value: &str, say: impl Fn(&str) -> String) -> String {
    value.split_whitespace().map(say).collect::<Vec<_>>().join(", ")
}

fn word(words: Words, word: &str) -> String {
    words.known("rule-word", word).unwrap_or_else(|| word.to_owned())
}

/// A language with its least level, such as `es:A2`.
fn language(words: Words, word: &str) -> String {
    let known = word.split_once(':').and_then(|(tag, level)| Some((words.known("rule-language", tag)?, level)));
    known.map_or_else(|| word.to_owned(), |(name, level)| format!("{name}\u{a0}{level}"))
}

#[cfg(test)]
mod tests {
    use super::super::words::Language;
    use super::*;

    fn in_each(key: &str, value: &str) -> [String; 3] {
        Language::ALL.map(|language| says(Words { language }, key, value))
    }

    #[test]
    fn a_number_has_the_unit_of_its_key() {
        for (key, value, told) in [
            ("stay.days_max_in_12_months", "1245", ["1,245 days", "1\u{202f}245 jours", "1.245 días"]),
            ("clock.notice.workdays", "1", ["1 working day", "1 jour ouvré", "1 día hábil"]),
            ("clock.offer.alarm_percent", "50", ["50%", "50\u{a0}%", "50\u{a0}%"]),
            ("order.months_max", "9", ["9 months", "9 mois", "9 meses"]),
            ("order.hours_week_min", "34", ["34 hours a week", "34 heures par semaine", "34 horas por semana"]),
            ("order.seats_min", "10", ["10 seats", "10 postes", "10 puestos"]),
            ("candidate.age_min", "18", ["18 years", "18 ans", "18 años"]),
            ("score.per_experience_month", "2", ["2 points", "2 points", "2 puntos"]),
            ("score.experience_months_cap", "48", ["48 months", "48 mois", "48 meses"]),
            ("list.reserve_factor", "1.45", ["1.45 for each seat", "1,45 par poste", "1,45 por puesto"]),
        ] {
            assert_eq!(in_each(key, value), told, "{key}");
        }
    }

    #[test]
    fn words_of_the_domain_and_days_are_the_readers() {
        for (key, value, told) in [
            (
                "tracks.waits.travel",
                "visa fitness",
                ["visa, fitness for work", "visa, aptitude au travail", "visado, aptitud para el trabajo"],
            ),
            (
                "tracks.contract.signers",
                "union worker",
                [
                    "employers’ union, worker",
                    "syndicat d’employeurs, travailleur",
                    "organización de empleadores, trabajador",
                ],
            ),
            ("order.housing_required", "true", ["yes", "oui", "sí"]),
            (
                "priority.grounds",
                "DISPLACED INDIGENOUS",
                [
                    "displaced people, indigenous people",
                    "personnes déplacées, personnes autochtones",
                    "personas desplazadas, personas indígenas",
                ],
            ),
            ("tracks.start_work", "", ["none", "néant", "ninguno"]),
            (
                "candidate.languages",
                "es:A2 pt:B1",
                ["Spanish\u{a0}A2, pt:B1", "espagnol\u{a0}A2, pt:B1", "español\u{a0}A2, pt:B1"],
            ),
            ("order.last_day", "12-15", ["15\u{a0}December", "15\u{a0}décembre", "15\u{a0}de\u{a0}diciembre"]),
            (
                "calendar.holidays",
                "2026-01-01 2026-10-12",
                [
                    "1\u{a0}January 2026, 12\u{a0}October 2026",
                    "1er\u{a0}janvier 2026, 12\u{a0}octobre 2026",
                    "1\u{a0}de\u{a0}enero de 2026, 12\u{a0}de\u{a0}octubre de 2026",
                ],
            ),
            (
                "reentry.bars",
                "INA_218F: 1826, 8 U.S.C. 1188(f)",
                [
                    "INA_218F: 1,826 days, 8 U.S.C. 1188(f)",
                    "INA_218F\u{a0}: 1\u{202f}826 jours, 8 U.S.C. 1188(f)",
                    "INA_218F: 1.826 días, 8 U.S.C. 1188(f)",
                ],
            ),
        ] {
            assert_eq!(in_each(key, value), told, "{key}");
        }
    }

    #[test]
    fn what_is_not_known_stays_as_the_pack_writes_it() {
        for (key, value, told) in [
            ("tracks.depart", "visa vaccination", "visa, vaccination"),
            ("tracks.depart", "<b>", "<b>"),
            ("a.new_rule", "visa", "visa"),
            ("a.new_rule", "2016", "2016"),
            ("reentry.bars", "for ever", "for ever"),
            ("list.reserve_factor", "NaN", "NaN"),
        ] {
            assert_eq!(says(Words { language: Language::English }, key, value), told, "{key}");
        }
    }
}
