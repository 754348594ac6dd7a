//! Who travels together: how many a group may have.

use std::collections::{HashMap, HashSet};

use import::Finding;

use crate::{
    candidate::Groups,
    entry::{Entry, Judged},
    person::Person,
};

/// Members of a group. The solver decides for a group as a whole, and its measurements have groups of 2 to 6; a line has 20 seats
/// on average, so that a larger one would hardly find a place. See `services/matching/solver/README.md`.
pub(crate) const MEMBERS_MAX: i64 = 12;

/// What would mend it.
pub(crate) const MEND: &str = "Make two groups of it, or let somebody travel alone.";

impl Groups {
    /// The group, with the column that names it.
    pub(crate) fn named(&self) -> Option<(&'static str, &str)> {
        let family = self.family.as_deref().map(|digest| ("family_group", digest));
        family.or_else(|| self.crew.as_deref().map(|digest| ("crew", digest)))
    }
}

/// Refuses the rows by which a group grows too large. `known` are references that are registered already: nothing new comes of
/// such a row. `members` has by digest how many are on record.
pub(crate) fn mark(
    rows: &mut [(i64, Judged)],
    groups: impl Fn(&Person) -> Groups,
    known: &HashSet<String>,
    mut members: HashMap<String, i64>,
) {
    for (_, judged) in rows {
        let Judged { entry: Some(entry), findings } = judged else { continue };
        if findings.iter().any(|found| found.refuses) || known.contains(&entry.person.reference) {
            continue;
        }
        let groups = groups(&entry.person);
        let Some((column, digest)) = groups.named() else { continue };
        let count = members.entry(digest.to_owned()).or_default();
        if *count < MEMBERS_MAX {
            *count += 1;
        } else {
            findings.push(too_large(column, entry));
        }
    }
}

/// What is said of a group with too many members.
pub(crate) fn sentence() -> String {
    format!("The group has {MEMBERS_MAX} members without this person; {MEMBERS_MAX} are the most.")
}

fn too_large(column: &str, entry: &Entry) -> Finding {
    Finding {
        column: column.to_owned(),
        value: entry.field(column),
        code: "GROUP-03".to_owned(),
        message: sentence(),
        mend: MEND.to_owned(),
        refuses: true,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{entry::tests::entry, person::LotteryKey};

    fn row(number: i64, crew: &str) -> (i64, Judged) {
        let mut entry = entry();
        entry.person.reference = format!("A-{number}");
        entry.person.crew = crew.to_owned();
        (number, Judged { entry: Some(entry), findings: Vec::new() })
    }

    fn refused(rows: &[(i64, Judged)]) -> Vec<i64> {
        rows.iter().filter(|(_, judged)| !judged.findings.is_empty()).map(|(number, _)| *number).collect()
    }

    #[test]
    fn the_thirteenth_of_a_crew_is_refused_and_those_on_record_count() {
        let key = LotteryKey::new("one");
        let groups = |person: &Person| key.groups(proto::ids::OrganisationId(Uuid::from_u128(1)), person);
        let rows = || -> Vec<_> { (2..16).map(|at| row(at, "C")).chain([row(16, "D"), row(17, "")]).collect() };
        let mut fresh = rows();
        mark(&mut fresh, groups, &HashSet::new(), HashMap::new());
        assert_eq!(refused(&fresh), [14, 15]);
        let finding = &fresh[12].1.findings[0];
        assert_eq!((finding.code.as_str(), finding.column.as_str(), finding.value.as_str()), ("GROUP-03", "crew", "C"));

        let digest = groups(&row(2, "C").1.entry.unwrap().person).crew.unwrap();
        let mut grown = rows();
        mark(&mut grown, groups, &HashSet::new(), HashMap::from([(digest.clone(), 10)]));
        assert_eq!(refused(&grown), (4..16).collect::<Vec<_>>());

        let known = (2..14).map(|at| format!("A-{at}")).collect();
        let mut again = rows();
        mark(&mut again, groups, &known, HashMap::from([(digest, 12)]));
        assert_eq!(refused(&again), [14, 15], "who is registered already is not counted twice");
    }
}
