//! One key is parked, in `demand`: its first event is given up for a reason, and then it flows again.

use proto::operation::{
    DiscardParkedEventRequest, DiscardParkedEventResponse, ListParkedKeysRequest, ListParkedKeysResponse, ParkedKey,
    ReplayParkedKeyRequest, ReplayParkedKeyResponse, operation_service_server::OperationService,
};
use tonic::Request;

use super::{Answer, Said, answer};

#[tonic::async_trait]
impl OperationService for Said {
    async fn list_parked_keys(&self, request: Request<ListParkedKeysRequest>) -> Answer<ListParkedKeysResponse> {
        if request.get_ref().service != "demand" {
            return answer(ListParkedKeysResponse::default());
        }
        let key = ParkedKey {
            service: "demand".to_owned(),
            consumer: "demand-programme".to_owned(),
            key: "k1".to_owned(),
            events: 3,
            reason: "NOT_DECODED: <b>buffer</b> underflow".to_owned(),
            parked_at: "2026-03-02T10:20:00Z".to_owned(),
            topic: "circula.programme.v1".to_owned(),
            partition: 4,
            offset: 17,
        };
        answer(ListParkedKeysResponse { parked_keys: vec![key], total_events: 3, ..Default::default() })
    }

    async fn replay_parked_key(&self, request: Request<ReplayParkedKeyRequest>) -> Answer<ReplayParkedKeyResponse> {
        let key = request.into_inner().key;
        let given_up = self.0.given_up.lock().unwrap().iter().any(|sent| sent.key == key);
        let (remaining, reason) = if given_up { (0, "") } else { (3, "NOT_DECODED: buffer underflow") };
        let passed_over = i64::from(given_up);
        answer(ReplayParkedKeyResponse { replayed: 3 - remaining, remaining, reason: reason.to_owned(), passed_over })
    }

    async fn discard_parked_event(
        &self,
        request: Request<DiscardParkedEventRequest>,
    ) -> Answer<DiscardParkedEventResponse> {
        self.0.given_up.lock().unwrap().push(request.into_inner());
        answer(DiscardParkedEventResponse { remaining: 2 })
    }
}
