"""The figures that hessbench was planned with, measured again with its own catalogue: does the order hold?

    python benchmarks/pages/known_figures.py                              # everything, in less than eight minutes
    python benchmarks/pages/known_figures.py --out docs/known_figures.md  # as a page
    python benchmarks/pages/known_figures.py --part a --backend jax       # a part of it
    python benchmarks/pages/known_figures.py --small                      # to see whether it works

The figures come from a survey made before the first line of hessbench was written, on another shared machine
with two cores and with code of its own; its objectives are described, not printed, so they are chosen here. What
can be compared is the order of the methods and the rough size, not the third digit. Every result is compared with
the closed form before its time counts. Part a times all methods of a framework in one process; part b, where memory
counts, gives each method a process of its own.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hessbench import backends
from hessbench.backends.contract.method import Method, find
from hessbench.harness.machine import environment, memory
from hessbench.harness.planning.settings import Policy
from hessbench.harness.worker.stopwatch import Stopwatch

FloatArray = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Figure:
    """What the survey says of one method.

    Attributes:
        part: "a" (n = 256) or "b" (n = 1000, 4000 residuals).
        backend: A backend's name.
        method: A method's name in its catalogue.
        least_s: Seconds per call.
        most_s: The other end, where the survey gives a range.
        extra_mib: Memory beyond what was resident before the call, in MiB (part b).
    """

    part: str
    backend: str
    method: str
    least_s: float
    most_s: float = 0.0
    extra_mib: tuple[float, ...] = ()

    @property
    def seconds(self) -> float:
        """One number: the geometric mean of a range."""
        return math.sqrt(self.least_s * (self.most_s or self.least_s))

    @property
    def group(self) -> tuple[str, str, str]:
        """Whose order is compared: methods of one part, backend and execution."""
        return self.part, self.backend, self.method.rpartition("-")[2]


MS = 1e-3

FIGURES = (
    Figure("a", "jax", "hessian-jit", 2.3 * MS),
    Figure("a", "jax", "jacrev-jacrev-jit", 2.5 * MS),
    Figure("a", "jax", "vmap-forward-over-reverse-jit", 1.4 * MS),
    Figure("a", "jax", "linearize-vmap-jit", 1.8 * MS),
    Figure("a", "jax", "map-jit", 7.5 * MS),
    Figure("a", "jax", "map-chunk16-jit", 3.0 * MS),
    Figure("a", "jax", "jacfwd-jacfwd-jit", 356 * MS),
    Figure("a", "jax", "jacrev-jacfwd-jit", 344 * MS),
    Figure("a", "torch", "jacrev-grad-eager", 3.4 * MS),
    Figure("a", "torch", "jacfwd-grad-eager", 6.6 * MS),
    Figure("a", "torch", "jacrev-jacrev-eager", 6.7 * MS),
    Figure("a", "torch", "row-loop-eager", 45 * MS),
    Figure("a", "torch", "autograd-hessian-eager", 49 * MS),
    Figure("a", "torch", "func-hessian-eager", 47 * MS),
    Figure("a", "torch", "grads-batched-eager", 58 * MS),
    Figure("a", "torch", "autograd-hessian-vectorized-eager", 61 * MS),
    Figure("a", "torch", "linearize-vmap-eager", 119 * MS),
    Figure("a", "torch", "dual-loop-eager", 264 * MS),
    Figure("a", "torch", "jacrev-jacfwd-eager", 493 * MS),
    Figure("a", "torch", "jacfwd-jacfwd-eager", 1069 * MS),
    Figure("a", "tensorflow", "jacobian-graph", 7.4 * MS),
    Figure("a", "tensorflow", "reverse-over-forward-graph", 7.3 * MS),
    Figure("a", "tensorflow", "batch-jacobian-graph", 9.9 * MS),
    Figure("a", "tensorflow", "hessians-graph", 32 * MS),
    Figure("a", "tensorflow", "map-graph", 51 * MS),
    Figure("a", "tensorflow", "jacobian-while-graph", 55 * MS),
    Figure("a", "tensorflow", "jacobian-xla", 4.6 * MS),
    Figure("a", "tensorflow", "reverse-over-forward-xla", 0.86 * MS),
    Figure("a", "tensorflow", "batch-jacobian-xla", 0.78 * MS),
    Figure("a", "tensorflow", "hessians-xla", 6.7 * MS),
    Figure("a", "tensorflow", "map-xla", 6.0 * MS),
    Figure("a", "tensorflow", "jacobian-while-xla", 6.1 * MS),
    Figure("a", "tensorflow", "jacobian-eager", 258 * MS),
    Figure("a", "tensorflow", "jacobian-while-eager", 890 * MS),
    Figure("a", "tensorflow", "map-eager", 6900 * MS),
    Figure("b", "torch", "autograd-hessian-eager", 4, 23, (38,)),
    Figure("b", "torch", "autograd-hessian-vectorized-eager", 15, 24, (223,)),
    Figure("b", "torch", "func-hessian-eager", 11, 19, (362, 423)),
    Figure("b", "torch", "jacfwd-grad-eager", 0.5, 1.3, (454,)),
    Figure("b", "torch", "jacrev-grad-eager", 0.3, 0.7, (232, 354)),
    Figure("b", "torch", "jacrev-grad-chunk32-eager", 0.8, 6, (62,)),
    Figure("b", "jax", "hessian-jit", 0.23, extra_mib=(82,)),
    Figure("b", "jax", "jacrev-grad-jit", 0.20, extra_mib=(39,)),
    Figure("b", "jax", "map-chunk32-jit", 0.27, extra_mib=(45,)),
    Figure("b", "jax", "map-jit", 1.8, extra_mib=(32,)),
    Figure("b", "tensorflow", "jacobian-graph", 0.23, extra_mib=(209,)),
    Figure("b", "tensorflow", "jacobian-chunk32-graph", 0.62, extra_mib=(48,)),
    Figure("b", "tensorflow", "jacobian-while-graph", 4.1, extra_mib=(7,)),
    Figure("b", "tensorflow", "hessians-graph", 4.1, extra_mib=(7,)),
)

CAP_S = 4.0
"""A method whose first call takes longer is called once."""
POLICY = Policy(warmup_calls=2, warmup_s=0.05, min_samples=5, sampling_s=0.2, max_samples=20, budget_s=5.0)
RIGHT = 1e-9
"""Relative error that counts as right in float64."""
AGREES = 0.7
"""Rank correlation from which on the order counts as the same: methods a few percent apart may change places."""


# --- The two objectives ----------------------------------------------------------------------------------------------


def network(xp: Any, x: Any, inner: Any, outer: Any) -> Any:
    """f(x) = sum tanh(W2 tanh(W1 x))^2 + sum x^4 / 4, with W1 (n, n) and W2 (n/2, n).

    Forward over reverse multiplies 0.101 GFLOP of matrices at n = 256; the survey counts 0.103 for its own.
    """
    output = xp.tanh(xp.matmul(outer, xp.tanh(xp.matmul(inner, x))))
    return xp.sum(xp.square(output)) + 0.25 * xp.sum(xp.square(xp.square(x)))


def network_hessian(x: FloatArray, inner: FloatArray, outer: FloatArray) -> FloatArray:
    """A' diag(p'') A + W1' diag(W2' p' * h'') W1 + 3 diag(x^2), with p = tanh^2, h = tanh(W1 x), A = W2 diag(h') W1."""
    hidden = np.tanh(inner @ x)
    output = np.tanh(outer @ hidden)
    slope, bend = 1 - hidden**2, -2 * hidden * (1 - hidden**2)
    first = 2 * output * (1 - output**2)
    second = 2 * (1 - output**2) * (1 - 3 * output**2)
    jacobian = (outer * slope) @ inner
    weighted = (inner.T * (outer.T @ first * bend)) @ inner
    return np.asarray((jacobian.T * second) @ jacobian + weighted + np.diag(3 * x**2))


def residuals(xp: Any, x: Any, a: Any, y: Any) -> Any:
    """f(x) = |tanh(Ax) - y|^2 / 2 with A (m, n)."""
    return 0.5 * xp.sum(xp.square(xp.tanh(xp.matmul(a, x)) - y))


def residuals_hessian(x: FloatArray, a: FloatArray, y: FloatArray) -> FloatArray:
    """A' diag(t'^2 + (t - y) t'') A with t = tanh(Ax)."""
    t = np.tanh(a @ x)
    slope = 1 - t**2
    return np.asarray((a.T * (slope**2 - 2 * (t - y) * t * slope)) @ a)


@dataclass(frozen=True, slots=True)
class Task:
    """An objective with its closed form, its data, and points: two measured, two fresh ones, the last to prepare at."""

    objective: Any
    hessian: Any
    data: tuple[FloatArray, ...]
    points: tuple[FloatArray, ...]

    @property
    def n(self) -> int:
        """Number of variables."""
        return len(self.points[0])


def network_task(n: int) -> Task:
    """Part a."""
    rng = np.random.default_rng(0)
    data = (rng.standard_normal((n, n)) / math.sqrt(n), rng.standard_normal((n // 2, n)) / math.sqrt(n))
    return Task(network, network_hessian, data, tuple(rng.standard_normal((5, n))))


def residuals_task(n: int, m: int) -> Task:
    """Part b."""
    rng = np.random.default_rng(0)
    data = (rng.standard_normal((m, n)) / math.sqrt(n), rng.standard_normal(m))
    return Task(residuals, residuals_hessian, data, tuple(rng.standard_normal((5, n))))


def tasks(small: bool) -> dict[str, Task]:
    """The task of each part."""
    sizes = (32, 50, 200) if small else (256, 1000, 4000)
    return {"a": network_task(sizes[0]), "b": residuals_task(*sizes[1:])}


# --- Measuring, in a child process -----------------------------------------------------------------------------------


def prepare(backend: Any, method: Method, task: Task) -> tuple[Stopwatch, float, float | None]:
    """A stopwatch after its first call, the seconds of that call, and the extra memory of build and call in MiB.

    Points, data and basis are on the device before memory is looked at.
    """
    f = backend.bind(task.objective)
    constants = backend.constants(method, task.data, task.n)
    *measured, last = [backend.asarray(point) for point in task.points]
    before = memory.resident(os.getpid())
    memory.reset_peak()
    function, _ = backend.build(method, f, (last, *constants))
    inputs = [(x, *constants) for x in measured]
    watch = Stopwatch(function, backend.synchronize, inputs[:2], inputs[2:])
    seconds, result = watch.once(0)
    peak = memory.peak()
    check(method, backend.to_numpy(result), task)
    return watch, seconds, None if peak is None or before is None else (peak - before) / 2**20


def check(method: Method, found: FloatArray, task: Task) -> None:
    """Compare with the closed form.

    Raises:
        ValueError: It is not the Hessian.
    """
    truth = task.hessian(task.points[0], *task.data)
    error = np.linalg.norm(found - truth) / np.linalg.norm(truth)
    if not error <= RIGHT:
        raise ValueError(f"{method.name} is wrong: relative error {error:.1e}")


def measure(backend: Any, method: Method, task: Task) -> dict[str, Any]:
    """Seconds per call (least and median), number of calls seen, extra memory."""
    watch, first, extra = prepare(backend, method, task)
    seen = [first] if first > CAP_S else watch.measure(POLICY, [first, watch.once(1)[0]]).samples
    return {"seconds": min(seen), "median": float(np.median(seen)), "samples": len(seen), "extra_mib": extra}


def child(part: str, name: str, methods: Sequence[str], small: bool) -> None:
    """Measure methods of one backend, one JSON line each."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # eager jacobians are traced anew: it says so each time
    backend = backends.load(name)()
    with backend.scope():
        for wanted in methods:
            method = find(backend.methods, wanted)
            try:
                if part == "b":
                    prepare(backend, method, residuals_task(40, 80))  # what is loaded once is no method's memory
                found = measure(backend, method, tasks(small)[part])
            except Exception as error:  # one method must not cost the others
                found = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
            print(json.dumps({"method": wanted, **found}), flush=True)


# --- The parent ------------------------------------------------------------------------------------------------------


def launches(figures: Sequence[Figure]) -> list[tuple[str, str, list[str]]]:
    """Part, backend and methods of each process: one per backend in part a, one per method in part b."""
    shared: dict[tuple[str, str], list[str]] = {}
    for figure in figures:
        if figure.part == "a":
            shared.setdefault((figure.part, figure.backend), []).append(figure.method)
    own = [(figure.part, figure.backend, [figure.method]) for figure in figures if figure.part == "b"]
    return [(*key, methods) for key, methods in shared.items()] + own


def launch(part: str, name: str, methods: list[str], small: bool) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Run a child and read what it says; a child that dies leaves its methods without a figure."""
    request = json.dumps([part, name, methods, small])
    variables = {**os.environ, **backends.load(name).environment("float64", "cpu")}
    done = subprocess.run(
        [sys.executable, "-P", __file__, "--child", request],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    rows = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    return {(part, name, row.pop("method")): row for row in rows}


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Rank correlation; equal values share their mean rank."""
    ranks = [
        np.array([np.mean([sorted(v).index(x), len(v) - 1 - sorted(v)[::-1].index(x)]) for x in v])
        for v in (first, second)
    ]
    if any(np.ptp(r) == 0 for r in ranks):
        return math.nan
    return float(np.corrcoef(ranks)[0, 1])


def table(figures: Sequence[Figure], found: dict[tuple[str, str, str], dict[str, Any]], part: str) -> str:
    """One part as a Markdown table."""
    memory_too = part == "b"
    head = ["backend", "method", "measured here", "the survey's figure", "ratio"]
    head += ["extra memory here, MiB", "the survey's, MiB"] if memory_too else []
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for figure in (f for f in figures if f.part == part):
        row = found.get((figure.part, figure.backend, figure.method), {"error": "the process died"})
        said = pretty(figure.least_s) + (f" to {pretty(figure.most_s)}" if figure.most_s else "")
        if "error" in row:
            cells = [row["error"], said, ""]
        else:
            once = " (one call)" if row["samples"] == 1 else ""
            cells = [pretty(row["seconds"]) + once, said, f"{row['seconds'] / figure.seconds:.2g}"]
        if memory_too:
            extra = row.get("extra_mib")
            cells += ["" if extra is None else f"{extra:.0f}", " to ".join(f"{mib:g}" for mib in figure.extra_mib)]
        lines.append(f"| {' | '.join([figure.backend, f'`{figure.method}`', *cells])} |")
    return "\n".join(lines)


def pretty(seconds: float) -> str:
    """Seconds with three digits and a unit."""
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def orders(figures: Sequence[Figure], found: dict[tuple[str, str, str], dict[str, Any]]) -> str:
    """Rank correlation per group, of time and (part b) of memory, as a Markdown table."""
    lines = ["| part | backend | execution | methods | order of times | agrees | order of memory |", "|" + "---|" * 7]
    groups = dict.fromkeys(figure.group for figure in figures)
    for part in dict.fromkeys(figure.part for figure in figures):
        for group in (*(group for group in groups if group[0] == part), (part, "all", "all")):
            row = agreement([f for f in figures if f.part == part and group in (f.group, (part, "all", "all"))], found)
            if row:
                lines.append(f"| {' | '.join([*group, *row])} |")
    return "\n".join(lines)


def agreement(members: Sequence[Figure], found: dict[tuple[str, str, str], dict[str, Any]]) -> list[str] | None:
    """Number of methods, rank correlation of times, verdict, rank correlation of memory; None for too few methods."""
    rows = [(f, found.get((f.part, f.backend, f.method), {})) for f in members]
    rows = [(f, row) for f, row in rows if "seconds" in row]
    if len(rows) < 3:
        return None
    times = spearman([f.seconds for f, _ in rows], [row["seconds"] for _, row in rows])
    both = [(float(np.mean(f.extra_mib)), row["extra_mib"]) for f, row in rows if f.extra_mib and row["extra_mib"]]
    sizes = f"{spearman([m for m, _ in both], [m for _, m in both]):.2f}" if len(both) > 2 else ""
    return [str(len(rows)), f"{times:.2f}", "yes" if times >= AGREES else "no", sizes]


PAGE = """# Known figures, measured again

Before hessbench was written, a survey timed the ways to a Hessian that people use, with code of its own. This page
measures the same methods with hessbench's catalogue. The survey describes its objectives without printing them, and
its machine was another one, shared and busy: compare the order and the rough size.

{where}

Made by `python benchmarks/pages/known_figures.py --out docs/known_figures.md`. Times are the least of several calls,
each waited for; methods whose first call takes more than {cap:g} s are called once. Every result was compared with the
closed form first (relative error at most {right:g}, float64).

## n = 256: a two-layer tanh network and a quartic

$f(x) = \\sum \\tanh(W_2 \\tanh(W_1 x))^2 + \\tfrac14 \\sum x^4$ with $W_1$ of shape (256, 256) and $W_2$ of shape
(128, 256).

{a}

## n = 1000: least squares with 4000 residuals

$f(x) = \\tfrac12 \\|\\tanh(Ax) - y\\|^2$ with $A$ of shape (4000, 1000). Extra memory is the peak of resident memory
while the method was built and called for the first time, above what was resident before; points, data and basis
were there already, and a small problem had been computed. Each method had a process of its own.

{b}

## Does the order agree?

Spearman's rank correlation between the survey's figures and those measured here, for groups of at least three methods:
1 is the same order, 0 none, -1 the reverse; from {agrees:g} on it "agrees".

{orders}
"""


def where(names: Sequence[str]) -> str:
    """Date, machine and versions."""
    machine, versions = environment.machine(), environment.versions()
    said = ", ".join(f"{name} {versions[name]}" for name in ("numpy", *names) if name in versions)
    gigabytes = f"{machine['memory_bytes'] / 1e9:.0f} GB"
    text = (
        f"Measured on {time.strftime('%Y-%m-%d')} on {machine['usable_cores']} cores of {machine['cpu']}, {gigabytes}, "
        f"{machine['system']}, Python {machine['python']}, {said}."
    )
    return textwrap.fill(text, 120)


def parse() -> argparse.Namespace:
    """The command line."""
    names = tuple(dict.fromkeys(figure.backend for figure in FIGURES))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", choices=("a", "b"), default=["a", "b"], help="only this one")
    parser.add_argument("--backend", nargs="+", choices=names, default=list(names), help="only these")
    parser.add_argument("--small", action="store_true", help="small sizes, to see whether everything works")
    parser.add_argument("--out", type=Path, help="write the page there")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure, and say it."""
    options = parse()
    if options.child:
        child(*json.loads(options.child))
        return
    names = [name for name in options.backend if not backends.missing(name)]
    figures = [f for f in FIGURES if f.part in options.part and f.backend in names]
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for part, name, methods in launches(figures):
        start = time.monotonic()
        found |= launch(part, name, methods, options.small)
        print(f"{part} {name} {', '.join(methods)}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    texts = {part: table(figures, found, part) for part in ("a", "b")}
    page = PAGE.format(
        where=where(names), cap=CAP_S, right=RIGHT, agrees=AGREES, orders=orders(figures, found), **texts
    )
    print(page)
    if options.out:
        options.out.write_text(page)


if __name__ == "__main__":
    main()
