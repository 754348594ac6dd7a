//! Prices of quotas in markets that are too large to try everything.

use super::course::PAIRS_SMALL;
use crate::{
    CandidateIx, LineIx, Market, MarketBuilder, Method, Pair, Policy, QuotaIx, QuotaSetIx, Status, solve, verify,
};

/// Each of 2 origins has so many people and quotas for a quarter of them at each of 3 farms: every quota binds, and all must
/// rise together, for a price at one farm alone only sends its people to the next. Scores of the same people differ little.
fn origins(people: i64) -> Market {
    let mut builder = MarketBuilder::default();
    let lines: Vec<LineIx> = (0..3).map(|at| builder.line(format!("farm {at}"), 40 * people as u32)).collect();
    for origin in 0..2 {
        let quotas: Vec<QuotaIx> = lines.iter().map(|_| builder.quota(people as u32 / 4)).collect();
        let sets: Vec<QuotaSetIx> = quotas.iter().map(|&quota| builder.quota_set(&[quota])).collect();
        for at in 0..people {
            let candidate = builder.candidate(format!("{origin}/{at}"), 1);
            for (&line, &quotas) in lines.iter().zip(&sets) {
                let score = 300 + 1000 * at / people + i64::from(line.0 * 7) * at % 5;
                builder.pair(candidate, Pair { quotas, ..Pair::scored(line, score) });
            }
        }
    }
    builder.build().unwrap()
}

/// People of 4 origins, 60 farms in 3 countries, a quota for each of the 12 ways, and one for all.
fn ways(people: u32) -> Market {
    use rand::{Rng, SeedableRng};
    let mut chance = rand_chacha::ChaCha8Rng::seed_from_u64(11);
    let mut builder = MarketBuilder::default();
    let lines: Vec<LineIx> =
        (0..60).map(|at| builder.line(format!("farm {at}"), (1 + at % 5) * people / 400)).collect();
    let quotas: Vec<QuotaIx> = (0..12).map(|at| builder.quota((5 + at % 5 * 2) * people / 400)).collect();
    let world = builder.quota(80 * people / 400);
    let sets: Vec<QuotaSetIx> = quotas.iter().map(|&quota| builder.quota_set(&[quota, world])).collect();
    for at in 0..people as usize {
        let candidate = builder.candidate(format!("{at}"), 1);
        for &line in &lines {
            if chance.random_range(0..3) > 0 {
                continue;
            }
            let score = 100 + chance.random_range(0..6) * 7 + at as i64 % 11;
            let quotas = sets[at % 4 * 3 + line.at() % 3];
            builder.pair(candidate, Pair { quotas, ..Pair::scored(line, score) });
        }
    }
    builder.build().unwrap()
}

#[test]
fn quotas_that_must_all_rise_together_are_priced() {
    let market = origins(12);
    let plan = solve(&market, &Policy::seeded("seed"));
    assert_eq!(verify(&market, &plan).unwrap().seated, 18);
    assert_eq!(plan.gap, 0, "{:?}", plan.duals);
}

#[test]
fn a_market_of_some_hundreds_with_quotas_is_proved_and_nearly_solved_without_prices() {
    let market = ways(400);
    let plan = solve(&market, &Policy::seeded("seed"));
    assert_eq!(verify(&market, &plan).unwrap().gap, 0);
    // One pass finds no prices of quotas: the plan is made of what seats alone would give.
    let rough = solve(&market, &Policy { passes: 1, ..Policy::seeded("seed") });
    let lost = plan.value - rough.value;
    assert!(verify(&market, &rough).is_ok() && lost * 1_000 <= plan.value, "{lost} of {}", plan.value);
}

/// Where charges are spread, plans are as good.
#[test]
fn large_markets_with_quotas_are_nearly_proved() {
    for (name, market, people) in [("origins", origins(3_000), 4_500), ("ways", ways(1_200), 240)] {
        assert!(market.pair_count() > PAIRS_SMALL, "{name} is not large");
        let plan = solve(&market, &Policy::seeded("seed"));
        let report = verify(&market, &plan).unwrap();
        assert_eq!(report.seated, people, "{name}");
        assert!(report.gap * 3_000 <= plan.value, "{name}: {} of {}", report.gap, plan.value);
    }
}

/// Two quotas on a market in which prices alone leave a gap: the core closes it, and what it says is what trying all says.
#[test]
fn what_prices_leave_open_is_closed_on_the_core() {
    let (mut closed, mut searched) = (0, 0);
    for seed in 0..200 {
        let market = odd(seed);
        let plan = solve(&market, &Policy::seeded("seed"));
        let certificate = verify(&market, &plan).unwrap();
        let best = best_by_trying(&market);
        match plan.status {
            Status::Optimal => assert_eq!((certificate.value, certificate.gap), (best, 0), "{seed}"),
            Status::Searched => assert_eq!(certificate.value, best, "{seed}"),
            Status::Bounded => assert!(certificate.value <= best && best <= certificate.bound, "{seed}"),
        }
        closed += u32::from(plan.method == Method::Core);
        searched += u32::from(plan.status == Status::Searched);
    }
    assert!(closed > 0 && searched > 0, "no market needed the core: {closed} closed, {searched} searched");
}

/// Seven people, three lines of one or two seats, and three quotas of which every two share pairs: an odd cycle, so the
/// relaxation may be fractional.
fn odd(seed: u64) -> Market {
    use rand::{Rng, SeedableRng};
    let mut chance = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut builder = MarketBuilder::default();
    let lines: Vec<LineIx> = (0..3).map(|at| builder.line(format!("farm {at}"), 1 + at % 2)).collect();
    let quotas: Vec<QuotaIx> = (0..3).map(|_| builder.quota(1)).collect();
    let sets: Vec<QuotaSetIx> = (0..3).map(|at| builder.quota_set(&[quotas[at], quotas[(at + 1) % 3]])).collect();
    for at in 0..7_usize {
        let candidate = builder.candidate(format!("{at}"), 1);
        for &line in &lines {
            let quotas = sets[chance.random_range(0..3)];
            builder.pair(candidate, Pair { quotas, ..Pair::scored(line, chance.random_range(1..9)) });
        }
    }
    builder.build().unwrap()
}

fn best_by_trying(market: &Market) -> i128 {
    fn from(market: &Market, at: usize, seats: &mut [u32], limits: &mut [u32]) -> i128 {
        if at == market.candidates().len() {
            return 0;
        }
        let mut best = from(market, at + 1, seats, limits);
        let mut pairs = Vec::new();
        market.pairs_of(CandidateIx(at as u32), &mut pairs);
        for pair in pairs {
            let quotas = market.quota_set(pair.quotas);
            if seats[pair.line.at()] == 0 || quotas.iter().any(|quota| limits[quota.at()] == 0) {
                continue;
            }
            seats[pair.line.at()] -= 1;
            quotas.iter().for_each(|quota| limits[quota.at()] -= 1);
            best = best.max(market.weight(&pair) + from(market, at + 1, seats, limits));
            seats[pair.line.at()] += 1;
            quotas.iter().for_each(|quota| limits[quota.at()] += 1);
        }
        best
    }
    let mut seats: Vec<u32> = market.lines().iter().map(|line| line.seats).collect();
    let mut limits: Vec<u32> = market.quotas().iter().map(|quota| quota.limit).collect();
    from(market, 0, &mut seats, &mut limits)
}
