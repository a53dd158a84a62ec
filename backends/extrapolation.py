"""Differences extrapolated to step zero, entry by entry, with an error estimate: Richardson's tableau on chosen steps.

**Tableau.** The error of the stencils is a series in h^2. On steps h, h/2, h/4, ... the triangular tableau T[k][j] =
T[k][j-1] + (T[k][j-1] - T[k-1][j-1]) / (4^j - 1) removes one power of h^2 per column (Richardson 1911; Ridders 1982,
doi:10.1016/S0141-1195(82)80057-0). For every entry that value is taken for which the larger difference from its two
parents plus the rounding error of its finest step is smallest, and that sum is its error estimate. Levels are added
until the worst entry is known to float64's precision.

**Steps.** The largest step must stay inside the radius where the series converges (for a pair potential a tenth of the
distance between atoms, for exp(1000 t) a thousandth), and the smallest one must keep the rounding error eps |f| / h^2
low. A guess that follows |x_i| alone is off by decades where variables have different units. So every coordinate gets
the largest step at which its own second difference, 12 values of f, is known best: from max(|x_i|, 1) / 16
downwards where the series does not converge yet, upwards where only rounding is seen (`scales`). What is still not
known after that (a mixed derivative may vary faster than both pure ones) is tried once more on finer steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from backends.interface import FloatArray

Scalar = Callable[[FloatArray], FloatArray]

LADDERS: Mapping[str, tuple[float, int]] = MappingProxyType(
    {"float32": (2.0**-2, 2), "float64": (2.0**-4, 5), "longdouble": (2.0**-4, 7)}
)
"""Largest step and number of levels, by working precision; each level halves the step."""

ENOUGH = float(np.finfo(np.float64).eps)
"""Relative to the largest entry: the result is float64, so nothing beyond is of use."""

POOR = 1e-6
"""An entry that is not known to this, relative to the largest one, deserves finer steps."""

FINER, TRIES = 2.0**-4, 3
"""How much finer, and how often."""

DEEPEST = 40
"""Halvings (and doublings) of a coordinate's step, at most: from 1 / 16 to 6e-14."""

PATIENCE = 4
"""Halvings without a better estimate before the search ends."""


@dataclass(frozen=True, slots=True)
class Stencil:
    """An approximation of a derivative whose error is a series in h^2.

    Attributes:
        formula: (f, x, h) with steps h (n,) -> the approximation.
        amplification: h -> by how much each entry amplifies a rounding error of f.
    """

    formula: Callable[[Scalar, FloatArray, FloatArray], FloatArray]
    amplification: Callable[[FloatArray], FloatArray]

    def __call__(self, f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
        """The approximation at x with steps h."""
        return self.formula(f, x, h)


def ladder(x: FloatArray) -> tuple[FloatArray, int]:
    """The largest step of each coordinate before anything is known of f, (n,), and the number of levels."""
    largest, levels = LADDERS["longdouble" if x.dtype == np.longdouble != np.float64 else str(x.dtype)]
    return x.dtype.type(largest) * np.maximum(np.abs(x), x.dtype.type(1)), levels


def richardson(
    stencil: Stencil, f: Scalar, x: FloatArray, h: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """A stencil extrapolated to step zero, entry by entry.

    Args:
        stencil: The approximation.
        f: The objective of x alone.
        x: The point, shape (n,); its dtype is the working precision.
        h: The largest steps, shape (n,); from `ladder` unless given.

    Returns:
        The value and the estimated absolute error of each entry (extrapolation and rounding), both in
        the stencil's shape. An entry for which no level is finite is NaN with an infinite error.
    """
    first, levels = ladder(x)
    h = first if h is None else h
    with np.errstate(all="ignore"):
        noise = np.finfo(x.dtype).eps * _magnitude(f, x, h)
        rows = ((stencil(f, x, h / 2**k), noise * stencil.amplification(h / 2**k)) for k in range(levels))
        return tableau(rows)


def tableau(rows: Iterator[tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    """The best value of each entry and its estimated error.

    Args:
        rows: Approximations at steps h, h/2, h/4, ..., each with its rounding error.
    """
    before: list[FloatArray] = []
    value, error = np.array(np.nan), np.array(np.inf)
    for approximation, rounding in rows:
        row = [approximation]
        for j, coarser in enumerate(before, 1):
            finer = row[-1]
            row.append(finer + (finer - coarser) / (4**j - 1))
            distance = np.maximum(np.abs(row[-1] - finer), np.abs(row[-1] - coarser)) + rounding
            better = distance < error  # False where NaN: a level that left f's domain is never chosen
            value, error = np.where(better, row[-1], value), np.where(better, distance, error)
        before = row
        if np.max(error) <= ENOUGH * np.max(np.abs(value)):
            break
    shape = before[0].shape
    return np.broadcast_to(value, shape).astype(before[0].dtype), np.broadcast_to(error, shape).astype(before[0].dtype)


def scales(f: Scalar, x: FloatArray) -> FloatArray:
    """The largest step of each coordinate, (n,): where its own second difference is known best."""
    h, levels = ladder(x)
    with np.errstate(all="ignore"):
        starts = [_Coordinate(f, x, i, h[i], levels).best_start() for i in range(x.size)]
    return h / x.dtype.type(2) ** np.array(starts)


class _Coordinate:
    """Second differences of f along one coordinate at steps h / 2^k, each computed once, and what they tell of f_ii."""

    def __init__(self, f: Scalar, x: FloatArray, i: int, h: FloatArray, levels: int) -> None:
        self._f, self._x, self._i, self._h, self._levels = f, x, i, h, levels
        self._center = f(x)
        self._known: dict[int, tuple[FloatArray, FloatArray]] = {}

    def level(self, k: int) -> tuple[FloatArray, FloatArray]:
        """The second difference at h / 2^k and its rounding error; k may be negative."""
        if k not in self._known:
            step = self._h / 2.0**k
            ahead, behind = self._x.copy(), self._x.copy()
            ahead[self._i], behind[self._i] = self._x[self._i] + step, self._x[self._i] - step
            values = np.array([self._f(ahead), self._f(behind), -2 * self._center])
            noise = np.finfo(self._x.dtype).eps * np.sum(np.abs(values))
            self._known[k] = np.sum(values) / (step * step), noise / (step * step)
        return self._known[k]

    def estimate(self, start: int) -> tuple[FloatArray, FloatArray]:
        """f_ii and its estimated error from the steps h / 2^start and below."""
        return tableau(self.level(k) for k in range(start, start + self._levels))

    def best_start(self) -> int:
        """Where to begin: downwards while the series does not converge, upwards while only rounding is seen."""
        value, least = self.estimate(0)
        if least <= ENOUGH * np.abs(value):
            return 0
        if least <= 4 * self.level(self._levels - 1)[1]:
            return self._climb(least, -2, -DEEPEST)
        return self._climb(least, 2, DEEPEST)

    def _climb(self, least: FloatArray, stride: int, end: int) -> int:
        best, size = 0, np.abs(self.estimate(0)[0])
        for start in range(stride, end, stride):
            value, error = self.estimate(start)
            if error < least / 2:
                best, least, size = start, error, np.abs(value)
            elif abs(start - best) > PATIENCE and (stride < 0 or least < POOR * size):
                break
            if error <= ENOUGH * np.abs(value):
                break
        return best


def derivative(stencil: Stencil, f: Scalar, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A stencil extrapolated from the steps that suit f, its poorly known entries tried again on finer ones.

    Args:
        stencil: The approximation.
        f: The objective of x alone.
        x: The point, shape (n,); its dtype is the working precision.

    Returns:
        As `richardson`.
    """
    h = scales(f, x)
    value, error = richardson(stencil, f, x, h)
    for _ in range(TRIES):
        size = np.max(np.abs(value), initial=0, where=np.isfinite(value))
        if np.all(error <= POOR * size):
            break
        h = h * x.dtype.type(FINER)
        again, doubt = richardson(stencil, f, x, h)
        better = doubt < error
        value, error = np.where(better, again, value), np.where(better, doubt, error)
    return value, error


def _magnitude(f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
    """The largest finite |f| at x and on both sides of it: what the rounding errors of f are relative to.

    |f(x)| alone would not do: where f(x) = 0 the values around x still carry rounding errors.
    """
    values = np.abs(np.array([f(x), f(x + h), f(x - h)], dtype=x.dtype))
    return np.asarray(np.max(values, initial=0, where=np.isfinite(values)))
