//! What demand says: nothing of orders, as to a ministry, until the test tells one.

use proto::{
    common as c,
    demand::{
        self as d,
        demand_service_server::{DemandService, DemandServiceServer},
    },
};
use tonic::{Request, Status, Streaming};

use super::{Answer, Said, answer, unserved};

pub(super) fn server(said: &Said) -> DemandServiceServer<Said> {
    DemandServiceServer::new(said.clone())
}

impl Said {
    /// From now on everybody may read this order.
    pub(crate) fn tell_order(&self, order: d::JobOrder) {
        *self.0.order.lock().unwrap() = Some(order);
    }
}

async fn order(said: &Said, _: Request<d::GetJobOrderRequest>) -> Answer<d::JobOrder> {
    let told = said.0.order.lock().unwrap().clone();
    answer(told.ok_or_else(|| Status::not_found("no such order"))?)
}

serve!(DemandService {
    register_employer: d::RegisterEmployerRequest => d::Employer, unserved;
    list_employers: d::ListEmployersRequest => d::ListEmployersResponse, unserved;
    post_job_order: d::PostJobOrderRequest => d::JobOrder, unserved;
    get_job_order: d::GetJobOrderRequest => d::JobOrder, order;
    list_job_orders: d::ListJobOrdersRequest => d::ListJobOrdersResponse, unserved;
    batch_approve_job_orders: d::BatchApproveJobOrdersRequest => d::BatchApproveJobOrdersResponse, unserved;
    deny_job_order: d::DenyJobOrderRequest => d::JobOrder, unserved;
    withdraw_job_order: d::WithdrawJobOrderRequest => d::JobOrder, unserved;
    create_import: c::CreateImportRequest => c::Import, unserved;
    check_import: c::CheckImportRequest => c::Import, unserved;
    register_import: c::RegisterImportRequest => c::Import, unserved;
    discard_import: c::DiscardImportRequest => c::Import, unserved;
    get_import: c::GetImportRequest => c::Import, unserved;
    list_imports: c::ListImportsRequest => c::ListImportsResponse, unserved;
    list_import_rows: c::ListImportRowsRequest => c::ListImportRowsResponse, unserved;
    tally: c::TallyRequest => c::TallyResponse, unserved;
}
    async fn upload_import(&self, _: Request<Streaming<c::UploadImportRequest>>) -> Answer<c::Import> {
        Err(Status::unimplemented(""))
    }
);
