//! A slow line: stands between a service and PostgreSQL, holds up whatever goes through, and can be cut and opened again. Not
//! for Kafka: a client of the broker goes round it, to the address that the broker tells.

use std::{net::SocketAddr, ops::RangeInclusive, time::Duration};

use platform::testing::Bench;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use secrecy::ExposeSecret;
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    task::JoinHandle,
    time::Instant,
};

/// For how many milliseconds a piece is held up; nothing if the line is cut.
type How = Option<RangeInclusive<u64>>;

const AT_ONCE: RangeInclusive<u64> = 0..=0;
/// Bytes of a piece, and how many may be under way in one direction of a connection.
const PIECE: usize = 16 << 10;
const PIECES: usize = 64;

pub(super) struct SlowLine {
    address: SocketAddr,
    how: watch::Sender<How>,
    listening: JoinHandle<()>,
}

impl SlowLine {
    /// To the PostgreSQL of a bench; it holds up nothing at first. How long it holds up which piece is drawn from the seed.
    pub(super) async fn to(bench: &Bench, seed: u64) -> Self {
        let server: PgConnectOptions = bench.postgres().parse().unwrap();
        let server = (server.get_host().to_owned(), server.get_port());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (how, seen) = watch::channel(Some(AT_ONCE));
        let listening = tokio::spawn(listen(listener, server, seed, seen));
        Self { address, how, listening }
    }

    /// URL of a service's database by this line.
    pub(super) async fn database(&self, bench: &Bench, service: &str) -> String {
        let config = bench.config(service).await;
        let direct: PgConnectOptions = config.database.url.expose_secret().parse().unwrap();
        direct.host(&self.address.ip().to_string()).port(self.address.port()).to_url_lossy().to_string()
    }

    /// Holds each piece up for so many milliseconds, one way and the other.
    pub(super) fn delay(&self, milliseconds: RangeInclusive<u64>) {
        self.how.send_replace(Some(milliseconds));
    }

    /// Ends every connection, with what is under way in it; a new one ends at once.
    pub(super) fn cut(&self) {
        self.how.send_replace(None);
    }

    /// As it was at first.
    pub(super) fn open(&self) {
        self.delay(AT_ONCE);
    }
}

impl Drop for SlowLine {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, server: (String, u16), seed: u64, how: watch::Receiver<How>) {
    for connection in 0.. {
        let Ok((near, _)) = listener.accept().await else { return };
        let is_open = how.borrow().is_some();
        if !is_open {
            continue;
        }
        // A server that is away refuses; here that is a connection which ends at once.
        let Ok(far) = TcpStream::connect((server.0.as_str(), server.1)).await else { continue };
        for stream in [&near, &far] {
            stream.set_nodelay(true).ok();
        }
        let ways = [2 * connection, 2 * connection + 1].map(|way| {
            let mut chance = ChaCha8Rng::seed_from_u64(seed);
            chance.set_stream(way);
            chance
        });
        tokio::spawn(carry((near, far), ways, how.clone()));
    }
}

/// Both ways, until one end goes or the line is cut.
async fn carry((near, far): (TcpStream, TcpStream), [there, back]: [ChaCha8Rng; 2], how: watch::Receiver<How>) {
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = forward((from_near, to_far), there, how.clone()) => {}
        () = forward((from_far, to_near), back, how.clone()) => {}
        () = cut(how) => {}
    }
}

/// One way. Every piece waits its own time, so that many are under way at once; none passes the one before it.
async fn forward(
    (mut from, mut to): (OwnedReadHalf, OwnedWriteHalf),
    mut chance: ChaCha8Rng,
    how: watch::Receiver<How>,
) {
    let (put, mut take) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES);
    let read = async move {
        let (mut due, mut piece) = (Instant::now(), vec![0; PIECE]);
        while let Ok(bytes @ 1..) = from.read(&mut piece).await {
            let held_up = how.borrow().clone().unwrap_or(AT_ONCE);
            due = due.max(Instant::now() + Duration::from_millis(chance.random_range(held_up)));
            if put.send((due, piece[..bytes].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((due, piece)) = take.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(read, write);
}

/// Until the line is cut, or nobody has it any more.
async fn cut(mut how: watch::Receiver<How>) {
    loop {
        let is_open = how.borrow_and_update().is_some();
        if !is_open || how.changed().await.is_err() {
            return;
        }
    }
}
