//! How long it takes from the answer to a move until the figures of monitoring know it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    load::{AsyncCaller, Run, Serials, paced},
    placements::{Caller, callers, placement},
    process::Process,
    stage::Stage,
    table::{Aim, Table},
};

/// How many may be under way at once.
const CALLERS: usize = 32;
/// How often monitoring's database is looked at: what is measured is at most so much too long.
const LOOK: Duration = Duration::from_millis(3);

pub(crate) async fn measure(
    table: &mut Table,
    (stage, process): (&Stage, &Process),
    (rate, lasts): (f64, Duration),
    serials: &Serials,
) {
    let monitoring = stage.start("monitoring").await;
    stage.told("placement").await;
    let (folded, there) = ("SELECT sum(version)::bigint FROM placement", count(stage).await);
    stage.counted("monitoring", folded, there).await;
    let (told, acknowledged) = mpsc::unbounded_channel();
    let looking = tokio::spawn(look(stage.database("monitoring").await, acknowledged));
    let callers: Vec<Telling> = callers(stage, process, CALLERS)
        .await
        .into_iter()
        .map(|caller| Telling { caller, told: told.clone() })
        .collect();
    drop(told);
    let began = Instant::now();
    paced(&callers, (rate, lasts), serials).await;
    let made = began.elapsed();
    drop(callers);
    let run = Run::new(looking.await.unwrap(), made);
    let note = format!("p50 {:.0} ms, at {:.0} moves a second for {} s", run.within(0.5), run.rate, lasts.as_secs());
    table.add(
        ("acknowledged move → figure in monitoring, p99", "ms"),
        (run.within(0.99), None),
        Aim::Most(250.0),
        note,
    );
    let memory = monitoring.memory() as f64 / 1024.0;
    table.add(("memory of monitoring after it", "MiB"), (memory, None), Aim::None, "");
}

/// A caller who says which placement was acknowledged, and when.
#[derive(Clone)]
struct Telling {
    caller: Caller,
    told: mpsc::UnboundedSender<(Uuid, Instant)>,
}

impl AsyncCaller for Telling {
    async fn call(&mut self, serial: usize) {
        self.caller.call(serial).await;
        self.told.send((placement(serial), Instant::now())).unwrap();
    }
}

async fn count(stage: &Stage) -> i64 {
    let mut database = stage.database("placement").await;
    sqlx::query_scalar("SELECT sum(version)::bigint FROM placement").fetch_one(&mut database).await.unwrap()
}

/// Looks for what was acknowledged until all of it is there; answers how long each took, seconds.
async fn look(
    mut database: sqlx::PgConnection,
    mut acknowledged: mpsc::UnboundedReceiver<(Uuid, Instant)>,
) -> Vec<f64> {
    let mut waiting: HashMap<Uuid, Instant> = HashMap::new();
    let (mut times, mut open) = (Vec::new(), true);
    while open || !waiting.is_empty() {
        loop {
            match acknowledged.try_recv() {
                Ok((id, at)) => {
                    waiting.insert(id, at);
                }
                Err(mpsc::error::TryRecvError::Empty) => break,
                Err(mpsc::error::TryRecvError::Disconnected) => {
                    open = false;
                    break;
                }
            }
        }
        let ids: Vec<Uuid> = waiting.keys().copied().collect();
        let there: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM placement WHERE id = ANY($1) AND version >= 2")
            .bind(&ids)
            .fetch_all(&mut database)
            .await
            .unwrap();
        let now = Instant::now();
        times.extend(there.iter().filter_map(|id| waiting.remove(id)).map(|at| (now - at).as_secs_f64()));
        tokio::time::sleep(LOOK).await;
    }
    times
}
