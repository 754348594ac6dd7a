//! When somebody on a reserve list was passed over, in the history of their placement. Of who was called instead only the rank
//! is told: that person may be another's.

use std::time::Duration;

use proto::{
    monitoring::{ListPassedOverRequest, PassedOver},
    placement::Placement,
};

use super::{count, day, visitor::Visitor};
use crate::console::placement::Entry;

/// How long the page waits for it.
const WAIT: Duration = Duration::from_secs(2);

/// Nothing for who was on no list, and where it is not told in time: the page stands without.
pub(super) async fn told(visitor: &Visitor, placement: &Placement) -> Vec<Entry> {
    if placement.reserve_rank == 0 {
        return Vec::new();
    }
    let mut monitoring = visitor.app.upstream.monitoring(&visitor.session);
    let request = ListPassedOverRequest { placement_id: placement.id.clone() };
    let Ok(Ok(told)) = tokio::time::timeout(WAIT, monitoring.list_passed_over(request)).await else {
        return Vec::new();
    };
    let told = told.into_inner().passed;
    told.iter().filter_map(|passed| entry(visitor, placement.reserve_rank, passed)).collect()
}

fn entry(visitor: &Visitor, rank: i32, passed: &PassedOver) -> Option<Entry> {
    let words = visitor.words();
    let key = if passed.called_rank == 0 { "passed-over-nobody" } else { "passed-over-called" };
    let remark = words
        .say(key)
        .with("rank", count(rank))
        .with("called", count(passed.called_rank))
        .with("why", words.code("refusal", &passed.reason));
    Some(Entry {
        step: None,
        event: "PASSED_OVER".to_owned(),
        on: day(&passed.occurred_on)?,
        party: String::new(),
        organisation: words.t("reserve-list"),
        reason: String::new(),
        remark: remark.to_string(),
        recorded: None,
        ended_badly: false,
    })
}

/// Puts them where they belong: nobody is passed over before the first step, which put them on the list, or after they were
/// called on the same day.
pub(super) fn among(timeline: Vec<Entry>, passed: Vec<Entry>) -> Vec<Entry> {
    let mut steps = timeline.into_iter();
    let mut all: Vec<Entry> = steps.next().into_iter().collect();
    let mut passed = passed.into_iter().peekable();
    for step in steps {
        while let Some(before) = passed.next_if(|one| one.on <= step.on) {
            all.push(before);
        }
        all.push(step);
    }
    all.extend(passed);
    all
}
