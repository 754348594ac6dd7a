//! Rules by which a person's re-entry may be barred, as packs name them. A bar rests on a law and ends when that law says; a
//! pack that names no law allows none.

/// One rule: what the decision names, how long it may bar, and by which law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar<'a> {
    pub name: &'a str,
    /// The longest it may bar, from the decision on.
    pub days: i64,
    pub law: &'a str,
}

/// The rules of a pack's `reentry.bars`, `RULE: days, law; RULE: days, law`; none if this does not read.
#[must_use]
pub fn bars(text: &str) -> Option<Vec<Bar<'_>>> {
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, rest) = part.split_once(':')?;
            let (days, law) = rest.split_once(',')?;
            let (days, law) = (days.trim().parse().ok()?, law.trim());
            let is_code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            let named = (1..=40).contains(&name.len()) && name.bytes().all(is_code);
            (named && (1..=36_525).contains(&days) && !law.is_empty()).then_some(Bar { name, days, law })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_names_its_longest_time_and_its_law() {
        let read =
            bars("INA_218F: 1826, 8 U.S.C. 1188(f), five years; IRPR_225: 365, SOR/2002-227, s. 225(1);").unwrap();
        assert_eq!(read[0], Bar { name: "INA_218F", days: 1826, law: "8 U.S.C. 1188(f), five years" });
        assert_eq!((read.len(), read[1].days), (2, 365));
        assert_eq!(bars(""), Some(Vec::new()));
        for wrong in ["INA_218F: 1826", "INA_218F: 1826,", "INA_218F: for ever, a law", "X: 0, a law", "law: 5, a law"]
        {
            assert_eq!(bars(wrong), None, "{wrong}");
        }
    }
}
