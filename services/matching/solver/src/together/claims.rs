//! Claims come before scores, so a unit and single people who claim the same few seats decide about more than all scores.
//!
//! Prices found without units know nothing of that: there a seat costs a claim or a score, while a unit of three that has
//! one claim makes three seats worth a claim together. The claims alone are few. HiGHS finds the prices of seats and quotas
//! at which they are best met, and which units then have their claims; the rest is decided beside that.

use highs::HighsModelStatus;

use super::units::{self, Choice, Member, Unit};
use crate::choices::Choices;
use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair, Tier};
use crate::plan::Duals;

/// What the claims ask for.
pub(super) struct Claims {
    /// Prices at which claims alone are best met, none below those given.
    pub(super) duals: Duals,
    /// Units that have a claim met, with their pairs.
    pub(super) met: Vec<(usize, Choice)>,
    /// What the claims of any plan weigh at most, in points, if the search came to its end.
    pub(super) most: Option<i128>,
}

/// Returns what the claims ask for, if units have any.
pub(super) fn ask<E: Eligibility>(
    market: &Market<E>,
    units: &[Unit],
    (candidates, lines): (&[CandidateIx], &[LineIx]),
    duals: &Duals,
) -> Option<Claims> {
    let claims = |member: &Member| member.pairs.iter().any(|pair| pair.tier != Tier::SCORE);
    if !units.iter().any(|unit| unit.members.iter().any(claims)) {
        return None;
    }
    let free = Duals { lines: vec![0; lines.len()], quotas: vec![0; duals.quotas.len()], ..duals.clone() };
    let mut choices = Choices::new(market, free, lines, i128::MAX).without_crews();
    let mut single = vec![true; market.candidates.len()];
    for unit in units {
        unit.members.iter().for_each(|member| single[member.candidate.at()] = false);
        add_unit(market, unit, &mut choices);
    }
    let mut pairs = Vec::new();
    for &candidate in candidates.iter().filter(|candidate| single[candidate.at()]) {
        market.pairs_of(candidate, &mut pairs);
        pairs.retain(|pair| pair.tier != Tier::SCORE);
        pairs.sort_unstable_by_key(|pair| &market.lines[pair.line.at()].reference);
        let Some(best) = pairs.iter().map(|pair| claim(market, pair)).max() else { continue };
        let row = choices.row(best);
        for pair in &pairs {
            choices.add(row, vec![(candidate, 1, *pair)], best - claim(market, pair));
        }
    }
    if choices.is_full() {
        return None;
    }
    let mut priced = choices.prices(&choices.solve(false)?);
    let least = |price: &mut i128, least: &i128| *price = (*price).max(*least);
    priced.lines.iter_mut().zip(&duals.lines).for_each(|(price, given)| least(price, given));
    priced.quotas.iter_mut().zip(&duals.quotas).for_each(|(price, given)| least(price, given));
    let solved = choices.solve(true)?;
    let seats = choices.plan(&solved).unwrap_or_default();
    let ended = solved.status() == HighsModelStatus::Optimal && !seats.is_empty();
    let weighs = |(at, lines): (usize, &Vec<LineIx>)| {
        let pair = market.pair(CandidateIx::new(at), *lines.first()?)?;
        Some(market.weight(&pair) - i128::from(pair.score))
    };
    let most = ended.then(|| seats.iter().enumerate().filter_map(weighs).sum());
    let met = |(at, unit): (usize, &Unit)| {
        let pair = |member: &Member| member.pair(*seats.get(member.candidate.at())?.first()?).copied();
        Some((at, unit.members.iter().map(pair).collect::<Option<Choice>>()?))
    };
    Some(Claims { duals: priced, met: units.iter().enumerate().filter_map(met).collect(), most })
}

/// Returns what no plan can exceed, in points, where claims weigh no more than `most`.
///
/// That is a limit as any other. It is given such a price that a claim weighs hardly more than a score beside it, so what
/// prices cannot tell about claims costs the bound next to nothing.
pub(super) fn bound<E: Eligibility>(market: &Market<E>, units: &[Unit], duals: &Duals, most: i128) -> Option<i128> {
    let top = market.boosts.iter().copied().max().filter(|&top| top > 0)?;
    let kept = (2 * i128::from(market.survey.score_max) + 2).min(top);
    // Rounded up: what is kept of a claim's weight, and what the limit costs.
    let part = |weight: i128, of: i128| Some((weight.checked_mul(duals.scale)?.checked_mul(of)? + top - 1) / top);
    let boosts: Vec<i128> = market.boosts.iter().map(|&boost| part(boost, kept)).collect::<Option<_>>()?;
    let lowered = |price: &i128| {
        let below = market.boosts.iter().copied().filter(|boost| boost * duals.scale <= *price).max().unwrap_or(0);
        part(below, top - kept).map(|part| (price - part).max(0))
    };
    let lines = duals.lines.iter().map(lowered).collect::<Option<Vec<_>>>()?;
    let quotas = duals.quotas.iter().map(lowered).collect::<Option<Vec<_>>>()?;
    let lowered = Duals { lines, quotas, ..duals.clone() };
    let weight = |pair: &Pair| boosts[usize::from(pair.tier.0)] + i128::from(pair.score) * duals.scale;
    let bound = units::bound_of(market, units, &lowered, weight) + part(most, top - kept)?;
    Some(bound.div_euclid(duals.scale))
}

/// Returns what a claim weighs, in parts of a point; nothing for a score alone.
fn claim<E: Eligibility>(market: &Market<E>, pair: &Pair) -> i128 {
    (market.weight(pair) - i128::from(pair.score)) * crate::book::scale(market)
}

/// Adds the options of a unit in which somebody's claim is met.
fn add_unit<E: Eligibility>(market: &Market<E>, unit: &Unit, choices: &mut Choices<'_, E>) {
    let most =
        |member: &Member, option: &[LineIx]| member.on(option).map(|pair| claim(market, pair)).max().unwrap_or(0);
    let worth = |option: &Vec<LineIx>| -> i128 { unit.members.iter().map(|member| most(member, option)).sum() };
    let worth: Vec<i128> = unit.options.iter().map(worth).collect();
    let best = worth.iter().copied().max().unwrap_or(0);
    if best == 0 {
        return;
    }
    let row = choices.row(best);
    for (option, worth) in unit.options.iter().zip(worth).filter(|(_, worth)| *worth > 0) {
        if option.len() == 1 {
            let pairs = unit.members.iter().flat_map(|member| member.on(option).map(move |pair| (member, pair)));
            let pairs = pairs.map(|(member, pair)| (member.candidate, member.size, *pair)).collect();
            choices.add(row, pairs, best - worth);
            continue;
        }
        let opens = choices.add(row, Vec::new(), best - worth);
        for member in &unit.members {
            let row = choices.row_of(opens);
            for pair in member.on(option) {
                let loss = most(member, option) - claim(market, pair);
                choices.add(row, vec![(member.candidate, member.size, *pair)], loss);
            }
        }
    }
}
