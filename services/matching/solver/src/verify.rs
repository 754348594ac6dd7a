//! Checks a plan from the market, the plan and the published rules alone. Shares no code with the search.

mod groups;
pub(crate) mod rules;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair, QuotaIx, QuotaSetIx};
use crate::plan::{Method, Plan, Status};
use rules::{boosts, drawn_bonus};

/// What was found true of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Candidates with a seat.
    pub seated: usize,
    /// Seated candidates per tier in use.
    pub tiers: BTreeMap<u8, u64>,
    /// Sum of the published scores alone.
    pub score: i128,
    /// Value, recomputed.
    pub value: i128,
    /// Bound, recomputed from the published prices over every pair.
    pub bound: i128,
    /// Bound less value: no plan is better by more.
    pub gap: i128,
}

/// What is wrong with a plan, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each field is named by the message of its variant")]
pub enum Violation {
    #[error("{what} has {found} entries instead of {expected}")]
    WrongLength { what: &'static str, found: usize, expected: usize },
    #[error("candidate {} has no pair on line {}", candidate.0, line.0)]
    NotEligible { candidate: CandidateIx, line: LineIx },
    #[error("line {} seats {seated} on {seats} seats", line.0)]
    SeatsExceeded { line: LineIx, seated: u64, seats: u32 },
    #[error("quota {} is used {used} times, {limit} allowed", quota.0)]
    QuotaExceeded { quota: QuotaIx, used: u64, limit: u32 },
    #[error("those who go together with candidate {} are split or partly left out", candidate.0)]
    GroupSplit { candidate: CandidateIx },
    #[error("line {} seats {seated}, and {least} at least or nobody may work there", line.0)]
    CrewTooSmall { line: LineIx, seated: u64, least: u32 },
    #[error("the lines of candidate {} have days in common, or more days than it may work", candidate.0)]
    ChainBroken { candidate: CandidateIx },
    #[error("a price is negative: {price}")]
    NegativePrice { price: i128 },
    #[error("{what} is stated as {stated}, found {found}")]
    Misstated { what: &'static str, stated: i128, found: i128 },
    #[error("the plan is called optimal with a gap of {gap}")]
    NotProved { gap: i128 },
    #[error("candidate {} lost line {} to candidate {} of equal claim and later draw", lost.0, line.0, seated.0)]
    LotteryIgnored { line: LineIx, lost: CandidateIx, seated: CandidateIx },
    #[error("the draws of the seated add up to {drawn}, and may add up to {bound}")]
    DrawNotProved { drawn: i128, bound: i128 },
    #[error("candidate {} has a draw of {draw}: below 1, or not less than that of a later one", candidate.0)]
    DrawsUnordered { candidate: CandidateIx, draw: i128 },
    #[error("the reserve of line {} is not the ranked list of its unseated candidates", line.0)]
    ReserveWrong { line: LineIx },
}

/// Weight and quotas: chosen pairs of a line alike in these are interchangeable.
type Claim = (i128, QuotaSetIx);
/// Place on a line: greater weight first, then the lower draw.
type Rank = (i128, [u8; 32]);

/// Returns the certificate of `plan`, or all that is wrong with it.
///
/// Checked: one permitted line per candidate, seats, quotas, groups, least crews, value, bound and gap from the published prices, the
/// lottery (no unseated candidate has exactly the claim of a seated one and a lower draw), the reserve lists. Of a plan
/// that is called exact also that no other of its value seats people of better draws: by the same prices.
///
/// # Errors
/// Every [`Violation`] found; lists of a wrong length end the check at once.
pub fn verify<E: Eligibility>(market: &Market<E>, plan: &Plan) -> Result<Certificate, Vec<Violation>> {
    let mut check = Check::new(market, plan)?;
    let units = check.units();
    units.iter().flat_map(|unit| &unit.0).for_each(|member| check.single[member.at()] = false);
    check.read_assignments();
    check.read_losers();
    check.read_units(&units);
    check.count();
    check.crews();
    check.prices();
    check.reserves();
    if check.violations.is_empty() { Ok(check.certificate) } else { Err(check.violations) }
}

struct Check<'a, E> {
    market: &'a Market<E>,
    plan: &'a Plan,
    boosts: [i128; 256],
    draws: Vec<[u8; 32]>,
    /// What it counts to seat each candidate: the number of candidates less the place in the draw.
    bonus: Vec<i128>,
    /// Who is seated alone, on one seat. The lottery and the reserve lists are for them.
    single: Vec<bool>,
    /// The bound in scaled points with these counted, and what the seated ones add up to.
    drawn_bound: i128,
    drawn: i128,
    seated: Vec<u64>,
    used: Vec<u64>,
    /// Per line, the claims that are seated, ascending, each with the latest draw that holds it.
    latest: Vec<Vec<(Claim, [u8; 32], CandidateIx)>>,
    /// Per line, how many unseated candidates there are and how many rank no later than the reserve's last.
    unseated: Vec<(usize, usize)>,
    certificate: Certificate,
    violations: Vec<Violation>,
}

impl<'a, E: Eligibility> Check<'a, E> {
    fn new(market: &'a Market<E>, plan: &'a Plan) -> Result<Self, Vec<Violation>> {
        let (candidates, lines, quotas) = (market.candidates().len(), market.lines().len(), market.quotas().len());
        let lengths = [
            ("assignments", plan.assignments.len(), candidates),
            ("line prices", plan.duals.lines.len(), lines),
            ("quota prices", plan.duals.quotas.len(), quotas),
            ("reserve", plan.reserve.len(), lines),
        ];
        let wrong = lengths.into_iter().filter(|(_, found, expected)| found != expected);
        let wrong: Vec<Violation> =
            wrong.map(|(what, found, expected)| Violation::WrongLength { what, found, expected }).collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let draw = |text: &String| Sha256::digest([plan.seed.as_slice(), text.as_bytes()].concat()).into();
        let draws: Vec<[u8; 32]> = market.candidates().iter().map(|candidate| draw(&candidate.reference)).collect();
        Ok(Self {
            market,
            plan,
            boosts: boosts(market),
            bonus: drawn_bonus(market, plan, &draws)?,
            single: vec![true; candidates],
            draws,
            drawn_bound: 0,
            drawn: 0,
            seated: vec![0; lines],
            used: vec![0; quotas],
            latest: vec![Vec::new(); lines],
            unseated: vec![(0, 0); lines],
            certificate: Certificate { seated: 0, tiers: BTreeMap::new(), score: 0, value: 0, bound: 0, gap: 0 },
            violations: Vec::new(),
        })
    }

    fn weight(&self, pair: &Pair) -> i128 {
        self.boosts[usize::from(pair.tier.0)] + i128::from(pair.score)
    }

    fn read_assignments(&mut self) {
        let market = self.market;
        for (at, &line) in self.plan.assignments.iter().enumerate() {
            let Some(line) = line else { continue };
            let candidate = CandidateIx::new(at);
            let Some(pair) = market.pair(candidate, line) else {
                self.violations.push(Violation::NotEligible { candidate, line });
                continue;
            };
            let weight = self.weight(&pair);
            let size = u64::from(market.candidates()[at].size);
            self.seated[line.at()] += size;
            for quota in market.quota_set(pair.quotas) {
                self.used[quota.at()] += size;
            }
            let certificate = &mut self.certificate;
            certificate.seated += 1;
            *certificate.tiers.entry(pair.tier.0).or_default() += 1;
            certificate.score += i128::from(pair.score);
            certificate.value += weight;
            self.drawn += self.bonus[at];
            if !self.single[at] {
                continue;
            }
            self.latest[line.at()].push(((weight, pair.quotas), self.draws[at], candidate));
        }
        for claims in &mut self.latest {
            claims.sort_unstable_by(|one, other| other.cmp(one));
            claims.dedup_by_key(|(claim, ..)| *claim);
            claims.reverse();
        }
    }

    /// Reads all pairs: the surplus of every candidate, and the claims of those without a seat.
    fn read_losers(&mut self) {
        let last = self.last_in_reserve();
        let mut pairs = Vec::new();
        for at in 0..self.draws.len() {
            let candidate = CandidateIx::new(at);
            self.market.pairs_of(candidate, &mut pairs);
            let size = self.market.candidates()[at].size;
            let surplus = pairs.iter().map(|pair| self.surplus(pair, size)).max().unwrap_or(0);
            self.certificate.bound += surplus.max(0) * i128::from(self.single[at]);
            self.drawn_bound += (surplus + self.bonus[at]).max(0) * i128::from(!pairs.is_empty());
            if let Some(line) = self.plan.assignments[at] {
                // What was counted is what the bound rests on.
                if pairs.iter().find(|pair| pair.line == line).copied() != self.market.pair(candidate, line) {
                    self.violations.push(Violation::NotEligible { candidate, line });
                }
                continue;
            }
            if !self.single[at] {
                continue;
            }
            for pair in &pairs {
                let weight = self.weight(pair);
                let claims = &self.latest[pair.line.at()];
                if let Ok(place) = claims.binary_search_by_key(&(weight, pair.quotas), |(claim, ..)| *claim)
                    && claims[place].1 > self.draws[at]
                {
                    let seated = claims[place].2;
                    self.violations.push(Violation::LotteryIgnored { line: pair.line, lost: candidate, seated });
                }
                let (all, ranked) = &mut self.unseated[pair.line.at()];
                *all += 1;
                *ranked += usize::from(last[pair.line.at()].is_some_and(|last| (-weight, self.draws[at]) <= last));
            }
        }
    }

    fn surplus(&self, pair: &Pair, size: u32) -> i128 {
        let quotas = self.market.quota_set(pair.quotas).iter();
        let quota_prices: i128 = quotas.map(|quota| self.plan.duals.quotas[quota.at()]).sum();
        let prices = quota_prices + self.plan.duals.lines[pair.line.at()];
        self.weight(pair) * self.plan.duals.scale - i128::from(size) * prices
    }

    fn rank(&self, candidate: CandidateIx, line: LineIx) -> Option<Rank> {
        if candidate.at() >= self.draws.len()
            || !self.single[candidate.at()]
            || self.plan.assignments[candidate.at()].is_some()
        {
            return None;
        }
        let pair = self.market.pair(candidate, line)?;
        Some((-self.weight(&pair), self.draws[candidate.at()]))
    }

    fn last_in_reserve(&self) -> Vec<Option<Rank>> {
        let lists = self.plan.reserve.iter().enumerate();
        lists.map(|(at, list)| list.last().and_then(|&last| self.rank(last, LineIx::new(at)))).collect()
    }

    fn count(&mut self) {
        for (at, (&seated, line)) in self.seated.iter().zip(self.market.lines()).enumerate() {
            if seated > u64::from(line.seats) {
                let line_ix = LineIx::new(at);
                self.violations.push(Violation::SeatsExceeded { line: line_ix, seated, seats: line.seats });
            }
        }
        for (at, (&used, quota)) in self.used.iter().zip(self.market.quotas()).enumerate() {
            if used > u64::from(quota.limit) {
                let quota_ix = QuotaIx::new(at);
                self.violations.push(Violation::QuotaExceeded { quota: quota_ix, used, limit: quota.limit });
            }
        }
    }

    fn prices(&mut self) {
        let duals = &self.plan.duals;
        let lines = duals.lines.iter().zip(self.market.lines().iter().map(|line| line.seats));
        let quotas = duals.quotas.iter().zip(self.market.quotas().iter().map(|quota| quota.limit));
        for (&price, amount) in lines.chain(quotas) {
            self.certificate.bound += price * i128::from(amount);
            self.drawn_bound += price * i128::from(amount);
            if price < 0 {
                self.violations.push(Violation::NegativePrice { price });
            }
        }
        let bound = self.drawn_bound - self.certificate.value * duals.scale;
        let most: i128 = self.bonus.iter().sum::<i128>().min(duals.scale - 1);
        if self.plan.method == Method::ShortestPaths && (self.drawn != bound || self.drawn > most) {
            self.violations.push(Violation::DrawNotProved { drawn: self.drawn, bound });
        }
        // Weights are whole: what is left of a point no plan can gain.
        self.certificate.bound = self.certificate.bound.div_euclid(duals.scale);
        self.certificate.gap = self.certificate.bound - self.certificate.value;
        let Certificate { value, bound, gap, .. } = self.certificate;
        let stated =
            [("value", self.plan.value, value), ("bound", self.plan.bound, bound), ("gap", self.plan.gap, gap)];
        let misstated = stated.into_iter().filter(|(_, stated, found)| stated != found);
        self.violations.extend(misstated.map(|(what, stated, found)| Violation::Misstated { what, stated, found }));
        if self.plan.status == Status::Optimal && gap != 0 {
            self.violations.push(Violation::NotProved { gap });
        }
    }

    /// A reserve is right when it is ranked, as long as it may be, and nobody who ranks before its last is missing.
    fn reserves(&mut self) {
        for (at, list) in self.plan.reserve.iter().enumerate() {
            let line = LineIx::new(at);
            let (all, ranked) = self.unseated[at];
            let ranks: Vec<Option<Rank>> = list.iter().map(|&candidate| self.rank(candidate, line)).collect();
            let valid = ranks.iter().all(Option::is_some) && ranks.windows(2).all(|two| two[0] < two[1]);
            if !valid || list.len() != all.min(self.plan.reserve_limit) || ranked != list.len() {
                self.violations.push(Violation::ReserveWrong { line });
            }
        }
    }
}
