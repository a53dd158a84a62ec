"""Energies of fields on a square grid: a surface and a flame, as in MINPACK-2."""

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

MINPACK2 = "Averick, Carter, More & Xue 1992, The MINPACK-2 test problem collection, ANL MCS-P153-0692"


def _minimal_surface(xp: Any, x: Any, bottom: Any, top: Any, left: Any, right: Any) -> Any:
    r"""f(u) = int sqrt(1 + |grad u|^2), linear on two triangles per cell, heights given around the square; n = k^2.

    $$f(u) = \frac{h^2}{2} \sum_{\text{triangles}} \sqrt{1 + |\nabla u|^2},\quad h = \frac{1}{k + 1}$$
    """
    k = side(x.shape[0])
    inner = xp.reshape(x, (k, k))
    rows = xp.concat([xp.expand_dims(left, axis=1), inner, xp.expand_dims(right, axis=1)], axis=1)
    u = xp.concat([xp.expand_dims(bottom, axis=0), rows, xp.expand_dims(top, axis=0)], axis=0)
    along, across = xp.square((u[:, 1:] - u[:, :-1]) * (k + 1)), xp.square((u[1:] - u[:-1]) * (k + 1))
    lower = xp.sum(xp.sqrt(1 + along[:-1] + across[:, :-1]))
    upper = xp.sum(xp.sqrt(1 + along[1:] + across[:, 1:]))
    return 0.5 / (k + 1) ** 2 * (lower + upper)


def _frame(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Heights around the square, bottom, top (with corners), left, right: of a random harmonic polynomial."""
    k = side(n)
    t = np.linspace(-1, 1, k + 2)
    coefficients = rng.uniform(-0.5, 0.5, 3) + 1j * rng.uniform(-0.5, 0.5, 3)
    sides = (t - 1j, t + 1j, -1 + 1j * t[1:-1], 1 + 1j * t[1:-1])
    return tuple(np.real(coefficients @ np.stack([z, z**2, z**3])) for z in sides)


def _triangles(k: int) -> IntArray:
    """Right angle, end along the row, end across it: the variables of each triangle; k^2 is on the boundary."""
    index = np.full((k + 2, k + 2), k * k)
    index[1:-1, 1:-1] = np.arange(k * k).reshape(k, k)
    lower = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, :-1]], axis=-1)
    upper = np.stack([index[1:, 1:], index[1:, :-1], index[:-1, 1:]], axis=-1)
    return np.concatenate([lower.reshape(-1, 3), upper.reshape(-1, 3)])


SLOPES = np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]])
"""The two differences of a triangle from its three heights; their signs do not matter."""


def _differences(x: FloatArray, frame: tuple[FloatArray, ...]) -> FloatArray:
    """The gradient of u on each triangle, (triangles, 2)."""
    k = side(x.size)
    bottom, top, left, right = frame
    u = np.vstack([bottom, np.column_stack([left, x.reshape(k, k), right]), top])
    lower = np.stack([u[:-1, :-1], u[:-1, 1:], u[1:, :-1]], axis=-1).reshape(-1, 3)
    upper = np.stack([u[1:, 1:], u[1:, :-1], u[:-1, 1:]], axis=-1).reshape(-1, 3)
    return np.concatenate([lower, upper]) @ SLOPES.T * (k + 1)


def _minimal_surface_gradient(x: FloatArray, *frame: FloatArray) -> FloatArray:
    k, slopes = side(x.size), _differences(x, frame)
    area = np.sqrt(1 + np.square(slopes).sum(1, keepdims=True))
    return element_gradient(x.size, _triangles(k), 0.5 / (k + 1) * (slopes / area) @ SLOPES)


def _minimal_surface_hessian(x: FloatArray, *frame: FloatArray) -> FloatArray:
    """On a triangle: (I - p p' / s^2) / s by its gradient p, with s = sqrt(1 + |p|^2)."""
    slopes = _differences(x, frame)
    area = np.sqrt(1 + np.square(slopes).sum(1))[:, None, None]
    unit = slopes / area[:, 0]
    curvature = (np.eye(2) - unit[:, :, None] * unit[:, None, :]) / area
    blocks = 0.5 * SLOPES.T @ curvature @ SLOPES
    symmetric = 0.5 * (blocks + blocks.transpose(0, 2, 1))  # matmul rounds the two triangles differently
    return element_hessian(x.size, _triangles(side(x.size)), symmetric)


minimal_surface_2d = Problem(
    name="minimal_surface_2d",
    objective=_minimal_surface,
    sizes=(16, 100, 1024),
    start=lambda n, rng: 0.1 * rng.standard_normal(n),
    data=_frame,
    gradient=_minimal_surface_gradient,
    hessian=_minimal_surface_hessian,
    allowed=Size.square(),
    source=f"{MINPACK2}, section 4.3",
    convention="MINPACK-2's two triangles per cell, hence 7 points; other heights around the square",
    structure=Structure(pattern=lambda n: element_pattern(n, _triangles(side(n))), definiteness="positive definite"),
    tags=("convex", "sparse", "grid"),
)


LAMBDA = 5.0
"""The strength of the reaction; beyond 6.81 the equation has no solution."""


def _bratu(xp: Any, x: Any) -> Any:
    r"""f(u) = int |grad u|^2 / 2 - 5 exp(u) over the unit square, u = 0 around it; solid fuel ignition, n = k^2.

    $$f(u) = \tfrac12 \sum_{a \sim b} (u_a - u_b)^2 - 5 h^2 \sum_a e^{u_a},\quad h = \frac{1}{k + 1},\quad
    u = 0 \text{ on the boundary}$$
    """
    k = side(x.shape[0])
    u = xp.reshape(x, (k, k))
    inside = xp.sum(xp.square(u[1:] - u[:-1])) + xp.sum(xp.square(u[:, 1:] - u[:, :-1]))
    rows = xp.sum(xp.square(u[0])) + xp.sum(xp.square(u[-1]))
    columns = xp.sum(xp.square(u[:, 0])) + xp.sum(xp.square(u[:, -1]))
    return 0.5 * (inside + rows + columns) - LAMBDA / (k + 1) ** 2 * xp.sum(xp.exp(x))


def _bratu_gradient(x: FloatArray) -> FloatArray:
    k = side(x.size)
    u = np.pad(x.reshape(k, k), 1)
    around = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
    return np.asarray(4 * x - around.ravel() - LAMBDA / (k + 1) ** 2 * np.exp(x))


def _bratu_hessian(x: FloatArray) -> FloatArray:
    k = side(x.size)
    edges, hessian = grid_edges(k), np.diag(4 - LAMBDA / (k + 1) ** 2 * np.exp(x))
    hessian[edges[:, 0], edges[:, 1]] = hessian[edges[:, 1], edges[:, 0]] = -1
    return hessian


def _flame(n: int, rng: np.random.Generator) -> FloatArray:
    """MINPACK-2's start: the root of the distance from the boundary, times lambda / (lambda + 1)."""
    del rng
    i = np.arange(1, side(n) + 1)
    near = np.minimum(i, i[::-1]) / (i.size + 1)
    return np.asarray(LAMBDA / (LAMBDA + 1) * np.sqrt(np.minimum.outer(near, near)).ravel())


bratu = Problem(
    name="bratu",
    objective=_bratu,
    sizes=(16, 100, 1024),
    start=_flame,
    gradient=_bratu_gradient,
    hessian=_bratu_hessian,
    allowed=Size.square(),
    source=f"{MINPACK2}, section 3.2 (solid fuel ignition)",
    convention="MINPACK-2's lambda = 5, as an energy: the gradient is its residual with the mesh "
    "width squared in front",
    structure=Structure(pattern=five_point, definiteness="positive definite"),
    tags=("nonconvex", "sparse", "grid"),
)

PROBLEMS = (
    minimal_surface_2d,
    bratu,
)
