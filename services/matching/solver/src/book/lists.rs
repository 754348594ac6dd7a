//! Many lists of keys in one block of memory. A list that outgrows its room moves to the end of the block.

/// So many keys of the block may lie waste whatever is in use.
const WASTE: usize = if cfg!(test) { 16 } else { 1 << 16 };

/// Where a list stands, how long it is and how long it may grow there.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    length: u32,
    room: u32,
}

impl Span {
    fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.length as usize
    }
}

#[derive(Default)]
pub(super) struct Lists {
    spans: Vec<Span>,
    keys: Vec<u64>,
    total: usize,
}

impl Lists {
    /// Returns so many empty lists, which are still to be [`put`](Self::put), with room for so many keys.
    pub(super) fn with_room(lists: usize, keys: usize) -> Self {
        Self { spans: vec![Span::default(); lists], keys: Vec::with_capacity(keys), total: 0 }
    }

    /// Sets a list, of which the first `shown` keys are in use; the others stay hidden behind them.
    pub(super) fn put(&mut self, list: u32, keys: &[u64], shown: usize) {
        let (start, length, room) = (count(self.keys.len()), count(shown), count(keys.len()));
        self.spans[list as usize] = Span { start, length, room };
        self.keys.extend_from_slice(keys);
        self.total += shown;
    }

    /// Returns the hidden keys of a list that was put and has not grown.
    pub(super) fn hidden(&self, list: u32) -> &[u64] {
        let Span { start, length, room } = self.spans[list as usize];
        &self.keys[(start + length) as usize..(start + room) as usize]
    }

    /// Brings a hidden key to its place in a sorted list.
    pub(super) fn reveal(&mut self, list: u32, key: u64) {
        let hidden = self.hidden(list).iter().position(|&other| other == key).expect("the key is hidden");
        let span = &mut self.spans[list as usize];
        let length = span.length as usize;
        span.length += 1;
        let start = span.start as usize;
        let keys = &mut self.keys[start..=start + length + hidden];
        keys.swap(length, length + hidden);
        let at = keys[..length].partition_point(|&other| other < key);
        keys[at..=length].rotate_right(1);
        self.total += 1;
    }

    /// Brings all hidden keys into their lists, which are sorted then.
    pub(super) fn reveal_all(&mut self) {
        for span in &mut self.spans {
            self.total += (span.room - span.length) as usize;
            span.length = span.room;
            self.keys[span.range()].sort_unstable();
        }
    }

    /// Returns empty lists, each with room for its number of keys.
    pub(super) fn sized(counts: &[u32]) -> Self {
        let mut start = 0;
        let span = |&room: &u32| {
            let span = Span { start, length: 0, room };
            start += room;
            span
        };
        let spans = counts.iter().map(span).collect();
        Self { spans, keys: vec![0; start as usize], total: 0 }
    }

    /// Returns how many keys there are in all lists.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    #[inline]
    pub(super) fn of(&self, list: u32) -> &[u64] {
        &self.keys[self.spans[list as usize].range()]
    }

    pub(super) fn of_mut(&mut self, list: u32) -> &mut [u64] {
        &mut self.keys[self.spans[list as usize].range()]
    }

    /// Adds a list.
    pub(super) fn push(&mut self, keys: &[u64]) {
        let length = count(keys.len());
        self.spans.push(Span { start: count(self.keys.len()), length, room: length });
        self.keys.extend_from_slice(keys);
        self.total += keys.len();
    }

    /// Adds a key at the end of a list that has room.
    pub(super) fn append(&mut self, list: u32, key: u64) {
        let span = &mut self.spans[list as usize];
        debug_assert!(span.length < span.room, "the lists were sized for their keys");
        self.keys[(span.start + span.length) as usize] = key;
        span.length += 1;
        self.total += 1;
    }

    /// Puts a key into a list.
    pub(super) fn insert(&mut self, list: u32, at: usize, key: u64) {
        if self.spans[list as usize].length == self.spans[list as usize].room {
            self.relocate(list);
        }
        let span = &mut self.spans[list as usize];
        span.length += 1;
        let range = span.range();
        let keys = &mut self.keys[range];
        keys.copy_within(at..keys.len() - 1, at + 1);
        keys[at] = key;
        self.total += 1;
    }

    /// Takes the key at a position out of a list.
    pub(super) fn remove(&mut self, list: u32, at: usize) {
        let keys = self.of_mut(list);
        keys.copy_within(at + 1.., at);
        self.spans[list as usize].length -= 1;
        self.total -= 1;
    }

    /// Moves a list to the end of the block, with twice the room; the block is packed when half of it lies waste.
    fn relocate(&mut self, list: u32) {
        let span = self.spans[list as usize];
        let room = (span.length * 2).max(4);
        if self.keys.len() + room as usize > 2 * self.total + WASTE {
            self.pack();
        }
        let (start, length) = (count(self.keys.len()), span.length);
        self.keys.extend_from_within(self.spans[list as usize].range());
        count(self.keys.len() + (room - length) as usize);
        self.keys.resize((start + room) as usize, 0);
        self.spans[list as usize] = Span { start, length, room };
    }

    fn pack(&mut self) {
        let mut keys = Vec::with_capacity(self.total + self.total / 8);
        for span in &mut self.spans {
            let start = count(keys.len());
            keys.extend_from_slice(&self.keys[span.range()]);
            *span = Span { start, length: span.length, room: span.length };
        }
        self.keys = keys;
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).expect("there are fewer than 2^32 pairs")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Lists;

    proptest! {
        /// Lists grow, shrink, move and are packed, and hold what as many vectors hold.
        #[test]
        fn lists_hold_what_vectors_hold(steps in prop::collection::vec((0..6_u32, any::<u8>(), any::<bool>()), 1..400)) {
            let mut lists = Lists::sized(&[2, 0, 5]);
            let mut plain: Vec<Vec<u64>> = vec![Vec::new(); 3];
            for (key, (list, at, grows)) in (0..).zip(steps) {
                if list as usize >= plain.len() {
                    lists.push(&[key, key]);
                    plain.push(vec![key, key]);
                    continue;
                }
                let own = &mut plain[list as usize];
                let at = usize::from(at) % (own.len() + 1);
                if grows {
                    lists.insert(list, at, key);
                    own.insert(at, key);
                } else if at < own.len() {
                    lists.remove(list, at);
                    own.remove(at);
                }
                prop_assert!((0..).zip(&plain).all(|(list, own)| lists.of(list) == own.as_slice()));
                prop_assert_eq!(lists.total(), plain.iter().map(Vec::len).sum::<usize>());
                prop_assert!(lists.keys.len() <= 4 * lists.total() + 64, "what lies waste is packed");
            }
        }
    }
}
