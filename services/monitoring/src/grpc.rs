//! The gRPC door: who calls, then the use case of the same name.

use std::pin::Pin;

use futures::{Stream, StreamExt};
use platform::principal;
use proto::{
    common::{TallyRequest, TallyResponse},
    monitoring::{
        GetClockTimesRequest, GetClockTimesResponse, GetCorridorStepsRequest, GetCorridorStepsResponse,
        GetFlowsRequest, GetFlowsResponse, GetVerificationRequest, ListClocksRequest, ListClocksResponse,
        ListPassedOverRequest, ListPassedOverResponse, Verification, VerifyRequest, WatchFlowsRequest,
        WatchFlowsResponse, monitoring_service_server::MonitoringService,
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

#[tonic::async_trait]
impl MonitoringService for Grpc {
    type WatchFlowsStream = Pin<Box<dyn Stream<Item = Result<WatchFlowsResponse, Status>> + Send>>;

    async fn get_flows(&self, request: Request<GetFlowsRequest>) -> Result<Response<GetFlowsResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.service.get_flows(&who, request.into_inner()).await?))
    }

    async fn get_corridor_steps(
        &self,
        request: Request<GetCorridorStepsRequest>,
    ) -> Result<Response<GetCorridorStepsResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.service.get_corridor_steps(&who, request.into_inner()).await?))
    }

    async fn list_clocks(&self, request: Request<ListClocksRequest>) -> Result<Response<ListClocksResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.service.list_clocks(&who, request.into_inner()).await?))
    }

    async fn get_clock_times(
        &self,
        request: Request<GetClockTimesRequest>,
    ) -> Result<Response<GetClockTimesResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.service.get_clock_times(&who, request.into_inner()).await?))
    }

    async fn list_passed_over(
        &self,
        request: Request<ListPassedOverRequest>,
    ) -> Result<Response<ListPassedOverResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.service.list_passed_over(&who, request.into_inner()).await?))
    }

    async fn tally(&self, request: Request<TallyRequest>) -> Result<Response<TallyResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.service.tally(&who, request.into_inner()).await?))
    }

    async fn verify(&self, request: Request<VerifyRequest>) -> Result<Response<Verification>, Status> {
        let who = principal(&request)?;
        let token = request.metadata().get("authorization").cloned();
        Ok(Response::new(self.service.verify(&who, token, request.into_inner()).await?))
    }

    async fn get_verification(
        &self,
        request: Request<GetVerificationRequest>,
    ) -> Result<Response<Verification>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.service.get_verification(&who, request.into_inner()).await?))
    }

    async fn watch_flows(
        &self,
        request: Request<WatchFlowsRequest>,
    ) -> Result<Response<Self::WatchFlowsStream>, Status> {
        let who = principal(&request)?;
        let flows = self.service.watch_flows(&who, request.into_inner()).await?;
        Ok(Response::new(Box::pin(flows.map(Ok))))
    }
}
