"""Data that are changed a little, to see how much a result depends on how they are rounded."""

from __future__ import annotations

import numpy as np

from hessbench.suites.definition.arrays import FloatArray

CHANGE = 2.0**-20
"""Large against the judge's own error, small against the curvature of anything."""

SMALLER = (0.5, 1.0)
"""Between these is the share."""


def changed(array: FloatArray, rng: np.random.Generator, change: float = CHANGE, turned: bool = False) -> FloatArray:
    """An array with relative changes of random signs; integers as they are.

    Args:
        array: The array.
        rng: Draws the signs.
        change: How large the changes are.
        turned: Whether every other sign is the opposite one, and each change smaller by a share of its own. What a
            change along a level line does not move, the other does. Of one size both can miss: changes of x0 x3 and of
            x1 x2 cancel in the determinant of a matrix.

    Returns:
        The changed array.
    """
    if not np.issubdtype(array.dtype, np.floating):
        return array
    signs = rng.choice((-1.0, 1.0), array.shape)
    if turned:
        signs.flat[1::2] *= -1
        signs *= rng.uniform(*SMALLER, array.shape)
    return array * (1 + change * signs)
