//! Prices of quotas in markets that are too large to try everything.

use super::course::PAIRS_SMALL;
use crate::{LineIx, Market, MarketBuilder, Pair, Policy, QuotaIx, QuotaSetIx, solve, verify};

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
