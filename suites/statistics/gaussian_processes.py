"""The likelihood of a Gaussian process, by the scales of its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem

NOISE = 0.1
"""The variance of the noise; with 20 observations it keeps the condition of K below 202."""


OBSERVATIONS = 20


def _gaussian_process(xp: Any, theta: Any, squared: Any, y: Any, eye: Any) -> Any:
    r"""f(theta) = y'K^-1 y / 2 + log det K / 2, K = exp(-sum_k exp(-2 theta_k) D_k / 2) + 0.1 I; 20 observations.

    $$f(\theta) = \tfrac12 y^\top K^{-1} y + \tfrac12 \log\det K, \quad
      K = \exp(-\tfrac12 \textstyle\sum_k e^{-2\theta_k} D_k) + 0.1\, I$$
    """
    k = xp.exp(-0.5 * xp.tensordot(xp.exp(-2 * theta), squared, axes=1)) + NOISE * eye
    log_det = 2 * xp.sum(xp.log(xp.linalg.diagonal(xp.linalg.cholesky(k))))
    return 0.5 * xp.vecdot(y, xp.linalg.solve(k, y)) + 0.5 * log_det


def _gaussian_process_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    inputs = rng.uniform(-1, 1, (OBSERVATIONS, n))
    squared = np.square(inputs.T[:, :, None] - inputs.T[:, None, :])
    return squared, np.sin(inputs.sum(1)) + 0.1 * rng.standard_normal(OBSERVATIONS), np.eye(OBSERVATIONS)


def _kernel(theta: FloatArray, squared: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The noiseless kernel (m, m) and the scaled distances S_i = exp(-2 theta_i) D_i, (n, m, m)."""
    scaled = np.exp(-2 * theta)[:, None, None] * squared
    return np.exp(-0.5 * scaled.sum(0)), scaled


def _gaussian_process_gradient(theta: FloatArray, squared: FloatArray, y: FloatArray, eye: FloatArray) -> FloatArray:
    kernel, scaled = _kernel(theta, squared)
    inverse = np.linalg.inv(kernel + NOISE * eye)
    alpha = inverse @ y
    return 0.5 * np.einsum("iab,ab->i", scaled, kernel * (inverse - np.outer(alpha, alpha)))


def _gaussian_process_hessian(theta: FloatArray, squared: FloatArray, y: FloatArray, eye: FloatArray) -> FloatArray:
    """Rasmussen & Williams eq. 5.9, differentiated once more.

    With K_i = K o S_i and K_ij = K o (S_i o S_j - 2 delta_ij S_i), P = K^-1, a = P y:
    f_ij = a'K_i P K_j a - a'K_ij a / 2 + tr(P K_ij) / 2 - tr(P K_i P K_j) / 2.
    """
    kernel, scaled = _kernel(theta, squared)
    inverse = np.linalg.inv(kernel + NOISE * eye)
    alpha = inverse @ y
    first = kernel * scaled
    weight = kernel * (inverse - np.outer(alpha, alpha))
    curvature = np.einsum("iab,jab,ab->ij", scaled, scaled, weight, optimize=True)
    curvature -= 2 * np.diag(np.einsum("iab,ab->i", scaled, weight))
    pushed, mixed = first @ alpha, inverse @ first
    return pushed @ inverse @ pushed.T + 0.5 * curvature - 0.5 * np.einsum("iab,jba->ij", mixed, mixed, optimize=True)


gaussian_process = Problem(
    name="gaussian_process",
    objective=_gaussian_process,
    sizes=(16,),  # XLA unrolls the Cholesky factorization: seconds per method and size
    start=lambda n, rng: rng.uniform(-0.5, 0.5, n),
    data=_gaussian_process_data,
    gradient=_gaussian_process_gradient,
    hessian=_gaussian_process_hessian,
    source="Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, section 5.4, "
    "doi:10.7551/mitpress/3206.001.0001",
    tags=("linalg", "dense"),
)

PROBLEMS = (gaussian_process,)
