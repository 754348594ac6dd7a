//! Reasons, from what a round kept: the rules that closed lines, and the prices of those that were open.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proto::{ids::OrganisationId, matching as wire};
use solver::Scope;
use uuid::Uuid;

use crate::{
    eligibility::{Rule, judge},
    facts::{Candidate, Line},
    plan::{LineOutcome, Prices},
    reason::{self, Code},
    score,
    terms::Terms,
    together,
};

/// Lines named as nearest at most.
const NEAR_MAX: usize = 20;

/// Why a line has no seat for people whom no rule shuts out.
const NOT_WHOLE: &str = "The person goes with others, and not all of them can be seated.";

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
        self.weight - self.cost
    }

    fn full(&self) -> bool {
        self.outcome.filled >= self.line.seats
    }
}

impl Basis {
    fn option<'a>(&self, person: &Candidate, line: &'a Line, outcome: &'a LineOutcome) -> Choice<'a> {
        let corridor = &self.terms.corridors[&person.origin];
        let score = score::total(corridor, person, line);
        let named = line.asks_for(person);
        let claim = match (named, person.first) {
            (true, _) => self.prices.named,
            (false, true) => self.prices.first,
            (false, false) => 0,
        };
        let quota = self.prices.corridors.get(&corridor.code).filter(|_| line.draws_on_quotas());
        // Also who was recalled pays for a seat that is not kept for somebody else.
        let others = if line.named.contains(&person.id) { 0 } else { outcome.others_price };
        let cost = outcome.price + quota.copied().unwrap_or(0) + others;
        Choice { line, outcome, score, weight: score + claim, cost }
    }

    /// The points that a person without a seat lacks on a line open to the person, by the prices.
    pub(crate) fn lacking(&self, person: &Candidate, line: &Line, outcome: &LineOutcome) -> i64 {
        (-self.option(person, line, outcome).surplus()).max(0)
    }

    /// True if what a person lacks on a line is held by people with a claim that the person has not: no score is enough.
    pub(crate) fn above_score(&self, person: &Candidate, line: &Line, lacking: i64) -> bool {
        let Prices { named, first, .. } = self.prices;
        match (line.asks_for(person), person.first) {
            (true, _) => named > 0 && lacking >= named,
            (false, true) => named > 0 && lacking >= named - first,
            (false, false) => [named, first].into_iter().any(|claim| claim > 0 && lacking >= claim),
        }
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
        open.sort_by_key(|option| (best - option.surplus(), &option.line.reference));
        let reasons = reasons(lines.len(), (&open, &closed), pair.as_ref());
        let elsewhere = open.iter().filter(|option| seat.is_none_or(|seat| seat.line_id != option.line.id.to_string()));
        wire::CandidateExplanation {
            candidate_id: person.id.to_string(),
            summary: reason::sentences(&reasons),
            reasons,
            near: elsewhere.take(NEAR_MAX).map(|option| self.near(person, option, (best, seat.is_some()))).collect(),
            changes: Vec::new(),
            changes_cut: false,
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
        let needed = option.cost + best - (option.weight - option.score);
        let claimed = self.above_score(person, option.line, needed);
        let by_name = claimed && (option.weight > option.score || self.prices.named > 0 && needed >= self.prices.named);
        let lowest = option.outcome.lowest.unwrap_or(0);
        let laid_down = option.outcome.pinned >= option.line.seats;
        let more = best - option.surplus();
        let drawn = needed == option.score && (lowest == option.score || !option.full());
        // Where nobody is sent, or nobody finds a bed, that is why; the prices say nothing of it.
        let short = short(option.line, option.outcome).filter(|_| !seated);
        let reason = short.unwrap_or_else(|| match (seated, option.full()) {
            _ if laid_down => Code::AllPinned.say(
                "Every seat was laid down by an operator; no score would have been enough.",
                &[],
                &[],
            ),
            _ if by_name => {
                let message = "Every seat went to a worker asked for by name; no score would have been enough.";
                Code::AllNamed.say(message, &[], &[])
            }
            _ if claimed => {
                let message = "Every seat went to somebody who comes first, or was asked for by name; no score would have been enough.";
                Code::AllFirst.say(message, &[], &[])
            }
            (true, _) if more == 0 => {
                Code::AsGood.say("As good as the seat the person has; the order of the draw decided.", &[], &[])
            }
            (true, _) => {
                let message = format!("The seat the person has is worth {more} points more.");
                Code::WorthMore.say(message, &[], &[more])
            }
            _ if drawn => Code::Drawn.say("Equal to the last one seated; the draw decided.", &[], &[]),
            (false, true) => {
                let message = format!(
                    "All seats are taken; the last one seated scores {lowest}, and at least {needed} would have been needed."
                );
                Code::Full.say(message, &[], &[lowest, needed])
            }
            (false, false) => {
                let message =
                    format!("Seats are left, but the quota is used up by others; {needed} would have been needed.");
                Code::QuotaUsed.say(message, &[], &[needed])
            }
        });
        wire::NearLine {
            line_id: option.line.id.to_string(),
            line_title: option.line.title.clone(),
            score: option.score,
            price: if claimed || laid_down { 0 } else { needed.max(0) },
            full: option.full(),
            message: reason.message.clone(),
            reason: Some(reason),
        }
    }

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

/// Adds to the reasons why the person goes before every score, if they do. `unions` are names, as far as they are known.
pub fn add_claims(
    told: &mut wire::CandidateExplanation,
    (person, lines): (&Candidate, &[(Line, LineOutcome)]),
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
    told.summary = reason::sentences(&told.reasons);
}

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
fn short(line: &Line, outcome: &LineOutcome) -> Option<wire::Reason> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{candidate, line, terms};

    fn basis() -> Basis {
        Basis { terms: terms(), prices: Prices { named: 10_000, first: 0, corridors: BTreeMap::new() } }
    }

    fn outcome(price: i64, filled: u32) -> LineOutcome {
        LineOutcome { price, filled, lowest: Some(price), ..LineOutcome::default() }
    }

    #[test]
    fn closed_lines_are_counted_by_their_first_rule_and_all_lines_are_accounted_for() {
        let mut other = line(2);
        other.isco_codes = ["6111".to_owned()].into();
        let mut third = line(3);
        third.origins = ["GT".to_owned()].into();
        third.isco_codes = ["6111".to_owned()].into();
        let lines = [(line(1), outcome(130, 1)), (other, outcome(0, 0)), (third, outcome(0, 0))];
        let told = basis().candidate(&candidate(1), &lines, None);
        let closed: Vec<(&str, i64)> = told.closed.iter().map(|closed| (closed.rule.as_str(), closed.lines)).collect();
        assert_eq!(closed, [("line.origins", 1), ("isco", 1)]);
        assert_eq!(told.near.len(), 1);
        assert!(told.summary.starts_with("No seat: 1 of 3 lines"), "{}", told.summary);
    }

    #[test]
    fn a_near_line_says_which_score_it_would_have_taken() {
        let lines = [(line(1), outcome(130, 1)), (line(2), outcome(126, 1)), (line(3), outcome(9_000_000, 1))];
        let told = basis().candidate(&candidate(1), &lines, None);
        let near: Vec<(i64, i64, bool)> = told.near.iter().map(|near| (near.score, near.price, near.full)).collect();
        assert_eq!(near, [(124, 126, true), (124, 130, true), (124, 0, true)]);
        assert!(told.near[2].message.contains("by name"));
    }

    #[test]
    fn claims_are_told_with_their_reason_and_what_holds_a_seat_against_a_score() {
        let mut basis = basis();
        basis.prices.first = 2_000;
        let lines = [(line(1), outcome(2_124, 1)), (line(2), outcome(10_124, 1))];
        let told = basis.candidate(&candidate(1), &lines, None);
        let near: Vec<(i64, bool)> =
            told.near.iter().map(|near| (near.price, near.message.contains("comes first"))).collect();
        assert_eq!(near, [(0, true), (0, false)]);
        assert!(told.near[1].message.contains("by name"));
        let mut person = candidate(1);
        person.first = true;
        let told = basis.candidate(&person, &lines, None);
        assert_eq!(told.near[0].price, 124, "against others who come first the score decides");
        assert_eq!(told.near[1].price, 0, "{}", told.near[1].message);
        person.recalled.insert(line(1).organisation_id, "2025".to_owned());
        person.recalled.insert(OrganisationId(Uuid::from_u128(5)), "2024".to_owned());
        let mut told = basis.candidate(&person, &lines, None);
        add_claims(
            &mut told,
            (&person, &lines),
            &HashMap::from([(line(1).organisation_id, "Unió de Pagesos".to_owned())]),
        );
        let reasons = " Asked for by name by Unió de Pagesos after season 2025. Comes first: the last offer was taken back by the employer.";
        assert!(told.summary.ends_with(reasons), "{}", told.summary);
        assert!(!told.summary.contains("2024"), "a union without a line in the round");
    }

    /// What a person is told who goes with those before in the list.
    fn told_together(members: &[Candidate], lines: &[(Line, LineOutcome)]) -> (Vec<String>, Vec<i64>, usize) {
        let mut told = basis().candidate(&members[0], lines, None);
        add_together(&mut told, (&terms(), members), lines);
        let codes = told.reasons.iter().map(|reason| reason.code.clone()).collect();
        let mut numbers: Vec<(String, i64)> = told.reasons[0].numbers.clone().into_iter().collect();
        numbers.sort();
        (codes, numbers.into_iter().map(|(_, number)| number).collect(), told.near.len())
    }

    #[test]
    fn who_goes_with_others_is_told_how_many_they_are_and_not_who() {
        let mut family: Vec<Candidate> = (1..=3).map(candidate).collect();
        family.iter_mut().for_each(|person| person.family = "f".to_owned());
        let lines = [(line(1), outcome(130, 1)), (line(2), outcome(126, 1))];
        let told = told_together(&family, &lines);
        assert_eq!(
            told,
            (vec!["TOGETHER_NO_ROOM".to_owned()], vec![3, 1], 0),
            "two lines of one employer are one place"
        );
        family[2].fit_until = None;
        assert_eq!(told_together(&family, &lines), (vec!["TOGETHER_NOT_WHOLE".to_owned()], vec![1, 3], 0));
        family[2].fit_until = family[0].fit_until;
        family.iter_mut().for_each(|person| person.absent = 2);
        assert_eq!(told_together(&family, &lines), (vec!["TOGETHER_NOT_WHOLE".to_owned()], vec![2, 5], 0));
        let (codes, _, near) = told_together(&[candidate(1)], &lines);
        assert_eq!((codes, near), (vec!["NEAREST".to_owned()], 2), "who goes alone");
    }

    #[test]
    fn a_line_says_that_its_least_crew_was_not_reached_or_its_beds_are_taken() {
        let code = |line: Line, outcome: LineOutcome| {
            let told = basis().line(&(line.clone(), outcome.clone()), &[candidate(1)], Vec::new());
            let near = basis().candidate(&candidate(1), &[(line, outcome)], None).near;
            (told.reasons[0].code.clone(), near[0].reason.clone().unwrap().code)
        };
        let asked = Line { seats: 5, least: 4, ..line(1) };
        let both = |code: &str| (code.to_owned(), code.to_owned());
        assert_eq!(code(asked.clone(), outcome(130, 0)), both("LEAST_CREW_NOT_REACHED"));
        let full = LineOutcome { beds_left: Some(0), ..outcome(130, 4) };
        assert_eq!(code(asked.clone(), full.clone()), both("BEDS_TAKEN"));
        let left = LineOutcome { beds_left: Some(1), ..full };
        assert_eq!(code(asked, left), ("SEATS_LEFT".to_owned(), "QUOTA_USED".to_owned()));
    }

    #[test]
    fn a_line_tells_who_was_kept_out_by_which_rule() {
        let mut unfit = candidate(2);
        unfit.fit_until = None;
        let told = basis().line(&(line(1), outcome(124, 1)), &[candidate(1), unfit], Vec::new());
        assert_eq!((told.eligible, told.seats_filled, told.lowest_score), (1, 1, 124));
        assert_eq!(told.closed[0].rule, "candidate.fitness_required");
        assert_eq!(told.closed[0].candidates, 1);
    }

    #[test]
    fn a_line_counts_nobody_as_eligible_whose_family_or_crew_is_not_whole() {
        let counted = |people: &[Candidate]| {
            let told = basis().line(&(line(1), outcome(124, 1)), people, Vec::new());
            let closed = told.closed.into_iter().map(|closed| (closed.rule, closed.candidates));
            (told.eligible, closed.collect::<Vec<_>>(), told.reasons[0].code.clone())
        };
        let mut people: Vec<Candidate> = (1..=4).map(candidate).collect();
        people[1..].iter_mut().for_each(|person| person.crew = "c".to_owned());
        assert_eq!(counted(&people), (4, Vec::new(), "ALL_FILLED".to_owned()), "all of the crew are there");
        people[1..].iter_mut().for_each(|person| person.absent = 1);
        people[3].fit_until = None;
        let kept_out = [("candidate.fitness_required".to_owned(), 1), ("TOGETHER_NOT_WHOLE".to_owned(), 2)];
        assert_eq!(counted(&people), (1, kept_out.to_vec(), "ALL_FILLED".to_owned()));
        let of_crew = counted(&people[1..3]);
        assert_eq!(of_crew, (0, vec![("TOGETHER_NOT_WHOLE".to_owned(), 2)], "NOBODY".to_owned()));
    }
}
