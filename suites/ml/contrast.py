"""Contrastive learning: pairs of unit vectors that find each other by softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.ml.softmax import log_sum_exp, softmax, spread_of

DIMENSION = 3
TEMPERATURE = 0.5


def _info_nce(xp: Any, x: Any) -> Any:
    r"""f(z) = mean_i of log sum_j exp(2 u_i . v_j) - 2 u_i . v_i over n/6 pairs of unit vectors in space; degree 0.

    $$f(z) = \frac{1}{m} \sum_i \log \sum_j e^{u_i^\top v_j / \tau} - u_i^\top v_i / \tau,\quad
    (u, v) = z / \|z\| \text{ row by row},\quad \tau = \tfrac12$$
    """
    rows = xp.reshape(x, (2, -1, DIMENSION))
    unit = rows / xp.sqrt(xp.sum(rows * rows, axis=2, keepdims=True))
    scores = xp.matmul(unit[0], xp.matrix_transpose(unit[1])) / TEMPERATURE
    return xp.mean(log_sum_exp(xp, scores) - xp.sum(unit[0] * unit[1], axis=1) / TEMPERATURE)


def _on_sphere(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Unit vectors (2, m, 3), their lengths (2, m, 1), softmax of the scores (m, m), and the derivatives of f.

    The last ones are by the inner products of the unit vectors, (p - I) / (m tau).
    """
    rows = x.reshape(2, -1, DIMENSION)
    length = np.linalg.norm(rows, axis=2, keepdims=True)
    unit = rows / length
    p = softmax(unit[0] @ unit[1].T / TEMPERATURE)
    return unit, length, p, (p - np.eye(len(p))) / (len(p) * TEMPERATURE)


def _tangent(unit: FloatArray, slope: FloatArray, length: FloatArray) -> FloatArray:
    """The derivative by z from that by u = z / |z|."""
    return np.asarray((slope - np.sum(slope * unit, axis=2, keepdims=True) * unit) / length)


def _info_nce_gradient(x: FloatArray) -> FloatArray:
    unit, length, _, slope = _on_sphere(x)
    return _tangent(unit, np.stack([slope @ unit[1], slope.T @ unit[0]]), length).ravel()


def _sphere_blocks(unit: FloatArray, length: FloatArray, slope: FloatArray) -> FloatArray:
    """The Hessian of q = slope . z/|z| for each row z: -(u t' + t u') / r - q (I - uu') / r^2, t the gradient of q."""
    tangent = _tangent(unit, slope, length)
    project = np.eye(DIMENSION) - unit[..., :, None] * unit[..., None, :]
    radial = np.sum(slope * unit, axis=2)[..., None, None]
    turn = unit[..., :, None] * tangent[..., None, :]
    blocks = -(turn + turn.swapaxes(2, 3)) / length[..., None] - radial * project / length[..., None] ** 2
    return np.asarray(blocks.reshape(-1, DIMENSION, DIMENSION))


def _by_unit_vectors(unit: FloatArray, p: FloatArray, slope: FloatArray) -> FloatArray:
    """The Hessian by u and v: J'(diag p - pp')J for the derivatives J of the scores, and what is bilinear."""
    count = len(p)
    jacobian, cross = np.zeros((count, count, 2, count, DIMENSION)), np.zeros((2, count, DIMENSION) * 2)
    i, j = np.indices((count, count))
    jacobian[i, j, 0, i] = unit[1][None] / TEMPERATURE
    jacobian[i, j, 1, j] = unit[0][:, None] / TEMPERATURE
    scores = jacobian.reshape(count, count, -1)
    outer = np.einsum("ijn,ijk,ikm->nm", scores, spread_of(p) / count, scores, optimize=True)
    cross[0, :, :, 1] = np.einsum("ij,ab->iajb", slope, np.eye(DIMENSION))
    bilinear = cross.reshape(outer.shape)
    return np.asarray(outer + bilinear + bilinear.T)


def _block_diagonal(blocks: FloatArray) -> FloatArray:
    count = len(blocks)
    matrix = np.zeros((count, DIMENSION, count, DIMENSION))
    matrix[np.arange(count), :, np.arange(count), :] = blocks
    return matrix.reshape(count * DIMENSION, count * DIMENSION)


def _info_nce_hessian(x: FloatArray) -> FloatArray:
    """By z: du/dz = (I - uu') / r on both sides, and the curvature of the sphere."""
    unit, length, p, slope = _on_sphere(x)
    rows = unit.reshape(-1, DIMENSION)
    project = np.eye(DIMENSION) - rows[:, :, None] * rows[:, None, :]
    change = _block_diagonal(project / length.reshape(-1, 1, 1))
    curved = _block_diagonal(_sphere_blocks(unit, length, np.stack([slope @ unit[1], slope.T @ unit[0]])))
    hessian = change @ _by_unit_vectors(unit, p, slope) @ change + curved
    return np.asarray(0.5 * (hessian + hessian.T))


info_nce = Problem(
    name="info_nce",
    objective=_info_nce,
    sizes=(12, 48, 96),
    start=lambda n, rng: rng.standard_normal(n),
    gradient=_info_nce_gradient,
    hessian=_info_nce_hessian,
    allowed=Size.multiple_of(6, least=12),
    source="van den Oord, Li & Vinyals 2018, Representation learning with contrastive predictive coding, "
    "arXiv:1807.03748; cosine similarity as in Chen et al. 2020, arXiv:2002.05709",
    convention="one direction: each first element is told apart among all second ones",
    structure=Structure(degree=0),
    tags=("ml", "nonconvex", "dense"),
)

PROBLEMS = (info_nce,)
