//! SQL. Every function works in the transaction it is given; whose rows it sees is decided by the transaction's reach.

mod flows;
mod passed;
mod placements;
mod sources;
mod verifications;

pub(crate) use flows::{
    Clock, ClockTime, as_of, clock_times, clocks, events, people, planned, quota_parts, reasons, rostered,
    season_codes, seats, steps,
};
pub(crate) use passed::{Passed, keep_passed_over, passed_over};
pub(crate) use placements::{
    fold_calendars, fold_lines, fold_placements, fold_proposal_refusals, fold_quota_uses, fold_season_records,
};
pub(crate) use sources::{
    fold_candidates, fold_corridors, fold_employers, fold_job_orders, fold_line_proposals, fold_organisations,
    fold_quotas, fold_rounds, fold_rule_packs, fold_seasons,
};
pub(crate) use verifications::{counts, insert_verification, last_verification, positions};

/// One column of many rows, as an array parameter.
macro_rules! col {
    ($rows:ident, $field:ident) => {
        $rows.iter().map(|row| &row.$field).collect::<Vec<_>>()
    };
}
use col;
