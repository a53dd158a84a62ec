"""Stencils extrapolated from the steps that suit f, in one precision or in two.

**One precision.** The steps of `numeric.scales`, halved a few times, in `numeric.tableau`. What is still not known
after that (a mixed derivative may vary faster than both pure ones) is tried once more on finer steps.

**Two precisions.** In extended precision exp and tanh take 60 ns where float64 takes 2, and only the finest step needs
it: an approximation at a step 8 times as large counts 1 / 64 in the tableau, and its rounding error has been divided by
a square 64 times as large. So float64 says which steps suit f and computes the approximations at some of them, until
rounding is all that it sees; extended precision adds one at an eighth of the last of these. Where that is not enough
(f loses digits on its way, or varies too fast), all is done in extended precision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.numeric.noise import Scalar, rounding
from hessbench.backends.numeric.scales import POOR, ladder, scales
from hessbench.backends.numeric.tableau import Tableau

Field = Callable[[FloatArray], FloatArray]
"""The gradient of f at many points: (m, n) -> (m, n)."""

FINER, TRIES = 2.0**-4, 3
"""How much finer the steps of another try are, and how often there is one."""

ROUGH = (1.0, 0.75, 0.5, 0.375, 0.25)
"""Steps that are taken in float64, relative to the largest ones; short binary fractions, so that x + h is exact."""

FINE = 1 / 8
"""The step that is taken in extended precision, relative to the last one that was taken in float64."""

NOISE = 8
"""Where errors are below this many rounding errors, finer steps in float64 only add to them."""

ABREAST = 2
"""How much further beyond the first guess a coordinate goes than the most careful one: the terms that a mixed
derivative leaves over are products of both steps, of which the search along single coordinates knows nothing."""

PROMISING, GOOD = 1e-5, 5e-11
"""How well all entries must be known, relative to the largest ones of their row and column, from float64 alone for the
fine step to be worth its time, and after it."""


@dataclass(frozen=True, slots=True)
class Stencil:
    """An approximation of a derivative whose error is a series in h^2.

    Attributes:
        formula: (f, x, h) with steps h (n,) -> the approximation.
        amplification: h -> by how much each entry amplifies a rounding error of f.
        exact: Whether x + h is exact where h has few digits; else f is taken a rounding error of x beside the point.
    """

    formula: Callable[[Scalar, FloatArray, FloatArray], FloatArray]
    amplification: Callable[[FloatArray], FloatArray]
    exact: bool = True

    def __call__(self, f: Scalar, x: FloatArray, h: FloatArray) -> FloatArray:
        """The approximation at x with steps h."""
        return self.formula(f, x, h)


class _Rows:
    """Approximations by a stencil with their rounding errors, which follow the largest value of f that was met."""

    def __init__(self, stencil: Stencil, f: Scalar | Field, x: FloatArray) -> None:
        self._stencil, self._f, self._x = stencil, f, x
        self._largest = x.dtype.type(0)
        self._low, self._high = np.inf, -np.inf

    def _values(self, points: FloatArray) -> FloatArray:
        values = self._f(points)
        finite = values[np.isfinite(values)]
        self._largest = np.max(np.abs(finite), initial=self._largest)
        if not self._stencil.exact and finite.size:
            self._low, self._high = min(self._low, np.min(finite)), max(self._high, np.max(finite))
        return values

    def at(self, h: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The approximation with steps h (n,), and the rounding error of each entry."""
        self._low, self._high = np.inf, -np.inf
        approximation = self._stencil(self._values, self._x, h)
        eps = np.finfo(self._x.dtype).eps
        noise = rounding(self._f, eps * self._largest)
        if not self._stencil.exact:  # steep beside a pole
            spread = max(self._high - self._low, 0)
            noise = noise + eps * np.max(np.abs(self._x), initial=0) * spread / np.min(h, initial=np.inf)
        return approximation, noise * self._stencil.amplification(h)


def richardson(
    stencil: Stencil, f: Scalar | Field, x: FloatArray, h: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """A stencil extrapolated to step zero in one precision, entry by entry.

    Args:
        stencil: The approximation.
        f: The objective at points (m, n), or what else the stencil takes.
        x: The point, shape (n,); its dtype is the working precision.
        h: The largest steps, shape (n,); from `ladder` unless given.

    Returns:
        The value and the estimated absolute error of each entry (extrapolation and rounding), both in
        the stencil's shape. An entry for which no level is finite is NaN with an infinite error.
    """
    first, levels = ladder(x)
    h = first if h is None else h  # `levels` goes with the precision, not with where the ladder starts
    rows, tableau = _Rows(stencil, f, x), Tableau()
    with np.errstate(all="ignore"):
        for k in range(levels):
            tableau.add(2.0**-k, *rows.at(h / 2**k))
            if tableau.known(np.max(np.abs(tableau.value), initial=0)):  # until the worst entry is known
                break
    return tableau.value, tableau.error


def derivative(
    stencil: Stencil,
    f: Scalar | Field,
    x: FloatArray,
    h: FloatArray | None = None,
    rough: Scalar | None = None,
) -> tuple[FloatArray, FloatArray]:
    """A stencil extrapolated from the steps that suit f, its poorly known entries tried again on finer ones.

    Args:
        stencil: The approximation.
        f: The objective at points (m, n), or what else the stencil takes.
        x: The point, shape (n,); its dtype is the working precision.
        h: The largest steps, (n,); found by `scales` unless given.
        rough: f in float64, where that is cheaper than the working precision.

    Returns:
        The value and the estimated absolute error of each entry, in the stencil's shape.
    """
    found = _in_two_precisions(stencil, f, rough, x) if rough is not None and h is None else None
    if found is not None:
        return found
    h = scales(f, x) if h is None else h
    value, error = richardson(stencil, f, x, h)
    for _ in range(TRIES):
        size = np.max(np.abs(value), initial=0, where=np.isfinite(value))
        if np.all(error <= POOR * size):
            break
        h = h * x.dtype.type(FINER)
        again, doubt = richardson(stencil, f, x, h)
        better = doubt < error  # False where NaN: what is not known cannot replace what is
        value, error = np.where(better, again, value), np.where(better, doubt, error)
    return value, error


def _in_two_precisions(
    stencil: Stencil, f: Scalar, rough: Scalar, x: FloatArray
) -> tuple[FloatArray, FloatArray] | None:
    """The result of `derivative` by float64 and one extended evaluation; None where it would not be good."""
    near, tableau = x.astype(np.float64), Tableau()
    try:
        with np.errstate(all="ignore"):
            h = _abreast(scales(rough, near), ladder(near)[0])
            rows = _Rows(stencil, rough, near)
            for step in ROUGH:  # until rounding is all that float64 sees
                tableau.add(step, *rows.at(step * h))
                if tableau.noisy(NOISE):
                    break
            if not _is_known(tableau, PROMISING):
                return None
            # One approximation in extended precision, at an eighth of the last step: it counts 64 times as much.
            tableau.add(step * FINE, *_Rows(stencil, f, x).at(h.astype(x.dtype) * (step * FINE)))
            return (tableau.value, tableau.error) if _is_known(tableau, GOOD) else None
    except Exception:  # f may raise anything far from x or in float64; what it raises near x is met again
        return None


def _abreast(h: FloatArray, first: FloatArray) -> FloatArray:
    """Steps of which none is much larger than the others, as far as they are larger than a first guess."""
    return np.minimum(h, ABREAST * first * np.maximum(1, np.min(h / first, initial=np.inf)))


def _is_known(tableau: Tableau, tolerance: float) -> bool:
    size = np.abs(tableau.value)
    if size.ndim == 2:  # a Hessian: entry (i, j) has the units of row i and column j, not those of the largest entry
        size = np.sqrt(np.max(size, axis=1, keepdims=True)) * np.sqrt(np.max(size, axis=0, keepdims=True))
    else:
        size = np.max(size, initial=0)
    return bool(np.all(tableau.error <= tolerance * size))
