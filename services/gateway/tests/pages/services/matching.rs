//! What matching says of its rounds: how far they are; and of the plan of one who sits where, why, and how fair it came out.

use platform::Refused;
use proto::matching as m;
use tonic::{Code, Request, Status};

use super::{Answer, Said, answer};

/// The round that can be looked at; each pair that is laid down makes it another one.
fn round(said: &Said) -> m::Round {
    let state = said.0.slow.lock().unwrap().filter(|_| !said.published().is_empty());
    m::Round {
        id: "7".to_owned(),
        number: 7,
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        corridor_codes: vec!["CO-ES".to_owned()],
        state: state.unwrap_or(m::RoundState::Preview).into(),
        as_of: "2026-02-01".to_owned(),
        seed: "abc".to_owned(),
        seed_sha256: "ba7816bf".to_owned(),
        seed_committed_at: "2026-01-02T09:05:00Z".to_owned(),
        computed_on: "2026-02-01".to_owned(),
        lines: 3,
        seats_open: 40,
        seats_filled: 38,
        value: 5_000,
        bound: 5_001,
        checks: vec![m::Check {
            name: "BOUND".to_owned(),
            passed: true,
            finding: "40 prices".to_owned(),
            looked_at: Some(40),
        }],
        goals: vec![m::Goal { name: "RECALLS".to_owned(), reached: 3, of: 4 }],
        version: 2 + i64::try_from(said.laid_down().len()).unwrap(),
        ..Default::default()
    }
}

/// A round without a plan.
fn bare(id: &str, state: m::RoundState, phase: &str, percent: i32) -> m::Round {
    m::Round {
        id: id.to_owned(),
        number: id.parse().unwrap(),
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        state: state.into(),
        as_of: "2026-02-01".to_owned(),
        phase: phase.to_owned(),
        percent,
        ..Default::default()
    }
}

pub(super) async fn rounds(said: &Said, _: Request<m::ListRoundsRequest>) -> Answer<m::ListRoundsResponse> {
    let later = [bare("8", m::RoundState::Discarded, "", 0), bare("9", m::RoundState::Computing, "quotas", 42)];
    answer(m::ListRoundsResponse { rounds: [vec![round(said)], later.to_vec()].concat(), ..Default::default() })
}

/// The one that can be looked at; one that was thrown away while it was computed; one that is computed; two that failed.
pub(super) async fn get_round(said: &Said, request: Request<m::GetRoundRequest>) -> Answer<m::Round> {
    match request.get_ref().round_id.as_str() {
        "7" => answer(round(said)),
        "8" => answer(bare("8", m::RoundState::Discarded, "quotas", 42)),
        "10" => answer(m::Round {
            failure: "ended with the process; compute again".to_owned(),
            failed_because: Some(m::Reason {
                code: "PROCESS_ENDED".to_owned(),
                message: "ended with the process; compute again".to_owned(),
                ..Default::default()
            }),
            ..bare("10", m::RoundState::Failed, "quotas", 42)
        }),
        "11" => answer(m::Round {
            failure: "what an earlier build said".to_owned(),
            ..bare("11", m::RoundState::Failed, "quotas", 42)
        }),
        "9" => answer(bare("9", m::RoundState::Computing, "quotas", 42)),
        other => Err(Refused::not_found("round", other).into()),
    }
}

pub(super) async fn publish(said: &Said, request: Request<m::PublishRoundRequest>) -> Answer<m::Round> {
    let (asked, stands) = (request.into_inner(), round(said));
    if stands.state() == m::RoundState::Preview && asked.expected_version != stands.version {
        return Err(changed());
    }
    said.0.published.lock().unwrap().push(asked.request_id);
    if said.0.slow.lock().unwrap().is_some() { Err(late()) } else { answer(round(said)) }
}

fn changed() -> Status {
    Refused::new(Code::Aborted, "VERSION", "round 7 was changed after it was looked at").into()
}

/// What the chassis says once the time of a call is over.
fn late() -> Status {
    Refused::new(Code::DeadlineExceeded, "DEADLINE", "the call took longer than it may").into()
}

/// The refusal of a search that is to meet one by its name.
fn search(name: &str) -> Result<(), Status> {
    let refused = |code, reason: &str, message: &str| Err(Refused::new(code, reason, message).into());
    match name {
        "busy" => refused(Code::ResourceExhausted, "SOLVER_BUSY", "two searches are running"),
        "hard" => refused(Code::ResourceExhausted, "SEARCH_TIME", "the market was not solved within 20 s"),
        "old" => refused(Code::FailedPrecondition, "ROUND_BASIS", "round 7 did not keep its market"),
        "late" => Err(late()),
        _ => Ok(()),
    }
}

fn pair() -> m::RoundPair {
    let part = |rule: &str, points| m::ScorePart { rule: rule.to_owned(), points, ..Default::default() };
    m::RoundPair {
        line_id: "l1".to_owned(),
        line_number: 2,
        line_title: "Picking".to_owned(),
        candidate_id: "c1".to_owned(),
        corridor_code: "CO-ES".to_owned(),
        starts_on: "2026-03-01".to_owned(),
        ends_on: "2026-08-31".to_owned(),
        reason: m::PairReason::Named.into(),
        score: 196,
        parts: vec![part("score.base", 100), part("score.per_experience_month", 96)],
        ..Default::default()
    }
}

/// Every pair was asked for by name.
pub(super) async fn pairs(_: &Said, request: Request<m::ListRoundPairsRequest>) -> Answer<m::ListRoundPairsResponse> {
    match m::PairReason::try_from(request.into_inner().reason) {
        Ok(m::PairReason::Unspecified | m::PairReason::Named) => {
            let next_page_token = "more".to_owned();
            answer(m::ListRoundPairsResponse { pairs: vec![pair()], total_size: 38, next_page_token })
        }
        Ok(_) => answer(m::ListRoundPairsResponse::default()),
        Err(_) => Err(Refused::field("reason", "PAIR_REASON", "nothing of this name decides about a pair").into()),
    }
}

pub(super) async fn fairness(_: &Said, _: Request<m::GetRoundFairnessRequest>) -> Answer<m::FairnessReport> {
    let group = |attribute: m::FairnessAttribute, name: &str, suppressed| m::FairnessGroup {
        attribute: attribute.into(),
        name: name.to_owned(),
        eligible: 40,
        seated: 10,
        rate_ppm: 250_000,
        low_ppm: 141_900,
        high_ppm: 401_900,
        suppressed,
    };
    answer(m::FairnessReport {
        eligible: 60,
        seated: 38,
        least: 10,
        groups: vec![
            group(m::FairnessAttribute::Sex, "F", false),
            group(m::FairnessAttribute::FirstTimer, "yes", false),
            group(m::FairnessAttribute::AgeBand, "55-", true),
        ],
        ..Default::default()
    })
}

fn reason(code: &str, numbers: &[(&str, i64)]) -> m::Reason {
    m::Reason {
        code: code.to_owned(),
        message: format!("The service says {code}."),
        numbers: numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect(),
        ..Default::default()
    }
}

pub(super) async fn explain(_: &Said, request: Request<m::ExplainCandidateRequest>) -> Answer<m::CandidateExplanation> {
    let asked = request.into_inner();
    if asked.changes {
        search(&asked.candidate_id)?;
    }
    let what = m::change::What::Points(m::PointsChange { more: 1 });
    let change = m::Change { what: Some(what), line_number: 3, line_title: "Harvest".to_owned(), ..Default::default() };
    answer(m::CandidateExplanation {
        pair: (asked.candidate_id == "c1").then(pair),
        changes: asked.changes.then_some(change).into_iter().collect(),
        changes_cut: asked.changes,
        candidate_id: asked.candidate_id,
        summary: "Seated. News.".to_owned(),
        rostered_until: "2026-12-31".to_owned(),
        reasons: vec![reason("FIRST", &[]), reason("NEWS", &[])],
        closed: ["isco", "rule.of_tomorrow"]
            .map(|rule| m::ClosedLines { rule: rule.to_owned(), message: "No experience".to_owned(), lines: 1 })
            .into(),
        near: vec![m::NearLine {
            line_title: "Packing".to_owned(),
            line_id: "l3".to_owned(),
            score: 90,
            price: 91,
            reason: Some(reason("FULL", &[("lowest", 1_090), ("needed", 1_091)])),
            ..Default::default()
        }],
    })
}

fn figures(score: i64) -> m::PlanFigures {
    m::PlanFigures { recalls: 3, seats: 38, score, bound: score, ..Default::default() }
}

pub(super) async fn what_if(_: &Said, request: Request<m::WhatIfRequest>) -> Answer<m::WhatIfResponse> {
    if request.get_ref().line_id == "closed" {
        let refused = Refused::new(Code::FailedPrecondition, "PAIR_CLOSED", "the rules close this pair");
        return Err(refused.with("rule", "isco").into());
    }
    search(&request.get_ref().line_id)?;
    let seat = m::RoundSeat { line_number: 2, line_title: "Picking".to_owned(), ..Default::default() };
    let loser = m::SeatMove { candidate_id: "c1".to_owned(), from: Some(seat), to: None };
    answer(m::WhatIfResponse {
        before: Some(figures(5_000)),
        after: Some(figures(4_970)),
        moves: vec![loser],
        moves_total: 1,
    })
}

pub(super) async fn lay_down(said: &Said, request: Request<m::OverrideRoundRequest>) -> Answer<m::RoundOverride> {
    let asked = request.into_inner();
    if asked.reason.trim().is_empty() {
        return Err(Refused::new(Code::InvalidArgument, "REASON", "a reason is missing").into());
    }
    // A request that was carried out before is answered as before, whatever the round is by now.
    if !said.laid_down().iter().any(|done| done.request_id == asked.request_id) {
        if asked.expected_version != round(said).version {
            return Err(changed());
        }
        search(&asked.line_id)?;
        said.0.laid_down.lock().unwrap().push(asked);
    }
    answer(m::RoundOverride::default())
}

pub(super) async fn overrides(
    said: &Said,
    _: Request<m::ListRoundOverridesRequest>,
) -> Answer<m::ListRoundOverridesResponse> {
    let laid = said.laid_down().into_iter().map(|asked| m::RoundOverride {
        candidate_id: asked.candidate_id,
        line_id: asked.line_id,
        kind: asked.kind,
        reason: asked.reason,
        actor: "operator".to_owned(),
        recorded_at: "2026-02-01T10:00:00Z".to_owned(),
        before: Some(figures(5_000)),
        after: Some(figures(4_970)),
        moved: 1,
        ..Default::default()
    });
    answer(m::ListRoundOverridesResponse { overrides: laid.collect() })
}
