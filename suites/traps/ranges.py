"""Saturated, tiny and huge arguments: digits or the range of numbers are lost on the way to an ordinary result."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import CONTROL, NONE_FOUND, fixed, separable, trap

UNREPORTED = dict.fromkeys(("torch", "jax", "tensorflow"), NONE_FOUND)


SATURATED = {"torch": "pytorch#195685", "jax": "jax#40343, jax#40315", "tensorflow": "tensorflow#126637"}


HUGE, TINY = (3e200, 4e200), (3e-200, 4e-200)


def _tanh(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i tanh(x_i).

    $$f(x) = \sum_i \tanh x_i$$
    """
    return xp.sum(xp.tanh(x))


def _tanh_slope(x: FloatArray) -> FloatArray:
    """1 / cosh(x)^2 by exponentials that underflow at worst; 1 - tanh(x)^2 has no digits left at 20."""
    small = np.exp(-2 * np.abs(x))
    return 4 * small / (1 + small) ** 2


def _tanh_curvature(x: FloatArray) -> FloatArray:
    return -2 * np.tanh(x) * _tanh_slope(x)


tanh_saturated = trap(
    "tanh_saturated",
    _tanh,
    (20.0, 22.0),
    gradient=_tanh_slope,
    hessian=separable(_tanh_curvature),
    source="jax#40315",
    upstream=SATURATED,
)


tanh_tiny = trap(
    "tanh_tiny",
    _tanh,
    (1e-17, -3e-17),
    gradient=_tanh_slope,
    hessian=separable(_tanh_curvature),
    source="jax#39801",
    upstream={"jax": "jax#39801"},
)


def _log1p_expm1(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i log1p(x_i) expm1(x_i) at tiny x, where 1 + x is 1.

    $$f(x) = \sum_i \log(1 + x_i)\, (e^{x_i} - 1)$$
    """
    return xp.sum(xp.log1p(x) * xp.expm1(x))


log1p_expm1_tiny = trap(
    "log1p_expm1_tiny",
    _log1p_expm1,
    (1e-20, -1e-300),
    gradient=lambda x: np.expm1(x) / (1 + x) + np.log1p(x) * np.exp(x),
    hessian=separable(lambda x: np.exp(x) * (2 / (1 + x) + np.log1p(x)) - np.expm1(x) / (1 + x) ** 2),
    source="a product that is quadratic near 0",
    tags=CONTROL,
)


def _hypotenuse(xp: Any, x: Any) -> Any:
    r"""f(x) = sqrt(x_1^2 + x_2^2), where squares leave the range of numbers and f does not.

    $$f(x) = \sqrt{x_1^2 + x_2^2}$$
    """
    return xp.sqrt(x[0] * x[0] + x[1] * x[1])


def _hypotenuse_scaled(xp: Any, x: Any, scale: Any) -> Any:
    r"""f(x) = s sqrt((x_1 / s)^2 + (x_2 / s)^2) with s of the size of x; in forward over forward 1 / s^2 overflows.

    $$f(x) = s \sqrt{(x_1 / s)^2 + (x_2 / s)^2}$$
    """
    return scale * _hypotenuse(xp, x / scale)


def _hypotenuse_gradient(x: FloatArray, *scale: FloatArray) -> FloatArray:
    del scale
    return x / np.hypot(*x)


def _hypotenuse_hessian(x: FloatArray, *scale: FloatArray) -> FloatArray:
    """With u the unit vector across x: u u' / |x|."""
    del scale
    across = np.array([-x[1], x[0]]) / np.hypot(*x)
    return np.outer(across, across) / np.hypot(*x)


hypotenuse_huge = trap(
    "hypotenuse_huge",
    _hypotenuse,
    HUGE,
    gradient=_hypotenuse_gradient,
    hessian=_hypotenuse_hessian,
    source="why there is a function hypot",
    upstream=UNREPORTED,
)


hypotenuse_tiny = trap(
    "hypotenuse_tiny",
    _hypotenuse,
    TINY,
    gradient=_hypotenuse_gradient,
    hessian=_hypotenuse_hessian,
    source="why there is a function hypot",
    upstream=UNREPORTED,
)


hypotenuse_scaled = trap(
    "hypotenuse_scaled",
    _hypotenuse_scaled,
    TINY,
    data=fixed(1e-200),
    gradient=_hypotenuse_gradient,
    hessian=_hypotenuse_hessian,
    source="the usual cure of hypotenuse_tiny",
    upstream=UNREPORTED,
)

PROBLEMS = (
    tanh_saturated,
    tanh_tiny,
    log1p_expm1_tiny,
    hypotenuse_huge,
    hypotenuse_tiny,
    hypotenuse_scaled,
)
