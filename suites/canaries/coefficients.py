"""Products whose first factor is zero: their value is zero there, and their slope is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import LINEAR, canary

AT_ZERO = (0.0, 2.0)


def _of_second(slope: Callable[[float], float], curvature: Callable[[float], float]) -> Callable[..., FloatArray]:
    """The Hessian of x_1 phi(x_2) + x_2^2 from phi' and phi''."""

    def hessian(x: FloatArray) -> FloatArray:
        mixed = slope(x[1])
        return np.array([[0.0, mixed], [mixed, x[0] * curvature(x[1]) + 2]])

    return hessian


def _xlogy(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1 log x_2 + x_2^2 at x_1 = 0.

    $$f(x) = x_1 \log x_2 + x_2^2$$
    """
    return x[0] * xp.log(x[1]) + x[1] * x[1]


xlogy_zero = canary(
    "xlogy_zero",
    _xlogy,
    AT_ZERO,
    gradient=lambda x: np.array([np.log(x[1]), x[0] / x[1] + 2 * x[1]]),
    hessian=_of_second(lambda t: 1 / t, lambda t: -(t**-2)),
    spread=0.0,
    tags=LINEAR,
    source="tf.math.xlogy",
    upstream={"tensorflow": "tensorflow#119476, tensorflow#127240", "torch": "pytorch#80770: once wrong, mended"},
)


def _xlog1py(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1 log(1 + x_2) + x_2^2 at x_1 = 0.

    $$f(x) = x_1 \log(1 + x_2) + x_2^2$$
    """
    return x[0] * xp.log1p(x[1]) + x[1] * x[1]


xlog1py_zero = canary(
    "xlog1py_zero",
    _xlog1py,
    AT_ZERO,
    gradient=lambda x: np.array([np.log1p(x[1]), x[0] / (1 + x[1]) + 2 * x[1]]),
    hessian=_of_second(lambda t: 1 / (1 + t), lambda t: -((1 + t) ** -2)),
    spread=0.0,
    tags=LINEAR,
    source="tf.math.xlog1py",
    upstream={"tensorflow": "tensorflow#56873, tensorflow#119476"},
)


def _xdivy(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1 / x_2 + x_2^2 at x_1 = 0.

    $$f(x) = \frac{x_1}{x_2} + x_2^2$$
    """
    del xp
    return x[0] / x[1] + x[1] * x[1]


def _quotient_gradient(x: FloatArray) -> FloatArray:
    return np.array([1 / x[1], -x[0] / x[1] ** 2 + 2 * x[1]])


xdivy_zero = canary(
    "xdivy_zero",
    _xdivy,
    AT_ZERO,
    gradient=_quotient_gradient,
    hessian=_of_second(lambda t: -(t**-2), lambda t: 2 * t**-3),
    spread=0.0,
    tags=LINEAR,
    source="tf.math.xdivy",
    upstream={"tensorflow": "tensorflow#127238"},
)
divide_no_nan_zero = canary(
    "divide_no_nan_zero",
    _xdivy,
    AT_ZERO,
    gradient=_quotient_gradient,
    hessian=_of_second(lambda t: -(t**-2), lambda t: 2 * t**-3),
    spread=0.0,
    tags=LINEAR,
    source="tf.math.divide_no_nan",
)


def _product(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1 x_2 + x_2^2 at x_1 = 0.

    $$f(x) = x_1 x_2 + x_2^2$$
    """
    del xp
    return x[0] * x[1] + x[1] * x[1]


multiply_no_nan_zero = canary(
    "multiply_no_nan_zero",
    _product,
    AT_ZERO,
    gradient=lambda x: np.array([x[1], x[0] + 2 * x[1]]),
    hessian=_of_second(lambda t: 1.0, lambda t: 0.0),
    spread=0.0,
    tags=LINEAR,
    source="tf.math.multiply_no_nan, the second factor being zero",
)

PROBLEMS = (
    xlogy_zero,
    xlog1py_zero,
    xdivy_zero,
    divide_no_nan_zero,
    multiply_no_nan_zero,
)
