//! Makes a plan for seats keep the quotas too, and betters it by single moves.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::canonical::{Canonical, NONE};

/// Rounds of single moves; a round without a move ends them.
const ROUNDS: usize = 6;

/// Holders of a seat or a quota, the dearest to lose last: weight, then draw.
type Holders = BTreeSet<(i64, Reverse<u32>)>;

struct Repair<'a> {
    canonical: &'a Canonical,
    seat: Vec<u32>,
    on_line: Vec<Holders>,
    in_quota: Vec<Holders>,
}

/// Returns a plan that keeps seats and quotas, made from one that keeps the seats.
pub(crate) fn feasible(canonical: &Canonical, seat: &[u32]) -> Vec<u32> {
    let mut repair = Repair {
        canonical,
        seat: vec![NONE; seat.len()],
        on_line: vec![Holders::new(); canonical.lines.len()],
        in_quota: vec![Holders::new(); canonical.limits.len()],
    };
    for candidate in canonical.places().filter(|&candidate| seat[candidate as usize] != NONE) {
        repair.sit(candidate, seat[candidate as usize]);
    }
    repair.drop_excess();
    for _ in 0..ROUNDS {
        let moves = canonical.places().filter(|&candidate| repair.better(candidate)).count();
        if moves == 0 {
            break;
        }
    }
    repair.seat
}

impl Repair<'_> {
    /// Takes the cheapest holders off every quota that is passed.
    fn drop_excess(&mut self) {
        for quota in 0..self.in_quota.len() {
            while self.in_quota[quota].len() > self.canonical.limits[quota] as usize {
                let &(_, Reverse(candidate)) = self.in_quota[quota].first().expect("more holders than the limit");
                self.rise(candidate);
            }
        }
    }

    fn sit(&mut self, candidate: u32, pair: u32) {
        let key = (self.canonical.weight[pair as usize], Reverse(candidate));
        self.seat[candidate as usize] = pair;
        self.on_line[self.canonical.line[pair as usize] as usize].insert(key);
        for quota in self.canonical.quotas(pair) {
            self.in_quota[quota.at()].insert(key);
        }
    }

    fn rise(&mut self, candidate: u32) -> u32 {
        let pair = std::mem::replace(&mut self.seat[candidate as usize], NONE);
        let key = (self.canonical.weight[pair as usize], Reverse(candidate));
        self.on_line[self.canonical.line[pair as usize] as usize].remove(&key);
        for quota in self.canonical.quotas(pair) {
            self.in_quota[quota.at()].remove(&key);
        }
        pair
    }

    /// Makes the best single move for `candidate` that adds value; those in its way leave, and go where there is room.
    fn better(&mut self, candidate: u32) -> bool {
        let held = self.seat[candidate as usize];
        let former = if held == NONE { 0 } else { self.canonical.weight[self.rise(candidate) as usize] };
        let mut best = (former, held, Vec::new());
        for pair in self.canonical.pairs(candidate) {
            if self.canonical.weight[pair] <= best.0 {
                break;
            }
            let pair = u32::try_from(pair).expect("positions of pairs fit 32 bits");
            let blockers = self.blockers(pair);
            let gain = self.canonical.weight[pair as usize] - blockers.iter().map(|&out| self.loss(out)).sum::<i64>();
            if gain > best.0 {
                best = (gain, pair, blockers);
            }
        }
        let (_, pair, blockers) = best;
        if pair == held {
            if held != NONE {
                self.sit(candidate, held);
            }
            return false;
        }
        self.replace(candidate, held, pair, &blockers)
    }

    /// Seats `candidate` on `pair` in place of `blockers`; all as before, and false, if that adds no value after all:
    /// two who leave may have counted on the same room.
    fn replace(&mut self, candidate: u32, held: u32, pair: u32, blockers: &[u32]) -> bool {
        let canonical = self.canonical;
        let weight = |pair: u32| {
            if pair == NONE { 0 } else { canonical.weight[pair as usize] }
        };
        let mut gain = weight(pair) - weight(held);
        let mut left = Vec::new();
        for &out in blockers {
            let pair = self.rise(out);
            gain -= weight(pair);
            left.push((out, pair));
        }
        self.sit(candidate, pair);
        for &out in blockers {
            if let Some(refuge) = self.refuge(out) {
                gain += weight(refuge);
                self.sit(out, refuge);
            }
        }
        if gain > 0 {
            return true;
        }
        for (moved, former) in left.into_iter().chain([(candidate, held)]) {
            if self.seat[moved as usize] != NONE {
                self.rise(moved);
            }
            if former != NONE {
                self.sit(moved, former);
            }
        }
        false
    }

    /// Returns the cheapest holders that must leave for `pair` to fit.
    fn blockers(&self, pair: u32) -> Vec<u32> {
        let line = self.canonical.line[pair as usize] as usize;
        let mut blockers = Vec::new();
        if self.on_line[line].len() >= self.canonical.seats[line] as usize {
            blockers.extend(self.on_line[line].first().map(|&(_, Reverse(candidate))| candidate));
            if blockers.is_empty() {
                // A line without seats: nobody's leaving makes room, so the newcomer would have to leave itself.
                return vec![NONE];
            }
        }
        for quota in self.canonical.quotas(pair).iter().map(|quota| quota.at()) {
            let frees =
                |out: &u32| self.canonical.quotas(self.seat[*out as usize]).iter().any(|held| held.at() == quota);
            let freed = blockers.iter().filter(|out| frees(out)).count();
            if self.in_quota[quota].len() - freed >= self.canonical.limits[quota] as usize {
                match self.in_quota[quota].first() {
                    Some(&(_, Reverse(out))) => blockers.push(out),
                    None => return vec![NONE],
                }
            }
        }
        blockers
    }

    /// Returns what is lost when `candidate` leaves for the best place with room; all there is for [`NONE`].
    fn loss(&self, candidate: u32) -> i64 {
        if candidate == NONE {
            return i64::MAX / 2;
        }
        let weight = self.canonical.weight[self.seat[candidate as usize] as usize];
        weight - self.refuge(candidate).map_or(0, |pair| self.canonical.weight[pair as usize])
    }

    /// Returns the candidate's best pair whose line and quotas have room.
    fn refuge(&self, candidate: u32) -> Option<u32> {
        let room = |pair: &usize| {
            let line = self.canonical.line[*pair] as usize;
            let quotas = &self.canonical.sets[self.canonical.set[*pair] as usize];
            self.on_line[line].len() < self.canonical.seats[line] as usize
                && quotas.iter().all(|held| self.in_quota[held.at()].len() < self.canonical.limits[held.at()] as usize)
        };
        let pair = self.canonical.pairs(candidate).find(room)?;
        Some(u32::try_from(pair).expect("positions of pairs fit 32 bits"))
    }
}
