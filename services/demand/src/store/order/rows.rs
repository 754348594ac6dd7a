//! The rows of the three tables, and the way between them and an order.

use std::collections::HashMap;

use chrono::NaiveDate;
use proto::ids::{CandidateId, EmployerId, LineId, OrderId};
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use crate::order::{Allocation, Deduction, Flag, Line, Order, Pay, Place, State};

#[derive(Serialize)]
pub(super) struct OrderRow {
    pub(super) id: OrderId,
    pub(super) organisation_id: Uuid,
    pub(super) source: String,
    pub(super) reference: String,
    pub(super) employer_id: EmployerId,
    pub(super) employer_name: String,
    pub(super) destination: String,
    pub(super) season_code: String,
    pub(super) filed_on: NaiveDate,
    pub(super) decided_on: Option<NaiveDate>,
    pub(super) state: String,
    pub(super) source_status: String,
    pub(super) rule_pack_id: String,
    pub(super) union_order: bool,
    pub(super) flags: Json<Vec<Flag>>,
    pub(super) fingerprint: String,
    pub(super) closing_reason: String,
    pub(super) version: i64,
}

#[derive(Serialize)]
pub(super) struct LineRow {
    pub(super) id: LineId,
    pub(super) order_id: OrderId,
    pub(super) organisation_id: Uuid,
    pub(super) number: i32,
    pub(super) title: String,
    pub(super) source_occupation: String,
    pub(super) isco_codes: Vec<String>,
    pub(super) seats_asked: i32,
    pub(super) seats: i32,
    pub(super) starts_on: NaiveDate,
    pub(super) ends_on: NaiveDate,
    pub(super) workplace: Json<Place>,
    pub(super) pay: Json<Pay>,
    pub(super) hours_week: i32,
    pub(super) experience_months: i32,
    pub(super) languages: Vec<String>,
    pub(super) certificates: Vec<String>,
    pub(super) named_candidate_ids: Vec<CandidateId>,
    pub(super) substitutes: bool,
    pub(super) origins: Vec<String>,
    pub(super) beds: i32,
    pub(super) deductions: Option<Json<Vec<Deduction>>>,
    pub(super) least_crew: Option<i32>,
    pub(super) housing: Option<String>,
}

#[derive(Serialize)]
pub(super) struct AllocationRow {
    pub(super) id: Uuid,
    pub(super) line_id: LineId,
    pub(super) order_id: OrderId,
    pub(super) organisation_id: Uuid,
    pub(super) number: i32,
    pub(super) farm_name: String,
    pub(super) seats: i32,
    pub(super) starts_on: NaiveDate,
    pub(super) ends_on: NaiveDate,
    pub(super) workplace: Json<Place>,
    pub(super) flags: Json<Vec<Flag>>,
}

/// Orders whole again, from the rows of the three tables.
pub(super) fn assemble(orders: Vec<OrderRow>, lines: Vec<LineRow>, allocations: Vec<AllocationRow>) -> Vec<Order> {
    let mut of_line: HashMap<LineId, Vec<Allocation>> = HashMap::new();
    for row in allocations {
        of_line.entry(row.line_id).or_default().push(Allocation {
            id: row.id,
            farm_name: row.farm_name,
            seats: row.seats,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            workplace: row.workplace.0,
            flags: row.flags.0,
        });
    }
    let mut of_order: HashMap<OrderId, Vec<Line>> = HashMap::new();
    for row in lines {
        let allocations = of_line.remove(&row.id).unwrap_or_default();
        of_order.entry(row.order_id).or_default().push(line(row, allocations));
    }
    orders
        .into_iter()
        .map(|row| {
            let lines = of_order.remove(&row.id).unwrap_or_default();
            order(row, lines)
        })
        .collect()
}

fn order(row: OrderRow, lines: Vec<Line>) -> Order {
    Order {
        id: row.id,
        organisation_id: row.organisation_id,
        reference: row.reference,
        source: row.source,
        employer_id: row.employer_id,
        employer_name: row.employer_name,
        destination: row.destination,
        season_code: row.season_code,
        filed_on: row.filed_on,
        decided_on: row.decided_on,
        state: State::of(&row.state).expect("a CHECK holds the words of the states"),
        source_status: row.source_status,
        rule_pack_id: row.rule_pack_id,
        union_order: row.union_order,
        lines,
        flags: row.flags.0,
        fingerprint: row.fingerprint,
        closing_reason: row.closing_reason,
        version: row.version,
    }
}

fn line(row: LineRow, allocations: Vec<Allocation>) -> Line {
    Line {
        id: row.id,
        number: row.number,
        title: row.title,
        source_occupation: row.source_occupation,
        isco_codes: row.isco_codes,
        seats_asked: row.seats_asked,
        seats: row.seats,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        workplace: row.workplace.0,
        pay: row.pay.0,
        hours_week: row.hours_week,
        experience_months: row.experience_months,
        languages: row.languages,
        certificates: row.certificates,
        named_candidate_ids: row.named_candidate_ids,
        substitutes: row.substitutes,
        origins: row.origins,
        allocations,
        beds: row.beds,
        deductions: row.deductions.map(|deductions| deductions.0).unwrap_or_default(),
        least_crew: row.least_crew.unwrap_or_default(),
        housing: row.housing.unwrap_or_default(),
    }
}

pub(super) fn order_row(order: &Order) -> OrderRow {
    OrderRow {
        id: order.id,
        organisation_id: order.organisation_id,
        source: order.source.clone(),
        reference: order.reference.clone(),
        employer_id: order.employer_id,
        employer_name: order.employer_name.clone(),
        destination: order.destination.clone(),
        season_code: order.season_code.clone(),
        filed_on: order.filed_on,
        decided_on: order.decided_on,
        state: order.state.word().to_owned(),
        source_status: order.source_status.clone(),
        rule_pack_id: order.rule_pack_id.clone(),
        union_order: order.union_order,
        flags: Json(order.flags.clone()),
        fingerprint: order.fingerprint.clone(),
        closing_reason: order.closing_reason.clone(),
        version: order.version,
    }
}

pub(super) fn line_rows(order: &Order) -> impl Iterator<Item = LineRow> {
    order.lines.iter().map(|line| LineRow {
        id: line.id,
        order_id: order.id,
        organisation_id: order.organisation_id,
        number: line.number,
        title: line.title.clone(),
        source_occupation: line.source_occupation.clone(),
        isco_codes: line.isco_codes.clone(),
        seats_asked: line.seats_asked,
        seats: line.seats,
        starts_on: line.starts_on,
        ends_on: line.ends_on,
        workplace: Json(line.workplace.clone()),
        pay: Json(line.pay.clone()),
        hours_week: line.hours_week,
        experience_months: line.experience_months,
        languages: line.languages.clone(),
        certificates: line.certificates.clone(),
        named_candidate_ids: line.named_candidate_ids.clone(),
        substitutes: line.substitutes,
        origins: line.origins.clone(),
        beds: line.beds,
        deductions: Some(Json(line.deductions.clone())),
        least_crew: Some(line.least_crew),
        housing: Some(line.housing.clone()),
    })
}

pub(super) fn allocation_rows(order: &Order) -> impl Iterator<Item = AllocationRow> {
    let numbered = order.lines.iter().flat_map(|line| (1..).zip(&line.allocations).map(move |pair| (line, pair)));
    numbered.map(|(line, (number, allocation))| AllocationRow {
        id: allocation.id,
        line_id: line.id,
        order_id: order.id,
        organisation_id: order.organisation_id,
        number,
        farm_name: allocation.farm_name.clone(),
        seats: allocation.seats,
        starts_on: allocation.starts_on,
        ends_on: allocation.ends_on,
        workplace: Json(allocation.workplace.clone()),
        flags: Json(allocation.flags.clone()),
    })
}
