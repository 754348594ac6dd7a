//! What other services' events mean here.

use async_trait::async_trait;
use chrono::NaiveDate;
use platform::{Error, Fault, Handler, Received};
use proto::{
    ids::CandidateId,
    placement::{self as wire, PlacementEnvelope, RosterEffect, SeasonRecord, Stage, placement_envelope as placement},
    programme::{ProgrammeEvent, RulePack, programme_event as programme},
};
use sqlx::PgConnection;

use crate::{
    candidate::State,
    roster::Requirements,
    service::{Credit, Departure, Effect, Renewal, Service},
    sight::chosen,
    store::{name::Sight, programme as store},
};

/// Countries, corridors and rules: a projection.
pub(crate) struct Programme;

#[async_trait]
impl Handler for Programme {
    type Event = ProgrammeEvent;
    const EFFECTS: bool = false;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<ProgrammeEvent>]) -> Result<(), Fault> {
        for received in events {
            match &received.event.aggregate {
                Some(programme::Aggregate::Organisation(event)) => {
                    let state = event.state.as_ref().ok_or_else(no_state)?;
                    store::save_organisation(tx, state.id.parse()?, state).await?;
                }
                Some(programme::Aggregate::Corridor(event)) => {
                    store::save_corridor(tx, event.state.as_ref().ok_or_else(no_state)?).await?;
                }
                Some(programme::Aggregate::RulePack(event)) => {
                    save_pack(tx, event.state.as_ref().ok_or_else(no_state)?).await?;
                }
                Some(programme::Aggregate::Season(_) | programme::Aggregate::Quota(_)) | None => {}
            }
        }
        Ok(())
    }
}

async fn save_pack(tx: &mut PgConnection, pack: &RulePack) -> Result<(), Fault> {
    let valid_from = date(&pack.valid_from)?;
    let asks = Requirements::from_rules(&pack.rules);
    let pack = store::Pack { id: &pack.id, code: &pack.code, valid_from, version: pack.version };
    Ok(store::save_pack(tx, &pack, &asks).await?)
}

/// Season records, places that ended, people who leave the programme: effects, each once. Beside them whom a union has
/// chosen, where a newer version wins.
pub(crate) struct Placement {
    service: Service,
}

impl Placement {
    pub(crate) const fn new(service: Service) -> Self {
        Self { service }
    }
}

#[async_trait]
impl Handler for Placement {
    type Event = PlacementEnvelope;
    const EFFECTS: bool = true;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<PlacementEnvelope>]) -> Result<(), Fault> {
        let (mut effects, mut sights) = (Vec::new(), Vec::new());
        for received in events {
            effects.extend(effect(received)?);
            sights.extend(sight(received)?);
        }
        self.service.placements_show(tx, sights).await?;
        if effects.is_empty() {
            return Ok(());
        }
        Ok(self.service.placements_did(tx, effects).await?)
    }
}

/// What an event does to whom; most do nothing here.
fn effect(received: &Received<PlacementEnvelope>) -> Result<Option<(CandidateId, Effect)>, Fault> {
    match &received.event.aggregate {
        Some(placement::Aggregate::SeasonRecord(event)) => credit(event.state.as_ref().ok_or_else(no_state)?),
        Some(placement::Aggregate::Placement(event)) => {
            let state = event.state.as_ref().ok_or_else(no_state)?;
            let left = |to: State, reason: &str| Effect::from(Departure { to, reason: reason.to_owned() });
            let effect = match state.stage() {
                Stage::ReEntryBarred => left(State::Barred, "RE_ENTRY_BARRED"),
                Stage::LeftProgramme => left(State::Withdrawn, "LEFT_PROGRAMME"),
                Stage::Deceased => left(State::Withdrawn, "DECEASED"),
                Stage::Cancelled => match state.roster_effect() {
                    RosterEffect::Renew => renewal(state)?.into(),
                    // No end of a list has a penalty; such facts are in the log, from before this was so.
                    RosterEffect::End if cancelling(state).is_some_and(|step| step.command == "Unlist") => {
                        return Ok(None);
                    }
                    RosterEffect::End => left(State::Withdrawn, code(&state.reason)),
                    RosterEffect::Unspecified | RosterEffect::Keep => return Ok(None),
                },
                _ => return Ok(None),
            };
            Ok(Some((state.candidate_id.parse()?, effect)))
        }
        _ => Ok(None),
    }
}

/// Who may see whom by a placement, whatever happened to it.
fn sight(received: &Received<PlacementEnvelope>) -> Result<Option<Sight>, Fault> {
    let Some(placement::Aggregate::Placement(event)) = &received.event.aggregate else { return Ok(None) };
    let state = event.state.as_ref().ok_or_else(no_state)?;
    Ok(Some(Sight {
        placement_id: state.id.parse()?,
        candidate_id: state.candidate_id.parse()?,
        ministry_id: state.ministry_id.parse()?,
        union_id: state.union_id.parse()?,
        chosen: chosen(state),
        version: state.version,
    }))
}

/// The step that cancelled, whatever was recorded after it.
fn cancelling(state: &wire::Placement) -> Option<&wire::Step> {
    state.steps.iter().rev().take_while(|step| step.stage() == Stage::Cancelled).last()
}

/// The roster counts from the day of the step that cancelled. What is told of it is the step's command: a ground that a union
/// gave stays where it was given.
fn renewal(state: &wire::Placement) -> Result<Renewal, Fault> {
    let step = cancelling(state);
    let step = step.ok_or_else(|| Fault::Permanent("NO_STEP: nothing says when it was cancelled".to_owned()))?;
    Ok(Renewal {
        placement_id: state.id.parse()?,
        on: date(&step.occurred_on)?,
        command: code(&step.command).to_owned(),
    })
}

/// A code, where none was given one of its own.
fn code(given: &str) -> &str {
    if given.is_empty() { "CANCELLED" } else { given }
}

fn credit(record: &SeasonRecord) -> Result<Option<(CandidateId, Effect)>, Fault> {
    // Who came home without having worked gets the record, and no season.
    if record.r#return != "VERIFIED" || !record.re_entry || record.ended_on.is_empty() {
        return Ok(None);
    }
    let credit = Credit {
        season_record_id: record.id.parse()?,
        season_code: record.season_code.clone(),
        ended_on: date(&record.ended_on)?,
    };
    Ok(Some((record.candidate_id.parse()?, credit.into())))
}

fn no_state() -> Fault {
    Fault::Permanent("NO_STATE".to_owned())
}

fn date(text: &str) -> Result<NaiveDate, Fault> {
    text.parse().map_err(|_| Error::Internal(format!("{text:?} is not a date")).into())
}
