//! Room for changes: what weights, keys and draws were made for, and how they are made anew when it is used up.

use sha2::{Digest, Sha256};

use super::{Session, SessionPairs};
use crate::builder::{self, BuildError};
use crate::market::{CandidateIx, Eligibility, Market, Pair, Room, Survey};

/// Between two draws there is room for 2 to this power, less one, later ones.
const GAP: u32 = 10;
/// Scores up to this power of 2 get room up to the next.
const ROUNDED: i64 = 1 << 40;

/// What a change needs room for.
#[derive(Clone, Copy, Default)]
pub(super) struct Needs<'a> {
    pub(super) pairs: &'a [Pair],
    /// Candidates or lines.
    pub(super) ends: usize,
    /// Candidates who have pairs now and perhaps had none.
    pub(super) able: u64,
    pub(super) seats: u64,
}

impl Needs<'_> {
    /// Returns how many candidates may have a pair of a tier now and had none.
    fn claimants(&self, tier: usize) -> u64 {
        let claims = self.pairs.iter().filter(|pair| usize::from(pair.tier.0) == tier);
        (claims.count() as u64).min(self.able)
    }
}

/// Gives a market room for twice what it has, and for what is needed.
pub(super) fn make_room<E: Eligibility>(market: &mut Market<E>, needs: &Needs) -> Result<(), BuildError> {
    let twice = |number: u64| if number == 0 { 0 } else { 2 * number + 16 };
    let survey = &market.survey;
    let scores: Vec<i64> = needs.pairs.iter().map(|pair| pair.score).collect();
    let score_max = scores.iter().copied().fold(survey.score_max.max(1), i64::max);
    let rounded = score_max.cast_unsigned().next_power_of_two().cast_signed();
    let claimants = (0..256).map(|tier| twice(survey.claimants[tier] + needs.claimants(tier))).collect();
    let room = Room {
        ends: 2 * (market.candidates.len().max(market.lines.len()) + needs.ends) + 16,
        candidates: twice(survey.candidates + needs.able),
        seats: twice(survey.seats + needs.seats),
        score_max: if score_max < ROUNDED { rounded } else { score_max },
        claimants,
        gap: GAP,
        scores,
    };
    builder::make_room(market, room)
}

/// Returns the numbers that the weights of a session's market were made for.
pub(super) fn raised(survey: &Survey, room: &Room, pairs: usize) -> Survey {
    let claimants = survey.claimants.iter().zip(&room.claimants).map(|(&count, &room)| room.max(count)).collect();
    Survey {
        pairs,
        score_max: room.score_max.max(survey.score_max),
        seats: room.seats.max(survey.seats),
        candidates: room.candidates.max(survey.candidates),
        claimants,
    }
}

impl Session {
    /// True if a change is provided for.
    pub(super) fn has_room(&self, needs: &Needs) -> bool {
        let (room, survey, book) = (&self.room, &self.survey, &self.engine.book);
        let claims = |pair: &Pair| {
            let tier = usize::from(pair.tier.0);
            survey.claimants[tier] + needs.claimants(tier) <= room.claimants[tier] && book.key(0, pair).is_some()
        };
        self.candidates.len().max(self.lines.len()) + needs.ends <= room.ends
            && survey.candidates + needs.able <= room.candidates
            && survey.seats + needs.seats <= room.seats
            && needs.pairs.iter().all(claims)
    }

    /// Counts what comes. Claims that go are not taken off: too great a number proves the same.
    pub(super) fn count(&mut self, needs: &Needs) {
        self.survey.candidates += needs.able;
        for tier in 0..256 {
            self.survey.claimants[tier] += needs.claimants(tier);
        }
        self.survey.score_max = needs.pairs.iter().map(|pair| pair.score).fold(self.survey.score_max, i64::max);
    }

    /// Makes all anew, with room for what is needed.
    pub(super) fn grow(&mut self, needs: &Needs) -> Result<(), BuildError> {
        let mut market: Market<SessionPairs> = self.market();
        market.survey = Survey::of(&market)?;
        let survey = market.survey.clone();
        market.room = Room::default();
        make_room(&mut market, needs)?;
        let mut session = Self::of(market, survey, &self.policy);
        for candidate in (0..self.candidates.len()).map(CandidateIx::new) {
            let before = self.seat_of(candidate);
            if before != session.seat_of(candidate) {
                session.pending.insert(candidate, before);
            }
        }
        *self = session;
        Ok(())
    }

    /// Returns draw and bonus of a new reference; none if there is no room between its neighbours.
    pub(super) fn bonus(&self, reference: &str) -> Result<Option<([u8; 32], u64)>, BuildError> {
        let digest = |text: &str| -> [u8; 32] {
            Sha256::new().chain_update(&self.policy.seed).chain_update(text).finalize().into()
        };
        let own = digest(reference);
        let book = &self.engine.book;
        let first = &book.candidates[..book.drawn()];
        let place = first.partition_point(|other| digest(&self.candidates[other.at()].reference) < own);
        let taken = first.get(place).is_some_and(|other| self.candidates[other.at()].reference == reference);
        if taken || self.late.contains_key(&own) {
            return Err(BuildError::DuplicateCandidate { reference: reference.to_owned() });
        }
        let (mut more, mut less) = book.between(place as u32);
        more = self.late.range(..own).next_back().map_or(more, |(_, &bonus)| bonus.min(more));
        less = self.late.range(own..).next().map_or(less, |(_, &bonus)| bonus.max(less));
        Ok((more - less > 1).then(|| (own, less + (more - less) / 2)))
    }
}
