//! What an operator may ask of any service: which events are parked, apply them again, give one up.

use std::sync::Arc;

use proto::{
    Role,
    operation::{
        DiscardParkedEventRequest, DiscardParkedEventResponse, ListParkedKeysRequest, ListParkedKeysResponse,
        ParkedKey, ReplayParkedKeyRequest, ReplayParkedKeyResponse, operation_service_server::OperationService,
    },
};
use sqlx::Row;
use tonic::{Request, Response, Status};

use crate::{
    command::{self, Begun},
    consumer::{self, Parking},
    database::Database,
    grpc::Deadline,
    identity::{Principal, principal},
    page,
    refusal::{Error, Refused},
};

/// The list that page tokens belong to.
const PARKED: &str = "parked";

/// The consumers of one service and the database they write to.
pub(crate) struct Operation {
    database: Database,
    consumers: Vec<Arc<dyn Parking>>,
}

impl Operation {
    pub(crate) fn new(database: Database, consumers: Vec<Arc<dyn Parking>>) -> Self {
        Self { database, consumers }
    }

    /// Each service answers for itself.
    fn addressed(&self, service: &str) -> Result<(), Refused> {
        if service.is_empty() || service == self.database.service() {
            return Ok(());
        }
        let message = format!("this is {}, not {service}", self.database.service());
        Err(Refused::field("service", "SERVICE", message).mend("call the service that the path names"))
    }

    fn consumer(&self, name: &str) -> Result<&Arc<dyn Parking>, Refused> {
        let found = self.consumers.iter().find(|consumer| consumer.name() == name);
        found.ok_or_else(|| Refused::not_found("consumer", name))
    }

    async fn list(&self, who: &Principal, request: ListParkedKeysRequest) -> Result<ListParkedKeysResponse, Error> {
        who.needs(&[Role::Operator, Role::Auditor, Role::Service])?;
        self.addressed(&request.service)?;
        let size = page::size(request.page_size)?;
        let after: i64 = page::after(PARKED, &request.page_token)?.parse().unwrap_or_default();
        let mut tx = self.database.begin(who.reach()).await?;
        let total_events = sqlx::query_scalar("SELECT count(*) FROM parked").fetch_one(&mut *tx).await?;
        let rows = sqlx::query(
            "SELECT first.id, first.consumer, first.key, first.reason, first.topic, first.partition,
                 first.message_offset, first.parked_at, waiting.events
             FROM (SELECT min(id) AS id, count(*) AS events FROM parked GROUP BY consumer, key) AS waiting
             JOIN parked AS first USING (id) WHERE first.id > $1 ORDER BY first.id LIMIT $2",
        )
        .bind(after)
        .bind(size + 1)
        .fetch_all(&mut *tx)
        .await?;
        let mut keys: Vec<(i64, ParkedKey)> = rows.iter().map(|row| (row.get("id"), self.parked_key(row))).collect();
        let more = keys.len() > usize::try_from(size).unwrap_or(usize::MAX);
        if more {
            keys.pop();
        }
        let next_page_token =
            keys.last().filter(|_| more).map(|(id, _)| page::token(PARKED, &id.to_string())).unwrap_or_default();
        Ok(ListParkedKeysResponse {
            parked_keys: keys.into_iter().map(|(_, key)| key).collect(),
            next_page_token,
            total_events,
        })
    }

    fn parked_key(&self, row: &sqlx::postgres::PgRow) -> ParkedKey {
        let at: chrono::DateTime<chrono::Utc> = row.get("parked_at");
        ParkedKey {
            service: self.database.service().to_owned(),
            consumer: row.get("consumer"),
            key: row.get("key"),
            events: row.get("events"),
            reason: row.get("reason"),
            parked_at: at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            topic: row.get("topic"),
            partition: row.get("partition"),
            offset: row.get("message_offset"),
        }
    }

    async fn replay(
        &self,
        who: &Principal,
        Deadline(until): Deadline,
        request: ReplayParkedKeyRequest,
    ) -> Result<ReplayParkedKeyResponse, Error> {
        who.needs(&[Role::Operator])?;
        self.addressed(&request.service)?;
        let consumer = self.consumer(&request.consumer)?;
        let key = (who.reach(), who.organisation_id);
        match command::begin(&self.database, key, "ReplayParkedKey", &request.request_id, &request).await? {
            Begun::Answered(saved) => Ok(saved),
            Begun::New(command) => {
                let replayed = consumer.replay(&request.key, until).await?;
                let response = ReplayParkedKeyResponse {
                    replayed: replayed.events,
                    remaining: replayed.remaining,
                    reason: replayed.reason,
                    passed_over: replayed.passed_over,
                };
                command.finish(response).await
            }
        }
    }

    async fn discard(
        &self,
        who: &Principal,
        request: DiscardParkedEventRequest,
    ) -> Result<DiscardParkedEventResponse, Error> {
        who.needs(&[Role::Operator])?;
        self.addressed(&request.service)?;
        let name = self.consumer(&request.consumer)?.name();
        if request.reason.trim().is_empty() {
            return Err(Refused::field("reason", "REASON", "an event is given up for a reason, in words")
                .mend("write why nobody needs what the event says")
                .into());
        }
        let key = (who.reach(), who.organisation_id);
        let mut command =
            match command::begin(&self.database, key, "DiscardParkedEvent", &request.request_id, &request).await? {
                Begun::Answered(saved) => return Ok(saved),
                Begun::New(command) => command,
            };
        let place = (name, request.key.as_str());
        let given_up = consumer::discard(command.tx(), place, (&who.subject, &request.reason)).await?;
        let event_id = given_up.ok_or_else(|| Refused::not_found("parked event of key", &request.key))?;
        let remaining = consumer::count(command.tx(), name, &request.key).await?;
        tracing::warn!(consumer = name, key = request.key, %event_id, by = who.subject, "a parked event is given up");
        command.finish(DiscardParkedEventResponse { remaining }).await
    }
}

#[tonic::async_trait]
impl OperationService for Operation {
    async fn list_parked_keys(
        &self,
        request: Request<ListParkedKeysRequest>,
    ) -> Result<Response<ListParkedKeysResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.list(&who, request.into_inner()).await?))
    }

    async fn replay_parked_key(
        &self,
        request: Request<ReplayParkedKeyRequest>,
    ) -> Result<Response<ReplayParkedKeyResponse>, Status> {
        let who = principal(&request)?;
        let deadline = Deadline::of(&request);
        Ok(Response::new(self.replay(&who, deadline, request.into_inner()).await?))
    }

    async fn discard_parked_event(
        &self,
        request: Request<DiscardParkedEventRequest>,
    ) -> Result<Response<DiscardParkedEventResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.discard(&who, request.into_inner()).await?))
    }
}
