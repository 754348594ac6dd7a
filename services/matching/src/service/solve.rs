//! A market that belongs to no round: read, solved, checked, answered. Nothing is kept.

use std::sync::Arc;

use door::{Failure, Finding, Options, Policy};
use platform::{Error, Refused};
use proto::matching as wire;
use tokio::sync::OwnedSemaphorePermit;
use tonic::Code;

use super::Service;

/// Searches that run at one time, of markets of strangers and of rounds together: each keeps a processor busy.
pub(super) const AT_ONCE: usize = 2;
/// Below what a message may hold.
const MARKET_BYTES: usize = 1_000_000;
/// Below the deadline of a call.
const SECONDS_MOST: u32 = 20;
const SECONDS: u32 = 10;

impl Service {
    /// A place among those who solve: to be kept until the search ends, also if the caller has gone.
    pub(super) fn may_solve(&self) -> Result<OwnedSemaphorePermit, Refused> {
        Arc::clone(&self.solving).try_acquire_owned().map_err(|_| {
            let message = format!("{AT_ONCE} markets are being solved already");
            Refused::new(Code::ResourceExhausted, "SOLVER_BUSY", message).mend("ask again in a moment")
        })
    }

    /// Solves a market for an operator.
    pub(crate) async fn solve_market(
        &self,
        request: wire::SolveMarketRequest,
    ) -> Result<wire::SolveMarketResponse, Error> {
        let options = options(&request)?;
        if request.market.len() > MARKET_BYTES {
            let message = format!("the market has {} bytes, this call takes {MARKET_BYTES}", request.market.len());
            return Err(Refused::field("market", "MARKET_TOO_LARGE", message).mend("use `circula solve`").into());
        }
        let permit = self.may_solve().map_err(|busy| busy.mend("ask again in a moment, or use `circula solve`"))?;
        let solved = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let market = door::read::market(request.market.as_bytes()).map_err(Failure::Refused)?;
            door::solve(&market, &options, &|_| {})
        });
        let internal = |error: &dyn std::fmt::Display| Error::Internal(error.to_string());
        match solved.await.map_err(|error| internal(&error))? {
            Ok(plan) => {
                let plan = serde_json::to_string(&plan).map_err(|error| internal(&error))?;
                Ok(wire::SolveMarketResponse { plan })
            }
            Err(Failure::Refused(findings)) => Err(refused(&findings).into()),
            Err(defect @ Failure::Defect(_)) => Err(internal(&defect)),
        }
    }
}

fn options(request: &wire::SolveMarketRequest) -> Result<Options, Refused> {
    let policy = match request.policy.as_str() {
        "" | "optimal" => Policy::Optimal,
        "stable" => Policy::Stable,
        "lists" => Policy::Lists,
        _ => return Err(Refused::field("policy", "POLICY", "a policy is `optimal`, `stable` or `lists`")),
    };
    let seconds = match u32::try_from(request.seconds) {
        Ok(0) => SECONDS,
        Ok(seconds @ 1..=SECONDS_MOST) => seconds,
        _ => return Err(Refused::field("seconds", "SECONDS", format!("a search takes 1 to {SECONDS_MOST} seconds"))),
    };
    let usual = Options::default();
    let seed = if request.seed.is_empty() { usual.seed.clone() } else { request.seed.clone() };
    if seed.len() > 200 {
        return Err(Refused::field("seed", "TEXT_LENGTH", "a seed has at most 200 bytes"));
    }
    Ok(Options { policy, seed, seconds, ..usual })
}

/// The first finding, with the number of all: the call answers with one refusal.
fn refused(findings: &[Finding]) -> Refused {
    let Some(first) = findings.first() else {
        return Refused::field("market", "MARKET", "the market is refused");
    };
    let message = format!("{}; {}", first.what, first.why);
    Refused::field("market", first.code, message)
        .mend(first.mend)
        .with("path", &first.at)
        .with("findings", findings.len())
}
