"""What a text of f loses by computing in less than the precision that was asked for: the cast is f's, not the method's.

A closed form, or another text of f, is known in float64; who differentiates a text that goes through float32 has what
float32 leaves, however exact the method is. Such a text is known by its noise, which no precision of x lowers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hessbench.backends.contract.interface import FloatArray, Objective
from hessbench.backends.numeric.evaluation import at_points, most_precise, precisions
from hessbench.backends.numeric.noise import ORDINARY, in_two_precisions, near, noise, of_a_cast

SINGLE = float(np.finfo(np.float32).eps)
EPS = float(np.finfo(np.float64).eps)

HALF = 2.0**-10
"""More than float16 loses is a value of f that is next to nothing."""

LOWERED = 16
"""Noise that extended precision lowers by less than this (by 2048, where it is rounding in the precision of x) was made
inside."""


def narrow_noise(objective: Objective, x: FloatArray, data: Sequence[FloatArray]) -> float:
    """The noise of f near x relative to its value, if something in f is computed in less than float64; else 0.

    Args:
        objective: f, as NumPy evaluates it.
        x: The point, (n,).
        data: Further arguments of f.

    Returns:
        Standard deviation of values over their size; 0 where f cannot be evaluated.
    """
    f = at_points(objective, data)

    def ask(dtype: str) -> float:
        if dtype == precisions(objective)[-1]:  # nothing to compare it with
            own, size = of_a_cast(f, x.astype(dtype))
            return own / (size or 1.0)
        seen = near(f, x.astype(dtype))
        own, size = noise(seen, f), max(abs(float(seen.center)), float(np.median(np.abs(seen.values))))  # f(x) may be 0
        if not np.isfinite(size):
            return 0.0
        lowered = own <= max(ORDINARY * EPS * size, in_two_precisions(f, seen) / LOWERED)
        return 0.0 if lowered else own / (size or 1.0)

    try:
        with np.errstate(all="ignore"):
            return min(HALF, most_precise(objective, ask))
    except Exception:  # a person's f, or a framework, may raise anything beside x
        return 0.0
