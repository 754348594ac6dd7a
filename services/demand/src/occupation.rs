//! From SOC 2010, the classification of the US feed, to ISCO-08. The crosswalk is many to many: every target is kept,
//! because which of them is meant is a question for people.

use std::{collections::HashMap, io::Read, sync::LazyLock};

use flate2::read::GzDecoder;

/// SOC 2010 to ISCO-08 unit groups, from `iscoCrosswalks` (MIT); see `deploy/data/README.md`.
const CROSSWALK: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/data/soc2010_isco08.csv.gz"));

static TARGETS: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut text = String::new();
    GzDecoder::new(CROSSWALK).read_to_string(&mut text).expect("the crosswalk is compiled in and read by a test");
    let mut targets: HashMap<String, Vec<String>> = HashMap::new();
    for (soc, isco) in text.lines().skip(1).filter_map(|line| line.trim().split_once(',')) {
        targets.entry(soc.to_owned()).or_default().push(isco.to_owned());
    }
    targets
});

/// The ISCO-08 unit groups of a SOC 2010 code; none if it is unknown. `45-2092.02`, a finer code of O*NET, is read as
/// `45-2092`.
#[must_use]
pub fn isco(soc: &str) -> &'static [String] {
    let soc = soc.split('.').next().unwrap_or_default();
    TARGETS.get(soc).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_of_a_code_is_kept() {
        assert_eq!(isco("45-2092"), ["6310", "6330", "9211", "9213", "9214"]);
        assert_eq!(isco("45-2092.02"), isco("45-2092"));
        assert_eq!(isco("45-2091").len(), 6);
        assert!(isco("").is_empty() && isco("99-9999").is_empty());
        assert_eq!(TARGETS.values().map(Vec::len).sum::<usize>(), 1131);
    }
}
