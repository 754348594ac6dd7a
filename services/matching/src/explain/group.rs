//! Why people who go together have no seat.

use std::collections::BTreeSet;

use proto::matching as wire;
use solver::Scope;
use uuid::Uuid;

use super::count;
use crate::{
    eligibility::judge,
    facts::{Candidate, Line},
    plan::LineOutcome,
    reason::{self, Code},
    terms::Terms,
    together,
};

/// Puts why those with whom a person goes have no seat before everything else. `members` are all of them who are in the round;
/// empty if the person goes alone. Says how many, never who.
pub fn add_together(
    told: &mut wire::CandidateExplanation,
    (terms, members): (&Terms, &[Candidate]),
    lines: &[(Line, LineOutcome)],
) {
    let seated = told.pair.as_ref().is_some_and(|pair| pair.reserve_rank == 0);
    let group = together::groups(members).pop().filter(|_| !seated);
    let Some(group) = group else { return };
    let reach: Vec<BTreeSet<Uuid>> = members.iter().map(|person| reach(terms, person, lines, group.scope)).collect();
    let common = |place: &&Uuid| reach.iter().all(|open| open.contains(*place));
    let places = count(reach.first().map_or(0, |open| open.iter().filter(common).count()));
    let closed = count(reach.iter().filter(|open| open.is_empty()).count());
    let people = count(members.len()) + i64::from(group.absent);
    let reason = if !group.is_whole() || places == 0 {
        let out = i64::from(group.absent) + closed;
        let message = format!(
            "No seat: this person is one of {people} who go together. {out} of them cannot take part, or no place is open to all."
        );
        Code::TogetherNotWhole.say(message, &[], &[people, out])
    } else {
        let message = format!(
            "No seat: this person is one of {people} who go together. Of {places} places open to all of them none had room for all, or others there had a better claim."
        );
        Code::TogetherNoRoom.say(message, &[], &[people, places])
    };
    // What is said of the nearest lines looks at one person alone.
    told.near.clear();
    told.reasons.retain(|reason| reason.code != Code::Nearest.word());
    told.reasons.insert(0, reason);
    told.summary = reason::sentences(&told.reasons);
}

/// Lines, or sites, that are open to somebody.
fn reach(terms: &Terms, person: &Candidate, lines: &[(Line, LineOutcome)], scope: Scope) -> BTreeSet<Uuid> {
    let open = lines.iter().filter(|(line, _)| judge(terms, person, line).is_empty());
    open.map(|(line, _)| if scope == Scope::Line { line.id.0 } else { line.site }).collect()
}
