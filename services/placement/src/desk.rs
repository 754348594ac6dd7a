//! What one transaction works on: placements, lines and quotas that it locked, what it knows around them, and what it
//! has decided so far. No database here: loaded before, saved after.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, Utc};
use proto::{
    ids::{CandidateId, LineId, OrganisationId, PlacementId},
    placement::{PlacementEnvelope, SeasonRecord, Stage},
};
use uuid::Uuid;

use crate::{
    clocks,
    decide::{self, Actor, Kind, Move, Refusal, Roster, View, decide},
    guards,
    ledger::Book,
    moves::{Party, Row, Table, word},
    offer::{self, Terms},
    pack::{Pack, Packs},
    placement::{HoldStatus, Placement, Written},
    view::{self, Called, Told},
};

/// What is known around the placements of one transaction.
#[derive(Debug, Default)]
pub struct Around {
    /// Days in which people are taken, by candidate and placement.
    pub periods: HashMap<CandidateId, Vec<(PlacementId, NaiveDate, NaiveDate)>>,
    pub rosters: HashMap<CandidateId, Roster>,
    /// Rule packs by corridor.
    pub packs: HashMap<String, Packs>,
    /// Corridors that are known, and whether they are open.
    pub corridors: HashMap<String, bool>,
    /// Terms by line, where an offer is made or looked at.
    pub terms: HashMap<LineId, Terms>,
    /// Live entries by line and candidate.
    pub live: HashMap<(LineId, CandidateId), PlacementId>,
}

/// The pack of the move's day, and that of the order's date.
type Rules<'a> = (&'a Pack, &'a Pack);

/// How far a desk had come, so that what follows can be taken back.
pub struct SoFar {
    book: Book,
    events: usize,
    records: usize,
    accepted: usize,
}

/// A transaction's working table.
pub struct Desk<'t> {
    pub table: &'t Table,
    /// When all of it is recorded.
    pub now: DateTime<Utc>,
    pub book: Book,
    pub placements: BTreeMap<PlacementId, Placement>,
    pub around: Around,
    pub changed: BTreeSet<PlacementId>,
    /// Placements whose holds or period changed.
    pub moved_holds: BTreeSet<PlacementId>,
    pub events: Vec<PlacementEnvelope>,
    pub records: Vec<SeasonRecord>,
    /// Candidates who accepted, and when: their other list entries end.
    pub accepted: Vec<(CandidateId, NaiveDate)>,
}

impl<'t> Desk<'t> {
    /// An empty desk.
    #[must_use]
    pub fn new(table: &'t Table, now: DateTime<Utc>) -> Self {
        Self {
            table,
            now,
            book: Book::default(),
            placements: BTreeMap::new(),
            around: Around::default(),
            changed: BTreeSet::new(),
            moved_holds: BTreeSet::new(),
            events: Vec::new(),
            records: Vec::new(),
            accepted: Vec::new(),
        }
    }

    /// The corridor's pack in force on a day; an empty one, with the defaults, if none is known.
    #[must_use]
    pub fn pack(&self, corridor: &str, on: NaiveDate) -> Arc<Pack> {
        self.around.packs.get(corridor).and_then(|packs| packs.on(on)).unwrap_or_default()
    }

    /// The pack that was in force when the order of the placement's line was filed.
    fn order_pack(&self, placement: &Placement, on: NaiveDate) -> Arc<Pack> {
        let filed_on = self.book.lines.get(&placement.line_id).and_then(|line| line.filed_on);
        self.pack(&placement.corridor, filed_on.unwrap_or(on))
    }

    /// Makes one move, or says why not; then nothing was changed.
    ///
    /// # Errors
    /// The refusal.
    pub fn make(
        &mut self,
        asked: &Move,
        actor: &Actor,
        called: &Called,
        ids: &dyn Fn() -> Uuid,
    ) -> Result<(), Refusal> {
        let Some(placement) = self.placements.get(&asked.placement_id) else { return Err(not_found(asked)) };
        let asked = &*offer::with_text(asked, self.around.terms.get(&placement.line_id), placement.offer.as_ref());
        let periods = self.periods(placement);
        let room = self.book.room(placement.line_id, placement.quota_id, false);
        let pack = self.pack(&placement.corridor, asked.occurred_on);
        let order_pack = self.order_pack(placement, asked.occurred_on);
        let rules = (&*pack, &*order_pack);
        let view = self.view(placement, (rules, &periods, &room)).ok_or_else(|| not_found(asked))?;
        let mut decision = decide(self.table, placement, &view, asked, actor)?;
        let row = decision.row;
        self.book.apply(&mut decision.next, (row, decision.was, asked.occurred_on), &pack, ids)?;
        let (mut next, record) = (decision.next, decision.record);
        self.events.push(view::moved(&next, &Told { row, called, case: decision.case.as_ref() }));
        if record {
            let isco = self.book.lines.get(&next.line_id).map(|line| line.isco_code.clone()).unwrap_or_default();
            let written = next.season_record.get_or_insert_with(|| Written { id: ids().into(), edition: 0 });
            written.edition += 1;
            let written = *written;
            self.records.push(view::season_record(written, &next, &isco));
        }
        self.put(next, row, asked.occurred_on);
        Ok(())
    }

    /// How far it has come.
    #[must_use]
    pub fn so_far(&self) -> SoFar {
        SoFar {
            book: self.book.clone(),
            events: self.events.len(),
            records: self.records.len(),
            accepted: self.accepted.len(),
        }
    }

    /// Takes back what was made since, which began these placements and moved no other.
    pub fn take_back(&mut self, before: SoFar, begun: impl Iterator<Item = PlacementId>) {
        self.book = before.book;
        self.events.truncate(before.events);
        self.records.truncate(before.records);
        self.accepted.truncate(before.accepted);
        for id in begun {
            let Some(gone) = self.placements.remove(&id) else { continue };
            self.changed.remove(&id);
            self.moved_holds.remove(&id);
            if let Some(taken) = self.around.periods.get_mut(&gone.candidate_id) {
                taken.retain(|(other, _, _)| *other != id);
            }
            self.around.live.retain(|_, live| *live != id);
        }
    }

    fn put(&mut self, next: Placement, row: &Row, on: NaiveDate) {
        if next.stage == Stage::Accepted && row.to.is_some() {
            self.accepted.push((next.candidate_id, on));
        }
        if !row.ledger.is_empty() {
            self.moved_holds.insert(next.id);
            let taken = self.around.periods.entry(next.candidate_id).or_default();
            taken.retain(|(id, _, _)| *id != next.id);
            if let Some(period) = next.period.filter(|period| period.status != HoldStatus::Released) {
                taken.push((next.id, period.from, period.until));
            }
        }
        let pair = (next.line_id, next.candidate_id);
        if next.is_live() {
            self.around.live.insert(pair, next.id);
        } else if self.around.live.get(&pair) == Some(&next.id) {
            self.around.live.remove(&pair);
        }
        self.changed.insert(next.id);
        self.placements.insert(next.id, next);
    }

    /// Days in which the person is taken by other placements.
    fn periods(&self, placement: &Placement) -> Vec<(NaiveDate, NaiveDate)> {
        let taken = self.around.periods.get(&placement.candidate_id);
        taken
            .into_iter()
            .flatten()
            .filter(|(id, _, _)| *id != placement.id)
            .map(|(_, from, until)| (*from, *until))
            .collect()
    }

    fn view<'a>(
        &'a self,
        placement: &Placement,
        ((pack, order_pack), periods, room): (Rules<'a>, &'a [(NaiveDate, NaiveDate)], &'a Result<(), Refusal>),
    ) -> Option<View<'a>> {
        let entry = self.around.live.get(&(placement.line_id, placement.candidate_id));
        Some(View {
            line: self.book.lines.get(&placement.line_id)?,
            pack,
            order_pack,
            roster: self.around.rosters.get(&placement.candidate_id),
            periods,
            // A corridor that is not known yet is not known to be closed.
            corridor_open: self.around.corridors.get(&placement.corridor).copied().unwrap_or(true),
            terms: self.around.terms.get(&placement.line_id),
            listed_twice: entry.is_some_and(|id| *id != placement.id),
            room,
            now: self.now,
        })
    }

    /// Rows from the placement's stage with what each still waits for; `only` keeps those that the actor may make.
    #[must_use]
    pub fn options(
        &self,
        placement: &Placement,
        on: NaiveDate,
        only: Option<&Actor>,
    ) -> Vec<(&'t Row, Result<(), Refusal>)> {
        let periods = self.periods(placement);
        let room = self.book.room(placement.line_id, placement.quota_id, false);
        let pack = self.pack(&placement.corridor, on);
        let order_pack = self.order_pack(placement, on);
        let rules = (&*pack, &*order_pack);
        let Some(view) = self.view(placement, (rules, &periods, &room)) else { return Vec::new() };
        let anybody = Actor { organisation_id: OrganisationId(Uuid::max()), ..Actor::default() };
        let mut options = Vec::new();
        for row in self.table.from(placement.stage).filter(|row| row.who != [Party::Clock]) {
            let asked = |for_worker| Move { command: row.command.clone(), for_worker, ..Move::default() };
            // As themselves, and for the worker.
            let may = |actor: &Actor| -> Vec<Party> {
                let found = [false, true].map(|worker| decide::find(self.table, placement, &asked(worker), actor));
                found.into_iter().flatten().map(|(_, party)| party).collect()
            };
            let (actor, parties) = match only {
                Some(actor) => (actor, may(actor)),
                None => (&anybody, row.who.iter().copied().filter(|party| *party != Party::Clock).collect()),
            };
            let outcomes = parties.iter().map(|party| guards::probe(row, (placement, &view), (actor, *party), on));
            // What is not theirs on this placement is no option of theirs.
            let theirs =
                |outcome: &Result<(), Refusal>| !matches!(outcome, Err(refusal) if refusal.kind == Kind::Denied);
            let outcomes: Vec<_> = outcomes.filter(theirs).collect();
            let best = outcomes.iter().find(|outcome| outcome.is_ok()).or(outcomes.first()).cloned();
            options.extend(best.map(|outcome| (row, outcome)));
        }
        options
    }

    /// Whoever was renewed on the roster since the proposal came stays on the list as much longer, while the pack's days are not
    /// over. True if the clock was moved.
    pub fn listed_longer(&mut self, id: PlacementId) -> bool {
        let Some(placement) = self.placements.get(&id) else { return false };
        let Some(roster) = self.around.rosters.get(&placement.candidate_id).filter(|roster| roster.rostered) else {
            return false;
        };
        let Some(due_on) = placement.clock(clocks::LIST).map(|clock| clock.due_on) else { return false };
        let pack = self.pack(&placement.corridor, due_on);
        let end = clocks::list_end_now(self.table, placement, &pack, roster.until);
        let Some(end) = end.filter(|end| *end > due_on) else { return false };
        let until = roster.until;
        if let Some(placement) = self.placements.get_mut(&id) {
            placement.rostered_until = until;
            for clock in placement.clocks.iter_mut().filter(|clock| clock.name == clocks::LIST) {
                clock.due_on = end;
            }
            self.changed.insert(id);
        }
        true
    }

    /// Commands possible now, whoever makes them.
    #[must_use]
    pub fn possible(&self, placement: &Placement, on: NaiveDate) -> Vec<String> {
        let options = self.options(placement, on, None);
        options.into_iter().filter(|(_, outcome)| outcome.is_ok()).map(|(row, _)| row.command.clone()).collect()
    }
}

fn not_found(asked: &Move) -> Refusal {
    let message = format!("there is no placement {} that you may see", asked.placement_id);
    Refusal::guard("", "NOT_FOUND", message)
}

/// The stage's word, for arguments of refusals.
#[must_use]
pub fn stage_word(placement: Option<&Placement>) -> &'static str {
    placement.map_or("-", |placement| word(placement.stage))
}

#[cfg(test)]
mod tests;
