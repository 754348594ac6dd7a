//! What monitoring says: one season that adds up, its clocks and its seal.

use proto::monitoring as o;
use tonic::{Request, Status};

use super::{Answer, Said, answer};

const STEPS: [(&str, i64, i64); 6] = [
    ("PROPOSED", 4_149, 200),
    ("CONTRACT_SIGNED", 3_500, 200),
    ("VISA_GRANTED", 3_200, 100),
    ("DEPARTED", 3_100, 100),
    ("WORKING", 3_000, 980),
    ("COMPLETED", 2_000, 100),
];

/// Who reached a step and who is there; the rest that did not go on dropped out.
fn flow(returned: i64) -> o::Flow {
    let next = STEPS.iter().skip(1).map(|(_, reached, _)| *reached).chain([returned]);
    let mut steps: Vec<o::FlowStep> = STEPS
        .iter()
        .zip(next)
        .map(|((step, reached, here), went_on)| o::FlowStep {
            step: (*step).to_owned(),
            reached: *reached,
            went_on,
            here_now: (*here).min(*reached - went_on),
            dropped_out: (*reached - went_on - here).max(0),
        })
        .collect();
    steps.push(o::FlowStep {
        step: "RETURNED_VERIFIED".to_owned(),
        reached: returned,
        here_now: returned,
        ..Default::default()
    });
    o::Flow {
        corridor_code: "CO-ES".to_owned(),
        season_code: "2026".to_owned(),
        seats_ordered: 3_860,
        seats_open: 60,
        steps,
        reserve_calls: 211,
        late: 19,
        rostered: 80,
        quota: Some(o::QuotaParts { allotted: 3_860, open: 60, held: 700, used: 3_100 }),
        one_sided: 41,
    }
}

pub(super) async fn flows(said: &Said, request: Request<o::GetFlowsRequest>) -> Answer<o::GetFlowsResponse> {
    let several = o::Flow {
        corridor_code: "*-ES".to_owned(),
        season_code: "2026".to_owned(),
        seats_ordered: 40,
        ..Default::default()
    };
    let old = o::Flow { corridor_code: "MX-US".to_owned(), season_code: "2017".to_owned(), ..Default::default() };
    let mut flows = vec![old, flow(*said.0.returned.lock().unwrap()), several];
    flows.retain(|flow| request.get_ref().season_code.is_empty() || flow.season_code == request.get_ref().season_code);
    let events = *said.0.fold.borrow();
    let season_codes = said.0.seasons.lock().unwrap().clone();
    answer(o::GetFlowsResponse { flows, season_codes, as_of: "2026-03-02".to_owned(), events })
}

/// Two drop out before they depart and four after: the former give their unit back.
pub(super) async fn steps(_: &Said, _: Request<o::GetCorridorStepsRequest>) -> Answer<o::GetCorridorStepsResponse> {
    let step = |step: &str, reached, here_now, dropped_out| o::CorridorStep {
        step: step.to_owned(),
        reached,
        here_now,
        dropped_out,
        reasons: vec![o::ReasonCount { reason: "OWN_WISH".to_owned(), count: dropped_out }],
        ..Default::default()
    };
    let proposed = o::CorridorStep { one_sided: 2, ..step("PROPOSED", 9, 3, 2) };
    answer(o::GetCorridorStepsResponse {
        steps: vec![proposed, step("DEPARTED", 4, 0, 4)],
        as_of: "2026-03-02".to_owned(),
    })
}

pub(super) async fn clocks(said: &Said, _: Request<o::ListClocksRequest>) -> Answer<o::ListClocksResponse> {
    let clock = |clock: &str, waits_for: &str, running, late| o::ClockCount {
        corridor_code: "CO-ES".to_owned(),
        clock: clock.to_owned(),
        waits_for: waits_for.to_owned(),
        running,
        late,
        oldest_due_on: "2026-02-20".to_owned(),
        oldest_placement_id: "p1".to_owned(),
    };
    let mut clocks = vec![
        clock("C-SELECT-HALF", "union", 8, 7),
        clock("C-ARRIVAL", "union", 12, 4),
        clock("C-VISA", "authority", 9, 2),
        clock("C-DECIDE", "operator", 1, 0),
        clock("C-HEARING", "operator", 3, 0),
        clock("C-RETURN", "ministry", 5, 5),
    ];
    let more = (0..*said.0.stuck.lock().unwrap()).map(|_| clock("C-SIGN", "union", 2, 2));
    clocks.extend(more);
    answer(o::ListClocksResponse { clocks, as_of: "2026-03-02".to_owned() })
}

pub(super) async fn times(said: &Said, _: Request<o::GetClockTimesRequest>) -> Answer<o::GetClockTimesResponse> {
    if *said.0.times_away.lock().unwrap() {
        return Err(Status::internal("a statement took too long"));
    }
    let time = |clock: &str, half, nine| o::ClockTime {
        clock: clock.to_owned(),
        ended: 1_900,
        days_half: half,
        days_nine_of_ten: nine,
        days_longest: 44,
    };
    answer(o::GetClockTimesResponse { clocks: vec![time("C-ARRIVAL", 2, 4), time("C-ANSWER", 3, 5)] })
}

pub(super) async fn passed_over(
    _: &Said,
    request: Request<o::ListPassedOverRequest>,
) -> Answer<o::ListPassedOverResponse> {
    let passed = |on: &str, reason: &str, called_rank| o::PassedOver {
        occurred_on: on.to_owned(),
        reason: reason.to_owned(),
        called_rank,
    };
    let passed = match request.get_ref().placement_id.as_str() {
        "p1" => vec![passed("2026-02-09", "TOO_LATE", 0), passed("2026-02-10", "PERSON_TAKEN", 4)],
        _ => Vec::new(),
    };
    answer(o::ListPassedOverResponse { passed })
}

pub(super) async fn verification(_: &Said, _: Request<o::GetVerificationRequest>) -> Answer<o::Verification> {
    answer(o::Verification {
        verified_at: "2026-03-02T10:42:00Z".to_owned(),
        events: 612_304,
        figures: 80,
        differences: vec![o::Difference::default()],
        sources: vec![o::VerifiedSource { failure: "it did not answer".to_owned(), ..Default::default() }],
    })
}
