//! Every plan of a small market, tried.

use door::Market;

/// Returns the greatest value of all plans, or nothing if there is none.
pub(crate) fn best(market: &Market) -> Option<i128> {
    let mut lines = vec![None; market.candidates.len()];
    let mut best = None;
    try_all(market, 0, &mut lines, &mut best);
    best
}

fn try_all(market: &Market, candidate: usize, lines: &mut Vec<Option<usize>>, best: &mut Option<i128>) {
    if candidate == lines.len() {
        if let Some(value) = value(market, lines) {
            *best = Some(best.map_or(value, |best: i128| best.max(value)));
        }
        return;
    }
    for line in (0..market.lines.len()).map(Some).chain([None]) {
        lines[candidate] = line;
        try_all(market, candidate + 1, lines, best);
    }
}

/// Returns what a plan is worth if it keeps every rule.
fn value(market: &Market, lines: &[Option<usize>]) -> Option<i128> {
    let mut seats: Vec<u64> = market.lines.iter().map(|line| line.seats).collect();
    let mut limits: Vec<u64> = market.quotas.iter().map(|quota| quota.limit).collect();
    let mut sum = 0;
    for (candidate, line) in lines.iter().enumerate() {
        let Some(line) = *line else { continue };
        let pair = market.pairs.iter().find(|pair| (pair.candidate, pair.line) == (candidate, line))?;
        if pair.forbidden {
            return None;
        }
        seats[line] = seats[line].checked_sub(pair.seats)?;
        for &(quota, weight) in &pair.uses {
            limits[quota] = limits[quota].checked_sub(weight)?;
        }
        sum += pair.score;
    }
    let on = |candidate: usize| lines[candidate];
    let split = market.together.iter().any(|group| group.iter().any(|&member| on(member) != on(group[0])));
    let met = market.apart.iter().any(|group| {
        let twice = |at: usize| group[..at].iter().any(|&other| on(other) == on(group[at]));
        (0..group.len()).any(|at| on(group[at]).is_some() && twice(at))
    });
    let missed = market.pairs.iter().any(|pair| pair.pinned && on(pair.candidate) != Some(pair.line));
    (!split && !met && !missed).then_some(sum)
}
