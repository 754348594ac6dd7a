//! Markets of many pairs are searched on an excerpt: some pairs of each candidate are kept, and with the prices that they
//! give all others are looked at once. Whoever would be paid more elsewhere gets those pairs too, until nobody would.
//!
//! Then the state is exact for the whole market, as [`crate::engine`] means it, draws included: value, bound and who is
//! seated are those of a search over all pairs. The others are asked for and forgotten, so memory follows the excerpt.

use std::collections::HashMap;

use crate::amount::Amount;
use crate::book::{Book, NONE};
use crate::engine::Engine;
use crate::looks;
use crate::lottery;
use crate::market::{Eligibility, Market, Pair, Survey};
use crate::plan::{Method, Policy};
use crate::quotas::{self, Found, Outcome};
use crate::reserve::Next;
use crate::watch::{Phase, Progress, Stopped, Watch};

/// So many pairs of a candidate are kept at first: half of them the heaviest, half from all over its list.
pub(crate) const KEPT: usize = if cfg!(test) { 2 } else { 48 };
/// At most so many are added for a candidate at a time.
const ADDED: usize = if cfg!(test) { 1 } else { 8 };
/// When plans are made within quotas, people move to what pays nearly as much: of the pairs that pay most, so many are looked
/// at, and so many with each set of quotas are there.
const LOOKED_AT: usize = 256;
const NEAR: usize = if cfg!(test) { 6 } else { 12 };
/// Prices of quotas are moved anew at most so often after pairs were added.
const AGAIN: u32 = 3;

/// True if an excerpt is worth its trouble: all pairs together would fill it several times.
pub(crate) fn pays(survey: &Survey) -> bool {
    survey.pairs as u64 > 2 * KEPT as u64 * survey.candidates
}

/// The whole market, beside the excerpt of it that an engine searches.
struct Whole<'a, E> {
    market: &'a Market<E>,
    /// Place in the draw by position.
    lines: Vec<u32>,
    threads: u32,
}

/// Tells of a search on an excerpt what holds for the whole market: plans, no bounds.
struct Unproved<'a> {
    watch: &'a mut dyn Watch,
    /// Value of the best plan so far, and what of it claims weigh.
    plan: Option<(i128, i128)>,
}

impl Watch for Unproved<'_> {
    fn note(&mut self, progress: Progress) {
        let better = progress.value.filter(|value| self.plan.is_none_or(|plan| plan.0 < *value));
        self.plan = better.map(|value| (value, progress.claims)).or(self.plan);
        let (value, claims) = self.plan.unzip();
        self.watch.note(Progress { value, bound: None, claims: claims.unwrap_or(progress.claims), ..progress });
    }

    fn stopped(&mut self) -> bool {
        self.watch.stopped()
    }
}

/// Returns what [`quotas::optimise`] returns, for a market whose pairs are not all in the book.
pub(crate) fn optimise<N: Amount, E: Eligibility>(
    (market, book): (&Market<E>, Book),
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<(Outcome, Book), Stopped> {
    let (found, engine) = search::<N, E>((market, book), policy, watch)?;
    Ok((found.wide(), engine.book))
}

/// Returns what [`quotas::search`] returns.
pub(crate) fn search<N: Amount, E: Eligibility>(
    (market, book): (&Market<E>, Book),
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<(Found<N>, Engine<N>), Stopped> {
    let mut engine: Engine<N> = Engine::new(book);
    engine.start(&mut Unproved { watch: &mut *watch, plan: None })?;
    let found = search_from(market, &mut engine, policy, watch)?;
    Ok((found, engine))
}

/// Does what [`search`] does, from a state that is exact for the pairs that are there, with nothing charged.
pub(crate) fn search_from<N: Amount, E: Eligibility>(
    market: &Market<E>,
    engine: &mut Engine<N>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<Found<N>, Stopped> {
    let whole = Whole::of((market, &engine.book), policy);
    let watch: &mut dyn Watch = &mut Unproved { watch, plan: None };
    whole.complete(engine, watch)?;
    let mut best = quotas::price(engine, None, (policy.passes, quotas::PLANS), watch)?;
    for _ in 0..AGAIN {
        if best.method == Method::ShortestPaths {
            break;
        }
        engine.charge_quotas(&best.quotas);
        engine.repair(watch)?;
        if whole.complete(engine, watch)? + whole.add_near(engine, watch)? == 0 {
            break;
        }
        // From nothing: the states on the way to the prices make better plans than those around them.
        engine.charge_quotas(&vec![N::ZERO; best.quotas.len()]);
        engine.repair(watch)?;
        whole.complete(engine, watch)?;
        let found = quotas::price(engine, None, (policy.passes, quotas::PLANS), watch)?;
        best = if found.value < best.value { Found { value: best.value, held: best.held, ..found } } else { found };
    }
    if best.method != Method::ShortestPaths {
        whole.prove(engine, &mut best, watch)?;
        whole.settle(&mut engine.book, &mut best.held, watch)?;
    }
    Ok(best)
}

/// Makes an exact state of an excerpt exact for all pairs of the market.
pub(crate) fn complete<N: Amount, E: Eligibility>(
    market: &Market<E>,
    engine: &mut Engine<N>,
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<(), Stopped> {
    let whole = Whole::of((market, &engine.book), policy);
    whole.complete(engine, watch).map(|_| ())
}

/// Hands seats to the better draw, as [`lottery::settle`] does, among all pairs of the market; those held need not be in the
/// excerpt.
pub(crate) fn settle<E: Eligibility>(
    (market, book): (&Market<E>, &mut Book),
    held: &mut [u64],
    policy: &Policy,
    watch: &mut dyn Watch,
) -> Result<(), Stopped> {
    for (place, &key) in (0..).zip(&*held).filter(|(_, key)| **key != NONE) {
        if !book.pairs(place).contains(&key) {
            book.add_pair(place, key);
        }
    }
    Whole::of((market, book), policy).settle(book, held, watch)
}

impl<'a, E: Eligibility> Whole<'a, E> {
    fn of((market, book): (&'a Market<E>, &Book), policy: &Policy) -> Self {
        Self { market, lines: book.line_ranks(), threads: policy.threads }
    }

    fn keys(&self, book: &Book, candidate: u32, lists: (&mut Vec<Pair>, &mut Vec<u64>)) {
        keys_of((self.market, &self.lines), book, candidate, lists);
    }

    /// Adds pairs until nobody would be paid more by one that is not there; returns how many. The state must be exact, and
    /// is so afterwards, for all pairs.
    fn complete<N: Amount>(&self, engine: &mut Engine<N>, watch: &mut dyn Watch) -> Result<usize, Stopped> {
        let mut total = 0;
        loop {
            let wanted = self.wanted(engine, watch)?;
            watch.note(Progress { phase: Phase::Seats, permille: 500, value: None, bound: None, claims: 0 });
            if wanted.is_empty() {
                return Ok(total);
            }
            total += wanted.len();
            wanted.into_iter().for_each(|(candidate, key)| engine.book.add_pair(candidate, key));
            engine.repair(watch)?;
        }
    }

    /// Adds for each candidate the pairs that pay most with each set of quotas, as far as they are not there; returns how
    /// many were added. They pay no more than is asked, so an exact state stays so.
    fn add_near<N: Amount>(&self, engine: &mut Engine<N>, watch: &mut dyn Watch) -> Result<usize, Stopped> {
        let state: &Engine<N> = engine;
        let found = looks::find(state.book.places(), self.threads, watch, |places, found| {
            let (mut pairs, mut keys, mut near) = (Vec::new(), Vec::new(), Vec::new());
            let mut of_set = HashMap::new();
            for candidate in places {
                self.keys(&state.book, candidate, (&mut pairs, &mut keys));
                near.clear();
                near.extend(
                    keys.iter().map(|&key| (-state.pay(candidate, key), state.book.chance(candidate, key), key)),
                );
                if near.len() > LOOKED_AT {
                    near.select_nth_unstable(LOOKED_AT);
                    near.truncate(LOOKED_AT);
                }
                near.sort_unstable();
                of_set.clear();
                near.retain(|(.., key)| {
                    let count = of_set.entry(state.book.packing.set(*key)).or_insert(0);
                    *count += 1;
                    *count <= NEAR && !state.book.pairs(candidate).contains(key)
                });
                found.extend(near.iter().map(|&(.., key)| (candidate, key)));
            }
        })?;
        found.iter().for_each(|&(candidate, key)| engine.book.add_pair(candidate, key));
        Ok(found.len())
    }

    /// Returns for each candidate the pairs that would pay most of those that would pay more than it asks.
    fn wanted<N: Amount>(&self, engine: &Engine<N>, watch: &mut dyn Watch) -> Result<Vec<(u32, u64)>, Stopped> {
        looks::find(engine.book.places(), self.threads, watch, |places, wanted| {
            let (mut pairs, mut keys, mut better) = (Vec::new(), Vec::new(), Vec::new());
            for candidate in places {
                self.keys(&engine.book, candidate, (&mut pairs, &mut keys));
                let ask = engine.ask[candidate as usize];
                let pays = keys.iter().map(|&key| (engine.pay(candidate, key), key)).filter(|(pay, _)| *pay > ask);
                better.clear();
                better.extend(pays.map(|(pay, key)| (-pay, engine.book.chance(candidate, key), key)));
                if better.len() > ADDED {
                    better.select_nth_unstable(ADDED);
                    better.truncate(ADDED);
                }
                wanted.extend(better.iter().map(|&(.., key)| (candidate, key)));
            }
        })
    }

    /// Brings the bound of what was found up to what its prices prove for all pairs.
    fn prove<N: Amount>(
        &self,
        engine: &mut Engine<N>,
        found: &mut Found<N>,
        watch: &mut dyn Watch,
    ) -> Result<(), Stopped> {
        engine.charge_quotas(&found.quotas);
        engine.repair(watch)?;
        self.complete(engine, watch)?;
        found.bound = engine.bound(&found.quotas);
        found.lines.clone_from(&engine.price);
        Ok(())
    }

    /// Hands seats to the better draw, as [`lottery::settle`] does, among all pairs.
    fn settle(&self, book: &mut Book, held: &mut [u64], watch: &mut dyn Watch) -> Result<(), Stopped> {
        loop {
            lottery::settle(book, held);
            // The worst draw that sits with each claim; a key of a candidate's list names line, claim and quotas.
            let mut worst: HashMap<u64, u32> = HashMap::new();
            for (place, &key) in (0..).zip(&*held).filter(|(_, key)| **key != NONE) {
                worst.insert(key, place);
            }
            let (state, seated): (&Book, &[u64]) = (book, held);
            let missing = looks::find(state.places(), self.threads, watch, |places, missing| {
                let (mut pairs, mut keys) = (Vec::new(), Vec::new());
                for candidate in places.filter(|&candidate| seated[candidate as usize] == NONE) {
                    self.keys(state, candidate, (&mut pairs, &mut keys));
                    let first = |key: &&u64| worst.get(key).is_some_and(|&other| other > candidate);
                    let absent = keys.iter().filter(first).filter(|key| !state.pairs(candidate).contains(key));
                    missing.extend(absent.map(|&key| (candidate, key)));
                }
            })?;
            if missing.is_empty() {
                return Ok(());
            }
            missing.into_iter().for_each(|(candidate, key)| book.add_pair(candidate, key));
        }
    }
}

/// Replaces `keys` by those of all pairs of a candidate.
fn keys_of<E: Eligibility>(
    (market, lines): (&Market<E>, &[u32]),
    book: &Book,
    candidate: u32,
    (pairs, keys): (&mut Vec<Pair>, &mut Vec<u64>),
) {
    market.pairs_of(book.candidates[candidate as usize], pairs);
    keys.clear();
    let key = |pair: &Pair| book.key(lines[pair.line.at()], pair);
    keys.extend(pairs.iter().map(|pair| key(pair).expect("an eligibility answers the same on every call")));
}

/// Leaves the pairs of a candidate that are kept at first, sorted.
pub(crate) fn keep(book: &Book, candidate: u32, keys: &mut Vec<u64>) {
    if keys.len() <= KEPT {
        return;
    }
    // Ties are many, so the heaviest alone would send everybody to the same few lines.
    let packing = book.packing;
    let (heaviest, most) = (KEPT.div_ceil(2), KEPT);
    keys.select_nth_unstable_by_key(heaviest, |&key| (packing.claim(key), book.chance(candidate, key), key));
    keys[heaviest..].select_nth_unstable_by_key(most - heaviest, |&key| (book.chance(candidate, key), key));
    keys.truncate(most);
    keys.sort_unstable();
}

/// Returns for each line, by draw, who is next in it: as [`crate::reserve::lists`] does, among all pairs.
pub(crate) fn reserve<E: Eligibility>((market, book): (&Market<E>, &Book), held: &[u64], most: usize) -> Vec<Vec<u32>> {
    let lines = book.line_ranks();
    let mut next = Next::new(book, most);
    let (mut pairs, mut keys) = (Vec::new(), Vec::new());
    for candidate in book.places().filter(|&candidate| most > 0 && held[candidate as usize] == NONE) {
        keys_of((market, &lines), book, candidate, (&mut pairs, &mut keys));
        keys.iter().for_each(|&key| next.look(candidate, key));
    }
    next.lists()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};

    use super::*;
    use crate::{MarketBuilder, QuotaSetIx, Scope, reserve, solve, verify};

    /// People and farms, half of them fit for each other, at few different scores: ties everywhere. Two quotas, if there are
    /// any, for every other person each. Every tenth goes with the next, if there are couples.
    fn crowded(seed: u64, limit: Option<u32>, couples: bool) -> Market {
        let mut chance = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut builder = MarketBuilder::default();
        let mut set = |limit| {
            let quota = builder.quota(limit);
            builder.quota_set(&[quota])
        };
        let sets = limit.map_or([QuotaSetIx::NONE; 2], |limit| [set(limit), set(limit)]);
        let lines: Vec<_> = (0..40).map(|at| builder.line(format!("farm {at}"), at % 4)).collect();
        let people: Vec<_> = (0..120).map(|at| builder.candidate(format!("{at}"), 1)).collect();
        for (at, &candidate) in people.iter().enumerate() {
            for &line in lines.iter().filter(|line| line.at() % 5 != at % 5) {
                if chance.random_bool(0.5) {
                    let score = chance.random_range(1..4);
                    builder.pair(candidate, Pair { quotas: sets[at % 2], ..Pair::scored(line, score) });
                }
            }
        }
        for couple in people.chunks(2).step_by(5).filter(|_| couples) {
            builder.together(couple, Scope::Line);
        }
        builder.build().unwrap()
    }

    #[test]
    fn an_excerpt_finds_what_all_pairs_find() {
        for seed in 0..40_u8 {
            let market = crowded(seed.into(), None, false);
            assert!(pays(&market.survey));
            let (all, full) = quotas::optimise::<i64>(Book::new(&market, &[seed]), 1, &mut ()).unwrap();
            let policy = Policy { threads: 3, ..Policy::seeded([seed]) };
            let excerpt = Book::excerpt(&market, &[seed]);
            let (some, book) = optimise::<i64, _>((&market, excerpt), &policy, &mut ()).unwrap();
            assert!(book.pair_count() < full.pair_count() / 2, "{} pairs of {}", book.pair_count(), full.pair_count());
            assert_eq!((some.value, some.bound), (all.value, all.bound));
            let seated = |held: &[u64]| held.iter().map(|&key| key != NONE).collect::<Vec<_>>();
            assert_eq!(seated(&some.held), seated(&all.held), "the same people are drawn");
            let next = reserve((&market, &book), &some.held, 5);
            assert_eq!(next, reserve::lists(&full, &all.held, 5), "the same people are next");
        }
    }

    #[test]
    fn within_quotas_the_bound_of_an_excerpt_holds_for_all_pairs() {
        for seed in 0..8_u8 {
            let (market, policy) = (crowded(seed.into(), Some(12), false), Policy::seeded([seed]));
            assert!(pays(&market.survey));
            let plan = solve(&market, &policy);
            assert_ne!(plan.method, Method::ShortestPaths, "the quotas bind");
            // Counts the bound anew, over all pairs.
            let checked = verify(&market, &plan);
            assert!(checked.is_ok(), "{checked:?}");
            let book = Book::new(&market, &[seed]);
            let (all, _) = quotas::optimise::<i64>(book, policy.passes, &mut ()).unwrap();
            assert!(plan.value <= all.bound && all.value <= plan.bound, "{} {}", plan.value, plan.bound);
        }
    }

    #[test]
    fn what_couples_leave_within_quotas_is_planned_for_all_pairs() {
        let mut seated = 0;
        for seed in 0..8_u8 {
            let (market, policy) = (crowded(seed.into(), Some(12), true), Policy::seeded([seed]));
            assert!(pays(&market.survey));
            let plan = solve(&market, &policy);
            assert_eq!(plan.decided, 12, "each couple is decided");
            let couples = plan.assignments.chunks(2).step_by(5);
            seated += couples.filter(|couple| couple[0].is_some()).count();
            let checked = verify(&market, &plan);
            assert!(checked.is_ok(), "{checked:?}");
            assert!(plan.duals.quotas.iter().any(|&price| price > 0), "the quotas bind");
            assert!(plan.gap * 20 <= plan.value, "{} of {}", plan.gap, plan.value);
            let threads = solve(&market, &Policy { threads: 4, ..policy });
            assert_eq!(threads, plan, "the same on four threads");
        }
        assert!(seated > 5, "{seated} couples had a better draw than those beside them");
    }
}
