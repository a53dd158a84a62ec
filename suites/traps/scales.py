"""Cancellation, huge ranges, cuts and flat places: mostly where differences fail and rules of derivation do not."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import CONTROL, NONE_FOUND, fixed, separable, trap

UNREPORTED = dict.fromkeys(("torch", "jax", "tensorflow"), NONE_FOUND)
HIGHAM = "Higham 2002, Accuracy and Stability of Numerical Algorithms, section 1.7, doi:10.1137/1.9780898718027"
TERMS = 6
"""Terms of the series of (1 - cos x) / x^2; the next one is below 1e-24 for |x| < 0.1."""


def _versine(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (1 - cos x_i) / x_i^2 near 0, where its digits cancel.

    $$f(x) = \sum_i \frac{1 - \cos x_i}{x_i^2}$$
    """
    return xp.sum((1 - xp.cos(x)) / (x * x))


def _versine_terms() -> tuple[FloatArray, FloatArray]:
    """The powers 2k of the series sum_k (-1)^k x^2k / (2k + 2)! and their coefficients."""
    powers = 2.0 * np.arange(TERMS)
    factorials = np.cumprod(np.append(2.0, (powers[1:] + 1) * (powers[1:] + 2)))
    return powers, (-1.0) ** np.arange(TERMS) / factorials


def _versine_slope(x: FloatArray) -> FloatArray:
    powers, coefficients = _versine_terms()
    return x[:, None] ** np.maximum(powers - 1, 0) @ (powers * coefficients)


def _versine_curvature(x: FloatArray) -> FloatArray:
    powers, coefficients = _versine_terms()
    return x[:, None] ** np.maximum(powers - 2, 0) @ (powers * (powers - 1) * coefficients)


versine_small = trap(
    "versine_small",
    _versine,
    (1e-3, 2e-3),
    gradient=_versine_slope,
    hessian=separable(_versine_curvature),
    source=HIGHAM,
    upstream=UNREPORTED,
)
versine_tiny = trap(
    "versine_tiny",
    _versine,
    (2e-7, -3e-7),
    gradient=_versine_slope,
    hessian=separable(_versine_curvature),
    source=HIGHAM,
    upstream=UNREPORTED,
)


def _argument(xp: Any, x: Any) -> Any:
    r"""f(x) = atan2(x_2, x_1) next to its cut, where differences jump by 2 pi.

    $$f(x) = \operatorname{atan2}(x_2, x_1)$$
    """
    return xp.atan2(x[1], x[0])


def _argument_hessian(x: FloatArray) -> FloatArray:
    mixed = x[1] ** 2 - x[0] ** 2
    return np.array([[2 * x[0] * x[1], mixed], [mixed, -2 * x[0] * x[1]]]) / (x @ x) ** 2


argument_beside_cut = trap(
    "argument_beside_cut",
    _argument,
    (-1.0, 1e-12),
    gradient=lambda x: np.array([-x[1], x[0]]) / (x @ x),
    hessian=_argument_hessian,
    source="jax#37909",
    tags=CONTROL,
    upstream={"jax": "jax#37909"},
)


def _badly_scaled(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i d_i x_i^2 / 2, d over 24 decades.

    $$f(x) = \tfrac12 \sum_i d_i x_i^2, \quad d = (10^{-12}, 10^{-6}, 1, 10^6, 10^{12})$$
    """
    return 0.5 * xp.sum(weights * x * x)


badly_scaled = trap(
    "badly_scaled",
    _badly_scaled,
    (1.0, -2.0, 0.5, 3.0, -1.0),
    data=fixed([1e-12, 1e-6, 1.0, 1e6, 1e12]),
    gradient=lambda x, weights: weights * x,
    hessian=lambda x, weights: np.diag(weights),
    source="a diagonal over 24 decades",
    tags=CONTROL,
)


def _large_offset(xp: Any, x: Any) -> Any:
    r"""f(x) = 10^8 + sum_i x_i^2 x_{i+1}^2, the digits of differences spent on the offset.

    $$f(x) = 10^8 + \sum_{i=1}^2 x_i^2 x_{i+1}^2$$
    """
    return 1e8 + xp.sum(xp.square(x[:-1] * x[1:]))


def _large_offset_gradient(x: FloatArray) -> FloatArray:
    a, b, c = x
    return np.array([2 * a * b**2, 2 * b * (a**2 + c**2), 2 * c * b**2])


def _large_offset_hessian(x: FloatArray) -> FloatArray:
    a, b, c = x
    return np.array([[2 * b**2, 4 * a * b, 0], [4 * a * b, 2 * (a**2 + c**2), 4 * b * c], [0, 4 * b * c, 2 * b**2]])


large_offset = trap(
    "large_offset",
    _large_offset,
    (1e-2, 2e-2, -1e-2),
    gradient=_large_offset_gradient,
    hessian=_large_offset_hessian,
    source="a small change of a large number",
    tags=CONTROL,
)


def _fast_sine(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i sin(10^4 x_i), whose waves are shorter than the steps of differences.

    $$f(x) = \sum_i \sin(10^4 x_i)$$
    """
    return xp.sum(xp.sin(1e4 * x))


fast_sine = trap(
    "fast_sine",
    _fast_sine,
    (0.3125, -0.71875),
    gradient=lambda x: 1e4 * np.cos(1e4 * x),
    hessian=separable(lambda x: -1e8 * np.sin(1e4 * x)),
    source="a wave of 10^4 radians per unit",
    tags=CONTROL,
)


def _degenerate(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1^2 + x_1 x_2^2 - x_2^4 at its degenerate stationary point 0.

    $$f(x) = x_1^2 + x_1 x_2^2 - x_2^4$$
    """
    del xp
    s = x[1] * x[1]
    return x[0] * x[0] + x[0] * s - s * s


degenerate = trap(
    "degenerate",
    _degenerate,
    (0.0, 0.0),
    gradient=lambda x: np.array([2 * x[0] + x[1] ** 2, 2 * x[0] * x[1] - 4 * x[1] ** 3]),
    hessian=lambda x: np.array([[2.0, 2 * x[1]], [2 * x[1], 2 * x[0] - 12 * x[1] ** 2]]),
    source="a stationary point that curvature does not classify",
    tags=CONTROL,
)

PROBLEMS = (versine_small, versine_tiny, argument_beside_cut, badly_scaled, large_offset, fast_sine, degenerate)
