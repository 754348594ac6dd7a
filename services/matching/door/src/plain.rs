//! Markets of one seat per pair go to the crate `solver`.

use solver::{LineIx, MarketBuilder, Pair, Policy, Status};

use crate::core::Core;
use crate::prices::Prices;

/// Scores in granules may not pass this: the scores of `solver` are 64-bit.
const SCORE_MOST: i128 = 1 << 60;

/// True if each place takes one seat, weighs at most 1 in each quota, and nobody must stay apart.
pub(crate) fn is_plain(core: &Core) -> bool {
    let single = |place: &crate::core::Place| {
        place.seats == 1
            && place.uses.iter().all(|&(_, weight)| weight == 1)
            && place.score / core.granule <= SCORE_MOST
    };
    core.apart.is_empty() && core.units.iter().flat_map(|unit| &unit.options).all(single)
}

/// What `solver` made of a plain core.
pub(crate) struct Found {
    pub(crate) seat: Vec<Option<usize>>,
    pub(crate) prices: Prices,
    /// Its search came to its end: no plan is better, though the prices may leave a gap.
    pub(crate) searched: bool,
}

/// Returns a plan and prices for a plain core, or nothing if `solver` refuses it.
pub(crate) fn solve(core: &Core, seed: &str) -> Option<Found> {
    let mut builder = MarketBuilder::default();
    let capped = |amount: u64| u32::try_from(amount).unwrap_or(u32::MAX);
    // References are places in the draw: the search must not know the order of the file.
    let lines: Vec<LineIx> = core
        .order
        .iter()
        .enumerate()
        .map(|(at, &line)| builder.line(format!("{at}"), capped(core.seats[line])))
        .collect();
    let mut index = vec![lines.first().copied(); core.seats.len()];
    for (&line, &at) in core.order.iter().zip(&lines) {
        index[line] = Some(at);
    }
    let mut quotas: Vec<_> =
        core.quotas.iter().map(|&quota| (quota, builder.quota(capped(core.limits[quota])))).collect();
    quotas.sort_unstable_by_key(|&(quota, _)| quota);
    for (at, unit) in core.units.iter().enumerate() {
        let candidate = builder.candidate(format!("{at}"), 1);
        for place in &unit.options {
            let members: Vec<_> = place.uses.iter().map(|&(quota, _)| quotas[quota].1).collect();
            let score = i64::try_from(place.score / core.granule).ok()?;
            let quotas = builder.quota_set(&members);
            builder.pair(candidate, Pair { quotas, ..Pair::scored(index[place.line]?, score) });
        }
    }
    let market = builder.build().ok()?;
    let plan = solver::solve(&market, &Policy::seeded(seed));
    let mut line_of = vec![0; lines.len()];
    for (&line, at) in core.order.iter().zip(&lines) {
        line_of[at.at()] = line;
    }
    let option = |(unit, line): (&crate::core::Unit, &Option<LineIx>)| {
        let line = line_of[(*line)?.at()];
        unit.options.iter().position(|place| place.line == line)
    };
    let seat = core.units.iter().zip(&plan.assignments).map(option).collect();
    let mut prices = Prices::free(core);
    // What is less than 10⁻⁹ points is left out: the bound is computed from what is published, and loses no more by it.
    let published = |price: i128| {
        let (points, rest) = (price.div_euclid(plan.duals.scale), price.rem_euclid(plan.duals.scale));
        (points * core.granule + rest * core.granule / plan.duals.scale).max(0)
    };
    for (at, &price) in plan.duals.lines.iter().enumerate() {
        prices.lines[line_of[at]] = published(price);
    }
    for (&quota, &price) in core.quotas.iter().zip(&plan.duals.quotas) {
        prices.quotas[quota] = published(price);
    }
    Some(Found { seat, prices, searched: plan.status == Status::Searched })
}
