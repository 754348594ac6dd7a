//! The last seat, the last unit, the same person: a race is 64 takers at once, then the losers again while those who hold give
//! back and deadlines pass. So many races are held, one after the other. In the end nothing was ever given twice: what is measured is worth nothing otherwise.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures::{TryStreamExt, future::join_all};
use platform::{Refused, testing::request_id};
use proto::{
    demand::{DemandEvent, JobOrder, JobOrderEvent, JobOrderState, OrderLine, demand_event},
    matching::{
        CandidatesProposed, LineProposal, LineProposalEvent, MatchingEvent, ProposedCandidate, line_proposal_event,
        matching_event,
    },
    placement::{
        Move, MovePlacementRequest, OpenLinesRequest, PlacementEnvelope, RunDueRequest, placement_envelope,
        placement_service_client::PlacementServiceClient,
    },
    programme::{
        Corridor, CorridorEvent, CorridorState, ProgrammeEvent, Quota, QuotaEvent, Rule, RulePack, RulePackEvent,
        programme_event,
    },
};
use sqlx::PgConnection;
use tonic::{Code, transport::Channel};
use uuid::Uuid;

use crate::{
    stage::{MINISTRY, Signed, Stage, UNION, until},
    table::{Aim, Table},
};

/// Who takes at once, and over how many connections.
const TAKERS: usize = 64;
const CONNECTIONS: usize = 8;
/// Past the days in which a union selects and offers.
const LATE: &str = "2026-02-20";

/// What there is too little of.
#[derive(Clone, Copy)]
enum Last {
    Seat,
    Unit,
    Person,
}

impl Last {
    const ALL: [Self; 3] = [Self::Seat, Self::Unit, Self::Person];

    /// Lines, seats of each, units of the quota, and how many can win.
    const fn room(self) -> (usize, i32, i32, usize) {
        match self {
            Self::Seat => (1, 3, 1000, 3),
            Self::Unit => (4, 16, 5, 5),
            Self::Person => (TAKERS, 1, 1000, 1),
        }
    }
}

/// Those of a race, with the season that it has for itself.
struct Race {
    season: String,
    last: Last,
    lines: Vec<Uuid>,
    order: Uuid,
    quota: Uuid,
    takers: Vec<Uuid>,
}

struct Track<'s> {
    stage: &'s Stage,
    channels: Vec<Channel>,
    union: Signed,
    ministry: Signed,
    operator: Signed,
    database: PgConnection,
}

/// What the races came to.
#[derive(Default)]
struct Score {
    tried: usize,
    won: usize,
    refused: BTreeMap<String, usize>,
    lasted: Duration,
}

pub(crate) async fn measure(table: &mut Table, wanted: usize) {
    let stage = Stage::new().await;
    let process = stage.start("placement").await;
    stage.programme_known(&process).await;
    for event in second_corridor() {
        stage.publish(&event).await;
    }
    let mut track = Track {
        stage: &stage,
        channels: stage.channels(&process, CONNECTIONS).await,
        union: stage.signed("union"),
        ministry: stage.signed("ministry"),
        operator: stage.signed("operator"),
        database: stage.database("placement").await,
    };
    let mut score = Score::default();
    for number in 0..wanted {
        let race = Race::new(number);
        track.prepare(&race).await;
        track.run(&race, &mut score).await;
    }
    track.nothing_was_given_twice().await;
    let refused: Vec<String> = score.refused.iter().map(|(reason, times)| format!("{times} {reason}")).collect();
    let note = format!(
        "{wanted} races, {} tries, {} won, refused: {}; nothing given twice; the time of the races alone",
        score.tried,
        score.won,
        refused.join(", ")
    );
    let rate = wanted as f64 / score.lasted.as_secs_f64();
    table.add(("races for the last seat, unit or person, 64 takers", "1/s"), (rate, None), Aim::None, note);
    let memory = process.memory() as f64 / 1024.0;
    table.add(("memory of placement after it", "MiB"), (memory, None), Aim::None, "races");
}

impl Race {
    fn new(number: usize) -> Self {
        let last = Last::ALL[number % Last::ALL.len()];
        let id = || Uuid::now_v7();
        Self {
            season: format!("race-{number}"),
            last,
            lines: (0..last.room().0).map(|_| id()).collect(),
            order: id(),
            quota: id(),
            takers: (0..TAKERS).map(|_| id()).collect(),
        }
    }

    fn order(&self) -> DemandEvent {
        let (_, seats, ..) = self.last.room();
        // A line of two origins takes a unit with each seat; one of a single origin has its units from the start.
        let origins: &[&str] = if matches!(self.last, Last::Unit) { &["CO", "GT"] } else { &["CO"] };
        let line = |(number, id): (usize, &Uuid)| OrderLine {
            id: id.to_string(),
            number: i32::try_from(number).unwrap() + 1,
            isco_codes: vec!["9211".to_owned()],
            seats,
            seats_asked: seats,
            starts_on: "2026-04-02".to_owned(),
            ends_on: "2026-09-30".to_owned(),
            substitutes: true,
            origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
            ..OrderLine::default()
        };
        let state = JobOrder {
            id: self.order.to_string(),
            organisation_id: UNION.to_string(),
            destination: "ES".to_owned(),
            season_code: self.season.clone(),
            state: JobOrderState::Open.into(),
            lines: self.lines.iter().enumerate().map(line).collect(),
            version: 1,
            ..JobOrder::default()
        };
        let event = JobOrderEvent { state: Some(state), change: None };
        DemandEvent { aggregate: Some(demand_event::Aggregate::JobOrder(event)) }
    }

    /// Everybody on the lists, spread over the lines; the same person everywhere if that is what there is one of.
    fn proposals(&self) -> Vec<MatchingEvent> {
        let same = Uuid::now_v7();
        let entry = |(rank, placement): (usize, &Uuid)| ProposedCandidate {
            placement_id: placement.to_string(),
            candidate_id: if matches!(self.last, Last::Person) { same } else { Uuid::now_v7() }.to_string(),
            ministry_id: MINISTRY.to_string(),
            corridor_code: "CO-ES".to_owned(),
            quota_id: self.quota.to_string(),
            reserve_rank: i32::try_from(rank).unwrap() + 1,
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
        };
        let proposal = |(line, takers): (&Uuid, &[Uuid])| {
            let state = LineProposal {
                id: request_id(),
                round_id: request_id(),
                line_id: line.to_string(),
                order_id: self.order.to_string(),
                organisation_id: UNION.to_string(),
                season_code: self.season.clone(),
                destination: "ES".to_owned(),
                line_version: 1,
                starts_on: "2026-04-02".to_owned(),
                ends_on: "2026-09-30".to_owned(),
                substitutes: true,
                entries: takers.iter().enumerate().map(entry).collect(),
                as_of: "2026-01-10".to_owned(),
                version: 1,
            };
            let change = Some(line_proposal_event::Change::Proposed(CandidatesProposed {}));
            let event = LineProposalEvent { state: Some(state), change };
            MatchingEvent { aggregate: Some(matching_event::Aggregate::LineProposal(event)) }
        };
        self.lines.iter().zip(self.takers.chunks(TAKERS / self.lines.len())).map(proposal).collect()
    }
}

impl Track<'_> {
    fn client(&self, number: usize) -> PlacementServiceClient<Channel> {
        PlacementServiceClient::new(self.channels[number % self.channels.len()].clone())
    }

    /// Lines that are open, and everybody on their lists.
    async fn prepare(&mut self, race: &Race) {
        let (lines, _, units, _) = race.last.room();
        self.stage.publish(&quota(race.quota, "CO-ES", &race.season, units)).await;
        self.stage.publish(&quota(Uuid::now_v7(), "GT-ES", &race.season, 1000)).await;
        self.stage.publish(&race.order()).await;
        self.has("SELECT count(*) FROM quota WHERE season_code = $1", race, 2).await;
        self.has("SELECT count(*) FROM line WHERE season_code = $1", race, lines).await;
        let request = OpenLinesRequest {
            season_code: race.season.clone(),
            destination: "ES".to_owned(),
            occurred_on: "2026-01-10".to_owned(),
            request_id: request_id(),
        };
        self.client(0).open_lines(self.operator.call(request)).await.unwrap();
        self.has("SELECT count(*) FROM line WHERE season_code = $1 AND state = 2", race, lines).await;
        for proposal in race.proposals() {
            self.stage.publish(&proposal).await;
        }
        self.has("SELECT count(*) FROM placement WHERE season_code = $1", race, TAKERS).await;
    }

    async fn has(&mut self, sql: &'static str, race: &Race, wanted: usize) {
        let database = &mut self.database;
        until(sql, async || {
            let query = sqlx::query_scalar(sql).bind(&race.season);
            let rows: i64 = query.fetch_one(&mut *database).await.unwrap();
            rows == i64::try_from(wanted).unwrap()
        })
        .await;
    }

    async fn run(&self, race: &Race, score: &mut Score) {
        let began = Instant::now();
        let first = join_all(race.takers.iter().enumerate().map(|(number, one)| self.take(number, *one))).await;
        let winners: Vec<Uuid> =
            race.takers.iter().zip(&first).filter(|(_, outcome)| outcome.is_ok()).map(|(one, _)| *one).collect();
        let (.., most) = race.last.room();
        assert_eq!(winners.len(), most, "{}: as many win as there is room for: {first:?}", race.season);

        let losers = race.takers.iter().enumerate().filter(|(_, one)| !winners.contains(one));
        let again = join_all(losers.map(|(number, one)| self.take(number, *one)));
        let released =
            join_all(winners.iter().map(|one| self.make(0, (&self.ministry, "Withdraw", "2026-01-13"), *one)));
        let expired = self.run_due();
        let (again, ..) = tokio::join!(again, released, expired);
        score.lasted += began.elapsed();
        for outcome in first.iter().chain(&again) {
            score.tried += 1;
            match outcome {
                Ok(()) => score.won += 1,
                Err(reason) => *score.refused.entry(reason.clone()).or_default() += 1,
            }
        }
        // Those who are left do not stand in the way of the next race.
        while self.run_due().await {}
    }

    async fn take(&self, number: usize, placement: Uuid) -> Result<(), String> {
        self.make(number, (&self.union, "Select", "2026-01-12"), placement).await
    }

    /// One move, made again under its request id until it is answered; if it is refused, why.
    async fn make(
        &self,
        number: usize,
        (signed, command, on): (&Signed, &str, &str),
        placement: Uuid,
    ) -> Result<(), String> {
        let (placement_id, command, occurred_on) = (placement.to_string(), command.to_owned(), on.to_owned());
        let asked = Move { placement_id: placement_id.clone(), command, occurred_on, ..Move::default() };
        let request = MovePlacementRequest { placement_id, r#move: Some(asked), request_id: request_id() };
        loop {
            let answer = self.client(number).move_placement(signed.call(request.clone())).await;
            match answer {
                Ok(_) => return Ok(()),
                Err(status) if matches!(status.code(), Code::Unavailable | Code::ResourceExhausted) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(status) => return Err(Refused::from_status(&status).reason),
            }
        }
    }

    /// True if there is more to do.
    async fn run_due(&self) -> bool {
        let request = RunDueRequest { as_of: LATE.to_owned(), limit: 0, request_id: request_id() };
        loop {
            let answer = self.client(1).run_due(self.operator.call(request.clone())).await;
            match answer.map(tonic::Response::into_inner) {
                Ok(done) => return done.more || !done.moved.is_empty(),
                Err(status) if matches!(status.code(), Code::Unavailable | Code::ResourceExhausted) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(status) => panic!("the clocks run: {status}"),
            }
        }
    }

    /// The ledgers add up, and no state of a line or of a quota that was ever told had more given than there was.
    async fn nothing_was_given_twice(&mut self) {
        let audit = include_str!("../../../../services/placement/tests/placement/audit.sql");
        let wrong: Vec<String> = sqlx::query_scalar(audit).fetch_all(&mut self.database).await.unwrap();
        assert_eq!(wrong, Vec::<String>::new(), "the ledgers add up");
        let twice = "SELECT count(*) FROM occupancy a JOIN occupancy b
            ON a.candidate_id = b.candidate_id AND a.placement_id < b.placement_id AND a.during && b.during
            WHERE a.status <> 'RELEASED' AND b.status <> 'RELEASED'";
        let twice: i64 = sqlx::query_scalar(twice).fetch_one(&mut self.database).await.unwrap();
        assert_eq!(twice, 0, "nobody is in two places");
        let told = "SELECT payload FROM outbox WHERE aggregatetype IN ('line', 'quota_use')";
        let mut told = sqlx::query_scalar::<_, Vec<u8>>(told).fetch(&mut self.database);
        let mut states = 0;
        while let Some(payload) = told.try_next().await.unwrap() {
            match <PlacementEnvelope as prost::Message>::decode(payload.as_slice()).unwrap().aggregate {
                Some(placement_envelope::Aggregate::Line(event)) => {
                    let line = event.state.unwrap();
                    assert!(
                        (0..=line.posted).contains(&(line.held + line.taken + line.promised)),
                        "oversold: {line:?}"
                    );
                }
                Some(placement_envelope::Aggregate::QuotaUse(event)) => {
                    let quota = event.state.unwrap();
                    assert!((0..=quota.cap).contains(&quota.allotted), "overdrawn: {quota:?}");
                }
                other => panic!("no ledger: {other:?}"),
            }
            states += 1;
        }
        assert!(states > 100, "{states} states are no history");
    }
}

fn quota(id: Uuid, corridor: &str, season: &str, cap: i32) -> ProgrammeEvent {
    let state = Quota {
        id: id.to_string(),
        corridor_code: corridor.to_owned(),
        season_code: season.to_owned(),
        sector: "A01".to_owned(),
        cap,
        version: 1,
        ..Quota::default()
    };
    let event = QuotaEvent { state: Some(state), change: None };
    ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Quota(event)) }
}

/// Lines of two origins need two corridors.
fn second_corridor() -> [ProgrammeEvent; 2] {
    let corridor = Corridor {
        code: "GT-ES".to_owned(),
        origin: "GT".to_owned(),
        destination: "ES".to_owned(),
        state: CorridorState::Open.into(),
        ministry_id: MINISTRY.to_string(),
        version: 1,
        ..Corridor::default()
    };
    let rule = Rule { key: "list.reserve_factor".to_owned(), value: "100".to_owned(), ..Rule::default() };
    let pack = RulePack {
        id: "GT-ES@2025-01-01".to_owned(),
        code: "GT-ES".to_owned(),
        valid_from: "2025-01-01".to_owned(),
        rules: vec![rule],
        version: 1,
        ..RulePack::default()
    };
    [
        programme_event::Aggregate::Corridor(CorridorEvent { state: Some(corridor), change: None }),
        programme_event::Aggregate::RulePack(RulePackEvent { state: Some(pack), change: None }),
    ]
    .map(|aggregate| ProgrammeEvent { aggregate: Some(aggregate) })
}
