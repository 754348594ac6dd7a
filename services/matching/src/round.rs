//! The life of a round: computing → preview → publishing → published; or discarded, or failed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use proto::ids::{CandidateId, LineId, PlacementId, RoundId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::plan::Report;

/// Entries of one proposal at most; a line with more is sent in parts.
pub const ENTRIES_MAX: usize = 500;

/// Where a round stands. Numbers as in the contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Computing = 1,
    Preview = 2,
    Publishing = 3,
    Published = 4,
    Discarded = 5,
    Failed = 6,
}

impl State {
    /// Reads the number of a state; none if it is none.
    #[must_use]
    pub fn read(number: i16) -> Option<Self> {
        [Self::Computing, Self::Preview, Self::Publishing, Self::Published, Self::Discarded, Self::Failed]
            .into_iter()
            .find(|state| *state as i16 == number)
    }

    /// The state's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Computing => "COMPUTING",
            Self::Preview => "PREVIEW",
            Self::Publishing => "PUBLISHING",
            Self::Published => "PUBLISHED",
            Self::Discarded => "DISCARDED",
            Self::Failed => "FAILED",
        }
    }
}

/// Why a round failed: the code of a reason, and the named values of its sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    pub code: String,
    pub arguments: BTreeMap<String, String>,
    pub numbers: BTreeMap<String, i64>,
}

/// A seed that was promised before the round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// Of the seed's UTF-8 bytes, hexadecimal in lower case.
    pub seed_sha256: String,
    pub committed_at: DateTime<Utc>,
}

impl Commitment {
    /// True if this is the seed that was promised.
    #[must_use]
    pub fn is_of(&self, seed: &str) -> bool {
        hex::encode(Sha256::digest(seed)) == self.seed_sha256
    }
}

/// A round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    pub id: RoundId,
    pub number: i32,
    pub season_code: String,
    pub destination: String,
    pub state: State,
    pub as_of: NaiveDate,
    pub seed: String,
    /// What `seed` opened; none if nothing was promised.
    pub commitment: Option<Commitment>,
    pub phase: String,
    pub percent: i32,
    /// Why it failed, in English; empty if it did not.
    pub failure: String,
    /// The same as a code; none of a round that did not fail, or failed under a build that told no codes.
    pub failed_because: Option<Cause>,
    /// Of the plan, once there is one.
    pub report: Report,
    /// 0 until something was published of it.
    pub version: i64,
}

/// What keeps a round from being published or discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongState(pub State);

impl Round {
    /// True if publishing is to begin; false if it has begun or is done, which is no fault.
    ///
    /// # Errors
    /// If there is nothing to publish.
    pub fn may_publish(&self) -> Result<bool, WrongState> {
        match self.state {
            State::Preview => Ok(true),
            State::Publishing | State::Published => Ok(false),
            State::Computing | State::Discarded | State::Failed => Err(WrongState(self.state)),
        }
    }

    /// Checks that the round may be thrown away: only before anything went out. True if it is still being computed.
    ///
    /// # Errors
    /// Once publishing has begun, or the round has ended.
    pub fn may_discard(&self) -> Result<bool, WrongState> {
        match self.state {
            State::Computing => Ok(true),
            State::Preview => Ok(false),
            _ => Err(WrongState(self.state)),
        }
    }

    /// Checks that a pair may be laid down: only before anything went out.
    ///
    /// # Errors
    /// In any other state than the preview.
    pub fn may_overrule(&self) -> Result<(), WrongState> {
        if self.state == State::Preview { Ok(()) } else { Err(WrongState(self.state)) }
    }

    /// True once its pairs may be seen by those they are about.
    #[must_use]
    pub fn went_out(&self) -> bool {
        matches!(self.state, State::Publishing | State::Published)
    }
}

/// The id of the placement that a pair becomes: made of round, line and candidate (UUID version 5 in the round's
/// namespace), so that a proposal sent twice is one placement.
#[must_use]
pub fn placement_id(round_id: RoundId, line_id: LineId, candidate_id: CandidateId) -> PlacementId {
    PlacementId(Uuid::new_v5(&round_id.0, &[line_id.0.as_bytes().as_slice(), candidate_id.0.as_bytes()].concat()))
}

/// The id of one part of a line's proposal: made of round, line and part.
#[must_use]
pub fn proposal_id(round_id: RoundId, line_id: LineId, part: usize) -> Uuid {
    let part = u32::try_from(part).expect("a line has few parts").to_be_bytes();
    Uuid::new_v5(&round_id.0, &[line_id.0.as_bytes().as_slice(), &part].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_proposals_follow_from_what_they_are_about() {
        let [one, two, three] = [1, 2, 3].map(Uuid::from_u128);
        let (round, line, person) = (RoundId(one), LineId(two), CandidateId(three));
        assert_eq!(placement_id(round, line, person), placement_id(round, line, person));
        assert_ne!(placement_id(round, line, person), placement_id(RoundId(two), LineId(one), person));
        assert_ne!(proposal_id(round, line, 0), proposal_id(round, line, 1));
    }

    #[test]
    fn what_went_out_cannot_be_discarded() {
        let mut round = Round {
            id: RoundId::default(),
            number: 1,
            season_code: String::new(),
            destination: String::new(),
            state: State::Preview,
            as_of: NaiveDate::default(),
            seed: String::new(),
            commitment: None,
            phase: String::new(),
            percent: 100,
            failure: String::new(),
            failed_because: None,
            report: Report::default(),
            version: 1,
        };
        assert_eq!((round.may_publish(), round.may_discard()), (Ok(true), Ok(false)));
        round.state = State::Published;
        assert_eq!((round.may_publish(), round.may_discard()), (Ok(false), Err(WrongState(State::Published))));
        round.state = State::Failed;
        assert_eq!(round.may_publish(), Err(WrongState(State::Failed)));
        round.state = State::Computing;
        assert_eq!((round.may_discard(), round.may_overrule()), (Ok(true), Err(WrongState(State::Computing))));
    }
}
