"""Special functions and activations: native functions beside closed formulas, recurrences and quadrature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import NONE_FOUND, canary, fixed, weights

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(24)
CIRCLE = 2 * np.pi * np.arange(48) / 48
"""The trapezoidal rule on a circle is exact to the last digit here (Trefethen & Weideman 2014)."""

POSITIVE = (0.7, 1.3, 2.2)
FORWARD = {"torch": "pytorch#71117"}
TRIGAMMA = {"torch": "pytorch#4399, pytorch#55357"}
"""PyTorch knows the trigamma function to nine digits."""


def _softplus(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i log(1 + exp(x_i)) for x_i below 20, where PyTorch turns to x_i.

    $$f(x) = \sum_i w_i \log(1 + e^{x_i})$$
    """
    return xp.sum(weights * xp.log1p(xp.exp(x)))


def _softplus_hessian(x: FloatArray, weights: FloatArray) -> FloatArray:
    p = 1 / (1 + np.exp(-x))
    return np.diag(weights * p * (1 - p))


softplus = canary(
    "softplus",
    _softplus,
    (-1.5, 0.0, 2.5),
    data=fixed(weights(3)),
    hessian=_softplus_hessian,
    source="torch.nn.functional.softplus",
)


def _gelu(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i x_i (1 + tanh(sqrt(2/pi) (x_i + 0.044715 x_i^3))) / 2.

    $$f(x) = \sum_i w_i \tfrac{x_i}{2} \Bigl(1 + \tanh \sqrt{\tfrac{2}{\pi}} (x_i + 0.044715 x_i^3)\Bigr)$$
    """
    inner = (2 / xp.pi) ** 0.5 * (x + 0.044715 * x * x * x)
    return xp.sum(weights * 0.5 * x * (1 + xp.tanh(inner)))


gelu = canary(
    "gelu", _gelu, (-1.5, 0.2, 2.5), data=fixed(weights(3)), source="torch.nn.functional.gelu, approximate='tanh'"
)


def _glu(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i exp(a_i / (1 + exp(-b_i))) with x = (a, b), two entries each.

    $$f(x) = \sum_i w_i \exp \frac{a_i}{1 + e^{-b_i}}, \quad x = (a, b)$$
    """
    return xp.sum(weights * xp.exp(x[:2] / (1 + xp.exp(-x[2:]))))


glu = canary(
    "glu",
    _glu,
    (0.5, -1.0, 0.3, 2.0),
    data=fixed(weights(2)),
    source="torch.nn.functional.glu",
    upstream={"torch": NONE_FOUND},
)


def _erf(xp: Any, x: Any, weights: Any, nodes: Any, node_weights: Any) -> Any:
    r"""f(x) = sum_i w_i erf(x_i), by Gauss-Legendre quadrature.

    $$f(x) = \sum_i w_i\, \mathrm{erf}(x_i), \quad
    \mathrm{erf}(x) = \frac{2 x}{\sqrt\pi} \int_0^1 e^{-x^2 t^2}\, dt$$
    """
    t = xp.expand_dims(x, axis=1) * xp.expand_dims((1 + nodes) / 2, axis=0)
    return xp.sum(weights * x * xp.matmul(xp.exp(-t * t), node_weights)) / xp.pi**0.5


erf = canary(
    "erf",
    _erf,
    (-1.5, 0.2, 0.9),
    data=fixed(weights(3), NODES, NODE_WEIGHTS),
    source="torch.erf",
    hessian=lambda x, w, *rule: np.diag(-4 / np.sqrt(np.pi) * w * x * np.exp(-x * x)),
)


def _bessel_j0(xp: Any, x: Any, weights: Any, angles: Any) -> Any:
    r"""f(x) = sum_i w_i J_0(x_i), as the mean of a cosine over the circle.

    $$f(x) = \sum_i w_i J_0(x_i), \quad J_0(x) = \frac{1}{2\pi} \int_0^{2\pi} \cos(x \sin \theta)\, d\theta$$
    """
    return xp.sum(weights * xp.mean(xp.cos(xp.expand_dims(x, axis=1) * xp.sin(angles)), axis=1))


def _bessel_j0_hessian(x: FloatArray, weights: FloatArray, angles: FloatArray) -> FloatArray:
    sines = np.sin(angles)
    return np.diag(-weights * np.mean(sines**2 * np.cos(np.outer(x, sines)), axis=1))


bessel_j0 = canary(
    "bessel_j0",
    _bessel_j0,
    POSITIVE,
    data=fixed(weights(3), CIRCLE),
    hessian=_bessel_j0_hessian,
    source="torch.special.bessel_j0",
    upstream={"torch": "pytorch#189872"},
)


def _lgamma(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i log(x_i (x_i + 1) (x_i + 2)), which is a difference of log-gammas.

    $$f(x) = \sum_i w_i \log \frac{\Gamma(x_i + 3)}{\Gamma(x_i)} = \sum_i w_i \log x_i (x_i + 1) (x_i + 2)$$
    """
    return xp.sum(weights * xp.log(x * (x + 1) * (x + 2)))


lgamma = canary(
    "lgamma",
    _lgamma,
    POSITIVE,
    data=fixed(weights(3)),
    source="torch.lgamma at two points",
    upstream=TRIGAMMA,
    hessian=lambda x, w: np.diag(-w * (x**-2.0 + (x + 1) ** -2.0 + (x + 2) ** -2.0)),
)


def _digamma(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i (1 / x_i + 1 / (x_i + 1)), which is a difference of digammas.

    $$f(x) = \sum_i w_i (\psi(x_i + 2) - \psi(x_i)) = \sum_i w_i \Bigl(\frac{1}{x_i} + \frac{1}{x_i + 1}\Bigr)$$
    """
    return xp.sum(weights * (1 / x + 1 / (x + 1)))


digamma = canary(
    "digamma",
    _digamma,
    POSITIVE,
    data=fixed(weights(3)),
    source="torch.digamma at two points",
    upstream=TRIGAMMA,
    hessian=lambda x, w: np.diag(2 * w * (x**-3.0 + (x + 1) ** -3.0)),
)


def _zeta(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i (x_i^-3 + (x_i + 1)^-3), which is a difference of Hurwitz zetas.

    $$f(x) = \sum_i w_i (\zeta(3, x_i) - \zeta(3, x_i + 2)) = \sum_i w_i (x_i^{-3} + (x_i + 1)^{-3})$$
    """
    return xp.sum(weights * (1 / (x * x * x) + 1 / ((x + 1) * (x + 1) * (x + 1))))


zeta = canary(
    "zeta",
    _zeta,
    POSITIVE,
    data=fixed(weights(3)),
    source="torch.special.zeta at two points",
    upstream=FORWARD,
    hessian=lambda x, w: np.diag(12 * w * (x**-5.0 + (x + 1) ** -5.0)),
)


def _gammainc(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i (1 - (1 + x_i) exp(-x_i)), the regularized incomplete gamma function P(2, x_i).

    $$f(x) = \sum_i w_i P(2, x_i) = \sum_i w_i (1 - (1 + x_i) e^{-x_i})$$
    """
    return xp.sum(weights * (1 - (1 + x) * xp.exp(-x)))


gammainc = canary(
    "gammainc",
    _gammainc,
    POSITIVE,
    data=fixed(weights(3)),
    source="torch.special.gammainc",
    upstream=FORWARD,
    hessian=lambda x, w: np.diag(w * (1 - x) * np.exp(-x)),
)


def _logcumsumexp(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_k w_k log(exp(x_1) + ... + exp(x_k)).

    $$f(x) = \sum_k w_k \log \sum_{i \le k} e^{x_i}$$
    """
    return xp.sum(weights * xp.log(xp.cumulative_sum(xp.exp(x), axis=0)))


logcumsumexp = canary(
    "logcumsumexp", _logcumsumexp, (0.3, -1.2, 1.1, 0.4), data=fixed(weights(4)), source="torch.logcumsumexp"
)


custom_vjp = replace(
    softplus,
    name="custom_vjp",
    source="softplus with a rule of one's own by jax.custom_vjp, torch.autograd.Function, tf.custom_gradient",
    upstream={"jax": "jax#16049", "torch": "documented: without a jvp of its own no forward mode"},
)


def _betaln(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = -sum_i w_i log(x_i (x_i + 1)), the logarithms of beta functions B(x_i, 2).

    $$f(x) = \sum_i w_i \log B(x_i, 2) = -\sum_i w_i \log x_i (x_i + 1)$$
    """
    return -xp.sum(weights * xp.log(x * (x + 1)))


betaln = canary(
    "betaln",
    _betaln,
    POSITIVE,
    data=fixed(weights(3)),
    source="jax.scipy.special.betaln",
    hessian=lambda x, w: np.diag(w * (x**-2.0 + (x + 1) ** -2.0)),
    upstream={"jax": "jax#34353"},
)


PROBLEMS = (
    softplus,
    gelu,
    glu,
    erf,
    bessel_j0,
    lgamma,
    digamma,
    zeta,
    gammainc,
    logcumsumexp,
    custom_vjp,
    betaln,
)
