//! HTTP+JSON for every annotated call of the contracts: one transcoder, no handler per call.
//!
//! A request is routed by the `google.api.http` options, becomes a dynamic message from path, query and body, goes to
//! the service that owns the call with the caller's own token, and comes back as proto3 JSON. Streams are not served,
//! save the upload of files.

pub(crate) mod binding;
mod codec;
mod message;
pub(crate) mod problem;
mod template;
mod upload;

use std::time::Duration;

use anyhow::Context;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use platform::{Refused, grpc::REQUEST_ID, identity::Verifier};
use prost_reflect::{DescriptorPool, DynamicMessage};
use tonic::{Code, Status, client::Grpc, metadata::MetadataMap, transport::Channel};

use crate::{
    server::RequestId,
    upstream::{ANSWER_BYTES_MAX, DEADLINE, SERVICES, Upstream},
};
use binding::{Binding, BodyRule, Call};
use codec::DynamicCodec;
use message::Given;
use problem::Problem;
use template::{Pairs, Path};

/// Bytes of a JSON body.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// Seconds that the caller gives the call, as Google's HTTP APIs take it.
const TIMEOUT_HEADER: &str = "x-server-timeout";
/// The package whose calls every service answers; the path says which one is asked.
const EVERY_SERVICE: &str = "operation";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Headers that travel on as they are.
const FORWARDED: [&str; 2] = ["accept-language", "traceparent"];

/// Which call a response answers; the front door counts by it.
#[derive(Debug, Clone)]
pub(crate) struct Answered(pub(crate) String);

/// All calls, ready to be made.
pub(crate) struct Transcoder {
    bindings: Vec<Binding>,
    upstream: Upstream,
    verifier: Verifier,
    /// How long a sender may take over a body, or over the next part of a file.
    patience: Duration,
}

impl Transcoder {
    /// Reads the rules of the contracts.
    ///
    /// # Errors
    /// If a rule does not fit its messages, or names a service that has no address.
    pub(crate) fn new(
        pool: &DescriptorPool,
        upstream: Upstream,
        verifier: Verifier,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let bindings = binding::read(pool)?;
        for binding in &bindings {
            let service = binding.call.service.as_str();
            anyhow::ensure!(
                SERVICES.contains(&service) || service == EVERY_SERVICE,
                "{service} has calls, but no address"
            );
        }
        Ok(Self { bindings, upstream, verifier, patience })
    }

    /// Answers one request.
    pub(crate) async fn handle(&self, request: Request<Body>) -> Response {
        let (parts, body) = request.into_parts();
        let request_id = parts.extensions.get::<RequestId>().cloned().unwrap_or_default();
        let (binding, variables) = match self.find(&parts.method, parts.uri.path()) {
            Ok(found) => found,
            Err(problem) => return problem.answer(&request_id.0),
        };
        let outcome = async {
            let metadata = self.metadata(&parts.headers, &request_id.0).await?;
            let answer = if binding.call.upload {
                upload::run(self, (&binding.call, metadata), (variables, &parts), body).await?
            } else {
                self.unary((binding, metadata), variables, &parts, body).await?
            };
            json(&answer)
        };
        let mut response = outcome.await.unwrap_or_else(|problem| problem.answer(&request_id.0));
        response.extensions_mut().insert(Answered(binding.call.path.to_string()));
        response
    }

    /// The binding of a path, and what the path fills.
    fn find(&self, method: &Method, path: &str) -> Result<(&Binding, Pairs), Problem> {
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        let taken = Path::new(path);
        let mut allow: Vec<&str> = Vec::new();
        for binding in &self.bindings {
            let Some(variables) = binding.template.matches(&taken) else { continue };
            if binding.http == *wanted {
                return Ok((binding, variables));
            }
            allow.push(binding.http.as_str());
        }
        if allow.is_empty() {
            return Err(Problem::no_such_path(path));
        }
        if allow.contains(&"GET") {
            allow.push("HEAD");
        }
        allow.sort_unstable();
        allow.dedup();
        Err(Problem::wrong_method(method.as_str(), allow.join(", ")))
    }

    /// What goes with a call. The token is checked here too, so that nobody uploads a file to be told to sign in.
    async fn metadata(&self, headers: &HeaderMap, request_id: &str) -> Result<MetadataMap, Problem> {
        let token = bearer(headers);
        self.verifier.verify(token).await?;
        let mut forwarded = HeaderMap::new();
        let mut put = |name: &'static str, value: Option<HeaderValue>| {
            if let Some(value) = value {
                forwarded.insert(name, value);
            }
        };
        put("authorization", HeaderValue::from_str(&format!("Bearer {token}")).ok());
        put(REQUEST_ID, HeaderValue::from_str(request_id).ok());
        for name in FORWARDED {
            put(name, headers.get(name).cloned());
        }
        put("grpc-timeout", HeaderValue::from_str(&format!("{}m", deadline(headers).as_millis())).ok());
        Ok(MetadataMap::from_headers(forwarded))
    }

    async fn unary(
        &self,
        (binding, metadata): (&Binding, MetadataMap),
        variables: Pairs,
        parts: &Parts,
        body: Body,
    ) -> Result<DynamicMessage, Problem> {
        let body = match binding.body {
            BodyRule::Whole | BodyRule::Field(_) => read_json(&parts.headers, body, self.patience).await?,
            BodyRule::Nothing | BodyRule::File => None,
        };
        let key = parts.headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let query = query(parts.uri.query().unwrap_or_default());
        let service = addressed(&binding.call, &variables)?;
        let message = message::build(binding, Given { variables, query, body, idempotency_key: key })?;
        let call = &binding.call;
        let request = tonic::Request::from_parts(metadata, tonic::Extensions::default(), message);
        let limit = deadline(&parts.headers);
        let made = async {
            let mut grpc = self.ready(&service).await?;
            grpc.unary(request, call.path.clone(), DynamicCodec::new(call.method.output())).await
        };
        let answered = tokio::time::timeout(limit, made).await;
        let answered =
            answered.unwrap_or_else(|_| Err(Status::deadline_exceeded("the service did not answer in time")));
        Ok(answered.map_err(|status| Problem::from_service(status, &service))?.into_inner())
    }

    async fn ready(&self, service: &str) -> Result<Grpc<Channel>, Status> {
        let channel = self.upstream.channel(service).ok_or_else(|| Status::unavailable("it has no address"))?;
        let mut grpc = Grpc::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX);
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(grpc)
    }
}

/// The service that answers a call.
fn addressed(call: &Call, variables: &Pairs) -> Result<String, Problem> {
    if call.service != EVERY_SERVICE {
        return Ok(call.service.clone());
    }
    let named = variables.iter().find(|(name, _)| name == "service").map_or("", |(_, value)| value.as_str());
    if SERVICES.contains(&named) {
        return Ok(named.to_owned());
    }
    Err(Refused::not_found("service", named).into())
}

fn json(answer: &DynamicMessage) -> Result<Response, Problem> {
    let bytes = message::write(answer).map_err(|error| {
        tracing::error!(%error, message = answer_name(answer), "an answer has no JSON form");
        problem::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response())
}

fn answer_name(answer: &DynamicMessage) -> String {
    prost_reflect::ReflectMessage::descriptor(answer).full_name().to_owned()
}

/// The bearer token, empty if there is none.
fn bearer(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => "",
    }
}

/// What the caller gives the call, at most [`DEADLINE`].
fn deadline(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(TIMEOUT_HEADER).and_then(|value| value.to_str().ok()?.parse::<f64>().ok());
    let asked = seconds.filter(|seconds| *seconds > 0.0).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    asked.map_or(DEADLINE, |asked| asked.clamp(Duration::from_millis(1), DEADLINE))
}

/// Decoded pairs of a query.
pub(crate) fn query(text: &str) -> Pairs {
    let decode = |text: &str| template::decode(&text.replace('+', " ")).unwrap_or_else(|| text.to_owned());
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// The body as JSON; `None` if there is none.
async fn read_json(headers: &HeaderMap, body: Body, patience: Duration) -> Result<Option<serde_json::Value>, Problem> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(too_large());
    }
    check_encoding(headers)?;
    let read = tokio::time::timeout(patience, Limited::new(body, BODY_BYTES_MAX).collect()).await;
    let bytes = match read {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large()),
        Ok(Err(_)) => return Err(broken()),
        Err(_) => return Err(late(patience)),
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    if !is_json(headers) {
        let refused = Refused::new(Code::InvalidArgument, "CONTENT_TYPE", "the body is not declared as JSON")
            .mend("send Content-Type: application/json");
        return Err(Problem::under(StatusCode::UNSUPPORTED_MEDIA_TYPE, refused));
    }
    let value = serde_json::from_slice(&bytes)
        .map_err(|error| Refused::new(Code::InvalidArgument, "BAD_JSON", format!("the body is not JSON: {error}")))?;
    Ok(Some(value))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(()),
        Some(_) => {
            let refused = Refused::new(Code::InvalidArgument, "CONTENT_ENCODING", "bodies are read uncompressed only")
                .mend("send the body without Content-Encoding");
            Err(Problem::under(StatusCode::UNSUPPORTED_MEDIA_TYPE, refused))
        }
    }
}

fn too_large() -> Problem {
    let message = format!("a body has at most {BODY_BYTES_MAX} bytes");
    let refused = Refused::new(Code::InvalidArgument, "BODY_TOO_LARGE", message)
        .with("limit", BODY_BYTES_MAX)
        .mend("send less at once; files go to imports");
    Problem::under(StatusCode::PAYLOAD_TOO_LARGE, refused)
}

fn broken() -> Problem {
    Refused::new(Code::InvalidArgument, "BODY_BROKEN", "the body ended before it was whole").into()
}

fn late(patience: Duration) -> Problem {
    let seconds = patience.as_secs();
    let message = format!("the body, or the next part of a file, did not come within {seconds} seconds");
    let refused = Refused::new(Code::DeadlineExceeded, "BODY_LATE", message)
        .with("limit", seconds)
        .mend("send it again; a file goes on at its bytesReceived");
    Problem::under(StatusCode::REQUEST_TIMEOUT, refused)
}

/// The descriptors of all contracts.
///
/// # Errors
/// If they do not load, which a build would have noticed.
pub(crate) fn contracts() -> anyhow::Result<DescriptorPool> {
    DescriptorPool::decode(proto::DESCRIPTORS).context("the contracts do not load")
}
