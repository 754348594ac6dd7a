use proto::ids::OrganisationId;
use uuid::Uuid;

use super::*;
use crate::{
    eligibility::judge,
    facts::{Period, Shut},
    terms::Papers,
    testing::{candidate, date, line, terms},
};

/// People and lines that differ in everything the rules read.
fn varied() -> Snapshot {
    let people = (0..60_u32).map(|number| {
        let mut person = candidate(u128::from(number) + 1);
        person.birth_year = 1962 + i32::try_from(number).unwrap();
        person.experience.insert("9213".to_owned(), i32::try_from(number).unwrap());
        person.available_from = date(["2026-01-01", "2026-03-15", "2026-05-01"][number as usize % 3]);
        person.available_until = date(["2026-12-31", "2026-09-30"][number as usize % 2]);
        if number % 4 == 0 {
            let (from, until) = (date("2025-12-01").unwrap(), date("2026-03-20").unwrap());
            person.periods = vec![Period { from, until }];
        }
        if number % 5 == 0 {
            person.shut.insert(line(2).id, Shut::Listed);
        }
        if number % 7 == 0 {
            person.fit_until = date("2026-01-01");
        }
        if number % 11 == 0 {
            person.recalled.insert(OrganisationId(Uuid::from_u128(902)), "2025".to_owned());
        }
        person.first = number % 13 == 0;
        person
    });
    let lines = (1..40_u32).map(|number| {
        let mut line = line(u128::from(number));
        line.starts_on = date(["2026-03-01", "2026-04-01", "2026-06-01", "2026-03-20"][number as usize % 4]).unwrap();
        line.ends_on = date(["2026-07-31", "2026-09-15", "2026-12-20"][number as usize % 3]).unwrap();
        line.experience_months = [0, 6, 24][number as usize % 3];
        if number % 5 == 0 {
            line.isco_codes = ["9213".to_owned()].into();
        }
        if number % 6 == 0 {
            line.named = [candidate(8).id, candidate(9).id].into();
            line.seats = 3;
            line.others = Some(number % 4);
        }
        if number % 7 == 0 {
            line.papers.insert("CO-ES".to_owned(), Papers { fitness: false, training: number % 2 == 0 });
        }
        if number % 3 == 0 {
            line.organisation_id = OrganisationId(Uuid::from_u128(902));
        }
        line
    });
    Snapshot {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        terms: terms(),
        lines: lines.collect(),
        candidates: people.collect(),
        quotas: Vec::new(),
    }
}

#[test]
fn the_index_permits_exactly_what_the_rules_permit() {
    let mut varied = varied();
    varied.terms.corridors.get_mut("CO").unwrap().grounds = vec!["DISPLACED".to_owned()];
    for person in varied.candidates.iter_mut().step_by(3) {
        person.priorities.insert("DISPLACED".to_owned());
    }
    let snapshot = Arc::new(varied);
    let (market, _) = build(snapshot.clone()).unwrap();
    let (mut pairs, mut permitted, mut claims) = (Vec::new(), 0, [0; 3]);
    for (at, person) in (0..).zip(&snapshot.candidates) {
        market.pairs_of(CandidateIx(at), &mut pairs);
        for (place, line) in (0..).zip(&snapshot.lines) {
            let pair = pairs.iter().find(|pair| pair.line == LineIx(place));
            assert_eq!(market.pair(CandidateIx(at), LineIx(place)).as_ref(), pair, "person {at}, line {place}");
            let closing = judge(&snapshot.terms, person, line);
            assert_eq!(pair.is_some(), closing.is_empty(), "person {at}, line {place}: {closing:?}");
            let Some(pair) = pair else { continue };
            permitted += 1;
            assert_eq!(pair.score, score::total(&snapshot.terms.corridors["CO"], person, line));
            assert_eq!(pair.tier == NAMED, line.asks_for(person));
            assert_eq!(pair.tier == FIRST, person.first && !line.asks_for(person));
            let priority = !person.priorities.is_empty() && !person.first && !line.asks_for(person);
            assert_eq!(pair.tier == PRIORITY, priority);
            claims[0] += usize::from(pair.tier == NAMED && !line.named.contains(&person.id));
            claims[1] += usize::from(pair.tier == FIRST);
            claims[2] += usize::from(pair.tier == PRIORITY);
        }
    }
    assert!(permitted > 200 && claims.iter().all(|&claims| claims > 3), "no use: {permitted} pairs, {claims:?}");
}

#[test]
fn a_single_pair_is_told_as_among_all_whatever_is_tried() {
    let snapshot = Arc::new(varied());
    let (plain, _) = build(snapshot.clone()).unwrap();
    let mut pairs = Vec::new();
    let mut first_of = |who: u32| {
        plain.pairs_of(CandidateIx(who), &mut pairs);
        pairs.first().map(|pair| pair.line.0)
    };
    let open: Vec<(u32, u32)> = (0..60).filter_map(|who| first_of(who).map(|line| (who, line))).collect();
    let [pinned, forbidden, more] = [open[0], open[1], open[2]];
    let trial = Trial { pinned: [pinned].into(), forbidden: [forbidden].into(), more: Some((more.0, more.1, 7)) };
    let (market, _) = build_trial(snapshot.clone(), trial).unwrap();
    for (who, line) in [pinned, forbidden, more] {
        market.pairs_of(CandidateIx(who), &mut pairs);
        for place in (0..).zip(&snapshot.lines).map(|(place, _)| LineIx(place)) {
            let among = pairs.iter().find(|pair| pair.line == place).copied();
            assert_eq!(market.pair(CandidateIx(who), place), among, "person {who}, line {}", place.0);
            if place.0 == line {
                assert_ne!(among, plain.pair(CandidateIx(who), place), "the trial has an effect");
            }
        }
    }
}

/// People 1 to 6; person n has n months. Lines 1 and 2 of one employer, with two seats each; line 3 of another, with
/// four.
fn shared() -> Snapshot {
    let mut market = varied();
    market.candidates = (1..=6).map(candidate).collect();
    for (number, person) in (1..).zip(&mut market.candidates) {
        person.experience.insert("9211".to_owned(), number);
    }
    market.lines = (1..=3).map(line).collect();
    for (line, seats) in market.lines.iter_mut().zip([2, 2, 4]) {
        (line.seats, line.posted, line.reserve) = (seats, i64::from(seats), 6);
    }
    market.lines[2].site = Uuid::from_u128(2001);
    market
}

/// The number of the line of each person, 0 = none, and the numbers of people on reserve lists.
fn plan(market: &Snapshot) -> (Vec<i32>, Vec<usize>) {
    let snapshot = Arc::new(market.clone());
    let (market, limits) = build(snapshot.clone()).unwrap();
    let plan = crate::plan::solve(&snapshot, &market, "spring");
    let outcome = crate::plan::conclude(&snapshot, (&market, &limits), &plan).unwrap();
    let mut lines = vec![0; snapshot.candidates.len()];
    let (seats, reserves): (Vec<_>, Vec<_>) = outcome.seats.into_iter().partition(|seat| seat.rank == 0);
    seats.iter().for_each(|seat| lines[seat.candidate] = snapshot.lines[seat.line].number);
    let mut waiting: Vec<usize> = reserves.iter().map(|seat| seat.candidate + 1).collect();
    waiting.sort_unstable();
    waiting.dedup();
    (lines, waiting)
}

#[test]
fn a_family_is_seated_at_one_employer_over_several_lines_and_a_crew_on_one_line() {
    let mut market = shared();
    market.lines[2].seats = 1;
    market.candidates[..3].iter_mut().for_each(|person| person.family = "f".to_owned());
    let (lines, _) = plan(&market);
    let of_family = &lines[..3];
    assert!(of_family.iter().all(|line| [1, 2].contains(line)), "three people, at most two on a line: {lines:?}");
    assert_eq!(lines.iter().filter(|line| **line > 0).count(), 5, "{lines:?}");
    // As a crew they find no line of three seats; everybody else is seated, and none of them waits alone.
    for person in &mut market.candidates[..3] {
        (person.crew, person.family) = ("c".to_owned(), String::new());
    }
    let (lines, waiting) = plan(&market);
    assert_eq!(lines[..3], [0; 3]);
    assert!(lines[3..].iter().all(|line| *line > 0) && waiting.is_empty(), "{lines:?} {waiting:?}");
    market.lines[2].seats = 3;
    market.candidates[0].first = true;
    let (lines, _) = plan(&market);
    assert_eq!(lines[..3], [3; 3], "there is room for the crew");
}

#[test]
fn a_family_that_is_not_whole_takes_no_part_and_holds_nobody_up() {
    let mut market = shared();
    market.lines.iter_mut().for_each(|line| line.seats = 1);
    market.candidates[4..].iter_mut().for_each(|person| person.family = "f".to_owned());
    let (whole, _) = plan(&market);
    assert!(whole[4] > 0 && whole[5] > 0, "they score most: {whole:?}");
    market.candidates[4..].iter_mut().for_each(|person| person.absent = 1);
    let (lines, waiting) = plan(&market);
    assert_eq!(lines[4..], [0; 2], "one of them is not on the roster");
    assert_eq!((lines.iter().filter(|line| **line > 0).count(), waiting), (3, vec![1]));
    // Who may go nowhere keeps the others back as well.
    market.candidates[4..].iter_mut().for_each(|person| person.absent = 0);
    market.candidates[5].fit_until = None;
    let (lines, waiting) = plan(&market);
    assert_eq!((lines[4..].to_vec(), waiting), (vec![0; 2], vec![1]));
}

#[test]
fn a_line_has_its_least_crew_or_nobody() {
    let mut market = shared();
    market.lines[2].least = 3;
    market.lines[..2].iter_mut().for_each(|line| line.seats = 1);
    let on_third = |lines: &[i32]| lines.iter().filter(|line| **line == 3).count();
    assert_eq!(on_third(&plan(&market).0), 4);
    market.candidates.truncate(4);
    let (lines, _) = plan(&market);
    assert!(on_third(&lines) >= 3, "{lines:?}");
    market.candidates.truncate(2);
    let (lines, _) = plan(&market);
    assert_eq!((on_third(&lines), lines.iter().filter(|line| **line > 0).count()), (0, 2), "{lines:?}");
}

#[test]
fn lines_that_share_beds_have_no_more_people_than_beds_and_markets_without_go_as_before() {
    let mut market = shared();
    let seats = |market: &Snapshot| plan(market).0.iter().filter(|line| [1, 2].contains(*line)).count();
    market.lines[2].seats = 1;
    assert_eq!(seats(&market), 4);
    for line in &mut market.lines[..2] {
        line.housing = "Mas Pi".to_owned();
        line.beds.insert(line.starts_on, 3);
    }
    assert_eq!(seats(&market), 3);
    market.lines[0].beds.clear();
    let day = market.lines[1].starts_on;
    market.lines[1].beds.insert(day, 0);
    assert_eq!(seats(&market), 2, "line 2 has none left, line 1 is not limited");
    let (plain, limits) = build(Arc::new(shared())).unwrap();
    assert!(plain.is_plain() && plain.quotas().is_empty() && limits.beds.iter().all(Vec::is_empty));
}
