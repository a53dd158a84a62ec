"""The finite-difference reference against closed forms, and beside numdifftools.

    python benchmarks/reference.py [SUITE ...]

Prints per problem the true relative error, what the bound says, the share of entries that it covers and how much too
wide it is (median over entries with an error); then time and error beside `numdifftools.Hessian` at n = 20.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import suites
from backends.reference import reference
from suites.problem import Instance, closed_form, draw

LARGEST = 50
SUITES = ("quick", "classic", "nist", "physics", "sparse")
OWN_ROUNDING = 64 * float(np.finfo(np.float64).eps)
"""Of the closed form in float64, relative to its largest entry."""


def instances(names: list[str]) -> list[Instance]:
    """Every problem that has a closed form at every size up to `LARGEST`."""
    problems = [problem for name in names for problem in suites.load(name).values() if problem.hessian is not None]
    return [draw(problem, n) for problem in problems for n in problem.sizes if n <= LARGEST]


def accuracy(names: list[str]) -> None:
    """A line per problem and point, and the totals."""
    errors, covered, widths = [], [], []
    for instance in instances(names):
        for x in instance.points[:2]:
            truth = closed_form(instance, "hessian", x)
            start = time.perf_counter()
            found = reference("hessian", instance.problem.objective, x, instance.data)
            seconds = time.perf_counter() - start
            scale, error = np.linalg.norm(truth) or 1.0, np.abs(found.value - truth)
            inside = error <= found.bound + OWN_ROUNDING * np.max(np.abs(truth))
            ratios = found.bound[error > 0] / error[error > 0]
            errors.append(np.linalg.norm(error) / scale)
            covered.append(np.ravel(inside))
            widths.append(ratios)
            print(f"{instance.problem.name:28s} n={instance.n:3d} error {errors[-1]:.1e} "
                  f"bound {np.linalg.norm(found.bound) / scale:.1e} covered {np.mean(inside):6.1%} "
                  f"too wide {np.median(ratios) if ratios.size else 1:8.0f} {found.judge} {seconds:.3f} s")  # fmt: skip
    print(f"{len(errors)} points: largest relative error {max(errors):.1e}; "
          f"above 1e-11: {np.sum(np.array(errors) > 1e-11)}; "
          f"entries covered {np.mean(np.concatenate(covered)):.3%}; "
          f"bound too wide by {np.median(np.concatenate(widths)):.0f} (median)")  # fmt: skip


def beside_numdifftools(n: int = 20) -> None:
    """Both on the same functions."""
    import numdifftools

    for name in ("rosenbrock", "logistic_regression", "tanh_network", "quadratic"):
        instance = draw(suites.load("quick")[name], n)
        f, data, x = instance.problem.objective, instance.data, instance.points[0]
        truth = closed_form(instance, "hessian", x)
        other = numdifftools.Hessian(partial(_value, f, data))
        ours, error = best_of_three(partial(_ours, f, data), x, truth)
        theirs, their_error = best_of_three(other, x, truth)
        print(f"{name} n = {n}: {ours * 1e3:.1f} ms, error {error:.1e}; numdifftools {theirs * 1e3:.1f} ms, "
              f"error {their_error:.1e}: {theirs / ours:.1f} times faster, "
              f"{their_error / error:.0f} times as accurate")  # fmt: skip


def _value(f: Callable[..., Any], data: tuple[np.ndarray, ...], x: np.ndarray) -> float:
    return float(f(np, x, *data))


def _ours(f: Callable[..., Any], data: tuple[np.ndarray, ...], x: np.ndarray) -> np.ndarray:
    return reference("hessian", f, x, data).value


def best_of_three(call: Callable[[np.ndarray], np.ndarray], x: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Least seconds, and the relative error."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        value = call(x)
        seconds.append(time.perf_counter() - start)
    return min(seconds), float(np.linalg.norm(value - truth) / np.linalg.norm(truth))


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("suites", nargs="*", default=list(SUITES))
    warnings.simplefilter("ignore")
    accuracy(parser.parse_args().suites)
    beside_numdifftools()


if __name__ == "__main__":
    main()
