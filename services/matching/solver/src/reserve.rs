//! Who is asked next when a seat falls free.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::canonical::{Canonical, NONE};

/// Returns for each line, by draw, up to `most` unseated candidates with a pair there: by weight, then by draw.
pub(crate) fn lists(canonical: &Canonical, seat: &[u32], most: usize) -> Vec<Vec<u32>> {
    let mut heaps = vec![BinaryHeap::new(); canonical.lines.len()];
    for candidate in canonical.places().filter(|&candidate| seat[candidate as usize] == NONE) {
        for pair in canonical.pairs(candidate) {
            let heap = &mut heaps[canonical.line[pair] as usize];
            heap.push((Reverse(canonical.weight[pair]), candidate));
            if heap.len() > most {
                heap.pop();
            }
        }
    }
    let ranked =
        |heap: BinaryHeap<(Reverse<i64>, u32)>| heap.into_sorted_vec().into_iter().map(|entry| entry.1).collect();
    heaps.into_iter().map(ranked).collect()
}
