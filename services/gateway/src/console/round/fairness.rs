//! Who got a seat, of those who could have had one.

use crate::console::{figure::interval, format, words::Words};

/// The report of a round.
#[derive(Clone, Debug)]
pub struct Fairness {
    /// People to whom some line with a free seat was open, and those of them who got one.
    pub eligible: u64,
    pub seated: u64,
    /// A smaller group is not told.
    pub least: u64,
    /// Sex, region, first season, age.
    pub kinds: Vec<Kind>,
}

/// One way to group people.
#[derive(Clone, Debug)]
pub struct Kind {
    /// `SEX`, `REGION`, `FIRST_TIMER`, `AGE_BAND`.
    pub code: &'static str,
    pub groups: Vec<Group>,
}

/// A group of people.
#[derive(Clone, Debug)]
pub struct Group {
    /// As the service names it; empty if it is not known.
    pub name: String,
    /// `None` where it is too small to be told.
    pub told: Option<Told>,
}

/// What is told of a group; rate and interval of 95 % as shares of 1.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub eligible: u64,
    pub seated: u64,
    pub rate: f64,
    pub low: f64,
    pub high: f64,
}

impl Fairness {
    /// Returns the rate of all people together.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.seated as f64 / self.eligible.max(1) as f64
    }

    /// Draws a group's rate beside the rate of all.
    #[must_use]
    pub fn figure(&self, told: &Told) -> String {
        interval::interval((told.low, told.rate, told.high), self.rate())
    }
}

impl Kind {
    /// Returns the name of a group of this kind.
    #[must_use]
    pub fn name(&self, group: &Group, words: &Words) -> String {
        let key = match (self.code, group.name.as_str()) {
            (_, "") => "group-unknown",
            ("SEX", "F") => "group-women",
            ("SEX", "M") => "group-men",
            ("SEX", _) => "group-unspecified",
            ("FIRST_TIMER", "yes") => "group-first",
            ("FIRST_TIMER", _) => "group-returned",
            ("AGE_BAND", "-24") => "group-young",
            ("AGE_BAND", "55-") => "group-old",
            (_, name) => return name.replace('-', "–"),
        };
        words.t(key)
    }
}

impl Told {
    /// Returns the rate, and the ends of its interval, as percentages.
    #[must_use]
    pub fn percents(&self, words: &Words) -> (String, String) {
        let percent = |share| format::percent(words.language, share, 1);
        (percent(self.rate), format!("{} – {}", percent(self.low), percent(self.high)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::words::Language;

    #[test]
    fn a_group_has_a_name_in_each_language() {
        let age = Kind { code: "AGE_BAND", groups: Vec::new() };
        let named = |name: &str, language| age.name(&Group { name: name.to_owned(), told: None }, &Words { language });
        assert_eq!(named("25-34", Language::English), "25–34");
        assert_eq!(named("-24", Language::French), "24\u{a0}ans et moins");
        assert_eq!(named("", Language::Spanish), "desconocido");
    }
}
