//! A campaign: callers fight for the last seats and repeat themselves while services die and freeze and the servers are
//! killed, all drawn from one seed. In the end everything is in its place.
//!
//! Of the invariants of the design (`reliability.md` §3.1) the end checks: nobody in two places, seats and quotas never given
//! twice and their ledgers added up (1, 2, 3); what was acknowledged is there, what was refused is not (4, 5); versions and
//! facts without a gap (6); every event told, and had once where it has an effect (7); none before the one it follows (8);
//! figures true (9), and the same when they are folded anew (10); nothing waits, nothing is parked but poison (16). That moves are
//! legal is checked after each fault, and with it at the end what `invariants` asks of any house at rest (11, 12, 13, 15). Seats
//! are fought for by people of a test producer; batches of people are registered and rounds are held over them by the services
//! themselves, so that the end has people's data to look for, in events and in logs, and rounds to add up.
//!
//! Callers go away from registrations, moves and orders before they are answered. PostgreSQL is killed under commands, and
//! also while none is under way.
//!
//! `make chaos` plays ten minutes of it and says its seed; `make chaos SEED=n` draws the same load and the same faults again.
//! What meets what is up to the machine.

mod faults;
mod people;
mod rounds;

use std::{
    collections::BTreeMap,
    error::Error as _,
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use cli::{
    cast,
    client::{Addresses, Session},
    house::{CONSUMERS, SERVICES},
};
use futures::future::join_all;
use platform::{
    Refused,
    config::variable,
    testing::{Bench, eventually, request_id},
};
use proto::{
    Event,
    candidate::CandidateEnvelope,
    matching::MatchingEvent,
    monitoring::VerifyRequest,
    placement::{Placement, PlacementEnvelope},
};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use sqlx::AssertSqlSafe;
use tokio::sync::{Mutex, RwLock};
use tonic::{Code, Response, Status, transport::Channel};
use uuid::Uuid;

use super::{
    Deed, database,
    ledgers::{
        entries,
        race::{Entry, LATE, Race, asked, selection},
        rank,
    },
    log,
    rebuild::PROJECTIONS,
    scalar,
    slow::SlowLine,
    users,
};
use crate::{invariants, process::Process, twice::sums};
use faults::{Fault, Servers, kafka, postgres};

/// Seats of a line, and who wants them.
const SEATS: i32 = 3;
const TAKERS: usize = 16;

/// What a campaign plays with.
struct World {
    race: Race,
    processes: BTreeMap<&'static str, Mutex<Process>>,
    /// From each to its database.
    lines: BTreeMap<&'static str, SlowLine>,
    addresses: Addresses,
    channels: BTreeMap<&'static str, Channel>,
    /// Held by who fights; who counts takes it for himself, so that nothing moves between the owner's count and the fold.
    calm: RwLock<()>,
    /// Held while a command of the others is under way; who wants none takes it for himself, after `calm`.
    still: RwLock<()>,
    home: tempfile::TempDir,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes: make chaos"]
async fn a_campaign_of_faults_leaves_everything_in_its_place() {
    // Another one each time: keys of a hasher come from the operating system's randomness.
    let seed = number("CIRCULA_CHAOS_SEED").unwrap_or_else(|| RandomState::new().hash_one(()));
    let length = Duration::from_secs(number("CIRCULA_CHAOS_SECONDS").unwrap_or(600));
    println!("seed {seed}, {} s", length.as_secs());
    let (world, mut servers) = World::start(seed).await;
    let end = Instant::now() + length;
    let [deeds, battles, faults, rounds] = [1, 2, 3, 4].map(|stream| {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(stream);
        chance
    });
    let (deeds, battles, faults, rounds) = tokio::join!(
        world.do_deeds(deeds, end),
        world.fight(battles, end),
        world.harm(&mut servers, faults, end),
        world.hold_rounds(rounds, end)
    );
    let refused = battles.iter().map(|battle| battle.refused).sum::<usize>();
    let tried = battles.len() * TAKERS;
    println!("{faults:?}\n{} deeds, {} lines fought for, {refused} of {tried} refused", deeds.len(), battles.len());
    println!("{rounds:?}");
    assert!(battles.len() > 1 && deeds.len() > 20 && faults.values().sum::<usize>() > 3, "the load was no load");
    assert!(refused * 5 >= tried, "who takes hits a limit often enough");

    world.everybody_lives().await;
    world.what_was_acknowledged_is_there_once(&deeds).await;
    world.rounds_are_there_once(&rounds).await;
    world.everything_has_arrived(faults.get("poison").copied().unwrap_or_default()).await;
    world.what_was_answered_is_so(&battles).await;
    for battle in &battles {
        world.race.audit(&battle.season).await;
    }
    world.race.events_agree().await;
    world.race.history_is_sound();
    assert!(world.figures_are_true().await > 0, "placement has figures");
    world.what_is_folded_anew_is_the_same().await;
    invariants::hold(&world.race.bench, |user| session(&world.addresses)(&world.race.bench, user)).await;
    assert_eq!(world.personal_data_in_logs().await, Vec::<String>::new());
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
    async fn start(seed: u64) -> (Self, Servers) {
        let home = tempfile::tempdir().unwrap();
        let (postgres, kafka) = tokio::join!(postgres(home.path()), kafka(home.path()));
        let mut users = users();
        users.retain(|user| user.name != "operator");
        users.extend(cast::users());
        let bench = Bench::on(postgres.url(), kafka.bootstrap_servers(), users).await;
        let (mut processes, mut lines, mut addresses) = (BTreeMap::new(), BTreeMap::new(), Addresses::default());
        for service in SERVICES {
            // The facts of the others are those of a test producer: only placement can count its own again.
            let placement = addresses.services.get("placement").cloned();
            let line = SlowLine::to(&bench, seed).await;
            let database = line.database(&bench, service).await;
            let mut environment = vec![("CIRCULA__DATABASE__URL", database.as_str())];
            environment.extend(placement.as_deref().map(|url| ("CIRCULA_MONITORING__OWNERS__PLACEMENT", url)));
            let process = Process::start_with(&bench, service, &environment).await;
            lines.insert(service, line);
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
        (
            Self { race, processes, lines, addresses, channels, calm: RwLock::new(()), still: RwLock::new(()), home },
            servers,
        )
    }

    /// Plain commands, some of them by several callers at once, each until it is acknowledged; beside them callers who go away.
    async fn do_deeds(&self, mut chance: ChaCha8Rng, end: Instant) -> Vec<(Deed, u32, String)> {
        let mut done = Vec::new();
        while Instant::now() < end {
            let deed = if chance.random() { Deed::Organisation } else { Deed::Employer };
            let (number, id) = (u32::try_from(done.len()).unwrap(), Uuid::from_u128(chance.random()).to_string());
            let (callers, leavers) = (chance.random_range(1..=3), chance.random_range(0..=1));
            let patience = patience(&mut chance);
            let _busy = self.still.read().await;
            let channel = &self.channels[deed.service()];
            let gone = |_| leave(patience, deed.try_on(&self.race.bench, channel.clone(), (number, &id)));
            tokio::join!(
                join_all((0..callers).map(|_| self.insist(deed, (number, &id)))),
                join_all((0..leavers).map(gone))
            );
            done.push((deed, number, id));
        }
        done
    }

    /// What a command is answered in the end: it is sent until it is acknowledged.
    async fn sent<T>(&self, what: &str, mut call: impl AsyncFnMut() -> Result<Response<T>, Status>) -> T {
        let _busy = self.still.read().await;
        eventually(what, async || match call().await {
            Ok(answer) => Some(answer.into_inner()),
            Err(status) if passes(&status) => None,
            Err(status) => panic!("{what}: {status}"),
        })
        .await
    }

    async fn insist(&self, deed: Deed, what: (u32, &str)) {
        eventually("a command is acknowledged", async || {
            let channel = self.channels[deed.service()].clone();
            match deed.try_on(&self.race.bench, channel, what).await {
                Ok(()) => Some(()),
                Err(status) if passes(&status) => None,
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
            let takers: Vec<_> = listed.iter().map(|entry| (entry, goes_away(&mut chance))).collect();
            let outcomes = join_all(takers.into_iter().map(|(entry, leaves)| self.take(entry, leaves))).await;
            let winners: Vec<_> = listed.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()).collect();
            let reasons = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(|refused| &refused.reason);
            assert!(reasons.clone().all(|reason| reason == "NO_ROOM"), "{:?}", reasons.collect::<Vec<_>>());
            assert_eq!(winners.len(), usize::try_from(SEATS).unwrap(), "{season}: each seat has one winner");
            let leaver = winners.choose(&mut chance).expect("there are winners").0;
            let withdraw = asked(leaver.placement, "Withdraw", "2026-01-12");
            let withdraw = self.race.make_again("ministry-co", withdraw, patience(&mut chance));
            drop(tokio::join!(withdraw, self.race.run_due(LATE)));
            let refused = outcomes.len() - winners.len();
            let winners = winners.iter().map(|(entry, _)| entry.placement).collect();
            battles.push(Battle { season, winners, refused });
        }
        battles
    }

    /// A union selects somebody, and may go away once before it is answered.
    async fn take(&self, entry: &Entry, leaves: Option<Duration>) -> Result<Placement, Refused> {
        match leaves {
            None => self.race.select(entry).await,
            Some(patience) => self.race.make_again("union-es", selection(entry), patience).await,
        }
    }

    /// Faults, one after the other; each is mended, and then every figure has to be true again.
    async fn harm(&self, servers: &mut Servers, mut chance: ChaCha8Rng, end: Instant) -> BTreeMap<String, usize> {
        let started = Instant::now();
        let mut harmed = BTreeMap::new();
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(chance.random_range(500..4_000))).await;
            let (fault, lasts) = Fault::draw(&mut chance);
            println!("{:4} s {fault}", started.elapsed().as_secs());
            self.inflict((fault, lasts), servers).await;
            self.figures_are_true().await;
            assert_eq!(invariants::moves_off_the_table(&self.race.bench).await, Vec::<String>::new(), "after {fault}");
            *harmed.entry(fault.to_string()).or_default() += 1;
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
            // Who offers the work of the rounds.
            let wanted = wanted + usize::from(deed == Deed::Employer);
            assert_eq!(deed.done(&self.race.bench).await, i64::try_from(wanted).unwrap(), "{deed:?}");
        }
        join_all(deeds.iter().map(|(deed, number, id)| self.insist(*deed, (*number, id)))).await;
    }

    /// Every outbox is empty, every effect had, and what is parked is the poison that was strewn.
    async fn everything_has_arrived(&self, poison: usize) {
        let bench = &self.race.bench;
        for service in SERVICES {
            log::is_told(bench, service).await;
            let strewn = CONSUMERS.iter().any(|(reader, of)| *reader == service && of.contains(&"programme"));
            let wanted = if strewn { i64::try_from(poison).unwrap() } else { 0 };
            eventually("all poison is parked", async || {
                scalar(bench, service, "SELECT count(*) FROM parked").await.filter(|rows| *rows == wanted)
            })
            .await;
            let sound = scalar(bench, service, "SELECT count(*) FROM parked WHERE key NOT LIKE 'poison-%'").await;
            assert_eq!(sound, Some(0), "{service}: nothing else is parked");
        }
        for service in ["programme", "demand", "matching"] {
            log::is_whole(bench, service).await;
        }
        log::is_whole_and_in_order::<CandidateEnvelope>(bench, "candidate").await;
        log::is_whole_and_in_order::<PlacementEnvelope>(bench, "placement").await;
        for (service, topic) in [("placement", MatchingEvent::TOPIC), ("candidate", PlacementEnvelope::TOPIC)] {
            log::is_had_once(bench, service, topic).await;
        }
    }

    /// Who was told that they had the seat was selected, and nobody who was refused; no step of a placement is missing.
    async fn what_was_answered_is_so(&self, battles: &[Battle]) {
        for battle in battles {
            let placements = self.race.placements(&battle.season).await;
            assert_eq!(placements.len(), TAKERS, "{}: everybody is there", battle.season);
            for placement in placements {
                let selected = placement.steps.iter().filter(|step| step.event == "CandidateSelected").count();
                let won = battle.winners.iter().any(|winner| winner.to_string() == placement.id);
                assert_eq!(selected, usize::from(won), "{}: {} of {placement:?}", battle.season, placement.id);
                let versions: Vec<i64> = placement.steps.iter().map(|step| step.version).collect();
                assert_eq!(
                    versions,
                    (1..=placement.version).collect::<Vec<_>>(),
                    "{}: one step a version",
                    placement.id
                );
            }
        }
    }

    /// Folded anew from the start of every topic, each row of monitoring is what it was.
    async fn what_is_folded_anew_is_the_same(&self) {
        let bench = &self.race.bench;
        let fold = async || {
            let sums = sums(bench).await.into_iter();
            sums.filter(|(table, _)| table.starts_with("monitoring.")).collect::<BTreeMap<_, _>>()
        };
        let mut monitoring = self.processes["monitoring"].lock().await;
        monitoring.kill();
        let live = fold().await;
        assert!(live.values().filter(|sum| sum.is_some()).count() > 5, "{live:?}");
        let (service, tables) = PROJECTIONS[0];
        let forget = AssertSqlSafe(format!("TRUNCATE {}", tables.join(", ")));
        sqlx::raw_sql(forget).execute(&mut database(bench, service).await).await.unwrap();
        let reads = CONSUMERS.iter().filter(|(reader, _)| *reader == service).copied().collect::<Vec<_>>();
        log::forget_places(bench, &reads).await;
        monitoring.again();
        eventually("monitoring is what it was", async || (fold().await == live).then_some(())).await;
    }

    async fn personal_data_in_logs(&self) -> Vec<String> {
        let mut logs = Vec::new();
        for (service, process) in &self.processes {
            logs.push((*service, process.lock().await.log()));
        }
        invariants::personal_data_in_logs(&self.race.bench, &logs).await
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
}

/// A line that was fought for.
struct Battle {
    season: String,
    winners: Vec<Uuid>,
    refused: usize,
}

/// How long somebody waits for an answer: every moment of a call comes up, short ones as often as long ones.
fn patience(chance: &mut ChaCha8Rng) -> Duration {
    let most = 1_u64 << chance.random_range(8..17_u32);
    Duration::from_micros(chance.random_range(0..most))
}

/// One in four goes away, after so long.
fn goes_away(chance: &mut ChaCha8Rng) -> Option<Duration> {
    let patience = patience(chance);
    (chance.random_range(0..4) == 0).then_some(patience)
}

/// Makes a call and goes away after so long, answered or not.
async fn leave(patience: Duration, call: impl Future) {
    tokio::time::timeout(patience, call).await.ok();
}

/// True if the same command may be acknowledged when it is sent again: a service says that it may, or the connection ended
/// under the call. Of the latter the client makes one code or another: of a farewell that comes while a call is being put on
/// the connection it makes `Internal`. No service sent what has a source.
pub(super) fn passes(status: &Status) -> bool {
    use Code::{Cancelled, DeadlineExceeded, ResourceExhausted, Unavailable, Unknown};
    let code = matches!(status.code(), Cancelled | DeadlineExceeded | ResourceExhausted | Unavailable | Unknown);
    code || status.source().is_some()
}
