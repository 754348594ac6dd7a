//! Why a candidate has, or has not, a seat, and what would have changed it.

use proto::matching::{self as wire, CandidateExplanation, ExplainCandidateRequest, Round, RoundPair, change};
use tonic::Status;

use crate::{
    console::round::explanation::{Change, Changes, Closed, Explanation, Near, What},
    pages::{Params, count, day, param, short, visitor::Visitor},
};

/// What `explain=` asks for; `changes=` has the smallest changes looked for, which takes seconds.
pub(super) async fn ask(visitor: &Visitor, id: &str, params: &Params) -> Result<Option<CandidateExplanation>, Status> {
    let (candidate_id, changes) = (param(params, "explain").to_owned(), wanted(params));
    if candidate_id.is_empty() {
        return Ok(None);
    }
    let mut service = visitor.app.upstream.matching(&visitor.session);
    let request = ExplainCandidateRequest { round_id: id.to_owned(), candidate_id, changes };
    Ok(Some(service.explain_candidate(request).await?.into_inner()))
}

fn wanted(params: &Params) -> bool {
    !param(params, "changes").is_empty()
}

pub(super) fn view(round: &Round, params: &Params, told: CandidateExplanation) -> Explanation {
    let closed: i64 = told.closed.iter().map(|closed| closed.lines).sum();
    let name = |pair: &RoundPair| format!("{}, {}", pair.line_number, pair.line_title);
    let seat = told.pair.as_ref().filter(|pair| pair.reserve_rank == 0);
    let reserve = told.pair.as_ref().filter(|pair| pair.reserve_rank > 0);
    Explanation {
        candidate: short(&told.candidate_id),
        seated: seat.map(|pair| (pair.line_id.clone(), name(pair))),
        reserve: reserve.map(|pair| (count(pair.reserve_rank), name(pair))),
        summary: told.summary,
        open_lines: count(round.lines - closed),
        lines: count(round.lines),
        near: told.near.into_iter().map(near).collect(),
        closed: told
            .closed
            .into_iter()
            .map(|closed| Closed { rule: closed.rule, text: closed.message, lines: count(closed.lines) })
            .collect(),
        changes: wanted(params)
            .then(|| Changes { enough: told.changes.iter().filter_map(change).collect(), cut: told.changes_cut }),
        candidate_id: told.candidate_id,
    }
}

fn near(near: wire::NearLine) -> Near {
    Near {
        line_id: near.line_id,
        title: near.line_title,
        score: count(near.score),
        needed: count(near.price),
        message: near.message,
    }
}

/// None if it is of a kind that this console does not know.
fn change(change: &wire::Change) -> Option<Change> {
    let what = match change.what.as_ref()? {
        change::What::Points(points) => What::Points(count(points.more)),
        change::What::Certificates(held) => What::Certificates(held.certificates.join(", ")),
        change::What::Dates(dates) => What::Dates(day(&dates.from), day(&dates.until)),
        change::What::Seats(seats) => What::Seats(count(seats.more)),
        change::What::Quota(quota) => What::Quota(count(quota.more), quota.corridor_code.clone()),
    };
    Some(Change { what, line: format!("{}, {}", change.line_number, change.line_title) })
}
