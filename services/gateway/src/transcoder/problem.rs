//! Refusals in the form of AIP-193, and the one table from gRPC codes to HTTP.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use platform::Refused;
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::upstream::is_away;

/// Seconds after which an overloaded or absent service is worth another try.
const RETRY_SECONDS: u64 = 2;
/// HTTP's own word for "the client went away": not in the registry, but in every log.
const CLIENT_CLOSED: u16 = 499;

/// An answer that is not what was asked for.
#[derive(Debug)]
pub(crate) struct Problem {
    http: StatusCode,
    status: Status,
    allow: Option<String>,
}

impl Problem {
    /// A refusal under another HTTP status than its code has.
    pub(crate) fn under(http: StatusCode, refused: Refused) -> Self {
        Self { http, status: refused.into(), allow: None }
    }

    /// 404: no call has this path.
    pub(crate) fn no_such_path(path: &str) -> Self {
        Refused::new(Code::NotFound, "NO_SUCH_PATH", format!("no call has the path {path}"))
            .mend("the calls are listed at /docs")
            .into()
    }

    /// 405: the path takes these methods only.
    pub(crate) fn wrong_method(given: &str, allow: String) -> Self {
        let refused = Refused::new(Code::Unimplemented, "WRONG_METHOD", format!("this path does not take {given}"))
            .mend(format!("use {allow}"));
        Self { allow: Some(allow), ..Self::under(StatusCode::METHOD_NOT_ALLOWED, refused) }
    }

    /// What a service answered. What it did not say in its own words is said in ours, so that no address, library text
    /// or stack leaves the house.
    pub(crate) fn from_service(status: Status, service: &str) -> Self {
        if status.get_details_error_info().is_some() {
            return status.into();
        }
        tracing::warn!(service, code = ?status.code(), message = status.message(), "a service answered without a reason");
        let again = "send the same request again in a moment";
        match status.code() {
            _ if is_away(&status) => Refused::new(
                Code::Unavailable,
                "UNREACHABLE",
                format!("the service {service} does not answer just now"),
            )
            .with("service", service)
            .mend(again),
            Code::Cancelled | Code::DeadlineExceeded => Refused::new(
                Code::DeadlineExceeded,
                "DEADLINE",
                "the call took longer than it may; it may still take effect",
            )
            .mend("send the same request_id again to learn what became of it"),
            Code::Internal | Code::Unknown | Code::DataLoss => internal(),
            Code::Unimplemented => Refused::new(Code::Unimplemented, "NOT_SERVED", "this call is not served here"),
            code => Refused::new(code, word(code), status.message()),
        }
        .into()
    }

    /// The answer; `request_id` is what to tell whoever looks for it in the log.
    pub(crate) fn answer(self, request_id: &str) -> Response {
        let mut details = details(&self.status);
        details.push(json!({ "@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": request_id }));
        let error = json!({
            "code": self.http.as_u16(), "message": self.status.message(), "status": word(self.status.code()), "details": details,
        });
        let mut response = (self.http, Body::from(json!({ "error": error }).to_string())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(allow) = self.allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        if matches!(self.status.code(), Code::Unavailable | Code::ResourceExhausted) {
            let asked = self.status.get_details_retry_info().and_then(|info| info.retry_delay);
            let seconds = asked.map_or(RETRY_SECONDS, |delay| delay.as_secs().max(1));
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status.code() == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The refusal for a fault of ours.
pub(crate) fn internal() -> Refused {
    Refused::new(Code::Internal, "INTERNAL", "something went wrong on our side").mend("tell us the request id")
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        Self { http: http_status(status.code()), status, allow: None }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Status::from(refused).into()
    }
}

fn details(status: &Status) -> Vec<Value> {
    let mut details = Vec::new();
    if let Some(info) = status.get_details_error_info() {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": info.reason, "domain": info.domain, "metadata": info.metadata,
        }));
    }
    if let Some(request) = status.get_details_bad_request() {
        let violations: Vec<Value> = request
            .field_violations
            .iter()
            .map(|violation| json!({ "field": violation.field, "description": violation.description }))
            .collect();
        details.push(json!({ "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations }));
    }
    details
}

/// The table of google/rpc/code.proto.
pub(crate) fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::Cancelled => StatusCode::from_u16(CLIENT_CLOSED).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn word(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
