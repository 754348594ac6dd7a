//! What happens before and after every handler.

use std::{
    net::{IpAddr, Ipv4Addr},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use axum::{
    body::{Body, Bytes},
    extract::{ConnectInfo, FromRequest, MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use platform::{
    Refused,
    admission::{Full, Peer, peer_full},
    fault,
    grpc::REQUEST_ID,
};
use tonic::Code;
use tracing::Instrument;

use super::{App, RequestId, problem};
use crate::{
    NAME,
    console::words::Words,
    pages,
    transcoder::{
        Answered,
        problem::{Problem, http_status, internal},
    },
};

/// Seconds to wait where there was no room.
const WAIT: HeaderValue = HeaderValue::from_static("1");
const FIXED: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Not stricter: without a referrer browsers send forms with the origin "null".
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];
/// A year.
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Names the request, bounds the work, catches what falls, and dresses the answer.
pub(super) async fn handle(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let started = tokio::time::Instant::now();
    let id = request_id(request.headers()).unwrap_or_else(|| app.clock.id().to_string());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let api = path.starts_with("/v1/");
    let words = pages::words(request.headers());
    let page = request.extensions().get::<MatchedPath>().map(|matched| matched.as_str().to_owned());
    let peer = counted(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", %method, path, request_id = id);
    let mut response = async {
        let _place = match app.room.enter(peer) {
            Ok(place) => place,
            Err(full) => return turn_away(full, api, words, &id),
        };
        if !api && is_foreign(&method, request.headers(), &app.public_url) {
            return problem(words, StatusCode::FORBIDDEN, &words.t("bare-foreign"));
        }
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            Err(_) => {
                tracing::error!("a handler panicked");
                went_wrong(api, words, &id)
            }
        }
    }
    .instrument(span)
    .await;
    let call = response.extensions().get::<Answered>().map(|answered| answered.0.clone());
    let call = call.or(page).unwrap_or_else(|| "none".to_owned());
    let status = response.status().as_str().to_owned();
    metrics::histogram!("circula_http_seconds", "call" => call, "status" => status).record(started.elapsed());
    dress(&app, response.headers_mut(), &id);
    response
}

/// Reads a form whole before its page is asked, for so long and no longer: one that comes byte by byte would keep its place for
/// as long as the connection lives, and whoever signs in has no token yet. Calls read what they take themselves.
pub(super) async fn read_form(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || request.uri().path().starts_with("/v1/") {
        return next.run(request).await;
    }
    let words = pages::words(request.headers());
    let (parts, body) = request.into_parts();
    let whole = Bytes::from_request(Request::from_parts(parts.clone(), body), &app);
    match tokio::time::timeout(app.patience, whole).await {
        Ok(Ok(form)) => next.run(Request::from_parts(parts, Body::from(form))).await,
        Ok(Err(refused)) => refused.into_response(),
        Err(_) => problem(words, StatusCode::REQUEST_TIMEOUT, &words.t("bare-late")),
    }
}

/// Who asks; that he does counts for how fast he is read from. Whose address nobody knows is one with all of whom nobody knows it.
fn counted(request: &Request) -> IpAddr {
    let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<Peer>>() else {
        return IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    };
    if !fault::planted("requests_unpaced") {
        peer.began();
    }
    peer.address
}

/// The caller's own id if it is a plain one.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = !value.is_empty()
        && value.len() <= 64
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain.then(|| value.to_owned())
}

/// True if a browser says that a form or script of another site sent this. The session's token is checked besides.
fn is_foreign(method: &Method, headers: &HeaderMap, public_url: &str) -> bool {
    if method.is_safe() {
        return false;
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return false };
    let host = origin.split_once("://").map(|(_, host)| host);
    origin != public_url && host != text("host")
}

fn turn_away(full: Full, api: bool, words: Words, id: &str) -> Response {
    let (refused, key) = match full {
        Full::House => {
            let refused = Refused::new(Code::Unavailable, "BUSY", "too many requests are being worked on")
                .mend("send the same request again in a moment");
            (refused, "bare-busy")
        }
        Full::Peer => (peer_full(), "bare-peer-full"),
    };
    let reason = refused.reason.clone();
    metrics::counter!("circula_calls_turned_away_total", "service" => NAME, "reason" => reason).increment(1);
    let mut response =
        if api { Problem::from(refused).answer(id) } else { problem(words, http_status(refused.code), &words.t(key)) };
    response.headers_mut().insert(header::RETRY_AFTER, WAIT);
    response
}

fn went_wrong(api: bool, words: Words, id: &str) -> Response {
    if api {
        return Problem::from(internal()).answer(id);
    }
    let sentence = words.say("bare-fault").with("reference", id).to_string();
    problem(words, StatusCode::INTERNAL_SERVER_ERROR, &sentence)
}

fn dress(app: &App, headers: &mut HeaderMap, id: &str) {
    for (name, value) in FIXED {
        headers.insert(name, value);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, app.policy.clone());
    if app.config.secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::{Config, server::dressed, upstream::SERVICES};

    async fn falls() -> Response {
        panic!("as asked")
    }

    #[tokio::test]
    async fn a_handler_that_falls_is_answered_for() {
        let services = SERVICES.map(|service| (service.to_owned(), "http://127.0.0.1:1".to_owned()));
        let config = Config { services: services.into(), ..Config::default() };
        let app = Arc::new(App::new(config, ([127, 0, 0, 1], 1).into()).unwrap());
        let routes = dressed(Router::new().route("/falls", get(falls)), app);
        let response = routes.oneshot(Request::get("/falls").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let id = response.headers()[REQUEST_ID].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains(&id), "the page tells the reference");
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_form_of_another_site_is_seen() {
        let ours = "http://circula.test";
        let foreign =
            |method: &Method, pairs: &[(&'static str, &'static str)]| is_foreign(method, &headers(pairs), ours);
        assert!(foreign(&Method::POST, &[("sec-fetch-site", "cross-site")]));
        assert!(foreign(&Method::POST, &[("sec-fetch-site", "same-site")]));
        assert!(foreign(&Method::POST, &[("origin", "http://evil.test"), ("host", "circula.test")]));
        assert!(foreign(&Method::POST, &[("origin", "null"), ("host", "circula.test")]));
        assert!(!foreign(&Method::POST, &[("origin", ours)]));
        assert!(!foreign(&Method::POST, &[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
        assert!(!foreign(&Method::POST, &[]), "a command line sends neither");
        assert!(!foreign(&Method::GET, &[("sec-fetch-site", "cross-site")]), "links may come from anywhere");
    }

    #[test]
    fn only_plain_request_ids_are_taken_over() {
        assert_eq!(request_id(&headers(&[("x-request-id", "0190-ab")])).as_deref(), Some("0190-ab"));
        assert_eq!(request_id(&headers(&[("x-request-id", "a b")])), None);
        assert_eq!(request_id(&headers(&[("x-request-id", "")])), None);
    }
}
