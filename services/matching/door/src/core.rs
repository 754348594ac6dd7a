//! The market as the search sees it: families as one, pinned pairs taken off, what cannot be chosen left out.
//!
//! Pinned pairs force the families of their candidates onto lines. All other rules are ceilings, so a plan exists exactly
//! if the forced pairs alone keep them: infeasibility is decided here, with its cause, before anything is searched.

use std::collections::{BTreeMap, HashSet};

use crate::draw;
use crate::format::Cause;
use crate::market::{Market, families};

mod forced;

/// Something that takes a place on one line or none: a candidate, or a family as one.
#[derive(Debug)]
pub(crate) struct Unit {
    /// Lines it may take, in the order of their draw.
    pub(crate) options: Vec<Place>,
}

/// A place that a unit may take.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) line: usize,
    /// Units of 10⁻⁹ points; at least 1, but for forced ones.
    pub(crate) score: i128,
    pub(crate) seats: u64,
    /// Quotas, ascending, with what the place weighs in each.
    pub(crate) uses: Vec<(usize, u64)>,
    /// The market's pairs behind it.
    pub(crate) pairs: Vec<usize>,
}

/// What is to be decided. Lines and quotas keep the market's positions.
#[derive(Debug)]
pub(crate) struct Core {
    /// In the order of the draw; each has an option.
    pub(crate) units: Vec<Unit>,
    /// Places that pinned pairs force.
    pub(crate) forced: Vec<Place>,
    /// Lines in the order of the draw.
    pub(crate) order: Vec<usize>,
    /// Quotas in the order of the draw.
    pub(crate) quotas: Vec<usize>,
    /// Seats left by forced places.
    pub(crate) seats: Vec<u64>,
    /// Quota left by forced places.
    pub(crate) limits: Vec<u64>,
    /// Groups of units that stay apart: position in the market, members.
    pub(crate) apart: Vec<(usize, Vec<usize>)>,
    /// Divides every score.
    pub(crate) granule: i128,
}

impl Core {
    /// Returns what is to be decided in `market`, drawn with `seed`, or why there is no plan.
    pub(crate) fn of(market: &Market, seed: &str) -> Result<Self, Vec<Cause>> {
        let heads = families(market.candidates.len(), &market.together);
        let mut families: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (candidate, &head) in heads.iter().enumerate() {
            families.entry(head).or_default().push(candidate);
        }
        let place = draw::places(seed, market.candidates.iter().map(|candidate| candidate.id.as_str()));
        let line_place = draw::places(seed, market.lines.iter().map(|line| line.id.as_str()));
        let mut families: Vec<Vec<usize>> = families.into_values().collect();
        for family in &mut families {
            family.sort_unstable_by_key(|&member| place[member]);
        }
        families.sort_unstable_by_key(|family| place[family[0]]);
        let mut by_candidate = vec![Vec::new(); market.candidates.len()];
        for (at, pair) in market.pairs.iter().enumerate().filter(|(_, pair)| !pair.forbidden) {
            by_candidate[pair.candidate].push(at);
        }
        let forced = forced::places(market, &families)?;
        let mut order: Vec<usize> = (0..market.lines.len()).collect();
        order.sort_unstable_by_key(|&line| line_place[line]);
        let quota_place = draw::places(seed, market.quotas.iter().map(|quota| quota.id.as_str()));
        let mut quotas: Vec<usize> = (0..market.quotas.len()).collect();
        quotas.sort_unstable_by_key(|&quota| quota_place[quota]);
        let mut core = Self {
            units: Vec::new(),
            forced: forced.iter().flatten().cloned().collect(),
            order,
            quotas,
            seats: market.lines.iter().map(|line| line.seats).collect(),
            limits: market.quotas.iter().map(|quota| quota.limit).collect(),
            apart: Vec::new(),
            granule: market.granule(),
        };
        core.take_forced();
        let (groups, taken) = apart_forced(market, &core.forced);
        let mut unit_of = vec![None; market.candidates.len()];
        for (family, _) in families.iter().zip(&forced).filter(|(_, forced)| forced.is_none()) {
            let mut options = places_of(market, family, &by_candidate);
            let beside =
                |line| family.iter().flat_map(|&member| &groups[member]).any(|&group| taken.contains(&(group, line)));
            options.retain(|option| option.score > 0 && core.fits(option) && !beside(option.line));
            options.sort_unstable_by_key(|option| line_place[option.line]);
            if !options.is_empty() {
                family.iter().for_each(|&member| unit_of[member] = Some(core.units.len()));
                core.units.push(Unit { options });
            }
        }
        let apart = market.apart.iter().map(|group| group.iter().filter_map(|&member| unit_of[member]).collect());
        core.apart = apart.enumerate().filter(|(_, members): &(usize, Vec<usize>)| members.len() > 1).collect();
        Ok(core)
    }

    fn take_forced(&mut self) {
        for place in &self.forced {
            self.seats[place.line] -= place.seats;
            for &(quota, weight) in &place.uses {
                self.limits[quota] -= weight;
            }
        }
    }

    fn fits(&self, place: &Place) -> bool {
        place.seats <= self.seats[place.line] && place.uses.iter().all(|&(quota, weight)| weight <= self.limits[quota])
    }

    /// Returns the number of options.
    pub(crate) fn options(&self) -> usize {
        self.units.iter().map(|unit| unit.options.len()).sum()
    }

    /// Returns the score of what is forced.
    pub(crate) fn base(&self) -> i128 {
        self.forced.iter().map(|place| place.score).sum()
    }

    /// Returns the score of forced places and of one option or none per unit.
    pub(crate) fn value(&self, seat: &[Option<usize>]) -> i128 {
        let chosen = self.units.iter().zip(seat);
        self.base() + chosen.filter_map(|(unit, &seat)| Some(unit.options[seat?].score)).sum::<i128>()
    }

    /// True if one option or none per unit keeps every ceiling.
    pub(crate) fn permits(&self, seat: &[Option<usize>]) -> bool {
        let mut room = Room::of(self);
        (0..seat.len()).all(|unit| seat[unit].is_none_or(|option| room.take(self, unit, option)))
    }

    /// Returns the plan that takes options by falling score, each that still has room.
    pub(crate) fn greedy(&self) -> Vec<Option<usize>> {
        let mut all: Vec<(i128, usize, usize)> = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            all.extend(unit.options.iter().enumerate().map(|(option, place)| (-place.score, at, option)));
        }
        all.sort_unstable();
        let mut room = Room::of(self);
        let mut seat = vec![None; self.units.len()];
        for (_, unit, option) in all {
            if seat[unit].is_none() && room.take(self, unit, option) {
                seat[unit] = Some(option);
            }
        }
        seat
    }

    /// Returns the groups of `apart` that each unit is in.
    pub(crate) fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups = vec![Vec::new(); self.units.len()];
        for (group, members) in &self.apart {
            members.iter().for_each(|&unit| groups[unit].push(*group));
        }
        groups
    }

    /// Returns the market's pairs behind a plan.
    pub(crate) fn pairs(&self, seat: &[Option<usize>]) -> Vec<usize> {
        let chosen = self.units.iter().zip(seat).filter_map(|(unit, &seat)| Some(&unit.options[seat?]));
        self.forced.iter().chain(chosen).flat_map(|place| place.pairs.iter().copied()).collect()
    }
}

/// What is left while places are taken.
pub(crate) struct Room {
    seats: Vec<u64>,
    limits: Vec<u64>,
    /// Groups of each unit, and which lines each group is on.
    groups: Vec<Vec<usize>>,
    on: HashSet<(usize, usize)>,
}

impl Room {
    pub(crate) fn of(core: &Core) -> Self {
        Self { seats: core.seats.clone(), limits: core.limits.clone(), groups: core.groups(), on: HashSet::new() }
    }

    /// Takes an option if there is room.
    pub(crate) fn take(&mut self, core: &Core, unit: usize, option: usize) -> bool {
        let place = &core.units[unit].options[option];
        let free = place.seats <= self.seats[place.line]
            && place.uses.iter().all(|&(quota, weight)| weight <= self.limits[quota])
            && self.groups[unit].iter().all(|&group| !self.on.contains(&(group, place.line)));
        if free {
            self.seats[place.line] -= place.seats;
            place.uses.iter().for_each(|&(quota, weight)| self.limits[quota] -= weight);
            self.on.extend(self.groups[unit].iter().map(|&group| (group, place.line)));
        }
        free
    }

    /// Gives an option back that was taken.
    pub(crate) fn give_back(&mut self, core: &Core, unit: usize, option: usize) {
        let place = &core.units[unit].options[option];
        self.seats[place.line] += place.seats;
        place.uses.iter().for_each(|&(quota, weight)| self.limits[quota] += weight);
        for &group in &self.groups[unit] {
            self.on.remove(&(group, place.line));
        }
    }
}

/// Returns the lines on which each of `family` has a pair that is not forbidden.
fn places_of(market: &Market, family: &[usize], by_candidate: &[Vec<usize>]) -> Vec<Place> {
    let first = by_candidate[family[0]].iter().map(|&pair| market.pairs[pair].line);
    first.filter_map(|line| place_on(market, family, line)).collect()
}

/// Returns the place of `family` on `line`, if each of it has a pair there that is not forbidden.
fn place_on(market: &Market, family: &[usize], line: usize) -> Option<Place> {
    let pairs = family.iter().map(|&member| market.pair(member, line).filter(|&pair| !market.pairs[pair].forbidden));
    let pairs: Vec<usize> = pairs.collect::<Option<_>>()?;
    let mut uses: BTreeMap<usize, u64> = BTreeMap::new();
    for &(quota, weight) in pairs.iter().flat_map(|&pair| &market.pairs[pair].uses) {
        *uses.entry(quota).or_default() += weight;
    }
    Some(Place {
        line,
        score: pairs.iter().map(|&pair| market.pairs[pair].score).sum(),
        seats: pairs.iter().map(|&pair| market.pairs[pair].seats).sum(),
        uses: uses.into_iter().collect(),
        pairs,
    })
}

/// Returns the apart groups of each candidate, and the lines on which forced places have put one of a group.
fn apart_forced(market: &Market, forced: &[Place]) -> (Vec<Vec<usize>>, HashSet<(usize, usize)>) {
    let mut groups = vec![Vec::new(); market.candidates.len()];
    for (group, members) in market.apart.iter().enumerate() {
        members.iter().for_each(|&member| groups[member].push(group));
    }
    let pairs = forced.iter().flat_map(|place| &place.pairs).map(|&pair| &market.pairs[pair]);
    let taken = pairs.flat_map(|pair| groups[pair.candidate].iter().map(|&group| (group, pair.line))).collect();
    (groups, taken)
}
