"""Bands: every variable meets its nearest neighbors."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray, IntArray
from hessbench.suites.definition.elements import (
    element_entries,
    element_gradient,
    element_pattern,
    filled,
    mirrored,
    tridiagonal,
)
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


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


def _tridia_entries(x: FloatArray) -> Entries:
    weights = np.arange(2.0, x.size + 1)
    diagonal = np.append(2.0, 8 * weights)
    diagonal[:-1] += 2 * weights
    return mirrored(x.size, diagonal, (np.arange(1, x.size), np.arange(x.size - 1), -4 * weights))


tridia = Problem(
    name="tridia",
    objective=_tridia,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: np.ones(n),
    gradient=_tridia_gradient,
    hessian=filled(_tridia_entries),
    sparse_hessian=_tridia_entries,
    allowed=Size.at_least(4),
    source="Buckley 1989, Test functions for unconstrained minimization, Dalhousie University TR 1989CS-3",
    convention="CUTEst TRIDIA with alpha = 2, beta = gamma = delta = 1",
    named_points={"minimum": lambda n, rng: 0.5 ** np.arange(n)},
    published=(Published("minimum", 100, 0.0, 1e-300, "CUTEst, TRIDIA.SIF"),),
    structure=Structure(pattern=tridiagonal, colors=3, definiteness="positive definite", constant=True),
    tags=("convex", "constant-hessian", "least-squares", "sparse", "tridiagonal"),
)


def _broyden_tridiagonal(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i ((3 - 2 x_i) x_i - x_{i-1} - 2 x_{i+1} + 1)^2 with x_0 = x_{n+1} = 0; pentadiagonal.

    $$f(x) = \sum_{i=1}^n \left((3 - 2 x_i) x_i - x_{i-1} - 2 x_{i+1} + 1\right)^2,\quad x_0 = x_{n+1} = 0$$
    """
    zero = xp.zeros((1,), dtype=x.dtype)
    before, after = xp.concat([zero, x[:-1]]), xp.concat([x[1:], zero])
    return xp.sum(xp.square((3 - 2 * x) * x - before - 2 * after + 1))


def _broyden_residual(x: FloatArray) -> FloatArray:
    padded = np.pad(x, 1)
    return np.asarray((3 - 2 * x) * x - padded[:-2] - 2 * padded[2:] + 1)


def _broyden_gradient(x: FloatArray) -> FloatArray:
    residual = _broyden_residual(x)
    padded = np.pad(residual, 1)
    return 2 * ((3 - 4 * x) * residual - 2 * padded[:-2] - padded[2:])


def _broyden_entries(x: FloatArray) -> Entries:
    """Twice J'J + diag(-4 r) with J tridiagonal: -1 below the slopes 3 - 4x, -2 above."""
    slope = 3 - 4 * x
    diagonal = slope**2 - 4 * _broyden_residual(x)
    diagonal[1:] += 4
    diagonal[:-1] += 1
    beside = -2 * slope[:-1] - slope[1:]
    every = np.arange(x.size)
    return mirrored(x.size, 2 * diagonal, (every[1:], every[:-1], 2 * beside), (every[2:], every[:-2], 4.0))


def pentadiagonal(n: int) -> tuple[IntArray, IntArray]:
    """The pattern where every variable meets two neighbors on either side."""
    return element_pattern(n, np.arange(n - 2)[:, None] + np.arange(3))


broyden_tridiagonal = Problem(
    name="broyden_tridiagonal",
    objective=_broyden_tridiagonal,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: np.full(n, -1.0),
    gradient=_broyden_gradient,
    hessian=filled(_broyden_entries),
    sparse_hessian=_broyden_entries,
    allowed=Size.at_least(8),
    source="Broyden 1965, doi:10.1090/S0025-5718-1965-0198670-6; More, Garbow & Hillstrom 1981, "
    "doi:10.1145/355934.355936, problem 30",
    convention="More, Garbow & Hillstrom 30 and CUTEst BROYDN3DLS: sum of squares, without 1/2, with the + 1",
    structure=Structure(pattern=pentadiagonal, colors=5, definiteness="positive definite"),
    tags=("least-squares", "polynomial", "sparse", "pentadiagonal"),
)


def _bdqrtic(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (3 - 4 x_i)^2 + (x_i^2 + ... + 4 x_{i+3}^2 + 5 x_n^2)^2; a band, and a full last row and column.

    $$f(x) = \sum_{i=1}^{n-4} (3 - 4 x_i)^2 + \left(x_i^2 + 2 x_{i+1}^2 + 3 x_{i+2}^2 + 4 x_{i+3}^2
    + 5 x_n^2\right)^2$$
    """
    s = x * x
    inner = s[:-4] + 2 * s[1:-3] + 3 * s[2:-2] + 4 * s[3:-1] + 5 * s[-1]
    return xp.sum(xp.square(3 - 4 * x[:-4]) + xp.square(inner))


ENDS = 100
WEIGHTS = np.arange(1.0, 6.0)


def _fives(n: int) -> IntArray:
    """Four neighbors and the last variable."""
    return np.column_stack([np.arange(n - 4)[:, None] + np.arange(4), np.full(n - 4, n - 1)])


def _bdqrtic_gradient(x: FloatArray) -> FloatArray:
    parts = x[_fives(x.size)]
    slopes = 4 * (parts**2 @ WEIGHTS)[:, None] * WEIGHTS * parts
    slopes[:, 0] -= 8 * (3 - 4 * parts[:, 0])
    return element_gradient(x.size, _fives(x.size), slopes)


def _bdqrtic_entries(x: FloatArray) -> Entries:
    parts = x[_fives(x.size)]
    weighted = WEIGHTS * parts
    blocks = 8 * weighted[:, :, None] * weighted[:, None, :]
    blocks += 4 * (parts**2 @ WEIGHTS)[:, None, None] * np.diag(WEIGHTS)
    blocks[:, 0, 0] += 32  # the curvature of (3 - 4 x)^2
    return element_entries(x.size, _fives(x.size), blocks)


def _bdqrtic_minimum(n: int, rng: np.random.Generator) -> FloatArray:
    """Newton's method, which needs no safeguards here: f is convex and the start not far.

    Away from both ends the minimum is constant to the last digit, so a larger one is a small one with a longer middle.

    Returns:
        The point (n,).
    """
    if n > 2 * ENDS:
        first, last = np.split(_bdqrtic_minimum(2 * ENDS, rng), 2)
        return np.concatenate([first, np.full(n - 2 * ENDS, first[-1]), last])
    hessian, x = filled(_bdqrtic_entries), np.ones(n)
    for _ in range(10):
        x = x - np.linalg.solve(hessian(x), _bdqrtic_gradient(x))
    return x


bdqrtic = Problem(
    name="bdqrtic",
    objective=_bdqrtic,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: np.ones(n),
    gradient=_bdqrtic_gradient,
    hessian=filled(_bdqrtic_entries),
    sparse_hessian=_bdqrtic_entries,
    allowed=Size.at_least(12),
    source="Conn, Gould, Lescrenier & Toint 1988, Performance of a multifrontal scheme for partially separable "
    "optimization, problem 61",
    convention="CUTEst BDQRTIC: 3 - 4 x_i is squared",
    named_points={"minimum": _bdqrtic_minimum},
    published=(Published("minimum", 100, 378.769, 2e-6, "CUTEst, BDQRTIC.SIF"),),
    structure=Structure(pattern=lambda n: element_pattern(n, _fives(n)), colors=8, definiteness="positive definite"),
    tags=("convex", "least-squares", "polynomial", "sparse"),
)

PROBLEMS = (
    tridia,
    broyden_tridiagonal,
    bdqrtic,
)
