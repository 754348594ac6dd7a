//! A house in which everything but placements is played by a test producer, and what must hold in its ledgers.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cli::{cast, client::Session};
use platform::{
    Refused,
    testing::{Bench, eventually, request_id},
};
use prost::Message as _;
use proto::{
    Event,
    common::{Count, TallyRequest, TallyResponse},
    demand::{DemandEvent, JobOrder, JobOrderEvent, JobOrderState, OrderLine, demand_event},
    matching::{
        CandidatesProposed, LineProposal, LineProposalEvent, MatchingEvent, ProposedCandidate, line_proposal_event,
        matching_event,
    },
    placement::{
        GetLineRequest, GetPlacementRequest, ListPlacementsRequest, Move, MovePlacementRequest, OpenLinesRequest,
        Placement, PlacementEnvelope, RunDueRequest, Stage, placement_envelope,
    },
    programme::{
        Corridor, CorridorEvent, CorridorState, ProgrammeEvent, Quota, QuotaEvent, Rule, RulePack, RulePackEvent,
        programme_event,
    },
};
use rdkafka::Message;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::fire::{Writer, chaos, database, records};
use crate::season;

const AS_OF: &str = "2026-01-10";
/// Past the days in which a union selects and offers.
pub(in crate::fire) const LATE: &str = "2026-02-20";

/// A house in which the programme, the unions and the rounds are played by a test producer; placements are its own.
pub(in crate::fire) struct Race {
    pub(in crate::fire) bench: Bench,
    users: BTreeMap<&'static str, Session>,
    writers: BTreeMap<&'static str, Writer>,
}

/// Who acts in a race.
const USERS: [&str; 5] = ["operator", "auditor", "union-es", "ministry-co", "ministry-gt"];

/// A line with its order and season.
#[derive(Clone)]
pub(in crate::fire) struct Line {
    pub(super) id: Uuid,
    order: Uuid,
    season: String,
}

/// A person proposed for a line.
#[derive(Clone)]
pub(in crate::fire) struct Entry {
    pub(in crate::fire) placement: Uuid,
    pub(in crate::fire) candidate: Uuid,
    pub(in crate::fire) ministry: &'static str,
    pub(in crate::fire) quota: Uuid,
    pub(in crate::fire) rank: i32,
}

pub(in crate::fire) fn id() -> Uuid {
    request_id().parse().unwrap()
}

pub(in crate::fire) fn asked(placement: Uuid, command: &str, on: &str) -> Move {
    let (placement_id, command, occurred_on) = (placement.to_string(), command.to_owned(), on.to_owned());
    Move { placement_id, command, occurred_on, ..Move::default() }
}

/// The move by which a union selects somebody.
pub(in crate::fire) fn selection(entry: &Entry) -> Move {
    asked(entry.placement, "Select", "2026-01-12")
}

/// The house of a race.
pub(super) struct House {
    house: cli::house::House,
    _directory: tempfile::TempDir,
}

impl House {
    pub(super) async fn stop(self) {
        self.house.stop().await;
    }
}

impl Race {
    /// A race in a house of its own, which is to be stopped.
    pub(super) async fn start() -> (Self, House) {
        let bench = Bench::new(Vec::new()).await;
        let directory = tempfile::tempdir().unwrap();
        let house = season::house(&bench, directory.path()).await;
        let sessions = USERS.map(|user| (user, season::session(&house, user)));
        let race = Self::among(bench, sessions.into()).await;
        (race, House { house, _directory: directory })
    }

    /// A race at services that run already, with a session for each of its users.
    pub(in crate::fire) async fn at(bench: Bench, session: impl Fn(&Bench, &str) -> Session) -> Self {
        let sessions = USERS.map(|user| (user, session(&bench, user)));
        Self::among(bench, sessions.into()).await
    }

    async fn among(bench: Bench, users: BTreeMap<&'static str, Session>) -> Self {
        let topics = [ProgrammeEvent::TOPIC, DemandEvent::TOPIC, MatchingEvent::TOPIC];
        let writers = topics.into_iter().map(|topic| (topic, Writer::new(&bench, topic))).collect();
        let race = Self { bench, users, writers };
        for corridor in ["CO-ES", "GT-ES"] {
            // Lists are as long as anybody likes.
            race.corridor(corridor, &[("list.reserve_factor", "1000")]).await;
        }
        race
    }

    pub(in crate::fire) async fn tell<E: Event>(&self, event: &E) {
        let key = event.head().unwrap().id;
        self.writers[E::TOPIC].write(&key, id(), &event.encode_to_vec()).await;
    }

    /// An open corridor with these rules.
    pub(in crate::fire) async fn corridor(&self, code: &str, rules: &[(&str, &str)]) {
        let (origin, destination) = code.split_once('-').unwrap();
        let state = Corridor {
            code: code.to_owned(),
            origin: origin.to_owned(),
            destination: destination.to_owned(),
            state: CorridorState::Open.into(),
            ministry_id: cast::ministry(origin).id().to_string(),
            version: 1,
            ..Corridor::default()
        };
        let event = CorridorEvent { state: Some(state), change: None };
        self.tell(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Corridor(event)) }).await;
        let rule = |(key, value): &(&str, &str)| Rule {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
            ..Rule::default()
        };
        let state = RulePack {
            id: format!("{code}@2025-01-01"),
            code: code.to_owned(),
            valid_from: "2025-01-01".to_owned(),
            rules: rules.iter().map(rule).collect(),
            version: 1,
            ..RulePack::default()
        };
        let event = RulePackEvent { state: Some(state), change: None };
        self.tell(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::RulePack(event)) }).await;
    }

    pub(in crate::fire) async fn quota(&self, corridor: &str, season: &str, cap: i32) -> Uuid {
        let quota = id();
        let state = Quota {
            id: quota.to_string(),
            corridor_code: corridor.to_owned(),
            season_code: season.to_owned(),
            sector: "A01".to_owned(),
            cap,
            version: 1,
            ..Quota::default()
        };
        let event = QuotaEvent { state: Some(state), change: None };
        self.tell(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Quota(event)) }).await;
        quota
    }

    /// Lines of so many seats each, for these origins, opened once their quotas are known.
    pub(in crate::fire) async fn lines(
        &self,
        season: &str,
        (count, seats): (usize, i32),
        origins: &[&str],
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        for _ in 0..count {
            let line = Line { id: id(), order: id(), season: season.to_owned() };
            let state = JobOrder {
                id: line.order.to_string(),
                organisation_id: cast::union("ES").id().to_string(),
                destination: "ES".to_owned(),
                season_code: season.to_owned(),
                state: JobOrderState::Open.into(),
                lines: vec![OrderLine {
                    id: line.id.to_string(),
                    number: 1,
                    isco_codes: vec!["9211".to_owned()],
                    seats,
                    seats_asked: seats,
                    starts_on: "2026-04-02".to_owned(),
                    ends_on: "2026-09-30".to_owned(),
                    substitutes: true,
                    origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
                    ..OrderLine::default()
                }],
                version: 1,
                ..JobOrder::default()
            };
            let event = JobOrderEvent { state: Some(state), change: None };
            self.tell(&DemandEvent { aggregate: Some(demand_event::Aggregate::JobOrder(event)) }).await;
            lines.push(line);
        }
        eventually("the quotas are known", async || {
            let sql = "SELECT count(*) FROM quota WHERE season_code = $1";
            let query = sqlx::query_scalar(sql).bind(season);
            let known: i64 = query.fetch_one(&mut self.ledgers().await?).await.ok()?;
            (known == i64::try_from(origins.len()).unwrap()).then_some(())
        })
        .await;
        for line in &lines {
            eventually("the line is open", async || {
                if self.line(line).await.is_none_or(|line| line.state != 2) {
                    self.open(season).await;
                }
                self.line(line).await.filter(|line| line.state == 2)
            })
            .await;
        }
        lines
    }

    pub(super) async fn open(&self, season: &str) {
        let request = OpenLinesRequest {
            season_code: season.to_owned(),
            destination: "ES".to_owned(),
            occurred_on: AS_OF.to_owned(),
            request_id: request_id(),
        };
        eventually("lines are opened", async || {
            self.users["operator"].placement().open_lines(request.clone()).await.ok()
        })
        .await;
    }

    pub(in crate::fire) async fn line(&self, line: &Line) -> Option<proto::placement::Line> {
        let request = GetLineRequest { line_id: line.id.to_string() };
        self.users["operator"].placement().get_line(request).await.ok().map(tonic::Response::into_inner)
    }

    /// A round's proposal of people for a line.
    pub(in crate::fire) async fn propose(&self, line: &Line, entries: &[Entry]) {
        self.tell(&proposal(line, entries)).await;
    }

    /// The same, told three times as one event.
    pub(in crate::fire) async fn propose_thrice(&self, line: &Line, entries: &[Entry]) {
        let event = proposal(line, entries);
        let (key, event_id) = (event.head().unwrap().id, id());
        for _ in 0..3 {
            self.writers[MatchingEvent::TOPIC].write(&key, event_id, &event.encode_to_vec()).await;
        }
    }

    pub(in crate::fire) async fn get(&self, placement: Uuid) -> Option<Placement> {
        let request = GetPlacementRequest { placement_id: placement.to_string(), ..Default::default() };
        self.users["operator"].placement().get_placement(request).await.ok()?.into_inner().placement
    }

    /// Every placement of a season.
    pub(in crate::fire) async fn placements(&self, season: &str) -> Vec<Placement> {
        let request = ListPlacementsRequest {
            page_size: 1000,
            season_code: season.to_owned(),
            ..ListPlacementsRequest::default()
        };
        self.users["operator"].placement().list_placements(request).await.unwrap().into_inner().placements
    }

    /// The ledgers, if their database can be reached.
    async fn ledgers(&self) -> Option<PgConnection> {
        PgConnection::connect(&self.bench.superuser_url("placement")).await.ok()
    }

    /// Waits until each entry has become a placement or a refusal.
    pub(in crate::fire) async fn answered(&self, entries: &[Entry]) {
        self.answered_all(&entries.iter().map(|entry| entry.placement).collect::<Vec<_>>()).await;
    }

    /// The same of placements by their ids.
    pub(in crate::fire) async fn answered_all(&self, ids: &[Uuid]) {
        eventually("every proposal is answered", async || {
            let sql =
                "SELECT count(*) FROM (SELECT id FROM placement UNION ALL SELECT placement_id FROM proposal_refusal)
                AS answer (id) WHERE id = ANY ($1)";
            let rows: i64 = sqlx::query_scalar(sql).bind(ids).fetch_one(&mut self.ledgers().await?).await.ok()?;
            (rows == i64::try_from(ids.len()).unwrap()).then_some(())
        })
        .await;
    }

    /// One move by a user of the race.
    pub(in crate::fire) async fn make(&self, user: &str, asked: Move) -> Result<Placement, Refused> {
        make(&self.users[user], asked, &request_id()).await
    }

    /// One move by somebody who goes away after so long, answered or not, and sends it again.
    pub(in crate::fire) async fn make_again(
        &self,
        user: &str,
        asked: Move,
        patience: Duration,
    ) -> Result<Placement, Refused> {
        let (session, id) = (&self.users[user], request_id());
        tokio::time::timeout(patience, make(session, asked.clone(), &id)).await.ok();
        make(session, asked, &id).await
    }

    pub(in crate::fire) async fn select(&self, entry: &Entry) -> Result<Placement, Refused> {
        self.make("union-es", selection(entry)).await
    }

    pub(in crate::fire) async fn run_due(&self, as_of: &str) -> bool {
        let request = RunDueRequest { as_of: as_of.to_owned(), limit: 0, request_id: request_id() };
        let answer = eventually("the clocks run", async || {
            self.users["operator"].placement().run_due(request.clone()).await.ok()
        });
        let answer = answer.await.into_inner();
        answer.more || !answer.moved.is_empty()
    }

    /// Nobody holds more than there is, and every count is that of its rows, its entries and its events.
    pub(in crate::fire) async fn audit(&self, season: &str) {
        // What was promised goes to the lists, until nothing moves any more.
        let mut turns = 0;
        while self.run_due(LATE).await {
            turns += 1;
            assert!(turns < 100, "{season}: the clocks come to no end");
        }
        self.ledgers_add_up(season).await;
    }

    /// The same of what is there just now.
    pub(in crate::fire) async fn ledgers_add_up(&self, season: &str) {
        let mut ledgers = database(&self.bench, "placement").await;
        let wrong: Vec<String> =
            sqlx::query_scalar(include_str!("../../../../services/placement/tests/placement/audit.sql"))
                .fetch_all(&mut ledgers)
                .await
                .unwrap();
        assert_eq!(wrong, Vec::<String>::new(), "{season}: the ledgers add up");
        let over = "SELECT 'line ' || id FROM line WHERE held + taken + promised > posted OR least(held, taken, promised, units) < 0
            UNION ALL SELECT 'share of line ' || line_id FROM line_share WHERE least(units, units_held, units_used) < 0
            UNION ALL SELECT 'quota ' || id FROM quota WHERE allotted NOT BETWEEN 0 AND cap
            UNION ALL SELECT 'quota ' || id FROM quota WHERE shortfall > 0
            UNION ALL SELECT 'person ' || a.candidate_id FROM occupancy a JOIN occupancy b
                ON a.candidate_id = b.candidate_id AND a.placement_id < b.placement_id AND a.during && b.during
                WHERE a.status <> 'RELEASED' AND b.status <> 'RELEASED'
            UNION ALL SELECT 'seats of line ' || line.id FROM line WHERE held <>
                (SELECT count(*) FROM placement WHERE line_id = line.id AND seat = 'HELD')";
        let over: Vec<String> = sqlx::query_scalar(over).fetch_all(&mut ledgers).await.unwrap();
        assert_eq!(over, Vec::<String>::new(), "{season}: nothing is given twice");
    }

    /// The fold of monitoring says what the owner counts, at the same event.
    pub(in crate::fire) async fn events_agree(&self) {
        let auditor = &self.users["auditor"];
        eventually("monitoring counts what placement counts", async || {
            let owner = auditor.placement().tally(TallyRequest {}).await.ok()?.into_inner();
            let fold = auditor.monitoring().tally(TallyRequest {}).await.ok()?.into_inner();
            (figures(&owner, "") == figures(&fold, "placement.") && positions(&owner).is_subset(&positions(&fold)))
                .then_some(())
        })
        .await;
    }

    /// At no moment of its history was a line or a quota oversold.
    pub(in crate::fire) fn history_is_sound(&self) {
        let mut states = 0;
        for record in records(&self.bench, PlacementEnvelope::TOPIC) {
            match PlacementEnvelope::decode(record.payload().unwrap()).unwrap().aggregate {
                Some(placement_envelope::Aggregate::Line(event)) => {
                    let line = event.state.unwrap();
                    let (used, units) = (line.held + line.taken + line.promised, |share: i32| share >= 0);
                    assert!((0..=line.posted).contains(&used), "oversold: {line:?}");
                    assert!(
                        line.shares
                            .iter()
                            .all(|share| units(share.units) && units(share.units_held) && units(share.units_used)),
                        "units below none: {line:?}"
                    );
                    states += 1;
                }
                Some(placement_envelope::Aggregate::QuotaUse(event)) => {
                    let quota = event.state.unwrap();
                    assert!((0..=quota.cap).contains(&quota.allotted), "overdrawn: {quota:?}");
                    states += 1;
                }
                _ => {}
            }
        }
        assert!(states > 8, "the history has {states} states of ledgers");
    }
}

/// One move, sent until it is answered.
pub(in crate::fire) async fn make(session: &Session, asked: Move, request_id: &str) -> Result<Placement, Refused> {
    let (placement_id, request_id) = (asked.placement_id.clone(), request_id.to_owned());
    let request = MovePlacementRequest { placement_id, r#move: Some(asked), request_id };
    eventually("a move is answered", async || match session.placement().move_placement(request.clone()).await {
        Ok(answer) => Some(Ok(answer.into_inner())),
        Err(status) if chaos::passes(&status) => None,
        Err(status) => Some(Err(Refused::from_status(&status))),
    })
    .await
}

fn proposal(line: &Line, entries: &[Entry]) -> MatchingEvent {
    let entry = |entry: &Entry| ProposedCandidate {
        placement_id: entry.placement.to_string(),
        candidate_id: entry.candidate.to_string(),
        ministry_id: cast::organisation(entry.ministry).id().to_string(),
        corridor_code: "CO-ES".to_owned(),
        quota_id: entry.quota.to_string(),
        reserve_rank: entry.rank,
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
    let state = LineProposal {
        id: request_id(),
        round_id: request_id(),
        line_id: line.id.to_string(),
        order_id: line.order.to_string(),
        organisation_id: cast::union("ES").id().to_string(),
        season_code: line.season.clone(),
        destination: "ES".to_owned(),
        line_version: 1,
        starts_on: "2026-04-02".to_owned(),
        ends_on: "2026-09-30".to_owned(),
        substitutes: true,
        entries: entries.iter().map(entry).collect(),
        as_of: AS_OF.to_owned(),
        version: 1,
    };
    let change = Some(line_proposal_event::Change::Proposed(CandidatesProposed {}));
    let event = LineProposalEvent { state: Some(state), change };
    MatchingEvent { aggregate: Some(matching_event::Aggregate::LineProposal(event)) }
}

fn figures(tally: &TallyResponse, prefix: &str) -> BTreeSet<(String, String, String, String, i64)> {
    let figure = |count: &Count| {
        let figure = count.figure.strip_prefix(prefix)?.to_owned();
        let (corridor, season, state) = (count.corridor.clone(), count.season.clone(), count.state.clone());
        (count.value != 0).then_some((figure, corridor, season, state, count.value))
    };
    tally.counts.iter().filter_map(figure).collect()
}

fn positions(tally: &TallyResponse) -> BTreeSet<(String, i64, i64)> {
    let position =
        |position: &proto::common::Position| (position.aggregate.clone(), position.aggregates, position.events);
    tally.positions.iter().map(position).collect()
}

/// Those who ever held, and those who gave it back.
pub(super) fn ever_held(placements: &[Placement]) -> (usize, usize) {
    let held = |placement: &&Placement| {
        let stages = placement.steps.iter().map(proto::placement::Step::stage);
        stages.into_iter().any(|stage| matches!(stage, Stage::Proposed | Stage::Selected))
    };
    let back = placements.iter().filter(held).filter(|placement| placement.stage() == Stage::Cancelled).count();
    (placements.iter().filter(held).count(), back)
}
