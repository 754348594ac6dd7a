//! The gRPC door: who calls, then the use case of the same name.

use platform::principal;
use proto::{
    common::{TallyRequest, TallyResponse},
    programme::{
        Corridor, GetCorridorRequest, GetRulePackInForceRequest, ListCorridorsRequest, ListCorridorsResponse,
        ListOrganisationsRequest, ListOrganisationsResponse, ListQuotasRequest, ListQuotasResponse,
        ListRulePacksRequest, ListRulePacksResponse, ListSeasonsRequest, ListSeasonsResponse, OpenCorridorRequest,
        Organisation, PlanSeasonRequest, PublishRulePackRequest, Quota, RegisterOrganisationRequest,
        ReleaseReserveRequest, RulePack, Season, SetQuotaRequest, programme_service_server::ProgrammeService,
    },
};
use tonic::{Request, Response, Status};

use crate::service::Service;

pub(crate) struct Grpc {
    service: Service,
}

impl Grpc {
    pub(crate) fn new(service: Service) -> Self {
        Self { service }
    }
}

macro_rules! calls {
    ($($name:ident($request:ty) -> $response:ty;)*) => {
        #[tonic::async_trait]
        impl ProgrammeService for Grpc {
            $(async fn $name(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                let who = principal(&request)?;
                Ok(Response::new(self.service.$name(&who, request.into_inner()).await?))
            })*
        }
    };
}

calls! {
    register_organisation(RegisterOrganisationRequest) -> Organisation;
    list_organisations(ListOrganisationsRequest) -> ListOrganisationsResponse;
    open_corridor(OpenCorridorRequest) -> Corridor;
    get_corridor(GetCorridorRequest) -> Corridor;
    list_corridors(ListCorridorsRequest) -> ListCorridorsResponse;
    publish_rule_pack(PublishRulePackRequest) -> RulePack;
    get_rule_pack_in_force(GetRulePackInForceRequest) -> RulePack;
    list_rule_packs(ListRulePacksRequest) -> ListRulePacksResponse;
    plan_season(PlanSeasonRequest) -> Season;
    list_seasons(ListSeasonsRequest) -> ListSeasonsResponse;
    set_quota(SetQuotaRequest) -> Quota;
    release_reserve(ReleaseReserveRequest) -> Quota;
    list_quotas(ListQuotasRequest) -> ListQuotasResponse;
    tally(TallyRequest) -> TallyResponse;
}
