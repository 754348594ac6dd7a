//! The gRPC door: one layer in front of every handler. It names the request, checks the token, bounds the time, and runs
//! the handler in a task of its own, so that a caller who goes away never drops database work half done.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use anyhow::Context as _;
use http_body::Frame;
use tokio::time::Sleep;
use tonic::{
    Code, Status,
    body::Body,
    codegen::{
        Bytes,
        http::{HeaderMap, HeaderValue, Request, Response},
    },
    service::Routes,
    transport::{Server, server::TcpConnectInfo},
};
use tower::{Layer, Service};
use tracing::Instrument;

use crate::{
    admission::{Admission, Door, Full, Place, peer_full},
    clock::Clock,
    fault,
    identity::Verifier,
    pace::Paces,
    refusal::Refused,
    shutdown::{DRAIN, Shutdown},
};

/// Longest time a call may take if the caller does not say less.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long before the caller's own deadline ours ends, at most.
const MARGIN: Duration = Duration::from_millis(100);
/// Calls one connection may have open.
const STREAMS: u32 = 64;
/// Calls a service works on at once; more are told to come back.
pub(crate) const ROOM: usize = 256;
/// Bytes of a message at most: a batch of 1,000 with room to spare. The sum of all rooms stays below what a machine has.
pub const MESSAGE_BYTES: usize = 1 << 20;
/// Bytes of a header list.
const HEADER_BYTES: u32 = 16 * 1024;
/// Resets of calls that were not yet taken up, before the connection is closed (CVE-2023-44487).
const PENDING_RESETS: usize = 20;
/// Name of the header that follows a call through logs and answers.
pub const REQUEST_ID: &str = "x-request-id";

/// Serves until shutdown, then drains for at most [`DRAIN`].
///
/// # Errors
/// If the server cannot run.
pub(crate) async fn serve(incoming: Admission, routes: Routes, front: Front, shutdown: Shutdown) -> anyhow::Result<()> {
    let (_, health) = tonic_health::server::health_reporter();
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .context("the descriptors do not load")?;
    let header_bytes = if fault::planted("headers_unbounded") { u32::MAX } else { HEADER_BYTES };
    let pending_resets = if fault::planted("resets_unbounded") { usize::MAX } else { PENDING_RESETS };
    let asked = shutdown.clone();
    let server = Server::builder()
        .max_concurrent_streams(if fault::planted("streams_unbounded") { u32::MAX } else { STREAMS })
        .http2_max_header_list_size(header_bytes)
        .http2_max_pending_accept_reset_streams(Some(pending_resets))
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .max_connection_age(Duration::from_secs(600))
        .layer(front)
        .add_routes(routes)
        .add_service(health.max_decoding_message_size(MESSAGE_BYTES))
        .add_service(reflection.max_decoding_message_size(MESSAGE_BYTES))
        .serve_with_incoming_shutdown(incoming, async move { asked.wait().await });
    tokio::pin!(server);
    tokio::select! {
        served = &mut server => return served.context("the gRPC server stopped"),
        () = shutdown.wait() => {}
    }
    // Half-open connections can hold the server for an hour: the drain is bounded.
    match tokio::time::timeout(DRAIN, server).await {
        Ok(served) => served.context("the gRPC server stopped"),
        Err(_) => Ok(()),
    }
}

/// When a call is answered at the latest, for handlers that can stop half-way and say how far they came.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(pub(crate) tokio::time::Instant);

impl Deadline {
    /// That of a request; the layer put it there.
    pub(crate) fn of<T>(request: &tonic::Request<T>) -> Self {
        request.extensions().get().copied().unwrap_or_else(|| Self(tokio::time::Instant::now() + DEADLINE))
    }
}

/// The layer in front of every handler.
#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) service: &'static str,
    pub(crate) verifier: Verifier,
    pub(crate) clock: Clock,
    /// Room for calls.
    pub(crate) room: Door,
    /// How fast they come.
    pub(crate) paces: Paces,
}

impl<S> Layer<S> for Front {
    type Service = Fronted<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Fronted { front: self.clone(), inner }
    }
}

#[derive(Clone)]
pub(crate) struct Fronted<S> {
    front: Front,
    inner: S,
}

impl<S> Service<Request<Body>> for Fronted<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(self.front.clone().handle(request, inner))
    }
}

impl Front {
    async fn handle<S>(self, mut request: Request<Body>, mut inner: S) -> Result<Response<Body>, Infallible>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Send + 'static,
        S::Future: Send,
    {
        let started = tokio::time::Instant::now();
        let request_id = self.request_id(request.headers());
        let peer = peer(&request);
        self.paces.began(peer, started);
        // To look for room costs nothing, to check a signature does: whoever finds none is not asked who he is.
        if fault::planted("signature_before_room")
            && let Err(refused) = self.authenticate(request.headers()).await
        {
            return Ok(finish(Status::from(refused).into_http(), &request_id));
        }
        let place = match self.place(peer) {
            Ok(place) => place,
            Err(full) => return Ok(finish(self.turn_away(full).into_http(), &request_id)),
        };
        let path = request.uri().path().to_owned();
        let limit = if fault::planted("deadline_ignored") { DEADLINE * 100 } else { deadline(request.headers()) };
        let until = started + limit;
        let mut subject = None;
        if !open_to_all(&path) {
            // The issuer's keys may have to be fetched first.
            let known = tokio::time::timeout_at(until, self.authenticate(request.headers())).await;
            match known.unwrap_or_else(|_| Err(too_long())) {
                Ok(principal) => {
                    subject = Some(principal.subject.clone());
                    request.extensions_mut().insert(principal);
                }
                Err(refused) => return Ok(finish(Status::from(refused).into_http(), &request_id)),
            }
        }
        request.extensions_mut().insert(Deadline(until));
        let patience = if fault::planted("messages_are_awaited") { DEADLINE * 100 } else { Duration::ZERO };
        let request = request.map(|message| Body::new(Timely::new(message, until + patience)));
        let call = async move {
            let answer = inner.call(request).await;
            drop(place);
            answer
        };
        // Only for calls that are worked on: whoever is turned away fills no log and no store of traces.
        let span = tracing::info_span!("call", service = self.service, method = path, request_id, subject);
        let work = Work(tokio::spawn(call.instrument(span)));
        let response = match tokio::time::timeout_at(until, work).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(never))) => match never {},
            Ok(Err(_)) => Status::from(Refused::internal()).into_http(),
            Err(_) => Status::from(too_long()).into_http(),
        };
        // Of a method that is not there, the name is the caller's, and there are as many as he likes.
        let method = if is_unknown(&response) { "none".to_owned() } else { path };
        metrics::histogram!("circula_call_seconds", "service" => self.service, "method" => method)
            .record(started.elapsed());
        Ok(finish(response, &request_id))
    }

    /// Room for one more call of this peer, held until it ends.
    fn place(&self, peer: IpAddr) -> Result<Option<Place>, Full> {
        if fault::planted("no_room_kept") {
            return Ok(None);
        }
        self.room.enter(peer).map(Some)
    }

    fn turn_away(&self, full: Full) -> Status {
        let refused = match full {
            Full::House => {
                Refused::new(Code::ResourceExhausted, "FULL", format!("the service works on {ROOM} calls already"))
                    .mend("send the same request again in a moment")
            }
            Full::Peer => peer_full(),
        };
        let reason = refused.reason.clone();
        metrics::counter!("circula_calls_turned_away_total", "service" => self.service, "reason" => reason)
            .increment(1);
        refused.into()
    }

    async fn authenticate(&self, headers: &HeaderMap) -> Result<crate::identity::Principal, Refused> {
        let token = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        let principal = self.verifier.verify(token).await?;
        // Some reads ask for no role in particular. They are not for everybody whom the issuer knows.
        if principal.roles.is_empty() && !fault::planted("no_role_needed") {
            return Err(Refused::not_allowed("of somebody in the programme"));
        }
        Ok(principal)
    }

    /// The caller's own id if it is a plain one, else a new one.
    fn request_id(&self, headers: &HeaderMap) -> String {
        headers
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|value| value.len() <= 64 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
            .map_or_else(|| self.clock.id().to_string(), str::to_owned)
    }
}

/// What a caller sends, one message or a stream of them, for as long as the call may take. A handler that waits for it goes on
/// when nobody waits for the handler any more: whoever never sent it, or never came to its end, would keep a place in the room
/// for as long as the connection lives. What a handler has read it works on to its end.
struct Timely {
    message: Body,
    over: Pin<Box<Sleep>>,
}

impl Timely {
    fn new(message: Body, until: tokio::time::Instant) -> Self {
        Self { message, over: Box::pin(tokio::time::sleep_until(until)) }
    }
}

impl http_body::Body for Timely {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        // Before what is there: a stream of which there is always more would go on.
        if self.over.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(too_long().into())));
        }
        http_body::Body::poll_frame(Pin::new(&mut self.message), context)
    }
}

/// A handler in a task of its own, which goes on to its end when nobody waits for it any more.
struct Work<T>(tokio::task::JoinHandle<T>);

impl<T> Future for Work<T> {
    type Output = Result<T, tokio::task::JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        if fault::planted("handlers_are_dropped") {
            self.0.abort();
        }
    }
}

fn too_long() -> Refused {
    let message = "the call took longer than it may; it may still take effect";
    Refused::new(Code::DeadlineExceeded, "DEADLINE", message)
        .mend("send the same request_id again to learn what became of it")
}

/// Who calls. Whose address nobody knows is one with all of whom nobody knows it.
fn peer(request: &Request<Body>) -> IpAddr {
    let address = request.extensions().get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr);
    address.as_ref().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), SocketAddr::ip)
}

/// True if no handler has this method.
fn is_unknown(response: &Response<Body>) -> bool {
    Status::from_header_map(response.headers()).is_some_and(|status| status.code() == Code::Unimplemented)
}

/// Health and reflection answer without a token.
fn open_to_all(path: &str) -> bool {
    path.starts_with("/grpc.health.v1.") || path.starts_with("/grpc.reflection.")
}

fn finish(mut response: Response<Body>, request_id: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// A little less than `grpc-timeout`, at most [`DEADLINE`].
fn deadline(headers: &HeaderMap) -> Duration {
    let Some(text) = headers.get("grpc-timeout").and_then(|value| value.to_str().ok()) else { return DEADLINE };
    let Some((digits, unit)) = text.split_at_checked(text.len().saturating_sub(1)) else { return DEADLINE };
    let Ok(count) = digits.parse::<u64>() else { return DEADLINE };
    let asked = match unit {
        "H" => Duration::from_secs(count.saturating_mul(3600)),
        "M" => Duration::from_secs(count.saturating_mul(60)),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => DEADLINE,
    };
    // Our answer says more than the transport's own, which comes at the very moment: it goes a little before.
    asked.saturating_sub((asked / 10).min(MARGIN)).min(DEADLINE)
}
