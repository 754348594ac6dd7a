//! Words in three languages: one message, one key, named arguments.

use std::fmt;
use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use fluent_templates::fluent_bundle::concurrent::FluentBundle;
use fluent_templates::fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::langid;

use super::format;
pub use super::language::Language;

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 3]> = LazyLock::new(|| Language::ALL.map(bundle));

fn bundle(language: Language) -> Bundle {
    let locale = match language {
        Language::English => langid!("en"),
        Language::French => langid!("fr"),
        Language::Spanish => langid!("es"),
    };
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::English => |value, _| grouped(Language::English, value),
        Language::French => |value, _| grouped(Language::French, value),
        Language::Spanish => |value, _| grouped(Language::Spanish, value),
    }));
    for text in language.texts() {
        // A text that does not parse in part still gives its other messages;
        // the tests refuse such a file.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(rest, _)| rest);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

fn grouped(language: Language, value: &FluentValue) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(format::whole(language, number.value as i64)),
        _ => None,
    }
}

/// What may stand in a message: numbers, days and texts.
pub trait Value {
    fn value(&self, language: Language) -> FluentValue<'static>;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Value for $number {
            fn value(&self, _: Language) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, usize, i64);

impl Value for str {
    fn value(&self, _: Language) -> FluentValue<'static> {
        FluentValue::from(self.to_owned())
    }
}

impl Value for String {
    fn value(&self, language: Language) -> FluentValue<'static> {
        self.as_str().value(language)
    }
}

impl Value for NaiveDate {
    fn value(&self, language: Language) -> FluentValue<'static> {
        FluentValue::from(format::day(language, *self))
    }
}

impl Value for NaiveTime {
    fn value(&self, language: Language) -> FluentValue<'static> {
        FluentValue::from(format::time(language, *self))
    }
}

impl Value for NaiveDateTime {
    fn value(&self, language: Language) -> FluentValue<'static> {
        FluentValue::from(format::moment(language, *self))
    }
}

impl<T: Value + ?Sized> Value for &T {
    fn value(&self, language: Language) -> FluentValue<'static> {
        (**self).value(language)
    }
}

/// The words of one language; what templates call.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub language: Language,
}

impl Words {
    /// Returns a message without arguments.
    #[must_use]
    pub fn t(self, key: &str) -> String {
        self.say(key).to_string()
    }

    /// Begins a message; arguments follow by [`Message::with`].
    #[must_use]
    pub fn say(self, key: &str) -> Message {
        Message { language: self.language, key: key.to_owned(), values: Vec::new(), links: Vec::new() }
    }

    /// Returns the title of a page: where something is to be mended it begins with the word for an error.
    #[must_use]
    pub fn title(self, wrong: bool, title: String) -> String {
        if wrong { self.say("problem-prefix").with("title", title).to_string() } else { title }
    }

    /// Returns the words of a code of the services (`VISA_REFUSED`), or the
    /// code itself in small letters where the console has no words for it.
    #[must_use]
    pub fn code(self, kind: &str, code: &str) -> String {
        self.known(kind, code).unwrap_or_else(|| code.replace(['_', '-'], " ").to_lowercase())
    }

    /// Returns the words of a code, if the console has any.
    #[must_use]
    pub fn known(self, kind: &str, code: &str) -> Option<String> {
        let key = format!("{kind}-{}", code.to_lowercase().replace('_', "-"));
        let message = self.say(&key);
        message.exists().then(|| message.to_string())
    }

    /// Returns the message of a key with arguments that a service named, if there is one and they are enough for it.
    #[must_use]
    pub fn filled(self, key: &str, arguments: &[(String, String)]) -> Option<String> {
        self.filled_with(key, arguments, &[])
    }

    /// Does what [`Words::filled`] does, with numbers beside the texts: they are written as the language does.
    #[must_use]
    pub fn filled_with(self, key: &str, texts: &[(String, String)], numbers: &[(String, i64)]) -> Option<String> {
        let bundle = &BUNDLES[self.language as usize];
        let pattern = bundle.get_message(key)?.value()?;
        let texts = texts.iter().map(|(name, text)| (name.as_str(), FluentValue::from(text.as_str())));
        let numbers = numbers.iter().map(|(name, number)| (name.as_str(), FluentValue::from(*number)));
        let args: FluentArgs = texts.chain(numbers).collect();
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }

    /// Returns a whole number with the language's separators.
    #[must_use]
    pub fn n(self, number: impl Into<Count>) -> String {
        format::whole(self.language, number.into().0)
    }

    /// Returns a number with one decimal.
    #[must_use]
    pub fn decimal(self, number: &f64) -> String {
        format::decimal(self.language, *number, 1)
    }

    /// Returns a day with its year, in words.
    #[must_use]
    pub fn day(self, day: &NaiveDate) -> String {
        format::day(self.language, *day)
    }

    /// Returns a day without its year, for tables.
    #[must_use]
    pub fn short_day(self, day: &NaiveDate) -> String {
        format::short_day(self.language, *day)
    }

    /// Returns a day and a time, for timelines.
    #[must_use]
    pub fn moment(self, moment: &NaiveDateTime) -> String {
        format::moment(self.language, *moment)
    }
}

/// A whole number, owned or borrowed: templates lend what they show.
#[derive(Clone, Copy, Debug)]
pub struct Count(i64);

macro_rules! counts {
    ($($number:ty),*) => {$(
        impl From<$number> for Count {
            fn from(number: $number) -> Count {
                Count(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
        impl From<&$number> for Count {
            fn from(number: &$number) -> Count {
                Count::from(*number)
            }
        }
        impl From<&&$number> for Count {
            fn from(number: &&$number) -> Count {
                Count::from(**number)
            }
        }
    )*};
}
counts!(u8, u32, u64, usize, i64);

/// A message on its way to the page.
#[derive(Clone, Debug)]
pub struct Message {
    language: Language,
    key: String,
    values: Vec<(&'static str, FluentValue<'static>)>,
    links: Vec<(&'static str, String)>,
}

impl Message {
    /// Adds a named argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Value) -> Message {
        self.values.push((name, value.value(self.language)));
        self
    }

    /// Says where `<a data-l10n-name="…">` of a rich message leads.
    #[must_use]
    pub fn link(mut self, name: &'static str, href: impl Into<String>) -> Message {
        self.links.push((name, href.into()));
        self
    }

    /// Returns the message as HTML: its own marks stand, its arguments are
    /// escaped, its named links lead somewhere.
    #[must_use]
    pub fn html(&self) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in &self.values {
            let safe = match value {
                FluentValue::String(text) => FluentValue::from(escape(text)),
                other => other.clone(),
            };
            args.set(*name, safe);
        }
        let mut html = self.resolve(&args);
        for (name, href) in &self.links {
            let mark = format!("data-l10n-name=\"{name}\"");
            html = html.replace(&mark, &format!("href=\"{}\"", escape(href)));
        }
        html
    }

    /// Says whether the reader's language has such a message.
    #[must_use]
    pub fn exists(&self) -> bool {
        BUNDLES[self.language as usize].has_message(&self.key)
    }

    fn resolve(&self, args: &FluentArgs) -> String {
        let bundle = &BUNDLES[self.language as usize];
        let pattern = bundle.get_message(&self.key).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            tracing::error!(key = self.key, "the console lacks a message");
            return format!("⟦{}⟧", self.key);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors);
        if errors.is_empty() {
            text.into_owned()
        } else {
            tracing::error!(key = self.key, ?errors, "a message lacks an argument");
            format!("⟦{}⟧", self.key)
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let args: FluentArgs = self.values.iter().map(|(name, value)| (*name, value.clone())).collect();
        f.write_str(&self.resolve(&args))
    }
}

/// Escapes a text for HTML, in text and in quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&#34;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
