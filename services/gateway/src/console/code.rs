//! Small values that several pages share.

use super::words::Words;

/// A pair of countries, for example Colombia and Spain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corridor {
    /// As in addresses and in the services: `CO-ES`.
    pub code: String,
    /// ISO 3166 alpha-2 codes.
    pub origin: String,
    pub destination: String,
}

impl Corridor {
    /// Reads a corridor from a code of the form `CO-ES` or `CO-ES-AGRI`.
    #[must_use]
    pub fn new(code: &str) -> Corridor {
        let mut parts = code.split('-');
        Corridor {
            code: code.to_owned(),
            origin: parts.next().unwrap_or_default().to_owned(),
            destination: parts.next().unwrap_or_default().to_owned(),
        }
    }

    /// Says whether this stands for lines that several origins may fill: `*-US`.
    #[must_use]
    pub fn is_open_to_several(&self) -> bool {
        self.origin == "*"
    }

    /// Returns the name in words: Colombia → Spain.
    #[must_use]
    pub fn name(&self, words: &Words) -> String {
        let origin = if self.is_open_to_several() { words.t("any-origin") } else { words.country(&self.origin) };
        words
            .say("corridor-name")
            .with("origin", origin)
            .with("destination", words.country(&self.destination))
            .to_string()
    }
}

impl Words {
    /// Returns a country's name, or its code where there is none.
    #[must_use]
    pub fn country(self, code: &str) -> String {
        self.known("country", code).unwrap_or_else(|| code.to_owned())
    }
}

/// What a POST form carries beside the token of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormKeys {
    /// A double click has one effect.
    pub request_id: String,
    /// The version the page was drawn from; a stale one gives the 409 page.
    pub version: String,
}

/// A choice of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}
