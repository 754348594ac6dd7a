//! `/placements`: the list, by filters, by key.

use std::collections::{BTreeSet, HashMap};

use axum::{extract::Query, response::Response};
use chrono::NaiveDate;
use futures::{StreamExt, stream};
use proto::{
    demand::{GetJobOrderRequest, JobOrder},
    placement::{ListPlacementsRequest, ListPlacementsResponse, Placement},
    programme::ListCorridorsRequest,
};
use tonic::Status;

use super::{
    Params, bulk, count, day, fingerprint, live, param,
    place::{self, Place},
    season, short,
    visitor::{Trouble, Visitor},
};
use crate::console::{
    code::Corridor,
    frame::{Desk, Section},
    paging::{Paging, Total},
    placements::{Filter, Marking, PlacementRow, Placements},
};

/// Rows a page asks for.
const SIZE: i32 = 50;
/// Rows after which a page is full enough, where the service's filter is wider than ours.
const ENOUGH: usize = 25;
/// Pages of the service looked through for one of ours.
const LOOKS: usize = 10;
/// Orders asked for at once.
const ORDERS: usize = 8;

pub(super) async fn page(visitor: Visitor, Query(params): Query<Params>) -> Response {
    let page = draw(&visitor, &params).await;
    visitor.answer(page)
}

async fn draw(visitor: &Visitor, params: &Params) -> Result<String, Trouble> {
    let filter = Filter {
        corridor: param(params, "corridor").to_owned(),
        state: param(params, "state").to_owned(),
        late: if param(params, "late").is_empty() { String::new() } else { "yes".to_owned() },
        clock: param(params, "clock").to_owned(),
        season: param(params, "season").to_owned(),
    };
    let mut programme = visitor.app.upstream.programme(&visitor.session);
    let corridors = async {
        let request = ListCorridorsRequest { page_size: 1000, ..Default::default() };
        Ok(programme.list_corridors(request).await?.into_inner().corridors)
    };
    let (found, corridors, today) =
        tokio::join!(find(visitor, &filter, param(params, "after")), corridors, visitor.calendar());
    let (found, corridors): (Found, Vec<_>) = (found?, corridors.map_err(|status: Status| status)?);
    let orders = orders(visitor, &found.placements).await;
    let rows: Vec<_> =
        found.placements.iter().map(|(placement, place)| row(placement, *place, &orders, today)).collect();
    let live = live::key(
        &[
            "placements",
            &filter.corridor,
            &filter.state,
            &filter.late,
            &filter.clock,
            &filter.season,
            param(params, "after"),
        ],
        &fingerprint(&found.told),
    );
    let page = Placements {
        bulk: marking(visitor, params),
        paging: found.paging(count(rows.len())),
        rows,
        corridors: corridors.iter().map(|corridor| Corridor::new(&corridor.code)).collect(),
        filter,
    };
    Ok(page.render(&visitor.frame(Section::Placements, Some(today), Some(live)))?)
}

/// What this desk may do to the rows it marks; nothing if it moves nothing.
fn marking(visitor: &Visitor, params: &Params) -> Option<Marking> {
    let actions = bulk::actions(visitor.desk);
    (!actions.is_empty()).then(|| Marking {
        actions: actions.to_vec(),
        action: param(params, "action").to_owned(),
        grounds: bulk::all_grounds(visitor.desk),
        all: param(params, "pick") == "all",
        after: param(params, "after").to_owned(),
    })
}

/// A window on the list.
struct Found {
    placements: Vec<(Placement, Place)>,
    /// Place of the first row.
    from: u64,
    next: String,
    told: Vec<ListPlacementsResponse>,
}

impl Found {
    fn paging(&self, shown: u64) -> Paging {
        let seen = self.from + shown - 1;
        let next = (!self.next.is_empty()).then(|| format!("{}.{}", self.from + shown, self.next));
        let total = if next.is_some() { Total::MoreThan(seen) } else { Total::Exactly(seen) };
        Paging { from: self.from, shown, total, size: count(SIZE), next }
    }
}

/// Reads on from `after` (place of the next row and the service's own token) until a page is full.
async fn find(visitor: &Visitor, filter: &Filter, after: &str) -> Result<Found, Status> {
    let mut service = visitor.app.upstream.placement(&visitor.session);
    let (from, token) = after.split_once('.').unwrap_or(("1", ""));
    let mut found = Found {
        placements: Vec::new(),
        from: from.parse().unwrap_or(1).max(1),
        next: token.to_owned(),
        told: Vec::new(),
    };
    let stages: Vec<i32> = place::stages_of(&filter.state).into_iter().map(Into::into).collect();
    if !filter.state.is_empty() && stages.is_empty() {
        found.next.clear();
        return Ok(found);
    }
    for _ in 0..LOOKS {
        let request = ListPlacementsRequest {
            page_size: SIZE,
            page_token: std::mem::take(&mut found.next),
            corridor_code: filter.corridor.clone(),
            stages: stages.clone(),
            late: !filter.late.is_empty(),
            clock: filter.clock.clone(),
            season_code: filter.season.clone(),
            ..Default::default()
        };
        let answer = service.list_placements(request).await?.into_inner();
        found.next.clone_from(&answer.next_page_token);
        let placed = answer.placements.iter().map(|placement| (placement.clone(), place::of(placement)));
        found.placements.extend(placed.filter(|(_, place)| place.fits(&filter.state)));
        found.told.push(answer);
        if found.next.is_empty() || found.placements.len() >= ENOUGH {
            break;
        }
    }
    Ok(found)
}

/// The orders of the lines, as far as this desk may see them.
pub(super) async fn orders(visitor: &Visitor, placements: &[(Placement, Place)]) -> HashMap<String, JobOrder> {
    if visitor.desk == Desk::Ministry {
        return HashMap::new();
    }
    let ids: BTreeSet<String> = placements.iter().map(|(placement, _)| placement.order_id.clone()).collect();
    let demand = visitor.app.upstream.demand(&visitor.session);
    let asked = ids.into_iter().map(|order_id| {
        let mut demand = demand.clone();
        async move { demand.get_job_order(GetJobOrderRequest { order_id }).await.ok().map(tonic::Response::into_inner) }
    });
    let told = stream::iter(asked).buffer_unordered(ORDERS).filter_map(std::future::ready);
    told.map(|order| (order.id.clone(), order)).collect().await
}

/// A line in words: its number and what it is. Without its order only the end of its id is known.
pub(super) fn line(placement: &Placement, order: Option<&JobOrder>) -> (String, String) {
    let found = order.and_then(|order| Some((order, order.lines.iter().find(|line| line.id == placement.line_id)?)));
    let Some((order, line)) = found else { return (short(&placement.line_id), String::new()) };
    let place = line.workplace.as_ref().map(|place| place.city.as_str()).unwrap_or_default();
    let what: Vec<&str> =
        [line.title.as_str(), &order.employer_name, place].into_iter().filter(|part| !part.is_empty()).collect();
    (format!("{}/{}", order.reference, line.number), what.join(", "))
}

pub(super) fn row(
    placement: &Placement,
    place: Place,
    orders: &HashMap<String, JobOrder>,
    today: NaiveDate,
) -> PlacementRow {
    let clock = season::deadline(&placement.clocks);
    let due = clock.and_then(|clock| day(&clock.due_on));
    let (line, farm) = line(placement, orders.get(&placement.order_id));
    PlacementRow {
        id: placement.id.clone(),
        version: placement.version,
        stage: placement.stage().as_str_name().trim_start_matches("STAGE_").to_owned(),
        number: short(&placement.id),
        step: place.step,
        ending: place.ending.to_owned(),
        candidate: short(&placement.candidate_id),
        corridor: Corridor::new(&placement.corridor_code),
        line,
        farm,
        party: clock.map(|clock| clock.waits_for.to_uppercase()).unwrap_or_default(),
        due,
        days_late: due.map_or(0, |due| count((today - due).num_days())),
    }
}

/// What the list's live stream compares.
pub(super) async fn print(visitor: &Visitor, parts: &[&str]) -> Result<String, Status> {
    let [corridor, state, late, clock, season, after] = parts else { return Ok(String::new()) };
    let [corridor, state, late, clock, season] = [corridor, state, late, clock, season].map(|part| (*part).to_owned());
    let filter = Filter { corridor, state, late, clock, season };
    Ok(fingerprint(&find(visitor, &filter, after).await?.told))
}
