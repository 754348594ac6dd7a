//! Decimals with up to nine places, kept as whole numbers of 10⁻⁹. Nothing here goes through floating point.

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_json::value::RawValue;

/// Units in one point.
pub const UNIT: i128 = 1_000_000_000;
const PLACES: usize = 9;

/// A number as it stands in the file: the text of any JSON value, to be judged where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numeral(Box<str>);

/// What is wrong with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Neither a plain JSON number nor a string with one.
    NotANumber,
    /// More than nine places after the point.
    TooPrecise,
    /// A whole number is wanted.
    NotWhole,
    /// Too large to be held.
    TooLarge,
}

impl Numeral {
    /// Returns a numeral that is written as `text`, which must be JSON.
    pub fn written(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the JSON text, shortened for messages.
    pub fn shown(&self) -> String {
        if self.0.chars().count() <= 40 { self.0.to_string() } else { self.0.chars().take(40).chain(['…']).collect() }
    }

    /// Returns the decimal in units of 10⁻⁹; a JSON number or a JSON string.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn units(&self) -> Result<i128, Fault> {
        let quoted = self.0.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        parse(quoted.unwrap_or(&self.0))
    }

    /// Returns the whole number; a JSON number without point or exponent.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn whole(&self) -> Result<i128, Fault> {
        let units = parse(&self.0)?;
        if self.0.contains('.') { Err(Fault::NotWhole) } else { Ok(units / UNIT) }
    }
}

impl<'de> Deserialize<'de> for Numeral {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        Ok(Self(raw.get().into()))
    }
}

impl Serialize for Numeral {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

/// Returns the decimal `text` in units of 10⁻⁹: digits, at most one point with one to nine digits after it, no exponent.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str) -> Result<i128, Fault> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(places) {
        return Err(Fault::NotANumber);
    }
    if places.len() > PLACES {
        return Err(Fault::TooPrecise);
    }
    let whole: i128 = whole.parse().map_err(|_| Fault::TooLarge)?;
    let places: i128 = format!("{places:0<PLACES$}").parse().map_err(|_| Fault::NotANumber)?;
    let units = whole.checked_mul(UNIT).and_then(|units| units.checked_add(places)).ok_or(Fault::TooLarge)?;
    Ok(if negative { -units } else { units })
}

/// Returns units of 10⁻⁹ as the shortest decimal.
pub fn show(units: i128) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let (whole, places) = (units.unsigned_abs() / UNIT.unsigned_abs(), units.unsigned_abs() % UNIT.unsigned_abs());
    if places == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{places:0PLACES$}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::{Fault, Numeral, parse, show};

    #[test]
    fn decimals_are_read_and_shown_exactly() {
        for text in ["0", "1", "-1", "0.1", "12.5", "-0.000000001", "999999999.999999999", "0.123456789"] {
            assert_eq!(parse(text).map(show).as_deref(), Ok(text), "{text}");
        }
        assert_eq!(parse("1.50"), parse("1.5"));
        assert_eq!(parse("-0"), Ok(0));
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", "-", ".5", "5.", "1e3", "+1", "0x1", "1.2.3", "1,5", " 1", "NaN", "--1", "١"] {
            assert_eq!(parse(text), Err(Fault::NotANumber), "{text}");
        }
        assert_eq!(parse("0.1234567891"), Err(Fault::TooPrecise));
        assert_eq!(parse(&"9".repeat(60)), Err(Fault::TooLarge));
        assert_eq!(parse(&"9".repeat(38)), Err(Fault::TooLarge));
        assert_eq!(Numeral::written("1.0").whole(), Err(Fault::NotWhole));
        assert_eq!(Numeral::written("\"1\"").whole(), Err(Fault::NotANumber));
        assert_eq!(Numeral::written("\"1.5\"").units(), Ok(1_500_000_000));
    }
}
