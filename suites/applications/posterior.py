"""Laplace's approximation: a posterior is taken for the Gaussian whose precision is the Hessian at its mode.

The mode is where Newton's method ends, the evidence follows from the spectrum: log Z = -f(mode) + (n log 2 pi - sum log
lambda) / 2 (MacKay 2003, Information Theory, Inference, and Learning Algorithms, chapter 27).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _counts_posterior(xp: Any, x: Any, a: Any, y: Any) -> Any:
    r"""f(x) = sum_i exp(a_i x) - y_i a_i x + |x|^2 / 2: counts of a Poisson process, with a Gaussian prior.

    $$f(x) = \sum_i \left(e^{a_i^\top x} - y_i\, a_i^\top x\right) + \tfrac12 \|x\|^2$$
    """
    logs = xp.matmul(a, x)
    return xp.sum(xp.exp(logs) - y * logs) + xp.sum(x * x) / 2


def _counts(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    a = rng.standard_normal((4 * n, n)) / np.sqrt(n)
    return a, rng.poisson(np.exp(a @ rng.standard_normal(n))).astype(np.float64)


def _counts_gradient(x: FloatArray, a: FloatArray, y: FloatArray) -> FloatArray:
    return np.asarray(a.T @ (np.exp(a @ x) - y) + x)


def _counts_hessian(x: FloatArray, a: FloatArray, y: FloatArray) -> FloatArray:
    return np.asarray((a.T * np.exp(a @ x)) @ a + np.eye(len(x)))


laplace_counts = Problem(
    name="laplace_counts",
    objective=_counts_posterior,
    sizes=(8, 48),
    start=lambda n, rng: np.zeros(n),
    data=_counts,
    gradient=_counts_gradient,
    hessian=_counts_hessian,
    inertia=lambda x, a, y: (len(x), 0, 0),
    allowed=Size.any(),
    source="MacKay 2003, Information Theory, Inference, and Learning Algorithms, chapter 27",
    tags=("laplace-approximation", "convex"),
)

PROBLEMS = (laplace_counts,)
