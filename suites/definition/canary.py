"""What all canaries share: one size, weights that leave no symmetry, and the mathematics composed from primitives.

The objective of a canary is the control. The framework's own function, which may be wrong or refuse, is the native text
of the same name in a backend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hessbench.suites.definition.problem import FloatArray, Problem

CANARY = ("canary",)
NONE_FOUND = "no report found"
FORWARD_OVERVIEW = "pytorch#198017"
"""The umbrella thread on forward-mode and higher-order derivatives that are silently wrong."""


def canary(name: str, objective: Callable[..., Any], point: Sequence[float] | FloatArray, **facts: Any) -> Problem:
    """A problem near one point, or with `spread=0.0` at that point only.

    Args:
        name: Unique within the suite; as the framework's function is called.
        objective: f(xp, x, *data), composed from primitives.
        point: The start point; its length is n.
        facts: Further fields of `Problem`; `tags` is `CANARY` unless given.
    """
    size = len(point)
    return Problem(
        name=name,
        objective=objective,
        sizes=(size,),
        start=lambda n, rng: np.array(point, dtype=np.float64),
        takes=lambda n: n == size,
        rule=f"n = {size}",
        timed=False,
        **{"tags": CANARY, **facts},
    )


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
