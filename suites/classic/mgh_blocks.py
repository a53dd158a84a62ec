"""Blocks of two or four variables that do not meet, of More, Garbow & Hillstrom 1981; any number of blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.classic.mgh_residuals import Residuals, minpack, toms, variable, zero
from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.elements import element_pattern
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.size import Size


def _extended_rosenbrock(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i 100 (x_{2i} - x_{2i-1}^2)^2 + (1 - x_{2i-1})^2; n/2 separate valleys of Rosenbrock.

    $$f(x) = \sum_{i=1}^{n/2} 100\,(x_{2i} - x_{2i-1}^2)^2 + (1 - x_{2i-1})^2$$
    """
    odd, even = x[::2], x[1::2]
    return xp.sum(100 * xp.square(even - odd * odd) + xp.square(1 - odd))


def _extended_rosenbrock_residuals(x: FloatArray) -> Residuals:
    odd, even = x[::2], x[1::2]
    i = np.arange(odd.size)
    jacobian = np.zeros((x.size, x.size))
    jacobian[i, 2 * i], jacobian[i, 2 * i + 1] = -20 * odd, 10
    jacobian[odd.size + i, 2 * i] = -1

    def curvature(w: FloatArray) -> FloatArray:
        return np.diag(np.stack([-20 * w[: odd.size], 0 * odd], axis=1).ravel())

    return Residuals(np.concatenate([10 * (even - odd**2), 1 - odd]), jacobian, curvature)


def _blocks(n: int, members: list[list[int]]) -> IntArray:
    """Groups of variables of the first block, repeated in all blocks."""
    first = np.array(members)
    width = int(first.max()) + 1
    return (width * np.arange(n // width)[:, None, None] + first).reshape(-1, first.shape[1])


extended_rosenbrock = variable(
    21,
    "Spedicato 1975",
    _extended_rosenbrock,
    _extended_rosenbrock_residuals,
    (4, 12, 100),
    start=lambda n: np.tile([-1.2, 1.0], n // 2),
    allowed=Size.multiple_of(2),
    convention="the paper: pairs that do not meet; the chained one is another function",
    named_points={"minimum": lambda n, rng: np.ones(n)},
    published=(minpack(4.919350, 2), toms(4.84e2, 40), zero(4)),
    structure=Structure(
        pattern=lambda n: element_pattern(n, _blocks(n, [[0, 1]])), colors=2, definiteness="positive definite"
    ),
    tags=("polynomial", "sparse", "block-diagonal"),
)


def _extended_powell_singular(xp: Any, x: Any) -> Any:
    r"""f(x) = sum (a + 10 b)^2 + 5 (c - d)^2 + (b - 2c)^4 + 10 (a - d)^4 over fours of variables; singular at 0.

    $$f(x) = \sum_{i=1}^{n/4} (x_{4i-3} + 10 x_{4i-2})^2 + 5\,(x_{4i-1} - x_{4i})^2
    + (x_{4i-2} - 2 x_{4i-1})^4 + 10\,(x_{4i-3} - x_{4i})^4$$
    """
    a, b, c, d = x[::4], x[1::4], x[2::4], x[3::4]
    quartic = xp.square(xp.square(b - 2 * c)) + 10 * xp.square(xp.square(a - d))
    return xp.sum(xp.square(a + 10 * b) + 5 * xp.square(c - d) + quartic)


def _extended_powell_singular_residuals(x: FloatArray) -> Residuals:
    """By blocks of four residuals: of a + 10 b, c - d, b - 2 c and a - d the first two alone, the others squared."""
    inner = np.array([[1.0, 10, 0, 0], [0, 0, 5**0.5, -(5**0.5)], [0, 1, -2, 0], [10**0.25, 0, 0, -(10**0.25)]])
    squared = np.array([0.0, 0.0, 1.0, 1.0])
    z = x.reshape(-1, 4) @ inner.T
    scales = 1 - squared + 2 * squared * z
    count = np.arange(len(z))
    jacobian = np.zeros((len(z), 4, len(z), 4))
    jacobian[count, :, count] = scales[:, :, None] * inner

    def curvature(w: FloatArray) -> FloatArray:
        blocks = np.zeros((len(z), 4, len(z), 4))
        blocks[count, :, count] = np.einsum("bi,ij,ik->bjk", 2 * squared * w.reshape(-1, 4), inner, inner)
        return blocks.reshape(x.size, x.size)

    return Residuals(np.where(squared, z**2, z).ravel(), jacobian.reshape(x.size, x.size), curvature)


extended_powell_singular = variable(
    22,
    "Spedicato 1975",
    _extended_powell_singular,
    _extended_powell_singular_residuals,
    (4, 12, 100),
    start=lambda n: np.tile([3.0, -1.0, 0.0, 1.0], n // 4),
    allowed=Size.multiple_of(4),
    convention="the paper; some collections start at (3, -1, 0, 3, ...)",
    named_points={"minimum": lambda n, rng: np.zeros(n)},
    published=(minpack(14.66288, 4), toms(3.23e3, 60), zero(4)),
    structure=Structure(
        pattern=lambda n: element_pattern(n, _blocks(n, [[0, 1], [2, 3], [1, 2], [0, 3]])),
        colors=3,
        definiteness="positive definite",
    ),
    tags=("convex", "polynomial", "sparse", "block-diagonal", "singular-minimum"),
)

PROBLEMS = (
    extended_rosenbrock,
    extended_powell_singular,
)
