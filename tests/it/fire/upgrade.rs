//! Upgrades: builds side by side while the schema grows and shrinks under load, and builds that a schema does not fit.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use cli::cast;
use futures::future::join_all;
use platform::testing::{Bench, eventually, request_id};
use proto::{
    Event,
    demand::DemandEvent,
    placement::{Move, MovePlacementRequest, PlacementEnvelope, placement_service_client::PlacementServiceClient},
    programme::ProgrammeEvent,
};
use tokio::time::{MissedTickBehavior, interval};
use tonic::{Status, transport::Channel};

use super::{
    Deed, chaos,
    ledgers::{
        entries,
        race::{Entry, Race, asked},
    },
    log, only, scalar, users, verified,
};
use crate::process::{Prepared, Process};

/// Who calls at once.
const CALLERS: usize = 6;
/// Commands acknowledged before an upgrade goes on to its next step.
const STEP: u32 = 40;
/// From one command of a caller to his next, at least. Callers as fast as they can use up whatever there is to be moved before
/// a machine with much else to do is through with an upgrade: at this pace there is enough for a hundred seconds and more.
const PACE: Duration = Duration::from_millis(150);

/// What a later build does to one table: first it adds, then, once nobody needs it any more, it takes away.
struct Change {
    service: &'static str,
    table: &'static str,
    expand: &'static str,
    contract: &'static str,
}

/// Each holds its table for a moment, as a large one would be held.
const PROGRAMME: Change = Change {
    service: "programme",
    table: "organisation",
    expand: "ALTER TABLE organisation ADD COLUMN motto text NOT NULL DEFAULT '';
             CREATE INDEX organisation_motto ON organisation (motto);
             SELECT set_config('circula.reach', 'system', true);
             UPDATE organisation SET motto = name;
             SELECT pg_sleep(1);",
    contract: "UPDATE schema_floor SET oldest = 9001;
               ALTER TABLE organisation DROP COLUMN motto;
               SELECT pg_sleep(1);",
};
/// Rows of this service come whole from one value, so what is new may be null.
const DEMAND: Change = Change {
    service: "demand",
    table: "employer",
    expand: "ALTER TABLE employer ADD COLUMN motto text;
             CREATE INDEX employer_motto ON employer (motto);
             SELECT set_config('circula.reach', 'system', true);
             UPDATE employer SET motto = name;
             SELECT pg_sleep(1);",
    contract: "UPDATE schema_floor SET oldest = 9001;
               ALTER TABLE employer DROP COLUMN motto;
               SELECT pg_sleep(1);",
};
const PLACEMENT: Change = Change {
    service: "placement",
    table: "placement",
    expand: "ALTER TABLE placement ADD COLUMN motto text NOT NULL DEFAULT '';
             CREATE INDEX placement_motto ON placement (motto);
             SELECT set_config('circula.reach', 'system', true);
             UPDATE placement SET motto = season_code;
             SELECT pg_sleep(1);",
    contract: "UPDATE schema_floor SET oldest = 9001;
               ALTER TABLE placement DROP COLUMN motto;
               SELECT pg_sleep(1);",
};

/// A folder with migrations of builds to come.
fn tomorrow(migrations: &[(i64, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, sql) in migrations {
        std::fs::write(folder.path().join(format!("{number:04}_tomorrow.sql")), sql).unwrap();
    }
    folder
}

fn text(folder: &tempfile::TempDir) -> String {
    folder.path().to_str().unwrap().to_owned()
}

/// Callers of all builds that take calls, by turns, for as long as an upgrade lasts.
#[derive(Default)]
struct Load {
    builds: Mutex<Vec<Channel>>,
    begun: AtomicU32,
    acknowledged: AtomicU32,
    /// Milliseconds that the slowest command took.
    slowest: AtomicU64,
    /// A build is being stopped. A call that its end cut off is made again elsewhere, with the same request id.
    stopping: AtomicBool,
    over: AtomicBool,
}

impl Load {
    fn builds(&self) -> std::sync::MutexGuard<'_, Vec<Channel>> {
        self.builds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build(&self, turn: u32) -> Channel {
        let builds = self.builds();
        builds[turn as usize % builds.len()].clone()
    }

    /// Each command is given twice, under one request id, to builds side by side: what one has answered the other knows.
    async fn call(&self, command: &impl AsyncFn(Channel, u32, String) -> Result<(), Status>) {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.over.load(SeqCst) {
            pace.tick().await;
            let number = self.begun.fetch_add(1, SeqCst) + 1;
            let (id, began) = (request_id(), Instant::now());
            let mut turn = number;
            for _ in 0..2 {
                eventually("a command is acknowledged", async || {
                    turn += 1;
                    match command(self.build(turn), number, id.clone()).await {
                        Ok(()) => Some(()),
                        Err(status) if self.stopping.load(SeqCst) && chaos::passes(&status) => None,
                        Err(status) => panic!("command {number} failed: {status}"),
                    }
                })
                .await;
            }
            self.acknowledged.fetch_add(1, SeqCst);
            self.slowest.fetch_max(u64::try_from(began.elapsed().as_millis()).unwrap(), SeqCst);
        }
    }

    /// Waits until so many more commands were acknowledged.
    async fn goes_on(&self) {
        let wanted = self.acknowledged.load(SeqCst) + STEP;
        eventually("commands go on", async || (self.acknowledged.load(SeqCst) >= wanted).then_some(())).await;
    }

    /// Commands were under way while the migration held its table: they waited for it.
    async fn was_felt(&self) {
        eventually("a command has waited for the migration", async || (self.slowest.load(SeqCst) >= 500).then_some(()))
            .await;
    }

    /// SIGTERM, with callers who do not know that it comes.
    async fn stop(&self, mut old: Process) {
        self.stopping.store(true, SeqCst);
        old.signal("-TERM");
        assert!(old.ended().await.success(), "{}", old.log());
        self.builds().remove(0);
        self.goes_on().await;
        self.stopping.store(false, SeqCst);
    }

    /// Old; old and new while the schema grows; new; new and newest while it shrinks. Answers how many were acknowledged.
    async fn roll(
        &self,
        bench: &Bench,
        (change, old): (&Change, Process),
        command: impl AsyncFn(Channel, u32, String) -> Result<(), Status>,
    ) -> u32 {
        let &Change { service, table, expand, contract } = change;
        let (more, less) = (tomorrow(&[(9001, expand)]), tomorrow(&[(9001, expand), (9002, contract)]));
        // Before the load begins: databases are made one at a time for all tests, and this one may have to wait for its turn.
        let config = bench.config(service).await;
        let next = |folder: &_| Prepared::new(&config, service).start(&[("CIRCULA_TEST_MIGRATIONS", &text(folder))]);
        let channel = old.channel().await;
        self.builds().push(channel);
        let upgrade = async {
            self.goes_on().await;
            self.slowest.store(0, SeqCst);
            let new = next(&more);
            let channel = new.channel().await;
            assert!(has_motto(bench, service, table).await, "the schema grew meanwhile");
            self.was_felt().await;
            self.builds().push(channel);
            self.goes_on().await;
            self.stop(old).await;
            self.slowest.store(0, SeqCst);
            let newest = next(&less);
            let channel = newest.channel().await;
            assert!(!has_motto(bench, service, table).await, "the schema shrank meanwhile");
            self.was_felt().await;
            self.builds().push(channel);
            self.goes_on().await;
            self.stop(new).await;
            self.over.store(true, SeqCst);
            newest
        };
        let callers = join_all((0..CALLERS).map(|_| self.call(&command)));
        let (newest, _) = tokio::join!(upgrade, callers);
        // Now that what it needs is gone, the oldest build does not come back, and says why.
        let mut oldest = Process::start(bench, service).await;
        assert!(!oldest.ended().await.success());
        assert!(oldest.log().contains("it needs a build that knows migration 9001"), "{}", oldest.log());
        log::is_told(bench, service).await;
        verified::figures_are_true(bench, &[(service, &newest)]).await;
        drop(newest);
        self.acknowledged.load(SeqCst)
    }
}

async fn has_motto(bench: &Bench, service: &str, table: &str) -> bool {
    let sql = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'motto' AND table_name = $1";
    let found: i64 =
        sqlx::query_scalar(sql).bind(table).fetch_one(&mut super::database(bench, service).await).await.unwrap();
    found == 1
}

/// A load of one deed: everything acknowledged is there once, with its event once and in order.
async fn rolls<E: Event>(change: &Change, deed: Deed) {
    let bench = Bench::new(users()).await;
    let old = Process::start(&bench, change.service).await;
    let command = async |channel: Channel, number: u32, id: String| deed.try_on(&bench, channel, (number, &id)).await;
    let done = Load::default().roll(&bench, (change, old), command).await;
    assert!(done >= 5 * STEP, "{done} commands are no load");
    assert_eq!(deed.done(&bench).await, i64::from(done), "each is done once");
    log::is_whole_and_in_order::<E>(&bench, change.service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn organisations_are_registered_by_old_and_new_while_the_schema_grows_and_shrinks_and_no_command_fails() {
    rolls::<ProgrammeEvent>(&PROGRAMME, Deed::Organisation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn employers_are_registered_by_old_and_new_while_the_schema_grows_and_shrinks_and_no_command_fails() {
    rolls::<DemandEvent>(&DEMAND, Deed::Employer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn placements_are_moved_by_old_and_new_while_the_schema_grows_and_shrinks_and_no_command_fails() {
    const PEOPLE: usize = 4_000;
    let bench = Bench::new(cast::users()).await;
    let old = Process::start(&bench, "placement").await;
    let race = Race::at(bench, chaos::session(&only(&old))).await;
    let quota = race.quota("CO-ES", "upgrade", 100_000).await;
    let lines = race.lines("upgrade", (4, 1_000), &["CO"]).await;
    let people = entries(PEOPLE, quota, |_| 0);
    for (line, people) in lines.iter().zip(people.chunks(PEOPLE / lines.len())) {
        for some in people.chunks(200) {
            race.propose(line, some).await;
        }
    }
    // Some after some: a busy machine takes its time for all of them together.
    for some in people.chunks(200) {
        race.answered(some).await;
    }

    let select = async |channel: Channel, number: u32, request_id: String| {
        let person: &Entry = people.get(number as usize).expect("there are people enough");
        let asked: Move = asked(person.placement, "Select", "2026-01-12");
        let request =
            MovePlacementRequest { placement_id: asked.placement_id.clone(), r#move: Some(asked), request_id };
        let moved = PlacementServiceClient::new(channel).move_placement(race.bench.call("union-es", request)).await?;
        assert_eq!(moved.into_inner().version, 2, "the answer of the first time");
        Ok(())
    };
    let done = Load::default().roll(&race.bench, (&PLACEMENT, old), select).await;
    assert!(done >= 5 * STEP, "{done} commands are no load");
    let chosen = "SELECT count(*) FROM placement WHERE version = 2";
    assert_eq!(scalar(&race.bench, "placement", chosen).await, Some(i64::from(done)), "each is moved once");
    race.ledgers_add_up("upgrade").await;
    race.history_is_sound();
    log::is_whole_and_in_order::<PlacementEnvelope>(&race.bench, "placement").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_cannot_run_on_a_schema_says_why_not() {
    let bench = Bench::new(users()).await;
    let less =
        tomorrow(&[(9002, "UPDATE schema_floor SET oldest = 9002; ALTER TABLE organisation DROP COLUMN country;")]);
    let new = Process::start_with(&bench, "programme", &[("CIRCULA_TEST_MIGRATIONS", &text(&less))]).await;
    new.channel().await;
    drop(new);
    let mut old = Process::start(&bench, "programme").await;
    assert!(!old.ended().await.success());
    let log = old.log();
    assert!(log.contains("it needs a build that knows migration 9002"), "{log}");

    let unfinished = Bench::new(users()).await;
    let mut early = Process::start_with(&unfinished, "programme", &[("CIRCULA__DATABASE__MIGRATE", "false")]).await;
    assert!(!early.ended().await.success());
    let log = early.log();
    assert!(log.contains("start once with database.migrate=true"), "{log}");
}
