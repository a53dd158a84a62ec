"""Losses whose labels or targets depend on x too, as in distillation: a rule for the predictions alone will not do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hessbench.suites.canaries.losses import log_softmax_of
from hessbench.suites.definition.pointwise import canary, generic

LABELS = {"tensorflow": "tensorflow#26495: the labels' part is lost, though not of the gradient"}


def _sigmoid(xp: Any, x: Any) -> Any:
    return 1 / (1 + xp.exp(-x))


def _cross_entropy(xp: Any, x: Any) -> Any:
    r"""f(x) = -sum_i p_i log q_i with the softmaxes p of a and q of b, x = (a, b), three entries each.

    $$f(x) = -\sum_i p_i \log q_i, \quad p = \mathrm{softmax}(a), \quad q = \mathrm{softmax}(b), \quad x = (a, b)$$
    """
    return -xp.sum(xp.exp(log_softmax_of(xp, x[:3])) * log_softmax_of(xp, x[3:]))


soft_labels = canary(
    "soft_labels",
    _cross_entropy,
    generic(6),
    source="torch.nn.functional.cross_entropy of probabilities",
    upstream=LABELS,
)
keras_soft_labels = replace(
    soft_labels, name="keras_soft_labels", source="keras.losses.categorical_crossentropy, from_logits=True"
)


def _entropy(xp: Any, x: Any) -> Any:
    r"""f(x) = -sum_i p_i log p_i with the softmax p of x, the entropy as the cross-entropy of x with itself.

    $$f(x) = -\sum_i p_i \log p_i, \quad p = \mathrm{softmax}(x)$$
    """
    logs = log_softmax_of(xp, x)
    return -xp.sum(xp.exp(logs) * logs)


entropy = canary(
    "entropy",
    _entropy,
    generic(4),
    source="torch.nn.functional.cross_entropy of a softmax of the same logits",
    upstream=LABELS,
)


def _binary_cross_entropy(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i log(1 + exp(b_i)) - p_i b_i with p_i = 1 / (1 + exp(-a_i)), x = (a, b), two entries each.

    $$f(x) = \sum_i \log(1 + e^{b_i}) - \sigma(a_i)\, b_i, \quad x = (a, b)$$
    """
    return xp.sum(xp.log1p(xp.exp(x[2:])) - _sigmoid(xp, x[:2]) * x[2:])


binary_labels = canary(
    "binary_labels",
    _binary_cross_entropy,
    generic(4),
    source="torch.nn.functional.binary_cross_entropy_with_logits",
)
probable_labels = replace(
    binary_labels, name="probable_labels", source="torch.nn.functional.binary_cross_entropy of probabilities"
)


def _mse_loss(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (a_i - exp(b_i))^2 / 2, x = (a, b), two entries each.

    $$f(x) = \tfrac12 \sum_i (a_i - e^{b_i})^2, \quad x = (a, b)$$
    """
    apart = x[:2] - xp.exp(x[2:])
    return xp.mean(apart * apart)


mse_loss = canary("mse_loss", _mse_loss, generic(4), source="torch.nn.functional.mse_loss")


def _poisson_loss(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i exp(a_i) - t_i a_i with t_i = exp(b_i), x = (a, b), two entries each.

    $$f(x) = \sum_i e^{a_i} - e^{b_i} a_i, \quad x = (a, b)$$
    """
    return xp.sum(xp.exp(x[:2]) - xp.exp(x[2:]) * x[:2])


poisson_loss = canary("poisson_loss", _poisson_loss, generic(4), source="torch.nn.functional.poisson_nll_loss")


def _gaussian_loss(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (c_i + (a_i - b_i)^2 exp(-c_i)) / 2, x = (a, b, c), two entries each; exp(c_i) is the variance.

    $$f(x) = \tfrac12 \sum_i c_i + (a_i - b_i)^2 e^{-c_i}, \quad x = (a, b, c)$$
    """
    apart = x[:2] - x[2:4]
    return 0.5 * xp.sum(x[4:] + apart * apart * xp.exp(-x[4:]))


gaussian_loss = canary("gaussian_loss", _gaussian_loss, generic(6), source="torch.nn.functional.gaussian_nll_loss")


def _smooth_l1(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i h(a_i - b_i^3), quadratic up to 1 and linear beyond; x = (a, b), two entries each.

    $$f(x) = \sum_i h(a_i - b_i^3), \quad
    h(d) = \begin{cases} d^2 / 2 & |d| \le 1 \\ |d| - 1/2 & |d| > 1 \end{cases}$$
    """
    apart = x[:2] - x[2:] * x[2:] * x[2:]
    distance = xp.abs(apart)
    return xp.sum(xp.where(distance <= 1, 0.5 * apart * apart, distance - 0.5))


smooth_l1_loss = canary(
    "smooth_l1_loss", _smooth_l1, (0.5, -2.0, 0.3, 1.2), source="torch.nn.functional.smooth_l1_loss"
)

PROBLEMS = (
    soft_labels,
    keras_soft_labels,
    entropy,
    binary_labels,
    probable_labels,
    mse_loss,
    poisson_loss,
    gaussian_loss,
    smooth_l1_loss,
)
