//! Services that say what is written here: real gRPC, real messages, no database.

/// A service whose calls are answered by these functions.
macro_rules! serve {
    ($service:path { $($name:ident: $request:ty => $answer:ty, $by:path;)* } $($more:item)*) => {
        #[tonic::async_trait]
        impl $service for Said {
            $($more)*
            $(async fn $name(&self, request: Request<$request>) -> Answer<$answer> { $by(self, request).await })*
        }
    };
}

mod candidate;
mod demand;
mod matching;
mod monitoring;
mod parked;
mod placement;
mod rules;

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
};

use futures::{Stream, StreamExt};
use platform::Refused;
use proto::{
    candidate::candidate_service_server::CandidateServiceServer,
    common as c,
    matching::{self as m, matching_service_server::MatchingServiceServer},
    monitoring::{self as o, monitoring_service_server::MonitoringServiceServer},
    operation::{self as x, operation_service_server::OperationServiceServer},
    placement::{self as l, placement_service_server::PlacementServiceServer},
    programme::{self as p, programme_service_server::ProgrammeServiceServer},
};
use tokio::{net::TcpListener, sync::watch};
use tokio_stream::wrappers::{TcpListenerStream, WatchStream};
use tonic::{Code, Request, Response, Status, transport::Server};

/// The organisation of the union.
pub(crate) const UNION: &str = "018f0000-0000-7000-8000-000000000001";

type Answer<T> = Result<Response<T>, Status>;

/// What the services say, and what was said to them.
#[derive(Clone)]
pub(crate) struct Said(Arc<Inner>);

struct Inner {
    moves: Mutex<Vec<l::MovePlacementRequest>>,
    batches: Mutex<Vec<l::BatchMovePlacementsRequest>>,
    lists: Mutex<Vec<l::ListPlacementsRequest>>,
    /// Names that were asked for.
    names: Mutex<Vec<String>>,
    order: Mutex<Option<proto::demand::JobOrder>>,
    /// Where the placement stands.
    stage: Mutex<l::Stage>,
    /// Tracks that are done, if it is prepared.
    done: Mutex<Option<Vec<l::Track>>>,
    times_away: Mutex<bool>,
    /// Groups that are stuck beside those that always are.
    stuck: Mutex<usize>,
    published: Mutex<Vec<String>>,
    /// In which state publishing leaves the round, if it takes longer than a call may.
    slow: Mutex<Option<m::RoundState>>,
    laid_down: Mutex<Vec<m::OverrideRoundRequest>>,
    releases: Mutex<Vec<p::ReleaseReserveRequest>>,
    given_up: Mutex<Vec<x::DiscardParkedEventRequest>>,
    returned: Mutex<i64>,
    seasons: Mutex<Vec<String>>,
    fold: watch::Sender<i64>,
}

impl Said {
    pub(crate) fn moves(&self) -> Vec<l::MovePlacementRequest> {
        self.0.moves.lock().unwrap().clone()
    }

    /// Batches that were to be carried out, and those that were only tried.
    pub(crate) fn batches(&self, validate_only: bool) -> Vec<l::BatchMovePlacementsRequest> {
        let all = self.0.batches.lock().unwrap();
        all.iter().filter(|sent| sent.validate_only == validate_only).cloned().collect()
    }

    /// The last list that was asked for.
    pub(crate) fn listed(&self) -> l::ListPlacementsRequest {
        self.0.lists.lock().unwrap().last().cloned().unwrap_or_default()
    }

    /// Candidates whose names were asked for.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.names.lock().unwrap().clone()
    }

    /// From now on the placement is in this stage.
    pub(crate) fn stands(&self, stage: l::Stage) {
        *self.0.stage.lock().unwrap() = stage;
    }

    /// From now on nobody tells how long clocks took.
    pub(crate) fn times_go_away(&self) {
        *self.0.times_away.lock().unwrap() = true;
    }

    /// So many groups more are stuck.
    pub(crate) fn more_are_stuck(&self, groups: usize) {
        *self.0.stuck.lock().unwrap() = groups;
    }

    pub(crate) fn releases(&self) -> Vec<p::ReleaseReserveRequest> {
        self.0.releases.lock().unwrap().clone()
    }

    pub(crate) fn laid_down(&self) -> Vec<m::OverrideRoundRequest> {
        self.0.laid_down.lock().unwrap().clone()
    }

    pub(crate) fn published(&self) -> Vec<String> {
        self.0.published.lock().unwrap().clone()
    }

    /// From now on publishing takes longer than a call may, and leaves the round in this state.
    pub(crate) fn publishing_takes_long(&self, state: m::RoundState) {
        *self.0.slow.lock().unwrap() = Some(state);
    }

    /// Reasons for which events were given up.
    pub(crate) fn given_up(&self) -> Vec<String> {
        self.0.given_up.lock().unwrap().iter().map(|sent| sent.reason.clone()).collect()
    }

    /// Somebody orders for a season; this caller has nothing in it.
    pub(crate) fn plan(&self, season: &str) {
        self.0.seasons.lock().unwrap().push(season.to_owned());
    }

    /// The fold goes on, and nothing that anybody looks at has changed.
    pub(crate) fn fold_moves(&self) {
        self.0.fold.send_modify(|events| *events += 1);
    }

    pub(crate) fn somebody_returns(&self) {
        *self.0.returned.lock().unwrap() += 1;
        self.fold_moves();
    }
}

/// Serves on a free port until the test ends.
pub(crate) async fn start() -> (SocketAddr, Said) {
    let said = Said(Arc::new(Inner {
        moves: Mutex::default(),
        batches: Mutex::default(),
        lists: Mutex::default(),
        names: Mutex::default(),
        order: Mutex::default(),
        stage: Mutex::new(l::Stage::Proposed),
        done: Mutex::default(),
        times_away: Mutex::default(),
        stuck: Mutex::default(),
        published: Mutex::default(),
        slow: Mutex::default(),
        laid_down: Mutex::default(),
        releases: Mutex::default(),
        given_up: Mutex::default(),
        returned: Mutex::new(1_900),
        seasons: Mutex::new(["2017", "2026"].map(str::to_owned).to_vec()),
        fold: watch::Sender::new(1),
    }));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder()
        .add_service(ProgrammeServiceServer::new(said.clone()))
        .add_service(MonitoringServiceServer::new(said.clone()))
        .add_service(MatchingServiceServer::new(said.clone()))
        .add_service(OperationServiceServer::new(said.clone()))
        .add_service(CandidateServiceServer::new(said.clone()))
        .add_service(demand::server(&said))
        .add_service(PlacementServiceServer::new(said.clone()));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    (address, said)
}

fn answer<T>(message: T) -> Answer<T> {
    Ok(Response::new(message))
}

async fn unserved<R, A>(_: &Said, _: Request<R>) -> Answer<A> {
    Err(Status::unimplemented(""))
}

async fn organisations(_: &Said, _: Request<p::ListOrganisationsRequest>) -> Answer<p::ListOrganisationsResponse> {
    let organisation =
        |id: &str, name: &str| p::Organisation { id: id.to_owned(), name: name.to_owned(), ..Default::default() };
    answer(p::ListOrganisationsResponse {
        organisations: vec![organisation(UNION, "Unió de Pagesos")],
        next_page_token: String::new(),
    })
}

async fn seasons(_: &Said, _: Request<p::ListSeasonsRequest>) -> Answer<p::ListSeasonsResponse> {
    let season = |code: &str| p::Season {
        code: code.to_owned(),
        starts_on: format!("{code}-01-01"),
        ends_on: format!("{code}-12-31"),
        version: 1,
    };
    answer(p::ListSeasonsResponse {
        seasons: vec![season("2017"), season("2026"), season("2027")],
        ..Default::default()
    })
}

fn corridor(code: &str) -> p::Corridor {
    let (origin, destination) = code.split_once('-').unwrap();
    p::Corridor {
        code: code.to_owned(),
        origin: origin.to_owned(),
        destination: destination.to_owned(),
        agreement: "An agreement".to_owned(),
        state: 1,
        ..Default::default()
    }
}

async fn corridors(_: &Said, _: Request<p::ListCorridorsRequest>) -> Answer<p::ListCorridorsResponse> {
    answer(p::ListCorridorsResponse { corridors: vec![corridor("CO-ES")], ..Default::default() })
}

async fn get_corridor(_: &Said, request: Request<p::GetCorridorRequest>) -> Answer<p::Corridor> {
    match request.get_ref().code.as_str() {
        "CO-ES" => answer(corridor("CO-ES")),
        other => Err(Refused::not_found("corridor", other).into()),
    }
}

async fn quotas(_: &Said, _: Request<p::ListQuotasRequest>) -> Answer<p::ListQuotasResponse> {
    answer(p::ListQuotasResponse {
        quotas: vec![p::Quota {
            id: "q1".to_owned(),
            season_code: "2026".to_owned(),
            sector: "A01".to_owned(),
            cap: 4_000,
            flexible_reserve: 400,
            version: 3,
            corridor_code: "CO-ES".to_owned(),
        }],
        open_releases: vec![p::OpenRelease {
            quota_id: "q1".to_owned(),
            units: 40,
            asked_by: "a colleague".to_owned(),
            asked_on: "2026-03-01".to_owned(),
            lapses_on: "2026-03-08".to_owned(),
        }],
        ..Default::default()
    })
}

/// The second who asks for 40 gets them; 50 are another's, and what was looked at in another version is refused.
async fn release(said: &Said, request: Request<p::ReleaseReserveRequest>) -> Answer<p::Quota> {
    let request = request.into_inner();
    said.0.releases.lock().unwrap().push(request.clone());
    match (request.units, request.expected_version) {
        (50, _) => Err(Refused::new(Code::FailedPrecondition, "TWO_PEOPLE", "who proposes cannot complete").into()),
        (40, 3) => answer(p::Quota { version: 4, ..Default::default() }),
        (_, 3) => answer(p::Quota { version: 3, ..Default::default() }),
        _ => Err(Refused::new(Code::Aborted, "VERSION", "the quota was changed").into()),
    }
}

serve!(p::programme_service_server::ProgrammeService {
    register_organisation: p::RegisterOrganisationRequest => p::Organisation, unserved;
    list_organisations: p::ListOrganisationsRequest => p::ListOrganisationsResponse, organisations;
    open_corridor: p::OpenCorridorRequest => p::Corridor, unserved;
    get_corridor: p::GetCorridorRequest => p::Corridor, get_corridor;
    list_corridors: p::ListCorridorsRequest => p::ListCorridorsResponse, corridors;
    publish_rule_pack: p::PublishRulePackRequest => p::RulePack, unserved;
    get_rule_pack_in_force: p::GetRulePackInForceRequest => p::RulePack, rules::in_force;
    list_rule_packs: p::ListRulePacksRequest => p::ListRulePacksResponse, rules::packs;
    plan_season: p::PlanSeasonRequest => p::Season, unserved;
    list_seasons: p::ListSeasonsRequest => p::ListSeasonsResponse, seasons;
    set_quota: p::SetQuotaRequest => p::Quota, unserved;
    release_reserve: p::ReleaseReserveRequest => p::Quota, release;
    list_quotas: p::ListQuotasRequest => p::ListQuotasResponse, quotas;
    tally: c::TallyRequest => c::TallyResponse, unserved;
});

serve!(m::matching_service_server::MatchingService {
    commit_seed: m::CommitSeedRequest => m::SeedCommitment, unserved;
    compute_round: m::ComputeRoundRequest => m::Round, unserved;
    get_round: m::GetRoundRequest => m::Round, matching::get_round;
    list_rounds: m::ListRoundsRequest => m::ListRoundsResponse, matching::rounds;
    list_round_pairs: m::ListRoundPairsRequest => m::ListRoundPairsResponse, matching::pairs;
    publish_round: m::PublishRoundRequest => m::Round, matching::publish;
    discard_round: m::DiscardRoundRequest => m::Round, unserved;
    explain_candidate: m::ExplainCandidateRequest => m::CandidateExplanation, matching::explain;
    explain_line: m::ExplainLineRequest => m::LineExplanation, unserved;
    what_if: m::WhatIfRequest => m::WhatIfResponse, matching::what_if;
    override_round: m::OverrideRoundRequest => m::RoundOverride, matching::lay_down;
    list_round_overrides: m::ListRoundOverridesRequest => m::ListRoundOverridesResponse, matching::overrides;
    get_round_fairness: m::GetRoundFairnessRequest => m::FairnessReport, matching::fairness;
    solve_market: m::SolveMarketRequest => m::SolveMarketResponse, unserved;
    tally: c::TallyRequest => c::TallyResponse, unserved;
});

serve!(o::monitoring_service_server::MonitoringService {
    get_flows: o::GetFlowsRequest => o::GetFlowsResponse, monitoring::flows;
    get_corridor_steps: o::GetCorridorStepsRequest => o::GetCorridorStepsResponse, monitoring::steps;
    get_clock_times: o::GetClockTimesRequest => o::GetClockTimesResponse, monitoring::times;
    list_passed_over: o::ListPassedOverRequest => o::ListPassedOverResponse, monitoring::passed_over;
    list_clocks: o::ListClocksRequest => o::ListClocksResponse, monitoring::clocks;
    tally: c::TallyRequest => c::TallyResponse, unserved;
    verify: o::VerifyRequest => o::Verification, unserved;
    get_verification: o::GetVerificationRequest => o::Verification, monitoring::verification;
}
    type WatchFlowsStream = Pin<Box<dyn Stream<Item = Result<o::WatchFlowsResponse, Status>> + Send>>;

    async fn watch_flows(&self, _: Request<o::WatchFlowsRequest>) -> Answer<Self::WatchFlowsStream> {
        let told = |events| Ok(o::WatchFlowsResponse { events, as_of: "2026-03-02".to_owned() });
        answer(Box::pin(WatchStream::new(self.0.fold.subscribe()).map(told)))
    }
);
