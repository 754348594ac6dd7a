//! Markets in which some go together, some take several seats, and some lines have a least crew.
//!
//! Without these rules the market has prices that bound every plan; with them the same prices bound it better, for a unit is
//! paid for one place only ([`units::bound`]). From the exact state under these prices units are decided one by one
//! ([`decisions`]). What is left, lines and quotas with the seats and places that remain, is a market as any other, and its
//! plan is made as any other, from the pairs that are at hand where that is enough. Where a gap remains and little could be
//! chosen otherwise, HiGHS searches it.

mod claims;
mod core;
mod crews;
mod decisions;
#[cfg(test)]
mod peer;
mod rest;
#[cfg(test)]
mod tests;
mod units;

use crate::amount::{self, Amount};
use crate::book::{Book, NONE};
use crate::engine::Engine;
use crate::market::{CandidateIx, Eligibility, LineIx, Market};
use crate::plan::{Duals, Method, Plan, Policy, Status};
use crate::quotas::{self, Found, Outcome};
use crate::watch::{Phase, Progress, Stopped, Watch};
use crate::{excerpt, lottery, plan, reserve};
use decisions::Decisions;
use rest::{Part, Rest};
use units::Unit;

/// Times that a line which a plan left short is filled; after that it is closed.
const MENDS: usize = 3;

/// Returns the plan of a market with rules beyond seats and quotas.
pub(crate) fn solve<E: Eligibility>(
    market: &Market<E>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Plan, Stopped> {
    let Decided { mut plan, units, order, duals, most, held } = decided(market, policy, watch)?;
    let better = core::close(market, &units, (&order.0, &order.1), &mut plan);
    if held || better {
        draw(market, &units, policy, (&mut plan, watch))?;
    }
    search_bound(market, &units, (&duals, most), &mut plan);
    Ok(plan)
}

/// A plan by decisions, and what it was made with.
struct Decided {
    plan: Plan,
    units: Vec<Unit>,
    /// Candidates and lines by draw.
    order: (Vec<CandidateIx>, Vec<LineIx>),
    /// Prices of the plan's rest and of the market without the rules.
    duals: [Duals; 2],
    /// What claims weigh at most, if that was searched to the end.
    most: Option<i128>,
    /// People are held on lines with a least crew.
    held: bool,
}

/// Returns the plan that decisions give.
fn decided<E: Eligibility>(market: &Market<E>, policy: &Policy, watch: &mut dyn Watch) -> Result<Decided, Stopped> {
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
        decide(market, (found, engine, excerpt), out.clone(), policy, watch)?
    } else {
        let (found, engine) = relax::<i128, E>((&single, book), excerpt, policy, watch)?;
        decide(market, (found, engine, excerpt), out.clone(), policy, watch)?
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
        excerpt::search::<N, _>((single, book), policy, watch)?
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
    (found, engine, excerpt): (Found<N>, Engine<N>, bool),
    out: Vec<bool>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Decided, Stopped> {
    let mut place = vec![0; market.candidates.len()];
    (0..).zip(&engine.book.candidates).for_each(|(at, candidate)| place[candidate.at()] = at);
    let units = units::units(market, (&place, &engine.book.line_ranks()));
    let duals = duals_of(&engine.book, &found);
    let prices = found.quotas.iter().map(|price| price.wide()).collect();
    let rules = units.len();
    let claims = claims::ask(market, &units, (&engine.book.candidates, &engine.book.lines), &duals);
    let most = claims.as_ref().and_then(|claims| claims.most);
    let (claimed, met) = claims.map(|claims| (claims.duals, claims.met)).unzip();
    let mut decisions = Decisions::new(market, (engine, excerpt), units, (prices, out));
    decisions.decide_all(met.unwrap_or_default(), watch)?;
    decisions.crews(watch)?;
    let plan = complete(&mut decisions, policy, watch)?;
    let held = !decisions.crews.is_empty();
    let Decisions { mut units, engine, .. } = decisions;
    units.truncate(rules);
    let given = [plan.duals.clone(), duals.clone()];
    let mut plan = stated(market, &units, plan, claimed.into_iter().chain([duals]));
    plan.decided = rules + market.least_crews().len();
    let Book { candidates, lines, .. } = engine.book;
    Ok(Decided { plan, units, order: (candidates, lines), duals: given, most, held })
}

/// States what no plan can exceed that meets no more claims than a search of the claims found.
fn search_bound<E: Eligibility>(
    market: &Market<E>,
    units: &[Unit],
    (duals, most): (&[Duals], Option<i128>),
    plan: &mut Plan,
) {
    if plan.status == Status::Bounded {
        let bound = |duals: &Duals| claims::bound(market, units, duals, most?);
        plan.searched_bound =
            duals.iter().filter_map(bound).min().filter(|bound| (plan.value..plan.bound).contains(bound));
    }
}

/// Plans what the decisions leave until no line is short of its least crew.
fn complete<N: Amount, E: Eligibility>(
    decisions: &mut Decisions<N, E>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Plan, Stopped> {
    let market = decisions.market;
    let mut plan = finish(decisions, policy, watch)?;
    for round in 0.. {
        let taken = working(market, &plan);
        let mut short = market.least_crews().to_vec();
        short.retain(|&(line, least)| (1..least).contains(&taken[line.at()]));
        if short.is_empty() {
            break;
        }
        short.sort_unstable_by_key(|(line, _)| decisions.line_place[line.at()]);
        for (line, least) in short {
            decisions.mend(line, least, round < MENDS);
        }
        decisions.crews(watch)?;
        plan = finish(decisions, policy, watch)?;
    }
    Ok(plan)
}

/// Returns how many seats of each line a plan takes.
fn working<E>(market: &Market<E>, plan: &Plan) -> Vec<u32> {
    let mut taken = vec![0; market.lines.len()];
    for (candidate, line) in market.candidates.iter().zip(&plan.assignments) {
        line.iter().for_each(|line| taken[line.at()] += candidate.size);
    }
    taken
}

/// Lets the better draw go first among equal claims of those who are seated one by one, and lists who is next.
fn draw<E: Eligibility>(
    market: &Market<E>,
    units: &[Unit],
    policy: &Policy,
    (plan, watch): (&mut Plan, &mut dyn Watch),
) -> Result<(), Stopped> {
    let mut out = vec![false; market.candidates.len()];
    units.iter().flat_map(|unit| &unit.members).for_each(|member| out[member.candidate.at()] = true);
    let seats: Vec<u32> = market.lines.iter().map(|line| line.seats).collect();
    let limits: Vec<u32> = market.quotas.iter().map(|quota| quota.limit).collect();
    let single = rest::market(market, &out, (&seats, &limits));
    let excerpt = excerpt::pays(&single.survey);
    let mut book = if excerpt { Book::excerpt(&single, &policy.seed) } else { Book::new(&single, &policy.seed) };
    let place = book.line_ranks();
    let key = |candidate: &CandidateIx| {
        let pair = single.pair(*candidate, plan.assignments[candidate.at()]?)?;
        book.key(place[pair.line.at()], &pair)
    };
    let mut held: Vec<u64> = book.candidates.iter().map(|candidate| key(candidate).unwrap_or(NONE)).collect();
    if excerpt {
        excerpt::settle((&single, &mut book), &mut held, policy, watch)?;
    } else {
        lottery::settle(&book, &mut held);
    }
    for (&key, candidate) in held.iter().zip(&book.candidates).filter(|(_, candidate)| !out[candidate.at()]) {
        plan.assignments[candidate.at()] = (key != NONE).then(|| book.lines[book.packing.id(key) as usize]);
    }
    let lists = reserve::of_market((&single, &book), excerpt, (&held, policy.reserve));
    for (line, list) in book.lines.iter().zip(lists) {
        plan.reserve[line.at()] = list.into_iter().map(|place| book.candidates[place as usize]).collect();
    }
    Ok(())
}

fn duals_of<N: Amount>(book: &Book, found: &Found<N>) -> Duals {
    let mut lines = vec![0; book.lines.len()];
    for (line, price) in book.lines.iter().zip(&found.lines) {
        lines[line.at()] = price.wide();
    }
    Duals {
        scale: book.scale,
        lines,
        quotas: found.quotas.iter().map(|price| price.wide()).collect(),
        draws: Vec::new(),
    }
}

/// Plans what the decisions leave, and adds what they give.
fn finish<N: Amount, E: Eligibility>(
    decisions: &mut Decisions<N, E>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Plan, Stopped> {
    let market = decisions.market;
    let seats: Vec<u32> = (0..market.lines.len()).map(|at| decisions.seats(LineIx::new(at))).collect();
    let out = decisions.out.clone();
    let left = rest::market(market, &out, (&seats, &decisions.limits));
    let mut plan = match exact(decisions, &left, policy, watch)? {
        Some(plan) => plan,
        None => match priced(decisions, &left, policy, watch)? {
            Some(plan) => plan,
            None => crate::plain(&left, policy, watch)?,
        },
    };
    for (unit, choice) in decisions.units.iter().zip(&decisions.chosen) {
        for (member, pair) in unit.members.iter().zip(choice.iter().flatten()) {
            plan.assignments[member.candidate.at()] = Some(pair.line);
        }
    }
    Ok(plan)
}

/// Returns the plan of what the decisions leave that an exact state is: the best one where no quota has a price and none is
/// passed. Nobody is held on a line in it. Its pairs are those that are at hand.
fn exact<N: Amount, E: Eligibility>(
    decisions: &mut Decisions<N, E>,
    left: &Market<Rest<E>>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Option<Plan>, Stopped> {
    if decisions.quotas_cost() || !decisions.crews.is_empty() {
        return Ok(None);
    }
    let excerpt = decisions.excerpt;
    decisions.start_anew(watch)?;
    if excerpt {
        excerpt::complete(left, &mut decisions.engine, policy, watch)?;
        decisions.moved();
    }
    let Engine { book, held, price, .. } = &decisions.engine;
    if book.quota_use(held).iter().zip(&decisions.limits).any(|(used, limit)| used > limit) {
        return Ok(None);
    }
    let quotas = vec![0; decisions.limits.len()];
    let bound = decisions.engine.bound(&vec![N::ZERO; quotas.len()]);
    let (held, lines) = (held.clone(), price.iter().map(|price| price.wide()).collect());
    assert_eq!(book.value(&held), bound, "an exact plan reaches its bound");
    let lists = reserve::of_market((left, book), excerpt, (&held, policy.reserve));
    let outcome = Outcome { held, value: bound, bound, lines, quotas, method: Method::ShortestPaths, searched: false };
    Ok(Some(plan::assemble(book, policy, outcome, lists)))
}

/// Returns the plan of what the decisions leave within the quotas, from the pairs of an excerpt that are at hand. No decision
/// follows it: where lines have a least crew, all begins anew.
fn priced<N: Amount, E: Eligibility>(
    decisions: &mut Decisions<N, E>,
    left: &Market<Rest<E>>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Option<Plan>, Stopped> {
    if !decisions.excerpt || !decisions.market.least_crews().is_empty() {
        return Ok(None);
    }
    let engine = &mut decisions.engine;
    engine.book.limits.clone_from(&decisions.limits);
    engine.charge_quotas(&vec![N::ZERO; decisions.limits.len()]);
    decisions.start_anew(watch)?;
    let engine = &mut decisions.engine;
    engine.journal = None;
    let outcome = excerpt::search_from(left, engine, policy, watch)?.wide();
    let lists = reserve::of_market((left, &engine.book), true, (&outcome.held, policy.reserve));
    Ok(Some(plan::assemble(&engine.book, policy, outcome, lists)))
}

/// States value, bound and gap of a plan for the whole market: by the best of the prices there are.
fn stated<E: Eligibility>(
    market: &Market<E>,
    units: &[Unit],
    mut plan: Plan,
    others: impl Iterator<Item = Duals>,
) -> Plan {
    let weight = |(at, line): (usize, &Option<LineIx>)| {
        let pair = market.pair(CandidateIx::new(at), (*line)?).expect("a plan has permitted pairs only");
        Some(market.weight(&pair))
    };
    plan.value = plan.assignments.iter().enumerate().filter_map(weight).sum();
    let bound = |duals: &Duals| units::bound(market, units, duals).div_euclid(duals.scale);
    plan.bound = bound(&plan.duals);
    for duals in others {
        let other = bound(&duals);
        if other < plan.bound {
            (plan.bound, plan.duals) = (other, duals);
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
