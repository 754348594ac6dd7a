//! Callers who mean harm: connections that say nothing, half a greeting or garbage, and streams that are reset at once.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// A connection from another address of this machine, so that its limits are its own.
fn stranger(address: SocketAddr) -> Option<TcpStream> {
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

/// Begins calls over one connection and resets each at once, until the other side closes it or there were `many`; answers
/// how many. Those that the client still holds back when they are reset never leave it.
pub(crate) async fn rapid_reset(address: SocketAddr, many: usize) -> usize {
    let Ok(stream) = tokio::net::TcpStream::connect(address).await else { return 0 };
    let Ok((mut attacker, connection)) = h2::client::handshake(stream).await else { return 0 };
    let gone = tokio::spawn(connection);
    let mut sent = 0;
    for _ in 0..many {
        let Ok(ready) = attacker.clone().ready().await else { break };
        attacker = ready;
        let uri = format!("http://{address}/circula.programme.v1.ProgrammeService/ListOrganisations");
        let request = http::Request::post(uri).header("content-type", "application/grpc").body(());
        let request = request.expect("an address makes a request");
        let Ok((_, mut body)) = attacker.send_request(request, false) else { break };
        body.send_reset(h2::Reason::CANCEL);
        sent += 1;
    }
    drop(attacker);
    tokio::time::timeout(Duration::from_secs(20), gone).await.ok();
    sent
}
