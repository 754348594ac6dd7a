//! Who was passed over on a reserve list, and why; and why a seat that the list could not fill is open again.

use chrono::{Duration, NaiveDate};
use proto::{ids::PlacementId, placement as wire};

use crate::{ledger::Line, pack::Pack, placement::Placement};

/// Names are final: nobody is called any more, and the empty seat is the union's.
pub const NAMES_FINAL: &str = "NAMES_FINAL";
/// Whoever came now could work for too few days.
const TOO_LATE: &str = "TOO_LATE";
const NOBODY_FITS: &str = "NOBODY_FITS";
const LIST_EMPTY: &str = "LIST_EMPTY";
/// People named in one fact of a line at most.
const TOLD_MAX: usize = 500;

/// Somebody on the list, and the code of what stood against calling them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    pub id: PlacementId,
    pub reason: &'static str,
}

impl Passed {
    pub(crate) fn told(&self) -> wire::PassedOver {
        wire::PassedOver { placement_id: self.id.to_string(), reason: self.reason.to_owned() }
    }
}

/// A seat that is open again (L3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reopened {
    pub reason: &'static str,
    pub passed: Vec<Passed>,
    pub on: Option<NaiveDate>,
}

impl Reopened {
    /// Nobody is called once names are final.
    #[must_use]
    pub const fn names_final() -> Self {
        Self { reason: NAMES_FINAL, passed: Vec::new(), on: None }
    }

    /// The whole list was passed over.
    #[must_use]
    pub fn by(passed: Vec<Passed>) -> Self {
        let any = |reason: &str| passed.iter().any(|one| one.reason == reason);
        let reason = match passed.as_slice() {
            [] => LIST_EMPTY,
            _ if any(NAMES_FINAL) => NAMES_FINAL,
            _ if any(TOO_LATE) => TOO_LATE,
            _ => NOBODY_FITS,
        };
        Self { reason, passed, on: None }
    }

    /// Several seats of a line are open again at once: its one fact names everybody once, and the last reason.
    pub(crate) fn and(&mut self, other: Self) {
        self.reason = other.reason;
        for one in other.passed {
            if self.passed.len() < TOLD_MAX && !self.passed.iter().any(|known| known.id == one.id) {
                self.passed.push(one);
            }
        }
    }

    pub(crate) fn told(&self) -> wire::SeatReopened {
        wire::SeatReopened {
            reason: self.reason.to_owned(),
            passed: self.passed.iter().take(TOLD_MAX).map(Passed::told).collect(),
            occurred_on: self.on.map(|day| day.to_string()).unwrap_or_default(),
        }
    }
}

/// What stands against calling somebody on that day, before any guard: by the pack of the corridor that they would come by.
pub(crate) fn too_late(one: &Placement, line: &Line, pack: &Pack, on: NaiveDate) -> Option<&'static str> {
    if on + Duration::days(pack.days_left_min()) > line.ends_on {
        return Some(TOO_LATE);
    }
    // A seat that got its unit late (L2), or a promise that was kept waiting.
    pack.names_are_final(one.starts_on, on).then_some(NAMES_FINAL)
}
