//! Signing in by OpenID Connect: authorisation code with PKCE. What must survive the way to the issuer and back lies in
//! a cookie of ten minutes in the same browser, so that nobody can fill our memory with sign-ins that never end.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use aws_lc_rs::constant_time;
use axum::{
    Form, Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Random, random, read_cookie};
use crate::server::{App, problem};

/// How long one may take at the issuer.
const WINDOW: Duration = Duration::from_secs(600);
/// How long the issuer may take over a code.
const EXCHANGE: Duration = Duration::from_secs(10);
/// If the issuer does not say how long a token lasts.
const LASTS_DEFAULT: Duration = Duration::from_secs(300);
/// A longer way back is not kept.
const TO_BYTES_MAX: usize = 1024;

/// The doors of signing in and out.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/sign-in", get(page).post(chosen))
        .route("/sign-in/callback", get(callback))
        .route("/sign-out", post(sign_out))
}

/// What a link to the sign-in page, or its form, may say.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct SignInQuery {
    /// A local path to come back to.
    #[serde(default)]
    pub(crate) to: String,
    /// Whom the issuer should expect; the page's buttons send it as `user`.
    #[serde(default, alias = "user")]
    pub(crate) login_hint: String,
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    error: String,
}

#[derive(Deserialize)]
struct Out {
    #[serde(default)]
    csrf: String,
}

/// Where the issuer may not be asked at once, there is a page to choose on.
async fn page(State(app): State<Arc<App>>, headers: HeaderMap, Query(query): Query<SignInQuery>) -> Response {
    if query.login_hint.is_empty() && !app.config.oidc.development_users.is_empty() {
        return crate::server::sign_in_page(&app, &headers, &local(&query.to));
    }
    begin(&app, &headers, &query)
}

async fn chosen(State(app): State<Arc<App>>, headers: HeaderMap, Form(form): Form<SignInQuery>) -> Response {
    begin(&app, &headers, &form)
}

/// Sends the browser to the issuer.
fn begin(app: &App, headers: &HeaderMap, query: &SignInQuery) -> Response {
    let (state, verifier) = (token(), token());
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let oidc = &app.config.oidc;
    let redirect = redirect_uri(app);
    let mut parameters = vec![
        ("response_type", "code"),
        ("client_id", oidc.client_id.as_str()),
        ("redirect_uri", redirect.as_str()),
        ("scope", oidc.scope.as_str()),
        ("state", state.as_str()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    if !query.login_hint.is_empty() {
        parameters.push(("login_hint", query.login_hint.as_str()));
    }
    let Ok(url) = reqwest::Url::parse_with_params(&oidc.authorize_url, parameters) else {
        return told(headers, StatusCode::SERVICE_UNAVAILABLE, "sign-in-not-set-up");
    };
    let kept = format!("{state}.{verifier}.{}", URL_SAFE_NO_PAD.encode(local(&query.to)));
    let cookie = app.sessions.cookie(name(app), &kept, WINDOW);
    ([(header::SET_COOKIE, cookie)], Redirect::to(url.as_str())).into_response()
}

/// The issuer sent the browser back.
async fn callback(State(app): State<Arc<App>>, Query(back): Query<Back>, parts: Parts) -> Response {
    let headers = &parts.headers;
    let forget = app.sessions.cookie(name(&app), "", Duration::ZERO);
    let with = |cookie: HeaderValue, response: Response| ([(header::SET_COOKIE, cookie)], response).into_response();
    let kept = read_cookie(headers, name(&app)).unwrap_or_default();
    let mut kept = kept.split('.');
    let (state, verifier, to) = (kept.next().unwrap_or_default(), kept.next(), kept.next());
    let elsewhere = || told(headers, StatusCode::BAD_REQUEST, "sign-in-elsewhere");
    let (Some(verifier), Some(to)) = (verifier, to) else { return with(forget, elsewhere()) };
    if constant_time::verify_slices_are_equal(state.as_bytes(), back.state.as_bytes()).is_err() {
        return with(forget, elsewhere());
    }
    if !back.error.is_empty() || back.code.is_empty() {
        return with(forget, told(headers, StatusCode::FORBIDDEN, "sign-in-refused"));
    }
    let to = URL_SAFE_NO_PAD.decode(to).ok().and_then(|to| String::from_utf8(to).ok()).unwrap_or_default();
    match exchange(&app, &back.code, verifier).await {
        Ok(None) => with(forget, crate::server::no_role(&app, &parts)),
        Ok(Some(cookie)) => {
            drop(app.sessions.close(headers));
            let mut response = with(forget, Redirect::to(&local(&to)).into_response());
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "a sign-in did not end well");
            with(forget, told(headers, StatusCode::BAD_GATEWAY, "sign-in-unusable"))
        }
    }
}

/// A sentence of the console in the language of the request.
fn told(headers: &HeaderMap, status: StatusCode, key: &str) -> Response {
    let words = crate::pages::words(headers);
    problem(words, status, &words.t(key))
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: Option<u64>,
}

/// Code → token → principal → session; the answer is the session's cookie, or none for who has no role here.
async fn exchange(app: &App, code: &str, verifier: &str) -> anyhow::Result<Option<HeaderValue>> {
    let oidc = &app.config.oidc;
    let redirect = redirect_uri(app);
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect.as_str()),
        ("client_id", oidc.client_id.as_str()),
        ("code_verifier", verifier),
    ];
    let secret = oidc.client_secret.expose_secret();
    if !secret.is_empty() {
        form.push(("client_secret", secret));
    }
    let answer = app.http.post(&oidc.token_url).timeout(EXCHANGE).form(&form).send().await;
    let answer = answer.context("the issuer does not answer")?;
    let status = answer.status();
    ensure!(status.is_success(), "the issuer answers the code with {status}");
    let granted: Granted = answer.json().await.context("the issuer's answer is not a token")?;
    let token = granted.access_token.expose_secret();
    let principal = app.verifier.verify(token).await.context("the issuer's token is not accepted")?;
    if principal.roles.is_empty() {
        tracing::warn!(subject = principal.subject, "somebody without a role here came from the issuer");
        return Ok(None);
    }
    let name = display_name(token).unwrap_or_else(|| principal.subject.clone());
    let lasts = granted.expires_in.map_or(LASTS_DEFAULT, Duration::from_secs);
    Ok(Some(app.sessions.open(principal, granted.access_token, name, lasts)))
}

/// The claim `name` of a token that was verified.
fn display_name(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    Some(claims.get("name")?.as_str()?.to_owned())
}

/// Ends the session. Without the form's token a stranger's page could do it.
async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap, Form(form): Form<Out>) -> Response {
    match app.sessions.current(&headers) {
        Some(session) if !session.admits(&form.csrf) => crate::server::stale_form(&headers),
        _ => ([(header::SET_COOKIE, app.sessions.close(&headers))], Redirect::to("/sign-in")).into_response(),
    }
}

fn redirect_uri(app: &App) -> String {
    format!("{}/sign-in/callback", app.public_url)
}

fn name(app: &App) -> &'static str {
    if app.config.secure() { "__Host-circula-sign-in" } else { "circula-sign-in" }
}

fn token() -> String {
    URL_SAFE_NO_PAD.encode(random::<{ size_of::<Random>() }>())
}

/// A path of our own, whatever was asked for: never another host.
pub(crate) fn local(to: &str) -> String {
    let plain = to.starts_with('/')
        && !to.starts_with("//")
        && !to.contains('\\')
        && !to.chars().any(char::is_control)
        && to.is_ascii()
        && to.len() <= TO_BYTES_MAX
        && !to.starts_with("/sign-");
    if plain { to.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn the_way_back_never_leaves_the_house() {
        assert_eq!(local("/placements?late=true"), "/placements?late=true");
        for to in
            ["", "placements", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/sign-out"]
        {
            assert_eq!(local(to), "/", "{to:?}");
        }
    }
}
