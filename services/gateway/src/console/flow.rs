//! The numbers of a season, and what must hold between them.

use super::code::Corridor;
use super::step::{Column, Step};

/// Who reached a step, who is there now, who dropped out from there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    pub reached: u64,
    pub here: u64,
    pub dropped: u64,
}

impl Flow {
    /// Returns how many went on to the next step.
    #[must_use]
    pub fn went_on(self) -> u64 {
        self.reached.saturating_sub(self.here + self.dropped)
    }
}

impl std::ops::Add for Flow {
    type Output = Flow;

    fn add(self, other: Flow) -> Flow {
        Flow {
            reached: self.reached + other.reached,
            here: self.here + other.here,
            dropped: self.dropped + other.dropped,
        }
    }
}

/// A corridor's season in the eight columns of the rivers.
///
/// The first column counts seats: `here` are the open ones. From Proposed on
/// the columns count placements; `replaced` of them were proposed for a seat
/// that somebody else had given up.
#[derive(Clone, Debug)]
pub struct CorridorFlow {
    pub corridor: Corridor,
    pub columns: [Flow; 8],
    pub replaced: u64,
    pub late: u64,
    /// Placements whose last report is known from one side only.
    pub one_sided: u64,
}

/// A number that differs from its recount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub corridor: String,
    pub column: Column,
    pub shown: u64,
    pub counted: u64,
}

impl CorridorFlow {
    /// Returns the flow of a column.
    #[must_use]
    pub fn at(&self, column: Column) -> Flow {
        self.columns[column as usize]
    }

    /// Returns all who dropped out, at whatever step.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.columns.iter().map(|flow| flow.dropped).sum()
    }

    /// Counts again: what reached a column must be what went on from the one
    /// before. The chain begins at Proposed: seats and placements are counted
    /// apart, since a seat given back may wait for its replacement and a line
    /// open to several corridors belongs to none of them.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let pairs = Column::ALL.iter().skip(1).zip(Column::ALL.iter().skip(2));
        let mut found: Vec<Difference> = pairs
            .map(|(before, column)| (*column, self.at(*before).went_on()))
            .filter(|(column, counted)| self.at(*column).reached != *counted)
            .map(|(column, counted)| self.difference(column, counted))
            .collect();
        let end = self.at(Column::Returned);
        if end.here + end.dropped != end.reached {
            found.push(self.difference(Column::Returned, end.here + end.dropped));
        }
        found
    }

    fn difference(&self, column: Column, counted: u64) -> Difference {
        Difference { corridor: self.corridor.code.clone(), column, shown: self.at(column).reached, counted }
    }
}

/// Adds the corridors up, column by column.
#[must_use]
pub fn total(corridors: &[CorridorFlow]) -> [Flow; 8] {
    let mut sum = [Flow::default(); 8];
    for corridor in corridors {
        for (column, flow) in sum.iter_mut().zip(corridor.columns) {
            *column = *column + flow;
        }
    }
    sum
}

/// A ground of dropping out and how often it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Reason code of the placement service, for example `VISA_REFUSED`.
    pub code: String,
    pub count: u64,
}

/// One of the 17 steps of a corridor.
#[derive(Clone, Debug)]
pub struct StepFlow {
    pub step: Step,
    pub flow: Flow,
    pub grounds: Vec<Ground>,
    /// Days that those who are here have been here: median and longest.
    pub days_here: [u64; 2],
    /// Of those who are here, those whose last report is known from one side only.
    pub one_sided: u64,
}

impl StepFlow {
    /// Says whether the grounds add up to the drop-outs.
    #[must_use]
    pub fn grounds_add_up(&self) -> bool {
        self.grounds.iter().map(|ground| ground.count).sum::<u64>() == self.flow.dropped
    }
}

/// Counts again along the 17 steps.
#[must_use]
pub fn steps_add_up(steps: &[StepFlow]) -> bool {
    let chained = steps.windows(2).all(|pair| pair[0].flow.went_on() == pair[1].flow.reached);
    let last = steps.last().is_none_or(|step| step.flow.went_on() == 0);
    chained && last && steps.iter().all(StepFlow::grounds_add_up)
}
