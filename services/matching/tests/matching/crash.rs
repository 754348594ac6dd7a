//! A round whose process is killed in the middle: the service as a process of its own.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use matching::NAME;
use platform::testing::{eventually, request_id};
use proto::matching::{self as wire, RoundState, matching_service_client::MatchingServiceClient};
use sqlx::{Connection, Executor, PgConnection};
use tonic::transport::Endpoint;
use uuid::Uuid;

use crate::{
    course::{ROWS_LEFT, begun, locked, reached},
    market::{self, ledger, line, line_id, person, registered},
    world::{Client, World},
};

/// Lines of the large market: three transactions of publishing.
const LINES: u128 = 450;

struct Process(Child);

impl Process {
    async fn start(world: &World) -> (Self, Client) {
        let config = world.bench.config(NAME).await;
        let free = || TcpListener::bind("127.0.0.1:0").and_then(|bound| bound.local_addr()).expect("a port");
        let (grpc, admin) = (free(), free());
        let database = world.bench.superuser_url(NAME).replace("//postgres@", &format!("//{NAME}@"));
        let child = Command::new(env!("CARGO_BIN_EXE_matching"))
            .env("CIRCULA__DATABASE__URL", database)
            .env("CIRCULA__KAFKA__BROKERS", &config.kafka.brokers)
            .env("CIRCULA__KAFKA__PREFIX", &config.kafka.prefix)
            .env("CIRCULA__KAFKA__PARTITIONS", config.kafka.partitions.to_string())
            .env("CIRCULA__IDENTITY__ISSUER", &config.identity.issuer)
            .env("CIRCULA__IDENTITY__JWKS_URL", &config.identity.jwks_url)
            .env("CIRCULA__GRPC_LISTEN", grpc.to_string())
            .env("CIRCULA__ADMIN_LISTEN", admin.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the service starts");
        let url = format!("http://{grpc}");
        let endpoint = Endpoint::from_shared(url).expect("an address");
        let channel = eventually("the process listens", async || endpoint.connect().await.ok()).await;
        (Self(child), MatchingServiceClient::new(channel))
    }

    /// Ends it as a failing machine does.
    fn kill(&mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it has ended");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_killed_while_it_is_stored_leaves_nothing_and_the_next_one_is_computed() {
    let (mut world, _) = World::start().await;
    market::tell(&world).await;
    world.stop().await;
    let (mut process, mut client) = Process::start(&world).await;
    let lock = locked(&world, "LOCK TABLE round_pair IN SHARE MODE").await;
    let id = begun(&world, &mut client, "ES").await;
    reached(&world, &client, (&id, "storing")).await;
    process.kill();
    lock.close().await.expect("the lock is given back");
    let (_process, mut client) = Process::start(&world).await;
    let lost = world.ended(&client, &id).await;
    assert_eq!((lost.state(), lost.version), (RoundState::Failed, 0));
    assert_eq!(lost.failure, "ended with the process; compute again");
    assert_eq!(world.number(ROWS_LEFT).await, 0);
    let next = world.computed(&mut client, "spring").await;
    assert_eq!((next.number, next.seats_filled), (2, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_starts_leaves_the_computations_of_another_alone() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let lock = locked(&world, "LOCK TABLE candidate IN ACCESS EXCLUSIVE MODE").await;
    let id = begun(&world, &mut client, "ES").await;
    reached(&world, &client, (&id, "reading")).await;
    let (_second, mut other) = Process::start(&world).await;
    // Longer than it takes to find that a process is gone.
    let age = "SELECT extract(epoch FROM clock_timestamp() - started_at)::bigint FROM round";
    eventually("the second has looked often enough", async || (world.number(age).await >= 12).then_some(())).await;
    assert_eq!(world.round(&mut other, &id).await.state(), RoundState::Computing);
    lock.close().await.expect("the lock is given back");
    let round = world.ended(&other, &id).await;
    assert_eq!((round.state(), round.seats_filled), (RoundState::Preview, 3), "{}", round.failure);
}

/// As many people as seats, one on each line.
async fn crowd(world: &World) {
    world.publish(market::programme()).await;
    let lines = (1..=LINES).map(|number| line(number, 1, "9211")).collect();
    world.publish(vec![market::order(market::ORDER, lines, 1)]).await;
    world.publish((1..=LINES).map(|number| ledger((line_id(number), 1, 0), &["CO-ES"], 1)).collect()).await;
    let crowd = (1..=LINES).map(|number| registered(person(0x1_0000 + number, "CO", ("9211", 10))));
    world.publish(crowd.collect()).await;
    market::programme_known(world).await;
    for (table, sql) in [
        ("candidate", "SELECT count(*) FROM candidate"),
        ("job_line", "SELECT count(*) FROM job_line"),
        ("line_ledger", "SELECT count(*) FROM line_ledger"),
    ] {
        world.knows(table, sql, i64::try_from(LINES).expect("a small number")).await;
    }
}

/// From now on the second transaction of a publication waits for a lock when all but its commit is done; held until the
/// connection is closed.
async fn halted(world: &World) -> PgConnection {
    world
        .execute(
            "CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF (SELECT count(*) FROM line_proposal) > 200 THEN PERFORM pg_advisory_xact_lock(42); END IF;
                 RETURN NULL;
             END $$",
        )
        .await;
    world.execute("CREATE TRIGGER halt AFTER INSERT ON line_proposal EXECUTE FUNCTION halt()").await;
    let mut halt = world.superuser().await;
    halt.execute("SELECT pg_advisory_lock(42)").await.expect("the lock");
    halt
}

/// Waits until a publication hangs on the lock of [`halted`].
async fn waits(world: &World) {
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted";
    eventually("it waits in its second part", async || (world.number(waiting).await == 1).then_some(())).await;
}

/// Each line and each person of the crowd was proposed once.
async fn each_once(world: &World) {
    let mut lines: Vec<Uuid> = Vec::new();
    let mut people: Vec<Uuid> = Vec::new();
    for proposal in world.proposals().await {
        lines.push(proposal.line_id.parse().expect("an id"));
        people.extend(proposal.entries.iter().map(|entry| entry.candidate_id.parse::<Uuid>().expect("an id")));
    }
    let all = usize::try_from(LINES).expect("a small number");
    assert_eq!((lines.len(), people.len()), (all, all));
    for ids in [&mut lines, &mut people] {
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "each once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_killed_while_it_goes_out_goes_on_and_proposes_nothing_twice() {
    let (mut world, _) = World::start().await;
    crowd(&world).await;
    world.stop().await;
    let halt = halted(&world).await;
    let (mut process, mut client) = Process::start(&world).await;
    let round = world.computed(&mut client, "spring").await;
    let request =
        wire::PublishRoundRequest { round_id: round.id.clone(), request_id: request_id(), expected_version: 0 };
    let (mut other, call) = (client.clone(), world.bench.call("operator", request));
    let publishing = tokio::spawn(async move { other.publish_round(call).await });
    waits(&world).await;
    process.kill();
    publishing.await.expect("no panic").expect_err("nobody answered");
    halt.close().await.expect("the lock is given back");

    let (_process, mut client) = Process::start(&world).await;
    let left = world.round(&mut client, &round.id).await;
    assert_eq!((left.state(), left.percent), (RoundState::Publishing, 44));
    assert_eq!(world.proposals().await.len(), 200, "the part that was complete");
    let published = world.published(&mut client, &round.id).await;
    assert_eq!((published.state(), published.version), (RoundState::Published, 2));
    each_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_its_database_cuts_off_while_it_goes_out_goes_on_by_itself() {
    let (world, mut client) = World::start().await;
    crowd(&world).await;
    let halt = halted(&world).await;
    let round = world.computed(&mut client, "spring").await;
    let publishing = async {
        waits(&world).await;
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks
                   WHERE locktype = 'advisory' AND objid = 42 AND NOT granted";
        world.execute(cut).await;
        halt.close().await.expect("the lock is given back");
    };
    let mut caller = client.clone();
    let (published, ()) = tokio::join!(world.published(&mut caller, &round.id), publishing);
    assert_eq!((published.state(), published.version), (RoundState::Published, 2));
    each_once(&world).await;
}
