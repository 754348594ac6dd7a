//! `/` for a union or a ministry: their own flow, and what waits for them.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use proto::monitoring::{Flow, GetCorridorStepsRequest, ListClocksResponse};
use tonic::Status;

use super::{
    Params, bulk, count, day, fingerprint, live, param,
    season::{self, Season},
    visitor::{Trouble, Visitor},
};
use crate::console::{
    desk::{DeskHome, DeskNumbers, QueueItem},
    flow,
    frame::{Desk, Section},
    step::{Column, Step},
};

pub(super) async fn page(visitor: &Visitor, params: &Params) -> Result<String, Trouble> {
    let season = season::read(visitor, param(params, "season")).await?;
    let (clocks, steps) = tokio::try_join!(season.clocks(visitor, ""), steps(visitor, &season))?;
    let page = DeskHome {
        season: season.code.clone(),
        numbers: numbers(visitor.desk, &season.flows),
        queue: queue(visitor.desk, &clocks),
        steps,
    };
    let live = live::key(&["home", &season.code, ""], &fingerprint(&season.flows));
    Ok(page.render(&visitor.frame(Section::Home, season.as_of, Some(live)))?)
}

fn numbers(desk: Desk, flows: &[Flow]) -> DeskNumbers {
    let total = flow::total(&flows.iter().map(season::river).collect::<Vec<_>>());
    let here = |columns: &[Column]| columns.iter().map(|column| total[*column as usize].here).sum();
    let late = flows.iter().map(|flow| count(flow.late)).sum();
    let seats = total[Column::Ordered as usize];
    if desk == Desk::Union {
        return DeskNumbers::Union {
            ordered: seats.reached,
            filled: seats.went_on(),
            missing: seats.here,
            working: here(&[Column::Working]),
            late,
        };
    }
    DeskNumbers::Ministry {
        ready: ready(flows),
        corridors: flows.iter().filter(|flow| flow.rostered > 0).count() as u64,
        preparing: here(&[Column::Proposed, Column::Signed, Column::Visa]),
        abroad: here(&[Column::Departed, Column::Working]),
        home: total[Column::Returned as usize].reached,
        late,
    }
}

/// People on the roster. Whoever would go by several corridors counts in each, so the largest is the least there are.
fn ready(flows: &[Flow]) -> u64 {
    flows.iter().map(|flow| count(flow.rostered)).max().unwrap_or(0)
}

/// Own placements by step, over all corridors of the season.
async fn steps(visitor: &Visitor, season: &Season) -> Result<Vec<(Step, flow::Flow)>, Status> {
    let busy = season.flows.iter().filter(|flow| flow.steps.iter().any(|step| step.reached > 0));
    let asked = busy.map(|flow| {
        let mut monitoring = visitor.app.upstream.monitoring(&visitor.session);
        let request =
            GetCorridorStepsRequest { corridor_code: flow.corridor_code.clone(), season_code: season.code.clone() };
        async move { monitoring.get_corridor_steps(request).await }
    });
    let told = try_join_all(asked).await?;
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let mut sums: BTreeMap<Step, flow::Flow> =
        Step::ALL.into_iter().map(|step| (step, flow::Flow::default())).collect();
    for step in told.into_iter().flat_map(|told| told.into_inner().steps) {
        if let Some(sum) = Step::from_code(&step.step).and_then(|known| sums.get_mut(&known)) {
            let (reached, here, dropped) = (count(step.reached), count(step.here_now), count(step.dropped_out));
            *sum = *sum + flow::Flow { reached, here, dropped };
        }
    }
    Ok(sums.into_iter().collect())
}

/// Clocks that wait for this desk. A ministry also records what its workers say.
fn queue(desk: Desk, clocks: &ListClocksResponse) -> Vec<QueueItem> {
    let parties: &[&str] = if desk == Desk::Union { &["union"] } else { &["ministry", "worker"] };
    let mut items: BTreeMap<&str, QueueItem> = BTreeMap::new();
    // Whoever is warned waits in the queue of the deadline already.
    let deadlines = clocks.clocks.iter().filter(|clock| proto::clocks::makes_late(&clock.clock));
    for clock in deadlines.filter(|clock| parties.contains(&clock.waits_for.as_str()) && clock.running > 0) {
        let Some((command, step)) = season::due(&clock.clock) else { continue };
        let item = items.entry(&clock.clock).or_insert_with(|| QueueItem {
            command: command.to_owned(),
            clock: clock.clock.clone(),
            action: bulk::action(desk, command).unwrap_or_default().to_owned(),
            step,
            count: 0,
            late: 0,
            due: None,
        });
        item.count += count(clock.running);
        item.late += count(clock.late);
        item.due = [item.due, day(&clock.oldest_due_on)].into_iter().flatten().min();
    }
    let mut queue: Vec<QueueItem> = items.into_values().collect();
    queue.sort_by_key(|item| (item.late == 0, item.due));
    queue
}
