//! The service by its gRPC, on a real PostgreSQL and a real broker; events are written to the topics as a relay does.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it says")]

mod passed;
mod sides;
mod times;
mod ways;

use std::collections::HashMap;

use futures::StreamExt;
use monitoring::Config;
use platform::{
    Clock, Context, Refused, Shutdown,
    service::Bound,
    testing::{Bench, eventually, request_id, user},
};
use proto::{
    Event, Role,
    candidate::{Candidate, CandidateEnvelope, CandidateEvent, CandidateState, candidate_envelope},
    common::{TallyRequest, TallyResponse},
    monitoring::{
        Flow, GetCorridorStepsRequest, GetFlowsRequest, GetVerificationRequest, ListClocksRequest, Verification,
        VerifyRequest, WatchFlowsRequest, monitoring_service_client::MonitoringServiceClient,
    },
    placement::Track,
    programme::{
        OpenCorridorRequest, OrganisationKind, PlanSeasonRequest, RegisterOrganisationRequest, SetQuotaRequest,
        programme_service_client::ProgrammeServiceClient,
    },
};
use rand::{SeedableRng, seq::SliceRandom};
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use sqlx::{Connection, PgConnection};
use tonic::transport::Channel;
use uuid::Uuid;

use ways::{COLOMBIA, GUATEMALA, SPAIN, Way, calendar, line, marker};

struct House {
    bench: Bench,
    client: MonitoringServiceClient<Channel>,
    producer: FutureProducer,
}

async fn run<F: Future<Output = anyhow::Result<()>> + Send + 'static>(
    shutdown: Shutdown,
    run: impl FnOnce(Context) -> F,
) -> String {
    let (told, bound) = tokio::sync::oneshot::channel();
    let work = run(Context { clock: Clock::wall(), shutdown, bound: Some(told) });
    tokio::spawn(async move { work.await.expect("the service runs") });
    let Bound { grpc, .. } = bound.await.expect("the service listens");
    format!("http://{grpc}")
}

impl House {
    async fn start() -> Self {
        let bench = bench().await;
        Self::on(bench, HashMap::new()).await
    }

    async fn on(bench: Bench, owners: HashMap<String, String>) -> Self {
        let config = Config { platform: bench.config(monitoring::NAME).await, owners };
        let address = run(bench.shutdown.clone(), |context| monitoring::run(config, context)).await;
        let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
        let producer = ClientConfig::new().set("bootstrap.servers", bench.brokers()).create().unwrap();
        Self { bench, client: MonitoringServiceClient::new(channel), producer }
    }

    /// Writes an event as a relay does; to a partition of its own if one is named.
    async fn produce<E: Event>(&self, event: &E, partition: Option<i32>) {
        let head = event.head().unwrap();
        let (id, topic) = (request_id(), format!("{}{}", self.bench.prefix, E::TOPIC));
        let headers = OwnedHeaders::new().insert(Header { key: "ce_id", value: Some(&id) });
        let payload = event.encode_to_vec();
        let mut record = FutureRecord::to(&topic).key(&head.id).payload(&payload).headers(headers);
        record.partition = partition;
        self.producer.send(record, std::time::Duration::from_secs(10)).await.expect("the broker takes it");
    }

    async fn produce_all<E: Event>(&self, events: &[E]) {
        futures::future::join_all(events.iter().map(|event| self.produce(event, None))).await;
    }

    async fn tally(&self) -> TallyResponse {
        let request = self.bench.call("auditor", TallyRequest {});
        self.client.clone().tally(request).await.unwrap().into_inner()
    }

    /// Waits until so many events of a kind are folded.
    async fn folded(&self, kind: &str, events: i64) {
        eventually(&format!("{events} events of {kind} are folded"), async || {
            let tally = self.tally().await;
            let there = tally.positions.iter().find(|position| position.aggregate == kind).unwrap().events;
            (there == events).then_some(())
        })
        .await;
    }

    async fn flows(&self, who: &str) -> Vec<Flow> {
        let request = self.bench.call(who, GetFlowsRequest::default());
        self.client.clone().get_flows(request).await.unwrap().into_inner().flows
    }

    async fn verify(&self, who: &str) -> Verification {
        let request = self.bench.call(who, VerifyRequest { request_id: request_id() });
        self.client.clone().verify(request).await.unwrap().into_inner()
    }
}

async fn bench() -> Bench {
    Bench::new(vec![
        user("operator", Uuid::from_u128(1), &[Role::Operator]),
        user("auditor", Uuid::from_u128(2), &[Role::Auditor]),
        user("colombia", COLOMBIA, &[Role::Ministry]),
        user("guatemala", GUATEMALA, &[Role::Ministry]),
        user("spain", SPAIN, &[Role::Union]),
        user("worker", COLOMBIA, &[Role::Worker]),
        user("employer", SPAIN, &[Role::Employer]),
    ])
    .await
}

/// What a river shows: reached, here now, dropped out, per step.
fn river(flow: &Flow) -> Vec<(i64, i64, i64)> {
    for step in &flow.steps {
        assert_eq!(
            step.reached,
            step.went_on + step.here_now + step.dropped_out,
            "{} of {}",
            step.step,
            flow.corridor_code
        );
    }
    flow.steps.iter().map(|step| (step.reached, step.here_now, step.dropped_out)).collect()
}

/// A season of two corridors: every kind of way, in order.
fn season() -> Vec<Way> {
    let mut ways = Vec::new();
    for number in 0..40 {
        let way = if number % 4 == 0 { Way::canada(number) } else { Way::spain(number) };
        ways.push(match number % 5 {
            0 => way.accepted(&[Track::Contract]),
            1 => way.accepted(&[Track::Contract, Track::Authorisation, Track::Visa]).cancelled("VISA_REFUSED"),
            2 => way.accepted(&[Track::Contract]).abroad().working(),
            3 => way.accepted(&[Track::Contract]).abroad().working().resigned(),
            _ => way.accepted(&[Track::Contract]).abroad().working().home(),
        });
    }
    ways
}

#[tokio::test(flavor = "multi_thread")]
async fn shuffled_and_doubled_events_fold_to_the_same_figures() {
    let events: Vec<_> = season().iter().flat_map(Way::events).collect();
    let count = i64::try_from(events.len()).unwrap();
    let in_order = House::start().await;
    in_order.produce_all(&events).await;
    in_order.folded("placement", count).await;

    let mut twice: Vec<_> = events.iter().chain(&events).cloned().collect();
    twice.shuffle(&mut rand_chacha::ChaCha8Rng::seed_from_u64(7));
    let shuffled = House::start().await;
    shuffled.produce_all(&twice).await;
    for partition in 0..4 {
        shuffled.produce(&marker(partition), Some(partition)).await;
    }
    shuffled.folded("season_record", 4).await;

    let placements = |tally: TallyResponse| {
        let mut counts = tally.counts;
        counts.retain(|count| count.figure == "placement.placements");
        counts
    };
    assert_eq!(placements(in_order.tally().await), placements(shuffled.tally().await));
    let flows = in_order.flows("operator").await;
    assert_eq!(flows, shuffled.flows("operator").await);
    assert_eq!(flows.iter().map(|flow| flow.corridor_code.as_str()).collect::<Vec<_>>(), ["CO-ES", "GT-CA"]);
    let expected = [(30, 0, 0), (30, 6, 0), (24, 0, 6), (18, 0, 0), (18, 6, 6), (6, 0, 0), (6, 6, 0)];
    assert_eq!(river(&flows[0]), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_sees_the_flows_of_its_own_people_only() {
    let house = House::start().await;
    let ways = [Way::spain(1), Way::spain(2), Way::canada(3)];
    let events: Vec<_> =
        ways.into_iter().map(|way| way.clock("C-SELECT", "2026-03-10")).flat_map(|way| way.events()).collect();
    house.produce_all(&events).await;
    house.produce(&line(1, SPAIN, "CO-ES"), None).await;
    house.produce(&calendar("2026-03-11", 1), None).await;
    house.folded("placement", 3).await;
    house.folded("calendar", 1).await;
    house.folded("line", 1).await;

    let seen = async |who: &str| -> Vec<(String, i64, i64)> {
        let flows = house.flows(who).await;
        flows.into_iter().map(|flow| (flow.corridor_code, flow.steps[0].reached, flow.seats_ordered)).collect()
    };
    assert_eq!(seen("operator").await, [("CO-ES".to_owned(), 2, 10), ("GT-CA".to_owned(), 1, 0)]);
    assert_eq!(seen("colombia").await, [("CO-ES".to_owned(), 2, 0)]);
    assert_eq!(seen("guatemala").await, [("GT-CA".to_owned(), 1, 0)]);
    assert_eq!(seen("spain").await, [("CO-ES".to_owned(), 2, 10)]);

    for (who, people) in [("operator", 2), ("colombia", 2), ("guatemala", 0)] {
        let steps = GetCorridorStepsRequest { corridor_code: "CO-ES".to_owned(), season_code: String::new() };
        let steps = house.client.clone().get_corridor_steps(house.bench.call(who, steps)).await.unwrap().into_inner();
        assert_eq!((steps.steps.len(), steps.steps[0].reached), (17, people), "{who}");
        let clocks = ListClocksRequest { corridor_code: "CO-ES".to_owned(), ..ListClocksRequest::default() };
        let clocks = house.client.clone().list_clocks(house.bench.call(who, clocks)).await.unwrap().into_inner().clocks;
        assert_eq!(clocks.iter().map(|clock| clock.running).sum::<i64>(), people, "{who}");
    }
    for who in ["worker", "employer"] {
        let refused = house.client.clone().get_flows(house.bench.call(who, GetFlowsRequest::default())).await;
        assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied, "{who}");
    }
    let request = house.bench.call("colombia", VerifyRequest { request_id: request_id() });
    assert_eq!(house.client.clone().verify(request).await.unwrap_err().code(), tonic::Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_is_late_on_the_day_after_it_is_due_by_the_calendar() {
    let house = House::start().await;
    let ways = [Way::spain(1).clock("C-SELECT", "2026-03-10"), Way::spain(2).clock("C-SELECT", "2026-03-12")];
    house.produce_all(&ways.iter().flat_map(Way::events).collect::<Vec<_>>()).await;
    house.folded("placement", 2).await;
    let clocks = async |late_only| {
        let request = house.bench.call("operator", ListClocksRequest { late_only, ..ListClocksRequest::default() });
        house.client.clone().list_clocks(request).await.unwrap().into_inner().clocks
    };
    for (version, (day, late)) in [("2026-03-10", 0), ("2026-03-11", 1), ("2026-03-13", 2)].into_iter().enumerate() {
        let version = i64::try_from(version).unwrap() + 1;
        house.produce(&calendar(day, version), None).await;
        house.folded("calendar", version).await;
        let all = clocks(false).await;
        assert_eq!((all[0].running, all[0].late, all[0].oldest_due_on.as_str()), (2, late, "2026-03-10"), "on {day}");
        assert_eq!(all[0].oldest_placement_id, ways[0].id());
        assert_eq!(clocks(true).await.iter().map(|clock| clock.running).sum::<i64>(), late);
        assert_eq!(house.flows("operator").await[0].late, late);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_late_by_an_alarm_within_the_time_of_another_clock() {
    let house = House::start().await;
    let way = Way::spain(1).clock("C-OFFER", "2026-03-12").clock("C-OFFER-HALF", "2026-03-09");
    house.produce_all(&way.events()).await;
    house.folded("placement", 1).await;
    for (version, day, late) in [(1, "2026-03-10", 0), (2, "2026-03-13", 1)] {
        house.produce(&calendar(day, version), None).await;
        house.folded("calendar", version).await;
        assert_eq!(house.flows("operator").await[0].late, late, "on {day}");
        let request = house.bench.call("operator", ListClocksRequest { late_only: true, ..Default::default() });
        let over = house.client.clone().list_clocks(request).await.unwrap().into_inner().clocks;
        assert!(over.iter().any(|clock| clock.clock == "C-OFFER-HALF" && clock.late == 1), "it alarms on {day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drop_outs_are_told_with_their_reasons_and_waits_with_their_days() {
    let house = House::start().await;
    let ways = [
        Way::spain(1).accepted(&[Track::Contract]),
        Way::spain(2).accepted(&[Track::Contract]),
        Way::spain(3).accepted(&[Track::Contract]).cancelled("WITHDRAWN"),
        Way::spain(4).accepted(&[Track::Contract]).cancelled("WITHDRAWN"),
        Way::spain(5).accepted(&[Track::Contract]).cancelled("NOT_READY"),
    ];
    let events: Vec<_> = ways.iter().flat_map(Way::events).collect();
    house.produce_all(&events).await;
    house.produce(&calendar("2026-03-20", 1), None).await;
    house.folded("placement", i64::try_from(events.len()).unwrap()).await;
    house.folded("calendar", 1).await;
    let request = GetCorridorStepsRequest { corridor_code: "CO-ES".to_owned(), season_code: "2026".to_owned() };
    let answer =
        house.client.clone().get_corridor_steps(house.bench.call("operator", request)).await.unwrap().into_inner();
    let signed = &answer.steps[4];
    assert_eq!(
        (signed.step.as_str(), signed.reached, signed.here_now, signed.dropped_out),
        ("CONTRACT_SIGNED", 5, 2, 3)
    );
    let reasons: Vec<(&str, i64)> =
        signed.reasons.iter().map(|reason| (reason.reason.as_str(), reason.count)).collect();
    assert_eq!(reasons, [("WITHDRAWN", 2), ("NOT_READY", 1)]);
    assert_eq!((signed.days_median, signed.days_longest), (15, 15), "signed on 5 March, today is the 20th");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roster_of_a_corridor_holds_those_who_are_willing_to_go() {
    let (house, _) = with_programme().await;
    let candidate = |number: u128, destinations: &[&str], state: CandidateState| {
        let state = Candidate {
            id: Uuid::from_u128(number).to_string(),
            organisation_id: COLOMBIA.to_string(),
            origin: "CO".to_owned(),
            state: state.into(),
            destinations: destinations.iter().map(|code| (*code).to_owned()).collect(),
            version: 1,
            ..Candidate::default()
        };
        let event = CandidateEvent { state: Some(state), change: None };
        CandidateEnvelope { aggregate: Some(candidate_envelope::Aggregate::Candidate(event)) }
    };
    let candidates = [
        candidate(1, &[], CandidateState::Rostered),
        candidate(2, &["CA", "ES"], CandidateState::Rostered),
        candidate(3, &["CA"], CandidateState::Rostered),
        candidate(4, &["ES"], CandidateState::Withdrawn),
        candidate(5, &["ES"], CandidateState::Expired),
    ];
    house.produce_all(&candidates).await;
    house.folded("candidate", 5).await;
    house.folded("quota", 1).await;
    house.folded("corridor", 1).await;
    for (who, people) in [("operator", 2), ("colombia", 2)] {
        let flows = house.flows(who).await;
        assert_eq!((flows[0].corridor_code.as_str(), flows[0].rostered), ("CO-ES", people), "{who}");
    }
    assert!(house.flows("guatemala").await.is_empty(), "a corridor of others is not shown");
}

/// The real owner of organisations, corridors, seasons and quotas, and the address it answers at.
async fn with_programme() -> (House, ProgrammeServiceClient<Channel>) {
    let bench = bench().await;
    let config = bench.config(programme::NAME).await;
    let address = run(bench.shutdown.clone(), |context| programme::run(config, context)).await;
    let channel = Channel::from_shared(address.clone()).unwrap().connect().await.unwrap();
    let mut client = ProgrammeServiceClient::new(channel);
    let house = House::on(bench, HashMap::from([("programme".to_owned(), address)])).await;
    let call = |message| house.bench.call("operator", message);
    let ministry = RegisterOrganisationRequest {
        kind: OrganisationKind::Ministry.into(),
        name: "SENA".to_owned(),
        country: "CO".to_owned(),
        code: "sena".to_owned(),
        request_id: request_id(),
        organisation_id: COLOMBIA.to_string(),
    };
    client.register_organisation(call(ministry)).await.unwrap();
    let corridor = OpenCorridorRequest {
        origin: "CO".to_owned(),
        destination: "ES".to_owned(),
        agreement: "Agreement of 2001".to_owned(),
        ministry_id: COLOMBIA.to_string(),
        request_id: request_id(),
    };
    client.open_corridor(house.bench.call("operator", corridor)).await.unwrap();
    let season = PlanSeasonRequest {
        code: "2026".to_owned(),
        starts_on: "2025-10-01".to_owned(),
        ends_on: "2026-12-31".to_owned(),
        request_id: request_id(),
    };
    client.plan_season(house.bench.call("operator", season)).await.unwrap();
    let quota = SetQuotaRequest {
        corridor_code: "CO-ES".to_owned(),
        season_code: "2026".to_owned(),
        sector: "A01".to_owned(),
        cap: 400,
        flexible_reserve: 40,
        request_id: request_id(),
    };
    client.set_quota(house.bench.call("operator", quota)).await.unwrap();
    (house, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_waits_for_the_fold_and_finds_a_planted_figure() {
    let (house, _) = with_programme().await;
    // At once: the events may still be on their way.
    let clean = house.verify("auditor").await;
    assert_eq!(clean.differences, []);
    let compared = &clean.sources[0];
    assert_eq!((compared.service.as_str(), compared.events, compared.failure.as_str()), ("programme", 4, ""));
    assert_eq!(compared.figures, 6, "organisations, corridors and their ministries, rule packs, seasons, quota caps");
    assert!(clean.sources[1..].iter().all(|source| source.failure.contains("no address is set")));

    let mut superuser = PgConnection::connect(&house.bench.superuser_url(monitoring::NAME)).await.unwrap();
    sqlx::query("UPDATE quota SET cap = cap + 1").execute(&mut superuser).await.unwrap();
    let found = house.verify("operator").await;
    let [difference] = found.differences.as_slice() else { panic!("one difference, not {:?}", found.differences) };
    let owner = difference.owner.clone().unwrap();
    assert_eq!((difference.service.as_str(), owner.figure.as_str()), ("programme", "quota_cap"));
    assert_eq!((owner.corridor.as_str(), owner.season.as_str()), ("CO-ES", "2026"));
    assert_eq!((owner.value, difference.folded), (400, 401));

    let request = house.bench.call("auditor", GetVerificationRequest {});
    assert_eq!(house.client.clone().get_verification(request).await.unwrap().into_inner(), found);
    let request = house.bench.call("colombia", GetVerificationRequest {});
    assert_eq!(house.client.clone().get_verification(request).await.unwrap_err().code(), tonic::Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_taken_out_of_the_fold_is_no_silent_agreement() {
    let (house, _) = with_programme().await;
    house.folded("quota", 1).await;
    let mut superuser = PgConnection::connect(&house.bench.superuser_url(monitoring::NAME)).await.unwrap();
    sqlx::query("DELETE FROM quota").execute(&mut superuser).await.unwrap();
    let verification = house.verify("auditor").await;
    let failure = &verification.sources[0].failure;
    assert!(failure.contains("0 of 1 events of kind quota"), "{failure}");
    assert_eq!(verification.sources[0].figures, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_verification_is_the_same_one() {
    let (house, _) = with_programme().await;
    let request = VerifyRequest { request_id: request_id() };
    let first = house.client.clone().verify(house.bench.call("operator", request.clone())).await.unwrap().into_inner();
    let second = house.client.clone().verify(house.bench.call("operator", request)).await.unwrap().into_inner();
    assert_eq!(first, second);
    let refused =
        house.client.clone().verify(house.bench.call("operator", VerifyRequest::default())).await.unwrap_err();
    assert_eq!(Refused::from_status(&refused).reason, "REQUEST_ID");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_is_told_that_the_fold_has_moved() {
    let house = House::start().await;
    let request = house.bench.call("colombia", WatchFlowsRequest {});
    let mut news = house.client.clone().watch_flows(request).await.unwrap().into_inner();
    let first = news.next().await.unwrap().unwrap();
    assert_eq!(first.events, 0);
    house.produce_all(&Way::spain(1).accepted(&[]).events()).await;
    let moved = eventually("the watcher is told", async || {
        let next = news.next().await.unwrap().unwrap();
        (next.events == 4).then_some(next)
    })
    .await;
    assert_eq!(moved.events, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_is_counted_by_its_owner_s_word() {
    let house = House::start().await;
    let way = Way::spain(1).accepted(&[Track::Contract]).abroad().working();
    let events = way.events();
    house.produce_all(&events).await;
    house.folded("placement", i64::try_from(events.len()).unwrap()).await;
    let tally = house.tally().await;
    let [count] = tally.counts.iter().filter(|count| count.figure == "placement.placements").collect::<Vec<_>>()[..]
    else {
        panic!("one count of placements");
    };
    assert_eq!((count.corridor.as_str(), count.season.as_str(), count.state.as_str()), ("CO-ES", "2026", "WORKING"));
    assert_eq!(count.value, 1);
}
