//! Clocks: they fire here and nowhere else.

use std::collections::HashMap;

use chrono::NaiveDate;
use platform::{Begun, Clock, Error, Principal, command, outbox};
use proto::{
    ids::{CandidateId, LineId, PlacementId},
    placement::{
        Calendar, CalendarEvent, ClocksRun, RunDueRequest, RunDueResponse, calendar_event,
        placement_envelope::Aggregate,
    },
};
use sqlx::PgConnection;

use super::{Service, lines, proposals, reserve, savepoint, tripped};
use crate::{
    clocks::LIST,
    decide::{Actor, Move},
    desk::Desk,
    guards::remedy,
    moves::TABLE,
    placement::Placement,
    store,
    view::{self, Called},
};

/// Clocks fired by one call at most.
pub const DUE_MAX: i64 = 1000;

impl Service {
    /// Fires what is due on or before a day, then serves promised seats, free units and waiting proposals.
    ///
    /// # Errors
    /// If the request is not whole, or the database is gone.
    pub async fn run_due(
        &self,
        principal: &Principal,
        request: &RunDueRequest,
        (as_of, limit): (NaiveDate, i64),
    ) -> Result<RunDueResponse, Error> {
        let key = (principal.reach(), principal.organisation_id);
        let mut command = match command::begin(&self.database, key, "RunDue", &request.request_id, request).await? {
            Begun::Answered(saved) => return Ok(saved),
            Begun::New(command) => command,
        };
        let tx = command.tx();
        store::act_as_service(tx).await?;
        turn_calendar(tx, &self.clock, as_of).await?;
        let (mut moved, accepted) = fire(tx, &self.clock, as_of, limit).await?;
        let mut count = |name: &str, done: i32| {
            if done > 0 {
                *moved.entry(name.to_owned()).or_insert(0) += done;
            }
        };
        count("C-LIST", reserve::unlist_closed(tx, &self.clock, as_of).await?);
        count("C-LIST", reserve::unlist_placed(tx, &self.clock, as_of).await?);
        count("L2", lines::grant(tx, &self.clock, as_of).await?);
        let done = reserve::run(tx, &self.clock, reserve::CALLS_MAX).await?;
        count("C-RESERVE", done.called);
        count("L3", done.lapsed);
        let waited = proposals::retry(tx, &self.clock).await?;
        count("PROPOSALS", i32::try_from(waited).unwrap_or(i32::MAX));
        let more = store::projections::anything_due(tx, as_of).await?;
        let response = command.finish(RunDueResponse { moved, more }).await?;
        self.follow(&accepted, false).await;
        Ok(response)
    }
}

/// The calendar only goes forward.
async fn turn_calendar(tx: &mut PgConnection, clock: &Clock, as_of: NaiveDate) -> Result<(), Error> {
    let Some((id, version)) = store::projections::turn_calendar(tx, clock.id(), as_of).await? else { return Ok(()) };
    let state = Calendar { id: id.to_string(), as_of: as_of.to_string(), version };
    let change = calendar_event::Change::ClocksRun(ClocksRun {});
    let event = CalendarEvent { state: Some(state), change: Some(change) };
    outbox::append(tx, clock, &[view::envelope(Aggregate::Calendar(event))]).await
}

type Fired = (HashMap<String, i32>, Vec<(CandidateId, NaiveDate)>);

async fn fire(tx: &mut PgConnection, clock: &Clock, as_of: NaiveDate, limit: i64) -> Result<Fired, Error> {
    let due = store::lists::due(tx, as_of, limit).await?;
    let mut point = savepoint(tx).await?;
    match fire_all(&mut point, clock, as_of, &due).await {
        Ok(fired) => {
            point.commit().await?;
            return Ok(fired);
        }
        Err(error) if tripped(&error).is_some() => point.rollback().await?,
        Err(error) => return Err(error),
    }
    let mut all = Fired::default();
    for one in &due {
        let mut point = savepoint(tx).await?;
        match fire_all(&mut point, clock, as_of, std::slice::from_ref(one)).await {
            Ok((moved, accepted)) => {
                point.commit().await?;
                for (name, count) in moved {
                    *all.0.entry(name).or_insert(0) += count;
                }
                all.1.extend(accepted);
            }
            Err(error) if tripped(&error).is_some() => point.rollback().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

async fn fire_all(
    tx: &mut PgConnection,
    clock: &Clock,
    as_of: NaiveDate,
    due: &[(PlacementId, LineId)],
) -> Result<Fired, Error> {
    let wanted = store::load::Wanted {
        lines: due.iter().map(|(_, line)| *line).collect(),
        placements: due.iter().map(|(id, _)| *id).collect(),
        ledgers: true,
        // Whether a list ends because the roster did is judged by the roster as it is now.
        holds: true,
        ..Default::default()
    };
    let mut desk = Desk::new(&TABLE, clock.now());
    store::load::fill(tx, &mut desk, &wanted).await?;
    let mut moved: HashMap<String, i32> = HashMap::new();
    for (id, _) in due {
        for name in fire_one(&mut desk, clock, *id, as_of) {
            *moved.entry(name).or_insert(0) += 1;
        }
    }
    store::save::save(tx, clock, &mut desk).await?;
    Ok((moved, desk.accepted))
}

/// Fires every clock of a placement that is over by that day, in their order; one move may start the next clock.
/// Whoever is refused stays as an alarm until the placement's next step.
pub(crate) fn fire_one(desk: &mut Desk<'_>, clock: &Clock, id: PlacementId, as_of: NaiveDate) -> Vec<String> {
    let mut fired = Vec::new();
    while let Some((name, asked)) = desk.placements.get(&id).and_then(|placement| next(placement, as_of)) {
        if name == LIST && desk.listed_longer(id) {
            continue;
        }
        match desk.make(&asked, &Actor::clock(), &Called::default(), &|| clock.id()) {
            Ok(()) => fired.push(name),
            Err(refusal) => {
                tracing::debug!(placement = %id, clock = name, reason = refusal.reason, "a clock does not move");
                if refusal.reason != "REMEDY_OPEN" || !put_off(desk, id, &asked) {
                    silence(desk, id, &name);
                }
            }
        }
    }
    fired
}

/// The first clock of the placement that is over, and its move: dated on the day on which it was over.
fn next(placement: &Placement, as_of: NaiveDate) -> Option<(String, Move)> {
    let clock = placement
        .clocks
        .iter()
        .filter(|clock| clock.fires && clock.due_on <= as_of)
        .min_by_key(|clock| (clock.due_on, clock.name.clone()))?;
    let rule = TABLE.clocks.iter().find(|rule| rule.rule == clock.rule)?;
    let since = placement.stage_since().unwrap_or(clock.due_on);
    let asked =
        Move { kind: rule.kind.clone(), ..reserve::by_clock(placement.id, &rule.fires, clock.due_on.max(since)) };
    Some((clock.name.clone(), asked))
}

/// C-LAST of a placement that was stored before it waited for a remedy: it comes again when the time for that is over.
fn put_off(desk: &mut Desk<'_>, id: PlacementId, asked: &Move) -> bool {
    let Some(placement) = desk.placements.get(&id) else { return false };
    let pack = desk.pack(&placement.corridor, asked.occurred_on);
    let Some(until) = remedy(placement, &pack).filter(|until| *until > asked.occurred_on) else { return false };
    let placement = desk.placements.get_mut(&id).expect("found above");
    for clock in placement.clocks.iter_mut().filter(|clock| clock.name == "C-LAST") {
        clock.due_on = until;
    }
    desk.changed.insert(id);
    true
}

fn silence(desk: &mut Desk<'_>, id: PlacementId, name: &str) {
    if let Some(placement) = desk.placements.get_mut(&id) {
        for clock in placement.clocks.iter_mut().filter(|clock| clock.name == name) {
            clock.fires = false;
        }
        desk.changed.insert(id);
    }
}
