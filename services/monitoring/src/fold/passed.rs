//! Who was passed over on a reserve list: no state says it, only the fact of the call, or of the seat that nobody was called for.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform::{Fault, Received};
use proto::{
    ids::PlacementId,
    placement::{PassedOver, PlacementEnvelope, line_event, placement_envelope::Aggregate, placement_event},
};

/// Keyed by placement, and by the aggregate and version that told it.
pub(crate) struct PassedRow {
    pub(crate) placement_id: PlacementId,
    pub(crate) told_by: String,
    pub(crate) version: i64,
    pub(crate) occurred_on: NaiveDate,
    pub(crate) reason: String,
    pub(crate) called_rank: i32,
}

/// The rows of a batch, each once and in the order of their keys.
///
/// # Errors
/// [`Fault::Permanent`] if somebody who was passed over is named by no id.
pub(crate) fn passed_over(events: &[Received<PlacementEnvelope>]) -> Result<Vec<PassedRow>, Fault> {
    let mut rows = BTreeMap::new();
    for received in events {
        let Some((passed, on, called_rank)) = told(&received.event) else { continue };
        // A seat that was open again, as older builds tell it, names no day.
        let Ok(occurred_on) = on.parse() else { continue };
        let (told_by, version) = (received.head.id.as_str(), received.head.version);
        for one in passed {
            let row = PassedRow {
                placement_id: one.placement_id.parse()?,
                told_by: told_by.to_owned(),
                version,
                occurred_on,
                reason: one.reason.clone(),
                called_rank,
            };
            rows.insert((one.placement_id.as_str(), told_by, version), row);
        }
    }
    Ok(rows.into_values().collect())
}

/// Those passed over, the day, and the rank of who was called.
fn told(event: &PlacementEnvelope) -> Option<(&[PassedOver], &str, i32)> {
    match event.aggregate.as_ref()? {
        Aggregate::Placement(event) => {
            let placement_event::Change::Moved(moved) = event.change.as_ref()? else { return None };
            Some((
                moved.passed.as_slice(),
                moved.step.as_ref()?.occurred_on.as_str(),
                event.state.as_ref()?.reserve_rank,
            ))
        }
        Aggregate::Line(event) => {
            let line_event::Change::SeatReopened(reopened) = event.change.as_ref()? else { return None };
            Some((reopened.passed.as_slice(), reopened.occurred_on.as_str(), 0))
        }
        _ => None,
    }
}
