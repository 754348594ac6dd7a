//! What of the state is published: ids and codes, never a person, never a ground of health or abuse.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use proto::{
    ids::{LineId, OrganisationId, PlacementId},
    placement::{
        self as wire, PlacementEnvelope, line_event, placement_envelope::Aggregate, placement_event, quota_use_event,
    },
};

use crate::{
    cases::{self, CaseStep},
    decide::PROVED,
    ledger::{Line, Quota},
    moves::{LineChange, Row},
    passed::{Passed, Reopened},
    placement::{Case, Hold, HoldStatus, Placement, Step, Together, Written},
    sides,
    signers::Signer,
    veil::{self, Reader},
};

/// A placement as who may see it sees it, every step with who, when and by which proof. A ground that is somebody's own is shown
/// to the reader's organisation if it gave it, or if it is the ministry whose worker gave it.
#[must_use]
pub fn whole(state: &Placement, reader: Reader) -> wire::Placement {
    let steps = state.steps.iter().zip(veil::covered(&state.steps)).map(|(one, covered)| {
        let made = reader.organisation_id == one.organisation_id;
        let theirs = made || reader.organisation_id == state.ministry_id;
        match theirs && !one.own.is_empty() {
            _ if covered && !reader.knows && !made => veil::cover(step(one)),
            true => wire::Step { reason: one.own.clone(), ..step(one) },
            false => step(one),
        }
    });
    wire::Placement { steps: steps.collect(), ..seen(state, reader.knows) }
}

/// What of it everybody may know: it goes out with every fact.
#[must_use]
pub fn placement(placement: &Placement) -> wire::Placement {
    seen(placement, false)
}

/// The same with steps in short: which, and on which date. It goes out with every fact and on every list, so what the
/// facts themselves say once is not said again in each. `knows`: to who handles cases of abuse and health.
#[must_use]
pub fn seen(placement: &Placement, knows: bool) -> wire::Placement {
    let covered = veil::covered(&placement.steps);
    let told = |(one, covered)| if covered && !knows { veil::cover(brief(one)) } else { brief(one) };
    wire::Placement {
        id: placement.id.to_string(),
        version: placement.version,
        stage: placement.stage.into(),
        candidate_id: placement.candidate_id.to_string(),
        ministry_id: placement.ministry_id.to_string(),
        union_id: placement.union_id.to_string(),
        line_id: placement.line_id.to_string(),
        order_id: placement.order_id.to_string(),
        quota_id: placement.quota_id.to_string(),
        corridor_code: placement.corridor.clone(),
        season_code: placement.season.clone(),
        round_id: placement.round_id.map(|id| id.to_string()).unwrap_or_default(),
        source: placement.source.into(),
        reserve_rank: placement.rank,
        score: placement.score,
        named: placement.named,
        reason: placement.reason.clone(),
        fault: placement.fault.into(),
        ending: placement.ending.into(),
        tracks_done: placement.tracks.published(),
        starts_on: placement.starts_on.to_string(),
        ends_on: placement.ends_on.to_string(),
        taken_from: taken(placement).map(|(from, _)| from.to_string()).unwrap_or_default(),
        taken_until: taken(placement).map(|(_, until)| until.to_string()).unwrap_or_default(),
        clocks: placement.clocks.iter().filter(|one| knows || veil::is_shown(placement, one)).map(clock).collect(),
        open_case: open_case(placement),
        steps: placement.steps.iter().zip(covered).map(told).collect(),
        one_sided: sides::is_one_sided(placement),
        barred_until: date(placement.barred_until),
        roster_effect: placement.roster.into(),
        next_round_first: placement.next_round_first,
        offer: placement.offer.as_ref().map(offer),
        notice_due: date(placement.clock("C-NOTICE").map(|clock| clock.due_on)),
        rule_id: placement.rule_id.clone(),
        review_until: date(placement.review_until),
        recalled_on: date(placement.recalled_on),
        contract_signers: placement.signers.iter().map(signer).collect(),
        appeal_told_on: date(placement.appeal_told_on),
        recall_reply: placement.recall_reply.into(),
    }
}

fn signer(signer: &Signer) -> wire::Signer {
    wire::Signer { party: signer.party.clone(), signed_on: date(signer.on) }
}

fn offer(offer: &crate::placement::Offer) -> wire::Offer {
    wire::Offer { id: offer.id.to_string(), text_hash: offer.text_hash.clone(), language: offer.language.clone() }
}

fn taken(placement: &Placement) -> Option<(NaiveDate, NaiveDate)> {
    placement.period.filter(|period| period.status != HoldStatus::Released).map(|period| (period.from, period.until))
}

fn date(date: Option<NaiveDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

fn clock(clock: &crate::placement::Clock) -> wire::Clock {
    wire::Clock {
        name: clock.name.clone(),
        started_on: clock.started_on.to_string(),
        due_on: clock.due_on.to_string(),
        waits_for: clock.waits_for.clone(),
    }
}

fn open_case(placement: &Placement) -> Option<wire::Case> {
    let open = placement.case.as_ref()?;
    case(open, if open.heard { "HEARD" } else { "" }, placement.contact_attempts())
}

/// A case, unless nobody may know of its kind.
fn case(case: &Case, outcome: &str, contact_attempts: usize) -> Option<wire::Case> {
    cases::is_published(&case.kind).then(|| wire::Case {
        id: case.id.to_string(),
        kind: case.kind.clone(),
        heard: case.heard,
        opened_on: case.opened_on.to_string(),
        contact_attempts: i32::try_from(contact_attempts).unwrap_or(i32::MAX),
        outcome: outcome.to_owned(),
    })
}

fn step(step: &Step) -> wire::Step {
    wire::Step {
        actor_organisation_id: Some(step.organisation_id).filter(|id| !id.0.is_nil()).map(text).unwrap_or_default(),
        // A step that was stored before some rows were sealed is read by the same list.
        evidence: if step.sealed || !PROVED.contains(&&*step.command) { String::new() } else { step.evidence.clone() },
        recorded_at: step.recorded_at.map(wall).unwrap_or_default(),
        ..brief(step)
    }
}

fn text(id: OrganisationId) -> String {
    id.to_string()
}

fn wall(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn brief(step: &Step) -> wire::Step {
    wire::Step {
        version: step.version,
        command: step.command.clone(),
        event: step.event.clone(),
        stage: step.stage.into(),
        occurred_on: step.on.to_string(),
        actor_role: step.role.clone(),
        reason: step.reason.clone(),
        ..wire::Step::default()
    }
}

/// What the placement holds.
#[must_use]
pub fn holdings(placement: &Placement) -> Vec<wire::Holding> {
    let hold = |ledger: &str, hold: Option<Hold>, detail: String| {
        hold.map(|hold| wire::Holding {
            ledger: ledger.to_owned(),
            status: if hold.vacated_on.is_some() { "VACATED" } else { hold.status.as_str() }.to_owned(),
            detail,
        })
    };
    let period = placement.period.map(|period| wire::Holding {
        ledger: "PERIOD".to_owned(),
        status: period.status.as_str().to_owned(),
        detail: format!("{}/{}", period.from, period.until),
    });
    [
        hold("SEAT", placement.seat, placement.line_id.to_string()),
        hold("UNIT", placement.unit, placement.quota_id.to_string()),
        period,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// With whom the person was seated: how many, and those whom the reader sees.
#[must_use]
pub fn together(group: &Together, seen: &[(PlacementId, LineId)]) -> wire::Together {
    let others = group.others.iter().filter(|other| seen.iter().any(|(id, _)| id == *other));
    wire::Together {
        crew: group.crew,
        people: i32::try_from(group.others.len() + 1).unwrap_or(i32::MAX),
        placement_ids: others.map(ToString::to_string).collect(),
    }
}

/// Whom a reserve call replaced, and who was passed over.
#[derive(Debug, Clone, Default)]
pub struct Called {
    pub replaces: Option<PlacementId>,
    pub passed: Vec<Passed>,
}

/// What a fact says beside the state after it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    pub row: &'a Row,
    pub called: &'a Called,
    pub case: Option<&'a CaseStep>,
}

/// The fact of the last step.
#[must_use]
pub fn moved(state: &Placement, told: &Told<'_>) -> PlacementEnvelope {
    let (row, called) = (told.row, told.called);
    let covered = veil::covered(&state.steps).last().copied().unwrap_or_default();
    let last = state.steps.last().map(step).map(|last| if covered { veil::cover(last) } else { last });
    let change = if row.track.is_some() {
        placement_event::Change::PreparationUpdated(wire::PreparationUpdated { step: last })
    } else {
        placement_event::Change::Moved(wire::PlacementMoved {
            step: last,
            replaces: called.replaces.map(|id| id.to_string()).unwrap_or_default(),
            passed_over: called.passed.iter().map(|one| one.id.to_string()).collect(),
            passed: called.passed.iter().map(Passed::told).collect(),
            case: told.case.and_then(|step| case(&step.case, step.outcome, step.contact_attempts)),
            second_person: row.guards.iter().any(|guard| guard == "G10"),
        })
    };
    envelope(Aggregate::Placement(wire::PlacementEvent { state: Some(placement(state)), change: Some(change) }))
}

/// A line's state.
#[must_use]
pub fn line(line: &Line) -> wire::Line {
    wire::Line {
        id: line.id.to_string(),
        order_id: line.order_id.to_string(),
        organisation_id: line.organisation_id.to_string(),
        season_code: line.season.clone(),
        destination: line.destination.clone(),
        state: line.state.into(),
        posted: line.posted,
        held: line.held,
        taken: line.taken,
        promised: line.promised,
        shares: line
            .shares
            .iter()
            .map(|share| wire::LineShare {
                quota_id: share.quota_id.to_string(),
                corridor_code: share.corridor.clone(),
                units: share.units,
                units_held: share.units_held,
                units_used: share.units_used,
            })
            .collect(),
        shortfall: line.shortfall,
        version: line.version,
    }
}

/// The fact of a line; of a seat that is open again with why.
#[must_use]
pub fn line_event(state: &Line, change: LineChange, reopened: Option<&Reopened>) -> PlacementEnvelope {
    let change = match change {
        LineChange::QuotaReserved => line_event::Change::QuotaReserved(wire::QuotaReserved {}),
        LineChange::QuotaUnitGranted => line_event::Change::QuotaUnitGranted(wire::QuotaUnitGranted {}),
        LineChange::SeatReopened => line_event::Change::SeatReopened(reopened.map(Reopened::told).unwrap_or_default()),
        LineChange::LedgerMoved => line_event::Change::LedgerMoved(wire::LineLedgerMoved {}),
        LineChange::Closed => line_event::Change::Closed(wire::LineClosed {}),
        LineChange::Sized => line_event::Change::Sized(wire::LineSized {}),
    };
    envelope(Aggregate::Line(wire::LineEvent { state: Some(line(state)), change: Some(change) }))
}

/// A quota's use.
#[must_use]
pub fn quota(quota: &Quota) -> wire::QuotaUse {
    wire::QuotaUse {
        quota_id: quota.id.to_string(),
        corridor_code: quota.corridor.clone(),
        season_code: quota.season.clone(),
        cap: quota.cap(),
        allotted: quota.allotted,
        shortfall: quota.shortfall(),
        version: quota.version,
    }
}

/// The fact of a quota: its limit, or what is allotted.
#[must_use]
pub fn quota_event(state: &Quota, limited: bool) -> PlacementEnvelope {
    let change = if limited {
        quota_use_event::Change::Limited(wire::QuotaLimited {})
    } else {
        quota_use_event::Change::Allotted(wire::QuotaAllotted {})
    };
    envelope(Aggregate::QuotaUse(wire::QuotaUseEvent { state: Some(quota(state)), change: Some(change) }))
}

/// The season record of a placement that came to its end, as of its latest edition.
#[must_use]
pub fn season_record(written: Written, placement: &Placement, isco_code: &str) -> wire::SeasonRecord {
    use wire::Stage;
    let back = match placement.stage {
        // Whatever came after it.
        _ if placement.steps.iter().any(|step| step.command == "VerifyReturn") => "VERIFIED",
        Stage::ReEntryEligible | Stage::ReEntryBarred => "UNVERIFIED",
        _ => "NOT_DUE",
    };
    let started = placement.worked_from;
    let ended =
        placement.worked_until.or_else(|| placement.steps.last().map(|step| step.on)).filter(|_| started.is_some());
    let days = started.zip(ended).map_or(0, |(from, until)| (until - from).num_days() + 1);
    wire::SeasonRecord {
        id: written.id.to_string(),
        placement_id: placement.id.to_string(),
        candidate_id: placement.candidate_id.to_string(),
        ministry_id: placement.ministry_id.to_string(),
        season_code: placement.season.clone(),
        corridor_code: placement.corridor.clone(),
        isco_code: isco_code.to_owned(),
        started_on: date(started),
        ended_on: date(ended),
        days: i32::try_from(days.max(0)).unwrap_or(i32::MAX),
        ending: placement.ending.into(),
        r#return: back.to_owned(),
        re_entry: placement.stage == Stage::ReEntryEligible,
        version: written.edition,
        recalled_on: date(placement.recalled_on),
        recall_reply: placement.recall_reply.into(),
    }
}

/// Puts an aggregate's fact into the envelope of the topic.
#[must_use]
pub const fn envelope(aggregate: Aggregate) -> PlacementEnvelope {
    PlacementEnvelope { aggregate: Some(aggregate) }
}
