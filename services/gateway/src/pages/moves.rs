//! A move of a placement, sent by its form.

use axum::{
    Form,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::Refused;
use proto::placement::{Move, MovePlacementRequest, PlacementView};
use tonic::{Code, Status};

use super::{
    Params, forms, param, place,
    placement::{self, Drawn},
    typed::{self, Sent},
    visitor::{Remains, Visitor},
};
use crate::console::{problem::Kind, url};

/// Makes the move and goes back to the placement; a refused one draws it again, with what was typed.
pub(super) async fn make(
    visitor: Visitor,
    Path((id, kebab)): Path<(String, String)>,
    Form(typed): Form<Params>,
) -> Response {
    if !visitor.session.admits(param(&typed, "csrf")) {
        return visitor.stale_form();
    }
    let command = place::command(&kebab);
    let Some(request) = request(&id, &command, &typed) else {
        return visitor.problem(Kind::BadRequest, None);
    };
    let mut service = visitor.app.upstream.placement(&visitor.session);
    match service.move_placement(request).await {
        Ok(_) => {
            let path = format!("/placements/{}", url::encode(&id));
            Redirect::to(&url::with_query(&path, &[("done", &kebab)])).into_response()
        }
        Err(status) => refused(&visitor, &id, (&command, &typed), &status).await,
    }
}

/// The call; none if the form lacks what every one of ours has.
fn request(id: &str, command: &str, typed: &Params) -> Option<MovePlacementRequest> {
    let text = |name: &str| param(typed, name).to_owned();
    let request_id = text("request_id");
    let version = param(typed, "version").parse().ok()?;
    (!request_id.is_empty() && !command.is_empty()).then(|| MovePlacementRequest {
        placement_id: id.to_owned(),
        request_id,
        r#move: Some(Move {
            placement_id: id.to_owned(),
            command: command.to_owned(),
            occurred_on: text("occurred_on"),
            version,
            reason: text("reason"),
            evidence: text("evidence"),
            language: text("language"),
            witness: text("witness"),
            for_worker: !param(typed, "for_worker").is_empty() || forms::ANSWERS.contains(&param(typed, "reason")),
            kind: text("kind"),
            date: text("date"),
            rule_id: text("rule_id"),
            appeal_told_on: text("appeal_told_on"),
            valid_until: text("valid_until"),
        }),
    })
}

async fn refused(visitor: &Visitor, id: &str, (command, typed): (&str, &Params), status: &Status) -> Response {
    let kept = || Remains {
        typed: typed::list(visitor.words(), command, typed),
        back: format!("/placements/{}", url::encode(id)),
    };
    let Some(mut answer) = page_status(status.code()) else { return visitor.lost(status, kept()) };
    let view = match placement::read(visitor, id).await {
        Ok(view) => view,
        Err(status) => return visitor.lost(&status, kept()),
    };
    // Who may not make a move was not outrun.
    // Nor was who sends a form again that had an effect, and its answer was lost.
    let again = Refused::from_status(status).reason == "REQUEST_ID_REUSED";
    let stale = answer != StatusCode::FORBIDDEN && !again && is_stale(&view, typed);
    if stale {
        answer = StatusCode::CONFLICT;
    }
    let sent = Sent { command, typed, status, stale };
    let mut response = visitor.answer(placement::draw(visitor, &view, Drawn { done: "", refused: Some(sent) }).await);
    if response.status() == StatusCode::OK {
        *response.status_mut() = answer;
    }
    response
}

/// Has the placement moved on since the form was drawn? Then placement may say as well that the move is not possible in its
/// stage, or not twice.
fn is_stale(view: &PlacementView, typed: &Params) -> bool {
    let drawn_from: Option<i64> = param(typed, "version").parse().ok().filter(|version| *version > 0);
    let stands_at = view.placement.as_ref().map(|placement| placement.version);
    drawn_from.zip(stands_at).is_some_and(|(drawn_from, stands_at)| drawn_from < stands_at)
}

/// Statuses under which the page is drawn again; the others have pages of their own.
pub(super) fn page_status(code: Code) -> Option<StatusCode> {
    Some(match code {
        Code::Aborted | Code::AlreadyExists => StatusCode::CONFLICT,
        Code::FailedPrecondition | Code::InvalidArgument | Code::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        _ => return None,
    })
}
