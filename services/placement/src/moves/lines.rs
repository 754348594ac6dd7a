//! The moves of a line, as rows of the same table: who makes each, from which state, what it does to seats and units, and
//! which fact it is.

use proto::{Role, placement::LineState};
use serde::Deserialize;

use super::{Party, TableError, unknown, words};

/// What changed of a line: the facts of its moves, and those that follow from other moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineChange {
    QuotaReserved,
    QuotaUnitGranted,
    SeatReopened,
    LedgerMoved,
    Closed,
    Sized,
}

/// What a line's move does to its ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEffect {
    /// The seats of the order are open.
    OpenSeats,
    /// Units of the quota go to open seats without one, as far as they go.
    GrantUnits,
    /// A seat that was promised to the list is not promised any more.
    Lapse,
}

/// A row of the table's second part.
#[derive(Debug, Clone)]
pub struct LineMove {
    pub id: String,
    pub from: LineState,
    /// Not set if the state stays.
    pub to: Option<LineState>,
    pub command: String,
    pub event: String,
    pub change: LineChange,
    pub who: Vec<Party>,
    pub ledger_words: String,
    pub ledger: Vec<LineEffect>,
    /// A seat that gets a unit is promised to the next on the reserve list.
    pub call: bool,
}

impl LineMove {
    /// True if the clock makes it: `RunDue` and the reserve run.
    #[must_use]
    pub fn by_clock(&self) -> bool {
        self.who.contains(&Party::Clock)
    }

    /// The roles of those who may make it by a call; a clock has none, and a worker's acts are recorded for them.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        let roles = |party: &Party| -> &[Role] {
            match party {
                Party::Ministry => &[Role::Ministry],
                Party::Union => &[Role::Union],
                Party::Operator => &[Role::Operator],
                Party::Authority => &[Role::Authority],
                Party::Worker | Party::Clock => &[],
            }
        };
        self.who.iter().flat_map(roles).copied().collect()
    }
}

/// The word of a state, such as `OPEN`.
#[must_use]
pub fn state_word(state: LineState) -> &'static str {
    state.as_str_name().trim_start_matches("LINE_STATE_")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLineMove {
    id: String,
    from: String,
    to: String,
    command: String,
    event: String,
    who: String,
    ledger: String,
    #[serde(default)]
    call: bool,
}

impl RawLineMove {
    pub(super) fn read(self) -> Result<LineMove, TableError> {
        let bad = |word: &str| unknown(&self.id, word);
        let state = |word: &str| LineState::from_str_name(&format!("LINE_STATE_{word}")).ok_or_else(|| bad(word));
        let party = |word: &str| Party::ALL.into_iter().find(|party| party.as_str() == word).ok_or_else(|| bad(word));
        let effect = |word: &str| match word {
            "seats open" => Ok(LineEffect::OpenSeats),
            "units granted" => Ok(LineEffect::GrantUnits),
            "promised -1" => Ok(LineEffect::Lapse),
            word => Err(bad(word)),
        };
        let change = match self.event.as_str() {
            "QuotaReserved" => LineChange::QuotaReserved,
            "QuotaUnitGranted" => LineChange::QuotaUnitGranted,
            "SeatReopened" => LineChange::SeatReopened,
            word => return Err(bad(word)),
        };
        Ok(LineMove {
            from: state(&self.from)?,
            to: if self.to == "=" { None } else { Some(state(&self.to)?) },
            change,
            who: words(&self.who).map(party).collect::<Result<_, _>>()?,
            ledger: words(&self.ledger).map(effect).collect::<Result<_, _>>()?,
            id: self.id,
            command: self.command,
            event: self.event,
            ledger_words: self.ledger,
            call: self.call,
        })
    }
}
