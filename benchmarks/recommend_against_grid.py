"""Is the recommended method the one that a full grid would choose? Ten problems, by total time of so many calls.

    python benchmarks/recommend_against_grid.py [--calls 1000] [--backend jax,torch,numpy]

For each problem `hessbench recommend` answers, and then all default methods are measured at the real size in three
launches, those that come within half of the best in twelve more; the figure is the time of the recommended method over
the best one's, both as those twelve measured them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import hessbench as hb
from hessbench.results.tables.recommendation import totals

PROBLEMS = (
    ("quick/quadratic", 64),
    ("quick/rosenbrock", 100),
    ("quick/logistic_regression", 64),
    ("quick/tanh_network", 65),
    ("quick/gaussian_process", 16),
    ("quick/lennard_jones", 39),
    ("classic/ackley", 64),
    ("classic/styblinski_tang", 64),
    ("classic/trigonometric", 64),
    ("classic/watson", 12),
)
NEAR, CONTENDER = 1.10, 1.5


def main():
    """Print a line per problem and the share that is near the best."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--backend", default="jax,torch,numpy")
    options = parser.parse_args()
    near = 0
    for problem, n in PROBLEMS:
        command = [
            sys.executable,
            "-m",
            "hessbench.harness",
            "recommend",
            problem,
            "-n",
            str(n),
            "--calls",
            str(options.calls),
            "--backend",
            options.backend,
            "--json",
        ]
        best = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["best"]
        with tempfile.TemporaryDirectory() as scratch:
            asked = {"sizes": [n], "operators": ["hessian"], "quick": True}
            run = hb.run([problem], backends=options.backend, rounds="3", out=Path(scratch) / "grid", **asked)
            grid = totals(run, "hessian", options.calls)
            close = grid[(grid["total_s"] <= CONTENDER * grid["total_s"].min()) | (grid["method"] == best["method"])]
            run = hb.run(
                [problem],
                backends=sorted(set(close["backend"])),
                methods=sorted(set(close["method"])),
                rounds="12",
                out=Path(scratch) / "close",
                **asked,
            )
            grid = totals(run, "hessian", options.calls).set_index(["backend", "method"])["total_s"]
        ratio = grid.get((best["backend"], best["method"]), float("inf")) / grid.min()
        near += ratio <= NEAR
        print(
            f"{problem} n={n}: {best['backend']} {best['method']}, {ratio:.2f} times the best, "
            f"{' '.join(grid.idxmin())}",
            flush=True,
        )
    print(f"within {100 * (NEAR - 1):.0f} % of the best: {near} of {len(PROBLEMS)}")


if __name__ == "__main__":
    main()
