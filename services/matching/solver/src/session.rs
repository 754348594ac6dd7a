//! A market that changes, and its plan: after each change the plan is made anew from the last prices.
//!
//! A session holds the exact state of the search. A change breaks it in one place, and shortest paths mend it from there:
//! what it costs follows the change, not the market. Where no quota binds, the plan after a change is worth what a plan
//! from scratch is worth, and seats the same people: both are the first by draw of all optimal plans. Where quotas bind,
//! the plan follows by steps near the change, and bound and gap are told; [`Session::refine`] moves prices of quotas.
//!
//! Markets with groups, sizes or least crews are refused ([`BuildError::NotInSession`]). Their plans are not the exact
//! state but decisions about units beside it, each taken by what all others lose: one change can turn any of them, so
//! neither "the plan from scratch" nor "near the change" could be kept. They are solved from scratch.

mod grow;
mod quotas;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{Book, NONE};
use crate::builder::{BuildError, check_pair};
use crate::engine::Engine;
use crate::market::{Candidate, CandidateIx, Eligibility, Line, LineIx, Market, Pair, Quota, QuotaIx, Room, Survey};
use crate::plan::{self, Method, Plan, Policy};
use crate::quotas::Outcome;
use crate::reserve;
use crate::rounding::{Change, Seating};
use crate::rules::Rules;
use grow::Needs;

/// Whose seat is another after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// Who.
    pub candidate: CandidateIx,
    /// The seat before.
    pub from: Option<LineIx>,
    /// The seat now.
    pub to: Option<LineIx>,
}

/// What quotas need beside the exact state.
struct Priced {
    prices: Vec<i128>,
    seating: Seating,
}

/// A market that changes, and its plan. Positions of candidates, lines and quotas are those of the market it began with;
/// new ones are added behind. They never change, for a candidate that withdraws keeps its position.
///
/// ```
/// use solver::{MarketBuilder, Pair, Policy, Session};
/// let mut builder = MarketBuilder::default();
/// let harvest = builder.line("ES-77/1", 1);
/// let amina = builder.candidate("MA-001", 1);
/// builder.pair(amina, Pair::scored(harvest, 60));
/// let mut session = Session::start(builder.build()?, &Policy::seeded("2026-11-24 draw"))?;
/// let (brahim, moves) = session.admit("MA-002", &[Pair::scored(harvest, 72)])?;
/// assert_eq!(moves.len(), 2, "Brahim takes the seat, Amina loses it");
/// session.withdraw(brahim);
/// assert_eq!((session.seat_of(amina), session.value(), session.gap()), (Some(harvest), 60, 0));
/// # Ok::<(), solver::BuildError>(())
/// ```
pub struct Session {
    candidates: Vec<Candidate>,
    lines: Vec<Line>,
    quotas: Vec<Quota>,
    boosts: Vec<i128>,
    /// Numbers that weights, keys and draws were made for.
    room: Room,
    /// What there is. Who withdraws is not taken off.
    survey: Survey,
    policy: Policy,
    engine: Engine<i128>,
    candidate_places: Vec<u32>,
    line_places: Vec<u32>,
    /// The draws of those who came later, with their bonus.
    late: BTreeMap<[u8; 32], u64>,
    /// The plan as told last, with its value and the use of quotas.
    held: Vec<u64>,
    value: i128,
    used: Vec<u32>,
    /// Only where quotas have prices.
    priced: Option<Priced>,
    /// Whose seat became another when all was made anew, with the seat before: told with the next change.
    pending: BTreeMap<CandidateIx, Option<LineIx>>,
}

impl Session {
    /// Returns the session of a market, with its plan made from scratch.
    ///
    /// Weights get room for twice as many candidates, seats and claims; beyond, a change makes all anew.
    ///
    /// # Errors
    /// [`BuildError`] if weights or pairs with that room are too large or too many, or if the market has sizes or rules
    /// beyond seats and quotas.
    pub fn start<E: Eligibility>(mut market: Market<E>, policy: &Policy) -> Result<Self, BuildError> {
        market.check_plain()?;
        let survey = market.survey.clone();
        grow::make_room(&mut market, &Needs::default())?;
        Ok(Self::of(market, survey, policy))
    }

    fn of<E: Eligibility>(market: Market<E>, survey: Survey, policy: &Policy) -> Self {
        let mut engine = Engine::new(Book::new(&market, &policy.seed));
        engine.start(&mut ()).expect("nobody stops it");
        engine.journal = Some(Vec::new());
        let mut candidate_places = vec![0; market.candidates.len()];
        (0..).zip(&engine.book.candidates).for_each(|(place, candidate)| candidate_places[candidate.at()] = place);
        let mut line_places = vec![0; market.lines.len()];
        (0..).zip(&engine.book.lines).for_each(|(place, line)| line_places[line.at()] = place);
        let mut session = Self {
            held: vec![NONE; market.candidates.len()],
            used: vec![0; market.quotas.len()],
            candidates: market.candidates,
            lines: market.lines,
            quotas: market.quotas,
            boosts: market.boosts,
            room: market.room,
            survey,
            policy: policy.clone(),
            engine,
            candidate_places,
            line_places,
            late: BTreeMap::new(),
            value: 0,
            priced: None,
            pending: BTreeMap::new(),
        };
        session.begin();
        session
    }

    /// Takes a candidate out of the market.
    ///
    /// # Panics
    /// When there is no such candidate.
    pub fn withdraw(&mut self, candidate: CandidateIx) -> Vec<Move> {
        self.give_pairs(candidate, &[])
    }

    /// Takes in a candidate with the ministry's reference and its pairs.
    ///
    /// # Errors
    /// [`BuildError`] if the reference is taken or a pair is not sound; nothing has changed then.
    pub fn admit(
        &mut self,
        reference: impl Into<String>,
        pairs: &[Pair],
    ) -> Result<(CandidateIx, Vec<Move>), BuildError> {
        let candidate = Candidate { reference: reference.into(), size: 1 };
        self.check(&candidate, pairs)?;
        let mut bonus = self.bonus(&candidate.reference)?;
        let needs = Needs { pairs, ends: 1, able: 1, seats: 0 };
        if bonus.is_none() || !self.has_room(&needs) {
            self.grow(&needs)?;
            bonus = self.bonus(&candidate.reference)?;
        }
        let (digest, bonus) = bonus.expect("between draws that were just held there is room");
        let place = self.engine.enrol(bonus);
        self.late.insert(digest, bonus);
        self.candidate_places.push(place);
        self.held.push(NONE);
        self.candidates.push(candidate);
        let candidate = CandidateIx::new(self.candidates.len() - 1);
        Ok((candidate, self.give_pairs(candidate, pairs)))
    }

    /// Replaces the pairs of a candidate: other scores, other lines, or a return after a withdrawal.
    ///
    /// # Errors
    /// [`BuildError`] if a pair is not sound; nothing has changed then.
    ///
    /// # Panics
    /// When there is no such candidate.
    pub fn set_pairs(&mut self, candidate: CandidateIx, pairs: &[Pair]) -> Result<Vec<Move>, BuildError> {
        self.check(&self.candidates[candidate.at()], pairs)?;
        let needs = Needs { pairs, able: 1, ..Needs::default() };
        if !self.has_room(&needs) {
            self.grow(&needs)?;
        }
        Ok(self.give_pairs(candidate, pairs))
    }

    /// Changes how many seats a line has; 0 closes it.
    ///
    /// # Errors
    /// [`BuildError`] if weights for so many seats are too large; nothing has changed then.
    ///
    /// # Panics
    /// When there is no such line.
    pub fn set_seats(&mut self, line: LineIx, seats: u32) -> Result<Vec<Move>, BuildError> {
        let more = u64::from(seats.saturating_sub(self.lines[line.at()].seats));
        let needs = Needs { seats: more, ..Needs::default() };
        if !self.has_room(&needs) {
            self.grow(&needs)?;
        }
        self.survey.seats = self.survey.seats + u64::from(seats) - u64::from(self.lines[line.at()].seats);
        self.lines[line.at()].seats = seats;
        let place = self.line_places[line.at()];
        self.engine.set_seats(place, seats);
        Ok(self.follow(Change { line: Some(place), ..Change::default() }))
    }

    /// Adds a line with its public reference, its seats and those who may take them: each candidate with a pair whose
    /// own line is not looked at.
    ///
    /// # Errors
    /// [`BuildError`] if the reference is taken or a pair is not sound; nothing has changed then.
    ///
    /// # Panics
    /// When a candidate is not there.
    pub fn open_line(
        &mut self,
        reference: impl Into<String>,
        seats: u32,
        pairs: &[(CandidateIx, Pair)],
    ) -> Result<(LineIx, Vec<Move>), BuildError> {
        let (reference, line) = (reference.into(), LineIx::new(self.lines.len()));
        if self.lines.iter().any(|other| other.reference == reference) {
            return Err(BuildError::DuplicateLine { reference });
        }
        let pairs: Vec<(CandidateIx, Pair)> =
            pairs.iter().map(|&(candidate, pair)| (candidate, Pair { line, ..pair })).collect();
        self.check_line(&reference, &pairs)?;
        let bare: Vec<Pair> = pairs.iter().map(|&(_, pair)| pair).collect();
        let needs = Needs { pairs: &bare, ends: 1, able: bare.len() as u64, seats: u64::from(seats) };
        if !self.has_room(&needs) {
            self.grow(&needs)?;
        }
        let place = self.engine.open(seats);
        self.line_places.push(place);
        self.lines.push(Line { reference, seats });
        self.survey.seats += u64::from(seats);
        self.count(&needs);
        let keyed = |&(candidate, pair): &(CandidateIx, Pair)| {
            let key = self.engine.book.key(place, &pair).expect("there is room for the pair");
            (self.candidate_places[candidate.at()], key)
        };
        let keyed: Vec<(u32, u64)> = pairs.iter().map(keyed).collect();
        self.engine.add_pairs(place, &keyed);
        Ok((line, self.follow(Change { line: Some(place), ..Change::default() })))
    }

    /// Changes the limit of a quota. Where quotas have prices, they stay; see [`Self::refine`].
    ///
    /// # Panics
    /// When there is no such quota.
    pub fn set_limit(&mut self, quota: QuotaIx, limit: u32) -> Vec<Move> {
        self.quotas[quota.at()].limit = limit;
        self.engine.book.limits[quota.at()] = limit;
        self.follow(Change { quota: Some(quota.at()), ..Change::default() })
    }

    /// Returns the line of a candidate.
    ///
    /// # Panics
    /// When there is no such candidate.
    pub fn seat_of(&self, candidate: CandidateIx) -> Option<LineIx> {
        self.line_of(self.held[self.candidate_places[candidate.at()] as usize])
    }

    /// Returns the price of a seat in whole points, as [`crate::Duals::line_points`] does.
    ///
    /// # Panics
    /// When there is no such line.
    pub fn line_points(&self, line: LineIx) -> i64 {
        let price = self.engine.price[self.line_places[line.at()] as usize];
        i64::try_from(price.div_euclid(self.engine.book.scale)).unwrap_or(i64::MAX)
    }

    /// Returns the plan's value in the weights of [`Self::market`].
    pub fn value(&self) -> i128 {
        self.value
    }

    /// Returns what no plan can exceed. Where quotas have prices, every candidate and line is looked at.
    pub fn bound(&self) -> i128 {
        self.priced.as_ref().map_or(self.value, |priced| self.engine.bound(&priced.prices))
    }

    /// Returns bound less value.
    pub fn gap(&self) -> i128 {
        self.bound() - self.value
    }

    /// Returns the pairs as they are now.
    pub fn pairs(&self) -> SessionPairs<'_> {
        SessionPairs(self)
    }

    /// Returns the market as it is now. Its pairs are read from the session.
    pub fn market(&self) -> Market<SessionPairs<'_>> {
        Market {
            candidates: self.candidates.clone(),
            lines: self.lines.clone(),
            quotas: self.quotas.clone(),
            sets: self.engine.book.sets.clone(),
            eligibility: self.pairs(),
            boosts: self.boosts.clone(),
            survey: grow::raised(&self.survey, &self.room, self.engine.book.pair_count()),
            room: self.room.clone(),
            rules: Rules::default(),
        }
    }

    /// Returns the plan of [`Self::market`] with its proof, reserve lists and prices; reads every pair.
    pub fn plan(&self) -> Plan {
        let quotas = self.priced.as_ref().map_or(vec![0; self.quotas.len()], |priced| priced.prices.clone());
        let method = if self.priced.is_some() { Method::QuotaPrices } else { Method::ShortestPaths };
        let (held, lines) = (self.held.clone(), self.engine.price.clone());
        let outcome = Outcome { held, value: self.value, bound: self.bound(), lines, quotas, method, searched: false };
        let lists = reserve::lists(&self.engine.book, &outcome.held, self.policy.reserve);
        let mut plan = plan::assemble(&self.engine.book, &self.policy, outcome, lists);
        let bonus = |&place: &u32| i128::from(self.engine.book.bonus(place));
        plan.duals.draws = self.candidate_places.iter().map(bonus).collect();
        plan
    }

    fn line_of(&self, key: u64) -> Option<LineIx> {
        (key != NONE).then(|| self.engine.book.lines[self.engine.book.packing.id(key) as usize])
    }

    fn check(&self, candidate: &Candidate, pairs: &[Pair]) -> Result<(), BuildError> {
        let mut seen = BTreeSet::new();
        let (lines, sets) = (&self.lines, self.engine.book.sets.len());
        pairs.iter().try_for_each(|pair| check_pair((lines, sets), candidate, pair, |line| seen.insert(line)))
    }

    fn check_line(&self, reference: &str, pairs: &[(CandidateIx, Pair)]) -> Result<(), BuildError> {
        let lines = [Line { reference: reference.to_owned(), seats: 0 }];
        let (sets, mut seen) = (self.engine.book.sets.len(), BTreeSet::new());
        pairs.iter().try_for_each(|&(candidate, pair)| {
            let alone = Pair { line: LineIx(0), ..pair };
            check_pair((&lines, sets), &self.candidates[candidate.at()], &alone, |_| seen.insert(candidate))
        })
    }

    fn give_pairs(&mut self, candidate: CandidateIx, pairs: &[Pair]) -> Vec<Move> {
        self.count(&Needs { pairs, able: pairs.len().min(1) as u64, ..Needs::default() });
        let key = |pair: &Pair| self.engine.book.key(self.line_places[pair.line.at()], pair);
        let keys: Vec<u64> = pairs.iter().map(|pair| key(pair).expect("there is room for the pair")).collect();
        let place = self.candidate_places[candidate.at()];
        self.engine.set_pairs(place, &keys);
        self.follow(Change { candidate: Some(place), ..Change::default() })
    }
}

/// The pairs of a session's market.
#[derive(Clone, Copy)]
pub struct SessionPairs<'a>(&'a Session);

impl Eligibility for SessionPairs<'_> {
    fn pairs_of(&self, candidate: CandidateIx, out: &mut Vec<Pair>) {
        let book = &self.0.engine.book;
        out.extend(book.pairs(self.0.candidate_places[candidate.at()]).iter().map(|&key| book.pair(key)));
    }
}
