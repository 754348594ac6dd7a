//! Why a market is refused.

use crate::market::{CandidateIx, LineIx, QuotaIx, QuotaSetIx};

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
    /// A candidate takes no seat, or too many.
    #[error("candidate {reference:?} has size {size}; 1 to 1000 are supported")]
    UnsupportedSize {
        /// The candidate.
        reference: String,
        /// Its size in seats.
        size: u32,
    },
    /// A candidate is in two groups, or twice in one.
    #[error("candidate {reference:?} goes together twice")]
    TogetherTwice {
        /// The candidate.
        reference: String,
    },
    /// A line is on two sites.
    #[error("line {reference:?} is on two sites")]
    SiteTwice {
        /// The line.
        reference: String,
    },
    /// A site or a least crew names a line that was never added.
    #[error("a site or a least crew names line {} of {lines}", line.0)]
    UnknownSiteLine {
        /// The index named.
        line: LineIx,
        /// How many there are.
        lines: usize,
    },
    /// A season tells the days of another number of lines or candidates.
    #[error("the season is one of {lines} lines and {candidates} candidates")]
    SeasonLength {
        /// Lines whose days are told.
        lines: usize,
        /// Candidates whose days are told.
        candidates: usize,
    },
    /// Sessions, look-ahead and chains keep seats and quotas only; `solve` keeps the rest, from scratch.
    #[error(
        "sessions, look-ahead and chains seat people alone; the market has {groups} groups, {sized} candidates of several \
         seats and {crews} least crews: solve it from scratch after each change"
    )]
    NotInSession {
        /// Groups.
        groups: usize,
        /// Candidates of several seats.
        sized: usize,
        /// Lines with a least crew.
        crews: usize,
    },
    /// A pair or a group names a candidate that was never added.
    #[error("a pair or a group names candidate {} of {candidates}", candidate.0)]
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
    /// Tiers, seats and scores together pass 124 bits.
    #[error("{tiers} tiers over scores up to {score_max} need weights whose sum passes 124 bits")]
    WeightsTooLarge {
        /// Tiers in use.
        tiers: usize,
        /// The greatest score.
        score_max: i64,
    },
    /// A pair with all that tells it from others passes 64 bits, or there are 2^32 pairs.
    #[error("{pairs} pairs of {ends} candidates or lines with {sets} quota sets are more than can be told apart")]
    TooMany {
        /// Pairs.
        pairs: usize,
        /// The greater number of candidates and lines.
        ends: usize,
        /// Quota sets.
        sets: usize,
    },
}

impl BuildError {
    /// Returns the code of the refusal. It stays what it is, whatever becomes of the sentence: translations hang on it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DuplicateCandidate { .. } => "DUPLICATE_CANDIDATE",
            Self::DuplicateLine { .. } => "DUPLICATE_LINE",
            Self::UnsupportedSize { .. } => "UNSUPPORTED_SIZE",
            Self::TogetherTwice { .. } => "TOGETHER_TWICE",
            Self::SiteTwice { .. } => "SITE_TWICE",
            Self::UnknownSiteLine { .. } => "UNKNOWN_SITE_LINE",
            Self::SeasonLength { .. } => "SEASON_LENGTH",
            Self::NotInSession { .. } => "NOT_IN_SESSION",
            Self::UnknownCandidate { .. } => "UNKNOWN_CANDIDATE",
            Self::UnknownLine { .. } => "UNKNOWN_LINE",
            Self::UnknownQuota { .. } => "UNKNOWN_QUOTA",
            Self::UnknownQuotaSet { .. } => "UNKNOWN_QUOTA_SET",
            Self::ScoreNotPositive { .. } => "SCORE_NOT_POSITIVE",
            Self::DuplicatePair { .. } => "DUPLICATE_PAIR",
            Self::WeightsTooLarge { .. } => "WEIGHTS_TOO_LARGE",
            Self::TooMany { .. } => "TOO_MANY",
        }
    }
}
