//! Rounds over people who were registered, each with an order of its own: posted, approved, opened, computed and published by
//! the services themselves. Only the programme is a test producer's.

use std::time::{Duration, Instant};

use cli::{cast, client::Session};
use platform::testing::{eventually, request_id};
use proto::{
    demand::{
        BatchApproveJobOrdersRequest, JobOrder, OrderLine, Pay, Place, PostJobOrderRequest, RegisterEmployerRequest,
    },
    matching::{ComputeRoundRequest, GetRoundRequest, PublishRoundRequest, Round, RoundState},
    placement::OpenLinesRequest,
    programme::{
        Organisation, OrganisationEvent, OrganisationRegistered, ProgrammeEvent, Season, SeasonEvent, SeasonPlanned,
        organisation_event, programme_event, season_event,
    },
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{World, leave, patience, people::Files, session};
use crate::fire::scalar;

/// Whence people come and where they go: another way than that of the lines which are fought for.
const CORRIDOR: &str = "CO-CA";
const DESTINATION: &str = "CA";
const FILED_ON: &str = "2026-01-05";
const AS_OF: &str = "2026-01-10";
/// Unit groups of ISCO-08 that a line takes people from: those of most people in a batch.
const OCCUPATIONS: [&str; 6] = ["9211", "9213", "9214", "6112", "6111", "6130"];
/// Lines of an order, and seats and beds of each.
const LINES: [&str; 2] = ["Harvest of berries", "Planting"];
const SEATS: i32 = 2;

const KNOWS_CORRIDOR: &str = "SELECT EXISTS (SELECT FROM corridor WHERE code = $1)";
const KNOWS_RULES: &str = "SELECT EXISTS (SELECT FROM rule_pack WHERE code = $1)";
const KNOWS_SEASON: &str = "SELECT EXISTS (SELECT FROM season WHERE code = $1)";
const KNOWS_QUOTA: &str = "SELECT EXISTS (SELECT FROM quota WHERE season_code = $1)";
/// Both lines, with what was ordered and what is free of it.
const KNOWS_LINES: &str = "SELECT (SELECT count(*) FROM line_ledger WHERE season_code = $1 AND open) = 2
    AND (SELECT count(*) FROM job_line l JOIN job_order o ON o.id = l.order_id WHERE o.season_code = $1) = 2";

/// What was acknowledged.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    people: usize,
    published: usize,
    seats_filled: i64,
}

/// Who acts, and for whom the work is.
struct Desks {
    operator: Session,
    union: Session,
    employer_id: String,
}

impl World {
    /// Batches and rounds, one after the other.
    pub(super) async fn hold_rounds(&self, mut chance: ChaCha8Rng, end: Instant) -> Rounds {
        self.tell_programme().await;
        let sign_in = |user| session(&self.addresses)(&self.race.bench, user);
        let mut files = Files::of(sign_in(cast::ministry("CO").user));
        let (operator, union) = (sign_in("operator"), sign_in(cast::union(DESTINATION).user));
        let employer_id = self.employer(&union).await;
        let desks = Desks { operator, union, employer_id };
        let mut rounds = Rounds::default();
        while Instant::now() < end {
            let season = format!("round-{}", rounds.published);
            self.register(&mut files, chance.random()).await;
            self.plan(&season).await;
            self.order(&desks, &season, &mut chance).await;
            self.open(&desks, &season).await;
            self.hear(&season, files.people).await;
            let round = self.compute(&desks, (&season, chance.random())).await;
            rounds.seats_filled += self.publish(&desks, &round).await;
            rounds.published += 1;
            let pause = Duration::from_millis(chance.random_range(500..6_000));
            tokio::time::sleep(pause.min(end.saturating_duration_since(Instant::now()))).await;
        }
        rounds.people = files.people;
        rounds
    }

    /// Nobody was registered twice, no order was posted twice, and every round went out.
    pub(super) async fn rounds_are_there_once(&self, rounds: &Rounds) {
        assert!(rounds.published > 0 && rounds.seats_filled > 0, "the rounds were none: {rounds:?}");
        for (service, sql, wanted) in [
            ("candidate", "SELECT count(*) FROM candidate", rounds.people),
            ("candidate", "SELECT count(DISTINCT reference) FROM person", rounds.people),
            ("demand", "SELECT count(*) FROM job_order", rounds.published),
            ("matching", "SELECT count(*) FROM round WHERE state = 4", rounds.published),
        ] {
            let found = scalar(&self.race.bench, service, sql).await;
            assert_eq!(found, Some(i64::try_from(wanted).unwrap()), "{service}: {sql}");
        }
    }

    /// The ministry and the corridor, until all who ask for them know them.
    async fn tell_programme(&self) {
        let _calm = self.calm.read().await;
        let ministry = cast::ministry("CO");
        let id = ministry.id().to_string();
        let state = Organisation {
            id: id.clone(),
            kind: ministry.kind.into(),
            name: ministry.name.to_owned(),
            country: ministry.country.to_owned(),
            code: ministry.code.to_owned(),
            version: 1,
        };
        let change = Some(organisation_event::Change::Registered(OrganisationRegistered {}));
        let event = OrganisationEvent { state: Some(state), change };
        self.race.tell(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Organisation(event)) }).await;
        self.race.corridor(CORRIDOR, &[]).await;
        self.knows("candidate", "SELECT EXISTS (SELECT FROM organisation WHERE id::text = $1)", &id).await;
        for service in ["candidate", "demand", "matching", "placement"] {
            self.knows(service, KNOWS_CORRIDOR, CORRIDOR).await;
            self.knows(service, KNOWS_RULES, CORRIDOR).await;
        }
    }

    async fn employer(&self, union: &Session) -> String {
        let request = RegisterEmployerRequest {
            name: "Berries of the river".to_owned(),
            country: DESTINATION.to_owned(),
            reference: "berries".to_owned(),
            request_id: request_id(),
            ..RegisterEmployerRequest::default()
        };
        self.sent("an employer is registered", async || union.demand().register_employer(request.clone()).await)
            .await
            .id
    }

    /// A season with its quota.
    async fn plan(&self, season: &str) {
        let _calm = self.calm.read().await;
        let state = Season {
            code: season.to_owned(),
            starts_on: "2026-01-01".to_owned(),
            ends_on: "2026-12-31".to_owned(),
            version: 1,
        };
        let change = Some(season_event::Change::Planned(SeasonPlanned {}));
        let event = SeasonEvent { state: Some(state), change };
        self.race.tell(&ProgrammeEvent { aggregate: Some(programme_event::Aggregate::Season(event)) }).await;
        self.race.quota(CORRIDOR, season, 1000).await;
        for (service, sql) in [
            ("demand", KNOWS_SEASON),
            ("matching", KNOWS_SEASON),
            ("matching", KNOWS_QUOTA),
            ("placement", KNOWS_QUOTA),
        ] {
            self.knows(service, sql, season).await;
        }
    }

    /// Posts the order of a season, which some go away from, and has it approved.
    async fn order(&self, desks: &Desks, season: &str, chance: &mut ChaCha8Rng) {
        let request = PostJobOrderRequest {
            order: Some(order(season, &desks.employer_id)),
            request_id: Uuid::from_u128(chance.random()).to_string(),
        };
        for _ in 0..chance.random_range(0..=2) {
            let patience = patience(chance);
            let _busy = self.still.read().await;
            leave(patience, desks.union.demand().post_job_order(request.clone())).await;
        }
        let posted =
            self.sent("an order is posted", async || desks.union.demand().post_job_order(request.clone()).await).await;
        let request = BatchApproveJobOrdersRequest {
            order_ids: vec![posted.id],
            decided_on: AS_OF.to_owned(),
            request_id: request_id(),
        };
        let approved = self
            .sent("an order is approved", async || {
                desks.operator.demand().batch_approve_job_orders(request.clone()).await
            })
            .await;
        assert!(approved.results.iter().all(|result| result.refusal.is_none()), "{approved:?}");
    }

    /// Opens the lines of a season's order.
    async fn open(&self, desks: &Desks, season: &str) {
        let _calm = self.calm.read().await;
        self.knows("placement", "SELECT count(*) = 2 FROM line WHERE season_code = $1", season).await;
        let request = OpenLinesRequest {
            season_code: season.to_owned(),
            destination: DESTINATION.to_owned(),
            occurred_on: AS_OF.to_owned(),
            request_id: request_id(),
        };
        self.sent("lines are opened", async || desks.operator.placement().open_lines(request.clone()).await).await;
    }

    /// Waits until whoever computes the round knows its lines and everybody who was registered.
    async fn hear(&self, season: &str, people: usize) {
        let _calm = self.calm.read().await;
        self.knows("matching", KNOWS_LINES, season).await;
        self.knows("matching", "SELECT count(*)::text = $1 FROM candidate", &people.to_string()).await;
    }

    /// A round that may be looked at. One whose process or database died under it is begun anew.
    async fn compute(&self, desks: &Desks, (season, seed): (&str, u64)) -> Round {
        loop {
            let request = ComputeRoundRequest {
                season_code: season.to_owned(),
                destination: DESTINATION.to_owned(),
                as_of: AS_OF.to_owned(),
                seed: seed.to_string(),
                request_id: request_id(),
            };
            let begun = self
                .sent("a round is begun", async || desks.operator.matching().compute_round(request.clone()).await)
                .await;
            let round = eventually("a round is computed", async || {
                let request = GetRoundRequest { round_id: begun.id.clone() };
                let round = desks.operator.matching().get_round(request).await.ok()?.into_inner();
                (round.state() != RoundState::Computing).then_some(round)
            })
            .await;
            let why = round.failed_because.as_ref().map(|reason| reason.code.clone()).unwrap_or_default();
            match (round.state(), why.as_str()) {
                (RoundState::Preview, _) => return round,
                (RoundState::Failed, "PROCESS_ENDED" | "NOT_COMPUTED") => {}
                _ => panic!("{round:?}"),
            }
        }
    }

    /// Sends a round out, until each of its proposals is answered. Answers how many seats it fills.
    async fn publish(&self, desks: &Desks, round: &Round) -> i64 {
        let _calm = self.calm.read().await;
        let request = PublishRoundRequest { round_id: round.id.clone(), request_id: request_id(), expected_version: 0 };
        let published = self
            .sent("a round goes out", async || desks.operator.matching().publish_round(request.clone()).await)
            .await;
        assert_eq!(published.state(), RoundState::Published, "{published:?}");
        let id: Uuid = round.id.parse().unwrap();
        let sent: Vec<Uuid> = eventually("the pairs of a round are read", async || {
            let mut matching = PgConnection::connect(&self.race.bench.superuser_url("matching")).await.ok()?;
            let sql = "SELECT placement_id FROM round_pair WHERE round_id = $1";
            sqlx::query_scalar(sql).bind(id).fetch_all(&mut matching).await.ok()
        })
        .await;
        self.race.answered_all(&sent).await;
        published.seats_filled
    }

    /// Waits until a service knows this: what `sql` says of it is true.
    async fn knows(&self, service: &str, sql: &'static str, what: &str) {
        eventually(&format!("{service} knows of {what}: {sql}"), async || {
            let mut database = PgConnection::connect(&self.race.bench.superuser_url(service)).await.ok()?;
            let known: bool = sqlx::query_scalar(sql).bind(what).fetch_one(&mut database).await.ok()?;
            known.then_some(())
        })
        .await;
    }
}

fn order(season: &str, employer_id: &str) -> JobOrder {
    let line = |title: &str| OrderLine {
        title: title.to_owned(),
        isco_codes: OCCUPATIONS.map(str::to_owned).to_vec(),
        seats: SEATS,
        starts_on: "2026-04-02".to_owned(),
        ends_on: "2026-09-30".to_owned(),
        workplace: Some(Place { city: "Rougemont".to_owned(), region: "QC".to_owned(), ..Place::default() }),
        pay: Some(Pay { amount: "15.75".to_owned(), currency: "CAD".to_owned(), unit: "hour".to_owned() }),
        hours_week: 40,
        substitutes: true,
        beds: SEATS,
        ..OrderLine::default()
    };
    JobOrder {
        reference: season.to_owned(),
        employer_id: employer_id.to_owned(),
        destination: DESTINATION.to_owned(),
        season_code: season.to_owned(),
        filed_on: FILED_ON.to_owned(),
        lines: LINES.map(line).to_vec(),
        ..JobOrder::default()
    }
}
