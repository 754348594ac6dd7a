//! Puts a market together and refuses what does not fit.

use std::collections::{BTreeMap, HashSet};

use crate::market::{
    Candidate, CandidateIx, Eligibility, Line, LineIx, Market, Pair, PairTable, Quota, QuotaIx, QuotaSetIx,
};

/// Weights stay below this, so that a price, a surplus and a distance can be added in 64 bits.
const WEIGHT_MAX: i128 = (i64::MAX / 4) as i128;

/// What is wrong with a market, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Two candidates carry one reference.
    #[error("candidate reference {reference:?} is used twice")]
    DuplicateCandidate {
        /// The reference.
        reference: String,
    },
    /// Two lines carry one reference.
    #[error("line reference {reference:?} is used twice")]
    DuplicateLine {
        /// The reference.
        reference: String,
    },
    /// A candidate takes other than one seat.
    #[error("candidate {reference:?} has size {size}; only 1 is supported")]
    UnsupportedSize {
        /// The candidate.
        reference: String,
        /// Its size in seats.
        size: u32,
    },
    /// A pair names a candidate that was never added.
    #[error("a pair names candidate {} of {candidates}", candidate.0)]
    UnknownCandidate {
        /// The index named.
        candidate: CandidateIx,
        /// How many there are.
        candidates: usize,
    },
    /// A pair names a line that was never added.
    #[error("a pair of candidate {candidate:?} names line {} of {lines}", line.0)]
    UnknownLine {
        /// The candidate's reference.
        candidate: String,
        /// The index named.
        line: LineIx,
        /// How many there are.
        lines: usize,
    },
    /// A registered set names a quota that was never added.
    #[error("quota set {} names quota {} of {quotas}", set.0, quota.0)]
    UnknownQuota {
        /// The set.
        set: QuotaSetIx,
        /// The index named.
        quota: QuotaIx,
        /// How many there are.
        quotas: usize,
    },
    /// A pair names a set that was never registered.
    #[error("the pair of candidate {candidate:?} on line {line:?} names the unregistered quota set {}", set.0)]
    UnknownQuotaSet {
        /// The candidate's reference.
        candidate: String,
        /// The line's reference.
        line: String,
        /// The set named.
        set: QuotaSetIx,
    },
    /// A score is below 1.
    #[error("the pair of candidate {candidate:?} on line {line:?} has score {score}; at least 1 is needed")]
    ScoreNotPositive {
        /// The candidate's reference.
        candidate: String,
        /// The line's reference.
        line: String,
        /// The score given.
        score: i64,
    },
    /// A candidate has two pairs on one line.
    #[error("candidate {candidate:?} has two pairs on line {line:?}")]
    DuplicatePair {
        /// The candidate's reference.
        candidate: String,
        /// The line's reference.
        line: String,
    },
    /// Tiers, seats and scores together pass 61 bits.
    #[error("{tiers} tiers over scores up to {score_max} need a weight of {weight}, more than {WEIGHT_MAX}")]
    WeightsTooLarge {
        /// Tiers in use.
        tiers: usize,
        /// The greatest score.
        score_max: i64,
        /// The greatest weight that would be needed.
        weight: i128,
    },
}

/// Collects the parts of a market in any order.
#[derive(Clone, Debug, Default)]
pub struct MarketBuilder {
    candidates: Vec<Candidate>,
    lines: Vec<Line>,
    quotas: Vec<Quota>,
    /// Registered sets but the empty one, by number less one.
    sets: Vec<Vec<QuotaIx>>,
    numbers: BTreeMap<Vec<QuotaIx>, QuotaSetIx>,
    pairs: Vec<(CandidateIx, Pair)>,
}

impl MarketBuilder {
    /// Adds a candidate with the ministry's reference and the seats it takes (1 for now).
    pub fn candidate(&mut self, reference: impl Into<String>, size: u32) -> CandidateIx {
        self.candidates.push(Candidate { reference: reference.into(), size });
        CandidateIx::new(self.candidates.len() - 1)
    }

    /// Adds a line with its public reference and its seats.
    pub fn line(&mut self, reference: impl Into<String>, seats: u32) -> LineIx {
        self.lines.push(Line { reference: reference.into(), seats });
        LineIx::new(self.lines.len() - 1)
    }

    /// Adds a quota of at most `limit` pairs.
    pub fn quota(&mut self, limit: u32) -> QuotaIx {
        self.quotas.push(Quota { limit });
        QuotaIx::new(self.quotas.len() - 1)
    }

    /// Registers a set of quotas for use in pairs; equal sets share one number.
    pub fn quota_set(&mut self, quotas: &[QuotaIx]) -> QuotaSetIx {
        let mut members = quotas.to_vec();
        members.sort_unstable();
        members.dedup();
        if members.is_empty() {
            return QuotaSetIx::NONE;
        }
        *self.numbers.entry(members).or_insert_with_key(|members| {
            self.sets.push(members.clone());
            QuotaSetIx::new(self.sets.len())
        })
    }

    /// Adds one pair.
    pub fn pair(&mut self, candidate: CandidateIx, pair: Pair) {
        self.pairs.push((candidate, pair));
    }

    /// Returns the market of the collected pairs.
    ///
    /// # Errors
    /// The first [`BuildError`] met.
    pub fn build(mut self) -> Result<Market, BuildError> {
        let mut collected = std::mem::take(&mut self.pairs);
        collected.sort_unstable_by_key(|(candidate, pair)| (*candidate, pair.line));
        if let Some((candidate, _)) = collected.last().filter(|(candidate, _)| candidate.at() >= self.candidates.len())
        {
            return Err(BuildError::UnknownCandidate { candidate: *candidate, candidates: self.candidates.len() });
        }
        let mut first = vec![0; self.candidates.len() + 1];
        for (candidate, _) in &collected {
            first[candidate.at() + 1] += 1;
        }
        for at in 1..first.len() {
            first[at] += first[at - 1];
        }
        let pairs = collected.into_iter().map(|(_, pair)| pair).collect();
        self.build_with(PairTable { first, pairs })
    }

    /// Returns the market whose pairs `eligibility` tells; pairs collected by [`Self::pair`] are ignored.
    ///
    /// # Errors
    /// The first [`BuildError`] met. Every pair is asked for once.
    pub fn build_with<E: Eligibility>(self, eligibility: E) -> Result<Market<E>, BuildError> {
        self.check_names()?;
        let mut sets = vec![Vec::new()];
        sets.extend(self.sets);
        let (candidates, lines, quotas) = (self.candidates, self.lines, self.quotas);
        let mut market = Market { candidates, lines, quotas, sets, eligibility, boosts: Vec::new() };
        let survey = Survey::of(&market)?;
        market.boosts = survey.boosts()?;
        Ok(market)
    }

    fn check_names(&self) -> Result<(), BuildError> {
        let mut seen = HashSet::new();
        for Candidate { reference, size } in &self.candidates {
            if !seen.insert(reference) {
                return Err(BuildError::DuplicateCandidate { reference: reference.clone() });
            }
            if *size != 1 {
                return Err(BuildError::UnsupportedSize { reference: reference.clone(), size: *size });
            }
        }
        seen.clear();
        if let Some(line) = self.lines.iter().find(|line| !seen.insert(&line.reference)) {
            return Err(BuildError::DuplicateLine { reference: line.reference.clone() });
        }
        for (at, set) in self.sets.iter().enumerate() {
            if let Some(&quota) = set.iter().find(|quota| quota.at() >= self.quotas.len()) {
                return Err(BuildError::UnknownQuota {
                    set: QuotaSetIx::new(at + 1),
                    quota,
                    quotas: self.quotas.len(),
                });
            }
        }
        Ok(())
    }
}

/// What one reading of all pairs tells.
struct Survey {
    score_max: i64,
    seats: u64,
    /// Candidates with a pair.
    candidates: u64,
    /// Candidates with a pair of each tier.
    claimants: Vec<u64>,
}

impl Survey {
    fn of<E: Eligibility>(market: &Market<E>) -> Result<Self, BuildError> {
        let seats = market.lines.iter().map(|line| u64::from(line.seats)).sum();
        let mut survey = Self { score_max: 0, seats, candidates: 0, claimants: vec![0; 256] };
        let mut pairs = Vec::new();
        let mut last_on_line = vec![usize::MAX; market.lines.len()];
        let mut last_in_tier = vec![usize::MAX; 256];
        for at in 0..market.candidates.len() {
            market.pairs_of(CandidateIx::new(at), &mut pairs);
            survey.candidates += u64::from(!pairs.is_empty());
            for pair in &pairs {
                check_pair(market, at, pair, &mut last_on_line)?;
                survey.score_max = survey.score_max.max(pair.score);
                let tier = usize::from(pair.tier.0);
                survey.claimants[tier] += u64::from(last_in_tier[tier] != at);
                last_in_tier[tier] = at;
            }
        }
        Ok(survey)
    }

    /// Returns the weight added per tier, as [`Market::weight`] proves it.
    fn boosts(&self) -> Result<Vec<i64>, BuildError> {
        let score_max = i128::from(self.score_max);
        let mut below = i128::from(self.candidates.min(self.seats)) * score_max;
        let mut boosts = vec![0; 256];
        let (mut tiers, mut strongest) = (0, 0);
        for tier in (0..255).rev().filter(|&tier| self.claimants[tier] > 0) {
            tiers += 1;
            strongest = below.saturating_add(score_max);
            boosts[tier] = i64::try_from(strongest).unwrap_or(i64::MAX);
            let most = i128::from(self.claimants[tier].min(self.seats));
            below = below.saturating_add(most.saturating_mul(strongest));
        }
        let weight = strongest.saturating_add(score_max);
        if weight > WEIGHT_MAX {
            return Err(BuildError::WeightsTooLarge { tiers, score_max: self.score_max, weight });
        }
        Ok(boosts)
    }
}

fn check_pair<E>(market: &Market<E>, at: usize, pair: &Pair, last_on_line: &mut [usize]) -> Result<(), BuildError> {
    let candidate = || market.candidates[at].reference.clone();
    let Some(line) = market.lines.get(pair.line.at()) else {
        return Err(BuildError::UnknownLine { candidate: candidate(), line: pair.line, lines: market.lines.len() });
    };
    let line = || line.reference.clone();
    if pair.quotas.at() >= market.sets.len() {
        return Err(BuildError::UnknownQuotaSet { candidate: candidate(), line: line(), set: pair.quotas });
    }
    if pair.score < 1 {
        return Err(BuildError::ScoreNotPositive { candidate: candidate(), line: line(), score: pair.score });
    }
    if std::mem::replace(&mut last_on_line[pair.line.at()], at) == at {
        return Err(BuildError::DuplicatePair { candidate: candidate(), line: line() });
    }
    Ok(())
}
