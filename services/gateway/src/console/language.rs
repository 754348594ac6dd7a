//! The languages of the console and their texts.

/// A language the console speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    French,
    Spanish,
}

/// The texts of one language, in the order they are loaded.
type Texts = [&'static str; 9];

macro_rules! texts {
    ($tag:literal) => {
        [
            include_str!(concat!("../../locales/", $tag, "/console.ftl")),
            include_str!(concat!("../../locales/", $tag, "/code.ftl")),
            include_str!(concat!("../../locales/", $tag, "/season.ftl")),
            include_str!(concat!("../../locales/", $tag, "/placement.ftl")),
            include_str!(concat!("../../locales/", $tag, "/round.ftl")),
            include_str!(concat!("../../locales/", $tag, "/bulk.ftl")),
            include_str!(concat!("../../locales/", $tag, "/desk.ftl")),
            include_str!(concat!("../../locales/", $tag, "/rules.ftl")),
            include_str!(concat!("../../locales/", $tag, "/reason.ftl")),
        ]
    };
}

impl Language {
    pub const ALL: [Language; 3] = [Language::English, Language::French, Language::Spanish];

    /// Returns the tag for `lang` attributes, cookies and URLs.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::French => "fr",
            Language::Spanish => "es",
        }
    }

    /// Returns the language's name in itself.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::French => "Français",
            Language::Spanish => "Español",
        }
    }

    /// Finds the language of a tag such as `fr` or `fr-SN`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next()?.trim();
        Language::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Picks the best language of an `Accept-Language` header.
    #[must_use]
    pub fn negotiate(accept: &str) -> Language {
        let mut best = (0.0_f32, Language::default());
        for part in accept.split(',').take(20) {
            let (tag, quality) = match part.split_once(";q=") {
                Some((tag, q)) => (tag, q.trim().parse().unwrap_or(0.0)),
                None => (part, 1.0),
            };
            if let Some(language) = Language::from_tag(tag.trim())
                && quality > best.0
            {
                best = (quality, language);
            }
        }
        best.1
    }

    /// Returns the source texts, as written in `locales/`.
    #[must_use]
    pub fn texts(self) -> Texts {
        match self {
            Language::English => texts!("en"),
            Language::French => texts!("fr"),
            Language::Spanish => texts!("es"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_language_of_a_header_is_taken() {
        let header = "de, fr-SN;q=0.8, en;q=0.5";
        assert_eq!(Language::negotiate(header), Language::French);
        assert_eq!(Language::negotiate("de, ja"), Language::English);
        assert_eq!(Language::from_tag("ES_co"), Some(Language::Spanish));
    }
}
