//! A campaign: callers fight for the last seats and repeat themselves while services die and freeze and the servers are
//! killed, all drawn from one seed. In the end everything is in its place.
//!
//! `make chaos` plays ten minutes of it and says its seed; `make chaos SEED=n` draws the same load and the same faults again.
//! What meets what is up to the machine.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use cli::{
    cast,
    client::{Addresses, Session},
    house::SERVICES,
};
use futures::future::join_all;
use local::{kafka::ApacheKafka, postgres::Postgres};
use platform::{
    config::variable,
    testing::{Bench, eventually, request_id},
};
use proto::{Event, monitoring::VerifyRequest, placement::PlacementEnvelope};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use tokio::sync::{Mutex, RwLock};
use tonic::{Code, transport::Channel};
use uuid::Uuid;

use super::{
    Deed,
    ledgers::{
        entries,
        race::{LATE, Race, asked},
        rank,
    },
    records, scalar, users, versions,
};
use crate::process::Process;

/// Seats of a line, and who wants them.
const SEATS: i32 = 3;
const TAKERS: usize = 16;

/// What a campaign plays with.
struct World {
    race: Race,
    processes: BTreeMap<&'static str, Mutex<Process>>,
    addresses: Addresses,
    channels: BTreeMap<&'static str, Channel>,
    /// Held by who fights; who counts takes it for himself, so that nothing moves between the owner's count and the fold.
    calm: RwLock<()>,
    home: tempfile::TempDir,
}

/// The servers, which the faults end and start.
struct Servers {
    postgres: Option<Postgres>,
    kafka: Option<ApacheKafka>,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes: make chaos"]
async fn a_campaign_of_faults_leaves_everything_in_its_place() {
    let seed = number("CIRCULA_CHAOS_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    let length = Duration::from_secs(number("CIRCULA_CHAOS_SECONDS").unwrap_or(600));
    println!("seed {seed}, {} s", length.as_secs());
    let (world, mut servers) = World::start().await;
    let end = Instant::now() + length;
    let [deeds, battles, faults] = [1, 2, 3].map(|stream| {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(stream);
        chance
    });
    let (deeds, battles, faults) =
        tokio::join!(world.do_deeds(deeds, end), world.fight(battles, end), world.harm(&mut servers, faults, end));
    let refused = battles.iter().map(|battle| battle.refused).sum::<usize>();
    let tried = battles.len() * TAKERS;
    println!("{faults:?}\n{} deeds, {} lines fought for, {refused} of {tried} refused", deeds.len(), battles.len());
    assert!(battles.len() > 1 && deeds.len() > 20 && faults.values().sum::<usize>() > 3, "the load was no load");
    assert!(refused * 5 >= tried, "who takes hits a limit often enough");

    world.everybody_lives().await;
    world.what_was_acknowledged_is_there_once(&deeds).await;
    world.everything_is_published_and_nothing_parked().await;
    for battle in &battles {
        world.race.audit(&battle.season).await;
    }
    world.race.events_agree().await;
    world.race.history_is_sound();
    assert!(world.figures_are_true().await > 0, "placement has figures");
    world.log_is_in_order();
}

fn number(name: &str) -> Option<u64> {
    variable(name).map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

pub(super) fn session(addresses: &Addresses) -> impl Fn(&Bench, &str) -> Session {
    |bench, user| {
        let call = bench.call(user, ());
        let bearer = call.metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
        Session::with_token(addresses, bearer.trim_start_matches("Bearer ")).unwrap()
    }
}

impl World {
    async fn start() -> (Self, Servers) {
        let home = tempfile::tempdir().unwrap();
        let (postgres, kafka) = tokio::join!(postgres(home.path()), kafka(home.path()));
        let mut users = users();
        users.retain(|user| user.name != "operator");
        users.extend(cast::users());
        let bench = Bench::on(postgres.url(), kafka.bootstrap_servers(), users).await;
        let (mut processes, mut addresses) = (BTreeMap::new(), Addresses::default());
        for service in SERVICES {
            // The facts of the others are those of a test producer: only placement can count its own again.
            let placement = addresses.services.get("placement").cloned();
            let owner = placement.as_deref().map(|url| ("CIRCULA_MONITORING__OWNERS__PLACEMENT", url));
            let process = Process::start_with(&bench, service, owner.as_slice()).await;
            addresses.services.insert(service.to_owned(), process.url.clone());
            processes.insert(service, Mutex::new(process));
        }
        let lazy = |url: &String| Channel::from_shared(url.clone()).unwrap().connect_lazy();
        let channels = SERVICES.map(|service| (service, lazy(&addresses.services[service]))).into();
        for process in processes.values() {
            process.lock().await.channel().await;
        }
        let race = Race::at(bench, session(&addresses)).await;
        let servers = Servers { postgres: Some(postgres), kafka: Some(kafka) };
        (Self { race, processes, addresses, channels, calm: RwLock::new(()), home }, servers)
    }

    /// Plain commands, some of them by several callers at once, each until it is acknowledged.
    async fn do_deeds(&self, mut chance: ChaCha8Rng, end: Instant) -> Vec<(Deed, u32, String)> {
        let mut done = Vec::new();
        while Instant::now() < end {
            let deed = if chance.random() { Deed::Organisation } else { Deed::Employer };
            let (number, id) = (u32::try_from(done.len()).unwrap(), Uuid::from_u128(chance.random()).to_string());
            let callers = chance.random_range(1..=3);
            join_all((0..callers).map(|_| self.insist(deed, (number, &id)))).await;
            done.push((deed, number, id));
        }
        done
    }

    async fn insist(&self, deed: Deed, what: (u32, &str)) {
        eventually("a command is acknowledged", async || {
            let channel = self.channels[deed.service()].clone();
            match deed.try_on(&self.race.bench, channel, what).await {
                Ok(()) => Some(()),
                Err(status) if passes(status.code()) => None,
                Err(status) => panic!("{deed:?} {what:?}: {status}"),
            }
        })
        .await;
    }

    /// One line after the other, with more people for it than it has seats.
    async fn fight(&self, mut chance: ChaCha8Rng, end: Instant) -> Vec<Battle> {
        let mut battles = Vec::new();
        while Instant::now() < end {
            let _fighting = self.calm.read().await;
            let season = format!("battle-{}", battles.len());
            let quota = self.race.quota("CO-ES", &season, 1000).await;
            let line = self.race.lines(&season, (1, SEATS), &["CO"]).await.remove(0);
            let listed = entries(TAKERS, quota, rank);
            self.race.propose(&line, &listed).await;
            self.race.answered(&listed).await;
            let outcomes = join_all(listed.iter().map(|entry| self.race.select(entry))).await;
            let winners: Vec<_> = listed.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()).collect();
            let reasons = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(|refused| &refused.reason);
            assert!(reasons.clone().all(|reason| reason == "NO_ROOM"), "{:?}", reasons.collect::<Vec<_>>());
            assert_eq!(winners.len(), usize::try_from(SEATS).unwrap(), "{season}: each seat has one winner");
            let leaver = winners.choose(&mut chance).expect("there are winners").0;
            let withdraw = self.race.make("ministry-co", asked(leaver.placement, "Withdraw", "2026-01-12"));
            drop(tokio::join!(withdraw, self.race.run_due(LATE)));
            battles.push(Battle { season, refused: outcomes.len() - winners.len() });
        }
        battles
    }

    /// Faults, one after the other; each is mended, and then every figure has to be true again.
    async fn harm(&self, servers: &mut Servers, mut chance: ChaCha8Rng, end: Instant) -> BTreeMap<String, usize> {
        let started = Instant::now();
        let mut harmed = BTreeMap::new();
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(chance.random_range(500..4_000))).await;
            let service = *SERVICES.choose(&mut chance).expect("there are services");
            let frozen = Duration::from_millis(chance.random_range(200..9_000));
            let fault = match chance.random_range(0..12) {
                0..=5 => format!("{service} killed"),
                6..=9 => format!("{service} frozen"),
                10 => "PostgreSQL killed".to_owned(),
                _ => "Kafka killed".to_owned(),
            };
            println!("{:4} s {fault}", started.elapsed().as_secs());
            let mut process = self.processes[service].lock().await;
            match fault.rsplit_once(' ') {
                Some(("PostgreSQL", _)) => {
                    servers.postgres.take().expect("it runs").kill().await.unwrap();
                    servers.postgres = Some(postgres(self.home.path()).await);
                }
                Some(("Kafka", _)) => {
                    servers.kafka.take().expect("it runs").kill().await.unwrap();
                    servers.kafka = Some(kafka(self.home.path()).await);
                }
                Some((_, "killed")) => {
                    process.kill();
                    process.again();
                }
                _ => {
                    process.signal("-STOP");
                    tokio::time::sleep(frozen).await;
                    process.signal("-CONT");
                }
            }
            drop(process);
            self.figures_are_true().await;
            *harmed.entry(fault).or_default() += 1;
        }
        harmed
    }

    async fn everybody_lives(&self) {
        for (service, process) in &self.processes {
            let mut process = process.lock().await;
            assert!(process.is_running(), "{service} ended by itself");
            assert!(!process.log().contains("panicked"), "{service} panicked");
            eventually("every service is ready again", async || {
                process.ready().await.filter(|(status, _)| *status == 200)
            })
            .await;
        }
    }

    async fn what_was_acknowledged_is_there_once(&self, deeds: &[(Deed, u32, String)]) {
        for deed in [Deed::Organisation, Deed::Employer] {
            let wanted = deeds.iter().filter(|(done, ..)| *done == deed).count();
            assert_eq!(deed.done(&self.race.bench).await, i64::try_from(wanted).unwrap(), "{deed:?}");
        }
        join_all(deeds.iter().map(|(deed, number, id)| self.insist(*deed, (*number, id)))).await;
    }

    async fn everything_is_published_and_nothing_parked(&self) {
        for service in SERVICES {
            eventually("everything is published", async || {
                let waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL";
                scalar(&self.race.bench, service, waiting).await.filter(|rows| *rows == 0)
            })
            .await;
            assert_eq!(scalar(&self.race.bench, service, "SELECT count(*) FROM parked").await, Some(0), "{service}");
        }
    }

    /// Once the owner and the fold have met: whoever has just been harmed may take a moment. Answers how many were compared.
    async fn figures_are_true(&self) -> i64 {
        let auditor = session(&self.addresses)(&self.race.bench, "auditor");
        let _calm = self.calm.write().await;
        let (figures, differences) = eventually("placement's own count is compared with the fold", async || {
            let asked = VerifyRequest { request_id: request_id() };
            let told = auditor.monitoring().verify(asked).await.ok()?.into_inner();
            let counted = told.sources.iter().find(|source| source.service == "placement")?;
            counted.failure.is_empty().then_some((counted.figures, told.differences))
        })
        .await;
        assert_eq!(differences, Vec::new());
        figures
    }

    /// Every version of every placement, line and quota is there, and none before the one it follows.
    fn log_is_in_order(&self) {
        for (id, told) in versions::<PlacementEnvelope>(&records(&self.race.bench, PlacementEnvelope::TOPIC)) {
            let mut next = 1;
            for version in told {
                assert!(version <= next, "{id}: version {version} before {next}");
                next = next.max(version + 1);
            }
        }
    }
}

/// A line that was fought for.
struct Battle {
    season: String,
    refused: usize,
}

/// True if the same command may be acknowledged when it is sent again.
pub(super) fn passes(code: Code) -> bool {
    use Code::{Cancelled, DeadlineExceeded, ResourceExhausted, Unavailable, Unknown};
    matches!(code, Cancelled | DeadlineExceeded | ResourceExhausted | Unavailable | Unknown)
}

async fn postgres(home: &Path) -> Postgres {
    Postgres::start(&home.join("postgres")).await.expect("PostgreSQL starts")
}

async fn kafka(home: &Path) -> ApacheKafka {
    ApacheKafka::start(&home.join("kafka"), &[]).await.expect("Apache Kafka starts")
}
