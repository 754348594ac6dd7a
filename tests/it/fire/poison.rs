//! Events whose handler fails, panics or takes too long whenever they come: each is parked with the later ones of its key, the
//! rest flows, the depth is a figure, and once the cause is mended a command replays them in order. The handler is a test's own;
//! consumer, door and figures are those of every service.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
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

use super::{Deed, Writer, organisation, users};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Fails,
    Panics,
    TakesTooLong,
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
        // Figures are counted once in a process, whoever comes first.
        static COUNTING: OnceLock<()> = OnceLock::new();
        COUNTING.get_or_init(|| telemetry::install("it", "off").unwrap());
        let bench = Bench::new(users()).await;
        let mut config = bench.config(name).await;
        config.database.statement_timeout_ms = 1_000;
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
        let channel = Channel::from_shared(format!("http://{}", self.bound.grpc)).unwrap().connect().await.unwrap();
        let request = ReplayParkedKeyRequest {
            service: self.name.to_owned(),
            consumer: platform::consumer::group(self.name, &Deed::Organisation.topic()),
            key: self.poisoned.clone(),
            request_id: request_id(),
        };
        let call = self.bench.call("operator", request);
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
