//! Who is asked next when a seat falls free.

use crate::book::{Book, NONE};
use crate::excerpt;
use crate::market::{Eligibility, Market};

/// Returns what [`lists`] returns, also where the book holds an excerpt of the market's pairs.
pub(crate) fn of_market<E: Eligibility>(
    (market, book): (&Market<E>, &Book),
    excerpt: bool,
    (held, most): (&[u64], usize),
) -> Vec<Vec<u32>> {
    if excerpt { excerpt::reserve((market, book), held, most) } else { lists(book, held, most) }
}

/// Returns for each line, by draw, up to `most` candidates without a seat who have a pair there: by weight, then by draw.
pub(crate) fn lists(book: &Book, held: &[u64], most: usize) -> Vec<Vec<u32>> {
    let next = |line| {
        let candidates = book.line_pairs(line).iter().map(|&key| book.packing.id(key));
        candidates.filter(|&candidate| held[candidate as usize] == NONE).take(most).collect()
    };
    book.line_places().map(next).collect()
}
