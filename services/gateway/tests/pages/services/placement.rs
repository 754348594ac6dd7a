//! What placement says: one placement, its moves, and how it is prepared.

use platform::Refused;
use proto::{
    common as c,
    placement::{self as l, placement_service_server::PlacementService},
};
use tonic::{Code, Request, Status};

use super::{Answer, Said, UNION, answer, unserved};

impl Said {
    /// From now on the placement is prepared, and these tracks are done.
    pub(crate) fn prepares(&self, done: &[l::Track]) {
        self.stands(l::Stage::Accepted);
        *self.0.done.lock().unwrap() = Some(done.to_vec());
    }
}

fn placement() -> l::Placement {
    let step = |version, command: &str, event: &str, stage: l::Stage| l::Step {
        version,
        command: command.to_owned(),
        event: event.to_owned(),
        stage: stage.into(),
        occurred_on: "2026-02-10".to_owned(),
        actor_role: "operator".to_owned(),
        recorded_at: "2026-02-12T10:40:00.000Z".to_owned(),
        ..Default::default()
    };
    l::Placement {
        id: "p1".to_owned(),
        version: 4,
        stage: l::Stage::Proposed.into(),
        candidate_id: "c1".to_owned(),
        union_id: UNION.to_owned(),
        line_id: "018f0000-0000-7000-8000-0000000000aa".to_owned(),
        corridor_code: "CO-ES".to_owned(),
        season_code: "2026".to_owned(),
        round_id: "7".to_owned(),
        reserve_rank: 2,
        starts_on: "2026-05-01".to_owned(),
        ends_on: "2026-10-01".to_owned(),
        steps: vec![
            step(1, "Recommend", "CandidateRecommended", l::Stage::Recommended),
            step(2, "CallReserve", "ReserveCalled", l::Stage::Proposed),
            step(3, "AddRecord", "RecordAdded", l::Stage::Proposed),
        ],
        clocks: vec![l::Clock {
            name: "C-SELECT".to_owned(),
            started_on: "2026-02-10".to_owned(),
            due_on: "2026-02-20".to_owned(),
            waits_for: "union".to_owned(),
        }],
        ..Default::default()
    }
}

/// The placement, with C-READY and what is done if it is prepared.
fn prepared(said: &Said) -> l::Placement {
    let Some(done) = said.0.done.lock().unwrap().clone() else { return placement() };
    let ready = l::Clock {
        name: "C-READY".to_owned(),
        started_on: "2026-02-10".to_owned(),
        due_on: "2026-04-11".to_owned(),
        waits_for: "operator".to_owned(),
    };
    l::Placement { tracks_done: done.into_iter().map(i32::from).collect(), clocks: vec![ready], ..placement() }
}

async fn get_placement(said: &Said, request: Request<l::GetPlacementRequest>) -> Answer<l::PlacementView> {
    let id = request.get_ref().placement_id.as_str();
    if id != "p1" {
        return Err(Refused::not_found("placement", id).into());
    }
    let possible = |command: &str, who: &str| l::PossibleMove {
        command: command.to_owned(),
        who: vec![who.to_owned()],
        ..Default::default()
    };
    let refused = Refused::new(Code::FailedPrecondition, "TRACKS_OPEN", "departure waits for visa")
        .mend("finish visa")
        .with("tracks", "visa")
        .with("tracks_by", "authority")
        .with("due", "2026-04-11");
    let waiting = l::PossibleMove { refusal: Some(refused.into_proto()), ..possible("Depart", "ministry") };
    let holding = |ledger: &str, detail: &str| l::Holding {
        ledger: ledger.to_owned(),
        status: "HELD".to_owned(),
        detail: detail.to_owned(),
    };
    let stage = *said.0.stage.lock().unwrap();
    answer(l::PlacementView {
        placement: Some(l::Placement {
            stage: stage.into(),
            one_sided: stage == l::Stage::Arrived,
            recalled_on: if stage == l::Stage::ReEntryEligible { "2026-11-02".to_owned() } else { String::new() },
            recall_reply: l::RecallReply::Declined.into(),
            appeal_told_on: if stage == l::Stage::WorkEnded { "2026-05-07".to_owned() } else { String::new() },
            ..prepared(said)
        }),
        possible: ["Select", "Reject", "Offer", "OpenCase", "AddRecord", "BookTravel"]
            .map(|it| possible(it, "union"))
            .to_vec(),
        waiting: vec![waiting],
        holdings: vec![holding("SEAT", "x"), holding("UNIT", "y"), holding("PERIOD", "2026-05-01/2026-10-31")],
        terms: Some(l::OfferTerms {
            text: "Employeur\u{a0}: Coop <Aitona>\nSalaire\u{a0}: 9.40 EUR par heure\n".to_owned(),
            missing: vec!["hours".to_owned()],
            ..Default::default()
        }),
        // A crew as proposed, then a family, at the end nobody; of two of the others this desk is told nothing.
        together: (stage != l::Stage::WorkEnded).then(|| l::Together {
            crew: stage == l::Stage::Proposed,
            people: 4,
            placement_ids: vec!["p2".to_owned()],
        }),
    })
}

/// The one placement on each of two pages, if it is asked for; of `C-REVIEW` many pages and nothing on them.
async fn list(said: &Said, request: Request<l::ListPlacementsRequest>) -> Answer<l::ListPlacementsResponse> {
    let request = request.into_inner();
    let more = request.page_token.is_empty() || request.clock == "C-REVIEW";
    let next_page_token = if more { "more".to_owned() } else { String::new() };
    let mut placements = vec![placement()];
    placements.retain(|there| {
        let runs = request.clock.is_empty() || there.clocks.iter().any(|clock| clock.name == request.clock);
        runs && !request.unpublished_case && (request.stages.is_empty() || request.stages.contains(&there.stage))
    });
    said.0.lists.lock().unwrap().push(request);
    answer(l::ListPlacementsResponse { placements, next_page_token })
}

async fn move_it(said: &Said, request: Request<l::MovePlacementRequest>) -> Answer<l::Placement> {
    let request = request.into_inner();
    let asked = request.r#move.clone().unwrap_or_default();
    said.0.moves.lock().unwrap().push(request);
    if asked.kind == "FIRST_OF_TWO" && asked.reason.is_empty() {
        return Err(Refused::new(Code::FailedPrecondition, "ABOUT_NEEDED", "a FIRST_OF_TWO names the move").into());
    }
    match asked.evidence.as_str() {
        "refuse" => Err(Refused::new(Code::FailedPrecondition, "LINE_CLOSED", "the line is CLOSED").at("G1").into()),
        "early" => Err(Refused::new(Code::FailedPrecondition, "TOO_EARLY", "C-SELECT runs until 2026-02-20")
            .mend("wait until it is over")
            .at("PROPOSED")
            .with("clock", "C-SELECT")
            .with("until", "2026-02-20")
            .into()),
        "late" => Err(Refused::new(Code::FailedPrecondition, "WRONG_STAGE", "this move is not possible").into()),
        "needed" => Err(Refused::new(Code::InvalidArgument, "NEEDED", "Offer needs language").at("SELECTED").into()),
        "ahead" => {
            Err(Refused::new(Code::InvalidArgument, "DATE_AHEAD", "2999-01-01 has not come yet").at("SELECTED").into())
        }
        "stale" => Err(Refused::new(Code::Aborted, "VERSION", "the placement is at version 5, not 4").into()),
        "away" => Err(Status::unavailable("tcp connect error")),
        _ => answer(placement()),
    }
}

/// What is not there is refused, and what was drawn from another version.
async fn move_many(
    said: &Said,
    request: Request<l::BatchMovePlacementsRequest>,
) -> Answer<l::BatchMovePlacementsResponse> {
    let request = request.into_inner();
    said.0.batches.lock().unwrap().push(request.clone());
    let result = |asked: &l::Move| {
        let refused = match (asked.placement_id.as_str(), asked.version) {
            ("p1", 4) => None,
            ("p1", _) => Some(Refused::new(Code::Aborted, "VERSION", "the placement is at version 4, not 3")),
            (other, _) => Some(Refused::not_found("placement", other)),
        };
        l::MoveResult {
            placement_id: asked.placement_id.clone(),
            stage: l::Stage::Selected.into(),
            refusal: refused.map(Refused::into_proto),
            ..Default::default()
        }
    };
    answer(l::BatchMovePlacementsResponse { results: request.moves.iter().map(result).collect() })
}

async fn uses(_: &Said, _: Request<l::ListQuotaUseRequest>) -> Answer<l::ListQuotaUseResponse> {
    answer(l::ListQuotaUseResponse { quotas: vec![l::QuotaUse { cap: 4_000, allotted: 3_860, ..Default::default() }] })
}

serve!(PlacementService {
    get_placement: l::GetPlacementRequest => l::PlacementView, get_placement;
    list_placements: l::ListPlacementsRequest => l::ListPlacementsResponse, list;
    move_placement: l::MovePlacementRequest => l::Placement, move_it;
    batch_move_placements: l::BatchMovePlacementsRequest => l::BatchMovePlacementsResponse, move_many;
    open_lines: l::OpenLinesRequest => l::OpenLinesResponse, unserved;
    get_line: l::GetLineRequest => l::Line, unserved;
    list_lines: l::ListLinesRequest => l::ListLinesResponse, unserved;
    list_quota_use: l::ListQuotaUseRequest => l::ListQuotaUseResponse, uses;
    run_due: l::RunDueRequest => l::RunDueResponse, unserved;
    tally: c::TallyRequest => c::TallyResponse, unserved;
});
