//! Markets of many pairs are searched on an excerpt: some pairs of each candidate are kept, and with the prices that they
//! give all others are looked at once. Whoever would be paid more elsewhere gets those pairs too, until nobody would.
//!
//! Then the state is exact for the whole market, as [`crate::engine`] means it, draws included: value, bound and who is
//! seated are those of a search over all pairs. The others are asked for and forgotten, so memory follows the excerpt.

use std::collections::HashMap;

use crate::amount::Amount;
use crate::book::{Book, NONE};
use crate::engine::Engine;
use crate::lottery;
use crate::market::{Eligibility, Market, Pair, Survey};
use crate::plan::Method;
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
/// So many candidates are looked at between two looks at the watch.
const STEPS: usize = 1000;

/// True if an excerpt is worth its trouble: all pairs together would fill it several times.
pub(crate) fn pays(survey: &Survey) -> bool {
    survey.pairs as u64 > 2 * KEPT as u64 * survey.candidates
}

/// The whole market, beside the excerpt of it that an engine searches.
struct Whole<'a, E> {
    market: &'a Market<E>,
    /// Place in the draw by position.
    lines: Vec<u32>,
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
    passes: u32,
    watch: &mut dyn Watch,
) -> Result<(Outcome, Book), Stopped> {
    let (found, engine) = search::<N, E>((market, book), passes, watch)?;
    Ok((found.wide(), engine.book))
}

/// Returns what [`quotas::search`] returns.
pub(crate) fn search<N: Amount, E: Eligibility>(
    (market, book): (&Market<E>, Book),
    passes: u32,
    watch: &mut dyn Watch,
) -> Result<(Found<N>, Engine<N>), Stopped> {
    let whole = Whole { market, lines: book.line_ranks() };
    let mut engine: Engine<N> = Engine::new(book);
    let watch: &mut dyn Watch = &mut Unproved { watch, plan: None };
    engine.start(watch)?;
    whole.complete(&mut engine, watch)?;
    let mut best = quotas::price(&mut engine, None, (passes, quotas::PLANS), watch)?;
    for _ in 0..AGAIN {
        if best.method == Method::ShortestPaths {
            break;
        }
        engine.charge_quotas(&best.quotas);
        engine.repair(watch)?;
        if whole.complete(&mut engine, watch)? + whole.add_near(&mut engine) == 0 {
            break;
        }
        // From nothing: the states on the way to the prices make better plans than those around them.
        engine.charge_quotas(&vec![N::ZERO; best.quotas.len()]);
        engine.repair(watch)?;
        let found = quotas::price(&mut engine, None, (passes, quotas::PLANS), watch)?;
        best = if found.value < best.value { Found { value: best.value, held: best.held, ..found } } else { found };
    }
    if best.method != Method::ShortestPaths {
        whole.prove(&mut engine, &mut best, watch)?;
        whole.settle(&mut engine.book, &mut best.held);
    }
    Ok((best, engine))
}

/// Makes an exact state of an excerpt exact for all pairs of the market.
pub(crate) fn complete<N: Amount, E: Eligibility>(
    market: &Market<E>,
    engine: &mut Engine<N>,
    watch: &mut dyn Watch,
) -> Result<(), Stopped> {
    let whole = Whole { market, lines: engine.book.line_ranks() };
    whole.complete(engine, watch).map(|_| ())
}

/// Hands seats to the better draw, as [`lottery::settle`] does, among all pairs of the market; those held need not be in the
/// excerpt.
pub(crate) fn settle<E: Eligibility>((market, book): (&Market<E>, &mut Book), held: &mut [u64]) {
    for (place, &key) in (0..).zip(&*held).filter(|(_, key)| **key != NONE) {
        if !book.pairs(place).contains(&key) {
            book.add_pair(place, key);
        }
    }
    Whole { market, lines: book.line_ranks() }.settle(book, held);
}

impl<E: Eligibility> Whole<'_, E> {
    /// Replaces `keys` by those of all pairs of a candidate.
    fn keys(&self, book: &Book, candidate: u32, (pairs, keys): (&mut Vec<Pair>, &mut Vec<u64>)) {
        self.market.pairs_of(book.candidates[candidate as usize], pairs);
        keys.clear();
        let key = |pair: &Pair| book.key(self.lines[pair.line.at()], pair);
        keys.extend(pairs.iter().map(|pair| key(pair).expect("an eligibility answers the same on every call")));
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
    fn add_near<N: Amount>(&self, engine: &mut Engine<N>) -> usize {
        let (mut pairs, mut keys, mut near) = (Vec::new(), Vec::new(), Vec::new());
        let (mut of_set, mut total) = (HashMap::new(), 0);
        for candidate in engine.book.places() {
            self.keys(&engine.book, candidate, (&mut pairs, &mut keys));
            near.clear();
            near.extend(keys.iter().map(|&key| (-engine.pay(candidate, key), engine.book.chance(candidate, key), key)));
            if near.len() > LOOKED_AT {
                near.select_nth_unstable(LOOKED_AT);
                near.truncate(LOOKED_AT);
            }
            near.sort_unstable();
            of_set.clear();
            near.retain(|(.., key)| {
                let count = of_set.entry(engine.book.packing.set(*key)).or_insert(0);
                *count += 1;
                *count <= NEAR && !engine.book.pairs(candidate).contains(key)
            });
            total += near.len();
            near.iter().for_each(|&(.., key)| engine.book.add_pair(candidate, key));
        }
        total
    }

    /// Returns for each candidate the pairs that would pay most of those that would pay more than it asks.
    fn wanted<N: Amount>(&self, engine: &Engine<N>, watch: &mut dyn Watch) -> Result<Vec<(u32, u64)>, Stopped> {
        let (mut pairs, mut keys) = (Vec::new(), Vec::new());
        let (mut wanted, mut better) = (Vec::new(), Vec::new());
        for candidate in engine.book.places() {
            if (candidate as usize).is_multiple_of(STEPS) && watch.stopped() {
                return Err(Stopped);
            }
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
        Ok(wanted)
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
    fn settle(&self, book: &mut Book, held: &mut [u64]) {
        let (mut pairs, mut keys) = (Vec::new(), Vec::new());
        loop {
            lottery::settle(book, held);
            // The worst draw that sits with each claim; a key of a candidate's list names line, claim and quotas.
            let mut worst: HashMap<u64, u32> = HashMap::new();
            for (place, &key) in (0..).zip(&*held).filter(|(_, key)| **key != NONE) {
                worst.insert(key, place);
            }
            let mut missing = Vec::new();
            for candidate in book.places().filter(|&candidate| held[candidate as usize] == NONE) {
                self.keys(book, candidate, (&mut pairs, &mut keys));
                let first = |key: &&u64| worst.get(key).is_some_and(|&other| other > candidate);
                let absent = keys.iter().filter(first).filter(|key| !book.pairs(candidate).contains(key));
                missing.extend(absent.map(|&key| (candidate, key)));
            }
            if missing.is_empty() {
                return;
            }
            missing.into_iter().for_each(|(candidate, key)| book.add_pair(candidate, key));
        }
    }
}

/// Leaves the pairs of a candidate that are kept at first. `keys` must be sorted, and stay so.
pub(crate) fn keep(book: &Book, candidate: u32, keys: &mut Vec<u64>) {
    if keys.len() <= KEPT {
        return;
    }
    // Ties are many, so the heaviest alone would send everybody to the same few lines.
    let packing = book.packing;
    let (heaviest, most) = (KEPT.div_ceil(2), KEPT);
    keys.select_nth_unstable_by_key(heaviest, |&key| (packing.claim(key), book.chance(candidate, key)));
    keys[heaviest..].select_nth_unstable_by_key(most - heaviest, |&key| book.chance(candidate, key));
    keys.truncate(most);
    keys.sort_unstable();
}

/// Returns for each line, by draw, who is next in it: as [`crate::reserve::lists`] does, among all pairs.
pub(crate) fn reserve<E: Eligibility>((market, book): (&Market<E>, &Book), held: &[u64], most: usize) -> Vec<Vec<u32>> {
    let whole = Whole { market, lines: book.line_ranks() };
    let mut next = Next::new(book, most);
    let (mut pairs, mut keys) = (Vec::new(), Vec::new());
    for candidate in book.places().filter(|&candidate| most > 0 && held[candidate as usize] == NONE) {
        whole.keys(book, candidate, (&mut pairs, &mut keys));
        keys.iter().for_each(|&key| next.look(candidate, key));
    }
    next.lists()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};

    use super::*;
    use crate::{MarketBuilder, reserve};

    /// People and farms, half of them fit for each other, at few different scores: ties everywhere.
    fn crowded(seed: u64) -> Market {
        let mut chance = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut builder = MarketBuilder::default();
        let lines: Vec<_> = (0..40).map(|at| builder.line(format!("farm {at}"), at % 4)).collect();
        for at in 0..120 {
            let candidate = builder.candidate(format!("{at}"), 1);
            for &line in lines.iter().filter(|line| line.at() % 5 != at % 5) {
                if chance.random_bool(0.5) {
                    builder.pair(candidate, Pair::scored(line, chance.random_range(1..4)));
                }
            }
        }
        builder.build().unwrap()
    }

    #[test]
    fn an_excerpt_finds_what_all_pairs_find() {
        for seed in 0..40_u8 {
            let market = crowded(seed.into());
            assert!(pays(&market.survey));
            let (all, full) = quotas::optimise::<i64>(Book::new(&market, &[seed]), 1, &mut ()).unwrap();
            let (some, book) = optimise::<i64, _>((&market, Book::excerpt(&market, &[seed])), 1, &mut ()).unwrap();
            assert!(book.pair_count() < full.pair_count() / 2, "{} pairs of {}", book.pair_count(), full.pair_count());
            assert_eq!((some.value, some.bound), (all.value, all.bound));
            let seated = |held: &[u64]| held.iter().map(|&key| key != NONE).collect::<Vec<_>>();
            assert_eq!(seated(&some.held), seated(&all.held), "the same people are drawn");
            let next = reserve((&market, &book), &some.held, 5);
            assert_eq!(next, reserve::lists(&full, &all.held, 5), "the same people are next");
        }
    }
}
