"""Products with zero factors, powers, and functions at the points where a formula of theirs divides 0 by 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import LINEAR, NONE_FOUND, canary, fixed, weights


def _products_of_first(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_k w_k x_1 ... x_k of four variables, multiplied one by one.

    $$f(x) = \sum_{k=1}^4 w_k \prod_{i \le k} x_i$$
    """
    two = x[0] * x[1]
    three = two * x[2]
    return xp.sum(weights * xp.stack([x[0], two, three, three * x[3]]))


def _products_gradient(x: FloatArray, weights: FloatArray) -> FloatArray:
    return np.array(
        [sum(weights[k] * np.prod(np.delete(x[: k + 1], i)) for k in range(i, x.size)) for i in range(x.size)]
    )


def _products_hessian(x: FloatArray, weights: FloatArray) -> FloatArray:
    hessian = np.zeros((x.size, x.size))
    for i, j in zip(*np.triu_indices(x.size, 1), strict=True):
        terms = [weights[k] * np.prod(np.delete(x[: k + 1], [i, j])) for k in range(j, x.size)]
        hessian[i, j] = hessian[j, i] = sum(terms)
    return hessian


ONE_ZERO, TWO_ZEROS = (2.0, 0.0, 3.0, -1.0), (2.0, 0.0, 3.0, 0.0)
CUMPROD = {"torch": "pytorch#196701", "tensorflow": "tensorflow#3862"}
LAST = np.array([0.0, 0.0, 0.0, 1.0])

cumprod_zero = canary(
    "cumprod_zero",
    _products_of_first,
    ONE_ZERO,
    data=fixed(weights(4)),
    gradient=_products_gradient,
    hessian=_products_hessian,
    tags=LINEAR,
    spread=0.0,
    source="torch.cumprod",
    upstream=CUMPROD,
)
cumprod_zeros = canary(
    "cumprod_zeros",
    _products_of_first,
    TWO_ZEROS,
    data=fixed(weights(4)),
    gradient=_products_gradient,
    hessian=_products_hessian,
    tags=LINEAR,
    spread=0.0,
    source="torch.cumprod",
    upstream=CUMPROD,
)
prod_zeros = canary(
    "prod_zeros",
    _products_of_first,
    TWO_ZEROS,
    data=fixed(LAST),
    gradient=_products_gradient,
    hessian=_products_hessian,
    tags=LINEAR,
    spread=0.0,
    source="torch.prod: the last product only",
    upstream={"torch": "pytorch#106789", "tensorflow": "tensorflow#21130, tensorflow#44556"},
)


def _products_of_groups(xp: Any, x: Any, weights: Any, indices: Any) -> Any:
    r"""f(x) = w_1 (x_1 x_2 x_3)^2 + w_2 x_4^2, the products of two groups.

    $$f(x) = w_1 (x_1 x_2 x_3)^2 + w_2 x_4^2$$
    """
    del indices
    return weights[0] * xp.square(x[0] * x[1] * x[2]) + weights[1] * xp.square(x[3])


def _products_of_groups_hessian(x: FloatArray, weights: FloatArray, indices: FloatArray) -> FloatArray:
    """The Hessian of p^2: 2 (p/x_i)^2 on the diagonal, 4 p p/(x_i x_j) off it."""
    del indices
    others = np.array([x[1] * x[2], x[0] * x[2], x[0] * x[1]])
    hessian = np.zeros((4, 4))
    hessian[:3, :3] = weights[0] * (4 * np.outer(others, others) - 2 * np.diag(others**2))
    hessian[3, 3] = 2 * weights[1]
    return hessian


scatter_prod = canary(
    "scatter_prod",
    _products_of_groups,
    (0.5, -1.5, 2.0, 1.2),
    data=fixed(weights(2), [0, 0, 0, 1]),
    hessian=_products_of_groups_hessian,
    source="torch.scatter_reduce, reduce='prod'",
    upstream={"torch": "pytorch#196702"},
)


def _powers_at_zero(xp: Any, x: Any, exponents: Any) -> Any:
    r"""f(x) = x_1 + x_2^2 + x_3^3 at 0, by products.

    $$f(x) = x_1 + x_2^2 + x_3^3$$
    """
    del xp, exponents
    return x[0] + x[1] * x[1] + x[2] * x[2] * x[2]


POWERS = {"torch": "pytorch#89757, pytorch#95180", "jax": "jax#14397, jax#20574", "tensorflow": NONE_FOUND}

pow_zero = canary(
    "pow_zero",
    _powers_at_zero,
    np.zeros(3),
    data=fixed([1.0, 2.0, 3.0]),
    tags=LINEAR,
    spread=0.0,
    gradient=lambda x, p: np.array([1.0, 2 * x[1], 3 * x[2] ** 2]),
    hessian=lambda x, p: np.diag([0.0, 2.0, 6 * x[2]]),
    source="torch.pow with the exponents as a tensor",
    upstream=POWERS,
)


def _powers_of_negative(xp: Any, x: Any, exponents: Any) -> Any:
    r"""f(x) = x_1^2 + x_2^3 of negative numbers, by products.

    $$f(x) = x_1^2 + x_2^3$$
    """
    del xp, exponents
    return x[0] * x[0] + x[1] * x[1] * x[1]


pow_negative = canary(
    "pow_negative",
    _powers_of_negative,
    (-1.0, -2.0),
    data=fixed([2.0, 3.0]),
    gradient=lambda x, p: np.array([2 * x[0], 3 * x[1] ** 2]),
    hessian=lambda x, p: np.diag([2.0, 6 * x[1]]),
    source="torch.pow with the exponents as a tensor",
    upstream={"torch": "pytorch#89757"},
)


def _sinc(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i sin(pi x_i) / (pi x_i), by a parabola at 0, where it is exact to second order.

    $$f(x) = \sum_i \frac{\sin \pi x_i}{\pi x_i}$$
    """
    zero, t = x == 0, xp.pi * x
    safe = xp.where(zero, xp.ones_like(t), t)
    return xp.sum(xp.where(zero, 1 - t * t / 6, xp.sin(safe) / safe))


def _sinc_curvature(x: float) -> float:
    t = np.pi * x
    return np.pi**2 * ((2 - t * t) * np.sin(t) - 2 * t * np.cos(t)) / t**3 if t else -(np.pi**2) / 3


sinc_zero = canary(
    "sinc_zero",
    _sinc,
    (0.0, 0.5),
    hessian=lambda x: np.diag([_sinc_curvature(v) for v in x]),
    spread=0.0,
    source="torch.sinc",
    upstream={"torch": "pytorch#196703, pytorch#89459", "tensorflow": NONE_FOUND},
)


def _logaddexp(xp: Any, x: Any) -> Any:
    r"""f(x) = log(exp(x_1) + exp(x_2))^2 / 2, far apart: exp(-|x_1 - x_2|) underflows.

    $$f(x) = \tfrac12 \log^2(e^{x_1} + e^{x_2})$$
    """
    return 0.5 * xp.square(xp.maximum(x[0], x[1]) + xp.log1p(xp.exp(-xp.abs(x[0] - x[1]))))


def _logaddexp_parts(x: FloatArray) -> tuple[float, FloatArray]:
    largest = x.max()
    p = np.exp(x - largest)
    return float(largest + np.log(p.sum())), p / p.sum()


def _logaddexp_hessian(x: FloatArray) -> FloatArray:
    value, p = _logaddexp_parts(x)
    return np.outer(p, p) + value * p[0] * p[1] * np.array([[1.0, -1.0], [-1.0, 1.0]])


logaddexp_far = canary(
    "logaddexp_far",
    _logaddexp,
    (800.0, 0.0),
    gradient=lambda x: np.multiply(*_logaddexp_parts(x)),
    hessian=_logaddexp_hessian,
    spread=0.0,
    source="torch.logaddexp",
    upstream={"torch": "pytorch#196704"},
)

ANGLES = 2 * np.pi * np.outer(np.arange(4), np.arange(4)) / 4


def _power_spectrum(xp: Any, x: Any, cosines: Any, sines: Any) -> Any:
    r"""f(x) = sum_k |F_k|^2, the power spectrum, where all F_k but one are zero; equal to 4 |x|^2 by Parseval.

    $$f(x) = \sum_k |F_k|^2 = 4 |x|^2, \quad F_k = \sum_j x_j e^{-2 \pi i j k / 4}$$
    """
    return xp.sum(xp.square(xp.matmul(cosines, x))) + xp.sum(xp.square(xp.matmul(sines, x)))


fft_zero_bin = canary(
    "fft_zero_bin",
    _power_spectrum,
    np.ones(4),
    data=fixed(np.cos(ANGLES), np.sin(ANGLES)),
    spread=0.0,
    gradient=lambda x, c, s: 8 * x,
    hessian=lambda x, c, s: 8 * np.eye(4),
    source="torch.fft.fft and abs",
    upstream={"torch": NONE_FOUND, "jax": "jax#10515", "tensorflow": "tensorflow#27845"},
)

PROBLEMS = (
    cumprod_zero,
    cumprod_zeros,
    prod_zeros,
    scatter_prod,
    pow_zero,
    pow_negative,
    sinc_zero,
    logaddexp_far,
    fft_zero_bin,
)
