//! What a better plan may choose, with units: a unit is one choice among its options, each with the seats and places of all
//! members; on a site each member chooses in turn.

use super::units::{self, Member, Unit, surplus};
use crate::choices::{self, Choices, Problem, Proof};
use crate::market::{CandidateIx, Eligibility, LineIx, Market, Pair};
use crate::plan::{Duals, Method, Plan, Status};

/// A market with its units, and who comes when by draw.
struct Units<'a, E> {
    market: &'a Market<E>,
    units: &'a [Unit],
    candidates: &'a [CandidateIx],
}

/// Improves a plan and its prices where its core is small; returns whether seats became others.
pub(super) fn close<E: Eligibility>(
    market: &Market<E>,
    units: &[Unit],
    (candidates, lines): (&[CandidateIx], &[LineIx]),
    plan: &mut Plan,
) -> bool {
    let mut proof = Proof {
        seats: plan.assignments.iter().map(|line| line.iter().copied().collect()).collect(),
        value: plan.value,
        bound: plan.bound,
        duals: plan.duals.clone(),
        reseated: false,
        priced: false,
        searched: false,
    };
    choices::close(market, &Units { market, units, candidates }, lines, &mut proof);
    if proof.reseated || proof.priced {
        plan.method = Method::Core;
    }
    (plan.value, plan.bound, plan.gap, plan.duals) = (proof.value, proof.bound, proof.bound - proof.value, proof.duals);
    plan.assignments = proof.seats.iter().map(|lines| lines.first().copied()).collect();
    plan.status = match plan.gap {
        0 => Status::Optimal,
        _ if proof.searched => Status::Searched,
        _ => Status::Bounded,
    };
    proof.reseated
}

impl<E: Eligibility> Problem<E> for Units<'_, E> {
    fn bound(&self, duals: &Duals) -> i128 {
        units::bound(self.market, self.units, duals)
    }

    fn fill(&self, choices: &mut Choices<'_, E>) {
        let (duals, slack) = (choices.duals(), choices.slack);
        let mut single = vec![true; self.market.candidates.len()];
        for unit in self.units {
            unit.members.iter().for_each(|member| single[member.candidate.at()] = false);
            self.fill_unit(unit, &duals, choices);
        }
        let mut pairs = Vec::new();
        for &candidate in self.candidates.iter().filter(|candidate| single[candidate.at()]) {
            self.market.pairs_of(candidate, &mut pairs);
            let surplus = |pair: &Pair| surplus(self.market, &duals, 1, pair);
            let best = pairs.iter().map(surplus).fold(0, i128::max);
            let row = choices.row(best);
            let mut near: Vec<(i128, Pair)> = pairs.iter().map(|pair| (best - surplus(pair), *pair)).collect();
            near.retain(|(loss, _)| *loss <= slack);
            near.sort_unstable_by_key(|(loss, pair)| (*loss, &self.market.lines[pair.line.at()].reference));
            near.into_iter().for_each(|(loss, pair)| _ = choices.add(row, vec![(candidate, 1, pair)], loss));
            if choices.is_full() {
                return;
            }
        }
    }
}

impl<E: Eligibility> Units<'_, E> {
    fn fill_unit(&self, unit: &Unit, duals: &Duals, choices: &mut Choices<'_, E>) {
        let surplus = |member: &Member, pair: &Pair| surplus(self.market, duals, member.size, pair);
        let best = unit.best(surplus);
        let row = choices.row(best);
        for option in &unit.options {
            let most = |member: &Member| member.on(option).map(|pair| surplus(member, pair)).max();
            let most: Vec<i128> = unit.members.iter().filter_map(most).collect();
            let loss = best - most.iter().sum::<i128>();
            if loss > choices.slack {
                continue;
            }
            if option.len() == 1 {
                let pairs = unit.members.iter().flat_map(|member| member.on(option).map(move |pair| (member, pair)));
                let pairs = pairs.map(|(member, pair)| (member.candidate, member.size, *pair)).collect();
                choices.add(row, pairs, loss);
                continue;
            }
            let opens = choices.add(row, Vec::new(), loss);
            for (member, most) in unit.members.iter().zip(most) {
                let row = choices.row_of(opens);
                for pair in member.on(option) {
                    let more = most - surplus(member, pair);
                    if loss + more <= choices.slack {
                        choices.add(row, vec![(member.candidate, member.size, *pair)], more);
                    }
                }
            }
        }
    }
}
