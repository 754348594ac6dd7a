//! HTTP/2 by hand, frame by frame: what a client that keeps to the rules would never let out (RFC 9113, RFC 7541).

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;
/// Reasons, as they travel.
pub(crate) const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

/// What the other side says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It ends the connection, for this reason.
    GoAway(u32),
    /// It ends a stream, for this reason.
    Reset(u32),
    /// It answers a ping.
    Pong,
    Else,
    /// The connection is closed.
    Gone,
}

/// A connection whose greeting was sent.
pub(crate) struct Frames {
    stream: TcpStream,
    authority: String,
    /// How long its calls may take, as they say it.
    timeout: Option<&'static str>,
    next: u32,
}

impl Frames {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut greeting = PREFACE.to_vec();
        greeting.extend(frame(SETTINGS, 0, 0, &[]));
        stream.write_all(&greeting).await.unwrap();
        Self { stream, authority: address.to_string(), timeout: None, next: 1 }
    }

    /// The same, and its calls say that they may take so long, such as `2S`.
    pub(crate) fn with_timeout(self, timeout: &'static str) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Begins a call whose message never comes; `reset` takes it back at once. Answers its frames.
    pub(crate) fn call(&mut self, path: &str, token: Option<&str>, reset: bool) -> Vec<u8> {
        // POST and http of the static table; then names of the table, or in full, with their values.
        let mut block = vec![0x83, 0x86];
        for (name, value) in [(4, path), (1, &self.authority), (31, "application/grpc")] {
            integer(&mut block, 0, 4, name);
            text(&mut block, value);
        }
        if let Some(token) = token {
            integer(&mut block, 0, 4, 23);
            text(&mut block, &format!("Bearer {token}"));
        }
        let timeout = self.timeout.map(|timeout| ("grpc-timeout", timeout));
        for (name, value) in [("te", "trailers")].into_iter().chain(timeout) {
            block.push(0);
            text(&mut block, name);
            text(&mut block, value);
        }
        let id = self.next;
        self.next += 2;
        let mut bytes = frame(HEADERS, END_HEADERS, id, &block);
        if reset {
            bytes.extend(frame(RST_STREAM, 0, id, &CANCEL.to_be_bytes()));
        }
        bytes
    }

    /// False if the other side takes no more.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    pub(crate) async fn ping(&mut self) -> bool {
        self.write(&frame(PING, 0, 0, b"are you?")).await
    }

    /// The next frame.
    pub(crate) async fn read(&mut self) -> Said {
        let mut head = [0; 9];
        if self.stream.read_exact(&mut head).await.is_err() {
            return Said::Gone;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        if self.stream.read_exact(&mut payload).await.is_err() {
            return Said::Gone;
        }
        let number = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
        match (head[3], head[4] & ACK) {
            (GOAWAY, _) => Said::GoAway(number(4)),
            (RST_STREAM, _) => Said::Reset(number(0)),
            (PING, ACK) => Said::Pong,
            (PING, _) => {
                self.write(&frame(PING, ACK, 0, &payload)).await;
                Said::Else
            }
            (SETTINGS, 0) => {
                self.write(&frame(SETTINGS, ACK, 0, &[])).await;
                Said::Else
            }
            _ => Said::Else,
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A number behind the first bits of a byte, in `bits` bits if it fits.
fn integer(block: &mut Vec<u8>, first: u8, bits: u32, value: usize) {
    let most = (1_usize << bits) - 1;
    if value < most {
        block.push(first | u8::try_from(value).unwrap());
        return;
    }
    block.push(first | u8::try_from(most).unwrap());
    let mut rest = value - most;
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    block.push(u8::try_from(rest).unwrap());
}

fn text(block: &mut Vec<u8>, value: &str) {
    integer(block, 0, 7, value.len());
    block.extend(value.as_bytes());
}
