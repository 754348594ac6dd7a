#!/usr/bin/env python3
"""Runs our solver and others on the same generated markets, each in a process of its own, and prints one table.

A run without quotas fails if two of them find different optima, one with quotas if a value passes another's bound.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "circula" / "tools"
TOOLS = Path(os.environ.get("CIRCULA_TOOLS", CACHE)) / "bench-matching"
SIZES = ("S", "M", "MT")
FULL = ("S", "M", "MT", "L", "LT")


def peers(ours, simplex, limit, quotas):
    """Returns name and command of each solver that takes such markets."""
    python = str(TOOLS / "bin" / "python")
    script = lambda name: [python, str(HERE / name)]
    general = [
        ("HiGHS", lambda path: script("highs.py") + [path, str(limit)]),
        ("OR-Tools CP-SAT", lambda path: script("cp_sat.py") + [path, str(limit)]),
    ]
    flows = [
        ("LEMON network simplex", lambda path: [simplex, path]),
        ("OR-Tools min-cost flow", lambda path: script("min_cost_flow.py") + [path]),
    ]
    return [("ours", lambda path: [ours, "--read", path])] + ([] if quotas else flows) + general


def measure(command, limit, memory):
    """Runs a command; returns what it found, and wall seconds, CPU seconds, peak megabytes, and how it ended."""

    def bounded():
        resource.setrlimit(resource.RLIMIT_AS, (memory << 30, memory << 30))

    begun = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, preexec_fn=bounded)
        # A solver that keeps the time itself may need a moment to say what it has.
        signal.signal(signal.SIGALRM, lambda *_: child.kill())
        signal.setitimer(signal.ITIMER_REAL, limit * 1.25 + 5)
        _, status, usage = os.wait4(child.pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - begun
        out.seek(0)
        # Some print more than their answer, and not all of it when they are killed.
        lines = [line for line in out.read().decode().splitlines() if line.startswith("{") and line.endswith("}")]
    found = {"value": None, "bound": None, "end": ""}
    if lines:
        found.update(json.loads(lines[-1]))
    if child.returncode == 0:
        found["end"] = f"nothing in {limit} s"
    elif child.returncode == -signal.SIGKILL and wall >= limit:
        found["end"] = f"> {limit} s"
    else:
        found["end"] = f"failed ({child.returncode})"
    found.update(wall=wall, cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss / 1000)
    return found


def contradictions(results, quotas):
    """Returns what cannot be true at once of all that was found on one market."""
    values = {name: row["value"] for name, row in results.items() if row["value"] is not None}
    bounds = {name: row["bound"] for name, row in results.items() if row["bound"] is not None}
    proved = {name: value for name, value in values.items() if bounds.get(name) == value}
    found = []
    if not quotas and len(set(proved.values())) > 1:
        found.append(f"different optima: {proved}")
    if not quotas and "ours" not in proved:
        found.append("ours is not proved")
    for one, value in values.items():
        found += [f"{one} found {value}, {other} says at most {bounds[other]}" for other in bounds if value > bounds[other]]
    return found


def row(market, name, found, ours):
    """Returns one row of the table."""
    value, bound = found["value"], found["bound"]
    ratio = lambda key: f"{found[key] / max(ours[key], 0.01):.1f}×"
    cells = [market, name, f"{value:,}" if value is not None else found["end"], f"{bound:,}" if bound is not None else ""]
    cells += [f"{found['wall']:.2f} s", f"{found['cpu']:.2f} s", f"{found['peak']:.0f} MB"]
    cells += ["", ""] if name == "ours" else [ratio("cpu"), ratio("peak")]
    return "| " + " | ".join(cells) + " |"


def machine():
    """Names the machine and its load."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return f"{os.cpu_count()} cores ({model}), load {os.getloadavg()[0]:.1f}"


def run(options):
    """Measures everything; returns all contradictions."""
    wrong, table = [], []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        simplex = f"{folder}/network_simplex"
        subprocess.run(["g++", "-O2", "-std=c++17", str(HERE / "network_simplex.cpp"), "-o", simplex], check=True)
        print(f"{machine()}; limit {options.limit} s", flush=True)
        print("| market | solver | value | bound | wall | CPU | peak | CPU, times ours | peak, times ours |")
        print("|---|---|---|---|---|---|---|---|---|", flush=True)
        for size in options.sizes or (FULL if options.full else SIZES):
            for quotas in (False, True):
                market, path = size + (" with quotas" if quotas else ""), f"{folder}/market"
                words = [options.ours, size, "--write", path] + ["--quotas"] * quotas
                subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
                results = {}
                for name, command in peers(options.ours, simplex, options.limit, quotas):
                    results[name] = measure(command(path), options.limit, options.memory)
                    print(row(market, name, results[name], results["ours"]), flush=True)
                table.append({"market": market, "results": results})
                wrong += [f"{market}: {what}" for what in contradictions(results, quotas)]
        print(f"at the end: {machine()}")
    if options.json:
        Path(options.json).write_text(json.dumps(table, indent=1) + "\n")
    return wrong


def main():
    """Reads the options."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--ours", required=True, help="the built example `large` of the solver")
    words.add_argument("--full", action="store_true", help="also L and LT: a million candidates")
    words.add_argument("--limit", type=int, default=60, help="seconds that each solver may take")
    words.add_argument("--memory", type=int, default=16, help="gigabytes of addresses that each solver may have")
    words.add_argument("--folder", help="where market files are written for a while: up to half a gigabyte")
    words.add_argument("--json", help="also writes what was measured to this file")
    words.add_argument("--sizes", nargs="+", choices=FULL, help="these markets only")
    wrong = run(words.parse_args())
    print("\n".join(wrong) or "nothing contradicts: without quotas all optima are equal")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
