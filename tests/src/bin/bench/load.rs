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

/// Something that makes one call after the other.
pub(crate) trait AsyncCaller {
    /// Makes the call with this serial number.
    fn call(&mut self, serial: usize) -> impl Future<Output = ()> + Send;
}
