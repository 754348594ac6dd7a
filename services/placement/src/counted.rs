//! What monitoring tells of a placement, counted by its owner: where it stands on the ring, since when, and why its way ended.
//! Said here a second time and not with monitoring's code, so that two counts are compared and not one with itself. The rules are
//! those of services/monitoring/README.md, Figures.

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use proto::placement::{Ending, Source, Stage};
use serde::Serialize;

use crate::{
    placement::Placement,
    tracks::{Status, Track},
    veil,
};

const STEPS: [&str; 17] = [
    "PROPOSED",
    "SELECTED",
    "OFFERED",
    "ACCEPTED",
    "CONTRACT_SIGNED",
    "AUTHORISED",
    "VISA_APPLIED",
    "VISA_GRANTED",
    "MEDICAL_CLEARED",
    "TRAINED",
    "PDO_DONE",
    "TRAVEL_BOOKED",
    "DEPARTED",
    "ARRIVED",
    "WORKING",
    "WORK_ENDED",
    "RETURNED_VERIFIED",
];
const ACCEPTED: usize = 3;
const WORK_ENDED: usize = 15;
const RETURNED: usize = 16;
/// The facts that lead to the steps after ACCEPTED.
const PREPARED: [&str; 8] = [
    "ContractSigned",
    "WorkAuthorised",
    "VisaApplied",
    "VisaGranted",
    "MedicalCleared",
    "TrainingCompleted",
    "OrientationCompleted",
    "TravelBooked",
];

/// Where a placement stands on the ring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// None while the person is only on a list.
    pub(crate) step: Option<&'static str>,
    pub(crate) since: Option<NaiveDate>,
    /// Why its way ended there, if it did.
    pub(crate) dropped: Option<String>,
}

/// A clock as its row tells it.
#[derive(Debug, Serialize)]
pub(crate) struct Running<'a> {
    name: &'a str,
    due_on: NaiveDate,
    waits_for: &'a str,
    /// Of a case of which only who handles it may know.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    covered: bool,
}

/// The clocks that run.
pub(crate) fn running(placement: &Placement) -> Vec<Running<'_>> {
    let clocks = placement.clocks.iter().map(|clock| Running {
        name: &clock.name,
        due_on: clock.due_on,
        waits_for: &clock.waits_for,
        covered: !veil::is_shown(placement, clock),
    });
    clocks.collect()
}

/// The word of a source.
pub(crate) fn source(source: Source) -> &'static str {
    source.as_str_name().trim_start_matches("SOURCE_")
}

/// Counts a placement.
pub(crate) fn counted(placement: &Placement) -> Counted {
    let otherwise = ended_otherwise(placement.ending);
    let (mut at, mut since) = walked(placement, otherwise);
    if otherwise && at >= Some(WORK_ENDED) {
        // The history does not tell where the way was left.
        (at, since) = (Some(left_at(placement.ending)), None);
    }
    if at == Some(ACCEPTED) {
        let step = prepared(placement);
        at = Some(step);
        let fact = step.checked_sub(ACCEPTED + 1).map(|fact| PREPARED[fact]);
        let told = placement.steps.iter().rfind(|step| Some(step.event.as_str()) == fact);
        since = told.map(|step| step.on).or(since);
    }
    Counted { step: at.map(|at| STEPS[at]), since, dropped: dropped(placement, at) }
}

/// Backwards from the stage of now: the last step counts, since the first of those that stand there without another between.
fn walked(placement: &Placement, otherwise: bool) -> (Option<usize>, Option<NaiveDate>) {
    let (mut at, mut since) = (None, None);
    let now = (placement.stage, placement.steps.last().map(|step| step.on));
    let before = placement.steps.iter().rev().map(|step| (step.stage, Some(step.on)));
    for (stage, on) in std::iter::once(now).chain(before) {
        if stage == Stage::Recommended {
            break;
        }
        let Some(here) = stands(stage) else { continue };
        // Who did not work to the end left the way where they stood before.
        let leaves = |at: usize| otherwise && at >= WORK_ENDED;
        if at.is_none_or(|at| here == at || leaves(at) && here < WORK_ENDED) {
            (at, since) = (Some(here), on);
        } else if !at.is_some_and(leaves) {
            break;
        }
    }
    (at, since)
}

/// The step at which a stage stands; none for those that leave a placement where it was.
const fn stands(stage: Stage) -> Option<usize> {
    Some(match stage {
        Stage::Proposed => 0,
        Stage::Selected => 1,
        Stage::Offered => 2,
        Stage::Accepted => ACCEPTED,
        Stage::Departed => 12,
        Stage::Arrived => 13,
        Stage::Working => 14,
        Stage::WorkEnded | Stage::ReturnTravel | Stage::Unverified | Stage::NonReturn => WORK_ENDED,
        Stage::ReturnedVerified | Stage::ReEntryEligible => RETURNED,
        Stage::Unspecified
        | Stage::Recommended
        | Stage::AwaitingTransfer
        | Stage::ReEntryBarred
        | Stage::LeftProgramme
        | Stage::Deceased
        | Stage::Cancelled => return None,
    })
}

const fn ended_otherwise(ending: Ending) -> bool {
    !matches!(ending, Ending::Unspecified | Ending::Completed | Ending::EarlyCompletion)
}

const fn left_at(ending: Ending) -> usize {
    match ending {
        Ending::NotArrived => 12,
        Ending::NoShow => 13,
        _ => 14,
    }
}

/// How far the preparation of somebody accepted has come.
fn prepared(placement: &Placement) -> usize {
    let done = |track| placement.tracks.is_done(track);
    let last = |tracks: &[(Track, usize)], else_at| {
        tracks.iter().find(|(track, _)| done(*track)).map_or(else_at, |(_, step)| *step)
    };
    if done(Track::Travel) {
        return 11;
    }
    match placement.tracks.get(Track::Visa) {
        // A valid fact of the person opens as done and says nothing of the way before the visa.
        Status::Done => last(&[(Track::Orientation, 10), (Track::Training, 9), (Track::Fitness, 8)], 7),
        Status::Applied => 6,
        Status::Open | Status::Refused => {
            let given = placement.steps.iter().any(|step| step.event == "WorkAuthorised");
            // One that came with the order counts once the contract is signed.
            if done(Track::Authorisation) && (given || done(Track::Contract)) {
                return 5;
            }
            last(&[(Track::Contract, 4)], ACCEPTED)
        }
    }
}

fn dropped(placement: &Placement, at: Option<usize>) -> Option<String> {
    let left = || {
        matches!(placement.stage, Stage::ReEntryBarred | Stage::LeftProgramme | Stage::Deceased)
            || stands(placement.stage) >= Some(WORK_ENDED)
    };
    let reason = match placement.stage {
        Stage::Cancelled if placement.reason.is_empty() => "CANCELLED",
        Stage::Cancelled => &placement.reason,
        _ if ended_otherwise(placement.ending) && at.is_some_and(|at| at < WORK_ENDED) => {
            return left().then(|| placement.ending.as_str_name().trim_start_matches("ENDING_").to_owned());
        }
        Stage::LeftProgramme => "LEFT_PROGRAMME",
        Stage::Deceased => "DECEASED",
        Stage::NonReturn => "NON_RETURN",
        Stage::ReEntryBarred if at != Some(RETURNED) => "NON_RETURN",
        _ => return None,
    };
    Some(reason.to_owned())
}
