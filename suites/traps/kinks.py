"""Smooth functions composed of functions with kinks: absolute values, roots at zero, ties of a maximum."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import CONTROL, NONE_FOUND, fixed, separable, trap

NORM = {"torch": "pytorch#92075, functorch#1097", "jax": "jax#21723", "tensorflow": "tensorflow#12071"}
UNREPORTED = dict.fromkeys(("torch", "jax", "tensorflow"), NONE_FOUND)
TIE = {"torch": "pytorch#184572, pytorch#56734", "jax": "jax#37821", "tensorflow": NONE_FOUND}
REDUCED_TIE = {"torch": "pytorch#43519", "jax": NONE_FOUND, "tensorflow": "tensorflow#51681"}
CENTER = np.array([0.5, -1.0, 2.0])


def _length(xp: Any, x: Any) -> Any:
    return xp.sqrt(xp.sum(x * x))


def _norm_squared(xp: Any, x: Any) -> Any:
    r"""f(x) = |x|^2 as the square of a square root, at 0.

    $$f(x) = \Bigl(\sqrt{\textstyle\sum_i x_i^2}\Bigr)^2$$
    """
    return xp.square(_length(xp, x))


norm_squared = trap(
    "norm_squared",
    _norm_squared,
    (0.0, 0.0, 0.0),
    gradient=lambda x: 2 * x,
    hessian=lambda x: 2 * np.eye(x.size),
    source="jax#21723",
    upstream=NORM,
)


def _norm_fourth(xp: Any, x: Any) -> Any:
    r"""f(x) = |x|^4 as a power of a square root, at 0, where the Hessian is zero.

    $$f(x) = \Bigl(\sqrt{\textstyle\sum_i x_i^2}\Bigr)^4$$
    """
    return xp.square(xp.square(_length(xp, x)))


norm_fourth = trap(
    "norm_fourth",
    _norm_fourth,
    (0.0, 0.0, 0.0),
    gradient=lambda x: 4 * (x @ x) * x,
    hessian=lambda x: 4 * (x @ x) * np.eye(x.size) + 8 * np.outer(x, x),
    source="jax#21723",
    upstream=NORM,
)


def _kernel_of_distance(xp: Any, x: Any, center: Any) -> Any:
    r"""f(x) = exp(-d^2 / 2) with the distance d = |x - c| as a square root, at x = c.

    $$f(x) = e^{-d^2 / 2}, \quad d = \sqrt{\textstyle\sum_i (x_i - c_i)^2}$$
    """
    return xp.exp(-0.5 * xp.square(_length(xp, x - center)))


def _kernel_hessian(x: FloatArray, center: FloatArray) -> FloatArray:
    apart = x - center
    return np.exp(-0.5 * apart @ apart) * (np.outer(apart, apart) - np.eye(x.size))


kernel_of_distance = trap(
    "kernel_of_distance",
    _kernel_of_distance,
    tuple(CENTER),
    data=fixed(CENTER),
    gradient=lambda x, center: -np.exp(-0.5 * (x - center) @ (x - center)) * (x - center),
    hessian=_kernel_hessian,
    source="pytorch#92075",
    upstream=NORM,
)


def _angle_squared(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i acos(cos x_i)^2, which is x_i^2; acos has no derivative at 1.

    $$f(x) = \sum_i \arccos(\cos x_i)^2 = \sum_i x_i^2, \quad |x_i| < \pi$$
    """
    return xp.sum(xp.square(xp.acos(xp.cos(x))))


angle_squared = trap(
    "angle_squared",
    _angle_squared,
    (0.0, 0.5),
    gradient=lambda x: 2 * x,
    hessian=lambda x: 2 * np.eye(x.size),
    source="an angle between directions that coincide",
    upstream=UNREPORTED,
)


def _power_of_square(xp: Any, x: Any, exponents: Any) -> Any:
    r"""f(x) = sum_i (x_i^2)^1.5, which is |x_i|^3, twice differentiable at 0.

    $$f(x) = \sum_i (x_i^2)^{3/2} = \sum_i |x_i|^3$$
    """
    return xp.sum(xp.pow(x * x, exponents))


def _cubic_slope(x: FloatArray, *exponents: FloatArray) -> FloatArray:
    del exponents
    return 3 * x * np.abs(x)


def _cubic_curvature(x: FloatArray, *exponents: FloatArray) -> FloatArray:
    del exponents
    return 6 * np.abs(x)


power_of_square = trap(
    "power_of_square",
    _power_of_square,
    (0.0, 1.0, -2.0),
    data=fixed([1.5, 1.5, 1.5]),
    gradient=_cubic_slope,
    hessian=separable(_cubic_curvature),
    source="a power of a square",
    upstream=UNREPORTED,
)


def _absolute_cubed(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i |x_i|^3 by abs, at its kink and beside it.

    $$f(x) = \sum_i |x_i|^3$$
    """
    return xp.sum(xp.abs(x) * xp.abs(x) * xp.abs(x))


absolute_cubed = trap(
    "absolute_cubed",
    _absolute_cubed,
    (0.0, 1.0, -2.0),
    gradient=_cubic_slope,
    hessian=separable(_cubic_curvature),
    source="the control of power_of_square",
    tags=CONTROL,
)


def _absolute_squared(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i |x_i|^2 by abs, at 0: the square of a slope that is called 0 there has no curvature.

    $$f(x) = \sum_i |x_i|^2$$
    """
    return xp.sum(xp.square(xp.abs(x)))


absolute_squared = trap(
    "absolute_squared",
    _absolute_squared,
    (0.0, 1.0),
    gradient=lambda x: 2 * x,
    hessian=lambda x: 2 * np.eye(x.size),
    source="the square of a modulus",
    upstream=UNREPORTED,
)


def _absolute_times(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i |x_i| x_i beside the kink of its slope, where differences step across.

    $$f(x) = \sum_i |x_i|\, x_i$$
    """
    return xp.sum(xp.abs(x) * x)


absolute_times = trap(
    "absolute_times",
    _absolute_times,
    (1e-12, -1e-12, 1.0),
    gradient=lambda x: 2 * np.abs(x),
    hessian=separable(lambda x: 2 * np.sign(x)),
    source="a slope with a kink",
    tags=CONTROL,
)


def _positive_cubed(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i max(x_i, 0)^3, twice differentiable at its kink.

    $$f(x) = \sum_i \max(x_i, 0)^3$$
    """
    positive = xp.maximum(x, xp.zeros_like(x))
    return xp.sum(positive * positive * positive)


positive_cubed = trap(
    "positive_cubed",
    _positive_cubed,
    (0.0, 1.0, -1.0),
    gradient=lambda x: 3 * np.maximum(x, 0) ** 2,
    hessian=separable(lambda x: 6 * np.maximum(x, 0)),
    source="a rectifier's cube",
    tags=CONTROL,
)


def _rectified_difference(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (max(x_i, 0) - max(-x_i, 0))^2, which is x_i^2, at 0: both maxima are ties.

    $$f(x) = \sum_i \bigl(\max(x_i, 0) - \max(-x_i, 0)\bigr)^2 = \sum_i x_i^2$$
    """
    zero = xp.zeros_like(x)
    return xp.sum(xp.square(xp.maximum(x, zero) - xp.maximum(-x, zero)))


rectified_difference = trap(
    "rectified_difference",
    _rectified_difference,
    (0.0, 1.0),
    gradient=lambda x: 2 * x,
    hessian=lambda x: 2 * np.eye(x.size),
    source="the positive and the negative part",
    upstream=TIE,
)


def _squares_of_extremes(xp: Any, x: Any) -> Any:
    r"""f(x) = max(x_1, x_2)^2 + min(x_1, x_2)^2, which is x_1^2 + x_2^2, at a tie, elementwise.

    $$f(x) = \max(x_1, x_2)^2 + \min(x_1, x_2)^2 = x_1^2 + x_2^2$$
    """
    return xp.square(xp.maximum(x[0], x[1])) + xp.square(xp.minimum(x[0], x[1]))


squares_of_extremes = trap(
    "squares_of_extremes",
    _squares_of_extremes,
    (1.0, 1.0),
    gradient=lambda x: 2 * x,
    hessian=lambda x: 2 * np.eye(2),
    source="a symmetric function of sorted values",
    upstream=TIE,
)


def _product_of_extremes(xp: Any, x: Any) -> Any:
    r"""f(x) = max(x) min(x) of two variables, which is x_1 x_2, at a tie, as reductions.

    $$f(x) = \max_i x_i\, \min_i x_i = x_1 x_2$$
    """
    return xp.max(x) * xp.min(x)


product_of_extremes = trap(
    "product_of_extremes",
    _product_of_extremes,
    (1.0, 1.0),
    gradient=lambda x: x[::-1].copy(),
    hessian=lambda x: np.array([[0.0, 1.0], [1.0, 0.0]]),
    source="a symmetric function of sorted values",
    upstream=REDUCED_TIE,
)

PROBLEMS = (
    norm_squared,
    norm_fourth,
    kernel_of_distance,
    angle_squared,
    power_of_square,
    absolute_cubed,
    absolute_squared,
    absolute_times,
    positive_cubed,
    rectified_difference,
    squares_of_extremes,
    product_of_extremes,
)
