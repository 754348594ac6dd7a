//! The policy `lists`: what employers may pick from, and that no pick passes a quota.

use std::collections::{BTreeMap, BTreeSet};

use door::{Failure, MarketFile, Options, PlanFile, Policy, Status};
use proptest::prelude::*;

use crate::small::{markets, read};

fn options(folds: u32) -> Options {
    Options { policy: Policy::Lists, folds, ..Options::default() }
}

/// Returns a market without what the policy refuses.
fn plain(file: MarketFile) -> MarketFile {
    MarketFile { together: Vec::new(), apart: Vec::new(), ..file }
}

/// Picks of each list as many as may be picked: those from `from` on, round and round.
fn picks(plan: &PlanFile, from: usize) -> Vec<(String, String)> {
    let mut picked = Vec::new();
    for list in plan.lists.as_ref().unwrap() {
        let count = (list.seats as usize).min(list.candidates.len());
        let chosen = list.candidates.iter().cycle().skip(from % list.candidates.len()).take(count);
        picked.extend(chosen.map(|listed| (listed.candidate.clone(), list.line.clone())));
    }
    picked
}

/// The greatest sum that lists of these shares can have when filled once over, then twice and so on: tries everything.
fn fullest(market: &door::Market, plan: &PlanFile, folds: u64) -> (Vec<u64>, i128) {
    let quota_name = |quota: usize| market.quotas[quota].id.clone();
    let lists: Vec<(String, BTreeSet<String>, u64)> = plan
        .lists
        .as_ref()
        .unwrap()
        .iter()
        .map(|list| (list.line.clone(), list.quotas.iter().cloned().collect(), list.seats))
        .collect();
    let mut options: BTreeMap<usize, Vec<(usize, i128)>> = BTreeMap::new();
    for pair in market.pairs.iter().filter(|pair| !pair.forbidden && pair.score > 0) {
        let quotas: BTreeSet<String> = pair.uses.iter().map(|&(quota, _)| quota_name(quota)).collect();
        let name = &market.lines[pair.line].id;
        if let Some(at) = lists.iter().position(|list| list.0 == *name && list.1 == quotas) {
            options.entry(pair.candidate).or_default().push((at, pair.score));
        }
    }
    let people: Vec<Vec<(usize, i128)>> = options.into_values().collect();
    let seats: Vec<u64> = lists.iter().map(|list| list.2).collect();
    let mut best = (vec![0; folds as usize], 0);
    let mut counts = vec![0; lists.len()];
    descend(&people, &seats, (folds, 0), &mut counts, &mut best);
    best
}

fn filled(counts: &[u64], seats: &[u64], folds: u64) -> Vec<u64> {
    let fold = |fold: u64| {
        let on = |(&count, &seats): (&u64, &u64)| count.saturating_sub(fold * seats).min(seats);
        counts.iter().zip(seats).map(on).sum()
    };
    (0..folds).map(fold).collect()
}

fn descend(
    people: &[Vec<(usize, i128)>],
    seats: &[u64],
    (folds, value): (u64, i128),
    counts: &mut Vec<u64>,
    best: &mut (Vec<u64>, i128),
) {
    let Some((first, rest)) = people.split_first() else {
        *best = best.clone().max((filled(counts, seats, folds), value));
        return;
    };
    descend(rest, seats, (folds, value), counts, best);
    for &(list, score) in first {
        if counts[list] < seats[list] * folds {
            counts[list] += 1;
            descend(rest, seats, (folds, value + score), counts, best);
            counts[list] -= 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_pick_passes_a_line_or_a_quota(file in markets(false), folds in 1..=4_u32, from in 0..6_usize) {
        let market = read(&plain(file)).unwrap();
        let plan = door::solve(&market, &options(folds), &|_| {}).unwrap();
        if plan.status == Status::Infeasible {
            prop_assert!(plan.lists.is_none());
            return Ok(());
        }
        let (mut seats, mut used) = (vec![0_u64; market.lines.len()], vec![0_u64; market.quotas.len()]);
        let mut people = BTreeSet::new();
        for (candidate, line) in picks(&plan, from) {
            let who = market.candidates.iter().position(|other| other.id == candidate).unwrap();
            let line = market.lines.iter().position(|other| other.id == line).unwrap();
            let pair = &market.pairs[market.pair(who, line).unwrap()];
            prop_assert!(people.insert(who), "{candidate} is picked twice");
            seats[line] += 1;
            pair.uses.iter().for_each(|&(quota, weight)| used[quota] += weight);
        }
        prop_assert!(seats.iter().zip(&market.lines).all(|(seats, line)| *seats <= line.seats));
        prop_assert!(used.iter().zip(&market.quotas).all(|(used, quota)| *used <= quota.limit));
        prop_assert_eq!(people.len(), plan.pairs.len(), "every seat of the plan has somebody to pick");
    }

    #[test]
    fn lists_are_the_fullest_and_score_the_most(file in markets(false), folds in 1..=3_u32) {
        let market = read(&MarketFile { pinned: Vec::new(), ..plain(file) }).unwrap();
        let plan = door::solve(&market, &options(folds), &|_| {}).unwrap();
        let lists = plan.lists.as_ref().unwrap();
        let counts: Vec<u64> = lists.iter().map(|list| list.candidates.len() as u64).collect();
        let seats: Vec<u64> = lists.iter().map(|list| list.seats).collect();
        let scores = lists.iter().flat_map(|list| &list.candidates).map(|listed| door::decimal::parse(&listed.score).unwrap());
        let reached = (filled(&counts, &seats, folds.into()), scores.sum());
        prop_assert_eq!(reached, fullest(&market, &plan, folds.into()));
    }

    #[test]
    fn the_plan_is_that_of_optimal(file in markets(false)) {
        let market = read(&plain(file)).unwrap();
        let lists = door::solve(&market, &options(3), &|_| {}).unwrap();
        let optimal = door::solve(&market, &Options::default(), &|_| {}).unwrap();
        let same = PlanFile { policy: Policy::Optimal, folds: None, lists: None, seconds: optimal.seconds.clone(), ..lists };
        prop_assert_eq!(same, optimal);
    }
}

const MARKET: &str = r#"{
    "candidates": [{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d"}, {"id": "e"}, {"id": "f"}],
    "lines": [{"id": "farm", "seats": 2}],
    "quotas": [{"id": "CO", "limit": 1, "candidates": ["a", "b", "c"]}],
    "pairs": [
        {"candidate": "a", "line": "farm", "score": 9}, {"candidate": "b", "line": "farm", "score": 8},
        {"candidate": "c", "line": "farm", "score": 7}, {"candidate": "d", "line": "farm", "score": 6},
        {"candidate": "e", "line": "farm", "score": 5}, {"candidate": "f", "line": "farm", "score": 4}
    ]
}"#;

fn solved(text: &str, folds: u32) -> Result<PlanFile, Vec<&'static str>> {
    match door::solve(&door::read::market(text.as_bytes()).unwrap(), &options(folds), &|_| {}) {
        Ok(plan) => Ok(plan),
        Err(Failure::Refused(findings)) => Err(findings.into_iter().map(|finding| finding.code).collect()),
        Err(defect) => panic!("{defect}"),
    }
}

#[test]
fn seats_are_shared_among_quotas_and_each_share_has_its_list() {
    let lists = solved(MARKET, 2).unwrap().lists.unwrap();
    let told: Vec<(Vec<String>, u64, Vec<&str>)> = lists
        .iter()
        .map(|list| {
            let who = list.candidates.iter().map(|listed| listed.candidate.as_str()).collect();
            (list.quotas.clone(), list.seats, who)
        })
        .collect();
    assert_eq!(told, [(vec![], 1, vec!["d", "e"]), (vec!["CO".to_owned()], 1, vec!["a", "b"])]);
}

#[test]
fn what_the_policy_cannot_answer_is_refused() {
    let with = |from: &str, to: &str| solved(&MARKET.replace(from, to), 3).unwrap_err();
    assert_eq!(with(r#"{"id": "a"}"#, r#"{"id": "a", "size": 2}"#), ["LISTS_SIZE", "LISTS_WEIGHTS"]);
    assert_eq!(with(r#""limit": 1,"#, r#""limit": 1, "weight": 2,"#), ["LISTS_WEIGHTS"; 3]);
    assert_eq!(with(r#""pairs""#, r#""apart": [["a", "b"]], "pairs""#), ["LISTS_GROUPS"]);
    assert_eq!(solved(MARKET, 0).unwrap_err(), ["LISTS_FOLDS"]);
    assert_eq!(solved(MARKET, 21).unwrap_err(), ["LISTS_FOLDS"]);
}

#[test]
fn false_lists_are_caught() {
    let market = door::read::market(MARKET.as_bytes()).unwrap();
    let plan = solved(MARKET, 2).unwrap();
    type Change = fn(&mut Vec<door::format::ListEntry>);
    let cases: [(Change, &str); 9] = [
        (|lists| drop(lists.pop()), "LIST_SHARES"),
        (|lists| lists[0].seats = 2, "LIST_SHARES"),
        (|lists| lists[0].quotas.push("CO".to_owned()), "LIST_SHARES"),
        (|lists| lists[0].candidates.clear(), "LIST_LENGTH"),
        (|lists| drop(lists[0].candidates.pop()), "LEFT_OFF_LISTS"),
        (|lists| lists[1].candidates[0].candidate = "c".to_owned(), "MISSTATED"),
        (|lists| lists[0].candidates.reverse(), "MISSTATED"),
        (|lists| lists[0].candidates[1] = lists[0].candidates[0].clone(), "LISTED_TWICE"),
        (|lists| lists[0].candidates[0].candidate = "a".to_owned(), "LISTED_WRONGLY"),
    ];
    for (change, code) in cases {
        let mut plan = plan.clone();
        change(plan.lists.as_mut().unwrap());
        let codes: Vec<&str> = door::verify(&market, &plan).unwrap_err().iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&code), "{code} is not in {codes:?}");
    }
    let none = PlanFile { lists: None, ..plan };
    assert_eq!(door::verify(&market, &none).unwrap_err()[0].code, "MISSING");
}
