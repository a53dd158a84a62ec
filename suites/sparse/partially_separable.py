"""Functions with sparse Hessians whose pattern and number of colors are known; f costs O(n), without a loop."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.elements import arrow, element_gradient, element_hessian, element_pattern, tridiagonal
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


def _arrowhead_hessian(x: FloatArray) -> FloatArray:
    s = x[:-1] ** 2 + x[-1] ** 2
    hessian = np.diag(np.append(4 * s + 8 * x[:-1] ** 2, np.sum(4 * s + 8 * x[-1] ** 2)))
    hessian[:-1, -1] = hessian[-1, :-1] = 8 * x[:-1] * x[-1]
    return hessian


arrowhead = Problem(
    name="arrowhead",
    objective=_arrowhead,
    sizes=(16, 100, 1000),
    start=lambda n, rng: np.ones(n),
    gradient=_arrowhead_gradient,
    hessian=_arrowhead_hessian,
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


def _liarwhd_hessian(x: FloatArray) -> FloatArray:
    hessian = np.diag(48 * x**2 - 16 * x[0] + 2)
    hessian[0] -= 16 * x
    hessian[:, 0] -= 16 * x
    hessian[0, 0] += 8 * x.size
    return hessian


liarwhd = Problem(
    name="liarwhd",
    objective=_liarwhd,
    sizes=(16, 100, 1000),
    start=lambda n, rng: np.full(n, 4.0),
    gradient=_liarwhd_gradient,
    hessian=_liarwhd_hessian,
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


def _nondia_hessian(x: FloatArray) -> FloatArray:
    used = x[:-1]
    hessian = np.diag(np.append(1200 * used**2 - 400 * x[0], 0.0))
    hessian[0, :-1] -= 400 * used
    hessian[:-1, 0] -= 400 * used
    hessian[0, 0] += 200 * used.size + 2
    return hessian


nondia = Problem(
    name="nondia",
    objective=_nondia,
    sizes=(16, 100, 1000),
    start=lambda n, rng: np.full(n, -1.0),
    gradient=_nondia_gradient,
    hessian=_nondia_hessian,
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


def _tridia(xp: Any, x: Any) -> Any:
    r"""f(x) = (x_1 - 1)^2 + sum_{i>1} i (2 x_i - x_{i-1})^2; a quadratic of condition about 12 n.

    $$f(x) = (x_1 - 1)^2 + \sum_{i=2}^n i\,(2 x_i - x_{i-1})^2$$
    """
    weights = xp.arange(2, x.shape[0] + 1, dtype=x.dtype)
    return xp.square(x[0] - 1) + xp.sum(weights * xp.square(2 * x[1:] - x[:-1]))


def _tridia_gradient(x: FloatArray) -> FloatArray:
    residual = np.arange(2, x.size + 1) * (2 * x[1:] - x[:-1])
    gradient = np.append(2 * (x[0] - 1), 4 * residual)
    gradient[:-1] -= 2 * residual
    return gradient


def _tridia_hessian(x: FloatArray) -> FloatArray:
    weights = np.arange(2.0, x.size + 1)
    diagonal = np.append(2.0, 8 * weights)
    diagonal[:-1] += 2 * weights
    return np.diag(diagonal) + np.diag(-4 * weights, 1) + np.diag(-4 * weights, -1)


tridia = Problem(
    name="tridia",
    objective=_tridia,
    sizes=(16, 100, 1000),
    start=lambda n, rng: np.ones(n),
    gradient=_tridia_gradient,
    hessian=_tridia_hessian,
    allowed=Size.at_least(4),
    source="Buckley 1989, Test functions for unconstrained minimization, Dalhousie University TR 1989CS-3",
    convention="CUTEst TRIDIA with alpha = 2, beta = gamma = delta = 1",
    named_points={"minimum": lambda n, rng: 0.5 ** np.arange(n)},
    published=(Published("minimum", 100, 0.0, 1e-300, "CUTEst, TRIDIA.SIF"),),
    structure=Structure(pattern=tridiagonal, colors=3, definiteness="positive definite", constant=True),
    tags=("convex", "constant-hessian", "least-squares", "sparse", "tridiagonal"),
)


def _diagonal_quartic(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (x_i - i)^4; separable, and the Hessian vanishes at the minimum.

    $$f(x) = \sum_{i=1}^n (x_i - i)^4$$
    """
    shifted = x - xp.arange(1, x.shape[0] + 1, dtype=x.dtype)
    return xp.sum(xp.square(shifted * shifted))


def _diagonal_quartic_hessian(x: FloatArray) -> FloatArray:
    return np.diag(12 * (x - np.arange(1, x.size + 1)) ** 2)


diagonal_quartic = Problem(
    name="diagonal_quartic",
    objective=_diagonal_quartic,
    sizes=(16, 100, 1000),
    start=lambda n, rng: np.full(n, 2.0),
    gradient=lambda x: 4 * (x - np.arange(1, x.size + 1)) ** 3,
    hessian=_diagonal_quartic_hessian,
    allowed=Size.at_least(2),
    source="Buckley 1989, Test functions for unconstrained minimization, Dalhousie University TR 1989CS-3, problem 157",
    convention="CUTEst DQRTIC, the same function as QUARTC",
    named_points={"minimum": lambda n, rng: np.arange(1.0, n + 1)},
    published=(Published("minimum", 100, 0.0, 1e-300, "CUTEst, DQRTIC.SIF"),),
    structure=Structure(pattern=lambda n: (np.arange(n), np.arange(n)), colors=1, definiteness="positive semidefinite"),
    tags=("convex", "polynomial", "sparse", "diagonal"),
)


def _chained_wood(xp: Any, x: Any) -> Any:
    r"""f(x) = 1 + Wood's function of every four neighbors, each group of four sharing two with the next.

    $$f(x) = 1 + \sum_{i=1}^{n/2-1} 100\,(x_{2i} - x_{2i-1}^2)^2 + (1 - x_{2i-1})^2
    + 90\,(x_{2i+2} - x_{2i+1}^2)^2 + (1 - x_{2i+1})^2
    + 10\,(x_{2i} + x_{2i+2} - 2)^2 + \tfrac1{10} (x_{2i} - x_{2i+2})^2$$
    """
    a, b, c, d = x[:-2:2], x[1:-2:2], x[2::2], x[3::2]
    first = 100 * xp.square(b - a * a) + xp.square(1 - a)
    second = 90 * xp.square(d - c * c) + xp.square(1 - c)
    return 1 + xp.sum(first + second + 10 * xp.square(b + d - 2) + 0.1 * xp.square(b - d))


def _fours(n: int) -> IntArray:
    return 2 * np.arange(n // 2 - 1)[:, None] + np.arange(4)


def _chained_wood_gradient(x: FloatArray) -> FloatArray:
    a, b, c, d = x[_fours(x.size)].T
    one, two, both, apart = b - a**2, d - c**2, 20 * (b + d - 2), 0.2 * (b - d)
    slopes = (
        -400 * a * one - 2 * (1 - a),
        200 * one + both + apart,
        -360 * c * two - 2 * (1 - c),
        180 * two + both - apart,
    )
    return element_gradient(x.size, _fours(x.size), np.stack(slopes, axis=1))


def _chained_wood_hessian(x: FloatArray) -> FloatArray:
    a, b, c, d = x[_fours(x.size)].T
    blocks = np.zeros((a.size, 4, 4))
    blocks[:, 0, 0], blocks[:, 2, 2] = 1200 * a**2 - 400 * b + 2, 1080 * c**2 - 360 * d + 2
    blocks[:, 1, 1], blocks[:, 3, 3] = 220.2, 200.2
    blocks[:, 0, 1] = blocks[:, 1, 0] = -400 * a
    blocks[:, 2, 3] = blocks[:, 3, 2] = -360 * c
    blocks[:, 1, 3] = blocks[:, 3, 1] = 19.8
    return element_hessian(x.size, _fours(x.size), blocks)


def _caterpillar(n: int) -> tuple[IntArray, IntArray]:
    even = np.arange(1, n, 2)
    links = np.stack([even[:-1], even[1:]], axis=1)
    return element_pattern(n, np.concatenate([np.stack([even - 1, even], axis=1), links]))


chained_wood = Problem(
    name="chained_wood",
    objective=_chained_wood,
    sizes=(16, 100, 1000),
    start=lambda n, rng: np.append([-3.0, -1.0, -3.0, -1.0], np.full(n - 4, -2.0)),
    gradient=_chained_wood_gradient,
    hessian=_chained_wood_hessian,
    allowed=Size.multiple_of(2, least=4),
    source="Conn, Gould & Toint 1988, doi:10.1090/S0025-5718-1988-0929544-3, problem 8",
    convention="CUTEst CHAINWOO, which adds 1",
    named_points={"minimum": lambda n, rng: np.ones(n)},
    structure=Structure(pattern=_caterpillar, colors=3, definiteness="positive definite"),
    tags=("least-squares", "polynomial", "sparse", "tree"),
)
