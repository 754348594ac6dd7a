//! Rows of what placement owns.

use chrono::NaiveDate;
use platform::Fault;
use proto::{
    clocks::makes_late,
    ids::{LineId, OrganisationId, PlacementId, QuotaId},
    placement::{Calendar, Line, LineState, Placement, ProposalRefusal, QuotaUse, SeasonRecord, Source, Stage},
};
use serde_json::{Value, json};

use super::{Row, organisation, word};
use crate::ring;

pub(crate) struct PlacementRow {
    pub(crate) id: PlacementId,
    pub(crate) version: i64,
    pub(crate) ministry_id: Option<OrganisationId>,
    pub(crate) union_id: Option<OrganisationId>,
    pub(crate) corridor_code: String,
    pub(crate) season_code: String,
    pub(crate) stage: String,
    pub(crate) source: String,
    pub(crate) step: Option<i16>,
    pub(crate) dropped: bool,
    pub(crate) reason: String,
    pub(crate) since: Option<NaiveDate>,
    pub(crate) due_on: Option<NaiveDate>,
    pub(crate) clocks: Value,
    pub(crate) spans: Value,
    pub(crate) one_sided: bool,
}

impl Row<Placement> for PlacementRow {
    fn of(state: &Placement) -> Result<Self, Fault> {
        let place = ring::place(state);
        let due = |clock: &proto::placement::Clock| clock.due_on.parse::<NaiveDate>().ok();
        let clock = |clock: &proto::placement::Clock| json!({ "name": clock.name, "due_on": due(clock), "waits_for": clock.waits_for });
        Ok(Self {
            id: state.id.parse()?,
            version: state.version,
            ministry_id: organisation(&state.ministry_id),
            union_id: organisation(&state.union_id),
            corridor_code: state.corridor_code.clone(),
            season_code: state.season_code.clone(),
            stage: word(Stage::as_str_name(&state.stage()), "STAGE_"),
            source: word(Source::as_str_name(&state.source()), "SOURCE_"),
            step: place.step.and_then(|step| i16::try_from(step).ok()),
            dropped: place.dropped,
            reason: place.reason,
            since: place.since,
            // As placement counts who is late: nobody is by an alarm within the time of another clock.
            due_on: state.clocks.iter().filter(|clock| makes_late(&clock.name)).filter_map(due).min(),
            clocks: state.clocks.iter().map(clock).collect(),
            spans: ring::spans(state)
                .into_iter()
                .map(|(clock, days)| json!({ "clock": clock, "days": days }))
                .collect(),
            one_sided: state.one_sided && reported(state.stage()),
        })
    }
}

/// Does the stage rest on a report? Older builds of `placement` left the flag on ended ones.
const fn reported(stage: Stage) -> bool {
    matches!(
        stage,
        Stage::Departed
            | Stage::Arrived
            | Stage::Working
            | Stage::WorkEnded
            | Stage::ReturnTravel
            | Stage::ReturnedVerified
            | Stage::ReEntryEligible
    )
}

pub(crate) struct LineRow {
    pub(crate) id: LineId,
    pub(crate) version: i64,
    pub(crate) organisation_id: Option<OrganisationId>,
    pub(crate) corridor_code: String,
    pub(crate) season_code: String,
    pub(crate) state: String,
    pub(crate) posted: i32,
    pub(crate) held: i32,
    pub(crate) taken: i32,
    pub(crate) promised: i32,
    pub(crate) shares: Value,
}

impl Row<Line> for LineRow {
    fn of(state: &Line) -> Result<Self, Fault> {
        let corridor_code = match state.shares.as_slice() {
            [only] => only.corridor_code.clone(),
            _ => format!("*-{}", state.destination),
        };
        let share = |share: &proto::placement::LineShare| json!({ "corridor": share.corridor_code, "units": share.units, "held": share.units_held, "used": share.units_used });
        Ok(Self {
            id: state.id.parse()?,
            version: state.version,
            organisation_id: organisation(&state.organisation_id),
            corridor_code,
            season_code: state.season_code.clone(),
            state: word(LineState::as_str_name(&state.state()), "LINE_STATE_"),
            posted: state.posted,
            held: state.held,
            taken: state.taken,
            promised: state.promised,
            shares: state.shares.iter().map(share).collect(),
        })
    }
}

pub(crate) struct QuotaUseRow {
    pub(crate) id: QuotaId,
    pub(crate) version: i64,
    pub(crate) corridor_code: String,
    pub(crate) season_code: String,
    pub(crate) cap: i32,
    pub(crate) allotted: i32,
}

impl Row<QuotaUse> for QuotaUseRow {
    fn of(state: &QuotaUse) -> Result<Self, Fault> {
        Ok(Self {
            id: state.quota_id.parse()?,
            version: state.version,
            corridor_code: state.corridor_code.clone(),
            season_code: state.season_code.clone(),
            cap: state.cap,
            allotted: state.allotted,
        })
    }
}

/// A record under a corridor and a season, with one word that counts: how the return ended, or why a proposal was refused.
pub(crate) struct WordRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) ministry_id: Option<OrganisationId>,
    pub(crate) corridor_code: String,
    pub(crate) season_code: String,
    pub(crate) word: String,
}

impl Row<SeasonRecord> for WordRow {
    fn of(state: &SeasonRecord) -> Result<Self, Fault> {
        Ok(Self {
            id: state.id.clone(),
            version: state.version,
            ministry_id: organisation(&state.ministry_id),
            corridor_code: state.corridor_code.clone(),
            season_code: state.season_code.clone(),
            word: state.r#return.clone(),
        })
    }
}

impl Row<ProposalRefusal> for WordRow {
    fn of(state: &ProposalRefusal) -> Result<Self, Fault> {
        Ok(Self {
            id: state.id.clone(),
            version: state.version,
            ministry_id: None,
            corridor_code: state.corridor_code.clone(),
            season_code: state.season_code.clone(),
            word: state.reason.clone(),
        })
    }
}

pub(crate) struct CalendarRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) as_of: NaiveDate,
}

impl Row<Calendar> for CalendarRow {
    fn of(state: &Calendar) -> Result<Self, Fault> {
        let as_of = state.as_of.parse().map_err(|_| Fault::Permanent(format!("{:?} is no date", state.as_of)))?;
        Ok(Self { id: state.id.clone(), version: state.version, as_of })
    }
}
