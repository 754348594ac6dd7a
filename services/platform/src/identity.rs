//! Who calls: a principal from a signed token of an OpenID Connect issuer, by its published keys.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use events::readiness::Readiness;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, JwkSet},
};
use tokio::sync::{Mutex, RwLock, Semaphore};
use tonic::{Code, Request};
use uuid::Uuid;

use crate::{config::IdentityConfig, database::Reach, fault, refusal::Refused};

/// Algorithms believed. Symmetric ones are not: whoever checks could sign.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
/// Callers who may wait for the issuer's keys at once. They hold room for calls meanwhile, and leave half of it to those whose
/// keys are known.
const WAITING: usize = crate::grpc::ROOM / 2;
/// The keys are fetched again at most this often, however many unknown key ids come.
const REFRESH_MIN: Duration = Duration::from_secs(10);
/// An issuer that did not answer is asked again only after this, however many wait for it.
const REFUSED_MIN: Duration = Duration::from_secs(2);

/// The party behind a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub subject: String,
    pub organisation_id: Uuid,
    pub roles: Vec<proto::Role>,
}

impl Principal {
    /// True if the token gives this role.
    #[must_use]
    pub fn is(&self, role: proto::Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whose rows this party may touch.
    #[must_use]
    pub fn reach(&self) -> Reach {
        if self.roles.iter().any(|role| role.sees_all()) {
            Reach::All(self.organisation_id)
        } else {
            Reach::Own(self.organisation_id)
        }
    }

    /// # Errors
    /// `ROLE_NEEDED` if the token gives none of these roles.
    pub fn needs(&self, roles: &[proto::Role]) -> Result<(), Refused> {
        if roles.iter().any(|role| self.is(*role)) {
            return Ok(());
        }
        let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        Err(Refused::not_allowed(&words.join(" or ")))
    }
}

/// The principal of a request; the gRPC layer put it there.
///
/// # Errors
/// `SIGN_IN` if there is none.
pub fn principal<T>(request: &Request<T>) -> Result<Principal, Refused> {
    request.extensions().get::<Principal>().cloned().ok_or_else(sign_in)
}

fn sign_in() -> Refused {
    Refused::new(Code::Unauthenticated, "SIGN_IN", "this call needs a token of a known issuer")
        .mend("sign in and call again")
}

fn not_now() -> Refused {
    Refused::new(Code::Unavailable, "BUSY", "the keys of the issuer are being fetched")
        .mend("send the same request again in a moment")
}

/// Checks tokens against the keys of one issuer.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    config: IdentityConfig,
    http: reqwest::Client,
    /// By key id. Read once: to make a key of what the issuer publishes costs as much as to check a token with it.
    keys: RwLock<HashMap<String, Arc<DecodingKey>>>,
    /// Nothing is fetched before this, and whether the keys came last time.
    fetched: Mutex<Option<(tokio::time::Instant, bool)>>,
    waiting: Arc<Semaphore>,
    /// Told while the issuer gives no keys.
    readiness: Readiness,
    /// It is asked again and again until it does.
    asking: AtomicBool,
}

impl Verifier {
    /// A verifier that fetches the issuer's keys when it first needs them.
    #[must_use]
    pub fn new(config: IdentityConfig, readiness: Readiness) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap_or_default();
        Self(Arc::new(Inner {
            config,
            http,
            keys: RwLock::default(),
            fetched: Mutex::new(None),
            waiting: Arc::new(Semaphore::new(WAITING)),
            readiness,
            asking: AtomicBool::new(false),
        }))
    }

    /// The party that a bearer token names.
    ///
    /// # Errors
    /// `SIGN_IN` if the token is not signed by the issuer, not for us, or past its time.
    pub async fn verify(&self, token: &str) -> Result<Principal, Refused> {
        let header = decode_header(token).map_err(|_| sign_in())?;
        let kid = header.kid.ok_or_else(sign_in)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(sign_in());
        }
        let key = match self.key(&kid).await {
            Some(key) => key,
            None => {
                let waiting = self.0.waiting.clone().try_acquire_owned().map_err(|_| not_now())?;
                // In a task of its own: whoever goes away takes no fetch with him that others wait for.
                let verifier = self.clone();
                let refreshed = tokio::spawn(async move {
                    let came = verifier.refresh().await;
                    drop(waiting);
                    came
                });
                let came = refreshed.await.unwrap_or_default();
                self.key(&kid).await.ok_or_else(if came { sign_in } else { not_now })?
            }
        };
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&[&self.0.config.audience]);
        validation.set_issuer(&[&self.0.config.issuer]);
        validation.leeway = 30;
        let claims = decode::<serde_json::Value>(token, &key, &validation).map_err(|_| sign_in())?.claims;
        self.read(&claims).ok_or_else(sign_in)
    }

    fn read(&self, claims: &serde_json::Value) -> Option<Principal> {
        let roles = claims.get(&self.0.config.roles_claim)?.as_array()?;
        Some(Principal {
            subject: claims.get("sub")?.as_str()?.to_owned(),
            organisation_id: claims.get(&self.0.config.organisation_claim)?.as_str()?.parse().ok()?,
            roles: roles.iter().filter_map(|role| role.as_str()?.parse().ok()).collect(),
        })
    }

    async fn key(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        self.0.keys.read().await.get(kid).cloned()
    }

    /// True if the issuer gave its keys the last time that it was asked.
    async fn refresh(&self) -> bool {
        let mut fetched = self.0.fetched.lock().await;
        if let Some((again, came)) = *fetched
            && tokio::time::Instant::now() < again
        {
            return came;
        }
        let (came, pause) = match self.fetch().await {
            Ok(keys) => {
                *self.0.keys.write().await = keys;
                self.0.readiness.here("the issuer");
                (true, REFRESH_MIN)
            }
            Err(error) => {
                self.0.readiness.missing("the issuer", &error.to_string());
                self.ask_again();
                (false, if fault::planted("failure_forgotten") { Duration::ZERO } else { REFUSED_MIN })
            }
        };
        *fetched = Some((tokio::time::Instant::now() + pause, came));
        came
    }

    /// Asks until the keys come, so that the service knows when the issuer is back, also if nobody calls meanwhile.
    fn ask_again(&self) {
        if self.0.asking.swap(true, Ordering::Relaxed) {
            return;
        }
        let verifier = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(REFUSED_MIN).await;
                if verifier.refresh().await {
                    break;
                }
            }
            verifier.0.asking.store(false, Ordering::Relaxed);
        });
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<DecodingKey>>, reqwest::Error> {
        let answer = self.0.http.get(&self.0.config.jwks_url).send().await?.error_for_status()?;
        let published: JwkSet = answer.json().await?;
        // A key of a kind that we do not know is nobody's key here.
        let usable = |jwk: &Jwk| Some((jwk.common.key_id.clone()?, Arc::new(DecodingKey::from_jwk(jwk).ok()?)));
        Ok(published.keys.iter().filter_map(usable).collect())
    }
}
