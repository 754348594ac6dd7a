//! Who is decided on at once: a group that goes together, or a candidate of several seats.

use std::collections::BTreeMap;

use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair};
use crate::plan::Duals;
use crate::rules::Scope;

/// Steps after which no better way to share out a site is looked for.
const STEPS_MOST: usize = 2_000;

/// One of a unit, with the pairs that it may be given.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) candidate: CandidateIx,
    pub(crate) size: u32,
    /// By line.
    pub(crate) pairs: Vec<Pair>,
}

/// Members who all get a seat or none does, and where that may be.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) members: Vec<Member>,
    /// Lines of which all members must sit on one set.
    pub(crate) options: Vec<Vec<LineIx>>,
}

/// A pair for each member of a unit.
pub(crate) type Choice = Vec<Pair>;

/// Returns the units of a market in the order of `places`, which tells each candidate's and each line's place in the draw.
pub(crate) fn units<E: Eligibility>(market: &Market<E>, (candidates, lines): (&[u32], &[u32])) -> Vec<Unit> {
    let mut grouped = vec![false; market.candidates.len()];
    let mut groups: Vec<(Vec<CandidateIx>, Scope)> = Vec::new();
    for group in market.together().iter().filter(|group| !group.members.is_empty()) {
        group.members.iter().for_each(|member| grouped[member.at()] = true);
        groups.push((group.members.clone(), group.scope));
    }
    let alone = (0..grouped.len()).filter(|&at| !grouped[at] && market.candidates[at].size > 1);
    groups.extend(alone.map(|at| (vec![CandidateIx::new(at)], Scope::Line)));
    for (members, _) in &mut groups {
        members.sort_unstable_by_key(|member| candidates[member.at()]);
    }
    groups.sort_unstable_by_key(|(members, _)| candidates[members[0].at()]);
    let sites = market.rules.site_of_lines(market.lines.len());
    let alone = |line: LineIx| sites[line.at()].ok_or(line);
    let make = |(members, scope): (Vec<CandidateIx>, Scope)| {
        let member = |candidate: CandidateIx| {
            let (mut pairs, size) = (Vec::new(), market.candidates[candidate.at()].size);
            market.pairs_of(candidate, &mut pairs);
            pairs.retain(|pair| market.lines[pair.line.at()].seats >= size);
            pairs.sort_unstable_by_key(|pair| pair.line);
            Member { candidate, size, pairs }
        };
        let members: Vec<Member> = members.into_iter().map(member).collect();
        let mut options = match scope {
            Scope::Line => options(market, &members, Ok::<LineIx, LineIx>),
            Scope::Site => options(market, &members, alone),
        };
        options.iter_mut().for_each(|option| option.sort_unstable_by_key(|line| lines[line.at()]));
        options.sort_unstable_by_key(|option| lines[option[0].at()]);
        Unit { members, options }
    };
    groups.into_iter().map(make).collect()
}

/// Returns the sets of lines, those alike in `spot`, on which each member has a pair and all have seats.
fn options<E, S: Ord + Copy>(market: &Market<E>, members: &[Member], spot: impl Fn(LineIx) -> S) -> Vec<Vec<LineIx>> {
    let needed: u64 = members.iter().map(|member| u64::from(member.size)).sum();
    let pairs =
        members.iter().enumerate().flat_map(|(at, member)| member.pairs.iter().map(move |pair| (at, pair.line)));
    let mut spots: Vec<(S, usize, LineIx)> = pairs.map(|(at, line)| (spot(line), at, line)).collect();
    spots.sort_unstable();
    let able = |found: &[(S, usize, LineIx)]| {
        let all = found.chunk_by(|one, next| one.1 == next.1).count() == members.len();
        let mut lines: Vec<LineIx> = found.iter().map(|(.., line)| *line).collect();
        lines.sort_unstable();
        lines.dedup();
        let seats: u64 = lines.iter().map(|line| u64::from(market.lines[line.at()].seats)).sum();
        (all && seats >= needed).then_some(lines)
    };
    spots.chunk_by(|one, next| one.0 == next.0).filter_map(able).collect()
}

impl Unit {
    /// Returns the most that its members could be paid under prices if nobody else were there: of each option the best
    /// pairs, or nothing.
    pub(crate) fn best(&self, surplus: impl Fn(&Member, &Pair) -> i128) -> i128 {
        let most = |option: &Vec<LineIx>| -> i128 {
            let best = |member: &Member| member.on(option).map(|pair| surplus(member, pair)).max();
            self.members.iter().map(|member| best(member).expect("an option has a pair for each member")).sum()
        };
        self.options.iter().map(most).max().unwrap_or(0).max(0)
    }

    /// Returns the best pairs for all members on the lines of an option that `room` leaves, with what they are worth.
    pub(crate) fn share(
        &self,
        option: usize,
        room: impl Fn(LineIx) -> u32,
        surplus: impl Fn(&Member, &Pair) -> i128,
    ) -> Option<(i128, Choice)> {
        let option = &self.options[option];
        let mut room: BTreeMap<LineIx, u32> = option.iter().map(|&line| (line, room(line))).collect();
        if let [line] = option[..] {
            let needed: u32 = self.members.iter().map(|member| member.size).sum();
            if room[&line] < needed {
                return None;
            }
            let choice: Choice = self.members.iter().filter_map(|member| member.on(option).next().copied()).collect();
            let worth = self.members.iter().zip(&choice).map(|(member, pair)| surplus(member, pair)).sum();
            return Some((worth, choice));
        }
        let ranked = |(at, member): (usize, &Member)| {
            let mut pairs: Vec<(i128, Pair)> = member.on(option).map(|pair| (surplus(member, pair), *pair)).collect();
            pairs.sort_by_key(|(surplus, _)| -surplus);
            (at, member.size, pairs)
        };
        let mut members: Vec<Ranked> = self.members.iter().enumerate().map(ranked).collect();
        // Those who need most and can choose least go first.
        members.sort_by_key(|(_, size, pairs)| (std::cmp::Reverse(*size), pairs.len()));
        let mut hopes = vec![0; members.len() + 1];
        for at in (0..members.len()).rev() {
            hopes[at] = hopes[at + 1] + members[at].2[0].0;
        }
        let mut sharing = Sharing { members: &members, hopes, taken: Vec::new(), best: None, steps: 0 };
        sharing.descend(&mut room, 0);
        let (worth, taken) = sharing.best?;
        let mut choice: Vec<(usize, Pair)> = members.iter().map(|member| member.0).zip(taken).collect();
        choice.sort_unstable_by_key(|(at, _)| *at);
        Some((worth, choice.into_iter().map(|(_, pair)| pair).collect()))
    }
}

/// Position in the unit, seats, pairs with what they are worth, best first.
type Ranked = (usize, u32, Vec<(i128, Pair)>);

/// A search for the best way to seat all members on a site.
struct Sharing<'a> {
    members: &'a [Ranked],
    /// The most that those from a position on can be worth.
    hopes: Vec<i128>,
    taken: Vec<Pair>,
    best: Option<(i128, Vec<Pair>)>,
    steps: usize,
}

impl Sharing<'_> {
    fn descend(&mut self, room: &mut BTreeMap<LineIx, u32>, worth: i128) {
        self.steps += 1;
        let depth = self.taken.len();
        if self.steps > STEPS_MOST || self.best.as_ref().is_some_and(|best| worth + self.hopes[depth] <= best.0) {
            return;
        }
        let Some((_, size, pairs)) = self.members.get(depth) else {
            self.best = Some((worth, self.taken.clone()));
            return;
        };
        for (surplus, pair) in pairs {
            if room[&pair.line] < *size {
                continue;
            }
            *room.entry(pair.line).or_default() -= size;
            self.taken.push(*pair);
            self.descend(room, worth + surplus);
            self.taken.pop();
            *room.entry(pair.line).or_default() += size;
        }
    }
}

impl Member {
    /// Returns its pairs on some lines, in their order.
    pub(crate) fn on<'a>(&'a self, lines: &'a [LineIx]) -> impl Iterator<Item = &'a Pair> {
        lines.iter().filter_map(|&line| self.pair(line))
    }

    /// Returns its pair on a line.
    pub(crate) fn pair(&self, line: LineIx) -> Option<&Pair> {
        let at = self.pairs.binary_search_by_key(&line, |pair| pair.line);
        at.ok().map(|at| &self.pairs[at])
    }
}

/// Returns what no plan can exceed by these prices, in parts of a point: units are paid as such, all others one by one.
pub(crate) fn bound<E: Eligibility>(market: &Market<E>, units: &[Unit], duals: &Duals) -> i128 {
    bound_of(market, units, duals, |pair| market.weight(pair) * duals.scale)
}

/// Returns the same for other weights.
pub(crate) fn bound_of<E: Eligibility>(
    market: &Market<E>,
    units: &[Unit],
    duals: &Duals,
    weight: impl Fn(&Pair) -> i128,
) -> i128 {
    let mut alone = vec![true; market.candidates.len()];
    units.iter().flat_map(|unit| &unit.members).for_each(|member| alone[member.candidate.at()] = false);
    let surplus = |size: u32, pair: &Pair| weight(pair) - i128::from(size) * prices(market, duals, pair);
    let mut bound: i128 = units.iter().map(|unit| unit.best(|member, pair| surplus(member.size, pair))).sum();
    let mut pairs = Vec::new();
    for at in (0..alone.len()).filter(|&at| alone[at]) {
        market.pairs_of(CandidateIx::new(at), &mut pairs);
        bound += pairs.iter().map(|pair| surplus(1, pair)).fold(0, i128::max);
    }
    let lines = market.lines.iter().zip(&duals.lines).map(|(line, price)| i128::from(line.seats) * price);
    let quotas = market.quotas.iter().zip(&duals.quotas).map(|(quota, price)| i128::from(quota.limit) * price);
    bound + lines.sum::<i128>() + quotas.sum::<i128>()
}

/// Returns what a pair is worth beyond its prices, for one who takes so many seats.
pub(crate) fn surplus<E: Eligibility>(market: &Market<E>, duals: &Duals, size: u32, pair: &Pair) -> i128 {
    market.weight(pair) * duals.scale - i128::from(size) * prices(market, duals, pair)
}

/// Returns what one seat with its places in quotas costs.
fn prices<E: Eligibility>(market: &Market<E>, duals: &Duals, pair: &Pair) -> i128 {
    let quotas: i128 = market.quota_set(pair.quotas).iter().map(|quota| duals.quotas[quota.at()]).sum();
    quotas + duals.lines[pair.line.at()]
}
