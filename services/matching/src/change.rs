//! The smallest changes with which a round would have given a seat. Prices tell where to look; what is told was found true
//! by solving the changed market, and one less was found not to be enough.

use std::{
    collections::{BTreeSet, HashSet},
    time::Instant,
};

use chrono::NaiveDate;
use proto::ids::CandidateId;
use solver::LineIx;

use crate::{
    eligibility::{Rule, judge},
    explain::Basis,
    facts::{Candidate, Line},
    replay::{Ended, Replay},
    snapshot::Snapshot,
};

/// Lines, or days, that are tried for one kind of change at most: the nearest ones.
const TRIED: usize = 3;
/// Numbers of points that are tried for one pair at most.
const STEPS: usize = 16;

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Points more for the pair.
    Points(i64),
    /// Held by the person; or not asked for by the line, if a line is explained.
    Certificates(Vec<String>),
    /// First and last day on which the person is available, or of the line's work; none = as it was.
    Dates(Option<NaiveDate>, Option<NaiveDate>),
    /// Seats more on the line.
    Seats(u32),
    /// Units more for a corridor.
    Quota(String, u32),
}

/// A change, and the seat it brings. Positions in the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub what: What,
    pub line: usize,
    pub candidate: Option<usize>,
}

/// What was found; `cut` if the time was over before everything was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub changes: Vec<Change>,
    pub cut: bool,
}

impl Found {
    /// Collects until the time is over. A change that makes no market is no change.
    fn of(found: impl Iterator<Item = Result<Option<Change>, Ended>>) -> Self {
        let mut all = Self::default();
        for one in found {
            match one {
                Ok(change) => all.changes.extend(change),
                Err(Ended::Refused(_) | Ended::Wrong(_)) => {}
                Err(Ended::Time) => return Self { cut: true, ..all },
            }
        }
        all
    }
}

/// Looks for changes in one round.
pub struct Search<'a> {
    pub basis: &'a Basis,
    pub replay: &'a Replay,
    pub until: Instant,
}

impl Search<'_> {
    /// The changes that would have seated a person who has no seat, one of each kind at most.
    #[must_use]
    pub fn candidate(&self, at: usize) -> Found {
        let kinds = [Self::points, Self::seats, Self::quota, Self::certificates, Self::dates];
        Found::of(kinds.into_iter().map(|kind| kind(self, at)))
    }

    /// What those next in line lacked, if the line is full; else what would have filled one seat more, one change of each
    /// kind at most. `next` are people without a seat, `seated` those who have one.
    #[must_use]
    pub fn line(&self, line: usize, next: &[usize], seated: &HashSet<CandidateId>) -> Found {
        if self.replay.outcomes[line].filled >= self.replay.snapshot.lines[line].seats {
            let lacking = |at: usize| self.near(at).into_iter().find(|(near, _)| *near == line);
            let people = next.iter().take(TRIED).filter_map(|&at| Some((at, lacking(at)?.1)));
            return Found::of(people.map(|(at, lacking)| {
                let more = self.points_on(at, line, lacking)?;
                Ok(more.map(|more| Change { what: What::Points(more), line, candidate: Some(at) }))
            }));
        }
        let kinds = [Self::quota_of, Self::certificates_of];
        let dates = std::iter::once_with(|| self.dates_of(line, seated));
        Found::of(kinds.into_iter().map(|kind| kind(self, line)).chain(dates))
    }

    /// Lines open to a person with the points that are lacking there by the prices, fewest first.
    fn near(&self, at: usize) -> Vec<(usize, i64)> {
        let Replay { snapshot, outcomes, .. } = self.replay;
        let person = &snapshot.candidates[at];
        let open = snapshot.lines.iter().zip(outcomes).enumerate();
        let open = open.filter(|(_, (line, _))| judge(&self.basis.terms, person, line).is_empty());
        let mut near: Vec<(usize, i64)> =
            open.map(|(place, (line, outcome))| (place, self.basis.lacking(person, line, outcome))).collect();
        near.sort_by_key(|&(place, lacking)| (lacking, &snapshot.lines[place].reference));
        near
    }

    /// Lines that one rule alone closes to a person.
    fn closed_by(&self, at: usize, rule: Rule) -> Vec<usize> {
        let Snapshot { terms, lines, candidates, .. } = &self.replay.snapshot;
        let closed = |line: &Line| judge(terms, &candidates[at], line) == [rule];
        (0..lines.len()).filter(|&line| closed(&lines[line])).collect()
    }

    fn seat_of(&self, at: usize, change: impl FnOnce(&mut Snapshot)) -> Result<Option<usize>, Ended> {
        Ok(self.replay.seats(change, None, self.until)?[at].map(|line| line.0 as usize))
    }

    fn points(&self, at: usize) -> Result<Option<Change>, Ended> {
        let mut least: Option<(i64, usize)> = None;
        for (line, lacking) in self.near(at).into_iter().take(TRIED) {
            if least.is_some_and(|(more, _)| more <= lacking) {
                break;
            }
            let more = self.points_on(at, line, lacking)?;
            least = more.map(|more| (more, line)).into_iter().chain(least).min();
        }
        Ok(least.map(|(more, line)| Change { what: What::Points(more), line, candidate: Some(at) }))
    }

    /// The fewest points with which the person gets this line. The prices say too few where they are not the only ones
    /// that prove the plan, or where a tie was drawn: then more are tried, and the fewest found by halving.
    fn points_on(&self, at: usize, line: usize, lacking: i64) -> Result<Option<i64>, Ended> {
        let claims =
            self.basis.above_score(&self.replay.snapshot.candidates[at], &self.replay.snapshot.lines[line], lacking);
        if claims.is_some() || self.replay.outcomes[line].pinned >= self.replay.snapshot.lines[line].seats {
            // The seats went to workers with a claim, or were laid down: above every score.
            return Ok(None);
        }
        let index = |position: usize| u32::try_from(position).expect("a market holds fewer than 2^32 of anything");
        let enough = |points: i64| {
            let seats = self.replay.seats(|_| {}, Some((index(at), index(line), points)), self.until)?;
            Ok::<bool, Ended>(seats[at] == Some(LineIx(index(line))))
        };
        let (mut less, mut more, mut step) = (0, lacking.max(1), 1);
        let mut steps = 0;
        while !enough(more)? {
            steps += 1;
            if steps > STEPS {
                return Ok(None);
            }
            less = more;
            more += step;
            step *= 2;
        }
        // Where the prices are right, one less is not enough: looked at first.
        let mut between = more - 1;
        while more - less > 1 {
            if enough(between)? {
                more = between;
            } else {
                less = between;
            }
            between = less.midpoint(more);
        }
        Ok(Some(more))
    }

    fn seats(&self, at: usize) -> Result<Option<Change>, Ended> {
        let Replay { snapshot, outcomes, .. } = self.replay;
        let full = |(line, _): &(usize, i64)| outcomes[*line].filled >= snapshot.lines[*line].seats;
        for (line, _) in self.near(at).into_iter().filter(full).take(TRIED) {
            if self.seat_of(at, |market| add_seat(&mut market.lines[line]))? == Some(line) {
                return Ok(Some(Change { what: What::Seats(1), line, candidate: Some(at) }));
            }
        }
        Ok(None)
    }

    fn quota(&self, at: usize) -> Result<Option<Change>, Ended> {
        let snapshot = &self.replay.snapshot;
        let code = &snapshot.terms.corridors[&snapshot.candidates[at].origin].code;
        let draws = self.near(at).iter().any(|(line, _)| snapshot.lines[*line].draws_on_quotas());
        if !draws || !snapshot.quotas.iter().any(|quota| quota.corridor_code == *code) {
            return Ok(None);
        }
        let seat = self.seat_of(at, |market| add_unit(market, code))?;
        Ok(seat.map(|line| Change { what: What::Quota(code.clone(), 1), line, candidate: Some(at) }))
    }

    fn certificates(&self, at: usize) -> Result<Option<Change>, Ended> {
        let snapshot = &self.replay.snapshot;
        let missing = |line: usize| -> Vec<String> {
            snapshot.lines[line].certificates.difference(&snapshot.candidates[at].certificates).cloned().collect()
        };
        let closed = self.closed_by(at, Rule::Certificates);
        let mut ways: Vec<(Vec<String>, usize)> = closed.into_iter().map(|line| (missing(line), line)).collect();
        ways.sort_by_key(|(missing, line)| (missing.len(), &snapshot.lines[*line].reference));
        for (missing, line) in ways.into_iter().take(TRIED) {
            let learn = |market: &mut Snapshot| market.candidates[at].certificates.extend(missing.clone());
            if self.seat_of(at, learn)? == Some(line) {
                return Ok(Some(Change { what: What::Certificates(missing), line, candidate: Some(at) }));
            }
        }
        Ok(None)
    }

    fn dates(&self, at: usize) -> Result<Option<Change>, Ended> {
        let snapshot = &self.replay.snapshot;
        let person = &snapshot.candidates[at];
        let mut ways: Vec<(Gap, usize)> = self
            .closed_by(at, Rule::Dates)
            .into_iter()
            .map(|line| (Gap::between(person, &snapshot.lines[line]), line))
            .collect();
        ways.sort_by_key(|(gap, line)| (gap.days, &snapshot.lines[*line].reference));
        for (gap, line) in ways.into_iter().take(TRIED) {
            let (starts_on, ends_on) = (snapshot.lines[line].starts_on, snapshot.lines[line].ends_on);
            let (from, until) = (gap.late.then_some(starts_on), gap.early.then_some(ends_on));
            let free = |market: &mut Snapshot| {
                let person = &mut market.candidates[at];
                person.available_from = from.or(person.available_from);
                person.available_until = until.or(person.available_until);
            };
            if self.seat_of(at, free)? == Some(line) {
                return Ok(Some(Change { what: What::Dates(from, until), line, candidate: Some(at) }));
            }
        }
        Ok(None)
    }

    /// True if one seat more of the line is filled once it was changed.
    fn fills(&self, line: usize, change: impl FnOnce(&mut Snapshot)) -> Result<bool, Ended> {
        let seats = self.replay.seats(change, None, self.until)?;
        let filled = seats.iter().flatten().filter(|seat| seat.0 as usize == line).count();
        Ok(filled > self.replay.outcomes[line].filled as usize)
    }

    fn quota_of(&self, line: usize) -> Result<Option<Change>, Ended> {
        let snapshot = &self.replay.snapshot;
        let draws = snapshot.lines[line].draws_on_quotas();
        let known = |code: &String| snapshot.quotas.iter().any(|quota| quota.corridor_code == *code);
        let codes = snapshot.lines[line].shares.iter().map(|share| &share.corridor_code);
        for code in codes.filter(|code| draws && known(code)) {
            if self.fills(line, |market| add_unit(market, code))? {
                return Ok(Some(Change { what: What::Quota(code.clone(), 1), line, candidate: None }));
            }
        }
        Ok(None)
    }

    fn certificates_of(&self, line: usize) -> Result<Option<Change>, Ended> {
        for asked in &self.replay.snapshot.lines[line].certificates {
            let waived = |market: &mut Snapshot| market.lines[line].certificates.retain(|other| other != asked);
            if self.fills(line, waived)? {
                return Ok(Some(Change { what: What::Certificates(vec![asked.clone()]), line, candidate: None }));
            }
        }
        Ok(None)
    }

    fn dates_of(&self, line: usize, seated: &HashSet<CandidateId>) -> Result<Option<Change>, Ended> {
        let Snapshot { terms, lines, candidates, .. } = &self.replay.snapshot;
        let asked = &lines[line];
        let alone = |person: &&Candidate| !seated.contains(&person.id) && judge(terms, person, asked) == [Rule::Dates];
        // Equal days are tried once.
        let ways: BTreeSet<(i64, NaiveDate, NaiveDate)> = candidates
            .iter()
            .filter(alone)
            .map(|person| {
                let starts_on = person.available_from.map_or(asked.starts_on, |from| from.max(asked.starts_on));
                let ends_on = person.available_until.map_or(asked.ends_on, |until| until.min(asked.ends_on));
                (Gap::between(person, asked).days, starts_on, ends_on)
            })
            .filter(|(_, starts_on, ends_on)| starts_on <= ends_on)
            .collect();
        for (_, starts_on, ends_on) in ways.into_iter().take(TRIED) {
            let moved = |market: &mut Snapshot| {
                (market.lines[line].starts_on, market.lines[line].ends_on) = (starts_on, ends_on);
            };
            if self.fills(line, moved)? {
                let (from, until) =
                    ((starts_on > asked.starts_on).then_some(starts_on), (ends_on < asked.ends_on).then_some(ends_on));
                return Ok(Some(Change { what: What::Dates(from, until), line, candidate: None }));
            }
        }
        Ok(None)
    }
}

/// By how much a person is not available for a line.
struct Gap {
    /// Comes after the start.
    late: bool,
    /// Leaves before the end.
    early: bool,
    days: i64,
}

impl Gap {
    fn between(person: &Candidate, line: &Line) -> Self {
        let late = person.available_from.map_or(0, |from| (from - line.starts_on).num_days()).max(0);
        let early = person.available_until.map_or(0, |until| (line.ends_on - until).num_days()).max(0);
        Self { late: late > 0, early: early > 0, days: late + early }
    }
}

/// A seat for anybody: also where some are kept for named workers, but not where all are.
fn add_seat(line: &mut Line) {
    line.seats += 1;
    line.others = line.others.map(|others| if others == 0 { 0 } else { others + 1 });
}

fn add_unit(market: &mut Snapshot, corridor_code: &str) {
    for quota in market.quotas.iter_mut().filter(|quota| quota.corridor_code == corridor_code) {
        quota.free += 1;
    }
}

#[cfg(test)]
mod tests;
