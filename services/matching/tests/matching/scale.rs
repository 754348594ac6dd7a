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

/// Seconds of processor time that this process has had, the service in it: what counts where others share the machine.
pub(crate) fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Memory that this process holds, and has held at most.
pub(crate) fn memory_mib() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mib = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    (mib("VmRSS"), mib("VmHWM"))
}

const CODES: [&str; 5] = ["9211", "9213", "9214", "9212", "8341"];

/// One of so many, spread over the numbers and the same in each run.
fn pick(number: u128, of: usize) -> usize {
    usize::try_from(number.wrapping_mul(2_654_435_761) >> 7).unwrap_or(0) % of
}

/// Most work is of one occupation, as in the feed of the United States.
fn code(number: u128) -> &'static str {
    CODES[if pick(number, 10) < 8 { 0 } else { pick(number, 5) }]
}

fn seats(number: u128) -> i32 {
    if number.is_multiple_of(2) { 24 } else { 26 }
}

/// Starts from February to May, ends from August to December.
fn asked(number: u128) -> proto::demand::OrderLine {
    let mut line = line(number, seats(number), code(number));
    line.starts_on = format!("2026-{:02}-{:02}", 2 + pick(number, 4), 1 + pick(number * 3, 28));
    line.ends_on = format!("2026-{:02}-{:02}", 8 + pick(number * 5, 5), 1 + pick(number * 7, 28));
    line.experience_months = [0, 0, 1, 3, 6][pick(number * 11, 5)];
    line
}

fn seeker(number: u128) -> proto::candidate::Candidate {
    let origin = if number.is_multiple_of(3) { "GT" } else { "CO" };
    let months = i32::try_from(pick(number * 13, 60)).unwrap_or(0);
    let mut person = person(number + 1_000_000, origin, (code(number), months));
    person.available_from = format!("2026-{:02}-01", 1 + pick(number * 17, 4));
    person.available_until = format!("2026-{:02}-28", 9 + pick(number * 19, 4));
    person.seasons_returned = i32::try_from(pick(number * 23, 4)).unwrap_or(0);
    person
}

/// Tells the service all of it, and waits until it knows.
async fn tell(world: &World) {
    let started = Instant::now();
    world.publish(market::programme()).await;
    let orders = (1..=LINES).map(|number| order(Uuid::from_u128(0x90_0000 + number), vec![asked(number)], 1));
    world.publish(orders.collect()).await;
    let ledgers = (1..=LINES).map(|number| ledger((line_id(number), seats(number), 0), &["CO-ES", "GT-ES"], 1));
    world.publish(ledgers.collect()).await;
    world.publish((1..=PEOPLE).map(|number| registered(seeker(number))).collect()).await;
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
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: minutes, and an idle machine"]
async fn a_season_of_24_000_people_and_8_000_lines_is_matched_in_seconds() {
    let (world, mut client) = World::start().await;
    tell(&world).await;
    let started = Instant::now();
    let request = wire::ComputeRoundRequest {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        as_of: "2026-01-10".to_owned(),
        seed: "spring".to_owned(),
        request_id: request_id(),
    };
    let begun = client.compute_round(world.bench.call("operator", request)).await.expect("it begins").into_inner();
    let before = cpu();
    let (mut phase, mut round) = (String::new(), begun);
    while round.state() == wire::RoundState::Computing {
        if round.phase != phase {
            phase.clone_from(&round.phase);
            println!("{phase} at {:.1?}, {:.1} s of CPU", started.elapsed(), cpu() - before);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        round = world.round(&mut client, &round.id).await;
    }
    println!(
        "computed in {:.1?}, {:.1} s of CPU, peak {} MiB: {} of {} seats, {} reserves, gap {} ppm; {} ms before storing {}",
        started.elapsed(),
        cpu() - before,
        memory_mib().1,
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
    let request = wire::ExplainCandidateRequest {
        round_id: round.id.clone(),
        candidate_id: pair.candidate_id.clone(),
        changes: false,
    };
    let told = client.explain_candidate(world.bench.call("operator", request)).await.expect("told").into_inner();
    println!("explained a person in {:.1?}: {}", started.elapsed(), told.summary);
    let started = Instant::now();
    let request =
        wire::ExplainLineRequest { round_id: round.id.clone(), line_id: pair.line_id.clone(), changes: false };
    let told = client.explain_line(world.bench.call("operator", request)).await.expect("told").into_inner();
    println!("explained a line in {:.1?}: {}", started.elapsed(), told.summary);
    let again = world.computed(&mut client, "spring").await;
    println!("a second round: {} ms, {} seats filled of {}", again.milliseconds, again.seats_filled, again.seats_open);
}
