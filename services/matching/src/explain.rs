//! Reasons, from what a round kept: the rules that closed lines, and the prices of those that were open.

mod group;
mod line;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use proto::{ids::OrganisationId, matching as wire};
use solver::Tier;

pub use self::group::add_together;
use self::line::short;
use crate::{
    eligibility::{Rule, judge},
    facts::{Candidate, Line},
    market::{FIRST, NAMED, PRIORITY},
    plan::{LineOutcome, Prices},
    reason::{self, Code},
    score,
    terms::Terms,
};

/// Lines named as nearest at most.
const NEAR_MAX: usize = 20;

/// The rules and prices of a round.
#[derive(Debug, Clone)]
pub struct Basis {
    pub terms: Terms,
    pub prices: Prices,
}

/// An open line with what the person is worth there and what it costs. Points of weight.
struct Choice<'a> {
    line: &'a Line,
    outcome: &'a LineOutcome,
    score: i64,
    weight: i64,
    cost: i64,
}

impl Choice<'_> {
    fn surplus(&self) -> i64 {
        self.weight.saturating_sub(self.cost)
    }

    fn full(&self) -> bool {
        self.outcome.filled >= self.line.seats
    }
}

impl Basis {
    fn option<'a>(&self, person: &Candidate, line: &'a Line, outcome: &'a LineOutcome) -> Choice<'a> {
        let corridor = &self.terms.corridors[&person.origin];
        let score = score::total(corridor, person, line);
        let quota = self.prices.corridors.get(&corridor.code).filter(|_| line.draws_on_quotas());
        // Also who was recalled pays for a seat that is not kept for somebody else.
        let others = if line.named.contains(&person.id) { 0 } else { outcome.others_price };
        // Where many have claims before claims, one may weigh more than is told of it.
        let cost = outcome.price.saturating_add(quota.copied().unwrap_or(0)).saturating_add(others);
        Choice { line, outcome, score, weight: score.saturating_add(self.claim(person, line)), cost }
    }

    /// What the claim of a person on a line weighs beyond the score; 0 without one.
    fn claim(&self, person: &Candidate, line: &Line) -> i64 {
        if line.asks_for(person) {
            self.prices.named
        } else if person.first {
            self.prices.first
        } else if self.terms.corridors[&person.origin].puts_first(person) {
            self.prices.priority
        } else {
            0
        }
    }

    /// The points that a person without a seat lacks on a line open to the person, by the prices.
    pub(crate) fn lacking(&self, person: &Candidate, line: &Line, outcome: &LineOutcome) -> i64 {
        self.option(person, line, outcome).surplus().saturating_neg().max(0)
    }

    /// The claim that holds what a person lacks on a line, if it is one that the person has not: no score is enough.
    pub(crate) fn above_score(&self, person: &Candidate, line: &Line, lacking: i64) -> Option<Tier> {
        let Prices { named, first, priority, .. } = self.prices;
        if line.asks_for(person) {
            return (named > 0 && lacking >= named).then_some(NAMED);
        }
        let own = self.claim(person, line);
        let stronger = |(_, claim): &(Tier, i64)| *claim > own && lacking >= claim - own;
        let claims = [(NAMED, named), (FIRST, first), (PRIORITY, priority)];
        claims.into_iter().find(stronger).map(|(tier, _)| tier)
    }

    /// Why a candidate has, or has not, a seat. `pair` is the seat, or else the best place on a reserve list.
    #[must_use]
    pub fn candidate(
        &self,
        person: &Candidate,
        lines: &[(Line, LineOutcome)],
        pair: Option<wire::RoundPair>,
    ) -> wire::CandidateExplanation {
        let mut closed: BTreeMap<Rule, i64> = BTreeMap::new();
        let mut open = Vec::new();
        for (line, outcome) in lines {
            match judge(&self.terms, person, line).first() {
                Some(rule) => *closed.entry(*rule).or_default() += 1,
                None => open.push(self.option(person, line, outcome)),
            }
        }
        let seat = pair.as_ref().filter(|pair| pair.reserve_rank == 0);
        let best = open.iter().map(Choice::surplus).max().unwrap_or(0).max(0);
        open.sort_by_key(|option| (best.saturating_sub(option.surplus()), &option.line.reference));
        let reasons = reasons(lines.len(), (&open, &closed), pair.as_ref());
        let elsewhere = open.iter().filter(|option| seat.is_none_or(|seat| seat.line_id != option.line.id.to_string()));
        wire::CandidateExplanation {
            candidate_id: person.id.to_string(),
            summary: reason::sentences(&reasons),
            reasons,
            near: elsewhere.take(NEAR_MAX).map(|option| self.near(person, option, (best, seat.is_some()))).collect(),
            changes: Vec::new(),
            changes_cut: false,
            rostered_until: person.rostered_until.map(|day| day.to_string()).unwrap_or_default(),
            pair,
            closed: closed
                .into_iter()
                .map(|(rule, lines)| wire::ClosedLines {
                    rule: rule.key().into(),
                    message: rule.message().into(),
                    lines,
                })
                .collect(),
        }
    }

    fn near(&self, person: &Candidate, option: &Choice<'_>, (best, seated): (i64, bool)) -> wire::NearLine {
        // What the line would have to be worth to the person to be as good as what the person has.
        let needed = option.cost.saturating_add(best).saturating_sub(option.weight - option.score);
        let claim = self.above_score(person, option.line, needed);
        let lowest = option.outcome.lowest.unwrap_or(0);
        let laid_down = option.outcome.pinned >= option.line.seats;
        let more = best.saturating_sub(option.surplus());
        let drawn = needed == option.score && (lowest == option.score || !option.full());
        // Where nobody is sent, or nobody finds a bed, that is why; the prices say nothing of it.
        let short = short(option.line, option.outcome).filter(|_| !seated);
        let reason = short.unwrap_or_else(|| match (claim, seated, option.full()) {
            _ if laid_down => Code::AllPinned.say(
                "Every seat was laid down by an operator; no score would have been enough.",
                &[],
                &[],
            ),
            (Some(claim), ..) => all_claimed(claim),
            (None, true, _) if more == 0 => {
                Code::AsGood.say("As good as the seat the person has; the order of the draw decided.", &[], &[])
            }
            (None, true, _) => {
                let message = format!("The seat the person has is worth {more} points more.");
                Code::WorthMore.say(message, &[], &[more])
            }
            _ if drawn => Code::Drawn.say("Equal to the last one seated; the draw decided.", &[], &[]),
            (None, false, true) => {
                let message = format!(
                    "All seats are taken; the last one seated scores {lowest}, and at least {needed} would have been needed."
                );
                Code::Full.say(message, &[], &[lowest, needed])
            }
            (None, false, false) => {
                let message =
                    format!("Seats are left, but the quota is used up by others; {needed} would have been needed.");
                Code::QuotaUsed.say(message, &[], &[needed])
            }
        });
        wire::NearLine {
            line_id: option.line.id.to_string(),
            line_title: option.line.title.clone(),
            score: option.score,
            price: if claim.is_some() || laid_down { 0 } else { needed.max(0) },
            full: option.full(),
            message: reason.message.clone(),
            reason: Some(reason),
        }
    }
}

/// Of a near line: people with this claim, or a stronger one, have every seat.
fn all_claimed(claim: Tier) -> wire::Reason {
    let (code, who) = match claim {
        NAMED => (Code::AllNamed, "a worker asked for by name"),
        FIRST => (Code::AllFirst, "somebody who comes first, or was asked for by name"),
        _ => (Code::AllPriority, "somebody with a ground for priority, or with a claim before it"),
    };
    code.say(format!("Every seat went to {who}; no score would have been enough."), &[], &[])
}

/// Adds to the reasons why the person goes before every score, if they do. `unions` are names, as far as they are known.
pub fn add_claims(
    told: &mut wire::CandidateExplanation,
    (terms, person, lines): (&Terms, &Candidate, &[(Line, LineOutcome)]),
    unions: &HashMap<OrganisationId, String>,
) {
    for (union, season) in &person.recalled {
        if lines.iter().any(|(line, _)| line.organisation_id == *union) {
            let union = unions.get(union).cloned().unwrap_or_else(|| union.to_string());
            let message = format!("Asked for by name by {union} after season {season}.");
            told.reasons.push(Code::Recalled.say(message, &[&union, season], &[]));
        }
    }
    if person.first {
        let message = "Comes first: the last offer was taken back by the employer.";
        told.reasons.push(Code::First.say(message, &[], &[]));
    }
    if terms.corridors[&person.origin].puts_first(person) {
        let message =
            "Goes before every score: the person has a ground for priority that the rules of the corridor name.";
        told.reasons.push(Code::Priority.say(message, &[], &[]));
    }
    told.summary = reason::sentences(&told.reasons);
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Why the person has this seat, or none; sentence by sentence.
fn reasons(
    lines: usize,
    (open, closed): (&[Choice<'_>], &BTreeMap<Rule, i64>),
    pair: Option<&wire::RoundPair>,
) -> Vec<wire::Reason> {
    const OTHERS: &str = "each seat went to a named worker or to somebody with a better claim";
    let of_lines = format!("{} of {lines} lines were open to this person by the rules", open.len());
    let (open_lines, all) = (count(open.len()), count(lines));
    match pair {
        Some(pair) => {
            let (line, title, rank) = (pair.line_number.to_string(), pair.line_title.as_str(), pair.reserve_rank);
            if rank == 0 {
                let message = format!("Seated on line {line}, {title}, with {} points. {of_lines}.", pair.score);
                return vec![Code::Seated.say(message, &[&line, title], &[pair.score, open_lines, all])];
            }
            let message = format!(
                "No seat: {of_lines}, and {OTHERS}. Number {rank} on the reserve list of line {line}, {title}."
            );
            vec![Code::OnReserve.say(message, &[&line, title], &[rank.into(), open_lines, all])]
        }
        None if lines == 0 => vec![Code::NoLines.say("The round had no line with a free seat.", &[], &[])],
        None if open.is_empty() => {
            let none = Code::NoLineOpen.say("No seat: no line was open to this person.", &[], &[]);
            let most = closed.iter().max_by_key(|(_, lines)| **lines).map(|(rule, _)| reason::rule(*rule));
            std::iter::once(none).chain(most).collect()
        }
        None => {
            let near = &open[0];
            let (line, title, score) = (near.line.number.to_string(), near.line.title.as_str(), near.score);
            let message = format!(
                "No seat: {of_lines}, and {OTHERS}. Nearest was line {line}, {title}, where the person scores {score}."
            );
            vec![Code::Nearest.say(message, &[&line, title], &[score, open_lines, all])]
        }
    }
}
