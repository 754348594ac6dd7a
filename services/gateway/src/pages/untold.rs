//! Clocks of cases of abuse and health. No event tells of such a case, so monitoring counts none of them: whoever handles
//! them has them from placement itself.

use chrono::NaiveDate;
use proto::{
    monitoring::{ClockCount, ListClocksResponse},
    placement::{ListPlacementsRequest, Placement},
};

use super::{day, visitor::Visitor};
use crate::console::frame::Desk;

/// Placements asked for at once.
const SIZE: i32 = 1000;
/// Clocks of a case.
const OF_CASE: [&str; 3] = ["C-CONTACT", "C-HEARING", "C-DECIDE"];

/// Placements of a season with such a case, as far as this desk handles them; empty = every corridor. `None` where placement
/// does not answer.
pub(super) async fn placements(visitor: &Visitor, (corridor, season): (&str, &str)) -> Option<Vec<Placement>> {
    let mut found = Vec::new();
    if !matches!(visitor.desk, Desk::Operator | Desk::Authority) {
        return Some(found);
    }
    let mut service = visitor.app.upstream.placement(&visitor.session);
    let mut request = ListPlacementsRequest {
        page_size: SIZE,
        corridor_code: corridor.to_owned(),
        season_code: season.to_owned(),
        unpublished_case: true,
        ..Default::default()
    };
    loop {
        let page = service.list_placements(request.clone()).await.ok()?.into_inner();
        found.extend(page.placements);
        if page.next_page_token.is_empty() {
            return Some(found);
        }
        request.page_token = page.next_page_token;
    }
}

/// Adds their clocks to those that monitoring counts.
pub(super) fn add(told: &mut ListClocksResponse, placements: &[Placement], as_of: Option<NaiveDate>) {
    for placement in placements {
        for clock in placement.clocks.iter().filter(|clock| OF_CASE.contains(&&*clock.name)) {
            let late = day(&clock.due_on).zip(as_of).is_some_and(|(due, as_of)| due < as_of);
            let one = ClockCount {
                corridor_code: placement.corridor_code.clone(),
                clock: clock.name.clone(),
                waits_for: clock.waits_for.clone(),
                running: 1,
                late: late.into(),
                oldest_due_on: clock.due_on.clone(),
                oldest_placement_id: placement.id.clone(),
            };
            let key = |of: &ClockCount| (of.corridor_code.clone(), of.clock.clone(), of.waits_for.clone());
            match told.clocks.iter_mut().find(|there| key(there) == key(&one)) {
                Some(there) => count_in(there, one),
                None => told.clocks.push(one),
            }
        }
    }
}

fn count_in(there: &mut ClockCount, one: ClockCount) {
    there.running += one.running;
    there.late += one.late;
    // ISO 8601 dates stand in the order of their texts.
    if one.oldest_due_on < there.oldest_due_on {
        (there.oldest_due_on, there.oldest_placement_id) = (one.oldest_due_on, one.oldest_placement_id);
    }
}

#[cfg(test)]
mod tests {
    use proto::placement::Clock;

    use super::*;

    #[test]
    fn clocks_of_cases_that_no_event_tells_of_are_counted_with_the_others() {
        let clock = |name: &str, due_on: &str| Clock {
            name: name.to_owned(),
            due_on: due_on.to_owned(),
            waits_for: "operator".to_owned(),
            ..Clock::default()
        };
        let placement = |id: &str, clocks: Vec<Clock>| Placement {
            id: id.to_owned(),
            corridor_code: "CO-ES".to_owned(),
            clocks,
            ..Placement::default()
        };
        let known = ClockCount {
            corridor_code: "CO-ES".to_owned(),
            clock: "C-HEARING".to_owned(),
            waits_for: "operator".to_owned(),
            running: 3,
            late: 0,
            oldest_due_on: "2026-05-20".to_owned(),
            oldest_placement_id: "p1".to_owned(),
        };
        let mut told = ListClocksResponse { clocks: vec![known], ..ListClocksResponse::default() };
        let waiting =
            vec![clock("C-HEARING", "2026-05-11"), clock("C-CONTACT", "2026-05-12"), clock("C-END", "2026-05-01")];
        let others = [placement("p2", waiting), placement("p3", vec![clock("C-HEARING", "2026-06-01")])];
        add(&mut told, &others, NaiveDate::from_ymd_opt(2026, 5, 12));
        let counts: Vec<_> =
            told.clocks.iter().map(|of| (&*of.clock, of.running, of.late, &*of.oldest_placement_id)).collect();
        // What the event does tell of, monitoring has counted.
        assert_eq!(counts, [("C-HEARING", 5, 1, "p2"), ("C-CONTACT", 1, 0, "p2")]);
        assert_eq!(told.clocks[0].oldest_due_on, "2026-05-11");
    }
}
