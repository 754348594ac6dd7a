//! Generalised assignment problems: how long until the optimum is proved.
//! `cargo run -p door --example assignment -- [kind groups lines seed seconds]`, kind = season, c, d or e.

use std::fmt::Write;

use door::{Options, PlanFile};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Beasley's kinds in their maximising form. `season`: groups of 1 to 8 that take the same seats everywhere, a third of
/// the lines each, scores in tenths of points.
fn market(kind: &str, groups: usize, lines: usize, seed: u64) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let sizes: Vec<u32> = (0..groups).map(|_| random.random_range(1..=8)).collect();
    let mut pairs = String::new();
    let mut needs = vec![0_u32; lines];
    for (group, &size) in sizes.iter().enumerate() {
        for (line, need) in needs.iter_mut().enumerate() {
            let (score, seats) = match kind {
                "c" => (51 - random.random_range(10..=50), random.random_range(5..=25)),
                "d" => {
                    let seats = random.random_range(1..=100_u32);
                    (150 - (111 - seats.cast_signed() + random.random_range(-10..=10)), seats)
                }
                "e" => {
                    let seats = (1.0 - 10.0 * random.random_range(f64::EPSILON..1.0_f64).ln()).round() as u32;
                    let cost = 1000.0 / f64::from(seats) - 10.0 * random.random::<f64>();
                    (1001 - cost.round() as i32, seats)
                }
                _ if random.random_range(0..3) > 0 => continue,
                _ => (random.random_range(300..=1000) * size.cast_signed(), size),
            };
            *need += seats;
            let comma = if pairs.is_empty() { "" } else { "," };
            let score = if kind == "season" { format!("{}.{}", score / 10, score % 10) } else { score.to_string() };
            write!(pairs, r#"{comma}{{"candidate":"g{group}","line":"l{line}","score":{score},"seats":{seats}}}"#)
                .expect("a string takes everything");
        }
    }
    let (total, count) = (sizes.iter().sum::<u32>(), u32::try_from(lines).expect("few lines"));
    let seats = |need: u32| if kind == "season" { total * 9 / 10 / count } else { need * 8 / 10 / count };
    let candidates: Vec<String> =
        sizes.iter().enumerate().map(|(at, size)| format!(r#"{{"id":"g{at}","size":{size}}}"#)).collect();
    let lines: Vec<String> = needs
        .iter()
        .enumerate()
        .map(|(at, &need)| format!(r#"{{"id":"l{at}","seats":{}}}"#, seats(need).max(1)))
        .collect();
    format!(r#"{{"candidates":[{}],"lines":[{}],"pairs":[{pairs}]}}"#, candidates.join(","), lines.join(","))
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, usual: u64| given.get(at).map_or(usual, |text| text.parse().expect("a number"));
    let kind = given.first().map_or("season", String::as_str);
    let (groups, lines) = (number(1, 200) as usize, number(2, 20) as usize);
    let text = market(kind, groups, lines, number(3, 7));
    let market = door::read::market(text.as_bytes()).expect("the market is well formed");
    let options = Options { seconds: number(4, 60) as u32, ..Options::default() };
    let plan: PlanFile = door::solve(&market, &options, &|_| {}).expect("a plan");
    let said = |text: Option<String>| text.unwrap_or_default();
    println!(
        "{kind} {groups} x {lines}: {:?} value {} bound {} gap {} proof {:?} by {} in {} s",
        plan.status,
        said(plan.value),
        said(plan.bound),
        said(plan.gap),
        plan.proof,
        plan.method,
        plan.seconds
    );
}
