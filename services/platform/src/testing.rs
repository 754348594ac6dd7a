//! The test kit: a database, a prefix of topics and tokens for one test, on the real PostgreSQL and the real broker that
//! `make test` starts and names in `CIRCULA_TEST_POSTGRES` and `CIRCULA_TEST_KAFKA`.

use std::{collections::HashMap, time::Duration};

use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
};
use secrecy::SecretString;
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use tonic::{Request, metadata::MetadataValue};
use uuid::Uuid;

use crate::{
    Clock, Config, Shutdown,
    config::{self, DatabaseConfig, KafkaConfig},
    database,
    issuer::{Environment, Issuer, User},
};

/// Partitions of a topic in a test: enough that order across keys is not a gift.
const PARTITIONS: i32 = 4;

/// One system under test: its own databases and topics, one issuer.
pub struct Bench {
    postgres: String,
    kafka: String,
    /// Put before databases and topics.
    pub prefix: String,
    pub issuer: Issuer,
    pub shutdown: Shutdown,
}

impl Bench {
    /// A bench for these users, on the servers of all tests.
    ///
    /// # Panics
    /// If the servers are not named: tests run through `make test`.
    pub async fn new(users: Vec<User>) -> Self {
        let named =
            |name: &str| config::variable(name).unwrap_or_else(|| panic!("{name} names no server: run `make test`"));
        let bench = Self::on(&named("CIRCULA_TEST_POSTGRES"), &named("CIRCULA_TEST_KAFKA"), users).await;
        // The embedded broker has no such call; it makes a topic when it is first named.
        if config::variable("CIRCULA_TEST_KAFKA_KIND").as_deref() != Some("embedded") {
            bench.create_topics().await;
        }
        bench
    }

    /// A bench on servers of its own, which the test may stop and start. Relays make the topics.
    ///
    /// # Panics
    /// If the issuer does not start.
    pub async fn on(postgres: &str, kafka: &str, users: Vec<User>) -> Self {
        crate::service::install_crypto();
        let shutdown = Shutdown::new();
        let issuer =
            Issuer::start(Environment::Development, ([127, 0, 0, 1], 0).into(), users, Clock::wall(), shutdown.clone())
                .await
                .expect("the development issuer starts");
        let prefix = format!("t{}-", Clock::wall().id().simple());
        Self { postgres: postgres.to_owned(), kafka: kafka.to_owned(), prefix, issuer, shutdown }
    }

    /// Settings of a service on this bench; its database is made if it is not there.
    ///
    /// # Panics
    /// If the database cannot be made.
    pub async fn config(&self, service: &str) -> Config {
        let name = format!("{}{service}", self.prefix);
        database::bootstrap(&self.postgres, service, &name).await.expect("a database for the test");
        let server: PgConnectOptions = self.postgres.parse().expect("the server has a URL");
        let url = server.username(service).database(&name).to_url_lossy();
        Config {
            database: DatabaseConfig { url: SecretString::from(url.to_string()), ..DatabaseConfig::default() },
            kafka: KafkaConfig {
                brokers: self.kafka.clone(),
                prefix: self.prefix.clone(),
                linger_ms: 5,
                partitions: PARTITIONS,
                ..KafkaConfig::default()
            },
            identity: self.issuer.identity(),
            ..Config::default()
        }
    }

    /// The superuser's URL of a service's database, to look past the policies and to break things.
    ///
    /// # Panics
    /// If the server's URL is none.
    #[must_use]
    pub fn superuser_url(&self, service: &str) -> String {
        let server: PgConnectOptions = self.postgres.parse().expect("the server has a URL");
        server.database(&format!("{}{service}", self.prefix)).to_url_lossy().to_string()
    }

    /// The superuser's URL of the server.
    #[must_use]
    pub fn postgres(&self) -> &str {
        &self.postgres
    }

    /// Address of the broker.
    #[must_use]
    pub fn brokers(&self) -> &str {
        &self.kafka
    }

    /// `message` as a call of this user.
    ///
    /// # Panics
    /// If there is no such user.
    pub fn call<T>(&self, user: &str, message: T) -> Request<T> {
        let token = self.issuer.token(user).expect("the user exists");
        let mut request = Request::new(message);
        let value: MetadataValue<_> = format!("Bearer {token}").parse().expect("a token is ASCII");
        request.metadata_mut().insert("authorization", value);
        request
    }

    async fn create_topics(&self) {
        let admin: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", &self.kafka).create().expect("an admin client");
        let names: Vec<String> = proto::TOPICS.iter().map(|topic| format!("{}{}", self.prefix, topic.name)).collect();
        let topics: Vec<NewTopic<'_>> =
            names.iter().map(|name| NewTopic::new(name, PARTITIONS, TopicReplication::Fixed(1))).collect();
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(20)));
        for outcome in admin.create_topics(&topics, &options).await.expect("the broker answers") {
            outcome.expect("a topic is made");
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

/// A user of a desk.
#[must_use]
pub fn user(name: &str, organisation_id: Uuid, roles: &[proto::Role]) -> User {
    User { name: name.to_owned(), desk: name.to_owned(), organisation_id, roles: roles.to_vec() }
}

/// Asks again until the answer is there, for at most 60 seconds.
///
/// # Panics
/// If it never comes; the message is `what`.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = tokio::time::Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "in 60 seconds it did not come true that {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A new request id.
#[must_use]
pub fn request_id() -> String {
    Clock::wall().id().to_string()
}

/// Arguments of a call as a map.
#[must_use]
pub fn map(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
