//! `/accessibility`: the statement, for whoever comes.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    response::Response,
};
use http::StatusCode;

use super::visitor::{Guest, Visitor, answer};
use crate::{
    console::{
        access::Accessibility,
        frame::{Frame, Section},
    },
    server::App,
};

pub(super) async fn page(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let guest = Guest::new(&app, &parts.headers, "/accessibility", String::new());
    let mut frame = guest.frame(None);
    if app.sessions.current(&parts.headers).is_some()
        && let Ok(visitor) = Visitor::from_request_parts(&mut parts, &app).await
    {
        frame = Frame { section: None, ..visitor.frame(Section::Home, None, None) };
    }
    answer(StatusCode::OK, Accessibility.render(&frame))
}
