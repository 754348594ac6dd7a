//! Campaigns that chain: one person takes several lines in a season, one after another, within the days that it may work.
//!
//! The plan is made in **legs**. The first is a plan as any other. Then everybody may take a second line that overlaps with
//! none it has, for the days that are left, from the seats that are left; and so on until nobody gains. Then whoever does
//! better with another chain in free seats takes it. A second plan begins with the chains that pay most by the prices of the
//! bound, and goes on in legs; the better one stays. The bound is that of the whole problem: by any prices a person gains no
//! more than by the chain that pays most ([`chain::best`]), however many legs it has. Prices are lowered and raised by how
//! chains would fill lines and quotas; whatever they are, [`Chained::verify`] counts the bound from them with code of its own.

mod chain;
mod check;
#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::builder::{self, BuildError};
use crate::choices::{self, Choices, Problem, Proof};
use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair, Room};
use crate::plan::{Duals, Policy, Status};
use crate::rules::Rules;
use crate::watch::{Stopped, Watch};
use chain::Offer;

/// Turns of prices for the bound, and the most pairs that are looked at in all of them.
const TURNS: usize = 60;
const WORK: usize = 60_000_000;
/// Times that everybody looks for a better chain.
const ROUNDS: usize = 4;

/// When the lines of a market need people, and how long each person may work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Season {
    /// The days of each line, the last not counted; in any unit.
    pub stays: Vec<Range<u32>>,
    /// The days that each candidate may work in the season, in the same unit.
    pub most: Vec<u32>,
}

/// A market whose candidates may take several lines.
#[derive(Clone, Debug)]
pub struct Chained<E> {
    market: Market<E>,
    season: Season,
    /// The place of each line by reference: the order in which lines are given has no part in a plan.
    rank: Vec<usize>,
}

/// A feasible plan of a chained market, with its proof. Lists follow the order of the market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainedPlan {
    /// The lines of each candidate in the order of their days.
    pub chains: Vec<Vec<LineIx>>,
    /// Sum of [`Market::weight`] over all legs.
    pub value: i128,
    /// What no plan can exceed, by the duals.
    pub bound: i128,
    /// Bound less value.
    pub gap: i128,
    /// The prices behind the bound.
    pub duals: Duals,
    /// What is proved.
    pub status: Status,
}

fn status(gap: i128, searched: bool) -> Status {
    match gap {
        0 => Status::Optimal,
        _ if searched => Status::Searched,
        _ => Status::Bounded,
    }
}

impl<E: Eligibility> Chained<E> {
    /// Returns `market` with its weights made for as many legs as its lines let a person take.
    ///
    /// # Errors
    /// [`BuildError`] if the lists of `season` are of a wrong length, if the market has sizes, groups or least crews, or if
    /// its weights would pass what can be counted.
    pub fn new(mut market: Market<E>, season: Season) -> Result<Self, BuildError> {
        market.check_plain()?;
        if season.stays.len() != market.lines.len() || season.most.len() != market.candidates.len() {
            return Err(BuildError::SeasonLength { lines: season.stays.len(), candidates: season.most.len() });
        }
        let legs = legs(&season.stays);
        let survey = &market.survey;
        let claimants = survey.claimants.iter().map(|count| count * legs).collect();
        let room = Room { candidates: survey.candidates * legs, claimants, ..Room::default() };
        builder::make_room(&mut market, room)?;
        let mut order: Vec<usize> = (0..market.lines.len()).collect();
        order.sort_unstable_by_key(|&at| &market.lines[at].reference);
        let mut rank = vec![0; order.len()];
        order.into_iter().enumerate().for_each(|(place, at)| rank[at] = place);
        Ok(Self { market, season, rank })
    }

    /// Returns the market in whose weights plans are counted.
    pub fn market(&self) -> &Market<E> {
        &self.market
    }

    /// Returns a plan with a bound for all chains. Same market, season and seed give the same plan.
    ///
    /// # Errors
    /// [`Stopped`] by `watch`.
    pub fn solve(&self, policy: &Policy, watch: &mut dyn Watch) -> Result<ChainedPlan, Stopped> {
        let mut made = Made::of(self);
        let duals = made.fill(policy, watch)?;
        let (bound, duals) = self.lower(duals, made.value, watch)?;
        let mut other = Made::of(self);
        other.take(&duals, policy);
        other.fill(policy, watch)?;
        if other.value > made.value {
            made = other;
        }
        let Made { chains, value, .. } = made;
        let (reseated, priced, searched) = (false, false, false);
        let mut proof = Proof { seats: chains, value, bound, duals, reseated, priced, searched };
        let drawn = |names: Vec<&str>| crate::book::drawn(&policy.seed, names.into_iter());
        let order = drawn(self.market.candidates.iter().map(|one| one.reference.as_str()).collect());
        let lines = drawn(self.market.lines.iter().map(|line| line.reference.as_str()).collect());
        let lines: Vec<LineIx> = lines.into_iter().map(LineIx::new).collect();
        choices::close(&self.market, &Chains { chained: self, order }, &lines, &mut proof);
        let Proof { seats: mut chains, value, bound, duals, searched, .. } = proof;
        for chain in &mut chains {
            chain.sort_unstable_by_key(|line| self.season.stays[line.at()].start);
        }
        assert!(value <= bound, "no plan is worth more than the bound");
        Ok(ChainedPlan { chains, value, bound, gap: bound - value, duals, status: status(bound - value, searched) })
    }

    /// Moves prices by how chains would fill lines and quotas under them; returns the least bound met, with its prices.
    fn lower(&self, start: Duals, value: i128, watch: &mut dyn Watch) -> Result<(i128, Duals), Stopped> {
        let mut best = (i128::MAX, start.clone());
        let (mut duals, mut share, mut stale) = (start, 1, 0);
        let turns = TURNS.min(1 + WORK / self.market.pair_count().max(1));
        for _ in 0..turns {
            if watch.stopped() {
                return Err(Stopped);
            }
            let (parts, seats, limits) = self.price(&duals);
            if parts < best.0 {
                best = (parts, duals.clone());
                stale = 0;
            } else {
                stale += 1;
                if stale == 3 {
                    (duals, share, stale) = (best.1.clone(), share * 2, 0);
                    continue;
                }
            }
            let norm: i128 = seats.iter().chain(&limits).map(|excess| excess * excess).sum();
            let gap = parts - value * duals.scale;
            if norm == 0 || gap < duals.scale {
                break;
            }
            let moved = |price: &i128, excess: &i128| (price + gap / share * excess / norm).max(0);
            duals.lines = duals.lines.iter().zip(&seats).map(|(price, excess)| moved(price, excess)).collect();
            duals.quotas = duals.quotas.iter().zip(&limits).map(|(price, excess)| moved(price, excess)).collect();
        }
        Ok((best.0.div_euclid(best.1.scale), best.1))
    }

    /// Returns what no plan can exceed by these prices, in parts of a point, and how far the chains that pay most pass the
    /// seats of each line and the limit of each quota; below 0 how much they leave, where that has a price.
    fn price(&self, duals: &Duals) -> (i128, Vec<i128>, Vec<i128>) {
        let market = &self.market;
        let mut seats: Vec<i128> = market.lines.iter().map(|line| -i128::from(line.seats)).collect();
        let mut limits: Vec<i128> = market.quotas.iter().map(|quota| -i128::from(quota.limit)).collect();
        let cost =
            |amounts: &[i128], prices: &[i128]| -> i128 { amounts.iter().zip(prices).map(|(a, p)| -a * p).sum() };
        let mut parts = cost(&seats, &duals.lines) + cost(&limits, &duals.quotas);
        let mut pairs = Vec::new();
        for at in 0..market.candidates.len() {
            self.pairs_of(CandidateIx::new(at), &mut pairs);
            let offers = self.offers(&pairs, |pair| self.surplus(duals, pair));
            let (worth, chain) = chain::best(&offers, self.season.most[at]);
            parts += worth;
            for pair in chain.into_iter().map(|offer| pairs[offer]) {
                seats[pair.line.at()] += 1;
                market.quota_set(pair.quotas).iter().for_each(|quota| limits[quota.at()] += 1);
            }
        }
        let free = |(excess, price): (&mut i128, &i128)| {
            if *price == 0 {
                *excess = (*excess).max(0);
            }
        };
        seats.iter_mut().zip(&duals.lines).for_each(free);
        limits.iter_mut().zip(&duals.quotas).for_each(free);
        (parts, seats, limits)
    }

    fn pairs_of(&self, candidate: CandidateIx, pairs: &mut Vec<Pair>) {
        self.market.pairs_of(candidate, pairs);
        pairs.sort_unstable_by_key(|pair| self.rank[pair.line.at()]);
    }

    fn surplus(&self, duals: &Duals, pair: &Pair) -> i128 {
        let quotas: i128 = self.market.quota_set(pair.quotas).iter().map(|quota| duals.quotas[quota.at()]).sum();
        self.market.weight(pair) * duals.scale - quotas - duals.lines[pair.line.at()]
    }

    fn offers(&self, pairs: &[Pair], worth: impl Fn(&Pair) -> i128) -> Vec<Offer> {
        let offer = |(at, pair): (usize, &Pair)| Offer {
            at,
            stay: self.season.stays[pair.line.at()].clone(),
            worth: worth(pair),
        };
        pairs.iter().enumerate().map(offer).collect()
    }
}

/// The choices of a chained market: of each person all chains that a better plan may hold.
struct Chains<'a, E> {
    chained: &'a Chained<E>,
    order: Vec<usize>,
}

impl<E: Eligibility> Problem<E> for Chains<'_, E> {
    fn bound(&self, duals: &Duals) -> i128 {
        self.chained.price(duals).0
    }

    fn fill(&self, choices: &mut Choices<'_, E>) {
        let Chained { season, .. } = self.chained;
        let (duals, mut pairs) = (choices.duals(), Vec::new());
        for &at in &self.order {
            let candidate = CandidateIx::new(at);
            self.chained.pairs_of(candidate, &mut pairs);
            let offers = self.chained.offers(&pairs, |pair| self.chained.surplus(&duals, pair));
            let (most, _) = chain::best(&offers, season.most[at]);
            let row = choices.row(most);
            let Some(chains) = chain::within(&offers, season.most[at], most - choices.slack) else {
                choices.give_up();
                return;
            };
            for (worth, chain) in chains {
                let pairs = chain.into_iter().map(|offer| (candidate, 1, pairs[offer])).collect();
                choices.add(row, pairs, most - worth);
            }
            if choices.is_full() {
                return;
            }
        }
    }
}

/// Returns how many of these stays one person could take, one after another.
fn legs(stays: &[Range<u32>]) -> u64 {
    let mut stays: Vec<&Range<u32>> = stays.iter().collect();
    stays.sort_unstable_by_key(|stay| (stay.end, stay.start));
    let (mut legs, mut until) = (0, 0);
    for stay in stays {
        if stay.is_empty() || stay.start >= until {
            (legs, until) = (legs + 1, until.max(stay.end));
        }
    }
    legs.max(1)
}

/// A plan in the making.
struct Made<'a, E> {
    chained: &'a Chained<E>,
    chains: Vec<Vec<LineIx>>,
    /// What is left of seats and limits.
    seats: Vec<u32>,
    limits: Vec<u32>,
    value: i128,
}

impl<'a, E: Eligibility> Made<'a, E> {
    fn of(chained: &'a Chained<E>) -> Self {
        let market = &chained.market;
        Self {
            chained,
            chains: vec![Vec::new(); market.candidates.len()],
            seats: market.lines.iter().map(|line| line.seats).collect(),
            limits: market.quotas.iter().map(|quota| quota.limit).collect(),
            value: 0,
        }
    }

    /// Lets everybody take one line after another until nobody gains, then better chains; returns the first prices.
    fn fill(&mut self, policy: &Policy, watch: &mut dyn Watch) -> Result<Duals, Stopped> {
        let first = self.leg(policy, watch)?;
        let mut seated = first.assignments.iter().flatten().count();
        while seated > 0 {
            seated = self.leg(policy, watch)?.assignments.iter().flatten().count();
        }
        self.improve(policy);
        Ok(first.duals)
    }

    /// Gives each person the chain that pays most by prices, as far as seats and limits go: first those who gain most by it,
    /// then by draw.
    fn take(&mut self, duals: &Duals, policy: &Policy) {
        let market = &self.chained.market;
        let order = crate::book::drawn(&policy.seed, market.candidates.iter().map(|one| one.reference.as_str()));
        let mut pairs = Vec::new();
        let mut gains: Vec<(i128, usize)> = Vec::new();
        for at in order {
            self.chained.pairs_of(CandidateIx::new(at), &mut pairs);
            let offers = self.chained.offers(&pairs, |pair| self.chained.surplus(duals, pair));
            gains.push((-chain::best(&offers, self.chained.season.most[at]).0, at));
        }
        gains.sort_by_key(|(gain, _)| *gain);
        for (_, at) in gains {
            self.chained.pairs_of(CandidateIx::new(at), &mut pairs);
            let left = |pair: &Pair| if self.has_room(pair) { self.chained.surplus(duals, pair) } else { 0 };
            let (_, chain) = chain::best(&self.chained.offers(&pairs, left), self.chained.season.most[at]);
            let chain: Vec<Pair> = chain.into_iter().map(|offer| pairs[offer]).collect();
            if self.fits(&chain) {
                chain.iter().for_each(|pair| self.count(pair, true));
                self.chains[at] = chain.iter().map(|pair| pair.line).collect();
            }
        }
    }

    fn has_room(&self, pair: &Pair) -> bool {
        let mut quotas = self.chained.market.quota_set(pair.quotas).iter();
        self.seats[pair.line.at()] > 0 && quotas.all(|quota| self.limits[quota.at()] > 0)
    }

    /// Lets everybody take one line more.
    fn leg(&mut self, policy: &Policy, watch: &mut dyn Watch) -> Result<crate::Plan, Stopped> {
        let market = &self.chained.market;
        let leg = Leg { chained: self.chained, chains: &self.chains };
        let mut pairs = Vec::new();
        let mut survey = market.survey.clone();
        survey.pairs = 0;
        for at in 0..self.chains.len() {
            pairs.clear();
            leg.pairs_of(CandidateIx::new(at), &mut pairs);
            survey.pairs += pairs.len();
        }
        let (mut lines, mut quotas) = (market.lines.clone(), market.quotas.clone());
        lines.iter_mut().zip(&self.seats).for_each(|(line, &seats)| line.seats = seats);
        quotas.iter_mut().zip(&self.limits).for_each(|(quota, &limit)| quota.limit = limit);
        let rest = Market {
            candidates: market.candidates.clone(),
            lines,
            quotas,
            sets: market.sets.clone(),
            eligibility: leg,
            boosts: market.boosts.clone(),
            survey,
            room: market.room.clone(),
            rules: Rules::default(),
        };
        let plan = crate::plain(&rest, &Policy { reserve: 0, ..policy.clone() }, watch)?;
        for (at, line) in plan.assignments.iter().enumerate() {
            if let Some(pair) = line.and_then(|line| market.pair(CandidateIx::new(at), line)) {
                self.chains[at].push(pair.line);
                self.count(&pair, true);
            }
        }
        Ok(plan)
    }

    fn count(&mut self, pair: &Pair, taken: bool) {
        let market = &self.chained.market;
        let weight = market.weight(pair);
        self.value += if taken { weight } else { -weight };
        let left = |amount: &mut u32| *amount = if taken { *amount - 1 } else { *amount + 1 };
        left(&mut self.seats[pair.line.at()]);
        market.quota_set(pair.quotas).iter().for_each(|quota| left(&mut self.limits[quota.at()]));
    }

    /// Lets each person in turn, by draw, take the best chain that its own and free seats make.
    fn improve(&mut self, policy: &Policy) {
        let market = &self.chained.market;
        let order = crate::book::drawn(&policy.seed, market.candidates.iter().map(|one| one.reference.as_str()));
        let mut pairs = Vec::new();
        for _ in 0..ROUNDS {
            let before = self.value;
            for &at in &order {
                self.chained.pairs_of(CandidateIx::new(at), &mut pairs);
                let had: Vec<Pair> =
                    pairs.iter().filter(|pair| self.chains[at].contains(&pair.line)).copied().collect();
                let worth: i128 = had.iter().map(|pair| market.weight(pair)).sum();
                had.iter().for_each(|pair| self.count(pair, false));
                let room = |pair: &Pair| if self.has_room(pair) { market.weight(pair) } else { 0 };
                let (most, chain) = chain::best(&self.chained.offers(&pairs, room), self.chained.season.most[at]);
                let chain: Vec<Pair> = chain.into_iter().map(|offer| pairs[offer]).collect();
                let taken = if most > worth && self.fits(&chain) { chain } else { had };
                taken.iter().for_each(|pair| self.count(pair, true));
                self.chains[at] = taken.iter().map(|pair| pair.line).collect();
            }
            if self.value == before {
                break;
            }
        }
    }

    /// True if limits have room for all of a chain: it may count against one several times.
    fn fits(&self, chain: &[Pair]) -> bool {
        let mut limits = self.limits.clone();
        let quotas = chain.iter().flat_map(|pair| self.chained.market.quota_set(pair.quotas));
        quotas.into_iter().all(|quota| {
            let left = limits[quota.at()].checked_sub(1);
            limits[quota.at()] = left.unwrap_or(0);
            left.is_some()
        })
    }
}

/// What people may take beside the lines that they have.
struct Leg<'a, E> {
    chained: &'a Chained<E>,
    chains: &'a [Vec<LineIx>],
}

impl<E: Eligibility> Leg<'_, E> {
    fn permits(&self, candidate: CandidateIx, line: LineIx) -> bool {
        let Season { stays, most } = &self.chained.season;
        let (stay, chain) = (&stays[line.at()], &self.chains[candidate.at()]);
        let worked: u32 = chain.iter().map(|line| stays[line.at()].len() as u32).sum();
        let apart = |other: &LineIx| *other != line && chain::apart(&stays[other.at()], stay);
        worked + stay.len() as u32 <= most[candidate.at()] && chain.iter().all(apart)
    }
}

impl<E: Eligibility> Eligibility for Leg<'_, E> {
    fn pairs_of(&self, candidate: CandidateIx, out: &mut Vec<Pair>) {
        let first = out.len();
        self.chained.market.eligibility.pairs_of(candidate, out);
        let mut at = first;
        while at < out.len() {
            if self.permits(candidate, out[at].line) {
                at += 1;
            } else {
                out.swap_remove(at);
            }
        }
    }

    fn pair(&self, candidate: CandidateIx, line: LineIx) -> Option<Pair> {
        self.chained.market.pair(candidate, line).filter(|_| self.permits(candidate, line))
    }
}
