//! The lottery between equal claims.

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::Check;
use crate::finding::{Rule, shown, what};

const LOTTERY: Rule = Rule(
    "LOTTERY_IGNORED",
    "of two with exactly the same claim, the one with the lower SHA-256(seed ‖ id) is seated",
    "solve the market anew",
);

/// Line, score, seats, quotas.
type Claim<'a> = (usize, i128, u64, &'a [(usize, u64)]);

/// Nobody outside groups and without pins may be out while someone of the same claim and a later draw is seated.
pub(super) fn equal_claims(check: &mut Check) {
    let market = check.market;
    let tied: BTreeSet<usize> = market.together.iter().chain(&market.apart).flatten().copied().collect();
    let pinned = market.pairs.iter().filter(|pair| pair.pinned).map(|pair| pair.candidate);
    let tied: BTreeSet<usize> = tied.into_iter().chain(pinned).collect();
    let draw = |who: usize| -> [u8; 32] {
        Sha256::digest([check.plan.seed.as_bytes(), market.candidates[who].id.as_bytes()].concat()).into()
    };
    let mut latest: HashMap<Claim, ([u8; 32], usize)> = HashMap::new();
    for pair in check.chosen.values().map(|&pair| &market.pairs[pair]).filter(|pair| !tied.contains(&pair.candidate)) {
        let held = (draw(pair.candidate), pair.candidate);
        let latest = latest.entry((pair.line, pair.score, pair.seats, &pair.uses)).or_insert(held);
        *latest = (*latest).max(held);
    }
    for pair in market.pairs.iter().filter(|pair| !pair.forbidden) {
        if check.chosen.contains_key(&pair.candidate) || tied.contains(&pair.candidate) {
            continue;
        }
        let claim = (pair.line, pair.score, pair.seats, pair.uses.as_slice());
        if let Some(&(last, seated)) = latest.get(&claim).filter(|(last, _)| *last > draw(pair.candidate)) {
            let (lost, seated) = (&market.candidates[pair.candidate].id, &market.candidates[seated].id);
            let line = shown(&market.lines[pair.line].id);
            let what = what!(
                "later-draw": "{candidate} lost {line} to {other}, whose draw {draw}… is later",
                candidate = shown(lost),
                line = line,
                other = shown(seated),
                draw = format!("{:02x}", last[0])
            );
            check.findings.add(&LOTTERY, "$.pairs", what);
        }
    }
}
