//! Topic → newest states → rows. Projections: duplicates, replays and reordering between keys change nothing.

use std::sync::Arc;

use async_trait::async_trait;
use platform::{Fault, Handler, Received};
use proto::{
    candidate::{CandidateEnvelope, candidate_envelope},
    demand::{DemandEvent, demand_event},
    matching::{MatchingEvent, matching_event},
    placement::{PlacementEnvelope, placement_envelope},
    programme::{ProgrammeEvent, programme_event},
};
use sqlx::PgConnection;
use tokio::sync::watch;

use crate::{
    fold::{self, rows},
    store,
};

/// Told after every batch, for those who watch.
pub(crate) type Moved = Arc<watch::Sender<u64>>;

macro_rules! handlers {
    ($($(#[$doc:meta])* $handler:ident($event:ty, $oneof:ident) {
        $($variant:ident => $fold:ident;)*
        $(+ $facts:ident => $keep:ident;)?
    })*) => {$(
        $(#[$doc])*
        pub(crate) struct $handler {
            moved: Moved,
        }

        impl $handler {
            pub(crate) fn new(moved: Moved) -> Self {
                Self { moved }
            }
        }

        #[async_trait]
        impl Handler for $handler {
            type Event = $event;
            const EFFECTS: bool = false;

            async fn apply(&self, tx: &mut PgConnection, events: &[Received<$event>]) -> Result<(), Fault> {
                $({
                    let states: Vec<_> = events
                        .iter()
                        .filter_map(|received| match &received.event.aggregate {
                            Some($oneof::Aggregate::$variant(event)) => event.state.as_ref(),
                            _ => None,
                        })
                        .collect();
                    if !states.is_empty() {
                        store::$fold(tx, &rows(&states)?).await?;
                    }
                })*
                $({
                    let rows = fold::$facts(events)?;
                    if !rows.is_empty() {
                        store::$keep(tx, &rows).await?;
                    }
                })?
                self.moved.send_modify(|moves| *moves = moves.wrapping_add(1));
                Ok(())
            }
        }
    )*};
}

handlers! {
    /// Folds organisations, corridors, rule packs, seasons, quotas.
    Programme(ProgrammeEvent, programme_event) {
        Organisation => fold_organisations;
        Corridor => fold_corridors;
        RulePack => fold_rule_packs;
        Season => fold_seasons;
        Quota => fold_quotas;
    }
    /// Folds employers and orders.
    Demand(DemandEvent, demand_event) {
        Employer => fold_employers;
        JobOrder => fold_job_orders;
    }
    /// Folds candidates.
    Candidate(CandidateEnvelope, candidate_envelope) {
        Candidate => fold_candidates;
    }
    /// Folds rounds and what they proposed.
    Matching(MatchingEvent, matching_event) {
        Round => fold_rounds;
        LineProposal => fold_line_proposals;
    }
    /// Folds placements, ledgers, records and the calendar, and keeps who was passed over.
    Placement(PlacementEnvelope, placement_envelope) {
        Placement => fold_placements;
        Line => fold_lines;
        QuotaUse => fold_quota_uses;
        SeasonRecord => fold_season_records;
        ProposalRefusal => fold_proposal_refusals;
        Calendar => fold_calendars;
        + passed_over => keep_passed_over;
    }
}
