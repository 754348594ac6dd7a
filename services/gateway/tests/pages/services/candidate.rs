//! What candidate says: a name to whoever asks, and who has asked.

use proto::{
    candidate::{self as k, candidate_service_server::CandidateService},
    common as c,
};
use tonic::{Request, Status, Streaming};

use super::{Answer, Said, answer, unserved};

async fn name(said: &Said, request: Request<k::GetCandidateNameRequest>) -> Answer<k::CandidateName> {
    let candidate_id = request.into_inner().candidate_id;
    said.0.names.lock().unwrap().push(candidate_id.clone());
    answer(k::CandidateName { candidate_id, family_name: "Restrepo".to_owned(), given_names: "Ana".to_owned() })
}

serve!(CandidateService {
    create_import: c::CreateImportRequest => c::Import, unserved;
    check_import: c::CheckImportRequest => c::Import, unserved;
    register_import: c::RegisterImportRequest => c::Import, unserved;
    discard_import: c::DiscardImportRequest => c::Import, unserved;
    get_import: c::GetImportRequest => c::Import, unserved;
    list_imports: c::ListImportsRequest => c::ListImportsResponse, unserved;
    list_import_rows: c::ListImportRowsRequest => c::ListImportRowsResponse, unserved;
    list_candidates: k::ListCandidatesRequest => k::ListCandidatesResponse, unserved;
    get_candidate_record: k::GetCandidateRecordRequest => k::CandidateRecord, unserved;
    get_candidate_name: k::GetCandidateNameRequest => k::CandidateName, name;
    correct_candidate: k::CorrectCandidateRequest => k::CandidateRecord, unserved;
    withdraw_candidate: k::WithdrawCandidateRequest => k::CandidateRecord, unserved;
    run_due: k::RunDueRequest => k::RunDueResponse, unserved;
    tally: c::TallyRequest => c::TallyResponse, unserved;
}
    async fn upload_import(&self, _: Request<Streaming<c::UploadImportRequest>>) -> Answer<c::Import> {
        Err(Status::unimplemented(""))
    }
);
