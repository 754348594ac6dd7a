//! What one side alone has reported: counted in the flows, at the step, and among the figures that are compared.

use proto::{
    common::TallyResponse,
    monitoring::{Flow, GetCorridorStepsRequest},
    placement::Track,
};

use crate::{House, ways::Way};

fn said(tally: &TallyResponse) -> Vec<(&str, &str, i64)> {
    let figures = tally.counts.iter().filter(|count| count.figure == "placement.one_sided");
    let mut said: Vec<_> = figures.map(|count| (count.corridor.as_str(), count.state.as_str(), count.value)).collect();
    said.sort_unstable();
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_one_side_is_counted_until_it_is_confirmed() {
    let house = House::start().await;
    let ready = |number| Way::spain(number).accepted(&[Track::Contract]).abroad();
    // One arrival is confirmed by what was reported next; the other two at work are known from the union alone.
    let ways = [
        ready(1).one_sided(),
        ready(2).one_sided().working().one_sided(),
        ready(3).working().one_sided(),
        ready(4).one_sided().working(),
        Way::canada(5),
    ];
    let events: Vec<_> = ways.iter().flat_map(Way::events).collect();
    house.produce_all(&events).await;
    house.folded("placement", i64::try_from(events.len()).unwrap()).await;

    let flows = |flows: Vec<Flow>| flows.into_iter().map(|flow| flow.one_sided).collect::<Vec<_>>();
    assert_eq!(flows(house.flows("operator").await), [3, 0]);
    assert_eq!(flows(house.flows("guatemala").await), [0], "a tenant sees its own");
    let request = GetCorridorStepsRequest { corridor_code: "CO-ES".to_owned(), season_code: "2026".to_owned() };
    let steps = house.client.clone().get_corridor_steps(house.bench.call("operator", request)).await.unwrap();
    let steps = steps.into_inner().steps;
    let at = |name: &str| {
        let step = steps.iter().find(|step| step.step == name).unwrap();
        (step.here_now, step.one_sided)
    };
    assert_eq!((at("ARRIVED"), at("WORKING"), at("DEPARTED")), ((1, 1), (3, 2), (0, 0)));
    assert_eq!(said(&house.tally().await), [("CO-ES", "ARRIVED", 1), ("CO-ES", "WORKING", 2)]);
}
