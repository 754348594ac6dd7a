//! All services in one process, with a PostgreSQL, a broker and an issuer of their own: `circula up`, the demo, the tests.

mod settle;

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use platform::{
    Clock, Config, Context, Shutdown,
    config::{DatabaseConfig, IdentityConfig, KafkaConfig},
    database,
    issuer::{Environment, Issuer, User},
    service::Bound,
};
use secrecy::SecretString;
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use tokio::{
    sync::{Mutex, oneshot},
    task::JoinSet,
};

pub use settle::CONSUMERS;

use crate::{args, cast, client::Addresses, found::Found, output};

/// Services that own a database, in the order in which they start.
pub const SERVICES: [&str; 6] = ["programme", "demand", "candidate", "matching", "placement", "monitoring"];

/// Secret of the lotteries in a house, where nothing is secret: draws of two machines agree.
const LOTTERY_KEY: &str = "circula development";

/// What a house is built from.
pub struct Plan {
    pub directory: PathBuf,
    /// A superuser's URL of a PostgreSQL that is there already; otherwise the house starts its own.
    pub postgres: Option<String>,
    /// A broker that is there already, with its topics; otherwise the house starts one of this kind.
    pub brokers: Option<String>,
    pub kafka: args::Broker,
    /// Put before databases, topics and groups, so that houses may share servers.
    pub prefix: String,
    pub listen: SocketAddr,
    /// Who may sign in.
    pub users: Vec<User>,
}

/// Partitions of a topic. The embedded broker keeps 5 MiB or 100,000 batches of each and drops the oldest without a word,
/// and placements have by far the most events. It is the same number for every house: one that is started again on the
/// data of a whole demo publishes all of it anew.
fn partitions(topic: &str) -> i32 {
    if topic == <proto::placement::PlacementEnvelope as proto::Event>::TOPIC { 128 } else { 16 }
}

/// A running house. Dropping it stops everything it started.
pub struct House {
    pub addresses: Addresses,
    pub issuer: Issuer,
    shutdown: Shutdown,
    tasks: Mutex<JoinSet<anyhow::Result<()>>>,
    directory: PathBuf,
    superuser: String,
    prefix: String,
    arrivals: Arc<settle::Arrivals>,
    // Dropped after the services, in this order.
    broker: Broker,
    postgres: Option<local::postgres::Postgres>,
}

enum Broker {
    Named(String),
    Embedded(local::broker::MockBroker),
    Apache(local::kafka::ApacheKafka),
}

impl Broker {
    async fn start(plan: &Plan) -> anyhow::Result<Self> {
        if let Some(named) = &plan.brokers {
            return Ok(Self::Named(named.clone()));
        }
        let topics: Vec<(String, i32)> =
            proto::TOPICS.iter().map(|topic| (topic.name.to_owned(), partitions(topic.name))).collect();
        match plan.kafka {
            args::Broker::Embedded => Ok(Self::Embedded(local::broker::MockBroker::start(&topics).await?)),
            args::Broker::Apache => {
                Ok(Self::Apache(local::kafka::ApacheKafka::start(&plan.directory.join("kafka"), &topics).await?))
            }
        }
    }

    fn servers(&self) -> &str {
        match self {
            Self::Named(servers) => servers,
            Self::Embedded(broker) => broker.bootstrap_servers(),
            Self::Apache(broker) => broker.bootstrap_servers(),
        }
    }
}

impl House {
    /// Starts everything and writes `house.json` into the directory.
    ///
    /// # Errors
    /// If something does not start; the message says what and what would mend it.
    pub async fn start(plan: Plan, shutdown: Shutdown) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&plan.directory)
            .with_context(|| format!("{} cannot be made", plan.directory.display()))?;
        let progress = output::spinner("starting PostgreSQL");
        let postgres = match &plan.postgres {
            Some(_) => None,
            None => Some(local::postgres::Postgres::start(&plan.directory.join("postgres")).await?),
        };
        let superuser = plan
            .postgres
            .clone()
            .or_else(|| postgres.as_ref().map(|postgres| postgres.url().to_owned()))
            .context("no PostgreSQL")?;
        progress.set_message(if plan.kafka == args::Broker::Apache && plan.brokers.is_none() {
            "starting Apache Kafka; the first time it is fetched, some 45 MB"
        } else {
            "starting the broker"
        });
        let broker = Broker::start(&plan).await?;
        let issuer = Issuer::start(
            Environment::Development,
            ([127, 0, 0, 1], 0).into(),
            plan.users.clone(),
            Clock::wall(),
            shutdown.clone(),
        )
        .await?;
        let addresses = Addresses { issuer: issuer.url().to_owned(), ..Addresses::default() };
        let mut house = Self {
            addresses,
            issuer,
            shutdown,
            tasks: Mutex::new(JoinSet::new()),
            directory: plan.directory.clone(),
            superuser: superuser.clone(),
            prefix: plan.prefix.clone(),
            arrivals: Arc::new(settle::Arrivals::new(broker.servers(), &plan.prefix)?),
            broker,
            postgres,
        };
        for service in SERVICES {
            progress.set_message(format!("starting {service}"));
            let config = house.config(service, &superuser).await?;
            let bound = house.start_service(service, config).await?;
            house.addresses.services.insert(service.to_owned(), format!("http://{}", bound.grpc));
            house.addresses.admin.insert(service.to_owned(), format!("http://{}", bound.admin));
        }
        progress.set_message("starting the gateway");
        house.start_gateway(plan.listen).await?;
        progress.finish_and_clear();
        let file = house.directory.join("house.json");
        std::fs::write(&file, serde_json::to_vec_pretty(&house.addresses)?)
            .with_context(|| format!("{}", file.display()))?;
        Ok(house)
    }

    /// The first part that ends ends the wait: with its fault, or with nothing if shutdown was asked for. Nobody would start
    /// a server of the house again, so that it has ended is a fault too.
    ///
    /// # Errors
    /// The fault of the part that ended.
    pub async fn wait(&self) -> anyhow::Result<()> {
        let mut tasks = self.tasks.lock().await;
        tokio::select! {
            () = self.shutdown.wait() => Ok(()),
            why = self.server_ended() => Err(anyhow::anyhow!(why)),
            ended = tasks.join_next() => match ended {
                Some(ended) => ended.context("a service panicked")?,
                None => Ok(()),
            },
        }
    }

    /// Waits until a server that the house started has ended by itself, and returns how.
    async fn server_ended(&self) -> String {
        let postgres = async {
            match &self.postgres {
                Some(postgres) => postgres.ended().await,
                None => std::future::pending().await,
            }
        };
        let broker = async {
            match &self.broker {
                Broker::Apache(kafka) => kafka.ended().await,
                Broker::Named(_) | Broker::Embedded(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            why = postgres => why,
            why = broker => why,
        }
    }

    /// Waits until every event that was written has been folded everywhere, and shows what is waited for.
    ///
    /// # Errors
    /// If it does not come true within minutes.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let spinner = output::spinner("waiting for events to arrive");
        let settled = self.settle_telling(|what| spinner.set_message(what)).await;
        spinner.finish_and_clear();
        settled
    }

    /// The same, and tells what is waited for instead of showing it.
    pub(crate) async fn settle_telling(&self, tell: impl Fn(String)) -> anyhow::Result<()> {
        let server: PgConnectOptions = self.superuser.parse()?;
        let databases: Vec<String> = SERVICES
            .iter()
            .map(|service| server.clone().database(&self.database(service)).to_url_lossy().to_string())
            .collect();
        settle::settle(self.arrivals.clone(), &databases, tell).await
    }

    /// Stops the services, then the broker and the database.
    pub async fn stop(self) {
        self.shutdown.trigger();
        let progress = output::spinner("stopping");
        let mut tasks = self.tasks.lock().await;
        let drained = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(platform::shutdown::DRAIN, drained).await.is_err() {
            tracing::warn!("not every service ended in time");
        }
        if let Err(error) = std::fs::remove_file(self.directory.join("house.json")) {
            tracing::debug!(%error, "house.json was not there any more");
        }
        progress.finish_and_clear();
    }

    /// Counts what is in the databases.
    ///
    /// # Errors
    /// If PostgreSQL does not answer.
    pub async fn found(&self) -> anyhow::Result<Found> {
        Found::look(&self.superuser, &self.prefix).await
    }

    /// How `psql` is told to connect to a service's database: without the password, if there is one.
    ///
    /// # Errors
    /// If the server's URL is none.
    pub(crate) fn psql(&self, service: &str) -> anyhow::Result<String> {
        let server: PgConnectOptions = self.superuser.parse()?;
        let (user, host, port) = (server.get_username(), server.get_host(), server.get_port());
        Ok(format!("postgres://{user}@{host}:{port}/{}", self.database(service)))
    }

    /// The broker's address, and what it is.
    pub(crate) fn broker(&self) -> (&str, &'static str) {
        let kind = match &self.broker {
            Broker::Named(_) => "your own",
            Broker::Embedded(_) => "the embedded one, which forgets everything when it stops",
            Broker::Apache(_) => "Apache Kafka",
        };
        (self.broker.servers(), kind)
    }

    /// Where its data and its addresses are.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Name of a service's database.
    fn database(&self, service: &str) -> String {
        format!("{}{service}", self.prefix)
    }

    async fn config(&self, service: &str, superuser: &str) -> anyhow::Result<Config> {
        let name = self.database(service);
        database::bootstrap(superuser, service, &name).await?;
        let server: PgConnectOptions = superuser.parse()?;
        let url = server.username(service).database(&name).to_url_lossy().to_string();
        Ok(Config {
            // A demo that goes on asks again for what it asked for before its stop, however long ago that was.
            database: DatabaseConfig {
                url: SecretString::from(url),
                keep_answers_days: 0,
                ..DatabaseConfig::default()
            },
            kafka: KafkaConfig {
                brokers: self.broker.servers().to_owned(),
                prefix: self.prefix.clone(),
                linger_ms: 30,
                fetch_wait_ms: if matches!(self.broker, Broker::Embedded(_)) { 100 } else { 500 },
                partitions: partitions(&format!("circula.{service}.v1")),
                ..KafkaConfig::default()
            },
            identity: self.issuer.identity(),
            ..Config::default()
        })
    }

    async fn start_service(&mut self, service: &'static str, config: Config) -> anyhow::Result<Bound> {
        let (tell, told) = oneshot::channel();
        let context = Context { clock: Clock::wall(), shutdown: self.shutdown.clone(), bound: Some(tell) };
        let tasks = self.tasks.get_mut();
        match service {
            "programme" => tasks.spawn(programme::run(config, context)),
            "demand" => tasks.spawn(demand::run(config, context)),
            // A demo runs the clocks on its own dates.
            "candidate" => {
                let config = candidate::Config { platform: config, lottery_key: LOTTERY_KEY.into(), run_due_every: 0 };
                tasks.spawn(candidate::run(config, context))
            }
            "matching" => tasks.spawn(matching::run(config, context)),
            "placement" => {
                let config = placement::Config { platform: config, run_due_every: 0 };
                tasks.spawn(placement::run(config, context))
            }
            _ => {
                let owners: HashMap<String, String> = self.addresses.services.clone().into_iter().collect();
                tasks.spawn(monitoring::run(monitoring::Config { platform: config, owners }, context))
            }
        };
        match told.await {
            Ok(bound) => Ok(bound),
            Err(_) => match tasks.join_next().await {
                Some(Ok(Err(error))) => Err(error).with_context(|| format!("{service} did not start")),
                _ => anyhow::bail!("{service} ended while it started"),
            },
        }
    }

    async fn start_gateway(&mut self, listen: SocketAddr) -> anyhow::Result<()> {
        let (tell, told) = oneshot::channel();
        let identity: IdentityConfig = self.issuer.identity();
        let config = gateway::Config {
            listen,
            services: self.addresses.services.clone().into_iter().collect(),
            identity,
            oidc: gateway::config::OidcConfig {
                authorize_url: format!("{}/authorize", self.issuer.url()),
                token_url: format!("{}/token", self.issuer.url()),
                development_users: development_users(),
                ..gateway::config::OidcConfig::default()
            },
            ..gateway::Config::default()
        };
        let tasks = self.tasks.get_mut();
        tasks.spawn(gateway::run(config, self.shutdown.clone(), Some(tell)));
        let bound = match told.await {
            Ok(bound) => bound,
            Err(_) => match tasks.join_next().await {
                Some(Ok(Err(error))) => return Err(error).context("the gateway did not start"),
                _ => anyhow::bail!("the gateway ended while it started"),
            },
        };
        self.addresses.gateway = format!("http://{}", bound.http);
        self.addresses.admin.insert(gateway::NAME.to_owned(), format!("http://{}", bound.admin));
        Ok(())
    }
}

/// Who the console's sign-in page offers.
fn development_users() -> Vec<gateway::config::DevelopmentUser> {
    let organisation = |user: &User| {
        cast::ORGANISATIONS.iter().find(|one| one.id() == user.organisation_id).map_or("", |one| one.name).to_owned()
    };
    cast::users()
        .into_iter()
        .map(|user| gateway::config::DevelopmentUser {
            organisation: organisation(&user),
            desk: user.roles.first().map_or("", |role| role.as_str()).to_owned(),
            name: user.name,
        })
        .collect()
}
