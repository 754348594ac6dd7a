//! Markets in which some go together, some take several seats, and some lines have a least crew.
//!
//! Without these rules the market has prices that bound every plan; with them the same prices bound it better, for a unit is
//! paid for one place only ([`units::bound`]). From the exact state under these prices units are decided one by one
//! ([`decisions`]). What is left, lines and quotas with the seats and places that remain, is a market as any other, and its
//! plan is made as any other. Where a gap remains and little could be chosen otherwise, HiGHS searches it.

mod decisions;
mod rest;
#[cfg(test)]
mod tests;
mod units;

use crate::amount::{self, Amount};
use crate::book::Book;
use crate::engine::Engine;
use crate::excerpt;
use crate::market::{CandidateIx, Eligibility, LineIx, Market};
use crate::plan::{Duals, Method, Plan, Policy, Status};
use crate::quotas::{self, Found};
use crate::watch::{Phase, Progress, Stopped, Watch};
use decisions::Decisions;
use rest::{Part, Rest};
use units::Unit;

/// Returns the plan of a market with rules beyond seats and quotas.
pub(crate) fn solve<E: Eligibility>(
    market: &Market<E>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Plan, Stopped> {
    let watch: &mut dyn Watch = &mut Part(watch);
    watch.note(Progress { phase: Phase::Reading, permille: 0, value: None, bound: None, claims: 0 });
    let out: Vec<bool> = market.candidates.iter().map(|candidate| candidate.size > 1).collect();
    let seats: Vec<u32> = market.lines.iter().map(|line| line.seats).collect();
    let limits: Vec<u32> = market.quotas.iter().map(|quota| quota.limit).collect();
    let single = rest::market(market, &out, (&seats, &limits));
    let excerpt = excerpt::pays(&single.survey);
    let book = if excerpt { Book::excerpt(&single, &policy.seed) } else { Book::new(&single, &policy.seed) };
    let greatest = book.tops.first().map_or(0, |top| top.saturating_mul(book.scale));
    let narrow = amount::narrow(greatest);
    let made = if narrow {
        let (found, engine) = relax::<i64, E>((&single, book), excerpt, policy, watch)?;
        decide(market, (found, engine), out.clone(), policy, watch)?
    } else {
        let (found, engine) = relax::<i128, E>((&single, book), excerpt, policy, watch)?;
        decide(market, (found, engine), out.clone(), policy, watch)?
    };
    watch.note(Progress { phase: Phase::Done, permille: 1000, value: None, bound: None, claims: 0 });
    Ok(made)
}

/// Returns what is found without the rules, with the exact state under its prices.
fn relax<N: Amount, E: Eligibility>(
    (single, book): (&Market<Rest<E>>, Book),
    excerpt: bool,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<(Found<N>, Engine<N>), Stopped> {
    let (found, mut engine) = if excerpt {
        excerpt::search::<N, _>((single, book), policy.passes, watch)?
    } else {
        quotas::search::<N>(book, policy.passes, watch)?
    };
    engine.price.clone_from(&found.lines);
    engine.charge_quotas(&found.quotas);
    engine.repair(watch)?;
    Ok((found, engine))
}

/// Makes the decisions, and the plan of what is left.
fn decide<N: Amount, E: Eligibility>(
    market: &Market<E>,
    (found, engine): (Found<N>, Engine<N>),
    out: Vec<bool>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Plan, Stopped> {
    let mut place = vec![0; market.candidates.len()];
    (0..).zip(&engine.book.candidates).for_each(|(at, candidate)| place[candidate.at()] = at);
    let units = units::units(market, (&place, &engine.book.line_ranks()));
    let duals = duals_of(&engine.book, &found);
    let prices = found.quotas.iter().map(|price| price.wide()).collect();
    let mut decisions = Decisions::new(market, engine, units, (prices, out));
    decisions.decide_all(watch)?;
    let plan = finish(&decisions, policy, watch)?;
    Ok(stated(market, &decisions.units, plan, &[duals]))
}

fn duals_of<N: Amount>(book: &Book, found: &Found<N>) -> Duals {
    let mut lines = vec![0; book.lines.len()];
    for (line, price) in book.lines.iter().zip(&found.lines) {
        lines[line.at()] = price.wide();
    }
    Duals { scale: book.scale, lines, quotas: found.quotas.iter().map(|price| price.wide()).collect(), draws: Vec::new() }
}

/// Plans what the decisions leave, and adds what they give.
fn finish<N: Amount, E: Eligibility>(
    decisions: &Decisions<N, E>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Plan, Stopped> {
    let market = decisions.market;
    let seats: Vec<u32> = (0..market.lines.len()).map(|at| decisions.seats(LineIx::new(at))).collect();
    let left = rest::market(market, &decisions.out, (&seats, &decisions.limits));
    let mut plan = crate::plain(&left, policy, watch)?;
    for (unit, choice) in decisions.units.iter().zip(&decisions.chosen) {
        for (member, pair) in unit.members.iter().zip(choice.iter().flatten()) {
            plan.assignments[member.candidate.at()] = Some(pair.line);
        }
    }
    plan.decided = decisions.units.len();
    Ok(plan)
}

/// States value, bound and gap of a plan for the whole market: by the best of the prices there are.
fn stated<E: Eligibility>(market: &Market<E>, units: &[Unit], mut plan: Plan, others: &[Duals]) -> Plan {
    let weight = |(at, line): (usize, &Option<LineIx>)| {
        let pair = market.pair(CandidateIx::new(at), (*line)?).expect("a plan has permitted pairs only");
        Some(market.weight(&pair))
    };
    plan.value = plan.assignments.iter().enumerate().filter_map(weight).sum();
    let bound = |duals: &Duals| units::bound(market, units, duals).div_euclid(duals.scale);
    plan.bound = bound(&plan.duals);
    for duals in others {
        let other = bound(duals);
        if other < plan.bound {
            (plan.bound, plan.duals) = (other, duals.clone());
        }
    }
    assert!(plan.value <= plan.bound, "no plan is worth more than the bound");
    plan.gap = plan.bound - plan.value;
    if plan.method == Method::ShortestPaths {
        plan.method = Method::QuotaPrices;
    }
    plan.status = if plan.gap == 0 { Status::Optimal } else { Status::Bounded };
    plan
}
