"""Hyper-dual numbers: exact second derivatives without a step, by running f once per entry of the Hessian.

Fike & Alonso 2011 (doi:10.2514/6.2011-886) extend a number by two infinitesimals e1 and e2 with
e1^2 = e2^2 = 0, but e1 e2 = e12 != 0. The Taylor series of f ends there,

    f(x + v e1 + w e2) = f + (g'v) e1 + (g'w) e2 + (v'H w) e12,

with the gradient g and the Hessian H at x. Nothing is subtracted and nothing is cut off: the e12 part is the
second derivative to the rounding of f's own arithmetic (relative errors around 1e-15 in float64). It is forward over
forward differentiation; a product costs nine, an evaluation of f some ten plain ones.

`HyperDual` runs an objective written for NumPy unchanged. The rules are in `numeric.lifted` (linear functions,
selections, ties), `numeric.hyper_dual.rules` (elementwise functions, products) and `numeric.hyper_dual.linalg`.

An infinite slope spoils what it touches: sqrt(0 * x) is 0 but its derivatives come out as NaN, as in every
forward mode. A selection does not touch what it leaves out: `where(x > 0, sqrt(x), 0 * x)` is fine at 0.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.numeric.hyper_dual.linalg import LINALG
from hessbench.backends.numeric.hyper_dual.rules import ELEMENTARY
from hessbench.backends.numeric.lifted import SHARED, Lifted, Rules, scalar
from hessbench.backends.numeric.lifted import namespace as namespace

Scalar = Callable[[Any], Any]
"""f of x alone; returns a scalar array, lifted where it depends on x."""


class HyperDual(Lifted):
    """The array real + e1 e1 + e2 e2 + e12 e1 e2; all four of one shape and dtype."""

    __slots__ = ()

    name = "hyper-dual numbers"
    count = 4
    rules: ClassVar[Rules] = MappingProxyType({**SHARED, **ELEMENTARY, **LINALG})

    def __init__(self, real: Any, e1: Any, e2: Any, e12: Any) -> None:
        super().__init__(real, e1, e2, e12)
        if self.parts[0].dtype.kind == "c":
            self.refuse_complex()

    @property
    def e1(self) -> FloatArray:
        """The derivative along the first direction."""
        return self.parts[1]

    @property
    def e2(self) -> FloatArray:
        """The derivative along the second direction."""
        return self.parts[2]

    @property
    def e12(self) -> FloatArray:
        """The second derivative along both."""
        return self.parts[3]


def along(f: Scalar, x: FloatArray, v: FloatArray, w: FloatArray, *, number: type[HyperDual] = HyperDual) -> HyperDual:
    """The objective at x + v e1 + w e2; a result that is no hyper-dual number does not depend on x."""
    with np.errstate(all="ignore"):  # a slope may be infinite where f is finite
        y = scalar(f(number(x, v, w, np.zeros_like(x))))
    if not isinstance(y, HyperDual):
        return HyperDual(*HyperDual.parts_of(np.asarray(y, dtype=x.dtype)))
    return HyperDual(*[y.real] * 4) if np.isnan(y.real) else y  # log x has the slope 1/x outside its domain too


def unit(x: FloatArray, i: int) -> FloatArray:
    """The unit vector e_i, (n,): made when it is needed, since all of them are n^2 numbers."""
    e = np.zeros_like(x)
    e[i] = 1
    return e


def gradient(f: Scalar, x: FloatArray) -> FloatArray:
    """The gradient (n,): two entries per evaluation, (n + 1) // 2 in all."""
    n, result = x.size, np.empty_like(x)
    for i in range(0, n, 2):
        j = min(i + 1, n - 1)
        y = along(f, x, unit(x, i), unit(x, j))
        result[i], result[j] = y.e1, y.e2
    return result


def hessian(f: Scalar, x: FloatArray) -> FloatArray:
    """The Hessian (n, n), exactly symmetric: one evaluation per entry of a triangle, n (n + 1) / 2."""
    n, basis = x.size, np.eye(x.size, dtype=x.dtype)  # no larger than the result
    result = np.empty((n, n), dtype=x.dtype)
    for i in range(n):
        for j in range(i + 1):
            result[i, j] = result[j, i] = along(f, x, basis[i], basis[j]).e12
    return result


def hvp(f: Scalar, x: FloatArray, v: FloatArray) -> FloatArray:
    """The Hessian times v (n,): n evaluations."""
    v = np.asarray(v, dtype=x.dtype)
    return np.array([along(f, x, v, unit(x, i)).e12 for i in range(x.size)], dtype=x.dtype)


def diagonal(f: Scalar, x: FloatArray) -> FloatArray:
    """The diagonal of the Hessian (n,): n evaluations."""
    rows = (unit(x, i) for i in range(x.size))
    return np.array([along(f, x, row, row).e12 for row in rows], dtype=x.dtype)
