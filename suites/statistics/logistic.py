"""Logistic regression with a ridge."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import Problem

RIDGE = 0.1
"""Keeps the Hessian positive definite where a hyperplane separates the labels."""


def _logistic_regression(xp: Any, w: Any, features: Any, labels: Any) -> Any:
    r"""f(w) = sum_k log(1 + exp(z_k)) - y_k z_k + |w|^2 / 20 with z = Xw and labels y in {0, 1}; 4n samples.

    $$f(w) = \sum_k \log(1 + e^{z_k}) - y_k z_k + \tfrac{1}{20} |w|^2, \quad z = X w$$
    """
    return _penalized(xp, xp.matmul(features, w), w, labels)


def _penalized(xp: Any, z: Any, w: Any, labels: Any) -> Any:
    softplus = xp.maximum(z, 0 * z) + xp.log1p(xp.exp(-xp.abs(z)))
    return xp.sum(softplus - labels * z) + 0.5 * RIDGE * xp.sum(w * w)


def _outputs(xp: Any, w: Any, features: Any, labels: Any) -> Any:
    """The scores z, and w for the penalty, (5 n,)."""
    del labels
    return xp.concat([xp.matmul(features, w), w])


def _loss(xp: Any, z: Any, features: Any, labels: Any) -> Any:
    count = labels.shape[0]
    return _penalized(xp, z[:count], z[count:], labels)


def _logistic_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    features = rng.standard_normal((4 * n, n))
    labels = (features @ rng.standard_normal(n) / np.sqrt(n) + rng.logistic(size=4 * n) > 0).astype(np.float64)
    return features, labels


def _sigmoid(z: FloatArray) -> FloatArray:
    return 0.5 * (1 + np.tanh(0.5 * z))  # 1 / (1 + exp(-z)) would overflow


def _logistic_gradient(w: FloatArray, features: FloatArray, labels: FloatArray) -> FloatArray:
    return features.T @ (_sigmoid(features @ w) - labels) + RIDGE * w


def _logistic_hessian(w: FloatArray, features: FloatArray, labels: FloatArray) -> FloatArray:
    del labels
    p = _sigmoid(features @ w)
    return (features.T * (p * (1 - p))) @ features + RIDGE * np.eye(w.size)


logistic_regression = Problem(
    name="logistic_regression",
    objective=_logistic_regression,
    sizes=(10, 100),
    start=lambda n, rng: rng.standard_normal(n) / np.sqrt(n),
    data=_logistic_data,
    gradient=_logistic_gradient,
    hessian=_logistic_hessian,
    source="Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, section 4.4, "
    "doi:10.1007/978-0-387-84858-7",
    model=Model(_outputs, _loss),
    tags=("convex", "dense"),
)

PROBLEMS = (logistic_regression,)
