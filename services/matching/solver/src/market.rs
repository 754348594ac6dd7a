//! What is given: candidates, lines, quotas and who may go where.

use serde::{Deserialize, Serialize};

use crate::builder::BuildError;
use crate::rules::{Rules, Together};

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// Returns the position as a slice index.
            pub fn at(self) -> usize {
                self.0 as usize
            }

            /// Returns the index for a position.
            pub(crate) fn new(position: usize) -> Self {
                Self(u32::try_from(position).expect("a market holds fewer than 2^32 of anything"))
            }
        }
    };
}

index!(
    /// The position of a candidate in its market.
    CandidateIx
);
index!(
    /// The position of a line in its market.
    LineIx
);
index!(
    /// The position of a quota in its market.
    QuotaIx
);
index!(
    /// A registered set of quotas; the pairs that carry it count against each of them.
    QuotaSetIx
);

index!(
    /// The position of a site, a farm with its lines, in its market.
    SiteIx
);

impl QuotaSetIx {
    /// The empty set: no quota covers the pair.
    pub const NONE: Self = Self(0);
}

/// The rank of a pair's claim, counted before any score: 0 is the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tier(pub u8);

impl Tier {
    /// An employer's named recall.
    pub const NAMED: Self = Self(0);
    /// The first priority group; weaker ones take 2, 3, … up to 254.
    pub const PRIORITY: Self = Self(1);
    /// No claim beyond the published score.
    pub const SCORE: Self = Self(255);
}

/// One who seeks a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The ministry's own reference, unique in the market; the lottery is drawn on it.
    pub reference: String,
    /// Seats taken on one line, 1 to 1000: a family that is registered as one has several. Its weight counts once.
    pub size: u32,
}

/// One kind of seat on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The public reference, unique among the lines of the market.
    pub reference: String,
    /// Seats to fill.
    pub seats: u32,
}

/// A ceiling on a group of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The number of chosen pairs of the group may not exceed this.
    pub limit: u32,
}

/// One permitted seat of one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Where.
    pub line: LineIx,
    /// Published points, at least 1.
    pub score: i64,
    /// Claim that counts before the score.
    pub tier: Tier,
    /// Quotas it counts against, registered by [`crate::MarketBuilder::quota_set`].
    pub quotas: QuotaSetIx,
}

impl Pair {
    /// Returns a pair with a score alone: no claim, no quota.
    pub fn scored(line: LineIx, score: i64) -> Self {
        Self { line, score, tier: Tier::SCORE, quotas: QuotaSetIx::NONE }
    }
}

/// Tells which seats a candidate may take. May compute the answer on each call instead of storing it. Is asked by several
/// threads at once.
pub trait Eligibility: Sync {
    /// Appends the pairs of `candidate` to `out`: each line at most once, the same answer on every call.
    fn pairs_of(&self, candidate: CandidateIx, out: &mut Vec<Pair>);

    /// Returns the pair of `candidate` on `line`, if there is one: as [`Self::pairs_of`] tells it, and
    /// none if there is no such line. Whoever can do so without
    /// telling all pairs should.
    fn pair(&self, candidate: CandidateIx, line: LineIx) -> Option<Pair> {
        let mut pairs = Vec::new();
        self.pairs_of(candidate, &mut pairs);
        pairs.into_iter().find(|pair| pair.line == line)
    }
}

/// All pairs held in memory, those of one candidate side by side.
#[derive(Clone, Debug, Default)]
pub struct PairTable {
    /// Where each candidate's pairs start; one entry more than there are candidates.
    pub(crate) first: Vec<usize>,
    pub(crate) pairs: Vec<Pair>,
}

impl Eligibility for PairTable {
    fn pairs_of(&self, candidate: CandidateIx, out: &mut Vec<Pair>) {
        let at = candidate.at();
        out.extend_from_slice(&self.pairs[self.first[at]..self.first[at + 1]]);
    }
}

/// A validated market. Made by [`crate::MarketBuilder`].
#[derive(Clone, Debug)]
pub struct Market<E = PairTable> {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) lines: Vec<Line>,
    pub(crate) quotas: Vec<Quota>,
    /// Registered sets; the first is empty.
    pub(crate) sets: Vec<Vec<QuotaIx>>,
    pub(crate) eligibility: E,
    /// Weight added per tier; see [`Market::weight`].
    pub(crate) boosts: Vec<i128>,
    pub(crate) survey: Survey,
    pub(crate) room: Room,
    pub(crate) rules: Rules,
}

/// Up to which numbers a market may change while weights, keys and draws stay as they are. Without a session: nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room {
    /// Candidates or lines, whichever are more.
    pub(crate) ends: usize,
    pub(crate) candidates: u64,
    pub(crate) seats: u64,
    pub(crate) score_max: i64,
    /// Candidates with a pair of each tier; empty if none.
    pub(crate) claimants: Vec<u64>,
    /// Between two draws there is room for 2 to this power, less one, later ones.
    pub(crate) gap: u32,
    /// Scores that are to be ranked beside those of the pairs, where ranks are packed.
    pub(crate) scores: Vec<i64>,
}

/// What one reading of all pairs told, or the room if that is greater.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    pub(crate) pairs: usize,
    pub(crate) score_max: i64,
    pub(crate) seats: u64,
    /// Candidates with a pair.
    pub(crate) candidates: u64,
    /// Candidates with a pair of each tier.
    pub(crate) claimants: Vec<u64>,
}

impl<E: Eligibility> Market<E> {
    /// Returns the candidates in their given order.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Returns the lines in their given order.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the quotas in their given order.
    pub fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// Returns the members of a registered set, ascending.
    pub fn quota_set(&self, set: QuotaSetIx) -> &[QuotaIx] {
        &self.sets[set.at()]
    }

    /// Returns who goes together.
    pub fn together(&self) -> &[Together] {
        &self.rules.together
    }

    /// Returns the lines of each site.
    pub fn sites(&self) -> &[Vec<LineIx>] {
        &self.rules.sites
    }

    /// Returns the lines that have a least crew, with it.
    pub fn least_crews(&self) -> &[(LineIx, u32)] {
        &self.rules.least
    }

    /// True if seats and quotas are all that there is to keep: everybody takes one seat, alone.
    pub fn is_plain(&self) -> bool {
        let Rules { together, least, .. } = &self.rules;
        together.is_empty() && least.is_empty() && self.candidates.iter().all(|candidate| candidate.size == 1)
    }

    /// Refuses a market that is not plain.
    pub(crate) fn check_plain(&self) -> Result<(), BuildError> {
        if self.is_plain() {
            return Ok(());
        }
        let sized = self.candidates.iter().filter(|candidate| candidate.size > 1).count();
        Err(BuildError::NotInSession { groups: self.rules.together.len(), sized, crews: self.rules.least.len() })
    }

    /// Returns how many pairs there are.
    pub fn pair_count(&self) -> usize {
        self.survey.pairs
    }

    /// Replaces `out` by the pairs of `candidate`.
    pub fn pairs_of(&self, candidate: CandidateIx, out: &mut Vec<Pair>) {
        out.clear();
        self.eligibility.pairs_of(candidate, out);
    }

    /// Returns the pair of `candidate` on `line`, if it is permitted.
    pub fn pair(&self, candidate: CandidateIx, line: LineIx) -> Option<Pair> {
        self.eligibility.pair(candidate, line)
    }

    /// Returns what a chosen pair adds to a plan's value: its score plus the boost of its tier.
    ///
    /// The boosts make the sum lexicographic. Let s be the greatest score, n the most pairs any plan can hold and n(t)
    /// the most pairs of tier t (candidates with such a pair, or all seats if fewer; 1 at least). Going from the weakest claim to
    /// the strongest, with R the most that all weaker tiers and all scores can add up to (first n·s), the boost is
    /// R + s, and R then grows by n(t) times the boost. What lies below a tier is always between 0 and R, so one pair
    /// more of the tier outweighs any loss below it by at least s > 0: no exchange, however long, trades a claim for
    /// scores. A market of a [`crate::Session`] counts with room: numbers greater than its own prove the same.
    pub fn weight(&self, pair: &Pair) -> i128 {
        self.boosts[usize::from(pair.tier.0)] + i128::from(pair.score)
    }
}
