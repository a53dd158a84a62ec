"""Data that are changed a little, to see how much a result depends on how they are rounded."""

from __future__ import annotations

import numpy as np

from hessbench.suites.definition.arrays import FloatArray

CHANGE = 2.0**-20
"""Large against the judge's own error, small against the curvature of anything."""


def changed(array: FloatArray, rng: np.random.Generator, change: float = CHANGE, turned: bool = False) -> FloatArray:
    """An array with relative changes of random signs; integers as they are.

    Args:
        array: The array.
        rng: Draws the signs.
        change: How large the changes are.
        turned: Whether every other sign is the opposite one. What a change along a level line does not move, the other
            does; of two variables there are no more.

    Returns:
        The changed array.
    """
    if not np.issubdtype(array.dtype, np.floating):
        return array
    signs = rng.choice((-1.0, 1.0), array.shape)
    if turned:
        signs.flat[1::2] *= -1
    return array * (1 + change * signs)
