//! Puts the snapshot of a round together from what the projections hold. No database here: rows in, market out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use proto::{
    demand,
    ids::{CandidateId, LineId, OrderId, OrganisationId, PlacementId, QuotaId},
    placement as wire,
};
use uuid::Uuid;

use crate::{
    beds::{self, Stay},
    claim::{self, ClaimRow},
    facts::{Candidate, Line, Period, Share, Shut, Unreadable},
    ledger::{self, Known},
    snapshot::{Quota, Snapshot},
    terms::{Corridor, Packs, Papers, Terms, Unfounded},
    together,
};

/// The rows of one season and destination, all of one moment.
#[derive(Debug, Default)]
pub struct Gathered {
    pub corridors: Vec<CorridorRow>,
    /// Corridor → its packs.
    pub packs: HashMap<String, Packs>,
    pub quotas: Vec<QuotaRow>,
    pub lines: Vec<AskedLine>,
    pub ledgers: Vec<wire::Line>,
    /// By id; what rounds know of them beside placements and proposals.
    pub candidates: Vec<Candidate>,
    pub held: Vec<HeldRow>,
    pub placements: Vec<PlacementRow>,
    pub pending: Vec<PendingRow>,
    /// Placements whose union recalled the person, or whose offer was taken back; by their start.
    pub claims: Vec<ClaimRow>,
    /// Line and candidate of proposals refused for the person's sake.
    pub refused: Vec<(LineId, CandidateId)>,
    pub absent: Vec<AbsentRow>,
}

/// How many members of a family and a crew, empty = none, are not on the roster of an open corridor.
#[derive(Debug)]
pub struct AbsentRow {
    pub ministry_id: OrganisationId,
    pub family: String,
    pub crew: String,
    pub people: i64,
}

/// A corridor to the destination.
#[derive(Debug)]
pub struct CorridorRow {
    pub code: String,
    pub origin: String,
    pub open: bool,
}

/// A quota with its use; what placement applies goes before what programme set.
#[derive(Debug)]
pub struct QuotaRow {
    pub id: QuotaId,
    pub corridor_code: String,
    pub cap: i64,
    pub allotted: i64,
}

/// A line of an open order.
#[derive(Debug)]
pub struct AskedLine {
    pub order_id: OrderId,
    pub organisation_id: OrganisationId,
    pub reference: String,
    /// The date whose rules judge the order, where it is known.
    pub filed_on: Option<NaiveDate>,
    pub employer_id: Option<Uuid>,
    pub line: demand::OrderLine,
}

/// What live placements hold of a line and a quota.
#[derive(Debug)]
pub struct HeldRow {
    pub line_id: LineId,
    pub quota_id: Option<QuotaId>,
    pub seats: i64,
    pub units: i64,
    pub listed: i64,
}

/// A placement of a candidate of the market, on whatever line.
#[derive(Debug, Clone)]
pub struct PlacementRow {
    pub id: PlacementId,
    pub candidate_id: CandidateId,
    pub union_id: Option<OrganisationId>,
    pub line_id: LineId,
    /// Empty if it was told before placements told their season.
    pub season_code: String,
    pub listed: bool,
    pub ended_here: bool,
    pub starts_on: Option<NaiveDate>,
    /// Since when it holds, or held, a seat.
    pub held_since: Option<NaiveDate>,
    pub taken_from: Option<NaiveDate>,
    pub taken_until: Option<NaiveDate>,
}

/// A proposal that went out and has not been answered.
#[derive(Debug)]
pub struct PendingRow {
    pub line_id: LineId,
    pub candidate_id: CandidateId,
    pub quota_id: QuotaId,
    pub reserve_rank: i32,
    pub season_code: String,
    pub starts_on: NaiveDate,
    pub taken_until: NaiveDate,
}

/// Why rows make no market.
#[derive(Debug, PartialEq, Eq)]
pub enum NoMarket {
    /// A pack lets score or priority read what is protected.
    Unfounded(Unfounded),
    /// A row does not read.
    Unreadable(Unreadable),
}

impl From<Unfounded> for NoMarket {
    fn from(unfounded: Unfounded) -> Self {
        Self::Unfounded(unfounded)
    }
}

impl From<Unreadable> for NoMarket {
    fn from(row: Unreadable) -> Self {
        Self::Unreadable(row)
    }
}

/// Returns the market of these rows.
///
/// # Errors
/// If a fact does not read, or a pack's score may not be built.
pub fn snapshot(
    (season_code, destination, as_of): (&str, &str, NaiveDate),
    gathered: Gathered,
) -> Result<Snapshot, NoMarket> {
    let corridor = |row: &CorridorRow| {
        let values = gathered.packs.get(&row.code).and_then(|packs| packs.on(as_of)).cloned().unwrap_or_default();
        Ok((row.origin.clone(), Corridor::read(&row.code, row.open, &values)?))
    };
    let corridors: BTreeMap<String, Corridor> =
        gathered.corridors.iter().map(corridor).collect::<Result<_, Unfounded>>()?;
    let known = known(&gathered.held, &gathered.pending);
    let quotas = quotas(&gathered, &known);
    let done: BTreeSet<(LineId, CandidateId)> = gathered
        .placements
        .iter()
        .filter(|row| !row.listed)
        .map(|row| (row.line_id, row.candidate_id))
        .chain(gathered.pending.iter().filter(|row| row.reserve_rank == 0).map(|row| (row.line_id, row.candidate_id)))
        .collect();
    let lines = lines(destination, &gathered, &State { corridors: &corridors, known: &known, done: &done })?;
    let candidates = candidates(season_code, gathered);
    let terms = Terms { as_of, corridors };
    Ok(Snapshot {
        season_code: season_code.to_owned(),
        destination: destination.to_owned(),
        terms,
        lines,
        candidates,
        quotas,
    })
}

fn known(held: &[HeldRow], pending: &[PendingRow]) -> HashMap<LineId, Known> {
    let mut lines: HashMap<LineId, Known> = HashMap::new();
    for row in held {
        let known = lines.entry(row.line_id).or_default();
        known.seats += row.seats;
        known.listed += row.listed;
        *known.units.entry(row.quota_id.unwrap_or_default()).or_default() += row.units;
    }
    for row in pending {
        let known = lines.entry(row.line_id).or_default();
        if row.reserve_rank > 0 {
            known.listed += 1;
            continue;
        }
        known.seats += 1;
        *known.units.entry(row.quota_id).or_default() += 1;
    }
    lines
}

fn quotas(gathered: &Gathered, known: &HashMap<LineId, Known>) -> Vec<Quota> {
    let none = Known::default();
    let mut bound: HashMap<&str, i64> = HashMap::new();
    for ledger in &gathered.ledgers {
        let known = ledger.id.parse::<LineId>().ok().and_then(|id| known.get(&id)).unwrap_or(&none);
        for share in &ledger.shares {
            *bound.entry(&share.quota_id).or_default() += ledger::bound(share, known);
        }
    }
    let quota = |row: &QuotaRow| {
        let bound = bound.get(row.id.to_string().as_str()).copied().unwrap_or(0);
        Quota { corridor_code: row.corridor_code.clone(), free: ledger::units_free(row.cap, row.allotted, bound) }
    };
    // Lines know no sector: of several quotas of a corridor `placement` takes the units of all its lines from one. That one
    // counts.
    let drawn = |row: &QuotaRow| bound.contains_key(row.id.to_string().as_str());
    let mut kept: BTreeMap<&str, &QuotaRow> = BTreeMap::new();
    for row in &gathered.quotas {
        let first = kept.entry(&row.corridor_code).or_insert(row);
        if !drawn(first) && drawn(row) {
            *first = row;
        }
    }
    kept.into_values().map(quota).collect()
}

/// What of the market is known beside the lines.
struct State<'a> {
    corridors: &'a BTreeMap<String, Corridor>,
    known: &'a HashMap<LineId, Known>,
    /// Line and person of placements, whatever became of them, and of seats on their way.
    done: &'a BTreeSet<(LineId, CandidateId)>,
}

fn lines(destination: &str, gathered: &Gathered, state: &State<'_>) -> Result<Vec<Line>, Unreadable> {
    let by_id: HashMap<&str, &wire::Line> =
        gathered.ledgers.iter().map(|ledger| (ledger.id.as_str(), ledger)).collect();
    let by_code: HashMap<&str, &Corridor> =
        state.corridors.values().map(|corridor| (corridor.code.as_str(), corridor)).collect();
    let none = Known::default();
    let mut lines = Vec::with_capacity(gathered.lines.len());
    let mut stays = Vec::new();
    for row in &gathered.lines {
        let Some(ledger) = by_id.get(row.line.id.as_str()) else { continue };
        let order = (row.order_id, row.organisation_id, row.reference.as_str(), destination);
        let open = ledger.state() == wire::LineState::Open;
        let mut line = match Line::read(order, row.line.clone(), ledger) {
            Ok(line) => line,
            // Nothing is given of it: that it does not read keeps no round back.
            Err(_) if !open => continue,
            Err(error) => return Err(error),
        };
        let known = state.known.get(&line.id).unwrap_or(&none);
        let taken = ledger::taken(ledger, known);
        line.seats = if open { ledger::seats(ledger, known) } else { 0 };
        // A seat that is promised to the reserve list takes a bed as well.
        let promised = u32::try_from(ledger.promised).unwrap_or(0);
        stays.extend(Stay::of(&line, row.line.beds, taken.saturating_add(promised)));
        if line.seats == 0 {
            continue;
        }
        line.site = row.employer_id.unwrap_or(line.site);
        line.least = line.least.saturating_sub(taken);
        if !line.substitutes && !line.named.is_empty() {
            let awaited = line.named.iter().filter(|person| !state.done.contains(&(line.id, **person))).count();
            line.others = Some(line.seats.saturating_sub(u32::try_from(awaited).unwrap_or(u32::MAX)));
        }
        let of_line = line.shares.iter().filter_map(|share| by_code.get(share.corridor_code.as_str()));
        let percent = of_line.filter(|corridor| corridor.substitutes).map(|corridor| corridor.reserve_percent).max();
        let percent = percent.filter(|_| line.substitutes).unwrap_or(100);
        line.reserve = ledger::reserve(line.posted, percent, known.listed);
        line.papers = papers(&line, row.filed_on, gathered, &by_code);
        lines.push(line);
    }
    beds::give(&mut lines, &stays);
    lines.sort_by(|one, other| one.reference.cmp(&other.reference).then(one.id.cmp(&other.id)));
    Ok(lines)
}

/// The papers that corridors ask for by their packs of the order's date, where those of the round's date ask for others.
fn papers(
    line: &Line,
    filed_on: Option<NaiveDate>,
    gathered: &Gathered,
    corridors: &HashMap<&str, &Corridor>,
) -> BTreeMap<String, Papers> {
    let Some(filed_on) = filed_on else { return BTreeMap::new() };
    let asked = |share: &Share| {
        let asked = gathered.packs.get(&share.corridor_code)?.papers_on(filed_on);
        let now = corridors.get(share.corridor_code.as_str())?.papers();
        (asked != now).then(|| (share.corridor_code.clone(), asked))
    };
    line.shares.iter().filter_map(asked).collect()
}

fn candidates(season_code: &str, gathered: Gathered) -> Vec<Candidate> {
    let mut people = gathered.candidates;
    assert!(people.is_sorted_by_key(|person| person.id), "people are read by id");
    together::miss(&mut people, &gathered.absent);
    claim::give(&mut people, season_code, &gathered.claims, (&gathered.placements, &gathered.pending));
    for row in gathered.placements {
        let Some(person) = find(&mut people, row.candidate_id) else { continue };
        if row.listed {
            person.shut.insert(row.line_id, Shut::Listed);
        }
        if row.ended_here {
            person.shut.insert(row.line_id, Shut::Ended);
        }
        if let (Some(from), Some(until)) = (row.taken_from, row.taken_until) {
            person.periods.push(Period { from, until });
        }
    }
    for row in gathered.pending {
        let Some(person) = find(&mut people, row.candidate_id) else { continue };
        if row.reserve_rank > 0 {
            person.shut.insert(row.line_id, Shut::Listed);
            continue;
        }
        person.periods.push(Period { from: row.starts_on, until: row.taken_until });
    }
    for (line, candidate) in gathered.refused {
        if let Some(person) = find(&mut people, candidate) {
            person.shut.insert(line, Shut::Refused);
        }
    }
    people
}

fn find(people: &mut [Candidate], id: CandidateId) -> Option<&mut Candidate> {
    let at = people.binary_search_by_key(&id, |person| person.id).ok()?;
    Some(&mut people[at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{candidate, date};

    #[test]
    fn the_pack_of_the_rounds_day_says_who_goes_before_every_score() {
        let day = |text: &str| date(text).unwrap();
        let rules = |key: &str| BTreeMap::from([(key.to_owned(), "DISPLACED".to_owned())]);
        let packs = [("2025-01-01", rules("score.priorities")), ("2026-02-01", rules("priority.grounds"))];
        let packs = Packs(packs.into_iter().map(|(from, rules)| (day(from), rules)).collect());
        let mut person = candidate(1);
        person.priorities.insert("DISPLACED".to_owned());
        let first = |as_of: &str| {
            let gathered = Gathered {
                corridors: vec![CorridorRow { code: "CO-ES".to_owned(), origin: "CO".to_owned(), open: true }],
                packs: HashMap::from([("CO-ES".to_owned(), packs.clone())]),
                candidates: vec![person.clone(), candidate(2)],
                ..Gathered::default()
            };
            let Snapshot { terms, candidates, .. } = snapshot(("2026", "ES", day(as_of)), gathered).unwrap();
            candidates.iter().map(|person| terms.corridors["CO"].puts_first(person)).collect::<Vec<bool>>()
        };
        assert_eq!(first("2026-01-31"), [false, false], "the ground is points");
        assert_eq!(first("2026-02-01"), [true, false]);
    }

    #[test]
    fn of_several_quotas_of_a_corridor_the_one_counts_from_which_its_lines_draw() {
        let id = |number| QuotaId(Uuid::from_u128(number));
        let row = |number: u128, code: &str, cap| QuotaRow {
            id: id(number),
            corridor_code: code.to_owned(),
            cap,
            allotted: 0,
        };
        let share = |number: u128| wire::LineShare { quota_id: id(number).to_string(), ..Default::default() };
        let told = |drawn: &[u128]| -> Vec<(String, u32)> {
            let ledger =
                wire::Line { shares: drawn.iter().map(|&number| share(number)).collect(), ..Default::default() };
            let quotas = vec![row(1, "CO-ES", 5), row(2, "CO-ES", 900), row(3, "GT-ES", 7)];
            let gathered = Gathered { quotas, ledgers: vec![ledger], ..Gathered::default() };
            super::quotas(&gathered, &HashMap::new())
                .into_iter()
                .map(|quota| (quota.corridor_code, quota.free))
                .collect()
        };
        let of = |units| vec![("CO-ES".to_owned(), units), ("GT-ES".to_owned(), 7)];
        assert_eq!(told(&[1, 3]), of(5));
        assert_eq!(told(&[2]), of(900));
        assert_eq!(told(&[]), of(5), "no line draws on either");
    }
}
