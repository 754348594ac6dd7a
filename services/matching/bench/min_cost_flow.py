"""OR-Tools' min-cost flow: source, candidates, lines, sink, and an arc past them all for those who stay out."""

import sys

import numpy as np
from market import Market, answer
from ortools.graph.python import min_cost_flow

market = Market(sys.argv[1])
people, lines = market.candidates, market.lines
source, sink = people + lines, people + lines + 1
able = np.flatnonzero(np.diff(market.first)).astype(np.int32)
seats = np.arange(people, people + lines, dtype=np.int32)
flow = min_cost_flow.SimpleMinCostFlow()
flow.add_arcs_with_capacity_and_unit_cost(
    np.full(len(able), source, np.int32), able, np.ones(len(able), np.int64), np.zeros(len(able), np.int64)
)
flow.add_arcs_with_capacity_and_unit_cost(
    market.candidate(), market.line + people, np.ones(market.pairs, np.int64), -market.weight
)
flow.add_arcs_with_capacity_and_unit_cost(
    seats, np.full(lines, sink, np.int32), market.seats, np.zeros(lines, np.int64)
)
flow.add_arcs_with_capacity_and_unit_cost([source], [sink], [len(able)], [0])
flow.set_nodes_supplies([source, sink], [len(able), -len(able)])
if flow.solve() == flow.OPTIMAL:
    answer(-flow.optimal_cost(), -flow.optimal_cost())
else:
    answer(None, None)
