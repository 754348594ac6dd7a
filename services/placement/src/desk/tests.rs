//! Random walks over the table, with the invariants of the design after every step.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{Days, Duration};
use proptest::prelude::*;
use proto::{
    Role,
    ids::QuotaId,
    placement::{LineState, Source},
};

use super::*;
use crate::{
    cases,
    ledger::{Line, Quota, Share},
    moves::{TABLE, is_terminal},
    placement::Hold,
};

mod ahead;
mod called;
mod decided;
mod fit;
mod grounds;
mod keys;
mod late;
mod sides;
mod signing;
mod told;
mod values;
mod veil;

const STEPS: usize = 3000;
const PEOPLE: usize = 6;

/// A small reproducible source of chance.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides as u64).unwrap()
    }

    fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

fn id<I: From<Uuid>>(kind: u128, number: usize) -> I {
    Uuid::from_u128((kind << 64) + number as u128).into()
}

fn name(number: usize) -> Uuid {
    id(9, number)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A pack that names a law by which re-entry may be barred.
fn lawful(id: &str) -> Pack {
    let rules = [("reentry.bars".to_owned(), "A_LAW: 365, Act of 2001, s. 3".to_owned())].into();
    Pack { id: id.to_owned(), rules }
}

fn line(number: usize, corridors: &[usize], posted: i32) -> Line {
    Line {
        id: id(1, number),
        order_id: id(2, number),
        organisation_id: id(3, 0),
        season: "2026".into(),
        destination: "ES".into(),
        state: LineState::Open,
        suspended: false,
        withdrawn: false,
        several: corridors.len() > 1,
        substitutes: true,
        filed_on: None,
        starts_on: day("2026-03-02") + Days::new(20 * number as u64),
        ends_on: day("2026-09-30"),
        isco_code: "9211".into(),
        posted,
        held: 0,
        taken: 0,
        promised: 0,
        shortfall: 0,
        shares: corridors
            .iter()
            .map(|corridor| Share {
                quota_id: id(4, *corridor),
                corridor: ["CO-ES", "GH-ES"][*corridor].into(),
                units: 0,
                units_held: 0,
                units_used: 0,
            })
            .collect(),
        version: 1,
        listed: true,
    }
}

struct Walk {
    desk: Desk<'static>,
    dice: Dice,
    made: BTreeSet<String>,
    posted: BTreeMap<LineId, i32>,
    today: NaiveDate,
    born: usize,
    ids: Cell<usize>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut desk = Desk::new(&TABLE, DateTime::UNIX_EPOCH);
        let mut posted = BTreeMap::new();
        for line in [line(0, &[0], 2), line(1, &[0, 1], 2)] {
            posted.insert(line.id, line.posted);
            desk.book.lines.insert(line.id, line);
        }
        for (number, corridor) in ["CO-ES", "GH-ES"].iter().enumerate() {
            let corridor = (*corridor).to_owned();
            let quota =
                Quota { id: id(4, number), corridor, season: "2026".into(), wanted: 3, allotted: 0, version: 1 };
            desk.book.quotas.insert(quota.id, quota);
        }
        desk.book.grant(id(1, 0), i32::MAX);
        for corridor in ["CO-ES", "GH-ES"] {
            desk.around.packs.insert(corridor.to_owned(), Packs([(day("2025-01-01"), lawful("").into())].into()));
        }
        let dice = Dice(seed.wrapping_mul(2).wrapping_add(1));
        let (made, today, ids) = (BTreeSet::new(), day("2026-01-10"), Cell::new(0));
        Self { desk, dice, made, posted, today, born: 0, ids }
    }

    /// A new proposal, or a move of somebody, by somebody who may.
    fn step(&mut self) {
        if self.dice.roll(25) == 0 {
            self.today = self.today + Days::new(self.dice.roll(6) as u64);
        }
        let live = self.desk.placements.values().filter(|placement| placement.is_live()).count();
        if live == 0 || (live < PEOPLE && self.dice.roll(8) == 0) {
            self.propose();
        } else {
            self.move_somebody();
        }
        self.serve();
    }

    fn propose(&mut self) {
        let number = self.born;
        self.born += 1;
        let line = self.desk.book.lines[&id::<LineId>(1, self.dice.roll(2))].clone();
        let share = line.shares[self.dice.roll(line.shares.len())].clone();
        let placement = Placement {
            id: id(5, number),
            candidate_id: id(6, self.dice.roll(PEOPLE)),
            ministry_id: id(7, 0),
            union_id: id(3, 0),
            line_id: line.id,
            order_id: line.order_id,
            quota_id: share.quota_id,
            corridor: share.corridor,
            season: line.season,
            source: Source::Round,
            starts_on: line.starts_on,
            ends_on: line.ends_on,
            fit_until: Some(day("2027-01-01")),
            ..Placement::empty()
        };
        let command = if self.dice.roll(2) == 0 { "Propose" } else { "Recommend" };
        self.desk.placements.insert(placement.id, placement);
        if self.attempt(id(5, number), command, Party::Clock).is_err() {
            self.desk.placements.remove(&id::<PlacementId>(5, number));
        }
    }

    fn move_somebody(&mut self) {
        // An end is left by nobody, but a recall and a record are still possible.
        let dead = self.dice.roll(20) == 0;
        let all: Vec<PlacementId> =
            self.desk.placements.values().filter(|p| dead || p.is_live()).map(|placement| placement.id).collect();
        let id = *self.dice.one_of(&all);
        let placement = &self.desk.placements[&id];
        let kind = placement.case.as_ref().map(|case| case.kind.clone());
        // Mostly, an open case is heard and decided; else walks would hardly ever come to a decision.
        let hears = kind.is_some() && self.dice.roll(4) > 0;
        // An offer expires after three attempts to reach the person: few would be made before the offer is answered.
        let offered = placement.stage == Stage::Offered;
        let seeks = offered && !self.made.contains("P12") && self.dice.roll(4) > 0;
        let goes_on = |row: &&Row| match row.id.as_str() {
            "P12" => seeks || !hears,
            "C2" | "C5" => true,
            _ => !seeks && (!hears || Some(&row.case) == kind.as_ref()),
        };
        let rows: Vec<&Row> =
            TABLE.from(placement.stage).filter(|row| row.command != "CallReserve").filter(goes_on).collect();
        // What no walk has done yet is tried first, half of the time.
        let fresh = rows.iter().find(|row| !self.made.contains(&row.id)).filter(|_| self.dice.roll(2) == 0);
        let Some(row) = fresh.or(rows.get(self.dice.roll(rows.len().max(1)))) else { return };
        // A case would be overtaken before it is heard.
        let overtakes = row.to.is_some() && row.case.is_empty() && self.desk.placements[&id].case.is_some();
        if overtakes && self.dice.roll(4) > 0 {
            return;
        }
        // What ends a placement is made less often, so that walks get far.
        let ends = matches!(row.to, Some(Stage::Cancelled | Stage::Deceased | Stage::LeftProgramme | Stage::WorkEnded));
        let undoes = ["K3", "K7", "K9", "K10", "K14", "C3", "E2", "E5", "E6", "E7"].contains(&row.id.as_str());
        let decided = self.desk.placements[&id].case.as_ref().is_some_and(|case| case.heard) && !row.case.is_empty();
        let new = !self.made.contains(&row.id);
        if (ends || undoes) && !decided && !new && self.dice.roll(12) > 0 {
            return;
        }
        let party = *self.dice.one_of(&row.who);
        let _made_or_not = self.attempt(id, &row.command, party);
    }

    fn actor(&mut self, party: Party) -> Actor {
        let of = |organisation_id, role| Actor {
            organisation_id,
            subject: format!("{role}"),
            roles: vec![role],
            ..Actor::default()
        };
        match party {
            Party::Clock => Actor::clock(),
            // Who records what a worker decides.
            Party::Ministry | Party::Worker => of(id(7, 0), Role::Ministry),
            Party::Union => of(id(3, 0), Role::Union),
            Party::Operator => of(id(8, 0), Role::Operator),
            Party::Authority => {
                // Two may have decided: a review is granted or refused by others.
                let number = self.dice.roll(3);
                Actor { subject: format!("authority {number}"), ..of(id(8, 1 + number), Role::Authority) }
            }
        }
    }

    fn attempt(&mut self, id: PlacementId, command: &str, party: Party) -> Result<(), Refusal> {
        let actor = self.actor(party);
        let was = self.desk.placements[&id].stage;
        let rows: Vec<String> = TABLE.row(command, was).map(|row| row.id.clone()).into_iter().collect();
        let kinds: &[&str] = match command {
            "AddRecord" => {
                const SOUGHT: &str = "CONTACT_ATTEMPT";
                const SAID: &str = "STATEMENT";
                const FIRST: &str = "FIRST_OF_TWO";
                &[SOUGHT, SOUGHT, SOUGHT, SOUGHT, SAID, SAID, SAID, "CONFIRMATION", "DENIAL", "NOTICE", FIRST, FIRST]
            }
            _ => match was {
                Stage::Accepted => &["NO_SHOW_DEPARTURE"],
                Stage::Departed => &["NOT_ARRIVED"],
                Stage::Arrived => &["NO_SHOW_WORK"],
                Stage::Working => &["ABANDONMENT", "TERMINATION"],
                Stage::Unverified => &["NON_RETURN"],
                _ => &cases::CASE_KINDS,
            },
        };
        let kind = *self.dice.one_of(kinds);
        let about: &[&str] = match (command, kind) {
            ("AddRecord", "CONTACT_ATTEMPT") => &cases::CHANNELS,
            ("AddRecord", "FIRST_OF_TWO") if was == Stage::Unverified => &["DecideNonReturn"],
            ("AddRecord", "FIRST_OF_TWO") if was == Stage::ReturnedVerified => &["BarReEntry"],
            ("AddRecord", "STATEMENT") if was == Stage::NonReturn => &["REVIEW"],
            ("AddRecord", _) => &["DecideNonReturn", "BarReEntry", "RecordDeath", "REVIEW"],
            _ => &["GROUP_LIST"],
        };
        let own = TABLE.row(command, was).and_then(|row| row.grounds.last());
        let asked = Move {
            placement_id: id,
            command: command.to_owned(),
            occurred_on: self.today,
            reason: own.cloned().unwrap_or_else(|| (*self.dice.one_of(about)).to_owned()),
            evidence: "code".into(),
            language: "es".into(),
            kind: kind.to_owned(),
            date: Some(self.today + Days::new(3)),
            rule_id: "A_LAW".into(),
            appeal_told_on: Some(self.today),
            for_worker: party == Party::Worker,
            witness: "W-17".into(),
            ..Move::default()
        };
        let before = self.desk.book.calls.len();
        let outcome = {
            let ids = &self.ids;
            let fresh = || {
                ids.set(ids.get() + 1);
                name(ids.get())
            };
            self.desk.make(&asked, &actor, &Called::default(), &fresh)
        };
        if outcome.is_ok() {
            self.made.extend(rows);
        } else {
            assert_eq!(self.desk.book.calls.len(), before, "a refused move promised a seat");
        }
        self.holds_true(command);
        outcome
    }

    /// The reserve run.
    fn serve(&mut self) {
        for call in std::mem::take(&mut self.desk.book.calls) {
            let mut list: Vec<PlacementId> = self
                .desk
                .placements
                .values()
                .filter(|p| p.line_id == call.line_id && p.stage == Stage::Recommended)
                .map(|p| p.id)
                .collect();
            list.sort_unstable();
            let taken = list.into_iter().any(|id| self.attempt(id, "CallReserve", Party::Clock).is_ok());
            if !taken {
                self.desk.book.lapse(call.line_id);
            }
        }
        self.holds_true("the reserve run");
    }

    fn holds_true(&self, after: &str) {
        self.lines_add_up(after);
        self.quotas_add_up(after);
        let mut taken: BTreeMap<CandidateId, Vec<(NaiveDate, NaiveDate)>> = BTreeMap::new();
        for placement in self.desk.placements.values() {
            fits_its_stage(placement, after);
            assert_eq!(placement.steps.len() as i64, placement.version, "after {after}: one step per version");
            if let Some(period) = placement.period.filter(|period| period.status != HoldStatus::Released) {
                taken.entry(placement.candidate_id).or_default().push((period.from, period.until));
            }
        }
        for periods in taken.values_mut() {
            periods.sort_unstable();
            assert!(periods.windows(2).all(|two| two[0].1 <= two[1].0), "after {after}: {periods:?} overlap");
        }
    }

    fn lines_add_up(&self, after: &str) {
        for line in self.desk.book.lines.values() {
            let of_line = || self.desk.placements.values().filter(|placement| placement.line_id == line.id);
            let held = of_line().filter(|p| is(p.seat, HoldStatus::Held)).count();
            let confirmed = of_line().filter(|p| is(p.seat, HoldStatus::Confirmed)).count();
            assert_eq!(
                (line.held as usize, line.taken as usize),
                (held, confirmed),
                "after {after}: holds of {}",
                line.id
            );
            assert!(line.held + line.taken + line.promised <= line.posted, "after {after}: {line:?}");
            assert!(line.several || line.promised <= line.units(), "after {after}: {line:?}");
            assert!(line.units() <= line.open() && line.promised >= 0, "after {after}: {line:?}");
            let sum = |bucket: &str| -> i32 {
                let entries = self.desk.book.entries.iter().filter(|entry| entry.line_id == line.id);
                entries.map(|e| e.units * (i32::from(e.credit == bucket) - i32::from(e.debit == bucket))).sum()
            };
            let counters = (sum("HELD"), sum("TAKEN"), sum("UNITS"), self.posted[&line.id] + sum("OPEN"));
            assert_eq!(counters, (line.held, line.taken, line.units(), line.open()), "after {after}: entries");
        }
    }

    fn quotas_add_up(&self, after: &str) {
        for quota in self.desk.book.quotas.values() {
            let shares = self.desk.book.lines.values().flat_map(|line| &line.shares);
            let sum: i32 = shares
                .filter(|share| share.quota_id == quota.id)
                .map(|share| share.units + share.units_held + share.units_used)
                .sum();
            assert_eq!(sum, quota.allotted, "after {after}: allotted of {}", quota.corridor);
            assert!(quota.allotted <= quota.cap(), "after {after}: {quota:?}");
        }
    }
}

fn is(hold: Option<Hold>, status: HoldStatus) -> bool {
    hold.is_some_and(|hold| hold.status == status && hold.vacated_on.is_none())
}

fn fits_its_stage(placement: &Placement, after: &str) {
    use HoldStatus::{Confirmed, Held};
    let (seat, unit) = (placement.seat, placement.unit);
    let fits = match placement.stage {
        Stage::Recommended => seat.is_none() && unit.is_none(),
        Stage::Proposed | Stage::Selected | Stage::Offered | Stage::Accepted => is(seat, Held) && is(unit, Held),
        Stage::Departed | Stage::Arrived => is(seat, Held) && is(unit, Confirmed),
        Stage::Working => is(seat, Confirmed) && is(unit, Confirmed),
        _ => !is(seat, Held) && !is(unit, Held),
    };
    assert!(fits, "after {after}: {seat:?} {unit:?} in {}", word(placement.stage));
    let ended = is_terminal(placement.stage) && !placement.clocks.is_empty();
    assert!(!ended, "after {after}: a clock runs beyond the end");
}

#[test]
fn walks_take_every_row_of_the_table() {
    let mut made = BTreeSet::new();
    for seed in 0..200 {
        let mut walk = Walk { made, ..Walk::new(seed) };
        for _ in 0..STEPS {
            walk.step();
        }
        made = walk.made;
    }
    let missed: Vec<&str> = TABLE.rows.iter().map(|row| row.id.as_str()).filter(|id| !made.contains(*id)).collect();
    assert!(missed.is_empty(), "never taken: {missed:?}");
}

#[test]
fn moves_that_protect_a_person_wait_for_no_suspension_freeze_or_case() {
    for (stage, command, party) in [
        (Stage::Accepted, "Withdraw", Party::Worker),
        (Stage::Working, "Resign", Party::Worker),
        (Stage::Working, "RepatriateMedically", Party::Authority),
        (Stage::WorkEnded, "VerifyReturn", Party::Ministry),
        (Stage::Working, "RecordStatusChange", Party::Authority),
    ] {
        let mut walk = Walk::new(7);
        let line = walk.desk.book.lines.get_mut(&id::<LineId>(1, 0)).unwrap();
        line.suspended = true;
        let placement = Placement {
            stage,
            line_id: id(1, 0),
            quota_id: id(4, 0),
            ministry_id: id(7, 0),
            corridor: "CO-ES".into(),
            case: Some(crate::placement::Case {
                id: id(9, 1),
                kind: "ABANDONMENT".into(),
                reporter: id(3, 0),
                opened_on: walk.today,
                since: 1,
                heard: false,
                heard_by: OrganisationId::default(),
            }),
            ..Placement::empty()
        };
        walk.desk.around.corridors.insert("CO-ES".into(), false);
        let row = TABLE.row(command, stage).unwrap();
        let actor = walk.actor(party);
        walk.desk.placements.insert(placement.id, placement.clone());
        let on = walk.today + Duration::days(1);
        let options = walk.desk.options(&placement, on, Some(&actor));
        let (_, outcome) = options.into_iter().find(|(option, _)| option.id == row.id).expect("the row is there");
        assert_eq!(outcome, Ok(()), "{command}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn no_walk_breaks_an_invariant(seed in any::<u64>()) {
        let mut walk = Walk::new(seed);
        for _ in 0..STEPS {
            walk.step();
        }
    }
}

/// A line of the walk with its seats still to be opened.
fn pending(posted: i32) -> (Book, LineId) {
    let mut book = Walk::new(7).desk.book;
    let line = Line { state: LineState::Pending, listed: false, ..line(2, &[0], posted) };
    let of = line.id;
    book.lines.insert(of, line);
    (book, of)
}

#[test]
fn a_line_moves_as_its_rows_say_and_its_fact_is_the_rows() {
    use proto::Event;
    let row = |command: &str| TABLE.line_move(command).unwrap();
    let on = day("2026-01-10");
    // Two of the quota's three units stand behind the first line.
    let (mut book, of) = pending(2);
    assert_eq!(book.make(of, row("GrantUnit"), on), None, "it is not open yet");
    assert_eq!(book.make(of, row("OpenLine"), on), Some(1), "one unit was left");
    assert_eq!((book.lines[&of].state, book.lines[&of].open(), book.lines[&of].units()), (LineState::Open, 2, 1));
    assert_eq!(book.make(of, row("OpenLine"), on), None, "it is open already");
    assert_eq!(book.make(of, row("GrantUnit"), on), None, "the quota has nothing left");
    book.quotas.get_mut(&id::<QuotaId>(4, 0)).unwrap().wanted = 5;
    book.lines.get_mut(&of).unwrap().listed = true;
    assert_eq!(book.make(of, row("GrantUnit"), on), Some(1));
    assert_eq!((book.lines[&of].promised, book.calls.len()), (1, 1), "the seat with the new unit is promised");
    assert_eq!(book.make(of, row("ReopenSeat"), on), Some(0));
    assert_eq!(book.lines[&of].promised, 0);
    assert_eq!(book.make(of, row("ReopenSeat"), on), None, "nothing is promised any more");
    for row in &TABLE.lines {
        let head = view::line_event(&book.lines[&of], row.change, None).head().unwrap();
        assert_eq!((head.aggregate, head.name), ("line", row.event.as_str()), "{}", row.id);
    }
    // Whoever may not by the table may not at the door.
    assert_eq!(row("OpenLine").roles(), [Role::Operator]);
    assert!(row("GrantUnit").by_clock() && row("GrantUnit").roles().is_empty());
}
