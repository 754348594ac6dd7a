//! Small random markets with every feature, and how they are changed.

use door::decimal::Numeral;
use door::format::{
    CandidateEntry, LineEntry, MarketFile, PairEntry, PairName, PreferenceEntry, QuotaEntry, QuotaPair, Rank,
};
use proptest::prelude::*;

/// Scores with ties, places after the point, and some that nobody would choose.
const SCORES: [&str; 8] = ["3", "\"2.5\"", "2.5", "0.000000001", "7.25", "3", "0", "-1.5"];

fn number(text: impl ToString) -> Numeral {
    Numeral::written(text.to_string())
}

pub(crate) fn candidate(at: usize) -> String {
    format!("c{at}")
}

pub(crate) fn line(at: usize) -> String {
    format!("l{at}")
}

/// Numbers from which a market is drawn; they shrink by themselves.
type Sketch = (Vec<u8>, Vec<u8>, Vec<(u8, u8)>, Vec<QuotaSketch>, [Vec<(u8, u8)>; 4], Vec<Vec<u8>>);
type QuotaSketch = (u8, u8, Vec<(u8, u8)>);

/// Returns markets of up to six candidates and four lines. Without `groups`, all that the policy `stable` refuses is left out.
pub(crate) fn markets(groups: bool) -> impl Strategy<Value = MarketFile> {
    let some = |most: usize| prop::collection::vec((0..6_u8, 0..6_u8), 0..=most);
    let ties = if groups { 2 } else { 0 };
    let sketch = (
        prop::collection::vec(0..12_u8, 1..=6),
        prop::collection::vec(1..6_u8, 1..=4),
        prop::collection::vec((0..10_u8, 0..8_u8), 24),
        prop::collection::vec((0..6_u8, 0..8_u8, some(6)), 0..=3),
        [some(ties), some(ties), some(1), some(2)],
        prop::collection::vec(prop::collection::vec(0..4_u8, 0..=3), 0..=3),
    );
    sketch.prop_map(move |sketch| market(&sketch, groups))
}

fn market((sizes, seats, pairs, quotas, marks, wishes): &Sketch, groups: bool) -> MarketFile {
    let (candidates, lines) = (sizes.len(), seats.len());
    let mut file = MarketFile {
        schema: None,
        candidates: sizes
            .iter()
            .enumerate()
            .map(|(at, &size)| CandidateEntry {
                id: candidate(at),
                size: (groups && size > 7).then(|| number(size - 6)),
            })
            .collect(),
        lines: seats.iter().enumerate().map(|(at, seats)| LineEntry { id: line(at), seats: number(seats) }).collect(),
        pairs: Vec::new(),
        quotas: Vec::new(),
        together: Vec::new(),
        apart: Vec::new(),
        pinned: Vec::new(),
        forbidden: Vec::new(),
        preferences: Vec::new(),
    };
    for (at, &(draw, score)) in pairs.iter().enumerate().take(candidates * lines).filter(|(_, pair)| pair.0 < 7) {
        file.pairs.push(PairEntry {
            candidate: candidate(at / lines),
            line: line(at % lines),
            score: number(SCORES[usize::from(score)]),
            seats: (groups && draw == 0).then(|| number(2)),
        });
    }
    file.quotas = quotas.iter().enumerate().map(|(at, sketch)| quota(at, sketch, &file, groups)).collect();
    let within = |at: u8| candidate(usize::from(at) % candidates);
    let tied = |marks: &[(u8, u8)]| -> Vec<Vec<String>> {
        let pairs = marks.iter().map(|&(one, other)| vec![within(one), within(other)]);
        pairs.filter(|group| group[0] != group[1]).collect()
    };
    let [together, apart, pinned, forbidden] = marks;
    file.together = tied(together);
    file.apart = tied(apart);
    let named = |&(one, other): &(u8, u8)| -> Option<PairName> {
        let entry = file.pairs.get(usize::from(one) * 6 + usize::from(other))?;
        Some(PairName { candidate: entry.candidate.clone(), line: entry.line.clone() })
    };
    let mut forbidden: Vec<PairName> = forbidden.iter().filter_map(named).collect();
    let mut pinned: Vec<PairName> = pinned.iter().filter_map(named).collect();
    forbidden.dedup();
    pinned.retain(|pair| !forbidden.contains(pair));
    (file.pinned, file.forbidden) = (pinned, forbidden);
    if let Err(findings) = read(&file) {
        assert!(findings.iter().all(|finding| finding.code == "TOGETHER_AND_APART"), "{findings:?}");
        file.apart.clear();
    }
    file.preferences = preferences(&file, wishes);
    file
}

fn quota(at: usize, (limit, form, listed): &QuotaSketch, file: &MarketFile, groups: bool) -> QuotaEntry {
    let weight = match form {
        0 if groups => Some(number(2)),
        1..=5 if groups => None,
        _ => Some(number(1)),
    };
    let mut entry =
        QuotaEntry { id: format!("q{at}"), limit: number(limit), candidates: None, lines: None, pairs: None, weight };
    if form % 2 == 0 {
        let half = listed.len() / 2;
        let mut who: Vec<String> =
            listed[..half].iter().map(|&(one, _)| candidate(usize::from(one) % file.candidates.len())).collect();
        let mut lines: Vec<String> =
            listed[half..].iter().map(|&(_, one)| line(usize::from(one) % file.lines.len())).collect();
        who.sort();
        who.dedup();
        lines.sort();
        lines.dedup();
        entry.candidates = (!who.is_empty()).then_some(who);
        entry.lines = (!lines.is_empty()).then_some(lines);
        return entry;
    }
    let mut pairs: Vec<QuotaPair> = Vec::new();
    for &(one, other) in listed {
        let Some(pair) = file.pairs.get(usize::from(one) * 3 + usize::from(other)) else { continue };
        if !pairs.iter().any(|listed| (&listed.candidate, &listed.line) == (&pair.candidate, &pair.line)) {
            let weight = (groups && other == 0).then(|| number(3));
            pairs.push(QuotaPair { candidate: pair.candidate.clone(), line: pair.line.clone(), weight });
        }
    }
    entry.pairs = Some(pairs);
    entry
}

fn preferences(file: &MarketFile, wishes: &[Vec<u8>]) -> Vec<PreferenceEntry> {
    let mut lists = Vec::new();
    for (at, wishes) in wishes.iter().enumerate().take(file.candidates.len()) {
        let mut lines: Vec<String> = Vec::new();
        for wish in wishes {
            let name = line(usize::from(*wish));
            let listed = file.pairs.iter().any(|pair| pair.candidate == candidate(at) && pair.line == name);
            if listed && !lines.contains(&name) {
                lines.push(name);
            }
        }
        let mut ranks: Vec<Rank> = lines.iter().skip(2).cloned().map(Rank::One).collect();
        ranks.insert(0, Rank::Equal(lines.into_iter().take(2).collect()));
        lists.push(PreferenceEntry { candidate: candidate(at), lines: ranks });
    }
    lists
}

/// Returns the market as the door reads it.
pub(crate) fn read(file: &MarketFile) -> Result<door::Market, Vec<door::Finding>> {
    door::read::market(&serde_json::to_vec(file).unwrap())
}
