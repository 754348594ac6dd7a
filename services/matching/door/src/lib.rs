#![doc = include_str!("../README.md")]

mod check;
mod core;
pub mod decimal;
mod draw;
mod exhaust;
mod finding;
pub mod format;
mod lists;
pub mod market;
mod object;
mod optimal;
mod plain;
mod plan;
mod prices;
mod programme;
pub mod read;
mod stable;
pub mod verify;

use std::time::{Duration, Instant};

pub use finding::Finding;
pub use format::{MarketFile, PlanFile, Policy, Proof, Status};
pub use lists::FOLDS_MOST;
pub use market::Market;
pub use plan::{METHODS, Options, Phase};
pub use verify::{Verified, verify};

/// Why there is no plan file.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The market, or this policy for it, is refused.
    #[error("{} findings; the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Refused(Vec<Finding>),
    /// The checker found the plan wrong: a defect of this crate. Nothing wrong is handed out.
    #[error("a plan was found, and found wrong: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Defect(Vec<Finding>),
}

/// Returns a checked plan for `market`. `progress` is told what is under way.
///
/// # Errors
/// What the policy has no answer for; and a plan that the checker does not accept.
pub fn solve(market: &Market, options: &Options, progress: &dyn Fn(Phase)) -> Result<PlanFile, Failure> {
    let begun = Instant::now();
    let budget = programme::Budget { until: begun + Duration::from_secs(options.seconds.into()), nodes: options.nodes };
    let mut plan = match options.policy {
        Policy::Optimal => optimal::solve(market, options, &budget, progress),
        Policy::Lists => lists::solve(market, options, &budget, progress).map_err(Failure::Refused)?,
        Policy::Stable => stable::solve(market, options).map_err(Failure::Refused)?,
    };
    progress(Phase::Checking);
    verify(market, &plan).map_err(Failure::Defect)?;
    let elapsed = begun.elapsed();
    plan.seconds = format!("{}.{:03}", elapsed.as_secs(), elapsed.subsec_millis());
    Ok(plan)
}
