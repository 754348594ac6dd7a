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
mod hidden;
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
    charge: Vec<N>,
    /// How far the charges of each set are spread over candidates.
    spread: Vec<u64>,
    /// Tells sets from each other by their quotas.
    marks: Vec<u64>,
}

impl<N: Amount> Scales<N> {
    /// Returns by how much the charge of a set is greater for a candidate than for most; it may be less.
    #[inline]
    fn deviation(&self, candidate: u32, set: usize, spread: u64) -> N {
        let mixed = mix(u64::from(candidate) ^ self.marks[set]);
        N::small(((mixed >> (64 - MIXED)) * spread) >> MIXED) - N::small(spread / 2)
    }
}

/// Returns a number that looks drawn.
#[inline]
fn mix(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// So many bits of what looks drawn are used.
const MIXED: u32 = 16;

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
    /// Who moved, and what each held before: noted for sessions and decisions.
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
            spread: vec![0; book.sets.len()],
            marks: book
                .sets
                .iter()
                .map(|set| set.iter().fold(0, |mark, quota| mix(mark ^ (quota.at() as u64 + 1))))
                .collect(),
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

    /// Brings that state back.
    pub(crate) fn clear(&mut self) {
        self.ask = self.book.places().map(|candidate| self.floor(candidate)).collect();
        self.price.fill(N::ZERO);
        self.held.fill(NONE);
        self.count.fill(0);
        self.head.fill(NOBODY);
        self.links.fill([NOBODY; 2]);
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

    /// Returns what the quotas of a pair cost its candidate.
    #[inline]
    pub(crate) fn charge(&self, candidate: u32, key: u64) -> N {
        let set = self.book.packing.set(key);
        let (charge, spread) = (self.scales.charge[set], self.scales.spread[set]);
        if spread == 0 { charge } else { charge + self.scales.deviation(candidate, set, spread) }
    }

    /// Returns what the line of a pair would pay its candidate.
    #[inline]
    pub(crate) fn pay(&self, candidate: u32, key: u64) -> N {
        self.gross(key) - self.charge(candidate, key) - self.price[self.book.packing.id(key) as usize]
    }

    /// Sets what the quotas cost.
    pub(crate) fn charge_quotas(&mut self, prices: &[N]) {
        self.spread_charges(prices, 0);
    }

    /// Sets what the quotas cost, a little more or less from candidate to candidate: by half of `spread` at most.
    pub(crate) fn spread_charges(&mut self, prices: &[N], spread: u64) {
        let scales = &mut self.scales;
        for (charge, set) in scales.charge.iter_mut().zip(&self.book.sets) {
            *charge = set.iter().fold(N::ZERO, |sum, quota| sum + prices[quota.at()]);
        }
        // No charge becomes negative.
        for (own, charge) in scales.spread.iter_mut().zip(&scales.charge) {
            *own = charge.wide().min(i128::from(spread)) as u64;
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
            best = best.max(gross - self.charge(candidate, key) - self.price[self.book.packing.id(key) as usize]);
        }
        best
    }

    /// Returns the same where charges are not spread.
    fn plain_best(&self, candidate: u32) -> N {
        let mut best = self.floor(candidate);
        for &key in self.book.pairs(candidate) {
            let gross = self.gross(key);
            if gross <= best {
                break;
            }
            let charge = self.scales.charge[self.book.packing.set(key)];
            best = best.max(gross - charge - self.price[self.book.packing.id(key) as usize]);
        }
        best
    }

    /// True if charges are spread.
    fn is_spread(&self) -> bool {
        self.scales.spread.iter().any(|&spread| spread > 0)
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
