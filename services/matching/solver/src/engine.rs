//! The state of the search over seats: prices of seats, what candidates ask, who sits where.
//!
//! Everything is in scaled points: a point of weight counts [`Book::scale`]. The draw is part of the objective: to seat
//! the candidate at place r of n is worth n − r more, which all together is less than one point. So a candidate that is
//! left out **asks** −(n − r), its [`Engine::floor`], and one that is seated asks what its line pays it.
//!
//! The state is **exact** when every candidate asks the most that any line would pay, `max(floor, max_j worth − price)`;
//! a seated one sits where it gets that; one left out asks its floor; and a line with a free seat has the price 0.
//! By linear programming duality an exact state is optimal, draws included.

mod admit;
mod auction;
mod change;
mod exact;
mod fill;
mod search;

use crate::amount::Amount;
use crate::book::{Book, NONE};
use search::Search;

/// "Nobody", in a list of candidates.
const NOBODY: u32 = u32::MAX;

/// What keys are worth, in scaled points.
pub(crate) struct Scales<N> {
    tops: Vec<N>,
    scale: N,
    below: Vec<N>,
    /// What the quotas of each set cost together.
    pub(crate) charge: Vec<N>,
}

/// A state of the search.
pub(crate) struct Engine<N> {
    pub(crate) book: Book,
    pub(crate) scales: Scales<N>,
    /// What each candidate asks; never below its floor.
    pub(crate) ask: Vec<N>,
    /// What a seat of each line costs; never negative.
    pub(crate) price: Vec<N>,
    /// The pair of each candidate, or [`NONE`].
    pub(crate) held: Vec<u64>,
    /// How many sit on each line.
    pub(crate) count: Vec<u32>,
    /// Per line, the first of those who sit there.
    head: Vec<u32>,
    /// Per candidate, who sits after and before it on the same line.
    links: Vec<[u32; 2]>,
    search: Search<N>,
    /// Who moved, and what each held before: noted for sessions only.
    pub(crate) journal: Option<Vec<(u32, u64)>>,
}

impl<N: Amount> Engine<N> {
    /// Returns the state in which nobody sits, everybody asks the floor, and nothing costs anything.
    pub(crate) fn new(book: Book) -> Self {
        let (lines, candidates) = (book.lines.len(), book.candidates.len());
        let scaled = |points: i128| N::of(points * book.scale);
        let scales = Scales {
            tops: book.tops.iter().map(|&top| scaled(top)).collect(),
            scale: N::of(book.scale),
            below: book.below.iter().map(|&below| scaled(i128::from(below))).collect(),
            charge: vec![N::ZERO; book.sets.len()],
        };
        Self {
            scales,
            ask: book.places().map(|candidate| -N::small(book.bonus(candidate))).collect(),
            price: vec![N::ZERO; lines],
            held: vec![NONE; candidates],
            count: vec![0; lines],
            head: vec![NOBODY; lines],
            links: vec![[NOBODY; 2]; candidates],
            search: Search::new(lines),
            journal: None,
            book,
        }
    }

    /// Returns what a candidate asks that is left out.
    #[inline]
    pub(crate) fn floor(&self, candidate: u32) -> N {
        -N::small(self.book.bonus(candidate))
    }

    /// Returns the weight of a pair before its quotas are paid.
    #[inline]
    pub(crate) fn gross(&self, key: u64) -> N {
        let scales = &self.scales;
        let field = self.book.packing.score(key);
        let below = if scales.below.is_empty() { N::small(field) * scales.scale } else { scales.below[field as usize] };
        scales.tops[self.book.packing.tier(key)] - below
    }

    /// Returns what the quotas of a pair cost.
    #[inline]
    pub(crate) fn charge(&self, key: u64) -> N {
        self.scales.charge[self.book.packing.set(key)]
    }

    /// Returns what the line of a pair would pay its candidate.
    #[inline]
    pub(crate) fn pay(&self, key: u64) -> N {
        self.gross(key) - self.charge(key) - self.price[self.book.packing.id(key) as usize]
    }

    /// Sets what the quotas cost.
    pub(crate) fn charge_quotas(&mut self, prices: &[N]) {
        for (charge, set) in self.scales.charge.iter_mut().zip(&self.book.sets) {
            *charge = set.iter().fold(N::ZERO, |sum, quota| sum + prices[quota.at()]);
        }
    }

    /// Returns the most that any line would pay a candidate; the floor at least.
    pub(crate) fn best(&self, candidate: u32) -> N {
        let mut best = self.floor(candidate);
        for &key in self.book.pairs(candidate) {
            let gross = self.gross(key);
            if gross <= best {
                break;
            }
            best = best.max(gross - self.charge(key) - self.price[self.book.packing.id(key) as usize]);
        }
        best
    }

    /// Returns the line on which a candidate sits.
    #[inline]
    fn line_of(&self, candidate: u32) -> Option<u32> {
        let key = self.held[candidate as usize];
        (key != NONE).then(|| self.book.packing.id(key))
    }

    /// Returns how many seats of a line are free.
    #[inline]
    pub(crate) fn free(&self, line: u32) -> u32 {
        self.book.seats[line as usize] - self.count[line as usize]
    }

    /// Seats a candidate on the line of `key`.
    pub(crate) fn sit(&mut self, candidate: u32, key: u64) {
        if let Some(journal) = &mut self.journal {
            journal.push((candidate, NONE));
        }
        let line = self.book.packing.id(key) as usize;
        let next = std::mem::replace(&mut self.head[line], candidate);
        self.links[candidate as usize] = [next, NOBODY];
        if next != NOBODY {
            self.links[next as usize][1] = candidate;
        }
        self.held[candidate as usize] = key;
        self.count[line] += 1;
    }

    /// Takes a candidate off its line.
    pub(crate) fn leave(&mut self, candidate: u32) {
        let former = std::mem::replace(&mut self.held[candidate as usize], NONE);
        if let Some(journal) = &mut self.journal {
            journal.push((candidate, former));
        }
        let line = self.book.packing.id(former) as usize;
        let [next, previous] = self.links[candidate as usize];
        if previous == NOBODY {
            self.head[line] = next;
        } else {
            self.links[previous as usize][0] = next;
        }
        if next != NOBODY {
            self.links[next as usize][1] = previous;
        }
        self.count[line] -= 1;
    }
}
