//! Callers: as fast as they can, or at a given rate.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// What a run came to.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Done in a second.
    pub(crate) rate: f64,
    /// How long each took, seconds, ascending.
    pub(crate) times: Vec<f64>,
}

impl Run {
    pub(crate) fn new(mut times: Vec<f64>, lasted: Duration) -> Self {
        times.sort_by(f64::total_cmp);
        Self { rate: times.len() as f64 / lasted.as_secs_f64(), times }
    }

    /// Milliseconds within which this share was done.
    pub(crate) fn within(&self, share: f64) -> f64 {
        let place = (self.times.len() as f64 * share) as usize;
        self.times.get(place.min(self.times.len().saturating_sub(1))).map_or(f64::NAN, |seconds| seconds * 1000.0)
    }
}

/// `p50 1.0, p99 2.0 ms`, each the median over runs.
pub(crate) fn percentiles(runs: &[Run]) -> String {
    let of = |share: f64| crate::table::median(runs.iter().map(|run| run.within(share)).collect());
    format!("p50 {:.1}, p99 {:.1} ms", of(0.5), of(0.99))
}

/// Serial numbers that no two callers share, up to a last one.
#[derive(Clone)]
pub(crate) struct Serials(Arc<AtomicUsize>, usize);

impl Serials {
    pub(crate) fn new(many: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(0)), many)
    }

    pub(crate) fn next(&self) -> Option<usize> {
        let next = self.0.fetch_add(1, Ordering::Relaxed);
        (next < self.1).then_some(next)
    }
}

/// These callers, each calling again as soon as it is answered, for a time.
pub(crate) async fn closed<C>(callers: Vec<C>, lasts: Duration, serials: &Serials) -> Run
where
    C: AsyncCaller + Send + 'static,
{
    let started = Instant::now();
    let tasks: Vec<_> = callers
        .into_iter()
        .map(|mut caller| {
            let serials = serials.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                while started.elapsed() < lasts
                    && let Some(serial) = serials.next()
                {
                    let began = Instant::now();
                    caller.call(serial).await;
                    times.push(began.elapsed().as_secs_f64());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    Run::new(times, started.elapsed())
}

/// These callers in turn, so many calls a second whatever the last one takes, for a time.
pub(crate) async fn paced<C>(callers: &[C], (rate, lasts): (f64, Duration), serials: &Serials) -> Run
where
    C: AsyncCaller + Clone + Send + 'static,
{
    let began = Instant::now();
    let mut calls = Vec::new();
    for number in 0.. {
        let due = Duration::from_secs_f64(f64::from(number) / rate);
        tokio::time::sleep_until((began + due).into()).await;
        let Some(serial) = serials.next().filter(|_| due < lasts) else { break };
        let mut caller = callers[serial % callers.len()].clone();
        calls.push(tokio::spawn(async move {
            // From when it was due: a call that waits for its turn is a slow one.
            caller.call(serial).await;
            (began + due).elapsed().as_secs_f64()
        }));
    }
    let mut times = Vec::new();
    for call in calls {
        times.push(call.await.unwrap());
    }
    Run::new(times, began.elapsed())
}

/// Something that makes one call after the other.
pub(crate) trait AsyncCaller {
    /// Makes the call with this serial number.
    fn call(&mut self, serial: usize) -> impl Future<Output = ()> + Send;
}
