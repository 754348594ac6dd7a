//! From the domain to the contracts: what others see of an order.

use proto::demand::{self, demand_event, employer_event, job_order_event};

use crate::order::{Allocation, Deduction, Flag, Line, Order, Pay, Place, State};

impl Order {
    /// The public state.
    #[must_use]
    pub fn message(&self) -> demand::JobOrder {
        demand::JobOrder {
            id: self.id.to_string(),
            organisation_id: self.organisation_id.to_string(),
            reference: self.reference.clone(),
            source: self.source.clone(),
            employer_id: self.employer_id.to_string(),
            employer_name: self.employer_name.clone(),
            destination: self.destination.clone(),
            season_code: self.season_code.clone(),
            filed_on: self.filed_on.to_string(),
            decided_on: self.decided_on.map(|on| on.to_string()).unwrap_or_default(),
            state: state(self.state) as i32,
            source_status: self.source_status.clone(),
            rule_pack_id: self.rule_pack_id.clone(),
            union_order: self.union_order,
            lines: self.lines.iter().map(line).collect(),
            flags: flags(&self.flags),
            version: self.version,
        }
    }

    /// The fact that changed the order, with the state after it.
    pub(crate) fn event(&self, change: job_order_event::Change) -> demand::DemandEvent {
        let event = demand::JobOrderEvent { state: Some(self.message()), change: Some(change) };
        demand::DemandEvent { aggregate: Some(demand_event::Aggregate::JobOrder(event)) }
    }
}

/// An employer came to be.
pub(crate) fn registered(employer: demand::Employer) -> demand::DemandEvent {
    let change = employer_event::Change::Registered(demand::EmployerRegistered {});
    let event = demand::EmployerEvent { state: Some(employer), change: Some(change) };
    demand::DemandEvent { aggregate: Some(demand_event::Aggregate::Employer(event)) }
}

const fn state(state: State) -> demand::JobOrderState {
    match state {
        State::Submitted => demand::JobOrderState::Submitted,
        State::Open => demand::JobOrderState::Open,
        State::Denied => demand::JobOrderState::Denied,
        State::Withdrawn => demand::JobOrderState::Withdrawn,
        State::Closed => demand::JobOrderState::Closed,
    }
}

fn line(line: &Line) -> demand::OrderLine {
    demand::OrderLine {
        id: line.id.to_string(),
        number: line.number,
        title: line.title.clone(),
        source_occupation: line.source_occupation.clone(),
        isco_codes: line.isco_codes.clone(),
        seats_asked: line.seats_asked,
        seats: line.seats,
        starts_on: line.starts_on.to_string(),
        ends_on: line.ends_on.to_string(),
        workplace: Some(place(&line.workplace)),
        pay: Some(pay(&line.pay)),
        hours_week: line.hours_week,
        experience_months: line.experience_months,
        languages: line.languages.clone(),
        certificates: line.certificates.clone(),
        named_candidate_ids: line.named_candidate_ids.iter().map(ToString::to_string).collect(),
        substitutes: line.substitutes,
        origins: line.origins.clone(),
        allocations: line.allocations.iter().map(allocation).collect(),
        beds: line.beds,
        deductions: line.deductions.iter().map(deduction).collect(),
        least_crew: line.least_crew,
        housing: line.housing.clone(),
    }
}

fn deduction(deduction: &Deduction) -> demand::Deduction {
    demand::Deduction { code: deduction.code.clone(), amount: Some(pay(&deduction.amount)) }
}

fn allocation(allocation: &Allocation) -> demand::FarmAllocation {
    demand::FarmAllocation {
        id: allocation.id.to_string(),
        farm_name: allocation.farm_name.clone(),
        seats: allocation.seats,
        starts_on: allocation.starts_on.to_string(),
        ends_on: allocation.ends_on.to_string(),
        workplace: Some(place(&allocation.workplace)),
        flags: flags(&allocation.flags),
    }
}

fn place(place: &Place) -> demand::Place {
    demand::Place { city: place.city.clone(), region: place.region.clone(), country: place.country.clone() }
}

fn pay(pay: &Pay) -> demand::Pay {
    demand::Pay { amount: pay.amount.clone(), currency: pay.currency.clone(), unit: pay.unit.clone() }
}

fn flags(flags: &[Flag]) -> Vec<demand::OrderFlag> {
    flags.iter().map(|flag| demand::OrderFlag { code: flag.code.clone(), message: flag.message.clone() }).collect()
}
