//! Units are decided one by one, the others staying optimal beside what is decided.
//!
//! A decision takes its members and their seats out of the market, and the shortest paths of the exact state tell what the
//! others lose by it: exactly where quotas have no prices, by the prices of quotas where they have. Those not decided yet
//! bid as single people, so what they will need has its price. By the prices an option is worth no more than its pairs less
//! their prices; so options are tried best first, and no more than can still win.

use std::collections::{BTreeMap, BTreeSet};

use super::units::{Choice, Member, Unit};
use crate::amount::Amount;
use crate::book::NONE;
use crate::engine::Engine;
use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair};
use crate::watch::{Stopped, Watch};

/// Options of a unit that are tried at most.
const TRIES: usize = 24;
/// Times that all decisions are looked at again at most.
const ROUNDS: usize = 4;
/// Options for which others give way that are tried at most.
const PUSHES: usize = 3;

pub(crate) struct Decisions<'a, N, E> {
    pub(crate) market: &'a Market<E>,
    pub(crate) engine: Engine<N>,
    /// The engine has an excerpt of the pairs.
    pub(crate) excerpt: bool,
    pub(crate) units: Vec<Unit>,
    /// What each unit has, once decided.
    pub(crate) chosen: Vec<Option<Choice>>,
    /// Who is no part of the exact state: those decided, and those who take several seats.
    pub(crate) out: Vec<bool>,
    /// What is left of each limit by those decided.
    pub(crate) limits: Vec<u32>,
    /// Prices of quotas.
    prices: Vec<i128>,
    pub(super) candidate_place: Vec<u32>,
    pub(super) line_place: Vec<u32>,
    /// The pairs that those had who are held on lines with a least crew, by the unit that they make.
    pub(super) crews: BTreeMap<usize, Vec<Vec<u64>>>,
    /// The units of which somebody sits on a line.
    on_line: BTreeMap<LineIx, BTreeSet<usize>>,
}

impl<'a, N: Amount, E: Eligibility> Decisions<'a, N, E> {
    /// Returns the decisions yet to be made, from an exact state under the given prices of quotas.
    pub(crate) fn new(
        market: &'a Market<E>,
        (mut engine, excerpt): (Engine<N>, bool),
        units: Vec<Unit>,
        (prices, out): (Vec<i128>, Vec<bool>),
    ) -> Self {
        engine.journal = Some(Vec::new());
        let mut candidate_place = vec![0; market.candidates.len()];
        (0..).zip(&engine.book.candidates).for_each(|(place, candidate)| candidate_place[candidate.at()] = place);
        let line_place = engine.book.line_ranks();
        Self {
            market,
            chosen: vec![None; units.len()],
            units,
            out,
            limits: market.quotas.iter().map(|quota| quota.limit).collect(),
            prices,
            candidate_place,
            line_place,
            crews: BTreeMap::new(),
            on_line: BTreeMap::new(),
            engine,
            excerpt,
        }
    }

    /// Decides all units, first those whose claims are met, then those that ask most, and looks at the decisions again while that pays.
    pub(crate) fn decide_all(&mut self, met: Vec<(usize, Choice)>, watch: &mut dyn Watch) -> Result<(), Stopped> {
        let asks = |unit: &Unit| unit.best(|member, pair| self.surplus(member, pair));
        let mut order: Vec<(i128, usize)> = (0..).zip(&self.units).map(|(at, unit)| (-asks(unit), at)).collect();
        order.sort_unstable();
        for (unit, choice) in met {
            self.withdraw(unit);
            if self.has_seats(unit, &choice) && self.within_limits(unit, &choice) {
                self.assign(unit, Some(choice));
            }
        }
        for &(_, unit) in &order {
            self.withdraw(unit);
            self.decide(unit, 1);
            if watch.stopped() {
                return Err(Stopped);
            }
        }
        // In a market of very many pairs nearly every unit could have a better draw, so there it is only moved for a point.
        let least = if self.excerpt { self.engine.book.scale } else { 1 };
        for _ in 0..ROUNDS {
            let mut gained = false;
            for &(_, unit) in &order {
                gained |= self.decide(unit, least) > 0 || self.push(unit, least);
                if watch.stopped() {
                    return Err(Stopped);
                }
            }
            if !gained {
                break;
            }
        }
        Ok(())
    }

    /// Takes the members of a unit out of the exact state.
    fn withdraw(&mut self, unit: usize) {
        for at in 0..self.units[unit].members.len() {
            self.take_out(self.units[unit].members[at].candidate);
        }
        self.moved();
    }

    /// Takes somebody out of the exact state; returns the pairs that it had.
    pub(super) fn take_out(&mut self, candidate: CandidateIx) -> Vec<u64> {
        let place = self.candidate_place[candidate.at()];
        let keys = self.engine.book.pairs(place).to_vec();
        self.engine.set_pairs(place, &[]);
        self.out[candidate.at()] = true;
        keys
    }

    /// Gives a unit the best that there is for it, if by the prices it could gain so much; returns what is gained.
    pub(super) fn decide(&mut self, unit: usize, least: i128) -> i128 {
        if self.regret(unit) < least {
            return 0;
        }
        let before = self.chosen[unit].clone();
        let had = -self.assign(unit, None);
        let mut best = if had > 0 { (had, before) } else { (0, None) };
        for (most, choice) in self.ways(unit, |line| self.seats(line)).into_iter().take(TRIES) {
            if most <= best.0 {
                break;
            }
            if best.1.as_ref() == Some(&choice) || !self.within_limits(unit, &choice) {
                continue;
            }
            let gain = self.assign(unit, Some(choice.clone()));
            if gain > best.0 {
                best = (gain, Some(choice));
            }
            self.assign(unit, None);
        }
        self.assign(unit, best.1);
        best.0 - had
    }

    /// Lets other units give way to one, where all together gain by it; returns whether they do.
    fn push(&mut self, unit: usize, least: i128) -> bool {
        if self.regret(unit) < least {
            return false;
        }
        let all = |line: LineIx| self.market.lines[line.at()].seats;
        for (_, choice) in self.ways(unit, all).into_iter().take(PUSHES) {
            let lines: BTreeSet<LineIx> = choice.iter().map(|pair| pair.line).collect();
            let others = lines.iter().filter_map(|line| self.on_line.get(line)).flatten().copied();
            let others: Vec<usize> =
                others.collect::<BTreeSet<usize>>().into_iter().filter(|&other| other != unit).collect();
            if others.is_empty() || others.len() > TRIES || self.chosen[unit].as_ref() == Some(&choice) {
                continue;
            }
            let touched: Vec<usize> = others.iter().copied().chain([unit]).collect();
            let before: Vec<Option<Choice>> = touched.iter().map(|&unit| self.chosen[unit].clone()).collect();
            let mut gain: i128 = touched.iter().map(|&unit| self.assign(unit, None)).sum();
            if self.has_seats(unit, &choice) && self.within_limits(unit, &choice) {
                gain += self.assign(unit, Some(choice));
                for &other in &others {
                    gain += self.decide(other, 1);
                }
                if gain > 0 {
                    return true;
                }
            }
            for &unit in &touched {
                self.assign(unit, None);
            }
            for (&unit, before) in touched.iter().zip(before) {
                self.assign(unit, before);
            }
        }
        false
    }

    /// Returns how much more a unit could be paid, by the prices, than it is: no other choice of it gains more, for the others
    /// are paid all that they could be.
    fn regret(&self, unit: usize) -> i128 {
        let seated = self.units[unit].members.iter().zip(self.chosen[unit].iter().flatten());
        let paid: i128 = seated.map(|(member, pair)| self.surplus(member, pair)).sum();
        self.units[unit].best(|member, pair| self.surplus(member, pair)) - paid
    }

    /// Returns the choices of a unit with the most that each can gain, best first, if lines have so much room.
    fn ways(&self, unit: usize, room: impl Fn(LineIx) -> u32) -> Vec<(i128, Choice)> {
        let unit = &self.units[unit];
        let way = |option| unit.share(option, &room, |member, pair| self.surplus(member, pair));
        let mut ways: Vec<(i128, Choice)> = (0..unit.options.len()).filter_map(way).filter(|way| way.0 > 0).collect();
        ways.sort_by_key(|way| -way.0);
        ways
    }

    /// Gives a unit a choice or none, and mends the exact state; returns what all together gain.
    pub(super) fn assign(&mut self, unit: usize, to: Option<Choice>) -> i128 {
        let from = self.chosen[unit].take();
        let mut gain = 0;
        let mut change: BTreeMap<u32, i64> = BTreeMap::new();
        for (choice, sign) in [(&from, -1_i64), (&to, 1)] {
            for (member, pair) in self.units[unit].members.iter().zip(choice.iter().flatten()) {
                gain += i128::from(sign) * self.worth(member, pair);
                *change.entry(self.line_place[pair.line.at()]).or_default() -= sign * i64::from(member.size);
                for quota in self.market.quota_set(pair.quotas) {
                    let limit = &mut self.limits[quota.at()];
                    *limit = (i64::from(*limit) - sign * i64::from(member.size)) as u32;
                }
                let units = self.on_line.entry(pair.line).or_default();
                _ = if sign > 0 { units.insert(unit) } else { units.remove(&unit) };
            }
        }
        for (place, by) in change {
            self.change_seats(place, by);
        }
        self.chosen[unit] = to;
        gain + self.moved()
    }

    pub(super) fn change_seats(&mut self, place: u32, by: i64) {
        let seats = i64::from(self.engine.book.seats[place as usize]) + by;
        self.engine.set_seats(place, u32::try_from(seats).expect("a choice is made where there are seats"));
    }

    /// Returns what those who moved since it was last asked gained by it all together, draws included.
    pub(super) fn moved(&mut self) -> i128 {
        let mut before: BTreeMap<u32, u64> = BTreeMap::new();
        for (candidate, former) in self.engine.journal.as_mut().map(std::mem::take).unwrap_or_default() {
            before.entry(candidate).or_insert(former);
        }
        let engine = &self.engine;
        let worth = |candidate: u32, key: u64| {
            if key == NONE {
                0
            } else {
                (engine.gross(key) - engine.charge(candidate, key) - engine.floor(candidate)).wide()
            }
        };
        before.into_iter().map(|(at, former)| worth(at, engine.held[at as usize]) - worth(at, former)).sum()
    }

    /// Brings the state of what is left about from nothing: prices that the decisions moved are exact too, but prove less of
    /// those decided.
    pub(super) fn start_anew(&mut self, watch: &mut dyn Watch) -> Result<(), Stopped> {
        self.engine.journal = None;
        self.engine.clear();
        self.engine.start(watch)?;
        self.engine.journal = Some(Vec::new());
        Ok(())
    }

    /// Does a place in any quota have a price?
    pub(super) fn quotas_cost(&self) -> bool {
        self.prices.iter().any(|&price| price != 0)
    }

    /// Returns what it is worth to seat a member, its quotas paid.
    pub(super) fn worth(&self, member: &Member, pair: &Pair) -> i128 {
        let quotas: i128 = self.market.quota_set(pair.quotas).iter().map(|quota| self.prices[quota.at()]).sum();
        let bonus = i128::from(self.engine.book.bonus(self.candidate_place[member.candidate.at()]));
        self.market.weight(pair) * self.engine.book.scale - i128::from(member.size) * quotas + bonus
    }

    /// Returns the same with its seats paid.
    pub(super) fn surplus(&self, member: &Member, pair: &Pair) -> i128 {
        let price = self.engine.price[self.line_place[pair.line.at()] as usize].wide();
        self.worth(member, pair) - i128::from(member.size) * price
    }

    /// Returns the seats of a line that those decided leave.
    pub(super) fn seats(&self, line: LineIx) -> u32 {
        self.engine.book.seats[self.line_place[line.at()] as usize]
    }

    fn has_seats(&self, unit: usize, choice: &Choice) -> bool {
        let mut needed: BTreeMap<LineIx, u32> = BTreeMap::new();
        for (member, pair) in self.units[unit].members.iter().zip(choice) {
            *needed.entry(pair.line).or_default() += member.size;
        }
        needed.into_iter().all(|(line, needed)| needed <= self.seats(line))
    }

    pub(super) fn within_limits(&self, unit: usize, choice: &Choice) -> bool {
        let mut used: BTreeMap<usize, u32> = BTreeMap::new();
        for (member, pair) in self.units[unit].members.iter().zip(choice) {
            for quota in self.market.quota_set(pair.quotas) {
                *used.entry(quota.at()).or_default() += member.size;
            }
        }
        used.into_iter().all(|(quota, used)| used <= self.limits[quota])
    }

    /// Returns the units that have somebody on a line.
    pub(super) fn units_on(&self, line: LineIx) -> Vec<usize> {
        self.on_line.get(&line).into_iter().flatten().copied().collect()
    }
}
