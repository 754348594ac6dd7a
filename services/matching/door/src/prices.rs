//! Prices for seats, quotas and groups that stay apart, and the bound that they prove.

use std::collections::BTreeMap;

use crate::core::{Core, Place};
use crate::decimal::show;
use crate::format::{ApartPrice, Duals, LinePrice, QuotaPrice};
use crate::market::Market;

/// Prices in units of 10⁻⁹ points, none negative. Lines and quotas by the market's positions.
#[derive(Clone, Debug)]
pub(crate) struct Prices {
    pub(crate) lines: Vec<i128>,
    pub(crate) quotas: Vec<i128>,
    /// By group and line.
    pub(crate) apart: BTreeMap<(usize, usize), i128>,
}

impl Prices {
    pub(crate) fn free(core: &Core) -> Self {
        Self { lines: vec![0; core.seats.len()], quotas: vec![0; core.limits.len()], apart: BTreeMap::new() }
    }

    /// Returns what no plan can exceed: forced places, each unit's best surplus, and what all there is would cost.
    ///
    /// Every plan's value is a multiple of the granule, so the sum may be rounded down to one.
    pub(crate) fn bound(&self, core: &Core) -> i128 {
        let best = |surplus: &Vec<i128>| surplus.iter().copied().max().unwrap_or(0).max(0);
        let bound = self.cost(core) + self.surplus(core).iter().map(best).sum::<i128>();
        bound.div_euclid(core.granule) * core.granule
    }

    /// Returns what each option brings above its cost.
    pub(crate) fn surplus(&self, core: &Core) -> Vec<Vec<i128>> {
        let groups = core.groups();
        let surplus = |(unit, groups): (&crate::core::Unit, &Vec<usize>)| {
            let of = |place: &Place| {
                let apart = groups.iter().filter_map(|&group| self.apart.get(&(group, place.line)));
                let quotas = place.uses.iter().map(|&(quota, weight)| self.quotas[quota] * i128::from(weight));
                let cost =
                    self.lines[place.line] * i128::from(place.seats) + quotas.chain(apart.copied()).sum::<i128>();
                place.score - cost
            };
            unit.options.iter().map(of).collect()
        };
        core.units.iter().zip(&groups).map(surplus).collect()
    }

    /// Returns the score of forced places and what all that is left beside them costs.
    pub(crate) fn cost(&self, core: &Core) -> i128 {
        let cost = |prices: &[i128], amounts: &[u64]| -> i128 {
            prices.iter().zip(amounts).map(|(price, &amount)| price * i128::from(amount)).sum()
        };
        core.base()
            + cost(&self.lines, &core.seats)
            + cost(&self.quotas, &core.limits)
            + self.apart.values().sum::<i128>()
    }

    /// Returns the prices as they are published.
    pub(crate) fn published(&self, market: &Market, bound: i128) -> Duals {
        let priced = |prices: &[i128]| -> Vec<(usize, String)> {
            prices.iter().enumerate().filter(|(_, price)| **price > 0).map(|(at, price)| (at, show(*price))).collect()
        };
        let line = |line: usize| market.lines[line].id.clone();
        let mut lines: Vec<LinePrice> =
            priced(&self.lines).into_iter().map(|(at, price)| LinePrice { line: line(at), price }).collect();
        lines.sort_unstable_by(|one, other| one.line.cmp(&other.line));
        let quota = |(at, price): (usize, String)| QuotaPrice { quota: market.quotas[at].id.clone(), price };
        let mut quotas: Vec<QuotaPrice> = priced(&self.quotas).into_iter().map(quota).collect();
        quotas.sort_unstable_by(|one, other| one.quota.cmp(&other.quota));
        let apart = self.apart.iter().filter(|(_, price)| **price > 0);
        let mut apart: Vec<ApartPrice> =
            apart.map(|(&(group, at), &price)| ApartPrice { group, line: line(at), price: show(price) }).collect();
        apart.sort_unstable_by(|one, other| (one.group, &one.line).cmp(&(other.group, &other.line)));
        Duals { lines, quotas, apart, bound: show(bound) }
    }
}
