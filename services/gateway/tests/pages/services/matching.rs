//! What matching says of the plan of its one round: who sits where, why, and how fair it came out.

use platform::Refused;
use proto::matching as m;
use tonic::{Code, Request};

use super::{Answer, Said, answer};

fn pair() -> m::RoundPair {
    let part = |rule: &str, points| m::ScorePart { rule: rule.to_owned(), points, ..Default::default() };
    m::RoundPair {
        line_id: "l1".to_owned(),
        line_number: 2,
        line_title: "Picking".to_owned(),
        candidate_id: "c1".to_owned(),
        corridor_code: "CO-ES".to_owned(),
        score: 196,
        parts: vec![part("score.base", 100), part("score.per_experience_month", 96)],
        ..Default::default()
    }
}

pub(super) async fn pairs(_: &Said, _: Request<m::ListRoundPairsRequest>) -> Answer<m::ListRoundPairsResponse> {
    answer(m::ListRoundPairsResponse { pairs: vec![pair()], total_size: 38, next_page_token: "more".to_owned() })
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

pub(super) async fn explain(_: &Said, request: Request<m::ExplainCandidateRequest>) -> Answer<m::CandidateExplanation> {
    let asked = request.into_inner();
    let what = m::change::What::Points(m::PointsChange { more: 1 });
    let change = m::Change { what: Some(what), line_number: 3, line_title: "Harvest".to_owned(), ..Default::default() };
    answer(m::CandidateExplanation {
        pair: (asked.candidate_id == "c1").then(pair),
        changes: asked.changes.then_some(change).into_iter().collect(),
        changes_cut: asked.changes,
        candidate_id: asked.candidate_id,
        summary: "Seated.".to_owned(),
        closed: vec![m::ClosedLines { rule: "isco".to_owned(), message: "No experience".to_owned(), lines: 1 }],
        near: vec![m::NearLine {
            line_title: "Packing".to_owned(),
            line_id: "l3".to_owned(),
            score: 90,
            price: 91,
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
    if asked.reason.is_empty() {
        return Err(Refused::new(Code::InvalidArgument, "REASON", "a reason is missing").into());
    }
    said.0.laid_down.lock().unwrap().push(asked);
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
