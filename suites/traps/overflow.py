"""Exponentials and squares that overflow, underflow or saturate, though f and its Hessian are ordinary numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import CONTROL, NONE_FOUND, fixed, separable, trap

FAR = (800.0, 0.0, -800.0)
UNREPORTED = dict.fromkeys(("torch", "jax", "tensorflow"), NONE_FOUND)
FOLDED = {"torch": "pytorch#2195", "jax": "jax#2140, jax#37820", "tensorflow": NONE_FOUND}
SATURATED = {"torch": "pytorch#195685", "jax": "jax#40343, jax#40315", "tensorflow": "tensorflow#126637"}
NAIVE = {"torch": NONE_FOUND, "jax": "jax#40387", "tensorflow": "tensorflow#126635"}
HUGE, TINY = (3e200, 4e200), (3e-200, 4e-200)


def _sigmoid(x: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)), without overflow and with all digits in both tails."""
    small = np.exp(-np.abs(x))
    return np.where(x > 0, 1.0, small) / (1 + small)


def _sigmoid_slope(x: FloatArray) -> FloatArray:
    return _sigmoid(x) * _sigmoid(-x)


def _softplus_naive(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i log(1 + exp(x_i)), where exp overflows.

    $$f(x) = \sum_i \log(1 + e^{x_i})$$
    """
    return xp.sum(xp.log(1 + xp.exp(x)))


def _softplus_folded(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i log(1 + exp(x_i)) as max(x_i, 0) + log1p(exp(-|x_i|)), at 0, where its kinks have to cancel.

    $$f(x) = \sum_i \max(x_i, 0) + \log(1 + e^{-|x_i|})$$
    """
    return xp.sum(xp.maximum(x, xp.zeros_like(x)) + xp.log1p(xp.exp(-xp.abs(x))))


def _softplus_where(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i log(1 + exp(x_i)) by a double where, each branch with an exponent that is not positive.

    $$f(x) = \sum_i \begin{cases} x_i + \log(1 + e^{-x_i}) & x_i > 0 \\ \log(1 + e^{x_i}) & \text{else} \end{cases}$$
    """
    zero = xp.zeros_like(x)
    positive, negative = xp.where(x > 0, x, zero), xp.where(x > 0, zero, x)
    return xp.sum(xp.where(x > 0, positive + xp.log1p(xp.exp(-positive)), xp.log1p(xp.exp(negative))))


softplus_naive = trap(
    "softplus_naive",
    _softplus_naive,
    FAR,
    gradient=_sigmoid,
    hessian=separable(_sigmoid_slope),
    source="jax#40387",
    upstream=NAIVE,
)
softplus_folded = trap(
    "softplus_folded",
    _softplus_folded,
    FAR,
    gradient=_sigmoid,
    hessian=separable(_sigmoid_slope),
    source="the formula of tf.nn.sigmoid_cross_entropy_with_logits",
    upstream=FOLDED,
)
softplus_where = trap(
    "softplus_where",
    _softplus_where,
    FAR,
    gradient=_sigmoid,
    hessian=separable(_sigmoid_slope),
    source="the control of softplus_naive",
    tags=CONTROL,
)


def _log_sigmoid_naive(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i log(1 / (1 + exp(-x_i))), where exp overflows.

    $$f(x) = \sum_i \log \frac{1}{1 + e^{-x_i}}$$
    """
    return xp.sum(xp.log(1 / (1 + xp.exp(-x))))


log_sigmoid_naive = trap(
    "log_sigmoid_naive",
    _log_sigmoid_naive,
    FAR,
    gradient=lambda x: _sigmoid(-x),
    hessian=separable(lambda x: -_sigmoid_slope(x)),
    source="tensorflow#126635",
    upstream=NAIVE,
)


def _sigmoid_naive(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i 1 / (1 + exp(-x_i)), where exp overflows and the value is right.

    $$f(x) = \sum_i \frac{1}{1 + e^{-x_i}}$$
    """
    return xp.sum(1 / (1 + xp.exp(-x)))


sigmoid_naive = trap(
    "sigmoid_naive",
    _sigmoid_naive,
    (-800.0, 1.0),
    gradient=_sigmoid_slope,
    hessian=separable(lambda x: _sigmoid_slope(x) * (_sigmoid(-x) - _sigmoid(x))),
    source="jax#40387",
    upstream=NAIVE,
)


def _logsumexp_naive(xp: Any, x: Any) -> Any:
    r"""f(x) = log sum_i exp(x_i), where exp overflows.

    $$f(x) = \log \sum_i e^{x_i}$$
    """
    return xp.log(xp.sum(xp.exp(x)))


def _logsumexp_shifted(xp: Any, x: Any) -> Any:
    r"""f(x) = m + log sum_i exp(x_i - m) with m = max x, at a tie: the shift must cancel in second order.

    $$f(x) = m + \log \sum_i e^{x_i - m}, \quad m = \max_i x_i$$
    """
    shift = xp.max(x)
    return shift + xp.log(xp.sum(xp.exp(x - shift)))


def _softmax(x: FloatArray) -> FloatArray:
    weights = np.exp(x - np.max(x))
    return weights / weights.sum()


def _softmax_hessian(x: FloatArray) -> FloatArray:
    p = _softmax(x)
    return np.diag(p) - np.outer(p, p)


logsumexp_naive = trap(
    "logsumexp_naive",
    _logsumexp_naive,
    (1000.0, 999.0, 0.0),
    gradient=_softmax,
    hessian=_softmax_hessian,
    source="jax#40387",
    upstream=NAIVE,
)
logsumexp_shifted = trap(
    "logsumexp_shifted",
    _logsumexp_shifted,
    (1000.0, 1000.0, 999.0),
    gradient=_softmax,
    hessian=_softmax_hessian,
    source="the control of logsumexp_naive",
    tags=CONTROL,
)


def _logaddexp(xp: Any, x: Any) -> Any:
    r"""f(x) = log(exp(x_1) + exp(x_2)) + log(exp(x_3) + exp(x_4)) by logaddexp, the first two far apart.

    $$f(x) = \log(e^{x_1} + e^{x_2}) + \log(e^{x_3} + e^{x_4})$$
    """
    return xp.logaddexp(x[0], x[1]) + xp.logaddexp(x[2], x[3])


def _logaddexp_gradient(x: FloatArray) -> FloatArray:
    return np.concatenate([_softmax(x[:2]), _softmax(x[2:])])


def _logaddexp_hessian(x: FloatArray) -> FloatArray:
    slopes = np.repeat(_sigmoid_slope(np.array([x[0] - x[1], x[2] - x[3]])), 2)
    return np.diag(slopes) - np.diag(slopes[:-1] * [1, 0, 1], 1) - np.diag(slopes[:-1] * [1, 0, 1], -1)


logaddexp_far_apart = trap(
    "logaddexp_far_apart",
    _logaddexp,
    (0.0, 800.0, 1.0, 1.5),
    gradient=_logaddexp_gradient,
    hessian=_logaddexp_hessian,
    source="pytorch#196704",
    upstream={"torch": "pytorch#196704"},
)
logaddexp_equal = trap(
    "logaddexp_equal",
    _logaddexp,
    (0.0, 0.0, 1.0, 1.0),
    gradient=_logaddexp_gradient,
    hessian=_logaddexp_hessian,
    source="a tie inside logaddexp",
    tags=CONTROL,
)


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
    softplus_naive,
    softplus_folded,
    softplus_where,
    log_sigmoid_naive,
    sigmoid_naive,
    logsumexp_naive,
    logsumexp_shifted,
    logaddexp_far_apart,
    logaddexp_equal,
    tanh_saturated,
    tanh_tiny,
    log1p_expm1_tiny,
    hypotenuse_huge,
    hypotenuse_tiny,
    hypotenuse_scaled,
)
