//! What pinned pairs force, and why that may be impossible.

use std::collections::BTreeMap;

use super::{Place, place_on};
use crate::finding::{What, what};
use crate::format::Cause;
use crate::market::Market;

/// Returns per family the place that pinned pairs force, or every cause for which no plan exists.
pub(super) fn places(market: &Market, families: &[Vec<usize>]) -> Result<Vec<Option<Place>>, Vec<Cause>> {
    let mut causes = Vec::new();
    let mut pinned: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for pair in market.pairs.iter().filter(|pair| pair.pinned) {
        pinned.entry(pair.candidate).or_default().push(pair.line);
    }
    let forced = families.iter().map(|family| one(market, family, &pinned, &mut causes)).collect::<Vec<_>>();
    let taken: Vec<&Place> = forced.iter().flatten().collect();
    ceilings(market, &taken, &mut causes);
    apart(market, &taken, &mut causes);
    causes.sort_unstable_by(|one, other| (&one.code, &one.what).cmp(&(&other.code, &other.what)));
    if causes.is_empty() { Ok(forced) } else { Err(causes) }
}

/// A cause is one sentence for each code; `what` carries its values.
fn cause(code: &str, what: What, mend: &str) -> Cause {
    let arguments = what.arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Cause { code: code.to_owned(), what: what.text, mend: mend.to_owned(), said: what.said.to_owned(), arguments }
}

fn quoted(id: &str) -> String {
    format!("{id:?}")
}

fn one(
    market: &Market,
    family: &[usize],
    pinned: &BTreeMap<usize, Vec<usize>>,
    causes: &mut Vec<Cause>,
) -> Option<Place> {
    let name = |member: usize| market.candidates[member].id.as_str();
    let line_name = |line: usize| market.lines[line].id.as_str();
    let pins = family.iter().filter_map(|member| Some((*member, pinned.get(member)?)));
    let mut pins: Vec<(&str, usize, usize)> =
        pins.flat_map(|(member, lines)| lines.iter().map(move |&line| (line_name(line), member, line))).collect();
    pins.sort_unstable_by_key(|&(line, member, _)| (line, name(member)));
    let &(_, member, line) = pins.first()?;
    let elsewhere: Vec<_> = pins.iter().filter(|pin| pin.2 != line).collect();
    for &&(_, other, away) in &elsewhere {
        let (here, there) = (line_name(line), line_name(away));
        let what = if other == member {
            what!(
                "pinned-twice": "{candidate} is pinned to {line} and to {elsewhere}",
                candidate = quoted(name(member)),
                line = quoted(here),
                elsewhere = quoted(there)
            )
        } else {
            what!(
                "pinned-apart": "{candidate} and {other} go together, but one is pinned to {line}, the other to {elsewhere}",
                candidate = quoted(name(member)),
                other = quoted(name(other)),
                line = quoted(here),
                elsewhere = quoted(there)
            )
        };
        let code = if other == member { "PINNED_TWICE" } else { "TOGETHER_PINNED_APART" };
        causes.push(cause(code, what, "take away one of the pins"));
    }
    if !elsewhere.is_empty() {
        return None;
    }
    let place = place_on(market, family, line);
    if place.is_none() {
        for &other in family {
            let (pinned, follows, at) = (quoted(name(member)), quoted(name(other)), quoted(line_name(line)));
            let what = match market.pair(other, line) {
                None => what!(
                    "cannot-follow": "{candidate} is pinned to {line} and goes together with {other}, who has no pair there",
                    candidate = pinned,
                    line = at,
                    other = follows
                ),
                Some(pair) if market.pairs[pair].forbidden => what!(
                    "may-not-follow": "{candidate} is pinned to {line} and goes together with {other}, who is forbidden there",
                    candidate = pinned,
                    line = at,
                    other = follows
                ),
                Some(_) => continue,
            };
            causes.push(cause("TOGETHER_CANNOT_FOLLOW", what, "permit the pair, or take the pin away"));
        }
    }
    place
}

fn ceilings(market: &Market, taken: &[&Place], causes: &mut Vec<Cause>) {
    let mut seats = vec![0_u64; market.lines.len()];
    let mut used = vec![0_u64; market.quotas.len()];
    for place in taken {
        seats[place.line] += place.seats;
        place.uses.iter().for_each(|&(quota, weight)| used[quota] += weight);
    }
    for (line, taken) in market.lines.iter().zip(seats).filter(|(line, taken)| *taken > line.seats) {
        let what = what!(
            "seats-overrun": "pinned pairs, with those who go together with them, take {taken} seats on line {line}, which has {seats}: {over} too many",
            over = taken - line.seats,
            seats = line.seats,
            taken = taken,
            line = quoted(&line.id)
        );
        causes.push(cause("SEATS_OVERRUN", what, "add the seats, or take pins away"));
    }
    for (quota, used) in market.quotas.iter().zip(used).filter(|(quota, used)| *used > quota.limit) {
        let what = what!(
            "quota-overrun": "pinned pairs, with those who go together with them, weigh {used} in quota {quota}, limited to {limit}: {over} too many",
            over = used - quota.limit,
            limit = quota.limit,
            used = used,
            quota = quoted(&quota.id)
        );
        causes.push(cause("QUOTA_OVERRUN", what, "raise the limit, or take pins away"));
    }
}

fn apart(market: &Market, taken: &[&Place], causes: &mut Vec<Cause>) {
    let mut line_of = BTreeMap::new();
    for pair in taken.iter().flat_map(|place| &place.pairs).map(|&pair| &market.pairs[pair]) {
        line_of.insert(pair.candidate, pair.line);
    }
    for group in &market.apart {
        let mut here: BTreeMap<usize, usize> = BTreeMap::new();
        for (&member, &line) in group.iter().filter_map(|member| Some((member, line_of.get(member)?))) {
            if let Some(other) = here.insert(line, member) {
                let what = what!(
                    "apart-pinned": "{candidate} and {other} stay apart, but pins put both on line {line}",
                    candidate = quoted(&market.candidates[other].id),
                    other = quoted(&market.candidates[member].id),
                    line = quoted(&market.lines[line].id)
                );
                causes.push(cause("APART_PINNED", what, "take a pin away, or one of them out of the group"));
            }
        }
    }
}
