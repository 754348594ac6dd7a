//! Who travels together.

use std::collections::HashSet;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::row::Draft;

/// Rows in 1,000 with which a family of two begins: 2 in 100 people are in one.
const FAMILIES_IN_THOUSAND: u32 = 10;
/// Rows in 1,000 with which a crew of three to six begins: 4 in 100 people are in one.
const CREWS_IN_THOUSAND: u32 = 9;

/// Joins neighbours in the file who would go to the same destinations and have the same main occupation: without work that all
/// of them may do, a group would hardly ever have a seat. Nobody in a group has a slip in the row.
pub(super) fn join(drafts: &mut [Draft], spoilt: &HashSet<usize>, chance: &mut ChaCha8Rng) {
    let mut taken = spoilt.clone();
    let mut made = 0;
    for first in 0..drafts.len() {
        let drawn = chance.random_range(0..1000);
        let crew = (FAMILIES_IN_THOUSAND..FAMILIES_IN_THOUSAND + CREWS_IN_THOUSAND).contains(&drawn);
        if taken.contains(&first) || !(crew || drawn < FAMILIES_IN_THOUSAND) {
            continue;
        }
        let (column, letter, size) =
            if crew { ("crew", 'C', chance.random_range(3..=6)) } else { ("family_group", 'F', 2) };
        let wanted = place_and_work(&drafts[first]);
        let fits = |at: &usize| !taken.contains(at) && place_and_work(&drafts[*at]) == wanted;
        let members: Vec<usize> = (first..drafts.len()).filter(fits).take(size).collect();
        if members.len() < size {
            continue;
        }
        made += 1;
        // The batch's part of a reference: groups of two batches of one ministry are not one.
        let reference = drafts[first].get("reference");
        let batch = reference.rsplit_once('-').map_or("", |(batch, _)| batch);
        let name = format!("{batch}-{letter}{made:04}");
        for at in members {
            drafts[at].set(column, name.clone());
            taken.insert(at);
        }
    }
}

/// The destinations of a row, and the code of the occupation that stands first.
fn place_and_work(draft: &Draft) -> (String, String) {
    let code = draft.get("occupations").split(':').next().unwrap_or_default().to_owned();
    (draft.get("destinations"), code)
}
