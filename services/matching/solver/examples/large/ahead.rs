//! Seasons in which people come one by one: with look-ahead, by greed, and what hindsight would have reached.

use std::time::Instant;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use solver::{
    CandidateIx, Eligibility, Forecast, LineIx, Lookahead, Market, MarketBuilder, Pair, Policy, QuotaIx, Tier, solve,
};

/// So many seasons are played.
const SEASONS: u64 = 5;

/// Returns a market with the lines, quotas and sets of another, and some of its people; scores alone count.
fn part<E: Eligibility>(market: &Market<E>, people: &[u32]) -> Market {
    let mut builder = MarketBuilder::default();
    market.lines().iter().for_each(|line| _ = builder.line(&line.reference, line.seats));
    let quotas: Vec<QuotaIx> = market.quotas().iter().map(|quota| builder.quota(quota.limit)).collect();
    quotas.iter().for_each(|&quota| _ = builder.quota_set(&[quota]));
    let mut pairs = Vec::new();
    for &who in people {
        let candidate = builder.candidate(format!("candidate {who}"), 1);
        market.pairs_of(CandidateIx(who), &mut pairs);
        pairs.iter().for_each(|pair| builder.pair(candidate, Pair { tier: Tier::SCORE, ..*pair }));
    }
    builder.build().expect("a part of a sound market is sound")
}

fn pairs_of(season: &Market, who: u32) -> Vec<Pair> {
    let mut pairs = Vec::new();
    season.pairs_of(CandidateIx(who), &mut pairs);
    pairs
}

/// Seats everybody at once where the score is greatest of what is left.
fn greedy(season: &Market, people: usize) -> i128 {
    let mut seats: Vec<u32> = season.lines().iter().map(|line| line.seats).collect();
    let mut limits: Vec<u32> = season.quotas().iter().map(|quota| quota.limit).collect();
    let (mut pairs, mut value) = (Vec::new(), 0);
    for who in (0..people as u32).map(CandidateIx) {
        season.pairs_of(who, &mut pairs);
        let room = |pair: &&Pair| season.quota_set(pair.quotas).iter().all(|quota| limits[quota.at()] > 0);
        let open = pairs.iter().filter(|pair| seats[pair.line.at()] > 0).filter(room);
        let Some(pair) = open.max_by_key(|pair| (pair.score, std::cmp::Reverse(pair.line))) else { continue };
        let LineIx(line) = pair.line;
        seats[line as usize] -= 1;
        season.quota_set(pair.quotas).iter().for_each(|quota| limits[quota.at()] -= 1);
        value += i128::from(pair.score);
    }
    value
}

/// Half of the people came in earlier seasons, and are what is expected; the other half come now, in an order that is drawn.
/// `batches` = 0: one by one.
pub(crate) fn run<E: Eligibility>(market: &Market<E>, futures: u32, batches: usize) {
    let (mut ahead_sum, mut greedy_sum, mut best_sum) = (0, 0, 0);
    for round in 0..SEASONS {
        let mut chance = ChaCha8Rng::seed_from_u64(round);
        let mut people: Vec<u32> = (0..market.candidates().len() as u32).collect();
        people.shuffle(&mut chance);
        let (before, now) = people.split_at(people.len() / 2);
        let (pool, season) = (part(market, before), part(market, now));
        let begun = Instant::now();
        let seed = chance.random::<[u8; 8]>().to_vec();
        let forecast = Forecast { arrivals: now.len() as u32, futures, seed };
        let mut ahead = Lookahead::new(&pool, &forecast).expect("futures are sound");
        let mut reached = 0;
        let numbers: Vec<u32> = (0..now.len() as u32).collect();
        for batch in numbers.chunks(now.len().div_ceil(if batches == 0 { now.len() } else { batches })) {
            let people: Vec<Vec<Pair>> = batch.iter().map(|&who| pairs_of(&season, who)).collect();
            let given = if batches == 0 {
                people.iter().map(|pairs| ahead.arrive(pairs)).collect()
            } else {
                ahead.arrive_together(&people).expect("pairs are sound")
            };
            reached += given.iter().flatten().map(|pair| i128::from(pair.score)).sum::<i128>();
        }
        let took = begun.elapsed().as_secs_f64();
        // With quotas that bind, the bound is what hindsight could have reached at most.
        let (greedy, best) = (greedy(&season, now.len()), solve(&season, &Policy::seeded("season")).bound);
        let of = |value: i128| value as f64 * 100.0 / best as f64;
        println!(
            "season {round}: {} came, {:.2} ms each; look-ahead {reached} ({:.2} %), greedy {greedy} ({:.2} %), hindsight {best}",
            now.len(),
            took * 1000.0 / now.len() as f64,
            of(reached),
            of(greedy)
        );
        (ahead_sum, greedy_sum, best_sum) = (ahead_sum + reached, greedy_sum + greedy, best_sum + best);
    }
    let of = |value: i128| value as f64 * 100.0 / best_sum as f64;
    println!("all: look-ahead {:.2} %, greedy {:.2} % of hindsight", of(ahead_sum), of(greedy_sum));
}
