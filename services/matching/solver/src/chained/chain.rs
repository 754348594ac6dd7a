//! The best chain of one person.

use std::ops::Range;

/// A line that a person could take.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// Its position among the person's pairs.
    pub(super) at: usize,
    pub(super) stay: Range<u32>,
    pub(super) worth: i128,
}

/// Some offers taken: when the last ends, the days of all, what they are worth, the last, and the label before.
struct Label {
    until: u32,
    days: u32,
    worth: i128,
    last: Option<(usize, usize)>,
}

/// True if two stays have no day in common.
pub(super) fn apart(one: &Range<u32>, other: &Range<u32>) -> bool {
    one.is_empty() || other.is_empty() || one.end <= other.start || other.end <= one.start
}

/// Returns what the best chain of at most `most` days is worth, and the positions in it; of chains worth the same the one
/// that the offers name first.
pub(super) fn best(offers: &[Offer], most: u32) -> (i128, Vec<usize>) {
    let mut order: Vec<usize> = (0..offers.len()).filter(|&at| offers[at].worth > 0).collect();
    order.sort_by_key(|&at| (offers[at].stay.end, offers[at].stay.start));
    let mut labels = vec![Label { until: 0, days: 0, worth: 0, last: None }];
    for at in order {
        let Offer { stay, worth, .. } = &offers[at];
        let length = stay.len() as u32;
        for before in 0..labels.len() {
            let Label { until, days, worth: so_far, .. } = labels[before];
            // Without days it fits anywhere.
            if (until > stay.start && length > 0) || days + length > most {
                continue;
            }
            let label = Label {
                until: if length > 0 { stay.end } else { until },
                days: days + length,
                worth: so_far + worth,
                last: Some((at, before)),
            };
            let useless =
                |other: &Label| other.until <= label.until && other.days <= label.days && other.worth >= label.worth;
            if !labels.iter().any(useless) {
                labels.push(label);
            }
        }
    }
    let mut last = 0;
    for at in 1..labels.len() {
        if labels[at].worth > labels[last].worth {
            last = at;
        }
    }
    let (worth, mut chain) = (labels[last].worth, Vec::new());
    while let Some((offer, before)) = labels[last].last {
        chain.push(offers[offer].at);
        last = before;
    }
    chain.reverse();
    (worth, chain)
}

/// Steps after which chains of one person are too many to be told.
const STEPS_MOST: usize = 40_000;

/// Returns all chains of at most `most` days that are worth `least` or more, with what they are worth;
/// none if they are too many.
pub(super) fn within(offers: &[Offer], most: u32, least: i128) -> Option<Vec<(i128, Vec<usize>)>> {
    let mut order: Vec<&Offer> = offers.iter().collect();
    order.sort_by_key(|offer| (offer.stay.start, offer.stay.end));
    // What those from a position on could add at most, days or not.
    let mut hopes = vec![0; order.len() + 1];
    for at in (0..order.len()).rev() {
        hopes[at] = hopes[at + 1] + order[at].worth.max(0);
    }
    let (mut told, mut steps) = (Vec::new(), 0);
    descend(&order, &hopes, (0, 0, most, 0), (least, &mut Vec::new()), (&mut told, &mut steps));
    (steps <= STEPS_MOST).then_some(told)
}

fn descend(
    order: &[&Offer],
    hopes: &[i128],
    (at, until, left, worth): (usize, u32, u32, i128),
    (least, chain): (i128, &mut Vec<usize>),
    (told, steps): (&mut Vec<(i128, Vec<usize>)>, &mut usize),
) {
    *steps += 1;
    if worth + hopes[at] < least || *steps > STEPS_MOST {
        return;
    }
    let Some(offer) = order.get(at) else {
        if !chain.is_empty() {
            told.push((worth, chain.clone()));
        }
        return;
    };
    let length = offer.stay.len() as u32;
    if length <= left && (length == 0 || until <= offer.stay.start) {
        chain.push(offer.at);
        let until = if length == 0 { until } else { offer.stay.end };
        descend(order, hopes, (at + 1, until, left - length, worth + offer.worth), (least, chain), (told, steps));
        chain.pop();
    }
    descend(order, hopes, (at + 1, until, left, worth), (least, chain), (told, steps));
}
