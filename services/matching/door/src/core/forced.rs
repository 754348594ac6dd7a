//! What pinned pairs force, and why that may be impossible.

use std::collections::BTreeMap;

use super::{Place, place_on};
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

fn cause(code: &str, what: String, mend: &str) -> Cause {
    Cause { code: code.to_owned(), what, mend: mend.to_owned() }
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
            format!("{:?} is pinned to {here:?} and to {there:?}", name(member))
        } else {
            format!(
                "{:?} and {:?} go together, but one is pinned to {here:?}, the other to {there:?}",
                name(member),
                name(other)
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
            let pair = market.pair(other, line);
            let how = match pair {
                None => "has no pair there",
                Some(pair) if market.pairs[pair].forbidden => "is forbidden there",
                Some(_) => continue,
            };
            let (pinned, follows, line) = (name(member), name(other), line_name(line));
            let what = format!("{pinned:?} is pinned to {line:?} and goes together with {follows:?}, who {how}");
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
        let over = taken - line.seats;
        let what = format!(
            "pinned pairs, with those who go together with them, take {taken} seats on line {:?}, which has {}: {over} too many",
            line.id, line.seats
        );
        causes.push(cause("SEATS_OVERRUN", what, "add the seats, or take pins away"));
    }
    for (quota, used) in market.quotas.iter().zip(used).filter(|(quota, used)| *used > quota.limit) {
        let over = used - quota.limit;
        let what = format!(
            "pinned pairs, with those who go together with them, weigh {used} in quota {:?}, limited to {}: {over} too many",
            quota.id, quota.limit
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
                let (one, two) = (&market.candidates[other].id, &market.candidates[member].id);
                let what =
                    format!("{one:?} and {two:?} stay apart, but pins put both on line {:?}", market.lines[line].id);
                causes.push(cause("APART_PINNED", what, "take a pin away, or one of them out of the group"));
            }
        }
    }
}
