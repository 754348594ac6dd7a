//! The market of a round, solved anew from what the round kept: as it was, or with one thing changed.

use std::{collections::HashMap, sync::Arc, time::Instant};

use proto::ids::LineId;
use solver::{BuildError, LineIx, Policy, Progress, Stopped, Watch};

use crate::{
    facts::{Candidate, Line},
    market::{self, Trial},
    plan::{self, Check, LineOutcome, Outcome},
    snapshot::{Quota, Snapshot},
    terms::Terms,
};

/// Why a market was not solved anew.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// The time was over.
    Time,
    /// The change makes no market.
    Refused(BuildError),
    /// The plan does not pass its checks: a defect.
    Wrong(Vec<Check>),
}

impl From<Stopped> for Ended {
    fn from(_: Stopped) -> Self {
        Self::Time
    }
}

impl From<BuildError> for Ended {
    fn from(error: BuildError) -> Self {
        Self::Refused(error)
    }
}

/// Stops a search when its time is over.
struct Until(Instant);

impl Watch for Until {
    fn note(&mut self, _: Progress) {}

    fn stopped(&mut self) -> bool {
        Instant::now() >= self.0
    }
}

/// What a round kept of its market.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    pub season_code: String,
    pub destination: String,
    pub seed: String,
    pub lines: Vec<(Line, LineOutcome)>,
    pub candidates: Vec<Candidate>,
    pub quotas: Vec<Quota>,
}

/// A market of a round, with what became of its lines.
#[derive(Debug, Clone)]
pub struct Replay {
    pub snapshot: Snapshot,
    /// By position of the line.
    pub outcomes: Vec<LineOutcome>,
    pub seed: String,
    /// What an operator laid down in the round.
    pub laid_down: Trial,
}

impl Replay {
    /// Puts the market together as the round had it.
    #[must_use]
    pub fn new(terms: Terms, mut kept: Kept) -> Self {
        kept.candidates.sort_by_key(|person| person.id);
        let (lines, outcomes): (Vec<Line>, Vec<LineOutcome>) = kept.lines.into_iter().unzip();
        let mut by_line: HashMap<LineId, LineOutcome> = lines.iter().map(|line| line.id).zip(outcomes).collect();
        let mut snapshot = Snapshot {
            season_code: kept.season_code,
            destination: kept.destination,
            terms,
            lines,
            candidates: kept.candidates,
            quotas: kept.quotas,
        };
        snapshot.draw_lines(&kept.seed);
        let outcomes = snapshot.lines.iter().map(|line| by_line.remove(&line.id).unwrap_or_default()).collect();
        Self { snapshot, outcomes, seed: kept.seed, laid_down: Trial::default() }
    }

    /// The line of each candidate, by position, once `change` was made to the market and, if named, a pair of candidate and
    /// line has so many points more.
    ///
    /// # Errors
    /// If the time ends first, or if this makes no market.
    pub fn seats(
        &self,
        change: impl FnOnce(&mut Snapshot),
        more: Option<(u32, u32, i64)>,
        until: Instant,
    ) -> Result<Vec<Option<LineIx>>, Ended> {
        let mut snapshot = self.snapshot.clone();
        change(&mut snapshot);
        let (market, _) = market::build_trial(Arc::new(snapshot), Trial { more, ..self.laid_down.clone() })?;
        let mut policy = Policy::seeded(self.seed.as_bytes());
        // Reserve lists follow from the seats and change none.
        policy.reserve = 0;
        Ok(solver::solve_with(&market, &policy, &mut Until(until))?.assignments)
    }

    /// The plan of the market with what is laid down, verified.
    ///
    /// # Errors
    /// If the time ends first, if this makes no market, or if the plan does not pass its checks.
    pub fn outcome(&self, laid_down: Trial, until: Instant) -> Result<Outcome, Ended> {
        let snapshot = Arc::new(self.snapshot.clone());
        let (market, limits) = market::build_trial(snapshot.clone(), laid_down)?;
        let plan = plan::solve_with(&snapshot, &market, &self.seed, &mut Until(until))?;
        plan::conclude(&snapshot, (&market, &limits), &plan).map_err(Ended::Wrong)
    }
}
