//! The front door: every answer has its id, its headers and a bound; every page and call hangs on one router.

mod front;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    response::{Html, IntoResponse, Response},
    routing::{any, get},
};
use futures::future::join_all;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use platform::{
    Clock, Readiness, Shutdown,
    admission::{Admission, Door, Peer},
    fault,
    identity::Verifier,
    shutdown::DRAIN,
    telemetry,
};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;

use crate::{
    NAME,
    config::Config,
    console::{
        self,
        words::{Language, Words},
    },
    openapi, pages,
    session::{self, Sessions},
    transcoder::{self, Transcoder},
    upstream::{SERVICES, Upstream},
};

/// Requests that are worked on at once; more are told to come back.
const ROOM: usize = 512;
/// How long a browser may keep what changes with a release only.
const ASSET_CACHE: &str = "public, max-age=300";

/// What every handler may use. Pages take it as `State<Arc<App>>`.
pub struct App {
    pub config: Config,
    /// The address that browsers know, without a slash at its end.
    pub public_url: String,
    pub sessions: Sessions,
    pub upstream: Upstream,
    pub clock: Clock,
    pub(crate) verifier: Verifier,
    /// Told of the issuer by `verifier`, of the services when somebody asks.
    readiness: Readiness,
    pub(crate) http: reqwest::Client,
    pub(crate) pages: pages::Shared,
    transcoder: Transcoder,
    openapi: String,
    docs: String,
    policy: HeaderValue,
    room: Door,
    /// How long a form may take to come whole.
    patience: Duration,
}

/// The id of a request, in its extensions: on the answer, in the log, and the reference on a page of a problem.
#[derive(Debug, Clone, Default)]
pub struct RequestId(pub String);

impl App {
    /// Everything but the listener; `bound` is the address to use if the settings name no public one.
    ///
    /// # Errors
    /// If the settings or the contracts do not fit.
    pub fn new(config: Config, bound: SocketAddr) -> anyhow::Result<Self> {
        let public_url = match config.public_url.trim_end_matches('/') {
            "" => format!("http://{bound}"),
            url => url.to_owned(),
        };
        let contracts = transcoder::contracts()?;
        let upstream = Upstream::new(&config.services)?;
        let readiness = Readiness::new(NAME);
        let verifier = Verifier::new(config.identity.clone(), readiness.clone());
        let document = openapi::Document::new(&contracts, &public_url)?;
        let alone = fault::planted("peer_fills_the_gateway");
        let room = Door::new(ROOM, if alone { usize::MAX } else { config.limits.calls_per_peer });
        // A body that may take a year may take for ever.
        let seconds = if fault::planted("bodies_are_awaited") { 31_536_000 } else { config.body_s };
        let patience = Duration::from_secs(seconds);
        Ok(Self {
            transcoder: Transcoder::new(&contracts, upstream.clone(), verifier.clone(), patience)?,
            sessions: Sessions::new(config.secure()),
            openapi: document.json(),
            docs: document.page(),
            policy: policy(&config)?,
            // A redirect of the token address would carry the code elsewhere.
            http: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?,
            room,
            patience,
            pages: pages::Shared::default(),
            clock: Clock::wall(),
            upstream,
            verifier,
            readiness,
            public_url,
            config,
        })
    }
}

/// The console's policy; its forms may also lead to the issuer, since browsers hold a form to where it is redirected.
fn policy(config: &Config) -> anyhow::Result<HeaderValue> {
    let issuer = reqwest::Url::parse(&config.oidc.authorize_url).map(|url| url.origin().ascii_serialization());
    let policy = match issuer {
        Ok(origin) => console::POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}")),
        Err(_) => console::POLICY.to_owned(),
    };
    HeaderValue::from_str(&policy).context("the policy is no header")
}

/// All doors. Pages of the console are merged here, each a `Router<Arc<App>>`.
pub fn router(app: Arc<App>) -> Router {
    dressed(Router::new().merge(session::routes()).merge(pages::routes()), app)
}

fn dressed(pages: Router<Arc<App>>, app: Arc<App>) -> Router {
    pages
        .route("/v1/{*rest}", any(call))
        .route("/openapi.json", get(openapi_json))
        .route("/docs", get(docs))
        .route("/assets/console.css", get(async || asset("text/css; charset=utf-8", console::STYLESHEET)))
        .route("/assets/live.js", get(async || asset("text/javascript; charset=utf-8", console::SCRIPT)))
        .fallback(no_such_page)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn_with_state(app.clone(), front::read_form))
        .layer(DefaultBodyLimit::max(transcoder::BODY_BYTES_MAX))
        .layer(CompressionLayer::new())
        .layer(axum::middleware::from_fn_with_state(app.clone(), front::handle))
        .with_state(app)
}

/// Serves until shutdown, then drains for at most [`DRAIN`].
///
/// # Errors
/// If a door cannot be served.
pub(crate) async fn serve(
    listener: TcpListener,
    admin: TcpListener,
    app: Arc<App>,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let (asked, stop, closing) = (shutdown.clone(), shutdown.clone(), app.clone());
    let inside = axum::serve(admin, admin_routes(app.clone())).with_graceful_shutdown(async move { stop.wait().await });
    let door = Admission::new(listener, &app.config.limits);
    let routes = router(app).into_make_service_with_connect_info::<Peer>();
    let outside = axum::serve(door, routes).with_graceful_shutdown(async move {
        asked.wait().await;
        closing.pages.live.close();
    });
    let served = async { tokio::try_join!(outside.into_future(), inside.into_future()) };
    tokio::pin!(served);
    tokio::select! {
        ended = &mut served => return ended.map(drop).context("the gateway stopped"),
        () = shutdown.wait() => {}
    }
    // Live streams and slow readers may hold a connection for hours: the drain is bounded.
    match tokio::time::timeout(DRAIN, served).await {
        Ok(ended) => ended.map(drop).context("the gateway stopped"),
        Err(_) => Ok(()),
    }
}

/// `/metrics`, `/livez`, `/readyz`.
fn admin_routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(async || telemetry::metrics_text()))
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(ready))
        .with_state(app)
}

/// A service that is away takes its own calls and pages with it, and an issuer whoever is not signed in yet; no others: the gateway
/// stays ready and says which. All services are asked at once: one that hangs holds up nothing but its own line.
async fn ready(State(app): State<Arc<App>>) -> String {
    let answers = join_all(SERVICES.map(|service| app.upstream.answers(service))).await;
    for (service, answers) in SERVICES.into_iter().zip(answers) {
        if answers {
            app.readiness.here(service);
        } else {
            app.readiness.missing(service, &format!("it does not answer at {}", app.config.services[service]));
        }
    }
    app.readiness.report().1
}

async fn call(State(app): State<Arc<App>>, request: Request) -> Response {
    app.transcoder.handle(request).await
}

async fn openapi_json(State(app): State<Arc<App>>) -> Response {
    asset("application/json", app.openapi.clone())
}

async fn docs(State(app): State<Arc<App>>) -> Response {
    asset("text/html; charset=utf-8", app.docs.clone())
}

fn asset(kind: &'static str, body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, ASSET_CACHE)], body.into()).into_response()
}

async fn no_such_page(State(app): State<Arc<App>>, request: Request) -> Response {
    if request.uri().path().starts_with("/v1") {
        return app.transcoder.handle(request).await;
    }
    pages::no_such_page(State(app), request).await
}

async fn wrong_method(headers: HeaderMap) -> Response {
    let words = pages::words(&headers);
    problem(words, StatusCode::METHOD_NOT_ALLOWED, &words.t("bare-method"))
}

/// A form whose token is not of this session: it was drawn before a sign-in, or by somebody else.
pub(crate) fn stale_form(headers: &HeaderMap) -> Response {
    let words = pages::words(headers);
    let sentences = format!("{}. {}", words.t("problem-403-form"), words.t("problem-403-form-why"));
    problem(words, StatusCode::FORBIDDEN, &sentences)
}

/// A plain page of a problem: the same everywhere until the console frames it.
pub(crate) fn problem(words: Words, status: StatusCode, sentence: &str) -> Response {
    let body =
        format!("<h1>{}</h1><p>{}</p><p><a href=\"/\">Circula</a></p>", status.as_u16(), openapi::escape(sentence));
    (status, Html(page(words.language, "Circula", &body))).into_response()
}

/// 403 for somebody whom the issuer knows and who has no role here.
pub(crate) fn no_role(app: &App, parts: &http::request::Parts) -> Response {
    pages::no_role(app, parts)
}

/// The users whom a development issuer offers, each a button.
pub(crate) fn sign_in_page(app: &App, headers: &HeaderMap, to: &str) -> Response {
    pages::sign_in_page(app, headers, to)
}

/// The bare frame of pages that belong to no desk.
pub(crate) fn page(language: Language, title: &str, body: &str) -> String {
    let tag = language.tag();
    format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><link rel=\"stylesheet\" href=\"/assets/console.css\"></head><body><main class=\"wrap\">{body}</main></body></html>"
    )
}
