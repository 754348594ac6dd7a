//! The market in the order of the lottery: nothing behind this point knows the order in which it was given.
//!
//! A pair is one 64-bit **key** in the list of its candidate, and one in the list of its line:
//! `tier | score | other end | quota set`, the first two counted down from the best. So keys in rising order are pairs in
//! falling weight, and those of one weight are in the order of the draw.

mod lists;

use std::cmp::Reverse;

use sha2::{Digest, Sha256};

use crate::excerpt;
use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair, QuotaIx, QuotaSetIx, Tier};
use lists::Lists;

/// "No seat", in the place of a key.
pub(crate) const NONE: u64 = u64::MAX;
/// The least by which weights are scaled, so that prices can be fractions of a point.
const SCALE_MIN: i128 = 1 << 20;

/// How wide the parts of a key are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packing {
    set_bits: u32,
    id_bits: u32,
    score_bits: u32,
}

impl Packing {
    /// Returns the candidate or line at the other end.
    #[inline]
    pub(crate) fn id(self, key: u64) -> u32 {
        (key >> self.set_bits) as u32 & (((1_u64 << self.id_bits) - 1) as u32)
    }

    /// Returns the quota set.
    #[inline]
    pub(crate) fn set(self, key: u64) -> usize {
        (key & ((1 << self.set_bits) - 1)) as usize
    }

    /// Returns the same pair with another end.
    #[inline]
    pub(crate) fn with_id(self, key: u64, id: u32) -> u64 {
        let mask = ((1_u64 << self.id_bits) - 1) << self.set_bits;
        (key & !mask) | u64::from(id) << self.set_bits
    }

    /// Returns tier and score together, counted down from the best.
    #[inline]
    pub(crate) fn claim(self, key: u64) -> u64 {
        key >> (self.set_bits + self.id_bits)
    }

    /// Returns the score, counted down from the best.
    #[inline]
    pub(crate) fn score(self, key: u64) -> u64 {
        (key >> (self.set_bits + self.id_bits)) & ((1 << self.score_bits) - 1)
    }

    /// Returns the tier, counted down from the strongest in use.
    #[inline]
    pub(crate) fn tier(self, key: u64) -> usize {
        (key >> (self.set_bits + self.id_bits + self.score_bits)) as usize
    }
}

/// Candidates and lines by draw, and all pairs twice: by candidate and by line.
pub(crate) struct Book {
    /// The market's candidate at each place of the draw; place 0 wins every tie.
    pub(crate) candidates: Vec<CandidateIx>,
    pub(crate) lines: Vec<LineIx>,
    pub(crate) seats: Vec<u32>,
    pub(crate) packing: Packing,
    /// Members of each quota set.
    pub(crate) sets: Vec<Vec<QuotaIx>>,
    pub(crate) limits: Vec<u32>,
    /// What a point of weight counts in prices: more than all draws together, so that a draw decides ties alone.
    pub(crate) scale: i128,
    /// Weight of the best score of each tier in use, strongest first.
    pub(crate) tops: Vec<i128>,
    /// What each score is below the best, where scores are too far apart to be packed as they are; else empty.
    pub(crate) below: Vec<i64>,
    score_max: i64,
    /// The packed number of each tier in use.
    ranks: Vec<Option<u64>>,
    /// How many were there when the draw was held, and how far apart their bonuses are, as a power of 2.
    drawn: u32,
    gap: u32,
    /// The bonuses of those who came later.
    late: Vec<u64>,
    by_candidate: Lists,
    by_line: Lists,
    /// Some candidates have pairs that the lists do not show.
    hides: bool,
    /// The candidates in the order of the market, in which their pairs lie in memory.
    as_read: Vec<u32>,
}

/// Which pairs of a market are read into a book.
#[derive(Clone, Copy, PartialEq)]
enum Reading {
    All,
    /// All, but only the first of each candidate are shown.
    First,
    /// See [`mod@excerpt`].
    Excerpt,
}

/// So many pairs of a candidate are shown at first where the others stay hidden.
const SHOWN: usize = if cfg!(test) { 1 } else { 12 };

impl Book {
    /// Returns `market` as drawn with `seed`.
    pub(crate) fn new<E: Eligibility>(market: &Market<E>, seed: &[u8]) -> Self {
        Self::read(market, seed, Reading::All)
    }

    /// Returns the same, with the heaviest pairs of each candidate in the lists and all others hidden, neither sorted nor
    /// listed by line: most are never needed. See [`Self::reveal`] and [`Self::reveal_all`].
    pub(crate) fn with_hidden<E: Eligibility>(market: &Market<E>, seed: &[u8]) -> Self {
        Self::read(market, seed, Reading::First)
    }

    /// Returns `market` as drawn with `seed`, with some of its pairs; see [`mod@excerpt`].
    pub(crate) fn excerpt<E: Eligibility>(market: &Market<E>, seed: &[u8]) -> Self {
        Self::read(market, seed, Reading::Excerpt)
    }

    fn read<E: Eligibility>(market: &Market<E>, seed: &[u8], reading: Reading) -> Self {
        let candidates = drawn(seed, market.candidates.iter().map(|candidate| candidate.reference.as_str()));
        let lines = drawn(seed, market.lines.iter().map(|line| line.reference.as_str()));
        let tiers: Vec<usize> = (0..256).filter(|&tier| market.survey.claimants[tier] > 0).collect();
        let score_max = market.survey.score_max;
        let tops = tiers.iter().map(|&tier| market.boosts[tier] + i128::from(score_max)).collect();
        let mut ranks = vec![None; 256];
        (0..).zip(&tiers).for_each(|(rank, &tier)| ranks[tier] = Some(rank));
        let ends = market.candidates.len().max(market.lines.len()).max(market.room.ends);
        let mut book = Self {
            seats: lines.iter().map(|&line| market.lines[line].seats).collect(),
            candidates: candidates.into_iter().map(CandidateIx::new).collect(),
            lines: lines.into_iter().map(LineIx::new).collect(),
            packing: Packing {
                set_bits: bits(market.sets.len() as u64 - 1),
                id_bits: bits(ends as u64),
                score_bits: bits(score_max.max(1).cast_unsigned() - 1),
            },
            sets: market.sets.clone(),
            limits: market.quotas.iter().map(|quota| quota.limit).collect(),
            scale: scale(market),
            tops,
            below: Vec::new(),
            score_max,
            ranks,
            drawn: market.candidates.len() as u32,
            gap: market.room.gap,
            late: Vec::new(),
            by_candidate: Lists::default(),
            by_line: Lists::default(),
            hides: false,
            as_read: Vec::new(),
        };
        book.rank_scores(market, tiers.len());
        book.read_pairs(market, reading);
        book.list_by_line();
        book
    }

    /// Where scores do not fit beside the rest of a key, packs their ranks instead.
    fn rank_scores<E: Eligibility>(&mut self, market: &Market<E>, tiers: usize) {
        let others = self.packing.set_bits + self.packing.id_bits + bits(tiers.max(1) as u64);
        if self.packing.score_bits + others <= 64 {
            return;
        }
        let mut pairs = Vec::new();
        for at in 0..self.candidates.len() {
            market.pairs_of(CandidateIx::new(at), &mut pairs);
            self.below.extend(pairs.iter().map(|pair| market.survey.score_max - pair.score));
        }
        self.below.extend(market.room.scores.iter().map(|score| market.survey.score_max - score));
        self.below.sort_unstable();
        self.below.dedup();
        self.packing.score_bits = bits(self.below.len() as u64);
        assert!(self.packing.score_bits + others <= 64, "the builder admits only what can be packed");
    }

    /// Returns the place in the draw of each line of the market.
    pub(crate) fn line_ranks(&self) -> Vec<u32> {
        let mut place = vec![0; self.lines.len()];
        for (at, line) in (0_u32..).zip(&self.lines) {
            place[line.at()] = at;
        }
        place
    }

    /// Reads pairs in the order of the market, which may be that of a file.
    fn read_pairs<E: Eligibility>(&mut self, market: &Market<E>, reading: Reading) {
        let line_places = self.line_ranks();
        let mut places = vec![0_u32; self.candidates.len()];
        (0..).zip(&self.candidates).for_each(|(place, candidate)| places[candidate.at()] = place);
        let excerpt = reading == Reading::Excerpt;
        let room = if excerpt { excerpt::KEPT * self.candidates.len() } else { market.survey.pairs };
        let mut lists = Lists::with_room(self.candidates.len(), room);
        let (mut pairs, mut keys, mut read, packing) = (Vec::new(), Vec::new(), 0, self.packing);
        for (at, &place) in places.iter().enumerate() {
            market.pairs_of(CandidateIx::new(at), &mut pairs);
            read += pairs.len();
            let key = |pair: &Pair| self.key(line_places[pair.line.at()], pair);
            keys.extend(pairs.iter().map(|pair| key(pair).expect("an eligibility answers the same on every call")));
            if excerpt {
                excerpt::keep(self, place, &mut keys);
            }
            let mut shown = keys.len();
            if reading == Reading::First && shown > SHOWN {
                // Among equals others for each candidate, or all would bid for the same few lines.
                let other =
                    |key: u64| (u64::from(packing.id(key)) ^ u64::from(place)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                keys.select_nth_unstable_by_key(SHOWN, |&key| (packing.claim(key), other(key), key));
                shown = SHOWN;
                self.hides = true;
            }
            keys[..shown].sort_unstable();
            lists.put(place, &keys, shown);
            keys.clear();
        }
        assert_eq!(read, market.survey.pairs, "an eligibility answers the same on every call");
        self.by_candidate = lists;
        self.as_read = places;
    }

    /// Returns a number that is small where a candidate does well to look: drawn for each pair, less for more seats.
    pub(crate) fn chance(&self, candidate: u32, key: u64) -> u64 {
        let line = self.packing.id(key);
        // SplitMix64 (Steele, Lea and Flood 2014).
        let mut drawn = (u64::from(candidate) << 32 | u64::from(line)).wrapping_add(0x9e37_79b9_7f4a_7c15);
        drawn = (drawn ^ drawn >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ drawn >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (drawn ^ drawn >> 31).checked_div(u64::from(self.seats[line as usize])).unwrap_or(u64::MAX)
    }

    /// Returns the key of a pair in the list of its candidate, `line` being the place of its line; none if it cannot be
    /// told with the keys there are: a tier not in use, a score beyond the greatest or between the ranked ones.
    pub(crate) fn key(&self, line: u32, pair: &Pair) -> Option<u64> {
        let Packing { set_bits, id_bits, score_bits } = self.packing;
        let down = self.score_max.checked_sub(pair.score).filter(|down| *down >= 0)?;
        let score =
            if self.below.is_empty() { down.cast_unsigned() } else { self.below.binary_search(&down).ok()? as u64 };
        let head = self.ranks[usize::from(pair.tier.0)]? << score_bits | score;
        Some((head << id_bits | u64::from(line)) << set_bits | u64::from(pair.quotas.0))
    }

    fn list_by_line(&mut self) {
        let mut counts = vec![0_u32; self.lines.len()];
        for key in self.as_read.iter().flat_map(|&candidate| self.by_candidate.of(candidate)) {
            counts[self.packing.id(*key) as usize] += 1;
        }
        let mut lists = Lists::sized(&counts);
        for &candidate in &self.as_read {
            for &key in self.by_candidate.of(candidate) {
                lists.append(self.packing.id(key), self.packing.with_id(key, candidate));
            }
        }
        self.line_places().for_each(|line| lists.of_mut(line).sort_unstable());
        self.by_line = lists;
    }

    /// Returns the pairs of a candidate, greatest weight first; the other end is a line.
    #[inline]
    pub(crate) fn pairs(&self, candidate: u32) -> &[u64] {
        self.by_candidate.of(candidate)
    }

    /// Returns the pairs of a line, greatest weight first, then by draw; the other end is a candidate.
    #[inline]
    pub(crate) fn line_pairs(&self, line: u32) -> &[u64] {
        self.by_line.of(line)
    }

    /// Returns the pairs of a candidate that its list does not show: none of them weighs more than one that it shows did
    /// when the market was read.
    #[inline]
    pub(crate) fn hidden(&self, candidate: u32) -> &[u64] {
        if self.hides { self.by_candidate.hidden(candidate) } else { &[] }
    }

    /// True if lists do not show all pairs.
    pub(crate) fn hides(&self) -> bool {
        self.hides
    }

    /// Returns the candidates in the order in which pairs lie in memory. It is no order for what a plan depends on.
    pub(crate) fn as_read(&self) -> &[u32] {
        &self.as_read
    }

    /// Brings a hidden pair into both lists.
    pub(crate) fn reveal(&mut self, candidate: u32, key: u64) {
        self.by_candidate.reveal(candidate, key);
        self.insert_by_line(candidate, key);
    }

    /// Brings all hidden pairs into both lists.
    pub(crate) fn reveal_all(&mut self) {
        if std::mem::take(&mut self.hides) {
            self.by_candidate.reveal_all();
            self.by_line = Lists::default();
            self.list_by_line();
        }
    }

    /// Returns how many pairs the lists show.
    pub(crate) fn pair_count(&self) -> usize {
        self.by_candidate.total()
    }

    /// Returns what it counts to seat a candidate, in parts of a point: it falls with the draw.
    #[inline]
    pub(crate) fn bonus(&self, candidate: u32) -> u64 {
        if candidate < self.drawn { u64::from(self.drawn - candidate) << self.gap } else { self.late_bonus(candidate) }
    }

    #[cold]
    fn late_bonus(&self, candidate: u32) -> u64 {
        self.late[(candidate - self.drawn) as usize]
    }

    /// Returns the quotas that cover a pair.
    pub(crate) fn quotas(&self, key: u64) -> &[QuotaIx] {
        &self.sets[self.packing.set(key)]
    }

    /// Returns the candidates by place.
    pub(crate) fn places(&self) -> std::ops::Range<u32> {
        0..self.candidates.len() as u32
    }

    /// Returns the lines by place.
    pub(crate) fn line_places(&self) -> std::ops::Range<u32> {
        0..self.lines.len() as u32
    }

    /// Returns the weight of a pair in points.
    pub(crate) fn weight(&self, key: u64) -> i128 {
        let field = self.packing.score(key);
        let below = if self.below.is_empty() { field.cast_signed() } else { self.below[field as usize] };
        self.tops[self.packing.tier(key)] - i128::from(below)
    }

    /// Returns the value of a choice of one pair or [`NONE`] per candidate.
    pub(crate) fn value(&self, held: &[u64]) -> i128 {
        held.iter().filter(|&&key| key != NONE).map(|&key| self.weight(key)).sum()
    }

    /// Returns what of that value claims weigh: all but the scores.
    pub(crate) fn claims(&self, held: &[u64]) -> i128 {
        let boost = |&key: &u64| self.tops[self.packing.tier(key)] - i128::from(self.score_max);
        held.iter().filter(|&&key| key != NONE).map(boost).sum()
    }

    /// Returns how many chosen pairs each quota covers.
    pub(crate) fn quota_use(&self, held: &[u64]) -> Vec<u32> {
        let mut used = vec![0; self.limits.len()];
        for &key in held.iter().filter(|&&key| key != NONE) {
            for quota in self.quotas(key) {
                used[quota.at()] += 1;
            }
        }
        used
    }
}

/// Changes of a market that is already drawn.
impl Book {
    /// Returns how many were there when the draw was held: they have the first places, in the order of the draw.
    pub(crate) fn drawn(&self) -> usize {
        self.drawn as usize
    }

    /// Returns the bonuses before and at a place of the draw.
    pub(crate) fn between(&self, place: u32) -> (u64, u64) {
        let rest = u64::from(self.drawn - place);
        ((rest + 1) << self.gap, rest << self.gap)
    }

    /// Adds a candidate without pairs, drawn with `bonus`; returns its place.
    pub(crate) fn enrol(&mut self, bonus: u64) -> u32 {
        let place = self.candidates.len();
        self.candidates.push(CandidateIx::new(place));
        self.late.push(bonus);
        self.as_read.push(place as u32);
        self.by_candidate.push(&[]);
        place as u32
    }

    /// Adds a line without pairs; returns its place.
    pub(crate) fn open(&mut self, seats: u32) -> u32 {
        let place = self.lines.len();
        self.lines.push(LineIx::new(place));
        self.seats.push(seats);
        self.by_line.push(&[]);
        place as u32
    }

    /// Adds a pair by its key in the list of the candidate.
    pub(crate) fn add_pair(&mut self, candidate: u32, key: u64) {
        assert!(!self.hides, "what is hidden stands where lists grow");
        let at = self.pairs(candidate).partition_point(|&other| other < key);
        self.by_candidate.insert(candidate, at, key);
        self.insert_by_line(candidate, key);
    }

    fn insert_by_line(&mut self, candidate: u32, key: u64) {
        let (line, own) = (self.packing.id(key), self.packing.with_id(key, candidate));
        let at = self.line_pairs(line).partition_point(|&other| self.rank(other) < self.rank(own));
        self.by_line.insert(line, at, own);
    }

    /// Takes the pair at a position of a candidate's list out of both lists.
    pub(crate) fn remove_pair(&mut self, candidate: u32, at: usize) {
        assert!(!self.hides, "what is hidden stands behind the list");
        let key = self.pairs(candidate)[at];
        self.by_candidate.remove(candidate, at);
        let (line, own) = (self.packing.id(key), self.packing.with_id(key, candidate));
        let at = self.line_pairs(line).partition_point(|&other| self.rank(other) < self.rank(own));
        debug_assert_eq!(self.line_pairs(line)[at], own, "a pair is in both lists");
        self.by_line.remove(line, at);
    }

    /// Returns what the list of a line is ordered by: tier, score, then the draw.
    fn rank(&self, key: u64) -> (usize, u64, Reverse<u64>) {
        (self.packing.tier(key), self.packing.score(key), Reverse(self.bonus(self.packing.id(key))))
    }

    /// Returns the pair of a key in the list of a candidate.
    pub(crate) fn pair(&self, key: u64) -> Pair {
        let field = self.packing.score(key);
        let below = if self.below.is_empty() { field.cast_signed() } else { self.below[field as usize] };
        let rank = self.packing.tier(key) as u64;
        let tier = self.ranks.iter().position(|&other| other == Some(rank)).expect("a packed tier is in use");
        Pair {
            line: self.lines[self.packing.id(key) as usize],
            score: self.score_max - below,
            tier: Tier(tier as u8),
            quotas: QuotaSetIx(self.packing.set(key) as u32),
        }
    }
}

/// Returns how many bits hold numbers up to `greatest`; at least one.
pub(crate) fn bits(greatest: u64) -> u32 {
    (u64::BITS - greatest.leading_zeros()).max(1)
}

/// Returns more than the draws of all who can be seated can add up to: place r of n counts n − r.
pub(crate) fn scale<E>(market: &Market<E>) -> i128 {
    let mut seated = i128::from(market.survey.candidates.min(market.survey.seats));
    if market.room.gap == 0 {
        // Weights may be made for several legs of one person; it sits once at a time.
        seated = seated.min(market.candidates.len() as i128);
    }
    // Those who come later are drawn between the others, or before them all.
    let all = market.candidates.len() as i128 + i128::from(market.room.gap > 0);
    let draws = if market.room.gap > 0 { seated * all } else { seated * all - seated * (seated - 1) / 2 };
    ((draws << market.room.gap) + 1).max(SCALE_MIN)
}

/// Returns the positions of `references` by SHA-256(seed ‖ reference).
pub(crate) fn drawn<'a>(seed: &[u8], references: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let digest = |reference: &str| Sha256::new().chain_update(seed).chain_update(reference).finalize();
    let mut rests = Vec::new();
    let mut draws: Vec<(u64, u32)> = Vec::with_capacity(references.size_hint().0);
    for (at, reference) in (0..).zip(references) {
        let digest: [u8; 32] = digest(reference).into();
        let (first, rest) = digest.split_at(8);
        draws.push((u64::from_be_bytes(first.try_into().expect("eight bytes")), at));
        rests.push(<[u8; 24]>::try_from(rest).expect("24 bytes"));
    }
    // Short numbers are sorted faster, and hardly ever are two of them equal.
    draws.sort_unstable();
    for alike in draws.chunk_by_mut(|one, other| one.0 == other.0) {
        alike.sort_unstable_by_key(|&(_, at)| (rests[at as usize], at));
    }
    draws.into_iter().map(|(_, at)| at as usize).collect()
}
