"""A person's function at their own point, as a problem: what `hb.hessian`, `hb.check` and the plugin compute on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.harness.judging.explain import name_of
from hessbench.harness.machine.time_limit import Limited
from hessbench.harness.python.reading.signature import check_signature
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.blocks import Layout, Nested
from hessbench.suites.definition.problem import Problem


def problem_at(
    f: Callable[..., Any], vector: FloatArray, layout: Layout | None, arrays: tuple[FloatArray, ...]
) -> Problem:
    """The problem whose objective is f, whose start point is a given vector, and whose data are given arrays.

    Args:
        f: A function f(xp, x, *data), or a `Problem`, whose closed forms and native texts are kept.
        vector: The point, shape (n,).
        layout: Where the blocks of a nested point lie in it, or None.
        arrays: Further arguments of f.

    Returns:
        A problem of one size, n.

    Raises:
        UsageError: The point is nested in another way than the problem's, or f cannot be called with these data.
    """
    if isinstance(f, Problem):
        return _moved(f, vector, layout, arrays)
    check_signature(f, len(arrays))
    objective: Callable[..., Any] = Nested(Limited(f), layout) if layout else Limited(f)
    start, drawn = _constant(vector), _constant_data(arrays)
    return Problem(name_of(f), objective, (vector.size,), start, "the user's own", data=drawn, layout=layout)


def _moved(problem: Problem, vector: FloatArray, layout: Layout | None, arrays: tuple[FloatArray, ...]) -> Problem:
    """The problem at another point, with other data."""
    if problem.portable:
        check_signature(problem.objective, len(arrays), problem.name)
    if layout and problem.layout and not layout.fits(problem.layout):
        raise UsageError(f"x is nested in another way than x0 of {problem.name}; give it the same structure and shapes")
    objective: Callable[..., Any] = Limited(problem.objective) if problem.portable else problem.objective
    if layout and not problem.layout and problem.portable:
        objective = Nested(objective, layout)
    return replace(
        problem,
        objective=objective,
        sizes=(vector.size,),
        start=_constant(vector),
        data=_constant_data(arrays),
        layout=problem.layout or layout,
    )


def _constant(vector: FloatArray) -> Callable[[int, np.random.Generator], FloatArray]:
    return lambda n, rng: vector


def _constant_data(
    arrays: tuple[FloatArray, ...],
) -> Callable[[int, np.random.Generator], tuple[FloatArray, ...]]:
    return lambda n, rng: arrays
