//! Who is signed in. A browser holds a random id; the token stays here, in memory, until it runs out.
//!
//! Several gateways beside each other need sticky sessions; whoever lands elsewhere signs in again at the issuer, which
//! remembers them.

mod sign_in;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::{constant_time, rand};
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use platform::Principal;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tonic::metadata::{Ascii, MetadataValue};

use crate::server::{App, RequestId};
pub(crate) use sign_in::{local, routes};

/// Sessions kept at most; past it the oldest one goes.
const SESSIONS_MAX: usize = 10_000;
/// Longest session, whatever the issuer allows: a working day.
const LIFETIME_MAX: Duration = Duration::from_secs(12 * 3600);
/// Bytes of an id, a secret, a mask.
const RANDOM_BYTES: usize = 32;

type Random = [u8; RANDOM_BYTES];

/// Somebody who is signed in, as one request sees them.
#[derive(Clone)]
pub struct Session {
    pub principal: Principal,
    /// The access token, for calls in their name.
    pub token: SecretString,
    /// For the hidden field `csrf` of every form that changes something. It differs each time, so that compression
    /// tells nothing about it; every one of a session is good as long as the session is.
    pub csrf: String,
    /// What to call them: their desk.
    pub name: String,
    /// The id of the request that is being answered, so that the services log it too. [`SignedIn`] fills it in.
    pub request_id: String,
    secret: Random,
}

impl Session {
    /// True if a form that was sent carries a token of this session.
    #[must_use]
    pub fn admits(&self, csrf: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(csrf) else { return false };
        let Some((mask, masked)) = bytes.split_at_checked(RANDOM_BYTES) else { return false };
        let plain: Vec<u8> = mask.iter().zip(masked).map(|(mask, byte)| mask ^ byte).collect();
        masked.len() == RANDOM_BYTES && constant_time::verify_slices_are_equal(&plain, &self.secret).is_ok()
    }

    /// What tells this session from every other, and signs nobody in.
    pub(crate) fn key(&self) -> String {
        hex::encode(Sha256::digest(self.secret))
    }

    /// The header of a call in their name.
    pub(crate) fn bearer(&self) -> MetadataValue<Ascii> {
        let header = format!("Bearer {}", self.token.expose_secret());
        header.parse().expect("a token that was verified is base64 and dots")
    }
}

struct Entry {
    principal: Principal,
    token: SecretString,
    name: String,
    secret: Random,
    opened: Instant,
    expires: Instant,
}

/// All sessions of this process. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    /// By the hash of the id: what leaks from memory signs nobody in.
    entries: Arc<Mutex<HashMap<[u8; 32], Entry>>>,
    secure: bool,
}

impl Sessions {
    /// No sessions yet. `secure` keeps cookies off unencrypted lines.
    #[must_use]
    pub fn new(secure: bool) -> Self {
        Self { entries: Arc::default(), secure }
    }

    /// The session of a request, if its cookie names one that still lasts.
    #[must_use]
    pub fn current(&self, headers: &HeaderMap) -> Option<Session> {
        let key = self.key(headers)?;
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&key)?;
        if entry.expires <= Instant::now() {
            entries.remove(&key);
            return None;
        }
        Some(Session {
            principal: entry.principal.clone(),
            token: entry.token.clone(),
            csrf: masked(&entry.secret),
            name: entry.name.clone(),
            request_id: String::new(),
            secret: entry.secret,
        })
    }

    /// Opens a session; the answer is its cookie.
    pub(crate) fn open(&self, principal: Principal, token: SecretString, name: String, lasts: Duration) -> HeaderValue {
        let id: Random = random();
        let (opened, lasts) = (Instant::now(), lasts.min(LIFETIME_MAX));
        let entry = Entry { principal, token, name, secret: random(), opened, expires: opened + lasts };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= SESSIONS_MAX {
            entries.retain(|_, entry| entry.expires > opened);
        }
        if entries.len() >= SESSIONS_MAX {
            let oldest = entries.iter().min_by_key(|(_, entry)| entry.opened).map(|(key, _)| *key);
            oldest.and_then(|key| entries.remove(&key));
        }
        entries.insert(Sha256::digest(id).into(), entry);
        self.cookie(self.name(), &URL_SAFE_NO_PAD.encode(id), lasts)
    }

    /// Ends the session of a request, if it has one; the answer takes the cookie back.
    pub(crate) fn close(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(key) = self.key(headers) {
            self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        }
        self.cookie(self.name(), "", Duration::ZERO)
    }

    fn key(&self, headers: &HeaderMap) -> Option<[u8; 32]> {
        let id = URL_SAFE_NO_PAD.decode(read_cookie(headers, self.name())?).ok()?;
        (id.len() == RANDOM_BYTES).then(|| Sha256::digest(id).into())
    }

    /// The prefix makes browsers refuse the cookie from a neighbouring host.
    fn name(&self) -> &'static str {
        if self.secure { "__Host-circula" } else { "circula" }
    }

    fn cookie(&self, name: &str, value: &str, lasts: Duration) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lasts.as_secs());
        HeaderValue::from_str(&text).expect("names and values of cookies are plain ASCII")
    }
}

/// Extractor of pages that need somebody: whoever is not signed in is sent to the sign-in page, and comes back.
pub struct SignedIn(pub Session);

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        if let Some(mut session) = app.sessions.current(&parts.headers) {
            session.request_id = parts.extensions.get::<RequestId>().cloned().unwrap_or_default().0;
            return Ok(Self(session));
        }
        if parts.method != Method::GET && parts.method != Method::HEAD {
            let words = crate::pages::words(&parts.headers);
            return Err(crate::server::problem(words, StatusCode::UNAUTHORIZED, &words.t("bare-ended")));
        }
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let to = reqwest::Url::parse_with_params("http://localhost/sign-in", [("to", here)]);
        let query = to.ok().and_then(|url| url.query().map(str::to_owned)).unwrap_or_default();
        Err(Redirect::to(&format!("/sign-in?{query}")).into_response())
    }
}

/// Fresh bytes from the operating system's generator.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

fn masked(secret: &Random) -> String {
    let mask: Random = random();
    let mut bytes = mask.to_vec();
    bytes.extend(mask.iter().zip(secret).map(|(mask, byte)| mask ^ byte));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The first cookie of this name.
pub(crate) fn read_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(name: &str) -> Principal {
        Principal {
            subject: name.to_owned(),
            organisation_id: platform::Clock::wall().id(),
            roles: vec![proto::Role::Operator],
        }
    }

    fn open(sessions: &Sessions, name: &str, lasts: Duration) -> HeaderMap {
        let cookie = sessions.open(principal(name), SecretString::from("t.t.t"), name.to_owned(), lasts);
        let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&format!("a=b; {pair}")).unwrap())])
    }

    #[test]
    fn a_session_is_found_by_its_cookie_until_it_is_closed() {
        let sessions = Sessions::new(false);
        let headers = open(&sessions, "operator", Duration::from_secs(60));
        assert_eq!(sessions.current(&headers).unwrap().principal.subject, "operator");
        let taken_back = sessions.close(&headers);
        assert!(taken_back.to_str().unwrap().contains("Max-Age=0"));
        assert!(sessions.current(&headers).is_none());
    }

    #[test]
    fn a_session_ends_with_its_token() {
        let sessions = Sessions::new(false);
        let headers = open(&sessions, "operator", Duration::ZERO);
        assert!(sessions.current(&headers).is_none());
    }

    #[test]
    fn a_form_is_admitted_by_its_own_session_only() {
        let sessions = Sessions::new(false);
        let headers = open(&sessions, "operator", Duration::from_secs(60));
        let (first, second) = (sessions.current(&headers).unwrap(), sessions.current(&headers).unwrap());
        assert_ne!(first.csrf, second.csrf, "the token is masked anew");
        assert!(first.admits(&second.csrf) && second.admits(&first.csrf));
        let other = sessions.current(&open(&sessions, "union", Duration::from_secs(60))).unwrap();
        assert!(!other.admits(&first.csrf));
        assert!(!first.admits("") && !first.admits("AAAA") && !first.admits("not base64!"));
    }

    #[test]
    fn cookies_of_a_public_gateway_are_bound_to_host_and_line() {
        let cookie = Sessions::new(true).close(&HeaderMap::new());
        let cookie = cookie.to_str().unwrap();
        assert!(
            cookie.starts_with("__Host-circula=;") && cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"),
            "{cookie}"
        );
    }

    #[test]
    fn the_oldest_session_makes_room() {
        let sessions = Sessions::new(false);
        let first = open(&sessions, "first", Duration::from_secs(60));
        for _ in 0..SESSIONS_MAX {
            drop(open(&sessions, "next", Duration::from_secs(60)));
        }
        assert!(sessions.current(&first).is_none());
        assert_eq!(sessions.entries.lock().unwrap().len(), SESSIONS_MAX);
    }
}
