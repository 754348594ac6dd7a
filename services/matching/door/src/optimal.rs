//! The policy `optimal`: which code decides, and what is claimed of the outcome.

use crate::core::Core;
use crate::decimal::show;
use crate::draw;
use crate::exhaust;
use crate::format::{PlanFile, Policy, Proof, Status};
use crate::market::Market;
use crate::plain;
use crate::plan::{self, Options, Phase};
use crate::prices::Prices;
use crate::programme::{Budget, Programme};

/// The most options up to which a plain market whose gap is open goes on to HiGHS.
const CLOSED_UP_TO: usize = 60_000;

/// The best that is known so far.
struct State {
    seat: Vec<Option<usize>>,
    value: i128,
    prices: Prices,
    dual_bound: i128,
    search_bound: Option<i128>,
    /// The search in whole numbers came to its end.
    exhausted: bool,
    method: &'static str,
}

impl State {
    fn improve(&mut self, core: &Core, seat: Option<Vec<Option<usize>>>, method: &'static str) {
        if let Some(seat) = seat {
            let value = core.value(&seat);
            if value > self.value {
                (self.seat, self.value, self.method) = (seat, value, method);
            }
        }
    }

    fn price(&mut self, core: &Core, prices: Prices) {
        let bound = prices.bound(core);
        if bound < self.dual_bound {
            (self.prices, self.dual_bound) = (prices, bound);
        }
    }

    fn bound(&self) -> i128 {
        let found = self.search_bound.map_or(self.dual_bound, |bound| bound.min(self.dual_bound));
        if self.exhausted { self.value } else { found }
    }

    fn closed(&self) -> bool {
        self.value >= self.bound()
    }
}

/// Returns the plan of greatest value, or why there is none.
pub(crate) fn solve(market: &Market, options: &Options, budget: &Budget, progress: &dyn Fn(Phase)) -> PlanFile {
    let core = match Core::of(market, &options.seed) {
        Ok(core) => core,
        Err(why) => return PlanFile { why, ..plan::empty(market, options, Status::Infeasible, "pins") },
    };
    let seat = core.greedy();
    let prices = Prices::free(&core);
    let mut state = State {
        value: core.value(&seat),
        dual_bound: prices.bound(&core),
        search_bound: None,
        exhausted: false,
        method: "greedy",
        seat,
        prices,
    };
    if !state.closed() && plain::is_plain(&core) {
        progress(Phase::Prices);
        if let Some(found) = plain::solve(&core, &options.seed) {
            state.improve(&core, Some(found.seat).filter(|seat| core.permits(seat)), "solver");
            state.price(&core, found.prices);
            if found.searched && state.method == "solver" {
                state.search_bound = Some(state.value);
            }
        }
        if !state.closed() && core.options() <= CLOSED_UP_TO {
            programme(&core, &mut state, budget, progress);
        }
    } else if !state.closed() {
        programme(&core, &mut state, budget, progress);
    }
    written(market, options, &core, state)
}

fn programme(core: &Core, state: &mut State, budget: &Budget, progress: &dyn Fn(Phase)) {
    let mut programme = Programme::new(core);
    progress(Phase::Relaxation);
    if let Some(relaxed) = programme.relax(budget) {
        state.improve(core, relaxed.seat, "highs_lp");
        state.price(core, relaxed.prices);
    }
    if state.closed() {
        return;
    }
    progress(Phase::Branching { value: show(state.value), bound: show(state.bound()) });
    if let Some(searched) = programme.search(&state.seat, budget) {
        state.improve(core, searched.seat, "highs_mip");
        // A bound below a plan that was checked in whole numbers is an error of the arithmetic: it proves nothing.
        state.search_bound = searched.bound.filter(|&bound| bound >= state.value);
        if state.closed() {
            state.method = "highs_mip";
        }
    }
    if state.closed() || core.units.len() > exhaust::UNITS_MOST {
        return;
    }
    progress(Phase::Exhaustion);
    let (seat, ended) = exhaust::search(core, &state.prices, state.value, budget.until);
    state.improve(core, seat, "exhaustion");
    if ended {
        (state.exhausted, state.method) = (true, "exhaustion");
    }
}

fn written(market: &Market, options: &Options, core: &Core, state: State) -> PlanFile {
    let bound = state.bound();
    let status = if state.closed() { Status::Optimal } else { Status::Feasible };
    let mut chosen = core.pairs(&state.seat);
    draw::settle(market, &options.seed, &mut chosen);
    PlanFile {
        pairs: plan::pairs(market, &chosen),
        value: Some(show(state.value)),
        bound: Some(show(bound)),
        gap: Some(show(bound - state.value)),
        proof: Some(match bound {
            bound if bound == state.dual_bound => Proof::Duals,
            _ if state.exhausted => Proof::Exhaustion,
            _ => Proof::Search,
        }),
        duals: Some(state.prices.published(market, state.dual_bound)),
        policy: Policy::Optimal,
        ..plan::empty(market, options, status, state.method)
    }
}
