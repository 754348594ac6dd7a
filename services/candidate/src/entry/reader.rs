//! Reads the fields of one row and gathers what is to be said about them. Every sentence a ministry reads about a field
//! is written here: what, where, why, and what would mend it.

use chrono::NaiveDate;
use import::Finding;

use super::{code, date};
use crate::candidate::Experience;

/// Signs a field may have.
const TEXT_MAX: usize = 200;

/// What is said about a field: code, message, what would mend it.
pub(super) type Words<'w> = (&'w str, String, &'w str);

/// A row under judgement.
pub(super) struct Reader<'a> {
    get: &'a dyn Fn(&str) -> String,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(get: &'a dyn Fn(&str) -> String) -> Self {
        Self { get, findings: Vec::new() }
    }

    /// The fields of the row.
    pub(super) fn get(&self) -> &'a dyn Fn(&str) -> String {
        self.get
    }

    pub(super) fn refuse(&mut self, column: &str, words: Words<'_>) {
        self.say(column, words, true);
    }

    pub(super) fn flag(&mut self, column: &str, words: Words<'_>) {
        self.say(column, words, false);
    }

    fn say(&mut self, column: &str, (code, message, mend): Words<'_>, refuses: bool) {
        let value: String = (self.get)(column).chars().take(TEXT_MAX).collect();
        let (column, code, mend) = (column.to_owned(), code.to_owned(), mend.to_owned());
        self.findings.push(Finding { column, value, code, message, mend, refuses });
    }

    /// The field without what would hide or reorder text.
    pub(super) fn text(&mut self, column: &str) -> String {
        let text = (self.get)(column).trim().to_owned();
        if let Some((at, sign)) = text.chars().enumerate().find(|(_, sign)| is_hidden(*sign)) {
            let message = format!("Sign {} is an invisible mark (U+{:04X}).", at + 1, u32::from(sign));
            self.refuse(column, ("TEXT-01", message, "Delete the mark, or type the field again."));
        }
        let length = text.chars().count();
        if length > TEXT_MAX {
            let message = format!("The field has {length} signs; {TEXT_MAX} are the most.");
            self.refuse(column, ("TEXT-02", message, "Shorten it."));
        }
        text
    }

    /// A field of codes, read as capitals.
    pub(super) fn capitals(&mut self, column: &str) -> String {
        self.text(column).to_uppercase()
    }

    /// Reads a date; what is empty is no date and no fault.
    pub(super) fn date(&mut self, column: &str) -> Option<NaiveDate> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        match date::read(&text) {
            Ok(date) => return Some(date),
            Err(date::Fault::NoSuchDay { day, example }) => {
                let mend = format!("Write the date as in the passport, for example {example}.");
                self.refuse(column, ("DATE-01", format!("{day} does not exist."), &mend));
            }
            Err(date::Fault::NoSuchMonth(month)) => {
                let message = format!("There is no month {month}.");
                self.refuse(column, ("DATE-01", message, "Write day/month/year, for example 28/02/1994."));
            }
            Err(date::Fault::Form) => {
                let message = "This is not read as a date.".to_owned();
                self.refuse(column, ("DATE-02", message, "Write 28/02/1994 or 1994-02-28, the year with four digits."));
            }
        }
        None
    }

    /// The items of a list, each once. `|`, `;` and `,` separate.
    fn items(&mut self, column: &str) -> Vec<String> {
        let mut items: Vec<String> = Vec::new();
        for item in self.text(column).split(['|', ';', ',']).map(str::trim).filter(|item| !item.is_empty()) {
            if !items.iter().any(|known| known == item) {
                items.push(item.to_owned());
            }
        }
        items
    }

    /// Codes of the programme's own, such as certificates.
    pub(super) fn codes(&mut self, column: &str, finding: &str) -> Vec<String> {
        let codes: Vec<String> = self.items(column).iter().map(|item| item.to_uppercase()).collect();
        if let Some(wrong) = codes.iter().find(|item| !code::is_code(item, 32)) {
            let message = format!("{wrong:?} is not a code.");
            self.refuse(column, (finding, message, "Use letters, digits, - and _; separate codes by |."));
        }
        codes
    }

    pub(super) fn countries(&mut self, column: &str) -> Vec<String> {
        let countries: Vec<String> = self.items(column).iter().map(|item| item.to_uppercase()).collect();
        if let Some(wrong) = countries.iter().find(|item| !code::is_country(item)) {
            let message = format!("{wrong:?} is not a country code.");
            self.refuse(column, ("DEST-01", message, "Write the two letters of the country, for example ES|CA."));
        }
        countries
    }

    /// `9211:24|6112:6`: unit groups of ISCO-08 with the months of experience.
    pub(super) fn occupations(&mut self, column: &str) -> Vec<Experience> {
        let mut experience: Vec<Experience> = Vec::new();
        for item in self.items(column) {
            let (code, months) = item.split_once(':').unwrap_or((&item, ""));
            let (code, months) = (code.trim(), months.trim());
            if !code::is_occupation(code) {
                let message = format!("{code:?} is not a unit group of ISCO-08.");
                self.refuse(
                    column,
                    ("ISCO-01", message, "Write its four digits, for example 9211 for crop farm work."),
                );
                continue;
            }
            match months.parse::<i32>() {
                Ok(months) if (0..=720).contains(&months) => {
                    experience.push(Experience { isco_code: code.to_owned(), months });
                }
                _ => {
                    let message = format!("{item:?} does not say how many months (0 to 720).");
                    self.refuse(column, ("ISCO-02", message, "Write code:months, for example 9211:24."));
                }
            }
        }
        experience
    }

    /// `es:B1|en:A2`: languages with their level.
    pub(super) fn languages(&mut self, column: &str) -> Vec<String> {
        let mut languages = Vec::new();
        for item in self.items(column) {
            let (language, level) = item.split_once(':').unwrap_or((&item, ""));
            let (language, level) = (language.trim().to_lowercase(), level.trim().to_uppercase());
            if !code::is_language(&language) {
                let message = format!("{language:?} is not a language of ISO 639-1.");
                self.refuse(column, ("LANG-01", message, "Write its two letters, for example es for Spanish."));
            } else if code::is_level(&level) {
                languages.push(format!("{language}:{level}"));
            } else {
                let message = format!("{item:?} does not give a level of the CEFR.");
                self.refuse(column, ("CEFR-01", message, "Write one of A1, A2, B1, B2, C1, C2, for example es:B1."));
            }
        }
        languages
    }
}

/// Marks that hide or reorder text: controls, bidirectional marks, zero-width signs.
fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}
