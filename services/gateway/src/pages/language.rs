//! The language of a page: the cookie's, else the browser's.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, header};

use super::{Params, param};
use crate::{
    console::words::{Language, Words},
    server::App,
    session::{local, read_cookie},
};

const COOKIE: &str = "circula-language";
/// A year.
const COOKIE_SECONDS: u32 = 31_536_000;

/// The language to answer in.
pub(super) fn of(headers: &HeaderMap) -> Language {
    let chosen = read_cookie(headers, COOKIE).and_then(Language::from_tag);
    let asked = || headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(Language::negotiate);
    chosen.or_else(asked).unwrap_or_default()
}

/// The words to answer in, where nothing else of a page is there.
pub(crate) fn words(headers: &HeaderMap) -> Words {
    Words { language: of(headers) }
}

/// Remembers a language and goes back to the page.
pub(super) async fn switch(
    State(app): State<Arc<App>>,
    Path(tag): Path<String>,
    Query(params): Query<Params>,
) -> Response {
    let language = Language::from_tag(&tag).unwrap_or_default();
    let secure = if app.config.secure() { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}", language.tag());
    let cookie = HeaderValue::from_str(&cookie).expect("a tag is ASCII");
    ([(header::SET_COOKIE, cookie)], Redirect::to(&local(param(&params, "to")))).into_response()
}
