//! The service's door: who calls, what they ask, what they get.

use platform::principal;
use proto::{
    candidate::{
        CandidateName, CandidateRecord, CorrectCandidateRequest, GetCandidateNameRequest, GetCandidateRecordRequest,
        ListCandidatesRequest, ListCandidatesResponse, RunDueRequest, RunDueResponse, WithdrawCandidateRequest,
        candidate_service_server::CandidateService,
    },
    common::{
        CheckImportRequest, CreateImportRequest, DiscardImportRequest, GetImportRequest, Import, ListImportRowsRequest,
        ListImportRowsResponse, ListImportsRequest, ListImportsResponse, RegisterImportRequest, TallyRequest,
        TallyResponse, UploadImportRequest,
    },
};
use tonic::{Request, Response, Status, Streaming};

use crate::service::Service;

type Answer<T> = Result<Response<T>, Status>;

/// Candidates by gRPC.
pub(crate) struct Grpc {
    service: Service,
}

impl Grpc {
    pub(crate) const fn new(service: Service) -> Self {
        Self { service }
    }
}

#[tonic::async_trait]
impl CandidateService for Grpc {
    async fn create_import(&self, request: Request<CreateImportRequest>) -> Answer<Import> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.imports(&caller)?.create(&caller, request.get_ref()).await?))
    }

    async fn upload_import(&self, request: Request<Streaming<UploadImportRequest>>) -> Answer<Import> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.imports(&caller)?.upload(&caller, request.into_inner()).await?))
    }

    async fn check_import(&self, request: Request<CheckImportRequest>) -> Answer<Import> {
        let caller = principal(&request)?;
        let engine = self.service.imports(&caller)?;
        self.service.origin_known(&caller).await?;
        Ok(Response::new(engine.check(&caller, request.get_ref()).await?))
    }

    async fn register_import(&self, request: Request<RegisterImportRequest>) -> Answer<Import> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.imports(&caller)?.register(&caller, request.get_ref()).await?))
    }

    async fn discard_import(&self, request: Request<DiscardImportRequest>) -> Answer<Import> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.imports(&caller)?.discard(&caller, request.get_ref()).await?))
    }

    async fn get_import(&self, request: Request<GetImportRequest>) -> Answer<Import> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.imports(&caller)?.get(&caller, &request.get_ref().import_id).await?))
    }

    async fn list_imports(&self, request: Request<ListImportsRequest>) -> Answer<ListImportsResponse> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.imports(&caller)?.list(&caller, request.get_ref()).await?))
    }

    async fn list_import_rows(&self, request: Request<ListImportRowsRequest>) -> Answer<ListImportRowsResponse> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.imports(&caller)?.rows(&caller, request.get_ref()).await?))
    }

    async fn list_candidates(&self, request: Request<ListCandidatesRequest>) -> Answer<ListCandidatesResponse> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.list(&caller, request.get_ref()).await?))
    }

    async fn get_candidate_record(&self, request: Request<GetCandidateRecordRequest>) -> Answer<CandidateRecord> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.get(&caller, request.get_ref()).await?))
    }

    async fn get_candidate_name(&self, request: Request<GetCandidateNameRequest>) -> Answer<CandidateName> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.name(&caller, request.get_ref()).await?))
    }

    async fn correct_candidate(&self, request: Request<CorrectCandidateRequest>) -> Answer<CandidateRecord> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.correct(&caller, request.get_ref()).await?))
    }

    async fn withdraw_candidate(&self, request: Request<WithdrawCandidateRequest>) -> Answer<CandidateRecord> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.withdraw(&caller, request.get_ref()).await?))
    }

    async fn run_due(&self, request: Request<RunDueRequest>) -> Answer<RunDueResponse> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.run_due(&caller, request.get_ref()).await?))
    }

    async fn tally(&self, request: Request<TallyRequest>) -> Answer<TallyResponse> {
        let caller = principal(&request)?;
        Ok(Response::new(self.service.tally(&caller).await?))
    }
}
