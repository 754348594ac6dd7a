//! Proposals of a round become placements: a seat, a unit and the person's period for each of rank 0, an entry on the
//! reserve list for the others. What no longer fits becomes a refusal that `matching` folds.

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
    placement::Placement,
    store::{self, proposals as table},
    view::{self, Called},
};

/// Days of the calendar that a proposal waits for its line and quota.
pub const WAIT_DAYS: u64 = 30;
/// Waiting proposals tried again in one go.
const RETRY_MAX: i64 = 1000;

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
    /// As it came, for the waiting room: the proposal with this one entry.
    pub whole: LineProposal,
}

/// Reads a proposal's entries.
///
/// # Errors
/// If an id or date is none: then the message is none of this contract.
pub fn read(proposal: &LineProposal) -> Result<Vec<Proposed>, String> {
    let head = LineProposal { entries: Vec::new(), ..proposal.clone() };
    proposal.entries.iter().map(|entry| read_entry(&head, entry)).collect()
}

fn read_entry(head: &LineProposal, entry: &ProposedCandidate) -> Result<Proposed, String> {
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
        whole: LineProposal { entries: vec![entry.clone()], ..head.clone() },
    })
}

/// Takes proposals, at most [`BATCH_MAX`] a time; those taken before change nothing.
///
/// # Errors
/// If the database is gone.
pub async fn take(tx: &mut PgConnection, clock: &Clock, mut proposed: Vec<Proposed>) -> Result<(), Error> {
    // Seats before reserves: a list's first must not take what the round gave to somebody.
    proposed.sort_by_key(|entry| (entry.rank > 0, entry.line_id, entry.rank));
    for batch in proposed.chunks(BATCH_MAX) {
        let mut point = savepoint(tx).await?;
        match attempt(&mut point, clock, batch).await {
            Ok(()) => point.commit().await?,
            Err(error) if tripped(&error).is_some() => {
                point.rollback().await?;
                one_by_one(tx, clock, batch).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn one_by_one(tx: &mut PgConnection, clock: &Clock, batch: &[Proposed]) -> Result<(), Error> {
    for entry in batch {
        let mut point = savepoint(tx).await?;
        match attempt(&mut point, clock, std::slice::from_ref(entry)).await {
            Ok(()) => point.commit().await?,
            Err(error) => {
                let Some(reason) = tripped(&error) else { return Err(error) };
                point.rollback().await?;
                refuse(tx, clock, &[(entry, reason)]).await?;
            }
        }
    }
    Ok(())
}

async fn attempt(tx: &mut PgConnection, clock: &Clock, batch: &[Proposed]) -> Result<(), Error> {
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
    for entry in batch {
        match seat(&mut desk, clock, entry, &quotas) {
            Seated::Placed => {}
            Seated::Waits => waiting.push(entry),
            Seated::Refused(reason) => refused.push((entry, reason)),
        }
    }
    store::save::save(tx, clock, &mut desk).await?;
    table::wait(tx, &waiting).await?;
    refuse(tx, clock, &refused).await
}

/// The proposal rests on a version of the person that this service may not have yet: then its own facts stand.
fn forget_stale_rosters(desk: &mut Desk<'_>, batch: &[&Proposed]) {
    for entry in batch {
        if desk.around.rosters.get(&entry.candidate_id).is_some_and(|roster| roster.version < entry.candidate_version) {
            desk.around.rosters.remove(&entry.candidate_id);
        }
    }
}

enum Seated {
    Placed,
    Waits,
    Refused(&'static str),
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
        starts_on,
        ends_on,
        rostered_until: day(|proposed| &proposed.rostered_until),
        fit_until: day(|proposed| &proposed.fit_until),
        trained_until: day(|proposed| &proposed.trained_until),
        ..Placement::empty()
    }
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

/// Tries waiting proposals whose line was opened meanwhile, and refuses those that waited too long. Returns how many.
///
/// # Errors
/// If the database is gone.
pub async fn retry(tx: &mut PgConnection, clock: &Clock) -> Result<usize, Error> {
    let mut entries = Vec::new();
    for whole in table::ready(tx, RETRY_MAX).await? {
        entries.extend(read(&whole).map_err(Error::Internal)?);
    }
    let count = entries.len();
    if count > 0 {
        take(tx, clock, entries).await?;
    }
    let Some(today) = store::lists::calendar(tx).await? else { return Ok(count) };
    let Some(before) = today.checked_sub_days(Days::new(WAIT_DAYS)) else { return Ok(count) };
    let mut late = Vec::new();
    for whole in table::overdue(tx, before, RETRY_MAX).await? {
        late.extend(read(&whole).map_err(Error::Internal)?);
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
