//! Refusals: what, where, why, and what would mend it, in a stable machine code. One mapping to gRPC and back.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Domain of every `google.rpc.ErrorInfo` that the services send.
pub const DOMAIN: &str = "circula";

/// Something was not done, and this is why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub code: Code,
    /// Stable machine code; translations hang on it.
    pub reason: String,
    /// What and why, a sentence.
    pub message: String,
    /// Field, column, line or stage.
    pub place: String,
    /// What would mend it, a sentence.
    pub mend: String,
    /// Named values of the sentences.
    pub arguments: Vec<(String, String)>,
}

impl Refused {
    /// A refusal with a code of the transport, a stable reason and a sentence.
    #[must_use]
    pub fn new(code: Code, reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
            message: message.into(),
            place: String::new(),
            mend: String::new(),
            arguments: Vec::new(),
        }
    }

    /// `INVALID_ARGUMENT` at a field.
    #[must_use]
    pub fn field(field: &str, reason: &str, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, reason, message).at(field)
    }

    /// `NOT_FOUND`: the same answer for "not there" and "not yours".
    #[must_use]
    pub fn not_found(what: &str, id: impl std::fmt::Display) -> Self {
        Self::new(Code::NotFound, "NOT_FOUND", format!("there is no {what} {id} that you may see"))
            .with("what", what)
            .mend("look it up in the list: what is another organisation's is not in it")
    }

    /// `PERMISSION_DENIED`: the caller's roles do not allow the call.
    #[must_use]
    pub fn not_allowed(needed: &str) -> Self {
        Self::new(Code::PermissionDenied, "ROLE_NEEDED", format!("this needs the role {needed}"))
            .with("role", needed)
            .mend(format!("ask somebody who signs in as {needed}"))
    }

    /// `INTERNAL`: a fault of ours, of which the caller is told no more.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Code::Internal, "INTERNAL", "something went wrong on our side")
            .mend("send the same request again later; if it stays so, tell the operator the request id")
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// Says what would mend it.
    #[must_use]
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = mend.into();
        self
    }

    /// Adds a named value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.arguments.push((name.to_owned(), value.to_string()));
        self
    }

    /// The form that travels inside batch results.
    #[must_use]
    pub fn into_proto(self) -> proto::common::Refusal {
        proto::common::Refusal {
            reason: self.reason,
            message: self.message,
            r#where: self.place,
            mend: self.mend,
            arguments: self.arguments.into_iter().collect(),
        }
    }

    /// Reads a refusal back from a status, for those who show it to people.
    #[must_use]
    pub fn from_status(status: &Status) -> Self {
        let mut refused = Self::new(status.code(), format!("{:?}", status.code()), status.message());
        if let Some(info) = status.get_details_error_info() {
            refused.reason = info.reason;
            for (name, value) in info.metadata {
                match name.as_str() {
                    "where" => refused.place = value,
                    "mend" => refused.mend = value,
                    _ => refused.arguments.push((name, value)),
                }
            }
            refused.arguments.sort();
        }
        refused
    }
}

impl From<Refused> for Status {
    fn from(refused: Refused) -> Self {
        let mut metadata: HashMap<String, String> = refused.arguments.iter().cloned().collect();
        if !refused.place.is_empty() {
            metadata.insert("where".to_owned(), refused.place.clone());
        }
        if !refused.mend.is_empty() {
            metadata.insert("mend".to_owned(), refused.mend.clone());
        }
        let mut details = ErrorDetails::new();
        details.set_error_info(refused.reason, DOMAIN, metadata);
        if refused.code == Code::InvalidArgument && !refused.place.is_empty() {
            details.add_bad_request_violation(refused.place, refused.message.clone());
        }
        Self::with_error_details(refused.code, refused.message, details)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)
    }
}

impl std::error::Error for Refused {}

/// What a use case may answer instead of a result: a refusal for the caller, or a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the database did not do it: {0}")]
    Database(#[from] sqlx::Error),
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// True if trying again later may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Internal(_) => false,
            Self::Database(error) => crate::database::is_transient(error),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let transient = error.is_transient();
        match error {
            Error::Refused(refused) => refused.into(),
            other if transient => {
                tracing::warn!(error = %other, "a call was put off");
                Refused::new(Code::Unavailable, "BUSY", "the service cannot reach its database just now")
                    .mend("send the same request again in a moment")
                    .into()
            }
            other => {
                tracing::error!(error = %other, "a call went wrong");
                Refused::internal().into()
            }
        }
    }
}
