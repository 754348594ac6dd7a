//! What the others publish, into projections. A state goes in if it is newer than the one that is there.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use platform::{Fault, Handler, Received};
use prost::Message;
use proto::{
    candidate::{CandidateEnvelope, CandidateState, candidate_envelope},
    demand::{DemandEvent, JobOrderState, demand_event},
    ids::{CandidateId, LineId, OrganisationId, PlacementId, QuotaId},
    placement::{LineState, PlacementEnvelope, RecallReply, placement_envelope},
    programme::{CorridorState, ProgrammeEvent, programme_event},
};
use sqlx::PgConnection;

use crate::{
    facts::{Unreadable, day},
    ledger,
    store::{holding, projection as store},
};

/// The newest state of each aggregate in a batch, in the order of their ids: so that two batches lock alike.
struct Newest<T>(BTreeMap<String, (i64, T)>);

impl<T> Newest<T> {
    fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn keep(&mut self, id: &str, version: i64, state: T) {
        let newer = self.0.get(id).is_none_or(|(known, _)| *known < version);
        if newer {
            self.0.insert(id.to_owned(), (version, state));
        }
    }

    fn rows<R>(self, row: impl Fn(T) -> Result<R, Unreadable>) -> Result<Vec<R>, Fault> {
        let rows = self.0.into_values().map(|(_, state)| row(state)).collect::<Result<Vec<R>, Unreadable>>();
        rows.map_err(|Unreadable(reason)| Fault::Permanent(reason))
    }
}

pub(crate) struct Programme;

#[async_trait]
impl Handler for Programme {
    type Event = ProgrammeEvent;
    const EFFECTS: bool = false;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<ProgrammeEvent>]) -> Result<(), Fault> {
        use programme_event::Aggregate;
        let (mut corridors, mut packs) = (Newest::new(), Newest::new());
        let (mut seasons, mut quotas, mut organisations) = (Newest::new(), Newest::new(), Newest::new());
        for received in events {
            let (id, version) = (&received.head.id, received.head.version);
            match received.event.aggregate.clone() {
                Some(Aggregate::Corridor(event)) => corridors.keep(id, version, event.state.unwrap_or_default()),
                Some(Aggregate::RulePack(event)) => packs.keep(id, version, event.state.unwrap_or_default()),
                Some(Aggregate::Season(event)) => seasons.keep(id, version, event.state.unwrap_or_default()),
                Some(Aggregate::Quota(event)) => quotas.keep(id, version, event.state.unwrap_or_default()),
                Some(Aggregate::Organisation(event)) => {
                    organisations.keep(id, version, event.state.unwrap_or_default());
                }
                None => {}
            }
        }
        store::corridors(tx, &corridors.rows(corridor_row)?).await?;
        store::packs(tx, &packs.rows(pack_row)?).await?;
        let (codes, versions): (Vec<String>, Vec<i64>) =
            seasons.rows(|season: proto::programme::Season| Ok((season.code, season.version)))?.into_iter().unzip();
        store::seasons(tx, &codes, &versions).await?;
        store::quotas(tx, &quotas.rows(quota_row)?).await?;
        store::organisations(tx, &organisations.rows(organisation_row)?).await?;
        Ok(())
    }
}

fn corridor_row(state: proto::programme::Corridor) -> Result<store::CorridorRow, Unreadable> {
    Ok(store::CorridorRow {
        open: state.state() == CorridorState::Open,
        code: state.code,
        origin: state.origin,
        destination: state.destination,
        version: state.version,
    })
}

fn pack_row(state: proto::programme::RulePack) -> Result<store::PackRow, Unreadable> {
    let valid_from = day(&state.valid_from);
    let rules = state.rules.into_iter().map(|rule| (rule.key, serde_json::Value::String(rule.value))).collect();
    Ok(store::PackRow {
        valid_from: valid_from.ok_or_else(|| Unreadable(format!("pack {} is valid from no date", state.id)))?,
        id: state.id,
        code: state.code,
        rules: serde_json::Value::Object(rules),
        version: state.version,
    })
}

fn quota_row(state: proto::programme::Quota) -> Result<store::QuotaRow, Unreadable> {
    Ok(store::QuotaRow {
        id: state.id.parse()?,
        corridor_code: state.corridor_code,
        season_code: state.season_code,
        cap: i64::from(state.cap),
        version: state.version,
    })
}

/// Id, name, version. Facts of others name organisations by their ids; the name is for who reads an explanation.
fn organisation_row(state: proto::programme::Organisation) -> Result<(OrganisationId, String, i64), Unreadable> {
    Ok((state.id.parse()?, state.name, state.version))
}

pub(crate) struct Demand;

#[async_trait]
impl Handler for Demand {
    type Event = DemandEvent;
    const EFFECTS: bool = false;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<DemandEvent>]) -> Result<(), Fault> {
        let mut orders = Newest::new();
        for received in events {
            if let Some(demand_event::Aggregate::JobOrder(event)) = received.event.aggregate.clone() {
                orders.keep(&received.head.id, received.head.version, event.state.unwrap_or_default());
            }
        }
        Ok(store::orders(tx, orders.rows(order_row)?).await?)
    }
}

fn order_row(state: proto::demand::JobOrder) -> Result<store::OrderRow, Unreadable> {
    let open = state.state() == JobOrderState::Open;
    let line = |line: proto::demand::OrderLine| Ok((line.id.parse()?, line.encode_to_vec()));
    Ok(store::OrderRow {
        id: state.id.parse()?,
        organisation_id: state.organisation_id.parse()?,
        season_code: state.season_code,
        destination: state.destination,
        open,
        reference: format!("{}:{}", state.source, state.reference),
        filed_on: day(&state.filed_on),
        employer_id: state.employer_id.parse().ok(),
        version: state.version,
        // Lines of orders that are not open are not matched.
        lines: if open { state.lines.into_iter().map(line).collect::<Result<_, Unreadable>>()? } else { Vec::new() },
    })
}

pub(crate) struct Candidates;

#[async_trait]
impl Handler for Candidates {
    type Event = CandidateEnvelope;
    const EFFECTS: bool = false;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<CandidateEnvelope>]) -> Result<(), Fault> {
        let mut candidates = Newest::new();
        for received in events {
            if let Some(candidate_envelope::Aggregate::Candidate(event)) = received.event.aggregate.clone() {
                candidates.keep(&received.head.id, received.head.version, event.state.unwrap_or_default());
            }
        }
        Ok(store::candidates(tx, candidates.rows(candidate_row)?).await?)
    }
}

fn candidate_row(state: proto::candidate::Candidate) -> Result<store::CandidateRow, Unreadable> {
    // Nobody comes back who has left the programme: the others of a family or crew would wait for them for ever.
    let left = matches!(state.state(), CandidateState::Withdrawn | CandidateState::Barred);
    let group = |name: String| if left { String::new() } else { name };
    Ok(store::CandidateRow {
        id: state.id.parse()?,
        ministry_id: state.organisation_id.parse()?,
        origin: state.origin.clone(),
        rostered: state.state() == CandidateState::Rostered,
        facts: state.encode_to_vec(),
        version: state.version,
        family: group(state.family),
        crew: group(state.crew),
    })
}

pub(crate) struct Placements;

#[async_trait]
impl Handler for Placements {
    type Event = PlacementEnvelope;
    const EFFECTS: bool = false;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<PlacementEnvelope>]) -> Result<(), Fault> {
        use placement_envelope::Aggregate;
        let (mut placements, mut lines) = (Newest::new(), Newest::new());
        let (mut quotas, mut refusals) = (Newest::new(), Newest::new());
        for received in events {
            let (id, version) = (&received.head.id, received.head.version);
            match received.event.aggregate.clone() {
                Some(Aggregate::Placement(event)) => placements.keep(id, version, event.state.unwrap_or_default()),
                Some(Aggregate::Line(event)) => lines.keep(id, version, event.state.unwrap_or_default()),
                Some(Aggregate::QuotaUse(event)) => quotas.keep(id, version, event.state.unwrap_or_default()),
                Some(Aggregate::ProposalRefusal(event)) => refusals.keep(id, version, event.state.unwrap_or_default()),
                Some(Aggregate::SeasonRecord(_) | Aggregate::Calendar(_)) | None => {}
            }
        }
        holding::ledgers(tx, lines.rows(ledger_row)?).await?;
        holding::quota_uses(tx, &quotas.rows(quota_use_row)?).await?;
        let placements = placements.rows(placement_row)?;
        let refusals = refusals.rows(refusal_row)?;
        let answered: Vec<PlacementId> =
            placements.iter().map(|row| row.id).chain(refusals.iter().map(|row| row.0)).collect();
        holding::placements(tx, &placements).await?;
        holding::refusals(tx, &refusals).await?;
        Ok(holding::answered(tx, &answered).await?)
    }
}

fn ledger_row(state: proto::placement::Line) -> Result<holding::LedgerRow, Unreadable> {
    Ok(holding::LedgerRow {
        line_id: state.id.parse()?,
        organisation_id: state.organisation_id.parse()?,
        season_code: state.season_code.clone(),
        destination: state.destination.clone(),
        open: state.state() == LineState::Open,
        facts: state.encode_to_vec(),
        version: state.version,
    })
}

fn quota_use_row(state: proto::placement::QuotaUse) -> Result<(QuotaId, i64, i64, i64), Unreadable> {
    Ok((state.quota_id.parse()?, i64::from(state.cap), i64::from(state.allotted), state.version))
}

fn placement_row(state: proto::placement::Placement) -> Result<holding::PlacementRow, Unreadable> {
    let holds = ledger::holds(state.stage(), state.ending());
    let taken = |text: &str| day(text).filter(|_| holds.period);
    Ok(holding::PlacementRow {
        id: state.id.parse()?,
        candidate_id: state.candidate_id.parse()?,
        ministry_id: state.ministry_id.parse().ok(),
        union_id: state.union_id.parse().ok(),
        line_id: state.line_id.parse()?,
        quota_id: state.quota_id.parse().ok(),
        marks: [holds.listed, holds.seat, holds.unit, ledger::ended_here(&state), state.next_round_first],
        days: [
            taken(&state.taken_from),
            taken(&state.taken_until),
            day(&state.starts_on),
            recalled_on(&state),
            ledger::held_since(&state),
            ledger::ended_on(&state),
        ],
        version: state.version,
        season_code: state.season_code,
    })
}

/// Placements recalled before their state told the day have it in their steps only. Whoever declined is asked for no more.
fn recalled_on(state: &proto::placement::Placement) -> Option<NaiveDate> {
    if state.recall_reply() == RecallReply::Declined {
        return None;
    }
    let recall = || state.steps.iter().rfind(|step| step.command == "Recall");
    day(&state.recalled_on).or_else(|| recall().and_then(|step| day(&step.occurred_on)))
}

fn refusal_row(
    state: proto::placement::ProposalRefusal,
) -> Result<(PlacementId, LineId, CandidateId, String, i64), Unreadable> {
    let (placement, line) = (state.placement_id.parse()?, state.line_id.parse()?);
    Ok((placement, line, state.candidate_id.parse()?, state.reason, state.version))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing::date;

    #[test]
    fn a_recall_of_before_the_state_told_its_day_is_read_from_the_steps() {
        use proto::placement::{Placement, Step};
        let step = |command: &str, on: &str| Step {
            command: command.to_owned(),
            occurred_on: on.to_owned(),
            ..Step::default()
        };
        let id = Uuid::from_u128(7).to_string();
        let mut old = Placement { id: id.clone(), candidate_id: id.clone(), line_id: id, ..Placement::default() };
        old.steps =
            vec![step("OpenReEntry", "2025-09-20"), step("Recall", "2025-10-01"), step("AddRecord", "2025-11-01")];
        let recalled = |state: &Placement| placement_row(state.clone()).unwrap().days[3];
        assert_eq!(recalled(&old), date("2025-10-01"));
        old.recalled_on = "2025-10-02".to_owned();
        assert_eq!(recalled(&old), date("2025-10-02"), "what the state says goes first");
        old.recall_reply = RecallReply::Declined.into();
        assert_eq!(recalled(&old), None, "the worker said no");
        old.recall_reply = RecallReply::Accepted.into();
        assert_eq!(recalled(&old), date("2025-10-02"));
        old.recalled_on.clear();
        old.steps.remove(1);
        assert_eq!(recalled(&old), None);
    }

    #[test]
    fn who_has_left_the_programme_keeps_no_family_and_no_crew_back() {
        let id = Uuid::from_u128(7).to_string();
        let groups = |state: CandidateState| {
            let row = candidate_row(proto::candidate::Candidate {
                id: id.clone(),
                organisation_id: id.clone(),
                state: state.into(),
                family: "f".to_owned(),
                crew: "c".to_owned(),
                ..Default::default()
            });
            row.map(|row| (row.family, row.crew)).unwrap()
        };
        let both = ("f".to_owned(), "c".to_owned());
        assert_eq!(groups(CandidateState::Rostered), both);
        assert_eq!(groups(CandidateState::Registered), both, "may be on the roster again");
        assert_eq!(groups(CandidateState::Expired), both);
        for left in [CandidateState::Withdrawn, CandidateState::Barred] {
            assert_eq!(groups(left), (String::new(), String::new()));
        }
    }
}
