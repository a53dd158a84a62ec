"""Products with zero factors, integer powers, repeated indices, and variables that matter little or not at all."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import CONTROL, fixed, separable, trap

PRODUCT = {"torch": "pytorch#106789", "tensorflow": "tensorflow#21130, tensorflow#44556"}
POWER = {"torch": "pytorch#95180", "jax": "jax#14397, jax#20574", "tensorflow": "tensorflow#35011"}
UNCONNECTED = {"torch": "pytorch#32304", "tensorflow": "tensorflow#783"}
ONE_ZERO, TWO_ZEROS = (2.0, 0.0, 3.0, -1.0), (2.0, 0.0, 3.0, 0.0)
INDICES = np.array([0, 0, 1, 2, 2, 2])
COEFFICIENTS = np.array([1.0, -2.0, 0.5])


def _product(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1 x_2 x_3 x_4 by prod; dividing by a factor is no way to a cofactor.

    $$f(x) = \prod_{i=1}^4 x_i$$
    """
    return xp.prod(x)


def _product_gradient(x: FloatArray) -> FloatArray:
    return np.array([np.prod(np.delete(x, i)) for i in range(x.size)])


def _product_hessian(x: FloatArray) -> FloatArray:
    hessian = np.zeros((x.size, x.size))
    for i, j in zip(*np.triu_indices(x.size, 1), strict=True):
        hessian[i, j] = hessian[j, i] = np.prod(np.delete(x, [i, j]))
    return hessian


product_one_zero = trap(
    "product_one_zero",
    _product,
    ONE_ZERO,
    gradient=_product_gradient,
    hessian=_product_hessian,
    source="tensorflow#21130",
    upstream=PRODUCT,
)
product_two_zeros = trap(
    "product_two_zeros",
    _product,
    TWO_ZEROS,
    gradient=_product_gradient,
    hessian=_product_hessian,
    source="tensorflow#44556",
    upstream=PRODUCT,
)


def _product_composed(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1 x_2 x_3 x_4, multiplied one by one.

    $$f(x) = x_1 x_2 x_3 x_4$$
    """
    del xp
    return x[0] * x[1] * x[2] * x[3]


product_composed = trap(
    "product_composed",
    _product_composed,
    TWO_ZEROS,
    gradient=_product_gradient,
    hessian=_product_hessian,
    source="the control of product_two_zeros",
    tags=CONTROL,
)


def _powers(xp: Any, x: Any, exponents: Any) -> Any:
    r"""f(x) = x_1 + x_2^2 + x_3^3 at 0, the exponents as an array.

    $$f(x) = x_1^1 + x_2^2 + x_3^3$$
    """
    return xp.sum(xp.pow(x, exponents))


def _powers_gradient(x: FloatArray, exponents: FloatArray) -> FloatArray:
    return exponents * x ** (exponents - 1)


def _powers_curvature(x: FloatArray, exponents: FloatArray) -> FloatArray:
    """Phi'' = p (p - 1) x^(p - 2), without the negative power that p (p - 1) = 0 would multiply."""
    return exponents * (exponents - 1) * x ** np.maximum(exponents - 2, 0)


powers_at_zero = trap(
    "powers_at_zero",
    _powers,
    (0.0, 0.0, 0.0),
    data=fixed([1.0, 2.0, 3.0]),
    gradient=_powers_gradient,
    hessian=separable(_powers_curvature),
    source="jax#14397",
    upstream=POWER,
)


def _powers_composed(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1 + x_2^2 + x_3^3 at 0, by products.

    $$f(x) = x_1 + x_2 x_2 + x_3 x_3 x_3$$
    """
    del xp
    return x[0] + x[1] * x[1] + x[2] * x[2] * x[2]


powers_composed = trap(
    "powers_composed",
    _powers_composed,
    (0.0, 0.0, 0.0),
    gradient=lambda x: np.array([1.0, 2 * x[1], 3 * x[2] ** 2]),
    hessian=lambda x: np.diag([0.0, 2.0, 6 * x[2]]),
    source="the control of powers_at_zero",
    tags=CONTROL,
)


def _repeated_indices(xp: Any, x: Any, indices: Any) -> Any:
    r"""f(x) = sum_k t_k^3 + sum_k t_k t_{k+1} with t = (x_1, x_1, x_2, x_3, x_3, x_3), by take.

    $$f(x) = \sum_{k=1}^6 t_k^3 + \sum_{k=1}^5 t_k t_{k+1}, \quad t = (x_1, x_1, x_2, x_3, x_3, x_3)$$
    """
    t = xp.take(x, indices, axis=0)
    return xp.sum(t * t * t) + xp.sum(t[:-1] * t[1:])


def _repeated_gradient(x: FloatArray, indices: FloatArray) -> FloatArray:
    t, choice = x[indices], np.eye(x.size)[indices]
    slopes = 3 * t**2
    slopes[:-1] += t[1:]
    slopes[1:] += t[:-1]
    return slopes @ choice


def _repeated_hessian(x: FloatArray, indices: FloatArray) -> FloatArray:
    t, choice = x[indices], np.eye(x.size)[indices]
    inner = np.diag(6 * t) + np.eye(t.size, k=1) + np.eye(t.size, k=-1)
    return choice.T @ inner @ choice


repeated_indices = trap(
    "repeated_indices",
    _repeated_indices,
    (0.5, -1.0, 2.0),
    data=fixed(INDICES),
    gradient=_repeated_gradient,
    hessian=_repeated_hessian,
    source="tensorflow#35172",
    upstream={"tensorflow": "tensorflow#35172"},
)


def _linear(xp: Any, x: Any, c: Any) -> Any:
    r"""f(x) = c'x; the gradient does not depend on x, and second derivatives are zero.

    $$f(x) = c^\top x$$
    """
    return xp.sum(c * x)


linear = trap(
    "linear",
    _linear,
    (1.0, 2.0, 3.0),
    data=fixed(COEFFICIENTS),
    gradient=lambda x, c: c.copy(),
    hessian=lambda x, c: np.zeros((x.size, x.size)),
    source="pytorch#32304",
    upstream=UNCONNECTED,
)


def _constant(xp: Any, x: Any, c: Any) -> Any:
    r"""f(x) = c_1 + c_2 + c_3, whatever x is.

    $$f(x) = \sum_i c_i$$
    """
    del x
    return xp.sum(c)


constant = trap(
    "constant",
    _constant,
    (1.0, 2.0, 3.0),
    data=fixed(COEFFICIENTS),
    gradient=lambda x, c: np.zeros(x.size),
    hessian=lambda x, c: np.zeros((x.size, x.size)),
    source="tensorflow#783",
    upstream=UNCONNECTED,
)


def _unused_variables(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1^3; x_2 and x_3 are not used.

    $$f(x) = x_1^3$$
    """
    del xp
    return x[0] * x[0] * x[0]


unused_variables = trap(
    "unused_variables",
    _unused_variables,
    (2.0, 1.0, 1.0),
    gradient=lambda x: np.array([3 * x[0] ** 2, 0.0, 0.0]),
    hessian=lambda x: np.diag([6 * x[0], 0.0, 0.0]),
    source="tensorflow#783",
    upstream=UNCONNECTED,
)

PROBLEMS = (
    product_one_zero,
    product_two_zeros,
    product_composed,
    powers_at_zero,
    powers_composed,
    repeated_indices,
    linear,
    constant,
    unused_variables,
)
