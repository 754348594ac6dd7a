use proto::monitoring::{Flow, GetFlowsRequest, GetFlowsResponse};

use crate::{
    args::{ClientArgs, FlowsArgs},
    client::{Session, refusal},
    output::{Output, number, table},
};

/// Widest bar, in characters.
const BAR: i64 = 40;
const STEPS: [(&str, &str); 7] = [
    ("PROPOSED", "Proposed"),
    ("CONTRACT_SIGNED", "Contract"),
    ("VISA_GRANTED", "Visa"),
    ("DEPARTED", "Departed"),
    ("WORKING", "Working"),
    ("COMPLETED", "Completed"),
    ("RETURNED_VERIFIED", "Returned"),
];

/// Shows the flows.
pub(crate) async fn run(client: &ClientArgs, output: &Output, filter: FlowsArgs) -> anyhow::Result<()> {
    let session = Session::open(client).await?;
    let flows = get(&session, filter).await?;
    if output.json {
        return output.json("circula.monitoring.v1.GetFlowsResponse", &flows);
    }
    println!("{}", show(&flows));
    Ok(())
}

pub(crate) async fn get(session: &Session, filter: FlowsArgs) -> anyhow::Result<GetFlowsResponse> {
    let request = GetFlowsRequest { season_code: filter.season, corridor_code: filter.corridor };
    Ok(session.monitoring().get_flows(request).await.map_err(|status| refusal(&status))?.into_inner())
}

/// The figure, its table, and the check that they add up.
pub(crate) fn show(response: &GetFlowsResponse) -> String {
    let placed: Vec<&Flow> = response.flows.iter().filter(|flow| reached(flow, "PROPOSED") > 0).collect();
    let figure: Vec<String> = placed.iter().map(|flow| lane(flow)).collect();
    let mut head = vec!["Season", "Corridor", "Seats"];
    head.extend(STEPS.iter().map(|(_, title)| *title));
    head.extend(["Here now", "Dropped out", "Reserve calls", "Late", "One side only"]);
    let rows = response.flows.iter().map(row).chain(std::iter::once(total(&response.flows)));
    format!(
        "From order to verified return, as of {}\n\n{}\n{}\n{}",
        response.as_of,
        figure.join("\n"),
        table(&head, rows.collect(), true),
        adds_up(&response.flows)
    )
}

fn reached(flow: &Flow, step: &str) -> i64 {
    flow.steps.iter().find(|candidate| candidate.step == step).map_or(0, |step| step.reached)
}

/// One bar a step: went on (█), here now (▒), dropped out (░).
fn lane(flow: &Flow) -> String {
    let widest = reached(flow, "PROPOSED").max(1);
    let mut text = format!("{} {}\n", flow.corridor_code, flow.season_code);
    for (code, title) in STEPS {
        let Some(step) = flow.steps.iter().find(|step| step.step == code) else { continue };
        let scaled = |count: i64| "·".repeat(usize::try_from((count * BAR + widest - 1) / widest).unwrap_or(0));
        let bar = format!(
            "{}{}{}",
            scaled(step.went_on).replace('·', "█"),
            scaled(step.here_now).replace('·', "▒"),
            scaled(step.dropped_out).replace('·', "░")
        );
        text.push_str(&format!(
            "  {title:<10} {bar:<44} {:>7}  {} went on, {} here, {} dropped out\n",
            number(step.reached),
            number(step.went_on),
            number(step.here_now),
            number(step.dropped_out)
        ));
    }
    text
}

fn row(flow: &Flow) -> Vec<String> {
    let mut cells = vec![flow.season_code.clone(), flow.corridor_code.clone(), number(flow.seats_ordered)];
    cells.extend(STEPS.iter().map(|(step, _)| number(reached(flow, step))));
    cells.extend(tail(std::slice::from_ref(flow)));
    cells
}

fn total(flows: &[Flow]) -> Vec<String> {
    let mut cells = vec!["All".to_owned(), String::new(), number(flows.iter().map(|flow| flow.seats_ordered).sum())];
    cells.extend(STEPS.iter().map(|(step, _)| number(flows.iter().map(|flow| reached(flow, step)).sum())));
    cells.extend(tail(flows));
    cells
}

fn tail(flows: &[Flow]) -> Vec<String> {
    let steps = || flows.iter().flat_map(|flow| &flow.steps);
    vec![
        number(steps().map(|step| step.here_now).sum()),
        number(steps().map(|step| step.dropped_out).sum()),
        number(flows.iter().map(|flow| flow.reserve_calls).sum()),
        number(flows.iter().map(|flow| flow.late).sum()),
        number(flows.iter().map(|flow| flow.one_sided).sum()),
    ]
}

/// reached = went on + here now + dropped out at every step, and who goes on reaches the next.
fn adds_up(flows: &[Flow]) -> String {
    let mut wrong = Vec::new();
    for flow in flows {
        for (at, step) in flow.steps.iter().enumerate() {
            let parts = step.went_on + step.here_now + step.dropped_out;
            let next = flow.steps.get(at + 1).map_or(0, |next| next.reached);
            if step.reached != parts || step.went_on != next {
                wrong.push(format!("{} {} at {}", flow.corridor_code, flow.season_code, step.step));
            }
        }
    }
    if wrong.is_empty() {
        "It adds up: at every step, reached = went on + here now + dropped out, and whoever went on reached the next step.".to_owned()
    } else {
        format!("It does NOT add up: {}.", wrong.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use proto::monitoring::FlowStep;

    use super::*;

    fn flow(steps: &[(i64, i64, i64, i64)]) -> Flow {
        let step = |(index, (reached, went_on, here_now, dropped_out)): (usize, &(i64, i64, i64, i64))| FlowStep {
            step: STEPS[index].0.to_owned(),
            reached: *reached,
            went_on: *went_on,
            here_now: *here_now,
            dropped_out: *dropped_out,
        };
        Flow {
            corridor_code: "CO-ES".to_owned(),
            steps: steps.iter().enumerate().map(step).collect(),
            ..Flow::default()
        }
    }

    #[test]
    fn what_one_side_alone_reported_is_a_column() {
        let one = |one_sided| Flow { one_sided, ..flow(&[(10, 0, 10, 0)]) };
        let shown = show(&GetFlowsResponse { flows: vec![one(4), one(3)], ..GetFlowsResponse::default() });
        assert!(shown.contains("One side only"), "{shown}");
        let all = shown.lines().find(|line| line.contains("All")).unwrap();
        assert!(all.contains('7'), "{shown}");
    }

    #[test]
    fn a_step_that_loses_people_is_said() {
        assert!(adds_up(&[flow(&[(10, 8, 1, 1), (8, 0, 8, 0)])]).starts_with("It adds up"));
        assert!(adds_up(&[flow(&[(10, 8, 1, 0), (8, 0, 8, 0)])]).contains("CO-ES  at PROPOSED"));
        assert!(adds_up(&[flow(&[(10, 8, 1, 1), (7, 0, 7, 0)])]).contains("does NOT"));
    }
}
