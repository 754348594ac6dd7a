//! What is kept of a computed round: its plan, and what explains it. One transaction, a batch of rows at a time.

use std::collections::HashMap;

use platform::{Reach, outbox};
use prost::Message;
use proto::{
    ids::RoundId,
    matching::{self as wire, round_event::Change},
};
use serde::Serialize;
use serde_json::Value;
use solver::{Scope, Stopped};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Service,
    compute::Failure,
    course::{Course, Phase},
};
use crate::{
    eligibility,
    fairness::Register,
    message,
    plan::{self, Outcome},
    round::{Round, State, placement_id},
    snapshot::Snapshot,
    store::{
        basis,
        pair::{self, PairRow},
        round as store,
    },
    together::{self, Company},
};

/// Rows inserted by one statement.
const ROWS: usize = 5_000;

impl Service {
    /// Stores plan and explanation data and brings the round to its preview. The round's row comes last, so that the round
    /// can be followed, and thrown away, meanwhile.
    pub(super) async fn keep(
        &self,
        mut round: Round,
        (snapshot, traits): (&Snapshot, &Register),
        (outcome, course): (&Outcome, &Course),
    ) -> Result<(), Failure> {
        let all = snapshot.lines.len() + snapshot.candidates.len() + outcome.seats.len();
        let mut done = 0;
        let mut reach = |rows: usize| {
            done += rows;
            course.reach(Phase::Storing, (done, all))
        };
        reach(0)?;
        let mut tx = self.database.begin(Reach::System).await?;
        insert_lines(&mut tx, round.id, (snapshot, outcome), &mut reach).await?;
        let marks = together::marks(&outcome.groups, round.id);
        insert_people(&mut tx, round.id, (snapshot, traits), (&outcome.eligible, &marks), &mut reach).await?;
        insert_pairs(&mut tx, round.id, (snapshot, outcome), &mut reach).await?;
        let kept = (json(&round.report), json(&snapshot.terms), json(&outcome.prices), json(&snapshot.quotas));
        if !store::conclude(&mut tx, round.id, kept).await? {
            tracing::info!(round = round.number, "a round was thrown away before it was stored");
            return Ok(());
        }
        (round.state, round.version, round.percent) = (State::Preview, 1, 100);
        round.phase.clear();
        let event = message::round_event(&round, Change::Computed(wire::RoundComputed {}));
        outbox::append(&mut tx, &self.clock, &[event]).await?;
        self.database.commit(tx).await?;
        let plan::Report { seats_filled: seats, value, bound, gap_ppm, milliseconds, .. } = round.report;
        tracing::info!(round = round.number, seats, value, bound, gap_ppm, milliseconds, "a round was computed");
        Ok(())
    }
}

async fn insert_lines(
    tx: &mut PgConnection,
    round_id: RoundId,
    (snapshot, outcome): (&Snapshot, &Outcome),
    mut reach: impl FnMut(usize) -> Result<(), Stopped>,
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
        reach(chunk.len())?;
    }
    Ok(())
}

async fn insert_people(
    tx: &mut PgConnection,
    round_id: RoundId,
    (snapshot, traits): (&Snapshot, &Register),
    (eligible, marks): (&[bool], &HashMap<usize, Uuid>),
    mut reach: impl FnMut(usize) -> Result<(), Stopped>,
) -> Result<(), Failure> {
    for (chunk, people) in snapshot.candidates.chunks(ROWS).enumerate() {
        let row = |(at, person): (usize, &crate::facts::Candidate)| basis::CandidateRow {
            candidate_id: person.id,
            ministry_id: person.ministry_id,
            facts: json(person),
            eligible: eligible[at],
            traits: traits.of(at).clone(),
            together: marks.get(&at).copied(),
        };
        basis::insert_candidates(tx, round_id, (chunk * ROWS..).zip(people).map(row).collect()).await?;
        reach(people.len())?;
    }
    Ok(())
}

/// Stores seats and reserve lists.
pub(super) async fn insert_pairs(
    tx: &mut PgConnection,
    round_id: RoundId,
    (snapshot, outcome): (&Snapshot, &Outcome),
    mut reach: impl FnMut(usize) -> Result<(), Stopped>,
) -> Result<(), Failure> {
    let companies = companies(round_id, snapshot, outcome);
    for (chunk, seats) in outcome.seats.chunks(ROWS).enumerate() {
        let places = (chunk * ROWS..).zip(seats);
        let rows: Vec<PairRow> =
            places.map(|(position, seat)| pair_row(round_id, (position, seat), (snapshot, &companies))).collect();
        pair::insert(tx, round_id, &rows).await?;
        reach(rows.len())?;
    }
    Ok(())
}

/// What proposals tell of each who goes with others, by position.
fn companies(round_id: RoundId, snapshot: &Snapshot, outcome: &Outcome) -> HashMap<usize, Company> {
    let lines: HashMap<usize, usize> =
        outcome.seats.iter().filter(|seat| seat.rank == 0).map(|seat| (seat.candidate, seat.line)).collect();
    let id = |&(who, line): &(usize, usize)| {
        placement_id(round_id, snapshot.lines[line].id, snapshot.candidates[who].id).to_string()
    };
    let mut companies = HashMap::new();
    for group in &outcome.groups {
        let seated: Vec<(usize, usize)> = group.members.iter().filter_map(|at| Some((*at, *lines.get(at)?))).collect();
        for (at, own) in &seated {
            let company = Company {
                mark: group.mark(round_id).to_string(),
                crew: group.scope == Scope::Line,
                elsewhere: seated.iter().filter(|(_, line)| line != own).map(id).collect(),
            };
            companies.insert(*at, company);
        }
    }
    companies
}

fn pair_row(
    round_id: RoundId,
    (position, seat): (usize, &plan::Seat),
    (snapshot, companies): (&Snapshot, &HashMap<usize, Company>),
) -> PairRow {
    let (line, person) = (&snapshot.lines[seat.line], &snapshot.candidates[seat.candidate]);
    let corridor = &snapshot.terms.corridors[&person.origin];
    let quota_id = line.share(&corridor.code).expect("a permitted pair has a share in its line").quota_id;
    let period = eligibility::period(corridor, line);
    let company = companies.get(&seat.candidate).cloned();
    let entry = message::entry(round_id, (seat, corridor), person, (line, quota_id, company));
    PairRow {
        placement_id: placement_id(round_id, line.id, person.id),
        position: i32::try_from(position).expect("a round has fewer than 2^31 pairs"),
        line_id: line.id,
        candidate_id: person.id,
        ministry_id: person.ministry_id,
        union_id: line.organisation_id,
        corridor_code: corridor.code.clone(),
        quota_id,
        reserve_rank: seat.rank,
        days: [line.starts_on, period.until],
        reason: seat.why as i16,
        record: message::record(round_id, (seat, corridor), person, line).encode_to_vec(),
        entry: entry.encode_to_vec(),
    }
}

pub(super) fn json(kept: &impl Serialize) -> Value {
    serde_json::to_value(kept).expect("plain data becomes JSON")
}
