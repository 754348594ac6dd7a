//! A job order: what was asked for, in which state it is, and which decisions its state allows.

use chrono::NaiveDate;
use proto::ids::{CandidateId, EmployerId, LineId, OrderId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Lines an order may have.
pub const LINES_MAX: usize = 200;
/// Farms a line may be shared by.
pub const ALLOCATIONS_MAX: usize = 500;
/// Deductions a line may name.
pub const DEDUCTIONS_MAX: usize = 10;
/// Bytes an order may have as a message: with its envelope it must stay below the megabyte a broker takes.
pub const BYTES_MAX: usize = 768 << 10;
/// `source` of an order that came by `PostJobOrder`.
pub const POSTED: &str = "posted";
/// Flag of an order that no rule pack was known for when it came in. It is judged when it is approved.
pub const NO_RULE_PACK: &str = "NO_RULE_PACK";

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Submitted,
    Open,
    Denied,
    Withdrawn,
    Closed,
}

impl State {
    const ALL: [Self; 5] = [Self::Submitted, Self::Open, Self::Denied, Self::Withdrawn, Self::Closed];

    /// The word of the state, as stored and counted.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Open => "OPEN",
            Self::Denied => "DENIED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Closed => "CLOSED",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Something true of an order or a farm that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    pub code: String,
    pub message: String,
}

impl Flag {
    /// A flag.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// A place; `country` is ISO 3166-1 alpha-2, `region` the source's own word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub city: String,
    pub region: String,
    pub country: String,
}

/// Pay as stated: a decimal, ISO 4217, and `hour`, `week`, `fortnight`, `month` or `piece`; empty where not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pay {
    pub amount: String,
    pub currency: String,
    pub unit: String,
}

/// Something the employer keeps of the pay, by its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deduction {
    pub code: String,
    pub amount: Pay,
}

/// The share of one farm in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    pub id: Uuid,
    pub farm_name: String,
    pub seats: i32,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub workplace: Place,
    pub flags: Vec<Flag>,
}

/// What one line asks for. `beds` is -1 if nothing is said of them; with a `housing` they are the housing's, for all lines that
/// name it. `least_crew` 0 is any number of people, an empty `housing` the line's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: LineId,
    pub number: i32,
    pub title: String,
    pub source_occupation: String,
    pub isco_codes: Vec<String>,
    pub seats_asked: i32,
    pub seats: i32,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub workplace: Place,
    pub pay: Pay,
    pub hours_week: i32,
    pub experience_months: i32,
    pub languages: Vec<String>,
    pub certificates: Vec<String>,
    pub named_candidate_ids: Vec<CandidateId>,
    pub substitutes: bool,
    pub origins: Vec<String>,
    pub allocations: Vec<Allocation>,
    pub beds: i32,
    pub deductions: Vec<Deduction>,
    pub least_crew: i32,
    pub housing: String,
}

/// An order with its lines. Ids are nil until [`Order::take_ids`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub organisation_id: Uuid,
    pub reference: String,
    pub source: String,
    pub employer_id: EmployerId,
    pub employer_name: String,
    pub destination: String,
    pub season_code: String,
    pub filed_on: NaiveDate,
    pub decided_on: Option<NaiveDate>,
    pub state: State,
    pub source_status: String,
    pub rule_pack_id: String,
    pub union_order: bool,
    pub lines: Vec<Line>,
    pub flags: Vec<Flag>,
    pub fingerprint: String,
    pub closing_reason: String,
    pub version: i64,
}

/// Why a decision does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The state does not allow it.
    State(State),
    /// It would be decided before it was filed.
    BeforeFiled(NaiveDate),
}

impl Order {
    /// Seats that may be filled, over all lines.
    #[must_use]
    pub fn seats(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.seats)).sum()
    }

    /// Gives the order, its lines and their farms new ids.
    pub fn take_ids(&mut self, mut next: impl FnMut() -> Uuid) {
        self.id = OrderId(next());
        for line in &mut self.lines {
            line.id = LineId(next());
            for allocation in &mut line.allocations {
                allocation.id = next();
            }
        }
    }

    /// Opens the order for matching.
    ///
    /// # Errors
    /// If it does not wait for approval, or `on` is before its filing.
    pub fn approve(&mut self, on: NaiveDate) -> Result<(), Misfit> {
        self.must_be(&[State::Submitted])?;
        if on < self.filed_on {
            return Err(Misfit::BeforeFiled(self.filed_on));
        }
        self.decided_on = Some(on);
        self.turn(State::Open, "");
        Ok(())
    }

    /// Denies the order.
    ///
    /// # Errors
    /// If it does not wait for approval.
    pub fn deny(&mut self, reason: &str) -> Result<(), Misfit> {
        self.must_be(&[State::Submitted])?;
        self.turn(State::Denied, reason);
        Ok(())
    }

    /// Takes the order back.
    ///
    /// # Errors
    /// If it is neither waiting nor open.
    pub fn withdraw(&mut self, reason: &str) -> Result<(), Misfit> {
        self.must_be(&[State::Submitted, State::Open])?;
        self.turn(State::Withdrawn, reason);
        Ok(())
    }

    fn must_be(&self, states: &[State]) -> Result<(), Misfit> {
        if states.contains(&self.state) { Ok(()) } else { Err(Misfit::State(self.state)) }
    }

    fn turn(&mut self, state: State, reason: &str) {
        self.state = state;
        reason.clone_into(&mut self.closing_reason);
        self.version += 1;
    }
}
