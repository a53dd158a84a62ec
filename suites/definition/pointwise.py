"""Problems of one size at one point: traps and canaries.

A trap is a function whose Hessian is known where frameworks return NaN, an exception or something finite and wrong; its
closed forms are promised at that point only. A control is the safe formulation of one, or a place where only
differences fail: it guards against flagging too much.

A canary is a framework's own function, which may be wrong or refuse. Its objective here, the same mathematics composed
from primitives, is the control; the framework's function is the native text of the same name in a backend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

TRAP = ("trap",)
CONTROL = ("trap", "control")
LINALG = ("trap", "linalg")
CANARY = ("canary",)
LINEAR = (*CANARY, "hard-for-differences")
"""Along some coordinate f is linear, or nearly, so that no step suits it."""
NONE_FOUND = "no report found"


def at_point(
    name: str,
    objective: Callable[..., Any],
    point: Sequence[float] | FloatArray,
    *,
    spread: float,
    tags: tuple[str, ...],
    **facts: Any,
) -> Problem:
    """A problem that exists at one point, or near it; it is checked, and its time is of no interest.

    Args:
        name: Unique within the suite.
        objective: The function f(xp, x, *data).
        point: The start point; its length is n.
        spread: See `Problem`; with 0.0 every point is this one.
        tags: See `Problem`.
        **facts: Further fields of `Problem`.

    Returns:
        The problem, of this one size.
    """
    size = len(point)
    return Problem(
        name=name,
        objective=objective,
        sizes=(size,),
        allowed=Size.exactly(size),
        start=lambda n, rng: np.array(point, dtype=np.float64),
        spread=spread,
        timed=False,
        tags=tags,
        **facts,
    )


def trap(name: str, objective: Callable[..., Any], point: Sequence[float] | FloatArray, **facts: Any) -> Problem:
    """A problem at its treacherous point and nowhere else; the arguments are those of `at_point`."""
    return at_point(name, objective, point, **{"spread": 0.0, "tags": TRAP, **facts})


def canary(name: str, objective: Callable[..., Any], point: Sequence[float] | FloatArray, **facts: Any) -> Problem:
    """A problem near a point, called as the framework's function is; the arguments are those of `at_point`."""
    return at_point(name, objective, point, **{"spread": 1e-2, "tags": CANARY, **facts})


def separable(curvature: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
    """The Hessian of sum_i phi(x_i) from phi''."""
    return lambda x, *data: np.diag(curvature(x, *data))


def generic(n: int) -> FloatArray:
    """A point without symmetries, zeros or ties."""
    return np.round(np.random.default_rng(n).standard_normal(n), 3)


def weights(*shape: int) -> FloatArray:
    """Ascending from 1 to below 2, so that no two outputs of a function count the same."""
    count = int(np.prod(shape))
    return (1 + np.arange(count) / count).reshape(shape)


def fixed(*arrays: Any) -> Callable[[int, np.random.Generator], tuple[FloatArray, ...]]:
    """Data that are the same for every seed; integers stay integers."""
    return lambda n, rng: tuple(np.array(array) for array in arrays)
