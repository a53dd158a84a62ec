"""Exponentials that overflow or underflow, though f and its Hessian are ordinary numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import CONTROL, NONE_FOUND, separable, trap

FAR = (800.0, 0.0, -800.0)


FOLDED = {"torch": "pytorch#2195", "jax": "jax#2140, jax#37820", "tensorflow": NONE_FOUND}


NAIVE = {"torch": NONE_FOUND, "jax": "jax#40387", "tensorflow": "tensorflow#126635"}


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
)
