//! Closes what is left of the gap on the core of a market, with HiGHS.
//!
//! Prices that nearly prove a plan also tell which pairs no better plan can use. By duality a plan is worth the bound less
//! what it loses: for each chosen pair what the candidate asks beyond what it is paid, for each candidate left out what it
//! asks, for each free seat its price, for each free place of a quota the quota's price. A plan that beats the one at hand by
//! a point may lose less than the gap. So pairs that lose more alone are left away, and what remains, the **core**, is a small
//! fraction of the market (Balas and Zemel 1980; reduced-cost fixing). Its linear relaxation gives the best prices of quotas
//! there are, and often a plan that reaches their bound; if not, branch and bound looks for a better one.
//!
//! HiGHS counts in floating point, so nothing of it is believed: its prices are rounded and the bound is counted anew from
//! the exact state under them, its plans are checked and valued in whole numbers. It runs on one thread, with limits on
//! its work and none on its time: the same market gives the same plan.

use highs::{Col, HighsModelStatus, RowProblem, Sense, SolvedModel};

use crate::amount::Amount;
use crate::book::NONE;
use crate::engine::Engine;
use crate::plan::Method;
use crate::quotas::{Found, keeps};
use crate::watch::{Stopped, Watch};
use crate::{lottery, rounding};

/// The most pairs of a core that is handed over: some seconds, which the watch cannot end. (A core of 115,000 pairs took half a
/// minute, and was closed.)
pub(crate) const PAIRS_MOST: usize = 30_000;
/// Pairs times nodes of branch and bound, and the fewest nodes.
const WORK_MOST: usize = 2_000_000;
const NODES_LEAST: usize = 20;
/// Turns of prices before whole choices are searched for.
pub(crate) const TURNS: usize = 2;
/// A value further from a whole number than this is none.
pub(crate) const WHOLE: f64 = 1e-6;

/// A pair of the core: whose, its key, and what choosing it loses, in points.
struct Choice {
    candidate: u32,
    key: u64,
    loss: f64,
}

/// What a better plan may choose, and what else it may lose.
struct Core {
    choices: Vec<Choice>,
    /// What being left out loses, by candidate; none where no better plan leaves it out.
    out: Vec<Option<f64>>,
    /// What a free seat of each line, a free place of each quota loses.
    lines: Vec<f64>,
    quotas: Vec<f64>,
    /// What a better plan loses at most.
    slack: f64,
}

/// True if the core would be small enough, by the state there is.
pub(crate) fn is_small<N: Amount>(engine: &Engine<N>, gap: i128) -> bool {
    let slack = gap * engine.book.scale;
    let mut pairs = 0;
    for candidate in engine.book.places() {
        let asks = engine.ask[candidate as usize].max(N::ZERO);
        let loses = |&&key: &&u64| (asks - engine.pay(candidate, key)).wide() <= slack;
        pairs += engine.book.pairs(candidate).iter().filter(loses).count();
        if pairs > PAIRS_MOST {
            return false;
        }
    }
    true
}

/// Improves what was found, where its core is small; returns it as it is where it is closed or the core is large.
pub(crate) fn close<N: Amount>(
    engine: &mut Engine<N>,
    mut found: Found<N>,
    watch: &mut dyn Watch,
) -> Result<Found<N>, Stopped> {
    for turn in 0..=TURNS {
        if found.bound == found.value {
            break;
        }
        found.restore(engine, watch)?;
        let Some(core) = Core::of(engine, &found) else { break };
        let whole = turn == TURNS;
        let Some(solved) = core.solve(engine, whole) else { break };
        let plan = core.plan(engine, &solved);
        if whole {
            // It ended: no plan that is a point better than what it found, or than what there was, exists.
            found.searched = match solved.status() {
                HighsModelStatus::Optimal => plan.is_some(),
                status => status == HighsModelStatus::Infeasible,
            };
        } else {
            let quotas = core.prices(engine, &found.quotas, &solved);
            engine.charge_quotas(&quotas);
            engine.repair(watch)?;
            found.lower(engine, quotas);
        }
        if let Some(held) = plan {
            found.raise(engine, held);
        } else if !whole && found.value < found.bound {
            found.restore(engine, watch)?;
            let held = rounding::feasible(engine, &found.quotas, watch)?;
            found.raise(engine, held);
        }
        if watch.stopped() {
            return Err(Stopped);
        }
    }
    Ok(found)
}

impl<N: Amount> Found<N> {
    /// Brings the exact state under the best prices back.
    fn restore(&self, engine: &mut Engine<N>, watch: &mut dyn Watch) -> Result<(), Stopped> {
        engine.charge_quotas(&self.quotas);
        engine.repair(watch)
    }

    fn lower(&mut self, engine: &Engine<N>, quotas: Vec<N>) {
        let bound = engine.bound(&quotas);
        if bound < self.bound {
            (self.bound, self.quotas, self.lines, self.method) = (bound, quotas, engine.price.clone(), Method::Core);
        }
    }

    fn raise(&mut self, engine: &Engine<N>, mut held: Vec<u64>) {
        lottery::settle(&engine.book, &mut held);
        let value = engine.book.value(&held);
        assert!(value <= self.bound, "no plan is worth more than the bound");
        debug_assert!(keeps(&engine.book, &held), "a plan keeps seats and quotas");
        if value > self.value {
            (self.value, self.held, self.method) = (value, held, Method::Core);
        }
    }
}

impl Core {
    /// Returns the core under the prices of an exact state, none if it is too large.
    fn of<N: Amount>(engine: &Engine<N>, found: &Found<N>) -> Option<Self> {
        let book = &engine.book;
        let scale = book.scale;
        // A better plan is worth a point more.
        let slack = engine.bound_in_parts(&found.quotas) - (found.value + 1) * scale;
        let points = |parts: i128| parts as f64 / scale as f64;
        let mut core = Self {
            choices: Vec::new(),
            out: Vec::with_capacity(book.candidates.len()),
            lines: engine.price.iter().map(|price| points(price.wide())).collect(),
            quotas: found.quotas.iter().map(|price| points(price.wide())).collect(),
            slack: points(slack),
        };
        for candidate in book.places() {
            let asks = engine.ask[candidate as usize].max(N::ZERO);
            core.out.push((asks.wide() <= slack).then(|| points(asks.wide())));
            for &key in book.pairs(candidate) {
                if (asks - engine.gross(key)).wide() > slack {
                    break;
                }
                let loss = (asks - engine.pay(candidate, key)).wide();
                if loss <= slack {
                    core.choices.push(Choice { candidate, key, loss: points(loss) });
                }
            }
            if core.choices.len() > PAIRS_MOST {
                return None;
            }
        }
        Some(core)
    }

    /// Lets HiGHS choose so that the least is lost; whole choices only, if `whole`. Rows: candidates, lines, quotas.
    fn solve<N: Amount>(&self, engine: &Engine<N>, whole: bool) -> Option<SolvedModel> {
        let book = &engine.book;
        let mut problem = RowProblem::default();
        let mut candidates: Vec<Vec<(Col, f64)>> = vec![Vec::new(); book.candidates.len()];
        let mut lines: Vec<Vec<(Col, f64)>> = vec![Vec::new(); book.lines.len()];
        let mut quotas: Vec<Vec<(Col, f64)>> = vec![Vec::new(); book.limits.len()];
        for choice in &self.choices {
            let column = problem.add_column_with_integrality(choice.loss, 0.0..=1.0, whole);
            candidates[choice.candidate as usize].push((column, 1.0));
            lines[book.packing.id(choice.key) as usize].push((column, 1.0));
            book.quotas(choice.key).iter().for_each(|quota| quotas[quota.at()].push((column, 1.0)));
        }
        for (mut row, out) in candidates.into_iter().zip(&self.out) {
            match out {
                Some(loss) if *loss > 0.0 => {
                    row.push((problem.add_column(*loss, 0.0..=1.0), 1.0));
                    problem.add_row(1.0..=1.0, row);
                }
                Some(_) => problem.add_row(..=1.0, row),
                None => problem.add_row(1.0..=1.0, row),
            };
        }
        let ends = lines.into_iter().zip(&book.seats).zip(&self.lines);
        for ((mut row, &most), &price) in ends.chain(quotas.into_iter().zip(&book.limits).zip(&self.quotas)) {
            let most = f64::from(most);
            if price > 0.0 {
                row.push((problem.add_column(price, 0.0..=(self.slack / price)), 1.0));
                problem.add_row(most..=most, row);
            } else {
                problem.add_row(..=most, row);
            }
        }
        run(problem, whole.then(|| nodes(self.choices.len())))
    }

    /// Returns the prices of quotas that the relaxation asks for.
    fn prices<N: Amount>(&self, engine: &Engine<N>, before: &[N], solved: &SolvedModel) -> Vec<N> {
        let solution = solved.get_solution();
        let first = self.out.len() + self.lines.len();
        let scale = engine.book.scale as f64;
        // No quota is worth more than the greatest weight.
        let greatest = engine.book.tops.first().map_or(0, |top| top * engine.book.scale);
        let duals = &solution.dual_rows()[first..];
        let price = |(before, dual): (&N, &f64)| {
            // `as` saturates, and turns what is no number into 0: any price proves a bound, if a poor one.
            N::of((before.wide() - (dual * scale).round() as i128).clamp(0, greatest))
        };
        before.iter().zip(duals).map(price).collect()
    }

    /// Returns the plan behind the columns, if they are whole and keep seats and quotas.
    fn plan<N: Amount>(&self, engine: &Engine<N>, solved: &SolvedModel) -> Option<Vec<u64>> {
        let solution = solved.get_solution();
        if solution.columns().len() < self.choices.len() {
            return None;
        }
        let mut held = vec![NONE; self.out.len()];
        for (choice, value) in self.choices.iter().zip(solution.columns()) {
            if (value - value.round()).abs() > WHOLE {
                return None;
            }
            if *value > 0.5 && std::mem::replace(&mut held[choice.candidate as usize], choice.key) != NONE {
                return None;
            }
        }
        keeps(&engine.book, &held).then_some(held)
    }
}

/// Returns how many nodes are searched at most for so many choices.
pub(crate) fn nodes(choices: usize) -> usize {
    NODES_LEAST.max(WORK_MOST / choices.max(1))
}

/// Runs HiGHS on one thread; nothing if it fails, or if prices come to no end.
pub(crate) fn run(problem: RowProblem, nodes: Option<usize>) -> Option<SolvedModel> {
    let mut model = problem.try_optimise(Sense::Minimise).ok()?;
    model.try_set_option("parallel", "off").ok()?;
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("random_seed", 0).ok()?;
    if let Some(nodes) = nodes {
        // Values are whole points: plans less than one apart are worth the same.
        model.try_set_option("mip_rel_gap", 0.0).ok()?;
        model.try_set_option("mip_abs_gap", 0.99).ok()?;
        model.try_set_option("mip_max_nodes", i32::try_from(nodes).unwrap_or(i32::MAX)).ok()?;
    }
    let solved = model.try_solve().ok()?;
    (nodes.is_some() || solved.status() == HighsModelStatus::Optimal).then_some(solved)
}
