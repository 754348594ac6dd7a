//! Checks a plan from the market, the plan and the published rules alone. Shares no code with what finds plans: only the
//! reading of the two files is common.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::decimal::{parse, show};
use crate::finding::{Finding, Findings, Rule, shown, what};
use crate::format::{PlanFile, Policy, Proof, Status};
use crate::market::Market;

mod bound;
mod lists;
mod lottery;
mod pins;
mod stable;

const OTHER_MARKET: Rule =
    Rule("OTHER_MARKET", "a plan is checked against its own market file", "give the file it was made from");
const NOT_LISTED: Rule = Rule("NOT_LISTED", "only listed pairs are permitted", "solve the market anew");
const FORBIDDEN: Rule = Rule("FORBIDDEN", "a forbidden pair must not be chosen", "solve the market anew");
const TWICE: Rule = Rule("TWICE", "each candidate is seated once at most", "solve the market anew");
const SEATS: Rule = Rule("SEATS_EXCEEDED", "a line seats no more than it has", "solve the market anew");
const QUOTA: Rule = Rule("QUOTA_EXCEEDED", "a quota is not passed", "solve the market anew");
const TORN: Rule = Rule("TORN_APART", "who goes together is on one line or out", "solve the market anew");
const SAME_LINE: Rule = Rule("SAME_LINE", "who stays apart is not on one line", "solve the market anew");
const NOT_PINNED: Rule = Rule("PIN_IGNORED", "a pinned pair must be chosen", "solve the market anew");
const MISSTATED: Rule = Rule("MISSTATED", "what a plan states must be what is found", "solve the market anew");
const NOT_PROVED: Rule = Rule("NOT_PROVED", "a plan is optimal if its bound is its value", "call it feasible");
const MISSING: Rule = Rule("MISSING", "a plan of this status and policy states this", "state it");

/// What was found true of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What the plan claims, and what was found to hold.
    pub status: Status,
    /// Chosen pairs.
    pub pairs: usize,
    /// Their scores, added up anew.
    pub value: String,
    /// The bound that the prices prove, recomputed in whole numbers over every pair.
    pub dual_bound: Option<String>,
    /// True if nothing has to be believed: the bound follows from the prices, or nothing blocks, or pins contradict.
    pub proved: bool,
}

/// Returns what is true of `plan`, or everything that is wrong with it.
///
/// # Errors
/// Every breach found.
pub fn verify(market: &Market, plan: &PlanFile) -> Result<Verified, Vec<Finding>> {
    let mut check = Check::new(market, plan);
    if plan.market != market.digest {
        check.findings.add(
            &OTHER_MARKET,
            "$.market",
            what!(
                "other-market": "the plan is of {stated}, the file is {found}",
                stated = shown(&plan.market),
                found = market.digest
            ),
        );
    }
    check.read_pairs();
    let mut verified = Verified {
        status: plan.status,
        pairs: check.chosen.len(),
        value: String::new(),
        dual_bound: None,
        proved: false,
    };
    if plan.status == Status::Infeasible {
        pins::contradict(&mut check);
        verified.proved = true;
    } else {
        check.rules();
        let value = check.value();
        verified.value = show(value);
        match plan.policy {
            Policy::Optimal | Policy::Lists => {
                let bound = check.bounds(value);
                verified.dual_bound = bound.map(show);
                verified.proved = bound == Some(value);
                lottery::equal_claims(&mut check);
                if plan.policy == Policy::Lists {
                    lists::check(&mut check);
                }
            }
            Policy::Stable => verified.proved = stable::blocking(&mut check) == 0,
        }
    }
    if check.findings.is_empty() { Ok(verified) } else { Err(check.findings.into_list()) }
}

struct Check<'a> {
    market: &'a Market,
    plan: &'a PlanFile,
    findings: Findings,
    candidates: HashMap<&'a str, usize>,
    lines: HashMap<&'a str, usize>,
    /// Chosen pairs by candidate.
    chosen: BTreeMap<usize, usize>,
}

impl<'a> Check<'a> {
    fn new(market: &'a Market, plan: &'a PlanFile) -> Self {
        let candidates =
            market.candidates.iter().enumerate().map(|(at, candidate)| (candidate.id.as_str(), at)).collect();
        let lines = market.lines.iter().enumerate().map(|(at, line)| (line.id.as_str(), at)).collect();
        Self { market, plan, findings: Findings::default(), candidates, lines, chosen: BTreeMap::new() }
    }

    fn read_pairs(&mut self) {
        for (at, entry) in self.plan.pairs.iter().enumerate() {
            let path = format!("$.pairs[{at}]");
            let ids = (self.candidates.get(entry.candidate.as_str()), self.lines.get(entry.line.as_str()));
            let pair = if let (Some(&who), Some(&line)) = ids { self.market.pair(who, line) } else { None };
            let (who, line) = (shown(&entry.candidate), shown(&entry.line));
            let Some(pair) = pair else {
                self.findings.add(
                    &NOT_LISTED,
                    path,
                    what!("pair-unlisted": "{candidate} on {line} is not listed", candidate = who, line = line),
                );
                continue;
            };
            let listed = &self.market.pairs[pair];
            if listed.forbidden {
                self.findings.add(
                    &FORBIDDEN,
                    path.clone(),
                    what!("pair-forbidden": "{candidate} on {line} is forbidden", candidate = who, line = line),
                );
            }
            if parse(&entry.score) != Ok(listed.score) || entry.seats != listed.seats {
                let what = what!(
                    "pair-score": "{candidate} on {line} has score {score} and {seats} seats",
                    candidate = who,
                    line = line,
                    score = show(listed.score),
                    seats = listed.seats
                );
                self.findings.add(&MISSTATED, path.clone(), what);
            }
            if self.chosen.insert(listed.candidate, pair).is_some() {
                self.findings.add(
                    &TWICE,
                    path,
                    what!("seated-before": "{candidate} is seated before", candidate = who),
                );
            }
        }
    }

    fn rules(&mut self) {
        let market = self.market;
        let (mut seats, mut used) = (vec![0_u64; market.lines.len()], vec![0_u64; market.quotas.len()]);
        for pair in self.chosen.values().map(|&pair| &market.pairs[pair]) {
            seats[pair.line] += pair.seats;
            pair.uses.iter().for_each(|&(quota, weight)| used[quota] += weight);
        }
        for (line, taken) in market.lines.iter().zip(seats).filter(|(line, taken)| *taken > line.seats) {
            let what = what!(
                "line-over": "line {line} seats {taken} on {seats}",
                seats = line.seats,
                taken = taken,
                line = shown(&line.id)
            );
            self.findings.add(&SEATS, "$.pairs", what);
        }
        for (quota, used) in market.quotas.iter().zip(used).filter(|(quota, used)| *used > quota.limit) {
            let what = what!(
                "quota-over": "quota {quota} holds {used} of {limit}",
                limit = quota.limit,
                used = used,
                quota = shown(&quota.id)
            );
            self.findings.add(&QUOTA, "$.pairs", what);
        }
        let line_of = |member: &usize| self.chosen.get(member).map(|&pair| market.pairs[pair].line);
        let name = |member: usize| shown(&market.candidates[member].id);
        for group in &market.together {
            if group.iter().any(|member| line_of(member) != line_of(&group[0])) {
                self.findings.add(
                    &TORN,
                    "$.pairs",
                    what!("group-torn": "the group of {candidate} is not on one line", candidate = name(group[0])),
                );
            }
        }
        for group in &market.apart {
            let mut on = HashSet::new();
            for &member in group {
                if line_of(&member).is_some_and(|line| !on.insert(line)) {
                    self.findings.add(
                        &SAME_LINE,
                        "$.pairs",
                        what!("not-apart": "{candidate} is not apart from its group", candidate = name(member)),
                    );
                }
            }
        }
        for (at, pair) in market.pairs.iter().enumerate().filter(|(_, pair)| pair.pinned) {
            if self.chosen.get(&pair.candidate) != Some(&at) {
                let what = what!(
                    "pin-ignored": "{candidate} is pinned to {line}",
                    candidate = name(pair.candidate),
                    line = shown(&market.lines[pair.line].id)
                );
                self.findings.add(&NOT_PINNED, "$.pairs", what);
            }
        }
    }

    fn value(&mut self) -> i128 {
        let value = self.chosen.values().map(|&pair| self.market.pairs[pair].score).sum();
        self.stated("value", self.plan.value.as_ref(), value);
        value
    }

    /// Compares a stated decimal with what was found.
    fn stated(&mut self, name: &str, stated: Option<&String>, found: i128) {
        let Some(text) = stated else {
            self.findings.add(&MISSING, "$", what!("not-stated": "{member} is not stated", member = name));
            return;
        };
        if parse(text) != Ok(found) {
            self.findings.add(
                &MISSTATED,
                format!("$.{name}"),
                what!("stated-found": "stated {stated}, found {found}", stated = shown(text), found = show(found)),
            );
        }
    }

    /// Checks bound, gap, status and prices; returns the bound that the prices prove.
    fn bounds(&mut self, value: i128) -> Option<i128> {
        let plan = self.plan;
        let proved = bound::by_prices(self);
        if let (Some(duals), Some(proved)) = (&plan.duals, proved) {
            self.stated("duals.bound", Some(&duals.bound), proved);
        }
        let Some(bound) = plan.bound.as_ref().and_then(|bound| parse(bound).ok()) else {
            self.findings.add(&MISSING, "$", what!("bound-decimal": "bound is not stated as a decimal"));
            return proved;
        };
        self.stated("gap", plan.gap.as_ref(), bound - value);
        if bound < value {
            let what = what!(
                "bound-below": "the bound {bound} is below the value {value}",
                bound = show(bound),
                value = show(value)
            );
            self.findings.add(&MISSTATED, "$.bound", what);
        }
        if plan.status == Status::Optimal && bound != value {
            self.findings.add(
                &NOT_PROVED,
                "$.status",
                what!("gap-open": "the gap is {gap}", gap = show(bound - value)),
            );
        }
        match plan.proof {
            None => self.findings.add(&MISSING, "$", what!("not-stated": "{member} is not stated", member = "proof")),
            Some(Proof::Duals) if proved != Some(bound) => {
                self.findings.add(&MISSTATED, "$.bound", what!("prices-fail": "the prices do not prove this bound"));
            }
            Some(_) if proved.is_some_and(|proved| proved < bound) => {
                self.findings.add(
                    &MISSTATED,
                    "$.bound",
                    what!("prices-lower": "the prices prove a lower bound than is stated"),
                );
            }
            Some(_) => {}
        }
        proved
    }
}
