"""Regressions f(beta) = sum_k rho(z_k, y_k), z = X beta: the Hessian is X' diag(rho'') X, and more for a penalty."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import Problem

CONVEX = Structure(definiteness="positive definite")


def design(n: int, rng: np.random.Generator) -> FloatArray:
    """Features of 4n samples, scaled so that X beta is of order one for beta of order one, (4n, n)."""
    return np.asarray(rng.standard_normal((4 * n, n)) / np.sqrt(n))


def weighted(features: FloatArray, weights: FloatArray) -> FloatArray:
    """X' diag(weights) X."""
    return np.asarray((features.T * weights) @ features)


def _poisson(xp: Any, beta: Any, features: Any, counts: Any) -> Any:
    r"""f(beta) = sum_k exp(z_k) - y_k z_k with z = X beta and counts y; 4n samples, without log y_k!.

    $$f(\beta) = \sum_k e^{z_k} - y_k z_k,\quad z = X \beta$$
    """
    return _poisson_loss(xp, _predictor(xp, beta, features, counts), features, counts)


def _predictor(xp: Any, beta: Any, features: Any, y: Any) -> Any:
    """The outputs z = X beta, (4 n,)."""
    del y
    return xp.matmul(features, beta)


def _poisson_loss(xp: Any, z: Any, features: Any, counts: Any) -> Any:
    del features
    return xp.sum(xp.exp(z) - counts * z)


def _poisson_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    features = design(n, rng)
    return features, rng.poisson(np.exp(features @ rng.standard_normal(n))).astype(np.float64)


poisson_regression = Problem(
    name="poisson_regression",
    objective=_poisson,
    sizes=(4, 20, 100),
    start=lambda n, rng: rng.standard_normal(n),
    data=_poisson_data,
    gradient=lambda beta, features, counts: features.T @ (np.exp(features @ beta) - counts),
    hessian=lambda beta, features, counts: weighted(features, np.exp(features @ beta)),
    source="McCullagh & Nelder 1989, Generalized Linear Models, chapter 6, doi:10.1007/978-1-4899-3242-6",
    structure=CONVEX,
    model=Model(_predictor, _poisson_loss),
    tags=("statistics", "convex", "exponential", "dense"),
)


def _pseudo_huber(xp: Any, beta: Any, features: Any, y: Any) -> Any:
    r"""f(beta) = sum_k sqrt(1 + r_k^2) - 1 with r = X beta - y, every tenth y an outlier; 4n samples.

    $$f(\beta) = \sum_k \sqrt{1 + r_k^2} - 1,\quad r = X \beta - y$$
    """
    return _pseudo_huber_loss(xp, _predictor(xp, beta, features, y), features, y)


def _pseudo_huber_loss(xp: Any, z: Any, features: Any, y: Any) -> Any:
    del features
    return xp.sum(xp.sqrt(1 + xp.square(z - y)) - 1)


def _contaminated(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    features = design(n, rng)
    noise = rng.standard_normal(4 * n) * np.where(np.arange(4 * n) % 10 == 0, 10.0, 0.3)
    return features, features @ rng.standard_normal(n) + noise


def _pseudo_huber_gradient(beta: FloatArray, features: FloatArray, y: FloatArray) -> FloatArray:
    residual = features @ beta - y
    return np.asarray(features.T @ (residual / np.sqrt(1 + residual**2)))


def _pseudo_huber_hessian(beta: FloatArray, features: FloatArray, y: FloatArray) -> FloatArray:
    return weighted(features, (1 + (features @ beta - y) ** 2) ** -1.5)


pseudo_huber_regression = Problem(
    name="pseudo_huber_regression",
    objective=_pseudo_huber,
    sizes=(4, 20, 100),
    start=lambda n, rng: rng.standard_normal(n),
    data=_contaminated,
    gradient=_pseudo_huber_gradient,
    hessian=_pseudo_huber_hessian,
    source="Hartley & Zisserman 2004, Multiple View Geometry, section A6.8, doi:10.1017/CBO9780511811685",
    convention="width 1; the residuals are not rescaled",
    structure=CONVEX,
    model=Model(_predictor, _pseudo_huber_loss),
    tags=("statistics", "convex", "robust", "dense"),
)


def _firth(xp: Any, beta: Any, features: Any, labels: Any) -> Any:
    r"""f(beta) = sum_k log(1 + exp(z_k)) - y_k z_k - log det(X'WX) / 2, W = diag(p (1 - p)); separable, 4n samples.

    $$f(\beta) = \sum_k \log(1 + e^{z_k}) - y_k z_k - \tfrac12 \log\det(X^\top W X),\quad z = X \beta,\quad
    W = \operatorname{diag} \frac{1}{4 \cosh^2 (z_k / 2)}$$
    """
    z = xp.matmul(features, beta)
    softplus = xp.maximum(z, 0 * z) + xp.log1p(xp.exp(-xp.abs(z)))
    weights = 1 / xp.square(2 * xp.cosh(0.5 * z))
    information = xp.matmul(xp.matrix_transpose(features) * weights, features)
    return xp.sum(softplus - labels * z) - 0.5 * xp.linalg.slogdet(information)[1]


def _separable(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Labels that a hyperplane separates: without the penalty f has no minimum."""
    features = design(n, rng)
    return features, (features @ rng.standard_normal(n) > 0).astype(np.float64)


def _firth_terms(beta: FloatArray, features: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """p, w = p (1 - p), and the matrix x_k' (X'WX)^-1 x_l, (m, m)."""
    p = 0.5 * (1 + np.tanh(0.5 * (features @ beta)))
    w = p * (1 - p)
    return p, w, features @ np.linalg.solve(weighted(features, w), features.T)


def _firth_gradient(beta: FloatArray, features: FloatArray, labels: FloatArray) -> FloatArray:
    p, w, leverage = _firth_terms(beta, features)
    return np.asarray(features.T @ (p - labels - 0.5 * w * (1 - 2 * p) * np.diag(leverage)))


def _firth_hessian(beta: FloatArray, features: FloatArray, labels: FloatArray) -> FloatArray:
    """With w' = w (1 - 2p) and w'' = w (1 - 6w) by z, G the matrix of leverages: d(-log det / 2) = -sum w'_k G_kk / 2.

    Once more: -w''_k G_kk / 2 on the diagonal, and + w'_k G_kl^2 w'_l / 2 because dG_kk = -sum_l G_kl^2 dw_l.
    """
    del labels
    p, w, leverage = _firth_terms(beta, features)
    slope, bend = w * (1 - 2 * p), w * (1 - 6 * w)
    pushed = slope[:, None] * features
    hessian = weighted(features, w - 0.5 * bend * np.diag(leverage)) + 0.5 * pushed.T @ leverage**2 @ pushed
    return np.asarray(0.5 * (hessian + hessian.T))


firth_logistic = Problem(
    name="firth_logistic",
    objective=_firth,
    sizes=(4, 16, 100),
    start=lambda n, rng: rng.standard_normal(n),
    data=_separable,
    gradient=_firth_gradient,
    hessian=_firth_hessian,
    source="Firth 1993, Bias reduction of maximum likelihood estimates, doi:10.1093/biomet/80.1.27",
    tags=("statistics", "linalg", "dense"),
)

PROBLEMS = (
    poisson_regression,
    pseudo_huber_regression,
    firth_logistic,
)
