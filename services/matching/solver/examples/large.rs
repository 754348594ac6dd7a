//! Times one large generated market: `cargo run -p solver --example large -- [candidates lines seats pairs quotas]`.

use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use solver::{Market, MarketBuilder, Pair, Policy, QuotaIx, Tier, solve, verify};

/// Candidates, lines, seats, pairs, and whether origins have quotas at destinations.
const DEFAULT: [usize; 5] = [30_000, 8_000, 200_000, 5_000_000, 0];
const OCCUPATIONS: usize = 30;
const ORIGINS: usize = 12;
const DESTINATIONS: usize = 8;

fn main() {
    let mut numbers = DEFAULT;
    for (number, text) in numbers.iter_mut().zip(std::env::args().skip(1)) {
        *number = text.parse().expect("sizes are whole numbers");
    }
    let start = Instant::now();
    let market = generate(numbers);
    println!("market {numbers:?}: built in {:.2?}", start.elapsed());
    let start = Instant::now();
    let plan = solve(&market, &Policy::seeded("large"));
    println!(
        "solved in {:.2?}: {:?} {:?}, gap {} of {}",
        start.elapsed(),
        plan.method,
        plan.status,
        plan.gap,
        plan.value
    );
    let start = Instant::now();
    let certificate = verify(&market, &plan).expect("the plan is sound");
    println!(
        "verified in {:.2?}: {} seated, score {}, tiers {:?}",
        start.elapsed(),
        certificate.seated,
        certificate.score,
        certificate.tiers
    );
}

/// Candidates know one to three occupations; a line wants one, and some lines pay so well that all want them.
fn generate([candidates, lines, seats, pairs, quotas]: [usize; 5]) -> Market {
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let mut builder = MarketBuilder::default();
    let per_corridor = seats.min(candidates) / (ORIGINS * DESTINATIONS);
    let limit = u32::try_from(per_corridor).expect("a small number");
    let corridors: Vec<QuotaIx> = (0..ORIGINS * DESTINATIONS).map(|_| builder.quota(limit)).collect();
    let mut by_occupation = vec![Vec::new(); OCCUPATIONS];
    for at in 0..lines {
        let share = u32::try_from(seats / lines).expect("a small number");
        let line = builder.line(format!("line {at}"), chance.random_range(share / 2..=share + share / 2));
        by_occupation[chance.random_range(0..OCCUPATIONS)].push((line, chance.random_range(0..200_i64)));
    }
    for at in 0..candidates {
        let candidate = builder.candidate(format!("candidate {at}"), 1);
        let origin = chance.random_range(0..ORIGINS);
        let first = chance.random_range(0..OCCUPATIONS);
        let known = chance.random_range(1..=3);
        let skill = chance.random_range(0..400_i64);
        for occupation in (first..first + known).map(|occupation| &by_occupation[occupation % OCCUPATIONS]) {
            let share = pairs / candidates / 2;
            for &(line, pull) in occupation {
                if chance.random_range(0..occupation.len()) >= share {
                    continue;
                }
                let corridor = corridors[origin * DESTINATIONS + line.at() % DESTINATIONS];
                let set = if quotas > 0 { builder.quota_set(&[corridor]) } else { solver::QuotaSetIx::NONE };
                let tier = if chance.random_range(0..3000) == 0 { Tier::NAMED } else { Tier::SCORE };
                let score = 1 + skill + pull + chance.random_range(0..400_i64);
                builder.pair(candidate, Pair { line, score, tier, quotas: set });
            }
        }
    }
    builder.build().expect("the generated market is sound")
}
