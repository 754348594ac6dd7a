//! Looking at very many candidates, at some of them at the same time.

use std::{ops::Range, panic, thread};

use crate::watch::{Stopped, Watch};

/// So many candidates are looked at in a row; between rounds of all threads the watch is asked.
const STEPS: u32 = 1000;

/// Returns what looks at all places find, in the order of the places: the same on any number of threads.
pub(crate) fn find<T: Send>(
    places: Range<u32>,
    threads: u32,
    watch: &mut dyn Watch,
    look: impl Fn(Range<u32>, &mut Vec<T>) + Sync,
) -> Result<Vec<T>, Stopped> {
    let (look, mut found, mut rest) = (&look, Vec::new(), places);
    let threads = threads.min(rest.end.saturating_sub(rest.start).div_ceil(STEPS));
    while !rest.is_empty() {
        if watch.stopped() {
            return Err(Stopped);
        }
        let mut next = || {
            let end = rest.end.min(rest.start.saturating_add(STEPS));
            let part = rest.start..end;
            rest.start = end;
            part
        };
        let mine = next();
        let others: Vec<Range<u32>> = (1..threads).map(|_| next()).filter(|part| !part.is_empty()).collect();
        thread::scope(|scope| {
            let begin = |part: Range<u32>| {
                scope.spawn(move || {
                    let mut found = Vec::new();
                    look(part, &mut found);
                    found
                })
            };
            let others: Vec<_> = others.into_iter().map(begin).collect();
            look(mine, &mut found);
            for other in others {
                found.extend(other.join().unwrap_or_else(|fault| panic::resume_unwind(fault)));
            }
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Progress;

    #[test]
    fn what_is_found_is_the_same_on_any_number_of_threads() {
        let odd = |places: Range<u32>, found: &mut Vec<u32>| found.extend(places.filter(|place| place % 2 == 1));
        for count in [0, 1, STEPS - 1, STEPS, STEPS + 1, 7 * STEPS + 3] {
            let wanted: Vec<u32> = (0..count).filter(|place| place % 2 == 1).collect();
            for threads in [0, 1, 2, 3, 8] {
                assert_eq!(find(0..count, threads, &mut (), odd), Ok(wanted.clone()), "{count} on {threads}");
            }
        }
    }

    #[test]
    fn a_look_ends_when_the_watch_says_so() {
        struct Once(bool);
        impl Watch for Once {
            fn note(&mut self, _: Progress) {}

            fn stopped(&mut self) -> bool {
                !std::mem::replace(&mut self.0, false)
            }
        }
        let found = find(0..5 * STEPS, 2, &mut Once(true), |places, found: &mut Vec<u32>| found.extend(places));
        assert_eq!(found, Err(Stopped));
    }
}
