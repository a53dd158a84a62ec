"""How large the terms of f are at x, where its value or its derivative is small because they cancel.

An error is small or large against something. Where the right result is zero, or next to it, that is not the result but
what it was computed from: sin(x)^2 + cos(x)^2 has the second derivative zero, and rounding leaves 1e-16 of it, because
its terms are of order one. The size of terms is the rounding error that they leave, divided by eps.

* Terms of f's value leave the noise of f, which `backends.numeric.noise` measures. Differences of f suffer from it.
* Terms of a derivative leave what exact differentiation in float64 is off by: hyper-dual numbers in float64 beside
  those in extended precision, and the noise of the former where f computes in less than float64 inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from hessbench.backends.contract.interface import FloatArray, Objective, cast
from hessbench.backends.numeric import hyper_dual
from hessbench.backends.numeric.evaluation import at_points, casts, most_precise
from hessbench.backends.numeric.hyper_dual import HyperDual
from hessbench.backends.numeric.noise import LARGE, line, measured, near, noise, sizes
from hessbench.backends.numpy.namespace import namespace, standard_arrays
from hessbench.harness.judging.accuracy import HEADROOM
from hessbench.harness.judging.evaluation.narrow import EPS, SINGLE, narrow_noise
from hessbench.harness.judging.evaluation.perturbation import changed
from hessbench.harness.judging.evaluation.values import NumpyText, Values

LOST = 64.0
"""How many times eps**p of f's terms, p the method's accuracy, differences may be off by: they divide by a step."""

MEASURED = 100.0
"""How many times what exact differentiation of f's text was seen to be off by another way of doing so may be. Of 800
results of PyTorch, three modes, those that were off by more than 1e-15 of their value were so by 10 times at most,
unless its rule for a function was at fault."""

DRAWS = 4
"""Points and directions; by chance a computation may be exact at one."""

AWAY = 0.1
"""Some way off, relative to x: where nothing cancels that cancels at x."""

SHAKE = 2.0**-26
"""Share by which derivatives are shaken: far more than rounding, too little for terms of the second order."""

NEARBY = 2.0**-48
"""Relative to x: a derivative that is another one so near is an agreement about one point, no derivative."""


class Shaken(HyperDual):
    """Hyper-dual numbers whose derivatives are off by a share of their own after each operation, up or down by chance.

    Attributes:
        rng: What decides.
    """

    __slots__ = ()

    rng: ClassVar[np.random.Generator]

    def __init__(self, real: Any, e1: Any, e2: Any, e12: Any) -> None:
        parts = [np.asarray(part) for part in (e1, e2, e12)]
        super().__init__(real, *(part * (1 + SHAKE * self.rng.choice((-1.0, 1.0), part.shape)) for part in parts))


class Terms:
    """The terms of f at a point.

    Args:
        objective: f.
        x: The point, (n,).
        data: Further arguments of f.
    """

    def __init__(self, objective: Objective, x: FloatArray, data: Sequence[FloatArray]) -> None:
        self.objective, self._x, self.data = objective, x, data
        self._of_derivative: dict[int, float | None] = {}

    @property
    def of_value(self) -> float:
        """The size of the terms of f's value."""
        value, noise_of_it = self._measured
        return max(abs(value), noise_of_it / EPS)

    @property
    def _noise(self) -> float:
        return self._measured[1]

    @cached_property
    def _measured(self) -> tuple[float, float]:
        """The value of f and its noise in float64."""
        f = at_points(self.objective, self.data)
        with np.errstate(all="ignore"):
            seen = most_precise(self.objective, lambda dtype: near(f, self._x.astype(dtype)))
            _, rough = measured(f, seen)
            return float(seen.center), rough.noise

    @cached_property
    def _varying(self) -> float:
        """By how much f varies as far as a quarter of x away, 0 where no more than by its noise.

        Of a sum of 1e12 and an exponential, the derivatives are those of the exponential.
        """
        rng, f = np.random.default_rng(self._x.size), at_points(self.objective, self.data)
        away = rng.choice((-0.25, 0.25), (DRAWS, self._x.size)) * sizes(self._x)
        try:
            with np.errstate(all="ignore"):
                found = np.abs(f(self._x + away) - f(self._x[None]))
        except Exception:  # f may raise anything beside x
            return 0.0
        unit = SINGLE if casts(self.objective) else EPS
        least = LARGE * max(self._noise, unit * abs(self._measured[0]))
        return float(np.max(found, initial=0.0, where=np.isfinite(found) & (found > least)))

    def size(self, order: int, exact: bool) -> float:
        """What rounding of a derivative is relative to.

        Args:
            order: Of the derivative.
            exact: Whether it is computed exactly but for rounding; else by differences of values of f.

        Returns:
            The size of its terms; where they cannot be told, what f varies by over the size of x; where it does not, or
            they are none, f's value over that; infinite where rounding of the terms is more than that, as of a
            derivative that is another one at every point near x.
        """
        own = self.of_derivative(order) if exact and order else None
        ordinary = float(self.of_value / np.max(sizes(self._x)) ** order)
        if own is None:
            varying = self._varying if exact and order else 0.0
            return varying / float(np.max(sizes(self._x))) ** order if varying else ordinary
        return np.inf if own * EPS * HEADROOM > ordinary else max(own, self._shaken(order)) or ordinary

    def excuse(self, order: int, accuracy: float, dtype: str, error: float) -> str:
        """Why an error may be what rounding makes of f's text, or the empty string.

        Args:
            order: Of the derivative.
            accuracy: `Method.accuracy`.
            dtype: In which f was computed.
            error: The largest error of an entry.

        Returns:
            The reason, with the size of the terms.
        """
        eps = float(np.finfo(dtype).eps)
        if accuracy < 1:
            size = self.of_value
            # NumPy's numbers: a power of 1e200 is infinite, where Python's raises.
            lost = LOST * size * eps**accuracy / np.min(np.maximum(1, np.abs(self._x))) ** order
            cause = f"f carries noise of {self._noise:.1g}" if self._noise else f"f is of size {size:.1g}"
            return f"{cause}, which differences divide by steps" if error <= lost else ""
        own = self.of_derivative(order)
        size, forgiven = (own, MEASURED) if own else (self._around(order), HEADROOM)
        return f"terms of size {size:.1g} cancel in f" if error <= forgiven * eps * size else ""

    def of_derivative(self, order: int) -> float | None:
        """The size of the terms of the first or second derivative along random directions; None where nobody can tell.

        Args:
            order: 1 or 2.

        Returns:
            The largest over a few draws.
        """
        if order not in self._of_derivative:
            self._of_derivative[order] = self._drawn(order)
        return self._of_derivative[order]

    def _around(self, order: int) -> float:
        """What the derivative is like some way off, by plain differences: the size of terms that only cancel at x.

        For a native text, or NumPy's own, whose inside nobody can look into. The adjugate of a singular matrix is zero,
        and rounding of its factors is not.

        Args:
            order: Of the derivative.

        Returns:
            Its size; 0 where f is a portable text, whose terms can be told, or has no value there.
        """
        if order not in (1, 2) or not isinstance(self.objective, NumpyText | Values):
            return 0.0
        rng, f = np.random.default_rng(self._x.size), at_points(self.objective, self.data)
        found = []
        for _ in range(DRAWS):
            signs = rng.choice((-1.0, 1.0), (2, self._x.size))
            center, step = self._x + AWAY * signs[0] * sizes(self._x), AWAY**2 * signs[1] * sizes(self._x)
            with np.errstate(all="ignore"):
                low, middle, high = f(np.stack([center - step, center, center + step]))
                slope = (high - low) / 2 if order == 1 else high - 2 * middle + low
                found.append(abs(float(slope)) / float(np.max(np.abs(step))) ** order)
        return max((size for size in found if np.isfinite(size)), default=0.0)

    def _drawn(self, order: int) -> float | None:
        rng = np.random.default_rng(self._x.size)
        found = []
        for _ in range(DRAWS):
            x, (v, w) = changed(self._x, rng), rng.choice((-1.0, 1.0), (2, self._x.size))
            pair = [self.exact(order, x, v, w, dtype) for dtype in (np.longdouble, np.float64)]
            if None in pair:
                return None
            found.append(abs(float(pair[0] - pair[1])))
        if not np.isfinite(found).all():
            return None
        if narrow_noise(self.objective, self._x, self.data):  # it is the same in both precisions
            exact = lambda points: np.array([self.exact(order, y, v, w, np.float64) for y in points])  # noqa: E731
            found.append(noise(near(exact, self._x)))
        return max(found) / EPS

    def _shaken(self, order: int) -> float:
        """The size of the terms of a derivative by what it is off by where each operation is off, as `Shaken` says.

        Terms that cancel to the last digit, as those of sin(x)^2 + cos(x)^2 do, leave no rounding error to be measured.

        Returns:
            The largest over a few draws; 0 where nobody can tell.
        """
        if order not in (1, 2):
            return 0.0
        rng = Shaken.rng = np.random.default_rng(self._x.size)
        found = [0.0]
        for _ in range(DRAWS):
            v, w = rng.choice((-1.0, 1.0), (2, self._x.size))
            pair = [self.exact(order, self._x, v, w, np.float64, number) for number in (HyperDual, Shaken)]
            found += [abs(float(pair[0] - pair[1])) / SHAKE] if None not in pair else []
        return max(size for size in found if np.isfinite(size))

    def exact(
        self,
        order: int,
        x: FloatArray,
        v: FloatArray,
        w: FloatArray,
        dtype: Any,
        number: type[HyperDual] = HyperDual,
    ) -> Any:
        """The derivative of f at x along v (and w) by hyper-dual numbers in a precision; None where it has no rule."""
        data = [cast(array, np.dtype(dtype)) for array in self.data]
        f: Callable[[Any], Any] = lambda y: self.objective(namespace(), y, *data)  # noqa: E731
        try:
            with standard_arrays():
                y = hyper_dual.along(f, *(array.astype(dtype) for array in (x, v, w)), number=number)
        except Exception:  # f may raise anything on numbers that it was not written for
            return None
        return y.e12 if order == 2 else y.e1

    def claim(
        self, x: FloatArray, v: FloatArray, w: FloatArray | None, beside: float = NEARBY
    ) -> tuple[float, float] | None:
        """What exact differentiation of f's text says of a derivative, in the highest precision.

        Args:
            x: The point, (n,).
            v: The direction of the first derivative, (n,).
            w: That of the second one, or None.
            beside: The distance of two further points, relative to x.

        Returns:
            The derivative along them, and by how much it is another one on both sides of x, in the mean, of which what
            it changes by from one side to the other is no part; None where f has no rule.
        """
        order, w = (1, v) if w is None else (2, w)
        here, before, behind = (self.exact(order, y, v, w, np.longdouble) for y in (x, *_both_sides(x, beside)))
        if here is None or before is None or behind is None:
            return None
        return float(here), abs(float(here - (before + behind) / 2))

    def lost_beside(self, x: FloatArray, v: FloatArray, w: FloatArray | None) -> float:
        """What rounding may make of a `claim` a hair's breadth beside x: of sin(x) / x next to zero it leaves nothing.

        Args:
            x: The point, (n,).
            v: The direction of the first derivative, (n,).
            w: That of the second one, or None.

        Returns:
            The size of the terms there, in units of the last place of extended precision.
        """
        order, w = (1, v) if w is None else (2, w)
        found = [0.0]
        Shaken.rng = np.random.default_rng(x.size)
        for y in _both_sides(x, NEARBY):
            pair = [self.exact(order, y, v, w, np.longdouble, number) for number in (HyperDual, Shaken)]
            found.append(np.inf if None in pair else abs(float(pair[0] - pair[1])) / SHAKE)
        return max(found) * float(np.finfo(np.longdouble).eps)


def _both_sides(x: FloatArray, far: float) -> tuple[FloatArray, FloatArray]:
    """The points at a distance, relative to x, before and behind it."""
    away = far * line(x) * sizes(x)
    return x - away, x + away
