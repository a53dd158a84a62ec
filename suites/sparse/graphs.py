"""The pattern of a graph: a tree and a grid."""

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
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side


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
    # 200 and 180 of the valleys, 20 of the sum and 0.2 of the difference, which enter the mixed entry as 20 - 0.2.
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
