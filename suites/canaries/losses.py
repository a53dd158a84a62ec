"""Losses: native functions beside their definitions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import NONE_FOUND, canary, fixed, generic, weights

ONE_HOT = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
SIGNS = np.array([1.0, -1.0, 1.0])


def log_softmax_of(xp: Any, logits: Any) -> Any:
    """Along the last axis, without a shift: the logits of the canaries are small."""
    return logits - xp.log(xp.sum(xp.exp(logits), axis=-1, keepdims=True))


def _squares_of_log_softmax(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i l_i^2 with the logarithms l of a softmax.

    $$f(x) = \sum_i w_i l_i^2, \quad l_i = x_i - \log \sum_j e^{x_j}$$
    """
    return xp.sum(weights * xp.square(log_softmax_of(xp, x)))


log_softmax = canary(
    "log_softmax",
    _squares_of_log_softmax,
    generic(4),
    data=fixed(weights(4)),
    source="torch.nn.functional.log_softmax",
)


def _cross_entropy(xp: Any, x: Any, labels: Any) -> Any:
    r"""f(x) = -(1/2) sum_ij y_ij l_ij, two samples of three classes, l the logarithms of a softmax.

    $$f(x) = -\tfrac12 \sum_{ij} y_{ij} \Bigl(X_{ij} - \log \sum_k e^{X_{ik}}\Bigr)$$
    """
    return -0.5 * xp.sum(labels * log_softmax_of(xp, xp.reshape(x, (2, 3))))


def _cross_entropy_hessian(x: FloatArray, labels: FloatArray) -> FloatArray:
    p = np.exp(x.reshape(2, 3))
    p /= p.sum(axis=1, keepdims=True)
    hessian = np.zeros((6, 6))
    for i, row in enumerate(p):
        hessian[3 * i : 3 * i + 3, 3 * i : 3 * i + 3] = 0.5 * labels[i].sum() * (np.diag(row) - np.outer(row, row))
    return hessian


cross_entropy = canary(
    "cross_entropy",
    _cross_entropy,
    generic(6),
    data=fixed(ONE_HOT),
    hessian=_cross_entropy_hessian,
    source="torch.nn.functional.cross_entropy of labels",
)


def _kl_div(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i p_i (log p_i - log q_i) with the softmaxes q of a and p of b, x = (a, b).

    $$f(x) = \sum_i p_i (\log p_i - \log q_i), \quad q = \mathrm{softmax}(a), \quad p = \mathrm{softmax}(b)$$
    """
    log_q, log_p = log_softmax_of(xp, x[:3]), log_softmax_of(xp, x[3:])
    return xp.sum(xp.exp(log_p) * (log_p - log_q))


kl_div = canary("kl_div", _kl_div, generic(6), source="torch.nn.functional.kl_div, reduction='sum'")


def _huber_loss(xp: Any, x: Any, targets: Any) -> Any:
    r"""f(x) = L^2 with the mean L of h(x_i - y_i), which is quadratic up to 1 and linear beyond.

    $$f(x) = L^2, \quad L = \tfrac14 \sum_i h(x_i - y_i), \quad
    h(d) = \begin{cases} d^2 / 2 & |d| \le 1 \\ |d| - 1/2 & |d| > 1 \end{cases}$$
    """
    apart = x - targets
    distance = xp.abs(apart)
    return xp.square(xp.mean(xp.where(distance <= 1, 0.5 * apart * apart, distance - 0.5)))


def _huber_hessian(x: FloatArray, targets: FloatArray) -> FloatArray:
    """The Hessian of L^2: 2 g g' + 2 L diag(h'') / n with g = h' / n."""
    distance = np.abs(x - targets)
    inside = distance <= 1
    loss = np.mean(np.where(inside, 0.5 * distance**2, distance - 0.5))
    slope = np.clip(x - targets, -1, 1) / x.size
    return 2 * np.outer(slope, slope) + 2 * loss * np.diag(inside / x.size)


huber_loss = canary(
    "huber_loss",
    _huber_loss,
    (0.5, -2.0, 0.2, 3.0),
    data=fixed([0.0, 0.5, -0.4, 1.0]),
    hessian=_huber_hessian,
    source="torch.nn.functional.huber_loss",
    upstream={"torch": NONE_FOUND},
)


def _soft_margin_loss(xp: Any, x: Any, signs: Any) -> Any:
    r"""f(x) = (1/3) sum_i log(1 + exp(-y_i x_i)) with y_i = -1 or 1.

    $$f(x) = \tfrac13 \sum_i \log(1 + e^{-y_i x_i})$$
    """
    return xp.mean(xp.log1p(xp.exp(-signs * x)))


def _soft_margin_hessian(x: FloatArray, signs: FloatArray) -> FloatArray:
    p = 1 / (1 + np.exp(-signs * x))
    return np.diag(p * (1 - p)) / x.size


soft_margin_loss = canary(
    "soft_margin_loss",
    _soft_margin_loss,
    generic(3),
    data=fixed(SIGNS),
    hessian=_soft_margin_hessian,
    source="torch.nn.functional.soft_margin_loss",
    upstream={"torch": NONE_FOUND},
)


def _ctc_loss(xp: Any, x: Any) -> Any:
    r"""f(x) = -log p of the one label in two frames: label first, label last, or twice; two classes.

    $$f(x) = -\log(p_{10} p_{21} + p_{11} p_{20} + p_{11} p_{21}), \quad p_t = \mathrm{softmax}(x_{t0}, x_{t1})$$
    """
    frames = log_softmax_of(xp, xp.reshape(x, (2, 2)))
    paths = (frames[0, 0] + frames[1, 1], frames[0, 1] + frames[1, 0], frames[0, 1] + frames[1, 1])
    return -xp.log(sum(xp.exp(path) for path in paths))


ctc_loss = canary(
    "ctc_loss", _ctc_loss, generic(4), source="torch.nn.functional.ctc_loss", upstream={"torch": "pytorch#70108"}
)


sparse_cross_entropy = replace(
    cross_entropy, name="sparse_cross_entropy", source="tf.nn.sparse_softmax_cross_entropy_with_logits", upstream={}
)


PROBLEMS = (
    log_softmax,
    cross_entropy,
    kl_div,
    huber_loss,
    soft_margin_loss,
    ctc_loss,
    sparse_cross_entropy,
)
