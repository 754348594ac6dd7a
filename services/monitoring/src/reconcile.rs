//! Whether an owner and the fold count the same. Pure.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use proto::{
    common::{Count, Position},
    monitoring::Difference,
};

/// The owners of figures, and the kinds of aggregates whose events each publishes.
pub(crate) const OWNERS: [(&str, &[&str]); 5] = [
    ("programme", &["organisation", "corridor", "rule_pack", "season", "quota"]),
    ("demand", &["employer", "job_order"]),
    ("candidate", &["candidate"]),
    ("matching", &["round", "line_proposal"]),
    ("placement", &["placement", "line", "quota_use", "season_record", "proposal_refusal", "calendar"]),
];

/// How far the fold is from an owner's log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Both stand at the same event: figures may be compared.
    None,
    /// The fold has not seen everything yet: wait.
    Behind(String),
    /// The owner has moved since it counted: ask again.
    Ahead(String),
}

/// Compares positions of these kinds. A kind that one side does not name stands at 0.
pub(crate) fn gap(kinds: &[&str], owner: &[Position], folded: &[Position]) -> Gap {
    let events = |positions: &[Position], kind: &str| -> i64 {
        positions.iter().filter(|position| position.aggregate == kind).map(|position| position.events).sum()
    };
    let named = owner.iter().map(|position| position.aggregate.as_str());
    let all: BTreeSet<&str> = kinds.iter().copied().chain(named).collect();
    let (mut behind, mut ahead) = (Vec::new(), Vec::new());
    for kind in all {
        let (theirs, ours) = (events(owner, kind), events(folded, kind));
        let say = format!("{ours} of {theirs} events of kind {kind} are folded");
        match ours.cmp(&theirs) {
            Ordering::Less => behind.push(say),
            Ordering::Equal => {}
            Ordering::Greater => ahead.push(say),
        }
    }
    if !behind.is_empty() {
        return Gap::Behind(format!("the fold is behind: {}", behind.join("; ")));
    }
    if ahead.is_empty() {
        Gap::None
    } else {
        Gap::Ahead(format!("the fold has more than the owner's log: {}", ahead.join("; ")))
    }
}

/// Figure, corridor, season, state.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

fn keyed(counts: &[Count]) -> BTreeMap<Key<'_>, i64> {
    let mut keyed = BTreeMap::new();
    for count in counts {
        let key: Key<'_> = (&count.figure, &count.corridor, &count.season, &count.state);
        *keyed.entry(key).or_default() += count.value;
    }
    keyed
}

/// Every figure that either side names, compared; a figure that one side does not name is 0 there. How many there are,
/// and which differ.
pub(crate) fn compare(service: &str, owner: &[Count], folded: &[Count]) -> (i64, Vec<Difference>) {
    let (theirs, ours) = (keyed(owner), keyed(folded));
    let mut both: BTreeMap<Key<'_>, (i64, i64)> = theirs.into_iter().map(|(key, value)| (key, (value, 0))).collect();
    for (key, value) in ours {
        both.entry(key).or_default().1 = value;
    }
    let difference = |(&(figure, corridor, season, state), &(value, folded)): (&Key<'_>, &(i64, i64))| Difference {
        service: service.to_owned(),
        owner: Some(Count {
            figure: figure.to_owned(),
            corridor: corridor.to_owned(),
            season: season.to_owned(),
            state: state.to_owned(),
            value,
        }),
        folded,
    };
    let differences = both.iter().filter(|(_, (owner, folded))| owner != folded).map(difference).collect();
    (i64::try_from(both.len()).unwrap_or(i64::MAX), differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(aggregate: &str, events: i64) -> Position {
        Position { aggregate: aggregate.to_owned(), aggregates: 1, events }
    }

    fn count(figure: &str, state: &str, value: i64) -> Count {
        Count { figure: figure.to_owned(), state: state.to_owned(), value, ..Count::default() }
    }

    #[test]
    fn figures_are_compared_only_where_both_stand_at_the_same_event() {
        let kinds = ["round", "line_proposal"];
        let owner = [position("round", 5), position("line_proposal", 2)];
        assert_eq!(gap(&kinds, &owner, &owner), Gap::None);
        assert!(matches!(gap(&kinds, &owner, &[position("round", 5)]), Gap::Behind(_)));
        let more = [position("round", 6), position("line_proposal", 2)];
        assert!(matches!(gap(&kinds, &owner, &more), Gap::Ahead(_)));
        assert!(matches!(gap(&kinds, &[position("round", 5)], &owner), Gap::Ahead(_)), "the owner hides a kind");
        assert!(matches!(gap(&kinds, &[position("moon", 1)], &[]), Gap::Behind(_)), "a kind nobody folds");
    }

    #[test]
    fn a_figure_that_only_one_side_knows_is_a_difference_unless_it_is_zero() {
        let owner = [count("orders", "OPEN", 3), count("orders", "DENIED", 0), count("orders", "CLOSED", 1)];
        let folded = [count("orders", "OPEN", 3), count("employers", "", 2)];
        let (figures, differences) = compare("demand", &owner, &folded);
        assert_eq!(figures, 4);
        let said: Vec<(String, i64, i64)> = differences
            .into_iter()
            .map(|difference| {
                let owner = difference.owner.unwrap();
                (format!("{} {}", owner.figure, owner.state), owner.value, difference.folded)
            })
            .collect();
        assert_eq!(said, [("employers ".to_owned(), 0, 2), ("orders CLOSED".to_owned(), 1, 0)]);
    }
}
