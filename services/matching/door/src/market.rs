//! A market that has been read and checked: names have become positions, decimals whole numbers.

use std::collections::{BTreeMap, HashMap};

/// One who seeks seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Unique.
    pub id: String,
    /// Seats taken as one.
    pub size: u64,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Unique.
    pub id: String,
    /// Seats to fill.
    pub seats: u64,
}

/// A permitted pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Position of the candidate.
    pub candidate: usize,
    /// Position of the line.
    pub line: usize,
    /// Units of 10⁻⁹ points.
    pub score: i128,
    /// Seats taken.
    pub seats: u64,
    /// Must not be chosen.
    pub forbidden: bool,
    /// Must be chosen.
    pub pinned: bool,
    /// Quotas by position, ascending, with what the pair weighs in each; no weight is 0.
    pub uses: Vec<(usize, u64)>,
}

/// A ceiling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Unique.
    pub id: String,
    /// Chosen pairs may not weigh more together.
    pub limit: u64,
}

/// A checked market. Made by [`crate::read::market`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Market {
    /// In the order of the file.
    pub candidates: Vec<Candidate>,
    /// In the order of the file.
    pub lines: Vec<Line>,
    /// In the order of the file.
    pub pairs: Vec<Pair>,
    /// In the order of the file.
    pub quotas: Vec<Quota>,
    /// Groups of candidates.
    pub together: Vec<Vec<usize>>,
    /// Groups of candidates.
    pub apart: Vec<Vec<usize>>,
    /// Ranked pairs of the candidates that gave a list, best first.
    pub preferences: BTreeMap<usize, Vec<Vec<usize>>>,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    pub(crate) index: HashMap<(usize, usize), usize>,
}

impl Market {
    /// Returns the position of the pair of `candidate` and `line`, if it is listed.
    pub fn pair(&self, candidate: usize, line: usize) -> Option<usize> {
        self.index.get(&(candidate, line)).copied()
    }

    /// Returns the greatest number that divides every score: each plan's value is a multiple of it. At least 1.
    pub fn granule(&self) -> i128 {
        let gcd = |mut a: i128, mut b: i128| {
            while b != 0 {
                (a, b) = (b, a % b);
            }
            a
        };
        self.pairs.iter().fold(0, |granule, pair| gcd(granule, pair.score.abs())).max(1)
    }
}

/// Returns for each candidate the first member of its family: those tied by `together`, directly or through others.
pub(crate) fn families(candidates: usize, together: &[Vec<usize>]) -> Vec<usize> {
    fn head(heads: &mut [usize], mut at: usize) -> usize {
        while heads[at] != at {
            heads[at] = heads[heads[at]];
            at = heads[at];
        }
        at
    }
    let mut heads: Vec<usize> = (0..candidates).collect();
    for group in together {
        for two in group.windows(2) {
            let (one, other) = (head(&mut heads, two[0]), head(&mut heads, two[1]));
            heads[one.max(other)] = one.min(other);
        }
    }
    (0..candidates).map(|at| head(&mut heads, at)).collect()
}
