//! At the gateway's gate: bodies that never end keep places of their own peer's share, and for no longer than a body may take; whoever
//! hurries is read from later.

use std::{
    io::{Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use platform::testing::{Bench, eventually};
use reqwest::{Client, Response};

use super::{siege::gateway, users};
use crate::{
    attack::stranger,
    frames::{Frames, Said},
    process::Process,
};

/// Who sends slow bodies over HTTP/1.1 is at the second address, over HTTP/2 at the first.
const ADDRESSES: [[u8; 4]; 2] = [[127, 0, 0, 1], [127, 0, 0, 2]];
/// How long a body may take that goes on coming: whole seconds.
const BODY: Duration = Duration::from_secs(2);

/// A house of one service with a gateway, and a browser at each of the two addresses.
struct Gate {
    bench: Bench,
    _programme: Process,
    gateway: Process,
    address: SocketAddr,
    browsers: [Client; 2],
}

impl Gate {
    async fn start(settings: &[(&str, &str)]) -> Self {
        let bench = Bench::new(users()).await;
        let programme = Process::start(&bench, "programme").await;
        programme.channel().await;
        let (gateway, address) = gateway(&bench, &programme, settings).await;
        let browsers = ADDRESSES.map(|from| Client::builder().local_address(IpAddr::from(from)).build().unwrap());
        Self { bench, _programme: programme, gateway, address, browsers }
    }

    /// The answer of a call by a browser.
    async fn call(&self, browser: &Client) -> Response {
        let token = self.bench.issuer.token("operator").unwrap();
        let asked = browser.get(format!("http://{}/v1/organisations", self.address)).bearer_auth(token);
        asked.timeout(Duration::from_secs(10)).send().await.unwrap()
    }

    async fn is_served(&self, browser: &Client) -> bool {
        self.call(browser).await.status() == 200
    }
}

/// A request from the second address, of whose body nothing has come yet.
fn begin(address: SocketAddr, path: &str, headers: &str) -> TcpStream {
    let mut stream = stranger(address).unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 100000\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_nonblocking(true).unwrap();
    stream
}

/// The status of its answer, once there is one.
fn status(stream: &TcpStream) -> Option<u16> {
    let mut line = [0; "HTTP/1.1 200".len()];
    let there = stream.peek(&mut line).ok()?;
    std::str::from_utf8(&line[..there]).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_never_end_fill_the_share_of_their_own_peer_and_a_browser_elsewhere_is_served() {
    let settings = [("CIRCULA_GATEWAY__LIMITS__CALLS_PER_PEER", "8"), ("CIRCULA_GATEWAY__BODY_S", "120")];
    let gate = Gate::start(&settings).await;
    let [browser, neighbour] = &gate.browsers;
    assert!(gate.is_served(browser).await && gate.is_served(neighbour).await);
    let address = gate.address;
    let begun = move || (0..40).map(|_| begin(address, "/sign-in", "")).collect::<Vec<_>>();
    let slow = tokio::task::spawn_blocking(begun).await.unwrap();
    let turned_away = || slow.iter().filter(|stream| status(stream) == Some(429)).count();
    eventually("all but eight are turned away", async || (turned_away() == 32).then_some(())).await;
    for _ in 0..20 {
        assert!(gate.is_served(browser).await);
    }
    let call = gate.call(neighbour).await;
    assert_eq!((call.status().as_u16(), call.headers()["retry-after"].to_str().unwrap()), (429, "1"));
    let told = call.text().await.unwrap();
    assert!(told.contains("\"PEER_FULL\""), "{told}");
    let page = neighbour.get(format!("http://{address}/accessibility")).header("accept-language", "fr").send();
    let page = page.await.unwrap();
    assert_eq!(page.status(), 429);
    let told = page.text().await.unwrap();
    assert!(told.contains("Trop de demandes sont en cours depuis votre adresse"), "{told}");
    let unanswered = slow.iter().filter(|stream| status(stream).is_none()).count();
    assert_eq!((turned_away(), unanswered), (32, 8), "and the eight are still there");
    drop(slow);
    eventually("what he gave up is his again", async || gate.is_served(neighbour).await.then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_faster_than_one_may_is_read_from_later_and_a_browser_elsewhere_is_served() {
    let gate = Gate::start(&[("CIRCULA_GATEWAY__LIMITS__CALLS_PER_PEER_S", "5")]).await;
    let [browser, hasty] = &gate.browsers;
    let began = Instant::now();
    let hurrying = async {
        for _ in 0..30 {
            // Nobody knows him, and all of it goes over one connection.
            let refused = hasty.get(format!("http://{}/v1/organisations", gate.address)).send().await.unwrap();
            assert_eq!(refused.status(), 401);
            refused.bytes().await.unwrap();
        }
        began.elapsed()
    };
    let serving = async {
        for _ in 0..4 {
            assert!(gate.is_served(browser).await);
        }
        began.elapsed()
    };
    let (hurried, served) = tokio::join!(hurrying, serving);
    // Five come at once.
    assert!(hurried >= Duration::from_secs(4), "thirty requests at five a second took {hurried:?}");
    assert!(served < hurried, "whoever does not hurry had to wait: {served:?}");
    assert!(gate.is_served(hasty).await);
}

/// Of two at once one has the only place, so that the other is turned away.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_byte_by_byte_keeps_its_place_no_longer_than_it_may_take() {
    let seconds = BODY.as_secs().to_string();
    let settings = [("CIRCULA_GATEWAY__LIMITS__CALLS_PER_PEER", "1"), ("CIRCULA_GATEWAY__BODY_S", seconds.as_str())];
    let gate = Gate::start(&settings).await;
    let [_, neighbour] = &gate.browsers;
    let token = gate.bench.issuer.token("operator").unwrap();
    let json = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    for (path, headers, told) in [
        ("/sign-in", "Accept-Language: es\r\n", "El formulario no llegó a tiempo."),
        ("/v1/organisations", json.as_str(), "\"BODY_LATE\""),
    ] {
        eventually("nobody is inside", async || gate.is_served(neighbour).await.then_some(())).await;
        let began = Instant::now();
        let mut slow = [(); 2].map(|()| begin(gate.address, path, headers));
        let (mut last, mut pause) = (began, Duration::ZERO);
        eventually("one is turned away, and the other when its time is over", async || {
            for stream in &mut slow {
                if status(stream).is_none() && stream.write_all(b"x").is_ok() {
                    pause = pause.max(last.elapsed());
                    last = Instant::now();
                }
            }
            let has = |wanted| slow.iter().any(|stream| status(stream) == Some(wanted));
            (has(429) && has(408)).then_some(())
        })
        .await;
        assert!(began.elapsed() >= Duration::from_millis(1_900), "{path}: after {:?}", began.elapsed());
        let pause = pause.max(last.elapsed());
        assert!(pause < BODY, "{path}: nothing of its body came for {pause:?}, which alone would be too long");
        let late = slow.iter_mut().find(|stream| status(stream) == Some(408)).unwrap();
        late.set_nonblocking(false).unwrap();
        late.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut answer = Vec::new();
        // A byte that was on its way when the door hung up may end the reading, after the answer.
        late.read_to_end(&mut answer).ok();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.contains(told), "{path}: {answer}");
        eventually("its place is free", async || gate.is_served(neighbour).await.then_some(())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_one_connection_fill_the_share_of_their_own_peer_and_leave_it_again() {
    let settings = [("CIRCULA_GATEWAY__LIMITS__CALLS_PER_PEER", "8"), ("CIRCULA_GATEWAY__BODY_S", "5")];
    let gate = Gate::start(&settings).await;
    let [neighbour, browser] = &gate.browsers;
    let mut greedy = Frames::connect(gate.address).await;
    let forms: Vec<u8> = (0..40).flat_map(|_| greedy.call("/sign-in", None, false)).collect();
    assert!(greedy.write(&forms).await);
    let turned_away = async || gate.gateway.metric("circula_calls_turned_away_total").await.unwrap_or_default();
    eventually("all but eight are turned away", async || (turned_away().await >= 32.0).then_some(())).await;
    for _ in 0..20 {
        assert!(gate.is_served(browser).await);
    }
    assert_eq!(gate.call(neighbour).await.status(), 429, "his other connections have no share of their own");
    eventually("his time is over", async || gate.is_served(neighbour).await.then_some(())).await;
    assert!(greedy.ping().await, "the connection is kept");
    loop {
        match greedy.read().await {
            Said::Pong => break,
            said @ (Said::GoAway(_) | Said::Gone) => panic!("{said:?}, so the connection gave the places back"),
            Said::Reset(_) | Said::Else => {}
        }
    }
}
