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
    if book.hides() {
        let mut next = Next::new(book, most);
        next.begin(held);
        for &candidate in book.as_read().iter().filter(|&&candidate| held[candidate as usize] == NONE) {
            book.hidden(candidate).iter().for_each(|&key| next.look(candidate, key));
        }
        return next.lists();
    }
    let next = |line| {
        let candidates = book.line_pairs(line).iter().map(|&key| book.packing.id(key));
        candidates.filter(|&candidate| held[candidate as usize] == NONE).take(most).collect()
    };
    book.line_places().map(next).collect()
}

/// Who is next on each line among those who were looked at.
pub(crate) struct Next<'a> {
    book: &'a Book,
    most: usize,
    /// Per line, the first `most` and some more, in no order.
    lists: Vec<Vec<u64>>,
    /// Per line, what comes behind the first `most`.
    behind: Vec<u64>,
}

impl<'a> Next<'a> {
    pub(crate) fn new(book: &'a Book, most: usize) -> Self {
        Self { book, most, lists: vec![Vec::new(); book.lines.len()], behind: vec![NONE; book.lines.len()] }
    }

    /// Looks at all pairs that the lists of lines show.
    fn begin(&mut self, held: &[u64]) {
        let Self { book, most, .. } = *self;
        for (line, (list, behind)) in (0..).zip(self.lists.iter_mut().zip(&mut self.behind)) {
            let out = |key: &&u64| held[book.packing.id(**key) as usize] == NONE;
            list.extend(book.line_pairs(line).iter().filter(out).take(most));
            if list.len() == most {
                *behind = list.last().copied().unwrap_or(0);
            }
        }
    }

    /// Looks at a pair of a candidate without a seat, by its key in the list of the candidate.
    #[inline]
    pub(crate) fn look(&mut self, candidate: u32, key: u64) {
        let line = self.book.packing.id(key) as usize;
        let own = self.book.packing.with_id(key, candidate);
        if own < self.behind[line] {
            self.note(line, own);
        }
    }

    fn note(&mut self, line: usize, own: u64) {
        let list = &mut self.lists[line];
        list.push(own);
        if self.most == 0 {
            list.clear();
        } else if list.len() >= self.most.saturating_mul(2) {
            self.behind[line] = *list.select_nth_unstable(self.most).1;
            list.truncate(self.most);
        }
    }

    /// Returns them, by weight, then by draw.
    pub(crate) fn lists(self) -> Vec<Vec<u32>> {
        let next = |mut list: Vec<u64>| {
            list.sort_unstable();
            list.into_iter().take(self.most).map(|key| self.book.packing.id(key)).collect()
        };
        self.lists.into_iter().map(next).collect()
    }
}
