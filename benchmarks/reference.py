"""The finite-difference reference against closed forms, and beside numdifftools.

    python benchmarks/reference.py [SUITE ...]

Prints per problem the true relative error, what the bound says, the share of entries that it covers and how much too
wide it is (median over entries with an error); then time and error beside `numdifftools.Hessian` at n = 20, the errors
from Hessians in a hundred digits: a closed form in float64 is off by more than both where f is a polynomial.
"""

import argparse
import importlib.util
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hessbench import suites
from hessbench.backends.numeric.reference import reference
from hessbench.suites.definition.problem import Instance, closed_form, draw

LARGEST = 50
SUITES = ("quick", "classic", "nist", "physics", "sparse")
OWN_ROUNDING = 64 * float(np.finfo(np.float64).eps)
"""Of the closed form in float64, relative to its largest entry."""

BESIDE = (
    ("quick", "rosenbrock"),
    ("quick", "quadratic"),
    ("quick", "logistic_regression"),
    ("quick", "tanh_network"),
    ("statistics", "poisson_regression"),
    ("statistics", "student_t_regression"),
    ("ml", "softmax_regression"),
    ("ml", "gaussian_mixture"),
    ("physics", "xy_ring"),
    ("classic", "styblinski_tang"),
)
"""Suite and problem."""
VARIABLES = 20
"""Of them, beside numdifftools."""

ROUNDS = 7


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
            print(
                f"{instance.problem.name:28s} n={instance.n:3d} error {errors[-1]:.1e} "
                f"bound {np.linalg.norm(found.bound) / scale:.1e} covered {np.mean(inside):6.1%} "
                f"too wide {np.median(ratios) if ratios.size else 1:8.0f} {found.judge} {seconds:.3f} s"
            )
    print(
        f"{len(errors)} points: largest relative error {max(errors):.1e}; "
        f"above 1e-11: {np.sum(np.array(errors) > 1e-11)}; "
        f"entries covered {np.mean(np.concatenate(covered)):.3%}; "
        f"bound too wide by {np.median(np.concatenate(widths)):.0f} (median)"
    )


def beside_numdifftools() -> None:
    """Both on the same functions, one after the other, so that the machine's moods meet both."""
    import numdifftools

    for suite, name in BESIDE:
        instance = draw(suites.load(suite)[name], VARIABLES)
        f, data, x = instance.problem.objective, instance.data, instance.points[0]
        truth = in_a_hundred_digits(instance, x)
        calls = partial(_ours, f, data), numdifftools.Hessian(partial(_value, f, data))
        seconds = np.array([[_seconds(call, x) for call in calls] for _ in range(ROUNDS)])
        ours, theirs = np.min(seconds, axis=0)
        error, their_error = (_relative_error(call(x), truth) for call in calls)
        print(
            f"{name} n = {instance.n}: {ours * 1e3:.1f} ms, error {error:.1e}; numdifftools {theirs * 1e3:.1f} ms, "
            f"error {their_error:.1e}: {np.median(seconds[:, 1] / seconds[:, 0]):.1f} times faster, "
            f"{their_error / error:.0f} times as accurate"
        )


def in_a_hundred_digits(instance: Instance, x: np.ndarray) -> np.ndarray:
    """The Hessian (n, n) as mpmath numbers, by the tests' arithmetic."""
    path = Path(__file__).parents[1] / "tests" / "suites" / "multiprecision.py"
    spec = importlib.util.spec_from_file_location("multiprecision", path)
    assert spec
    assert spec.loader
    arithmetic = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(arithmetic)
    return np.asarray(arithmetic.hessian(instance.problem, x.size, x, instance.data))


def _relative_error(value: np.ndarray, truth: np.ndarray) -> float:
    return float(np.linalg.norm((truth - value).astype(float)) / np.linalg.norm(truth.astype(float)))


def _value(f: Callable[..., Any], data: tuple[np.ndarray, ...], x: np.ndarray) -> float:
    return float(f(np, x, *data))


def _ours(f: Callable[..., Any], data: tuple[np.ndarray, ...], x: np.ndarray) -> np.ndarray:
    return reference("hessian", f, x, data).value


def _seconds(call: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> float:
    start = time.perf_counter()
    call(x)
    return time.perf_counter() - start


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("suites", nargs="*", default=list(SUITES))
    warnings.simplefilter("ignore")
    accuracy(parser.parse_args().suites)
    beside_numdifftools()


if __name__ == "__main__":
    main()
