//! What is let in: so many connections in all, so many of one peer, and none that says nothing for long. Calls go through a
//! door of the same kind.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
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
use tonic::{
    Code,
    transport::server::{Connected, TcpConnectInfo},
};

use crate::{config::LimitsConfig, fault, pace::Paces, refusal::Refused};

/// After a fault of `accept` itself, such as no free file descriptor.
const REST: Duration = Duration::from_millis(100);

/// A listener with a door keeper.
pub struct Admission {
    listener: TcpListener,
    door: Door,
    paces: Paces,
    silence: Duration,
    resting: Option<Pin<Box<Sleep>>>,
}

/// Lets in so many at once, and so many of one peer.
#[derive(Clone)]
pub struct Door {
    total: usize,
    per_peer: usize,
    inside: Arc<Mutex<Inside>>,
}

/// How many are inside.
#[derive(Default)]
struct Inside {
    all: usize,
    /// Of each peer of whom somebody is, by [`counted`].
    of: HashMap<IpAddr, usize>,
}

/// One that is inside; the place is free again when it is dropped.
pub struct Place {
    door: Door,
    peer: IpAddr,
}

/// Why one more is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// There are as many of this peer as there may be.
    Peer,
    /// There are as many as there may be.
    House,
}

/// Whoever is at the other end of a connection, beside each request that comes over it: as `ConnectInfo<Peer>` of a router
/// that axum serves behind an [`Admission`].
#[derive(Clone)]
pub struct Peer {
    pub address: IpAddr,
    paces: Paces,
}

impl Peer {
    /// A request of his began: it counts for how fast he is read from.
    pub fn began(&self) {
        self.paces.began(self.address, Instant::now());
    }
}

impl axum::extract::connect_info::Connected<axum::serve::IncomingStream<'_, Admission>> for Peer {
    fn connect_info(stream: axum::serve::IncomingStream<'_, Admission>) -> Self {
        Self { address: stream.remote_addr().ip(), paces: stream.io().paces.clone() }
    }
}

/// What is told whoever finds [`Full::Peer`].
#[must_use]
pub fn peer_full() -> Refused {
    let message = "the service works on as many calls from your IPv4 address, or from the /64 of your IPv6 address, as one caller may have";
    Refused::new(Code::ResourceExhausted, "PEER_FULL", message)
        .mend("wait until some of them are answered, then send the same request again")
}

impl Door {
    /// Room for so many at once, and for so many of one peer.
    #[must_use]
    pub fn new(total: usize, per_peer: usize) -> Self {
        Self { total, per_peer, inside: Arc::default() }
    }

    /// A peer is an IPv4 address, or all addresses of IPv6 with the same first 64 bits.
    ///
    /// # Errors
    /// If there is no place for one more.
    pub fn enter(&self, peer: IpAddr) -> Result<Place, Full> {
        let peer = counted(peer);
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = inside.of.get(&peer).copied().unwrap_or_default();
        if of_peer >= self.per_peer {
            return Err(Full::Peer);
        }
        if inside.all >= self.total {
            return Err(Full::House);
        }
        inside.all += 1;
        inside.of.insert(peer, of_peer + 1);
        Ok(Place { door: self.clone(), peer })
    }
}

/// As whom an address is counted: one of IPv6 by its first 64 bits, for the others are the host's own choice (RFC 4291, 2.5.1),
/// and whoever had an allowance for each of 2^64 addresses would have no limit. An IPv4 address is itself, also where IPv6
/// carries it.
pub(crate) fn counted(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(peer) => IpAddr::V6(Ipv6Addr::from_bits(peer.to_bits() & (u128::MAX << 64))),
        peer @ IpAddr::V4(_) => peer,
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.door.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.all -= 1;
        if let Some(of_peer) = inside.of.get_mut(&self.peer) {
            *of_peer -= 1;
            if *of_peer == 0 {
                inside.of.remove(&self.peer);
            }
        }
    }
}

impl Admission {
    /// Lets in as many as the limits say.
    #[must_use]
    pub fn new(listener: TcpListener, limits: &LimitsConfig) -> Self {
        let everybody = fault::planted("everybody_is_let_in");
        let of = |limit| if everybody { usize::MAX } else { limit };
        let door = Door::new(of(limits.connections), of(limits.connections_per_peer));
        // Silence that is borne for a year is borne for ever.
        let silence = if fault::planted("silence_is_borne") { 31_536_000 } else { limits.silence_s };
        let silence = Duration::from_secs(silence);
        let unpaced = fault::planted("peer_sets_the_pace");
        let paces = Paces::new(if unpaced { u32::MAX } else { limits.calls_per_peer_s });
        Self { listener, door, paces, silence, resting: None }
    }

    /// How fast each peer is. What is to be counted as its calls tells it.
    pub(crate) fn paces(&self) -> Paces {
        self.paces.clone()
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
            let Ok(place) = self.door.enter(peer.ip()) else {
                metrics::counter!("circula_connections_refused_total").increment(1);
                continue;
            };
            // Without this, small answers wait 40 ms for an acknowledgement that the other side delays.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection stays slow");
            }
            let (limit, silence, paces) = (self.silence, Box::pin(tokio::time::sleep(self.silence)), self.paces());
            let now = Instant::now();
            // Or each call would come over a connection of its own.
            paces.connected(peer.ip(), now);
            let admitted = Admitted { stream, paces, pause: None, moved: now, silence, limit, place };
            return Poll::Ready((admitted, peer));
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
    paces: Paces,
    /// While the peer is too far ahead.
    pause: Option<Pin<Box<Sleep>>>,
    /// When something was last read or written.
    moved: Instant,
    silence: Pin<Box<Sleep>>,
    limit: Duration,
    place: Place,
}

impl Admitted {
    fn moved(&mut self) {
        self.moved = Instant::now();
    }

    /// Ready once the peer may be read from.
    fn poll_pace(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            match self.paces.ahead(self.place.peer, Instant::now()) {
                None => return Poll::Ready(()),
                Some(again) => self.pause = Some(Box::pin(tokio::time::sleep_until(again))),
            }
        }
    }

    /// Ready once nothing has moved for too long. The timer is set anew only when it is over: to do it at every piece that is
    /// read would be work that whoever sends many small ones makes for all.
    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.silence.as_mut().poll(context));
            let until = self.moved + self.limit;
            if until <= Instant::now() {
                return Poll::Ready(());
            }
            self.silence.as_mut().reset(until);
        }
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
        ready!(self.poll_pace(context));
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(outcome) => {
                self.moved();
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                ready!(self.poll_silence(context));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_fills_its_own_share_and_a_place_is_free_again_when_it_is_left() {
        let door = Door::new(3, 2);
        let [greedy, good, late] = [1, 2, 3].map(|last| IpAddr::from([127, 0, 0, last]));
        let first = door.enter(greedy).ok();
        let _second = door.enter(greedy).ok();
        assert_eq!(door.enter(greedy).err(), Some(Full::Peer));
        let _third = door.enter(good).ok();
        assert_eq!(door.enter(late).err(), Some(Full::House));
        drop(first);
        assert!(door.enter(late).is_ok());
        assert_eq!(door.inside.lock().unwrap().of.len(), 2, "whoever has left, or was not let in, is not remembered");
    }

    #[test]
    fn whoever_has_many_addresses_of_ipv6_is_one_peer_and_an_ipv4_address_in_ipv6_is_itself() {
        let full = |first: &str, second: &str| {
            let door = Door::new(3, 1);
            let _first = door.enter(first.parse().unwrap()).ok();
            door.enter(second.parse().unwrap()).err()
        };
        for (first, second, same) in [
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            assert_eq!(full(first, second), same.then_some(Full::Peer), "{first} and {second}");
        }
    }
}
