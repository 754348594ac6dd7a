//! A placement service with its neighbours played by a test producer.

use std::time::Duration;

use platform::{
    Clock, Context, Refused,
    testing::{Bench, eventually, request_id, user},
};
use proto::{
    Event, Role,
    candidate::{Candidate, CandidateEnvelope, CandidateEvent, CandidateState, candidate_envelope},
    demand::{Deduction, DemandEvent, JobOrder, JobOrderEvent, JobOrderState, OrderLine, Pay, Place, demand_event},
    matching::{
        LineProposal, LineProposalEvent, MatchingEvent, ProposedCandidate, line_proposal_event, matching_event,
    },
    placement::{
        GetLineRequest, GetPlacementRequest, Line, ListPlacementsRequest, Move, MovePlacementRequest, OpenLinesRequest,
        Placement, PlacementView, RunDueRequest, RunDueResponse, Stage,
        placement_service_client::PlacementServiceClient,
    },
    programme::{
        Corridor, CorridorEvent, CorridorState, ProgrammeEvent, Quota, QuotaEvent, Rule, RulePack, RulePackEvent,
        programme_event,
    },
};
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use sqlx::PgPool;
use tonic::{Status, transport::Channel};
use uuid::Uuid;

pub(crate) const AS_OF: &str = "2026-01-10";
pub(crate) const STARTS: &str = "2026-03-02";
pub(crate) const ENDS: &str = "2026-09-30";

/// The service, its users and its neighbours.
pub(crate) struct House {
    pub(crate) bench: Bench,
    pub(crate) client: PlacementServiceClient<Channel>,
    pub(crate) pool: PgPool,
    producer: FutureProducer,
    clock: Clock,
    pub(crate) sena: Uuid,
    pub(crate) labour: Uuid,
    pub(crate) pagesos: Uuid,
    pub(crate) ferme: Uuid,
    pub(crate) quota: Uuid,
}

/// A line with its order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenLine {
    pub(crate) id: Uuid,
    pub(crate) order: Uuid,
    pub(crate) union: Uuid,
}

impl House {
    /// A house with one corridor, CO-ES, whose quota holds `cap` units.
    pub(crate) async fn with_quota(cap: i32) -> Self {
        Self::running_clocks(cap, 0).await
    }

    /// One that runs its clocks by the wall, every so many seconds.
    pub(crate) async fn running_clocks(cap: i32, run_due_every: u64) -> Self {
        let clock = Clock::wall();
        let [sena, labour, pagesos, ferme, iom, consulate, tribunal, court] = std::array::from_fn(|_| clock.id());
        let bench = Bench::new(vec![
            user("sena", sena, &[Role::Ministry]),
            user("labour", labour, &[Role::Ministry]),
            user("pagesos", pagesos, &[Role::Union]),
            user("ferme", ferme, &[Role::Union]),
            user("iom", iom, &[Role::Operator]),
            user("consulate", consulate, &[Role::Authority]),
            user("tribunal", tribunal, &[Role::Authority]),
            user("court", court, &[Role::Auditor]),
            user("worker", sena, &[Role::Worker]),
            user("farm", pagesos, &[Role::Employer]),
            user("worker-and-official", sena, &[Role::Worker, Role::Authority]),
            user("farm-and-official", pagesos, &[Role::Employer, Role::Authority]),
        ])
        .await;
        let config = placement::Config { platform: bench.config(placement::NAME).await, run_due_every };
        let (told, bound) = tokio::sync::oneshot::channel();
        let context = Context { clock: clock.clone(), shutdown: bench.shutdown.clone(), bound: Some(told) };
        tokio::spawn(async move { placement::run(config, context).await.expect("the service runs") });
        let address = bound.await.expect("the service listens").grpc;
        let channel = Channel::from_shared(format!("http://{address}"))
            .expect("an address is a URL")
            .connect()
            .await
            .expect("it listens");
        let pool = PgPool::connect(&bench.superuser_url(placement::NAME)).await.expect("the database is there");
        let producer = ClientConfig::new().set("bootstrap.servers", bench.brokers()).create().expect("a producer");
        let client = PlacementServiceClient::new(channel).max_decoding_message_size(64 << 20);
        let quota = clock.id();
        let house = Self { bench, client, pool, producer, clock, sena, labour, pagesos, ferme, quota };
        house.programme(cap, 1).await;
        house
    }

    pub(crate) fn id(&self) -> Uuid {
        self.clock.id()
    }

    /// Writes a fact to its topic as its owner would.
    pub(crate) async fn send<E: Event>(&self, event: &E) {
        self.send_as(event, self.id()).await;
    }

    pub(crate) async fn send_as<E: Event>(&self, event: &E, event_id: Uuid) {
        let key = event.head().expect("a whole envelope").id;
        let topic = format!("{}{}", self.bench.prefix, E::TOPIC);
        let event_id = event_id.to_string();
        let headers = OwnedHeaders::new().insert(Header { key: "ce_id", value: Some(&event_id) });
        let payload = event.encode_to_vec();
        let record = FutureRecord::to(&topic).key(&key).payload(&payload).headers(headers);
        self.producer.send(record, Duration::from_secs(10)).await.expect("the broker takes it");
    }

    /// An open corridor.
    pub(crate) async fn corridor(&self, code: &str, version: i64) {
        let (origin, destination) = code.split_once('-').expect("origin-destination");
        let state = Corridor {
            code: code.into(),
            origin: origin.into(),
            destination: destination.into(),
            state: CorridorState::Open.into(),
            ministry_id: self.sena.to_string(),
            version,
            ..Corridor::default()
        };
        let corridor = CorridorEvent { state: Some(state), change: None };
        self.send(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Corridor(corridor)) }).await;
    }

    /// The corridor, its pack and its quota.
    pub(crate) async fn programme(&self, cap: i32, version: i64) {
        self.corridor("CO-ES", version).await;
        let rule = |(key, value): (&str, &str)| Rule { key: key.into(), value: value.into(), ..Rule::default() };
        let state = RulePack {
            id: "CO-ES@2025-01-01".into(),
            code: "CO-ES".into(),
            valid_from: "2025-01-01".into(),
            rules: [
                ("tracks.waits.authorisation", "contract"),
                ("tracks.waits.visa", "authorisation"),
                ("tracks.waits.travel", "visa fitness"),
                ("list.reserve_factor", "100"),
            ]
            .map(rule)
            .to_vec(),
            version,
            ..RulePack::default()
        };
        let pack = RulePackEvent { state: Some(state), change: None };
        self.send(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::RulePack(pack)) }).await;
        self.quota(self.quota, ("CO-ES", cap), version).await;
    }

    pub(crate) async fn quota(&self, id: Uuid, (corridor, cap): (&str, i32), version: i64) {
        let state = Quota {
            id: id.to_string(),
            corridor_code: corridor.into(),
            season_code: "2026".into(),
            sector: "A01".into(),
            cap,
            flexible_reserve: 0,
            version,
        };
        let quota = QuotaEvent { state: Some(state), change: None };
        self.send(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Quota(quota)) }).await;
    }

    /// An open order of one line.
    pub(crate) fn order(&self, line: OpenLine, seats: i32, (state, version): (JobOrderState, i64)) -> DemandEvent {
        let state = JobOrder {
            id: line.order.to_string(),
            organisation_id: line.union.to_string(),
            destination: "ES".into(),
            season_code: "2026".into(),
            source: "posted".into(),
            employer_name: "Cooperativa d’Aitona".into(),
            state: state.into(),
            lines: vec![OrderLine {
                id: line.id.to_string(),
                number: 1,
                isco_codes: vec!["9211".into()],
                seats,
                seats_asked: seats,
                starts_on: STARTS.into(),
                ends_on: ENDS.into(),
                workplace: Some(Place { city: "Aitona".into(), region: "Lleida".into(), country: "ES".into() }),
                pay: Some(pay("9.40", "hour")),
                hours_week: 40,
                beds: seats,
                deductions: vec![Deduction { code: "HOUSING".into(), amount: Some(pay("45.50", "month")) }],
                substitutes: true,
                ..OrderLine::default()
            }],
            version,
            ..JobOrder::default()
        };
        let event = JobOrderEvent { state: Some(state), change: None };
        DemandEvent { aggregate: Some(demand_event::Aggregate::JobOrder(event)) }
    }

    /// A line of `seats`, opened.
    pub(crate) async fn line(&self, seats: i32) -> OpenLine {
        self.line_of(self.pagesos, seats).await
    }

    pub(crate) async fn line_of(&self, union: Uuid, seats: i32) -> OpenLine {
        let line = OpenLine { id: self.id(), order: self.id(), union };
        self.send(&self.order(line, seats, (JobOrderState::Open, 1))).await;
        eventually("the line is open", async || {
            self.open().await;
            self.get_line(line.id).await.filter(|line| line.state == 2)
        })
        .await;
        line
    }

    pub(crate) async fn open(&self) -> i32 {
        let request = OpenLinesRequest {
            season_code: "2026".into(),
            destination: "ES".into(),
            occurred_on: AS_OF.into(),
            request_id: request_id(),
        };
        self.client
            .clone()
            .open_lines(self.bench.call("iom", request))
            .await
            .expect("the call is answered")
            .into_inner()
            .opened
    }

    pub(crate) async fn get_line(&self, id: Uuid) -> Option<Line> {
        let request = GetLineRequest { line_id: id.to_string() };
        self.client.clone().get_line(self.bench.call("iom", request)).await.ok().map(tonic::Response::into_inner)
    }

    /// A person with papers, on the roster or not.
    pub(crate) async fn person(&self, id: Uuid, ministry: Uuid, state: CandidateState, version: i64) {
        let state = Candidate {
            id: id.to_string(),
            organisation_id: ministry.to_string(),
            origin: "CO".into(),
            state: state.into(),
            rostered_until: "2026-12-31".into(),
            fit_until: "2026-12-31".into(),
            trained_until: "2026-12-31".into(),
            version,
            ..Candidate::default()
        };
        let event = CandidateEvent { state: Some(state), change: None };
        self.send(&CandidateEnvelope { aggregate: Some(candidate_envelope::Aggregate::Candidate(event)) }).await;
    }

    pub(crate) fn entry(&self, ministry: Uuid, rank: i32) -> ProposedCandidate {
        ProposedCandidate {
            placement_id: self.id().to_string(),
            candidate_id: self.id().to_string(),
            ministry_id: ministry.to_string(),
            corridor_code: "CO-ES".into(),
            quota_id: self.quota.to_string(),
            reserve_rank: rank,
            score: 100,
            candidate_version: 1,
            named: false,
            fit_until: "2026-12-31".into(),
            trained_until: "2026-12-31".into(),
            rostered_until: "2026-12-31".into(),
            pinned: false,
            together: String::new(),
            crew: false,
            elsewhere: Vec::new(),
        }
    }

    pub(crate) fn proposal(&self, line: OpenLine, entries: Vec<ProposedCandidate>) -> MatchingEvent {
        let state = LineProposal {
            id: self.id().to_string(),
            round_id: self.id().to_string(),
            line_id: line.id.to_string(),
            order_id: line.order.to_string(),
            organisation_id: line.union.to_string(),
            season_code: "2026".into(),
            destination: "ES".into(),
            line_version: 1,
            starts_on: STARTS.into(),
            ends_on: ENDS.into(),
            substitutes: true,
            entries,
            as_of: AS_OF.into(),
            version: 1,
        };
        let change = line_proposal_event::Change::Proposed(proto::matching::CandidatesProposed {});
        let event = LineProposalEvent { state: Some(state), change: Some(change) };
        MatchingEvent { aggregate: Some(matching_event::Aggregate::LineProposal(event)) }
    }

    /// Proposes people of these ranks for a line and waits until they are placed or listed.
    pub(crate) async fn propose(&self, line: OpenLine, ranks: &[i32]) -> Vec<Uuid> {
        let entries: Vec<_> = ranks.iter().map(|rank| self.entry(self.sena, *rank)).collect();
        let ids: Vec<Uuid> = entries.iter().map(|entry| entry.placement_id.parse().expect("an id")).collect();
        self.send(&self.proposal(line, entries)).await;
        for id in &ids {
            eventually("the proposal became a placement", async || self.get(*id).await).await;
        }
        ids
    }

    pub(crate) async fn view(&self, user: &str, id: Uuid) -> Result<PlacementView, Status> {
        let request = GetPlacementRequest { placement_id: id.to_string(), ..Default::default() };
        self.client.clone().get_placement(self.bench.call(user, request)).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn get(&self, id: Uuid) -> Option<Placement> {
        self.view("iom", id).await.ok().and_then(|view| view.placement)
    }

    pub(crate) async fn stage(&self, id: Uuid) -> Stage {
        self.get(id).await.expect("the placement is there").stage()
    }

    pub(crate) async fn list(&self, user: &str, filter: ListPlacementsRequest) -> Vec<Placement> {
        let request = ListPlacementsRequest { page_size: 1000, ..filter };
        self.client
            .clone()
            .list_placements(self.bench.call(user, request))
            .await
            .expect("the call is answered")
            .into_inner()
            .placements
    }

    /// One move.
    pub(crate) async fn make(&self, user: &str, asked: Move) -> Result<Placement, Refused> {
        let request = MovePlacementRequest {
            placement_id: asked.placement_id.clone(),
            r#move: Some(asked),
            request_id: request_id(),
        };
        let outcome = self.client.clone().move_placement(self.bench.call(user, request)).await;
        outcome.map(tonic::Response::into_inner).map_err(|status| Refused::from_status(&status))
    }

    /// One move that has to be made.
    pub(crate) async fn must(&self, user: &str, asked: Move) -> Placement {
        let command = asked.command.clone();
        self.make(user, asked).await.unwrap_or_else(|refused| panic!("{command} by {user}: {refused}"))
    }

    pub(crate) async fn run_due(&self, as_of: &str) -> RunDueResponse {
        let request = RunDueRequest { as_of: as_of.into(), limit: 0, request_id: request_id() };
        self.client.clone().run_due(self.bench.call("iom", request)).await.expect("the call is answered").into_inner()
    }

    /// Takes a proposed placement to ACCEPTED.
    pub(crate) async fn accept(&self, id: Uuid) {
        self.must("pagesos", asked(id, "Select", "2026-01-12")).await;
        self.must("pagesos", with_text(asked(id, "Offer", "2026-01-13"))).await;
        self.must("sena", for_worker(with_text(asked(id, "Accept", "2026-01-14")))).await;
    }

    /// Does every preparation track in the corridor's order.
    pub(crate) async fn prepare(&self, id: Uuid) {
        self.must("pagesos", asked(id, "SignContract", "2026-01-15")).await;
        self.must("sena", for_worker(asked(id, "SignContract", "2026-01-15"))).await;
        self.must("consulate", asked(id, "Authorise", "2026-01-20")).await;
        self.must("sena", asked(id, "ApplyVisa", "2026-01-21")).await;
        self.must("consulate", asked(id, "GrantVisa", "2026-02-01")).await;
        self.must("sena", asked(id, "CompleteOrientation", "2026-02-02")).await;
        let booked = Move { date: "2026-02-28".into(), ..asked(id, "BookTravel", "2026-02-03") };
        self.must("iom", booked).await;
    }

    /// Takes an accepted placement to WORKING.
    pub(crate) async fn travel(&self, id: Uuid) {
        self.must("sena", with_text(asked(id, "Depart", "2026-02-28"))).await;
        self.must("pagesos", with_text(asked(id, "ConfirmArrival", "2026-03-01"))).await;
        self.must("pagesos", asked(id, "StartWork", "2026-03-02")).await;
    }

    /// Seeks the person three times on two channels.
    pub(crate) async fn seek(&self, user: &str, id: Uuid, on: &str) {
        for channel in ["PHONE", "PHONE", "VISIT"] {
            self.must(user, attempt(id, channel, on)).await;
        }
    }

    /// The facts published of a line, in their order, without the package that their types are of.
    pub(crate) async fn facts(&self, line: Uuid) -> Vec<String> {
        let rows = sqlx::query_scalar("SELECT type FROM outbox WHERE aggregateid = $1 ORDER BY id");
        let types: Vec<String> = rows.bind(line.to_string()).fetch_all(&self.pool).await.expect("the database answers");
        types.iter().map(|name| name.rsplit('.').next().unwrap_or(name).to_owned()).collect()
    }

    /// Every counter is the sum of its holds and of its entries, and no limit is passed.
    pub(crate) async fn audit(&self) {
        let wrong: Vec<String> =
            sqlx::query_scalar(include_str!("audit.sql")).fetch_all(&self.pool).await.expect("the call is answered");
        assert!(wrong.is_empty(), "the ledgers do not add up: {wrong:?}");
    }
}

pub(crate) fn asked(id: Uuid, command: &str, on: &str) -> Move {
    Move { placement_id: id.to_string(), command: command.into(), occurred_on: on.into(), ..Move::default() }
}

fn pay(amount: &str, unit: &str) -> Pay {
    Pay { amount: amount.into(), currency: "EUR".into(), unit: unit.into() }
}

/// A text's hash and its language.
pub(crate) fn with_text(asked: Move) -> Move {
    Move { evidence: "sha256:5f1e".into(), language: "es-CO".into(), ..asked }
}

/// An attempt to reach the person on a channel.
pub(crate) fn attempt(id: Uuid, channel: &str, on: &str) -> Move {
    Move { kind: "CONTACT_ATTEMPT".into(), reason: channel.into(), ..asked(id, "AddRecord", on) }
}

pub(crate) fn for_worker(asked: Move) -> Move {
    Move { for_worker: true, witness: "W-17".into(), ..asked }
}
