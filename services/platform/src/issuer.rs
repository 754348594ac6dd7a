//! An OpenID Connect issuer for development and tests: named users, no passwords. It refuses to start anywhere else.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use anyhow::Context;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{clock::Clock, config::IdentityConfig, shutdown::Shutdown};

const KEY_ID: &str = "development";
const TOKEN_SECONDS: i64 = 12 * 3600;

/// Somebody who may sign in.
#[derive(Debug, Clone)]
pub struct User {
    /// What to type, such as `operator`.
    pub name: String,
    /// The desk, as shown.
    pub desk: String,
    pub organisation_id: Uuid,
    pub roles: Vec<proto::Role>,
}

/// Where the system runs. Only development has this issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Development,
    Production,
}

/// A running issuer.
#[derive(Clone)]
pub struct Issuer(Arc<Inner>);

struct Inner {
    key: EncodingKey,
    public: Vec<u8>,
    users: Vec<User>,
    url: String,
    clock: Clock,
}

impl Issuer {
    /// Starts on `listen` and serves until shutdown.
    ///
    /// # Errors
    /// If the environment is not development, or other machines could reach the address, or it is taken.
    pub async fn start(
        environment: Environment,
        listen: SocketAddr,
        users: Vec<User>,
        clock: Clock,
        shutdown: Shutdown,
    ) -> anyhow::Result<Self> {
        anyhow::ensure!(
            environment == Environment::Development,
            "the development issuer signs in anybody and starts in development only; name your own issuer in identity.issuer"
        );
        anyhow::ensure!(
            listen.ip().is_loopback(),
            "the development issuer signs in anybody and listens on this machine only, not on {listen}; name 127.0.0.1"
        );
        let pair = Ed25519KeyPair::generate().map_err(|_| anyhow::anyhow!("no key pair could be made"))?;
        let document = pair.to_pkcs8().map_err(|_| anyhow::anyhow!("the key pair cannot be written down"))?;
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("the issuer cannot listen on {listen}"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let issuer = Self(Arc::new(Inner {
            key: EncodingKey::from_ed_der(document.as_ref()),
            public: pair.public_key().as_ref().to_vec(),
            users,
            url,
            clock,
        }));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks.json", get(keys))
            .route("/authorize", get(choose))
            .route("/token", post(token))
            .with_state(issuer.clone());
        tokio::spawn(async move {
            let served = axum::serve(listener, routes).with_graceful_shutdown(async move { shutdown.wait().await });
            if let Err(error) = served.await {
                tracing::error!(%error, "the development issuer stopped");
            }
        });
        Ok(issuer)
    }

    /// Settings that make a service believe this issuer.
    #[must_use]
    pub fn identity(&self) -> IdentityConfig {
        IdentityConfig {
            issuer: self.0.url.clone(),
            jwks_url: format!("{}/jwks.json", self.0.url),
            ..IdentityConfig::default()
        }
    }

    /// Base address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// Who may sign in.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.0.users
    }

    /// A token for a user by name.
    ///
    /// # Errors
    /// If there is no such user.
    pub fn token(&self, name: &str) -> anyhow::Result<String> {
        let user = self
            .0
            .users
            .iter()
            .find(|user| user.name == name)
            .with_context(|| format!("no user is called {name:?}"))?;
        let now = self.0.clock.now().timestamp();
        let roles: Vec<&str> = user.roles.iter().map(|role| role.as_str()).collect();
        let claims = json!({
            "iss": self.0.url, "aud": "circula", "sub": user.name, "name": user.desk, "org": user.organisation_id,
            "roles": roles, "iat": now, "exp": now + TOKEN_SECONDS,
        });
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::EdDSA) };
        Ok(encode(&header, &claims, &self.0.key)?)
    }
}

async fn discovery(State(issuer): State<Issuer>) -> Json<Value> {
    let url = issuer.url();
    Json(json!({
        "issuer": url, "jwks_uri": format!("{url}/jwks.json"), "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

async fn keys(State(issuer): State<Issuer>) -> Json<Value> {
    let x = URL_SAFE_NO_PAD.encode(&issuer.0.public);
    Json(json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": KEY_ID, "x": x }] }))
}

#[derive(Deserialize)]
struct Choose {
    redirect_uri: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    login_hint: String,
}

/// The page on which one chooses who to be; with `login_hint` it goes straight back.
async fn choose(State(issuer): State<Issuer>, Query(query): Query<Choose>) -> Response {
    let back =
        |name: &str| format!("{}?code={}&state={}", query.redirect_uri, escape_query(name), escape_query(&query.state));
    if issuer.users().iter().any(|user| user.name == query.login_hint) {
        return Redirect::to(&back(&query.login_hint)).into_response();
    }
    let items: String = issuer
        .users()
        .iter()
        .map(|user| {
            format!(
                "<li><a href=\"{}\">{}</a> ({})</li>",
                escape(&back(&user.name)),
                escape(&user.desk),
                escape(&user.name)
            )
        })
        .collect();
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Development sign-in</title><h1>Sign in as</h1><ul>{items}</ul></html>"
    ))
    .into_response()
}

/// In development the code is the user's name; `client_credentials` with `username` serves command lines and tests.
async fn token(State(issuer): State<Issuer>, Form(form): Form<HashMap<String, String>>) -> Response {
    let name = form.get("code").or_else(|| form.get("username")).map(String::as_str).unwrap_or_default();
    match issuer.token(name) {
        Ok(token) => {
            Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS })).into_response()
        }
        Err(error) => {
            (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant", "error_description": error.to_string() })))
                .into_response()
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn escape_query(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_is_signed_in_outside_development_or_from_another_machine() {
        for (environment, listen, said) in [
            (Environment::Production, "127.0.0.1:0", "identity.issuer"),
            (Environment::Development, "0.0.0.0:0", "this machine only"),
            (Environment::Development, "[::]:0", "this machine only"),
        ] {
            let listen = listen.parse().unwrap();
            let started = Issuer::start(environment, listen, Vec::new(), Clock::wall(), Shutdown::new()).await;
            let refused = started.err().unwrap().to_string();
            assert!(refused.contains(said), "{refused}");
        }
    }
}
