//! Who is asked next when a seat falls free.

use crate::book::{Book, NONE};

/// Returns for each line, by draw, up to `most` candidates without a seat who have a pair there: by weight, then by draw.
pub(crate) fn lists<'a>(book: &'a Book, held: &'a [u64], most: usize) -> impl Iterator<Item = Vec<u32>> + 'a {
    book.line_places().map(move |line| {
        let candidates = book.line_pairs(line).iter().map(|&key| book.packing.id(key));
        candidates.filter(|&candidate| held[candidate as usize] == NONE).take(most).collect()
    })
}
