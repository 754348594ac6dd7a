//! The rules of a round: what the corridors' packs in force on its date say, with the defaults of the programme.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::facts::{Candidate, Language};

/// Key → value of a pack.
pub type Values = BTreeMap<String, String>;

/// The packs of a corridor, by the day they start on.
#[derive(Debug, Clone, Default)]
pub struct Packs(pub BTreeMap<NaiveDate, Values>);

impl Packs {
    /// The pack in force on a day; none before the first one.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<&Values> {
        self.0.range(..=day).next_back().map(|(_, values)| values)
    }

    /// The papers asked for by the pack in force on a day; before the first one, by the first, as `placement` reads them.
    #[must_use]
    pub fn papers_on(&self, day: NaiveDate) -> Papers {
        self.on(day).or_else(|| self.0.values().next()).map_or_else(|| Papers::of(&Values::new()), Papers::of)
    }
}

/// Which papers nobody is eligible without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Papers {
    pub fitness: bool,
    pub training: bool,
}

impl Papers {
    fn of(values: &Values) -> Self {
        Self {
            fitness: flag(values, "candidate.fitness_required", true),
            training: flag(values, "candidate.training_required", false),
        }
    }
}

fn flag(values: &Values, key: &str, default: bool) -> bool {
    match values.get(key).map(|value| value.trim()) {
        Some("true") => true,
        Some("false") => false,
        _ => default,
    }
}

/// Everything a pair is judged and scored by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Rules and validities are judged as of this date.
    pub as_of: NaiveDate,
    /// Origin → corridor to the round's destination.
    pub corridors: BTreeMap<String, Corridor>,
}

/// One corridor's rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corridor {
    pub code: String,
    pub open: bool,
    pub age_min: i32,
    pub age_max: i32,
    pub experience_months_min: i32,
    /// Languages that everybody speaks, at least so well. Told only where there are any: markets without them keep their hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Grounds for priority that go before every score. Told only where there are any, as languages are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grounds: Vec<String>,
    pub fitness_required: bool,
    pub training_required: bool,
    pub stay_days_max: i64,
    /// Days after the work during which the person is on the way home and not free.
    pub return_days: i64,
    pub substitutes: bool,
    /// People on the list, seats included, per hundred seats.
    pub reserve_percent: i64,
    pub score: Score,
}

/// The published summands, in points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub base: i64,
    pub per_experience_month: i64,
    pub experience_months_cap: i64,
    pub per_returned_season: i64,
    pub seasons_cap: i64,
    pub per_language_level: i64,
    pub per_certificate: i64,
    pub priority: i64,
    pub priorities: Vec<String>,
}

/// A pack lets score or priority read a protected attribute, and names no legal basis for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfounded {
    pub corridor_code: String,
    /// The ground for priority that is protected.
    pub ground: String,
}

impl std::fmt::Display for Unfounded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { corridor_code, ground } = self;
        write!(
            f,
            "the pack of {corridor_code} lets score or priority read {ground}, which is protected, and names no legal \
             basis for it; publish a pack with score.legal_basis, or without that ground"
        )
    }
}

impl Corridor {
    /// The papers asked for by this pack.
    #[must_use]
    pub const fn papers(&self) -> Papers {
        Papers { fitness: self.fitness_required, training: self.training_required }
    }

    /// True if this pack puts the person before every score.
    #[must_use]
    pub fn puts_first(&self, person: &Candidate) -> bool {
        self.grounds.iter().any(|ground| person.priorities.contains(ground))
    }

    /// Reads a pack. A value that is missing or does not read is the programme's default.
    ///
    /// # Errors
    /// If score or priority would read a protected attribute of a person without a rule that names its legal basis.
    pub fn read(code: &str, open: bool, values: &Values) -> Result<Self, Unfounded> {
        let text = |key: &str| values.get(key).map_or("", String::as_str);
        let unfounded = |key| proto::grounds::unfounded(text(key), text("score.legal_basis"));
        if let Some(ground) = proto::grounds::RULES.into_iter().find_map(unfounded) {
            return Err(Unfounded { corridor_code: code.to_owned(), ground: ground.to_owned() });
        }
        let number = |key: &str, default: i64| -> i64 {
            values.get(key).and_then(|value| value.trim().parse().ok()).unwrap_or(default)
        };
        let small = |key: &str, default: i32| i32::try_from(number(key, i64::from(default))).unwrap_or(default);
        let papers = Papers::of(values);
        Ok(Self {
            code: code.to_owned(),
            open,
            age_min: small("candidate.age_min", 18),
            age_max: small("candidate.age_max", 60),
            experience_months_min: small("candidate.experience_months_min", 0),
            languages: text("candidate.languages").split_whitespace().map(Language::read).collect(),
            grounds: text("priority.grounds").split_whitespace().map(str::to_owned).collect(),
            fitness_required: papers.fitness,
            training_required: papers.training,
            stay_days_max: number("stay.days_max_in_12_months", 270),
            return_days: number("clock.return.days", 30),
            substitutes: flag(values, "substitutes.allowed", true),
            reserve_percent: percent(values.get("list.reserve_factor")).unwrap_or(145),
            score: Score {
                base: number("score.base", 100),
                per_experience_month: number("score.per_experience_month", 2),
                experience_months_cap: number("score.experience_months_cap", 48),
                per_returned_season: number("score.per_returned_season", 60),
                seasons_cap: number("score.seasons_cap", 4),
                per_language_level: number("score.per_language_level", 15),
                per_certificate: number("score.per_certificate", 20),
                priority: number("score.priority", 25),
                priorities: values
                    .get("score.priorities")
                    .map(|words| words.split_whitespace().map(str::to_owned).collect())
                    .unwrap_or_default(),
            },
        })
    }
}

/// Reads a factor such as `1.45` as hundredths, without floating point.
fn percent(value: Option<&String>) -> Option<i64> {
    let (whole, part) = value?.trim().split_once('.').unwrap_or((value?.trim(), ""));
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<2}").get(..2)?.parse().ok()?;
    (0..=1000).contains(&whole).then_some(whole * 100 + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_reads_as_hundredths() {
        let read = |text: &str| percent(Some(&text.to_owned()));
        assert_eq!(read("1.45"), Some(145));
        assert_eq!(read("1.9"), Some(190));
        assert_eq!(read("2"), Some(200));
        assert_eq!(read("many"), None);
    }

    #[test]
    fn a_pack_without_a_rule_takes_the_default() {
        let pack = Values::from([("candidate.age_max".to_owned(), "45".to_owned())]);
        let corridor = Corridor::read("CO-ES", true, &pack).unwrap();
        assert_eq!((corridor.age_min, corridor.age_max, corridor.score.base), (18, 45, 100));
    }

    #[test]
    fn languages_of_a_pack_are_read_with_their_levels() {
        let read = |text: &str| {
            let pack = Values::from([("candidate.languages".to_owned(), text.to_owned())]);
            Corridor::read("CO-ES", true, &pack).unwrap()
        };
        assert_eq!(read("es:A2 en:B1").languages, [Language::read("es:A2"), Language::read("en:B1")]);
        let silent = Corridor::read("CO-ES", true, &Values::new()).unwrap();
        assert_eq!(read(""), silent);
        assert!(!serde_json::to_string(&silent).unwrap().contains("languages"), "the hash of such a market stays");
    }

    #[test]
    fn no_score_is_built_on_a_protected_ground_without_its_legal_basis() {
        let mut pack = Values::from([("score.priorities".to_owned(), "DISPLACED WOMAN_HEAD_OF_HOUSEHOLD".to_owned())]);
        let unfounded = Corridor::read("CO-ES", true, &pack).unwrap_err();
        assert_eq!(unfounded.ground, "WOMAN_HEAD_OF_HOUSEHOLD");
        pack.insert("score.legal_basis".to_owned(), "WOMAN_HEAD_OF_HOUSEHOLD: Ley 1232 of 2008, art. 2".to_owned());
        let corridor = Corridor::read("CO-ES", true, &pack).unwrap();
        assert_eq!(corridor.score.priorities, ["DISPLACED", "WOMAN_HEAD_OF_HOUSEHOLD"]);
    }

    #[test]
    fn a_ground_before_the_score_needs_its_law_too_and_is_told_only_where_a_pack_names_one() {
        let read = |rules: &[(&str, &str)]| {
            let pack: Values = rules.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            Corridor::read("CO-ES", true, &pack)
        };
        let unfounded = read(&[("priority.grounds", "DISPLACED INDIGENOUS")]).unwrap_err();
        assert_eq!(unfounded.ground, "INDIGENOUS");
        let law = ("score.legal_basis", "INDIGENOUS: ILO Convention 169, art. 20");
        let corridor = read(&[("priority.grounds", "DISPLACED INDIGENOUS"), law]).unwrap();
        assert_eq!(corridor.grounds, ["DISPLACED", "INDIGENOUS"]);
        assert!(corridor.score.priorities.is_empty(), "a ground before the score is no points");
        let silent = read(&[("score.priorities", "DISPLACED")]).unwrap();
        let told = serde_json::to_string(&silent).unwrap();
        assert!(silent.grounds.is_empty() && !told.contains("grounds"), "the hash of such a market stays");
        assert_eq!(serde_json::from_str::<Corridor>(&told).unwrap(), silent, "as a round before kept it");
    }
}
