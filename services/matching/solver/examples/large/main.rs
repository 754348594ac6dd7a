//! Times a generated market: `cargo run -p solver --example large -- M --quotas`.
//!
//! The first word names the size: XS S M L, MT LT with hardly more candidates than seats, or SW with 20 seats a line, as
//! real job orders have, instead of 2.7. `--quotas` adds limits on
//! 96 corridors, of which about a third bind. `--alike` takes from the scores what differs from line to line, so that
//! nearly everything is tied. `--changes` plans it once and then times single changes. `--write FILE` writes the market,
//! `--ahead N` plays five seasons in which half of the people come one by one, with look-ahead over N futures, or
//! with `--batches N` in N groups;
//! `--groups` lets a tenth of the people go in families and crews of 2 to 6; `--crews` gives larger lines a least crew of 3.
//! `--chains` lets people take several lines, one after another.
//! `--read FILE` alone solves a written one. `--together` replaces the quotas by limits that all bind and must rise together.

mod ahead;
mod changes;
mod file;
mod season;

use season::{Season, Size};
use solver::{
    CandidateIx, Chained, Eligibility, Market, Pair, Phase, Plan, Policy, Progress, Watch, solve, solve_with, verify,
};

/// CPU seconds this process has used, from the kernel's count of ticks.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// The most memory this process has had, in megabytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1000
}

/// Notes when each phase began.
struct Clock {
    phases: Vec<(Phase, f64)>,
}

impl Watch for Clock {
    fn note(&mut self, progress: Progress) {
        if self.phases.last().is_none_or(|last| last.0 != progress.phase) {
            self.phases.push((progress.phase, cpu()));
        }
        if let (Some(value), Some(bound)) = (progress.value, progress.bound) {
            println!("  {:>6.2} s {:?} {:>4} gap {}", cpu(), progress.phase, progress.permille, bound - value);
        }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| words.iter().any(|given| given == word);
    let after = |word: &str| words.iter().skip_while(|given| *given != word).nth(1);
    if let Some(path) = after("--read") {
        let market = file::read(path).expect("the file can be read");
        let plan = solve(&market, &Policy::seeded("large"));
        println!("{{\"value\": {}, \"bound\": {}}}", plan.value, plan.bound);
        return;
    }
    let size = Size::named(words.first().map_or("S", String::as_str)).expect("the first word is XS S SW M L MT or LT");
    let mut season = Season::new(size, has("--quotas"), has("--together"), has("--alike"));
    if has("--groups") {
        season.in_groups();
    }
    if has("--crews") {
        season.with_least_crews();
    }
    let months = season.months();
    let market = season.market();
    let seats: u64 = market.lines().iter().map(|line| u64::from(line.seats)).sum();
    println!(
        "{} candidates, {} lines, {seats} seats, {} pairs: built in {:.2} CPU s, {} MB",
        market.candidates().len(),
        market.lines().len(),
        market.pair_count(),
        cpu(),
        peak()
    );
    if let Some(path) = after("--write") {
        file::write(&market, path).expect("the file can be written");
        return;
    }
    if has("--ahead") {
        let futures = after("--ahead").and_then(|word| word.parse().ok()).unwrap_or(5);
        let batches = after("--batches").and_then(|word| word.parse().ok()).unwrap_or(0);
        ahead::run(&market, futures, batches);
        return;
    }
    if has("--chains") {
        chains(market, months);
        return;
    }
    if has("--changes") {
        changes::run(market);
        return;
    }
    run(&market, has("--unchecked"));
}

/// Lets people take several lines, one after another, nine months in all.
fn chains<E: solver::Eligibility>(market: Market<E>, months: solver::Season) {
    let chained = Chained::new(market, months).expect("the season is one of the market");
    let start = cpu();
    let plan = chained.solve(&Policy::seeded("large"), &mut ()).expect("nobody stops it");
    println!("solved in {:.2} CPU s, peak {} MB: {:?}", cpu() - start, peak(), plan.status);
    let gap = chained.verify(&plan).expect("the plan is sound");
    let legs = |least: usize| plan.chains.iter().filter(|chain| chain.len() >= least).count();
    println!("{} people, {} of them with several lines, {} with three", legs(1), legs(2), legs(3));
    println!("value {} bound {} gap {gap}", plan.value, plan.bound);
}

/// Returns how many of those without a seat who go alone could be given one as things stand, one after another.
fn left<E: Eligibility>(market: &Market<E>, plan: &Plan) -> usize {
    let mut seats: Vec<u32> = market.lines().iter().map(|line| line.seats).collect();
    let mut limits: Vec<u32> = market.quotas().iter().map(|quota| quota.limit).collect();
    let take = |pair: &Pair, seats: &mut [u32], limits: &mut [u32]| {
        seats[pair.line.at()] -= 1;
        market.quota_set(pair.quotas).iter().for_each(|quota| limits[quota.at()] -= 1);
    };
    let mut without = vec![true; market.candidates().len()];
    for (at, line) in (0..).zip(&plan.assignments) {
        let Some(pair) = line.and_then(|line| market.pair(CandidateIx(at), line)) else { continue };
        without[at as usize] = false;
        take(&pair, &mut seats, &mut limits);
    }
    market.together().iter().flat_map(|group| &group.members).for_each(|member| without[member.at()] = false);
    let (mut pairs, mut left) = (Vec::new(), 0);
    for at in (0..).zip(without).filter_map(|(at, without)| without.then_some(CandidateIx(at))) {
        market.pairs_of(at, &mut pairs);
        let open = |pair: &&Pair| {
            seats[pair.line.at()] > 0 && market.quota_set(pair.quotas).iter().all(|quota| limits[quota.at()] > 0)
        };
        let Some(pair) = pairs.iter().find(open) else { continue };
        take(pair, &mut seats, &mut limits);
        left += 1;
    }
    left
}

fn run<E: solver::Eligibility>(market: &Market<E>, unchecked: bool) {
    let mut clock = Clock { phases: Vec::new() };
    let start = cpu();
    let plan = solve_with(market, &Policy::seeded("large"), &mut clock).expect("nobody stops it");
    let solved = cpu();
    for two in clock.phases.windows(2) {
        println!("  {:?}: {:.2} CPU s", two[0].0, two[1].1 - two[0].1);
    }
    println!("solved in {:.2} CPU s, peak {} MB: {:?} {:?}", solved - start, peak(), plan.method, plan.status);
    if unchecked {
        return;
    }
    let certificate = verify(market, &plan).expect("the plan is sound");
    println!("verified in {:.2} CPU s, peak {} MB", cpu() - solved, peak());
    if let Some(bound) = plan.searched_bound {
        let gap = bound - plan.value;
        let share = gap as f64 * 100.0 / certificate.score as f64;
        println!("claims searched to the end: gap {gap}, {share:.6} % of the score");
    }
    println!("value {} bound {} gap {}", certificate.value, certificate.bound, certificate.gap);
    println!(
        "score {}, gap {:.6} % of it; {} seated, tiers {:?}",
        certificate.score,
        certificate.gap as f64 * 100.0 / certificate.score as f64,
        certificate.seated,
        certificate.tiers
    );
    println!("{} seats that somebody without one could still take", left(market, &plan));
}
