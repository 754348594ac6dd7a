//! From the file's entries to positions and whole numbers; reports all that is wrong at once.

use std::collections::{BTreeMap, HashMap};

use crate::decimal::{Fault, Numeral, UNIT};
use crate::finding::{Finding, Findings, Rule, shown, what};
use crate::format::MarketFile;
use crate::market::{Candidate, Line, Market, Pair};

mod groups;
mod quotas;

/// The most seats of a candidate or a pair, and the most that a pair weighs in a quota.
pub(crate) const SIZE_MOST: i128 = 1_000_000;
/// The most seats of a line.
pub(crate) const SEATS_MOST: i128 = 1_000_000_000;
/// The highest limit of a quota.
pub(crate) const LIMIT_MOST: i128 = 1_000_000_000_000;
/// The greatest score, in points; the least is its negative.
pub(crate) const SCORE_MOST: i128 = 1_000_000_000;
const ID_MOST: usize = 200;

const ID: Rule = Rule(
    "ID",
    "ids name things in plans, messages and the lottery: 1 to 200 characters, none of them for control",
    "give it an id of its own",
);
const DUPLICATE: Rule = Rule("DUPLICATE", "an id must name one thing", "rename one of the two or leave it out");
const DUPLICATE_PAIR: Rule = Rule("DUPLICATE_PAIR", "a pair has one score", "leave out all but one");
const UNKNOWN: Rule =
    Rule("UNKNOWN", "names must be those of listed candidates and lines", "list it, or correct the name");
const NUMBER: Rule =
    Rule("NUMBER", "numbers are digits with at most one point and no exponent", "write it out, such as 12 or \"12.5\"");
const PRECISION: Rule =
    Rule("PRECISION", "scores are exact to nine places, and nothing is rounded", "round it to nine places");
const WHOLE: Rule = Rule("WHOLE", "seats, limits and weights are whole", "write a whole number");
const RANGE: Rule =
    Rule("RANGE", "beyond this range nothing is computed exactly, or it has no meaning", "write a number within it");
const UNKNOWN_PAIR: Rule = Rule(
    "UNKNOWN_PAIR",
    "only what is listed in `pairs` is permitted, so this would have no effect",
    "list the pair, or leave this out",
);

/// Returns the market that `file` describes.
pub(crate) fn check(file: &MarketFile) -> Result<Market, Vec<Finding>> {
    let mut check = Check::default();
    check.candidates(file);
    check.lines(file);
    check.pairs(file);
    check.quotas(file);
    check.groups(file);
    check.marks(file);
    check.preferences(file);
    if check.findings.is_empty() { Ok(check.market) } else { Err(check.findings.into_list()) }
}

#[derive(Default)]
struct Check<'a> {
    findings: Findings,
    market: Market,
    candidates: HashMap<&'a str, usize>,
    lines: HashMap<&'a str, usize>,
    /// Pairs of each candidate.
    by_candidate: Vec<Vec<usize>>,
}

impl<'a> Check<'a> {
    fn id(&mut self, id: &str, at: &str) {
        if id.is_empty() || id.chars().count() > ID_MOST || id.chars().any(char::is_control) {
            self.findings.add(&ID, format!("{at}.id"), what!("no-id": "{id} is no id", id = shown(id)));
        }
    }

    fn fault(&mut self, fault: Fault, at: String, numeral: &Numeral, range: (i128, i128)) {
        let shown = numeral.shown();
        match fault {
            Fault::NotANumber => {
                self.findings.add(&NUMBER, at, what!("no-number": "{value} is no number", value = shown))
            }
            Fault::TooPrecise => self.findings.add(
                &PRECISION,
                at,
                what!("too-precise": "{value} has more than nine places", value = shown),
            ),
            Fault::NotWhole => self.findings.add(&WHOLE, at, what!("not-whole": "{value} is not whole", value = shown)),
            Fault::TooLarge => {
                let (low, high) = range;
                let what = what!(
                    "out-of-range": "{value} is not between {least} and {most}",
                    value = shown,
                    least = low,
                    most = high
                );
                self.findings.add(&RANGE, at, what);
            }
        }
    }

    /// Returns a whole number within a range; 1 after a finding, so that the check can go on.
    fn whole(&mut self, numeral: &Numeral, at: String, range: (i128, i128)) -> u64 {
        let whole = numeral.whole().and_then(|whole| {
            let within = (range.0..=range.1).contains(&whole);
            u64::try_from(whole).ok().filter(|_| within).ok_or(Fault::TooLarge)
        });
        whole.unwrap_or_else(|fault| {
            self.fault(fault, at, numeral, range);
            1
        })
    }

    fn score(&mut self, numeral: &Numeral, at: String) -> i128 {
        let most = SCORE_MOST * UNIT;
        let units =
            numeral.units().and_then(|units| if units.abs() <= most { Ok(units) } else { Err(Fault::TooLarge) });
        units.unwrap_or_else(|fault| {
            self.fault(fault, at, numeral, (-SCORE_MOST, SCORE_MOST));
            0
        })
    }

    fn candidates(&mut self, file: &'a MarketFile) {
        for (at, entry) in file.candidates.iter().enumerate() {
            let path = format!("$.candidates[{at}]");
            self.id(&entry.id, &path);
            if let Some(first) = self.candidates.insert(&entry.id, at) {
                let what = what!(
                    "already": "{id} is already {place}",
                    id = shown(&entry.id),
                    place = format!("$.candidates[{first}]")
                );
                self.findings.add(&DUPLICATE, format!("{path}.id"), what);
            }
            let size = entry.size.as_ref().map_or(1, |size| self.whole(size, format!("{path}.size"), (1, SIZE_MOST)));
            self.market.candidates.push(Candidate { id: entry.id.clone(), size });
        }
        self.by_candidate = vec![Vec::new(); file.candidates.len()];
    }

    fn lines(&mut self, file: &'a MarketFile) {
        for (at, entry) in file.lines.iter().enumerate() {
            let path = format!("$.lines[{at}]");
            self.id(&entry.id, &path);
            if let Some(first) = self.lines.insert(&entry.id, at) {
                let what = what!(
                    "already": "{id} is already {place}",
                    id = shown(&entry.id),
                    place = format!("$.lines[{first}]")
                );
                self.findings.add(&DUPLICATE, format!("{path}.id"), what);
            }
            let seats = self.whole(&entry.seats, format!("{path}.seats"), (1, SEATS_MOST));
            self.market.lines.push(Line { id: entry.id.clone(), seats });
        }
    }

    fn candidate(&mut self, id: &str, at: impl FnOnce() -> String) -> Option<usize> {
        let found = self.candidates.get(id).copied();
        if found.is_none() {
            self.findings.add(&UNKNOWN, at(), what!("no-candidate": "no candidate is called {id}", id = shown(id)));
        }
        found
    }

    fn line(&mut self, id: &str, at: impl FnOnce() -> String) -> Option<usize> {
        let found = self.lines.get(id).copied();
        if found.is_none() {
            self.findings.add(&UNKNOWN, at(), what!("no-line": "no line is called {id}", id = shown(id)));
        }
        found
    }

    fn pairs(&mut self, file: &'a MarketFile) {
        for (at, entry) in file.pairs.iter().enumerate() {
            let path = || format!("$.pairs[{at}]");
            let candidate = self.candidate(&entry.candidate, || format!("{}.candidate", path()));
            let line = self.line(&entry.line, || format!("{}.line", path()));
            let score = self.score(&entry.score, format!("{}.score", path()));
            let seats =
                entry.seats.as_ref().map(|seats| self.whole(seats, format!("{}.seats", path()), (1, SIZE_MOST)));
            let (Some(candidate), Some(line)) = (candidate, line) else { continue };
            let seats = seats.unwrap_or(self.market.candidates[candidate].size);
            let position = self.market.pairs.len();
            if self.market.index.insert((candidate, line), position).is_some() {
                let what = what!(
                    "pair-before": "{candidate} on {line} is listed before",
                    candidate = shown(&entry.candidate),
                    line = shown(&entry.line)
                );
                self.findings.add(&DUPLICATE_PAIR, path(), what);
            }
            self.by_candidate[candidate].push(position);
            let uses = Vec::new();
            self.market.pairs.push(Pair { candidate, line, score, seats, forbidden: false, pinned: false, uses });
        }
    }

    /// Returns the position of a pair that is named somewhere.
    fn named(&mut self, names: (&str, &str), at: &str) -> Option<usize> {
        let candidate = self.candidate(names.0, || format!("{at}.candidate"));
        let line = self.line(names.1, || format!("{at}.line"));
        let (candidate, line) = (candidate?, line?);
        let pair = self.market.pair(candidate, line);
        if pair.is_none() {
            let what = what!(
                "no-pair": "{candidate} has no pair on {line}",
                candidate = shown(names.0),
                line = shown(names.1)
            );
            self.findings.add(&UNKNOWN_PAIR, at, what);
        }
        pair
    }

    fn preferences(&mut self, file: &'a MarketFile) {
        let mut lists: BTreeMap<usize, Vec<Vec<usize>>> = BTreeMap::new();
        for (at, entry) in file.preferences.iter().enumerate() {
            let path = format!("$.preferences[{at}]");
            let Some(candidate) = self.candidate(&entry.candidate, || format!("{path}.candidate")) else { continue };
            let mut ranks = Vec::new();
            for (rank, lines) in entry.lines.iter().enumerate() {
                let lines = match lines {
                    crate::format::Rank::One(line) => std::slice::from_ref(line),
                    crate::format::Rank::Equal(lines) => lines,
                };
                let at = format!("{path}.lines[{rank}]");
                let named = lines.iter().filter_map(|line| self.named((&entry.candidate, line), &at));
                ranks.push(named.collect::<Vec<usize>>());
            }
            let mut seen: Vec<usize> = ranks.iter().flatten().copied().collect();
            seen.sort_unstable();
            if seen.windows(2).any(|two| two[0] == two[1]) {
                let what = what!("ranks-twice": "{candidate} ranks a line twice", candidate = shown(&entry.candidate));
                self.findings.add(&DUPLICATE, format!("{path}.lines"), what);
            }
            if lists.insert(candidate, ranks).is_some() {
                let what = what!("list-before": "{candidate} has a list before", candidate = shown(&entry.candidate));
                self.findings.add(&DUPLICATE, path, what);
            }
        }
        self.market.preferences = lists;
    }
}
