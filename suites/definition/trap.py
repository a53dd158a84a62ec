"""What all traps share: one size, one point, and closed forms that are promised at that point only.

A trap is a function whose Hessian is known where frameworks return NaN, an exception or something finite and wrong. A
control is the safe formulation of one, or a place where only differences fail: it guards against flagging too much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hessbench.suites.definition.problem import FloatArray, Problem

TRAP = ("trap",)
CONTROL = ("trap", "control")
LINALG = ("trap", "linalg")
NONE_FOUND = "no report found"


def trap(name: str, objective: Callable[..., Any], point: Sequence[float] | FloatArray, **facts: Any) -> Problem:
    """A problem that exists at one point.

    Args:
        name: Unique within the suite.
        objective: f(xp, x, *data).
        point: The treacherous place; its length is n.
        facts: Further fields of `Problem`; `tags` is `TRAP` unless given.
    """
    size = len(point)
    return Problem(
        name=name,
        objective=objective,
        sizes=(size,),
        start=lambda n, rng: np.array(point, dtype=np.float64),
        takes=lambda n: n == size,
        rule=f"n = {size}",
        spread=0.0,
        timed=False,
        **{"tags": TRAP, **facts},
    )


def separable(curvature: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
    """The Hessian of sum_i phi(x_i) from phi''."""
    return lambda x, *data: np.diag(curvature(x, *data))


def fixed(*arrays: Any) -> Callable[[int, np.random.Generator], tuple[FloatArray, ...]]:
    """Data that are the same for every seed; integers stay integers."""
    return lambda n, rng: tuple(np.array(array) for array in arrays)
