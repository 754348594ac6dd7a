//! Proposals of a round become placements: a seat, a unit and the person's period for each of rank 0, an entry on the
//! reserve list for the others. What no longer fits becomes a refusal that `matching` folds. Those of a proposal who come
//! together are taken all, or none of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{Days, NaiveDate};
use platform::{Clock, Error, Reach, outbox};
use proto::{
    ids::{CandidateId, LineId, MalformedId, OrderId, OrganisationId, PlacementId, QuotaId, RoundId},
    matching::{LineProposal, ProposedCandidate},
    placement::{
        LineState, ProposalRefusal, ProposalRefusalEvent, ProposalRefused, Source, Stage,
        placement_envelope::Aggregate, proposal_refusal_event,
    },
};
use sqlx::PgConnection;

use super::{BATCH_MAX, Service, savepoint, tripped};
use crate::{
    decide::{Actor, Move},
    desk::Desk,
    moves::TABLE,
    placement::{Placement, Together},
    store::{self, proposals as table},
    view::{self, Called},
};

/// Days of the calendar that a proposal waits for its line and quota.
pub const WAIT_DAYS: u64 = 30;
/// Waiting proposals tried again in one go.
const RETRY_MAX: i64 = 1000;

/// Why somebody was refused who could have had the place: not all of those who come together could.
const TOGETHER_NOT_WHOLE: &str = "TOGETHER_NOT_WHOLE";

/// One proposed person, with ids and dates read.
#[derive(Debug, Clone)]
pub struct Proposed {
    pub placement_id: PlacementId,
    pub candidate_id: CandidateId,
    pub ministry_id: OrganisationId,
    pub line_id: LineId,
    pub quota_id: QuotaId,
    pub round_id: Option<RoundId>,
    pub corridor: String,
    pub season: String,
    pub as_of: NaiveDate,
    pub rank: i32,
    pub candidate_version: i64,
    /// As it came, for the waiting room: the proposal with this one entry, and after it those whom the person comes with.
    pub whole: LineProposal,
}

impl Proposed {
    /// What those who come together have in common; empty for who comes alone.
    fn mark(&self) -> &str {
        self.whole.entries.first().map_or("", |entry| &entry.together)
    }

    fn comes_with(&self, other: &Self) -> bool {
        !self.mark().is_empty() && self.mark() == other.mark() && self.whole.id == other.whole.id
    }
}

/// Reads a proposal's entries.
///
/// # Errors
/// If an id or date is none: then the message is none of this contract.
pub fn read(proposal: &LineProposal) -> Result<Vec<Proposed>, String> {
    let head = LineProposal { entries: Vec::new(), ..proposal.clone() };
    let with = |entry: &ProposedCandidate| {
        let comes = |other: &&ProposedCandidate| {
            !entry.together.is_empty() && other.together == entry.together && other.placement_id != entry.placement_id
        };
        proposal.entries.iter().filter(comes).cloned().collect()
    };
    proposal.entries.iter().map(|entry| read_entry(&head, entry, with(entry))).collect()
}

/// Reads somebody who waited; those who come together wait each in a row of their own.
fn waited(whole: &LineProposal) -> Result<Option<Proposed>, Error> {
    Ok(read(whole).map_err(Error::Internal)?.into_iter().next())
}

fn read_entry(
    head: &LineProposal,
    entry: &ProposedCandidate,
    with: Vec<ProposedCandidate>,
) -> Result<Proposed, String> {
    let wrong = |error: MalformedId| error.to_string();
    let as_of = head.as_of.parse().map_err(|_| format!("{:?} is no date", head.as_of))?;
    Ok(Proposed {
        placement_id: entry.placement_id.parse().map_err(wrong)?,
        candidate_id: entry.candidate_id.parse().map_err(wrong)?,
        ministry_id: entry.ministry_id.parse().map_err(wrong)?,
        line_id: head.line_id.parse().map_err(wrong)?,
        quota_id: entry.quota_id.parse().map_err(wrong)?,
        round_id: head.round_id.parse().ok(),
        corridor: entry.corridor_code.clone(),
        season: head.season_code.clone(),
        as_of,
        rank: entry.reserve_rank,
        candidate_version: entry.candidate_version,
        whole: LineProposal { entries: std::iter::once(entry.clone()).chain(with).collect(), ..head.clone() },
    })
}

/// Takes proposals, at most [`BATCH_MAX`] a time, or as many as come together; those taken before change nothing. Answers with
/// how many wait now: for their line, their quota, or somebody with whom they come.
///
/// # Errors
/// If the database is gone.
pub async fn take(tx: &mut PgConnection, clock: &Clock, proposed: Vec<Proposed>) -> Result<usize, Error> {
    let proposed = in_order(proposed);
    let mut waiting = 0;
    let mut rest = proposed.as_slice();
    while !rest.is_empty() {
        let (batch, left) = rest.split_at(batch_of(rest));
        rest = left;
        let mut point = savepoint(tx).await?;
        match attempt(&mut point, clock, batch).await {
            Ok(wait) => {
                point.commit().await?;
                waiting += wait;
            }
            Err(error) if tripped(&error).is_some() => {
                point.rollback().await?;
                waiting += one_by_one(tx, clock, batch).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(waiting)
}

/// Seats before reserves: a list's first must not take what the round gave to somebody. Those who come together follow the
/// first of them.
fn in_order(mut proposed: Vec<Proposed>) -> Vec<Proposed> {
    proposed.sort_by_key(|entry| (entry.rank > 0, entry.line_id, entry.rank));
    let mut first = HashMap::new();
    let place = |(at, entry): (usize, Proposed)| match entry.mark() {
        "" => (at, entry),
        mark => (*first.entry((entry.whole.id.clone(), mark.to_owned())).or_insert(at), entry),
    };
    let mut placed: Vec<(usize, Proposed)> = proposed.into_iter().enumerate().map(place).collect();
    placed.sort_by_key(|(at, _)| *at);
    placed.into_iter().map(|(_, entry)| entry).collect()
}

/// How many of the first make a batch: those who come together are in one.
fn batch_of(proposed: &[Proposed]) -> usize {
    let mut most = 0;
    for group in proposed.chunk_by(Proposed::comes_with) {
        if most > 0 && most + group.len() > BATCH_MAX {
            break;
        }
        most += group.len();
    }
    most
}

async fn one_by_one(tx: &mut PgConnection, clock: &Clock, batch: &[Proposed]) -> Result<usize, Error> {
    let mut waiting = 0;
    for group in batch.chunk_by(Proposed::comes_with) {
        let mut point = savepoint(tx).await?;
        match attempt(&mut point, clock, group).await {
            Ok(wait) => {
                point.commit().await?;
                waiting += wait;
            }
            Err(error) => {
                let Some(reason) = tripped(&error) else { return Err(error) };
                point.rollback().await?;
                // Which of several met the other transaction's row, nobody says.
                let reason = if group.len() > 1 { TOGETHER_NOT_WHOLE } else { reason };
                let mut seen = HashSet::new();
                let once = group.iter().filter(|entry| seen.insert(entry.placement_id));
                let refused: Vec<_> = once.map(|entry| (entry, reason)).collect();
                refuse(tx, clock, &refused).await?;
            }
        }
    }
    Ok(waiting)
}

async fn attempt(tx: &mut PgConnection, clock: &Clock, batch: &[Proposed]) -> Result<usize, Error> {
    let ids: Vec<PlacementId> = batch.iter().map(|entry| entry.placement_id).collect();
    let known: HashSet<PlacementId> = table::known(tx, &ids).await?.into_iter().collect();
    let mut seen = HashSet::new();
    let batch: Vec<&Proposed> =
        batch.iter().filter(|entry| !known.contains(&entry.placement_id) && seen.insert(entry.placement_id)).collect();
    let wanted = store::load::Wanted {
        lines: batch.iter().map(|entry| entry.line_id).collect(),
        candidates: batch.iter().map(|entry| entry.candidate_id).collect(),
        corridors: batch.iter().map(|entry| entry.corridor.clone()).collect(),
        ledgers: true,
        holds: true,
        placements: Vec::new(),
        terms: false,
    };
    let mut desk = Desk::new(&TABLE, clock.now());
    store::load::fill(tx, &mut desk, &wanted).await?;
    let quotas: BTreeSet<QuotaId> = batch.iter().map(|entry| entry.quota_id).collect();
    let quotas = table::known_quotas(tx, &quotas.into_iter().collect::<Vec<_>>()).await?;
    forget_stale_rosters(&mut desk, &batch);
    let (mut waiting, mut refused) = (Vec::new(), Vec::new());
    for group in batch.chunk_by(|one, next| one.comes_with(next)) {
        for (entry, seated) in group.iter().zip(seat_all(&mut desk, clock, group, &quotas)) {
            match seated {
                Seated::Placed => {}
                Seated::Waits => waiting.push(*entry),
                Seated::Refused(reason) => refused.push((*entry, reason)),
            }
        }
    }
    store::save::save(tx, clock, &mut desk).await?;
    table::wait(tx, &waiting).await?;
    refuse(tx, clock, &refused).await?;
    Ok(waiting.len())
}

/// The proposal rests on a version of the person that this service may not have yet: then its own facts stand.
fn forget_stale_rosters(desk: &mut Desk<'_>, batch: &[&Proposed]) {
    for entry in batch {
        if desk.around.rosters.get(&entry.candidate_id).is_some_and(|roster| roster.version < entry.candidate_version) {
            desk.around.rosters.remove(&entry.candidate_id);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seated {
    Placed,
    Waits,
    Refused(&'static str),
}

/// All of those who come together, or none: then who could not be seated is told why, and the others that it was for that.
fn seat_all(desk: &mut Desk<'_>, clock: &Clock, group: &[&Proposed], quotas: &HashSet<QuotaId>) -> Vec<Seated> {
    let [first, others @ ..] = group else { return Vec::new() };
    if others.is_empty() && first.mark().is_empty() {
        return vec![seat(desk, clock, first, quotas)];
    }
    // Some of them are still in the waiting room.
    if group.len() < first.whole.entries.len() {
        return vec![Seated::Waits; group.len()];
    }
    let before = desk.so_far();
    let seated: Vec<Seated> = group.iter().map(|entry| seat(desk, clock, entry, quotas)).collect();
    if seated.iter().all(|one| *one == Seated::Placed) {
        return seated;
    }
    desk.take_back(before, group.iter().map(|entry| entry.placement_id));
    let refused = seated.iter().any(|one| matches!(one, Seated::Refused(_)));
    let told = |one: Seated| match one {
        Seated::Refused(_) => one,
        _ if refused => Seated::Refused(TOGETHER_NOT_WHOLE),
        _ => Seated::Waits,
    };
    seated.into_iter().map(told).collect()
}

fn seat(desk: &mut Desk<'_>, clock: &Clock, entry: &Proposed, quotas: &HashSet<QuotaId>) -> Seated {
    let Some(line) = desk.book.lines.get(&entry.line_id) else { return Seated::Waits };
    if line.state == LineState::Pending {
        return Seated::Waits;
    }
    if !line.shares.iter().any(|share| share.quota_id == entry.quota_id) {
        return if quotas.contains(&entry.quota_id) { Seated::Refused("NOT_ELIGIBLE") } else { Seated::Waits };
    }
    let placement = blank(entry, line.order_id, line.organisation_id, (line.starts_on, line.ends_on));
    desk.placements.insert(entry.placement_id, placement);
    let command = if entry.rank == 0 { "Propose" } else { "Recommend" };
    let asked = Move {
        placement_id: entry.placement_id,
        command: command.to_owned(),
        occurred_on: entry.as_of,
        ..Move::default()
    };
    match desk.make(&asked, &Actor::clock(), &Called::default(), &|| clock.id()) {
        Ok(()) => Seated::Placed,
        Err(refusal) => {
            desk.placements.remove(&entry.placement_id);
            Seated::Refused(match refusal.reason {
                "STAY_TOO_LONG" => "NOT_ELIGIBLE",
                reason => reason,
            })
        }
    }
}

fn blank(
    entry: &Proposed,
    order_id: OrderId,
    union_id: OrganisationId,
    (starts_on, ends_on): (NaiveDate, NaiveDate),
) -> Placement {
    let proposed = entry.whole.entries.first();
    let day = |of: fn(&ProposedCandidate) -> &str| proposed.and_then(|proposed| of(proposed).parse().ok());
    Placement {
        id: entry.placement_id,
        version: 0,
        stage: Stage::Unspecified,
        candidate_id: entry.candidate_id,
        ministry_id: entry.ministry_id,
        union_id,
        line_id: entry.line_id,
        order_id,
        quota_id: entry.quota_id,
        corridor: entry.corridor.clone(),
        season: entry.season.clone(),
        round_id: entry.round_id,
        source: if proposed.is_some_and(|proposed| proposed.pinned) { Source::Override } else { Source::Round },
        rank: entry.rank,
        score: proposed.map_or(0, |proposed| proposed.score),
        named: proposed.is_some_and(|proposed| proposed.named),
        together: together(entry),
        starts_on,
        ends_on,
        rostered_until: day(|proposed| &proposed.rostered_until),
        fit_until: day(|proposed| &proposed.fit_until),
        trained_until: day(|proposed| &proposed.trained_until),
        ..Placement::empty()
    }
}

/// The others of the proposal and those on other lines; none for who comes alone.
fn together(entry: &Proposed) -> Option<Together> {
    let (own, with) = entry.whole.entries.split_first()?;
    let others = with.iter().map(|other| &other.placement_id).chain(&own.elsewhere);
    let others: Vec<PlacementId> = others.filter_map(|id| id.parse().ok()).collect();
    (!others.is_empty()).then_some(Together { crew: own.crew, others })
}

async fn refuse(tx: &mut PgConnection, clock: &Clock, refused: &[(&Proposed, &'static str)]) -> Result<(), Error> {
    let mut events = Vec::new();
    let mut rows = Vec::new();
    for (entry, reason) in refused {
        let id = clock.id();
        let state = ProposalRefusal {
            id: id.to_string(),
            placement_id: entry.placement_id.to_string(),
            round_id: entry.round_id.map(|id| id.to_string()).unwrap_or_default(),
            line_id: entry.line_id.to_string(),
            candidate_id: entry.candidate_id.to_string(),
            corridor_code: entry.corridor.clone(),
            season_code: entry.season.clone(),
            reason: (*reason).to_owned(),
            version: 1,
        };
        let change = proposal_refusal_event::Change::Refused(ProposalRefused {});
        let event = ProposalRefusalEvent { state: Some(state), change: Some(change) };
        events.push(view::envelope(Aggregate::ProposalRefusal(event)));
        rows.push((id, *entry, *reason));
    }
    table::refuse(tx, &rows).await?;
    outbox::append(tx, clock, &events).await
}

/// Tries waiting proposals whose line was opened meanwhile, and refuses those that waited too long. Returns how many wait no more:
/// who calls until nothing moves does not wait with those who go on waiting.
///
/// # Errors
/// If the database is gone.
pub async fn retry(tx: &mut PgConnection, clock: &Clock) -> Result<usize, Error> {
    let mut entries = Vec::new();
    for whole in table::ready(tx, RETRY_MAX).await? {
        entries.extend(waited(&whole)?);
    }
    let mut count = entries.len();
    if count > 0 {
        count -= take(tx, clock, entries).await?;
    }
    let Some(today) = store::lists::calendar(tx).await? else { return Ok(count) };
    let Some(before) = today.checked_sub_days(Days::new(WAIT_DAYS)) else { return Ok(count) };
    let mut late = Vec::new();
    for whole in table::overdue(tx, before, RETRY_MAX).await? {
        late.extend(waited(&whole)?);
    }
    let refused: Vec<_> = late.iter().map(|entry| (entry, "UNKNOWN_LINE")).collect();
    refuse(tx, clock, &refused).await?;
    Ok(count + late.len())
}

impl Service {
    /// [`retry`] in a transaction of its own.
    ///
    /// # Errors
    /// If the database is gone.
    pub async fn retry_waiting(&self) -> Result<(), Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        retry(&mut tx, &self.clock).await?;
        self.database.commit(tx).await?;
        Ok(())
    }
}

/// Newest state of each key, for upserts that may name a row once only.
#[must_use]
pub fn newest<T>(states: impl Iterator<Item = (String, i64, T)>) -> HashMap<String, (i64, T)> {
    let mut newest: HashMap<String, (i64, T)> = HashMap::new();
    for (key, version, state) in states {
        match newest.get(&key) {
            Some((known, _)) if *known >= version => {}
            _ => {
                newest.insert(key, (version, state));
            }
        }
    }
    newest
}
