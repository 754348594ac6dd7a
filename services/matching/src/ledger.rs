//! What is free: from the ledgers that the placement service publishes, and from what is known to be on its way there.
//!
//! A ledger and the placements that moved it travel on different keys, so either may arrive first; and proposals of a
//! round are on their way until each is answered. So what is held is the greater of what the ledger says and of what
//! live placements and unanswered proposals add up to: too little is never given twice, whichever comes first.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proto::{ids::QuotaId, placement as wire};

use crate::facts::day;

/// The most people that one round adds to the reserve list of one line.
pub const RESERVE_MAX: i64 = 500;

/// What live placements and unanswered proposals hold of one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    pub seats: i64,
    /// People on the reserve list.
    pub listed: i64,
    /// Quota → units.
    pub units: BTreeMap<QuotaId, i64>,
}

impl Known {
    fn units(&self, share: &wire::LineShare) -> i64 {
        let id: QuotaId = share.quota_id.parse().unwrap_or_default();
        self.units.get(&id).copied().unwrap_or(0)
    }
}

fn held(share: &wire::LineShare, known: &Known) -> i64 {
    i64::from(share.units_held + share.units_used).max(known.units(share))
}

fn allotted(share: &wire::LineShare) -> i64 {
    i64::from(share.units + share.units_held + share.units_used)
}

/// Seats that a round may give: open, not promised to the reserve list, and with a unit if the line has its own.
#[must_use]
pub fn seats(ledger: &wire::Line, known: &Known) -> u32 {
    let open = i64::from(ledger.posted) - i64::from(ledger.held + ledger.taken).max(known.seats);
    let with_units = match ledger.shares.as_slice() {
        [share] => open.min(allotted(share) - held(share, known)),
        _ => open,
    };
    u32::try_from((with_units - i64::from(ledger.promised)).max(0)).unwrap_or(u32::MAX)
}

/// Seats that earlier rounds gave: people who come, or may.
#[must_use]
pub fn taken(ledger: &wire::Line, known: &Known) -> u32 {
    u32::try_from(i64::from(ledger.held + ledger.taken).max(known.seats)).unwrap_or(0)
}

/// Units of a share's quota that the line binds, at least.
#[must_use]
pub fn bound(share: &wire::LineShare, known: &Known) -> i64 {
    allotted(share).max(held(share, known))
}

/// Units of a quota that proposals may still take.
#[must_use]
pub fn units_free(cap: i64, allotted: i64, bound_by_lines: i64) -> u32 {
    u32::try_from((cap - allotted.max(bound_by_lines)).max(0)).unwrap_or(u32::MAX)
}

/// How many people a round may add to a reserve list: the list, seats included, is at most `percent` of the posted seats.
#[must_use]
pub fn reserve(posted: i64, percent: i64, listed: i64) -> usize {
    let most = (posted * (percent - 100).max(0) + 99) / 100;
    usize::try_from((most - listed).clamp(0, RESERVE_MAX)).unwrap_or(0)
}

/// What a placement holds, told from its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    pub listed: bool,
    pub seat: bool,
    pub unit: bool,
    pub period: bool,
}

/// Reads what a placement in `stage` holds. A seat is counted only where the stage leaves no doubt: the ledger knows the
/// rest.
#[must_use]
pub fn holds(stage: wire::Stage, ending: wire::Ending) -> Holds {
    use wire::{Ending, Stage};
    let worked_to_the_end = matches!(ending, Ending::Completed | Ending::EarlyCompletion);
    let (seat, unit) = match stage {
        Stage::Unspecified | Stage::Recommended | Stage::Cancelled => (false, false),
        Stage::Proposed
        | Stage::Selected
        | Stage::Offered
        | Stage::Accepted
        | Stage::Departed
        | Stage::Arrived
        | Stage::Working => (true, true),
        Stage::AwaitingTransfer => (false, true),
        Stage::Deceased => (false, false),
        _ => (worked_to_the_end, true),
    };
    let period = !matches!(stage, Stage::Unspecified | Stage::Recommended | Stage::Cancelled);
    Holds { listed: stage == Stage::Recommended, seat, unit, period }
}

/// True if the way a placement was cancelled speaks against proposing the same person for the same line again. One that
/// only lapsed (a proposal nobody looked at, a reserve entry no longer needed) does not.
#[must_use]
pub fn ended_here(state: &wire::Placement) -> bool {
    const AGAINST: [&str; 7] =
        ["Reject", "Decline", "ExpireOffer", "Withdraw", "RetractOffer", "ClosePreparation", "DecideDepartureNoShow"];
    let against =
        |step: &wire::Step| step.stage() == wire::Stage::Cancelled && AGAINST.contains(&step.command.as_str());
    state.stage() == wire::Stage::Cancelled && state.steps.iter().any(against)
}

/// The day on which a placement came to hold its seat; none if it never did.
#[must_use]
pub fn held_since(state: &wire::Placement) -> Option<NaiveDate> {
    let holds = |step: &&wire::Step| {
        !matches!(step.stage(), wire::Stage::Unspecified | wire::Stage::Recommended | wire::Stage::Cancelled)
    };
    state.steps.iter().find(holds).and_then(|step| day(&step.occurred_on))
}

/// The day on which a placement was cancelled, or its work ended.
#[must_use]
pub fn ended_on(state: &wire::Placement) -> Option<NaiveDate> {
    let ends = |step: &&wire::Step| matches!(step.stage(), wire::Stage::Cancelled | wire::Stage::WorkEnded);
    state.steps.iter().find(ends).and_then(|step| day(&step.occurred_on))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn share(units: i32, units_held: i32, units_used: i32) -> wire::LineShare {
        let quota_id = Uuid::from_u128(7).to_string();
        wire::LineShare { quota_id, corridor_code: "CO-ES".to_owned(), units, units_held, units_used }
    }

    fn line(posted: i32, held: i32, promised: i32, shares: Vec<wire::LineShare>) -> wire::Line {
        wire::Line { posted, held, promised, shares, ..wire::Line::default() }
    }

    #[test]
    fn seats_are_open_not_promised_and_backed_by_units() {
        assert_eq!(seats(&line(10, 3, 1, vec![share(7, 3, 0)]), &Known::default()), 6);
        assert_eq!(seats(&line(10, 3, 1, vec![share(4, 3, 0)]), &Known::default()), 3, "units are short");
        let two = vec![share(0, 3, 0), wire::LineShare::default()];
        assert_eq!(seats(&line(10, 3, 1, two), &Known::default()), 6, "several origins: units come from the quotas");
        assert_eq!(seats(&line(2, 3, 0, vec![share(0, 3, 0)]), &Known::default()), 0, "a shortfall is no seat");
    }

    #[test]
    fn proposals_on_their_way_hold_seats_whichever_event_comes_first() {
        let units = BTreeMap::from([(QuotaId(Uuid::from_u128(7)), 4)]);
        let known = Known { seats: 4, listed: 0, units };
        assert_eq!(seats(&line(10, 0, 0, vec![share(10, 0, 0)]), &known), 6, "nothing of it in the ledger yet");
        assert_eq!(seats(&line(10, 4, 0, vec![share(6, 4, 0)]), &known), 6, "the ledger has moved");
        assert_eq!(bound(&share(0, 2, 0), &known), 4);
    }

    #[test]
    fn a_reserve_list_grows_to_the_factor_and_no_further() {
        assert_eq!(reserve(100, 145, 0), 45);
        assert_eq!(reserve(3, 145, 0), 2, "rounded up");
        assert_eq!(reserve(3, 145, 5), 0);
        assert_eq!(reserve(10_000, 145, 0), 500);
    }

    #[test]
    fn what_lapsed_may_be_proposed_again_and_what_was_declined_not() {
        let cancelled = |command: &str| {
            let stage = wire::Stage::Cancelled.into();
            let step = wire::Step { command: command.to_owned(), stage, ..wire::Step::default() };
            ended_here(&wire::Placement { stage, steps: vec![step], ..Default::default() })
        };
        assert!(cancelled("Decline"));
        assert!(!cancelled("ExpireProposal"));
    }
}
