//! How long a large round takes. Run by name: `cargo test -p matching --test matching a_season -- --ignored --nocapture`.

use std::time::Instant;

use platform::testing::request_id;
use proto::matching as wire;
use uuid::Uuid;

use crate::{
    market::{self, ledger, line, line_id, order, person, registered},
    world::World,
};

const PEOPLE: u128 = 24_000;
const LINES: u128 = 8_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: minutes, and an idle machine"]
async fn a_season_of_24_000_people_and_8_000_lines_is_matched_in_seconds() {
    let (world, mut client) = World::start().await;
    let started = Instant::now();
    world.publish(market::programme()).await;
    let codes = ["9211", "9213", "9214", "9212", "8341"];
    let pick = |number: u128, of: usize| usize::try_from(number.wrapping_mul(2_654_435_761) >> 7).unwrap_or(0) % of;
    // Most work is of one occupation, as in the feed of the United States; starts from February to May, ends from
    // August to December; 24 or 26 seats a line.
    let asked = |number: u128| {
        let seats = if number % 2 == 0 { 24 } else { 26 };
        let mut line = line(number, seats, codes[if pick(number, 10) < 8 { 0 } else { pick(number, 5) }]);
        line.starts_on = format!("2026-{:02}-{:02}", 2 + pick(number, 4), 1 + pick(number * 3, 28));
        line.ends_on = format!("2026-{:02}-{:02}", 8 + pick(number * 5, 5), 1 + pick(number * 7, 28));
        line.experience_months = [0, 0, 1, 3, 6][pick(number * 11, 5)];
        (line, seats)
    };
    let orders = (1..=LINES).map(|number| order(Uuid::from_u128(0x90_0000 + number), vec![asked(number).0], 1));
    world.publish(orders.collect()).await;
    let ledgers = (1..=LINES).map(|number| ledger((line_id(number), asked(number).1, 0), &["CO-ES", "GT-ES"], 1));
    world.publish(ledgers.collect()).await;
    let people = (1..=PEOPLE).map(|number| {
        let origin = if number % 3 == 0 { "GT" } else { "CO" };
        let months = i32::try_from(pick(number * 13, 60)).unwrap_or(0);
        let mut person =
            person(number + 1_000_000, origin, (codes[if pick(number, 10) < 8 { 0 } else { pick(number, 5) }], months));
        person.available_from = format!("2026-{:02}-01", 1 + pick(number * 17, 4));
        person.available_until = format!("2026-{:02}-28", 9 + pick(number * 19, 4));
        person.seasons_returned = i32::try_from(pick(number * 23, 4)).unwrap_or(0);
        registered(person)
    });
    world.publish(people.collect()).await;
    println!("told in {:.1?}", started.elapsed());
    for (table, sql, wanted) in [
        ("candidate", "SELECT count(*) FROM candidate", PEOPLE),
        ("job_line", "SELECT count(*) FROM job_line", LINES),
        ("line_ledger", "SELECT count(*) FROM line_ledger", LINES),
    ] {
        world.knows(table, sql, i64::try_from(wanted).unwrap_or(0)).await;
    }
    world.execute("UPDATE quota SET cap = 100000").await;
    println!("known after {:.1?}", started.elapsed());
    let started = Instant::now();
    let request = wire::ComputeRoundRequest {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        as_of: "2026-01-10".to_owned(),
        seed: "spring".to_owned(),
        request_id: request_id(),
    };
    let begun = client.compute_round(world.bench.call("operator", request)).await.expect("it begins").into_inner();
    let (mut phase, mut round) = (String::new(), begun);
    while round.state() == wire::RoundState::Computing {
        if round.phase != phase {
            phase.clone_from(&round.phase);
            println!("{phase} at {:.1?}", started.elapsed());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        round = world.round(&mut client, &round.id).await;
    }
    println!(
        "computed in {:.1?}: {} of {} seats, {} reserves, gap {} ppm, {} ms before storing, {}",
        started.elapsed(),
        round.seats_filled,
        round.seats_open,
        round.reserves,
        round.gap_ppm,
        round.milliseconds,
        round.failure
    );
    let started = Instant::now();
    let published = world.published(&mut client, &round.id).await;
    println!("published in {:.1?}: {} proposals", started.elapsed(), world.proposals().await.len());
    assert_eq!(published.state(), wire::RoundState::Published);
    let started = Instant::now();
    let pair = &world.pairs(&mut client, ("operator", &round.id, false)).await[0];
    let request = wire::ExplainCandidateRequest { round_id: round.id.clone(), candidate_id: pair.candidate_id.clone() };
    let told = client.explain_candidate(world.bench.call("operator", request)).await.expect("told").into_inner();
    println!("explained a person in {:.1?}: {}", started.elapsed(), told.summary);
    let started = Instant::now();
    let request = wire::ExplainLineRequest { round_id: round.id.clone(), line_id: pair.line_id.clone() };
    let told = client.explain_line(world.bench.call("operator", request)).await.expect("told").into_inner();
    println!("explained a line in {:.1?}: {}", started.elapsed(), told.summary);
    let again = world.computed(&mut client, "spring").await;
    println!("a second round: {} ms, {} seats filled of {}", again.milliseconds, again.seats_filled, again.seats_open);
}
