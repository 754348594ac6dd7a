//! Rule packs: which keys there are, what their values look like, and whether a pack is well made.

use chrono::NaiveDate;
use platform::Refused;
use proto::programme::{Rule, RulePack};

use crate::{check, corridor};

/// What a value looks like. Values travel as text; consumers parse what they need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number from 0 to 100,000: years, months, days, workdays, hours, points.
    Count,
    /// `true` or `false`.
    Flag,
    /// A decimal from 1 to 10.
    Factor,
    /// Languages, each with its least level, `es:A2 en:B1`: ISO 639-1 and CEFR; may be empty.
    Languages,
    /// Preparation tracks by their names, separated by spaces; may be empty.
    Tracks,
    /// A day, ISO 8601.
    Day,
    /// A day that every year has, `MM-DD`.
    DayOfYear,
    /// Days, separated by spaces; may be empty.
    Days,
    /// Parties that sign a contract, separated by spaces: at least both sides of it.
    Signers,
    /// Grounds in capitals, separated by spaces; may be empty.
    Grounds,
    /// Grounds with the law that lets each count, `GROUND: law; GROUND: law`; may be empty.
    Bases,
    /// Rules that let re-entry be barred, each with its longest time in days and its law, `RULE: days, law; RULE: days, law`;
    /// may be empty.
    Bars,
}

/// Whose pack a key stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The destination's: it judges orders.
    Destination,
    /// The corridor's: it judges candidates and placements.
    Corridor,
}

/// A rule that packs may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub name: &'static str,
    pub scope: Scope,
    pub kind: Kind,
}

/// The parties that may have to sign a contract; the first two always do.
pub const SIGNERS: [&str; 3] = ["union", "worker", "ministry"];

/// The levels of the Common European Framework of Reference for Languages, the least first.
const LEVELS: [&str; 6] = ["A1", "A2", "B1", "B2", "C1", "C2"];

/// The preparation tracks of a placement.
pub const TRACKS: [&str; 7] = ["contract", "authorisation", "visa", "fitness", "training", "orientation", "travel"];

macro_rules! keys {
    ($($scope:ident $kind:ident $name:literal)*) => {
        /// Every key there is. What each means and its default stand in the README.
        pub const KEYS: &[Key] = &[$(Key { name: $name, scope: Scope::$scope, kind: Kind::$kind }),*];
    };
}

keys! {
    Destination Count "order.seats_min"
    Destination Count "order.months_max"
    Destination Count "order.months_min"
    Destination DayOfYear "order.last_day"
    Destination Count "order.hours_week_min"
    Destination Flag "order.housing_required"
    Destination Count "order.employer_seats_max"
    Corridor Count "candidate.age_min"
    Corridor Count "candidate.age_max"
    Corridor Count "candidate.experience_months_min"
    Corridor Languages "candidate.languages"
    Corridor Flag "candidate.fitness_required"
    Corridor Flag "candidate.training_required"
    Corridor Count "roster.validity_days"
    Corridor Count "stay.days_max_in_12_months"
    Corridor DayOfYear "stay.last_day"
    Corridor Tracks "tracks.waits.authorisation"
    Corridor Tracks "tracks.waits.visa"
    Corridor Tracks "tracks.waits.travel"
    Corridor Tracks "tracks.depart"
    Corridor Tracks "tracks.start_work"
    Corridor Tracks "tracks.done_with_order"
    Corridor Signers "tracks.contract.signers"
    Corridor Factor "list.reserve_factor"
    Corridor Flag "substitutes.allowed"
    Corridor Count "contact.attempts"
    Corridor Count "contact.channels"
    Corridor Count "clock.list.days"
    Corridor Days "calendar.holidays"
    Corridor Day "select.mission_last_day"
    Corridor Count "clock.select.days"
    Corridor Count "clock.select.alarm_percent"
    Corridor Count "clock.select_mission.days"
    Corridor Count "clock.offer.days"
    Corridor Count "clock.offer.alarm_percent"
    Corridor Count "clock.answer.days"
    Corridor Count "clock.answer_late.days"
    Corridor Count "clock.answer_late.within_days"
    Corridor Count "clock.sign.days"
    Corridor Count "clock.authorise.days"
    Corridor Count "clock.visa.days"
    Corridor Count "clock.ready.days"
    Corridor Count "clock.last_start.days"
    Corridor Count "clock.names.days"
    Corridor Count "clock.fitness.days"
    Corridor Count "clock.depart.days"
    Corridor Count "clock.arrival.days"
    Corridor Count "clock.start.workdays"
    Corridor Count "clock.absent.workdays"
    Corridor Count "clock.first_contact.workdays"
    Corridor Count "clock.contact.workdays"
    Corridor Count "clock.hearing.workdays"
    Corridor Count "clock.hearing_side.workdays"
    Corridor Count "clock.decide.workdays"
    Corridor Count "clock.notice.workdays"
    Corridor Count "clock.end.days"
    Corridor Count "clock.return.days"
    Corridor Count "clock.unverified.days"
    Corridor Count "clock.review.days"
    Corridor Count "clock.reentry.days"
    Corridor Count "clock.stay.days"
    Corridor Count "reentry.bar.days"
    Corridor Bars "reentry.bars"
    Corridor Count "remedy.days"
    Corridor Count "reserve.days_left_min"
    Corridor Count "end.early_days"
    Corridor Count "two_people.workdays"
    Corridor Count "score.base"
    Corridor Count "score.per_experience_month"
    Corridor Count "score.experience_months_cap"
    Corridor Count "score.per_returned_season"
    Corridor Count "score.seasons_cap"
    Corridor Count "score.per_language_level"
    Corridor Count "score.per_certificate"
    Corridor Count "score.priority"
    Corridor Grounds "score.priorities"
    Corridor Bases "score.legal_basis"
    Corridor Grounds "priority.grounds"
}

/// A language and its least level, such as `es:A2`.
fn is_language(word: &str) -> bool {
    word.split_once(':').is_some_and(|(code, level)| {
        code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase()) && LEVELS.contains(&level)
    })
}

/// True if `value` is of this kind.
#[must_use]
pub fn fits(kind: Kind, value: &str) -> bool {
    let words = || value.split(' ').filter(|_| !value.is_empty());
    match kind {
        Kind::Count => value.parse::<u32>().is_ok_and(|count| count <= 100_000),
        Kind::Flag => matches!(value, "true" | "false"),
        Kind::Factor => value.parse::<f64>().is_ok_and(|factor| (1.0..=10.0).contains(&factor)),
        Kind::Languages => words().all(is_language),
        Kind::Tracks => words().all(|word| TRACKS.contains(&word)),
        Kind::Day => value.parse::<NaiveDate>().is_ok(),
        Kind::DayOfYear => proto::year_day::month_and_day(value).is_some(),
        Kind::Days => words().all(|word| word.parse::<NaiveDate>().is_ok()),
        Kind::Signers => {
            words().all(|word| SIGNERS.contains(&word))
                && SIGNERS[..2].iter().all(|side| words().any(|word| word == *side))
        }
        Kind::Grounds => {
            words().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
        }
        Kind::Bases => proto::grounds::bases(value).is_some(),
        Kind::Bars => proto::bars::bars(value).is_some(),
    }
}

/// What a value of this kind looks like, for whoever wrote another.
const fn form(kind: Kind) -> &'static str {
    match kind {
        Kind::Count => "a whole number from 0 to 100000, such as 30",
        Kind::Flag => "true or false",
        Kind::Factor => "a decimal from 1 to 10, such as 1.45",
        Kind::Languages => "languages with their least levels, such as es:A2 en:B1, or nothing",
        Kind::Tracks => "names of tracks with one space between, such as visa fitness, or nothing",
        Kind::Day => "a day, such as 2026-03-06",
        Kind::DayOfYear => "a day that every year has, such as 12-15",
        Kind::Days => "days with one space between, such as 2026-01-01 2026-01-06, or nothing",
        Kind::Signers => "union worker, or union worker ministry",
        Kind::Grounds => "grounds in capitals with one space between, such as DISPLACED, or nothing",
        Kind::Bases => "a ground with its law, such as INDIGENOUS: the law; several with ; between; or nothing",
        Kind::Bars => "a rule with days and law, such as A_LAW: 365, the law; several with ; between; or nothing",
    }
}

/// The pack as it is stored: its id made, its date read, its rules checked.
///
/// # Errors
/// A refusal that names the field: an unknown key, a key of the other scope, a value of another kind, no source.
pub fn read(pack: Option<&RulePack>) -> Result<(RulePack, NaiveDate), Refused> {
    let pack = pack.ok_or_else(|| {
        Refused::field("pack", "PACK", "there is no pack in the request").mend("send code, valid_from, title and rules")
    })?;
    let valid_from = check::date("pack.valid_from", &pack.valid_from)?;
    let scope = scope(&pack.code)?;
    let id = format!("{}@{valid_from}", pack.code);
    if !pack.id.is_empty() && pack.id != id {
        return Err(Refused::field("pack.id", "PACK_ID", format!("the id of this pack is {id}, not {}", pack.id))
            .mend("leave the id out: it is made of code and date"));
    }
    check::text("pack.title", &pack.title)?;
    for (place, rule) in pack.rules.iter().enumerate() {
        check_rule(scope, rule).map_err(|refused| {
            let field = format!("pack.rules[{place}].{}", refused.place);
            refused.at(field).with("key", &rule.key)
        })?;
        if pack.rules[..place].iter().any(|before| before.key == rule.key) {
            let field = format!("pack.rules[{place}].key");
            return Err(
                Refused::field(&field, "RULE_TWICE", format!("{} is set twice", rule.key)).mend("keep one of the two")
            );
        }
    }
    check_grounds(pack)?;
    Ok((RulePack { id, valid_from: valid_from.to_string(), version: 1, ..pack.clone() }, valid_from))
}

/// Neither score nor priority may read a protected attribute, unless the pack names the law that says so.
fn check_grounds(pack: &RulePack) -> Result<(), Refused> {
    let value = |key: &str| pack.rules.iter().find(|rule| rule.key == key).map_or("", |rule| rule.value.as_str());
    let unfounded = |key| proto::grounds::unfounded(value(key), value("score.legal_basis"));
    let Some(ground) = proto::grounds::RULES.into_iter().find_map(unfounded) else {
        return Ok(());
    };
    let message = format!("{ground} says something protected of a person, and no rule names a legal basis for it");
    Err(Refused::field("pack.rules", "GROUND_PROTECTED", message)
        .with("ground", ground)
        .mend("add the rule score.legal_basis with the law, or leave the ground out"))
}

fn scope(code: &str) -> Result<Scope, Refused> {
    if check::is_country(code) {
        return Ok(Scope::Destination);
    }
    if corridor::is_code(code) {
        return Ok(Scope::Corridor);
    }
    Err(Refused::field("pack.code", "PACK_CODE", format!("{code:?} is neither a country nor a corridor"))
        .mend("write a country such as ES, or a corridor such as CO-ES"))
}

fn check_rule(scope: Scope, rule: &Rule) -> Result<(), Refused> {
    let Some(key) = KEYS.iter().find(|key| key.name == rule.key) else {
        return Err(Refused::field("key", "RULE_KEY", format!("there is no rule {:?}", rule.key))
            .mend("take a key of the list in services/programme/README.md"));
    };
    if key.scope != scope {
        let message = format!(
            "{} belongs into the pack of a {}",
            rule.key,
            if scope == Scope::Corridor { "destination" } else { "corridor" }
        );
        return Err(Refused::field("key", "RULE_SCOPE", message)
            .mend("move the rule there; what each pack may say stands in services/programme/README.md"));
    }
    if !fits(key.kind, &rule.value) {
        return Err(Refused::field("value", "RULE_VALUE", format!("{:?} is no value of {}", rule.value, rule.key))
            .mend(format!("write {}", form(key.kind))));
    }
    if rule.source.trim().is_empty() {
        return Err(Refused::field("source", "RULE_SOURCE", format!("{} names no law or programme text", rule.key))
            .mend("name the source, or say that there is none and mark the rule as assumed"));
    }
    Ok(())
}

/// True if both packs say the same, in whatever order.
pub(crate) fn same(one: &RulePack, other: &RulePack) -> bool {
    let sorted = |pack: &RulePack| {
        let mut rules = pack.rules.clone();
        rules.sort_by(|one, other| one.key.cmp(&other.key));
        rules
    };
    one.title == other.title && sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_of_the_kind_of_its_key() {
        assert!(fits(Kind::Count, "365") && !fits(Kind::Count, "-1") && !fits(Kind::Count, "a year"));
        assert!(fits(Kind::Flag, "true") && !fits(Kind::Flag, "yes"));
        assert!(fits(Kind::Factor, "1.45") && !fits(Kind::Factor, "0.9") && !fits(Kind::Factor, "NaN"));
        assert!(fits(Kind::Languages, "") && fits(Kind::Languages, "es:A2 en:B1"));
        for wrong in ["es", "es:A3", "ES:A2", "spa:A2", "es:A2  en:B1"] {
            assert!(!fits(Kind::Languages, wrong), "{wrong}");
        }
        assert!(fits(Kind::Tracks, "") && fits(Kind::Tracks, "visa fitness") && !fits(Kind::Tracks, "visa  fitness"));
        assert!(
            fits(Kind::Bars, "")
                && fits(Kind::Bars, "A_LAW: 365, Act of 2001, s. 3")
                && !fits(Kind::Bars, "A_LAW: 365")
        );
        assert!(
            fits(Kind::Signers, "union worker")
                && !fits(Kind::Signers, "union")
                && !fits(Kind::Signers, "union worker cat")
        );
        assert!(fits(Kind::Day, "2026-03-06") && !fits(Kind::Day, "6 March") && !fits(Kind::Day, ""));
        assert!(fits(Kind::DayOfYear, "12-15") && !fits(Kind::DayOfYear, "02-30") && !fits(Kind::DayOfYear, ""));
        assert!(fits(Kind::Days, "") && fits(Kind::Days, "2026-01-01 2026-01-06") && !fits(Kind::Days, "New Year"));
        assert!(fits(Kind::Grounds, "DISPLACED") && !fits(Kind::Grounds, "displaced"));
    }

    #[test]
    fn score_and_priority_read_a_protected_ground_only_with_its_legal_basis() {
        let rule = |key: &str, value: &str| Rule {
            key: key.to_owned(),
            value: value.to_owned(),
            source: "a law".to_owned(),
            assumed: false,
        };
        let pack = |rules: Vec<Rule>| RulePack {
            code: "CO-ES".to_owned(),
            valid_from: "2024-01-01".to_owned(),
            title: "a title".to_owned(),
            rules,
            ..RulePack::default()
        };
        for key in ["score.priorities", "priority.grounds"] {
            let refused = read(Some(&pack(vec![rule(key, "DISPLACED INDIGENOUS")]))).unwrap_err();
            assert_eq!(refused.reason, "GROUND_PROTECTED", "{key}");
            assert_eq!(refused.arguments, [("ground".to_owned(), "INDIGENOUS".to_owned())]);
            let basis = rule("score.legal_basis", "INDIGENOUS: ILO Convention 169, art. 20");
            assert!(read(Some(&pack(vec![rule(key, "DISPLACED INDIGENOUS"), basis]))).is_ok(), "{key}");
        }
    }

    #[test]
    fn a_pack_whose_last_day_no_year_has_is_refused() {
        let pack = |last: &str| RulePack {
            code: "CA".to_owned(),
            valid_from: "2025-01-01".to_owned(),
            title: "a title".to_owned(),
            rules: vec![Rule {
                key: "order.last_day".to_owned(),
                value: last.to_owned(),
                source: "a programme".to_owned(),
                assumed: false,
            }],
            ..RulePack::default()
        };
        assert!(read(Some(&pack("12-15"))).is_ok());
        for wrong in ["02-30", "02-29", "15-12", "2026-12-15", "15 December", ""] {
            let refused = read(Some(&pack(wrong))).unwrap_err();
            assert_eq!(
                (refused.reason.as_str(), refused.place.as_str()),
                ("RULE_VALUE", "pack.rules[0].value"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_corridor_does_not_judge_orders() {
        let rule = Rule {
            key: "order.seats_min".to_owned(),
            value: "5".to_owned(),
            source: "an order".to_owned(),
            assumed: false,
        };
        let pack = |code: &str| RulePack {
            code: code.to_owned(),
            valid_from: "2024-01-01".to_owned(),
            title: "a title".to_owned(),
            rules: vec![rule.clone()],
            ..RulePack::default()
        };
        assert_eq!(read(Some(&pack("ES"))).unwrap().0.id, "ES@2024-01-01");
        let refused = read(Some(&pack("CO-ES"))).unwrap_err();
        assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("RULE_SCOPE", "pack.rules[0].key"));
    }
}
