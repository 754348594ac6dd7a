//! The seven preparation tracks of an accepted placement: they run side by side; which waits for which is the pack's.

use serde::{Deserialize, Serialize};

use crate::pack::Pack;

/// A track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    Contract,
    Authorisation,
    Visa,
    Fitness,
    Training,
    Orientation,
    Travel,
}

impl Track {
    pub const ALL: [Self; 7] = [
        Self::Contract,
        Self::Authorisation,
        Self::Visa,
        Self::Fitness,
        Self::Training,
        Self::Orientation,
        Self::Travel,
    ];

    /// The word of rule packs and of the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Authorisation => "authorisation",
            Self::Visa => "visa",
            Self::Fitness => "fitness",
            Self::Training => "training",
            Self::Orientation => "orientation",
            Self::Travel => "travel",
        }
    }

    /// The track of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|track| track.as_str() == word)
    }
}

/// Where a track stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Status {
    #[default]
    Open,
    Applied,
    Done,
    Refused,
}

impl Status {
    /// The status of a word of the table.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "OPEN" => Self::Open,
            "APPLIED" => Self::Applied,
            "DONE" => Self::Done,
            "REFUSED" => Self::Refused,
            _ => return None,
        })
    }

    /// The word of the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Applied => "APPLIED",
            Self::Done => "DONE",
            Self::Refused => "REFUSED",
        }
    }
}

/// All tracks of one placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tracks([Status; 7]);

impl Tracks {
    /// Where a track stands.
    #[must_use]
    pub const fn get(&self, track: Track) -> Status {
        self.0[track as usize]
    }

    /// Moves a track.
    pub const fn set(&mut self, track: Track, status: Status) {
        self.0[track as usize] = status;
    }

    /// True if the track is done.
    #[must_use]
    pub fn is_done(&self, track: Track) -> bool {
        self.get(track) == Status::Done
    }

    /// Those of `wanted` that are not done.
    #[must_use]
    pub fn missing(&self, wanted: &[Track]) -> Vec<Track> {
        wanted.iter().copied().filter(|track| !self.is_done(*track)).collect()
    }

    /// True if an authority refused, or the person was found not fit.
    #[must_use]
    pub fn any_refused(&self) -> bool {
        self.0.contains(&Status::Refused)
    }

    /// What `Depart` still waits for under this pack.
    #[must_use]
    pub fn before_departure(&self, pack: &Pack) -> Vec<Track> {
        self.missing(&pack.depart())
    }

    /// As published: what is done, and that a visa was applied for.
    #[must_use]
    pub fn published(&self) -> Vec<i32> {
        use proto::placement::Track as Word;
        let mut done = Vec::new();
        for track in Track::ALL {
            if track == Track::Visa && matches!(self.get(track), Status::Applied | Status::Done) {
                done.push(Word::VisaApplied as i32);
            }
            if self.is_done(track) {
                done.push(match track {
                    Track::Contract => Word::Contract,
                    Track::Authorisation => Word::Authorisation,
                    Track::Visa => Word::Visa,
                    Track::Fitness => Word::Fitness,
                    Track::Training => Word::Training,
                    Track::Orientation => Word::Orientation,
                    Track::Travel => Word::Travel,
                } as i32);
            }
        }
        done
    }
}
