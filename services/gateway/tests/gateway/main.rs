//! The gateway by HTTP only, before real gRPC services and the development issuer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod calls;
mod readiness;
mod signing_in;
mod upstream;

use std::{net::SocketAddr, sync::Arc};

use gateway::{App, Config, config::OidcConfig, upstream::SERVICES};
use platform::{
    Clock, Shutdown,
    issuer::{Environment, Issuer},
    testing::user,
};
use proto::Role;
use reqwest::{RequestBuilder, redirect::Policy};
use serde_json::Value;
use tokio::sync::oneshot;

/// A gateway, what is behind it, and a browser without manners: no redirects, no cookies of its own.
pub struct House {
    pub address: SocketAddr,
    /// Of a gateway as it runs.
    pub admin: SocketAddr,
    pub issuer: Issuer,
    pub seen: upstream::Seen,
    pub shutdown: Shutdown,
    pub http: reqwest::Client,
}

impl House {
    /// Settings for a gateway whose `programme` and `demand` answer and whose other services are away.
    async fn build() -> (Self, Config) {
        platform::service::install_crypto();
        let shutdown = Shutdown::new();
        let organisation = Clock::wall().id();
        let users = vec![
            user("operator", organisation, &[Role::Operator]),
            user("union", Clock::wall().id(), &[Role::Union]),
            user("nobody", organisation, &[]),
        ];
        let local = ([127, 0, 0, 1], 0).into();
        let issuer =
            Issuer::start(Environment::Development, local, users, Clock::wall(), shutdown.clone()).await.unwrap();
        let (behind, seen) = upstream::start().await;
        let address = |service: &str| match service {
            "programme" | "demand" => format!("http://{behind}"),
            _ => "http://127.0.0.1:1".to_owned(),
        };
        let config = Config {
            listen: local,
            services: SERVICES.map(|service| (service.to_owned(), address(service))).into(),
            identity: issuer.identity(),
            oidc: OidcConfig {
                authorize_url: format!("{}/authorize", issuer.url()),
                token_url: format!("{}/token", issuer.url()),
                ..OidcConfig::default()
            },
            ..Config::default()
        };
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        (Self { address: local, admin: local, issuer, seen, shutdown, http }, config)
    }

    /// A gateway as it runs.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let (mut house, mut config) = Self::build().await;
        change(&mut config);
        let (told, bound) = oneshot::channel();
        tokio::spawn(gateway::run(config, house.shutdown.clone(), Some(told)));
        let bound = bound.await.expect("the gateway listens");
        (house.address, house.admin) = (bound.http, bound.admin);
        house
    }

    /// A gateway whose inside the test can see, as a page of the console does.
    pub async fn open() -> (Self, Arc<App>) {
        let (mut house, config) = Self::build().await;
        let listener = tokio::net::TcpListener::bind(config.listen).await.unwrap();
        house.address = listener.local_addr().unwrap();
        let app = Arc::new(App::new(config, house.address).unwrap());
        let routes = gateway::server::router(app.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (house, app)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path)).bearer_auth(self.issuer.token("operator").unwrap())
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(self.url(path)).bearer_auth(self.issuer.token("operator").unwrap())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

/// The detail of an error whose type ends like this.
pub fn detail<'a>(error: &'a Value, kind: &str) -> &'a Value {
    let details = error["error"]["details"].as_array().expect("an error has details");
    details.iter().find(|detail| detail["@type"].as_str().unwrap().ends_with(kind)).expect("it has this detail")
}
