//! Callers who mean harm: connections that say nothing, half a greeting or garbage.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// A connection from another address of this machine, so that its limits are its own.
pub(crate) fn stranger(address: SocketAddr) -> Option<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).ok()?;
    let local: SocketAddr = ([127, 0, 0, 2], 0).into();
    socket.bind(&local.into()).ok()?;
    socket.connect_timeout(&address.into(), Duration::from_secs(2)).ok()?;
    Some(socket.into())
}

/// Opens so many connections and keeps them: silent, half-open, garbled, slow.
pub(crate) fn besiege(address: SocketAddr, many: usize) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for number in 0..many {
        let Some(mut stream) = stranger(address) else { continue };
        match number % 4 {
            // A TLS greeting where none is spoken.
            0 => drop(stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03garbage")),
            // A preface that never ends.
            1 => drop(stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM")),
            2 => drop(stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")),
            _ => {}
        }
        open.push(stream);
    }
    open
}
