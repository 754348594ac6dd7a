//! `/corridors/{code}/packs`: two rule packs of the corridor, or of its destination, side by side.

use std::collections::BTreeSet;

use axum::{
    extract::{Path, Query},
    response::Response,
};
use proto::programme::{ListRulePacksRequest, RulePack};

use super::known;
use crate::{
    console::{
        code::{Choice, Corridor},
        frame::Section,
        packs::{Change, Compared, PacksPage, Said},
    },
    pages::{
        Params, count, day, param,
        visitor::{Trouble, Visitor},
    },
};

pub(in crate::pages) async fn page(
    visitor: Visitor,
    Path(code): Path<String>,
    Query(params): Query<Params>,
) -> Response {
    let page = draw(&visitor, &code, &params).await;
    visitor.answer(page)
}

async fn draw(visitor: &Visitor, code: &str, params: &Params) -> Result<String, Trouble> {
    let mut programme = visitor.app.upstream.programme(&visitor.session);
    let corridor = known(visitor, code).await?;
    let mut packs = Vec::new();
    for code in [&corridor.code, &corridor.destination] {
        let request = ListRulePacksRequest { code: code.clone(), ..Default::default() };
        let mut told = programme.list_rule_packs(request).await?.into_inner().packs;
        told.sort_by(|one, other| one.valid_from.cmp(&other.valid_from));
        packs.extend(told);
    }
    let chosen = chosen(&packs, (param(params, "from"), param(params, "to")));
    let id = |pick: fn((usize, usize)) -> usize| chosen.map(|pair| packs[pick(pair)].id.clone()).unwrap_or_default();
    let page = PacksPage {
        corridor: Corridor::new(&corridor.code),
        from: id(|pair| pair.0),
        to: id(|pair| pair.1),
        compared: chosen.map_or(Compared::Few, |pair| compare(&packs, pair)),
        packs: packs.iter().map(choice).collect(),
    };
    Ok(page.render(&visitor.frame(Section::Home, None, None))?)
}

fn choice(pack: &RulePack) -> Choice {
    Choice { value: pack.id.clone(), label: pack.id.clone() }
}

/// Places of the two packs asked for, the earlier first; else of the corridor's latest two, else of its destination's.
fn chosen(packs: &[RulePack], (from, to): (&str, &str)) -> Option<(usize, usize)> {
    let place = |id: &str| packs.iter().position(|pack| pack.id == id);
    if let (Some(from), Some(to)) = (place(from), place(to)) {
        return Some((from.min(to), from.max(to)));
    }
    let pairs: Vec<usize> = (1..packs.len()).filter(|at| packs[*at].code == packs[*at - 1].code).collect();
    let own = pairs.iter().rfind(|at| packs[**at].code == packs[0].code).or(pairs.last());
    own.map(|at| (*at - 1, *at))
}

/// What differs between two packs; all packs of a code stand together, the earliest first.
fn compare(packs: &[RulePack], (from, to): (usize, usize)) -> Compared {
    let (before, after) = (&packs[from], &packs[to]);
    if before.code != after.code {
        return Compared::Apart;
    }
    let keys: BTreeSet<&str> = before.rules.iter().chain(&after.rules).map(|rule| rule.key.as_str()).collect();
    let change = |key: &&str| {
        let (was, is) = (said(before, key), said(after, key));
        // The earliest of the packs up to the later one that say what it says.
        let since = packs[from + 1..=to].iter().rev().take_while(|pack| said(pack, key) == is).last()?;
        (was != is).then(|| Change {
            key: (*key).to_owned(),
            before: was,
            after: is,
            since: day(&since.valid_from).unwrap_or_default(),
        })
    };
    let changes: Vec<Change> = keys.iter().filter_map(change).collect();
    Compared::Told { same: count(keys.len() - changes.len()), changes }
}

fn said(pack: &RulePack, key: &str) -> Option<Said> {
    let rule = pack.rules.iter().find(|rule| rule.key == key)?;
    Some(Said { value: rule.value.clone(), source: rule.source.clone(), assumed: rule.assumed })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proto::programme::Rule;

    use super::*;

    fn pack(code: &str, valid_from: &str, rules: &[(&str, &str)]) -> RulePack {
        let rule = |(key, value): &(&str, &str)| Rule {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
            ..Rule::default()
        };
        RulePack {
            id: format!("{code}@{valid_from}"),
            code: code.to_owned(),
            valid_from: valid_from.to_owned(),
            rules: rules.iter().map(rule).collect(),
            ..RulePack::default()
        }
    }

    fn packs() -> Vec<RulePack> {
        vec![
            pack("CO-ES", "2024-01-01", &[("a", "1"), ("b", "1"), ("c", "1")]),
            pack("CO-ES", "2025-01-01", &[("a", "2"), ("b", "1"), ("c", "1")]),
            pack("CO-ES", "2026-01-01", &[("a", "2"), ("b", "1"), ("d", "9")]),
            pack("ES", "2024-01-01", &[("a", "7")]),
        ]
    }

    #[test]
    fn a_rule_that_differs_says_from_what_to_what_and_since_when() {
        let Compared::Told { same, changes } = compare(&packs(), (0, 2)) else { panic!("they are of one code") };
        let seen: Vec<_> = changes
            .iter()
            .map(|change| {
                let value = |said: &Option<Said>| said.as_ref().map_or("none", |said| said.value.as_str()).to_owned();
                (change.key.as_str(), value(&change.before), value(&change.after), change.since)
            })
            .collect();
        let on = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        let told = |key, before: &str, after: &str, year| (key, before.to_owned(), after.to_owned(), on(year));
        assert_eq!(seen, [told("a", "1", "2", 2025), told("c", "1", "none", 2026), told("d", "none", "9", 2026)]);
        assert_eq!(same, 1, "b");
        assert!(matches!(compare(&packs(), (2, 3)), Compared::Apart));
    }

    #[test]
    fn the_latest_two_of_the_corridor_are_compared_unless_others_are_asked_for() {
        let packs = packs();
        assert_eq!(chosen(&packs, ("", "")), Some((1, 2)));
        assert_eq!(chosen(&packs, ("CO-ES@2026-01-01", "CO-ES@2024-01-01")), Some((0, 2)), "the earlier first");
        assert_eq!(chosen(&packs[2..], ("", "")), None, "one of the corridor, one of the destination");
        let destination = [packs[2].clone(), packs[3].clone(), pack("ES", "2026-01-01", &[])];
        assert_eq!(chosen(&destination, ("", "gone")), Some((1, 2)), "the destination's, if the corridor has one only");
    }
}
