use std::{fmt, str::FromStr};

/// What a signed-in party may be. A token names them in its `roles` claim by these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Ministry,
    Union,
    Employer,
    Operator,
    Authority,
    Auditor,
    Worker,
    Service,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Ministry,
        Self::Union,
        Self::Employer,
        Self::Operator,
        Self::Authority,
        Self::Auditor,
        Self::Worker,
        Self::Service,
    ];

    /// The roles that read records: those of their organisation, or all. Not a worker and not an employer: a token names
    /// the organisation behind them and not which of its people or employers they are, so it shows nothing to be theirs.
    pub const READERS: [Self; 6] =
        [Self::Ministry, Self::Union, Self::Operator, Self::Authority, Self::Auditor, Self::Service];

    /// The word of the role, as in tokens, events and the table of moves.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ministry => "ministry",
            Self::Union => "union",
            Self::Employer => "employer",
            Self::Operator => "operator",
            Self::Authority => "authority",
            Self::Auditor => "auditor",
            Self::Worker => "worker",
            Self::Service => "service",
        }
    }

    /// True for the roles that see the records of every organisation (coded facts, never persons).
    #[must_use]
    pub const fn sees_all(self) -> bool {
        matches!(self, Self::Operator | Self::Authority | Self::Auditor | Self::Service)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is none of the roles.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no role")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == word).ok_or_else(|| UnknownRole(word.to_owned()))
    }
}
