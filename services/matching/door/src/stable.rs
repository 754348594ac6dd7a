//! The policy `stable`: candidates propose in their order, lines and quotas keep the best.
//!
//! Lines and quotas rank places by score, then by the draw of the candidate, then of the line: one order for all. A place
//! is admitted if the held places that rank before it leave room on its line and in its quotas.

use std::collections::{BTreeSet, VecDeque};

use sha2::{Digest, Sha256};

use crate::core::Core;
use crate::decimal::show;
use crate::finding::{Finding, Findings, Rule, what};
use crate::format::{PairName, PlanFile, Status};
use crate::market::Market;
use crate::plan::{self, Options};

const SIZE: Rule = Rule(
    "STABLE_SIZE",
    "with places of several seats a stable plan may not exist, and to decide whether one does is hard",
    "use the policy `optimal`, or make every size and seats 1",
);
const GROUPS: Rule = Rule(
    "STABLE_GROUPS",
    "with groups a stable plan may not exist, and to decide whether one does is hard",
    "use the policy `optimal`, or leave `together` and `apart` out",
);
const WEIGHTS: Rule = Rule(
    "STABLE_WEIGHTS",
    "by this policy a quota counts pairs",
    "use the policy `optimal`, or make every weight 0 or 1",
);

/// Blocking pairs that are granted one by one, where quotas cross lines and a single run leaves some.
const GRANTS: usize = 2_000;

/// Returns a plan in which nobody and no line would rather have each other.
///
/// # Errors
/// What this policy has no answer for.
pub(crate) fn solve(market: &Market, options: &Options) -> Result<PlanFile, Vec<Finding>> {
    refuse(market)?;
    let core = match Core::of(market, &options.seed) {
        Ok(core) => core,
        Err(why) => return Ok(PlanFile { why, ..plan::empty(market, options, Status::Infeasible, "pins") }),
    };
    let mut house = House::new(&core, wishes(market, &core, &options.seed));
    let mut waiting: VecDeque<usize> = (0..core.units.len()).collect();
    house.propose(&mut waiting);
    for _ in 0..GRANTS {
        let Some((unit, wish)) = house.blocking().next() else { break };
        house.release(unit);
        house.next[unit] = wish;
        house.propose(&mut VecDeque::from([unit]));
    }
    let name = |(unit, wish): (usize, usize)| {
        let place = &core.units[unit].options[house.wishes[unit][wish].option];
        let pair = &market.pairs[place.pairs[0]];
        PairName { candidate: market.candidates[pair.candidate].id.clone(), line: market.lines[pair.line].id.clone() }
    };
    let mut blocking: Vec<PairName> = house.blocking().map(name).collect();
    blocking.sort_unstable_by(|one, other| (&one.candidate, &one.line).cmp(&(&other.candidate, &other.line)));
    let status = if blocking.is_empty() { Status::Optimal } else { Status::Feasible };
    let seat: Vec<Option<usize>> =
        house.held.iter().zip(&house.wishes).map(|(held, wishes)| held.map(|wish| wishes[wish].option)).collect();
    Ok(PlanFile {
        pairs: plan::pairs(market, &core.pairs(&seat)),
        value: Some(show(core.value(&seat))),
        blocking: Some(blocking),
        ..plan::empty(market, options, status, "deferred_acceptance")
    })
}

/// What a policy of single seats has no answer for: pairs of several seats, weights in quotas, groups; each by its rule.
pub(crate) fn beyond_single_seats(market: &Market, [size, weights, groups]: [&Rule; 3]) -> Findings {
    let mut findings = Findings::default();
    for (at, pair) in market.pairs.iter().enumerate() {
        let who = &market.candidates[pair.candidate].id;
        if pair.seats != 1 {
            findings.add(
                size,
                format!("$.pairs[{at}]"),
                what!(
                "takes-seats": "{candidate} takes {seats} seats",
                candidate = format!("{who:?}"),
                seats = pair.seats),
            );
        }
        for &(quota, weight) in pair.uses.iter().filter(|(_, weight)| *weight != 1) {
            let what = what!(
                "weighs": "{candidate} weighs {weight} in {quota}",
                candidate = format!("{who:?}"),
                weight = weight,
                quota = format!("{:?}", market.quotas[quota].id)
            );
            findings.add(weights, format!("$.quotas[{quota}]"), what);
        }
    }
    for (name, together) in [("together", &market.together), ("apart", &market.apart)] {
        if !together.is_empty() {
            findings.add(
                groups,
                format!("$.{name}"),
                what!("groups": "there are {count} groups", count = together.len()),
            );
        }
    }
    findings
}

fn refuse(market: &Market) -> Result<(), Vec<Finding>> {
    let findings = beyond_single_seats(market, [&SIZE, &WEIGHTS, &GROUPS]);
    if findings.is_empty() { Ok(()) } else { Err(findings.into_list()) }
}

/// One place that a unit wants.
struct Wish {
    option: usize,
    /// Equal for places wanted equally; 0 is best.
    rank: usize,
}

/// Returns what each unit wants, best first; the lottery decides between what is wanted equally.
fn wishes(market: &Market, core: &Core, seed: &str) -> Vec<Vec<Wish>> {
    let of = |unit: &crate::core::Unit| {
        let pair = |option: usize| unit.options[option].pairs[0];
        let candidate = market.pairs[pair(0)].candidate;
        let who = &market.candidates[candidate].id;
        let draw = |option: usize| -> [u8; 32] {
            let line = &market.lines[unit.options[option].line].id;
            Sha256::new().chain_update(seed).chain_update(who).chain_update([0]).chain_update(line).finalize().into()
        };
        let mut wanted: Vec<Wish> = match market.preferences.get(&candidate) {
            Some(ranks) => {
                let listed = |option: usize| ranks.iter().position(|rank| rank.contains(&pair(option)));
                let options = (0..unit.options.len()).filter_map(|option| Some(Wish { option, rank: listed(option)? }));
                options.collect()
            }
            None => {
                let mut scores: Vec<i128> = unit.options.iter().map(|place| -place.score).collect();
                scores.sort_unstable();
                scores.dedup();
                let rank = |option: usize| scores.partition_point(|&score| score < -unit.options[option].score);
                (0..unit.options.len()).map(|option| Wish { option, rank: rank(option) }).collect()
            }
        };
        wanted.sort_by_cached_key(|wish| (wish.rank, draw(wish.option)));
        wanted
    };
    core.units.iter().map(of).collect()
}

/// The common order of places: score, then the draw of the candidate, then of the line.
type Standing = (i128, usize, usize);

/// Who holds what while candidates propose.
struct House<'a> {
    core: &'a Core,
    wishes: Vec<Vec<Wish>>,
    /// The wish that each unit proposes next.
    next: Vec<usize>,
    held: Vec<Option<usize>>,
    lines: Vec<BTreeSet<Standing>>,
    quotas: Vec<BTreeSet<Standing>>,
}

impl<'a> House<'a> {
    fn new(core: &'a Core, wishes: Vec<Vec<Wish>>) -> Self {
        let units = core.units.len();
        let lines = vec![BTreeSet::new(); core.seats.len()];
        let quotas = vec![BTreeSet::new(); core.limits.len()];
        Self { core, wishes, next: vec![0; units], held: vec![None; units], lines, quotas }
    }

    fn place(&self, unit: usize, wish: usize) -> (&'a crate::core::Place, Standing) {
        let option = self.wishes[unit][wish].option;
        let place = &self.core.units[unit].options[option];
        (place, (-place.score, unit, option))
    }

    fn propose(&mut self, waiting: &mut VecDeque<usize>) {
        while let Some(unit) = waiting.pop_front() {
            while self.held[unit].is_none() && self.next[unit] < self.wishes[unit].len() {
                let wish = self.next[unit];
                if self.admits(unit, wish) {
                    self.hold(unit, wish);
                    let dropped = self.drop_excess(self.place(unit, wish).0);
                    waiting.extend(dropped);
                } else {
                    self.next[unit] += 1;
                }
            }
        }
    }

    /// True if the places that rank before this one, but for the unit's own, leave room for it.
    fn admits(&self, unit: usize, wish: usize) -> bool {
        let (place, standing) = self.place(unit, wish);
        let own = self.held[unit].map(|held| self.place(unit, held).1);
        // Never more than the limit are held, so all of them must stand before, and none be the unit's own.
        let full = |held: &BTreeSet<Standing>, limit: u64| {
            let own = own.is_some_and(|own| held.contains(&own));
            !own && held.len() as u64 >= limit && held.last().is_none_or(|last| *last < standing)
        };
        let quotas = place.uses.iter().any(|&(quota, _)| full(&self.quotas[quota], self.core.limits[quota]));
        !quotas && !full(&self.lines[place.line], self.core.seats[place.line])
    }

    fn hold(&mut self, unit: usize, wish: usize) {
        let (place, standing) = self.place(unit, wish);
        self.held[unit] = Some(wish);
        self.lines[place.line].insert(standing);
        place.uses.iter().for_each(|&(quota, _)| _ = self.quotas[quota].insert(standing));
    }

    fn release(&mut self, unit: usize) {
        let Some(wish) = self.held[unit].take() else { return };
        let (place, standing) = self.place(unit, wish);
        self.lines[place.line].remove(&standing);
        place.uses.iter().for_each(|&(quota, _)| _ = self.quotas[quota].remove(&standing));
    }

    /// Takes out who no longer has room beside a new place, the better standing first; they propose their next wish.
    fn drop_excess(&mut self, new: &crate::core::Place) -> Vec<usize> {
        let mut dropped = Vec::new();
        loop {
            let over =
                |held: &BTreeSet<Standing>, limit: u64| held.last().copied().filter(|_| held.len() as u64 > limit);
            let line = over(&self.lines[new.line], self.core.seats[new.line]);
            let quotas = new.uses.iter().filter_map(|&(quota, _)| over(&self.quotas[quota], self.core.limits[quota]));
            let Some((_, unit, _)) = quotas.chain(line).min() else { return dropped };
            self.release(unit);
            self.next[unit] += 1;
            dropped.push(unit);
        }
    }

    /// Returns units with a wish that they would rather have than what they hold, and that admits them.
    fn blocking(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.wishes.len()).flat_map(move |unit| {
            let held = self.held[unit].map_or(usize::MAX, |wish| self.wishes[unit][wish].rank);
            let better = (0..self.wishes[unit].len()).filter(move |&wish| self.wishes[unit][wish].rank < held);
            better.filter(move |&wish| self.admits(unit, wish)).map(move |wish| (unit, wish))
        })
    }
}
