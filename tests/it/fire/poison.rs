//! Events whose handler fails, panics or takes too long whenever they come: each is parked with the later ones of its key, the
//! rest flows, the depth is a figure, and once the cause is mended a command replays them in order. The handler is a test's own;
//! consumer, door and figures are those of every service. A replay of one that takes too long ends before its call.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use platform::{
    Chassis, Clock, Context, Error, Fault, Handler, Received,
    service::Bound,
    telemetry,
    testing::{Bench, eventually, request_id},
};
use proto::{
    operation::{ReplayParkedKeyRequest, ReplayParkedKeyResponse, operation_service_client::OperationServiceClient},
    programme::ProgrammeEvent,
};
use sqlx::{PgConnection, migrate::Migrator};
use tonic::{service::Routes, transport::Channel};
use uuid::Uuid;

use super::{Deed, Writer, database, organisation, scalar, users};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Fails,
    Panics,
    TakesTooLong,
    /// Fails with a reason that the database cannot hold.
    SaysNul,
}

/// What the handler had its effect of, by key, in order.
type Applied = Arc<Mutex<BTreeMap<String, Vec<i64>>>>;

/// Has trouble with version 2 of the poisoned key until it is mended.
struct Fragile {
    trouble: Trouble,
    poisoned: String,
    mended: Arc<AtomicBool>,
    applied: Applied,
}

#[tonic::async_trait]
impl Handler for Fragile {
    type Event = ProgrammeEvent;
    const EFFECTS: bool = true;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<ProgrammeEvent>]) -> Result<(), Fault> {
        let poison = |event: &Received<ProgrammeEvent>| event.head.id == self.poisoned && event.head.version == 2;
        if events.iter().any(poison) && !self.mended.load(Ordering::SeqCst) {
            match self.trouble {
                Trouble::Fails => return Err(Error::Internal("IT_IS_BROKEN".to_owned()).into()),
                Trouble::Panics => panic!("on purpose"),
                Trouble::SaysNul => return Err(Fault::Permanent("IT_IS\0BROKEN".to_owned())),
                Trouble::TakesTooLong => sqlx::query("SELECT pg_sleep(60)").execute(tx).await.map(drop)?,
            }
        }
        let mut applied = self.applied.lock().unwrap();
        for event in events {
            applied.entry(event.head.id.clone()).or_default().push(event.head.version);
        }
        Ok(())
    }
}

struct Service {
    bench: Bench,
    name: &'static str,
    poisoned: String,
    mended: Arc<AtomicBool>,
    applied: Applied,
    bound: Bound,
}

impl Service {
    async fn start(name: &'static str, trouble: Trouble) -> Self {
        Self::allowing(name, trouble, Duration::from_secs(1)).await
    }

    /// One in which a statement may take so long.
    async fn allowing(name: &'static str, trouble: Trouble, statement: Duration) -> Self {
        // Figures are counted once in a process, whoever comes first.
        static COUNTING: OnceLock<()> = OnceLock::new();
        COUNTING.get_or_init(|| telemetry::install("it", "off").unwrap());
        let bench = Bench::new(users()).await;
        let mut config = bench.config(name).await;
        config.database.statement_timeout_ms = statement.as_millis().try_into().unwrap();
        let (tell, told) = tokio::sync::oneshot::channel();
        let context = Context { clock: Clock::wall(), shutdown: bench.shutdown.clone(), bound: Some(tell) };
        let migrator = Migrator::with_migrations(Vec::new());
        let (mended, applied) = (Arc::new(AtomicBool::new(false)), Applied::default());
        let poisoned = Uuid::from_u128(41).to_string();
        let handler = Fragile { trouble, poisoned: poisoned.clone(), mended: mended.clone(), applied: applied.clone() };
        let chassis = Chassis::start(name, config, &migrator, context).await.unwrap().consuming(handler);
        tokio::spawn(chassis.serve(Routes::default()));
        Self { bench, name, poisoned, mended, applied, bound: told.await.unwrap() }
    }

    fn applied(&self, key: &str) -> Vec<i64> {
        self.applied.lock().unwrap().get(key).cloned().unwrap_or_default()
    }

    /// The depth as a watcher sees it.
    async fn depth(&self) -> Option<f64> {
        let text = reqwest::get(format!("http://{}/metrics", self.bound.admin)).await.ok()?.text().await.ok()?;
        let of_service = format!("circula_parked_events{{service=\"{}\"}} ", self.name);
        text.lines().find_map(|line| line.strip_prefix(&of_service)?.parse().ok())
    }

    async fn replay(&self) -> ReplayParkedKeyResponse {
        self.replay_within(Duration::from_secs(30)).await
    }

    fn consumer(&self) -> String {
        platform::consumer::group(self.name, &Deed::Organisation.topic())
    }

    async fn replay_within(&self, limit: Duration) -> ReplayParkedKeyResponse {
        let channel = Channel::from_shared(format!("http://{}", self.bound.grpc)).unwrap().connect().await.unwrap();
        let request = ReplayParkedKeyRequest {
            service: self.name.to_owned(),
            consumer: self.consumer(),
            key: self.poisoned.clone(),
            request_id: request_id(),
        };
        let mut call = self.bench.call("operator", request);
        call.set_timeout(limit);
        OperationServiceClient::new(channel).replay_parked_key(call).await.unwrap().into_inner()
    }
}

/// Writes a poisoned key between healthy ones, and follows it until it flows again.
async fn is_parked_by_key_and_replayed_in_order(name: &'static str, trouble: Trouble, reason: &str) {
    let service = Service::start(name, trouble).await;
    let writer = Writer::new(&service.bench, &Deed::Organisation.topic());
    let healthy: Vec<String> = (0..12).map(|number| Uuid::from_u128(50 + number).to_string()).collect();
    let write = async |key: &str, version: i64| {
        writer.write(key, Uuid::now_v7(), &organisation(key, version)).await;
    };
    for version in 1..=4 {
        for key in &healthy {
            write(key, version).await;
        }
        write(&service.poisoned, version).await;
    }
    eventually("the other keys flow", async || {
        healthy.iter().all(|key| service.applied(key).last() == Some(&4)).then_some(())
    })
    .await;
    eventually("what is poisoned is parked with what comes behind it, and counted", async || {
        (service.depth().await == Some(3.0)).then_some(())
    })
    .await;
    assert_eq!(service.applied(&service.poisoned), [1], "what came before it had its effect");

    let stuck = service.replay().await;
    assert_eq!((stuck.replayed, stuck.remaining), (0, 3), "nothing is mended yet");
    assert!(stuck.reason.starts_with(reason), "{}", stuck.reason);
    service.mended.store(true, Ordering::SeqCst);
    let done = service.replay().await;
    assert_eq!((done.replayed, done.remaining, done.reason.as_str()), (3, 0, ""));
    assert_eq!(service.applied(&service.poisoned), [1, 2, 3, 4], "in order, each once");
    assert_eq!(service.depth().await, Some(0.0));
    write(&service.poisoned, 5).await;
    eventually("the key flows again", async || (service.applied(&service.poisoned) == [1, 2, 3, 4, 5]).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_always_fails_is_parked_by_key_the_rest_flows_and_a_command_replays_it_in_order() {
    is_parked_by_key_and_replayed_in_order("fragile_failing", Trouble::Fails, "IT_IS_BROKEN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_always_panics_is_parked_by_key_the_rest_flows_and_a_command_replays_it_in_order() {
    is_parked_by_key_and_replayed_in_order("fragile_panicking", Trouble::Panics, "PANICKED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_always_takes_too_long_is_parked_by_key_the_rest_flows_and_a_command_replays_it_in_order() {
    is_parked_by_key_and_replayed_in_order("fragile_late", Trouble::TakesTooLong, "TOO_LATE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_nul_in_its_reason_is_parked_by_key_the_rest_flows_and_a_command_replays_it_in_order() {
    is_parked_by_key_and_replayed_in_order("fragile_nul_reason", Trouble::SaysNul, "IT_IS\u{fffd}BROKEN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_nul_in_its_key_or_a_key_without_end_is_parked_and_the_rest_flows() {
    let service = Service::start("fragile_nul_key", Trouble::Fails).await;
    let writer = Writer::new(&service.bench, &Deed::Organisation.topic());
    let endless: String = (0..4_000).map(|_| Uuid::now_v7().to_string()).collect();
    for key in ["a\0b", endless.as_str()] {
        writer.write(key, Uuid::now_v7(), b"\xFF\xFF not an event").await;
    }
    let healthy: Vec<String> = (0..12).map(|number| Uuid::from_u128(50 + number).to_string()).collect();
    for key in &healthy {
        writer.write(key, Uuid::now_v7(), &organisation(key, 1)).await;
    }
    eventually("the other keys flow", async || healthy.iter().all(|key| service.applied(key) == [1]).then_some(()))
        .await;
    eventually("both are parked", async || (service.depth().await == Some(2.0)).then_some(())).await;
    let parked: Vec<String> = sqlx::query_scalar("SELECT key FROM parked ORDER BY length(key)")
        .fetch_all(&mut database(&service.bench, service.name).await)
        .await
        .unwrap();
    assert_eq!(parked[0], "a\u{fffd}b");
    assert!(endless.starts_with(&parked[1]) && parked[1].len() == 500, "{}", parked[1]);
}

/// As long as a statement may take, the call may not: it says how far it came, and the rest of a batch does not wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_that_takes_too_long_answers_within_its_call_and_other_keys_do_not_wait_for_it() {
    let service = Service::allowing("fragile_replayed", Trouble::TakesTooLong, Duration::from_secs(60)).await;
    let (bench, name) = (&service.bench, service.name);
    // Put there by hand: to be late six times would take minutes.
    sqlx::query(
        "INSERT INTO parked (consumer, key, topic, partition, message_offset, event_id, payload, reason)
         VALUES ($1, $2, 'by hand', 0, 0, $3, $4, 'TOO_LATE')",
    )
    .bind(service.consumer())
    .bind(&service.poisoned)
    .bind(Uuid::now_v7())
    .bind(organisation(&service.poisoned, 2))
    .execute(&mut database(bench, name).await)
    .await
    .unwrap();
    let sleeping = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep%'";
    let healthy: Vec<String> = (0..12).map(|number| Uuid::from_u128(50 + number).to_string()).collect();
    let writer = Writer::new(bench, &Deed::Organisation.topic());
    let first = Uuid::from_u128(49).to_string();
    writer.write(&first, Uuid::now_v7(), &organisation(&first, 1)).await;
    eventually("the consumer is there", async || (service.applied(&first) == [1]).then_some(())).await;
    let meanwhile = async {
        eventually("the replay is under way", async || (scalar(bench, name, sleeping).await? == 1).then_some(())).await;
        writer.write(&service.poisoned, Uuid::now_v7(), &organisation(&service.poisoned, 3)).await;
        for key in &healthy {
            writer.write(key, Uuid::now_v7(), &organisation(key, 1)).await;
        }
        eventually("the other keys flow, and what comes behind it is parked", async || {
            let flows = healthy.iter().all(|key| service.applied(key) == [1]);
            (flows && scalar(bench, name, "SELECT count(*) FROM parked").await? == 2).then_some(())
        })
        .await;
        assert_eq!(scalar(bench, name, sleeping).await, Some(1), "nobody waited for the replay to end");
    };
    let (stuck, ()) = tokio::join!(service.replay_within(Duration::from_secs(27)), meanwhile);
    assert_eq!((stuck.replayed, stuck.remaining), (0, 2));
    assert!(stuck.reason.starts_with("TOO_LATE"), "{}", stuck.reason);
    service.mended.store(true, Ordering::SeqCst);
    let done = service.replay().await;
    assert_eq!((done.replayed, done.remaining, done.reason.as_str()), (2, 0, ""));
    assert_eq!(service.applied(&service.poisoned), [2, 3], "in order, each once");
}
