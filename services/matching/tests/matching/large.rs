//! A season of any size, from snapshot to published proposals. Run by name, with people and lines:
//! `CIRCULA_SEASON=100000x15000 cargo test -p matching --test matching a_season_of_any_size -- --ignored --nocapture`.
//! With `CIRCULA_QUOTAS=bind` quotas bind; that takes the search far longer, and no more memory.

use std::time::{Duration, Instant};

use platform::testing::request_id;
use prost::Message;
use proto::{candidate as people, demand, matching as wire, placement};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    scale::{cpu, memory_mib},
    world::{CO, UNION, World},
};

const ORIGINS: [&str; 12] = ["CO", "GT", "HN", "SV", "NI", "PE", "EC", "MA", "SN", "GM", "DO", "PY"];
const CERTIFICATES: [&str; 6] = ["PRUNING", "TRACTOR", "FORKLIFT", "PHYTO", "FOOD", "CHAINSAW"];
/// What a season of a million people and 150,000 lines may take.
const MIB_MOST: u64 = 4 * 1024;
/// Rows of one statement.
const ROWS: usize = 5_000;

/// People and lines.
#[derive(Clone, Copy)]
struct Size {
    people: usize,
    lines: usize,
}

impl Size {
    fn read() -> Self {
        let text = setting("CIRCULA_SEASON").unwrap_or_else(|| "10000x1500".to_owned());
        let (people, lines) = text.split_once('x').expect("people x lines");
        Self { people: people.parse().expect("a number"), lines: lines.parse().expect("a number") }
    }

    /// One for each 350 lines, so that a person has some 36 pairs in a season of any size.
    fn occupation(self, number: usize) -> String {
        (1000 + number % (self.lines / 350).max(1)).to_string()
    }
}

#[expect(clippy::disallowed_methods, reason = "how large a measurement is to be is no setting of the service")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// One of so many, spread over the numbers and the same in each run.
fn pick(number: usize, salt: usize, of: usize) -> usize {
    let mixed = (number as u64 ^ (salt as u64) << 40).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    usize::try_from((mixed ^ mixed >> 32) % of as u64).unwrap_or(0)
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(0)
}

fn id(kind: u128, number: usize) -> Uuid {
    let spread = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Uuid::from_u128(u128::from(spread) << 64 | kind << 60 | number as u128)
}

fn person(size: Size, number: usize) -> people::Candidate {
    let of = |salt: usize, of| pick(number, salt, of);
    let known = (0..=of(1, 3) / 2).map(|at| people::Experience {
        isco_code: size.occupation(of(2, 100_000) + at * 7),
        months: small(of(3 + at, 60)),
    });
    let speaks = ["es:C1", "en:A2", "fr:B1", "en:B2"];
    people::Candidate {
        id: id(1, number).to_string(),
        organisation_id: CO.to_string(),
        origin: ORIGINS[of(6, 12)].to_owned(),
        lottery_key: format!("{number:064x}"),
        state: people::CandidateState::Rostered.into(),
        birth_year: 1970 + small(of(7, 35)),
        sex: ["F", "M"][of(8, 2)].to_owned(),
        region: format!("R-{}", of(9, 100)),
        experience: known.collect(),
        languages: vec![speaks[of(10, 4)].to_owned()],
        certificates: CERTIFICATES[..of(11, 3)].iter().map(|&held| held.to_owned()).collect(),
        available_from: format!("2026-{:02}-01", 1 + of(12, 4)),
        available_until: format!("2026-{:02}-28", 9 + of(13, 4)),
        fit_until: "2026-12-31".to_owned(),
        trained_until: "2026-12-31".to_owned(),
        rostered_until: "2026-12-31".to_owned(),
        seasons_returned: small(of(14, 5)),
        version: 1,
        ..Default::default()
    }
}

fn line(size: Size, number: usize) -> demand::OrderLine {
    let of = |salt: usize, of| pick(number, 100 + salt, of);
    let named = (of(1, 20) == 0).then(|| id(1, of(2, size.people)).to_string());
    let (start, length) = (of(3, 6), 2 + of(4, 4));
    demand::OrderLine {
        id: id(2, number).to_string(),
        number: small(number),
        title: format!("Work {number}"),
        isco_codes: vec![size.occupation(of(5, 100_000))],
        seats_asked: seats(number),
        seats: seats(number),
        starts_on: format!("2026-{:02}-{:02}", 2 + start, 1 + of(6, 28)),
        ends_on: format!("2026-{:02}-{:02}", (2 + start + length).min(12), 1 + of(7, 28)),
        experience_months: [0, 0, 3, 6, 12][of(8, 5)],
        languages: if of(9, 4) == 0 { vec!["en:A2".to_owned()] } else { Vec::new() },
        certificates: if of(10, 5) == 0 { vec![CERTIFICATES[of(11, 2)].to_owned()] } else { Vec::new() },
        named_candidate_ids: named.into_iter().collect(),
        substitutes: true,
        ..Default::default()
    }
}

/// 2.7 on average.
fn seats(number: usize) -> i32 {
    [1, 1, 1, 2, 2, 2, 3, 4, 5, 6][pick(number, 300, 10)]
}

/// Two lines of three are for one corridor, the others for three, whose quotas they share.
fn corridors(number: usize) -> Vec<usize> {
    let first = pick(number, 301, 12);
    if pick(number, 302, 3) < 2 { vec![first] } else { vec![first, (first + 1) % 12, (first + 5) % 12] }
}

fn quota_id(corridor: usize) -> Uuid {
    id(3, corridor)
}

fn ledger(number: usize) -> placement::Line {
    let corridors = corridors(number);
    let units = if corridors.len() == 1 { seats(number) } else { 0 };
    let share = |corridor: &usize| placement::LineShare {
        quota_id: quota_id(*corridor).to_string(),
        corridor_code: format!("{}-ES", ORIGINS[*corridor]),
        units,
        ..Default::default()
    };
    placement::Line {
        id: id(2, number).to_string(),
        order_id: id(4, number / 5).to_string(),
        organisation_id: UNION.to_string(),
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        state: placement::LineState::Open.into(),
        posted: seats(number),
        shares: corridors.iter().map(share).collect(),
        version: 1,
        ..Default::default()
    }
}

/// Writes the season as the consumers would have.
async fn write(world: &World, size: Size) {
    let started = Instant::now();
    let mut to = world.superuser().await;
    let binds = setting("CIRCULA_QUOTAS").is_some_and(|quotas| quotas == "bind");
    let mut caps = [0_i64; 12];
    for number in 0..size.lines {
        let corridors = corridors(number);
        for &corridor in &corridors {
            // Of what lines of several corridors ask for, a corridor's quota holds from 60 to 126 % if it is to bind.
            let bound = if binds { 20 + 2 * i64::try_from(corridor).unwrap_or(0) } else { 100 };
            caps[corridor] += i64::from(seats(number)) * if corridors.len() == 1 { 100 } else { bound };
        }
    }
    for (corridor, origin) in ORIGINS.iter().enumerate() {
        let code = format!("{origin}-ES");
        run(&mut to, sqlx::query("INSERT INTO corridor VALUES ($1, $2, 'ES', true, 1)").bind(&code).bind(origin)).await;
        let quota = sqlx::query("INSERT INTO quota VALUES ($1, $2, '2026', $3, 1)");
        run(&mut to, quota.bind(quota_id(corridor)).bind(&code).bind(caps[corridor] / 100)).await;
    }
    run(&mut to, sqlx::query("INSERT INTO season VALUES ('2026', 1)")).await;
    for first in (0..size.people).step_by(ROWS) {
        let all: Vec<_> = (first..size.people.min(first + ROWS)).map(|number| person(size, number)).collect();
        let ids: Vec<Uuid> = all.iter().map(|person| person.id.parse().expect("an id")).collect();
        let origins: Vec<String> = all.iter().map(|person| person.origin.clone()).collect();
        let facts: Vec<Vec<u8>> = all.iter().map(Message::encode_to_vec).collect();
        let sql = "INSERT INTO candidate SELECT id, $4, origin, true, facts, 1
                   FROM UNNEST($1::uuid[], $2::text[], $3::bytea[]) AS p (id, origin, facts)";
        run(&mut to, sqlx::query(sql).bind(ids).bind(origins).bind(facts).bind(CO)).await;
    }
    for first in (0..size.lines).step_by(ROWS) {
        let numbers = first..size.lines.min(first + ROWS);
        let orders: Vec<Uuid> = numbers.clone().step_by(5).map(|number| id(4, number / 5)).collect();
        let sql = "INSERT INTO job_order SELECT id, $2, '2026', 'ES', true, 'posted:' || id, 1 FROM UNNEST($1::uuid[]) AS o (id)";
        run(&mut to, sqlx::query(sql).bind(orders).bind(UNION)).await;
        let ids: Vec<Uuid> = numbers.clone().map(|number| id(2, number)).collect();
        let orders: Vec<Uuid> = numbers.clone().map(|number| id(4, number / 5)).collect();
        let facts: Vec<Vec<u8>> = numbers.clone().map(|number| line(size, number).encode_to_vec()).collect();
        let sql =
            "INSERT INTO job_line SELECT id, o, $4, f FROM UNNEST($1::uuid[], $2::uuid[], $3::bytea[]) AS l (id, o, f)";
        run(&mut to, sqlx::query(sql).bind(&ids).bind(orders).bind(facts).bind(UNION)).await;
        let facts: Vec<Vec<u8>> = numbers.map(|number| ledger(number).encode_to_vec()).collect();
        let sql = "INSERT INTO line_ledger SELECT id, $3, '2026', 'ES', true, f, 1 FROM UNNEST($1::uuid[], $2::bytea[]) AS l (id, f)";
        run(&mut to, sqlx::query(sql).bind(ids).bind(facts).bind(UNION)).await;
    }
    run(&mut to, sqlx::query("ANALYZE")).await;
    println!("written in {:.1?}", started.elapsed());
}

async fn run(to: &mut PgConnection, query: sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments>) {
    query.execute(to).await.expect("rows are written");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: minutes, and an idle machine"]
async fn a_season_of_any_size_goes_from_snapshot_to_proposals() {
    let (world, mut client) = World::start().await;
    write(&world, Size::read()).await;
    // Forgets the peak so far.
    std::fs::write("/proc/self/clear_refs", "5").ok();
    let started = Instant::now();
    let before = cpu();
    let told = |what: &str| {
        let (now, peak) = memory_mib();
        println!("{what}: {:.1?}, {:.1} s of CPU, {now} MiB, peak {peak} MiB", started.elapsed(), cpu() - before);
    };
    told("begins");
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
            told(&format!("{phase} {} % {} of {}", round.percent, round.value, round.bound));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        round = world.round(&mut client, &round.id).await;
    }
    assert_eq!(round.state(), wire::RoundState::Preview, "{}", round.failure);
    told(&format!(
        "computed, {} of {} seats, {} reserves, {} of {}, gap {} ppm",
        round.seats_filled, round.seats_open, round.reserves, round.value, round.bound, round.gap_ppm
    ));
    let request =
        wire::PublishRoundRequest { round_id: round.id.clone(), request_id: request_id(), expected_version: 0 };
    // What takes longer than a call may goes on behind it.
    if let Err(status) = client.publish_round(world.bench.call("operator", request)).await {
        assert_eq!(status.code(), tonic::Code::DeadlineExceeded, "{status}");
    }
    while world.round(&mut client, &round.id).await.state() != wire::RoundState::Published {
        assert!(started.elapsed() < Duration::from_secs(3600), "it stopped going out");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    told("published");
    let proposals = world.number("SELECT count(*) FROM outbox WHERE aggregatetype = 'line_proposal'").await;
    let seats = world.number("SELECT count(*) FROM round_pair WHERE reserve_rank = 0").await;
    assert_eq!(seats, round.seats_filled);
    println!("{proposals} proposals");
    // The service runs in this process; PostgreSQL and Kafka do not.
    let (_, peak) = memory_mib();
    assert!(peak < MIB_MOST, "{peak} MiB");
}
