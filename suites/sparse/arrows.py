"""Arrows: a diagonal, and one full row and column."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray
from hessbench.suites.definition.elements import (
    arrow,
    element_pattern,
    filled,
    mirrored,
)
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

CGLT = "Conn, Gould, Lescrenier & Toint 1988, Performance of a multifrontal scheme for partially separable optimization"


def _arrowhead(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_{i<n} (x_i^2 + x_n^2)^2 - 4 x_i + 3; a diagonal, and a full last row and column.

    $$f(x) = \sum_{i=1}^{n-1} (x_i^2 + x_n^2)^2 - 4 x_i + 3$$
    """
    head, hub = x[:-1], x[-1]
    return xp.sum(xp.square(head * head + hub * hub) - 4 * head + 3)


def _arrowhead_gradient(x: FloatArray) -> FloatArray:
    s = x[:-1] ** 2 + x[-1] ** 2
    return np.append(4 * s * x[:-1] - 4, 4 * s.sum() * x[-1])


def _arrowhead_entries(x: FloatArray) -> Entries:
    s = x[:-1] ** 2 + x[-1] ** 2
    diagonal = np.append(4 * s + 8 * x[:-1] ** 2, np.sum(4 * s + 8 * x[-1] ** 2))
    return mirrored(x.size, diagonal, (x.size - 1, np.arange(x.size - 1), 8 * x[:-1] * x[-1]))


arrowhead = Problem(
    name="arrowhead",
    objective=_arrowhead,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: np.ones(n),
    gradient=_arrowhead_gradient,
    hessian=filled(_arrowhead_entries),
    sparse_hessian=_arrowhead_entries,
    allowed=Size.at_least(2),
    source=f"{CGLT}, problem 55",
    convention="CUTEst ARWHEAD: 3 - 4 x_i is not squared",
    named_points={"minimum": lambda n, rng: np.append(np.ones(n - 1), 0.0)},
    published=(Published("minimum", 100, 0.0, 1e-300, "CUTEst, ARWHEAD.SIF"),),
    structure=Structure(
        pattern=lambda n: element_pattern(n, arrow(n, n - 1)), colors=2, definiteness="positive definite"
    ),
    tags=("polynomial", "sparse", "arrow"),
)


def _liarwhd(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i 4 (x_i^2 - x_1)^2 + (x_i - 1)^2; a diagonal, and a full first row and column.

    $$f(x) = \sum_{i=1}^n 4\,(x_i^2 - x_1)^2 + (x_i - 1)^2$$
    """
    return xp.sum(4 * xp.square(x * x - x[0]) + xp.square(x - 1))


def _liarwhd_gradient(x: FloatArray) -> FloatArray:
    residual = x**2 - x[0]
    gradient = 16 * residual * x + 2 * (x - 1)
    gradient[0] -= 8 * residual.sum()
    return gradient


def _liarwhd_entries(x: FloatArray) -> Entries:
    diagonal = 48 * x**2 - 16 * x[0] + 2
    diagonal[0] += 8 * x.size - 32 * x[0]  # of (x_1^2 - x_1)^2 both parts are x_1
    return mirrored(x.size, diagonal, (np.arange(1, x.size), 0, -16 * x[1:]))


liarwhd = Problem(
    name="liarwhd",
    objective=_liarwhd,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: np.full(n, 4.0),
    gradient=_liarwhd_gradient,
    hessian=filled(_liarwhd_entries),
    sparse_hessian=_liarwhd_entries,
    allowed=Size.at_least(2),
    source="Li 1990, The secant/finite difference algorithm for solving sparse nonlinear systems of equations",
    convention="CUTEst LIARWHD",
    named_points={"minimum": lambda n, rng: np.ones(n)},
    published=(Published("minimum", 100, 0.0, 1e-300, "CUTEst, LIARWHD.SIF"),),
    structure=Structure(pattern=lambda n: element_pattern(n, arrow(n, 0)), colors=2, definiteness="positive definite"),
    tags=("least-squares", "polynomial", "sparse", "arrow"),
)


def _nondia(xp: Any, x: Any) -> Any:
    r"""f(x) = (x_1 - 1)^2 + sum_{i<n} 100 (x_1 - x_i^2)^2; an arrow, and x_n has no influence.

    $$f(x) = (x_1 - 1)^2 + \sum_{i=1}^{n-1} 100\,(x_1 - x_i^2)^2$$
    """
    return xp.square(x[0] - 1) + 100 * xp.sum(xp.square(x[0] - x[:-1] * x[:-1]))


def _nondia_gradient(x: FloatArray) -> FloatArray:
    residual = x[0] - x[:-1] ** 2
    gradient = np.append(-400 * residual * x[:-1], 0.0)
    gradient[0] += 200 * residual.sum() + 2 * (x[0] - 1)
    return gradient


def _nondia_entries(x: FloatArray) -> Entries:
    used = x[:-1]
    diagonal = 1200 * used**2 - 400 * x[0]
    diagonal[0] += 200 * used.size + 2 - 800 * x[0]
    return mirrored(used.size, diagonal, (np.arange(1, used.size), 0, -400 * used[1:]))  # x_n has no entry


nondia = Problem(
    name="nondia",
    objective=_nondia,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: np.full(n, -1.0),
    gradient=_nondia_gradient,
    hessian=filled(_nondia_entries),
    sparse_hessian=_nondia_entries,
    allowed=Size.at_least(3),
    source="Shanno 1978, On variable metric methods for sparse Hessians II: the new method",
    convention="CUTEst NONDIA, where the i-th square takes x_{i-1}, so that x_n is not used; "
    "its translation to AMPL has (100 x_1 - x_i^2)^2 instead",
    named_points={"minimum": lambda n, rng: np.ones(n)},
    published=(Published("minimum", 100, 0.0, 1e-300, "CUTEst, NONDIA.SIF"),),
    structure=Structure(
        pattern=lambda n: element_pattern(n - 1, arrow(n - 1, 0)),
        colors=2,
        definiteness="positive semidefinite",
        null_vectors=lambda x: np.eye(1, x.size, x.size - 1),
    ),
    tags=("least-squares", "polynomial", "sparse", "arrow", "unused-variable", "null-vectors"),
)

PROBLEMS = (
    arrowhead,
    liarwhd,
    nondia,
)
