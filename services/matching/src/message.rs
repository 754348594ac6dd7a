//! The domain in the words of the contracts.

use chrono::{DateTime, SecondsFormat, Utc};
use proto::{
    ids::{QuotaId, RoundId},
    matching as wire,
};

use crate::{
    change::{Change, Found, What},
    facts::{Candidate, Line},
    fairness,
    plan::Seat,
    round::{Cause, Round, State, placement_id},
    score,
    snapshot::Snapshot,
    terms::Corridor,
    together::Company,
    whatif::{Figures, Move},
};

impl From<&Round> for wire::Round {
    fn from(round: &Round) -> Self {
        let (report, commitment) = (round.report.clone(), round.commitment.as_ref());
        let check = |check: crate::plan::Check| wire::Check {
            name: check.name,
            passed: check.passed,
            finding: check.finding,
            looked_at: check.looked_at,
        };
        let goal = |goal: crate::plan::Goal| wire::Goal { name: goal.name, reached: goal.reached, of: goal.of };
        Self {
            id: round.id.to_string(),
            number: round.number,
            season_code: round.season_code.clone(),
            destination: round.destination.clone(),
            corridor_codes: report.corridor_codes,
            state: state(round.state).into(),
            as_of: round.as_of.to_string(),
            seed: round.seed.clone(),
            snapshot_hash: report.snapshot_hash,
            plan_hash: report.plan_hash,
            candidates: report.candidates,
            lines: report.lines,
            seats_open: report.seats_open,
            seats_filled: report.seats_filled,
            reserves: report.reserves,
            value: report.value,
            bound: report.bound,
            gap_ppm: report.gap_ppm,
            checks: report.checks.into_iter().map(check).collect(),
            goals: report.goals.into_iter().map(goal).collect(),
            method: report.method,
            milliseconds: report.milliseconds,
            phase: round.phase.clone(),
            percent: round.percent,
            failure: round.failure.clone(),
            computed_on: report.computed_on,
            version: round.version,
            failed_because: round.failed_because.clone().map(|Cause { code, arguments, numbers }| wire::Reason {
                code,
                message: round.failure.clone(),
                arguments: arguments.into_iter().collect(),
                numbers: numbers.into_iter().collect(),
            }),
            seed_sha256: commitment.map(|commitment| commitment.seed_sha256.clone()).unwrap_or_default(),
            seed_committed_at: commitment.map(|commitment| second(commitment.committed_at)).unwrap_or_default(),
        }
    }
}

/// A moment as the contracts write it: RFC 3339, to the second.
pub(crate) fn second(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn state(state: State) -> wire::RoundState {
    match state {
        State::Computing => wire::RoundState::Computing,
        State::Preview => wire::RoundState::Preview,
        State::Publishing => wire::RoundState::Publishing,
        State::Published => wire::RoundState::Published,
        State::Discarded => wire::RoundState::Discarded,
        State::Failed => wire::RoundState::Failed,
    }
}

/// The fact that a round reached a state, with the state.
pub(crate) fn round_event(round: &Round, change: wire::round_event::Change) -> wire::MatchingEvent {
    let event = wire::RoundEvent { state: Some(round.into()), change: Some(change) };
    wire::MatchingEvent { aggregate: Some(wire::matching_event::Aggregate::Round(event)) }
}

/// The fact that people were proposed for a line.
pub(crate) fn proposal_event(state: wire::LineProposal) -> wire::MatchingEvent {
    let change = Some(wire::line_proposal_event::Change::Proposed(wire::CandidatesProposed {}));
    let event = wire::LineProposalEvent { state: Some(state), change };
    wire::MatchingEvent { aggregate: Some(wire::matching_event::Aggregate::LineProposal(event)) }
}

/// A pair as it is shown: with the summands of its score.
pub(crate) fn record(
    round_id: RoundId,
    (seat, corridor): (&Seat, &Corridor),
    person: &Candidate,
    line: &Line,
) -> wire::RoundPair {
    let part = |part: score::Part| wire::ScorePart {
        rule: part.rule.to_owned(),
        points: part.points,
        detail: part.detail,
        counted: part.counted,
    };
    wire::RoundPair {
        placement_id: placement_id(round_id, line.id, person.id).to_string(),
        line_id: line.id.to_string(),
        order_id: line.order_id.to_string(),
        line_number: line.number,
        line_title: line.title.clone(),
        candidate_id: person.id.to_string(),
        corridor_code: corridor.code.clone(),
        reserve_rank: seat.rank,
        score: seat.score,
        parts: score::parts(corridor, person, line).into_iter().map(part).collect(),
        starts_on: line.starts_on.to_string(),
        ends_on: line.ends_on.to_string(),
        reason: seat.why as i32,
    }
}

/// What was found to give a seat, and whether the search was cut.
pub(crate) fn changes(snapshot: &Snapshot, found: Found) -> (Vec<wire::Change>, bool) {
    (found.changes.into_iter().map(|change| self::change(snapshot, change)).collect(), found.cut)
}

fn change(snapshot: &Snapshot, change: Change) -> wire::Change {
    use wire::change::What as Told;
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let small = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let what = match change.what {
        What::Points(more) => Told::Points(wire::PointsChange { more }),
        What::Certificates(certificates) => Told::Certificates(wire::CertificatesChange { certificates }),
        What::Dates(from, until) => Told::Dates(wire::DatesChange { from: day(from), until: day(until) }),
        What::Seats(more) => Told::Seats(wire::SeatsChange { more: small(more) }),
        What::Quota(corridor_code, more) => Told::Quota(wire::QuotaChange { corridor_code, more: small(more) }),
    };
    let line = &snapshot.lines[change.line];
    wire::Change {
        what: Some(what),
        line_id: line.id.to_string(),
        line_number: line.number,
        line_title: line.title.clone(),
        candidate_id: change.candidate.map(|at| snapshot.candidates[at].id.to_string()).unwrap_or_default(),
    }
}

/// What a plan reaches.
pub(crate) fn figures(figures: &Figures) -> wire::PlanFigures {
    wire::PlanFigures {
        recalls: figures.recalls,
        seats: figures.seats,
        score: figures.score,
        bound: figures.bound,
        gap_ppm: figures.gap_ppm,
        plan_hash: figures.plan_hash.clone(),
    }
}

/// Somebody whose seat changes.
pub(crate) fn seat_move(snapshot: &Snapshot, step: &Move) -> wire::SeatMove {
    let seat = |line: usize| {
        let line = &snapshot.lines[line];
        wire::RoundSeat { line_id: line.id.to_string(), line_number: line.number, line_title: line.title.clone() }
    };
    wire::SeatMove {
        candidate_id: snapshot.candidates[step.candidate].id.to_string(),
        from: step.from.map(seat),
        to: step.to.map(seat),
    }
}

/// What everybody may know of an override.
pub(crate) fn overridden(record: &wire::RoundOverride) -> wire::RoundOverridden {
    wire::RoundOverridden {
        candidate_id: record.candidate_id.clone(),
        line_id: record.line_id.clone(),
        kind: record.kind,
        before: record.before.clone(),
        after: record.after.clone(),
    }
}

/// Who got a seat, of those who could have had one.
pub(crate) fn fairness(round_id: RoundId, report: fairness::Report) -> wire::FairnessReport {
    let group = |group: fairness::Group| wire::FairnessGroup {
        attribute: group.attribute as i32,
        name: group.name,
        eligible: group.eligible,
        seated: group.seated,
        rate_ppm: group.rate,
        low_ppm: group.low,
        high_ppm: group.high,
        suppressed: group.suppressed,
    };
    wire::FairnessReport {
        round_id: round_id.to_string(),
        eligible: report.eligible,
        seated: report.seated,
        groups: report.groups.into_iter().map(group).collect(),
        least: fairness::LEAST,
    }
}

/// A pair as it is proposed.
pub(crate) fn entry(
    round_id: RoundId,
    (seat, corridor): (&Seat, &Corridor),
    person: &Candidate,
    (line, quota_id, company): (&Line, QuotaId, Option<Company>),
) -> wire::ProposedCandidate {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let Company { mark: together, crew, elsewhere } = company.unwrap_or_default();
    wire::ProposedCandidate {
        placement_id: placement_id(round_id, line.id, person.id).to_string(),
        candidate_id: person.id.to_string(),
        ministry_id: person.ministry_id.to_string(),
        corridor_code: corridor.code.clone(),
        quota_id: quota_id.to_string(),
        reserve_rank: seat.rank,
        score: seat.score,
        candidate_version: person.version,
        named: seat.named,
        fit_until: day(person.fit_until),
        trained_until: day(person.trained_until),
        rostered_until: day(person.rostered_until),
        // Known when the round goes out.
        pinned: false,
        together,
        crew,
        elsewhere,
    }
}
