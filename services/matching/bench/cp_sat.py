"""OR-Tools' CP-SAT on all cores, with the time it may take as second argument."""

import math
import sys
import time

import numpy as np
from market import Market, answer
from ortools.sat.python import cp_model

begun = time.monotonic()
market = Market(sys.argv[1])
model = cp_model.CpModel()
chosen = [model.new_bool_var("") for _ in range(market.pairs)]


def groups(of, count):
    """Returns the pairs of each of `count` groups."""
    order = np.argsort(of, kind="stable")
    cuts = np.searchsorted(of[order], np.arange(count + 1))
    return [order[cuts[at] : cuts[at + 1]] for at in range(count)]


for at in range(market.candidates):
    own = chosen[market.first[at] : market.first[at + 1]]
    if own:
        model.add_at_most_one(own)
for of, limits in ((market.line, market.seats), (market.quota, market.limits)):
    for members, limit in zip(groups(of, len(limits)), limits.tolist()):
        if len(members) > limit:
            model.add(cp_model.LinearExpr.sum([chosen[at] for at in members]) <= limit)
model.maximize(cp_model.LinearExpr.weighted_sum(chosen, market.weight.tolist()))
solver = cp_model.CpSolver()
solver.parameters.max_time_in_seconds = max(1.0, float(sys.argv[2]) - (time.monotonic() - begun))
status = solver.solve(model)
found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
# Without a plan its bound is that of an empty search, 0 as well.
answer(round(solver.objective_value) if found else None, math.floor(solver.best_objective_bound + 1e-6) if found else None)
