"""How far to go along each coordinate: the largest steps from which extrapolation still works.

The largest step must stay inside the radius where the series converges (for a pair potential a tenth of the distance
between atoms, for exp(1000 t) a thousandth), and the smallest one must keep the rounding error eps |f| / h^2 low. A
guess that follows |x_i| alone is off by decades where variables have different units. So every coordinate gets the
largest step at which its own second difference, a dozen values of f, is known best: from a first guess downwards where
the series does not converge yet, upwards where only rounding is seen.

Steps are powers of two: x + h is exact then, unless it has fewer digits behind the point than x.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.numeric.moves import together
from hessbench.backends.numeric.noise import Scalar, rounding, sizes
from hessbench.backends.numeric.tableau import Tableau

IntArray = np.ndarray[Any, np.dtype[np.intp]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]

LADDERS: Mapping[str, tuple[float, int]] = MappingProxyType(
    {"float32": (2.0**-2, 2), "float64": (2.0**-4, 5), "longdouble": (2.0**-5, 4)}
)
"""Largest step and number of levels, by working precision; each level halves the step."""

WELL = 1e-14
"""Relative to f_ii: a coordinate whose second difference is known to this needs no other steps."""

POOR = 1e-6
"""An entry that is not known to this, relative to the largest one, deserves finer steps."""

DEEPEST = 40
"""Halvings (and doublings) of a coordinate's step, at most: from 1 / 16 to 6e-14."""

GROWTH = 16
"""Steps at which |f| is so many times larger than at the first ones, or on both sides so many times smaller than at x,
are too far away to be taken."""

REACH, ENOUGH = 0.25, 1e-9
"""How far from x, relative to it, the search goes unless f_ii is not known to `ENOUGH` there: what lies beyond may be
another domain of f, and a loop in f that ends at x need not end there."""

PATIENCE = 2
"""Halvings without a better estimate before the search ends."""

CLOSER: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"float32": (4,), "float64": (8, 12, 16, 20), "longdouble": (8, 12, 16, 20, 24)}
)
"""After how many halvings there are further looks, by working precision. They find what the other steps passed over:
ripples that all of them are multiples of, a peak or a bend between x and the first of them. Each sees about 16 times as
near and 256 times less sharply than the one before."""

SURPRISING = 4
"""How many times what is expected f_ii must be off there to be looked at again."""


def _precision(x: FloatArray) -> str:
    return "longdouble" if x.dtype == np.longdouble != np.float64 else str(x.dtype)


def looks_closer(x: FloatArray) -> tuple[int, ...]:
    """After how many halvings of the ladder's steps there are further looks at f beside x."""
    return CLOSER[_precision(x)]


def settled(seen: FloatArray, value: FloatArray) -> BoolArray:
    """Whether approximations at falling steps (k, n) stay near one another, and away from a value (n,)."""
    return np.asarray(np.ptp(seen, axis=0) <= np.min(np.abs(seen - value), axis=0) / 2)


def ladder(x: FloatArray) -> tuple[FloatArray, int]:
    """The largest step of each coordinate before anything is known of f, (n,), and the number of levels."""
    largest, levels = LADDERS[_precision(x)]
    _, exponent = np.frexp(np.maximum(np.abs(x), x.dtype.type(1)))
    return np.ldexp(x.dtype.type(largest), exponent - 1), levels


def steps(x: FloatArray, power: float) -> FloatArray:
    """Steps eps**power * max(|x_i|, 1), shape (n,), for formulas that are evaluated at a single one."""
    return x.dtype.type(np.finfo(x.dtype).eps ** power) * np.maximum(np.abs(x), x.dtype.type(1))


def scales(f: Scalar, x: FloatArray) -> FloatArray:
    """The largest step of each coordinate, (n,): where its own second difference is known best."""
    h, levels = ladder(x)
    everyone = np.arange(x.size)
    with np.errstate(all="ignore"):
        search = _Search(f, x, h, levels)
        search.start(0, everyone)
        value, error = search.value, search.error
        # Is it rounding, then larger steps help, or a series that does not converge yet, then smaller ones do?
        rounding = error <= 4 * search.known[levels - 1][1]
        open_ = ~(error <= WELL * np.abs(value))
        curved = np.abs(value) > 2 * error  # where f may be linear, larger steps gain nothing and cost the mixed ones
        search.climb(everyone[open_ & rounding & curved], -2)
        search.climb(everyone[open_ & ~rounding], 2)
        search.start_nearer()
        search.look_closer(looks_closer(x))
    return np.ldexp(h, -search.starts)


class _Search:
    """Second differences along every coordinate at steps h / 2^k, computed when asked for, and what they tell of f_ii.

    Args:
        f: The objective at points (m, n).
        x: The point, (n,).
        h: The first step of each coordinate, (n,).
        levels: Steps in one estimate.

    Attributes:
        known: k -> second differences and their rounding errors, (2, n); NaN where they have not been asked for.
        starts: The k from which each coordinate is known best, (n,).
        value: f_ii from there, (n,).
        error: Its estimated error, (n,).
    """

    def __init__(self, f: Scalar, x: FloatArray, h: FloatArray, levels: int) -> None:
        self._f, self._x, self._h, self._levels = f, x, h, levels
        self._center = f(x[None])[0]
        self._size: FloatArray | None = None
        self.known: dict[int, FloatArray] = {}
        self.starts = np.zeros(x.size, dtype=int)
        self.value, self.error = np.full((2, x.size), np.nan, dtype=x.dtype)

    def compute(self, ks: list[int], who: IntArray) -> None:
        """The second differences at h / 2^k for these k and coordinates, all in one evaluation."""
        steps = self._h[who] / self._x.dtype.type(2) ** np.array(ks)[:, None]
        index, flat = np.tile(who, len(ks)), steps.reshape(-1)
        both = together(self._f, self._x, ((index, flat),), ((index, -flat),))
        ahead, behind = (values.reshape(steps.shape) for values in both)
        largest = np.maximum(np.abs(ahead), np.abs(behind))
        if self._size is None:
            self._size = np.max(largest, initial=np.abs(self._center), where=np.isfinite(largest))
        noise = rounding(
            self._f, np.finfo(ahead.dtype).eps * (np.abs(ahead) + np.abs(behind) + 2 * np.abs(self._center))
        )
        # Too far away, or across a pole that is nearer than the step: NaN loses every comparison in the tableau.
        noise[(largest > GROWTH * self._size) | (np.abs(self._center) > GROWTH * (largest + noise))] = np.nan
        for k, row in zip(
            ks, np.stack([ahead - 2 * self._center + behind, noise], axis=1) / steps[:, None] ** 2, strict=True
        ):
            self.known.setdefault(k, np.full((2, self._x.size), np.nan, dtype=self._x.dtype))[:, who] = row

    def estimate(self, start: int, who: IntArray) -> tuple[FloatArray, FloatArray]:
        """f_ii of these coordinates and its estimated error, from the steps h / 2^start and below."""
        window = range(start, start + self._levels)
        missing = [k for k in window if k not in self.known or np.isnan(self.known[k][1, who]).any()]
        if missing:
            self.compute(missing, who)
        tableau = Tableau()
        for k in window:
            tableau.add(2.0**-k, *self.known[k][:, who])
            if tableau.known(np.abs(tableau.value)):
                break
        return tableau.value, tableau.error

    def start(self, k: int, who: IntArray) -> None:
        """Take what is known from h / 2^k of these coordinates."""
        self.starts[who] = k
        self.value[who], self.error[who] = self.estimate(k, who)

    def climb(self, who: IntArray, stride: int) -> None:
        """Move the starts of these coordinates in steps of `stride` while the estimates get better.

        Upwards (stride < 0) an estimate must agree with the first one: a larger step may reach across a kink.
        """
        first, doubt_of_first, begin = self.value.copy(), self.error.copy(), self.starts.copy()
        for far in range(stride, stride * DEEPEST // 2, stride):
            if not who.size:
                break
            start = int(begin[who[0]]) + far
            if stride < 0:
                far_away = np.ldexp(self._h[who], -start) > REACH * np.where(self._x[who] == 0, 1, np.abs(self._x[who]))
                who = who[~far_away | ~(self.error[who] <= ENOUGH * np.abs(self.value[who]))]
                if not who.size:
                    break
            value, error = self.estimate(start, who)
            if stride < 0:
                error = np.where(np.abs(value - first[who]) > doubt_of_first[who], np.inf, error)
            better = error < self.error[who] / 2  # by chance an estimate may be a little smaller anywhere
            if (
                stride > 0
            ):  # beside a root or a pole f_ii grows all the way down, and its error with it, until it settles
                settled = error <= POOR * np.abs(value)
                better |= settled & ~(self.error[who] <= POOR * np.abs(self.value[who]))
            found = who[better]
            self.starts[found], self.value[found], self.error[found] = start, value[better], error[better]
            tired = np.abs(start - self.starts[who]) > PATIENCE
            if stride > 0:  # downwards the search goes on while f_ii is poorly known: convergence may begin late
                tired &= self.error[who] < POOR * np.abs(self.value[who])
            who = who[~(tired | (error <= WELL * np.abs(value)))]

    def start_nearer(self) -> None:
        """Begin again at steps of the size of x where that is tiny, and stay there if f is another function there."""
        nearer = np.frexp(self._h / (sizes(self._x) / GROWTH))[1] - 1
        for k in np.unique(nearer[nearer > DEEPEST // 2]):
            who = np.flatnonzero(nearer == k)
            before = [kept[who].copy() for kept in (self.starts, self.value, self.error)]
            self.start(int(k), who)
            self.climb(who, 2)
            off = SURPRISING * (self.error[who] + before[2])
            same = ~((np.abs(self.value[who] - before[1]) > off) | ~np.isfinite(before[2]))
            for kept, earlier in zip((self.starts, self.value, self.error), before, strict=True):
                kept[who[same]] = earlier[same]

    def look_closer(self, looks: Sequence[int]) -> None:
        """Search anew along coordinates where f is another function at h / 2^k for one of these k."""
        self.compute(list(looks), np.arange(self._x.size))
        for k in looks:
            who = np.flatnonzero(self.starts + self._levels <= k)
            seen, noise = self.known[k][:, who]
            off = np.abs(seen - self.value[who])
            who = self._settled(k, who[~(off <= SURPRISING * (noise + self.error[who]))])
            if who.size:
                self.start(k, who)
                self.climb(who, -2)

    def _settled(self, k: int, who: IntArray) -> IntArray:
        """Those of these coordinates that stay near what they are at h / 2^k on two finer steps.

        Where f loses digits that its values do not show, second differences are off by four times as much at each.

        Returns:
            The coordinates that stay, in the same order.
        """
        if not who.size:
            return who
        self.compute([k + 1, k + 2], who)
        seen = np.stack([self.known[j][0, who] for j in (k, k + 1, k + 2)])
        return who[settled(seen, self.value[who])]
