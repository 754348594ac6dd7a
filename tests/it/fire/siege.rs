//! Under siege, at the doors themselves: calls begun and reset without end, more calls than one connection or one peer may
//! have, connections that fall silent, and whatever may come to the gateway's door but a request.

use std::{
    io::{Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use platform::{
    Refused,
    testing::{Bench, eventually, request_id},
};
use proto::programme::{ListOrganisationsRequest, programme_service_client::ProgrammeServiceClient};
use tonic::{Code, transport::Channel};

use super::{Deed, limits::closed, users};
use crate::{
    attack::besiege,
    frames::{ENHANCE_YOUR_CALM, Frames, REFUSED_STREAM, Said},
    process::Process,
};

const CALL: &str = "/circula.programme.v1.ProgrammeService/ListOrganisations";
/// Calls that one connection may have open.
const STREAMS: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn a_rapid_reset_is_answered_with_goaway_and_a_good_caller_goes_on() {
    let bench = Bench::new(users()).await;
    let mut programme = Process::start(&bench, "programme").await;
    programme.channel().await;
    let good = from_elsewhere(&programme).await;
    Deed::Organisation.try_on(&bench, good.clone(), (1, &request_id())).await.unwrap();
    let rest = programme.memory();
    let mut number = 1;
    for _ in 0..5 {
        let mut attacker = Frames::connect(programme.address()).await;
        // All in one go, so that the door finds many calls that are over before it has taken them up.
        let flood: Vec<u8> = (0..4_000).flat_map(|_| attacker.call(CALL, None, true)).collect();
        // It may hang up before it has read all of it.
        attacker.write(&flood).await;
        let last = tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                match attacker.read().await {
                    Said::Else | Said::Reset(_) | Said::Pong => {}
                    last => return last,
                }
            }
        });
        let last = last.await.expect("the door sends him away");
        // What it said last may be lost with the connection on which bytes still came.
        assert!(matches!(last, Said::GoAway(ENHANCE_YOUR_CALM) | Said::Gone), "{last:?}");
        number += 1;
        Deed::Organisation.try_on(&bench, good.clone(), (number, &request_id())).await.unwrap();
    }
    let grown = programme.memory().saturating_sub(rest) / 1024;
    assert!(grown < 64, "{grown} MiB more");
    assert!(programme.is_running() && !programme.log().contains("panicked"), "{}", programme.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_one_connection_beyond_what_it_may_have_are_refused_and_other_connections_go_on() {
    let bench = Bench::new(users()).await;
    let programme = Process::start(&bench, "programme").await;
    let good = programme.channel().await;
    Deed::Organisation.try_on(&bench, good.clone(), (1, &request_id())).await.unwrap();
    let token = bench.issuer.token("operator").unwrap();
    let mut greedy = Frames::connect(programme.address()).await;
    // Their messages never come, so all of them stay open.
    let calls: Vec<u8> = (0..STREAMS + 36).flat_map(|_| greedy.call(CALL, Some(&token), false)).collect();
    assert!(greedy.write(&calls).await);
    let refused = async |greedy: &mut Frames, until: Said| {
        let mut refused = 0;
        while refused < 36 {
            match greedy.read().await {
                Said::Reset(REFUSED_STREAM) => refused += 1,
                Said::Else => {}
                said if said == until => break,
                said => panic!("{said:?} after {refused} refused calls"),
            }
        }
        refused
    };
    let answered = tokio::time::timeout(Duration::from_secs(20), refused(&mut greedy, Said::Gone));
    assert_eq!(answered.await.expect("those that are too many are refused"), 36);
    assert!(greedy.ping().await);
    assert_eq!(refused(&mut greedy, Said::Pong).await, 0, "and no others");
    Deed::Organisation.try_on(&bench, good, (2, &request_id())).await.unwrap();
}

/// A connection from another address of this machine, so that its limits are its own.
async fn from_elsewhere(to: &Process) -> Channel {
    let endpoint = Channel::from_shared(to.url.clone()).unwrap().local_address(Some(IpAddr::from([127, 0, 0, 2])));
    endpoint.connect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_with_calls_on_all_its_connections_gets_no_more_of_them_and_another_peer_is_served() {
    let bench = Bench::new(users()).await;
    let programme = Process::start_with(&bench, "programme", &[("CIRCULA__LIMITS__CALLS_PER_PEER", "8")]).await;
    let mut client = ProgrammeServiceClient::new(programme.channel().await);
    let good = from_elsewhere(&programme).await;
    let turned_away = async || programme.metric("circula_calls_turned_away_total").await.unwrap_or_default();
    let token = bench.issuer.token("operator").unwrap();
    let mut greedy = Vec::new();
    for _ in 0..4 {
        let mut connection = Frames::connect(programme.address()).await;
        // Their messages never come: those that are let in stay open, and the others are refused before they were read.
        let calls: Vec<u8> = (0..4).flat_map(|_| connection.call(CALL, Some(&token), false)).collect();
        assert!(connection.write(&calls).await);
        greedy.push(connection);
    }
    eventually("half of them are turned away", async || (turned_away().await >= 8.0).then_some(())).await;
    let mut asked = tonic::Request::new(ListOrganisationsRequest::default());
    asked.metadata_mut().insert("authorization", "Bearer not.a.token".parse().unwrap());
    // Nor is his token looked at.
    for call in [asked, bench.call("operator", ListOrganisationsRequest::default())] {
        let refused = client.list_organisations(call).await.unwrap_err();
        let reason = Refused::from_status(&refused).reason;
        assert_eq!((refused.code(), reason.as_str()), (Code::ResourceExhausted, "PEER_FULL"), "{refused}");
    }
    for number in 1..=20 {
        Deed::Organisation.try_on(&bench, good.clone(), (number, &request_id())).await.unwrap();
    }
    assert!(turned_away().await < 11.0, "the eight, the two and no others");
    drop(greedy);
    eventually("what he gave up is his again", async || {
        client.list_organisations(bench.call("operator", ListOrganisationsRequest::default())).await.ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_calls_faster_than_one_may_is_read_from_later_and_another_peer_is_served() {
    let bench = Bench::new(users()).await;
    let programme = Process::start_with(&bench, "programme", &[("CIRCULA__LIMITS__CALLS_PER_PEER_S", "5")]).await;
    let mut hasty = ProgrammeServiceClient::new(programme.channel().await);
    let good = from_elsewhere(&programme).await;
    let began = Instant::now();
    // Nobody knows him, so each call costs next to nothing.
    let hurrying = async {
        for _ in 0..30 {
            let refused = hasty.list_organisations(ListOrganisationsRequest::default()).await.unwrap_err();
            assert_eq!(refused.code(), Code::Unauthenticated, "{refused}");
        }
        began.elapsed()
    };
    let serving = async {
        for number in 1..=4 {
            Deed::Organisation.try_on(&bench, good.clone(), (number, &request_id())).await.unwrap();
        }
        began.elapsed()
    };
    let (hurried, served) = tokio::join!(hurrying, serving);
    // Five come at once.
    assert!(hurried >= Duration::from_secs(4), "thirty calls at five a second took {hurried:?}");
    assert!(served < hurried, "whoever does not hurry had to wait: {served:?}");
    hasty.list_organisations(bench.call("operator", ListOrganisationsRequest::default())).await.unwrap();
}

/// A name that a caller makes up would be kept for as long as the process lives.
#[tokio::test(flavor = "multi_thread")]
async fn methods_that_are_not_there_are_counted_under_one_name() {
    let bench = Bench::new(users()).await;
    let programme = Process::start(&bench, "programme").await;
    programme.channel().await;
    let mut stranger = Frames::connect(programme.address()).await;
    // Without a token: whoever asks for health needs none.
    let calls: Vec<u8> = (0..40)
        .flat_map(|number| stranger.call(&format!("/grpc.health.v1.Health/Made{number}"), None, false))
        .collect();
    assert!(stranger.write(&calls).await);
    let figures = eventually("they are counted", async || {
        let text = reqwest::get(format!("{}/metrics", programme.admin)).await.ok()?.text().await.ok()?;
        let count = |line: &str| line.contains("circula_call_seconds_count") && line.contains("method=\"none\"");
        text.lines().any(|line| count(line) && line.ends_with(" 40")).then_some(text)
    })
    .await;
    assert!(!figures.contains("Made"), "{figures}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_is_closed_and_one_that_says_something_is_kept() {
    let bench = Bench::new(users()).await;
    let programme = Process::start_with(&bench, "programme", &[("CIRCULA__LIMITS__SILENCE_S", "2")]).await;
    programme.channel().await;
    let began = Instant::now();
    let silent = TcpStream::connect(programme.address()).unwrap();
    let mut fell_silent = Frames::connect(programme.address()).await;
    let mut talks = Frames::connect(programme.address()).await;
    let closed = tokio::task::spawn_blocking(move || {
        silent.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // The door greets first.
        (&silent).read_to_end(&mut Vec::new()).is_ok()
    });
    let closed = async { closed.await.unwrap() };
    let talking = async {
        let mut moments = tokio::time::interval(Duration::from_millis(100));
        loop {
            moments.tick().await;
            if !talks.ping().await {
                return;
            }
            loop {
                match talks.read().await {
                    Said::Pong => break,
                    Said::Gone => return,
                    _ => {}
                }
            }
        }
    };
    tokio::select! {
        closed = closed => assert!(closed, "who never said anything is not borne"),
        () = talking => panic!("who talks was sent away"),
    }
    assert!(began.elapsed() >= Duration::from_millis(1_900), "after {:?}", began.elapsed());
    let gone = async { while !matches!(fell_silent.read().await, Said::Gone) {} };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("nor is who greeted and said no more");
}

/// Where the gateway is told the services' addresses.
const SERVICES: [&str; 6] = [
    "CIRCULA_GATEWAY__SERVICES__PROGRAMME",
    "CIRCULA_GATEWAY__SERVICES__DEMAND",
    "CIRCULA_GATEWAY__SERVICES__CANDIDATE",
    "CIRCULA_GATEWAY__SERVICES__MATCHING",
    "CIRCULA_GATEWAY__SERVICES__PLACEMENT",
    "CIRCULA_GATEWAY__SERVICES__MONITORING",
];

const NARROW: [(&str, &str); 2] =
    [("CIRCULA_GATEWAY__LIMITS__CONNECTIONS_PER_PEER", "64"), ("CIRCULA_GATEWAY__LIMITS__SILENCE_S", "3")];

/// A gateway in front of one service, and where it listens.
pub(super) async fn gateway(bench: &Bench, programme: &Process, settings: &[(&str, &str)]) -> (Process, SocketAddr) {
    let mut environment = settings.to_vec();
    // It asks for all addresses; what is asked here is `programme`'s.
    environment.extend(SERVICES.map(|setting| (setting, programme.url.as_str())));
    let gateway = Process::start_with(bench, "gateway", &environment).await;
    eventually("the gateway listens", async || gateway.log().contains("listening").then_some(())).await;
    let address = gateway.address();
    (gateway, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_half_open_and_garbled_connections_to_the_gateway_are_bounded_and_a_browser_is_served() {
    let bench = Bench::new(users()).await;
    let programme = Process::start(&bench, "programme").await;
    programme.channel().await;
    let (mut gateway, address) = gateway(&bench, &programme, &NARROW).await;
    let token = bench.issuer.token("operator").unwrap();
    let browser = reqwest::Client::new();
    let read = async || {
        let asked = browser.get(format!("http://{address}/v1/organisations")).bearer_auth(&token);
        asked.timeout(Duration::from_secs(10)).send().await.map(|answer| answer.status().as_u16())
    };
    assert_eq!(read().await.unwrap(), 200);
    let rest = gateway.memory();
    let mut open = tokio::task::spawn_blocking(move || besiege(address, 400)).await.unwrap();
    for _ in 0..40 {
        assert_eq!(read().await.unwrap(), 200, "a good caller is served meanwhile");
    }
    eventually("all but those that one peer may have are closed", async || {
        let still = open.iter().filter(|stream| !closed(stream)).count();
        (still <= 64).then_some(())
    })
    .await;
    eventually("the silent ones are sent away too", async || {
        open.retain(|stream| !closed(stream));
        open.is_empty().then_some(())
    })
    .await;
    assert_eq!(read().await.unwrap(), 200);
    let grown = gateway.memory().saturating_sub(rest) / 1024;
    assert!(grown < 64, "{grown} MiB more");
    assert!(gateway.is_running() && !gateway.log().contains("panicked"), "{}", gateway.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_end_do_not_keep_a_connection_to_the_gateway() {
    let bench = Bench::new(users()).await;
    let programme = Process::start(&bench, "programme").await;
    programme.channel().await;
    let (gateway, address) = gateway(&bench, &programme, &NARROW).await;
    let rest = gateway.memory();
    let ended = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").unwrap();
        for number in 0..1_000_000 {
            if stream.write_all(format!("X-{number}: slow\r\n").as_bytes()).is_err() {
                return true;
            }
        }
        false
    });
    assert!(ended.await.unwrap(), "it is cut off long before 16 MB of headers");
    let grown = gateway.memory().saturating_sub(rest) / 1024;
    assert!(grown < 16, "{grown} MiB more");
}
