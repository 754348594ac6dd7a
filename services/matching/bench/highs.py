"""HiGHS: the linear relaxation, which is always whole without quotas; where it is not, a mixed-integer programme.

The second argument is the time it may take. HiGHS counts in floating point: what it finds is rounded.
"""

import math
import sys
import time

import highspy
import numpy as np
from market import Market, answer

begun = time.monotonic()
market = Market(sys.argv[1])
able = np.diff(market.first)
# Rows: candidates, lines, quotas. A pair has two or three entries.
within = market.quota >= 0
entries = 2 + within.astype(np.int32)
start = np.concatenate(([0], np.cumsum(entries))).astype(np.int32)
index = np.empty(start[-1], np.int32)
index[start[:-1]] = market.candidate()
index[start[:-1] + 1] = market.line + market.candidates
index[start[1:][within] - 1] = market.quota[within] + market.candidates + market.lines
model = highspy.HighsLp()
model.num_col_, model.num_row_ = market.pairs, market.candidates + market.lines + market.quotas
model.col_cost_, model.sense_ = market.weight.astype(float), highspy.ObjSense.kMaximize
model.col_lower_, model.col_upper_ = np.zeros(market.pairs), np.ones(market.pairs)
model.row_lower_ = np.full(model.num_row_, -highspy.kHighsInf)
model.row_upper_ = np.concatenate((np.ones(market.candidates), market.seats, market.limits)).astype(float)
model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = start, index, np.ones(start[-1])
solver = highspy.Highs()
solver.setOptionValue("output_flag", False)
solver.setOptionValue("mip_rel_gap", 0.0)
solver.passModel(model)


def run():
    """Runs until the time is over; returns what is known and whether it came to its end."""
    solver.setOptionValue("time_limit", max(1.0, float(sys.argv[2]) - (time.monotonic() - begun)))
    solver.run()
    return solver.getInfo(), solver.getModelStatus() == highspy.HighsModelStatus.kOptimal


def floor(bound):
    """Returns what no whole value exceeds, with a margin for the arithmetic."""
    return math.floor(bound * (1 + 1e-9) + 0.5) if math.isfinite(bound) and abs(bound) < 1e18 else None


info, done = run()
chosen = np.asarray(solver.getSolution().col_value)
if not done:
    answer(None, None)
elif np.abs(chosen - chosen.round()).max() < 1e-6:
    value = int(market.weight[chosen > 0.5].sum())
    answer(value, value)
else:
    relaxed = floor(info.objective_function_value)
    answer(None, relaxed)
    solver.changeColsIntegrality(
        market.pairs, np.arange(market.pairs, dtype=np.int32), np.full(market.pairs, highspy.HighsVarType.kInteger)
    )
    info, done = run()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    searched = floor(info.mip_dual_bound)
    bound = relaxed if searched is None else min(relaxed, searched)
    answer(round(info.objective_function_value) if feasible else None, bound)
