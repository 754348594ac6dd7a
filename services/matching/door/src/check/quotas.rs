//! Quotas: which pairs they cover, and what each weighs.

use std::collections::HashSet;

use super::{Check, DUPLICATE, DUPLICATE_PAIR, LIMIT_MOST, SIZE_MOST};
use crate::finding::{Rule, shown, what};
use crate::format::{MarketFile, QuotaEntry, QuotaPair};
use crate::market::Quota;

const TWO_FORMS: Rule = Rule(
    "TWO_FORMS",
    "a quota covers listed pairs, or all pairs of candidates and lines",
    "keep `pairs`, or keep `candidates` and `lines`",
);

impl<'a> Check<'a> {
    pub(super) fn quotas(&mut self, file: &'a MarketFile) {
        let mut seen = HashSet::new();
        for (at, entry) in file.quotas.iter().enumerate() {
            let path = format!("$.quotas[{at}]");
            self.id(&entry.id, &path);
            if !seen.insert(entry.id.as_str()) {
                self.findings.add(
                    &DUPLICATE,
                    format!("{path}.id"),
                    what!("listed-before": "{id} is listed before", id = shown(&entry.id)),
                );
            }
            let limit = self.whole(&entry.limit, format!("{path}.limit"), (0, LIMIT_MOST));
            self.market.quotas.push(Quota { id: entry.id.clone(), limit });
            let weight = entry.weight.as_ref();
            let weight = weight.map(|weight| self.whole(weight, format!("{path}.weight"), (0, SIZE_MOST)));
            match &entry.pairs {
                Some(_) if entry.candidates.is_some() || entry.lines.is_some() => {
                    self.findings.add(&TWO_FORMS, path, what!("both-forms": "both `pairs` and a set are given"));
                }
                Some(pairs) => self.listed((at, &path), pairs, weight),
                None => self.product((at, &path), entry, weight),
            }
        }
    }

    fn weigh(&mut self, quota: usize, pair: usize, weight: Option<u64>) {
        let pair = &mut self.market.pairs[pair];
        let weight = weight.unwrap_or(self.market.candidates[pair.candidate].size);
        if weight > 0 {
            pair.uses.push((quota, weight));
        }
    }

    fn listed(&mut self, (quota, path): (usize, &str), pairs: &'a [QuotaPair], weight: Option<u64>) {
        let mut seen = HashSet::new();
        for (at, entry) in pairs.iter().enumerate() {
            let path = format!("{path}.pairs[{at}]");
            let own = entry.weight.as_ref();
            let own = own.map(|own| self.whole(own, format!("{path}.weight"), (0, SIZE_MOST)));
            let Some(pair) = self.named((&entry.candidate, &entry.line), &path) else { continue };
            if seen.insert(pair) {
                self.weigh(quota, pair, own.or(weight));
            } else {
                let what = what!(
                    "pair-before": "{candidate} on {line} is listed before",
                    candidate = shown(&entry.candidate),
                    line = shown(&entry.line)
                );
                self.findings.add(&DUPLICATE_PAIR, path, what);
            }
        }
    }

    fn product(&mut self, (quota, path): (usize, &str), entry: &'a QuotaEntry, weight: Option<u64>) {
        let mut on = vec![entry.lines.is_none(); self.market.lines.len()];
        for (at, id) in entry.lines.iter().flatten().enumerate() {
            if let Some(line) = self.line(id, || format!("{path}.lines[{at}]"))
                && std::mem::replace(&mut on[line], true)
            {
                self.findings.add(
                    &DUPLICATE,
                    format!("{path}.lines[{at}]"),
                    what!("named-before": "{id} is named before", id = shown(id)),
                );
            }
        }
        let mut who = vec![entry.candidates.is_none(); self.market.candidates.len()];
        for (at, id) in entry.candidates.iter().flatten().enumerate() {
            if let Some(candidate) = self.candidate(id, || format!("{path}.candidates[{at}]"))
                && std::mem::replace(&mut who[candidate], true)
            {
                let what = what!("named-before": "{id} is named before", id = shown(id));
                self.findings.add(&DUPLICATE, format!("{path}.candidates[{at}]"), what);
            }
        }
        for candidate in (0..who.len()).filter(|&candidate| who[candidate]) {
            for at in 0..self.by_candidate[candidate].len() {
                let pair = self.by_candidate[candidate][at];
                if on[self.market.pairs[pair].line] {
                    self.weigh(quota, pair, weight);
                }
            }
        }
    }
}
