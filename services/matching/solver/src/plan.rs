//! What comes out: who sits where, and the prices that prove it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::book::{Book, NONE};
use crate::market::{CandidateIx, Eligibility, LineIx, Market, QuotaIx};
use crate::quotas::Outcome;

/// What the public rules leave open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The seed of the lottery, published before or drawn in public.
    pub seed: Vec<u8>,
    /// The most candidates on a line's reserve list.
    pub reserve: usize,
    /// The most passes over the quotas' prices; without a binding quota one is enough.
    pub passes: u32,
    /// So many threads look through the pairs of a market that has very many of them; the plan is the same on any number.
    pub threads: u32,
}

impl Policy {
    /// Returns the usual policy with `seed`: ten in reserve per line, at most two hundred passes, one thread.
    pub fn seeded(seed: impl Into<Vec<u8>>) -> Self {
        Self { seed: seed.into(), reserve: 10, passes: 200, threads: 1 }
    }
}

/// How the plan was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Auction and shortest augmenting paths: exact, no quota binds.
    ShortestPaths,
    /// Prices on quotas, repaired.
    QuotaPrices,
    /// The same, then a small core by HiGHS, counted anew in whole numbers.
    Core,
}

/// What is proved about the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// No plan is worth more.
    Optimal,
    /// A better plan may exist, by no more than the gap.
    Bounded,
    /// A search over all that a better plan could choose came to its end and found none. It counted in floating point, and
    /// the prices do not show it: whoever reads the plan knows the gap only.
    Searched,
}

/// Prices in fractions of a point of weight, none negative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duals {
    /// What one point counts. The rest of a point tells draws apart, and quotas that are worth half a point.
    pub scale: i128,
    /// What a seat of each line is worth.
    pub lines: Vec<i128>,
    /// What one place more in each quota is worth.
    pub quotas: Vec<i128>,
    /// What it counts to seat each candidate beyond its weight, falling with the draw; empty where that is the number of
    /// candidates less the place in the draw.
    #[serde(default)]
    pub draws: Vec<i128>,
}

impl Duals {
    /// Returns the price of a seat in whole points: what is left of a point decided draws only.
    pub fn line_points(&self, line: LineIx) -> i64 {
        self.points(self.lines[line.at()])
    }

    /// Returns the price of one place in a quota in whole points.
    pub fn quota_points(&self, quota: QuotaIx) -> i64 {
        self.points(self.quotas[quota.at()])
    }

    /// Returns an amount in whole points, rounded down.
    pub(crate) fn points(&self, amount: i128) -> i64 {
        i64::try_from(amount.div_euclid(self.scale)).unwrap_or(i64::MAX)
    }
}

/// A feasible plan with its proof. All lists follow the order of the market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The line of each candidate, if any.
    pub assignments: Vec<Option<LineIx>>,
    /// Sum of [`Market::weight`] over the chosen pairs.
    pub value: i128,
    /// What no plan can exceed, by the duals.
    pub bound: i128,
    /// Bound less value.
    pub gap: i128,
    /// The prices behind the bound.
    pub duals: Duals,
    /// Per line, unseated candidates with a pair there: by weight, then by draw. Quotas are not looked at.
    pub reserve: Vec<Vec<CandidateIx>>,
    /// The most a reserve list may hold.
    pub reserve_limit: usize,
    /// The lottery's seed.
    pub seed: Vec<u8>,
    /// How it was found.
    pub method: Method,
    /// What is proved.
    pub status: Status,
    /// Groups, families and lines with a least crew that were decided one by one; none where there are no such rules.
    #[serde(default)]
    pub decided: usize,
    /// What no plan can exceed if no plan meets more claims than a search of the claims alone found, which came to its end.
    /// The prices do not show it: whoever reads the plan knows [`Self::bound`] only. None where it says nothing new.
    #[serde(default)]
    pub searched_bound: Option<i128>,
}

impl Plan {
    /// Returns the plan as bytes that depend on references only: not on the order of candidates or lines.
    ///
    /// UTF-8 lines: seed in hexadecimal, method and status, value, bound, gap, scale and quota prices; then by reference
    /// each line with its price and its reserve, and each candidate with its line's reference or nothing.
    pub fn canonical_bytes<E: Eligibility>(&self, market: &Market<E>) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.tell_rows(market, |row| {
            bytes.extend_from_slice(row.as_bytes());
            bytes.push(b'\n');
        });
        bytes.pop();
        bytes
    }

    /// Tells the lines of [`Self::canonical_bytes`], one at a time.
    fn tell_rows<E: Eligibility>(&self, market: &Market<E>, mut tell: impl FnMut(&str)) {
        let line_name = |line: LineIx| market.lines()[line.at()].reference.as_str();
        let candidate_name = |candidate: &CandidateIx| market.candidates()[candidate.at()].reference.as_str();
        let seed: String = self.seed.iter().map(|byte| format!("{byte:02x}")).collect();
        tell(&format!("seed {seed}"));
        tell(&format!("{:?} {:?}", self.method, self.status));
        tell(&format!("value {} bound {} gap {}", self.value, self.bound, self.gap));
        if self.decided > 0 {
            tell(&format!("decided {} searched bound {:?}", self.decided, self.searched_bound));
        }
        tell(&format!("scale {} quotas {:?}", self.duals.scale, self.duals.quotas));
        let mut lines: Vec<LineIx> = (0..market.lines().len()).map(LineIx::new).collect();
        lines.sort_unstable_by_key(|&line| line_name(line));
        for line in lines {
            let reserve: Vec<&str> = self.reserve[line.at()].iter().map(candidate_name).collect();
            tell(&format!("line {:?} {} {reserve:?}", line_name(line), self.duals.lines[line.at()]));
        }
        let mut candidates: Vec<CandidateIx> = (0..market.candidates().len()).map(CandidateIx::new).collect();
        candidates.sort_unstable_by_key(candidate_name);
        for candidate in &candidates {
            let line = self.assignments[candidate.at()].map(line_name);
            tell(&format!("candidate {:?} {line:?}", candidate_name(candidate)));
        }
    }

    /// Returns SHA-256 of [`Self::canonical_bytes`].
    pub fn digest<E: Eligibility>(&self, market: &Market<E>) -> [u8; 32] {
        let (mut digest, mut between) = (Sha256::new(), "");
        self.tell_rows(market, |row| {
            digest.update(std::mem::replace(&mut between, "\n"));
            digest.update(row);
        });
        digest.finalize().into()
    }
}

/// Brings an outcome and its reserve lists from the order of the draw back to the order of the market.
pub(crate) fn assemble(book: &Book, policy: &Policy, outcome: Outcome, lists: Vec<Vec<u32>>) -> Plan {
    let mut assignments = vec![None; book.candidates.len()];
    for (&key, candidate) in outcome.held.iter().zip(&book.candidates).filter(|(key, _)| **key != NONE) {
        assignments[candidate.at()] = Some(book.lines[book.packing.id(key) as usize]);
    }
    let mut lines = vec![0; book.lines.len()];
    let mut reserve = vec![Vec::new(); book.lines.len()];
    for ((line, price), list) in book.lines.iter().zip(outcome.lines).zip(lists) {
        lines[line.at()] = price;
        reserve[line.at()] = list.into_iter().map(|place| book.candidates[place as usize]).collect();
    }
    let gap = outcome.bound - outcome.value;
    Plan {
        assignments,
        value: outcome.value,
        bound: outcome.bound,
        gap,
        duals: Duals { scale: book.scale, lines, quotas: outcome.quotas, draws: Vec::new() },
        reserve,
        reserve_limit: policy.reserve,
        seed: policy.seed.clone(),
        method: outcome.method,
        status: match gap {
            0 => Status::Optimal,
            _ if outcome.searched => Status::Searched,
            _ => Status::Bounded,
        },
        decided: 0,
        searched_bound: None,
    }
}
