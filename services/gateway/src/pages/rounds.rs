//! `/rounds`: all rounds, the latest first.

use axum::{extract::Query, response::Response};
use proto::matching::{ListRoundsRequest, ListRoundsResponse, Round, RoundState};
use tonic::Status;

use super::{
    Params, count, day, fingerprint, live, param,
    visitor::{Trouble, Visitor},
};
use crate::console::{
    frame::Section,
    paging::{Paging, Total},
    rounds::{RoundRow, RoundStatus, Rounds},
};

/// Rows of a page.
const SIZE: i32 = 50;

pub(super) async fn page(visitor: Visitor, Query(params): Query<Params>) -> Response {
    let page = draw(&visitor, param(&params, "after")).await;
    visitor.answer(page)
}

async fn draw(visitor: &Visitor, after: &str) -> Result<String, Trouble> {
    let (from, token) = after.split_once('.').unwrap_or(("1", ""));
    let told = read(visitor, token).await?;
    let from = from.parse().unwrap_or(1_u64).max(1);
    let live = live::key(&["rounds", after], &fingerprint(&told.rounds));
    let page = Rounds {
        paging: paging((from, count(told.rounds.len())), count(SIZE), &told.next_page_token, None),
        rows: told.rounds.iter().map(row).collect(),
    };
    Ok(page.render(&visitor.frame(Section::Rounds, None, Some(live)))?)
}

pub(super) async fn read(visitor: &Visitor, token: &str) -> Result<ListRoundsResponse, Status> {
    let mut service = visitor.app.upstream.matching(&visitor.session);
    let request = ListRoundsRequest { page_size: SIZE, page_token: token.to_owned(), ..Default::default() };
    Ok(service.list_rounds(request).await?.into_inner())
}

/// A window of `shown` rows from place `from` on; `counted` if the service counts all.
pub(super) fn paging((from, shown): (u64, u64), size: u64, next: &str, counted: Option<u64>) -> Paging {
    let seen = from + shown - 1;
    let next = (!next.is_empty()).then(|| format!("{}.{next}", from + shown));
    let total = match counted {
        Some(all) => Total::Exactly(all),
        None if next.is_some() => Total::MoreThan(seen),
        None => Total::Exactly(seen),
    };
    Paging { from, shown, total, size, next }
}

fn row(round: &Round) -> RoundRow {
    RoundRow {
        id: round.id.clone(),
        number: count(round.number),
        scope: scope(round),
        computed_on: day(&round.computed_on),
        status: status(round.state()),
        seats: count(round.seats_open),
        pairs: count(round.seats_filled),
        value: count(round.value),
        bound: count(round.bound),
    }
}

/// What was matched: the corridors, or the destination as long as they are not known.
pub(super) fn scope(round: &Round) -> String {
    let corridors = round.corridor_codes.join(", ");
    let corridors = if corridors.is_empty() { format!("*-{}", round.destination) } else { corridors };
    format!("{} · {corridors}", round.season_code)
}

pub(super) fn status(state: RoundState) -> RoundStatus {
    match state {
        RoundState::Unspecified | RoundState::Computing => RoundStatus::Computing,
        RoundState::Preview => RoundStatus::Computed,
        RoundState::Publishing => RoundStatus::Publishing,
        RoundState::Published => RoundStatus::Published,
        RoundState::Discarded => RoundStatus::Discarded,
        RoundState::Failed => RoundStatus::Failed,
    }
}
