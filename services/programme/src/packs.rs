//! The packs that come with the house: one reviewable file each in `packs/`, published by whoever sets a system up.

use std::collections::BTreeMap;

use proto::programme::{Rule, RulePack};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    code: String,
    valid_from: String,
    title: String,
    rules: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    value: String,
    source: String,
    #[serde(default)]
    assumed: bool,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Name and text of every pack.
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../packs/", $name, ".toml")))),*];
    };
}

files! {
    "CA@2025-01-01",
    "CO-CA@2025-01-01",
    "CO-ES@2025-01-01",
    "CO-US@2015-10-01",
    "CO-US@2025-01-17",
    "ES@2024-01-01",
    "ES@2026-01-01",
    "GH-IT@2025-01-01",
    "GT-CA@2025-01-01",
    "GT-US@2015-10-01",
    "GT-US@2025-01-17",
    "IT@2025-01-01",
    "MX-US@2015-10-01",
    "MX-US@2025-01-17",
    "NG-IT@2025-01-01",
    "SN-IT@2025-01-01",
    "US@2015-10-01",
}

/// Every pack, ready to be published: rules in the order of their keys, version 0.
///
/// # Panics
/// Never: a test reads every file.
#[must_use]
pub fn all() -> Vec<RulePack> {
    FILES.iter().map(|(name, text)| parse(name, text).expect("the packs are read by a test")).collect()
}

fn parse(name: &str, text: &str) -> anyhow::Result<RulePack> {
    let file: File = toml::from_str(text)?;
    let id = format!("{}@{}", file.code, file.valid_from);
    anyhow::ensure!(id == name, "the file {name} holds the pack {id}");
    let rules = file
        .rules
        .into_iter()
        .map(|(key, entry)| Rule { key, value: entry.value, source: entry.source, assumed: entry.assumed })
        .collect();
    Ok(RulePack { id, code: file.code, valid_from: file.valid_from, title: file.title, rules, version: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_pack::{self, KEYS, Kind};

    fn value<'a>(packs: &'a [RulePack], id: &str, key: &str) -> &'a str {
        let pack = packs.iter().find(|pack| pack.id == id).unwrap();
        &pack.rules.iter().find(|rule| rule.key == key).unwrap().value
    }

    #[test]
    fn every_pack_parses_and_is_well_made() {
        for (name, text) in FILES {
            let pack = parse(name, text).unwrap_or_else(|error| panic!("{name}: {error:#}"));
            rule_pack::read(Some(&pack)).unwrap_or_else(|refused| panic!("{name}: {refused} at {}", refused.place));
        }
    }

    #[test]
    fn every_file_in_the_folder_is_a_pack_of_the_house() {
        let house = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
        let folder = std::fs::read_dir(house.join("packs")).unwrap();
        let mut there: Vec<String> = folder
            .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".toml").to_owned())
            .collect();
        there.sort();
        let listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(there, listed);
    }

    #[test]
    fn a_corridor_pack_leaves_no_corridor_key_to_defaults() {
        for pack in all().iter().filter(|pack| pack.code.contains('-')) {
            let missing: Vec<&str> = KEYS
                .iter()
                .filter(|key| key.scope == rule_pack::Scope::Corridor)
                // Most corridors count no protected ground, so most packs need no basis for one; most hold no selection mission,
                // and name no day by which everybody has left.
                .filter(|key| !matches!(key.kind, Kind::Bases | Kind::Day | Kind::DayOfYear))
                // None of these programmes puts a group before the score.
                .filter(|key| key.name != "priority.grounds")
                .filter(|key| !pack.rules.iter().any(|rule| rule.key == key.name))
                .map(|key| key.name)
                .collect();
            assert!(missing.is_empty(), "{} lacks {missing:?}", pack.id);
        }
    }

    #[test]
    fn the_readme_lists_every_key() {
        let readme = include_str!("../README.md");
        for key in KEYS {
            assert!(readme.contains(&format!("| `{}` |", key.name)), "the README says nothing of {}", key.name);
        }
    }

    #[test]
    fn preparation_follows_the_order_of_each_corridor() {
        let packs = all();
        assert_eq!(value(&packs, "CO-ES@2025-01-01", "tracks.waits.authorisation"), "contract");
        assert_eq!(value(&packs, "CO-ES@2025-01-01", "tracks.waits.travel"), "visa fitness");
        assert_eq!(value(&packs, "GT-CA@2025-01-01", "tracks.done_with_order"), "authorisation");
        assert!(!value(&packs, "MX-US@2015-10-01", "tracks.depart").contains("fitness"));
        assert_eq!(value(&packs, "GH-IT@2025-01-01", "tracks.start_work"), "contract");
        for pack in ["CO-CA@2025-01-01", "GT-CA@2025-01-01"] {
            assert!(value(&packs, pack, "tracks.contract.signers").contains("ministry"), "{pack}");
        }
    }

    /// An order of as many months as the destination allows is no longer than the stay that its corridors allow.
    #[test]
    fn a_stay_is_as_long_as_the_longest_order() {
        use chrono::{Months, NaiveDate};
        let packs = all();
        for (corridor, destination) in [
            ("CO-ES@2025-01-01", "ES@2026-01-01"),
            ("CO-CA@2025-01-01", "CA@2025-01-01"),
            ("GT-CA@2025-01-01", "CA@2025-01-01"),
            ("GH-IT@2025-01-01", "IT@2025-01-01"),
            ("MX-US@2015-10-01", "US@2015-10-01"),
        ] {
            let months = Months::new(value(&packs, destination, "order.months_max").parse().unwrap());
            let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            let days = first.iter_days().take(365).map(|day| (day + months - day).num_days()).max().unwrap();
            let stay: i64 = value(&packs, corridor, "stay.days_max_in_12_months").parse().unwrap();
            assert!(stay >= days, "{corridor}: {stay} days of stay, {days} of work");
        }
    }

    #[test]
    fn work_in_canada_and_the_stay_for_it_end_on_the_same_day_of_the_year() {
        let packs = all();
        assert_eq!(value(&packs, "CA@2025-01-01", "order.last_day"), "12-15");
        for corridor in ["CO-CA@2025-01-01", "GT-CA@2025-01-01"] {
            assert_eq!(value(&packs, corridor, "stay.last_day"), "12-15", "{corridor}");
        }
        let named = |pack: &&RulePack| pack.rules.iter().any(|rule| rule.key.ends_with(".last_day"));
        assert_eq!(packs.iter().filter(named).count(), 3, "no other programme has such a day");
    }

    #[test]
    fn holidays_are_those_of_the_destination() {
        let packs = all();
        let holiday = |pack: &str, day: &str| value(&packs, pack, "calendar.holidays").split(' ').any(|one| one == day);
        assert!(holiday("CO-ES@2025-01-01", "2026-04-03") && !holiday("CO-ES@2025-01-01", "2026-04-06"));
        assert!(holiday("GH-IT@2025-01-01", "2026-04-06") && !holiday("GH-IT@2025-01-01", "2026-04-03"));
        assert!(holiday("GT-CA@2025-01-01", "2026-05-18") && holiday("GT-CA@2025-01-01", "2026-09-30"));
        // New Year's Day of 2017 fell on a Sunday, Veterans Day of 2018 too.
        assert!(holiday("MX-US@2015-10-01", "2017-01-02") && holiday("MX-US@2015-10-01", "2018-11-12"));
    }

    #[test]
    fn spain_asks_for_ten_posts_from_2026_on() {
        let packs = all();
        assert_eq!(value(&packs, "ES@2024-01-01", "order.seats_min"), "5");
        assert_eq!(value(&packs, "ES@2026-01-01", "order.seats_min"), "10");
    }
}
