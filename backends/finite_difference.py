"""Second derivatives by differences of f alone: the reference that shares no line with automatic differentiation.

**Stencil.** With g(a, b) = f(x + a h_i e_i + b h_j e_j), the mixed derivative is approximated by
the seven-point formula 25.3.27 of Abramowitz & Stegun (1964),

    f_ij ~ [g(1,1) + g(-1,-1) - g(1,0) - g(-1,0) - g(0,1) - g(0,-1) + 2 g(0,0)] / (2 h_i h_j),

which for i = j is replaced by [g(1) - 2 g(0) + g(-1)] / h_i^2. The values at x +- h_i e_i are shared by
all pairs, so the matrix costs n^2 + n + 1 evaluations of f. Both formulas are even in h: their error
is a series in h^2. They are extrapolated to step zero by `backends.extrapolation`.

The plain 4-point formula below is what people write by hand; its best step is eps^(1/4).
"""

from __future__ import annotations

import numpy as np

from backends.extrapolation import Scalar, Stencil, derivative
from backends.interface import FloatArray


def steps(x: FloatArray, power: float) -> FloatArray:
    """Per-coordinate steps eps**power * max(|x_i|, 1), shape (n,)."""
    return x.dtype.type(np.finfo(x.dtype).eps ** power) * np.maximum(np.abs(x), x.dtype.type(1))


def _seven_point(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The Hessian (n, n) by the seven-point stencil with steps `h` (n,): n^2 + n + 1 evaluations."""
    n = x.size
    shift = np.diag(h)
    center = f(x)
    plus = np.array([f(x + shift[i]) for i in range(n)], dtype=x.dtype)
    minus = np.array([f(x - shift[i]) for i in range(n)], dtype=x.dtype)
    hessian = np.diag((plus - 2 * center + minus) / (h * h))
    for i in range(n):
        for j in range(i):
            both = f(x + shift[i] + shift[j]) + f(x - shift[i] - shift[j])
            mixed = (both - plus[i] - minus[i] - plus[j] - minus[j] + 2 * center) / (2 * h[i] * h[j])
            hessian[i, j] = hessian[j, i] = mixed
    return hessian


def _four_point(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The Hessian (n, n) by the textbook's 4-point formula for every pair: 2 n^2 + 2 n evaluations."""
    n = x.size
    shift = np.diag(h)
    hessian = np.empty((n, n), dtype=x.dtype)
    for i in range(n):
        for j in range(i + 1):
            a, b = shift[i], shift[j]
            mixed = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h[i] * h[j])
            hessian[i, j] = hessian[j, i] = mixed
    return hessian


def _central_gradient(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The gradient (n,) by central differences: 2 n evaluations."""
    shift = np.diag(h)
    return np.array([f(x + shift[i]) - f(x - shift[i]) for i in range(x.size)], dtype=x.dtype) / (2 * h)


def _second_central(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The diagonal of the Hessian (n,) by second central differences: 2 n + 1 evaluations."""
    shift, center = np.diag(h), f(x)
    both = np.array([f(x + shift[i]) + f(x - shift[i]) for i in range(x.size)], dtype=x.dtype)
    return (both - 2 * center) / (h * h)


def forward(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The Hessian (n, n) by one-sided second differences: (n^2 + 3 n + 2) / 2 evaluations, error of order h.

    f_ij ~ [f(x + h_i + h_j) - f(x + h_i) - f(x + h_j) + f(x)] / (h_i h_j)  (Dennis & Schnabel 1983, A5.6.2,
    doi:10.1137/1.9781611971200); its best step is eps^(1/3).
    """
    n = x.size
    shift, center = np.diag(h), f(x)
    single = np.array([f(x + shift[i]) for i in range(n)], dtype=x.dtype)
    hessian = np.empty((n, n), dtype=x.dtype)
    for i in range(n):
        for j in range(i + 1):
            mixed = (f(x + shift[i] + shift[j]) - single[i] - single[j] + center) / (h[i] * h[j])
            hessian[i, j] = hessian[j, i] = mixed
    return hessian


def directional(v: FloatArray) -> Stencil:
    """A stencil for the product of the Hessian and a unit vector `v` (n,): the seven points in the planes of e_i and v.

    It costs 4 n + 3 evaluations; x moves along v as far as the smallest step along a coordinate.
    """

    def formula(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
        n = x.size
        shift, t = np.diag(h), np.min(h)
        center, ahead, behind = f(x), f(x + t * v), f(x - t * v)
        product = np.empty(n, dtype=x.dtype)
        for i in range(n):
            both = f(x + shift[i] + t * v) + f(x - shift[i] - t * v)
            single = f(x + shift[i]) + f(x - shift[i])
            product[i] = (both - single - ahead - behind + 2 * center) / (2 * h[i] * t)
        return product

    return Stencil(formula, lambda h: 4 / (h * np.min(h)))


seven_point = Stencil(_seven_point, lambda h: 4 / np.outer(h, h))
four_point = Stencil(_four_point, lambda h: 1 / np.outer(h, h))
central_gradient = Stencil(_central_gradient, lambda h: 1 / h)
second_central = Stencil(_second_central, lambda h: 4 / (h * h))


def gradient(f: Scalar, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The gradient (n,) and its estimated error by extrapolated central differences."""
    return derivative(central_gradient, f, x)


def hessian(f: Scalar, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The Hessian (n, n) and its estimated error by the extrapolated seven-point stencil."""
    return derivative(seven_point, f, x)


def hvp(f: Scalar, x: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The Hessian times v (n,) and its estimated error by extrapolated differences in the planes of e_i and v."""
    length = np.sqrt(np.sum(v * v))
    value, error = derivative(directional(v / (length or x.dtype.type(1))), f, x)
    return value * length, error * length


def diagonal(f: Scalar, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The diagonal of the Hessian (n,) and its estimated error by extrapolated second central differences."""
    return derivative(second_central, f, x)


def laplacian(f: Scalar, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The trace of the Hessian, a scalar, and its estimated error: the sum of the diagonal's."""
    value, error = diagonal(f, x)
    return np.sum(value), np.sum(error)
