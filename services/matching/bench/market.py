"""Reads a market file; its form is described in services/matching/solver/examples/large/file.rs."""

import json

import numpy as np

PAIR = np.dtype([("line", "<u4"), ("score", "<i4"), ("quota", "<u2"), ("tier", "u1"), ("nothing", "u1")])


class Market:
    """Arrays of a market: seats by line, limits by quota, and line, weight and quota (-1: none) by pair."""

    def __init__(self, path):
        with open(path, "rb") as file:
            assert file.read(8) == b"MARKET01", f"{path} is no market"
            self.candidates, self.lines, self.quotas, self.pairs = np.fromfile(file, "<u8", 4).tolist()
            boosts = np.fromfile(file, "<i8", 256)
            self.seats = np.fromfile(file, "<i8", self.lines)
            self.limits = np.fromfile(file, "<i8", self.quotas)
            self.first = np.fromfile(file, "<i8", self.candidates + 1)
            pairs = np.fromfile(file, PAIR, self.pairs)
        self.line = pairs["line"].astype(np.int32)
        self.quota = pairs["quota"].astype(np.int32) - 1
        self.weight = boosts[pairs["tier"]] + pairs["score"]

    def candidate(self):
        """Returns the candidate of each pair."""
        return np.repeat(np.arange(self.candidates, dtype=np.int32), np.diff(self.first))


def answer(value, bound):
    """Prints what was found so far; None where there is nothing. The last line counts."""
    print(json.dumps({"value": value, "bound": bound}), flush=True)
