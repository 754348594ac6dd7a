//! The ledgers of a line's seats, a quota's units and a person's periods. Every change of a counter is one entry, from
//! bucket to bucket. The database's constraints say the same once more, as the guard of last resort.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use proto::{
    ids::{LineId, OrderId, OrganisationId, PlacementId, QuotaId},
    placement::{LineState, Stage},
};
use uuid::Uuid;

use crate::{
    decide::Refusal,
    moves::{Effect, LineChange, LineEffect, LineMove, Row},
    pack::Pack,
    passed::Reopened,
    placement::{Hold, HoldStatus, Period, Placement},
};

/// A line of an order, with its seats and the units behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub id: LineId,
    pub order_id: OrderId,
    pub organisation_id: OrganisationId,
    pub season: String,
    pub destination: String,
    pub state: LineState,
    pub suspended: bool,
    /// The order was withdrawn: open seats go, the line closes once nobody is held.
    pub withdrawn: bool,
    /// Open to several corridors: units come from the quota with each hold and go back with each release.
    pub several: bool,
    pub substitutes: bool,
    /// The date whose rules judge the order, where it is known.
    pub filed_on: Option<NaiveDate>,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub isco_code: String,
    pub posted: i32,
    pub held: i32,
    pub taken: i32,
    pub promised: i32,
    pub shortfall: i32,
    pub shares: Vec<Share>,
    pub version: i64,
    /// Somebody stands on its reserve list.
    pub listed: bool,
}

/// Units of one quota at a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub quota_id: QuotaId,
    pub corridor: String,
    pub units: i32,
    pub units_held: i32,
    pub units_used: i32,
}

impl Line {
    /// Seats that nobody holds or took.
    #[must_use]
    pub const fn open(&self) -> i32 {
        self.posted - self.held - self.taken
    }

    /// Units that wait behind open seats.
    #[must_use]
    pub fn units(&self) -> i32 {
        self.shares.iter().map(|share| share.units).sum()
    }

    /// Seats a newcomer could have and nobody is promised.
    #[must_use]
    pub fn usable(&self) -> i32 {
        let backed = if self.several { self.open() } else { self.open().min(self.units()) };
        backed - self.promised
    }

    /// The corridor that figures count it under.
    #[must_use]
    pub fn corridor(&self) -> String {
        match self.shares.as_slice() {
            [share] => share.corridor.clone(),
            _ => format!("*-{}", self.destination),
        }
    }
}

/// The use of a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    pub id: QuotaId,
    pub corridor: String,
    pub season: String,
    /// The programme's limit.
    pub wanted: i32,
    pub allotted: i32,
    pub version: i64,
}

impl Quota {
    /// The limit applied: never below what is allotted.
    #[must_use]
    pub fn cap(&self) -> i32 {
        self.wanted.max(self.allotted)
    }

    /// How far the programme's limit lies below what is allotted.
    #[must_use]
    pub fn shortfall(&self) -> i32 {
        (self.allotted - self.wanted).max(0)
    }

    /// Units that may still be allotted.
    #[must_use]
    pub fn free(&self) -> i32 {
        self.cap() - self.allotted
    }
}

/// One change of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub hold_id: Option<Uuid>,
    pub line_id: LineId,
    /// Set where units move.
    pub quota_id: Option<QuotaId>,
    pub debit: &'static str,
    pub credit: &'static str,
    pub units: i32,
    pub placement: Option<(PlacementId, i64)>,
}

/// A seat that is promised to the next on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub line_id: LineId,
    pub replaces: Option<PlacementId>,
    pub on: NaiveDate,
}

/// Lines and quotas locked by one transaction, and what was done to them.
#[derive(Debug, Clone, Default)]
pub struct Book {
    pub lines: BTreeMap<LineId, Line>,
    pub quotas: BTreeMap<QuotaId, Quota>,
    pub changed_lines: BTreeSet<LineId>,
    /// Lines that a move of their own changed, and its fact.
    pub line_facts: BTreeMap<LineId, LineChange>,
    /// Why seats of a line are open again.
    pub reopened: BTreeMap<LineId, Reopened>,
    /// Lines whose number of posted seats changed.
    pub sized_lines: BTreeSet<LineId>,
    pub changed_quotas: BTreeSet<QuotaId>,
    pub entries: Vec<Entry>,
    pub calls: Vec<Call>,
}

/// Where and when an effect falls.
struct At<'a> {
    placement: (PlacementId, i64),
    line_id: LineId,
    quota_id: QuotaId,
    was: Stage,
    on: NaiveDate,
    ids: &'a dyn Fn() -> Uuid,
}

impl Book {
    /// Is there a seat and a unit of this quota for a newcomer?
    ///
    /// # Errors
    /// `NO_ROOM` or `NO_UNIT`, guard G2.
    pub fn room(&self, line_id: LineId, quota_id: QuotaId, promised: bool) -> Result<(), Refusal> {
        let Some(line) = self.lines.get(&line_id) else { return Err(no_room()) };
        let spoken_for = if promised { (line.promised - 1).max(0) } else { line.promised };
        if line.open() - spoken_for < 1 {
            return Err(no_room());
        }
        let Some(share) = line.shares.iter().find(|share| share.quota_id == quota_id) else { return Err(no_unit()) };
        let unit = if line.several {
            share.units > 0 || self.quotas.get(&quota_id).is_some_and(|quota| quota.free() > 0)
        } else {
            share.units - spoken_for > 0
        };
        if unit { Ok(()) } else { Err(no_unit()) }
    }

    /// Carries out what a row does to the ledgers.
    ///
    /// # Errors
    /// `NO_ROOM`, `NO_UNIT`; then nothing was changed.
    pub fn apply(
        &mut self,
        next: &mut Placement,
        (row, was, on): (&Row, Stage, NaiveDate),
        pack: &Pack,
        ids: &dyn Fn() -> Uuid,
    ) -> Result<(), Refusal> {
        let (return_days, open) = (pack.return_days(), self.open(next.line_id));
        let at =
            At { placement: (next.id, next.version), line_id: next.line_id, quota_id: next.quota_id, was, on, ids };
        for effect in &row.ledger {
            match effect {
                Effect::Hold => self.hold(next, &at, return_days, false)?,
                Effect::HoldPromised => self.hold(next, &at, return_days, true)?,
                Effect::ReleaseAll | Effect::ReleaseHeld => self.release_held(next, &at),
                Effect::ReleaseSeat | Effect::FreeSeat => self.free_seat(next, &at),
                Effect::ConfirmSeat => self.confirm_seat(next, &at),
                Effect::ConfirmUnit => self.confirm_unit(next, &at),
                Effect::ConfirmPeriod => set_period(next, HoldStatus::Confirmed),
                Effect::ShrinkPeriod => shrink_period(next, on),
            }
        }
        if !row.ledger.is_empty() && row.ledger != [Effect::ShrinkPeriod] {
            self.settle(next.line_id);
        }
        if row.call && !pack.names_are_final(next.starts_on, on) {
            let replaces = (!row.holds()).then_some(next.id);
            self.promise(next.line_id, replaces, on);
        } else if row.call && next.stage == Stage::Cancelled && self.open(next.line_id) > open {
            self.reopen(next.line_id, Reopened::names_final(), on);
        }
        Ok(())
    }

    fn open(&self, line_id: LineId) -> i32 {
        self.lines.get(&line_id).map_or(0, Line::open)
    }

    /// A seat is open again, without anybody from the list: the line's fact says so, and why.
    pub fn reopen(&mut self, line_id: LineId, why: Reopened, on: NaiveDate) {
        self.line_facts.insert(line_id, LineChange::SeatReopened);
        let told = self.reopened.entry(line_id).or_default();
        told.and(why);
        told.on = Some(on);
    }

    fn hold(&mut self, next: &mut Placement, at: &At<'_>, return_days: i64, promised: bool) -> Result<(), Refusal> {
        self.room(at.line_id, at.quota_id, promised)?;
        if promised {
            self.lapse(at.line_id);
        }
        let (seat, unit) = ((at.ids)(), (at.ids)());
        self.enter(at, seat, ("OPEN", "HELD"));
        let line = self.lines.get_mut(&at.line_id).expect("room was found on it");
        line.held += 1;
        let several = line.several;
        let (starts_on, ends_on) = (line.starts_on, line.ends_on);
        let share = share(line, at.quota_id);
        share.units_held += 1;
        let from_quota = several && share.units == 0;
        if from_quota {
            self.allot(at.quota_id, at.line_id, 1);
        } else {
            share.units -= 1;
        }
        self.enter(at, unit, ("UNITS", "UNITS_HELD"));
        next.seat = Some(Hold { id: seat, status: HoldStatus::Held, vacated_on: None });
        next.unit = Some(Hold { id: unit, status: HoldStatus::Held, vacated_on: None });
        let (from, until) = taken(starts_on, ends_on, at.on, return_days);
        next.period = Some(Period { from, until, status: HoldStatus::Held });
        self.changed_lines.insert(at.line_id);
        Ok(())
    }

    fn release_held(&mut self, next: &mut Placement, at: &At<'_>) {
        if is(next.seat, HoldStatus::Held) {
            self.free_seat(next, at);
        }
        if let Some(unit) = next.unit.filter(|unit| unit.status == HoldStatus::Held) {
            self.enter(at, unit.id, ("UNITS_HELD", "UNITS"));
            let share = self.share(at);
            share.units_held -= 1;
            share.units += 1;
            next.unit = Some(Hold { status: HoldStatus::Released, ..unit });
            self.changed_lines.insert(at.line_id);
            set_period(next, HoldStatus::Released);
        }
    }

    /// A held seat is released; a confirmed one is vacated, unless the work has ended.
    fn free_seat(&mut self, next: &mut Placement, at: &At<'_>) {
        let Some(seat) = next.seat else { return };
        let line = self.lines.get_mut(&at.line_id).expect("a placement's line is locked with it");
        match seat.status {
            HoldStatus::Held => {
                line.held -= 1;
                next.seat = Some(Hold { status: HoldStatus::Released, ..seat });
                self.enter(at, seat.id, ("HELD", "OPEN"));
            }
            HoldStatus::Confirmed if seat.vacated_on.is_none() && works(at.was) => {
                line.taken -= 1;
                next.seat = Some(Hold { vacated_on: Some(at.on), ..seat });
                self.enter(at, seat.id, ("TAKEN", "OPEN"));
            }
            _ => return,
        }
        self.changed_lines.insert(at.line_id);
    }

    fn confirm_seat(&mut self, next: &mut Placement, at: &At<'_>) {
        if let Some(seat) = next.seat.filter(|seat| seat.status == HoldStatus::Held) {
            let line = self.lines.get_mut(&at.line_id).expect("a placement's line is locked with it");
            line.held -= 1;
            line.taken += 1;
            next.seat = Some(Hold { status: HoldStatus::Confirmed, ..seat });
            self.enter(at, seat.id, ("HELD", "TAKEN"));
            self.changed_lines.insert(at.line_id);
        }
    }

    fn confirm_unit(&mut self, next: &mut Placement, at: &At<'_>) {
        if let Some(unit) = next.unit.filter(|unit| unit.status == HoldStatus::Held) {
            let share = self.share(at);
            share.units_held -= 1;
            share.units_used += 1;
            next.unit = Some(Hold { status: HoldStatus::Confirmed, ..unit });
            self.enter(at, unit.id, ("UNITS_HELD", "UNITS_USED"));
            self.changed_lines.insert(at.line_id);
        }
    }

    /// Spare rule: units beyond the open seats go back to their quotas; a line of several corridors keeps none. A
    /// withdrawn line gives its open seats up and closes once nobody is held.
    pub fn settle(&mut self, line_id: LineId) {
        let Some(line) = self.lines.get_mut(&line_id) else { return };
        if line.withdrawn && line.state == LineState::Open {
            let gone = line.open();
            line.posted -= gone;
            line.promised = 0;
            if line.held == 0 {
                line.state = LineState::Closed;
            }
            self.changed_lines.insert(line_id);
            if gone > 0 {
                self.entry(line_id, ("OPEN", "OUT"), gone);
            }
        }
        let line = &self.lines[&line_id];
        let keep = if line.several { 0 } else { line.open() };
        let mut surplus = line.units() - keep;
        let shares: Vec<(QuotaId, i32)> = line.shares.iter().map(|share| (share.quota_id, share.units)).collect();
        for (quota_id, units) in shares {
            let back = units.min(surplus);
            if back > 0 && self.quotas.contains_key(&quota_id) {
                share(self.lines.get_mut(&line_id).expect("found above"), quota_id).units -= back;
                self.allot(quota_id, line_id, -back);
                self.changed_lines.insert(line_id);
                surplus -= back;
            }
        }
    }

    /// Promises a usable seat to the list, if there is a list and the line allows substitutes.
    pub fn promise(&mut self, line_id: LineId, replaces: Option<PlacementId>, on: NaiveDate) {
        let Some(line) = self.lines.get_mut(&line_id) else { return };
        let wanted = line.substitutes && line.listed && line.state == LineState::Open && !line.suspended;
        if wanted && line.usable() >= 1 {
            line.promised += 1;
            self.changed_lines.insert(line_id);
            self.calls.push(Call { line_id, replaces, on });
        }
    }

    /// Takes one promise back. False if there was none.
    pub fn lapse(&mut self, line_id: LineId) -> bool {
        let Some(line) = self.lines.get_mut(&line_id).filter(|line| line.promised > 0) else { return false };
        line.promised -= 1;
        self.changed_lines.insert(line_id);
        true
    }

    /// Makes a move of a line, if it is in the row's state and there is something to do. Answers with the units that came.
    pub fn make(&mut self, line_id: LineId, row: &LineMove, on: NaiveDate) -> Option<i32> {
        let line = self.lines.get_mut(&line_id).filter(|line| line.state == row.from)?;
        let posted = line.posted;
        let (mut made, mut units) = (row.to.is_some(), 0);
        if let Some(to) = row.to {
            line.state = to;
            self.changed_lines.insert(line_id);
        }
        for effect in &row.ledger {
            match effect {
                LineEffect::OpenSeats if posted > 0 => self.entry(line_id, ("OUT", "OPEN"), posted),
                LineEffect::OpenSeats => {}
                LineEffect::GrantUnits => units += self.grant(line_id, i32::MAX),
                LineEffect::Lapse => made |= self.lapse(line_id),
            }
        }
        if row.call {
            (0..units).for_each(|_| self.promise(line_id, None, on));
        }
        if !made && units == 0 {
            return None;
        }
        self.line_facts.insert(line_id, row.change);
        Some(units)
    }

    /// Moves units from a quota to a line's share; back if negative. The share's own counter is the caller's.
    pub fn allot(&mut self, quota_id: QuotaId, line_id: LineId, units: i32) {
        if let Some(quota) = self.quotas.get_mut(&quota_id) {
            quota.allotted += units;
            self.changed_quotas.insert(quota_id);
            let (debit, credit) = if units > 0 { ("FREE", "UNITS") } else { ("UNITS", "FREE") };
            let (quota_id, units) = (Some(quota_id), units.abs());
            self.entries.push(Entry { hold_id: None, line_id, quota_id, debit, credit, units, placement: None });
        }
    }

    /// Units for open seats that have none, of a line with one corridor. Returns how many came.
    pub fn grant(&mut self, line_id: LineId, most: i32) -> i32 {
        let Some(line) = self.lines.get(&line_id) else { return 0 };
        let [one] = line.shares.as_slice() else { return 0 };
        let quota_id = one.quota_id;
        let free = self.quotas.get(&quota_id).map_or(0, Quota::free);
        let units = (line.open() - line.units()).min(free).min(most);
        if units <= 0 {
            return 0;
        }
        share(self.lines.get_mut(&line_id).expect("found above"), quota_id).units += units;
        self.allot(quota_id, line_id, units);
        self.changed_lines.insert(line_id);
        units
    }

    /// An entry of a line's own, outside of any hold.
    pub fn entry(&mut self, line_id: LineId, (debit, credit): (&'static str, &'static str), units: i32) {
        self.entries.push(Entry { hold_id: None, line_id, quota_id: None, debit, credit, units, placement: None });
    }

    fn enter(&mut self, at: &At<'_>, hold_id: Uuid, (debit, credit): (&'static str, &'static str)) {
        let quota_id = debit.starts_with("UNITS").then_some(at.quota_id);
        let (hold_id, placement) = (Some(hold_id), Some(at.placement));
        self.entries.push(Entry { hold_id, line_id: at.line_id, quota_id, debit, credit, units: 1, placement });
    }

    fn share(&mut self, at: &At<'_>) -> &mut Share {
        share(self.lines.get_mut(&at.line_id).expect("a placement's line is locked with it"), at.quota_id)
    }
}

fn share(line: &mut Line, quota_id: QuotaId) -> &mut Share {
    line.shares.iter_mut().find(|share| share.quota_id == quota_id).expect("a hold rests on a share of its line")
}

/// From the planned departure (for one called late: the call) to the planned end and the days a return may take.
#[must_use]
pub fn taken(starts_on: NaiveDate, ends_on: NaiveDate, on: NaiveDate, return_days: i64) -> (NaiveDate, NaiveDate) {
    let from = starts_on.max(on);
    let until = ends_on + chrono::Duration::days(return_days.max(0));
    (from, until.max(from + Days::new(1)))
}

const fn works(stage: Stage) -> bool {
    matches!(stage, Stage::Departed | Stage::Arrived | Stage::Working | Stage::AwaitingTransfer)
}

fn is(hold: Option<Hold>, status: HoldStatus) -> bool {
    hold.is_some_and(|hold| hold.status == status)
}

fn set_period(next: &mut Placement, status: HoldStatus) {
    if let Some(period) = &mut next.period {
        period.status = status;
    }
}

/// The person is free again from the day of the proved return.
fn shrink_period(next: &mut Placement, on: NaiveDate) {
    if let Some(period) = &mut next.period {
        period.until = period.until.min(on.max(period.from + Days::new(1)));
    }
}

fn no_room() -> Refusal {
    Refusal::guard("G2", "NO_ROOM", "the line has no seat that is neither held, taken nor promised")
        .mend("wait until a seat becomes free, or choose another line")
}

fn no_unit() -> Refusal {
    Refusal::guard("G2", "NO_UNIT", "the corridor's quota has no unit for this seat")
        .mend("wait until a unit is granted, or ask for the quota to be raised")
}
