use platform::{Error, Principal, Refused, principal};
use proto::{
    Role,
    common::{
        CheckImportRequest, CreateImportRequest, DiscardImportRequest, GetImportRequest, Import, ListImportRowsRequest,
        ListImportRowsResponse, ListImportsRequest, ListImportsResponse, RegisterImportRequest, TallyRequest,
        TallyResponse, UploadImportRequest,
    },
    demand::{
        BatchApproveJobOrdersRequest, BatchApproveJobOrdersResponse, DenyJobOrderRequest, Employer, GetJobOrderRequest,
        JobOrder, ListEmployersRequest, ListEmployersResponse, ListJobOrdersRequest, ListJobOrdersResponse,
        PostJobOrderRequest, RegisterEmployerRequest, WithdrawJobOrderRequest, demand_service_server::DemandService,
    },
};
use tonic::{Request, Response, Status, Streaming};

use super::{Grpc, read};
use crate::service::{POSTERS, Posting};

type Answer<T> = Result<Response<T>, Status>;

fn answer<T>(outcome: Result<T, Error>) -> Answer<T> {
    outcome.map(Response::new).map_err(Status::from)
}

/// The caller, who may post for their own organisation.
fn poster<T>(request: &Request<T>) -> Result<Principal, Refused> {
    let principal = principal(request)?;
    principal.needs(&POSTERS)?;
    Ok(principal)
}

/// The caller, who reads what is of their organisation, or all.
fn reader<T>(request: &Request<T>) -> Result<Principal, Refused> {
    let principal = principal(request)?;
    principal.needs(&Role::READERS)?;
    Ok(principal)
}

fn operator<T>(request: &Request<T>) -> Result<Principal, Refused> {
    let principal = principal(request)?;
    principal.needs(&[Role::Operator])?;
    Ok(principal)
}

#[tonic::async_trait]
impl DemandService for Grpc {
    async fn register_employer(&self, request: Request<RegisterEmployerRequest>) -> Answer<Employer> {
        let principal = poster(&request)?;
        let request = request.into_inner();
        read::employer(&request)?;
        answer(self.service.register_employer(&principal, &request).await)
    }

    async fn list_employers(&self, request: Request<ListEmployersRequest>) -> Answer<ListEmployersResponse> {
        let principal = reader(&request)?;
        answer(self.service.list_employers(&principal, request.get_ref()).await)
    }

    async fn post_job_order(&self, request: Request<PostJobOrderRequest>) -> Answer<JobOrder> {
        let principal = poster(&request)?;
        let request = request.into_inner();
        let order = read::order(&request.order.clone().unwrap_or_default(), principal.organisation_id)?;
        answer(self.service.post_job_order(&principal, Posting { request: &request, order }).await)
    }

    async fn get_job_order(&self, request: Request<GetJobOrderRequest>) -> Answer<JobOrder> {
        let principal = reader(&request)?;
        answer(self.service.get_job_order(&principal, &request.get_ref().order_id).await)
    }

    async fn list_job_orders(&self, request: Request<ListJobOrdersRequest>) -> Answer<ListJobOrdersResponse> {
        let principal = reader(&request)?;
        let request = request.into_inner();
        let filter = read::filter(&request);
        answer(self.service.list_job_orders(&principal, &request, filter).await)
    }

    async fn batch_approve_job_orders(
        &self,
        request: Request<BatchApproveJobOrdersRequest>,
    ) -> Answer<BatchApproveJobOrdersResponse> {
        let principal = operator(&request)?;
        let request = request.into_inner();
        let asked = read::approval(&request)?;
        answer(self.service.batch_approve(&principal, &request, asked).await)
    }

    async fn deny_job_order(&self, request: Request<DenyJobOrderRequest>) -> Answer<JobOrder> {
        let principal = operator(&request)?;
        let request = request.into_inner();
        read::reason(&request.reason)?;
        answer(self.service.deny(&principal, &request).await)
    }

    async fn withdraw_job_order(&self, request: Request<WithdrawJobOrderRequest>) -> Answer<JobOrder> {
        let principal = poster(&request)?;
        let request = request.into_inner();
        read::reason(&request.reason)?;
        answer(self.service.withdraw(&principal, &request).await)
    }

    async fn create_import(&self, request: Request<CreateImportRequest>) -> Answer<Import> {
        let principal = poster(&request)?;
        answer(self.service.imports.create(&principal, request.get_ref()).await)
    }

    async fn upload_import(&self, request: Request<Streaming<UploadImportRequest>>) -> Answer<Import> {
        let principal = poster(&request)?;
        Ok(Response::new(self.service.imports.upload(&principal, request.into_inner()).await?))
    }

    async fn check_import(&self, request: Request<CheckImportRequest>) -> Answer<Import> {
        let principal = poster(&request)?;
        answer(self.service.imports.check(&principal, request.get_ref()).await)
    }

    async fn register_import(&self, request: Request<RegisterImportRequest>) -> Answer<Import> {
        let principal = poster(&request)?;
        answer(self.service.imports.register(&principal, request.get_ref()).await)
    }

    async fn discard_import(&self, request: Request<DiscardImportRequest>) -> Answer<Import> {
        let principal = poster(&request)?;
        answer(self.service.imports.discard(&principal, request.get_ref()).await)
    }

    async fn get_import(&self, request: Request<GetImportRequest>) -> Answer<Import> {
        let principal = reader(&request)?;
        answer(self.service.imports.get(&principal, &request.get_ref().import_id).await)
    }

    async fn list_imports(&self, request: Request<ListImportsRequest>) -> Answer<ListImportsResponse> {
        let principal = reader(&request)?;
        answer(self.service.imports.list(&principal, request.get_ref()).await)
    }

    async fn list_import_rows(&self, request: Request<ListImportRowsRequest>) -> Answer<ListImportRowsResponse> {
        let principal = reader(&request)?;
        answer(self.service.imports.rows(&principal, request.get_ref()).await)
    }

    async fn tally(&self, request: Request<TallyRequest>) -> Answer<TallyResponse> {
        let principal = principal(&request)?;
        answer(self.service.tally(&principal).await)
    }
}
