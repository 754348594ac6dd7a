//! From the states that events carry to the rows of the fold. Pure: what a row holds is decided here, that the newest
//! version wins is decided by the store.

mod passed;
mod placements;

use std::collections::BTreeMap;

use platform::Fault;
use proto::{
    candidate::{Candidate, CandidateState},
    demand::{Employer, JobOrder, JobOrderState},
    ids::{CandidateId, EmployerId, OrderId, OrganisationId, QuotaId, RoundId},
    matching::{LineProposal, Round, RoundState},
    placement::{Calendar, Line, Placement, ProposalRefusal, QuotaUse, SeasonRecord},
    programme::{Corridor, CorridorState, Organisation, OrganisationKind, Quota, RulePack, Season},
};
use serde_json::{Value, json};

pub(crate) use passed::{PassedRow, passed_over};
pub(crate) use placements::{CalendarRow, LineRow, PlacementRow, QuotaUseRow, WordRow};

/// The state of an aggregate.
pub(crate) trait Versioned {
    fn key(&self) -> &str;
    fn version(&self) -> i64;
}

macro_rules! versioned {
    ($($state:ident by $key:ident;)*) => {$(
        impl Versioned for $state {
            fn key(&self) -> &str {
                &self.$key
            }

            fn version(&self) -> i64 {
                self.version
            }
        }
    )*};
}

versioned! {
    Organisation by id;
    Corridor by code;
    RulePack by id;
    Season by code;
    Quota by id;
    Employer by id;
    JobOrder by id;
    Candidate by id;
    Round by id;
    LineProposal by id;
    Placement by id;
    Line by id;
    QuotaUse by quota_id;
    SeasonRecord by id;
    ProposalRefusal by id;
    Calendar by id;
}

/// The newest state of each aggregate, in the order of their keys: batches that meet lock rows in one order.
fn newest<'a, S: Versioned>(states: &[&'a S]) -> Vec<&'a S> {
    let mut newest: BTreeMap<&str, &'a S> = BTreeMap::new();
    for state in states {
        let there = newest.entry(state.key()).or_insert(state);
        if there.version() < state.version() {
            *there = state;
        }
    }
    newest.into_values().collect()
}

/// A row of the fold.
pub(crate) trait Row<S>: Sized {
    /// # Errors
    /// [`Fault::Permanent`] if the state lacks what the row is found by.
    fn of(state: &S) -> Result<Self, Fault>;
}

/// The rows of the newest states.
pub(crate) fn rows<S: Versioned, R: Row<S>>(states: &[&S]) -> Result<Vec<R>, Fault> {
    newest(states).into_iter().map(R::of).collect()
}

/// An organisation, if one is named.
fn organisation(text: &str) -> Option<OrganisationId> {
    text.parse().ok()
}

fn word(name: &'static str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_owned()
}

pub(crate) struct OrganisationRow {
    pub(crate) id: OrganisationId,
    pub(crate) version: i64,
    pub(crate) kind: String,
}

impl Row<Organisation> for OrganisationRow {
    fn of(state: &Organisation) -> Result<Self, Fault> {
        let kind = OrganisationKind::as_str_name(&state.kind());
        Ok(Self { id: state.id.parse()?, version: state.version, kind: word(kind, "ORGANISATION_KIND_") })
    }
}

pub(crate) struct CorridorRow {
    pub(crate) code: String,
    pub(crate) version: i64,
    pub(crate) state: String,
    pub(crate) ministry_id: Option<OrganisationId>,
}

impl Row<Corridor> for CorridorRow {
    fn of(state: &Corridor) -> Result<Self, Fault> {
        Ok(Self {
            code: state.code.clone(),
            version: state.version,
            state: word(CorridorState::as_str_name(&state.state()), "CORRIDOR_STATE_"),
            ministry_id: organisation(&state.ministry_id),
        })
    }
}

/// An aggregate of which only the version counts.
pub(crate) struct MarkRow {
    pub(crate) id: String,
    pub(crate) version: i64,
}

impl Row<RulePack> for MarkRow {
    fn of(state: &RulePack) -> Result<Self, Fault> {
        Ok(Self { id: state.id.clone(), version: state.version })
    }
}

impl Row<Season> for MarkRow {
    fn of(state: &Season) -> Result<Self, Fault> {
        Ok(Self { id: state.code.clone(), version: state.version })
    }
}

pub(crate) struct QuotaRow {
    pub(crate) id: QuotaId,
    pub(crate) version: i64,
    pub(crate) corridor_code: String,
    pub(crate) season_code: String,
    pub(crate) cap: i32,
}

impl Row<Quota> for QuotaRow {
    fn of(state: &Quota) -> Result<Self, Fault> {
        Ok(Self {
            id: state.id.parse()?,
            version: state.version,
            corridor_code: state.corridor_code.clone(),
            season_code: state.season_code.clone(),
            cap: state.cap,
        })
    }
}

pub(crate) struct EmployerRow {
    pub(crate) id: EmployerId,
    pub(crate) version: i64,
    pub(crate) organisation_id: Option<OrganisationId>,
}

impl Row<Employer> for EmployerRow {
    fn of(state: &Employer) -> Result<Self, Fault> {
        let organisation_id = organisation(&state.organisation_id);
        Ok(Self { id: state.id.parse()?, version: state.version, organisation_id })
    }
}

pub(crate) struct JobOrderRow {
    pub(crate) id: OrderId,
    pub(crate) version: i64,
    pub(crate) organisation_id: Option<OrganisationId>,
    pub(crate) season_code: String,
    pub(crate) destination: String,
    pub(crate) state: String,
    pub(crate) lines: i64,
    pub(crate) seats: i64,
    pub(crate) seats_asked: i64,
}

impl Row<JobOrder> for JobOrderRow {
    fn of(state: &JobOrder) -> Result<Self, Fault> {
        Ok(Self {
            id: state.id.parse()?,
            version: state.version,
            organisation_id: organisation(&state.organisation_id),
            season_code: state.season_code.clone(),
            destination: state.destination.clone(),
            state: word(JobOrderState::as_str_name(&state.state()), "JOB_ORDER_STATE_"),
            lines: state.lines.iter().map(|_| 1).sum(),
            seats: state.lines.iter().map(|line| i64::from(line.seats)).sum(),
            seats_asked: state.lines.iter().map(|line| i64::from(line.seats_asked)).sum(),
        })
    }
}

pub(crate) struct CandidateRow {
    pub(crate) id: CandidateId,
    pub(crate) version: i64,
    pub(crate) organisation_id: Option<OrganisationId>,
    pub(crate) origin: String,
    pub(crate) state: String,
    pub(crate) seasons_returned: i32,
    pub(crate) destinations: String,
}

impl Row<Candidate> for CandidateRow {
    fn of(state: &Candidate) -> Result<Self, Fault> {
        Ok(Self {
            id: state.id.parse()?,
            version: state.version,
            organisation_id: organisation(&state.organisation_id),
            origin: state.origin.clone(),
            state: word(CandidateState::as_str_name(&state.state()), "CANDIDATE_STATE_"),
            seasons_returned: state.seasons_returned,
            destinations: state.destinations.join(" "),
        })
    }
}

pub(crate) struct RoundRow {
    pub(crate) id: RoundId,
    pub(crate) version: i64,
    pub(crate) season_code: String,
    pub(crate) destination: String,
    pub(crate) state: String,
}

impl Row<Round> for RoundRow {
    fn of(state: &Round) -> Result<Self, Fault> {
        Ok(Self {
            id: state.id.parse()?,
            version: state.version,
            season_code: state.season_code.clone(),
            destination: state.destination.clone(),
            state: word(RoundState::as_str_name(&state.state()), "ROUND_STATE_"),
        })
    }
}

pub(crate) struct LineProposalRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) organisation_id: Option<OrganisationId>,
    pub(crate) season_code: String,
    pub(crate) shares: Value,
}

impl Row<LineProposal> for LineProposalRow {
    fn of(state: &LineProposal) -> Result<Self, Fault> {
        let mut shares: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for entry in &state.entries {
            let share = shares.entry(&entry.corridor_code).or_default();
            if entry.reserve_rank == 0 { share.0 += 1 } else { share.1 += 1 }
        }
        let share = |(corridor, (proposals, reserves))| json!({ "corridor": corridor, "proposals": proposals, "reserves": reserves });
        Ok(Self {
            id: state.id.clone(),
            version: state.version,
            organisation_id: organisation(&state.organisation_id),
            season_code: state.season_code.clone(),
            shares: shares.into_iter().map(share).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn within_a_batch_the_newest_version_counts() {
        let state = |id: &str, version| RulePack { id: id.to_owned(), version, ..RulePack::default() };
        let states = [state("b", 1), state("a", 3), state("a", 2), state("b", 2)];
        let rows: Vec<MarkRow> = rows(&states.iter().collect::<Vec<_>>()).unwrap();
        let seen: Vec<(&str, i64)> = rows.iter().map(|row| (row.id.as_str(), row.version)).collect();
        assert_eq!(seen, [("a", 3), ("b", 2)]);
    }

    #[test]
    fn a_line_of_several_origins_counts_for_its_destination() {
        let share =
            |corridor: &str| proto::placement::LineShare { corridor_code: corridor.to_owned(), ..Default::default() };
        let line =
            |shares| Line { id: Uuid::nil().to_string(), destination: "US".to_owned(), shares, ..Line::default() };
        assert_eq!(LineRow::of(&line(vec![share("MX-US")])).unwrap().corridor_code, "MX-US");
        assert_eq!(LineRow::of(&line(vec![share("MX-US"), share("GT-US")])).unwrap().corridor_code, "*-US");
    }
}
