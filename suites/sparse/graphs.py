"""The pattern of a graph: a tree and a grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray, IntArray
from hessbench.suites.definition.elements import (
    element_gradient,
    element_pattern,
    filled,
    five_point,
    grid_edges,
    mirrored,
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


def _chained_wood_entries(x: FloatArray) -> Entries:
    a, b, c, d = x[_fours(x.size)].T
    even, last = 2 * np.arange(a.size), 2 * a.size
    diagonal = np.zeros(x.size)
    diagonal[even] += 1200 * a**2 - 400 * b + 2
    diagonal[even + 2] += 1080 * c**2 - 360 * d + 2
    # 200 and 180 of the valleys, 20 of the sum and 0.2 of the difference, which enter the mixed entry as 20 - 0.2.
    diagonal[even + 1] += 220.2
    diagonal[even + 3] += 200.2
    valleys = np.append(-400 * a, 0.0) + np.append(0.0, -360 * c)
    return mirrored(
        x.size, diagonal, (np.append(even, last) + 1, np.append(even, last), valleys), (even + 3, even + 1, 19.8)
    )


def _caterpillar(n: int) -> tuple[IntArray, IntArray]:
    even = np.arange(1, n, 2)
    links = np.stack([even[:-1], even[1:]], axis=1)
    return element_pattern(n, np.concatenate([np.stack([even - 1, even], axis=1), links]))


chained_wood = Problem(
    name="chained_wood",
    objective=_chained_wood,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: np.append([-3.0, -1.0, -3.0, -1.0], np.full(n - 4, -2.0)),
    gradient=_chained_wood_gradient,
    hessian=filled(_chained_wood_entries),
    sparse_hessian=_chained_wood_entries,
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


def _torsion_entries(x: FloatArray) -> Entries:
    edges = grid_edges(side(x.size))
    return mirrored(x.size, np.full(x.size, 4.0), (edges[:, 0], edges[:, 1], -1.0))


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


def _bratu_3d(xp: Any, x: Any) -> Any:
    r"""f(u) = int |grad u|^2 / 2 - exp(u) over the unit cube, u = 0 around it; the 7-point Laplacian, n = k^3.

    $$f(u) = \tfrac12 \sum_{a \sim b} (u_a - u_b)^2 - h^2 \sum_a e^{u_a},\quad h = \frac{1}{k + 1},\quad
    u = 0 \text{ on the boundary}$$
    """
    k = round(x.shape[0] ** (1 / 3))
    u = xp.reshape(x, (k, k, k))
    inside = xp.sum(xp.square(u[1:] - u[:-1])) + xp.sum(xp.square(u[:, 1:] - u[:, :-1]))
    inside = inside + xp.sum(xp.square(u[:, :, 1:] - u[:, :, :-1]))
    faces = [u[0], u[-1], u[:, 0], u[:, -1], u[:, :, 0], u[:, :, -1]]
    around = xp.sum(xp.square(xp.stack(faces)))
    return 0.5 * (inside + around) - xp.sum(xp.exp(x)) / (k + 1) ** 2


def _cube_edges(n: int) -> tuple[IntArray, IntArray]:
    """The pairs of neighbors in a cube, (3 k^2 (k - 1),) each."""
    k = round(n ** (1 / 3))
    index = np.arange(n).reshape(k, k, k)
    pairs = [(index[1:], index[:-1]), (index[:, 1:], index[:, :-1]), (index[:, :, 1:], index[:, :, :-1])]
    first, second = zip(*pairs, strict=True)
    return tuple(np.concatenate([part.ravel() for part in side]) for side in (first, second))  # type: ignore[return-value]


def _bratu_3d_gradient(x: FloatArray) -> FloatArray:
    a, b = _cube_edges(x.size)
    k = round(x.size ** (1 / 3))
    return 6 * x - np.bincount(a, x[b], x.size) - np.bincount(b, x[a], x.size) - np.exp(x) / (k + 1) ** 2


def _bratu_3d_entries(x: FloatArray) -> Entries:
    k = round(x.size ** (1 / 3))
    return mirrored(x.size, 6 - np.exp(x) / (k + 1) ** 2, (*_cube_edges(x.size), -1.0))


bratu_3d = Problem(
    name="bratu_3d",
    objective=_bratu_3d,
    sizes=(27, 125, 1000, 10_648, 97_336),
    start=lambda n, rng: 0.1 * rng.standard_normal(n),
    gradient=_bratu_3d_gradient,
    hessian=filled(_bratu_3d_entries),
    sparse_hessian=_bratu_3d_entries,
    allowed=Size("n = k^3, k >= 2", lambda n: n >= 8 and round(n ** (1 / 3)) ** 3 == n),
    source="Mohsen 2014, A simple solution of the Bratu problem, Computers and Mathematics with Applications 67",
    convention="as an energy, lambda = 1, differences of second order",
    structure=Structure(
        pattern=lambda n: mirrored(n, np.ones(n), (*_cube_edges(n), 1.0))[:2], definiteness="positive definite"
    ),
    tags=("sparse", "grid"),
)


def _random_graph(xp: Any, x: Any, edges: Any) -> Any:
    r"""f(x) = |x|^2 / 2 + sum over the edges of a random graph of 1 - cos(x_a - x_b); two edges per variable.

    $$f(x) = \tfrac12 \|x\|^2 + \sum_{(a, b)} 1 - \cos(x_a - x_b)$$
    """
    apart = xp.take(x, edges[0]) - xp.take(x, edges[1])
    return 0.5 * xp.sum(x * x) + xp.sum(1 - xp.cos(apart))


def _random_edges(n: int) -> IntArray:
    """The same 2 n pairs (2, m) for every seed, but for those that are there twice: the pattern belongs to n."""
    drawn = np.sort(np.random.default_rng(n).integers(0, n, (2, 2 * n)), axis=0)
    return np.unique(drawn[:, drawn[0] < drawn[1]], axis=1)


def _random_graph_gradient(x: FloatArray, edges: IntArray) -> FloatArray:
    pull = np.sin(x[edges[0]] - x[edges[1]])
    return x + np.bincount(edges[0], pull, x.size) - np.bincount(edges[1], pull, x.size)


def _random_graph_entries(x: FloatArray, edges: IntArray) -> Entries:
    stiff = np.cos(x[edges[0]] - x[edges[1]])
    diagonal = 1 + np.bincount(edges[0], stiff, x.size) + np.bincount(edges[1], stiff, x.size)
    return mirrored(x.size, diagonal, (edges[0], edges[1], -stiff))


random_graph = Problem(
    name="random_graph",
    objective=_random_graph,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: rng.standard_normal(n),
    data=lambda n, rng: (_random_edges(n),),
    gradient=_random_graph_gradient,
    hessian=filled(_random_graph_entries),
    sparse_hessian=_random_graph_entries,
    allowed=Size.at_least(4),
    source="Kosterlitz & Thouless 1973, doi:10.1088/0022-3719/6/7/010 (the XY energy), on a random graph of Erdos & "
    "Renyi 1959 with a spring at every vertex",
    structure=Structure(pattern=lambda n: mirrored(n, np.ones(n), (*_random_edges(n), 1.0))[:2]),
    tags=("sparse", "random-pattern"),
)


torsion_2d = Problem(
    name="torsion_2d",
    objective=_torsion_2d,
    sizes=(16, 100, 1024, 10_000, 99_856),
    start=_distance,
    gradient=_torsion_gradient,
    hessian=filled(_torsion_entries),
    sparse_hessian=_torsion_entries,
    allowed=Size.square(),
    source="Averick, Carter, More & Xue 1992, The MINPACK-2 test problem collection, ANL MCS-P153-0692, section 4.1",
    convention="MINPACK-2 without the bounds, c = 5",
    structure=Structure(
        pattern=five_point, definiteness="positive definite", constant=True, spectrum=_torsion_spectrum
    ),
    tags=("convex", "constant-hessian", "sparse", "grid"),
)

PROBLEMS = (
    chained_wood,
    bratu_3d,
    random_graph,
    torsion_2d,
)
