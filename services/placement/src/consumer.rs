//! Topics and what they do here. Three are projections (newer version wins); proposals are effects, each once.

use std::str::FromStr;

use async_trait::async_trait;
use chrono::NaiveDate;
use platform::{Error, Fault, Handler, Received};
use proto::{
    candidate::{CandidateEnvelope, CandidateState, candidate_envelope},
    demand::{DemandEvent, JobOrder, JobOrderState, demand_event},
    ids::{MalformedId, OrderId},
    matching::{MatchingEvent, matching_event},
    programme::{CorridorState, ProgrammeEvent, programme_event},
};
use sqlx::PgConnection;

use crate::{
    offer::Terms,
    service::{
        Service, lines,
        proposals::{self, newest},
    },
    store::{
        projections::{self, OrderLine, Person},
        terms,
    },
};

/// Corridors, rule packs, quotas.
pub(crate) struct Programme(pub(crate) Service);

#[async_trait]
impl Handler for Programme {
    type Event = ProgrammeEvent;
    const EFFECTS: bool = false;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<ProgrammeEvent>]) -> Result<(), Fault> {
        let mut quotas = Vec::new();
        for received in events {
            match received.event.aggregate.as_ref() {
                Some(programme_event::Aggregate::Corridor(event)) => {
                    if let Some(state) = &event.state {
                        projections::put_corridor(tx, state, state.state() == CorridorState::Open).await?;
                    }
                }
                Some(programme_event::Aggregate::RulePack(event)) => {
                    if let Some(state) = &event.state {
                        projections::put_pack(tx, state, date(&state.valid_from)?).await?;
                    }
                }
                Some(programme_event::Aggregate::Quota(event)) => quotas.extend(event.state.clone()),
                // Organisations and seasons: nothing here is judged by them.
                _ => {}
            }
        }
        lines::limit_quotas(tx, &self.0.clock, &quotas).await?;
        if !quotas.is_empty() {
            proposals::retry(tx, &self.0.clock).await?;
        }
        Ok(())
    }
}

/// Orders: their lines wait here to be opened.
pub(crate) struct Demand(pub(crate) Service);

#[async_trait]
impl Handler for Demand {
    type Event = DemandEvent;
    const EFFECTS: bool = false;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<DemandEvent>]) -> Result<(), Fault> {
        let orders = events.iter().filter_map(|received| match received.event.aggregate.as_ref() {
            Some(demand_event::Aggregate::JobOrder(event)) => event.state.as_ref(),
            _ => None,
        });
        let orders = newest(orders.map(|order| (order.id.clone(), order.version, order)));
        let is_open = |order: &JobOrder| order.state() == JobOrderState::Open;
        let mut states = Vec::new();
        for (version, order) in orders.values() {
            states.push((id::<OrderId>(&order.id)?, is_open(order), *version));
        }
        states.sort_by_key(|(id, _, _)| *id);
        let newer = projections::put_orders(tx, &states).await?;
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for (_, order) in orders.values() {
            let order_id = id(&order.id)?;
            match newer.contains(&order_id) {
                true if is_open(order) => open.extend(order_lines(order, order_id)?),
                true => closed.push(order_id),
                false => {}
            }
        }
        open.sort_by_key(|line| line.id);
        let resized = if open.is_empty() { Vec::new() } else { projections::put_lines(tx, &open).await? };
        terms::put(tx, &open).await?;
        let withdrawn = if closed.is_empty() { Vec::new() } else { projections::lines_withdrawn(tx, &closed).await? };
        lines::follow_orders(tx, &self.0.clock, &resized, &withdrawn).await?;
        Ok(())
    }
}

fn order_lines(order: &JobOrder, order_id: OrderId) -> Result<Vec<OrderLine>, Fault> {
    let organisation_id = id(&order.organisation_id)?;
    let line = |line: &proto::demand::OrderLine| {
        Ok(OrderLine {
            id: id(&line.id)?,
            order_id,
            organisation_id,
            season: order.season_code.clone(),
            destination: order.destination.clone(),
            origins: line.origins.join(" "),
            substitutes: line.substitutes,
            filed_on: order.filed_on.parse().ok(),
            starts_on: date(&line.starts_on)?,
            ends_on: date(&line.ends_on)?,
            isco_code: line.isco_codes.first().cloned().unwrap_or_default(),
            seats: line.seats.max(0),
            terms: Terms::of(order, line),
        })
    };
    order.lines.iter().map(line).collect()
}

/// People: are they on the roster, and until when?
pub(crate) struct Candidate;

#[async_trait]
impl Handler for Candidate {
    type Event = CandidateEnvelope;
    const EFFECTS: bool = false;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<CandidateEnvelope>]) -> Result<(), Fault> {
        let people = events.iter().filter_map(|received| match received.event.aggregate.as_ref() {
            Some(candidate_envelope::Aggregate::Candidate(event)) => event.state.as_ref(),
            None => None,
        });
        let mut rows = Vec::new();
        for (version, person) in newest(people.map(|person| (person.id.clone(), person.version, person))).into_values()
        {
            rows.push(Person {
                id: id(&person.id)?,
                // Whose last day is over was there until then: what is recorded late is judged by its own day.
                rostered: matches!(person.state(), CandidateState::Rostered | CandidateState::Expired),
                until: person.rostered_until.parse().ok(),
                fit_until: person.fit_until.parse().ok(),
                trained_until: person.trained_until.parse().ok(),
                version,
            });
        }
        rows.sort_by_key(|person| person.id);
        projections::put_people(tx, &rows).await?;
        Ok(())
    }
}

/// Proposals of published rounds.
pub(crate) struct Matching(pub(crate) Service);

#[async_trait]
impl Handler for Matching {
    type Event = MatchingEvent;
    const EFFECTS: bool = true;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<MatchingEvent>]) -> Result<(), Fault> {
        let mut proposed = Vec::new();
        for received in events {
            if let Some(matching_event::Aggregate::LineProposal(event)) = received.event.aggregate.as_ref()
                && let Some(state) = &event.state
            {
                proposed.extend(proposals::read(state).map_err(Fault::Permanent)?);
            }
        }
        proposals::take(tx, &self.0.clock, proposed).await?;
        Ok(())
    }
}

fn id<I: FromStr<Err = MalformedId>>(text: &str) -> Result<I, Fault> {
    text.parse().map_err(|error: MalformedId| Fault::Permanent(error.to_string()))
}

fn date(text: &str) -> Result<NaiveDate, Fault> {
    text.parse().map_err(|_| Fault::from(Error::Internal(format!("{text:?} is no date"))))
}
