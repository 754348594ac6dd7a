//! Hands seats to the better draw where two candidates have the same claim to them.

use crate::book::{Book, NONE};

/// Swaps seated candidates for unseated ones of better draw who hold the same line, weight and quotas, until there are none.
///
/// Feasibility and value stay the same. Each swap moves the seated set forward in the order of the draw, so it ends.
pub(crate) fn settle(book: &Book, held: &mut [u64]) {
    loop {
        let swaps: usize = book.line_places().map(|line| settle_line(book, held, line).len()).sum();
        if swaps == 0 {
            return;
        }
    }
}

/// Settles one line; returns who took whose place, in turn. Its pairs are sorted by weight, then by draw: those alike in both
/// weight and quotas stand in one run, in which every seated one must come before every unseated one.
pub(crate) fn settle_line(book: &Book, held: &mut [u64], line: u32) -> Vec<(u32, u32)> {
    let claim = |key: u64| (book.packing.tier(key), book.packing.score(key));
    let mut swaps = Vec::new();
    for run in book.line_pairs(line).chunk_by(|&one, &other| claim(one) == claim(other)) {
        let mut front = 0;
        for at in (0..run.len()).rev() {
            let (last, own) = (book.packing.id(run[at]), book.packing.with_id(run[at], line));
            if held[last as usize] != own {
                continue;
            }
            let alike = |&key: &u64| {
                held[book.packing.id(key) as usize] == NONE && book.packing.set(key) == book.packing.set(own)
            };
            if let Some(found) = run[front.min(at)..at].iter().position(alike) {
                let first = book.packing.id(run[front + found]);
                held[first as usize] = own;
                held[last as usize] = NONE;
                swaps.push((first, last));
            } else if run.iter().all(|&key| book.packing.set(key) == book.packing.set(own)) {
                // Nobody of this run is left out before this place, so neither before an earlier one.
                break;
            }
            front = 0;
        }
    }
    swaps
}
