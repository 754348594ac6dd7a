//! How a long search is watched and stopped.

/// What the search is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Pairs are being read and put in order.
    Reading,
    /// Seats are being dealt out, quotas aside.
    Seats,
    /// Prices of quotas are being found.
    Quotas,
    /// The plan is complete.
    Done,
}

/// How far the search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub phase: Phase,
    /// Parts of a thousand of the phase that are done, as far as is known.
    pub permille: u32,
    /// The best plan's value so far.
    pub value: Option<i128>,
    /// The least bound so far.
    pub bound: Option<i128>,
    /// What of both the claims before scores weigh: those of the plan, or, before there is one, of the seats that the bound
    /// was found by.
    pub claims: i128,
}

/// Is told how far the search has come, and may stop it.
pub trait Watch {
    /// Notes the progress. Called a few times per phase.
    fn note(&mut self, progress: Progress);

    /// True if the search shall stop. Asked often.
    fn stopped(&mut self) -> bool {
        false
    }
}

/// Looks on and never stops.
impl Watch for () {
    fn note(&mut self, _: Progress) {}
}

/// The search was stopped by its watch; there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search was stopped")]
pub struct Stopped;
