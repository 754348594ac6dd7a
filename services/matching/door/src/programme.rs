//! The market as an integer programme, closed by HiGHS.
//!
//! HiGHS computes in floating point. What it returns is only believed after it was recomputed: choices are rounded and
//! checked in whole numbers; prices are rounded and the bound recomputed from them; the bound of its search is used with
//! a margin and rounded down to what a plan's value can be.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use highs::{Col, HighsModelStatus, RowProblem, Sense, SolvedModel};

use crate::core::Core;
use crate::prices::Prices;

/// Scores are given in granules, halved until the greatest is below this: HiGHS resolves 10⁻⁶.
const COST_BITS: u32 = 20;
const ABSOLUTE: f64 = 1e-6;
const RELATIVE: f64 = 1e-9;

/// How long a search may go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) until: Instant,
    pub(crate) nodes: Option<u32>,
}

/// What a row limits, in the market's positions.
#[derive(Clone, Copy, Debug)]
enum Row {
    Unit,
    Line(usize),
    Quota(usize),
    Apart(usize, usize),
}

/// What the linear relaxation tells.
pub(crate) struct Relaxed {
    pub(crate) prices: Prices,
    /// A plan, if the relaxation happens to be one.
    pub(crate) seat: Option<Vec<Option<usize>>>,
}

/// What the search tells.
pub(crate) struct Searched {
    /// A plan that keeps every ceiling, if one was found.
    pub(crate) seat: Option<Vec<Option<usize>>>,
    /// What no plan can exceed, if the search has one.
    pub(crate) bound: Option<i128>,
}

/// The programme of a core.
pub(crate) struct Programme<'a> {
    core: &'a Core,
    /// Halvings of the scores.
    halved: u32,
    rows: Vec<Row>,
}

impl<'a> Programme<'a> {
    pub(crate) fn new(core: &'a Core) -> Self {
        let most = core.units.iter().flat_map(|unit| &unit.options).map(|place| place.score / core.granule).max();
        let halved = (i128::BITS - most.unwrap_or(1).leading_zeros()).saturating_sub(COST_BITS);
        Self { core, halved, rows: Vec::new() }
    }

    /// Solves without the demand that choices be whole.
    pub(crate) fn relax(&mut self, budget: &Budget) -> Option<Relaxed> {
        let (problem, _) = self.problem(false);
        let solved = run(problem, budget, None, &[])?;
        if solved.status() != HighsModelStatus::Optimal {
            return None;
        }
        let solution = solved.get_solution();
        Some(Relaxed { prices: self.prices(solution.dual_rows()), seat: self.seat(solution.columns()) })
    }

    /// Searches for the best plan, beginning with `start`.
    pub(crate) fn search(&mut self, start: &[Option<usize>], budget: &Budget) -> Option<Searched> {
        let (problem, _) = self.problem(true);
        // Values are whole granules: as soon as less than one is missing, nothing better exists.
        let gap = if self.halved == 0 { 0.5 } else { ABSOLUTE };
        let solved = run(problem, budget, Some(gap), &self.columns(start))?;
        let bound = solved.double_info_value(c"mip_dual_bound").ok().and_then(|bound| self.bound(bound));
        Some(Searched { seat: self.seat(solved.get_solution().columns()), bound })
    }

    fn columns(&self, seat: &[Option<usize>]) -> Vec<f64> {
        let units = self.core.units.iter().zip(seat);
        units
            .flat_map(|(unit, seat)| {
                (0..unit.options.len()).map(move |option| f64::from(u8::from(*seat == Some(option))))
            })
            .collect()
    }

    /// Returns the choice behind column values, if they are whole and keep every ceiling.
    fn seat(&self, values: &[f64]) -> Option<Vec<Option<usize>>> {
        let mut values = values.iter();
        let mut seat = Vec::with_capacity(self.core.units.len());
        for unit in &self.core.units {
            let mut chosen = None;
            for option in 0..unit.options.len() {
                let value = *values.next()?;
                if (value - value.round()).abs() > 1e-4 {
                    return None;
                }
                if value.round() >= 1.0 && chosen.replace(option).is_some() {
                    return None;
                }
            }
            seat.push(chosen);
        }
        self.core.permits(&seat).then_some(seat)
    }

    fn prices(&self, duals: &[f64]) -> Prices {
        let scale = 2_f64.powi(self.halved.cast_signed()) * self.core.granule as f64;
        let mut prices = Prices::free(self.core);
        for (row, dual) in self.rows.iter().zip(duals) {
            // `as` saturates, and turns what is no number into 0: any price proves a bound, if a poor one.
            let price = ((dual * scale).round() as i128).clamp(0, 1 << 80);
            match *row {
                Row::Unit => {}
                Row::Line(line) => prices.lines[line] = price,
                Row::Quota(quota) => prices.quotas[quota] = price,
                Row::Apart(group, line) => _ = prices.apart.insert((group, line), price),
            }
        }
        prices
    }

    /// Returns the bound of the search with its margin, as a value that a plan could have.
    fn bound(&self, found: f64) -> Option<i128> {
        if !found.is_finite() || found.abs() > 1e17 {
            return None;
        }
        let margin = ABSOLUTE * (1.0 + self.core.units.len() as f64) + RELATIVE * found.abs();
        let granules = ((found + margin) * 2_f64.powi(self.halved.cast_signed())).floor();
        Some(self.core.base().div_euclid(self.core.granule) * self.core.granule + granules as i128 * self.core.granule)
    }

    fn problem(&mut self, whole: bool) -> (RowProblem, usize) {
        let core = self.core;
        let mut problem = RowProblem::default();
        let mut columns: Vec<Vec<Col>> = Vec::with_capacity(core.units.len());
        let scale = 0.5_f64.powi(self.halved.cast_signed());
        for unit in &core.units {
            let column = |place: &crate::core::Place| {
                let score = (place.score / core.granule) as f64 * scale;
                problem.add_column_with_integrality(score, 0.0..=1.0, whole)
            };
            columns.push(unit.options.iter().map(column).collect());
        }
        self.rows.clear();
        let mut add = |row: Row, range: RangeInclusive<f64>, terms: Vec<(Col, f64)>| {
            self.rows.push(row);
            problem.add_row(range, terms);
        };
        let mut lines: Vec<Vec<(Col, f64)>> = vec![Vec::new(); core.seats.len()];
        let mut quotas: Vec<Vec<(Col, f64)>> = vec![Vec::new(); core.limits.len()];
        for (unit, columns) in core.units.iter().zip(&columns) {
            for (place, &column) in unit.options.iter().zip(columns) {
                lines[place.line].push((column, place.seats as f64));
                for &(quota, weight) in &place.uses {
                    quotas[quota].push((column, weight as f64));
                }
            }
            if columns.len() > 1 {
                add(Row::Unit, 0.0..=1.0, columns.iter().map(|&column| (column, 1.0)).collect());
            }
        }
        let demand = |terms: &[(Col, f64)]| terms.iter().map(|term| term.1).sum::<f64>();
        for &line in &core.order {
            let terms = std::mem::take(&mut lines[line]);
            let seats = core.seats[line] as f64;
            if demand(&terms) > seats {
                add(Row::Line(line), 0.0..=seats, terms);
            }
        }
        for &quota in &core.quotas {
            let terms = std::mem::take(&mut quotas[quota]);
            let limit = core.limits[quota] as f64;
            if demand(&terms) > limit {
                add(Row::Quota(quota), 0.0..=limit, terms);
            }
        }
        for (group, members) in &core.apart {
            for &line in &core.order {
                let there = members.iter().flat_map(|&unit| {
                    let options = core.units[unit].options.iter().zip(&columns[unit]);
                    options.filter(|(place, _)| place.line == line).map(|(_, &column)| (column, 1.0))
                });
                let there: Vec<(Col, f64)> = there.collect();
                if there.len() > 1 {
                    add(Row::Apart(*group, line), 0.0..=1.0, there);
                }
            }
        }
        let rows = self.rows.len();
        (problem, rows)
    }
}

/// Runs HiGHS on one thread; nothing if it fails or no time is left.
fn run(problem: RowProblem, budget: &Budget, gap: Option<f64>, start: &[f64]) -> Option<SolvedModel> {
    let left = budget.until.saturating_duration_since(Instant::now());
    if left == Duration::ZERO {
        return None;
    }
    let mut model = problem.try_optimise(Sense::Maximise).ok()?;
    let mut set = true;
    set &= model.try_set_option("parallel", "off").is_ok();
    // HiGHS keeps its workers by thread and refuses a run that wants another number than the first one on that thread did:
    // everybody in this house says one.
    set &= model.try_set_option("threads", 1).is_ok();
    set &= model.try_set_option("random_seed", 0).is_ok();
    set &= model.try_set_option("time_limit", left.as_secs_f64()).is_ok();
    if let Some(gap) = gap {
        set &= model.try_set_option("mip_rel_gap", 0.0).is_ok();
        set &= model.try_set_option("mip_abs_gap", gap).is_ok();
        if let Some(nodes) = budget.nodes {
            set &= model.try_set_option("mip_max_nodes", i32::try_from(nodes).unwrap_or(i32::MAX)).is_ok();
        }
        // A start that is not taken costs time, not truth.
        let _taken = model.try_set_solution(Some(start), None, None, None);
    }
    if set { model.try_solve().ok() } else { None }
}
