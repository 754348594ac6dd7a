//! Lines and quotas: opened (L1), given units (L2), resized and closed (L4, L7).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use platform::{Begun, Clock, Error, Principal, command, outbox};
use proto::{
    ids::{LineId, QuotaId},
    placement::{LineState, OpenLinesRequest, OpenLinesResponse},
};
use sqlx::PgConnection;

use super::{BATCH_MAX, Service};
use crate::{
    desk::Desk,
    ledger::Share,
    moves::{LineMove, TABLE},
    store::{self, projections::Corridor},
    view,
};

/// The command of L1; its row says who may make it.
pub(crate) const OPEN_LINE: &str = "OpenLine";
/// Lines that get units in one go.
const GRANTS_MAX: i64 = 1000;

impl Service {
    /// L1: opens pending lines and allots `min(asked, free)` units of the quota to those open to one corridor.
    ///
    /// # Errors
    /// If the request is not whole, or the database is gone.
    pub async fn open_lines(
        &self,
        principal: &Principal,
        request: &OpenLinesRequest,
        on: NaiveDate,
    ) -> Result<OpenLinesResponse, Error> {
        let key = (principal.reach(), principal.organisation_id);
        let mut command = match command::begin(&self.database, key, "OpenLines", &request.request_id, request).await? {
            Begun::Answered(saved) => return Ok(saved),
            Begun::New(command) => command,
        };
        store::act_as_service(command.tx()).await?;
        let opened = open(command.tx(), &self.clock, (&request.season_code, &request.destination), on).await?;
        let more = opened == BATCH_MAX;
        let opened = i32::try_from(opened).unwrap_or(i32::MAX);
        let response = command.finish(OpenLinesResponse { opened, more }).await?;
        if let Err(error) = self.retry_waiting().await {
            tracing::warn!(%error, "waiting proposals stay for the next RunDue");
        }
        Ok(response)
    }
}

async fn open(
    tx: &mut PgConnection,
    clock: &Clock,
    (season, destination): (&str, &str),
    on: NaiveDate,
) -> Result<usize, Error> {
    let Some(row) = TABLE.line_move(OPEN_LINE) else { return Ok(0) };
    let most = i64::try_from(BATCH_MAX).unwrap_or(i64::MAX);
    let pending = store::projections::pending_lines(tx, (season, destination), most).await?;
    let corridors = store::projections::corridors_to(tx, season, destination).await?;
    let ids: Vec<LineId> = pending.iter().map(|(id, _)| *id).collect();
    let quotas: BTreeSet<QuotaId> = corridors.iter().map(|corridor| corridor.quota_id).collect();
    let mut desk = Desk::new(&TABLE, clock.now());
    desk.book.lines = store::load::lock_lines(tx, &ids, true).await?;
    desk.book.quotas = store::load::lock_quotas(tx, &quotas.into_iter().collect::<Vec<_>>()).await?;
    let mut opened = 0;
    for (id, origins) in &pending {
        opened += usize::from(open_one(&mut desk, (*id, row, on), origins, &corridors));
    }
    store::save::save(tx, clock, &mut desk).await?;
    Ok(opened)
}

fn open_one(
    desk: &mut Desk<'_>,
    (id, row, on): (LineId, &LineMove, NaiveDate),
    origins: &[String],
    corridors: &[Corridor],
) -> bool {
    let Some(line) = desk.book.lines.get_mut(&id).filter(|line| line.state == row.from) else { return false };
    line.shares = corridors
        .iter()
        .filter(|corridor| origins.is_empty() || origins.contains(&corridor.origin))
        .map(|corridor| Share {
            quota_id: corridor.quota_id,
            corridor: corridor.code.clone(),
            units: 0,
            units_held: 0,
            units_used: 0,
        })
        .collect();
    if line.shares.is_empty() {
        return false;
    }
    line.several = line.shares.len() > 1;
    desk.book.make(id, row, on).is_some()
}

/// L2: free units go to the oldest open seats without one; a seat that becomes usable is promised to the line's list.
///
/// # Errors
/// If the database is gone.
pub async fn grant(tx: &mut PgConnection, clock: &Clock, on: NaiveDate) -> Result<i32, Error> {
    let Some(row) = TABLE.line_move("GrantUnit").filter(|row| row.by_clock()) else { return Ok(0) };
    let hungry = store::projections::hungry_lines(tx, GRANTS_MAX).await?;
    if hungry.is_empty() {
        return Ok(0);
    }
    let mut desk = Desk::new(&TABLE, clock.now());
    desk.book.lines = store::load::lock_free_lines(tx, &hungry).await?;
    let quotas: BTreeSet<QuotaId> =
        desk.book.lines.values().flat_map(|line| line.shares.iter().map(|share| share.quota_id)).collect();
    desk.book.quotas = store::load::lock_quotas(tx, &quotas.into_iter().collect::<Vec<_>>()).await?;
    let ids: Vec<LineId> = desk.book.lines.keys().copied().collect();
    let mut granted = 0;
    for id in ids {
        granted += desk.book.make(id, row, on).unwrap_or_default();
    }
    store::save::save(tx, clock, &mut desk).await?;
    Ok(granted)
}

/// Lines follow their orders: open ones take another number of seats, those of a withdrawn order give up what nobody
/// holds and close once nobody is held.
///
/// # Errors
/// If the database is gone.
pub async fn follow_orders(
    tx: &mut PgConnection,
    clock: &Clock,
    resized: &[(LineId, i32)],
    withdrawn: &[LineId],
) -> Result<(), Error> {
    let ids: BTreeSet<LineId> = resized.iter().map(|(id, _)| *id).chain(withdrawn.iter().copied()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut desk = Desk::new(&TABLE, clock.now());
    let lines: Vec<LineId> = ids.into_iter().collect();
    desk.book.lines = store::load::lock_lines(tx, &lines, true).await?;
    let quotas: BTreeSet<QuotaId> =
        desk.book.lines.values().flat_map(|line| line.shares.iter().map(|share| share.quota_id)).collect();
    desk.book.quotas = store::load::lock_quotas(tx, &quotas.into_iter().collect::<Vec<_>>()).await?;
    for (id, seats) in resized {
        resize(&mut desk, *id, *seats);
    }
    for id in withdrawn {
        if let Some(line) = desk.book.lines.get_mut(id).filter(|line| line.state == LineState::Open) {
            line.withdrawn = true;
            desk.book.settle(*id);
        }
    }
    store::save::save(tx, clock, &mut desk).await?;
    Ok(())
}

/// Never below what is held, taken or promised; what is missing shows as shortfall and refuses newcomers.
fn resize(desk: &mut Desk<'_>, id: LineId, seats: i32) {
    let Some(line) = desk.book.lines.get_mut(&id).filter(|line| line.state == LineState::Open && !line.withdrawn)
    else {
        return;
    };
    let used = line.held + line.taken + line.promised;
    let (before, posted) = (line.posted, seats.max(used));
    line.posted = posted;
    line.shortfall = used.saturating_sub(seats).max(0);
    desk.book.changed_lines.insert(id);
    desk.book.sized_lines.insert(id);
    match posted - before {
        0 => {}
        more if more > 0 => desk.book.entry(id, ("OUT", "OPEN"), more),
        less => desk.book.entry(id, ("OPEN", "OUT"), -less),
    }
    desk.book.settle(id);
    desk.book.grant(id, i32::MAX);
}

/// A quota's limit, as the programme set it: never applied below what is allotted.
///
/// # Errors
/// If the database is gone.
pub async fn limit_quotas(
    tx: &mut PgConnection,
    clock: &Clock,
    quotas: &[proto::programme::Quota],
) -> Result<(), Error> {
    let mut events = Vec::new();
    for quota in quotas {
        if let Some(state) = store::projections::limit_quota(tx, quota).await? {
            events.push(view::quota_event(&state, true));
        }
    }
    outbox::append(tx, clock, &events).await
}
