//! Puts a market together and refuses what does not fit.

mod housing;
mod refusal;

use std::collections::{BTreeMap, HashSet};

use crate::book;
use crate::market::{
    Candidate, CandidateIx, Eligibility, Line, LineIx, Market, Pair, PairTable, Quota, QuotaIx, QuotaSetIx, Room,
    SiteIx, Survey,
};
use crate::rules::{Rules, SIZE_MOST, Scope, Together};

pub use refusal::BuildError;

/// The sum of all scaled prices stays below this, so that it can be told in 128 bits.
const SUM_MAX: i128 = i128::MAX / 8;

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
    rules: Rules,
}

impl MarketBuilder {
    /// Adds a candidate with the ministry's reference and the seats it takes, all on one line.
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

    /// Adds a group of whom all get seats, on one line or on lines of one site, or none does. Nobody is in two groups.
    pub fn together(&mut self, members: &[CandidateIx], scope: Scope) {
        self.rules.together.push(Together { members: members.to_vec(), scope });
    }

    /// Adds a site, a farm with its lines. No line is on two sites.
    pub fn site(&mut self, lines: &[LineIx]) -> SiteIx {
        self.rules.sites.push(lines.to_vec());
        SiteIx::new(self.rules.sites.len() - 1)
    }

    /// Lets nobody work on a line, or so many seats of it be taken at least.
    pub fn least_crew(&mut self, line: LineIx, least: u32) {
        self.rules.least.push((line, least));
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
        self.rules.check(&self.candidates, &self.lines)?;
        let (mut sets, rules) = (vec![Vec::new()], self.rules);
        sets.extend(self.sets);
        let (candidates, lines, quotas) = (self.candidates, self.lines, self.quotas);
        let (survey, room) = (Survey::default(), Room::default());
        let mut market =
            Market { candidates, lines, quotas, sets, eligibility, boosts: Vec::new(), survey, room, rules };
        market.survey = Survey::of(&market)?;
        weigh(&mut market)?;
        Ok(market)
    }

    fn check_names(&self) -> Result<(), BuildError> {
        let mut seen = HashSet::with_capacity(self.candidates.len().max(self.lines.len()));
        for Candidate { reference, size } in &self.candidates {
            if !seen.insert(reference) {
                return Err(BuildError::DuplicateCandidate { reference: reference.clone() });
            }
            if !(1..=SIZE_MOST).contains(size) {
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

impl Survey {
    pub(crate) fn of<E: Eligibility>(market: &Market<E>) -> Result<Self, BuildError> {
        let seats = market.lines.iter().map(|line| u64::from(line.seats)).sum();
        let mut survey = Self { seats, claimants: vec![0; 256], ..Self::default() };
        let mut pairs = Vec::new();
        let mut last_on_line = vec![usize::MAX; market.lines.len()];
        let mut last_in_tier = vec![usize::MAX; 256];
        for at in 0..market.candidates.len() {
            market.pairs_of(CandidateIx::new(at), &mut pairs);
            survey.candidates += u64::from(!pairs.is_empty());
            survey.pairs += pairs.len();
            for pair in &pairs {
                let fresh = |line: LineIx| std::mem::replace(&mut last_on_line[line.at()], at) != at;
                check_pair((&market.lines, market.sets.len()), &market.candidates[at], pair, fresh)?;
                survey.score_max = survey.score_max.max(pair.score);
                let tier = usize::from(pair.tier.0);
                survey.claimants[tier] += u64::from(last_in_tier[tier] != at);
                last_in_tier[tier] = at;
            }
        }
        Ok(survey)
    }
}

/// Gives a market room, and the weights that hold for all of it.
pub(crate) fn make_room<E>(market: &mut Market<E>, room: Room) -> Result<(), BuildError> {
    let survey = &mut market.survey;
    survey.score_max = survey.score_max.max(room.score_max);
    survey.seats = survey.seats.max(room.seats);
    survey.candidates = survey.candidates.max(room.candidates);
    for (claimants, &room) in survey.claimants.iter_mut().zip(&room.claimants) {
        *claimants = room.max(*claimants);
    }
    market.room = room;
    weigh(market)
}

fn weigh<E>(market: &mut Market<E>) -> Result<(), BuildError> {
    check_keys(market)?;
    market.boosts = boosts(market)?;
    Ok(())
}

/// Returns the weight added per tier, as [`Market::weight`] proves it.
fn boosts<E>(market: &Market<E>) -> Result<Vec<i128>, BuildError> {
    let survey = &market.survey;
    let score_max = i128::from(survey.score_max);
    let mut below = i128::from(survey.candidates.min(survey.seats).max(1)) * score_max;
    let mut boosts = vec![0_i128; 256];
    let (mut tiers, mut strongest) = (0, 0_i128);
    for tier in (0..255).rev().filter(|&tier| survey.claimants[tier] > 0) {
        tiers += 1;
        strongest = below.saturating_add(score_max);
        boosts[tier] = strongest;
        let most = i128::from(survey.claimants[tier].min(survey.seats).max(1));
        below = below.saturating_add(most.saturating_mul(strongest));
    }
    // Everything that is ever added up: a price for each candidate, seat and place in a quota, none above a weight.
    let limits: i128 = market.quotas.iter().map(|quota| i128::from(quota.limit)).sum();
    let candidates = market.candidates.len().max(market.room.ends);
    let amounts = candidates as i128 + i128::from(survey.seats) + limits + 1;
    let weight = strongest.saturating_add(score_max + 1).saturating_mul(book::scale(market));
    if weight.saturating_mul(amounts) > SUM_MAX {
        return Err(BuildError::WeightsTooLarge { tiers, score_max: survey.score_max });
    }
    Ok(boosts)
}

/// Refuses a market whose pairs do not fit their keys.
fn check_keys<E>(market: &Market<E>) -> Result<(), BuildError> {
    let survey = &market.survey;
    let ends = market.candidates.len().max(market.lines.len()).max(market.room.ends);
    let (pairs, sets) = (survey.pairs, market.sets.len());
    let tiers = survey.claimants.iter().filter(|&&claimants| claimants > 0).count().max(1);
    let scores = survey.score_max.max(1).cast_unsigned().min(pairs as u64 + 1);
    let bits = [ends as u64, sets as u64, tiers as u64, scores].map(book::bits);
    if bits.iter().sum::<u32>() > 64 || pairs >= u32::MAX as usize {
        return Err(BuildError::TooMany { pairs, ends, sets });
    }
    Ok(())
}

/// Refuses a pair that is not sound on these lines and sets, or not the first of its candidate on its line.
pub(crate) fn check_pair(
    (lines, sets): (&[Line], usize),
    candidate: &Candidate,
    pair: &Pair,
    fresh: impl FnOnce(LineIx) -> bool,
) -> Result<(), BuildError> {
    let candidate = || candidate.reference.clone();
    let Some(line) = lines.get(pair.line.at()) else {
        return Err(BuildError::UnknownLine { candidate: candidate(), line: pair.line, lines: lines.len() });
    };
    let line = || line.reference.clone();
    if pair.quotas.at() >= sets {
        return Err(BuildError::UnknownQuotaSet { candidate: candidate(), line: line(), set: pair.quotas });
    }
    if pair.score < 1 {
        return Err(BuildError::ScoreNotPositive { candidate: candidate(), line: line(), score: pair.score });
    }
    if !fresh(pair.line) {
        return Err(BuildError::DuplicatePair { candidate: candidate(), line: line() });
    }
    Ok(())
}
