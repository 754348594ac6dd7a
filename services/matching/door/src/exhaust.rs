//! A search in whole numbers, for what is too fine for floating point.
//!
//! Prices bound every plan: what all there is costs, and each unit's surplus. A unit that takes less than its best lowers
//! the bound by the difference; where the bound falls below the next better value, the search turns back. Where prices are
//! good little is left open, so small markets and those with a small gap end here with a proof that needs no margin.

use std::time::Instant;

use crate::core::{Core, Room};
use crate::prices::Prices;

/// The most units: the search goes one call deeper for each.
pub(crate) const UNITS_MOST: usize = 2_000;
/// Steps after which the search gives up; the same on every machine.
const STEPS_MOST: u64 = 5_000_000;

struct Search<'a> {
    core: &'a Core,
    /// Units by falling difference between the two best choices.
    order: Vec<usize>,
    /// Choices of each unit with what they lose against its best, the least first; no option is to stay out.
    choices: Vec<Vec<(i128, Option<usize>)>>,
    room: Room,
    seat: Vec<Option<usize>>,
    best: Option<Vec<Option<usize>>>,
    value: i128,
    steps: u64,
    until: Instant,
}

/// Returns a plan of more than `value`, the best if the search came to its end, and whether it did.
pub(crate) fn search(core: &Core, prices: &Prices, value: i128, until: Instant) -> (Option<Vec<Option<usize>>>, bool) {
    let surplus = prices.surplus(core);
    let best = |surplus: &Vec<i128>| surplus.iter().copied().max().unwrap_or(0).max(0);
    let bound = prices.cost(core) + surplus.iter().map(best).sum::<i128>();
    let choices: Vec<Vec<(i128, Option<usize>)>> = surplus
        .iter()
        .map(|surplus| {
            let best = best(surplus);
            let options = surplus.iter().enumerate().map(|(option, surplus)| (best - surplus, Some(option)));
            let mut choices: Vec<_> = options.chain([(best, None)]).collect();
            choices.sort_by_key(|choice| choice.0);
            choices
        })
        .collect();
    let mut order: Vec<usize> = (0..core.units.len()).collect();
    order.sort_by_key(|&unit| -choices[unit][1].0);
    let (room, seat) = (Room::of(core), vec![None; core.units.len()]);
    let mut search = Search { core, order, choices, room, seat, best: None, value, steps: 0, until };
    let ended = search.descend(0, bound);
    (search.best, ended)
}

impl Search<'_> {
    /// Tries every choice of the unit at `depth` and of those behind it; false if it gave up.
    fn descend(&mut self, depth: usize, bound: i128) -> bool {
        self.steps += 1;
        if self.steps > STEPS_MOST || (self.steps.is_multiple_of(4096) && Instant::now() >= self.until) {
            return false;
        }
        let Some(&unit) = self.order.get(depth) else {
            let value = self.core.value(&self.seat);
            if value > self.value {
                (self.value, self.best) = (value, Some(self.seat.clone()));
            }
            return true;
        };
        for at in 0..self.choices[unit].len() {
            let (loss, option) = self.choices[unit][at];
            if bound - loss < self.value + self.core.granule {
                return true;
            }
            if option.is_some_and(|option| !self.room.take(self.core, unit, option)) {
                continue;
            }
            self.seat[unit] = option;
            let ended = self.descend(depth + 1, bound - loss);
            self.seat[unit] = None;
            if let Some(option) = option {
                self.room.give_back(self.core, unit, option);
            }
            if !ended {
                return false;
            }
        }
        true
    }
}
