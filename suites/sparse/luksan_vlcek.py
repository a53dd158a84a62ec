"""Chained Rosenbrock with constraints, the usual first test of interior-point methods."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray
from hessbench.suites.definition.elements import filled, mirrored, tridiagonal
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _luksan_vlcek(xp: Any, x: Any, sigma: Any, multipliers: Any) -> Any:
    r"""f(x) = sigma chained Rosenbrock + multipliers . constraints that couple three neighbors: a Lagrangian.

    $$f(x) = \sigma \sum_{i=1}^{n-1} 100\,(x_i^2 - x_{i+1})^2 + (x_i - 1)^2 + \sum_{k=1}^{n-2} \lambda_k c_k(x),\quad
    c_k = 3 x_{k+1}^3 + 2 x_{k+2} - 5 + \sin(x_{k+1} - x_{k+2}) \sin(x_{k+1} + x_{k+2}) + 4 x_{k+1}
    - x_k e^{x_k - x_{k+1}} - 3$$
    """
    head, tail = x[:-1], x[1:]
    a, b, c = x[:-2], x[1:-1], x[2:]
    objective = xp.sum(100 * xp.square(head * head - tail) + xp.square(head - 1))
    constraints = 3 * b * b * b + 2 * c - 5 + xp.sin(b - c) * xp.sin(b + c) + 4 * b - a * xp.exp(a - b) - 3
    return sigma * objective + xp.sum(multipliers * constraints)


def _gradient(x: FloatArray, sigma: FloatArray, multipliers: FloatArray) -> FloatArray:
    """With sin(b - c) sin(b + c) = sin^2 b - sin^2 c, whose derivatives are sin 2b and -sin 2c."""
    head, tail = x[:-1], x[1:]
    a, b, c, valley = x[:-2], x[1:-1], x[2:], head**2 - tail
    growth = np.exp(a - b)
    total = np.zeros_like(x)
    total[:-1] += sigma * (400 * head * valley + 2 * (head - 1))
    total[1:] -= sigma * 200 * valley
    total[:-2] -= multipliers * (1 + a) * growth
    total[1:-1] += multipliers * (9 * b**2 + np.sin(2 * b) + 4 + a * growth)
    total[2:] += multipliers * (2 - np.sin(2 * c))
    return total


def _entries(x: FloatArray, sigma: FloatArray, multipliers: FloatArray) -> Entries:
    head, a, b, c = x[:-1], x[:-2], x[1:-1], x[2:]
    growth = multipliers * np.exp(a - b)
    diagonal = np.zeros_like(x)
    diagonal[:-1] += sigma * (1200 * head**2 - 400 * x[1:] + 2)
    diagonal[1:] += 200 * sigma
    diagonal[:-2] -= (2 + a) * growth
    diagonal[1:-1] += multipliers * (18 * b + 2 * np.cos(2 * b)) - a * growth
    diagonal[2:] -= multipliers * 2 * np.cos(2 * c)
    beside = -400 * sigma * head
    beside[:-1] += (1 + a) * growth
    return mirrored(x.size, diagonal, (np.arange(1, x.size), np.arange(x.size - 1), beside))


def _multipliers(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    return np.array(1.0), rng.standard_normal(n - 2)


luksan_vlcek = Problem(
    name="luksan_vlcek",
    objective=_luksan_vlcek,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: np.where(np.arange(n) % 2 == 0, -1.2, 1.0),
    data=_multipliers,
    gradient=_gradient,
    hessian=filled(_entries),
    sparse_hessian=_entries,
    allowed=Size.at_least(4),
    source="Luksan & Vlcek 1999, Sparse and partially separable test problems for unconstrained and equality "
    "constrained optimization, ICS AS CR V767, problem 5.1",
    convention="the Lagrangian, as solvers ask for it: sigma = 1, random multipliers; constraints as in ExaModels",
    structure=Structure(pattern=tridiagonal, colors=3),
    tags=("sparse", "tridiagonal", "lagrangian"),
)

PROBLEMS = (luksan_vlcek,)
