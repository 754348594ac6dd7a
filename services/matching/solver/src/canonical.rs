//! The market in the order of the lottery: nothing behind this point knows the order in which it was given.

use std::cmp::Reverse;

use sha2::{Digest, Sha256};

use crate::market::{CandidateIx, Eligibility, LineIx, Market, QuotaIx};

/// "No pair": the candidate has no seat.
pub(crate) const NONE: u32 = u32::MAX;

/// Candidates and lines by draw, pairs of a candidate by falling weight. Pairs are known by their position.
pub(crate) struct Canonical {
    /// The market's candidate at each place of the draw; place 0 wins every tie.
    pub(crate) candidates: Vec<CandidateIx>,
    pub(crate) lines: Vec<LineIx>,
    pub(crate) seats: Vec<u32>,
    /// Where each candidate's pairs start; one entry more than there are candidates.
    pub(crate) first: Vec<usize>,
    /// Line of each pair, by draw.
    pub(crate) line: Vec<u32>,
    pub(crate) weight: Vec<i64>,
    /// Quota set of each pair.
    pub(crate) set: Vec<u32>,
    /// Members of each quota set.
    pub(crate) sets: Vec<Vec<QuotaIx>>,
    pub(crate) limits: Vec<u32>,
}

impl Canonical {
    /// Returns `market` as drawn with `seed`.
    pub(crate) fn new<E: Eligibility>(market: &Market<E>, seed: &[u8]) -> Self {
        let candidates = drawn(seed, market.candidates.iter().map(|candidate| candidate.reference.as_str()));
        let lines = drawn(seed, market.lines.iter().map(|line| line.reference.as_str()));
        let mut place = vec![0; lines.len()];
        for (at, &line) in (0..).zip(&lines) {
            place[line] = at;
        }
        let mut canonical = Self {
            candidates: candidates.into_iter().map(CandidateIx::new).collect(),
            seats: lines.iter().map(|&line| market.lines[line].seats).collect(),
            lines: lines.into_iter().map(LineIx::new).collect(),
            first: vec![0],
            line: Vec::new(),
            weight: Vec::new(),
            set: Vec::new(),
            sets: market.sets.clone(),
            limits: market.quotas.iter().map(|quota| quota.limit).collect(),
        };
        canonical.read_pairs(market, &place);
        canonical
    }

    fn read_pairs<E: Eligibility>(&mut self, market: &Market<E>, place: &[u32]) {
        let mut pairs = Vec::new();
        for at in 0..self.candidates.len() {
            market.pairs_of(self.candidates[at], &mut pairs);
            pairs.sort_unstable_by_key(|pair| (Reverse(market.weight(pair)), place[pair.line.at()]));
            self.line.extend(pairs.iter().map(|pair| place[pair.line.at()]));
            self.weight.extend(pairs.iter().map(|pair| market.weight(pair)));
            self.set.extend(pairs.iter().map(|pair| pair.quotas.0));
            self.first.push(self.line.len());
        }
        assert!(self.line.len() < NONE as usize, "a market holds fewer than 2^32 pairs");
    }

    /// Returns the positions of a candidate's pairs.
    pub(crate) fn pairs(&self, candidate: u32) -> std::ops::Range<usize> {
        self.first[candidate as usize]..self.first[candidate as usize + 1]
    }

    /// Returns the quotas that cover a pair.
    pub(crate) fn quotas(&self, pair: u32) -> &[QuotaIx] {
        &self.sets[self.set[pair as usize] as usize]
    }

    /// Returns the candidates by place.
    pub(crate) fn places(&self) -> std::ops::Range<u32> {
        0..CandidateIx::new(self.candidates.len()).0
    }

    /// Returns the value of a choice of one pair or [`NONE`] per candidate.
    pub(crate) fn value(&self, seat: &[u32]) -> i128 {
        seat.iter().filter(|&&pair| pair != NONE).map(|&pair| i128::from(self.weight[pair as usize])).sum()
    }

    /// Returns how many chosen pairs each quota covers.
    pub(crate) fn quota_use(&self, seat: &[u32]) -> Vec<u32> {
        let mut used = vec![0; self.limits.len()];
        for &pair in seat.iter().filter(|&&pair| pair != NONE) {
            for quota in self.quotas(pair) {
                used[quota.at()] += 1;
            }
        }
        used
    }
}

/// Returns the positions of `references` by SHA-256(seed ‖ reference).
fn drawn<'a>(seed: &[u8], references: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut draws: Vec<([u8; 32], usize)> = references
        .enumerate()
        .map(|(at, reference)| (Sha256::new().chain_update(seed).chain_update(reference).finalize().into(), at))
        .collect();
    draws.sort_unstable();
    draws.into_iter().map(|(_, at)| at).collect()
}
