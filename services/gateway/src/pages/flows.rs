//! `/flows.csv`: the numbers of the home's figure, for a spreadsheet.

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use http::header;

use super::{
    Params, param,
    season::{self, Season},
    visitor::Visitor,
};
use crate::console::{flow::CorridorFlow, step::Column};

/// What stands before the steps, and after them.
const FIRST: [&str; 4] = ["season", "corridor", "seats_ordered", "seats_open"];
const LAST: [&str; 4] = ["replaced", "dropped_out", "late", "one_sided"];

pub(super) async fn file(visitor: Visitor, Query(params): Query<Params>) -> Response {
    let season = match season::read(&visitor, param(&params, "season")).await {
        Ok(season) => season,
        Err(status) => return visitor.refused(&status),
    };
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"flows.csv\""),
    ];
    (head, table(&season, param(&params, "corridor"))).into_response()
}

/// A line for each corridor, under the same head in every language. Codes are slugs, that of lines open to several
/// origins is `*-` and a country: no cell needs quotes or could be a formula.
fn table(season: &Season, corridor: &str) -> String {
    let rivers = season.rivers(corridor);
    let lines = rivers.iter().map(|flow| format!("{},{}", season.code, line(flow)));
    let mut all: Vec<String> = std::iter::once(head()).chain(lines).collect();
    all.push(String::new());
    all.join("\n")
}

fn head() -> String {
    let mut names = FIRST.map(str::to_owned).to_vec();
    for step in steps() {
        let step = step.code().to_lowercase();
        let (here, dropped_out) = (format!("{step}_here"), format!("{step}_dropped_out"));
        names.extend([step, here, dropped_out]);
    }
    names.extend(LAST.map(str::to_owned));
    names.join(",")
}

fn line(flow: &CorridorFlow) -> String {
    let seats = flow.at(Column::Ordered);
    let mut numbers = vec![seats.reached, seats.here];
    for step in steps() {
        let step = flow.at(step);
        numbers.extend([step.reached, step.here, step.dropped]);
    }
    numbers.extend([flow.replaced, flow.dropped(), flow.late, flow.one_sided]);
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    format!("{},{}", flow.corridor.code, numbers.join(","))
}

/// The columns that count placements.
fn steps() -> impl Iterator<Item = Column> {
    Column::ALL.into_iter().filter(|column| *column != Column::Ordered)
}
