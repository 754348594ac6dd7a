//! The market in the order of the lottery: nothing behind this point knows the order in which it was given.
//!
//! A pair is one 64-bit **key** in the list of its candidate, and one in the list of its line:
//! `tier | score | other end | quota set`, the first two counted down from the best. So keys in rising order are pairs in
//! falling weight, and those of one weight are in the order of the draw.

use sha2::{Digest, Sha256};

use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair, QuotaIx};

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
    first: Vec<u32>,
    pairs: Vec<u64>,
    line_first: Vec<u32>,
    line_pairs: Vec<u64>,
}

impl Book {
    /// Returns `market` as drawn with `seed`.
    pub(crate) fn new<E: Eligibility>(market: &Market<E>, seed: &[u8]) -> Self {
        let candidates = drawn(seed, market.candidates.iter().map(|candidate| candidate.reference.as_str()));
        let lines = drawn(seed, market.lines.iter().map(|line| line.reference.as_str()));
        let tiers: Vec<usize> = (0..256).filter(|&tier| market.survey.claimants[tier] > 0).collect();
        let score_max = market.survey.score_max;
        let tops = tiers.iter().map(|&tier| market.boosts[tier] + i128::from(score_max)).collect();
        let mut book = Self {
            seats: lines.iter().map(|&line| market.lines[line].seats).collect(),
            candidates: candidates.into_iter().map(CandidateIx::new).collect(),
            lines: lines.into_iter().map(LineIx::new).collect(),
            packing: Packing {
                set_bits: bits(market.sets.len() as u64 - 1),
                id_bits: bits(market.candidates.len().max(market.lines.len()) as u64),
                score_bits: bits(score_max.max(1).cast_unsigned() - 1),
            },
            sets: market.sets.clone(),
            limits: market.quotas.iter().map(|quota| quota.limit).collect(),
            scale: scale(market),
            tops,
            below: Vec::new(),
            first: Vec::new(),
            pairs: Vec::new(),
            line_first: Vec::new(),
            line_pairs: Vec::new(),
        };
        book.rank_scores(market, tiers.len());
        book.read_pairs(market, &tiers);
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
        self.below.sort_unstable();
        self.below.dedup();
        self.packing.score_bits = bits(self.below.len() as u64);
        assert!(self.packing.score_bits + others <= 64, "the builder admits only what can be packed");
    }

    fn read_pairs<E: Eligibility>(&mut self, market: &Market<E>, tiers: &[usize]) {
        let mut place = vec![0; self.lines.len()];
        for (at, line) in (0_u32..).zip(&self.lines) {
            place[line.at()] = at;
        }
        let mut rank_of_tier = [0; 256];
        tiers.iter().enumerate().for_each(|(rank, &tier)| rank_of_tier[tier] = rank as u64);
        let Packing { set_bits, id_bits, score_bits } = self.packing;
        let key = |below: &[i64], pair: &Pair| {
            let down = market.survey.score_max - pair.score;
            let score = if below.is_empty() {
                down.cast_unsigned()
            } else {
                below.binary_search(&down).expect("an eligibility answers the same on every call") as u64
            };
            let head = rank_of_tier[usize::from(pair.tier.0)] << score_bits | score;
            (head << id_bits | u64::from(place[pair.line.at()])) << set_bits | u64::from(pair.quotas.0)
        };
        self.first.reserve_exact(self.candidates.len() + 1);
        self.first.push(0);
        self.pairs.reserve_exact(market.survey.pairs);
        let mut pairs = Vec::new();
        for at in 0..self.candidates.len() {
            market.pairs_of(self.candidates[at], &mut pairs);
            let start = self.pairs.len();
            self.pairs.extend(pairs.iter().map(|pair| key(&self.below, pair)));
            self.pairs[start..].sort_unstable();
            self.first.push(self.pairs.len() as u32);
        }
        assert_eq!(self.pairs.len(), market.survey.pairs, "an eligibility answers the same on every call");
    }

    fn list_by_line(&mut self) {
        self.line_first = vec![0; self.lines.len() + 1];
        for &key in &self.pairs {
            self.line_first[self.packing.id(key) as usize + 1] += 1;
        }
        for at in 1..self.line_first.len() {
            self.line_first[at] += self.line_first[at - 1];
        }
        let mut end = self.line_first.clone();
        self.line_pairs = vec![0; self.pairs.len()];
        for (candidate, two) in (0..).zip(self.first.windows(2)) {
            for &key in &self.pairs[two[0] as usize..two[1] as usize] {
                let end = &mut end[self.packing.id(key) as usize];
                self.line_pairs[*end as usize] = self.packing.with_id(key, candidate);
                *end += 1;
            }
        }
        for two in self.line_first.windows(2) {
            self.line_pairs[two[0] as usize..two[1] as usize].sort_unstable();
        }
    }

    /// Returns the pairs of a candidate, greatest weight first; the other end is a line.
    #[inline]
    pub(crate) fn pairs(&self, candidate: u32) -> &[u64] {
        &self.pairs[self.first[candidate as usize] as usize..self.first[candidate as usize + 1] as usize]
    }

    /// Returns the pairs of a line, greatest weight first, then by draw; the other end is a candidate.
    #[inline]
    pub(crate) fn line_pairs(&self, line: u32) -> &[u64] {
        &self.line_pairs[self.line_first[line as usize] as usize..self.line_first[line as usize + 1] as usize]
    }

    pub(crate) fn pair_count(&self) -> usize {
        self.pairs.len()
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

/// Returns how many bits hold numbers up to `greatest`; at least one.
pub(crate) fn bits(greatest: u64) -> u32 {
    (u64::BITS - greatest.leading_zeros()).max(1)
}

/// Returns more than the draws of all who can be seated can add up to: place r of n counts n − r.
pub(crate) fn scale<E>(market: &Market<E>) -> i128 {
    let seated = i128::from(market.survey.candidates.min(market.survey.seats));
    let all = market.candidates.len() as i128;
    (seated * all - seated * (seated - 1) / 2 + 1).max(SCALE_MIN)
}

/// Returns the positions of `references` by SHA-256(seed ‖ reference).
fn drawn<'a>(seed: &[u8], references: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut draws: Vec<([u8; 32], u32)> = (0..)
        .zip(references)
        .map(|(at, reference)| (Sha256::new().chain_update(seed).chain_update(reference).finalize().into(), at))
        .collect();
    draws.sort_unstable();
    draws.into_iter().map(|(_, at)| at as usize).collect()
}
