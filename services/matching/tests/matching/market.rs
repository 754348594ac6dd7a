//! A small market, told in the events of its owners.

use proto::{
    candidate::{self as people, CandidateEnvelope},
    demand::{self, DemandEvent},
    placement::{self as wire, PlacementEnvelope},
    programme::{self, ProgrammeEvent, programme_event},
};
use uuid::Uuid;

use crate::world::{CO, GT, UNION, World};

pub(crate) const ORDER: Uuid = Uuid::from_u128(0x0d);

pub(crate) fn line_id(number: u128) -> Uuid {
    Uuid::from_u128(0x1000 + number)
}

pub(crate) fn person_id(number: u128) -> Uuid {
    Uuid::from_u128(0x2000 + number)
}

pub(crate) fn quota_id(corridor: &str) -> Uuid {
    Uuid::from_u128(if corridor == "CO-ES" { 0x30 } else { 0x31 })
}

/// Corridors CO-ES and GT-ES, the season, one pack, two quotas.
pub(crate) fn programme() -> Vec<ProgrammeEvent> {
    use programme_event::Aggregate;
    let wrap = |aggregate| ProgrammeEvent { aggregate: Some(aggregate) };
    let corridor = |origin: &str, ministry: Uuid| {
        let state = programme::Corridor {
            code: format!("{origin}-ES"),
            origin: origin.to_owned(),
            destination: "ES".to_owned(),
            state: programme::CorridorState::Open.into(),
            ministry_id: ministry.to_string(),
            version: 1,
            ..Default::default()
        };
        let change = Some(programme::corridor_event::Change::Opened(programme::CorridorOpened {}));
        wrap(Aggregate::Corridor(programme::CorridorEvent { state: Some(state), change }))
    };
    let quota = |corridor: &str| {
        let state = programme::Quota {
            id: quota_id(corridor).to_string(),
            corridor_code: corridor.to_owned(),
            season_code: "2026".to_owned(),
            sector: "A01".to_owned(),
            cap: 1000,
            version: 1,
            ..Default::default()
        };
        let change = Some(programme::quota_event::Change::Set(programme::QuotaSet {}));
        wrap(Aggregate::Quota(programme::QuotaEvent { state: Some(state), change }))
    };
    let season = programme::Season { code: "2026".to_owned(), version: 1, ..Default::default() };
    let change = Some(programme::season_event::Change::Planned(programme::SeasonPlanned {}));
    let season = wrap(Aggregate::Season(programme::SeasonEvent { state: Some(season), change }));
    let rule = |key: &str, value: &str| programme::Rule { key: key.into(), value: value.into(), ..Default::default() };
    let pack = programme::RulePack {
        id: "CO-ES@2025-12-01".to_owned(),
        code: "CO-ES".to_owned(),
        valid_from: "2025-12-01".to_owned(),
        rules: vec![rule("candidate.age_max", "50"), rule("score.per_experience_month", "3")],
        version: 1,
        ..Default::default()
    };
    let change = Some(programme::rule_pack_event::Change::Published(programme::RulePackPublished {}));
    let pack = wrap(Aggregate::RulePack(programme::RulePackEvent { state: Some(pack), change }));
    vec![corridor("CO", CO), corridor("GT", GT), season, pack, quota("CO-ES"), quota("GT-ES")]
}

/// A line from March to August.
pub(crate) fn line(number: u128, seats: i32, isco: &str) -> demand::OrderLine {
    demand::OrderLine {
        id: line_id(number).to_string(),
        number: i32::try_from(number).expect("a small number"),
        title: format!("Work {number}"),
        isco_codes: vec![isco.to_owned()],
        seats_asked: seats,
        seats,
        starts_on: "2026-03-01".to_owned(),
        ends_on: "2026-08-31".to_owned(),
        substitutes: true,
        ..Default::default()
    }
}

/// An open order of the union.
pub(crate) fn order(id: Uuid, lines: Vec<demand::OrderLine>, version: i64) -> DemandEvent {
    let state = demand::JobOrder {
        id: id.to_string(),
        organisation_id: UNION.to_string(),
        reference: format!("UP-{id}"),
        source: "posted".to_owned(),
        destination: "ES".to_owned(),
        season_code: "2026".to_owned(),
        state: demand::JobOrderState::Open.into(),
        lines,
        version,
        ..Default::default()
    };
    let change = Some(demand::job_order_event::Change::Approved(demand::JobOrderApproved {}));
    let event = demand::JobOrderEvent { state: Some(state), change };
    DemandEvent { aggregate: Some(demand::demand_event::Aggregate::JobOrder(event)) }
}

/// The ledger of a line: one corridor with its units, or several without.
pub(crate) fn ledger((line, posted, held): (Uuid, i32, i32), corridors: &[&str], version: i64) -> PlacementEnvelope {
    let single = corridors.len() == 1;
    let share = |corridor: &&str| wire::LineShare {
        quota_id: quota_id(corridor).to_string(),
        corridor_code: (*corridor).to_owned(),
        units: if single { posted - held } else { 0 },
        units_held: if single { held } else { 0 },
        units_used: 0,
    };
    let state = wire::Line {
        id: line.to_string(),
        order_id: ORDER.to_string(),
        organisation_id: UNION.to_string(),
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        state: wire::LineState::Open.into(),
        posted,
        held,
        shares: corridors.iter().map(share).collect(),
        version,
        ..Default::default()
    };
    let change = Some(wire::line_event::Change::LedgerMoved(wire::LineLedgerMoved {}));
    let event = wire::LineEvent { state: Some(state), change };
    PlacementEnvelope { aggregate: Some(wire::placement_envelope::Aggregate::Line(event)) }
}

/// A person of a ministry, on the roster, with months in one occupation.
pub(crate) fn person(number: u128, origin: &str, (isco, months): (&str, i32)) -> people::Candidate {
    people::Candidate {
        id: person_id(number).to_string(),
        organisation_id: if origin == "CO" { CO } else { GT }.to_string(),
        origin: origin.to_owned(),
        lottery_key: format!("reference {number}"),
        state: people::CandidateState::Rostered.into(),
        birth_year: 1990,
        experience: vec![people::Experience { isco_code: isco.to_owned(), months }],
        fit_until: "2026-12-31".to_owned(),
        trained_until: "2026-12-31".to_owned(),
        rostered_until: "2026-12-31".to_owned(),
        version: 1,
        ..Default::default()
    }
}

pub(crate) fn registered(state: people::Candidate) -> CandidateEnvelope {
    let change = Some(people::candidate_event::Change::Registered(people::CandidateRegistered::default()));
    let event = people::CandidateEvent { state: Some(state), change };
    CandidateEnvelope { aggregate: Some(people::candidate_envelope::Aggregate::Candidate(event)) }
}

/// A placement made of a proposal.
pub(crate) fn placement((id, line, person): (&str, &str, &str), stage: wire::Stage, version: i64) -> PlacementEnvelope {
    let held = !matches!(stage, wire::Stage::Recommended | wire::Stage::Cancelled);
    let state = wire::Placement {
        id: id.to_owned(),
        version,
        stage: stage.into(),
        candidate_id: person.to_owned(),
        ministry_id: CO.to_string(),
        union_id: UNION.to_string(),
        line_id: line.to_owned(),
        quota_id: quota_id("CO-ES").to_string(),
        corridor_code: "CO-ES".to_owned(),
        season_code: "2026".to_owned(),
        starts_on: "2026-03-01".to_owned(),
        ends_on: "2026-08-31".to_owned(),
        taken_from: if held { "2026-03-01".to_owned() } else { String::new() },
        taken_until: if held { "2026-09-30".to_owned() } else { String::new() },
        steps: vec![wire::Step { command: "Decline".to_owned(), version, stage: stage.into(), ..Default::default() }],
        ..Default::default()
    };
    let change = Some(wire::placement_event::Change::Moved(wire::PlacementMoved::default()));
    let event = wire::PlacementEvent { state: Some(state), change };
    PlacementEnvelope { aggregate: Some(wire::placement_envelope::Aggregate::Placement(event)) }
}

/// The answer to a proposal that did not fit.
pub(crate) fn refusal((placement, line, person): (&str, &str, &str), reason: &str) -> PlacementEnvelope {
    let state = wire::ProposalRefusal {
        id: placement.to_owned(),
        placement_id: placement.to_owned(),
        line_id: line.to_owned(),
        candidate_id: person.to_owned(),
        reason: reason.to_owned(),
        version: 1,
        ..Default::default()
    };
    let change = Some(wire::proposal_refusal_event::Change::Refused(wire::ProposalRefused {}));
    let event = wire::ProposalRefusalEvent { state: Some(state), change };
    PlacementEnvelope { aggregate: Some(wire::placement_envelope::Aggregate::ProposalRefusal(event)) }
}

/// Two lines: one with two seats for CO-ES that names person 1, one with a seat for both corridors. Five people of CO for
/// the first (the fifth too old), three of GT for the second (the third not fit).
pub(crate) async fn tell(world: &World) {
    let mut first = line(1, 2, "9211");
    first.named_candidate_ids = vec![person_id(1).to_string()];
    world.publish(programme()).await;
    world.publish(vec![order(ORDER, vec![first, line(2, 1, "9213")], 1)]).await;
    let mut crowd: Vec<people::Candidate> = (1..=5)
        .map(|number| person(number, "CO", ("9211", i32::try_from(number).expect("a small number") * 10)))
        .collect();
    crowd[4].birth_year = 1970;
    crowd.extend((6..=8).map(|number| person(number, "GT", ("9213", 12))));
    crowd[7].fit_until = "2026-01-01".to_owned();
    world.publish(crowd.into_iter().map(registered).collect()).await;
    let ledgers = vec![ledger((line_id(1), 2, 0), &["CO-ES"], 1), ledger((line_id(2), 1, 0), &["CO-ES", "GT-ES"], 1)];
    world.publish(ledgers).await;
    world.knows("candidate", "SELECT count(*) FROM candidate", 8).await;
    world.knows("line_ledger", "SELECT count(*) FROM line_ledger", 2).await;
    world.knows("job_line", "SELECT count(*) FROM job_line", 2).await;
    programme_known(world).await;
}

/// Waits until all of [`programme`] is there: its topics come on their own.
pub(crate) async fn programme_known(world: &World) {
    world
        .knows(
            "programme",
            "SELECT (SELECT count(*) FROM corridor) + (SELECT count(*) FROM rule_pack) + (SELECT count(*) FROM quota)
                + (SELECT count(*) FROM season)",
            6,
        )
        .await;
}
