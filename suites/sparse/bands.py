"""Sparse Hessians of bands and blocks; the tuple of all sparse problems is in `suites.sparse`."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.elements import (
    element_gradient,
    element_hessian,
    element_pattern,
    five_point,
    grid_edges,
)
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side


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


def _broyden_hessian(x: FloatArray) -> FloatArray:
    """Twice J'J + diag(-4 r) with J tridiagonal: -1 below the slopes 3 - 4x, -2 above."""
    slope = 3 - 4 * x
    diagonal = slope**2 - 4 * _broyden_residual(x)
    diagonal[1:] += 4
    diagonal[:-1] += 1
    beside = -2 * slope[:-1] - slope[1:]
    band = 2 * np.ones(x.size - 2)
    upper = np.diag(beside, 1) + np.diag(band, 2)
    return 2 * (np.diag(diagonal) + upper + upper.T)


def pentadiagonal(n: int) -> tuple[IntArray, IntArray]:
    """The pattern where every variable meets two neighbors on either side."""
    return element_pattern(n, np.arange(n - 2)[:, None] + np.arange(3))


broyden_tridiagonal = Problem(
    name="broyden_tridiagonal",
    objective=_broyden_tridiagonal,
    sizes=(16, 100, 1000),
    start=lambda n, rng: np.full(n, -1.0),
    gradient=_broyden_gradient,
    hessian=_broyden_hessian,
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


WEIGHTS = np.arange(1.0, 6.0)


def _fives(n: int) -> IntArray:
    """Four neighbors and the last variable."""
    return np.column_stack([np.arange(n - 4)[:, None] + np.arange(4), np.full(n - 4, n - 1)])


def _bdqrtic_gradient(x: FloatArray) -> FloatArray:
    parts = x[_fives(x.size)]
    slopes = 4 * (parts**2 @ WEIGHTS)[:, None] * WEIGHTS * parts
    slopes[:, 0] -= 8 * (3 - 4 * parts[:, 0])
    return element_gradient(x.size, _fives(x.size), slopes)


def _bdqrtic_hessian(x: FloatArray) -> FloatArray:
    parts = x[_fives(x.size)]
    weighted = WEIGHTS * parts
    blocks = 8 * weighted[:, :, None] * weighted[:, None, :]
    blocks += 4 * (parts**2 @ WEIGHTS)[:, None, None] * np.diag(WEIGHTS)
    blocks[:, 0, 0] += 32
    return element_hessian(x.size, _fives(x.size), blocks)


def _bdqrtic_minimum(n: int, rng: np.random.Generator) -> FloatArray:
    """Newton's method, which needs no safeguards here: f is convex and the start not far."""
    del rng
    x = np.ones(n)
    for _ in range(10):
        x = x - np.linalg.solve(_bdqrtic_hessian(x), _bdqrtic_gradient(x))
    return x


bdqrtic = Problem(
    name="bdqrtic",
    objective=_bdqrtic,
    sizes=(16, 100, 1000),
    start=lambda n, rng: np.ones(n),
    gradient=_bdqrtic_gradient,
    hessian=_bdqrtic_hessian,
    allowed=Size.at_least(12),
    source="Conn, Gould, Lescrenier & Toint 1988, Performance of a multifrontal scheme for partially separable "
    "optimization, problem 61",
    convention="CUTEst BDQRTIC: 3 - 4 x_i is squared",
    named_points={"minimum": _bdqrtic_minimum},
    published=(Published("minimum", 100, 378.769, 2e-6, "CUTEst, BDQRTIC.SIF"),),
    structure=Structure(pattern=lambda n: element_pattern(n, _fives(n)), colors=8, definiteness="positive definite"),
    tags=("convex", "least-squares", "polynomial", "sparse"),
)


def _torsion_2d(xp: Any, x: Any) -> Any:
    r"""f(u) = int |grad u|^2 / 2 - 5 u over the unit square, u = 0 around it; the 5-point Laplacian, n = k^2.

    $$f(u) = \tfrac12 \sum_{a \sim b} (u_a - u_b)^2 - 5 h^2 \sum_a u_a,\quad h = \frac{1}{k + 1},\quad
    u = 0 \text{ on the boundary}$$
    """
    k = side(x.shape[0])
    u = xp.reshape(x, (k, k))
    inside = xp.sum(xp.square(u[1:] - u[:-1])) + xp.sum(xp.square(u[:, 1:] - u[:, :-1]))
    rows = xp.sum(xp.square(u[0])) + xp.sum(xp.square(u[-1]))
    columns = xp.sum(xp.square(u[:, 0])) + xp.sum(xp.square(u[:, -1]))
    return 0.5 * (inside + rows + columns) - 5 / (k + 1) ** 2 * xp.sum(x)


def _torsion_hessian(x: FloatArray) -> FloatArray:
    edges = grid_edges(side(x.size))
    hessian = 4 * np.eye(x.size)
    hessian[edges[:, 0], edges[:, 1]] = hessian[edges[:, 1], edges[:, 0]] = -1
    return hessian


def _torsion_gradient(x: FloatArray) -> FloatArray:
    k = side(x.size)
    u = np.pad(x.reshape(k, k), 1)
    around = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
    return np.asarray(4 * x - around.ravel() - 5 / (k + 1) ** 2)


def _torsion_spectrum(n: int) -> FloatArray:
    cosines = 2 * np.cos(np.pi * np.arange(1, side(n) + 1) / (side(n) + 1))
    return np.sort((4 - np.add.outer(cosines, cosines)).ravel())


def _distance(n: int, rng: np.random.Generator) -> FloatArray:
    """The distance from the boundary, where an elastic-plastic bar starts to yield."""
    del rng
    i = np.arange(1, side(n) + 1)
    near = np.minimum(i, i[::-1]) / (i.size + 1)
    return np.asarray(np.minimum.outer(near, near).ravel())


torsion_2d = Problem(
    name="torsion_2d",
    objective=_torsion_2d,
    sizes=(16, 100, 1024),
    start=_distance,
    gradient=_torsion_gradient,
    hessian=_torsion_hessian,
    allowed=Size.square(),
    source="Averick, Carter, More & Xue 1992, The MINPACK-2 test problem collection, ANL MCS-P153-0692, section 4.1",
    convention="MINPACK-2 without the bounds, c = 5",
    structure=Structure(
        pattern=five_point, definiteness="positive definite", constant=True, spectrum=_torsion_spectrum
    ),
    tags=("convex", "constant-hessian", "sparse", "grid"),
)


def _block_diagonal(xp: Any, x: Any, labels: Any) -> Any:
    r"""f(x) = sum_b log sum_j exp(x_bj) - y_b . x_b over blocks of three; each block is singular (softmax gauge).

    $$f(x) = \sum_{b=1}^{n/3} \log \sum_{j=1}^3 e^{x_{bj}} - \sum_{j=1}^3 y_{bj} x_{bj}$$
    """
    scores = xp.reshape(x, (-1, 3))
    top = xp.max(scores, axis=1, keepdims=True)
    log_sum = xp.log(xp.sum(xp.exp(scores - top), axis=1)) + top[:, 0]
    return xp.sum(log_sum) - xp.sum(labels * scores)


def _softmax(x: FloatArray) -> FloatArray:
    scores = x.reshape(-1, 3)
    weights = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(weights / weights.sum(1, keepdims=True))


def _threes(n: int) -> IntArray:
    return np.arange(n).reshape(-1, 3)


def _block_diagonal_hessian(x: FloatArray, labels: FloatArray) -> FloatArray:
    del labels
    p = _softmax(x)
    return element_hessian(x.size, _threes(x.size), p[:, :, None] * (np.eye(3) - p[:, None, :]))


block_diagonal = Problem(
    name="block_diagonal",
    objective=_block_diagonal,
    sizes=(15, 99, 999),
    start=lambda n, rng: rng.standard_normal(n),
    data=lambda n, rng: (np.eye(3)[rng.integers(0, 3, n // 3)],),
    gradient=lambda x, labels: (_softmax(x) - labels).ravel(),
    hessian=_block_diagonal_hessian,
    allowed=Size.multiple_of(3),
    source="Boyd & Vandenberghe 2004, Convex Optimization, section 3.1.5 (log-sum-exp), doi:10.1017/CBO9780511804441",
    structure=Structure(
        pattern=lambda n: element_pattern(n, _threes(n)),
        colors=3,
        definiteness="positive semidefinite",
        null_vectors=lambda x, labels: np.kron(np.eye(x.size // 3), np.ones(3)),
    ),
    tags=("convex", "sparse", "block-diagonal", "null-vectors"),
)
