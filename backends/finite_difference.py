"""Second derivatives by differences of f alone: the reference that shares no line with automatic differentiation.

**Stencil.** With g(a, b) = f(x + a h_i e_i + b h_j e_j), the mixed derivative is approximated by
the seven-point formula 25.3.27 of Abramowitz & Stegun (1964),

    f_ij ~ [g(1,1) + g(-1,-1) - g(1,0) - g(-1,0) - g(0,1) - g(0,-1) + 2 g(0,0)] / (2 h_i h_j),

which for i = j is replaced by [g(1) - 2 g(0) + g(-1)] / h_i^2. The values at x +- h_i e_i are shared by
all pairs, so the matrix costs n^2 + n + 1 evaluations of f. Both formulas are even in h: their error
is a series in h^2.

**Extrapolation.** On steps h, h/2, h/4, ... the triangular tableau T[k][j] = T[k][j-1] + (T[k][j-1] - T[k-1][j-1])
/ (4^j - 1) removes one power of h^2 per column (Richardson 1911; Ridders 1982, doi:10.1016/S0141-1195(82)80057-0).
For every entry of the matrix the tableau value is taken for which the difference from its two parents
plus the rounding error of its finest step is smallest, and that sum is its error estimate.

**Step.** The largest step must stay inside the radius where the series in h^2 converges (for a pair
potential a tenth of the distance between atoms), the smallest one must keep the rounding error eps |f| / h^2 low;
the tableau chooses in between. `LADDERS` gives both ends; on the quick suite they leave a relative error
below 1e-9 in float64 and 1e-12 in extended precision. Steps scale with max(|x_i|, 1).

The plain 4-point formula below is what people write by hand; its best step is eps^(1/4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from backends.interface import FloatArray

Scalar = Callable[[FloatArray], FloatArray]
Stencil = Callable[[Scalar, FloatArray, FloatArray], FloatArray]

LADDERS: Mapping[str, tuple[float, int]] = MappingProxyType(
    {"float32": (2.0**-2, 2), "float64": (2.0**-4, 5), "longdouble": (2.0**-4, 6)}
)
"""Largest step and number of levels, by working precision; each level halves the step."""

WEIGHT = {1: 1, 2: 4}
"""Sum of the absolute weights of the stencils of that order: how they amplify a rounding error of f."""


def steps(x: FloatArray, power: float) -> FloatArray:
    """Per-coordinate steps eps**power * max(|x_i|, 1), shape (n,)."""
    return x.dtype.type(np.finfo(x.dtype).eps ** power) * np.maximum(np.abs(x), x.dtype.type(1))


def seven_point(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
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


def four_point(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
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


def central_gradient(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The gradient (n,) by central differences: 2 n evaluations."""
    shift = np.diag(h)
    return np.array([f(x + shift[i]) - f(x - shift[i]) for i in range(x.size)], dtype=x.dtype) / (2 * h)


def second_central(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
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

    def stencil(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
        n = x.size
        shift, t = np.diag(h), np.min(h)
        center, ahead, behind = f(x), f(x + t * v), f(x - t * v)
        product = np.empty(n, dtype=x.dtype)
        for i in range(n):
            both = f(x + shift[i] + t * v) + f(x - shift[i] - t * v)
            single = f(x + shift[i]) + f(x - shift[i])
            product[i] = (both - single - ahead - behind + 2 * center) / (2 * h[i] * t)
        return product

    return stencil


def _magnitude(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The largest finite |f| at x and on both sides of it: what the rounding errors of f are relative to.

    |f(x)| alone would not do: where f(x) = 0 the values around x still carry rounding errors.
    """
    values = np.abs(np.array([f(x), f(x + h), f(x - h)], dtype=x.dtype))
    return np.asarray(np.max(values, initial=0, where=np.isfinite(values)))


def richardson(stencil: Stencil, f: Scalar, x: FloatArray, order: int = 2) -> tuple[FloatArray, FloatArray]:
    """A stencil extrapolated to step zero, entry by entry.

    Args:
        stencil: An approximation whose error is a series in h^2.
        f: The objective of x alone.
        x: The point, shape (n,); its dtype is the working precision.
        order: Order of the derivative: its rounding error is `WEIGHT` eps |f| / h^order.

    Returns:
        The value and the estimated absolute error of each entry (extrapolation and rounding), both in
        the stencil's shape. An entry for which no level is finite is NaN with an infinite error.
    """
    largest, levels = LADDERS["longdouble" if x.dtype == np.longdouble != np.float64 else str(x.dtype)]
    h = x.dtype.type(largest) * np.maximum(np.abs(x), x.dtype.type(1))
    with np.errstate(all="ignore"):
        rows = [stencil(f, x, h / 2**k) for k in range(levels)]
        coarsest = WEIGHT[order] * np.finfo(x.dtype).eps * _magnitude(f, x, h) / np.min(h) ** order
        rounding = [coarsest * x.dtype.type(2) ** (order * k) for k in range(levels)]
        value, error = np.full(rows[-1].shape, np.nan, dtype=x.dtype), np.full(rows[-1].shape, np.inf, dtype=x.dtype)
        for j in range(1, levels):
            finer = [rows[k + 1] + (rows[k + 1] - rows[k]) / (4**j - 1) for k in range(len(rows) - 1)]
            for k, candidate in enumerate(finer):
                distance = np.maximum(np.abs(candidate - rows[k]), np.abs(candidate - rows[k + 1])) + rounding[k + j]
                better = distance < error  # False where NaN: a level that left f's domain is never chosen
                value, error = np.where(better, candidate, value), np.where(better, distance, error)
            rows = finer
    return value, error


def gradient(f: Scalar, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The gradient (n,) and its estimated error by extrapolated central differences."""
    return richardson(central_gradient, f, x, order=1)


def hessian(f: Scalar, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The Hessian (n, n) and its estimated error by the extrapolated seven-point stencil."""
    return richardson(seven_point, f, x)


def hvp(f: Scalar, x: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The Hessian times v (n,) and its estimated error by extrapolated differences in the planes of e_i and v."""
    length = np.sqrt(np.sum(v * v))
    value, error = richardson(directional(v / (length or x.dtype.type(1))), f, x)
    return value * length, error * length


def diagonal(f: Scalar, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The diagonal of the Hessian (n,) and its estimated error by extrapolated second central differences."""
    return richardson(second_central, f, x)


def laplacian(f: Scalar, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The trace of the Hessian, a scalar, and its estimated error: the sum of the diagonal's."""
    value, error = diagonal(f, x)
    return np.sum(value), np.sum(error)
