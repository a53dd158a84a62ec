"""Newton's method to its end by the framework's stock Hessian, and by the fastest one, in pairs.

    python benchmarks/newton_pairs.py jax [PROBLEM...]     # a Markdown table; one framework per process

For every problem of the suite `applications` that has a solution: all methods of `stationary-point` that give the
right point, called in turn in random order, so that a mood of the machine meets all. The ratio is the median over
rounds of stock over fastest, with its interval; the fastest is chosen on rounds of its own, so 1 can be undercut.
"""

from __future__ import annotations

import argparse
import random
import time

import numpy as np

from hessbench import backends, suites
from hessbench.backends.contract.interface import Backend, Prepared
from hessbench.results.comparing.statistics import median_interval
from hessbench.suites.definition.problem import Instance, Problem, draw

STOCK = {"jax": "hessian", "torch": "func-hessian", "tensorflow": "jacobian", "autograd": "jacobian-grad"}
"""The Hessian that each framework's documentation shows."""
ROUNDS, SAME = 15, 1e-6


def prepared(backend: Backend, instance: Instance) -> dict[str, Prepared]:
    """The methods that lead to the point that most of them lead to, by the name of their Hessian."""
    found, ends = {}, {}
    for method in backend.methods:
        if method.operator == "stationary-point" and method.execution != "inductor":
            ready = backend.prepare(method, instance.problem.objective, instance.data, instance.points[0])
            ends[method.name] = backend.to_numpy(ready.call(backend.asarray(instance.points[0])))
            found[method.name] = ready
    middle = np.median(np.stack([*ends.values()]), axis=0)
    right = [name for name, end in ends.items() if np.allclose(end, middle, rtol=SAME, atol=SAME)]
    return {name: found[name] for name in right}


def rounds(backend: Backend, calls: dict[str, Prepared], x: np.ndarray, dice: random.Random) -> dict[str, list[float]]:
    """Seconds of each method in each round."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    start = backend.asarray(x)
    for _ in range(ROUNDS):
        for name in dice.sample([*calls], len(calls)):
            begin = time.perf_counter()
            backend.to_numpy(calls[name].call(start))
            seconds[name].append(time.perf_counter() - begin)
    return seconds


def row(backend: Backend, problem: Problem) -> str:
    """A line of the table; empty where the stock Hessian has no rival or no end."""
    instance, dice = draw(problem, problem.sizes[-1]), random.Random(0)
    with backend.scope():
        calls = prepared(backend, instance)
        stock = next((name for name in calls if f"-{STOCK[backend.name]}-" in name), "")
        if not stock or len(calls) < 2:
            return ""
        chosen = rounds(backend, calls, instance.points[0], dice)
        fastest = min(chosen, key=lambda name: float(np.median(chosen[name])))
        seen = rounds(backend, calls, instance.points[0], dice)
    ratios = np.divide(seen[stock], seen[fastest])
    low, high, _ = median_interval(ratios.tolist())
    times = " | ".join(f"{1e3 * float(np.median(seen[name])):.3g} ms" for name in (stock, fastest))
    return (
        f"| {problem.name} | {instance.n} | {fastest} | {times} | {np.median(ratios):.2f} ({low:.2f} to {high:.2f}) |"
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("framework", choices=STOCK)
    parser.add_argument("problems", nargs="*")
    asked = parser.parse_args()
    backend = backends.open(asked.framework, "float64", "cpu")
    print("| problem | n | fastest | stock | fastest | stock over fastest |\n|---|---|---|---|---|---|")
    for name, problem in suites.load("applications").items():
        if not asked.problems or name in asked.problems:
            try:
                line = row(backend, problem)
            except Exception as error:  # a framework can raise anything; the others are shown
                line = f"| {name} | | {type(error).__name__} | | | |"
            if line:
                print(line, flush=True)


if __name__ == "__main__":
    main()
