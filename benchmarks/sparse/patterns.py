"""Pattern and colorings of every problem of the suite `sparse`: seconds of processor time, and how many colors.

    python benchmarks/sparse/patterns.py [n]        # the size of each problem nearest to n (10 000)

The last two columns are the colors that asdex and CasADi take for the same pattern, where they are installed.
"""

from __future__ import annotations

import sys
import time
import warnings
from importlib import import_module
from importlib.util import find_spec

from hessbench import suites
from hessbench.backends.sparsity.coloring import color
from hessbench.backends.sparsity.detection import global_pattern
from hessbench.suites.definition.problem import draw

HEADER = ("problem", "n", "nnz", "detect_s", "color_s", "star", "acyclic", "column", "asdex", "casadi")


def timed(call):
    """What a call returns, and its processor time in seconds."""
    start = time.process_time()
    found = call()
    return found, time.process_time() - start


def asdex_colors(pattern):
    """How many colors asdex takes."""
    asdex = import_module("asdex")
    sparsity = asdex.SparsityPattern.from_coo(pattern.rows, pattern.cols, (pattern.n, pattern.n))
    return asdex.hessian_coloring_from_sparsity(sparsity).num_colors


def casadi_colors(pattern):
    """How many CasADi takes, the better of its star and its column coloring."""
    sparsity = import_module("casadi").Sparsity(pattern.n, pattern.n, pattern.starts.tolist(), pattern.cols.tolist())
    return min(sparsity.star_coloring().size2(), sparsity.uni_coloring(sparsity.T).size2())


def row(problem, n):
    """One line of the table."""
    instance = draw(problem, n)
    pattern, detect = timed(lambda: global_pattern(problem.objective, instance.points[0], instance.data))
    star, seconds = timed(lambda: color(pattern))
    others = [color(pattern, kind).colors for kind in ("acyclic", "column")]
    theirs = [f(pattern) if find_spec(name) else "" for name, f in (("asdex", asdex_colors), ("casadi", casadi_colors))]
    return (problem.name, n, pattern.nnz, f"{detect:.2f}", f"{seconds:.2f}", star.colors, *others, *theirs)


def main() -> None:
    """Print the table in Markdown."""
    warnings.simplefilter("ignore")
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print("|", " | ".join(HEADER), "|")
    print("|", " | ".join("---" for _ in HEADER), "|")
    for problem in suites.load("sparse").values():
        n = min(problem.sizes, key=lambda size: abs(size - wanted))
        print("|", " | ".join(map(str, row(problem, n))), "|", flush=True)


if __name__ == "__main__":
    main()
