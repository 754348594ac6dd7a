//! Limits: what is too large, too much, too slow or no protocol at all is turned away, and others do not notice.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use platform::{
    Refused,
    testing::{Bench, eventually, request_id},
};
use proto::{
    operation::{DiscardParkedEventRequest, operation_service_client::OperationServiceClient},
    placement::{BatchMovePlacementsRequest, Move, placement_service_client::PlacementServiceClient},
    programme::{ListOrganisationsRequest, programme_service_client::ProgrammeServiceClient},
};
use tonic::{Code, metadata::MetadataValue, transport::Channel};

use super::{Deed, registration, siege::gateway, users};
use crate::{
    attack::besiege,
    frames::{Frames, Said},
    process::Process,
};

/// MiB by which a service may grow under attack.
const GROWTH: u64 = 64;

async fn service(name: &str) -> (Bench, Process, Channel) {
    let bench = Bench::new(users()).await;
    let process = Process::start(&bench, name).await;
    let channel = process.channel().await;
    (bench, process, channel)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_a_header_or_a_batch_that_is_too_large_is_refused_and_the_next_call_is_served() {
    let (bench, programme, channel) = service("programme").await;
    let mut client = ProgrammeServiceClient::new(channel.clone());
    let mut large = registration(1, &request_id());
    large.name = "x".repeat(2 << 20);
    let refused = client.register_organisation(bench.call("operator", large)).await.unwrap_err();
    assert!(matches!(refused.code(), Code::OutOfRange | Code::ResourceExhausted), "{refused}");

    // What every service has beside its own calls is behind the same limit.
    let large = DiscardParkedEventRequest { reason: "x".repeat(2 << 20), ..DiscardParkedEventRequest::default() };
    let mut operation = OperationServiceClient::new(channel);
    let refused = operation.discard_parked_event(bench.call("operator", large)).await.unwrap_err();
    assert!(matches!(refused.code(), Code::OutOfRange | Code::ResourceExhausted), "{refused}");

    let mut call = bench.call("operator", ListOrganisationsRequest::default());
    let long: MetadataValue<_> = "y".repeat(40_000).parse().unwrap();
    call.metadata_mut().insert("x-long", long);
    client.list_organisations(call).await.unwrap_err();
    Deed::Organisation.try_on(&bench, programme.channel().await, (2, &request_id())).await.unwrap();

    let (bench, _placement, channel) = service("placement").await;
    let moves = vec![Move::default(); 1_001];
    let request = BatchMovePlacementsRequest { moves, ..BatchMovePlacementsRequest::default() };
    let refused =
        PlacementServiceClient::new(channel).batch_move_placements(bench.call("operator", request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    assert!(refused.message().contains("1000") || refused.message().contains("1,000"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_role_is_told_nothing() {
    let mut users = users();
    users.push(platform::testing::user("passer-by", uuid::Uuid::now_v7(), &[]));
    let bench = Bench::new(users).await;
    let programme = Process::start(&bench, "programme").await;
    let mut client = ProgrammeServiceClient::new(programme.channel().await);
    let call = || ListOrganisationsRequest::default();
    let refused = client.list_organisations(bench.call("passer-by", call())).await.unwrap_err();
    assert_eq!(
        (refused.code(), Refused::from_status(&refused).reason.as_str()),
        (Code::PermissionDenied, "ROLE_NEEDED")
    );
    client.list_organisations(bench.call("operator", call())).await.expect("everybody with a role may read it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_is_kept_and_says_that_the_call_may_still_take_effect() {
    let (bench, _programme, channel) = service("programme").await;
    let mut lock = super::database(&bench, "programme").await;
    sqlx::raw_sql("BEGIN; LOCK TABLE organisation IN ACCESS EXCLUSIVE MODE").execute(&mut lock).await.unwrap();
    let id = request_id();
    let mut call = bench.call("operator", registration(1, &id));
    call.metadata_mut().insert("grpc-timeout", MetadataValue::from_static("300m"));
    let late = ProgrammeServiceClient::new(channel.clone()).register_organisation(call).await.unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded);
    assert_eq!(Refused::from_status(&late).reason, "DEADLINE");
    sqlx::raw_sql("ROLLBACK").execute(&mut lock).await.unwrap();
    Deed::Organisation.try_on(&bench, channel, (1, &id)).await.unwrap();
    assert_eq!(Deed::Organisation.done(&bench).await, 1, "it took effect once");
}

/// Of two calls at once one has the only place, so that the other is turned away.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_never_comes_holds_a_place_no_longer_than_its_call_may_take() {
    let bench = Bench::new(users()).await;
    let programme = Process::start_with(&bench, "programme", &[("CIRCULA__LIMITS__CALLS_PER_PEER", "1")]).await;
    let mut client = ProgrammeServiceClient::new(programme.channel().await);
    let token = bench.issuer.token("operator").unwrap();
    let turned_away = async || programme.metric("circula_calls_turned_away_total").await.unwrap_or_default();
    for (path, token) in [
        ("/grpc.health.v1.Health/Check", None),
        ("/circula.programme.v1.ProgrammeService/ListOrganisations", Some(token.as_str())),
    ] {
        let before = turned_away().await;
        let mut silent = Frames::connect(programme.address()).await.with_timeout("2S");
        let calls: Vec<u8> = (0..2).flat_map(|_| silent.call(path, token, false)).collect();
        assert!(silent.write(&calls).await);
        eventually("the place is taken", async || (turned_away().await > before).then_some(())).await;
        eventually("the place is free", async || {
            client.list_organisations(bench.call("operator", ListOrganisationsRequest::default())).await.ok()
        })
        .await;
        assert!(silent.ping().await, "{path}: the connection is kept");
        loop {
            match silent.read().await {
                Said::Pong => break,
                said @ (Said::GoAway(_) | Said::Gone) => {
                    panic!("{path}: {said:?}, so the connection gave the place back")
                }
                Said::Reset(_) | Said::Else => {}
            }
        }
    }
}

/// Who knows no keys yet asks the issuer once for all who wait, and nobody waits longer than his own call may take.
#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_hangs_holds_up_nobody_for_longer_than_one_look_at_it() {
    let bench = Bench::new(users()).await;
    let hanging = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks.json", hanging.local_addr().unwrap());
    let programme = Process::start_with(&bench, "programme", &[("CIRCULA__IDENTITY__JWKS_URL", url.as_str())]).await;
    let channel = programme.channel().await;
    let (gateway, address) = gateway(&bench, &programme, &[("CIRCULA__IDENTITY__JWKS_URL", url.as_str())]).await;
    let started = std::time::Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for number in 0..20 {
        let mut client = ProgrammeServiceClient::new(channel.clone());
        let mut call = bench.call("operator", ListOrganisationsRequest::default());
        if number == 0 {
            call.metadata_mut().insert("grpc-timeout", MetadataValue::from_static("500m"));
        }
        callers.spawn(async move { (number, client.list_organisations(call).await.unwrap_err(), started.elapsed()) });
    }
    for (number, refused, after) in callers.join_all().await {
        let reason = Refused::from_status(&refused).reason;
        let (wanted, within) = if number == 0 { ("DEADLINE", 4) } else { ("BUSY", 15) };
        assert_eq!(reason, wanted, "{refused}");
        assert!(after.as_secs() < within, "caller {number} waited for {after:?}");
    }
    let asked = reqwest::Client::new().get(format!("http://{address}/v1/organisations"));
    let refused = asked.bearer_auth(bench.issuer.token("operator").unwrap()).send().await.unwrap();
    assert_eq!(refused.status(), 503);
    for process in [&programme, &gateway] {
        let (status, says) = process.ready().await.expect("it says how it is");
        assert!(status == 200 && says.contains("waiting for the issuer"), "{status} {says}");
    }
    answering(hanging);
    for process in [&programme, &gateway] {
        eventually("the issuer is back, without any call", async || {
            process.ready().await.filter(|(_, says)| says == "ready").map(drop)
        })
        .await;
    }
}

/// From now on it gives its keys, of which there are none.
fn answering(listener: std::net::TcpListener) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let keys = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"keys\":[]}";
            // Whoever has given up is not there to read it.
            drop(stream.and_then(|mut stream| {
                // The head of the request, at least: what was not read would break the answer off.
                let _head = stream.read(&mut [0; 1024])?;
                stream.write_all(keys.as_bytes())
            }));
        }
    });
}

/// True if the other side closed it.
pub(super) fn closed(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    match stream.read(&mut [0; 64]) {
        Ok(0) => true,
        Ok(_) => false,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_silent_half_open_and_garbled_connections_are_bounded_and_a_good_caller_is_served() {
    let (bench, mut programme, channel) = service("programme").await;
    let address = programme.address();
    Deed::Organisation.try_on(&bench, channel.clone(), (1, &request_id())).await.unwrap();
    let rest = programme.memory();
    let open = tokio::task::spawn_blocking(move || besiege(address, 400)).await.unwrap();
    for number in 2..=60 {
        Deed::Organisation.try_on(&bench, channel.clone(), (number, &request_id())).await.unwrap();
    }
    eventually("all but the allowed number are closed", async || {
        let still = open.iter().filter(|stream| !closed(stream)).count();
        (still <= 128).then_some(())
    })
    .await;
    let another = programme.channel().await;
    Deed::Organisation.try_on(&bench, another, (61, &request_id())).await.unwrap();
    let grown = programme.memory().saturating_sub(rest) / 1024;
    assert!(grown < GROWTH, "{grown} MiB more");
    assert!(programme.is_running() && !programme.log().contains("panicked"), "{}", programme.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_beyond_what_a_service_has_room_for_are_turned_away_at_once_and_may_come_back() {
    let bench = Bench::new(users()).await;
    // All of them come from one address here, which may have less than a service has room for.
    let programme = Process::start_with(&bench, "programme", &[("CIRCULA__LIMITS__CALLS_PER_PEER", "1000")]).await;
    let channel = programme.channel().await;
    Deed::Organisation.try_on(&bench, channel.clone(), (1, &request_id())).await.unwrap();
    let mut lock = super::database(&bench, "programme").await;
    sqlx::raw_sql("BEGIN; LOCK TABLE organisation IN ACCESS EXCLUSIVE MODE").execute(&mut lock).await.unwrap();
    // 64 calls a connection, so more than 256 need several connections.
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let channel = programme.channel().await;
        for _ in 0..60 {
            let mut client = ProgrammeServiceClient::new(channel.clone());
            let mut call = bench.call("operator", ListOrganisationsRequest::default());
            call.metadata_mut().insert("grpc-timeout", MetadataValue::from_static("8S"));
            waiting.spawn(async move { client.list_organisations(call).await.map(drop) });
        }
    }
    let turned_away = eventually("some are turned away while the others wait", async || {
        let outcome = waiting.join_next().await?.unwrap();
        outcome.err().filter(|status| status.code() == Code::ResourceExhausted)
    })
    .await;
    assert_eq!(Refused::from_status(&turned_away).reason, "FULL");
    // For whom there is no room, no signature is checked: a token that is none is told the same.
    let unsigned = || {
        let mut call = tonic::Request::new(ListOrganisationsRequest::default());
        call.metadata_mut().insert("authorization", MetadataValue::from_static("Bearer not.a.token"));
        call
    };
    let full = ProgrammeServiceClient::new(channel.clone()).list_organisations(unsigned()).await.unwrap_err();
    assert_eq!(Refused::from_status(&full).reason, "FULL");
    sqlx::raw_sql("ROLLBACK").execute(&mut lock).await.unwrap();
    waiting.join_all().await;
    Deed::Organisation.try_on(&bench, channel.clone(), (2, &request_id())).await.unwrap();
    let refused = ProgrammeServiceClient::new(channel).list_organisations(unsigned()).await.unwrap_err();
    assert_eq!((refused.code(), Refused::from_status(&refused).reason.as_str()), (Code::Unauthenticated, "SIGN_IN"));
}
