"""Every closed form against a hundred digits, at the start point and near it.

A symmetric matrix is known by its quadratic forms v'Hv: random v see an error anywhere, at 3 evaluations of f each.
The slow tests look at every entry. Where there is no closed form, hyper-dual numbers stand in its place.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from hessbench import suites
from hessbench.backends.numeric import hyper_dual
from hessbench.suites.definition.problem import draw

_spec = importlib.util.spec_from_file_location("multiprecision", Path(__file__).with_name("multiprecision.py"))
multiprecision = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(multiprecision)

TOLERANCE = 1e-12
PROBES = 3
NOTHING = 1e-30
"""Of the largest row: a row so small is zero, and differences in many digits leave that of it."""
REST = 1e-3
"""At rest a gradient is what rounding of x leaves of it: so much of |H| |x| is what it is compared with at least."""
SMALL = 50
"""Variables: of more, every entry takes the better part of a minute, and the products see an error in any."""
LEFT_OUT = ("scaling", "quick", "gpu", "models")
"""Suites whose problems are all in others, or too large for a hundred digits."""


def cases(*, closed):
    """The problems with, or without, a closed form; traps have tests of their own."""
    return [
        pytest.param(problem, id=f"{suite}-{problem.name}")
        for suite in suites.BUILT_IN
        if suite not in LEFT_OUT
        for problem in suites.load(suite).values()
        if (problem.hessian is not None) is closed and "trap" not in problem.tags
    ]


def smallest(problem):
    """The problem at its smallest size, and the points where it is looked at."""
    instance = draw(problem, problem.sizes[0])
    return instance, instance.points[:2] if problem.spread else instance.points[:1]


def directions(n):
    """The first axis, and random signs."""
    rng = np.random.default_rng(n)
    return [np.eye(n)[0], *(rng.choice((-1.0, 1.0), n) for _ in range(PROBES))]


def near(found, expected, scale):
    """Whether a number is right to twelve digits of what it is a part of."""
    return np.isfinite(scale) and abs(float(expected - found)) <= TOLERANCE * (scale or 1.0)


def check(problem, hessian, gradient):
    instance, points = smallest(problem)
    for x in points:
        h = hessian(x, *instance.data)
        g = None if gradient is None else gradient(x, *instance.data)
        for v in directions(instance.n):
            slope, curvature = multiprecision.derivatives_along(problem.objective, x, instance.data, v)
            assert near(v @ multiprecision.exact(h) @ v, curvature, np.linalg.norm(h))
            size = 0.0 if g is None else max(np.linalg.norm(g), REST * np.linalg.norm(h) * np.linalg.norm(x))
            assert g is None or near(multiprecision.exact(g) @ v, slope, size)


def worst_entry(problem, hessian, x, data):
    """The largest error of an entry, relative to the largest entries of its row and column."""
    truth = multiprecision.hessian(problem, x.size, x, data)
    error = np.abs((truth - multiprecision.exact(hessian)).astype(float))
    rows = np.max(np.abs(truth.astype(float)), axis=1)
    if "normal-modes" in problem.tags:  # what is left of a row at rest is how x was rounded
        rows = np.maximum(rows, REST * np.max(rows))
    rows = np.where(rows > NOTHING * np.max(rows, initial=0.0), rows, 0.0)
    scale = np.sqrt(np.outer(rows, rows))
    return np.max(error / np.where(scale > 0, scale, 1.0))


@pytest.mark.parametrize("problem", cases(closed=True))
def test_closed_forms_are_right_to_twelve_digits(problem):
    check(problem, problem.hessian, problem.gradient)


@pytest.mark.slow
@pytest.mark.precision
@pytest.mark.parametrize("problem", [case for case in cases(closed=True) if case.values[0].sizes[0] <= SMALL])
def test_every_entry_of_a_closed_form_is_right_to_twelve_digits(problem):
    """At the start point; the products above see the other one too."""
    instance, (x, *_) = smallest(problem)
    assert worst_entry(problem, problem.hessian(x, *instance.data), x, instance.data) <= TOLERANCE


@pytest.mark.parametrize("problem", cases(closed=False))
def test_hyper_dual_numbers_are_right_to_twelve_digits(problem):
    instance, points = smallest(problem)
    for x in points:
        hessian = hyper_dual.hessian(lambda y: problem.objective(hyper_dual.namespace(), y, *instance.data), x)
        assert worst_entry(problem, hessian, x, instance.data) <= TOLERANCE


@pytest.mark.parametrize("size", [1e-10, 1e-6])
def test_a_wrong_entry_is_found(size):
    problem = suites.load("quick")["rosenbrock"]

    def spoiled(x, *data):
        h = problem.hessian(x, *data)
        h[2, 3] *= 1 + size
        h[3, 2] = h[2, 3]
        return h

    with pytest.raises(AssertionError):
        check(problem, spoiled, None)
    instance, (x, _) = smallest(problem)
    assert worst_entry(problem, spoiled(x, *instance.data), x, instance.data) > TOLERANCE


def test_a_wrong_entry_of_a_gradient_is_found():
    problem = suites.load("quick")["rosenbrock"]

    def spoiled(x, *data):
        g = problem.gradient(x, *data)
        g[1] *= 1 + 1e-10
        return g

    with pytest.raises(AssertionError):
        check(problem, problem.hessian, spoiled)


def test_infinity_is_not_right():
    problem = suites.load("quick")["rosenbrock"]
    with pytest.raises(AssertionError):
        check(problem, lambda x, *data: np.full((x.size, x.size), np.inf), None)
