"""Every closed form against a hundred digits, at the start point and near it.

A symmetric matrix is known by its quadratic forms v'Hv: random v see an error anywhere, at 3 evaluations of f each.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import suites
from suites.problem import draw

_spec = importlib.util.spec_from_file_location("multiprecision", Path(__file__).with_name("multiprecision.py"))
multiprecision = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(multiprecision)

TOLERANCE = 1e-12
PROBES = 3
LEFT_OUT = ("scaling", "quick")
"""Suites whose problems are all in others."""


def cases():
    return [
        pytest.param(problem, id=f"{suite}-{problem.name}")
        for suite in suites.BUILT_IN
        if suite not in LEFT_OUT
        for problem in suites.load(suite).values()
        if problem.hessian is not None and "trap" not in problem.tags
    ]


def directions(n):
    """The first axis, and random signs."""
    rng = np.random.default_rng(n)
    return [np.eye(n)[0], *(rng.choice((-1.0, 1.0), n) for _ in range(PROBES))]


def check(problem, hessian, gradient):
    instance = draw(problem, problem.sizes[0])
    for x in instance.points[:2] if problem.spread else instance.points[:1]:
        h = hessian(x, *instance.data)
        for v in directions(instance.n):
            slope, curvature = multiprecision.derivatives_along(problem.objective, x, instance.data, v)
            scale = float(np.abs(v) @ np.abs(h) @ np.abs(v)) or 1.0
            assert abs(float(curvature - v @ multiprecision.exact(h) @ v)) <= TOLERANCE * scale
            if gradient is not None:
                g = gradient(x, *instance.data)
                size = float(np.abs(g) @ np.abs(v)) + float(np.abs(x) @ np.abs(h) @ np.abs(v))
                assert abs(float(slope) - float(g @ v)) <= TOLERANCE * (size or 1.0)


@pytest.mark.parametrize("problem", cases())
def test_closed_forms_are_right_to_twelve_digits(problem):
    check(problem, problem.hessian, problem.gradient)


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
