//! Chains of moves that keep the quotas.
//!
//! A chain runs over lines. It may take somebody into a full quota if somebody else, later in the chain, leaves it: until
//! then that quota is the chain's **debt**. Whoever leaves a full quota that has a price leaves it as a **credit** to
//! somebody later in the chain; a chain that ends with a credit pays its price. So what a search labels is a line with a
//! debt and a credit. Other costs are what candidates ask beyond what lines pay, never counted below 0: what a chain truly
//! gains is looked at when it is found.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use super::Rounding;
use crate::amount::Amount;
use crate::book::NONE;

/// "No debt".
const CLEAR: u32 = u32::MAX;
const NO_ACCOUNT: Account = (CLEAR, CLEAR);
/// The most labels a search settles.
const LABELS: usize = 4_000;

/// The quota that a chain has passed by one, and the one in which it has left a place.
type Account = (u32, u32);
/// A line, and the account when the chain has come here.
type Spot = (u32, Account);

/// How a spot was reached: at what cost, by which candidate with which new key, from which spot.
#[derive(Clone, Copy)]
struct Step<N> {
    cost: N,
    candidate: u32,
    key: u64,
    from: Option<Spot>,
}

/// Working memory of a search.
#[derive(Default)]
pub(super) struct Chains<N> {
    heap: BinaryHeap<Reverse<(N, Spot)>>,
    steps: HashMap<Spot, Step<N>>,
}

/// How a chain ends: its cost, its last spot, who is taken or put out last (with which key), and whether it ends at all.
struct End<N> {
    cost: N,
    spot: Option<Spot>,
    last: Option<(u32, u64)>,
}

impl<N: Amount> Chains<N> {
    fn begin(&mut self) {
        self.heap.clear();
        self.steps.clear();
    }

    fn reach(&mut self, spot: Spot, step: Step<N>) {
        let known = self.steps.get(&spot);
        if known.is_none_or(|known| step.cost < known.cost) {
            self.steps.insert(spot, step);
            self.heap.push(Reverse((step.cost, spot)));
        }
    }

    fn next(&mut self, cost: N) -> Option<(Spot, N)> {
        while let Some(Reverse((distance, spot))) = self.heap.pop() {
            if distance >= cost || self.steps.len() > LABELS {
                return None;
            }
            if self.steps[&spot].cost == distance {
                return Some((spot, distance));
            }
        }
        None
    }

    /// Returns the steps back from `spot`.
    fn back(&self, mut spot: Option<Spot>) -> Vec<Step<N>> {
        let mut steps = Vec::new();
        while let Some(step) = spot.map(|spot| self.steps[&spot]) {
            steps.push(step);
            spot = step.from;
        }
        steps
    }
}

impl<N: Amount> Rounding<'_, N> {
    /// Returns the account of a chain after somebody moves from `former` to `key`, and what is to be paid at once for a
    /// credit that finds no room in it; none if the move is not allowed.
    fn account(&self, (mut debt, mut credit): Account, former: u64, key: u64) -> Option<(Account, N)> {
        let of = |key: u64| if key == NONE { &[][..] } else { self.book.quotas(key) };
        let (left, entered) = (of(former), of(key));
        let mut paid = N::ZERO;
        for quota in left.iter().filter(|quota| !entered.contains(quota)) {
            if quota.0 == debt {
                debt = CLEAR;
            } else if self.keeps_quota(quota.at()) && self.quota_price[quota.at()] > N::ZERO {
                if credit == CLEAR {
                    credit = quota.0;
                } else {
                    paid += self.quota_price[quota.at()];
                }
            }
        }
        for quota in entered.iter().filter(|quota| !left.contains(quota)) {
            if quota.0 == credit {
                credit = CLEAR;
            } else if quota.0 == debt {
                return None;
            } else if !self.room(quota.at()) {
                if debt != CLEAR {
                    return None;
                }
                debt = quota.0;
            }
        }
        Some(((debt, credit), paid))
    }

    /// Returns what a chain pays that ends with an account; none if it cannot end so.
    fn closing(&self, (debt, credit): Account) -> Option<N> {
        let price = |quota: u32| if quota == CLEAR { N::ZERO } else { self.quota_price[quota as usize] };
        (debt == CLEAR).then(|| price(credit))
    }

    /// Seats somebody left out by the cheapest chain, if one is cheaper than staying out.
    pub(super) fn admit(&mut self, newcomer: u32) -> bool {
        self.chains.begin();
        let worth = self.engine.ask[newcomer as usize] - self.engine.floor(newcomer);
        let mut end = End { cost: worth, spot: None, last: None };
        self.leads_on(newcomer, (None, NO_ACCOUNT), N::ZERO, &mut end);
        self.push_on(NOBODY, &mut end)
    }

    /// Lets somebody of a line with one too many make way, not `newcomer`.
    pub(super) fn make_way(&mut self, line: u32, newcomer: u32) -> bool {
        self.chains.begin();
        let step = Step { cost: N::ZERO, candidate: NOBODY, key: NONE, from: None };
        self.chains.reach((line, NO_ACCOUNT), step);
        let mut end = End { cost: self.engine.price[line as usize] + N::small(1), spot: None, last: None };
        for &occupant in &self.on_line[line as usize] {
            end.cost = end.cost.max(self.engine.ask[occupant as usize] - self.engine.floor(occupant) + N::small(1));
        }
        self.push_on(newcomer, &mut end)
    }

    /// Searches for the cheapest end of a chain of people who make way for each other, and moves them.
    fn push_on(&mut self, fixed: u32, end: &mut End<N>) -> bool {
        while let Some((spot, distance)) = self.chains.next(end.cost) {
            for at in 0..self.on_line[spot.0 as usize].len() {
                let occupant = self.on_line[spot.0 as usize][at];
                if occupant == fixed {
                    continue;
                }
                let out = distance + self.engine.ask[occupant as usize] - self.engine.floor(occupant);
                let account = self.account(spot.1, self.held[occupant as usize], NONE);
                let closed = account.and_then(|(after, paid)| Some(out + paid + self.closing(after)?));
                if let Some(cost) = closed.filter(|&cost| cost < end.cost) {
                    *end = End { cost, spot: Some(spot), last: Some((occupant, NONE)) };
                }
                self.leads_on(occupant, (Some(spot), spot.1), distance, end);
            }
        }
        self.walk(end)
    }

    /// Moves all people of a chain; false if there is none, or it would move somebody twice.
    fn walk(&mut self, end: &End<N>) -> bool {
        if end.spot.is_none() {
            return false;
        }
        let steps = self.chains.back(end.spot).into_iter().map(|step| (step.candidate, step.key));
        let moves: Vec<(u32, u64)> =
            end.last.into_iter().chain(steps).filter(|&(candidate, _)| candidate != NOBODY).collect();
        let people: BTreeSet<u32> = moves.iter().map(|&(candidate, _)| candidate).collect();
        if people.len() < moves.len() || !self.fit(&moves) {
            return false;
        }
        moves.into_iter().for_each(|(candidate, key)| self.set(candidate, key));
        true
    }

    /// True if the moves together pass no quota: the search looks at each alone.
    fn fit(&self, moves: &[(u32, u64)]) -> bool {
        let mut change: BTreeMap<usize, i64> = BTreeMap::new();
        for &(candidate, key) in moves {
            for (key, by) in [(self.held[candidate as usize], -1), (key, 1)].into_iter().filter(|&(key, _)| key != NONE)
            {
                self.book.quotas(key).iter().for_each(|quota| *change.entry(quota.at()).or_default() += by);
            }
        }
        let within = |(&quota, &by): (&usize, &i64)| {
            by <= 0 || i64::from(self.used[quota]) + by <= i64::from(self.book.limits[quota])
        };
        change.iter().all(within)
    }

    /// Labels the lines to which `candidate` would go.
    fn leads_on(&mut self, candidate: u32, (from, account): (Option<Spot>, Account), distance: N, end: &mut End<N>) {
        let held = self.held[candidate as usize];
        let reach = distance + self.engine.ask[candidate as usize];
        for &key in self.book.pairs(candidate) {
            if reach - self.engine.gross(key) >= end.cost {
                break;
            }
            let cost = (reach - self.engine.pay(candidate, key)).max(distance);
            if cost >= end.cost || key == held {
                continue;
            }
            let Some((after, paid)) = self.account(account, held, key) else { continue };
            let (line, cost) = (self.book.packing.id(key), cost + paid);
            if !self.has_seat(line) {
                self.chains.reach((line, after), Step { cost, candidate, key, from });
                continue;
            }
            let Some(closing) = self.closing(after).filter(|&closing| cost + closing < end.cost) else { continue };
            let mut spot = from;
            if spot.is_none() {
                // The newcomer itself sits down: no spot was passed.
                spot = Some((line, NO_ACCOUNT));
                self.chains.steps.insert((line, NO_ACCOUNT), Step { cost, candidate: NOBODY, key: NONE, from: None });
            }
            *end = End { cost: cost + closing, spot, last: Some((candidate, key)) };
        }
    }

    /// Fills a free seat of a line by the cheapest chain, if one is cheaper than the seat.
    pub(super) fn fill(&mut self, line: u32) -> bool {
        let cost = self.engine.price[line as usize];
        if cost == N::ZERO || !self.has_seat(line) {
            return false;
        }
        self.chains.begin();
        self.chains.reach((line, NO_ACCOUNT), Step { cost: N::ZERO, candidate: NOBODY, key: NONE, from: None });
        let mut end = End { cost, spot: None, last: None };
        while let Some((spot, distance)) = self.chains.next(end.cost) {
            let empty = distance + self.engine.price[spot.0 as usize];
            if let Some(closing) = self.closing(spot.1).filter(|&closing| empty + closing < end.cost) {
                end = End { cost: empty + closing, spot: Some(spot), last: None };
            }
            self.draws(spot, distance, &mut end);
        }
        self.walk(&end)
    }

    /// Labels the lines from which somebody would come to the line of `spot`.
    fn draws(&mut self, spot: Spot, distance: N, end: &mut End<N>) {
        let (line, account) = spot;
        let reach = distance + self.engine.price[line as usize];
        for &key in self.book.line_pairs(line) {
            let candidate = self.book.packing.id(key);
            if reach - self.engine.gross(key) + self.engine.floor(candidate) >= end.cost {
                break;
            }
            let own = self.book.packing.with_id(key, line);
            let cost = (distance + self.miss(candidate, own)).max(distance);
            let held = self.held[candidate as usize];
            if cost >= end.cost || held == own {
                continue;
            }
            let Some((after, paid)) = self.account(account, held, own) else { continue };
            let cost = cost + paid;
            if held != NONE {
                let former = (self.book.packing.id(held), after);
                self.chains.reach(former, Step { cost, candidate, key: own, from: Some(spot) });
            } else if let Some(closing) = self.closing(after).filter(|&closing| cost + closing < end.cost) {
                *end = End { cost: cost + closing, spot: Some(spot), last: Some((candidate, own)) };
            }
        }
    }
}

/// "Nobody", in a step that moves no one.
const NOBODY: u32 = u32::MAX;
