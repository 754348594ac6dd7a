//! `/live?page=`: server-sent events for a page that is whole without them.
//!
//! One `WatchFlows` serves all who watch: it says only that the fold has moved. Whether a page has changed is asked in
//! the name of its own reader, and compared with what the page was drawn from.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{Query, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use chrono::NaiveDate;
use futures::Stream;
use http::HeaderMap;
use platform::Shutdown;
use proto::monitoring::{GetCorridorStepsRequest, WatchFlowsRequest, WatchFlowsResponse};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Params, day, fingerprint, home, param, placement, placements, round, rounds, season, visitor::Visitor};
use crate::{
    console::{problem::Kind, url},
    server::App,
    session::Session,
};

/// Streams of one session: tabs that somebody has open at once.
const STREAMS_MAX: usize = 4;
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often a stream looks whether its session still lasts.
const LOOK: Duration = Duration::from_secs(1);
/// A page is compared at most this often.
const PACE: Duration = Duration::from_secs(3);
/// Pause before a watch that ended is begun anew.
const AGAIN: Duration = Duration::from_secs(2);
/// Events that a slow reader may be behind.
const BEHIND: usize = 8;

/// All streams of this process.
#[derive(Default)]
pub(crate) struct Live {
    news: watch::Sender<WatchFlowsResponse>,
    watching: Arc<Mutex<Option<Instant>>>,
    /// Open streams by session.
    open: Arc<Mutex<HashMap<String, usize>>>,
    shutdown: Shutdown,
}

/// A place among a session's streams; given back when it is dropped.
struct Place {
    session: String,
    open: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.session);
            }
        }
    }
}

impl Live {
    /// Ends every stream.
    pub(crate) fn close(&self) {
        self.shutdown.trigger();
    }

    /// The programme's date, if somebody watches and it was told.
    pub(super) fn calendar(&self) -> Option<NaiveDate> {
        (self.news.receiver_count() > 0).then(|| day(&self.news.borrow().as_of)).flatten()
    }

    fn place(&self, session: String) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(session.clone()).or_default();
        if *count >= STREAMS_MAX {
            return None;
        }
        *count += 1;
        drop(open);
        Some(Place { session, open: self.open.clone() })
    }

    /// Watches in the name of this session, unless somebody does already.
    fn watch(&self, app: &Arc<App>, session: &Session) {
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        // Set = somebody watches, or the last watch ended just now.
        if watching.is_some_and(|until| until > Instant::now()) {
            return;
        }
        *watching = Some(Instant::now() + Duration::from_secs(86_400));
        drop(watching);
        let (app, session) = (app.clone(), session.clone());
        tokio::spawn(async move {
            if let Err(status) = follow(&app, &session).await {
                tracing::debug!(code = ?status.code(), "a watch of the flows ended");
            }
            let live = &app.pages.live;
            // The programme's date is known no more.
            live.news.send_if_modified(|news| {
                news.as_of.clear();
                false
            });
            *live.watching.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + AGAIN);
        });
    }
}

/// Passes news on until nobody listens, the watch ends, or the gateway does.
async fn follow(app: &Arc<App>, session: &Session) -> Result<(), Status> {
    let live = &app.pages.live;
    // The deadline of a call bounds its first answer; a watch goes on after it.
    let mut told = app.upstream.monitoring(session).watch_flows(WatchFlowsRequest {}).await?.into_inner();
    loop {
        let message = tokio::select! {
            message = told.message() => message?,
            () = live.news.closed() => return Ok(()),
            () = live.shutdown.wait() => return Ok(()),
        };
        let Some(message) = message else { return Ok(()) };
        live.news.send_replace(message);
    }
}

/// The key of a page: what it shows, and a fingerprint of what it was drawn from.
pub(super) fn key(parts: &[&str], drawn_from: &str) -> String {
    let parts: Vec<String> = parts.iter().map(|part| url::encode(part)).collect();
    format!("{}!{drawn_from}", parts.join(","))
}

fn parse(key: &str) -> Option<(Vec<String>, String)> {
    let (parts, drawn_from) = key.split_once('!')?;
    Some((parts.split(',').map(decode).collect(), drawn_from.to_owned()))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Opens a stream for a page.
pub(super) async fn stream(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(params): Query<Params>,
) -> Response {
    let Some((subject, drawn_from)) = parse(param(&params, "page")) else {
        return visitor.problem(Kind::NotFound, None);
    };
    let live = &app.pages.live;
    let Some(place) = live.place(visitor.session.key()) else {
        return visitor.problem(Kind::TooMany { seconds: HEARTBEAT.as_secs() }, None);
    };
    let (send, receive) = mpsc::channel(BEHIND);
    let news = live.news.subscribe();
    let reader = Reader { visitor, headers, subject, drawn_from, _place: place };
    tokio::spawn(reader.run(news, send));
    let events = Sse::new(events(receive)).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    let mut response = events.into_response();
    // A proxy that gathers before it passes on would make the stream useless.
    response.headers_mut().insert("x-accel-buffering", http::HeaderValue::from_static("no"));
    response
}

fn events(receive: mpsc::Receiver<Event>) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::StreamExt::map(ReceiverStream::new(receive), Ok)
}

/// One page that is watched.
struct Reader {
    visitor: Visitor,
    headers: HeaderMap,
    subject: Vec<String>,
    drawn_from: String,
    _place: Place,
}

impl Reader {
    async fn run(mut self, mut news: watch::Receiver<WatchFlowsResponse>, send: mpsc::Sender<Event>) {
        let app = self.visitor.app.clone();
        let live = &app.pages.live;
        // The fold may have moved between the drawing of the page and now.
        news.mark_changed();
        let (mut moved, mut compared) = (false, Instant::now().checked_sub(PACE));
        let mut looks = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                changed = news.changed() => moved |= changed.is_ok(),
                _ = looks.tick() => {
                    // A session that ended or was left ends its streams.
                    if app.sessions.current(&self.headers).is_none() {
                        return;
                    }
                    live.watch(&app, &self.visitor.session);
                }
                () = send.closed() => return,
                () = live.shutdown.wait() => return,
            }
            if moved && compared.is_none_or(|at| at.elapsed() >= PACE) {
                let position = news.borrow_and_update().events;
                (moved, compared) = (false, Some(Instant::now()));
                if self.tell(position, &send).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Compares the page with what it was drawn from and tells the difference; an error if nobody reads any more.
    async fn tell(&mut self, position: i64, send: &mpsc::Sender<Event>) -> Result<(), mpsc::error::SendError<Event>> {
        let (now, total) = match self.now().await {
            Ok(told) => told,
            Err(status) => {
                tracing::debug!(code = ?status.code(), "a page cannot be compared just now");
                return Ok(());
            }
        };
        if now == self.drawn_from {
            return Ok(());
        }
        self.drawn_from = now;
        // Before the first message of the watch no position is known.
        let event = |name: &str| match position {
            0 => Event::default().event(name),
            _ => Event::default().event(name).id(position.to_string()),
        };
        if let Some(total) = total {
            send.send(event("total").data(total.to_string())).await?;
        }
        send.send(event("changed").data("{}")).await
    }

    /// The fingerprint of the page as it would be drawn now, and its totals if it has any.
    async fn now(&self) -> Result<(String, Option<serde_json::Value>), Status> {
        let visitor = &self.visitor;
        let parts: Vec<&str> = self.subject.iter().map(String::as_str).collect();
        let print = match parts.as_slice() {
            ["home", season, corridor] => {
                let season = season::read(visitor, season).await?;
                let totals = home::totals(&season, corridor, visitor.words());
                return Ok((fingerprint(&season.flows), Some(totals)));
            }
            ["corridor", code, season] => {
                let mut monitoring = visitor.app.upstream.monitoring(&visitor.session);
                let (corridor_code, season_code) = ((*code).to_owned(), (*season).to_owned());
                let request = GetCorridorStepsRequest { corridor_code, season_code };
                fingerprint([&monitoring.get_corridor_steps(request).await?.into_inner()])
            }
            ["placement", id] => fingerprint(placement::read(visitor, id).await?.placement.iter()),
            ["placements", filter @ ..] => placements::print(visitor, filter).await?,
            ["rounds", after] => {
                let (_, token) = after.split_once('.').unwrap_or(("", ""));
                fingerprint(&rounds::read(visitor, token).await?.rounds)
            }
            ["round", id] => fingerprint([&round::read(visitor, id).await?]),
            _ => self.drawn_from.clone(),
        };
        Ok((print, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_as_it_went() {
        let key = key(&["placements", "CO-ES", "a,b!c%", ""], "00ff");
        assert_eq!(
            parse(&key),
            Some((["placements", "CO-ES", "a,b!c%", ""].map(str::to_owned).to_vec(), "00ff".to_owned()))
        );
        assert_eq!(parse("nonsense"), None);
    }

    #[tokio::test]
    async fn a_session_has_only_so_many_streams() {
        let live = Live::default();
        let places: Vec<_> = (0..STREAMS_MAX).map(|_| live.place("one".to_owned()).unwrap()).collect();
        assert!(live.place("one".to_owned()).is_none());
        assert!(live.place("other".to_owned()).is_some());
        drop(places);
        assert!(live.place("one".to_owned()).is_some());
    }
}
