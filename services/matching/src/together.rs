//! Who goes together: the families and crews of a market. Pure: people in, groups out.
//!
//! A family goes to lines of one employer, a crew to one line; all of them or none. Nobody is in two groups: families and crews
//! that have a member in common are one group, and it goes to one line if a crew of two or more is in it.

use std::collections::{BTreeMap, HashMap, HashSet};

use proto::ids::{OrganisationId, RoundId};
use solver::Scope;
use uuid::Uuid;

use crate::{assemble::AbsentRow, facts::Candidate, round::ENTRIES_MAX};

/// A family or a crew by the digest of its name, which its ministry alone knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Name<'a> {
    Family(OrganisationId, &'a str),
    Crew(OrganisationId, &'a str),
}

impl<'a> Name<'a> {
    fn all((ministry, family, crew): (OrganisationId, &'a str, &'a str)) -> impl Iterator<Item = Self> {
        let family = Some(family).filter(|name| !name.is_empty()).map(|name| Self::Family(ministry, name));
        family.into_iter().chain(Some(crew).filter(|name| !name.is_empty()).map(|name| Self::Crew(ministry, name)))
    }

    fn of(person: &'a Candidate) -> impl Iterator<Item = Self> {
        Self::all((person.ministry_id, &person.family, &person.crew))
    }
}

/// People who all get a seat or none does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Positions, by origin and lottery key.
    pub members: Vec<usize>,
    pub scope: Scope,
    /// Members who are not in the market, at least.
    pub absent: u32,
    first: Uuid,
}

impl Group {
    /// True if it may be seated: everybody is there, and all of them fit into one proposal.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.absent == 0 && self.members.len() <= ENTRIES_MAX
    }

    /// What its members have in common in a round and its proposals; says nothing of it elsewhere.
    #[must_use]
    pub fn mark(&self, round_id: RoundId) -> Uuid {
        Uuid::new_v5(&round_id.0, &[b"together".as_slice(), self.first.as_bytes()].concat())
    }
}

/// What proposals tell of somebody who goes with others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Company {
    /// As of [`Group::mark`]; empty for who goes alone.
    pub mark: String,
    pub crew: bool,
    /// Placements that the round gives to the others on other lines.
    pub elsewhere: Vec<String>,
}

/// Notes of each person how many of the family and the crew are not in the market.
pub fn miss(people: &mut [Candidate], absent: &[AbsentRow]) {
    let mut missing: HashMap<Name<'_>, u32> = HashMap::new();
    for row in absent {
        for name in Name::all((row.ministry_id, &row.family, &row.crew)) {
            *missing.entry(name).or_default() += u32::try_from(row.people).unwrap_or(u32::MAX);
        }
    }
    for person in people.iter_mut().filter(|_| !missing.is_empty()) {
        let absent: u32 = Name::of(person).filter_map(|name| missing.get(&name)).sum();
        person.absent = absent;
    }
}

/// The groups of these people, in an order that depends on origins and lottery keys alone. Who goes alone is in none.
#[must_use]
pub fn groups(people: &[Candidate]) -> Vec<Group> {
    let named: Vec<usize> = (0..people.len()).filter(|&at| Name::of(&people[at]).next().is_some()).collect();
    // The first member of each is the lead of those who have a name in common, directly or through others.
    let mut leads: Vec<usize> = (0..named.len()).collect();
    let mut first: HashMap<Name<'_>, usize> = HashMap::new();
    for (at, &who) in named.iter().enumerate() {
        for name in Name::of(&people[who]) {
            let other = *first.entry(name).or_insert(at);
            let [one, other] = [at, other].map(|at| lead(&leads, at));
            leads[one.max(other)] = one.min(other);
        }
    }
    let mut together: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, &who) in named.iter().enumerate() {
        together.entry(lead(&leads, at)).or_default().push(who);
    }
    let mut groups: Vec<Group> = together.into_values().filter_map(|members| group(people, members)).collect();
    groups.sort_by_key(|group| key(&people[group.members[0]]));
    groups
}

fn lead(leads: &[usize], mut at: usize) -> usize {
    while leads[at] != at {
        at = leads[at];
    }
    at
}

fn key(person: &Candidate) -> (&str, &str, Uuid) {
    (&person.origin, &person.lottery_key, person.id.0)
}

/// The group of these members; none if one is left to go alone.
fn group(people: &[Candidate], mut members: Vec<usize>) -> Option<Group> {
    members.sort_by_key(|&at| key(&people[at]));
    let absent = members.iter().map(|&at| people[at].absent).max().unwrap_or(0);
    if members.len() == 1 && absent == 0 {
        return None;
    }
    let mut crews = members.iter().flat_map(|&at| Name::of(&people[at])).filter(|name| matches!(name, Name::Crew(..)));
    let mut seen = HashSet::new();
    let crew = crews.any(|crew| !seen.insert(crew));
    let first = people[members[0]].id.0;
    Some(Group { members, scope: if crew { Scope::Line } else { Scope::Site }, absent, first })
}

/// Position of each who goes with others → the group's mark.
#[must_use]
pub fn marks(groups: &[Group], round_id: RoundId) -> HashMap<usize, Uuid> {
    let marked = groups.iter().flat_map(|group| {
        let mark = group.mark(round_id);
        group.members.iter().map(move |&at| (at, mark))
    });
    marked.collect()
}

/// Positions of those who take no part, for their group is not whole.
#[must_use]
pub fn apart(groups: &[Group]) -> HashSet<usize> {
    groups.iter().filter(|group| !group.is_whole()).flat_map(|group| group.members.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::candidate;

    fn person(number: u128, family: &str, crew: &str) -> Candidate {
        Candidate { family: family.to_owned(), crew: crew.to_owned(), ..candidate(number) }
    }

    fn told(people: &[Candidate]) -> Vec<(Vec<usize>, Scope, bool)> {
        groups(people).into_iter().map(|group| (group.members.clone(), group.scope, group.is_whole())).collect()
    }

    #[test]
    fn equal_names_of_one_ministry_go_together_and_who_is_left_alone_goes_alone() {
        let mut people = vec![
            person(1, "a", ""),
            person(2, "", ""),
            person(3, "", "a"),
            person(4, "a", ""),
            person(5, "", "a"),
            person(6, "b", "b"),
            person(7, "a", ""),
        ];
        people[6].ministry_id = OrganisationId::default();
        assert_eq!(told(&people), [(vec![0, 3], Scope::Site, true), (vec![2, 4], Scope::Line, true)]);
        let marks = marks(&groups(&people), RoundId::default());
        assert_eq!((marks.len(), marks[&0], marks[&2]), (4, marks[&3], marks[&4]));
        assert_ne!(marks[&0], marks[&2]);
    }

    #[test]
    fn a_family_with_a_member_in_a_crew_goes_where_the_crew_goes() {
        let people = [person(1, "a", ""), person(2, "a", "c"), person(3, "b", "c"), person(4, "b", "")];
        assert_eq!(told(&people), [(vec![0, 1, 2, 3], Scope::Line, true)]);
        assert_eq!(told(&people[..2]), [(vec![0, 1], Scope::Site, true)], "nobody else of the crew");
    }

    #[test]
    fn whoever_is_missing_is_missed_by_all_of_the_group() {
        let mut people = vec![person(1, "a", ""), person(2, "a", ""), person(3, "b", ""), person(4, "c", "")];
        let row = |family: &str, people| AbsentRow {
            ministry_id: candidate(1).ministry_id,
            family: family.to_owned(),
            crew: String::new(),
            people,
        };
        miss(&mut people, &[row("a", 2), row("b", 1)]);
        assert_eq!(told(&people), [(vec![0, 1], Scope::Site, false), (vec![2], Scope::Site, false)]);
        assert_eq!(groups(&people)[0].absent, 2);
        assert_eq!(apart(&groups(&people)), HashSet::from([0, 1, 2]), "who goes alone takes part");
    }
}
