//! Lists, checked: they are of the plan's shares, nobody is on two, and nobody who should be on one is left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::{Check, MISSING, MISSTATED};
use crate::decimal::{parse, show};
use crate::finding::{Rule, shown, what};
use crate::format::ListEntry;
use crate::market::Market;

const SHARES: Rule = Rule(
    "LIST_SHARES",
    "there is one list for each line and set of quotas that the plan gives seats, with as many seats",
    "solve the market anew",
);
const TWICE: Rule = Rule("LISTED_TWICE", "nobody is on two lists: picks could collide", "solve the market anew");
const WRONG_PAIR: Rule = Rule(
    "LISTED_WRONGLY",
    "a list names permitted pairs of its line and its quotas, those of pins among them",
    "solve the market anew",
);
const LENGTH: Rule = Rule(
    "LIST_LENGTH",
    "a list names at least one candidate and at most k for each seat that nobody is pinned to",
    "solve the market anew",
);
const LEFT_OUT: Rule = Rule(
    "LEFT_OFF_LISTS",
    "who is on no list has no pair that a list has room for, or that ranks before its last one",
    "solve the market anew",
);

/// Line and quotas, ascending.
type Share = (usize, Vec<usize>);
/// Greater scores first, then the lower draw.
type Rank = (i128, [u8; 32]);

/// What is known of one list.
struct Found {
    full: bool,
    last: Option<Rank>,
}

pub(super) fn check(check: &mut Check) {
    let (market, plan) = (check.market, check.plan);
    let (Some(lists), Some(folds)) = (&plan.lists, plan.folds) else {
        check.findings.add(&MISSING, "$", what!("lists-folds": "lists and folds are not both stated"));
        return;
    };
    let quota_of: HashMap<&str, usize> =
        market.quotas.iter().enumerate().map(|(at, quota)| (quota.id.as_str(), at)).collect();
    let mut shares: BTreeMap<Share, u64> = BTreeMap::new();
    for &pair in check.chosen.values() {
        *shares.entry(share(market, pair)).or_default() += 1;
    }
    let mut listed = BTreeSet::new();
    let mut found: BTreeMap<Share, Found> = BTreeMap::new();
    for (at, list) in lists.iter().enumerate() {
        let path = format!("$.lists[{at}]");
        let quotas: Option<BTreeSet<usize>> = list.quotas.iter().map(|id| quota_of.get(id.as_str()).copied()).collect();
        let share = check.lines.get(list.line.as_str()).zip(quotas);
        let share = share.map(|(&line, quotas)| (line, quotas.into_iter().collect::<Vec<usize>>()));
        let expected = share.as_ref().and_then(|share| shares.remove(share));
        let Some(share) = share.filter(|_| expected == Some(list.seats)) else {
            let seats = expected.unwrap_or(0);
            let what = what!(
                "list-seats": "{line} has a list for {stated} seats, {found} are its",
                line = shown(&list.line),
                stated = list.seats,
                found = seats
            );
            check.findings.add(&SHARES, path, what);
            continue;
        };
        let one = read(check, list, &path, (&share, folds), &mut listed);
        found.insert(share, one);
    }
    if let Some(((line, _), seats)) = shares.into_iter().next() {
        let what = what!(
            "no-list": "{seats} seats of {line} have no list",
            seats = seats,
            line = shown(&market.lines[line].id)
        );
        check.findings.add(&SHARES, "$.lists", what);
    }
    left_out(check, &found, &listed);
}

fn share(market: &Market, pair: usize) -> Share {
    let pair = &market.pairs[pair];
    (pair.line, pair.uses.iter().map(|&(quota, _)| quota).collect())
}

fn rank(check: &Check, candidate: usize, score: i128) -> Rank {
    let id = check.market.candidates[candidate].id.as_bytes();
    (-score, Sha256::digest([check.plan.seed.as_bytes(), id].concat()).into())
}

/// Checks one list by itself.
fn read(
    check: &mut Check,
    list: &ListEntry,
    path: &str,
    (of, folds): (&Share, u32),
    listed: &mut BTreeSet<usize>,
) -> Found {
    let market = check.market;
    let (mut last, mut unpinned) = (None, 0_u64);
    for entry in &list.candidates {
        let name = shown(&entry.candidate);
        let pair = check.candidates.get(entry.candidate.as_str()).and_then(|&who| market.pair(who, of.0));
        let Some(pair) = pair.filter(|&pair| !market.pairs[pair].forbidden && share(market, pair) == *of) else {
            check.findings.add(
                &WRONG_PAIR,
                path,
                what!("no-such-pair": "{candidate} has no such pair", candidate = name),
            );
            continue;
        };
        let pair = &market.pairs[pair];
        if parse(&entry.score) != Ok(pair.score) {
            check.findings.add(
                &MISSTATED,
                path,
                what!("has-score": "{candidate} has score {score}", candidate = name, score = show(pair.score)),
            );
        }
        if !listed.insert(pair.candidate) {
            check.findings.add(&TWICE, path, what!("listed-before": "{id} is listed before", id = name));
        }
        let rank = rank(check, pair.candidate, pair.score);
        if last.is_some_and(|last| last > rank) {
            check.findings.add(
                &MISSTATED,
                path,
                what!("ranks-above": "{candidate} ranks before the one above", candidate = name),
            );
        }
        last = Some(rank);
        unpinned += u64::from(!pair.pinned);
    }
    let own = check.chosen.values().filter(|&&pair| market.pairs[pair].pinned && share(market, pair) == *of);
    let own: Vec<usize> = own.map(|&pair| market.pairs[pair].candidate).collect();
    if let Some(&missing) = own.iter().find(|candidate| !listed.contains(candidate)) {
        let what = what!(
            "pinned-unlisted": "{candidate} is pinned and not listed",
            candidate = shown(&market.candidates[missing].id)
        );
        check.findings.add(&WRONG_PAIR, path, what);
    }
    let free = list.seats - own.len() as u64;
    let most = free * u64::from(folds);
    if !(free..=most).contains(&unpinned) {
        let what = what!(
            "list-length": "{named} are named for {seats} seats, at most {most} may be",
            named = unpinned,
            seats = free,
            most = most
        );
        check.findings.add(&LENGTH, path, what);
    }
    // Pinned ones have their seats whatever they score: the last of the others is what somebody may have to beat.
    let others = list.candidates.iter().filter_map(|entry| {
        let who = *check.candidates.get(entry.candidate.as_str())?;
        let pair = &market.pairs[market.pair(who, of.0)?];
        (!pair.pinned).then(|| rank(check, who, pair.score))
    });
    Found { full: unpinned >= most, last: others.max() }
}

/// Nobody is left out for whom a list has room, or who ranks before the last one of a list.
fn left_out(check: &mut Check, found: &BTreeMap<Share, Found>, listed: &BTreeSet<usize>) {
    let market = check.market;
    let pinned: BTreeSet<usize> = market.pairs.iter().filter(|pair| pair.pinned).map(|pair| pair.candidate).collect();
    for (at, pair) in market.pairs.iter().enumerate() {
        if pair.forbidden || pair.score <= 0 || listed.contains(&pair.candidate) || pinned.contains(&pair.candidate) {
            continue;
        }
        let Some(list) = found.get(&share(market, at)) else { continue };
        let before = list.last.is_some_and(|last| rank(check, pair.candidate, pair.score) < last);
        if !list.full || before {
            let names = (shown(&market.candidates[pair.candidate].id), shown(&market.lines[pair.line].id));
            check.findings.add(
                &LEFT_OUT,
                "$.lists",
                what!("left-off": "{candidate} is left off a list of {line}", candidate = names.0, line = names.1),
            );
        }
    }
}
