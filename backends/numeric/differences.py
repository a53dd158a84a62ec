"""Second derivatives by differences of f alone: the reference that shares no line with automatic differentiation.

**Stencil.** With g(a, b) = f(x + a h_i e_i + b h_j e_j), the mixed derivative is approximated by
the seven-point formula 25.3.27 of Abramowitz & Stegun (1964),

    f_ij ~ [g(1,1) + g(-1,-1) - g(1,0) - g(-1,0) - g(0,1) - g(0,-1) + 2 g(0,0)] / (2 h_i h_j),

which for i = j is replaced by [g(1) - 2 g(0) + g(-1)] / h_i^2. The values at x +- h_i e_i are shared by
all pairs, so the matrix costs n^2 + n + 1 evaluations of f. Both formulas are even in h: their error
is a series in h^2. They are extrapolated to step zero by `numeric.extrapolation`.

The plain 4-point formula below is what people write by hand; its best step is eps^(1/4).
"""

from __future__ import annotations

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.numeric.extrapolation import Field, Stencil, derivative, richardson
from hessbench.backends.numeric.moves import axes, moved, together
from hessbench.backends.numeric.noise import Noisy, Scalar, known, rounding, sizes
from hessbench.backends.numeric.scales import POOR, SURPRISING, ladder, looks_closer, scales, settled

NEAR = 16
"""How many times nearer than the size of x another slope counts: farther off, f may be another function."""

CLOSER = 4
"""Differences of a gradient amplify rounding by 1 / h and not by its square, so that smaller steps are better."""


def _seven_point(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The Hessian (n, n) by the seven-point stencil with steps `h` (n,): n^2 + n + 1 evaluations."""
    n = x.size
    i, j = np.tril_indices(n, -1)
    mixed = [((i, s * h[i]), (j, s * h[j])) for s in (1, -1)]
    center, plus, minus, ahead, behind = together(f, x, (), *((one,) for one in axes(h)), *mixed)
    hessian = np.diag((plus - 2 * center + minus) / (h * h))
    single = plus + minus
    hessian[i, j] = hessian[j, i] = (ahead + behind - single[i] - single[j] + 2 * center) / (2 * h[i] * h[j])
    return hessian


def _four_point(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The Hessian (n, n) by the textbook's 4-point formula for every pair: 2 n^2 + 2 n evaluations."""
    i, j = np.tril_indices(x.size)
    corners = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    both, first, second, neither = (moved(f, x, (i, s * h[i]), (j, t * h[j])) for s, t in corners)
    hessian = np.empty((x.size, x.size), dtype=x.dtype)
    hessian[i, j] = hessian[j, i] = (both - first - second + neither) / (4 * h[i] * h[j])
    return hessian


def _central(f: Scalar | Field, x: FloatArray, h: FloatArray) -> FloatArray:
    """The derivative by every coordinate, (n,) or of a gradient (n, n), by central differences: 2 n evaluations."""
    ahead, behind = together(f, x, *((one,) for one in axes(h)))
    return (ahead - behind) / (2 * h.reshape(-1, *[1] * (ahead.ndim - 1)))


def _second_central(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The diagonal of the Hessian (n,) by second central differences: 2 n + 1 evaluations."""
    center, ahead, behind = together(f, x, (), *((one,) for one in axes(h)))
    return (ahead - 2 * center + behind) / (h * h)


def forward(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The Hessian (n, n) by one-sided second differences: (n^2 + 3 n + 2) / 2 evaluations, error of order h.

    f_ij ~ [f(x + h_i + h_j) - f(x + h_i) - f(x + h_j) + f(x)] / (h_i h_j)  (Dennis & Schnabel 1983, A5.6.2,
    doi:10.1137/1.9781611971200); its best step is eps^(1/3).

    Returns:
        The Hessian, symmetric to the last bit.
    """
    n = x.size
    i, j = np.tril_indices(n)
    center, single, both = f(x[None]), moved(f, x, axes(h)[0]), moved(f, x, (i, h[i]), (j, h[j]))
    hessian = np.empty((n, n), dtype=x.dtype)
    hessian[i, j] = hessian[j, i] = (both - single[i] - single[j] + center) / (h[i] * h[j])
    return hessian


def directional(v: FloatArray) -> Stencil:
    """A stencil for the product of the Hessian and a unit vector `v` (n,): the seven points in the planes of e_i and v.

    It costs 4 n + 3 evaluations; x moves along v as far as the smallest step along a coordinate.

    Returns:
        A stencil whose results have shape (n,).
    """

    def formula(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
        t = np.min(h)
        along = t * v.astype(x.dtype)
        center, ahead, behind = f(np.stack([x, x + along, x - along]))
        plus, minus = together(f, x, *((one,) for one in axes(h)))
        far, back = (moved(f, x, one, then=s * along) for s, one in zip((1, -1), axes(h), strict=True))
        return (far + back - plus - minus - ahead - behind + 2 * center) / (2 * h * t)

    return Stencil(formula, lambda h: 4 / (h * np.min(h)), exact=False)


seven_point = Stencil(_seven_point, lambda h: 4 / np.outer(h, h))
four_point = Stencil(_four_point, lambda h: 1 / np.outer(h, h))
central_gradient = Stencil(_central, lambda h: 1 / h)
central_hessian = Stencil(_central, lambda h: 1 / h[:, None])
second_central = Stencil(_second_central, lambda h: 4 / (h * h))


def gradient(f: Scalar, x: FloatArray, *, rough: Scalar | None = None) -> tuple[FloatArray, FloatArray]:
    """The gradient (n,) and its estimated error by extrapolated central differences.

    Args:
        f: The objective at points (m, n).
        x: The point, (n,); its dtype is the working precision.
        rough: f in float64, where that is cheaper than the working precision.

    Returns:
        The value and the estimated absolute error of each entry.
    """
    return _nearer(f, x, *derivative(central_gradient, f, x, rough=rough))


def _nearer(f: Scalar, x: FloatArray, value: FloatArray, error: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The gradient, or that from nearer steps along coordinates where f has another slope there.

    The steps are those that suit the second differences, which of sin(w t) at zero see nothing, however fast it is.

    Returns:
        The value and the estimated absolute error of each entry, (n,).
    """
    first, farthest = ladder(x)[0], sizes(x) / NEAR
    noise = rounding(f, np.finfo(x.dtype).eps * np.max(np.abs(f(x[None])), initial=0))
    for look in looks_closer(x):
        h = first / 2**look
        # Digits that f loses and its values do not show make a difference, too, but a small one, or one that grows.
        least = np.maximum(SURPRISING * (noise / h + error), POOR * np.abs(value))
        with np.errstate(all="ignore"):
            seen = _central(f, x, h)
            if not np.any((np.abs(seen - value) > least) & (h <= farthest)):
                continue
            seen = np.stack([seen, *(_central(f, x, h / finer) for finer in (2, 4))])
        off = np.min(np.abs(seen - value), axis=0)
        who = (off > least) & settled(seen, value) & (h <= farthest)
        if who.any():
            again, doubt = richardson(central_gradient, f, x, h)
            value, error = np.where(who, again, value), np.where(who, doubt, error)
    return value, error


def hessian(
    f: Scalar, x: FloatArray, g: Field | None = None, *, rough: Scalar | None = None
) -> tuple[FloatArray, FloatArray]:
    """The Hessian (n, n) and its estimated error by the extrapolated seven-point stencil.

    Where there is a gradient g, by its extrapolated central differences; f only says how far to go. What the two
    triangles differ by is part of the error then: it shows a gradient that is none.

    Returns:
        The value and the estimated absolute error of each entry.
    """
    if g is None:
        return derivative(seven_point, f, x, rough=rough)
    value, error = derivative(central_hessian, g, x, scales(f, x) / CLOSER)
    return (value + value.T) / 2, np.maximum(error, error.T) + np.abs(value - value.T) / 2


def hvp(
    f: Scalar, x: FloatArray, v: FloatArray, g: Field | None = None, *, rough: Scalar | None = None
) -> tuple[FloatArray, FloatArray]:
    """The Hessian times v (n,) and its estimated error by extrapolated differences in the planes of e_i and v.

    Where there is a gradient g, by its differences along v, which f says how far to go.

    Returns:
        The value and the estimated absolute error of each entry.
    """
    length = np.sqrt(np.sum(v * v))
    unit = v / (length or x.dtype.type(1))
    if g is None:
        value, error = derivative(directional(unit), f, x, rough=rough)
        return value * length, error * length
    origin = np.zeros(1, dtype=x.dtype)
    h = scales(Noisy(lambda t: f(x + t * unit), known(f)), origin) / CLOSER
    value, error = derivative(central_hessian, lambda t: g(x + t * unit), origin, h)
    return value[0] * length, error[0] * length


def diagonal(
    f: Scalar, x: FloatArray, g: Field | None = None, *, rough: Scalar | None = None
) -> tuple[FloatArray, FloatArray]:
    """The diagonal of the Hessian (n,) and its estimated error by extrapolated second central differences.

    Where there is a gradient g, that of `hessian`.

    Returns:
        The value and the estimated absolute error of each entry.
    """
    if g is None:
        return derivative(second_central, f, x, rough=rough)
    value, error = hessian(f, x, g)
    return np.diagonal(value).copy(), np.diagonal(error).copy()


def laplacian(
    f: Scalar, x: FloatArray, g: Field | None = None, *, rough: Scalar | None = None
) -> tuple[FloatArray, FloatArray]:
    """The trace of the Hessian, a scalar, and its estimated error: the sum of the diagonal's."""
    value, error = diagonal(f, x, g, rough=rough)
    return np.sum(value), np.sum(error)
