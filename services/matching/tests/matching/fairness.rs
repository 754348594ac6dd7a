//! The fairness report of a round, and the rule that no score reads a protected attribute without a law.

use platform::{
    Refused,
    testing::{eventually, request_id},
};
use proto::{
    matching::{self as wire, FairnessAttribute, RoundState},
    programme::{self, ProgrammeEvent, programme_event},
};

use crate::{
    market::{self, ledger, line, line_id, order, person, registered},
    world::{Client, World},
};

/// Ten seats for 40 people: of the 12 women 8 have long experience, of the 28 men 2; one in four comes from Nariño.
async fn tell(world: &World) {
    world.publish(market::programme()).await;
    world.publish(vec![order(market::ORDER, vec![line(1, 10, "9211")], 1)]).await;
    let crowd = (1..=40_u128).map(|number| {
        let months = if number <= 8 || number > 38 { 40 } else { 3 };
        let mut person = person(number, "CO", ("9211", months));
        person.sex = if number <= 12 { "F" } else { "M" }.to_owned();
        person.region = if number.is_multiple_of(4) { "CO-NAR" } else { "CO-CAU" }.to_owned();
        // Born in 1998 or in 1990: 28 and 36 in the year of the round. Two are of an age nobody shares.
        person.birth_year = if number.is_multiple_of(2) { 1998 } else { 1990 };
        if number >= 39 {
            person.birth_year = 1978;
        }
        registered(person)
    });
    world.publish(crowd.collect()).await;
    // One to whom no line is open is in no pool.
    let mut other = person(41, "CO", ("6111", 50));
    other.sex = "F".to_owned();
    world.publish(vec![registered(other)]).await;
    world.publish(vec![ledger((line_id(1), 10, 0), &["CO-ES"], 1)]).await;
    world.knows("candidate", "SELECT count(*) FROM candidate", 41).await;
    world.knows("the rest", "SELECT (SELECT count(*) FROM line_ledger) + (SELECT count(*) FROM job_line) + (SELECT count(*) FROM season) + (SELECT count(*) FROM rule_pack)", 4).await;
}

async fn report(
    world: &World,
    client: &Client,
    (user, round): (&str, &str),
) -> Result<wire::FairnessReport, tonic::Status> {
    let request = wire::GetRoundFairnessRequest { round_id: round.to_owned() };
    client.clone().get_round_fairness(world.bench.call(user, request)).await.map(tonic::Response::into_inner)
}

fn group(report: &wire::FairnessReport, attribute: FairnessAttribute, name: &str) -> wire::FairnessGroup {
    let mut groups = report.groups.iter();
    groups.find(|group| group.attribute() == attribute && group.name == name).expect("a group").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_counts_who_got_a_seat_of_those_who_could_and_hides_the_few() {
    let (world, mut client) = World::start().await;
    tell(&world).await;
    let round = world.computed(&mut client, "spring").await;
    let told = report(&world, &client, ("operator", &round.id)).await.expect("a report");
    assert_eq!((told.seated, told.eligible, told.least), (10, 40, 10), "41 has no line and is in no pool");
    let women = group(&told, FairnessAttribute::Sex, "F");
    assert_eq!((women.seated, women.eligible, women.rate_ppm), (8, 12, 666_667));
    // Wilson's interval of 8 in 12.
    assert_eq!((women.low_ppm, women.high_ppm), (390_622, 861_880));
    assert_eq!(group(&told, FairnessAttribute::Sex, "M").seated, 2);
    assert_eq!(group(&told, FairnessAttribute::Region, "CO-NAR").eligible, 10);
    assert_eq!(group(&told, FairnessAttribute::FirstTimer, "yes").eligible, 40);
    let few = group(&told, FairnessAttribute::AgeBand, "45-54");
    assert_eq!((few.suppressed, few.eligible, few.seated), (true, 0, 0), "two people");
    let hidden = told.groups.iter().filter(|group| group.suppressed).count();
    assert_eq!(hidden, 2, "and the next smallest band, else the two could be told from the sum");

    // Before it goes out, ministries and unions see nothing of it; afterwards the same as everybody.
    let early = report(&world, &client, ("co", &round.id)).await.unwrap_err();
    assert_eq!(Refused::from_status(&early).reason, "ROUND_NOT_OUT");
    world.published(&mut client, &round.id).await;
    assert_eq!(report(&world, &client, ("co", &round.id)).await.expect("a report"), told);
    world.execute("UPDATE round_candidate SET eligible = NULL").await;
    let old = report(&world, &client, ("operator", &round.id)).await.unwrap_err();
    assert_eq!(Refused::from_status(&old).reason, "ROUND_BASIS");
}

fn pack(day: &str, legal_basis: &str) -> ProgrammeEvent {
    let rule = |key: &str, value: &str| programme::Rule { key: key.into(), value: value.into(), ..Default::default() };
    let mut rules = vec![rule("score.priorities", "DISPLACED INDIGENOUS")];
    rules.extend((!legal_basis.is_empty()).then(|| rule("score.legal_basis", legal_basis)));
    let state = programme::RulePack {
        id: format!("CO-ES@{day}"),
        code: "CO-ES".to_owned(),
        valid_from: day.to_owned(),
        rules,
        version: 1,
        ..Default::default()
    };
    let change = Some(programme::rule_pack_event::Change::Published(programme::RulePackPublished {}));
    let event = programme::RulePackEvent { state: Some(state), change };
    ProgrammeEvent { aggregate: Some(programme_event::Aggregate::RulePack(event)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_round_is_computed_by_a_score_that_reads_a_protected_ground_without_a_law() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    world.publish(vec![pack("2026-01-01", "")]).await;
    world.knows("rule_pack", "SELECT count(*) FROM rule_pack", 2).await;
    let request = wire::ComputeRoundRequest {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        as_of: "2026-01-10".to_owned(),
        seed: "spring".to_owned(),
        request_id: request_id(),
    };
    let begun = client.compute_round(world.bench.call("operator", request)).await.expect("it begins").into_inner();
    let failed = eventually("the round ends", async || {
        let round = world.round(&mut client.clone(), &begun.id).await;
        (round.state() != RoundState::Computing).then_some(round)
    })
    .await;
    assert_eq!(failed.state(), RoundState::Failed);
    assert!(failed.failure.contains("CO-ES") && failed.failure.contains("INDIGENOUS"), "{}", failed.failure);
    let why = failed.failed_because.expect("a code");
    let told = ["corridor", "ground"].map(|name| why.arguments.get(name).map_or("", String::as_str));
    assert_eq!((why.code.as_str(), told), ("GROUND_UNFOUNDED", ["CO-ES", "INDIGENOUS"]));
    world.publish(vec![pack("2026-01-02", "INDIGENOUS: ILO Convention 169, art. 20")]).await;
    world.knows("rule_pack", "SELECT count(*) FROM rule_pack", 3).await;
    assert_eq!(world.computed(&mut client, "spring").await.state(), RoundState::Preview);
}
