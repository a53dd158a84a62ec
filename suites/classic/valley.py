"""Rosenbrock's valley, chained over any number of variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray
from hessbench.suites.definition.elements import filled, mirrored, tridiagonal
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _rosenbrock(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, chained over i = 1..n-1.

    $$f(x) = \sum_{i=1}^{n-1} 100\,(x_{i+1} - x_i^2)^2 + (1 - x_i)^2$$
    """
    head, tail = x[:-1], x[1:]
    return xp.sum(100 * xp.square(tail - head * head) + xp.square(1 - head))


def _residuals(xp: Any, x: Any) -> Any:
    return xp.stack([10 * (x[1:] - x[:-1] * x[:-1]), 1 - x[:-1]])


def _rosenbrock_gradient(x: FloatArray) -> FloatArray:
    head, residual = x[:-1], x[1:] - x[:-1] ** 2
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * head * residual - 2 * (1 - head)
    gradient[1:] += 200 * residual
    return gradient


def _rosenbrock_entries(x: FloatArray) -> Entries:
    head, tail = x[:-1], x[1:]
    diagonal = np.zeros_like(x)
    diagonal[:-1] = 1200 * head**2 - 400 * tail + 2
    diagonal[1:] += 200
    return mirrored(x.size, diagonal, (np.arange(1, x.size), np.arange(x.size - 1), -400 * head))


rosenbrock = Problem(
    name="rosenbrock",
    objective=_rosenbrock,
    sizes=(10, 100),
    start=lambda n, rng: np.where(np.arange(n) % 2 == 0, -1.2, 1.0),
    gradient=_rosenbrock_gradient,
    hessian=filled(_rosenbrock_entries),
    sparse_hessian=_rosenbrock_entries,
    allowed=Size.at_least(2),
    named_points={"minimum": lambda n, rng: np.ones(n)},
    published=(Published("minimum", 10, 0.0, 1e-300, "Rosenbrock 1960"),),
    structure=Structure(pattern=tridiagonal, colors=3),
    model=Model(_residuals, lambda xp, z: xp.sum(xp.square(z))),
    source="Rosenbrock 1960, doi:10.1093/comjnl/3.3.175; chained as in Toint 1978, "
    "doi:10.1090/S0025-5718-1978-0483452-7",
    tags=("least-squares", "sparse", "tridiagonal"),
)

PROBLEMS = (rosenbrock,)
