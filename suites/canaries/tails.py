"""Special functions far out, where a second derivative by the textbook's rule is a difference of large numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import LINEAR, canary, fixed, separable, weights

DEPTH = 20
"""Terms of continued fractions; from x = 6 on these give all digits (at x = 5, 1e-15 is off)."""
CIRCLE = 2 * np.pi * np.arange(128) / 128
"""The trapezoidal rule on a circle: its error at x is exp(-N^2 / 2x) with N = 128 nodes."""


def _mills(xp: Any, x: Any) -> Any:
    """The fraction K in Q(x) = phi(x) / K of the normal tail (Laplace): K = x + 1/(x + 2/(x + 3/(x + ...)))."""
    fraction = x
    for k in range(DEPTH, 0, -1):
        fraction = x + k / fraction
    return fraction


def _log_tail(xp: Any, x: Any) -> Any:
    """The logarithm of the normal distribution's tail beyond x."""
    return -0.5 * x * x - 0.5 * math.log(2 * math.pi) - xp.log(_mills(xp, x))


def _log_tail_curvature(x: FloatArray) -> FloatArray:
    """-r (r - x) with the hazard r = K > 0, whose excess over x is the rest of the fraction."""
    excess = _rest(x)
    return -(x + excess) * excess


def _rest(x: FloatArray) -> FloatArray:
    """K - x without a difference: 1/(x + 2/(x + ...))."""
    fraction = x
    for k in range(DEPTH, 1, -1):
        fraction = x + k / fraction
    return 1 / fraction


def _log_ndtr(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i log Phi(-x_i) far out in the lower tail.

    $$f(x) = \sum_i w_i \log \Phi(-x_i), \quad \Phi(-x) = \frac{\varphi(x)}{x + \frac{1}{x + \frac{2}{x + \cdots}}}$$
    """
    return xp.sum(weights * _log_tail(xp, x))


FAR = (6.0, 12.0, 30.0)

log_ndtr_tail = canary(
    "log_ndtr_tail",
    _log_ndtr,
    FAR,
    data=fixed(weights(3)),
    gradient=lambda x, w: -w * _mills(np, x),
    hessian=separable(lambda x, w: w * _log_tail_curvature(x)),
    source="torch.special.log_ndtr of -x",
    upstream={"jax": "jax#694, jax#25564"},
)


def _erfc(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i erfc(x_i / sqrt(2)), with weights that make small values large.

    $$f(x) = \sum_i w_i\, \mathrm{erfc} \frac{x_i}{\sqrt2} = 2 \sum_i w_i \Phi(-x_i)$$
    """
    return 2 * xp.sum(weights * xp.exp(_log_tail(xp, x)))


OUT = np.array([6.0, 8.0, 12.0])

erfc_tail = canary(
    "erfc_tail",
    _erfc,
    OUT,
    data=fixed(np.exp(0.5 * OUT**2)),
    hessian=separable(lambda x, w: w * math.sqrt(2 / math.pi) * x * np.exp(-0.5 * x**2)),
    source="torch.erfc",
)


def _erfcx(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i exp(x_i^2) erfc(x_i), which falls like 1 / (sqrt(pi) x).

    $$f(x) = \sum_i w_i e^{x_i^2} \mathrm{erfc}\, x_i = \sqrt{\tfrac2\pi} \sum_i \frac{w_i}{K(\sqrt2 x_i)}$$
    """
    return math.sqrt(2 / math.pi) * xp.sum(weights / _mills(xp, math.sqrt(2) * x))


erfcx_tail = canary(
    "erfcx_tail",
    _erfcx,
    (30.0, 60.0, 100.0),
    data=fixed(weights(3)),
    source="torch.special.erfcx",
)


def _log_sigmoid(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = -sum_i w_i log(1 + exp(-x_i)) of large and of very negative x_i.

    $$f(x) = -\sum_i w_i \log(1 + e^{-x_i})$$
    """
    return -xp.sum(weights * (xp.maximum(-x, xp.zeros_like(x)) + xp.log1p(xp.exp(-xp.abs(x)))))


def _logistic_curvature(x: FloatArray) -> FloatArray:
    small = np.exp(-np.abs(x))
    return small / (1 + small) ** 2


FLAT = np.array([-28.0, 30.0, -32.0])
"""Where softplus is nearly straight: its curvature is exp(-|x|), and the weights are exp(|x|)."""

log_sigmoid_tail = canary(
    "log_sigmoid_tail",
    _log_sigmoid,
    FLAT,
    data=fixed(np.exp(np.abs(FLAT))),
    tags=LINEAR,
    hessian=separable(lambda x, w: -w * _logistic_curvature(x)),
    source="torch.nn.functional.logsigmoid",
)


def _softplus(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i log(1 + exp(x_i)) where it is nearly x_i; beyond 20 PyTorch turns to that.

    $$f(x) = \sum_i w_i \log(1 + e^{x_i})$$
    """
    return xp.sum(weights * (xp.maximum(x, xp.zeros_like(x)) + xp.log1p(xp.exp(-xp.abs(x)))))


softplus_tail = canary(
    "softplus_tail",
    _softplus,
    np.abs(FLAT),
    data=fixed(np.exp(np.abs(FLAT))),
    tags=LINEAR,
    hessian=separable(lambda x, w: w * _logistic_curvature(x)),
    source="torch.nn.functional.softplus",
    upstream={"jax": "jax#40387", "torch": "documented: a straight line beyond its threshold"},
)


def _logsumexp(xp: Any, x: Any, mask: Any) -> Any:
    r"""f(x) = log(exp(x_1) + exp(x_2) + exp(x_3)) beside an entry -inf, which counts nothing.

    $$f(x) = \log \sum_i e^{x_i}$$
    """
    del mask
    return xp.log(xp.sum(xp.exp(x)))


def _logsumexp_hessian(x: FloatArray, mask: FloatArray) -> FloatArray:
    p = np.exp(x) / np.sum(np.exp(x))
    return np.diag(p) - np.outer(p, p)


logsumexp_masked = canary(
    "logsumexp_masked",
    _logsumexp,
    (0.3, -1.2, 0.9),
    data=fixed([0.0, 0.0, 0.0, -np.inf]),
    hessian=_logsumexp_hessian,
    source="torch.logsumexp with a masked entry",
)


def _lgamma(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i log Gamma(x_i) of large x_i, by Stirling's series.

    $$f(x) = \sum_i w_i \Bigl((x_i - \tfrac12) \log x_i - x_i + \tfrac12 \log 2 \pi + \frac{1}{12 x_i} -
    \frac{1}{360 x_i^3} + \cdots\Bigr)$$
    """
    square = 1 / (x * x)
    series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / x
    return xp.sum(weights * ((x - 0.5) * xp.log(x) - x + 0.5 * math.log(2 * math.pi) + series))


def _trigamma(x: FloatArray) -> FloatArray:
    square = 1 / (x * x)
    return 1 / x + square / 2 + square / x * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30)))


lgamma_tail = canary(
    "lgamma_tail",
    _lgamma,
    (40.0, 300.0, 2000.0),
    data=fixed(weights(3)),
    hessian=separable(lambda x, w: w * _trigamma(x)),
    source="torch.lgamma",
    upstream={"torch": "pytorch#4399, pytorch#55357"},
)


def _gammaincc(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i Q(2, x_i), the upper incomplete gamma function, with weights that make small values large.

    $$f(x) = \sum_i w_i Q(2, x_i) = \sum_i w_i (1 + x_i) e^{-x_i}$$
    """
    return xp.sum(weights * (1 + x) * xp.exp(-x))


LATE = np.array([10.0, 30.0, 80.0])

gammaincc_tail = canary(
    "gammaincc_tail",
    _gammaincc,
    LATE,
    data=fixed(np.exp(LATE) / LATE),
    hessian=separable(lambda x, w: w * (x - 1) * np.exp(-x)),
    source="torch.special.gammaincc",
)


def _bessel_i0e(xp: Any, x: Any, weights: Any, angles: Any) -> Any:
    r"""f(x) = sum_i w_i exp(-x_i) I_0(x_i), as a mean over the circle; it falls like 1 / sqrt(2 pi x).

    $$f(x) = \sum_i w_i e^{-x_i} I_0(x_i) = \sum_i \frac{w_i}{2\pi} \int_0^{2\pi} e^{x_i (\cos \theta - 1)}\, d\theta$$
    """
    falling = xp.exp(xp.expand_dims(x, axis=1) * xp.expand_dims(xp.cos(angles) - 1, axis=0))
    return xp.sum(weights * xp.mean(falling, axis=1))


def _bessel_i0e_hessian(x: FloatArray, weights: FloatArray, angles: FloatArray) -> FloatArray:
    slopes = np.cos(angles) - 1
    return np.diag(weights * np.mean(slopes**2 * np.exp(np.outer(x, slopes)), axis=1))


bessel_i0e_tail = canary(
    "bessel_i0e_tail",
    _bessel_i0e,
    (10.0, 40.0, 100.0),
    data=fixed(weights(3), CIRCLE),
    hessian=_bessel_i0e_hessian,
    source="torch.special.i0e",
)

PROBLEMS = (
    log_ndtr_tail,
    erfc_tail,
    erfcx_tail,
    log_sigmoid_tail,
    softplus_tail,
    logsumexp_masked,
    lgamma_tail,
    gammaincc_tail,
    bessel_i0e_tail,
)
