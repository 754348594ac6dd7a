//! Laying a pair of a preview down: first what it would cost, then the deed.

use axum::{
    Form,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use chrono::DateTime;
use http::{StatusCode, header};
use platform::Refused;
use proto::matching::{
    ListRoundOverridesRequest, OverrideKind, OverrideRoundRequest, PlanFigures, Round, RoundOverride, RoundSeat,
    RoundState, SeatMove, WhatIfRequest, WhatIfResponse,
};
use tonic::{Code, Status};

use crate::{
    console::{
        code::FormKeys,
        frame::Desk,
        problem::Kind,
        refusal::{FieldError, Refusal},
        round::overrule::{self as view, Cost, Override, WhatIf},
        url,
        words::Words,
    },
    pages::{
        Params, count, moves, param, refusal, short,
        visitor::{AGAIN, Remains, Trouble, Visitor},
    },
};

/// People whose change of seat is shown.
const SHOWN: usize = 20;

/// True if this visitor may lay pairs of the round down.
pub(super) fn may(visitor: &Visitor, round: &Round) -> bool {
    visitor.desk == Desk::Operator && round.state() == RoundState::Preview
}

/// `pin=` or `forbid=`, a line for the candidate that is explained.
fn asked(params: &Params) -> Option<(OverrideKind, &str)> {
    let of = |kind, name| Some((kind, param(params, name))).filter(|(_, line_id)| !line_id.is_empty());
    of(OverrideKind::Pin, "pin").or_else(|| of(OverrideKind::Forbid, "forbid"))
}

/// The cost of the pair that was asked for, or why it cannot be had: the rest of the page is whole without it.
pub(super) async fn ask(
    visitor: &Visitor,
    id: &str,
    params: &Params,
) -> Result<Option<Result<WhatIfResponse, Refusal>>, Status> {
    let Some((kind, line_id)) = asked(params) else { return Ok(None) };
    let request = WhatIfRequest {
        round_id: id.to_owned(),
        candidate_id: param(params, "explain").to_owned(),
        line_id: line_id.to_owned(),
        kind: kind.into(),
    };
    let mut service = visitor.app.upstream.matching(&visitor.session);
    match service.what_if(request).await {
        Ok(answer) => Ok(Some(Ok(answer.into_inner()))),
        Err(status) if super::aside(&status) => {
            let words = visitor.words();
            Ok(Some(Err(refusal::view(words, &words.t("what-if-title"), &status))))
        }
        Err(status) => Err(status),
    }
}

/// The cost with its form; without a cost the form that was sent, as it was: it is of the round whose cost was looked at,
/// and of the request that may yet be carried out.
pub(super) fn view(
    visitor: &Visitor,
    round: &Round,
    (params, sent): (&Params, Option<&Params>),
    answer: Option<&WhatIfResponse>,
) -> Option<WhatIf> {
    let (typed, form) = if answer.is_some() {
        let request_id = visitor.app.clock.id().to_string();
        (params, FormKeys { request_id, version: round.version.to_string() })
    } else {
        let typed = sent.filter(|_| may(visitor, round))?;
        let text = |name: &str| param(typed, name).to_owned();
        (typed, FormKeys { request_id: text("request_id"), version: text("version") })
    };
    let (kind, line_id) = asked(typed)?;
    let candidate_id = param(typed, "explain");
    Some(WhatIf {
        kind: code(kind),
        candidate: short(candidate_id),
        candidate_id: candidate_id.to_owned(),
        line_id: line_id.to_owned(),
        cost: answer.map(|answer| cost(answer.before.as_ref(), answer.after.as_ref())).unwrap_or_default(),
        moves: answer.iter().flat_map(|answer| &answer.moves).take(SHOWN).map(seat_move).collect(),
        moved: answer.map_or(0, |answer| count(answer.moves_total)),
        form,
        // Of the address it is a filter of pairs.
        reason: sent.map_or("", |sent| param(sent, "reason")).to_owned(),
        wrong: String::new(),
    })
}

/// The refusal of a reason leads to its field, if the form is there.
pub(super) fn mark(words: Words, form: Option<&mut WhatIf>, refusal: Option<&mut Refusal>) {
    if let (Some(form), Some(refusal)) = (form, refusal) {
        form.wrong.clone_from(&refusal.why);
        let label = words.t("override-reason");
        refusal.fields = vec![FieldError::new(words, "override-reason", (&label, &form.wrong))];
    }
}

/// What was laid down in the round; nothing for those who may not see it.
pub(super) async fn list(visitor: &Visitor, id: &str) -> Result<Vec<Override>, Status> {
    let mut service = visitor.app.upstream.matching(&visitor.session);
    match service.list_round_overrides(ListRoundOverridesRequest { round_id: id.to_owned() }).await {
        Ok(answer) => Ok(answer.into_inner().overrides.iter().map(laid).collect()),
        Err(status) if status.code() == Code::PermissionDenied => Ok(Vec::new()),
        Err(status) => Err(status),
    }
}

fn laid(done: &RoundOverride) -> Override {
    Override {
        kind: code(done.kind()),
        candidate: short(&done.candidate_id),
        line: short(&done.line_id),
        reason: done.reason.clone(),
        actor: done.actor.clone(),
        recorded_at: DateTime::parse_from_rfc3339(&done.recorded_at).ok().map(|time| time.naive_utc()),
        cost: cost(done.before.as_ref(), done.after.as_ref()),
        moved: count(done.moved),
    }
}

fn code(kind: OverrideKind) -> &'static str {
    if kind == OverrideKind::Forbid { "FORBID" } else { "PIN" }
}

fn cost(before: Option<&PlanFigures>, after: Option<&PlanFigures>) -> Vec<Cost> {
    let none = PlanFigures::default();
    let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
    let cost = |goal, before, after| Cost { goal, before: count(before), after: count(after) };
    vec![
        cost("RECALLS", before.recalls, after.recalls),
        cost("SEATS", before.seats, after.seats),
        cost("SCORE", before.score, after.score),
    ]
}

fn seat_move(step: &SeatMove) -> view::SeatMove {
    let name = |seat: &RoundSeat| format!("{}, {}", seat.line_number, seat.line_title);
    view::SeatMove {
        candidate: short(&step.candidate_id),
        from: step.from.as_ref().map(name),
        to: step.to.as_ref().map(name),
    }
}

/// Lays the pair down that the form names, for the reason typed.
pub(in crate::pages) async fn lay(visitor: Visitor, Path(id): Path<String>, Form(typed): Form<Params>) -> Response {
    if !visitor.session.admits(param(&typed, "csrf")) {
        return visitor.stale_form();
    }
    let text = |name: &str| param(&typed, name).to_owned();
    // To the service 0 is any version.
    let version = param(&typed, "version").parse().ok().filter(|version: &i64| *version > 0);
    let version = version.filter(|_| !param(&typed, "request_id").is_empty());
    let (Some((kind, line_id)), Some(expected_version)) = (asked(&typed), version) else {
        return visitor.problem(Kind::BadRequest, None);
    };
    let request = OverrideRoundRequest {
        round_id: id.clone(),
        candidate_id: text("explain"),
        line_id: line_id.to_owned(),
        kind: kind.into(),
        reason: text("reason"),
        request_id: text("request_id"),
        // Compared by the service, after the request's id: whoever sends a form twice is told that it is done.
        expected_version,
    };
    match visitor.app.upstream.matching(&visitor.session).override_round(request).await {
        Ok(_) => {
            let path = format!("/rounds/{}", url::encode(&id));
            let explained = [("explain", param(&typed, "explain")), ("done", "override")];
            Redirect::to(&url::with_query(&path, &explained)).into_response()
        }
        Err(status) => refused(&visitor, &id, &typed, &status).await,
    }
}

async fn refused(visitor: &Visitor, id: &str, typed: &Params, status: &Status) -> Response {
    // Refused for now, or nobody knows: the same form may be sent again as it is.
    let as_it_is = match status.code() {
        Code::ResourceExhausted => Some(StatusCode::TOO_MANY_REQUESTS),
        _ if super::overdue(status) => Some(StatusCode::SERVICE_UNAVAILABLE),
        _ => None,
    };
    let words = visitor.words();
    let Some(answer) = as_it_is.or(moves::page_status(status.code())) else {
        let typed = vec![(words.t("override-reason"), param(typed, "reason").to_owned())];
        return visitor.lost(status, Remains { typed, back: format!("/rounds/{}", url::encode(id)) });
    };
    let why = || Some(refusal::view(words, &words.t("override-lay"), status));
    // What is typed stays; a round that is another one now has other costs, which are to be looked at first. The cost is
    // told anew where that does not meet the search that was refused just now.
    let wrong = status.code() == Code::InvalidArgument;
    let kept = kept(typed, wrong);
    // The only thing that is typed: what else the form names it brought along.
    let reason = wrong && (Refused::from_status(status).place == "reason" || param(typed, "reason").is_empty());
    let again = super::Again { refusal: why(), form: (wrong || as_it_is.is_some()).then_some(typed), reason };
    let mut page = super::draw(visitor, id, &kept, again).await;
    if matches!(&page, Err(Trouble::Refused(status)) if status.code() == Code::NotFound) {
        // Whom the form names is not in the round: the round may be there.
        page =
            super::draw(visitor, id, &Params::new(), super::Again { refusal: why(), ..super::Again::default() }).await;
    }
    let mut response = visitor.answer(page);
    if response.status() == StatusCode::OK {
        *response.status_mut() = answer;
        if as_it_is.is_some() {
            response.headers_mut().insert(header::RETRY_AFTER, AGAIN.into());
        }
    }
    response
}

/// What the page is drawn again with: who is explained or, with `all`, everything but the reason. In an address that is a filter.
fn kept(typed: &Params, all: bool) -> Params {
    let stays = |name: &str| if all { name != "reason" } else { name == "explain" };
    typed.iter().filter(|(name, _)| stays(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}
