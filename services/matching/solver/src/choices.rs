//! Closes what is left of the gap where little could be chosen otherwise: what [`mod@crate::core`] does, for choices of several
//! seats.
//!
//! A choice gives pairs to one person or to several: a unit on one of its lines, a chain of one person. By duality it loses
//! what its prices say; what would lose more than the gap is in no better plan. The relaxation gives better prices, whose
//! bound is counted anew in whole numbers; the search gives better plans, which are checked and valued in whole numbers.

use std::collections::BTreeMap;

use highs::{Col, HighsModelStatus, RowProblem, SolvedModel};

use crate::core::{PAIRS_MOST, TURNS, WHOLE, nodes, run};
use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair};
use crate::plan::Duals;

/// Markets of more pairs are not looked through.
const MARKET_MOST: usize = 4_000_000;

/// What choices are made of.
pub(crate) trait Problem<E> {
    /// Returns what no plan can exceed by these prices, in parts of a point.
    fn bound(&self, duals: &Duals) -> i128;

    /// Adds all that a better plan may choose; stops where it is too much.
    fn fill(&self, choices: &mut Choices<'_, E>);
}

/// A plan with its proof, and what was done for it.
pub(crate) struct Proof {
    /// The lines of each candidate.
    pub(crate) seats: Vec<Vec<LineIx>>,
    pub(crate) value: i128,
    pub(crate) bound: i128,
    pub(crate) duals: Duals,
    /// Seats became others, prices became others.
    pub(crate) reseated: bool,
    pub(crate) priced: bool,
    /// A search over what a better plan could be came to its end.
    pub(crate) searched: bool,
}

/// Improves a plan and its prices where its core is small. `lines` tells their order by draw.
pub(crate) fn close<E: Eligibility>(
    market: &Market<E>,
    problem: &impl Problem<E>,
    lines: &[LineIx],
    proof: &mut Proof,
) {
    for turn in 0..=TURNS {
        if proof.bound == proof.value || market.pair_count() > MARKET_MOST {
            break;
        }
        let slack = problem.bound(&proof.duals) - (proof.value + 1) * proof.duals.scale;
        let duals = proof.duals.clone();
        let mut choices = Choices::new(market, duals, lines, slack);
        problem.fill(&mut choices);
        if choices.is_full() {
            break;
        }
        let whole = turn == TURNS;
        // Where even the relaxation has no better plan, the search says so at once.
        let Some(solved) = choices.solve(whole) else { continue };
        let found = choices.plan(&solved).filter(|found| choices.keeps(found));
        if whole {
            proof.searched = match solved.status() {
                HighsModelStatus::Optimal => found.is_some(),
                status => status == HighsModelStatus::Infeasible,
            };
        } else {
            let duals = choices.prices(&solved);
            let bound = problem.bound(&duals).div_euclid(duals.scale);
            if bound < proof.bound {
                (proof.bound, proof.duals, proof.priced) = (bound, duals, true);
            }
        }
        if let Some(seats) = found {
            let value = choices.value(&seats);
            if value > proof.value {
                (proof.value, proof.seats, proof.reseated) = (value, seats, true);
            }
        }
        assert!(proof.value <= proof.bound, "no plan is worth more than the bound");
    }
}

/// Something to choose: the pairs that it gives, in a row of which one is chosen, and what it loses in points.
pub(crate) struct Choice {
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

pub(crate) struct Choices<'a, E> {
    market: &'a Market<E>,
    duals: Duals,
    lines: &'a [LineIx],
    /// The least crews that are kept.
    crews: &'a [(LineIx, u32)],
    rows: Vec<Row>,
    choices: Vec<Choice>,
    /// What a better plan loses at most, in parts of a point.
    pub(crate) slack: i128,
    too_many: bool,
}

impl<'a, E: Eligibility> Choices<'a, E> {
    /// Returns nothing to choose from yet, under prices and with what a better plan may lose.
    pub(crate) fn new(market: &'a Market<E>, duals: Duals, lines: &'a [LineIx], slack: i128) -> Self {
        let crews = market.least_crews();
        Self { market, duals, lines, crews, rows: Vec::new(), choices: Vec::new(), slack, too_many: false }
    }

    /// Returns the same without least crews: where only some of the people are looked at, others may fill a line.
    pub(crate) fn without_crews(self) -> Self {
        Self { crews: &[], ..self }
    }

    /// True if there is more to choose from than is handed over.
    pub(crate) fn is_full(&self) -> bool {
        self.too_many || self.choices.len() > PAIRS_MOST
    }

    /// Says that there is too much to choose from to be told.
    pub(crate) fn give_up(&mut self) {
        self.too_many = true;
    }

    pub(crate) fn duals(&self) -> Duals {
        self.duals.clone()
    }

    fn points(&self, parts: i128) -> f64 {
        parts as f64 / self.duals.scale as f64
    }

    /// Adds a row of which one choice may be made; to make none loses `out`.
    pub(crate) fn row(&mut self, out: i128) -> usize {
        self.open_row(out, None)
    }

    fn open_row(&mut self, out: i128, opened_by: Option<usize>) -> usize {
        let out = (out <= self.slack && opened_by.is_none()).then(|| self.points(out));
        self.rows.push(Row { out, opened_by });
        self.rows.len() - 1
    }

    /// Adds a choice of a row, with the pairs that it gives and what it loses.
    pub(crate) fn add(&mut self, row: usize, pairs: Vec<(CandidateIx, u32, Pair)>, loss: i128) -> usize {
        let loss = self.points(loss);
        self.choices.push(Choice { row, members: Vec::new(), pairs, loss });
        self.choices.len() - 1
    }

    /// Adds a row in which one choice must be made if, and only if, `choice` is made.
    pub(crate) fn row_of(&mut self, choice: usize) -> usize {
        let row = self.open_row(0, Some(choice));
        self.choices[choice].members.push(row);
        row
    }

    /// Lets HiGHS choose so that the least is lost. Rows: lines, quotas, then those of the choices.
    pub(crate) fn solve(&self, whole: bool) -> Option<SolvedModel> {
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
                (Some(_), _) => problem.add_row(0.0..=0.0, terms),
                (None, Some(loss)) if loss > 0.0 => {
                    terms.push((problem.add_column(loss, 0.0..=1.0), 1.0));
                    problem.add_row(1.0..=1.0, terms);
                }
                (None, Some(_)) => problem.add_row(..=1.0, terms),
                (None, None) => problem.add_row(1.0..=1.0, terms),
            }
        }
        for &(line, least) in self.crews.iter().filter(|_| whole) {
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
    pub(crate) fn prices(&self, solved: &SolvedModel) -> Duals {
        let solution = solved.get_solution();
        let (before, rows) = (&self.duals, solution.dual_rows());
        // `as` saturates, and turns what is no number into 0: any price proves a bound, if a poor one.
        let top = self.market.boosts.iter().max().map_or(0, |top| top + i128::from(self.market.survey.score_max));
        let greatest = top * before.scale;
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
    pub(crate) fn plan(&self, solved: &SolvedModel) -> Option<Vec<Vec<LineIx>>> {
        let solution = solved.get_solution();
        let mut seats = vec![Vec::new(); self.market.candidates.len()];
        if solution.columns().len() < self.choices.len() {
            return None;
        }
        for (choice, value) in self.choices.iter().zip(solution.columns()) {
            if (value - value.round()).abs() > WHOLE {
                return None;
            }
            for (candidate, _, pair) in choice.pairs.iter().filter(|_| *value > 0.5) {
                seats[candidate.at()].push(pair.line);
            }
        }
        Some(seats)
    }

    /// True if seats, limits and least crews are kept. Units are whole and chains in order by the choices.
    fn keeps(&self, seats: &[Vec<LineIx>]) -> bool {
        let (mut taken, mut used) = (vec![0; self.market.lines.len()], vec![0; self.market.quotas.len()]);
        for (at, pair) in self.pairs(seats) {
            let size = self.market.candidates[at].size;
            taken[pair.line.at()] += size;
            self.market.quota_set(pair.quotas).iter().for_each(|quota| used[quota.at()] += size);
        }
        self.market.lines.iter().zip(&taken).all(|(line, taken)| *taken <= line.seats)
            && self.market.quotas.iter().zip(&used).all(|(quota, used)| *used <= quota.limit)
            && self.crews.iter().all(|&(line, least)| !(1..least).contains(&taken[line.at()]))
    }

    fn value(&self, seats: &[Vec<LineIx>]) -> i128 {
        self.pairs(seats).map(|(_, pair)| self.market.weight(&pair)).sum()
    }

    fn pairs(&self, seats: &[Vec<LineIx>]) -> impl Iterator<Item = (usize, Pair)> {
        let seats = seats.iter().enumerate().flat_map(|(at, lines)| lines.iter().map(move |&line| (at, line)));
        seats.filter_map(|(at, line)| Some((at, self.market.pair(CandidateIx::new(at), line)?)))
    }
}
