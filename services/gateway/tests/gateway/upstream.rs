//! Two small services behind the gateway: real gRPC, real messages, no database.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use platform::Refused;
use proto::{
    common as c,
    demand::{self as d, demand_service_server::DemandServiceServer},
    programme::{self as p, programme_service_server::ProgrammeServiceServer},
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status, Streaming, metadata::MetadataMap, transport::Server};

/// What the services saw.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    metadata: Option<MetadataMap>,
    request: String,
    file: Vec<u8>,
    calls: usize,
}

type Answer<T> = Result<Response<T>, Status>;

impl Seen {
    /// A header of the last call.
    pub fn header(&self, name: &str) -> Option<String> {
        let seen = self.0.lock().unwrap();
        Some(seen.metadata.as_ref()?.get(name)?.to_str().ok()?.to_owned())
    }

    /// The last request message, as Rust prints it.
    pub fn request(&self) -> String {
        self.0.lock().unwrap().request.clone()
    }

    /// Bytes that were uploaded, and in how many calls.
    pub fn file(&self) -> (Vec<u8>, usize) {
        let seen = self.0.lock().unwrap();
        (seen.file.clone(), seen.calls)
    }

    fn note<T: std::fmt::Debug>(&self, request: &Request<T>) {
        let mut seen = self.0.lock().unwrap();
        seen.metadata = Some(request.metadata().clone());
        seen.request = format!("{:?}", request.get_ref());
    }
}

/// Serves both services on a free port until the test ends.
pub(crate) async fn start() -> (SocketAddr, Seen) {
    let seen = Seen::default();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder()
        .add_service(ProgrammeServiceServer::new(seen.clone()))
        .add_service(DemandServiceServer::new(seen.clone()));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    (address, seen)
}

async fn unserved<R, A>(_: &Seen, _: Request<R>) -> Answer<A> {
    Err(Status::unimplemented(""))
}

async fn list_corridors(seen: &Seen, request: Request<p::ListCorridorsRequest>) -> Answer<p::ListCorridorsResponse> {
    seen.note(&request);
    let corridor = p::Corridor { code: "CO-ES".to_owned(), state: 1, version: 3, ..p::Corridor::default() };
    Ok(Response::new(p::ListCorridorsResponse { corridors: vec![corridor], next_page_token: String::new() }))
}

async fn get_corridor(seen: &Seen, request: Request<p::GetCorridorRequest>) -> Answer<p::Corridor> {
    seen.note(&request);
    Err(Refused::not_found("corridor", &request.get_ref().code).into())
}

async fn register(seen: &Seen, request: Request<p::RegisterOrganisationRequest>) -> Answer<p::Organisation> {
    seen.note(&request);
    let said = request.into_inner();
    Ok(Response::new(p::Organisation { id: "o1".to_owned(), kind: said.kind, name: said.name, ..Default::default() }))
}

async fn release(seen: &Seen, request: Request<p::ReleaseReserveRequest>) -> Answer<p::Quota> {
    seen.note(&request);
    let refused = Refused::new(Code::FailedPrecondition, "SECOND_PERSON", "the release waits for a second person")
        .at("units")
        .mend("ask a colleague to send the same release")
        .with("quota", &request.get_ref().quota_id);
    Err(refused.into())
}

/// A fault that says more than strangers should read.
async fn list_seasons(_: &Seen, _: Request<p::ListSeasonsRequest>) -> Answer<p::ListSeasonsResponse> {
    Err(Status::internal("connection to postgres://secret@10.0.0.7 lost"))
}

async fn upload(seen: &Seen, request: Request<Streaming<c::UploadImportRequest>>) -> Answer<c::Import> {
    let mut pieces = request.into_inner();
    seen.0.lock().unwrap().calls += 1;
    let mut import = c::Import::default();
    while let Some(piece) = pieces.message().await? {
        let mut seen = seen.0.lock().unwrap();
        if piece.data.len() > 64 << 10 || piece.offset != i64::try_from(seen.file.len()).unwrap() {
            return Err(Refused::field("offset", "OFFSET", "a piece does not follow the one before it").into());
        }
        seen.file.extend(&piece.data);
        import = c::Import {
            id: piece.import_id,
            bytes_received: i64::try_from(seen.file.len()).unwrap(),
            ..c::Import::default()
        };
    }
    Ok(Response::new(import))
}

/// A service whose calls are answered by these functions.
macro_rules! serve {
    ($service:path { $($name:ident: $request:ty => $answer:ty, $by:path;)* }) => {
        #[tonic::async_trait]
        impl $service for Seen {
            $(async fn $name(&self, request: Request<$request>) -> Answer<$answer> { $by(self, request).await })*
        }
    };
}

serve!(p::programme_service_server::ProgrammeService {
    register_organisation: p::RegisterOrganisationRequest => p::Organisation, register;
    list_organisations: p::ListOrganisationsRequest => p::ListOrganisationsResponse, unserved;
    open_corridor: p::OpenCorridorRequest => p::Corridor, unserved;
    get_corridor: p::GetCorridorRequest => p::Corridor, get_corridor;
    list_corridors: p::ListCorridorsRequest => p::ListCorridorsResponse, list_corridors;
    publish_rule_pack: p::PublishRulePackRequest => p::RulePack, unserved;
    get_rule_pack_in_force: p::GetRulePackInForceRequest => p::RulePack, unserved;
    list_rule_packs: p::ListRulePacksRequest => p::ListRulePacksResponse, unserved;
    plan_season: p::PlanSeasonRequest => p::Season, unserved;
    list_seasons: p::ListSeasonsRequest => p::ListSeasonsResponse, list_seasons;
    set_quota: p::SetQuotaRequest => p::Quota, unserved;
    release_reserve: p::ReleaseReserveRequest => p::Quota, release;
    list_quotas: p::ListQuotasRequest => p::ListQuotasResponse, unserved;
    tally: c::TallyRequest => c::TallyResponse, unserved;
});

serve!(d::demand_service_server::DemandService {
    register_employer: d::RegisterEmployerRequest => d::Employer, unserved;
    list_employers: d::ListEmployersRequest => d::ListEmployersResponse, unserved;
    post_job_order: d::PostJobOrderRequest => d::JobOrder, unserved;
    get_job_order: d::GetJobOrderRequest => d::JobOrder, unserved;
    list_job_orders: d::ListJobOrdersRequest => d::ListJobOrdersResponse, unserved;
    batch_approve_job_orders: d::BatchApproveJobOrdersRequest => d::BatchApproveJobOrdersResponse, unserved;
    deny_job_order: d::DenyJobOrderRequest => d::JobOrder, unserved;
    withdraw_job_order: d::WithdrawJobOrderRequest => d::JobOrder, unserved;
    create_import: c::CreateImportRequest => c::Import, unserved;
    upload_import: Streaming<c::UploadImportRequest> => c::Import, upload;
    check_import: c::CheckImportRequest => c::Import, unserved;
    register_import: c::RegisterImportRequest => c::Import, unserved;
    discard_import: c::DiscardImportRequest => c::Import, unserved;
    get_import: c::GetImportRequest => c::Import, unserved;
    list_imports: c::ListImportsRequest => c::ListImportsResponse, unserved;
    list_import_rows: c::ListImportRowsRequest => c::ListImportRowsResponse, unserved;
    tally: c::TallyRequest => c::TallyResponse, unserved;
});
