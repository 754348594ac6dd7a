//! How far a computation is: told to the round's row and to the log while it works, and stopped once the round was thrown
//! away. The row is all that the two sides share, so whoever ends a round need not know where it is computed.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use platform::{Error, Reach};
use proto::ids::RoundId;
use solver::{Progress, Stopped, Watch};

use super::Service;
use crate::store::round::{self as store, Found};

/// How often the row is told, and looked at.
const BEAT: Duration = Duration::from_millis(250);
/// How often the log is told while nothing but figures changes.
const LOG: Duration = Duration::from_secs(10);

/// What a computation is at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Another round is computed in this process.
    #[default]
    Waiting,
    /// Rows become the snapshot.
    Reading,
    /// Lines and people become a market.
    Market,
    /// The solver reads the pairs.
    Pairs,
    /// Seats are given, quotas aside.
    Seats,
    /// Prices of quotas are found, and plans within them.
    Quotas,
    /// The plan is verified.
    Checking,
    /// Plan and explanations are written.
    Storing,
}

impl Phase {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Reading => "reading",
            Self::Market => "market",
            Self::Pairs => "pairs",
            Self::Seats => "seats",
            Self::Quotas => "quotas",
            Self::Checking => "checking",
            Self::Storing => "storing",
        }
    }

    /// From which to which percent of the whole it goes, as large seasons were measured.
    const fn share(self) -> (u32, u32) {
        match self {
            Self::Waiting => (0, 0),
            Self::Reading => (0, 10),
            Self::Market => (10, 15),
            Self::Pairs => (15, 20),
            Self::Seats => (20, 30),
            Self::Quotas => (30, 70),
            Self::Checking => (70, 80),
            Self::Storing => (80, 100),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct At {
    phase: Phase,
    permille: u32,
    found: Found,
}

impl At {
    fn percent(self) -> i32 {
        let (from, until) = self.phase.share();
        i32::try_from(from + (until - from) * self.permille.min(1000) / 1000).unwrap_or(100)
    }
}

/// The course of one computation. Clones are the same course.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    at: Arc<Mutex<At>>,
    ended: Arc<AtomicBool>,
}

impl Course {
    /// Notes where the work is, unless it is to stop.
    pub(super) fn reach(&self, phase: Phase, (done, of): (usize, usize)) -> Result<(), Stopped> {
        let permille = (done * 1000).checked_div(of).unwrap_or(0);
        self.set(|at| (at.phase, at.permille) = (phase, u32::try_from(permille).unwrap_or(1000)));
        if self.ended.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(()) }
    }

    fn set(&self, change: impl FnOnce(&mut At)) {
        change(&mut self.at.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn now(&self) -> At {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Course {
    fn note(&mut self, progress: Progress) {
        let phase = match progress.phase {
            solver::Phase::Reading => Phase::Pairs,
            solver::Phase::Seats => Phase::Seats,
            solver::Phase::Quotas | solver::Phase::Done => Phase::Quotas,
        };
        let points = |sum: Option<i128>| sum.map(|sum| i64::try_from(sum - progress.claims).unwrap_or(i64::MAX));
        let found = Found { value: points(progress.value), bound: points(progress.bound) };
        self.set(|at| {
            let next = At { phase, permille: progress.permille, found: at.found.and(found) };
            // A search may go back to seats when pairs were added; for who waits it goes on.
            *at = if next.percent() < at.percent() { At { found: next.found, ..*at } } else { next };
        });
    }

    fn stopped(&mut self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

impl Service {
    /// Tells the row and the log how far `course` is, until the round is not being computed any more: then ends the course.
    pub(super) async fn follow(&self, (id, number): (RoundId, i32), course: &Course) {
        let (mut told, mut logged) = (At::default(), Instant::now());
        let mut beat = tokio::time::interval(BEAT);
        loop {
            beat.tick().await;
            let at = course.now();
            match self.tell(id, at).await {
                Ok(true) => {}
                Ok(false) => return course.ended.store(true, Ordering::Relaxed),
                Err(error) => tracing::warn!(round = number, %error, "the progress of a round was not noted"),
            }
            if at.phase != told.phase || (at != told && logged.elapsed() >= LOG) {
                let (phase, percent, Found { value, bound }) = (at.phase.word(), at.percent(), at.found);
                tracing::info!(round = number, phase, percent, value, bound, "a round is being computed");
                (told, logged) = (at, Instant::now());
            }
        }
    }

    /// Notes where the work is; false if the round is not being computed any more.
    async fn tell(&self, id: RoundId, at: At) -> Result<bool, Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        let works = store::progress(&mut tx, id, (at.phase.word(), at.percent()), at.found).await?;
        self.database.commit(tx).await?;
        Ok(works)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_no_points_and_the_share_done_only_grows() {
        let mut course = Course::default();
        let mut percents = Vec::new();
        for phase in [Phase::Waiting, Phase::Reading, Phase::Market] {
            for done in [0, 1, 2] {
                course.reach(phase, (done, 2)).expect("nobody stops it");
                percents.push(course.now().percent());
            }
        }
        let progress = |phase, permille| Progress {
            phase,
            permille,
            value: Some(1_000_100),
            bound: Some(1_000_130),
            claims: 1_000_000,
        };
        let (seats, quotas) = (solver::Phase::Seats, solver::Phase::Quotas);
        for phase in [solver::Phase::Reading, seats, quotas, seats, quotas] {
            for permille in [0, 500, 1000] {
                course.note(progress(phase, permille));
                percents.push(course.now().percent());
            }
        }
        course.note(Progress { value: None, bound: None, ..progress(seats, 500) });
        percents.push(course.now().percent());
        for phase in [Phase::Checking, Phase::Storing] {
            course.reach(phase, (0, 0)).expect("nobody stops it");
            percents.push(course.now().percent());
        }
        assert!(percents.is_sorted(), "{percents:?}");
        assert_eq!(course.now().found, Found { value: Some(100), bound: Some(130) });
        course.ended.store(true, Ordering::Relaxed);
        assert!(course.stopped() && course.reach(Phase::Storing, (1, 2)).is_err());
    }
}
