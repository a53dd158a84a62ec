"""From a formula of NumPy arrays to what a method builds: data filled in, one vector or point after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array, FloatArray
from hessbench.backends.numeric.evaluation import ending
from hessbench.backends.numeric.noise import heard
from hessbench.backends.numeric.scales import steps

Function = Callable[..., Any]
Values = Callable[[FloatArray], FloatArray]
"""f at many points: (m, n) -> (m,)."""


def looped(f: Function, data: Sequence[Array]) -> Values:
    """One evaluation after the other at many points: what a user's own function allows."""
    return lambda points: np.array([f(x, *data) for x in points], dtype=points.dtype)


def around(f: Function, data: Sequence[Array], x: FloatArray) -> Values:
    """The same for differences whose steps follow f, its noise known: NaN where linear algebra raises, but not at x."""
    return heard(looped(ending(f, at=x), data), x)


def extrapolated(formula: Callable[..., tuple[FloatArray, FloatArray]]) -> Callable[[Function], Function]:
    """A formula of `numeric.differences` without its error estimate, at steps that know the noise of f."""

    def build(f: Function) -> Function:
        return lambda x, *data: np.asarray(formula(around(f, data, x), x)[0])

    return build


def at_one_step(
    stencil: Callable[[Values, FloatArray, FloatArray], FloatArray], power: float
) -> Callable[[Function], Function]:
    """A stencil at steps of eps**power."""

    def build(f: Function) -> Function:
        return lambda x, *data: stencil(looped(f, data), x, steps(x, power))

    return build


def exact(formula: Callable[..., FloatArray]) -> Callable[[Function], Function]:
    """A formula of `numeric.complex_step` or `numeric.hyper_dual` of x alone."""

    def build(f: Function) -> Function:
        return lambda x, *data: formula(lambda y: f(y, *data), x)

    return build


def product(formula: Callable[..., Any]) -> Callable[[Function], Function]:
    """A formula of x and v of `numeric.complex_step` or `numeric.hyper_dual`."""

    def build(f: Function) -> Function:
        return lambda x, v, *data: formula(lambda y: f(y, *data), x, v)

    return build


def each_vector(hvp_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """An hvp as a method of several vectors, one after the other."""

    def build(f: Function) -> Function:
        hvp = hvp_of(f)
        return lambda x, vectors, *data: np.stack([hvp(x, v, *data) for v in vectors])

    return build


def each_point(one_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """A method at one point as one at several points, one after the other."""

    def build(f: Function) -> Function:
        one = one_of(f)
        return lambda points, *data: np.stack([one(x, *data) for x in points])

    return build


def trace(diagonal_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """A diagonal as its sum."""

    def build(f: Function) -> Function:
        diagonal = diagonal_of(f)
        return lambda x, *data: np.sum(diagonal(x, *data))

    return build
