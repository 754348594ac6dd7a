//! Closes what is left of the gap where little could be chosen otherwise: what [`mod@crate::core`] does, with units.
//!
//! A unit is one choice among its options, each with the seats and places of all members; on a site each member chooses
//! in turn. A line with a least crew is open or closed. The relaxation gives better prices, whose bound is counted anew in
//! whole numbers; the search gives better plans, which are checked and valued in whole numbers.

use std::collections::BTreeMap;

use highs::{Col, HighsModelStatus, RowProblem, SolvedModel};

use super::units::{self, Unit, surplus};
use crate::core::{PAIRS_MOST, TURNS, WHOLE, nodes, run};
use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair};
use crate::plan::{Duals, Method, Plan, Status};

/// Markets of more pairs are not looked through.
const MARKET_MOST: usize = 4_000_000;

/// Improves a plan and its prices where its core is small; returns whether seats became others.
pub(super) fn close<E: Eligibility>(
    market: &Market<E>,
    units: &[Unit],
    order: (&[CandidateIx], &[LineIx]),
    plan: &mut Plan,
) -> bool {
    let mut better = false;
    for turn in 0..=TURNS {
        if plan.gap == 0 || market.pair_count() > MARKET_MOST {
            break;
        }
        let Some(core) = Core::of(market, units, order, plan) else { break };
        let whole = turn == TURNS;
        // Where even the relaxation has no better plan, the search says so at once.
        let Some(solved) = core.solve(whole) else { continue };
        let found = core.plan(&solved).filter(|found| core.keeps(found));
        if whole {
            let ended = match solved.status() {
                HighsModelStatus::Optimal => found.is_some(),
                status => status == HighsModelStatus::Infeasible,
            };
            if ended {
                plan.status = Status::Searched;
            }
        } else {
            let duals = core.prices(&solved);
            let bound = units::bound(market, units, &duals).div_euclid(duals.scale);
            if bound < plan.bound {
                (plan.bound, plan.duals, plan.method) = (bound, duals, Method::Core);
            }
        }
        if let Some(assignments) = found {
            let value = core.value(&assignments);
            if value > plan.value {
                (plan.value, plan.assignments, plan.method) = (value, assignments, Method::Core);
                better = true;
            }
        }
        assert!(plan.value <= plan.bound, "no plan is worth more than the bound");
        plan.gap = plan.bound - plan.value;
    }
    if plan.gap == 0 {
        plan.status = Status::Optimal;
    }
    better
}

/// Something to choose: the pairs that it gives, in a row of which one is chosen, and what it loses in points.
struct Choice {
    row: usize,
    /// On a site the members choose in rows of their own, if this is chosen.
    members: Vec<usize>,
    pairs: Vec<(CandidateIx, u32, Pair)>,
    loss: f64,
}

/// A row: at most one choice, exactly one if staying out would lose too much or if another choice opens it.
struct Row {
    /// What it loses to choose nothing; none where that is out of the question.
    out: Option<f64>,
    /// The choice that opens the row.
    opened_by: Option<usize>,
}

struct Core<'a, E> {
    market: &'a Market<E>,
    duals: Duals,
    lines: &'a [LineIx],
    rows: Vec<Row>,
    choices: Vec<Choice>,
    slack: i128,
}

impl<'a, E: Eligibility> Core<'a, E> {
    /// Returns what a better plan may choose, none if it is too much.
    fn of(
        market: &'a Market<E>,
        units: &[Unit],
        (candidates, lines): (&[CandidateIx], &'a [LineIx]),
        plan: &Plan,
    ) -> Option<Self> {
        let slack = units::bound(market, units, &plan.duals) - (plan.value + 1) * plan.duals.scale;
        let mut core = Self { market, duals: plan.duals.clone(), lines, rows: Vec::new(), choices: Vec::new(), slack };
        let mut single = vec![true; market.candidates.len()];
        for unit in units {
            unit.members.iter().for_each(|member| single[member.candidate.at()] = false);
            core.add_unit(unit);
        }
        let mut pairs = Vec::new();
        for &candidate in candidates.iter().filter(|candidate| single[candidate.at()]) {
            market.pairs_of(candidate, &mut pairs);
            let surplus = |pair: &Pair| surplus(market, &plan.duals, 1, pair);
            let best = pairs.iter().map(surplus).fold(0, i128::max);
            let row = core.row(best, None);
            let mut near: Vec<(i128, Pair)> = pairs.iter().map(|pair| (best - surplus(pair), *pair)).collect();
            near.retain(|(loss, _)| *loss <= slack);
            near.sort_unstable_by_key(|(loss, pair)| (*loss, &market.lines[pair.line.at()].reference));
            for (loss, pair) in near {
                let loss = core.points(loss);
                core.choices.push(Choice { row, members: Vec::new(), pairs: vec![(candidate, 1, pair)], loss });
            }
            if core.choices.len() > PAIRS_MOST {
                return None;
            }
        }
        Some(core)
    }

    fn points(&self, parts: i128) -> f64 {
        parts as f64 / self.duals.scale as f64
    }

    fn row(&mut self, out: i128, opened_by: Option<usize>) -> usize {
        let out = (out <= self.slack && opened_by.is_none()).then(|| self.points(out));
        self.rows.push(Row { out, opened_by });
        self.rows.len() - 1
    }

    fn add_unit(&mut self, unit: &Unit) {
        let (market, duals) = (self.market, self.duals.clone());
        let surplus = |member: &units::Member, pair: &Pair| surplus(market, &duals, member.size, pair);
        let best = unit.best(surplus);
        let row = self.row(best, None);
        for option in &unit.options {
            let most = |member: &units::Member| member.on(option).map(|pair| surplus(member, pair)).max();
            let most: Vec<i128> = unit.members.iter().filter_map(most).collect();
            let loss = best - most.iter().sum::<i128>();
            if loss > self.slack {
                continue;
            }
            let points = self.points(loss);
            let mut choice = Choice { row, members: Vec::new(), pairs: Vec::new(), loss: points };
            if option.len() == 1 {
                let pairs = unit.members.iter().flat_map(|member| member.on(option).map(move |pair| (member, pair)));
                choice.pairs = pairs.map(|(member, pair)| (member.candidate, member.size, *pair)).collect();
                self.choices.push(choice);
                continue;
            }
            let opens = self.choices.len();
            self.choices.push(choice);
            for (member, most) in unit.members.iter().zip(most) {
                let row = self.row(0, Some(opens));
                self.choices[opens].members.push(row);
                for pair in member.on(option).filter(|pair| loss + most - surplus(member, pair) <= self.slack) {
                    let loss = self.points(most - surplus(member, pair));
                    let pairs = vec![(member.candidate, member.size, *pair)];
                    self.choices.push(Choice { row, members: Vec::new(), pairs, loss });
                }
            }
        }
    }

    /// Lets HiGHS choose so that the least is lost. Rows: lines, quotas, then those of the choices.
    fn solve(&self, whole: bool) -> Option<SolvedModel> {
        let mut problem = RowProblem::default();
        let mut lines: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); self.market.lines.len()];
        let mut quotas: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); self.market.quotas.len()];
        let mut rows: Vec<Vec<(Col, f64)>> = self.rows.iter().map(|_| Vec::new()).collect();
        let mut columns: Vec<Col> = Vec::new();
        for (at, choice) in self.choices.iter().enumerate() {
            let column = problem.add_column_with_integrality(choice.loss, 0.0..=1.0, whole);
            columns.push(column);
            rows[choice.row].push((column, 1.0));
            choice.members.iter().for_each(|&row| rows[row].push((column, -1.0)));
            for (_, size, pair) in &choice.pairs {
                *lines[pair.line.at()].entry(at).or_default() += f64::from(*size);
                for quota in self.market.quota_set(pair.quotas) {
                    *quotas[quota.at()].entry(at).or_default() += f64::from(*size);
                }
            }
        }
        let terms = |row: &BTreeMap<usize, f64>| row.iter().map(|(&at, &size)| (columns[at], size)).collect::<Vec<_>>();
        let seats = self
            .lines
            .iter()
            .map(|line| (terms(&lines[line.at()]), self.market.lines[line.at()].seats, self.duals.lines[line.at()]));
        let limits = self.market.quotas.iter().zip(&quotas).zip(&self.duals.quotas);
        let limits = limits.map(|((quota, row), price)| (terms(row), quota.limit, *price));
        for (mut row, most, price) in seats.chain(limits) {
            let most = f64::from(most);
            if price > 0 {
                let price = self.points(price);
                row.push((problem.add_column(price, 0.0..=(self.points(self.slack).max(0.0) / price)), 1.0));
                problem.add_row(most..=most, row);
            } else {
                problem.add_row(..=most, row);
            }
        }
        for (mut terms, row) in rows.into_iter().zip(&self.rows) {
            match (row.opened_by, row.out) {
                (Some(_), _) => _ = problem.add_row(0.0..=0.0, terms),
                (None, Some(loss)) if loss > 0.0 => {
                    terms.push((problem.add_column(loss, 0.0..=1.0), 1.0));
                    problem.add_row(1.0..=1.0, terms);
                }
                (None, Some(_)) => _ = problem.add_row(..=1.0, terms),
                (None, None) => _ = problem.add_row(1.0..=1.0, terms),
            }
        }
        for &(line, least) in self.market.least_crews().iter().filter(|_| whole) {
            let (mut few, mut many) = (terms(&lines[line.at()]), terms(&lines[line.at()]));
            let open = problem.add_integer_column(0.0, 0.0..=1.0);
            few.push((open, -f64::from(least)));
            many.push((open, -f64::from(self.market.lines[line.at()].seats)));
            problem.add_row(0.0.., few);
            problem.add_row(..=0.0, many);
        }
        run(problem, whole.then(|| nodes(self.choices.len())))
    }

    /// Returns the prices that the relaxation asks for.
    fn prices(&self, solved: &SolvedModel) -> Duals {
        let solution = solved.get_solution();
        let (before, rows) = (&self.duals, solution.dual_rows());
        // `as` saturates, and turns what is no number into 0: any price proves a bound, if a poor one.
        let greatest = before.scale << 80;
        let price =
            |before: i128, dual: f64| (before - (dual * self.duals.scale as f64).round() as i128).clamp(0, greatest);
        let mut lines = before.lines.clone();
        for (line, dual) in self.lines.iter().zip(rows) {
            lines[line.at()] = price(before.lines[line.at()], *dual);
        }
        let quotas = before.quotas.iter().zip(&rows[self.lines.len()..]);
        Duals { lines, quotas: quotas.map(|(&before, &dual)| price(before, dual)).collect(), ..before.clone() }
    }

    /// Returns the seats behind the columns, if they are whole.
    fn plan(&self, solved: &SolvedModel) -> Option<Vec<Option<LineIx>>> {
        let solution = solved.get_solution();
        let mut seats = vec![None; self.market.candidates.len()];
        if solution.columns().len() < self.choices.len() {
            return None;
        }
        for (choice, value) in self.choices.iter().zip(solution.columns()) {
            if (value - value.round()).abs() > WHOLE {
                return None;
            }
            for (candidate, _, pair) in choice.pairs.iter().filter(|_| *value > 0.5) {
                if seats[candidate.at()].replace(pair.line).is_some() {
                    return None;
                }
            }
        }
        Some(seats)
    }

    /// True if seats, limits and least crews are kept. Units are whole by the rows.
    fn keeps(&self, seats: &[Option<LineIx>]) -> bool {
        let (mut taken, mut used) = (vec![0; self.market.lines.len()], vec![0; self.market.quotas.len()]);
        for (at, line) in seats.iter().enumerate() {
            let Some(pair) = line.and_then(|line| self.market.pair(CandidateIx::new(at), line)) else { continue };
            let size = self.market.candidates[at].size;
            taken[pair.line.at()] += size;
            self.market.quota_set(pair.quotas).iter().for_each(|quota| used[quota.at()] += size);
        }
        let crews = self.market.least_crews();
        self.market.lines.iter().zip(&taken).all(|(line, taken)| *taken <= line.seats)
            && self.market.quotas.iter().zip(&used).all(|(quota, used)| *used <= quota.limit)
            && crews.iter().all(|&(line, least)| !(1..least).contains(&taken[line.at()]))
    }

    fn value(&self, seats: &[Option<LineIx>]) -> i128 {
        let weight = |(at, line): (usize, &Option<LineIx>)| {
            Some(self.market.weight(&self.market.pair(CandidateIx::new(at), (*line)?)?))
        };
        seats.iter().enumerate().filter_map(weight).sum()
    }
}
