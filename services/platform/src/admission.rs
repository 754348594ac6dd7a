//! Connections that are let in: so many in all, so many of one peer, and none that says nothing for long.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::Stream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Instant, Sleep},
};
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::{config::LimitsConfig, fault};

/// After a fault of `accept` itself, such as no free file descriptor.
const REST: Duration = Duration::from_millis(100);

/// A listener with a door keeper.
pub struct Admission {
    listener: TcpListener,
    door: Door,
    silence: Duration,
    resting: Option<Pin<Box<Sleep>>>,
}

/// How many are inside.
#[derive(Clone)]
struct Door {
    total: usize,
    per_peer: usize,
    inside: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One that is inside; the place is free again when it is dropped.
struct Place {
    door: Door,
    peer: IpAddr,
}

impl Door {
    fn enter(&self, peer: IpAddr) -> Option<Place> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = inside.values().sum();
        let of_peer = inside.entry(peer).or_insert(0);
        let full = total >= self.total || *of_peer >= self.per_peer;
        if full && !fault::planted("everybody_is_let_in") {
            return None;
        }
        *of_peer += 1;
        Some(Place { door: self.clone(), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.door.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_peer) = inside.get_mut(&self.peer) {
            *of_peer -= 1;
            if *of_peer == 0 {
                inside.remove(&self.peer);
            }
        }
    }
}

impl Admission {
    /// Lets in as many as the limits say.
    #[must_use]
    pub fn new(listener: TcpListener, limits: &LimitsConfig) -> Self {
        let (total, per_peer) = (limits.connections, limits.connections_per_peer);
        // Silence that is borne for a year is borne for ever.
        let silence = if fault::planted("silence_is_borne") { 31_536_000 } else { limits.silence_s };
        let silence = Duration::from_secs(silence);
        Self { listener, door: Door { total, per_peer, inside: Arc::default() }, silence, resting: None }
    }

    fn poll_admit(&mut self, context: &mut Context<'_>) -> Poll<(Admitted, SocketAddr)> {
        loop {
            if let Some(rest) = &mut self.resting {
                ready!(rest.as_mut().poll(context));
                self.resting = None;
            }
            let (stream, peer) = match ready!(self.listener.poll_accept(context)) {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.resting = Some(Box::pin(tokio::time::sleep(REST)));
                    continue;
                }
            };
            let Some(place) = self.door.enter(peer.ip().to_canonical()) else {
                metrics::counter!("circula_connections_refused_total").increment(1);
                continue;
            };
            // Without this, small answers wait 40 ms for an acknowledgement that the other side delays.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection stays slow");
            }
            let (limit, silence) = (self.silence, Box::pin(tokio::time::sleep(self.silence)));
            return Poll::Ready((Admitted { stream, silence, limit, _place: place }, peer));
        }
    }
}

impl Stream for Admission {
    type Item = io::Result<Admitted>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_admit(context).map(|(admitted, _)| Some(Ok(admitted)))
    }
}

impl axum::serve::Listener for Admission {
    type Io = Admitted;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Admitted, SocketAddr) {
        std::future::poll_fn(|context| self.poll_admit(context)).await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that was let in.
pub struct Admitted {
    stream: TcpStream,
    silence: Pin<Box<Sleep>>,
    limit: Duration,
    _place: Place,
}

impl Admitted {
    fn moved(&mut self) {
        self.silence.as_mut().reset(Instant::now() + self.limit);
    }
}

impl Connected for Admitted {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Admitted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(outcome) => {
                self.moved();
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                ready!(self.silence.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl AsyncWrite for Admitted {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.moved();
        Poll::Ready(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, bytes));
        self.moved();
        Poll::Ready(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
