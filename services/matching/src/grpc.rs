//! gRPC: from messages to use cases and back.

use std::str::FromStr;

use platform::{Principal, Refused, page, principal};
use proto::{
    Role, common,
    ids::MalformedId,
    matching::{self as wire, matching_service_server::MatchingService},
};
use tonic::{Request, Response, Status};

use crate::{
    service::{CommitSeed, ComputeRound, Pairs, Service},
    whatif::{Kind, Wish},
    why::Why,
};

type Answer<T> = Result<Response<T>, Status>;

pub(crate) struct Grpc {
    service: Service,
}

impl Grpc {
    pub(crate) fn new(service: Service) -> Self {
        Self { service }
    }
}

fn operator<T>(request: &Request<T>) -> Result<Principal, Refused> {
    let principal = principal(request)?;
    principal.needs(&[Role::Operator, Role::Service])?;
    Ok(principal)
}

/// The caller, who reads what is of their organisation, or all; and rounds, which are of all of them.
fn reader<T>(request: &Request<T>) -> Result<Principal, Refused> {
    let principal = principal(request)?;
    principal.needs(&Role::READERS)?;
    Ok(principal)
}

fn date(field: &str, text: &str) -> Result<chrono::NaiveDate, Refused> {
    text.parse().map_err(|_| Refused::field(field, "DATE", format!("{text:?} is no date such as 2026-01-31")))
}

fn filled(field: &str, text: &str, why: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 200 {
        return Err(Refused::field(field, "TEXT_LENGTH", format!("{why}, in 1 to 200 characters")));
    }
    Ok(text.to_owned())
}

/// A digest in lower case.
fn sha256(field: &str, text: &str) -> Result<String, Refused> {
    let text = text.trim().to_ascii_lowercase();
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let refused = Refused::field(field, "SHA256", "a SHA-256 is written in 64 hexadecimal digits");
        return Err(refused.mend("send the digest of the seed, not the seed"));
    }
    Ok(text)
}

/// An id in a filter: empty = any. What is no id can belong to nothing.
fn optional<I: FromStr<Err = MalformedId>>(text: &str) -> Result<Option<I>, Refused> {
    if text.is_empty() { Ok(None) } else { id(text).map(Some) }
}

/// What decided about pairs, in a filter: 0 = whatever did.
fn why(number: i32) -> Result<Option<Why>, Refused> {
    let unknown = || {
        Refused::field("reason", "PAIR_REASON", "nothing of this name decides about a pair")
            .mend("name one of the reasons of the contract, or none")
    };
    if number == 0 { Ok(None) } else { Why::read(number).map(Some).ok_or_else(unknown) }
}

fn id<I: FromStr<Err = MalformedId>>(text: &str) -> Result<I, Refused> {
    text.parse().map_err(|error: MalformedId| Refused::not_found(error.what, text))
}

/// A pair that is to be laid down. What is no id was in no round.
fn wish((candidate_id, line_id): (&str, &str), kind: i32) -> Result<Wish, Refused> {
    let unknown = |field: &str| Refused::field(field, "PAIR_UNKNOWN", "an override is of a candidate and a line");
    let kind = Kind::read(kind);
    Ok(Wish {
        kind: kind.ok_or_else(|| Refused::field("kind", "KIND", "a pair is pinned or forbidden"))?,
        candidate_id: candidate_id.parse().map_err(|_| unknown("candidate_id"))?,
        line_id: line_id.parse().map_err(|_| unknown("line_id"))?,
    })
}

#[tonic::async_trait]
impl MatchingService for Grpc {
    async fn compute_round(&self, request: Request<wire::ComputeRoundRequest>) -> Answer<wire::Round> {
        let principal = operator(&request)?;
        let request = request.into_inner();
        let wanted = ComputeRound {
            season_code: filled("season_code", &request.season_code, "a round is of one season")?,
            destination: filled("destination", &request.destination, "a round is of one destination")?,
            as_of: date("as_of", &request.as_of)?,
            seed: filled("seed", &request.seed, "the lottery needs a seed")?,
        };
        Ok(Response::new(self.service.compute_round(&principal, wanted, &request).await?))
    }

    async fn commit_seed(&self, request: Request<wire::CommitSeedRequest>) -> Answer<wire::SeedCommitment> {
        let principal = operator(&request)?;
        let request = request.into_inner();
        let reason = request.reason.trim();
        let wanted = CommitSeed {
            season_code: filled("season_code", &request.season_code, "a seed is committed for one season")?,
            destination: filled("destination", &request.destination, "a seed is committed for one destination")?,
            seed_sha256: sha256("seed_sha256", &request.seed_sha256)?,
            reason: if reason.is_empty() {
                String::new()
            } else {
                filled("reason", reason, "say why another seed takes the place of the one that is committed")?
            },
        };
        Ok(Response::new(self.service.commit_seed(&principal, wanted, &request).await?))
    }

    async fn get_round(&self, request: Request<wire::GetRoundRequest>) -> Answer<wire::Round> {
        let principal = reader(&request)?;
        Ok(Response::new(self.service.get_round(&principal, &request.get_ref().round_id).await?))
    }

    async fn list_rounds(&self, request: Request<wire::ListRoundsRequest>) -> Answer<wire::ListRoundsResponse> {
        let principal = reader(&request)?;
        let request = request.into_inner();
        let list = (request.season_code.as_str(), request.page_token.as_str(), page::size(request.page_size)?);
        Ok(Response::new(self.service.list_rounds(&principal, list).await?))
    }

    async fn list_round_pairs(
        &self,
        request: Request<wire::ListRoundPairsRequest>,
    ) -> Answer<wire::ListRoundPairsResponse> {
        let principal = reader(&request)?;
        let request = request.into_inner();
        let wanted = Pairs {
            line_id: optional(&request.line_id)?,
            candidate_id: optional(&request.candidate_id)?,
            reserves: request.reserves,
            why: why(request.reason)?,
            size: page::size(request.page_size)?,
            token: request.page_token,
            round_id: request.round_id,
        };
        Ok(Response::new(self.service.list_round_pairs(&principal, wanted).await?))
    }

    async fn publish_round(&self, request: Request<wire::PublishRoundRequest>) -> Answer<wire::Round> {
        let principal = operator(&request)?;
        Ok(Response::new(self.service.publish_round(&principal, request.get_ref()).await?))
    }

    async fn discard_round(&self, request: Request<wire::DiscardRoundRequest>) -> Answer<wire::Round> {
        let principal = operator(&request)?;
        filled("reason", &request.get_ref().reason, "say why the round is discarded")?;
        Ok(Response::new(self.service.discard_round(&principal, request.get_ref()).await?))
    }

    async fn explain_candidate(
        &self,
        request: Request<wire::ExplainCandidateRequest>,
    ) -> Answer<wire::CandidateExplanation> {
        let principal = reader(&request)?;
        let request = request.into_inner();
        let candidate_id = id(&request.candidate_id)?;
        let told =
            self.service.explain_candidate(&principal, (&request.round_id, candidate_id), request.changes).await?;
        Ok(Response::new(told))
    }

    async fn explain_line(&self, request: Request<wire::ExplainLineRequest>) -> Answer<wire::LineExplanation> {
        let principal = reader(&request)?;
        let request = request.into_inner();
        let line_id = id(&request.line_id)?;
        Ok(Response::new(self.service.explain_line(&principal, (&request.round_id, line_id), request.changes).await?))
    }

    async fn what_if(&self, request: Request<wire::WhatIfRequest>) -> Answer<wire::WhatIfResponse> {
        principal(&request)?.needs(&[Role::Operator])?;
        let request = request.into_inner();
        let wish = wish((&request.candidate_id, &request.line_id), request.kind)?;
        Ok(Response::new(self.service.what_if(&request.round_id, wish).await?))
    }

    async fn override_round(&self, request: Request<wire::OverrideRoundRequest>) -> Answer<wire::RoundOverride> {
        let principal = principal(&request)?;
        principal.needs(&[Role::Operator])?;
        let request = request.into_inner();
        let wish = wish((&request.candidate_id, &request.line_id), request.kind)?;
        filled("reason", &request.reason, "say why the plan is overridden")?;
        Ok(Response::new(self.service.override_round(&principal, wish, &request).await?))
    }

    async fn list_round_overrides(
        &self,
        request: Request<wire::ListRoundOverridesRequest>,
    ) -> Answer<wire::ListRoundOverridesResponse> {
        let principal = principal(&request)?;
        principal.needs(&[Role::Operator, Role::Auditor])?;
        Ok(Response::new(self.service.overrides(&principal, &request.get_ref().round_id).await?))
    }

    async fn get_round_fairness(
        &self,
        request: Request<wire::GetRoundFairnessRequest>,
    ) -> Answer<wire::FairnessReport> {
        let principal = reader(&request)?;
        Ok(Response::new(self.service.fairness(&principal, &request.get_ref().round_id).await?))
    }

    async fn solve_market(&self, request: Request<wire::SolveMarketRequest>) -> Answer<wire::SolveMarketResponse> {
        principal(&request)?.needs(&[Role::Operator])?;
        Ok(Response::new(self.service.solve_market(request.into_inner()).await?))
    }

    async fn tally(&self, request: Request<common::TallyRequest>) -> Answer<common::TallyResponse> {
        principal(&request)?.needs(&[Role::Operator, Role::Auditor, Role::Service])?;
        Ok(Response::new(self.service.tally().await?))
    }
}
