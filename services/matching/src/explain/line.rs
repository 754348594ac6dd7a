//! What decided about a line.

use std::collections::BTreeMap;

use proto::matching as wire;

use super::{Basis, count};
use crate::{
    eligibility::{Rule, judge},
    facts::{Candidate, Line},
    plan::LineOutcome,
    reason::Code,
    together,
};

/// Why a line has no seat for people whom no rule shuts out.
const NOT_WHOLE: &str = "The person goes with others, and not all of them can be seated.";

impl Basis {
    /// What decided about a line. `reserves` are its pairs with a rank.
    #[must_use]
    pub fn line(
        &self,
        (line, outcome): &(Line, LineOutcome),
        people: &[Candidate],
        reserves: Vec<wire::RoundPair>,
    ) -> wire::LineExplanation {
        let apart = together::apart(&together::groups(people));
        let mut closed: BTreeMap<Rule, i64> = BTreeMap::new();
        let (mut eligible, mut kept_back) = (0, 0);
        for (at, person) in people.iter().enumerate() {
            match judge(&self.terms, person, line).first() {
                Some(rule) => *closed.entry(*rule).or_default() += 1,
                // By the rules they fit; the round seats nobody of a group of whom somebody is missing.
                None if apart.contains(&at) => kept_back += 1,
                None => eligible += 1,
            }
        }
        let by_rules = closed.into_iter().map(|(rule, candidates)| (rule.key(), rule.message(), candidates));
        let by_others = (kept_back > 0).then(|| (Code::TogetherNotWhole.word(), NOT_WHOLE, kept_back));
        let closed = by_rules.chain(by_others).map(|(rule, message, candidates)| wire::ClosedCandidates {
            rule: rule.to_owned(),
            message: message.to_owned(),
            candidates,
        });
        let reason = decided((line, outcome), (eligible, people.len()));
        wire::LineExplanation {
            line_id: line.id.to_string(),
            summary: reason.message.clone(),
            reasons: vec![reason],
            seats_open: i64::from(line.seats),
            seats_filled: i64::from(outcome.filled),
            eligible,
            lowest_score: outcome.lowest.unwrap_or(0),
            closed: closed.collect(),
            reserves,
            changes: Vec::new(),
            changes_cut: false,
        }
    }
}

/// What decided about a line, for which so many are eligible of so many people.
fn decided((line, outcome): (&Line, &LineOutcome), (eligible, people): (i64, usize)) -> wire::Reason {
    let (seats, filled) = (line.seats, outcome.filled);
    if eligible == 0 {
        let message = format!("Nobody of {people} people may take a seat of this line.");
        Code::Nobody.say(message, &[], &[count(people)])
    } else if let Some(reason) = short(line, outcome) {
        reason
    } else if filled < seats {
        let message = format!(
            "{filled} of {seats} seats are filled: {eligible} people may take one, and the others have a better seat or no quota."
        );
        Code::SeatsLeft.say(message, &[], &[i64::from(filled), i64::from(seats), eligible])
    } else {
        let lowest = outcome.lowest.unwrap_or(0);
        let message = format!(
            "All {seats} seats are filled, from {eligible} people who may take one; the last one seated scores {lowest}."
        );
        Code::AllFilled.say(message, &[], &[i64::from(seats), eligible, lowest])
    }
}

/// Why seats of a line are free that people could have had: its least crew was not reached, or its housing is full.
pub(super) fn short(line: &Line, outcome: &LineOutcome) -> Option<wire::Reason> {
    let (seats, filled, least) = (line.seats, outcome.filled, line.least);
    if filled == 0 && least > 1 {
        let message =
            format!("Nobody is sent: the work needs {least} people at least, and fewer were to be had for it.");
        return Some(Code::LeastCrew.say(message, &[], &[i64::from(least)]));
    }
    (filled < seats && outcome.beds_left == Some(0)).then(|| {
        let message = format!("{filled} of {seats} seats are filled: every bed of the housing is taken.");
        Code::BedsTaken.say(message, &[], &[i64::from(filled), i64::from(seats)])
    })
}
