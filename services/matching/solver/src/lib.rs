//! A market in, a certified plan out.
//!
//! The crate owns the question "who gets which seat": no clock, no files, no network, no floating point. It takes a
//! [`Market`] (candidates, lines with seats, quotas, scored pairs) and a [`Policy`] (the public seed), and returns a
//! [`Plan`] with prices that prove how good it is. [`verify()`] checks such a plan with code of its own; [`explain`]
//! turns its prices into reasons.
//!
//! ```
//! use solver::{MarketBuilder, Pair, Policy, solve, verify};
//! let mut builder = MarketBuilder::default();
//! let amina = builder.candidate("MA-001", 1);
//! let brahim = builder.candidate("MA-002", 1);
//! let harvest = builder.line("ES-77/1", 1);
//! builder.pair(amina, Pair::scored(harvest, 60));
//! builder.pair(brahim, Pair::scored(harvest, 72));
//! let market = builder.build()?;
//! let plan = solve(&market, &Policy::seeded("2026-11-24 draw"));
//! assert_eq!(plan.assignments, vec![None, Some(harvest)]);
//! assert_eq!(verify(&market, &plan).map(|certificate| certificate.gap), Ok(0));
//! # Ok::<(), solver::BuildError>(())
//! ```

mod builder;
mod canonical;
pub mod explain;
mod lottery;
mod market;
mod multipliers;
mod plan;
mod repair;
mod reserve;
#[cfg(test)]
mod tests;
mod transport;
pub mod verify;

pub use builder::{BuildError, MarketBuilder};
pub use market::{
    Candidate, CandidateIx, Eligibility, Line, LineIx, Market, Pair, PairTable, Quota, QuotaIx, QuotaSetIx, Tier,
};
pub use plan::{Duals, Method, Plan, Policy, Status};
pub use verify::{Certificate, Violation, verify};

/// Returns the plan of greatest value for `market`, with prices that bound what any plan could reach.
///
/// Without quotas the plan is optimal and its gap is 0. With quotas it is feasible and its gap says how far it may be
/// from the best. Same market, policy and seed give the same plan, whatever the order of candidates and lines.
///
/// # Panics
/// When a post-condition of the search fails, or when an [`Eligibility`] answers twice differently: both are defects.
pub fn solve<E: Eligibility>(market: &Market<E>, policy: &Policy) -> Plan {
    let canonical = canonical::Canonical::new(market, &policy.seed);
    let outcome = multipliers::optimise(&canonical, market, policy.passes);
    plan::assemble(&canonical, market, policy, outcome)
}
