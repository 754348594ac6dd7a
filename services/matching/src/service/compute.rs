//! Computing a round: begun in the call, done in a task of its own.

use std::{collections::HashMap, sync::Arc, time::Instant};

use chrono::NaiveDate;
use platform::{Begun, Error, Principal, Reach, Refused, command, outbox};
use prost::Message;
use proto::matching::{self as wire, round_event::Change};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use tonic::Code;
use uuid::Uuid;

use super::Service;
use crate::{
    assemble, eligibility,
    fairness::{self, Traits},
    market, message,
    plan::{self, Outcome, Report},
    round::{Round, State},
    snapshot::Snapshot,
    store::{
        basis, gather,
        pair::{self, PairRow},
        round as store,
    },
};

/// Rows inserted by one statement.
const ROWS: usize = 5_000;

/// What is to be matched.
pub(crate) struct ComputeRound {
    pub(crate) season_code: String,
    pub(crate) destination: String,
    pub(crate) as_of: NaiveDate,
    pub(crate) seed: String,
}

/// Why a computation came to nothing: told in the round.
struct Failure(String);

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl Service {
    /// Begins a round. The answer comes at once; the work goes on.
    pub(crate) async fn compute_round(
        &self,
        principal: &Principal,
        wanted: ComputeRound,
        request: &wire::ComputeRoundRequest,
    ) -> Result<wire::Round, Error> {
        let who = (principal.reach(), principal.organisation_id);
        let begun = command::begin(&self.database, who, "ComputeRound", &request.request_id, request).await?;
        let mut command = match begun {
            Begun::Answered(round) => return Ok(round),
            Begun::New(command) => command,
        };
        check(command.tx(), &wanted).await?;
        let mut round = Round {
            id: self.clock.id(),
            number: 0,
            season_code: wanted.season_code,
            destination: wanted.destination,
            state: State::Computing,
            as_of: wanted.as_of,
            seed: wanted.seed,
            phase: "reading".to_owned(),
            percent: 0,
            failure: String::new(),
            report: Report::default(),
            version: 0,
        };
        round.number = store::insert(command.tx(), &round).await.map_err(|error| match &error {
            sqlx::Error::Database(fault) if fault.is_unique_violation() => busy("another one").into(),
            _ => Error::from(error),
        })?;
        let answer = command.finish(wire::Round::from(&round)).await?;
        let service = self.clone();
        tokio::spawn(async move { service.compute_to_the_end(round).await });
        Ok(answer)
    }

    async fn compute_to_the_end(&self, round: Round) {
        let (id, number) = (round.id, round.number);
        let Err(Failure(failure)) = self.compute(round).await else { return };
        tracing::error!(round = number, failure, "a round was not computed");
        let ended = async {
            let mut tx = self.database.begin(Reach::System).await?;
            store::fail(&mut tx, id, &failure).await?;
            self.database.commit(tx).await
        };
        if let Err(error) = ended.await {
            tracing::error!(round = number, %error, "the failure of a round was not noted; the next start notes it");
        }
    }

    async fn compute(&self, mut round: Round) -> Result<(), Failure> {
        let started = Instant::now();
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        let group = (round.season_code.as_str(), round.destination.as_str(), round.as_of);
        let gathered = gather::gather(&mut tx, group).await?;
        tx.commit().await?;
        let mut traits = fairness::of_all(&gathered.candidates, round.as_of);
        let mut snapshot = assemble::snapshot(group, gathered)?;
        snapshot.draw_lines(&round.seed);
        let snapshot = Arc::new(snapshot);

        self.progress(&round, "market", 15).await?;
        let read = snapshot.clone();
        let (market, limits) = tokio::task::spawn_blocking(move || market::build(read)).await??;

        self.progress(&round, "solving", 30).await?;
        let (solved, seed) = (snapshot.clone(), round.seed.clone());
        let (market, found) = tokio::task::spawn_blocking(move || {
            let found = plan::solve(&solved, &market, &seed);
            (market, found)
        })
        .await?;

        self.progress(&round, "checking", 60).await?;
        let checked = snapshot.clone();
        let outcome = tokio::task::spawn_blocking(move || plan::conclude(&checked, (&market, &limits), &found)).await?;
        let mut outcome = outcome.map_err(|checks| {
            let wrong: Vec<String> = checks
                .iter()
                .filter(|check| !check.passed)
                .map(|check| format!("{}: {}", check.name, check.finding))
                .collect();
            Failure(format!("the plan did not pass its checks: {}", wrong.join("; ")))
        })?;

        self.progress(&round, "storing", 80).await?;
        outcome.report.milliseconds = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        outcome.report.computed_on = self.clock.now().date_naive().to_string();
        round.report = outcome.report.clone();
        self.store(round, (&snapshot, &mut traits), outcome).await
    }

    async fn progress(&self, round: &Round, phase: &str, percent: i32) -> Result<(), Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        store::progress(&mut tx, round.id, phase, percent).await?;
        self.database.commit(tx).await?;
        Ok(())
    }

    /// Stores plan and explanation data and brings the round to its preview, in one transaction.
    async fn store(
        &self,
        mut round: Round,
        (snapshot, traits): (&Snapshot, &mut HashMap<Uuid, Traits>),
        outcome: Outcome,
    ) -> Result<(), Failure> {
        let mut tx = self.database.begin(Reach::System).await?;
        let kept = (json(&outcome.report), json(&snapshot.terms), json(&outcome.prices), json(&snapshot.quotas));
        if !store::conclude(&mut tx, round.id, kept).await? {
            return Err(Failure("the round was ended while it was computed".to_owned()));
        }
        store_market(&mut tx, round.id, (snapshot, traits), &outcome).await?;
        insert_pairs(&mut tx, round.id, snapshot, &outcome).await?;
        (round.state, round.version, round.percent) = (State::Preview, 1, 100);
        round.phase.clear();
        let event = message::round_event(&round, Change::Computed(wire::RoundComputed {}));
        outbox::append(&mut tx, &self.clock, &[event]).await?;
        self.database.commit(tx).await?;
        tracing::info!(
            round = round.number,
            seats = round.report.seats_filled,
            milliseconds = round.report.milliseconds,
            "a round was computed"
        );
        Ok(())
    }
}

async fn check(tx: &mut PgConnection, wanted: &ComputeRound) -> Result<(), Error> {
    if !gather::season_is_known(tx, &wanted.season_code).await? {
        let message = format!("no season {} is planned", wanted.season_code);
        return Err(Refused::field("season_code", "SEASON_UNKNOWN", message).into());
    }
    let corridors = gather::corridors(tx, &wanted.destination).await?;
    if !corridors.iter().any(|corridor| corridor.open) {
        let message = format!("no open corridor leads to {}", wanted.destination);
        return Err(Refused::field("destination", "NO_CORRIDOR", message).mend("open a corridor to it first").into());
    }
    match store::working(tx, &wanted.season_code, &wanted.destination).await? {
        None => Ok(()),
        Some((number, state)) if state == State::Publishing as i16 => {
            let refused = busy(&format!("round {number}, which is being published,"));
            Err(refused.mend(format!("publish round {number} again: it goes on where it stopped")).into())
        }
        Some((number, _)) => Err(busy(&format!("round {number}")).into()),
    }
}

fn busy(who: &str) -> Refused {
    let message = format!("{who} of this season and destination works now; rounds of one group go one after another");
    Refused::new(Code::FailedPrecondition, "ROUND_BUSY", message).mend("wait until it has ended")
}

async fn store_market(
    tx: &mut PgConnection,
    round_id: Uuid,
    (snapshot, traits): (&Snapshot, &mut HashMap<Uuid, Traits>),
    outcome: &Outcome,
) -> Result<(), Failure> {
    let mut has_pairs = vec![false; snapshot.lines.len()];
    for seat in &outcome.seats {
        has_pairs[seat.line] = true;
    }
    let lines: Vec<_> = snapshot.lines.iter().zip(&outcome.lines).zip(has_pairs).collect();
    for chunk in lines.chunks(ROWS) {
        let row = |((line, outcome), has_pairs): &((&crate::facts::Line, &plan::LineOutcome), bool)| basis::LineRow {
            line_id: line.id,
            union_id: line.organisation_id,
            facts: json(line),
            outcome: json(outcome),
            has_pairs: *has_pairs,
        };
        basis::insert_lines(tx, round_id, chunk.iter().map(row).collect()).await?;
    }
    let people: Vec<_> = snapshot.candidates.iter().zip(&outcome.eligible).collect();
    for chunk in people.chunks(ROWS) {
        let mut row = |(person, eligible): &(&crate::facts::Candidate, &bool)| basis::CandidateRow {
            candidate_id: person.id,
            ministry_id: person.ministry_id,
            facts: json(person),
            eligible: **eligible,
            traits: traits.remove(&person.id).unwrap_or_default(),
        };
        basis::insert_candidates(tx, round_id, chunk.iter().map(&mut row).collect()).await?;
    }
    Ok(())
}

/// Stores seats and reserve lists.
pub(super) async fn insert_pairs(
    tx: &mut PgConnection,
    round_id: Uuid,
    snapshot: &Snapshot,
    outcome: &Outcome,
) -> sqlx::Result<()> {
    for (chunk, seats) in outcome.seats.chunks(ROWS).enumerate() {
        let places = (chunk * ROWS..).zip(seats);
        let rows: Vec<PairRow> =
            places.map(|(position, seat)| pair_row(round_id, (position, seat), snapshot)).collect();
        pair::insert(tx, round_id, &rows).await?;
    }
    Ok(())
}

fn pair_row(round_id: Uuid, (position, seat): (usize, &plan::Seat), snapshot: &Snapshot) -> PairRow {
    let (line, person) = (&snapshot.lines[seat.line], &snapshot.candidates[seat.candidate]);
    let corridor = &snapshot.terms.corridors[&person.origin];
    let quota_id = line.share(&corridor.code).expect("a permitted pair has a share in its line").quota_id;
    let period = eligibility::period(corridor, line);
    let entry = message::entry(round_id, (seat, corridor), person, (line, quota_id));
    PairRow {
        placement_id: crate::round::placement_id(round_id, line.id, person.id),
        position: i32::try_from(position).expect("a round has fewer than 2^31 pairs"),
        line_id: line.id,
        candidate_id: person.id,
        ministry_id: person.ministry_id,
        union_id: line.organisation_id,
        corridor_code: corridor.code.clone(),
        quota_id,
        reserve_rank: seat.rank,
        days: [line.starts_on, period.until],
        record: message::record(round_id, (seat, corridor), person, line).encode_to_vec(),
        entry: entry.encode_to_vec(),
    }
}

pub(super) fn json(kept: &impl Serialize) -> Value {
    serde_json::to_value(kept).expect("plain data becomes JSON")
}
