//! What would have given a seat: told by a call, then made true by the owners' own events, and the next round gives it.

use platform::Refused;
use proto::{
    candidate as people,
    matching::{self as wire, change::What},
};

use crate::{
    market::{self, ledger, line, line_id, order, person, person_id, registered},
    world::{Client, World},
};

/// One line of one seat that asks for a certificate and takes the best of three; one line without anybody.
async fn tell(world: &World) {
    world.publish(market::programme()).await;
    let mut asked = line(1, 1, "9211");
    asked.certificates = vec!["TRACTOR".to_owned()];
    let mut far = line(2, 1, "9213");
    far.certificates = vec!["PRUNING".to_owned()];
    world.publish(vec![order(market::ORDER, vec![asked, far], 1)]).await;
    let certified = |number, months| {
        let mut person = person(number, "CO", ("9211", months));
        person.certificates = vec!["TRACTOR".to_owned()];
        registered(person)
    };
    let uncertified = registered(person(3, "CO", ("9211", 40)));
    let mut late = person(4, "CO", ("9211", 40));
    late.certificates = vec!["TRACTOR".to_owned()];
    late.available_from = "2026-03-15".to_owned();
    let none = registered(person(5, "CO", ("9213", 5)));
    world.publish(vec![certified(1, 20), certified(2, 10), uncertified, registered(late), none]).await;
    world.publish(vec![ledger((line_id(1), 1, 0), &["CO-ES"], 1), ledger((line_id(2), 1, 0), &["CO-ES"], 1)]).await;
    world.knows("candidate", "SELECT count(*) FROM candidate", 5).await;
    world.knows("the rest", "SELECT (SELECT count(*) FROM line_ledger) + (SELECT count(*) FROM job_line) + (SELECT count(*) FROM season) + (SELECT count(*) FROM rule_pack)", 6).await;
}

async fn explained(
    world: &World,
    client: &mut Client,
    round: &wire::Round,
    number: u128,
) -> wire::CandidateExplanation {
    let request = wire::ExplainCandidateRequest {
        round_id: round.id.clone(),
        candidate_id: person_id(number).to_string(),
        changes: true,
    };
    client.explain_candidate(world.bench.call("operator", request)).await.expect("told").into_inner()
}

fn whats(told: &[wire::Change]) -> Vec<What> {
    told.iter().filter_map(|change| change.what.clone()).collect()
}

async fn winner(world: &World, client: &mut Client) -> String {
    let round = world.computed(client, "spring").await;
    let pairs = world.pairs(client, ("operator", &round.id, false)).await;
    let of_first = pairs.into_iter().find(|pair| pair.line_id == line_id(1).to_string());
    of_first.expect("somebody sits on line 1").candidate_id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_promises_the_next_round_keeps() {
    let (world, mut client) = World::start().await;
    tell(&world).await;
    let round = world.computed(&mut client, "spring").await;
    // Months count 3 points each: 160 sits, 130 lacks 31 to pass it, or a seat.
    let second = explained(&world, &mut client, &round, 2).await;
    assert!(!second.changes_cut);
    let [points, seats] = &whats(&second.changes)[..] else { panic!("{:?}", second.changes) };
    let What::Points(points) = points else { panic!("{points:?}") };
    assert!((30..=31).contains(&points.more), "{points:?}: the draw decides whether a tie is enough");
    assert_eq!((second.near[0].score, second.near[0].price), (130, 130 + points.more), "the price is the proved one");
    assert_eq!(*seats, What::Seats(wire::SeatsChange { more: 1 }));
    assert_eq!((second.changes[0].line_number, second.changes[0].line_id.clone()), (1, line_id(1).to_string()));
    let third = explained(&world, &mut client, &round, 3).await;
    let certificate = wire::CertificatesChange { certificates: vec!["TRACTOR".to_owned()] };
    assert_eq!(whats(&third.changes), [What::Certificates(certificate)]);
    let fourth = explained(&world, &mut client, &round, 4).await;
    let dates = wire::DatesChange { from: "2026-03-01".to_owned(), until: String::new() };
    assert_eq!(whats(&fourth.changes), [What::Dates(dates)]);
    let seated = explained(&world, &mut client, &round, 1).await;
    assert!(seated.changes.is_empty(), "who has a seat needs no change");
    assert_eq!(winner(&world, &mut client).await, person_id(1).to_string());

    // Each is made true by whoever owns the fact; the certificate first, then the days.
    let mut learned: people::Candidate = person(3, "CO", ("9211", 40));
    (learned.certificates, learned.version) = (vec!["TRACTOR".to_owned()], 2);
    world.publish(vec![registered(learned)]).await;
    world.knows("versions", "SELECT sum(version)::bigint FROM candidate", 6).await;
    assert_eq!(winner(&world, &mut client).await, person_id(3).to_string());
    let (mut gone, mut free) = (person(3, "CO", ("9211", 40)), person(4, "CO", ("9211", 40)));
    (gone.state, gone.version) = (people::CandidateState::Withdrawn.into(), 3);
    (free.certificates, free.version) = (vec!["TRACTOR".to_owned()], 2);
    free.available_from = "2026-03-01".to_owned();
    world.publish(vec![registered(gone), registered(free)]).await;
    world.knows("versions", "SELECT sum(version)::bigint FROM candidate", 8).await;
    assert_eq!(winner(&world, &mut client).await, person_id(4).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_tells_what_the_next_lacked_and_what_would_have_filled_it() {
    let (world, mut client) = World::start().await;
    tell(&world).await;
    let round = world.computed(&mut client, "spring").await;
    let explain = |user: &'static str, number: u128| {
        let line_id = line_id(number).to_string();
        let request = wire::ExplainLineRequest { round_id: round.id.clone(), line_id, changes: true };
        let (mut client, call) = (client.clone(), world.bench.call(user, request));
        async move { client.explain_line(call).await.map(tonic::Response::into_inner) }
    };
    let full = explain("operator", 1).await.expect("told");
    let next: Vec<String> = full.changes.iter().map(|change| change.candidate_id.clone()).collect();
    let reserves: Vec<String> = full.reserves.iter().map(|pair| pair.candidate_id.clone()).collect();
    assert_eq!(next, reserves, "the one on the reserve list, and what they lacked");
    assert_eq!(next.len(), 1);
    assert!(matches!(whats(&full.changes)[..], [What::Points(_)]));
    let empty = explain("operator", 2).await.expect("told");
    let certificate = wire::CertificatesChange { certificates: vec!["PRUNING".to_owned()] };
    assert_eq!(whats(&empty.changes), [What::Certificates(certificate)]);
    assert!(empty.changes[0].candidate_id.is_empty());

    // A market that was touched is not explained, and a round that did not keep its market says so.
    world.execute("UPDATE round_line SET facts = jsonb_set(facts, '{seats}', '5')").await;
    assert_eq!(explain("operator", 2).await.unwrap_err().code(), tonic::Code::Internal);
    world.execute("UPDATE round SET quotas = NULL").await;
    let unknown = explain("operator", 2).await.unwrap_err();
    assert_eq!(Refused::from_status(&unknown).reason, "ROUND_BASIS");
}
