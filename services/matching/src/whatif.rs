//! Pairs that an operator lays down, whatever the plan says: pinned or forbidden. What it costs, and who pays.

use std::collections::HashMap;

use proto::ids::{CandidateId, LineId};

use crate::{
    eligibility::{Rule, judge},
    market::Trial,
    plan::{Report, Seat},
    snapshot::Snapshot,
    together,
};

/// What is laid down. Numbers as in the contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The candidate gets a seat of the line.
    Pin = 1,
    /// The candidate gets none of the line.
    Forbid = 2,
}

impl Kind {
    /// Reads the number of a kind; none if it is none.
    #[must_use]
    pub fn read(number: i32) -> Option<Self> {
        [Self::Pin, Self::Forbid].into_iter().find(|kind| *kind as i32 == number)
    }
}

/// One pair to be laid down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    pub kind: Kind,
    pub candidate_id: CandidateId,
    pub line_id: LineId,
}

/// Why a pair cannot be laid down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The round had no such candidate, or no such line with a free seat.
    NoCandidate,
    NoLine,
    /// The rules close the line to the candidate: nobody can lay that down.
    Closed(Rule),
    /// The pair was laid down before.
    Twice,
    /// The candidate is pinned to another line.
    Elsewhere,
    /// All seats, or all units of the quota, went to others that are pinned.
    Taken,
    /// The candidate goes with others, and not all of them are in the round.
    NotWhole,
    /// The candidate goes with others, and there is no room for all of them with what is laid down.
    NoRoom,
}

/// What is tried once `wishes` are laid down, the last of them as the new one.
///
/// # Errors
/// The first [`Fault`] met.
pub fn trial(snapshot: &Snapshot, wishes: &[Wish]) -> Result<Trial, Fault> {
    let mut trial = Trial::default();
    let groups = if wishes.is_empty() { Vec::new() } else { together::groups(&snapshot.candidates) };
    let apart = together::apart(&groups);
    for wish in wishes {
        let candidate = snapshot.candidates.iter().position(|person| person.id == wish.candidate_id);
        let candidate = candidate.ok_or(Fault::NoCandidate)?;
        let line = snapshot.lines.iter().position(|line| line.id == wish.line_id).ok_or(Fault::NoLine)?;
        if let Some(rule) = judge(&snapshot.terms, &snapshot.candidates[candidate], &snapshot.lines[line]).first() {
            return Err(Fault::Closed(*rule));
        }
        if wish.kind == Kind::Pin && apart.contains(&candidate) {
            return Err(Fault::NotWhole);
        }
        let [who, where_] = [candidate, line].map(|at| u32::try_from(at).expect("a market holds fewer than 2^32"));
        let pinned = trial.pinned.get(&who).copied();
        if pinned == Some(where_) || trial.forbidden.contains(&(who, where_)) {
            return Err(Fault::Twice);
        }
        match wish.kind {
            Kind::Forbid => drop(trial.forbidden.insert((who, where_))),
            Kind::Pin if pinned.is_some() => return Err(Fault::Elsewhere),
            Kind::Pin => drop(trial.pinned.insert(who, where_)),
        }
    }
    Ok(trial)
}

/// Why a plan does not keep what is laid down, if it does not.
#[must_use]
pub fn not_kept(snapshot: &Snapshot, wishes: &[Wish], seats: &[Seat]) -> Option<Fault> {
    let on_line = |wish: &Wish, seat: &Seat| {
        seat.rank == 0
            && snapshot.candidates[seat.candidate].id == wish.candidate_id
            && snapshot.lines[seat.line].id == wish.line_id
    };
    let kept = |wish: &&Wish| seats.iter().any(|seat| on_line(wish, seat)) == (wish.kind == Kind::Pin);
    let wish = wishes.iter().find(|wish| !kept(wish))?;
    let groups = together::groups(&snapshot.candidates);
    let mut members = groups.iter().flat_map(|group| &group.members);
    let goes_with_others = members.any(|&at| snapshot.candidates[at].id == wish.candidate_id);
    Some(if goes_with_others { Fault::NoRoom } else { Fault::Taken })
}

/// What a plan reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    pub recalls: i64,
    pub seats: i64,
    pub score: i64,
    pub bound: i64,
    pub gap_ppm: i64,
    pub plan_hash: String,
}

impl From<&Report> for Figures {
    fn from(report: &Report) -> Self {
        let recalls = report.goals.iter().find(|goal| goal.name == "RECALLS");
        Self {
            recalls: recalls.map_or(0, |goal| goal.reached),
            seats: report.seats_filled,
            score: report.value,
            bound: report.bound,
            gap_ppm: report.gap_ppm,
            plan_hash: report.plan_hash.clone(),
        }
    }
}

/// Somebody whose seat changes: the line before and after. Positions in the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub candidate: usize,
    pub from: Option<usize>,
    pub to: Option<usize>,
}

/// Who loses a seat, then who changes it, then who gets one; in each group as the market lists people. `before` names the
/// line of each who had a seat.
#[must_use]
pub fn moves(snapshot: &Snapshot, before: &HashMap<CandidateId, LineId>, after: &[Seat]) -> Vec<Move> {
    let place: HashMap<LineId, usize> = snapshot.lines.iter().enumerate().map(|(at, line)| (line.id, at)).collect();
    let seated = after.iter().filter(|seat| seat.rank == 0);
    let after: HashMap<usize, usize> = seated.map(|seat| (seat.candidate, seat.line)).collect();
    let step = |(candidate, person): (usize, &crate::facts::Candidate)| Move {
        candidate,
        from: before.get(&person.id).and_then(|line| place.get(line)).copied(),
        to: after.get(&candidate).copied(),
    };
    let mut moves: Vec<Move> =
        snapshot.candidates.iter().enumerate().map(step).filter(|step| step.from != step.to).collect();
    moves.sort_by_key(|step| match (step.from, step.to) {
        (Some(_), None) => 0,
        (Some(_), Some(_)) => 1,
        _ => 2,
    });
    moves
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, Instant},
    };

    use super::*;
    use crate::{
        market,
        plan::{self, Outcome},
        replay::{Kept, Replay},
        testing::{candidate, line, terms},
    };

    /// Person n has n months more than the one before; line 1 has two seats, line 2 one.
    fn snapshot(people: u128) -> Snapshot {
        let person = |number: u128| {
            let mut person = candidate(number);
            person.experience.insert("9211".to_owned(), i32::try_from(number).unwrap());
            person
        };
        let mut first = line(1);
        first.seats = 2;
        Snapshot {
            season_code: "2026".to_owned(),
            destination: "ES".to_owned(),
            terms: terms(),
            lines: vec![first, line(2)],
            candidates: (1..=people).map(person).collect(),
            quotas: Vec::new(),
        }
    }

    fn solved(snapshot: Snapshot, wishes: &[Wish]) -> (Replay, Outcome) {
        let kept = Kept {
            season_code: snapshot.season_code,
            destination: snapshot.destination,
            seed: "spring".to_owned(),
            lines: snapshot.lines.into_iter().map(|line| (line, plan::LineOutcome::default())).collect(),
            candidates: snapshot.candidates,
            quotas: snapshot.quotas,
        };
        let replay = Replay::new(snapshot.terms, kept);
        let trial = trial(&replay.snapshot, wishes).unwrap();
        let outcome = replay.outcome(trial, Instant::now() + Duration::from_secs(600)).unwrap();
        (replay, outcome)
    }

    fn wish(kind: Kind, person: u128, number: u128) -> Wish {
        Wish { kind, candidate_id: candidate(person).id, line_id: line(number).id }
    }

    fn seats(replay: &Replay, outcome: &Outcome) -> HashMap<CandidateId, LineId> {
        let seated = outcome.seats.iter().filter(|seat| seat.rank == 0);
        let ids = |seat: &Seat| (replay.snapshot.candidates[seat.candidate].id, replay.snapshot.lines[seat.line].id);
        seated.map(ids).collect()
    }

    #[test]
    fn a_pin_costs_what_the_best_plan_with_that_pair_loses_and_names_who_pays() {
        let (replay, before) = solved(snapshot(6), &[]);
        assert_eq!(before.report.value, 300 + 2 * (6 + 5 + 4));
        let (_, after) = solved(snapshot(6), &[wish(Kind::Pin, 1, 2)]);
        // 6 and 5 stay, 4 pays: three months of two points.
        assert_eq!(
            (after.report.value, after.report.seats_filled, after.report.gap_ppm),
            (before.report.value - 6, 3, 0)
        );
        let moved = moves(&replay.snapshot, &seats(&replay, &before), &after.seats);
        let people: Vec<(CandidateId, bool, bool)> = moved
            .iter()
            .map(|step| (replay.snapshot.candidates[step.candidate].id, step.from.is_some(), step.to.is_some()))
            .collect();
        assert_eq!(people[0], (candidate(4).id, true, false));
        assert_eq!(people.last(), Some(&(candidate(1).id, false, true)));
        assert_eq!(seats(&replay, &after)[&candidate(1).id], line(2).id);
        assert_ne!(before.report.plan_hash, after.report.plan_hash);
        assert_eq!(before.report.snapshot_hash, after.report.snapshot_hash);
    }

    #[test]
    fn a_pin_goes_before_a_recall_and_says_that_it_cost_one() {
        let mut market = snapshot(3);
        market.lines[1].named.insert(candidate(3).id);
        let (_, before) = solved(market.clone(), &[]);
        assert_eq!(Figures::from(&before.report).recalls, 1);
        let (replay, after) = solved(market.clone(), &[wish(Kind::Pin, 1, 2)]);
        assert_eq!((Figures::from(&after.report).recalls, seats(&replay, &after)[&candidate(1).id]), (0, line(2).id));
        // Who is named and pinned is still a recall.
        let (_, both) = solved(market, &[wish(Kind::Pin, 3, 2)]);
        let same = Figures { plan_hash: Figures::from(&before.report).plan_hash, ..Figures::from(&both.report) };
        assert_eq!(same, Figures::from(&before.report), "other prices prove it, no other plan");
    }

    #[test]
    fn a_forbidden_pair_is_in_no_seat_and_on_no_reserve_list() {
        let (replay, before) = solved(snapshot(4), &[wish(Kind::Forbid, 4, 1)]);
        assert_eq!(seats(&replay, &before)[&candidate(4).id], line(2).id);
        let (replay, both) = solved(snapshot(4), &[wish(Kind::Forbid, 4, 1), wish(Kind::Forbid, 4, 2)]);
        let mut of_four =
            both.seats.iter().filter(|seat| replay.snapshot.candidates[seat.candidate].id == candidate(4).id);
        assert_eq!(of_four.next(), None, "neither a seat nor a place in line");
    }

    /// People 1 and 2 go to one line; line 1 has two seats, line 2 one.
    fn with_a_crew() -> Snapshot {
        let mut market = snapshot(4);
        market.candidates[..2].iter_mut().for_each(|person| person.crew = "c".to_owned());
        market
    }

    #[test]
    fn a_pin_of_one_of_a_crew_brings_all_of_it_and_a_forbidden_line_is_forbidden_to_all() {
        let (replay, after) = solved(with_a_crew(), &[wish(Kind::Pin, 1, 1)]);
        let seated = seats(&replay, &after);
        assert_eq!([1, 2].map(|number| seated[&candidate(number).id]), [line(1).id; 2]);
        assert_eq!(after.report.seats_filled, 3, "line 2 has one of the others");
        let (replay, after) = solved(with_a_crew(), &[wish(Kind::Forbid, 1, 1)]);
        let seated = seats(&replay, &after);
        assert!(!seated.contains_key(&candidate(1).id) && !seated.contains_key(&candidate(2).id), "{seated:?}");
    }

    #[test]
    fn a_pin_of_one_of_a_group_that_cannot_be_seated_is_refused_and_says_so() {
        let mut market = with_a_crew();
        let wishes = [wish(Kind::Pin, 1, 2)];
        let (replay, outcome) = solved(market.clone(), &wishes);
        assert_eq!(not_kept(&replay.snapshot, &wishes, &outcome.seats), Some(Fault::NoRoom), "one seat for two");
        let (replay, outcome) = solved(market.clone(), &[wish(Kind::Pin, 3, 2)]);
        assert_eq!(not_kept(&replay.snapshot, &[wish(Kind::Pin, 3, 2)], &outcome.seats), None);
        market.candidates[..2].iter_mut().for_each(|person| person.absent = 1);
        assert_eq!(trial(&market, &wishes), Err(Fault::NotWhole));
        assert!(trial(&market, &[wish(Kind::Forbid, 1, 2)]).is_ok(), "it changes nothing");
    }

    #[test]
    fn what_the_rules_close_or_was_laid_down_cannot_be_laid_down() {
        let mut market = snapshot(3);
        market.candidates[0].fit_until = None;
        let fault = |wishes: &[Wish]| trial(&market, wishes).unwrap_err();
        assert_eq!(fault(&[wish(Kind::Pin, 1, 1)]), Fault::Closed(Rule::Fitness));
        assert_eq!(fault(&[wish(Kind::Pin, 9, 1)]), Fault::NoCandidate);
        assert_eq!(fault(&[wish(Kind::Pin, 2, 9)]), Fault::NoLine);
        assert_eq!(fault(&[wish(Kind::Pin, 2, 1), wish(Kind::Forbid, 2, 1)]), Fault::Twice);
        assert_eq!(fault(&[wish(Kind::Pin, 2, 1), wish(Kind::Pin, 2, 2)]), Fault::Elsewhere);
        assert!(market::build_trial(Arc::new(market.clone()), trial(&market, &[]).unwrap()).is_ok());
    }
}
