//! What is told is tried again here, without the index, the trial and the search: the changed market is told to the solver
//! pair by pair.

use std::{collections::BTreeMap, time::Duration};

use proto::ids::QuotaId;
use solver::{CandidateIx, LineIx, MarketBuilder, Pair, Policy, QuotaIx, Tier};
use uuid::Uuid;

use super::*;
use crate::{
    facts::Share,
    plan::{self, LineOutcome, Outcome},
    replay::Kept,
    score,
    snapshot::Quota,
    testing::{candidate, date, line, terms},
};

const SEED: &str = "spring";

/// One of so many, the same in each run.
fn pick(seed: u32, salt: u32, of: u32) -> u32 {
    (seed.wrapping_mul(2_654_435_761).wrapping_add(salt.wrapping_mul(40_503)) >> 7) % of
}

/// People who differ in months, certificates, days and origin, more of them than seats; two corridors with quotas.
fn market(number: u32) -> Snapshot {
    let mut terms = terms();
    let mut second = terms.corridors["CO"].clone();
    second.code = "GT-ES".to_owned();
    terms.corridors.insert("GT".to_owned(), second);
    let people = (0..14_u32).map(|at| {
        let draw = |salt, of| pick(number * 100 + at, salt, of);
        let mut person = candidate(u128::from(at) + 1);
        person.experience.insert("9211".to_owned(), i32::try_from(draw(1, 12)).unwrap());
        if draw(2, 3) == 0 {
            person.origin = "GT".to_owned();
        }
        if draw(3, 2) == 0 {
            person.certificates.insert("TRACTOR".to_owned());
        }
        if draw(4, 4) == 0 {
            person.available_from = date("2026-03-20");
        }
        if draw(5, 5) == 0 {
            person.available_until = date("2026-08-10");
        }
        person
    });
    let lines = (0..4_u32).map(|at| {
        let draw = |salt, of| pick(number * 1000 + at, salt, of);
        let mut line = line(u128::from(at) + 1);
        line.seats = 1 + draw(1, 3);
        if draw(2, 2) == 0 {
            line.certificates.insert("TRACTOR".to_owned());
        }
        if draw(3, 2) == 0 {
            line.starts_on = date("2026-04-01").unwrap();
        }
        if at % 2 == 0 {
            line.shares.push(Share { corridor_code: "GT-ES".to_owned(), quota_id: QuotaId(Uuid::from_u128(3001)) });
        }
        if draw(4, 4) == 0 {
            line.named.insert(candidate(3).id);
        }
        line
    });
    let quota = |code: &str, free| Quota { corridor_code: code.to_owned(), free };
    Snapshot {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        terms,
        lines: lines.collect(),
        candidates: people.collect(),
        quotas: vec![quota("CO-ES", pick(number, 8, 4)), quota("GT-ES", pick(number, 9, 3))],
    }
}

/// Where everybody sits, from a market told pair by pair.
fn solved(snapshot: &Snapshot, more: Option<(usize, usize, i64)>) -> Vec<Option<usize>> {
    let index = |at: usize| u32::try_from(at).unwrap();
    let mut builder = MarketBuilder::default();
    for person in &snapshot.candidates {
        builder.candidate(format!("{}/{}", person.origin, person.lottery_key), 1);
    }
    for line in &snapshot.lines {
        builder.line(line.reference.clone(), line.seats);
    }
    let quotas: BTreeMap<&str, QuotaIx> =
        snapshot.quotas.iter().map(|quota| (quota.corridor_code.as_str(), builder.quota(quota.free))).collect();
    for (at, person) in snapshot.candidates.iter().enumerate() {
        let corridor = &snapshot.terms.corridors[&person.origin];
        for (place, line) in snapshot.lines.iter().enumerate() {
            if !judge(&snapshot.terms, person, line).is_empty() {
                continue;
            }
            let draws: Vec<QuotaIx> =
                line.draws_on_quotas().then(|| quotas[corridor.code.as_str()]).into_iter().collect();
            let bonus = more.filter(|more| (more.0, more.1) == (at, place)).map_or(0, |more| more.2);
            let pair = Pair {
                line: LineIx(index(place)),
                score: score::total(corridor, person, line) + bonus,
                tier: if line.named.contains(&person.id) { Tier::NAMED } else { Tier::SCORE },
                quotas: builder.quota_set(&draws),
            };
            builder.pair(CandidateIx(index(at)), pair);
        }
    }
    let plan = solver::solve(&builder.build().unwrap(), &Policy::seeded(SEED));
    plan.assignments.iter().map(|line| line.map(|line| line.0 as usize)).collect()
}

/// The market as a round would have kept it.
fn round(snapshot: Snapshot) -> (Basis, Replay, Outcome) {
    let solved = std::sync::Arc::new(snapshot.clone());
    let (market, limits) = crate::market::build(solved.clone()).unwrap();
    let outcome = plan::conclude(&solved, (&market, &limits), &plan::solve(&solved, &market, SEED)).unwrap();
    let lines: Vec<(Line, LineOutcome)> = snapshot.lines.into_iter().zip(outcome.lines.clone()).collect();
    let basis = Basis { terms: snapshot.terms.clone(), prices: outcome.prices.clone() };
    let kept = Kept {
        season_code: snapshot.season_code,
        destination: snapshot.destination,
        seed: SEED.to_owned(),
        lines,
        candidates: snapshot.candidates,
        quotas: snapshot.quotas,
    };
    (basis, Replay::new(snapshot.terms, kept), outcome)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

/// True if the change, made as it is told, seats the person on the line; and, made one smaller, does not.
fn holds(snapshot: &Snapshot, at: usize, change: &Change) -> (bool, bool) {
    let line = change.line;
    let mut whole = snapshot.clone();
    let mut less = snapshot.clone();
    let (mut more, mut fewer) = (None, None);
    match &change.what {
        What::Points(points) => {
            more = Some((at, line, *points));
            fewer = Some((at, line, points - 1));
        }
        What::Certificates(names) => {
            whole.candidates[at].certificates.extend(names.iter().cloned());
            less.candidates[at].certificates.extend(names.iter().skip(1).cloned());
        }
        What::Dates(from, until) => {
            let person = &mut whole.candidates[at];
            person.available_from = from.or(person.available_from);
            person.available_until = until.or(person.available_until);
            let person = &mut less.candidates[at];
            if let Some(from) = from {
                person.available_from = from.succ_opt();
            } else {
                person.available_until = until.unwrap().pred_opt();
            }
        }
        What::Seats(seats) => whole.lines[line].seats += seats,
        What::Quota(code, units) => {
            whole.quotas.iter_mut().filter(|quota| quota.corridor_code == *code).for_each(|quota| quota.free += units);
        }
    }
    let there = |snapshot: &Snapshot, more| solved(snapshot, more)[at] == Some(line);
    (there(&whole, more), there(&less, fewer))
}

#[test]
fn each_change_told_to_a_person_seats_them_and_one_smaller_does_not() {
    let mut kinds = BTreeMap::new();
    for number in 0..40 {
        let (basis, replay, _) = round(market(number));
        let snapshot = &replay.snapshot;
        let before = solved(snapshot, None);
        let search = Search { basis: &basis, replay: &replay, until: soon() };
        for at in (0..snapshot.candidates.len()).filter(|at| before[*at].is_none()) {
            let found = search.candidate(at);
            assert!(!found.cut);
            for change in found.changes {
                assert_eq!(holds(snapshot, at, &change), (true, false), "market {number}, person {at}: {change:?}");
                let kind = format!("{:?}", change.what).split('(').next().unwrap().to_owned();
                *kinds.entry(kind).or_insert(0) += 1;
            }
        }
    }
    let told: Vec<&str> = kinds.keys().map(String::as_str).collect();
    assert_eq!(told, ["Certificates", "Dates", "Points", "Quota", "Seats"], "{kinds:?}");
}

#[test]
fn each_change_told_of_a_line_fills_a_seat_more_or_seats_who_was_next() {
    let mut kinds = BTreeMap::new();
    for number in 0..40 {
        let (basis, replay, outcome) = round(market(number));
        let snapshot = &replay.snapshot;
        let before = solved(snapshot, None);
        let seated: HashSet<CandidateId> = before
            .iter()
            .zip(&snapshot.candidates)
            .filter(|(line, _)| line.is_some())
            .map(|(_, person)| person.id)
            .collect();
        let search = Search { basis: &basis, replay: &replay, until: soon() };
        for line in 0..snapshot.lines.len() {
            let next: Vec<usize> = outcome
                .seats
                .iter()
                .filter(|seat| seat.rank > 0 && replay.snapshot.lines[line].id == market(number).lines[seat.line].id)
                .map(|seat| seat.candidate)
                .collect();
            for change in search.line(line, &next, &seated).changes {
                let kind = format!("{:?}", change.what).split('(').next().unwrap().to_owned();
                *kinds.entry(kind).or_insert(0) += 1;
                if let Some(at) = change.candidate {
                    assert_eq!(holds(snapshot, at, &change), (true, false), "market {number}, line {line}: {change:?}");
                    continue;
                }
                let mut changed = snapshot.clone();
                match &change.what {
                    What::Certificates(names) => {
                        changed.lines[line].certificates.retain(|asked| !names.contains(asked))
                    }
                    What::Dates(from, until) => {
                        let asked = &mut changed.lines[line];
                        asked.starts_on = from.unwrap_or(asked.starts_on);
                        asked.ends_on = until.unwrap_or(asked.ends_on);
                    }
                    What::Quota(code, units) => {
                        let quotas = changed.quotas.iter_mut();
                        quotas.filter(|quota| quota.corridor_code == *code).for_each(|quota| quota.free += units);
                    }
                    other => panic!("a line with free seats needs no {other:?}"),
                }
                let filled = |seats: &[Option<usize>]| seats.iter().filter(|seat| **seat == Some(line)).count();
                assert!(filled(&solved(&changed, None)) > filled(&before), "market {number}, line {line}: {change:?}");
            }
        }
    }
    let told: Vec<&str> = kinds.keys().map(String::as_str).collect();
    assert_eq!(told, ["Certificates", "Dates", "Points", "Quota"], "{kinds:?}");
}

#[test]
fn no_score_is_told_where_a_named_worker_has_the_only_seat_and_a_search_ends_in_time() {
    let mut only = line(1);
    only.named.insert(candidate(1).id);
    let snapshot = Snapshot {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        terms: terms(),
        lines: vec![only],
        candidates: vec![candidate(1), candidate(2)],
        quotas: Vec::new(),
    };
    let (basis, replay, _) = round(snapshot);
    let search = Search { basis: &basis, replay: &replay, until: soon() };
    let seat = Change { what: What::Seats(1), line: 0, candidate: Some(1) };
    assert_eq!(search.candidate(1), Found { changes: vec![seat], cut: false });
    let late = Search { until: Instant::now(), ..search };
    assert_eq!(late.candidate(1), Found { changes: Vec::new(), cut: true });
}
