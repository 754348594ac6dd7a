//! Where a placement stands on the ring. The same order as monitoring's figures: a step is reached with all before it,
//! and preparation counts from the contract on, so that a number and its list agree.

use proto::placement::{Ending, Placement, Stage, Track};

pub(super) use crate::console::placement::snake as code;
use crate::console::{placements::ABROAD, step::Step};

/// Where a placement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) step: Step,
    /// Code of the ending or of a state beside the ring; empty on the way.
    pub(super) ending: &'static str,
    /// Counted as dropped out at the step.
    pub(super) dropped: bool,
}

/// Tracks in the order of the ring.
const TRACKS: [(Track, Step); 8] = [
    (Track::Contract, Step::ContractSigned),
    (Track::Authorisation, Step::Authorised),
    (Track::VisaApplied, Step::VisaApplied),
    (Track::Visa, Step::VisaGranted),
    (Track::Fitness, Step::MedicalCleared),
    (Track::Training, Step::Trained),
    (Track::Orientation, Step::PdoDone),
    (Track::Travel, Step::TravelBooked),
];

/// The place of a placement.
pub(super) fn of(placement: &Placement) -> Place {
    let stage = placement.stage();
    let otherwise = ended_otherwise(placement.ending());
    let mut step = walked(placement, otherwise);
    if step == Step::Accepted {
        step = prepared(placement);
    }
    let ending = match stage {
        Stage::Recommended => "RECOMMENDED",
        Stage::Cancelled => "CANCELLED",
        Stage::AwaitingTransfer => "AWAITING_TRANSFER",
        Stage::Unverified => "UNVERIFIED",
        Stage::NonReturn => "NON_RETURN",
        Stage::ReEntryBarred => "RE_ENTRY_BARRED",
        Stage::LeftProgramme => "LEFT_PROGRAMME",
        Stage::Deceased => "DECEASED",
        _ => "",
    };
    let gone = matches!(stage, Stage::Cancelled | Stage::NonReturn | Stage::LeftProgramme | Stage::Deceased);
    let barred = stage == Stage::ReEntryBarred && step != Step::ReturnedVerified;
    // Who left work early counts as dropped out there, also once home again.
    let left = otherwise && step_of(stage).is_some_and(|at| at >= Step::WorkEnded);
    Place { step, ending, dropped: gone || barred || left }
}

/// The furthest step of the stages; of a work that ended otherwise than by its end, the last one before the end.
fn walked(placement: &Placement, otherwise: bool) -> Step {
    let stages = placement.steps.iter().map(proto::placement::Step::stage).chain([placement.stage()]);
    let (mut at, mut before_end) = (Step::Proposed, Step::Proposed);
    for step in stages.filter_map(step_of) {
        at = step;
        if step < Step::WorkEnded {
            before_end = step;
        }
    }
    let home = step_of(placement.stage()) == Some(Step::ReturnedVerified);
    if otherwise && at >= Step::WorkEnded && !home { before_end } else { at }
}

pub(super) fn step_of(stage: Stage) -> Option<Step> {
    Some(match stage {
        Stage::Proposed => Step::Proposed,
        Stage::Selected => Step::Selected,
        Stage::Offered => Step::Offered,
        Stage::Accepted => Step::Accepted,
        Stage::Departed => Step::Departed,
        Stage::Arrived => Step::Arrived,
        Stage::Working => Step::Working,
        Stage::WorkEnded | Stage::ReturnTravel | Stage::Unverified | Stage::NonReturn => Step::WorkEnded,
        Stage::ReturnedVerified | Stage::ReEntryEligible => Step::ReturnedVerified,
        _ => return None,
    })
}

/// The stages in which placements may stand at a step, or are in a state beside the ring; none if there is no such state.
pub(super) fn stages_of(state: &str) -> Vec<Stage> {
    if state == ABROAD {
        return stages_between(Step::Departed, Step::Working);
    }
    match Step::from_code(state) {
        Some(step) if (Step::Accepted..=Step::TravelBooked).contains(&step) => vec![Stage::Accepted],
        Some(step) => stages_between(step, step),
        None => Stage::from_str_name(&format!("STAGE_{state}"))
            .filter(|stage| *stage != Stage::Unspecified)
            .into_iter()
            .collect(),
    }
}

/// All stages that stand at these steps, and those that leave a placement at one of them.
fn stages_between(first: Step, last: Step) -> Vec<Stage> {
    let steps = first..=last;
    let stays = |stage| match stage {
        Stage::AwaitingTransfer => first <= Step::Working && last >= Step::Arrived,
        Stage::ReEntryBarred => steps.contains(&Step::ReturnedVerified),
        _ => false,
    };
    Stage::all().filter(|stage| step_of(*stage).is_some_and(|step| steps.contains(&step)) || stays(*stage)).collect()
}

impl Place {
    /// Whether this is one of those whom the number of a state counts: of a step those who are there now.
    pub(super) fn fits(self, state: &str) -> bool {
        if state == ABROAD {
            return (Step::Departed..=Step::Working).contains(&self.step) && !self.dropped;
        }
        match Step::from_code(state) {
            Some(step) => self.step == step && !self.dropped && self.ending != "RECOMMENDED",
            None => state.is_empty() || self.ending == state,
        }
    }
}

fn ended_otherwise(ending: Ending) -> bool {
    !matches!(ending, Ending::Unspecified | Ending::Completed | Ending::EarlyCompletion)
}

fn prepared(placement: &Placement) -> Step {
    let done = |track: Track| placement.tracks_done().any(|there| there == track);
    let authorised = || placement.steps.iter().any(|step| step.event == "WorkAuthorised");
    let counts = |track: Track| match track {
        Track::Authorisation => done(Track::Contract) || authorised(),
        Track::Fitness | Track::Training | Track::Orientation => done(Track::Visa),
        _ => true,
    };
    let furthest = TRACKS.iter().rfind(|(track, _)| done(*track) && counts(*track));
    furthest.map_or(Step::Accepted, |(_, step)| *step)
}

/// The step that a fact reaches; none for those beside the ring.
pub(super) fn step_of_event(event: &str) -> Option<Step> {
    Some(match event {
        "CandidateProposed" | "ReserveCalled" => Step::Proposed,
        "CandidateSelected" => Step::Selected,
        "OfferMade" => Step::Offered,
        "OfferAccepted" => Step::Accepted,
        "ContractSigned" => Step::ContractSigned,
        "WorkAuthorised" => Step::Authorised,
        "VisaApplied" => Step::VisaApplied,
        "VisaGranted" => Step::VisaGranted,
        "MedicalCleared" => Step::MedicalCleared,
        "TrainingCompleted" => Step::Trained,
        "OrientationCompleted" => Step::PdoDone,
        "TravelBooked" => Step::TravelBooked,
        "DepartureRecorded" => Step::Departed,
        "ArrivalConfirmed" => Step::Arrived,
        "WorkStarted" => Step::Working,
        "WorkCompleted" => Step::WorkEnded,
        "ReturnVerified" => Step::ReturnedVerified,
        _ => return None,
    })
}

/// `sign-contract` → `SignContract`.
pub(super) fn command(kebab: &str) -> String {
    let word = |word: &str| {
        let mut signs = word.chars();
        signs.next().map(|first| first.to_ascii_uppercase().to_string() + signs.as_str()).unwrap_or_default()
    };
    kebab.split('-').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placement(stage: Stage, tracks: &[Track]) -> Placement {
        let tracks_done = tracks.iter().map(|track| (*track).into()).collect();
        Placement { stage: stage.into(), tracks_done, ..Placement::default() }
    }

    #[test]
    fn preparation_counts_in_the_order_of_the_ring() {
        assert_eq!(of(&placement(Stage::Accepted, &[Track::Fitness])).step, Step::Accepted);
        let visa = [Track::Contract, Track::VisaApplied, Track::Visa, Track::Fitness];
        assert_eq!(of(&placement(Stage::Accepted, &visa)).step, Step::MedicalCleared);
        assert_eq!(stages_of("MEDICAL_CLEARED"), [Stage::Accepted]);
        assert_eq!(stages_of("NON_RETURN"), [Stage::NonReturn]);
        assert_eq!(stages_of("nonsense"), []);
    }

    #[test]
    fn a_list_asks_for_every_stage_that_its_number_counts() {
        let abroad = [Stage::Departed, Stage::Arrived, Stage::Working, Stage::AwaitingTransfer];
        assert_eq!(stages_of(ABROAD), abroad);
        let states = Step::ALL.map(Step::code).into_iter().chain([ABROAD]);
        for (state, stage) in states.flat_map(|state| Stage::all().map(move |stage| (state, stage))) {
            let mut there = placement(stage, &[]);
            there.steps = vec![proto::placement::Step { stage: stage.into(), ..Default::default() }];
            if of(&there).fits(state) && step_of(stage).is_some() {
                assert!(stages_of(state).contains(&stage), "{state} {stage:?}");
            }
        }
        for (state, stage) in [
            ("RETURNED_VERIFIED", Stage::ReEntryEligible),
            ("WORK_ENDED", Stage::ReturnTravel),
            ("WORK_ENDED", Stage::Unverified),
            ("ABROAD", Stage::Arrived),
        ] {
            assert!(of(&placement(stage, &[])).fits(state), "{state} {stage:?}");
        }
        assert!(!of(&placement(Stage::NonReturn, &[])).fits("WORK_ENDED"), "dropped out there");
    }

    #[test]
    fn whoever_left_work_early_and_came_home_is_none_of_those_who_finished() {
        let step = |stage: Stage| proto::placement::Step { stage: stage.into(), ..Default::default() };
        let mut home = placement(Stage::ReturnedVerified, &[]);
        home.steps = vec![step(Stage::Working), step(Stage::WorkEnded), step(Stage::ReturnedVerified)];
        home.ending = Ending::Resigned.into();
        assert!(!of(&home).fits("RETURNED_VERIFIED"), "as the figures count");
        home.ending = Ending::Completed.into();
        assert!(of(&home).fits("RETURNED_VERIFIED"));
    }

    #[test]
    fn whoever_left_work_early_stands_where_they_left() {
        let step = |stage: Stage| proto::placement::Step { stage: stage.into(), ..Default::default() };
        let mut resigned = placement(Stage::WorkEnded, &[]);
        resigned.steps = vec![step(Stage::Arrived), step(Stage::Working), step(Stage::WorkEnded)];
        resigned.ending = Ending::Resigned.into();
        assert_eq!(of(&resigned), Place { step: Step::Working, ending: "", dropped: true });
    }

    #[test]
    fn commands_travel_between_words_and_addresses() {
        for name in ["Select", "SignContract", "BarReEntry", "DecideDepartureNoShow"] {
            let kebab = code(name).to_lowercase().replace('_', "-");
            assert_eq!(command(&kebab), name);
        }
    }
}
