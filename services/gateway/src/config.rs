//! The gateway's settings. It has no database and no broker: addresses of the services, and who signs people in.

use std::{collections::HashMap, net::SocketAddr};

use platform::config::{IdentityConfig, LimitsConfig, some};
use secrecy::SecretString;
use serde::Deserialize;

/// What the gateway is told. Each field has a default; only the addresses of the services must be given. Settings that
/// every service shares, such as a broker, are passed over.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Where people and browsers come in; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where `/metrics`, `/livez` and `/readyz` listen.
    pub admin_listen: SocketAddr,
    /// The address that browsers know, such as `https://circula.example.org`. Empty = the one that was bound.
    pub public_url: String,
    /// gRPC address by service (`programme`, `demand`, `candidate`, `matching`, `placement`, `monitoring`), such as
    /// `http://placement:7000`. Connections are made when they are first needed.
    pub services: HashMap<String, String>,
    /// Who signs the tokens that are believed.
    pub identity: IdentityConfig,
    /// How people sign in; without an `authorize_url` only calls with a token are served.
    pub oidc: OidcConfig,
    /// How many connections are let in, and how many requests of one peer are worked on. A whole ministry may come from one
    /// address; behind a proxy everybody does. What is not set is the gateway's own default, not that of other services.
    #[serde(with = "Limits")]
    pub limits: LimitsConfig,
    /// Seconds that a form or a body of JSON may take to come whole, and each part of a file to follow the one before it; at
    /// least 1.
    #[serde(deserialize_with = "some")]
    pub body_s: u64,
    /// Send cookies over TLS only. An `https` public address does so by itself.
    pub secure_cookies: bool,
}

/// Reads [`LimitsConfig`], whose own defaults are those of a service.
#[derive(Deserialize)]
#[serde(remote = "LimitsConfig", default = "limits", deny_unknown_fields)]
struct Limits {
    connections: usize,
    connections_per_peer: usize,
    #[serde(deserialize_with = "some")]
    calls_per_peer: usize,
    #[serde(deserialize_with = "some")]
    calls_per_peer_s: u32,
    #[serde(deserialize_with = "some")]
    silence_s: u64,
}

/// The gateway's own limits. Of the room for requests a peer has a quarter: many people behind one address, and most of it
/// for others.
fn limits() -> LimitsConfig {
    LimitsConfig { connections: 2048, connections_per_peer: 512, calls_per_peer: 128, ..LimitsConfig::default() }
}

/// OpenID Connect, authorisation code flow with PKCE.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OidcConfig {
    /// Where the browser is sent to sign in.
    pub authorize_url: String,
    /// Where the code is exchanged, by the gateway itself.
    pub token_url: String,
    /// The name under which the issuer knows the gateway.
    pub client_id: String,
    /// Empty for a public client.
    pub client_secret: SecretString,
    /// Scopes asked for, separated by spaces.
    pub scope: String,
    /// Development only: users that the sign-in page offers. Empty sends the browser to the issuer at once.
    pub development_users: Vec<DevelopmentUser>,
}

/// A user of the development issuer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevelopmentUser {
    /// What the issuer takes as `login_hint`.
    pub name: String,
    /// Role of the desk, such as `operator`.
    pub desk: String,
    /// The organisation, as it writes itself.
    pub organisation: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8080).into(),
            admin_listen: ([127, 0, 0, 1], 0).into(),
            public_url: String::new(),
            services: HashMap::new(),
            identity: IdentityConfig::default(),
            oidc: OidcConfig::default(),
            limits: limits(),
            body_s: 20,
            secure_cookies: false,
        }
    }
}

impl Default for OidcConfig {
    fn default() -> Self {
        Self {
            authorize_url: String::new(),
            token_url: String::new(),
            client_id: "circula".to_owned(),
            client_secret: SecretString::from(""),
            scope: "openid".to_owned(),
            development_users: Vec::new(),
        }
    }
}

impl Config {
    /// True if cookies must not travel in the clear.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.secure_cookies || self.public_url.starts_with("https://")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whoever_sets_one_limit_keeps_the_gateways_own_for_the_rest() {
        let read = |limits| serde_json::from_value::<Config>(json!({ "limits": limits }));
        let set = read(json!({ "calls_per_peer": 8 })).unwrap().limits;
        assert_eq!((set.connections, set.connections_per_peer, set.calls_per_peer), (2048, 512, 8));
        assert_eq!((set.calls_per_peer_s, set.silence_s), (4_000, 75));
        let set = read(json!({ "silence_s": 3 })).unwrap().limits;
        assert_eq!((set.connections, set.connections_per_peer, set.calls_per_peer, set.silence_s), (2048, 512, 128, 3));
        for wrong in [json!({ "calls_per_peer": 0 }), json!({ "calls": 8 })] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
