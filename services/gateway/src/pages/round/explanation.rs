//! Why a candidate has, or has not, a seat, and what would have changed it.

use proto::matching::{
    self as wire, CandidateExplanation, ExplainCandidateRequest, Round, RoundPair, RoundState, change,
};
use tonic::Status;

use crate::{
    console::{
        reason::Reason,
        refusal::Refusal,
        round::explanation::{Change, Changes, Closed, Explanation, Later, Near, What},
    },
    pages::{Params, count, day, param, refusal, rounds, short, visitor::Visitor},
};

/// What was told of what was asked for, and why the rest was not.
#[derive(Default)]
pub(super) struct Explained {
    told: Option<CandidateExplanation>,
    refused: Option<Refusal>,
}

/// What `explain=` asks for; `changes=` has the smallest changes looked for, which takes seconds. Where the search is
/// refused the rest is told without it, and without the explanation the rest of the page is whole.
pub(super) async fn ask(visitor: &Visitor, id: &str, params: &Params) -> Result<Explained, Status> {
    let (candidate_id, words) = (param(params, "explain"), visitor.words());
    if candidate_id.is_empty() {
        return Ok(Explained::default());
    }
    let mut refused = None;
    if wanted(params) {
        match explain(visitor, id, candidate_id, true).await {
            Ok(told) => return Ok(Explained { told: Some(told), refused }),
            Err(status) if super::aside(&status) => {
                refused = Some(refusal::view(words, &words.t("changes-title"), &status));
            }
            Err(status) => return Err(status),
        }
    }
    match explain(visitor, id, candidate_id, false).await {
        Ok(told) => Ok(Explained { told: Some(told), refused }),
        Err(status) if super::aside(&status) => {
            let why = refusal::view(words, &words.t("explain-kicker"), &status);
            Ok(Explained { told: None, refused: Some(why) })
        }
        Err(status) => Err(status),
    }
}

async fn explain(
    visitor: &Visitor,
    id: &str,
    candidate_id: &str,
    changes: bool,
) -> Result<CandidateExplanation, Status> {
    let mut service = visitor.app.upstream.matching(&visitor.session);
    let request = ExplainCandidateRequest { round_id: id.to_owned(), candidate_id: candidate_id.to_owned(), changes };
    Ok(service.explain_candidate(request).await?.into_inner())
}

fn wanted(params: &Params) -> bool {
    !param(params, "changes").is_empty()
}

/// The panel, or why there is none.
pub(super) fn view(round: &Round, params: &Params, explained: Explained) -> (Option<Explanation>, Option<Refusal>) {
    let Explained { told, refused } = explained;
    match told {
        Some(told) => (Some(panel(round, params, told, refused)), None),
        None => (None, refused),
    }
}

/// `no_changes` says why the changes that were asked for were not looked for.
fn panel(round: &Round, params: &Params, told: CandidateExplanation, no_changes: Option<Refusal>) -> Explanation {
    let closed: i64 = told.closed.iter().map(|closed| closed.lines).sum();
    let name = |pair: &RoundPair| format!("{}, {}", pair.line_number, pair.line_title);
    let seat = told.pair.as_ref().filter(|pair| pair.reserve_rank == 0);
    let reserve = told.pair.as_ref().filter(|pair| pair.reserve_rank > 0);
    Explanation {
        candidate: short(&told.candidate_id),
        seated: seat.map(|pair| (pair.line_id.clone(), name(pair))),
        reserve: reserve.map(|pair| (count(pair.reserve_rank), name(pair))),
        reasons: Reason::all(told.reasons, &told.summary),
        open_lines: count(round.lines - closed),
        lines: count(round.lines),
        near: told.near.into_iter().map(near).collect(),
        closed: told
            .closed
            .into_iter()
            .map(|closed| Closed { rule: Reason::bare(closed.rule, closed.message), lines: count(closed.lines) })
            .collect(),
        changes: (wanted(params) && no_changes.is_none())
            .then(|| Changes { enough: told.changes.iter().filter_map(change).collect(), cut: told.changes_cut }),
        no_changes,
        rostered_until: day(&told.rostered_until),
        later: None,
        candidate_id: told.candidate_id,
    }
}

/// Tells who has no seat of the first round after this one that looked at the same season and destination. A list that is not
/// told leaves it out, as do rounds beyond its first page.
pub(super) async fn follow(visitor: &Visitor, round: &Round, explained: Option<&mut Explanation>) {
    let Some(explained) = explained.filter(|explained| explained.seated.is_none()) else { return };
    let Ok(told) = rounds::read(visitor, "").await else { return };
    let same = |other: &&Round| {
        other.number > round.number
            && other.season_code == round.season_code
            && other.destination == round.destination
            && !matches!(other.state(), RoundState::Discarded | RoundState::Failed)
    };
    let next = told.rounds.iter().filter(same).min_by_key(|other| other.number);
    explained.later =
        next.map(|next| Later { id: next.id.clone(), number: count(next.number), as_of: day(&next.as_of) });
}

fn near(near: wire::NearLine) -> Near {
    Near {
        line_id: near.line_id,
        title: near.line_title,
        score: count(near.score),
        needed: count(near.price),
        why: Reason::all(near.reason, &near.message).pop(),
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
