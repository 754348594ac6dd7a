//! Times single changes of a market that was planned once, and checks the plan they end with against one from scratch.

use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use solver::{CandidateIx, Eligibility, LineIx, Market, Pair, Policy, Session, solve, verify};

/// So many changes of each kind.
const CHANGES: usize = 1_000;

/// Times of one kind of change, in microseconds, with the number of people each moved.
struct Times {
    name: &'static str,
    micros: Vec<u128>,
    moves: usize,
}

impl Times {
    fn new(name: &'static str) -> Self {
        Self { name, micros: Vec::new(), moves: 0 }
    }

    fn note(&mut self, begun: Instant, moves: usize) {
        self.micros.push(begun.elapsed().as_micros());
        self.moves += moves;
    }

    fn print(mut self) {
        self.micros.sort_unstable();
        let at = |permille: usize| self.micros[(self.micros.len() * permille / 1000).min(self.micros.len() - 1)];
        println!(
            "{}: {} times, median {} µs, 95 % {} µs, 99 % {} µs, most {} µs; {:.2} people moved on average",
            self.name,
            self.micros.len(),
            at(500),
            at(950),
            at(990),
            at(1000),
            self.moves as f64 / self.micros.len() as f64
        );
    }
}

pub(crate) fn run<E: Eligibility>(market: Market<E>) {
    let (people, lines, limits) = (market.candidates().len(), market.lines().len(), market.quotas().to_vec());
    let policy = Policy::seeded("large");
    let begun = Instant::now();
    let mut session = Session::start(market, &policy).expect("the market leaves room");
    println!("session begun in {:.2} s, gap {}", begun.elapsed().as_secs_f64(), session.gap());
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let mut all = ["withdrawals of the seated", "returns", "arrivals", "seats more or less"].map(Times::new);
    for round in 0..CHANGES {
        let gone = seated(&session, &mut chance, people);
        let pairs = pairs_of(&session, gone);
        let begun = Instant::now();
        let moves = session.withdraw(gone).len();
        all[0].note(begun, moves);
        // Every second one comes back: the others stay away, so that the market changes for good.
        if round % 2 == 0 {
            let begun = Instant::now();
            let moves = session.set_pairs(gone, &pairs).expect("the pairs are known").len();
            all[1].note(begun, moves);
        }
        let like = pairs_of(&session, CandidateIx(chance.random_range(0..people as u32)));
        let begun = Instant::now();
        let (_, moves) = session.admit(format!("late {round}"), &like).expect("the reference is new");
        all[2].note(begun, moves.len());
        let line = LineIx(chance.random_range(0..lines as u32));
        let begun = Instant::now();
        let moves = session.set_seats(line, chance.random_range(0..6)).expect("there is room").len();
        all[3].note(begun, moves);
    }
    all.into_iter().for_each(Times::print);
    println!("value {} bound {} gap {}", session.value(), session.bound(), session.gap());
    finish(session, &policy, limits.is_empty());
}

fn finish(mut session: Session, policy: &Policy, free: bool) {
    if !free {
        let begun = Instant::now();
        session.refine();
        println!("refined in {:.2} s: gap {}", begun.elapsed().as_secs_f64(), session.gap());
    }
    let begun = Instant::now();
    let scratch = solve(&session.market(), policy);
    println!("from scratch in {:.2} s: value {}, gap {}", begun.elapsed().as_secs_f64(), scratch.value, scratch.gap);
    let (plan, market) = (session.plan(), session.market());
    verify(&market, &plan).expect("the plan is sound");
    if free {
        assert_eq!(plan.value, scratch.value, "a session reaches what a search from scratch reaches");
        let sits = |plan: &solver::Plan| plan.assignments.iter().map(Option::is_some).collect::<Vec<bool>>();
        assert!(sits(&plan) == sits(&scratch), "the same people sit");
        println!("the same value, and the same people sit");
    }
}

/// Returns somebody who sits.
fn seated(session: &Session, chance: &mut ChaCha8Rng, people: usize) -> CandidateIx {
    loop {
        let candidate = CandidateIx(chance.random_range(0..people as u32));
        if session.seat_of(candidate).is_some() {
            return candidate;
        }
    }
}

fn pairs_of(session: &Session, candidate: CandidateIx) -> Vec<Pair> {
    let mut pairs = Vec::new();
    session.pairs().pairs_of(candidate, &mut pairs);
    pairs
}
