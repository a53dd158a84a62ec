"""Whether f has a second derivative at x at all: what its values say on one side of x, and on the other.

On each side the polynomial through f at x and at four points gives a slope and a curvature. Of a smooth f the two sides
differ by what the polynomials leave over, which falls with the third or fourth power of the spacing; across a bend they
differ by as much at every spacing, down to where rounding hides it. A symmetric difference sees the mean of both sides
and is none the wiser. What differs on coarse spacings only is a ripple, or a bend beside x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.contract.errors import told_apart
from hessbench.backends.numeric import noise
from hessbench.backends.numeric.noise import LARGE, Near, Noisy, both_sides, rounding, sizes
from hessbench.backends.numeric.scales import scales

SPACINGS = (*noise.SPACINGS, *noise.FINER)
"""Relative to the size of x; the first two find a bend, at the others it must last."""

WIDER = 2.0**6
"""The same relative to the steps that suit f, where those are far smaller; they are small enough for f already."""

FORMULAS = np.array([[-25, 48, -36, 16, -3], [35, -104, 114, -56, 11]])
"""Twelve times the first and second derivative at the first of five points at a distance of one."""

AMPLIFIED = 27
"""By how much the second one amplifies errors of values, at a distance of one."""

LASTING = 0.5
"""Share of a difference between both sides that a 16 times finer spacing must leave; a smooth f leaves 1 / 4096."""

GROWING = 64
"""How many times as large it may be there: |x|^1.1 has a curvature that grows 12 times; a peak that only the points of
one spacing meet makes any difference."""

CLEAR = 16
"""How many times what rounding makes of it the difference must be."""

FAR_SMALLER = 2.0**-10
SEARCHED = 64
"""Coordinates that are searched for the one along which f bends."""


@dataclass(frozen=True, slots=True)
class Bend:
    """A derivative of f along a line through x that is another one on either side.

    Attributes:
        order: 1 where the slope jumps, 2 where the curvature does.
        before: Its value on one side.
        behind: On the other side.
    """

    order: int
    before: float
    behind: float

    def __str__(self) -> str:
        name = {1: "has a kink at x (slope", 2: "bends at x ("}[self.order]
        before, behind = told_apart(self.before, self.behind, 3), told_apart(self.behind, self.before, 3)
        return f"f {name}{' ' if self.order == 1 else ''}{before} on one side, {behind} on the other)"


def bend(f: Noisy, seen: Near) -> Bend | None:
    """The bend of f at x, or None.

    Args:
        f: f at many points.
        seen: Values of it near x.

    Returns:
        Along the coordinate where it is clearest, as far as one of them shows it.
    """
    sides = seen.values[:, :, : FORMULAS.shape[1] - 1]
    found = _between(f, seen.x, seen.center, sides, seen.step)
    if found is None:
        return None
    x, size = seen.x, sizes(seen.x)
    h = scales(f, x)
    if np.any(h < FAR_SMALLER * size):  # what looks like a bend from afar may be a pole beside x
        size = np.minimum(size, WIDER * h)  # a coordinate that f hardly feels has steps that leave x altogether
    found = _along(f, x, noise.line(x) * size)
    if found is None or x.size > SEARCHED:
        return found
    single = [_along(f, x, row) for row in np.diag(size)]
    clear = [one for one in single if one and one.order == found.order]
    return max(clear, key=lambda one: abs(one.before - one.behind), default=found)


def _along(f: Noisy, x: FloatArray, step: FloatArray) -> Bend | None:
    """The bend along a line through x."""
    with np.errstate(all="ignore"):
        sides = both_sides(x, step, SPACINGS, FORMULAS.shape[1] - 1)
        values = f(np.concatenate([x[None], sides.reshape(-1, x.size)]))
    return _between(f, x, values[0], values[1:].reshape(sides.shape[:-1]), step)


def _between(f: Noisy, x: FloatArray, center: FloatArray, sides: FloatArray, step: FloatArray) -> Bend | None:
    """The bend that values before and behind x tell, derivatives by a unit of length.

    Args:
        f: What the noise of is known.
        x: The point, (n,).
        center: f(x).
        sides: Values at the first few of `SPACINGS`, (spacings, 2, points of a formula but x itself).
        step: The direction, (n,).

    Returns:
        The bend of lowest order, or None.
    """
    dtype = step.dtype
    spacings = np.array(SPACINGS[: len(sides)], dtype=dtype)
    lengths = spacings * np.sqrt(np.sum(step * step))
    with np.errstate(all="ignore"):
        # Points that are nearer to x lie where its own rounding has put them.
        nearest = np.min(np.abs(step / x), initial=np.inf, where=step != 0)
        apart = spacings * nearest > noise.RESOLVED * np.finfo(dtype).eps
        off = rounding(f, np.finfo(dtype).eps * np.max(np.abs(sides))) * AMPLIFIED
        for order, formula in zip((1, 2), FORMULAS.astype(dtype), strict=True):
            found = (center * formula[0] + sides @ formula[1:]) / (12 * lengths[:, None] ** order)
            found = found * np.array([(-1) ** order, 1])
            jumps = np.abs(np.diff(found, axis=1)).ravel()
            hidden = CLEAR * LARGE * off / lengths**order
            seen = LASTING * jumps[0] <= jumps[1] <= GROWING * jumps[0] and jumps[1] > hidden[1]
            if seen and _lasts(jumps[1:], hidden[1:], apart[1:]):
                return Bend(order, float(found[1, 0]), float(found[1, 1]))
    return None


def _lasts(jumps: FloatArray, hidden: FloatArray, apart: FloatArray) -> bool:
    """Whether what is seen at one spacing is there at each finer one at which it could be, all (spacings,)."""
    visible = np.logical_and.accumulate((LASTING * jumps[:-1] > hidden[1:]) & apart[1:])
    return bool(np.all((jumps[1:] >= LASTING * jumps[:-1])[visible]))
