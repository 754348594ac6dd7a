use super::*;

fn step(stage: Stage, event: &str, day: u32) -> Step {
    Step { stage: stage.into(), event: event.to_owned(), occurred_on: format!("2026-03-{day:02}"), ..Step::default() }
}

/// A placement whose stage is that of its last step.
fn placement(steps: Vec<Step>) -> Placement {
    let stage = steps.last().map(Step::stage).unwrap_or_default();
    Placement { stage: stage.into(), steps, ..Placement::default() }
}

fn accepted(tracks: &[Track], facts: Vec<Step>) -> Placement {
    let mut steps = vec![step(Stage::Proposed, "CandidateProposed", 1), step(Stage::Accepted, "OfferAccepted", 4)];
    steps.extend(facts);
    let tracks_done = tracks.iter().map(|track| (*track).into()).collect();
    Placement { tracks_done, ..placement(steps) }
}

fn at(placement: &Placement) -> (&'static str, bool) {
    let place = place(placement);
    (STEPS[place.step.unwrap()], place.dropped)
}

#[test]
fn who_is_only_on_a_list_stands_nowhere() {
    let listed = placement(vec![step(Stage::Recommended, "CandidateRecommended", 1)]);
    assert_eq!(place(&listed).step, None);
    let unlisted = placement(vec![
        step(Stage::Recommended, "CandidateRecommended", 1),
        step(Stage::Cancelled, "CandidateUnlisted", 2),
    ]);
    assert_eq!(place(&unlisted).step, None);
}

#[test]
fn what_was_done_before_acceptance_does_not_hurry_the_way() {
    assert_eq!(at(&accepted(&[Track::Fitness, Track::Training], vec![])), ("ACCEPTED", false));
    let by_order = accepted(&[Track::Authorisation], vec![]);
    assert_eq!(at(&by_order), ("ACCEPTED", false));
    let signed = accepted(&[Track::Authorisation, Track::Contract], vec![step(Stage::Accepted, "ContractSigned", 9)]);
    assert_eq!(at(&signed), ("AUTHORISED", false));
    let visa = accepted(&[Track::Contract, Track::Authorisation, Track::Visa, Track::Fitness], vec![]);
    assert_eq!(at(&visa), ("MEDICAL_CLEARED", false));
}

#[test]
fn italy_authorises_before_the_contract() {
    let cleared = accepted(&[Track::Authorisation], vec![step(Stage::Accepted, "WorkAuthorised", 9)]);
    assert_eq!(at(&cleared), ("AUTHORISED", false));
    assert_eq!(place(&cleared).since, "2026-03-09".parse().ok());
}

#[test]
fn a_step_is_as_old_as_the_fact_that_reached_it() {
    let facts = vec![step(Stage::Accepted, "ContractSigned", 9), step(Stage::Accepted, "TrainingCompleted", 12)];
    let signed = accepted(&[Track::Contract, Track::Training], facts);
    assert_eq!(place(&signed).since, "2026-03-09".parse().ok());
    let working = placement(vec![
        step(Stage::Arrived, "ArrivalConfirmed", 2),
        step(Stage::Working, "WorkStarted", 3),
        step(Stage::Working, "RecordAdded", 20),
    ]);
    assert_eq!(place(&working).since, "2026-03-03".parse().ok());
}

#[test]
fn a_corrected_report_leads_back() {
    let corrected = placement(vec![
        step(Stage::Accepted, "OfferAccepted", 1),
        step(Stage::Departed, "DepartureRecorded", 2),
        step(Stage::Accepted, "ReportCorrected", 3),
    ]);
    assert_eq!(at(&corrected), ("ACCEPTED", false));
}

#[test]
fn who_is_cancelled_drops_out_where_preparation_had_come() {
    let mut refused =
        accepted(&[Track::Contract, Track::VisaApplied], vec![step(Stage::Cancelled, "PreparationClosed", 9)]);
    refused.stage = Stage::Cancelled.into();
    refused.reason = "VISA_REFUSED".to_owned();
    assert_eq!(at(&refused), ("VISA_APPLIED", true));
    assert_eq!(place(&refused).reason, "VISA_REFUSED");
}

#[test]
fn who_does_not_work_to_the_end_drops_out_at_work_even_if_home_again() {
    let steps = vec![
        step(Stage::Departed, "DepartureRecorded", 1),
        step(Stage::Arrived, "ArrivalConfirmed", 2),
        step(Stage::Working, "WorkStarted", 3),
        step(Stage::WorkEnded, "WorkerResigned", 9),
        step(Stage::ReturnedVerified, "ReturnVerified", 15),
    ];
    let resigned = Placement { ending: Ending::Resigned.into(), ..placement(steps.clone()) };
    assert_eq!(at(&resigned), ("WORKING", true));
    assert_eq!(place(&resigned).reason, "RESIGNED");
    let completed = Placement { ending: Ending::EarlyCompletion.into(), ..placement(steps) };
    assert_eq!(at(&completed), ("RETURNED_VERIFIED", false));
}

#[test]
fn a_person_never_seen_at_work_drops_out_where_last_seen() {
    let steps = vec![step(Stage::Departed, "DepartureRecorded", 1), step(Stage::WorkEnded, "NotArrivedDecided", 9)];
    let lost = Placement { ending: Ending::NotArrived.into(), ..placement(steps) };
    assert_eq!(at(&lost), ("DEPARTED", true));
}

#[test]
fn a_gap_in_what_we_know_is_no_drop_out_but_a_decided_non_return_is() {
    let unverified = |stage| Placement {
        stage: Stage::into(stage),
        ending: Ending::Completed.into(),
        ..placement(vec![step(Stage::Working, "WorkStarted", 1), step(Stage::WorkEnded, "WorkCompleted", 9)])
    };
    assert_eq!(at(&unverified(Stage::Unverified)), ("WORK_ENDED", false));
    assert_eq!(at(&unverified(Stage::NonReturn)), ("WORK_ENDED", true));
    assert_eq!(at(&unverified(Stage::ReEntryBarred)), ("WORK_ENDED", true));
}

#[test]
fn a_bar_after_a_verified_return_is_still_a_return() {
    let steps =
        vec![step(Stage::ReturnedVerified, "ReturnVerified", 9), step(Stage::ReEntryBarred, "ReEntryBarred", 12)];
    let barred = Placement { ending: Ending::Completed.into(), ..placement(steps) };
    assert_eq!(at(&barred), ("RETURNED_VERIFIED", false));
}

#[test]
fn reached_is_went_on_and_here_now_and_dropped_out() {
    let standing: Vec<Standing> = (0..17)
        .flat_map(|step| {
            [false, true].map(|dropped| Standing { step, dropped, people: 7 * step as i64 + i64::from(dropped) })
        })
        .collect();
    let all: Vec<usize> = (0..17).collect();
    for marks in [FLOW.map(|(_, from)| from).to_vec(), all] {
        let levels = levels(&marks, &standing);
        for level in &levels {
            assert_eq!(level.reached, level.went_on + level.here_now + level.dropped_out);
        }
        for pair in levels.windows(2) {
            assert_eq!(pair[0].went_on, pair[1].reached);
        }
        assert_eq!(levels[0].reached, standing.iter().map(|there| there.people).sum::<i64>());
        assert_eq!(levels.last().unwrap().went_on, 0);
    }
}
