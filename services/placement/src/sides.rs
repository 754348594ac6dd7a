//! What one side alone has reported: a departure, an arrival, the start of work, its planned end, a return. It is known from one
//! side until another organisation confirms it, or the next of them is reported.

use proto::{
    ids::OrganisationId,
    placement::{Ending, Stage},
};

use crate::placement::Placement;

/// Is what was last reported known from one side only? A flag of an older build counts only where there is something to confirm.
#[must_use]
pub fn is_one_sided(placement: &Placement) -> bool {
    placement.one_sided && may_be(placement)
}

/// Sets the flag after a step, whose stage is new or the same: a new report is its reporter's word alone.
pub(crate) fn report(next: &mut Placement, reporter: OrganisationId, is_new: bool) {
    let may = may_be(next);
    // What follows from a report confirms it no more, and is none itself.
    let follows = !is_new || matches!(next.stage, Stage::ReturnTravel | Stage::ReEntryEligible);
    if follows {
        next.one_sided &= may;
    } else {
        next.one_sided = may;
        next.one_sided_by = may.then_some(reporter);
    }
}

/// May this organisation be the second side? Nobody is, to their own report.
pub(crate) fn confirms(placement: &Placement, organisation_id: OrganisationId) -> bool {
    // Of a report that was stored before its organisation was, the steps tell it.
    placement.one_sided_by.or_else(|| placement.reporter()) != Some(organisation_id)
}

/// Does the stage rest on a report that somebody could still confirm?
fn may_be(placement: &Placement) -> bool {
    match placement.stage {
        Stage::Departed | Stage::Arrived | Stage::Working => true,
        // Every other end of work is the worker's own word, or was decided after a hearing.
        Stage::WorkEnded | Stage::ReturnTravel => {
            matches!(placement.ending, Ending::Completed | Ending::EarlyCompletion)
        }
        Stage::ReturnedVerified | Stage::ReEntryEligible => !told_before(placement),
        _ => false,
    }
}

/// Did another organisation than the one that verified the return tell of the way home?
fn told_before(placement: &Placement) -> bool {
    let by = |command: &'static str| placement.steps.iter().filter(move |step| step.command == command);
    let verifier = by("VerifyReturn").next_back().map(|step| step.organisation_id);
    by("DepartHome").any(|step| Some(step.organisation_id) != verifier)
}
