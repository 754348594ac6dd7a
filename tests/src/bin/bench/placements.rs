//! Moving a placement: the union selects a proposed candidate.

use std::time::Duration;

use platform::testing::request_id;
use proto::{
    demand::{DemandEvent, JobOrder, JobOrderEvent, JobOrderState, OrderLine, demand_event},
    matching::{
        LineProposal, LineProposalEvent, MatchingEvent, ProposedCandidate, line_proposal_event, matching_event,
    },
    placement::{Move, MovePlacementRequest, OpenLinesRequest, placement_service_client::PlacementServiceClient},
};
use tonic::transport::Channel;
use uuid::Uuid;

use crate::{
    commands::{Peer, compare},
    freshness,
    load::{AsyncCaller, Serials},
    process::Process,
    stage::{MINISTRY, QUOTA, Signed, Stage, UNION, run},
    table::Table,
};

/// Lines, each with so many people proposed. Who moves people in the order of their numbers goes from line to line.
const LINES: usize = 100;
const SEATS: usize = 200;

const FILL: [(&str, &str); 7] = [
    ("organisation", "SELECT union_id::text FROM placement LIMIT 1"),
    ("facts", "SELECT replace(facts, '''', '''''') FROM placement WHERE stage = 3 LIMIT 1"),
    ("next_due", "SELECT next_due::text FROM placement WHERE stage = 3 LIMIT 1"),
    ("clocks", "SELECT clocks::text FROM placement WHERE stage = 3 LIMIT 1"),
    ("since", "SELECT since::text FROM placement WHERE stage = 3 LIMIT 1"),
    ("payload", "SELECT encode(payload, 'hex') FROM outbox WHERE aggregatetype = 'placement' AND version = 2 LIMIT 1"),
    ("answer", "SELECT encode(response, 'hex') FROM command WHERE method = 'MovePlacement' LIMIT 1"),
];

pub(crate) async fn measure(table: &mut Table) {
    let stage = Stage::new().await;
    let process = stage.start("placement").await;
    propose(&stage, &process, (LINES, SEATS)).await;
    let serials = Serials::new(LINES * SEATS);
    let first = serials.next().unwrap();
    Caller { client: PlacementServiceClient::new(process.channel().await), signed: stage.signed("union") }
        .call(first)
        .await;
    stage.told("placement").await;
    run(&mut stage.database("placement").await, "ANALYZE").await;
    drop(process);
    let peer = Peer::new(&stage, "placement", (include_str!("peer/placement.sql"), &FILL)).await;
    let process = stage.start("placement").await;
    let callers = async |many: usize| callers(&stage, &process, many).await;
    let rate = compare(table, "move a placement", (&process, &peer), (callers, &serials)).await;
    freshness::measure(table, (&stage, &process), (rate / 2.0, Duration::from_secs(8)), &serials).await;
}

/// Callers with a connection each.
pub(crate) async fn callers(stage: &Stage, process: &Process, many: usize) -> Vec<Caller> {
    let signed = stage.signed("union");
    let channels = stage.channels(process, many).await;
    let caller = |channel| Caller { client: PlacementServiceClient::new(channel), signed: signed.clone() };
    channels.into_iter().map(caller).collect()
}

#[derive(Clone)]
pub(crate) struct Caller {
    client: PlacementServiceClient<Channel>,
    signed: Signed,
}

impl AsyncCaller for Caller {
    async fn call(&mut self, serial: usize) {
        let asked = Move {
            placement_id: placement(serial).to_string(),
            command: "Select".to_owned(),
            occurred_on: "2026-01-12".to_owned(),
            ..Move::default()
        };
        let request = MovePlacementRequest {
            placement_id: asked.placement_id.clone(),
            r#move: Some(asked),
            request_id: request_id(),
        };
        let moved = self.client.move_placement(self.signed.call(request)).await.unwrap().into_inner();
        assert_eq!(moved.version, 2);
    }
}

/// Ids that pgbench can reckon as well.
pub(crate) fn placement(number: usize) -> Uuid {
    Uuid::from_u128(1_000_000_000 + number as u128)
}

fn line(number: usize) -> Uuid {
    Uuid::from_u128(2_000_000_000 + number as u128)
}

fn order(number: usize) -> Uuid {
    Uuid::from_u128(3_000_000_000 + number as u128)
}

fn person(number: usize) -> Uuid {
    Uuid::from_u128(4_000_000_000 + number as u128)
}

/// Opens lines and has people proposed for them, as `demand` and `matching` would say it.
pub(crate) async fn propose(stage: &Stage, process: &Process, (lines, seats): (usize, usize)) {
    stage.programme_known(process).await;
    for number in 0..lines {
        stage.publish(&approved(number, seats)).await;
    }
    let wanted = i64::try_from(lines).unwrap();
    stage.counted("placement", "SELECT count(*) FROM line", wanted).await;
    let request = OpenLinesRequest {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        occurred_on: "2026-01-10".to_owned(),
        request_id: request_id(),
    };
    let mut client = PlacementServiceClient::new(process.channel().await);
    client.open_lines(stage.signed("operator").call(request)).await.unwrap();
    stage.counted("placement", "SELECT count(*) FROM line WHERE state = 2", wanted).await;
    for number in 0..lines {
        let people = (0..seats).map(|seat| seat * lines + number);
        stage.publish(&proposed(number, people.map(candidate).collect())).await;
    }
    stage.counted("placement", "SELECT count(*) FROM placement WHERE stage = 2", wanted * seats as i64).await;
}

fn approved(number: usize, seats: usize) -> DemandEvent {
    let seats = i32::try_from(seats).unwrap();
    let state = JobOrder {
        id: order(number).to_string(),
        organisation_id: UNION.to_string(),
        destination: "ES".to_owned(),
        season_code: "2026".to_owned(),
        state: JobOrderState::Open.into(),
        lines: vec![OrderLine {
            id: line(number).to_string(),
            number: 1,
            isco_codes: vec!["9211".to_owned()],
            seats,
            seats_asked: seats,
            starts_on: "2026-03-02".to_owned(),
            ends_on: "2026-09-30".to_owned(),
            substitutes: true,
            ..OrderLine::default()
        }],
        version: 1,
        ..JobOrder::default()
    };
    let event = JobOrderEvent { state: Some(state), change: None };
    DemandEvent { aggregate: Some(demand_event::Aggregate::JobOrder(event)) }
}

fn candidate(number: usize) -> ProposedCandidate {
    ProposedCandidate {
        placement_id: placement(number).to_string(),
        candidate_id: person(number).to_string(),
        ministry_id: MINISTRY.to_string(),
        corridor_code: "CO-ES".to_owned(),
        quota_id: QUOTA.to_string(),
        reserve_rank: 0,
        score: 100,
        candidate_version: 1,
        named: false,
        fit_until: "2026-12-31".to_owned(),
        trained_until: "2026-12-31".to_owned(),
        rostered_until: "2026-12-31".to_owned(),
        pinned: false,
        together: String::new(),
        crew: false,
        elsewhere: Vec::new(),
    }
}

fn proposed(number: usize, entries: Vec<ProposedCandidate>) -> MatchingEvent {
    let state = LineProposal {
        id: Uuid::from_u128(5_000_000_000 + number as u128).to_string(),
        round_id: Uuid::from_u128(6_000_000_000).to_string(),
        line_id: line(number).to_string(),
        order_id: order(number).to_string(),
        organisation_id: UNION.to_string(),
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        line_version: 1,
        starts_on: "2026-03-02".to_owned(),
        ends_on: "2026-09-30".to_owned(),
        substitutes: true,
        entries,
        as_of: "2026-01-10".to_owned(),
        version: 1,
    };
    let change = line_proposal_event::Change::Proposed(proto::matching::CandidatesProposed {});
    let event = LineProposalEvent { state: Some(state), change: Some(change) };
    MatchingEvent { aggregate: Some(matching_event::Aggregate::LineProposal(event)) }
}
