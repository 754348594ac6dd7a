//! The solver's market of a snapshot. Pairs are not stored: they are told from an index each time they are asked for.
//!
//! Lines that ask for the same kind of work form a **profile**. Whether a person may do it, and with which score, is judged
//! once per person and profile; what is left per line are a few comparisons of days.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Display,
    sync::Arc,
};

use chrono::{Datelike, NaiveDate};
use proto::ids::{CandidateId, LineId};
use solver::{
    BuildError, CandidateIx, Eligibility, LineIx, Market, MarketBuilder, Pair, QuotaIx, QuotaSetIx, Scope, Tier,
};
use uuid::Uuid;

use crate::{
    beds::Housing,
    eligibility::{may_stay, months_in, paper_rules, person_rules, work_rules},
    facts::{Candidate, Line},
    score,
    snapshot::Snapshot,
    terms::Corridor,
    together::{self, Group},
};

/// What binds a market beside its pairs: where the limits of lines and corridors stand among its quotas, and who goes together.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Corridor → its quota, where lines of several origins draw on it.
    pub corridors: BTreeMap<String, QuotaIx>,
    /// Per line, the limit on people whom its order does not name.
    pub others: Vec<Option<QuotaIx>>,
    /// Per line, the beds of its housing: one limit for each day on which they are short.
    pub beds: Vec<Vec<QuotaIx>>,
    /// Families and crews, also those that are not whole.
    pub groups: Vec<Group>,
}

/// The claim of a pair that an operator laid down: before every other.
pub const PINNED: Tier = Tier(0);
/// The claim of a worker asked for by name.
pub const NAMED: Tier = Tier(1);
/// The claim of a worker whose last offer an employer took back.
pub const FIRST: Tier = Tier(2);
/// The claim of a worker with a ground that the corridor's pack puts before every score.
pub const PRIORITY: Tier = Tier(3);

/// What is tried on a market, or was laid down for it, that its snapshot does not say. Positions of candidates and lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trial {
    /// Candidate → the line of the seat that they get.
    pub pinned: BTreeMap<u32, u32>,
    /// Candidate and line of seats that are not given.
    pub forbidden: BTreeSet<(u32, u32)>,
    /// Points that a pair gets beyond its score.
    pub more: Option<(u32, u32, i64)>,
}

impl Trial {
    fn apply(&self, candidate: u32, pairs: &mut Vec<Pair>) {
        if !self.forbidden.is_empty() {
            pairs.retain(|pair| !self.forbidden.contains(&(candidate, pair.line.0)));
        }
        if let Some((_, line, points)) = self.more.filter(|(whose, ..)| *whose == candidate) {
            pairs.iter_mut().filter(|pair| pair.line.0 == line).for_each(|pair| pair.score += points);
        }
        if let Some(&line) = self.pinned.get(&candidate) {
            pairs.retain(|pair| pair.line.0 == line);
            pairs.iter_mut().for_each(|pair| pair.tier = PINNED);
        }
    }
}

/// Tells the pairs of each candidate.
pub struct Index {
    snapshot: Arc<Snapshot>,
    trial: Trial,
    profiles: Vec<Vec<Slot>>,
    /// Per line, its profile and its place there.
    slots: Vec<(u32, u32)>,
    seekers: Vec<Seeker>,
    /// Of each candidate in the profiles open to them, ascending, candidate by candidate.
    fits: Fits,
    /// Per line, the candidates whom its order names, ascending.
    named: Vec<Vec<u32>>,
    /// Per line and origin, the quotas of a pair: of a person whom the order names, of another.
    sets: Vec<[QuotaSetIx; 2]>,
    origins: usize,
}

/// How a candidate fits a kind of work that is open to them.
#[derive(Clone, Copy)]
struct Fit {
    profile: u32,
    months: i32,
    score: i64,
}

/// The fits of all candidates: few of the many kinds of work are open to anyone.
#[derive(Default)]
struct Fits {
    /// Where each candidate's end.
    ends: Vec<usize>,
    all: Vec<Fit>,
}

impl Fits {
    fn of(&self, candidate: CandidateIx) -> &[Fit] {
        let before = candidate.at().checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[before..self.ends[candidate.at()]]
    }
}

/// A line within its profile; days counted from the common era.
struct Slot {
    line: u32,
    /// Months of experience asked for.
    months: i32,
    starts: i32,
    ends: i32,
    special: bool,
}

/// A candidate's days.
struct Seeker {
    origin: usize,
    /// What the person claims on a line that does not ask for them by name.
    tier: Tier,
    starts_from: i32,
    starts_until: i32,
    ends_until: i32,
    return_days: i32,
    busy: Vec<(i32, i32)>,
    /// Days of work that fit whatever else the person does; beyond, the year is looked at.
    stay_left: i64,
    shut: Vec<u32>,
}

impl Seeker {
    fn of(person: &Candidate, (origin, corridor): (usize, &Corridor), places: &BTreeMap<LineId, u32>) -> Self {
        let year = |age: i32, month, day| {
            let date = NaiveDate::from_ymd_opt(person.birth_year.saturating_add(age), month, day);
            date.map(|date| date.num_days_from_ce())
        };
        let day = |date: NaiveDate| date.num_days_from_ce();
        Self {
            origin,
            tier: match (person.first, corridor.puts_first(person)) {
                (true, _) => FIRST,
                (false, true) => PRIORITY,
                (false, false) => Tier::SCORE,
            },
            starts_from: year(corridor.age_min, 1, 1)
                .unwrap_or(i32::MAX)
                .max(person.available_from.map_or(i32::MIN, day)),
            starts_until: year(corridor.age_max, 12, 31).unwrap_or(i32::MAX),
            ends_until: person.available_until.map_or(i32::MAX, day),
            return_days: i32::try_from(corridor.return_days.max(0)).unwrap_or(i32::MAX / 4),
            busy: person.periods.iter().map(|period| (day(period.from), day(period.until))).collect(),
            stay_left: corridor.stay_days_max - person.periods.iter().map(|period| period.days()).sum::<i64>(),
            shut: person.shut.keys().filter_map(|line| places.get(line).copied()).collect(),
        }
    }

    /// True if the days of the slot suit, but for the year's limit on days abroad.
    fn suits(&self, slot: &Slot) -> bool {
        self.starts_from <= slot.starts
            && slot.starts <= self.starts_until
            && slot.ends <= self.ends_until
            && self.busy.iter().all(|&(from, until)| until <= slot.starts || slot.ends + self.return_days <= from)
    }
}

impl Eligibility for Index {
    fn pairs_of(&self, candidate: CandidateIx, out: &mut Vec<Pair>) {
        for fit in self.fits.of(candidate) {
            let profile = &self.profiles[fit.profile as usize];
            out.extend(profile.iter().filter_map(|slot| self.open(candidate, fit, slot)));
        }
        self.close(candidate, out);
    }

    fn pair(&self, candidate: CandidateIx, line: LineIx) -> Option<Pair> {
        let &(profile, slot) = self.slots.get(line.at())?;
        let fits = self.fits.of(candidate);
        let fit = &fits[fits.binary_search_by_key(&profile, |fit| fit.profile).ok()?];
        let mut pair = Vec::from_iter(self.open(candidate, fit, &self.profiles[profile as usize][slot as usize]));
        self.close(candidate, &mut pair);
        pair.pop()
    }
}

impl Index {
    /// The pair of a slot in whose kind of work somebody fits, if its months and days suit too.
    fn open(&self, candidate: CandidateIx, fit: &Fit, slot: &Slot) -> Option<Pair> {
        let seeker = &self.seekers[candidate.at()];
        if slot.months > fit.months || !seeker.suits(slot) {
            return None;
        }
        if i64::from(slot.ends - slot.starts) > seeker.stay_left && !self.may_stay(candidate, slot) {
            return None;
        }
        self.pair_at(candidate, slot, fit.score)
    }

    /// Takes away what is shut to somebody or forbidden to them, and puts up what is tried.
    fn close(&self, candidate: CandidateIx, pairs: &mut Vec<Pair>) {
        let seeker = &self.seekers[candidate.at()];
        if !seeker.shut.is_empty() {
            pairs.retain(|pair| !seeker.shut.contains(&pair.line.0));
        }
        self.trial.apply(candidate.0, pairs);
    }

    fn may_stay(&self, candidate: CandidateIx, slot: &Slot) -> bool {
        let person = &self.snapshot.candidates[candidate.at()];
        let corridor = &self.snapshot.terms.corridors[&person.origin];
        may_stay(corridor, person, &self.snapshot.lines[slot.line as usize])
    }

    fn pair_at(&self, candidate: CandidateIx, slot: &Slot, score: i64) -> Option<Pair> {
        let at = slot.line as usize;
        let &Seeker { origin, tier, .. } = &self.seekers[candidate.at()];
        let sets = &self.sets[at * self.origins + origin];
        let line = LineIx(slot.line);
        if !slot.special {
            return Some(Pair { line, score, tier, quotas: sets[1] });
        }
        let asked = &self.snapshot.lines[at];
        if self.named[at].binary_search(&candidate.0).is_ok() {
            return Some(Pair { line, score, tier: NAMED, quotas: sets[0] });
        }
        // A recall goes before every other claim, and takes no seat that is kept for whom the order names.
        let recalled = self.snapshot.candidates[candidate.at()].recalled.contains_key(&asked.organisation_id);
        let tier = if recalled { NAMED } else { tier };
        (asked.others != Some(0)).then_some(Pair { line, score, tier, quotas: sets[1] })
    }
}

/// Returns the market of `snapshot`, and where its limits stand among the quotas.
///
/// # Errors
/// If the solver refuses the market: a defect here, or weights beyond 124 bits.
pub fn build(snapshot: Arc<Snapshot>) -> Result<(Market<Index>, Limits), BuildError> {
    build_trial(snapshot, Trial::default())
}

/// Does what [`build`] does, and tries something on it.
///
/// # Errors
/// As [`build`].
pub fn build_trial(snapshot: Arc<Snapshot>, trial: Trial) -> Result<(Market<Index>, Limits), BuildError> {
    let mut builder = MarketBuilder::default();
    let mut used = HashSet::new();
    for person in &snapshot.candidates {
        let reference = format!("{}/{}", person.origin, person.lottery_key);
        builder.candidate(unique(&mut used, reference, person.id), 1);
    }
    used.clear();
    for line in &snapshot.lines {
        builder.line(unique(&mut used, line.reference.clone(), line.id), line.seats);
    }
    let limits = limits(&mut builder, &snapshot);
    go_together(&mut builder, &snapshot, &limits.groups);
    for (line, asked) in (0..).map(LineIx).zip(&snapshot.lines).filter(|(_, asked)| asked.least > 1) {
        builder.least_crew(line, asked.least);
    }
    let apart = together::apart(&limits.groups);
    let index = Index { trial, ..index(&mut builder, snapshot, (&limits, &apart)) };
    Ok((builder.build_with(index)?, limits))
}

/// Tells the solver who goes together. Nothing of it can be refused: nobody is in two groups, no line on two sites.
fn go_together(builder: &mut MarketBuilder, snapshot: &Snapshot, groups: &[Group]) {
    let whole = || groups.iter().filter(|group| group.is_whole());
    for group in whole() {
        let members: Vec<CandidateIx> = group.members.iter().map(|&at| CandidateIx(index_of(at))).collect();
        builder.together(&members, group.scope);
    }
    if whole().any(|group| group.scope == Scope::Site) {
        let mut places: HashMap<Uuid, usize> = HashMap::new();
        let mut sites: Vec<Vec<LineIx>> = Vec::new();
        for (place, line) in (0..).map(LineIx).zip(&snapshot.lines) {
            let site = *places.entry(line.site).or_insert(sites.len());
            sites.resize(sites.len().max(site + 1), Vec::new());
            sites[site].push(place);
        }
        sites.iter().for_each(|lines| _ = builder.site(lines));
    }
}

fn index_of(position: usize) -> u32 {
    u32::try_from(position).expect("a market holds fewer than 2^32 of anything")
}

/// References are unique by contract; where one is not, the id tells the two apart rather than stopping the round.
fn unique(used: &mut HashSet<String>, reference: String, id: impl Display) -> String {
    if used.insert(reference.clone()) { reference } else { format!("{reference}#{id}") }
}

fn limits(builder: &mut MarketBuilder, snapshot: &Snapshot) -> Limits {
    let corridors =
        snapshot.quotas.iter().map(|quota| (quota.corridor_code.clone(), builder.quota(quota.free))).collect();
    let partly = |line: &Line| line.others.filter(|&others| others > 0 && others < line.seats);
    let others = snapshot.lines.iter().map(|line| partly(line).map(|others| builder.quota(others))).collect();
    let groups = together::groups(&snapshot.candidates);
    Limits { corridors, others, beds: beds(builder, snapshot), groups }
}

/// One limit for each housing and day: the same for all lines whose people sleep there then.
fn beds(builder: &mut MarketBuilder, snapshot: &Snapshot) -> Vec<Vec<QuotaIx>> {
    let mut nights: HashMap<(Housing<'_>, NaiveDate), QuotaIx> = HashMap::new();
    let mut of_lines = Vec::with_capacity(snapshot.lines.len());
    for line in &snapshot.lines {
        let quota = |(&day, &free): (&NaiveDate, &u32)| {
            *nights.entry((Housing::of(line), day)).or_insert_with(|| builder.quota(free))
        };
        of_lines.push(line.beds.iter().map(quota).collect());
    }
    of_lines
}

/// `apart`: who takes no part, for the family or crew is not whole.
fn index(builder: &mut MarketBuilder, snapshot: Arc<Snapshot>, (limits, apart): (&Limits, &HashSet<usize>)) -> Index {
    let origins: Vec<(&String, &Corridor)> = snapshot.terms.corridors.iter().collect();
    let mut sets = Vec::with_capacity(snapshot.lines.len() * origins.len());
    for ((line, others), beds) in snapshot.lines.iter().zip(&limits.others).zip(&limits.beds) {
        for (_, corridor) in &origins {
            let quota = limits.corridors.get(&corridor.code).filter(|_| line.draws_on_quotas());
            let of_named: Vec<QuotaIx> = quota.into_iter().chain(beds).copied().collect();
            let of_others: Vec<QuotaIx> = of_named.iter().copied().chain(*others).collect();
            sets.push([builder.quota_set(&of_named), builder.quota_set(&of_others)]);
        }
    }
    let places = (0..).zip(&snapshot.lines).map(|(place, line)| (line.id, place)).collect();
    let named: HashSet<CandidateId> = snapshot.lines.iter().flat_map(|line| line.named.iter().copied()).collect();
    let people: BTreeMap<CandidateId, u32> = (0..)
        .zip(&snapshot.candidates)
        .filter(|(_, person)| named.contains(&person.id))
        .map(|(at, person)| (person.id, at))
        .collect();
    let place_of = |person: &Candidate| origins.iter().position(|(origin, _)| **origin == person.origin);
    let seeker = |person: &Candidate| {
        let place = place_of(person).expect("a snapshot holds people of its corridors only");
        Seeker::of(person, (place, origins[place].1), &places)
    };
    let named = |line: &Line| {
        let mut named: Vec<u32> = line.named.iter().filter_map(|id| people.get(id).copied()).collect();
        named.sort_unstable();
        named
    };
    let (profiles, fits) = profiles(&snapshot, apart);
    let mut slots = vec![(0, 0); snapshot.lines.len()];
    for (profile, lines) in (0..).zip(&profiles) {
        (0..).zip(lines).for_each(|(place, slot)| slots[slot.line as usize] = (profile, place));
    }
    Index {
        seekers: snapshot.candidates.iter().map(seeker).collect(),
        named: snapshot.lines.iter().map(named).collect(),
        origins: origins.len(),
        profiles,
        slots,
        fits,
        sets,
        snapshot,
        trial: Trial::default(),
    }
}

/// Groups the lines by kind of work, and judges each person once per kind. The months asked for differ within a kind.
fn profiles(snapshot: &Snapshot, apart: &HashSet<usize>) -> (Vec<Vec<Slot>>, Fits) {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut models: Vec<Line> = Vec::new();
    let mut profiles: Vec<Vec<Slot>> = Vec::new();
    let recalling = snapshot.recalling();
    for (place, line) in (0..).zip(&snapshot.lines) {
        let kind = *kinds.entry(kind(line)).or_insert_with(|| {
            models.push(Line { experience_months: 0, ..line.clone() });
            profiles.push(Vec::new());
            models.len() - 1
        });
        profiles[kind].push(Slot {
            line: place,
            months: line.experience_months,
            starts: line.starts_on.num_days_from_ce(),
            ends: line.ends_on.num_days_from_ce(),
            special: !line.named.is_empty() || line.others.is_some() || recalling.contains(&line.organisation_id),
        });
    }
    let fits = fits(snapshot, &models, apart);
    (profiles, fits)
}

/// Judges each person in the kinds of work of the occupations that they know, where their corridor has a share.
fn fits(snapshot: &Snapshot, models: &[Line], apart: &HashSet<usize>) -> Fits {
    // Corridor and occupation, none = any, → kinds of work.
    let mut asked: HashMap<(&str, Option<&str>), Vec<u32>> = HashMap::new();
    for (profile, line) in (0..).zip(models) {
        for corridor in line.shares.iter().map(|share| share.corridor_code.as_str()) {
            let mut ask = |code| asked.entry((corridor, code)).or_default().push(profile);
            if line.isco_codes.is_empty() {
                ask(None);
            }
            line.isco_codes.iter().for_each(|code| ask(Some(code)));
        }
    }
    let mut fits = Fits { ends: Vec::with_capacity(snapshot.candidates.len()), all: Vec::new() };
    let mut known = Vec::new();
    for (at, person) in snapshot.candidates.iter().enumerate() {
        let corridor = &snapshot.terms.corridors[&person.origin];
        let takes_part = !apart.contains(&at);
        if takes_part && person_rules(&snapshot.terms, corridor, person, &snapshot.destination).is_empty() {
            let codes = person.experience.keys().map(|code| Some(code.as_str())).chain([None]);
            known.clear();
            known.extend(codes.filter_map(|code| asked.get(&(corridor.code.as_str(), code))).flatten());
            known.sort_unstable();
            known.dedup();
            let open = known.iter().map(|&profile| (profile, &models[profile as usize]));
            let open = open.filter(|(_, line)| {
                paper_rules(&snapshot.terms, corridor, person, line).is_empty()
                    && work_rules(corridor, person, line).is_empty()
            });
            fits.all.extend(open.map(|(profile, line)| Fit {
                profile,
                months: months_in(person, line).unwrap_or(0),
                score: score::total(corridor, person, line),
            }));
        }
        fits.ends.push(fits.all.len());
    }
    fits
}

fn kind(line: &Line) -> String {
    let corridors: Vec<&str> = line.shares.iter().map(|share| share.corridor_code.as_str()).collect();
    format!("{:?}", (&line.isco_codes, &line.languages, &line.certificates, &line.origins, corridors, &line.papers))
}

#[cfg(test)]
mod tests;
