//! A market in, a certified plan out.
//!
//! The crate owns the question "who gets which seat": no clock, no files, no network, no
//! floating point in what is claimed. It takes a
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

mod amount;
mod book;
mod builder;
mod chained;
mod choices;
mod core;
mod engine;
mod excerpt;
pub mod explain;
pub mod lookahead;
mod looks;
mod lottery;
mod market;
mod plan;
mod quotas;
mod reserve;
mod rounding;
mod rules;
mod session;
#[cfg(test)]
mod tests;
mod together;
pub mod verify;
mod watch;

use book::Book;
pub use builder::{BuildError, MarketBuilder};
pub use chained::{Chained, ChainedPlan, Season};
pub use lookahead::{Forecast, Lookahead};
pub use market::{
    Candidate, CandidateIx, Eligibility, Line, LineIx, Market, Pair, PairTable, Quota, QuotaIx, QuotaSetIx, SiteIx,
    Tier,
};
pub use plan::{Duals, Method, Plan, Policy, Status};
pub use rules::{Scope, Together};
pub use session::{Move, Session, SessionPairs};
pub use verify::{Certificate, Violation, verify};
pub use watch::{Phase, Progress, Stopped, Watch};

/// Returns the plan of greatest value for `market`, with prices that bound what any plan could reach.
///
/// Without quotas the plan is optimal and its gap is 0. With quotas it is feasible and its gap says how far it may be
/// from the best. Same market, policy and seed give the same plan, whatever the order of candidates and lines.
///
/// # Panics
/// When a post-condition of the search fails, or when an [`Eligibility`] answers twice differently: both are defects.
pub fn solve<E: Eligibility>(market: &Market<E>, policy: &Policy) -> Plan {
    solve_with(market, policy, &mut ()).expect("nobody stops it")
}

/// Does what [`solve`] does, tells `watch` how far it is, and stops when `watch` says so.
///
/// # Errors
/// [`Stopped`] by `watch`.
///
/// # Panics
/// As [`solve`].
pub fn solve_with<E: Eligibility>(market: &Market<E>, policy: &Policy, watch: &mut dyn Watch) -> Result<Plan, Stopped> {
    if market.is_plain() { plain(market, policy, watch) } else { together::solve(market, policy, watch) }
}

/// Does so where seats and quotas are all that there is to keep.
pub(crate) fn plain<E: Eligibility>(
    market: &Market<E>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Plan, Stopped> {
    watch.note(Progress { phase: Phase::Reading, permille: 0, value: None, bound: None, claims: 0 });
    let excerpt = excerpt::pays(&market.survey);
    let book = if excerpt { Book::excerpt(market, &policy.seed) } else { Book::with_hidden(market, &policy.seed) };
    // Prices stay below the greatest weight; searches add a few of them.
    let greatest = book.tops.first().map_or(0, |top| top.saturating_mul(book.scale));
    let (outcome, book) = match (excerpt, amount::narrow(greatest)) {
        (false, true) => quotas::optimise::<i64>(book, policy.passes, watch)?,
        (false, false) => quotas::optimise::<i128>(book, policy.passes, watch)?,
        (true, true) => excerpt::optimise::<i64, E>((market, book), policy, watch)?,
        (true, false) => excerpt::optimise::<i128, E>((market, book), policy, watch)?,
    };
    let (value, bound, claims) = (Some(outcome.value), Some(outcome.bound), book.claims(&outcome.held));
    watch.note(Progress { phase: Phase::Done, permille: 1000, value, bound, claims });
    let lists = reserve::of_market((market, &book), excerpt, (&outcome.held, policy.reserve));
    Ok(plan::assemble(&book, policy, outcome, lists))
}
