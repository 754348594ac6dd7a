//! Ids of the things that travel between services: UUIDs of version 7 (they sort by time), one type each, so that a
//! line's id never stands where an order's is wanted. In a database and in JSON each is a plain UUID.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is no UUID. `what` names the kind of id that was wanted.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{what} id {value:?} is not a UUID")]
pub struct MalformedId {
    pub what: &'static str,
    pub value: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        /// The column says whose id it is: for rows that `query_as!` reads.
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($what, " {}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self).map_err(|_| MalformedId { what: $what, value: text.chars().take(64).collect() })
            }
        }
    )*};
}

ids! {
    /// A ministry, union, employer, operator or authority.
    OrganisationId = "organisation";
    EmployerId = "employer";
    OrderId = "order";
    LineId = "line";
    CandidateId = "candidate";
    QuotaId = "quota";
    RoundId = "round";
    PlacementId = "placement";
    SeasonRecordId = "season record";
    ImportId = "import";
}
