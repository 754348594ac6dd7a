//! Lines with a least crew: where too few would work, nobody does, or enough people are held there.

use super::decisions::Decisions;
use super::units::{Choice, Member, Unit};
use crate::amount::Amount;
use crate::book::NONE;
use crate::market::{Eligibility, LineIx};
use crate::watch::{Stopped, Watch};

/// Times that all lines are looked at; what is short after that is closed.
const PASSES: usize = 4;

impl<N: Amount, E: Eligibility> Decisions<'_, N, E> {
    /// Closes or fills every line on which too few would work.
    pub(crate) fn crews(&mut self, watch: &mut dyn Watch) -> Result<(), Stopped> {
        let mut least = self.market.least_crews().to_vec();
        least.sort_unstable_by_key(|&(line, least)| (self.line_place[line.at()], least));
        for pass in 0.. {
            let mut short = least.clone();
            short.retain(|&(line, least)| self.is_short(line, least));
            if short.is_empty() {
                break;
            }
            for (line, least) in short {
                if pass < PASSES {
                    self.close_or_fill(line, least);
                } else {
                    self.close(line);
                }
                if watch.stopped() {
                    return Err(Stopped);
                }
            }
        }
        Ok(())
    }

    /// Makes sure that a line which a plan left short is not so in the next one: closes it, or holds enough people there.
    pub(crate) fn mend(&mut self, line: LineIx, least: u32, fill: bool) {
        if fill && self.is_short(line, least) {
            self.close_or_fill(line, least);
        } else if !fill || self.working(line) == 0 || self.enlist(line, least).is_none() {
            self.close(line);
        }
    }

    /// Returns how many seats of a line are taken.
    fn working(&self, line: LineIx) -> u32 {
        let place = self.line_place[line.at()];
        let decided: u32 = self.units_on(line).into_iter().map(|unit| self.taken(unit, line)).sum();
        decided + self.engine.count[place as usize]
    }

    fn taken(&self, unit: usize, line: LineIx) -> u32 {
        let members = self.units[unit].members.iter().zip(self.chosen[unit].iter().flatten());
        members.filter(|(_, pair)| pair.line == line).map(|(member, _)| member.size).sum()
    }

    fn is_short(&self, line: LineIx, least: u32) -> bool {
        (1..least).contains(&self.working(line))
    }

    /// Does with a line whatever costs less.
    fn close_or_fill(&mut self, line: LineIx, least: u32) {
        for unit in self.units_on(line) {
            self.release(unit);
        }
        let filled = self.enlist(line, least).map(|(gain, unit)| {
            self.release(unit);
            gain
        });
        let units = self.units_on(line);
        let before: Vec<Option<Choice>> = units.iter().map(|&unit| self.chosen[unit].clone()).collect();
        let mut closed = self.close(line);
        for &unit in &units {
            closed += self.decide(unit, 1);
        }
        if filled.is_none_or(|filled| filled <= closed) {
            return;
        }
        units.iter().for_each(|&unit| _ = self.assign(unit, None));
        let place = self.line_place[line.at()];
        self.engine.set_seats(place, self.market.lines[line.at()].seats);
        self.moved();
        for (unit, before) in units.into_iter().zip(before) {
            self.assign(unit, before);
        }
        self.enlist(line, least);
    }

    /// Takes everybody off a line, for good; returns what is gained.
    fn close(&mut self, line: LineIx) -> i128 {
        let mut gain = 0;
        for unit in self.units_on(line) {
            gain += self.release(unit);
            gain += self.assign(unit, None);
        }
        self.engine.set_seats(self.line_place[line.at()], 0);
        gain + self.moved()
    }

    /// Holds on a line those who work there, and who loses least by coming, until there are enough; returns what is gained,
    /// and the unit of those held. Nothing if there are too few.
    fn enlist(&mut self, line: LineIx, least: u32) -> Option<(i128, usize)> {
        let place = self.line_place[line.at()];
        let decided: u32 = self.units_on(line).into_iter().map(|unit| self.taken(unit, line)).sum();
        let needed = least.saturating_sub(decided);
        if needed > self.seats(line) {
            return None;
        }
        let (engine, book) = (&self.engine, &self.engine.book);
        let loss = |&key: &u64| {
            let candidate = book.packing.id(key);
            let own = book.packing.with_id(key, place);
            let here = engine.held[candidate as usize] == own;
            (!here, engine.ask[candidate as usize] - engine.pay(candidate, own), candidate, own)
        };
        let mut people: Vec<_> = book.line_pairs(place).iter().map(loss).collect();
        people.sort_unstable();
        let mut limits = self.limits.clone();
        let mut crew: Vec<(u32, u64)> = Vec::new();
        for (_, _, candidate, key) in people {
            if crew.len() == needed as usize {
                break;
            }
            if book.quotas(key).iter().all(|quota| limits[quota.at()] > 0) {
                book.quotas(key).iter().for_each(|quota| limits[quota.at()] -= 1);
                crew.push((candidate, key));
            }
        }
        if crew.len() < needed as usize {
            return None;
        }
        let choice: Choice = crew.iter().map(|&(_, key)| book.pair(key)).collect();
        let member = |(&(place, _), pair): (&(u32, u64), &crate::Pair)| Member {
            candidate: book.candidates[place as usize],
            size: 1,
            pairs: vec![*pair],
        };
        let members: Vec<Member> = crew.iter().zip(&choice).map(member).collect();
        let keys = members.iter().map(|member| member.candidate).collect::<Vec<_>>();
        let keys = keys.into_iter().map(|candidate| self.take_out(candidate)).collect();
        let gain = self.moved();
        let unit = self.units.len();
        self.units.push(Unit { members, options: vec![vec![line]] });
        self.chosen.push(None);
        self.crews.insert(unit, keys);
        Some((gain + self.assign(unit, Some(choice)), unit))
    }

    /// Lets those go who were held on a line; returns what is gained. Of other units nothing.
    fn release(&mut self, unit: usize) -> i128 {
        let Some(keys) = self.crews.remove(&unit) else { return 0 };
        let mut gain = self.assign(unit, None);
        let members = std::mem::take(&mut self.units[unit].members);
        for (member, keys) in members.iter().zip(keys) {
            let place = self.candidate_place[member.candidate.at()];
            debug_assert_eq!(self.engine.held[place as usize], NONE, "who is held is not seated by the search");
            self.engine.set_pairs(place, &keys);
            self.out[member.candidate.at()] = false;
        }
        gain += self.moved();
        gain
    }
}
