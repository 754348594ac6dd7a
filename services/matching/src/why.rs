//! What decided that a pair was made, as a code by which pairs are found.

use std::collections::HashMap;

use solver::{Pair, Scope, Tier};

use crate::{
    market::{FIRST, NAMED, PINNED, PRIORITY},
    plan::{LineOutcome, Seat},
    snapshot::Snapshot,
    together::Group,
};

/// What decided that a pair was made: the first of these that holds. Numbers as in the contracts and the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// An operator laid the pair down.
    Pinned = 1,
    /// The order, or a recall of its union, asks for the person by name.
    Named = 2,
    /// The person comes first: an employer took the last offer back.
    First = 3,
    /// The corridor's pack puts a ground before every score that the person has.
    Priority = 8,
    /// The person goes with a crew, all of which goes to the line.
    Crew = 4,
    /// The person goes with a family, all of which goes to the employer.
    Family = 5,
    /// Somebody of the same origin with the same score got no seat: the order of the draw decided.
    Draw = 6,
    /// The score.
    Score = 7,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 8] =
        [Self::Pinned, Self::Named, Self::First, Self::Priority, Self::Crew, Self::Family, Self::Draw, Self::Score];

    /// Reads the number of a reason; none if it is none.
    #[must_use]
    pub fn read(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|why| *why as i32 == number)
    }

    /// What the claim of a pair says, or the score where it has none.
    #[must_use]
    pub fn of(tier: Tier) -> Self {
        match tier {
            PINNED => Self::Pinned,
            NAMED => Self::Named,
            FIRST => Self::First,
            PRIORITY => Self::Priority,
            _ => Self::Score,
        }
    }

    /// What is looked for where this is asked for; none = there is nothing to find. That a person comes first says that an
    /// employer took an offer back, perhaps another union's: to a union it is a score like others.
    pub(crate) fn sought(self, tells_first: bool) -> &'static [Self] {
        match (self, tells_first) {
            (Self::First, false) => &[],
            (Self::Score, false) => &[Self::First, Self::Score],
            (Self::Pinned, _) => &[Self::Pinned],
            (Self::Named, _) => &[Self::Named],
            (Self::First, true) => &[Self::First],
            (Self::Priority, _) => &[Self::Priority],
            (Self::Crew, _) => &[Self::Crew],
            (Self::Family, _) => &[Self::Family],
            (Self::Draw, _) => &[Self::Draw],
            (Self::Score, true) => &[Self::Score],
        }
    }
}

/// Tells seats that the score alone gave from those of crews and families, and from those that were drawn.
pub(crate) struct Apart<'a> {
    snapshot: &'a Snapshot,
    /// By position of the candidate.
    together: HashMap<usize, Why>,
    /// The best score of those without a seat and without a claim who go alone, by line and origin. None of them is listed who
    /// scores less than everybody on the line.
    left: HashMap<(usize, &'a str), i64>,
}

impl<'a> Apart<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, groups: &[Group]) -> Self {
        let why = |group: &Group| if group.scope == Scope::Line { Why::Crew } else { Why::Family };
        let members = groups.iter().flat_map(|group| group.members.iter().map(move |&at| (at, why(group))));
        Self { snapshot, together: members.collect(), left: HashMap::new() }
    }

    /// Notes that somebody got no seat. `lines` must hold all who got one.
    pub(crate) fn leave(&mut self, candidate: usize, pairs: &[Pair], lines: &[LineOutcome]) {
        if self.together.contains_key(&candidate) {
            return;
        }
        let origin = self.snapshot.candidates[candidate].origin.as_str();
        for pair in pairs.iter().filter(|pair| pair.tier == Tier::SCORE) {
            if lines[pair.line.at()].lowest.is_some_and(|lowest| pair.score >= lowest) {
                let best = self.left.entry((pair.line.at(), origin)).or_insert(pair.score);
                *best = pair.score.max(*best);
            }
        }
    }

    /// What decided about a seat, once everybody without one is noted. Whoever has the same score and draws on the same quotas
    /// could have it instead, and the plan would be worth as much.
    pub(crate) fn seat(&self, seat: &Seat) -> Why {
        let origin = self.snapshot.candidates[seat.candidate].origin.as_str();
        match (seat.why, self.together.get(&seat.candidate)) {
            (Why::Score, Some(why)) => *why,
            (Why::Score, None) if self.left.get(&(seat.line, origin)) == Some(&seat.score) => Why::Draw,
            (why, _) => why,
        }
    }
}
