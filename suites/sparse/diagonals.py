"""Diagonals of single variables and of blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray, IntArray
from hessbench.suites.definition.elements import (
    element_entries,
    element_pattern,
    filled,
    mirrored,
)
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _diagonal_quartic(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (x_i - i)^4; separable, and the Hessian vanishes at the minimum.

    $$f(x) = \sum_{i=1}^n (x_i - i)^4$$
    """
    shifted = x - xp.arange(1, x.shape[0] + 1, dtype=x.dtype)
    return xp.sum(xp.square(shifted * shifted))


def _diagonal_quartic_entries(x: FloatArray) -> Entries:
    return mirrored(x.size, 12 * (x - np.arange(1, x.size + 1)) ** 2)


diagonal_quartic = Problem(
    name="diagonal_quartic",
    objective=_diagonal_quartic,
    sizes=(16, 100, 1000, 10_000, 100_000),
    start=lambda n, rng: np.full(n, 2.0),
    gradient=lambda x: 4 * (x - np.arange(1, x.size + 1)) ** 3,
    hessian=filled(_diagonal_quartic_entries),
    sparse_hessian=_diagonal_quartic_entries,
    allowed=Size.at_least(2),
    source="Buckley 1989, Test functions for unconstrained minimization, Dalhousie University TR 1989CS-3, problem 157",
    convention="CUTEst DQRTIC, the same function as QUARTC",
    named_points={"minimum": lambda n, rng: np.arange(1.0, n + 1)},
    published=(Published("minimum", 100, 0.0, 1e-300, "CUTEst, DQRTIC.SIF"),),
    structure=Structure(pattern=lambda n: (np.arange(n), np.arange(n)), colors=1, definiteness="positive semidefinite"),
    tags=("convex", "polynomial", "sparse", "diagonal"),
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


def _block_diagonal_entries(x: FloatArray, labels: FloatArray) -> Entries:
    del labels
    p = _softmax(x)
    return element_entries(x.size, _threes(x.size), p[:, :, None] * (np.eye(3) - p[:, None, :]))


block_diagonal = Problem(
    name="block_diagonal",
    objective=_block_diagonal,
    sizes=(15, 99, 999, 9999, 99_999),
    start=lambda n, rng: rng.standard_normal(n),
    data=lambda n, rng: (np.eye(3)[rng.integers(0, 3, n // 3)],),
    gradient=lambda x, labels: (_softmax(x) - labels).ravel(),
    hessian=filled(_block_diagonal_entries),
    sparse_hessian=_block_diagonal_entries,
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

PROBLEMS = (
    diagonal_quartic,
    block_diagonal,
)
