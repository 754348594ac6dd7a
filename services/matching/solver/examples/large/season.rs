//! A generated season: who can do what, who needs whom, and when. Pairs are not stored but told when asked for.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use solver::{CandidateIx, Eligibility, LineIx, Market, MarketBuilder, Pair, QuotaIx, QuotaSetIx, Scope, Tier};

const OCCUPATIONS: usize = 30;
const ORIGINS: usize = 12;
const DESTINATIONS: usize = 8;

/// How many there are of what.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    candidates: usize,
    lines: usize,
    seats: usize,
}

impl Size {
    /// Returns the size of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let [candidates, lines, seats] = match name {
            "XS" => [1_000, 150, 400],
            "S" => [10_000, 1_500, 4_000],
            "SW" => [10_000, 200, 4_000],
            "M" => [100_000, 14_500, 40_000],
            "L" => [1_000_000, 145_000, 400_000],
            "MT" => [44_000, 14_500, 40_000],
            "LT" => [440_000, 145_000, 400_000],
            _ => return None,
        };
        Some(Self { candidates, lines, seats })
    }
}

#[derive(Clone)]
struct Worker {
    origin: usize,
    region: usize,
    /// Up to three, with the points of experience in each.
    skills: [Option<(usize, i64)>; 3],
    /// Months within which it can work.
    from: u8,
    until: u8,
    certificates: u8,
    languages: [u8; 4],
    wage: u16,
    points: i64,
    /// Chance by which it is named for one of its lines.
    named: Option<u32>,
}

struct Job {
    place: u32,
    destination: usize,
    seats: u32,
    from: u8,
    until: u8,
    certificate: u8,
    language: usize,
    level: u8,
    wage: u16,
}

/// Workers and jobs. Jobs stand by region and occupation: only those are looked at that a worker could do.
pub(crate) struct Season {
    workers: Vec<Worker>,
    jobs: Vec<Vec<Job>>,
    lines: usize,
    /// Limits of the corridors, if there are any.
    limits: Vec<u32>,
    alike: bool,
    /// Who goes together.
    groups: Vec<std::ops::Range<u32>>,
    /// Least crew of lines with more than four seats.
    least: Option<u32>,
}

impl Season {
    /// Returns the season of `size`, always the same.
    pub(crate) fn new(size: Size, quotas: bool, together: bool, alike: bool) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(7);
        let regions = (size.lines / 2_000).clamp(1, 100);
        let mut jobs: Vec<Vec<Job>> = (0..regions * OCCUPATIONS).map(|_| Vec::new()).collect();
        let mut on_offer = [0_usize; DESTINATIONS];
        // Two thirds are small farms; the rest take several times as many. Each takes one at least.
        let shares: Vec<usize> =
            (0..size.lines)
                .map(|_| {
                    if chance.random_range(0..3) < 2 {
                        chance.random_range(0..70)
                    } else {
                        chance.random_range(70..500)
                    }
                })
                .collect();
        let (all, mut before) = (shares.iter().sum::<usize>(), 0);
        for (place, share) in shares.into_iter().enumerate() {
            let upto = |shares: usize| shares * (size.seats - size.lines) / all;
            let seats = 1 + upto(before + share) - upto(before);
            before += share;
            let job = job(&mut chance, place, seats);
            on_offer[job.destination] += seats;
            jobs[chance.random_range(0..regions) * OCCUPATIONS + skill(&mut chance)].push(job);
        }
        let naming = size.candidates * 20 / size.seats;
        let workers: Vec<Worker> = (0..size.candidates).map(|_| worker(&mut chance, regions, naming)).collect();
        let mut season =
            Self { workers, jobs, lines: size.lines, limits: Vec::new(), alike, groups: Vec::new(), least: None };
        if quotas || together {
            season.limits = season.limits(on_offer, together);
        }
        season
    }

    /// Lets a tenth of the people go in families and crews of 2 to 6, who can do the same and differ in experience.
    pub(crate) fn in_groups(&mut self) {
        let (mut chance, mut at) = (ChaCha8Rng::seed_from_u64(11), 0);
        while at + 60 <= self.workers.len() {
            let size = chance.random_range(2..=6_usize);
            let leader = self.workers[at].clone();
            for member in &mut self.workers[at + 1..at + size] {
                let points = member.points;
                *member = Worker { points, named: None, ..leader.clone() };
            }
            self.groups.push(at as u32..(at + size) as u32);
            at += 10 * size;
        }
    }

    /// Lets nobody or three at least work on lines with more than four seats.
    pub(crate) fn with_least_crews(&mut self) {
        self.least = Some(3);
    }

    /// A third of the corridors get six tenths of what is to be expected there, the rest four times; or, together, each
    /// origin's limits admit nine tenths of its people.
    fn limits(&self, on_offer: [usize; DESTINATIONS], together: bool) -> Vec<u32> {
        let mut people = [0_usize; ORIGINS];
        self.workers.iter().for_each(|worker| people[worker.origin] += 1);
        let seats: usize = on_offer.iter().sum();
        let all = self.workers.len().min(seats);
        (0..ORIGINS * DESTINATIONS)
            .map(|corridor| {
                let share = people[corridor / DESTINATIONS] * on_offer[corridor % DESTINATIONS] / self.workers.len();
                let limit = match (together, corridor * 7 % 3) {
                    (true, _) => share * all * 9 / (seats * 10),
                    (false, 0) => share * 6 / 10,
                    (false, _) => share * 4,
                };
                u32::try_from(limit).expect("a number of people").max(1)
            })
            .collect()
    }

    /// Returns the months of each line, and how many each worker may work: nine.
    pub(crate) fn months(&self) -> solver::Season {
        let mut stays = vec![0..0; self.lines];
        for job in self.jobs.iter().flatten() {
            stays[job.place as usize] = u32::from(job.from)..u32::from(job.until);
        }
        solver::Season { stays, most: vec![9; self.workers.len()] }
    }

    /// Returns the market of the season.
    pub(crate) fn market(self) -> Market<Self> {
        let mut builder = MarketBuilder::default();
        for at in 0..self.workers.len() {
            builder.candidate(format!("candidate {at}"), 1);
        }
        let mut seats = vec![0; self.lines];
        self.jobs.iter().flatten().for_each(|job| seats[job.place as usize] = job.seats);
        for (at, seats) in seats.into_iter().enumerate() {
            builder.line(format!("line {at}"), seats);
        }
        for (at, group) in self.groups.iter().enumerate() {
            let members: Vec<CandidateIx> = group.clone().map(CandidateIx).collect();
            builder.together(&members, if at % 3 == 0 { Scope::Site } else { Scope::Line });
        }
        if !self.groups.is_empty() {
            // Farms of three lines.
            let lines: Vec<LineIx> = (0..self.lines as u32).map(LineIx).collect();
            lines.chunks(3).for_each(|farm| _ = builder.site(farm));
        }
        for job in self.jobs.iter().flatten().filter(|job| job.seats > 4) {
            self.least.iter().for_each(|&least| builder.least_crew(LineIx(job.place), least));
        }
        let quotas: Vec<QuotaIx> = self.limits.iter().map(|&limit| builder.quota(limit)).collect();
        for quota in quotas {
            // Set n + 1 is corridor n alone.
            builder.quota_set(&[quota]);
        }
        builder.build_with(self).expect("the generated market is sound")
    }
}

/// Some kinds of work are commoner than others.
fn skill(chance: &mut ChaCha8Rng) -> usize {
    chance.random_range(0..OCCUPATIONS).min(chance.random_range(0..OCCUPATIONS + OCCUPATIONS / 2))
}

fn job(chance: &mut ChaCha8Rng, place: usize, seats: usize) -> Job {
    let from = chance.random_range(1..=9_u8);
    Job {
        place: u32::try_from(place).expect("a number of lines"),
        destination: chance.random_range(0..DESTINATIONS),
        seats: u32::try_from(seats).expect("a number of seats"),
        from,
        until: (from + chance.random_range(2..=6)).min(12),
        certificate: if chance.random_range(0..2) == 0 { 0 } else { 1 << chance.random_range(0..8) },
        language: chance.random_range(0..4),
        level: chance.random_range(0..3),
        wage: chance.random_range(900..1600),
    }
}

fn worker(chance: &mut ChaCha8Rng, regions: usize, naming: usize) -> Worker {
    let known = chance.random_range(1..=3);
    let first = skill(chance);
    let experience = 2 * chance.random_range(0..=48_i64);
    let returned = 60 * chance.random_range(0..=4_i64).min(chance.random_range(0..=4));
    let from = chance.random_range(1..=5_u8);
    Worker {
        origin: chance.random_range(0..ORIGINS).min(chance.random_range(0..ORIGINS + 4)),
        region: chance.random_range(0..regions),
        skills: std::array::from_fn(|at| {
            (at < known).then_some(((first + 7 * at) % OCCUPATIONS, experience / (1 << at)))
        }),
        from,
        until: from + chance.random_range(5..=11),
        certificates: chance.random_range(0..=255_u8) | chance.random_range(0..=255_u8),
        languages: std::array::from_fn(|_| chance.random_range(0..=3)),
        wage: chance.random_range(800..1400),
        points: 100 + returned,
        named: (chance.random_range(0..naming) == 0).then(|| chance.random_range(0..1_000_000)),
    }
}

/// What somebody has against or for a farm, from 0 to 63 points, without being stored.
fn liking(candidate: u32, line: u32) -> i64 {
    let mixed = (u64::from(candidate) << 32 | u64::from(line)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    i64::from((mixed >> 33) as u32 % 64)
}

impl Eligibility for Season {
    fn pairs_of(&self, candidate: CandidateIx, out: &mut Vec<Pair>) {
        let worker = &self.workers[candidate.at()];
        for &(occupation, experience) in worker.skills.iter().flatten() {
            for job in &self.jobs[worker.region * OCCUPATIONS + occupation] {
                let permitted = worker.from <= job.from
                    && job.until <= worker.until
                    && worker.certificates & job.certificate == job.certificate
                    && worker.languages[job.language] >= job.level
                    && worker.wage <= job.wage;
                if !permitted {
                    continue;
                }
                let corridor = worker.origin * DESTINATIONS + job.destination;
                let known = 15 * i64::from(worker.languages[job.language]);
                let of_pair = if self.alike { 0 } else { liking(candidate.0, job.place) };
                out.push(Pair {
                    line: LineIx(job.place),
                    score: worker.points + experience + known + of_pair,
                    tier: Tier::SCORE,
                    quotas: if self.limits.is_empty() { QuotaSetIx::NONE } else { QuotaSetIx(corridor as u32 + 1) },
                });
            }
        }
        if let Some(chance) = worker.named.filter(|_| !out.is_empty()) {
            let at = chance as usize % out.len();
            out[at].tier = Tier::NAMED;
        }
    }
}
