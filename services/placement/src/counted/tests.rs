use proto::ids::OrganisationId;

use super::*;
use crate::placement::{Case, Clock, Step};

fn day(of_march: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, of_march).unwrap()
}

/// Somebody who went through these stages, one on each day of March; `fact` names the last step.
fn way(stages: &[Stage], fact: &str) -> Placement {
    let steps = stages.iter().zip(1..).map(|(stage, on)| Step {
        version: i64::from(on),
        command: String::new(),
        event: if usize::try_from(on).unwrap() == stages.len() { fact.to_owned() } else { String::new() },
        stage: *stage,
        on: day(on),
        role: String::new(),
        organisation_id: OrganisationId::default(),
        reason: String::new(),
        own: String::new(),
        evidence: String::new(),
        sealed: false,
        recorded_at: None,
    });
    Placement { stage: *stages.last().unwrap(), steps: steps.collect(), ..Placement::empty() }
}

fn told(placement: &Placement) -> (Option<&'static str>, Option<u32>, Option<String>) {
    let counted = counted(placement);
    (counted.step, counted.since.map(|since| chrono::Datelike::day(&since)), counted.dropped)
}

#[test]
fn who_is_on_a_list_stands_nowhere_also_after_a_proposal() {
    use Stage::{Proposed, Recommended};
    assert_eq!(told(&way(&[Recommended], "")), (None, None, None));
    assert_eq!(told(&way(&[Recommended, Proposed], "")), (Some("PROPOSED"), Some(2), None));
    assert_eq!(told(&way(&[Recommended, Proposed, Recommended], "")), (None, None, None));
}

#[test]
fn a_step_counts_from_its_first_day_in_a_row_and_a_corrected_report_leads_back() {
    use Stage::{Accepted, Arrived, AwaitingTransfer, Departed, Working};
    assert_eq!(told(&way(&[Departed, Arrived, Working, Working], "")), (Some("WORKING"), Some(3), None));
    assert_eq!(told(&way(&[Departed, Arrived, Working, Arrived], "")), (Some("ARRIVED"), Some(4), None));
    assert_eq!(told(&way(&[Departed, Arrived, Working, AwaitingTransfer], "")), (Some("WORKING"), Some(3), None));
    assert_eq!(told(&way(&[Accepted, Departed, Accepted], "")), (Some("ACCEPTED"), Some(3), None));
}

#[test]
fn preparation_goes_in_the_order_of_the_ring() {
    use Stage::Accepted;
    let prepared = |fact: &str, tracks: &[(Track, Status)]| {
        let mut placement = way(&[Accepted, Accepted, Accepted], fact);
        for (track, status) in tracks {
            placement.tracks.set(*track, *status);
        }
        told(&placement)
    };
    // A valid fact of the person, and an authorisation that came with the order, open as done: none of them was walked.
    let open = [(Track::Fitness, Status::Done), (Track::Authorisation, Status::Done)];
    assert_eq!(prepared("", &open), (Some("ACCEPTED"), Some(1), None));
    let signed = [open[0], open[1], (Track::Contract, Status::Done)];
    assert_eq!(prepared("ContractSigned", &signed), (Some("AUTHORISED"), Some(1), None));
    assert_eq!(prepared("WorkAuthorised", &open), (Some("AUTHORISED"), Some(3), None));
    assert_eq!(prepared("ContractSigned", &signed[2..]), (Some("CONTRACT_SIGNED"), Some(3), None));
    assert_eq!(prepared("VisaApplied", &[(Track::Visa, Status::Applied)]), (Some("VISA_APPLIED"), Some(3), None));
    let visa = [(Track::Visa, Status::Done), (Track::Fitness, Status::Done)];
    assert_eq!(prepared("MedicalCleared", &visa), (Some("MEDICAL_CLEARED"), Some(3), None));
    assert_eq!(prepared("TravelBooked", &[(Track::Travel, Status::Done)]), (Some("TRAVEL_BOOKED"), Some(3), None));
}

#[test]
fn who_did_not_work_to_the_end_left_the_way_where_they_stood() {
    use Stage::{Departed, ReturnTravel, ReturnedVerified, WorkEnded, Working};
    let ended = |stages: &[Stage], ending: Ending| told(&Placement { ending, ..way(stages, "") });
    let home = [Departed, Working, WorkEnded, ReturnTravel, ReturnedVerified];
    assert_eq!(ended(&home, Ending::Completed), (Some("RETURNED_VERIFIED"), Some(5), None));
    assert_eq!(ended(&home[..4], Ending::EarlyCompletion), (Some("WORK_ENDED"), Some(3), None));
    assert_eq!(ended(&home, Ending::Resigned), (Some("WORKING"), Some(2), Some("RESIGNED".to_owned())));
    // No history tells where it was.
    assert_eq!(ended(&[WorkEnded], Ending::NotArrived), (Some("DEPARTED"), None, Some("NOT_ARRIVED".to_owned())));
    assert_eq!(ended(&[WorkEnded], Ending::NoShow), (Some("ARRIVED"), None, Some("NO_SHOW".to_owned())));
}

#[test]
fn whose_way_ended_is_told_with_the_reason() {
    use Stage::{
        Cancelled, Deceased, LeftProgramme, NonReturn, Offered, ReEntryBarred, ReturnedVerified, Unverified, WorkEnded,
    };
    let why = |stages: &[Stage]| told(&way(stages, "")).2;
    assert_eq!(why(&[Offered, Cancelled]).as_deref(), Some("CANCELLED"));
    let declined = Placement { reason: "DECLINED".to_owned(), ..way(&[Offered, Cancelled], "") };
    assert_eq!(told(&declined), (Some("OFFERED"), Some(1), Some("DECLINED".to_owned())));
    assert_eq!(why(&[LeftProgramme]).as_deref(), Some("LEFT_PROGRAMME"));
    assert_eq!(why(&[Deceased]).as_deref(), Some("DECEASED"));
    // A return that nobody saw is a gap in what is known; a decided non-return is none.
    assert_eq!(why(&[WorkEnded, Unverified]), None);
    assert_eq!(why(&[WorkEnded, Unverified, NonReturn]).as_deref(), Some("NON_RETURN"));
    assert_eq!(why(&[WorkEnded, NonReturn, ReEntryBarred]).as_deref(), Some("NON_RETURN"));
    assert_eq!(why(&[WorkEnded, ReturnedVerified, ReEntryBarred]), None);
}

#[test]
fn the_clocks_of_a_case_of_abuse_are_marked_and_the_others_are_not() {
    let clock = |name: &str| Clock {
        name: name.to_owned(),
        rule: String::new(),
        started_on: day(1),
        due_on: day(9),
        waits_for: "operator".to_owned(),
        fires: false,
    };
    let case = |kind: &str| Case {
        id: uuid::Uuid::nil(),
        kind: kind.to_owned(),
        reporter: OrganisationId::default(),
        opened_on: day(1),
        since: 1,
        heard: false,
        heard_by: OrganisationId::default(),
    };
    let marks = |kind: &str| {
        let clocks = vec![clock("C-HEARING"), clock("C-END")];
        let placement = Placement { case: Some(case(kind)), clocks, ..way(&[Stage::Working], "") };
        running(&placement).iter().map(|clock| clock.covered).collect::<Vec<_>>()
    };
    assert_eq!(marks("ABUSE"), [true, false]);
    assert_eq!(marks("ABSENT"), [false, false]);
}
