//! What is left of a market when some people have their seats or are not looked at.

use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair};
use crate::rules::Rules;
use crate::watch::{Progress, Watch};

/// The pairs of those who are still to be seated.
pub(crate) struct Rest<'a, E> {
    market: &'a Market<E>,
    out: &'a [bool],
}

impl<E: Eligibility> Eligibility for Rest<'_, E> {
    fn pairs_of(&self, candidate: CandidateIx, out: &mut Vec<Pair>) {
        if !self.out[candidate.at()] {
            self.market.eligibility.pairs_of(candidate, out);
        }
    }

    fn pair(&self, candidate: CandidateIx, line: LineIx) -> Option<Pair> {
        if self.out[candidate.at()] { None } else { self.market.pair(candidate, line) }
    }
}

/// Returns the market without those who are `out`, with so many seats and limits. Weights and draws stay as they are.
pub(crate) fn market<'a, E: Eligibility>(
    market: &'a Market<E>,
    out: &'a [bool],
    (seats, limits): (&[u32], &[u32]),
) -> Market<Rest<'a, E>> {
    let (mut survey, mut pairs) = (market.survey.clone(), Vec::new());
    for at in (0..out.len()).filter(|&at| out[at]) {
        market.pairs_of(CandidateIx::new(at), &mut pairs);
        survey.pairs -= pairs.len();
    }
    let (mut lines, mut quotas) = (market.lines.clone(), market.quotas.clone());
    lines.iter_mut().zip(seats).for_each(|(line, &seats)| line.seats = seats);
    quotas.iter_mut().zip(limits).for_each(|(quota, &limit)| quota.limit = limit);
    Market {
        candidates: market.candidates.clone(),
        lines,
        quotas,
        sets: market.sets.clone(),
        eligibility: Rest { market, out },
        boosts: market.boosts.clone(),
        survey,
        room: market.room.clone(),
        rules: Rules::default(),
    }
}

/// Tells of the search on a part of a market how far it is, and no value or bound: they are not the market's.
pub(crate) struct Part<'a>(pub(crate) &'a mut dyn Watch);

impl Watch for Part<'_> {
    fn note(&mut self, progress: Progress) {
        self.0.note(Progress { value: None, bound: None, ..progress });
    }

    fn stopped(&mut self) -> bool {
        self.0.stopped()
    }
}
