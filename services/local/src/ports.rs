//! Ports on loopback that nobody uses.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};

/// Below the range from which the system gives ports to outgoing connections. A port from that range may be taken by
/// any client between two starts; a client that knocks at a stopped server there can even end up talking to itself.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

/// Returns a port on which nothing listens, and not the same one twice in a row.
pub(crate) fn free() -> Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Processes that start side by side begin at different places; the factor spreads neighbouring ids.
    let begin = std::process::id().wrapping_mul(97);
    (0..COUNT)
        .map(|_| begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT + FIRST)
        .filter_map(|port| u16::try_from(port).ok())
        .find(|port| is_free(*port))
        .with_context(|| {
            format!("no free port on 127.0.0.1 from {FIRST} on: are connections to loopback allowed here?")
        })
}

/// Returns the port written in `file` if it is still free, so that clients find a restarted server where it was.
pub(crate) fn remembered(file: &Path) -> Result<u16> {
    let before = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok());
    match before.filter(|port| is_free(*port)) {
        Some(port) => Ok(port),
        None => free(),
    }
}

/// Writes `port` for the next start.
pub(crate) fn remember(file: &Path, port: u16) -> Result<()> {
    std::fs::write(file, port.to_string()).with_context(|| format!("cannot write {}", file.display()))
}

/// Returns whether nothing listens on `port`.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
