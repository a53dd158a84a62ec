"""How much f deviates near x from a smooth function: its rounding noise, measured and not guessed.

An energy of -76026.77 that is shifted to zero has the noise of 76026.77, whatever its values are; what is computed in
float32 inside of f, or by an iteration that ends at a tolerance, has a noise that no precision of x lowers.

Differences of order k of a smooth function vanish like d^k at spacing d, those of independent errors of standard
deviation s do not: their mean square is s^2 (2k)! / (k!)^2 (Hamming 1973, Introduction to Applied Numerical Analysis,
chapter 6; Moré & Wild 2011, doi:10.1137/100786125). So where several orders tell the same s, at one spacing and at one
16 times as fine, it is noise. Along a line through x, since noise is a property of f and not of a coordinate, and on
both sides of x apart: a pole or a bend at x is no noise, and on neither side does it look like one.

What ripples faster than the points lie looks like noise too; but on finer spacings a ripple is smooth, and as steep as
it takes to make that noise, where noise stays, or f does not move at all (x cast to float32).

Noise that is the same at all points (a sum that is rounded to a coarse grid on which f does not move) is seen in two
precisions only: by what the value in float64 differs from the one in the working precision.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from math import comb

import numpy as np

from hessbench.backends.contract.arrays import FloatArray

Scalar = Callable[[FloatArray], FloatArray]
"""f at many points: (m, n) -> (m,)."""

HALF = 10
"""Points on either side of x."""

SPACINGS = tuple(2.0**-k for k in (9, 13, 17, 21, 25))
"""Relative to the size of x; several, since f may move less than its noise on fine ones, and more on
coarse ones than differences can remove."""

ORDERS = (5, 6, 7, 8)
"""Of the differences that are compared."""

ALIKE, LASTING = 4.0, 8.0
"""By how much estimates may differ between orders, and between spacings, to be of the same noise. By chance, with a
dozen points, one in a hundred does by more; smooth functions lose a factor of 100 and more."""

FINER = tuple(2.0**-k for k in (29, 33, 37, 41, 45, 49))
"""Further spacings, at which is looked for a ripple where there seems to be noise."""

RESOLVED = 2.0**12
"""How many units of rounding of x a spacing must be for points to lie where they should."""

FALLING = 8.0
"""By how much the deviation that differences of order 5 tell must be larger than that of order 8 for f to be smooth:
a ripple a sin(w t) has a sin(w s / 2)^k of order k at spacing s, so by more than this where w s < 1."""

STEEP = 2.0**-26
"""Share of what seems to be noise that differences of order 4 must tell where f is smooth: of a ripple they do at the
coarsest of spacings with w s < 1, since the next coarser one is 16 times as wide, more than 2**-21; of a chaotic
iteration, which ripples at several speeds, 2**-23 was seen."""

TELLING = 2.0**-34
"""Noise relative to f that tells a cast to float32 where f has one precision only: of the rounding of a sum in float32,
whose largest term is no more than 500 times what f is."""

JUMPING = 2.0**-13
"""More than this of f is no rounding in float32: f jumps, as a sum of integer parts does, or is random."""

HALVES = (11, 8)
"""Significant bits of float16 and bfloat16, which are coarse enough for their steps to be seen one by one."""

CELLS, STEPPED = 9, 64.0
"""Neighboring numbers of such a format on either side of x, and how many times as much f must move from one to the next
beyond what it does around each as it bends there."""

UNEVEN = 0.7390851332151607
"""A factor that takes points off the grid of float32, on which such a cast errs nowhere."""

LARGE = 3
"""Standard deviations that an error stays within."""

USUAL, ORDINARY = 4, 16
"""So many eps |f| are what a sum is usually rounded by, and so many what any sum may be; more is worth a word."""


@dataclass(frozen=True, slots=True)
class Noisy:
    """f at many points, with what is known of its noise.

    Attributes:
        values: Points (m, n) -> values (m,).
        noise: Standard deviation of f's values from a smooth function near x; 0 where nothing beyond eps |f| is known.
    """

    values: Scalar
    noise: float = 0.0

    def __call__(self, points: FloatArray) -> FloatArray:
        """The values at points (m, n)."""
        return self.values(points)


def known(f: object) -> float:
    """The noise of a function as far as `Noisy` says; else 0."""
    return float(getattr(f, "noise", 0.0))


def rounding(f: object, ordinary: FloatArray) -> FloatArray:
    """The error of values of f, in the shape of `ordinary`.

    Args:
        f: The function; its noise is what `Noisy` says, else unknown.
        ordinary: What is expected of any function: some eps times its values.

    Returns:
        The larger one of what is expected and what was measured.
    """
    return np.maximum(ordinary, LARGE * ordinary.dtype.type(known(f)))


def line(x: FloatArray) -> FloatArray:
    """A direction that no coordinate is special to, (n,): entries of few digits between 1/2 and 1, of random signs."""
    rng = np.random.default_rng(x.size)
    sizes = rng.integers(33, 64, x.size) / 64
    return (sizes * rng.choice((-1, 1), x.size)).astype(x.dtype)


def sizes(x: FloatArray) -> FloatArray:
    """What the size of each coordinate may be, (n,), powers of two: its own, else that of the others, else one."""
    known = np.abs(x[x != 0])
    _, exponent = np.frexp(np.where(x == 0, np.median(known) if known.size else x.dtype.type(1), np.abs(x)))
    return np.ldexp(x.dtype.type(1), exponent - 1)


@dataclass(frozen=True, slots=True)
class Near:
    """Values of f at points of a line through x, at several spacings; all in one evaluation, since many ask for them.

    Attributes:
        x: The point, (n,); its dtype is the working precision.
        step: The direction, as long as x is large, (n,).
        center: f(x).
        values: At x - k s step and x + k s step for each spacing s and k from 1 to `HALF`, (spacings, 2, HALF).
        rounded: Points of the same line in float64, (m, n).
        there: Values at these, (m,).
    """

    x: FloatArray
    step: FloatArray
    center: FloatArray
    values: FloatArray
    rounded: FloatArray
    there: FloatArray


def both_sides(x: FloatArray, step: FloatArray, spacings: tuple[float, ...], count: int) -> FloatArray:
    """Points on a line through x, (spacings, 2, count, n): x - k s step and x + k s step for k from 1 to `count`.

    Args:
        x: The point, (n,); its dtype is the working precision.
        step: The direction, (n,).
        spacings: Relative to the step.
        count: Points on either side.

    Returns:
        For each spacing s those before x, and those behind.
    """
    offsets = np.arange(1, count + 1, dtype=x.dtype) * np.array([[-1], [1]], dtype=x.dtype)
    return np.asarray(x + np.multiply.outer(np.array(spacings, dtype=x.dtype), offsets)[..., None] * step)


def near(f: Scalar, x: FloatArray, step: FloatArray | None = None) -> Near:
    """Values of f near x.

    Args:
        f: The function at points (m, n).
        x: The point, (n,); its dtype is the working precision.
        step: The direction, (n,); None for one as long as x is large.

    Returns:
        The values, not finite where f is not.
    """
    step = line(x) * sizes(x) if step is None else step
    few = np.arange(-2, 3)[:, None]
    with np.errstate(all="ignore"):
        rounded = x.astype(np.float64) + few * (SPACINGS[1] * step).astype(np.float64)
        sides = both_sides(x, step, SPACINGS, HALF)
        values = f(np.concatenate([x[None], sides.reshape(-1, x.size), rounded.astype(x.dtype)]))
    return Near(x, step, values[0], values[1 : -len(few)].reshape(sides.shape[:-1]), rounded, values[-len(few) :])


def noise(seen: Near, f: Scalar | None = None) -> float:
    """The noise of f near x.

    Args:
        seen: Values of f.
        f: The function, to look closer for a ripple where there seems to be noise.

    Returns:
        The standard deviation of the errors of f's values; 0 where none were seen.
    """
    with np.errstate(all="ignore"):
        levels = _levels(seen.values)
        for k, (coarse, fine) in enumerate(pairwise(levels)):
            if 0 < fine <= LASTING * coarse <= LASTING**2 * fine:
                found = float(max(coarse, fine))
                if found <= USUAL * np.finfo(seen.x.dtype).eps * abs(seen.center):
                    return found  # of the value's own rounding, which nobody is told of
                return 0.0 if _ripples(seen.values[k + 2 :], found) or _closer(f, seen, found) else found
    return 0.0


def _closer(f: Scalar | None, seen: Near, found: float) -> bool:
    """Whether what seems to be noise is a ripple on finer spacings than those of `seen`."""
    resolution = RESOLVED * np.finfo(seen.x.dtype).eps
    spacings = tuple(s for s in FINER if s >= resolution)
    if f is None:
        return False
    sides = both_sides(seen.x, seen.step, spacings, HALF)
    return _ripples(f(sides.reshape(-1, seen.x.size)).reshape(sides.shape[:-1]), found)


def _ripples(values: FloatArray, found: float) -> bool:
    """Whether f is smooth at one of these spacings, and as steep as a ripple of that size."""
    fourth, fifth, eighth = (_deviations(values, order) for order in (4, 5, 8))
    return bool(np.any((fifth > FALLING * eighth) & (fourth > STEEP * found)))


def _deviations(values: FloatArray, order: int) -> FloatArray:
    """For each spacing the standard deviation of independent errors whose differences were these, (spacings,)."""
    difference = np.diff(values, n=order, axis=2)
    return np.sqrt(np.mean(difference * difference, axis=(1, 2)) / comb(2 * order, order))


def _levels(values: FloatArray) -> FloatArray:
    """For each spacing the standard deviation of errors that several orders of differences agree on, else 0."""
    found, difference, order = [], values, 0
    for wanted in ORDERS:
        difference, order = np.diff(difference, n=wanted - order, axis=2), wanted
        found.append(np.sqrt(np.mean(difference * difference, axis=(1, 2)) / comb(2 * order, order)))
    low, high = np.min(found, axis=0), np.max(found, axis=0)
    return np.where(high <= ALIKE * low, high, 0)


def in_two_precisions(f: Scalar, seen: Near) -> float:
    """What values in float64 differ by from those in the working precision, at the same points near x.

    Args:
        f: The function, in the precision of the points (m, n) that it is given.
        seen: Values of it.

    Returns:
        The standard deviation of errors that stay within the largest difference; 0 where f is not finite there.
    """
    with np.errstate(all="ignore"):
        off = np.abs(seen.there - f(seen.rounded))
    return float(np.max(off, initial=0.0, where=np.isfinite(off))) / LARGE


def measured(f: Scalar, seen: Near) -> tuple[Noisy, Noisy]:
    """The function with its noise in the precision of x, and with its noise in float64.

    Args:
        f: The function, in the precision of the points that it is given.
        seen: Values of it near x.

    Returns:
        The same function twice.
    """
    own, off = noise(seen, f), 0.0
    eps, coarse = np.finfo(seen.x.dtype).eps, np.finfo(np.float64).eps
    if eps < coarse:
        with suppress(Exception):  # f may raise anything in float64
            off = in_two_precisions(f, seen)
    pair = max(own, off * float(eps / coarse)), max(own, off)
    unusual = [heard > USUAL * unit * abs(seen.center) for heard, unit in zip(pair, (eps, coarse), strict=True)]
    first, second = (Noisy(f, heard if told else 0.0) for heard, told in zip(pair, unusual, strict=True))
    return first, second


def of_a_cast(f: Scalar, x: FloatArray) -> tuple[float, float]:
    """The noise of f where something in it is computed in less than the precision of x, which has no other to compare.

    Beside an x that is small against one, sums with one do not move on the grid of float32: f is constant there, and
    looks as if it had no noise. So the points reach as far as one.

    Args:
        f: The function at points (m, n).
        x: The point, (n,).

    Returns:
        The noise, or 0, and the size of f that it belongs to.
    """
    seen = near(f, x, line(x) * x.dtype.type(UNEVEN) * np.maximum(sizes(x), x.dtype.type(1)))
    sides = seen.values[:, np.isfinite(seen.values).all(axis=(0, 2))]  # f may end at x
    if not sides.size:
        return 0.0, 0.0
    found, size = noise(replace(seen, values=sides), f), float(np.max(np.abs(sides)))
    if TELLING * size < found < JUMPING * size:
        return found, size
    return max(_of_steps(f, x, bits) for bits in HALVES), size


def _of_steps(f: Scalar, x: FloatArray, bits: int) -> float:
    """The noise of f where it rounds x to so many bits: it is smooth around each such number, and steps between them.

    A sum of integer parts steps elsewhere, and what is random does so everywhere.

    Args:
        f: The function at points (m, n).
        x: The point, (n,).
        bits: Significant ones.

    Returns:
        The standard deviation of the steps from a line, or 0.
    """
    unit = sizes(x) * x.dtype.type(2.0 ** (1 - bits))
    away = np.where(x == 0, 0, np.sign(line(x)) * unit)
    centers = np.rint(x / unit) * unit + np.arange(-CELLS, CELLS + 1)[:, None] * away
    values, ahead, behind = (f(points) for points in (centers, centers + away / 4, centers - away / 4))
    inside, across = (ahead - behind)[1:-1], values[2:] - values[:-2]
    stepped, moved = (float(np.median(np.abs(one))) for one in (across - 4 * inside, across))
    bent = float(np.max(np.abs(ahead - 2 * values + behind)))
    return stepped / 4 if stepped > STEPPED * max(bent, moved / STEPPED**2) else 0.0


def heard(f: Scalar, x: FloatArray, narrow: bool = False) -> Noisy:
    """The function with its noise near x, in the precision of x; of one that computes in less, with that of a cast."""
    noisy = measured(f, near(f, x))[0]
    return with_cast(noisy, x) if narrow else noisy


def with_cast(f: Noisy, x: FloatArray) -> Noisy:
    """The function with the noise of a cast, where it is more than what is known."""
    return Noisy(f.values, max(f.noise, of_a_cast(f, x)[0]))
