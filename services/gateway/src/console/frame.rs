//! What all pages share: the head band, the language, the time, the form token.

use chrono::{NaiveDate, NaiveDateTime};

use super::url;
use super::words::{Language, Words};

/// Whose desk the page is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    Operator,
    Union,
    Ministry,
    /// Visa and labour authorities of a destination.
    Authority,
    Auditor,
}

impl Desk {
    /// Returns the code under which the words know the desk.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Desk::Operator => "OPERATOR",
            Desk::Union => "UNION",
            Desk::Ministry => "MINISTRY",
            Desk::Authority => "AUTHORITY",
            Desk::Auditor => "AUDITOR",
        }
    }

    fn sections(self) -> &'static [Section] {
        match self {
            Desk::Operator => &[Section::Home, Section::Placements, Section::Rounds, Section::Parked],
            _ => &[Section::Home, Section::Placements, Section::Rounds],
        }
    }
}

/// An entry of the navigation. Only what can be opened is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Home,
    Placements,
    Rounds,
    Parked,
}

impl Section {
    /// Returns the key of the section's name.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Section::Home => "nav-home",
            Section::Placements => "nav-placements",
            Section::Rounds => "nav-rounds",
            Section::Parked => "nav-parked",
        }
    }

    /// Returns the section's address.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Section::Home => "/",
            Section::Placements => "/placements",
            Section::Rounds => "/rounds",
            Section::Parked => "/parked",
        }
    }
}

/// Who is signed in. People are named by their desk.
#[derive(Clone, Debug)]
pub struct Signed {
    pub desk: Desk,
    /// The organisation, as it writes itself.
    pub organisation: String,
    /// The session's token, a hidden field of every POST form.
    pub csrf: String,
    /// What waits, as a badge on a section; zero shows none.
    pub badges: Vec<(Section, u64)>,
}

/// How a banner is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Note,
    Ok,
    Soon,
    Late,
}

impl Tone {
    /// Returns the class of the stylesheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Tone::Note => "note",
            Tone::Ok => "ok",
            Tone::Soon => "soon",
            Tone::Late => "late",
        }
    }
}

/// A sentence above the page, for example after a form was sent.
#[derive(Clone, Debug)]
pub struct Banner {
    pub tone: Tone,
    /// Bold, and complete by itself.
    pub sentence: String,
    pub more: String,
    /// Address and text of the one link at the end.
    pub link: Option<(String, String)>,
}

/// The frame of a page.
#[derive(Clone, Debug)]
pub struct Frame {
    pub language: Language,
    /// Nobody is signed in on the sign-in page and on some errors.
    pub signed: Option<Signed>,
    /// The section that is marked; `None` on errors and sign-in.
    pub section: Option<Section>,
    /// The path and query of this page: refresh and language switch keep it.
    pub here: String,
    /// When the page was drawn, UTC.
    pub as_of: NaiveDateTime,
    /// The programme's own date, up to which its clocks have run; `None` where the page does not know it.
    pub calendar: Option<NaiveDate>,
    /// The key for `/live?page=`; `None` where nothing lives.
    pub live: Option<String>,
    pub banner: Option<Banner>,
}

/// An entry of the navigation as the template wants it.
pub struct NavEntry {
    pub section: Section,
    pub current: bool,
    pub badge: u64,
}

impl Frame {
    /// Returns the words of the page's language.
    #[must_use]
    pub fn words(&self) -> Words {
        Words { language: self.language }
    }

    /// Returns the token of the session, empty where nobody is signed in.
    #[must_use]
    pub fn csrf(&self) -> &str {
        self.signed.as_ref().map_or("", |signed| &signed.csrf)
    }

    /// Says whether the operator is looking.
    #[must_use]
    pub fn operator(&self) -> bool {
        self.signed.as_ref().is_some_and(|signed| signed.desk == Desk::Operator)
    }

    /// Says whether the desk may ask what decided about a person in a round. A union may not: its are the lines.
    #[must_use]
    pub fn explains(&self) -> bool {
        self.signed.as_ref().is_some_and(|signed| signed.desk != Desk::Union)
    }

    /// Returns the navigation of the desk.
    #[must_use]
    pub fn entries(&self) -> Vec<NavEntry> {
        let Some(signed) = &self.signed else {
            return Vec::new();
        };
        let badge = |section| {
            let found = signed.badges.iter().find(|(each, _)| *each == section);
            found.map_or(0, |(_, count)| *count)
        };
        signed
            .desk
            .sections()
            .iter()
            .map(|section| NavEntry {
                section: *section,
                current: self.section == Some(*section),
                badge: badge(*section),
            })
            .collect()
    }

    /// Returns the languages with the address of each switch.
    #[must_use]
    pub fn languages(&self) -> Vec<(Language, String)> {
        Language::ALL
            .into_iter()
            .map(|language| {
                let path = format!("/language/{}", language.tag());
                (language, url::with_query(&path, &[("to", &self.here)]))
            })
            .collect()
    }

    /// Returns the key of the live stream, empty where there is none.
    #[must_use]
    pub fn live_key(&self) -> &str {
        self.live.as_deref().unwrap_or("")
    }
}
