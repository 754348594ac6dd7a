//! Flows: one per corridor and season.

use std::collections::BTreeMap;

use platform::{Error, Principal, Reach};
use proto::{
    Role,
    monitoring::{Flow, FlowStep, GetFlowsRequest, GetFlowsResponse, QuotaParts},
};

use super::{Service, index, text};
use crate::{ring, store};

/// A flow under way: its head, and who stands where.
#[derive(Default)]
struct Counted {
    flow: Flow,
    standing: Vec<ring::Standing>,
}

/// Flows by season and corridor.
#[derive(Default)]
struct Flows(BTreeMap<(String, String), Counted>);

impl Flows {
    fn of(&mut self, corridor_code: String, season_code: String) -> &mut Counted {
        self.0.entry((season_code.clone(), corridor_code.clone())).or_insert_with(|| Counted {
            flow: Flow { corridor_code, season_code, ..Flow::default() },
            standing: Vec::new(),
        })
    }

    fn finish(self, rostered: &BTreeMap<String, i64>) -> Vec<Flow> {
        let flow = |counted: Counted| Flow {
            steps: steps(&counted.standing),
            rostered: rostered.get(&counted.flow.corridor_code).copied().unwrap_or_default(),
            ..counted.flow
        };
        self.0.into_values().map(flow).collect()
    }
}

fn steps(standing: &[ring::Standing]) -> Vec<FlowStep> {
    let levels = ring::levels(&ring::FLOW.map(|(_, from)| from), standing);
    let step = |(level, (name, _)): (ring::Level, (&str, usize))| FlowStep {
        step: name.to_owned(),
        reached: level.reached,
        went_on: level.went_on,
        here_now: level.here_now,
        dropped_out: level.dropped_out,
    };
    levels.into_iter().zip(ring::FLOW).map(step).collect()
}

impl Service {
    /// The flows that the caller may see. A tenant's figures are those of its own people, lines and candidates.
    pub(crate) async fn get_flows(&self, who: &Principal, request: GetFlowsRequest) -> Result<GetFlowsResponse, Error> {
        who.needs(&Role::READERS)?;
        let codes = (request.corridor_code.as_str(), request.season_code.as_str());
        let mut tx = self.database.begin(who.reach()).await?;
        let as_of = store::as_of(&mut tx).await?;
        let mut flows = Flows::default();
        for (corridor_code, season_code) in store::planned(&mut tx, codes).await? {
            flows.of(corridor_code, season_code);
        }
        for row in store::people(&mut tx, codes, as_of).await? {
            let counted = flows.of(row.corridor_code, row.season_code);
            counted.flow.reserve_calls += row.reserve_calls;
            counted.flow.late += row.late;
            counted.flow.one_sided += row.one_sided;
            if let Some(step) = row.step {
                let standing = ring::Standing { step: index(step), dropped: row.dropped, people: row.people };
                counted.standing.push(standing);
            }
        }
        for row in store::seats(&mut tx, codes).await? {
            let counted = flows.of(row.corridor_code, row.season_code);
            counted.flow.seats_ordered = row.ordered;
            counted.flow.seats_open = row.open;
        }
        for row in store::quota_parts(&mut tx, codes).await? {
            // Quotas are everybody's to know, flows are not.
            let Some(counted) = flows.0.get_mut(&(row.season_code, row.corridor_code)) else { continue };
            let parts = QuotaParts { allotted: row.allotted, open: row.units, held: row.held, used: row.used };
            counted.flow.quota = Some(parts).filter(|parts| parts.open + parts.held + parts.used == parts.allotted);
        }
        let rostered = store::rostered(&mut tx).await?.into_iter().collect();
        let season_codes = store::season_codes(&mut tx).await?;
        drop(tx);
        let mut tx = self.database.begin(Reach::System).await?;
        let events = store::events(&mut tx).await?;
        Ok(GetFlowsResponse { flows: flows.finish(&rostered), season_codes, as_of: text(as_of), events })
    }
}
