//! The ring: 17 steps from proposed to home again, where a placement stands on it, and the law that every figure keeps:
//! reached = went on + here now + dropped out.
//!
//! A placement stands at one step, the furthest it has reached; having reached a step, it counts as having reached all
//! before it. Preparation runs in parallel tracks, so there the order of the ring decides: fitness, training and
//! orientation count from the visa on (a valid fact of the person opens as done and says nothing of the way), and an
//! authorisation that came with the order counts once the contract is signed.

mod spans;

use chrono::NaiveDate;
use proto::placement::{Ending, Placement, Stage, Step, Track};

pub(crate) use spans::spans;

/// The steps in their order.
pub(crate) const STEPS: [&str; 17] = [
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

/// The steps of a flow: the name of each, and from which step of the ring on it is reached.
pub(crate) const FLOW: [(&str, usize); 7] = [
    ("PROPOSED", 0),
    ("CONTRACT_SIGNED", 4),
    ("VISA_GRANTED", 7),
    ("DEPARTED", 12),
    ("WORKING", 14),
    ("COMPLETED", WORK_ENDED),
    ("RETURNED_VERIFIED", RETURNED),
];

const ACCEPTED: usize = 3;
const WORK_ENDED: usize = 15;
const RETURNED: usize = 16;

/// Tracks, the step each leads to, and the fact that says so.
const TRACKS: [(Track, usize, &str); 8] = [
    (Track::Contract, 4, "ContractSigned"),
    (Track::Authorisation, 5, "WorkAuthorised"),
    (Track::VisaApplied, 6, "VisaApplied"),
    (Track::Visa, 7, "VisaGranted"),
    (Track::Fitness, 8, "MedicalCleared"),
    (Track::Training, 9, "TrainingCompleted"),
    (Track::Orientation, 10, "OrientationCompleted"),
    (Track::Travel, 11, "TravelBooked"),
];

/// Where a placement stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Index into [`STEPS`]; none while the person is only on a list.
    pub(crate) step: Option<usize>,
    /// The way ended there.
    pub(crate) dropped: bool,
    /// Why it ended, if it did.
    pub(crate) reason: String,
    /// The day the step was reached.
    pub(crate) since: Option<NaiveDate>,
}

/// A step of the ring and the day it was reached.
type Reached = Option<(usize, Option<NaiveDate>)>;

/// Where this placement stands.
pub(crate) fn place(placement: &Placement) -> Place {
    let (mut at, before_end) = walk(placement);
    if at.is_some_and(|(step, _)| step >= WORK_ENDED) && ended_otherwise(placement.ending()) {
        // Who did not work to the end left the way where they stood; a return afterwards does not put them back.
        at = before_end.or(Some((unwalked(placement.ending()), None)));
    }
    if let Some((ACCEPTED, accepted_on)) = at {
        at = Some(prepared(placement, accepted_on));
    }
    let step = at.map(|(step, _)| step);
    let reason = drop_reason(placement, step);
    Place {
        step,
        dropped: reason.is_some(),
        reason: reason.unwrap_or_default(),
        since: at.and_then(|(_, since)| since),
    }
}

/// Where the stages have led: the step now, and the last one before the end of work. A corrected report and a rematch
/// lead back, so it is the last step that counts and not the highest.
fn walk(placement: &Placement) -> (Reached, Reached) {
    let last_day = placement.steps.last().map(|step| step.occurred_on.as_str()).unwrap_or_default();
    let stages = placement.steps.iter().map(|step| (step.stage(), step.occurred_on.as_str()));
    let (mut at, mut before_end): (Reached, Reached) = (None, None);
    for (stage, day) in stages.chain([(placement.stage(), last_day)]) {
        if stage == Stage::Recommended {
            (at, before_end) = (None, None);
        }
        let Some(step) = step_of(stage) else { continue };
        if at.is_none_or(|(here, _)| here != step) {
            at = Some((step, day.parse().ok()));
        }
        if step < WORK_ENDED {
            before_end = at;
        }
    }
    (at, before_end)
}

/// The step that a stage stands at; none for stages that leave a placement where it was.
fn step_of(stage: Stage) -> Option<usize> {
    match stage {
        Stage::Proposed => Some(0),
        Stage::Selected => Some(1),
        Stage::Offered => Some(2),
        Stage::Accepted => Some(ACCEPTED),
        Stage::Departed => Some(12),
        Stage::Arrived => Some(13),
        Stage::Working => Some(14),
        Stage::WorkEnded | Stage::ReturnTravel | Stage::Unverified | Stage::NonReturn => Some(WORK_ENDED),
        Stage::ReturnedVerified | Stage::ReEntryEligible => Some(RETURNED),
        Stage::Unspecified
        | Stage::Recommended
        | Stage::AwaitingTransfer
        | Stage::ReEntryBarred
        | Stage::LeftProgramme
        | Stage::Deceased
        | Stage::Cancelled => None,
    }
}

fn ended_otherwise(ending: Ending) -> bool {
    !matches!(ending, Ending::Unspecified | Ending::Completed | Ending::EarlyCompletion)
}

/// Where an ending leaves the way if the history does not tell.
fn unwalked(ending: Ending) -> usize {
    match ending {
        Ending::NotArrived => 12,
        Ending::NoShow => 13,
        _ => 14,
    }
}

/// How far preparation has come.
fn prepared(placement: &Placement, accepted_on: Option<NaiveDate>) -> (usize, Option<NaiveDate>) {
    let done = |track: Track| placement.tracks_done().any(|there| there == track);
    let fact = |name: &str| placement.steps.iter().rfind(|step: &&Step| step.event == name);
    let counts = |track: Track| match track {
        Track::Authorisation => done(Track::Contract) || fact("WorkAuthorised").is_some(),
        Track::Fitness | Track::Training | Track::Orientation => done(Track::Visa),
        _ => true,
    };
    let furthest = TRACKS.iter().rfind(|(track, ..)| done(*track) && counts(*track));
    let Some((_, step, name)) = furthest else { return (ACCEPTED, accepted_on) };
    let since = fact(name).and_then(|step| step.occurred_on.parse().ok()).or(accepted_on);
    (*step, since)
}

/// Why the way ended, if it did before its end.
fn drop_reason(placement: &Placement, step: Option<usize>) -> Option<String> {
    match placement.stage() {
        Stage::Cancelled if !placement.reason.is_empty() => Some(placement.reason.clone()),
        Stage::Cancelled => Some("CANCELLED".to_owned()),
        _ if ended_otherwise(placement.ending()) && step.is_some_and(|step| step < WORK_ENDED) => {
            let word = placement.ending().as_str_name().trim_start_matches("ENDING_");
            ended(placement.stage()).then(|| word.to_owned())
        }
        Stage::LeftProgramme => Some("LEFT_PROGRAMME".to_owned()),
        Stage::Deceased => Some("DECEASED".to_owned()),
        Stage::NonReturn => Some("NON_RETURN".to_owned()),
        Stage::ReEntryBarred if step != Some(RETURNED) => Some("NON_RETURN".to_owned()),
        _ => None,
    }
}

/// True from the end of work on.
fn ended(stage: Stage) -> bool {
    step_of(stage).is_some_and(|step| step >= WORK_ENDED)
        || matches!(stage, Stage::ReEntryBarred | Stage::LeftProgramme | Stage::Deceased)
}

/// How many stand at one step, still on their way or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) step: usize,
    pub(crate) dropped: bool,
    pub(crate) people: i64,
}

/// One step of a flow in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) reached: i64,
    pub(crate) went_on: i64,
    pub(crate) here_now: i64,
    pub(crate) dropped_out: i64,
}

/// The numbers of a flow whose steps begin at these steps of the ring, in ascending order. The last step holds all who
/// came there: nobody went on from it.
pub(crate) fn levels(marks: &[usize], standing: &[Standing]) -> Vec<Level> {
    let sum = |fits: &dyn Fn(&Standing) -> bool| -> i64 {
        standing.iter().filter(|there| fits(there)).map(|there| there.people).sum()
    };
    let level = |(place, &from): (usize, &usize)| {
        let until = marks.get(place + 1).copied().unwrap_or(usize::MAX);
        let here = |there: &Standing| (from..until).contains(&there.step);
        Level {
            reached: sum(&|there| there.step >= from),
            went_on: sum(&|there| there.step >= until),
            here_now: sum(&|there| here(there) && !there.dropped),
            dropped_out: sum(&|there| here(there) && there.dropped),
        }
    };
    marks.iter().enumerate().map(level).collect()
}

#[cfg(test)]
mod tests;
