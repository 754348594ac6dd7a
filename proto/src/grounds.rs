//! Grounds for priority, as packs and facts name them. Most say something of a person that no score may read: sex, origin,
//! belief, family, health, age (Charter of Fundamental Rights of the European Union, art. 21; ILO Convention 111, art. 1).
//! Such a ground counts only where the pack names the legal basis for it.

/// Grounds that say nothing protected. Every other ground is taken for a protected one.
pub const OPEN: &[&str] = &["DISPLACED"];

/// The rules of a pack that name grounds: those that count as points, and those that go before every score.
pub const RULES: [&str; 2] = ["score.priorities", "priority.grounds"];

/// The legal bases that a pack names, `GROUND: law; GROUND: law`; none if this does not read.
#[must_use]
pub fn bases(text: &str) -> Option<Vec<(&str, &str)>> {
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (ground, basis) = part.split_once(':')?;
            let capitals = ground.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            let basis = basis.trim();
            (capitals && !ground.is_empty() && !basis.is_empty()).then_some((ground, basis))
        })
        .collect()
}

/// The first of the grounds that is protected and has no legal basis. `priorities` is the value of one of the [`RULES`] of a
/// pack, `legal_basis` that of its rule `score.legal_basis`.
#[must_use]
pub fn unfounded<'a>(priorities: &'a str, legal_basis: &str) -> Option<&'a str> {
    let bases = bases(legal_basis).unwrap_or_default();
    let founded = |ground: &str| OPEN.contains(&ground) || bases.iter().any(|(known, _)| *known == ground);
    priorities.split_whitespace().find(|ground| !founded(ground))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protected_ground_needs_a_law_of_its_own() {
        assert_eq!(unfounded("DISPLACED", ""), None);
        assert_eq!(unfounded("DISPLACED INDIGENOUS", ""), Some("INDIGENOUS"));
        assert_eq!(unfounded("INDIGENOUS", "WOMAN_HEAD_OF_HOUSEHOLD: Ley 1232 of 2008"), Some("INDIGENOUS"));
        assert_eq!(unfounded("INDIGENOUS", "INDIGENOUS: ILO Convention 169, art. 20"), None);
        assert_eq!(unfounded("INDIGENOUS", "INDIGENOUS:"), Some("INDIGENOUS"), "an empty basis is none");
        assert_eq!(bases("A: one; B: two;"), Some(vec![("A", "one"), ("B", "two")]));
        assert_eq!(bases("indigenous: a law"), None);
    }
}
