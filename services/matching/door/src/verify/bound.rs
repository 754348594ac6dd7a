//! The bound that prices prove, recomputed over every pair.
//!
//! With prices p per seat, m per unit of quota and a per group and line, no plan is worth more than what all seats, quotas
//! and groups cost, plus for each family the most that a place of it brings above its cost (0 if it may stay out). Places
//! that do not fit beside the pinned ones are not counted. The sum is rounded down to a multiple of what divides all scores.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Check, MISSTATED, pins};
use crate::decimal::parse;
use crate::finding::{shown, what};
use crate::market::Market;

struct Prices {
    lines: Vec<i128>,
    quotas: Vec<i128>,
    apart: BTreeMap<(usize, usize), i128>,
}

/// What pinned places leave.
struct Left {
    seats: Vec<u64>,
    limits: Vec<u64>,
    /// Groups with a pinned member there.
    met: BTreeSet<(usize, usize)>,
}

/// Returns the bound, or nothing if there are no prices or a price cannot be read.
pub(super) fn by_prices(check: &mut Check) -> Option<i128> {
    let prices = read(check)?;
    let market = check.market;
    let pinned = pins::pinned(market);
    let families = pins::families(market);
    let mut groups = vec![Vec::new(); market.candidates.len()];
    for (group, members) in market.apart.iter().enumerate() {
        members.iter().for_each(|&member| groups[member].push(group));
    }
    let mut lines_of = vec![Vec::new(); market.candidates.len()];
    market.pairs.iter().for_each(|pair| lines_of[pair.candidate].push(pair.line));
    let mut left = Left {
        seats: market.lines.iter().map(|line| line.seats).collect(),
        limits: market.quotas.iter().map(|quota| quota.limit).collect(),
        met: BTreeSet::new(),
    };
    let mut bound = total(market, &prices)?;
    let mut free = Vec::new();
    for family in &families {
        let lines = pins::pinned_lines(&pinned, family);
        let Some(&line) = lines.first() else {
            free.push(family);
            continue;
        };
        let pairs = pins::together_on(market, family, line)?;
        bound = bound.checked_add(surplus(market, &prices, &pairs, &groups)?)?;
        for pair in pairs.into_iter().map(|pair| &market.pairs[pair]) {
            left.seats[line] = left.seats[line].checked_sub(pair.seats)?;
            for &(quota, weight) in &pair.uses {
                left.limits[quota] = left.limits[quota].checked_sub(weight)?;
            }
            left.met.extend(groups[pair.candidate].iter().map(|&group| (group, line)));
        }
    }
    for family in free {
        let mut best = 0;
        for &line in &lines_of[*family.first()?] {
            if let Some(pairs) =
                pins::together_on(market, family, line).filter(|pairs| fits(market, &left, pairs, &groups))
            {
                best = best.max(surplus(market, &prices, &pairs, &groups)?);
            }
        }
        bound = bound.checked_add(best)?;
    }
    let divisor = market.pairs.iter().fold(0, |divisor, pair| common(divisor, pair.score.abs())).max(1);
    Some(bound.div_euclid(divisor) * divisor)
}

fn common(one: i128, other: i128) -> i128 {
    if other == 0 { one } else { common(other, one % other) }
}

fn read(check: &mut Check) -> Option<Prices> {
    let (market, duals) = (check.market, check.plan.duals.as_ref()?);
    let quota_at: HashMap<&str, usize> =
        market.quotas.iter().enumerate().map(|(at, quota)| (quota.id.as_str(), at)).collect();
    let mut prices =
        Prices { lines: vec![0; market.lines.len()], quotas: vec![0; market.quotas.len()], apart: BTreeMap::new() };
    let price = |text: &str| parse(text).ok().filter(|&price| price >= 0);
    let mut wrong = Vec::new();
    for entry in &duals.lines {
        match (check.lines.get(entry.line.as_str()), price(&entry.price)) {
            (Some(&line), Some(price)) => prices.lines[line] = price,
            _ => wrong.push(what!(
                "line-price": "line {line} has price {price}: no such thing, or no decimal from 0",
                line = shown(&entry.line),
                price = shown(&entry.price))),
        }
    }
    for entry in &duals.quotas {
        match (quota_at.get(entry.quota.as_str()), price(&entry.price)) {
            (Some(&quota), Some(price)) => prices.quotas[quota] = price,
            _ => wrong.push(what!(
                "quota-price": "quota {quota} has price {price}: no such thing, or no decimal from 0",
                quota = shown(&entry.quota),
                price = shown(&entry.price))),
        }
    }
    for entry in &duals.apart {
        match (check.lines.get(entry.line.as_str()), price(&entry.price)) {
            (Some(&line), Some(price)) if entry.group < market.apart.len() => {
                prices.apart.insert((entry.group, line), price);
            }
            _ => wrong.push(what!(
                "group-price": "group {group} on {line} has price {price}: no such thing, or no decimal from 0",
                group = entry.group,
                line = shown(&entry.line),
                price = shown(&entry.price))),
        }
    }
    let sound = wrong.is_empty();
    for what in wrong {
        check.findings.add(&MISSTATED, "$.duals", what);
    }
    sound.then_some(prices)
}

fn total(market: &Market, prices: &Prices) -> Option<i128> {
    let lines = prices.lines.iter().zip(market.lines.iter().map(|line| line.seats));
    let quotas = prices.quotas.iter().zip(market.quotas.iter().map(|quota| quota.limit));
    let apart = prices.apart.values().map(|price| (price, 1));
    let mut costs = lines.chain(quotas).chain(apart);
    costs.try_fold(0_i128, |sum, (price, amount)| sum.checked_add(price.checked_mul(i128::from(amount))?))
}

/// Returns what a family's pairs bring above their cost; nothing if it cannot be held.
fn surplus(market: &Market, prices: &Prices, pairs: &[usize], groups: &[Vec<usize>]) -> Option<i128> {
    pairs.iter().map(|&pair| &market.pairs[pair]).try_fold(0_i128, |sum, pair| {
        let mut cost = prices.lines[pair.line].checked_mul(i128::from(pair.seats))?;
        for &(quota, weight) in &pair.uses {
            cost = cost.checked_add(prices.quotas[quota].checked_mul(i128::from(weight))?)?;
        }
        for &group in &groups[pair.candidate] {
            cost = cost.checked_add(prices.apart.get(&(group, pair.line)).copied().unwrap_or(0))?;
        }
        sum.checked_add(pair.score)?.checked_sub(cost)
    })
}

fn fits(market: &Market, left: &Left, pairs: &[usize], groups: &[Vec<usize>]) -> bool {
    let mut used: BTreeMap<usize, u64> = BTreeMap::new();
    let mut seats = 0;
    let mut met = false;
    for pair in pairs.iter().map(|&pair| &market.pairs[pair]) {
        seats += pair.seats;
        pair.uses.iter().for_each(|&(quota, weight)| *used.entry(quota).or_default() += weight);
        met |= groups[pair.candidate].iter().any(|&group| left.met.contains(&(group, pair.line)));
    }
    let line = pairs.first().map(|&pair| market.pairs[pair].line);
    !met && line.is_some_and(|line| seats <= left.seats[line])
        && used.iter().all(|(&quota, &used)| used <= left.limits[quota])
}
