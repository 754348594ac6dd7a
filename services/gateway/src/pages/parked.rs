//! `/parked`: events that the services could not apply, and what an operator does about them.

use axum::{
    Form,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use chrono::DateTime;
use futures::future::join_all;
use http::StatusCode;
use platform::Refused;
use proto::operation::{
    DiscardParkedEventRequest, ListParkedKeysRequest, ListParkedKeysResponse, ParkedKey as Told, ReplayParkedKeyRequest,
};
use tonic::{Code, Status};

use super::{
    Params, count, moves, param, refusal,
    visitor::{Remains, Trouble, Visitor},
};
use crate::{
    console::{
        frame::{Banner, Section, Tone},
        parked::{Parked, ParkedKey},
        problem::Kind,
        refusal::{FieldError, Refusal},
        url,
        words::Words,
    },
    upstream::SERVICES,
};

/// Keys shown of each service. Whoever has more mends their cause first.
const SIZE: i32 = 50;

pub(super) async fn page(visitor: Visitor, Query(params): Query<Params>) -> Response {
    let done = ["replay", "discard"].into_iter().find(|deed| *deed == param(&params, "done"));
    let dropped = param(&params, "dropped") == "yes";
    let banner = done.map(|deed| Banner {
        tone: if dropped { Tone::Note } else { Tone::Ok },
        sentence: visitor.words().t(&format!("parked-{deed}-done")),
        more: if dropped { visitor.words().t("parked-dropped") } else { String::new() },
        link: None,
    });
    let page = draw(&visitor, banner, None).await;
    visitor.answer(page)
}

async fn draw(
    visitor: &Visitor,
    banner: Option<Banner>,
    refused: Option<(&Params, &Status, Refusal)>,
) -> Result<String, Trouble> {
    let mut page = Parked::default();
    for (service, told) in join_all(SERVICES.map(|service| list(visitor, service))).await {
        match told {
            Ok(told) => {
                page.events += count(told.total_events);
                page.keys.extend(told.parked_keys.into_iter().map(|key| row(visitor, service, key)));
            }
            Err(status) if matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded) => {
                page.silent.push(service.to_owned());
            }
            Err(status) => return Err(status.into()),
        }
    }
    page.refusal = refused.map(|(typed, status, why)| keep(visitor.words(), (typed, status), why, &mut page.keys));
    let mut frame = visitor.frame(Section::Parked, None, None);
    "/parked".clone_into(&mut frame.here);
    Ok(page.render(&Visitor::with_banner(frame, banner))?)
}

/// The reason stays where it was typed; if it is what was refused, the refusal leads to its field.
fn keep(words: Words, (typed, status): (&Params, &Status), mut why: Refusal, keys: &mut [ParkedKey]) -> Refusal {
    let same = |key: &ParkedKey| param(typed, "consumer") == key.consumer && param(typed, "key") == key.key;
    let Some(at) = keys.iter().position(same) else { return why };
    let (key, refused) = (&mut keys[at], Refused::from_status(status));
    param(typed, "reason").clone_into(&mut key.typed);
    if refused.place == "reason" {
        key.wrong.clone_from(&why.why);
        let label = words.t("parked-why");
        why.fields = vec![FieldError::new(words, format!("reason-{}", at + 1), (&label, &key.wrong))];
    }
    why
}

async fn list(visitor: &Visitor, service: &'static str) -> (&'static str, Result<ListParkedKeysResponse, Status>) {
    let request = ListParkedKeysRequest { service: service.to_owned(), page_size: SIZE, page_token: String::new() };
    let told = visitor.app.upstream.operation(service, &visitor.session).list_parked_keys(request).await;
    (service, told.map(tonic::Response::into_inner))
}

fn row(visitor: &Visitor, service: &str, key: Told) -> ParkedKey {
    ParkedKey {
        service: service.to_owned(),
        events: count(key.events),
        since: DateTime::parse_from_rfc3339(&key.parked_at).ok().map(|at| at.naive_utc()),
        place: format!("{} {}/{}", key.topic, key.partition, key.offset),
        consumer: key.consumer,
        key: key.key,
        reason: key.reason,
        request_ids: [(), ()].map(|()| visitor.app.clock.id().to_string()),
        typed: String::new(),
        wrong: String::new(),
    }
}

/// Applies what waits behind a key, as far as it fits.
pub(super) async fn replay(visitor: Visitor, Path(service): Path<String>, Form(typed): Form<Params>) -> Response {
    let name = match admitted(&visitor, &service, &typed) {
        Ok(name) => name,
        Err(answer) => return *answer,
    };
    let request = ReplayParkedKeyRequest {
        service,
        consumer: param(&typed, "consumer").to_owned(),
        key: param(&typed, "key").to_owned(),
        request_id: param(&typed, "request_id").to_owned(),
    };
    let told = visitor.app.upstream.operation(name, &visitor.session).replay_parked_key(request).await;
    let outcome = told.map(tonic::Response::into_inner).and_then(|told| match told.remaining {
        0 => Ok(told.passed_over > 0),
        _ => Err(Refused::new(Code::FailedPrecondition, "STILL_PARKED", told.reason)
            .mend("mend the cause, or discard the event for a reason, and replay again")
            .into()),
    });
    answer(&visitor, ("replay", &typed), outcome).await
}

/// Gives up the first event of a key, for a reason.
pub(super) async fn discard(visitor: Visitor, Path(service): Path<String>, Form(typed): Form<Params>) -> Response {
    let name = match admitted(&visitor, &service, &typed) {
        Ok(name) => name,
        Err(answer) => return *answer,
    };
    let request = DiscardParkedEventRequest {
        service,
        consumer: param(&typed, "consumer").to_owned(),
        key: param(&typed, "key").to_owned(),
        reason: param(&typed, "reason").to_owned(),
        request_id: param(&typed, "request_id").to_owned(),
    };
    let told = visitor.app.upstream.operation(name, &visitor.session).discard_parked_event(request).await;
    answer(&visitor, ("discard", &typed), told.map(|_| false)).await
}

/// The service that the form is for; else the page that says why not.
fn admitted(visitor: &Visitor, service: &str, typed: &Params) -> Result<&'static str, Box<Response>> {
    if !visitor.session.admits(param(typed, "csrf")) {
        return Err(Box::new(visitor.stale_form()));
    }
    let known = SERVICES.into_iter().find(|name| *name == service);
    known.ok_or_else(|| Box::new(visitor.problem(Kind::NotFound, None)))
}

/// `Ok(true)` if events were dropped.
async fn answer(visitor: &Visitor, (deed, typed): (&str, &Params), outcome: Result<bool, Status>) -> Response {
    // A replay that did not come to its end may have applied some all the same.
    visitor.app.pages.waiting.forget();
    match outcome {
        Ok(dropped) => {
            let dropped = if dropped { "yes" } else { "" };
            Redirect::to(&url::with_query("/parked", &[("done", deed), ("dropped", dropped)])).into_response()
        }
        Err(status) => refused(visitor, (deed, typed), &status).await,
    }
}

async fn refused(visitor: &Visitor, (deed, typed): (&str, &Params), status: &Status) -> Response {
    let words = visitor.words();
    // Whoever may not do it may not see the page either.
    let Some(answer) = moves::page_status(status.code()).filter(|answer| *answer != StatusCode::FORBIDDEN) else {
        let reason = param(typed, "reason");
        let typed = (!reason.is_empty()).then(|| (words.t("parked-why"), reason.to_owned()));
        return visitor.lost(status, Remains { typed: typed.into_iter().collect(), back: "/parked".to_owned() });
    };
    let why = refusal::view(words, &words.t(&format!("parked-{deed}")), status);
    let mut response = visitor.answer(draw(visitor, None, Some((typed, status, why))).await);
    if response.status() == StatusCode::OK {
        *response.status_mut() = answer;
    }
    response
}
