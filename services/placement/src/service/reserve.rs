//! The reserve run: promised seats go to the next on the line's list who fits. Any number of runners may run; a line is
//! worked on by one of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use platform::{Clock, Error, Reach, outbox};
use proto::ids::{CandidateId, LineId, PlacementId};
use sqlx::PgConnection;

use super::{Service, moves::carry_out, savepoint, tripped};
use crate::{
    decide::{Actor, Move},
    desk::Desk,
    guards::{LINE_CLOSED, PLACED_ELSEWHERE},
    moves::TABLE,
    passed::{Passed, Reopened, too_late},
    placement::Placement,
    store::{
        self,
        lists::{Leaving, ReserveCall},
    },
    view::Called,
};

/// Calls of one run at most.
pub const CALLS_MAX: i64 = 500;
/// Runs that follow one batch at most.
pub const ROUNDS_MAX: usize = 8;
/// People looked at beyond the number of promises, per line; if none of them fits, ten times as many, and so on to the list's
/// end.
const LOOK_AHEAD: i32 = 100;

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    pub called: i32,
    /// Promises that nobody on the list could take.
    pub lapsed: i32,
}

impl Done {
    /// True if there was nothing to do.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.called == 0 && self.lapsed == 0
    }
}

/// Serves promised seats.
///
/// # Errors
/// If the database is gone. A seat or person taken at the same moment leaves the promises to the next run.
pub async fn run(tx: &mut PgConnection, clock: &Clock, most: i64) -> Result<Done, Error> {
    let lines = store::lists::called_lines(tx, most).await?;
    if lines.is_empty() {
        return Ok(Done::default());
    }
    let mut ahead = LOOK_AHEAD;
    loop {
        let mut point = savepoint(tx).await?;
        match serve(&mut point, clock, (lines.as_slice(), most), ahead).await {
            Ok(Some(done)) => {
                point.commit().await?;
                return Ok(done);
            }
            // Nobody of those who were looked at fits, and there are more.
            Ok(None) => {
                point.rollback().await?;
                ahead = ahead.saturating_mul(10);
            }
            Err(error) if tripped(&error).is_some() => {
                point.rollback().await?;
                tracing::info!(%error, "a reserve call met another hold; it is tried again");
                return Ok(Done::default());
            }
            Err(error) => return Err(error),
        }
    }
}

/// Serves the promises of lines with the first of their lists. None if they were not enough; then nothing is to be kept.
async fn serve(
    tx: &mut PgConnection,
    clock: &Clock,
    (lines, most): (&[LineId], i64),
    ahead: i32,
) -> Result<Option<Done>, Error> {
    let reopen = TABLE.line_move("ReopenSeat").filter(|row| row.by_clock());
    let mut desk = Desk::new(&TABLE, clock.now());
    let free: BTreeSet<LineId> = store::load::lock_free_lines(tx, lines).await?.into_keys().collect();
    let ids: Vec<LineId> = free.iter().copied().collect();
    let calls = store::lists::calls(tx, &ids, most).await?;
    let listed = store::lists::reserve(tx, &ids, ahead).await?;
    let wanted =
        store::load::Wanted { lines: free, placements: listed, ledgers: true, holds: true, ..Default::default() };
    store::load::fill(tx, &mut desk, &wanted).await?;
    let mut lists = by_line(&desk);
    let cut = cut(&desk, &lists, ahead);
    let mut done = Done::default();
    for call in &calls {
        let list = lists.entry(call.line_id).or_default();
        match serve_call(&mut desk, clock, call, list) {
            Ok(()) => done.called += 1,
            Err(_) if cut.contains(&call.line_id) => return Ok(None),
            Err(passed) => {
                if reopen.and_then(|row| desk.book.make(call.line_id, row, call.called_on)).is_some() {
                    desk.book.reopen(call.line_id, Reopened::by(passed), call.called_on);
                }
                done.lapsed += 1;
            }
        }
    }
    store::lists::forget_calls(tx, &calls.iter().map(|call| call.id).collect::<Vec<_>>()).await?;
    store::save::save(tx, clock, &mut desk).await?;
    Ok(Some(done))
}

/// Lines whose lists go on beyond those who were looked at.
pub(crate) fn cut(desk: &Desk<'_>, lists: &BTreeMap<LineId, Vec<PlacementId>>, ahead: i32) -> BTreeSet<LineId> {
    let whole = |id: &LineId, list: &Vec<PlacementId>| {
        let promised = desk.book.lines.get(id).map_or(0, |line| line.promised);
        i64::try_from(list.len()).unwrap_or(i64::MAX) < i64::from(promised) + i64::from(ahead)
    };
    lists.iter().filter(|(id, list)| !whole(id, list)).map(|(id, _)| *id).collect()
}

fn by_line(desk: &Desk<'_>) -> BTreeMap<LineId, Vec<PlacementId>> {
    let mut entries: Vec<&Placement> = desk.placements.values().collect();
    entries.sort_by_key(|placement| (placement.line_id, placement.rank, placement.id));
    let mut lists: BTreeMap<LineId, Vec<PlacementId>> = BTreeMap::new();
    for placement in entries {
        lists.entry(placement.line_id).or_default().push(placement.id);
    }
    lists
}

/// The first by rank who fits gets the seat; those passed over are named in the fact, each with why. Else all of them.
fn serve_call(
    desk: &mut Desk<'_>,
    clock: &Clock,
    call: &ReserveCall,
    list: &mut Vec<PlacementId>,
) -> Result<(), Vec<Passed>> {
    let mut called = Called { replaces: call.replaces, passed: Vec::new() };
    for id in list.clone() {
        if let Some(reason) = late(desk, id, call) {
            called.passed.push(Passed { id, reason });
            continue;
        }
        let since = desk.placements.get(&id).and_then(Placement::stage_since);
        let occurred_on = since.map_or(call.called_on, |since| since.max(call.called_on));
        let asked = by_clock(id, "CallReserve", occurred_on);
        match desk.make(&asked, &Actor::clock(), &called, &|| clock.id()) {
            Ok(()) => {
                list.retain(|other| *other != id);
                return Ok(());
            }
            Err(refusal) => called.passed.push(Passed { id, reason: refusal.reason }),
        }
    }
    Err(called.passed)
}

fn late(desk: &Desk<'_>, id: PlacementId, call: &ReserveCall) -> Option<&'static str> {
    let (one, line) = (desk.placements.get(&id)?, desk.book.lines.get(&call.line_id)?);
    too_late(one, line, &desk.pack(&one.corridor, call.called_on), call.called_on)
}

/// A move that no person makes.
#[must_use]
pub fn by_clock(placement_id: PlacementId, command: &str, occurred_on: NaiveDate) -> Move {
    Move { placement_id, command: command.to_owned(), occurred_on, ..Move::default() }
}

/// P6 for whoever is on the list of a line whose order is closed: no seat of it will ever be theirs. Answers how many; who is
/// left is found again by the next run.
///
/// # Errors
/// If the database is gone.
pub async fn unlist_closed(tx: &mut PgConnection, clock: &Clock, as_of: NaiveDate) -> Result<i32, Error> {
    let entries = store::lists::entries_of_closed_lines(tx, as_of, CALLS_MAX).await?;
    unlist_all(tx, clock, LINE_CLOSED, entries).await
}

/// P6 for whoever is listed in days in which an offer that they accepted takes them: those whom the move itself did not reach, and
/// those who were listed later.
///
/// # Errors
/// If the database is gone.
pub async fn unlist_placed(tx: &mut PgConnection, clock: &Clock, as_of: NaiveDate) -> Result<i32, Error> {
    let entries = store::lists::entries_of_placed(tx, as_of, CALLS_MAX).await?;
    unlist_all(tx, clock, PLACED_ELSEWHERE, entries).await
}

async fn unlist_all(tx: &mut PgConnection, clock: &Clock, reason: &str, entries: Vec<Leaving>) -> Result<i32, Error> {
    if entries.is_empty() {
        return Ok(0);
    }
    let unlist = |Leaving { id, on }| Ok(Move { reason: reason.to_owned(), ..by_clock(id, "Unlist", on) });
    let moves = entries.into_iter().map(unlist).collect();
    let outcome = carry_out(tx, clock, (Reach::System, &Actor::clock()), moves).await?;
    outbox::append(tx, clock, &outcome.events).await?;
    let unlisted = outcome.made.iter().filter(|made| made.refused.is_none()).count();
    Ok(i32::try_from(unlisted).unwrap_or(i32::MAX))
}

impl Service {
    /// P6 for the other list entries, in the same days, of people who accepted an offer.
    ///
    /// # Errors
    /// If the database is gone.
    pub(crate) async fn unlist(&self, accepted: &[(CandidateId, NaiveDate)]) -> Result<(), Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        let people: Vec<CandidateId> = accepted.iter().map(|(id, _)| *id).collect();
        let on: BTreeMap<CandidateId, NaiveDate> = accepted.iter().copied().collect();
        let entries = store::lists::overlapping_entries(&mut tx, &people).await?;
        if entries.is_empty() {
            return Ok(());
        }
        let moves = entries
            .into_iter()
            .map(|(id, candidate_id)| {
                let occurred_on = on.get(&candidate_id).copied().unwrap_or_default();
                Ok(Move { reason: PLACED_ELSEWHERE.to_owned(), ..by_clock(id, "Unlist", occurred_on) })
            })
            .collect();
        let outcome = carry_out(&mut tx, &self.clock, (Reach::System, &Actor::clock()), moves).await?;
        outbox::append(&mut tx, &self.clock, &outcome.events).await?;
        self.database.commit(tx).await?;
        Ok(())
    }
}
