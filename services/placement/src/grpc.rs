//! The door: proto → validated input → use case → proto.

use std::{fmt::Display, str::FromStr};

use chrono::NaiveDate;
use platform::{Refused, page, principal};
use proto::{
    Role,
    common::{TallyRequest, TallyResponse},
    ids::MalformedId,
    placement::{
        self as wire, BatchMovePlacementsRequest, BatchMovePlacementsResponse, GetLineRequest, GetPlacementRequest,
        Line, ListLinesRequest, ListLinesResponse, ListPlacementsRequest, ListPlacementsResponse, ListQuotaUseRequest,
        ListQuotaUseResponse, MovePlacementRequest, OpenLinesRequest, OpenLinesResponse, Placement, PlacementView,
        RunDueRequest, RunDueResponse, placement_service_server::PlacementService,
    },
};
use tonic::{Request, Response, Status};

use crate::{
    decide::Move,
    moves::{LineMove, TABLE},
    service::{BATCH_MAX, Service, due::DUE_MAX, lines::OPEN_LINE},
    store::lists::Filter,
    veil,
};

/// Longest text that a move carries.
const TEXT_MAX: usize = 200;
/// Whoever may move something; which one, the table says.
const MOVERS: [Role; 4] = [Role::Ministry, Role::Union, Role::Operator, Role::Authority];

/// The service behind its door.
pub(crate) struct Grpc(pub(crate) Service);

#[tonic::async_trait]
impl PlacementService for Grpc {
    async fn get_placement(&self, request: Request<GetPlacementRequest>) -> Result<Response<PlacementView>, Status> {
        let principal = principal(&request)?;
        principal.needs(&Role::READERS)?;
        let asked = request.into_inner();
        let id = id("placement_id", &asked.placement_id)?;
        Ok(Response::new(self.0.placement(&principal, (id, &asked.language)).await?))
    }

    async fn list_placements(
        &self,
        request: Request<ListPlacementsRequest>,
    ) -> Result<Response<ListPlacementsResponse>, Status> {
        let principal = principal(&request)?;
        principal.needs(&Role::READERS)?;
        let asked = request.into_inner();
        let filter = Filter {
            stage: stage(asked.stage),
            stages: asked.stages.iter().copied().map(stage).collect(),
            line: optional("line_id", &asked.line_id)?,
            candidate: optional("candidate_id", &asked.candidate_id)?,
            order: optional("order_id", &asked.order_id)?,
            late: asked.late,
            unpublished_case: asked.unpublished_case,
            knows: veil::knows(&principal.roles),
            clock: asked.clock,
            corridor: asked.corridor_code,
            season: asked.season_code,
        };
        let named = format!("{filter:?}");
        let page = page_of(&named, &asked.page_token, asked.page_size)?;
        let (placements, last) = self.0.placements(principal.reach(), &filter, page).await?;
        Ok(Response::new(ListPlacementsResponse { placements, next_page_token: next(&named, last) }))
    }

    async fn move_placement(&self, request: Request<MovePlacementRequest>) -> Result<Response<Placement>, Status> {
        let principal = principal(&request)?;
        principal.needs(&MOVERS)?;
        let asked = request.into_inner();
        let mut one = asked.r#move.clone().unwrap_or_default();
        one.placement_id.clone_from(&asked.placement_id);
        let read = read(&one)?;
        Ok(Response::new(self.0.move_placement(&principal, &asked, read).await?))
    }

    async fn batch_move_placements(
        &self,
        request: Request<BatchMovePlacementsRequest>,
    ) -> Result<Response<BatchMovePlacementsResponse>, Status> {
        let principal = principal(&request)?;
        principal.needs(&MOVERS)?;
        let asked = request.into_inner();
        if asked.moves.len() > BATCH_MAX {
            let message = format!("a batch holds at most {BATCH_MAX} moves");
            return Err(Refused::field("moves", "TOO_MANY", message).mend("send several batches").into());
        }
        let moves = asked.moves.iter().map(read).collect();
        if asked.validate_only {
            return Ok(Response::new(self.0.try_moves(&principal, &asked, moves).await?));
        }
        Ok(Response::new(self.0.batch_move(&principal, &asked, moves).await?))
    }

    async fn open_lines(&self, request: Request<OpenLinesRequest>) -> Result<Response<OpenLinesResponse>, Status> {
        let principal = principal(&request)?;
        principal.needs(&TABLE.line_move(OPEN_LINE).map(LineMove::roles).unwrap_or_default())?;
        let asked = request.into_inner();
        let on = date("occurred_on", &asked.occurred_on)?;
        self.0.has_come("occurred_on", on)?;
        Ok(Response::new(self.0.open_lines(&principal, &asked, on).await?))
    }

    async fn get_line(&self, request: Request<GetLineRequest>) -> Result<Response<Line>, Status> {
        let principal = principal(&request)?;
        principal.needs(&Role::READERS)?;
        let id = id("line_id", &request.into_inner().line_id)?;
        Ok(Response::new(self.0.line(principal.reach(), id).await?))
    }

    async fn list_lines(&self, request: Request<ListLinesRequest>) -> Result<Response<ListLinesResponse>, Status> {
        let principal = principal(&request)?;
        principal.needs(&Role::READERS)?;
        let asked = request.into_inner();
        let order = optional("order_id", &asked.order_id)?;
        let named = format!("{} {} {order:?}", asked.season_code, asked.destination);
        let page = page_of(&named, &asked.page_token, asked.page_size)?;
        let filter = (asked.season_code.as_str(), asked.destination.as_str(), order);
        let (lines, last) = self.0.lines(principal.reach(), filter, page).await?;
        Ok(Response::new(ListLinesResponse { lines, next_page_token: next(&named, last) }))
    }

    async fn list_quota_use(
        &self,
        request: Request<ListQuotaUseRequest>,
    ) -> Result<Response<ListQuotaUseResponse>, Status> {
        let principal = principal(&request)?;
        principal.needs(&Role::READERS)?;
        let asked = request.into_inner();
        let found = self.0.quota_use(principal.reach(), &asked.corridor_code, &asked.season_code).await?;
        Ok(Response::new(found))
    }

    async fn run_due(&self, request: Request<RunDueRequest>) -> Result<Response<RunDueResponse>, Status> {
        let principal = principal(&request)?;
        principal.needs(&[Role::Operator, Role::Service])?;
        let asked = request.into_inner();
        let as_of = date("as_of", &asked.as_of)?;
        self.0.has_come("as_of", as_of)?;
        let limit = if asked.limit <= 0 { DUE_MAX } else { i64::from(asked.limit).min(DUE_MAX) };
        Ok(Response::new(self.0.run_due(&principal, &asked, (as_of, limit)).await?))
    }

    async fn tally(&self, request: Request<TallyRequest>) -> Result<Response<TallyResponse>, Status> {
        principal(&request)?.needs(&[Role::Operator, Role::Auditor, Role::Service])?;
        Ok(Response::new(self.0.tally().await?))
    }
}

/// Reads a move.
fn read(asked: &wire::Move) -> Result<Move, Refused> {
    let texts = [
        ("command", &asked.command),
        ("reason", &asked.reason),
        ("evidence", &asked.evidence),
        ("language", &asked.language),
        ("witness", &asked.witness),
        ("kind", &asked.kind),
        ("rule_id", &asked.rule_id),
    ];
    for (field, text) in texts {
        if text.len() > TEXT_MAX {
            return Err(Refused::field(field, "TOO_LONG", format!("at most {TEXT_MAX} bytes")));
        }
    }
    Ok(Move {
        placement_id: id("placement_id", &asked.placement_id)?,
        command: asked.command.clone(),
        occurred_on: date("occurred_on", &asked.occurred_on)?,
        version: asked.version,
        reason: asked.reason.clone(),
        evidence: asked.evidence.clone(),
        language: asked.language.clone(),
        witness: asked.witness.clone(),
        for_worker: asked.for_worker,
        kind: asked.kind.clone(),
        date: perhaps("date", &asked.date)?,
        rule_id: asked.rule_id.clone(),
        appeal_told_on: perhaps("appeal_told_on", &asked.appeal_told_on)?,
        valid_until: perhaps("valid_until", &asked.valid_until)?,
    })
}

/// A stage that nothing is in finds nothing.
fn stage(asked: i32) -> i16 {
    i16::try_from(asked).unwrap_or(-1)
}

fn id<I: FromStr<Err = MalformedId>>(field: &str, text: &str) -> Result<I, Refused> {
    text.parse().map_err(|_| Refused::field(field, "MALFORMED_ID", "this is no id").mend("send a UUID"))
}

fn optional<I: FromStr<Err = MalformedId>>(field: &str, text: &str) -> Result<Option<I>, Refused> {
    if text.is_empty() { Ok(None) } else { id(field, text).map(Some) }
}

fn date(field: &str, text: &str) -> Result<NaiveDate, Refused> {
    text.parse().map_err(|_| {
        Refused::field(field, "DATE", format!("{field} is no date")).mend("send an ISO 8601 date, such as 2026-03-14")
    })
}

fn perhaps(field: &str, text: &str) -> Result<Option<NaiveDate>, Refused> {
    if text.is_empty() { Ok(None) } else { date(field, text).map(Some) }
}

fn page_of<I: FromStr<Err = MalformedId>>(filter: &str, token: &str, size: i32) -> Result<(Option<I>, i64), Refused> {
    let after = page::after(filter, token)?;
    Ok((optional("page_token", &after)?, page::size(size)?))
}

fn next(filter: &str, last: Option<impl Display>) -> String {
    last.map(|id| page::token(filter, &id.to_string())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proto::ids::PlacementId;

    use super::*;

    #[test]
    fn a_move_without_a_day_is_refused_at_its_field() {
        let asked = wire::Move { placement_id: PlacementId::default().to_string(), ..wire::Move::default() };
        assert_eq!(read(&asked).unwrap_err().place, "occurred_on");
    }
}
