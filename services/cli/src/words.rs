//! The languages of what is said about people and seats: English, French, Spanish. French sets a no-break space before
//! `:`, a narrow one before `;`, `?` and `!`, and in numbers.

pub(crate) mod findings;

use clap::ValueEnum;
use gateway::console::{
    reason::Reason,
    words::{Language as Tongue, Words},
};

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Language {
    #[default]
    En,
    Fr,
    Es,
}

impl Language {
    /// The text of this language.
    pub(crate) fn of<T>(self, [english, french, spanish]: [T; 3]) -> T {
        match self {
            Self::En => english,
            Self::Fr => french,
            Self::Es => spanish,
        }
    }

    /// The console's words of this language: what is said of codes is said there and here alike.
    pub(crate) fn console(self) -> Words {
        Words { language: self.of([Tongue::English, Tongue::French, Tongue::Spanish]) }
    }

    /// Reasons as sentences, one after the other; one for whose code there are no words, in English.
    pub(crate) fn reasons(self, reasons: &[Reason]) -> String {
        let said = |reason: &Reason| reason.in_words(&self.console()).unwrap_or_else(|| reason.message.clone());
        reasons.iter().map(said).collect::<Vec<String>>().join(" ")
    }

    /// A whole number with separators: 12,930; 12 930; 12.930.
    pub(crate) fn number(self, value: i64) -> String {
        crate::output::number(value).replace(',', self.of([",", "\u{202f}", "."]))
    }

    /// Parts per million as per cent with one decimal: 31.2%; 31,2 %.
    pub(crate) fn percent(self, ppm: i64) -> String {
        let tenths = (ppm + 500) / 1000;
        let (point, sign) = self.of([(".", "%"), (",", "\u{a0}%"), (",", "\u{a0}%")]);
        format!("{}{point}{}{sign}", tenths / 10, tenths % 10)
    }

    /// How to go on after a page, on a line of its own; nothing after the last one.
    pub(crate) fn more(self, token: &str) -> String {
        if token.is_empty() {
            return String::new();
        }
        self.of([
            format!("\nThere is more: give the same command with --page={token}"),
            format!("\nIl y en a d’autres\u{a0}: donnez la même commande avec --page={token}"),
            format!("\nHay más: dé la misma orden con --page={token}"),
        ])
    }

    /// A number of things: the form for one (French: for none as well), or for several.
    pub(crate) fn count(self, value: i64, forms: [(&str, &str); 3]) -> String {
        let (one, many) = self.of(forms);
        let single = value == 1 || (self == Self::Fr && value == 0);
        format!("{}\u{a0}{}", self.number(value), if single { one } else { many })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_things_are_counted_as_each_language_does() {
        let seats = [("seat", "seats"), ("poste", "postes"), ("puesto", "puestos")];
        let said = |number| [Language::En, Language::Fr, Language::Es].map(|language| language.count(number, seats));
        assert_eq!(Language::Fr.percent(312_460), "31,2\u{a0}%");
        assert_eq!(said(0), ["0\u{a0}seats", "0\u{a0}poste", "0\u{a0}puestos"]);
        assert_eq!(said(1), ["1\u{a0}seat", "1\u{a0}poste", "1\u{a0}puesto"]);
        assert_eq!(said(1200), ["1,200\u{a0}seats", "1\u{202f}200\u{a0}postes", "1.200\u{a0}puestos"]);
    }
}
