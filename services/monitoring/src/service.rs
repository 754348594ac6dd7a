//! The use cases: figures of flows, steps and clocks here, verification and watching beside.

mod flows;
mod verify;
mod watch;

use std::sync::Arc;

use chrono::NaiveDate;
use platform::{Clock, Database, Error, Principal, Reach, Refused, Shutdown};
use proto::{
    Role,
    common::{TallyRequest, TallyResponse},
    monitoring::{
        ClockCount, ClockTime, CorridorStep, GetClockTimesRequest, GetClockTimesResponse, GetCorridorStepsRequest,
        GetCorridorStepsResponse, ListClocksRequest, ListClocksResponse, ListPassedOverRequest, ListPassedOverResponse,
        PassedOver, ReasonCount, WatchFlowsResponse,
    },
};
use tokio::sync::watch as told;

use crate::{consumer::Moved, owners::Owners, reconcile::OWNERS, ring, store};

/// What the service can do.
#[derive(Clone)]
pub(crate) struct Service {
    database: Database,
    clock: Clock,
    shutdown: Shutdown,
    owners: Owners,
    moved: Moved,
    progress: Arc<told::Sender<WatchFlowsResponse>>,
}

impl Service {
    pub(crate) fn new(database: Database, clock: Clock, shutdown: Shutdown, owners: Owners) -> Self {
        let moved = Arc::new(told::Sender::new(0));
        let progress = Arc::new(told::Sender::new(WatchFlowsResponse::default()));
        Self { database, clock, shutdown, owners, moved, progress }
    }

    /// To be told after every batch that is folded.
    pub(crate) fn moved(&self) -> Moved {
        self.moved.clone()
    }

    /// The 17 steps of one corridor, with reasons and ages.
    pub(crate) async fn get_corridor_steps(
        &self,
        who: &Principal,
        request: GetCorridorStepsRequest,
    ) -> Result<GetCorridorStepsResponse, Error> {
        who.needs(&Role::READERS)?;
        if request.corridor_code.is_empty() {
            return Err(Refused::field("corridor_code", "CORRIDOR", "steps are those of one corridor").into());
        }
        let codes = (request.corridor_code.as_str(), request.season_code.as_str());
        let mut tx = self.database.begin(who.reach()).await?;
        let as_of = store::as_of(&mut tx).await?;
        let rows = store::steps(&mut tx, codes, as_of).await?;
        let reasons = store::reasons(&mut tx, codes).await?;
        let standing: Vec<ring::Standing> = rows
            .iter()
            .map(|row| ring::Standing { step: index(row.step), dropped: row.dropped, people: row.people })
            .collect();
        let every_step: Vec<usize> = (0..ring::STEPS.len()).collect();
        let levels = ring::levels(&every_step, &standing);
        let step = |(at, level): (usize, &ring::Level)| {
            let here = rows.iter().find(|row| index(row.step) == at && !row.dropped);
            let dropped = reasons.iter().filter(|row| index(row.step) == at);
            CorridorStep {
                step: ring::STEPS[at].to_owned(),
                reached: level.reached,
                went_on: level.went_on,
                here_now: level.here_now,
                dropped_out: level.dropped_out,
                reasons: dropped.map(|row| ReasonCount { reason: row.reason.clone(), count: row.people }).collect(),
                days_median: here.and_then(|row| row.days_median).unwrap_or_default(),
                days_longest: here.and_then(|row| row.days_longest).unwrap_or_default(),
                one_sided: here.map_or(0, |row| row.one_sided),
            }
        };
        let steps = levels.iter().enumerate().map(step).collect();
        Ok(GetCorridorStepsResponse { steps, as_of: text(as_of) })
    }

    /// Clocks that run, by corridor, clock and the party that must act; the most late first.
    pub(crate) async fn list_clocks(
        &self,
        who: &Principal,
        request: ListClocksRequest,
    ) -> Result<ListClocksResponse, Error> {
        who.needs(&Role::READERS)?;
        let codes = (request.corridor_code.as_str(), request.season_code.as_str());
        let mut tx = self.database.begin(who.reach()).await?;
        let as_of = store::as_of(&mut tx).await?;
        let clock = |row: store::Clock| ClockCount {
            corridor_code: row.corridor_code,
            clock: row.name,
            waits_for: row.waits_for,
            running: row.running,
            late: row.late,
            oldest_due_on: row.oldest_due_on.to_string(),
            oldest_placement_id: row.oldest_placement_id.to_string(),
        };
        let clocks = store::clocks(&mut tx, codes, (as_of, request.late_only)).await?;
        Ok(ListClocksResponse { clocks: clocks.into_iter().map(clock).collect(), as_of: text(as_of) })
    }

    /// How long the clocks of one corridor ran that have ended.
    pub(crate) async fn get_clock_times(
        &self,
        who: &Principal,
        request: GetClockTimesRequest,
    ) -> Result<GetClockTimesResponse, Error> {
        who.needs(&Role::READERS)?;
        if request.corridor_code.is_empty() {
            return Err(Refused::field("corridor_code", "CORRIDOR", "times are those of one corridor").into());
        }
        let mut tx = self.database.begin(who.reach()).await?;
        let rows = store::clock_times(&mut tx, (&request.corridor_code, &request.season_code)).await?;
        let time = |row: store::ClockTime| ClockTime {
            clock: row.name,
            ended: row.ended,
            days_half: row.half,
            days_nine_of_ten: row.nine_of_ten,
            days_longest: row.longest,
        };
        Ok(GetClockTimesResponse { clocks: rows.into_iter().map(time).collect() })
    }

    /// When a placement was passed over on its list; nothing of one that the caller may not see.
    pub(crate) async fn list_passed_over(
        &self,
        who: &Principal,
        request: ListPassedOverRequest,
    ) -> Result<ListPassedOverResponse, Error> {
        who.needs(&Role::READERS)?;
        let Ok(placement_id) = request.placement_id.parse() else {
            return Err(Refused::field("placement_id", "ID", "this is no placement's id").into());
        };
        let mut tx = self.database.begin(who.reach()).await?;
        let rows = store::passed_over(&mut tx, placement_id).await?;
        let passed = |row: store::Passed| PassedOver {
            occurred_on: row.occurred_on.to_string(),
            reason: row.reason,
            called_rank: row.called_rank,
        };
        Ok(ListPassedOverResponse { passed: rows.into_iter().rev().map(passed).collect() })
    }

    /// The owners' figures from the fold, each with its owner's name in front, and how far the fold has come.
    pub(crate) async fn tally(&self, who: &Principal, _request: TallyRequest) -> Result<TallyResponse, Error> {
        who.needs(&[Role::Operator, Role::Auditor, Role::Service])?;
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        let positions = store::positions(&mut tx).await?;
        let mut counts = Vec::new();
        for (owner, _) in OWNERS {
            for mut count in store::counts(&mut tx, owner).await? {
                count.figure = format!("{owner}.{}", count.figure);
                counts.push(count);
            }
        }
        Ok(TallyResponse { counts, positions })
    }
}

/// A step as an index; the table's CHECK keeps it within the ring.
fn index(step: i16) -> usize {
    usize::try_from(step).unwrap_or_default()
}

fn text(date: Option<NaiveDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}
