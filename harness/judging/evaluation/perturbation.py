"""Data that are changed a little, to see how much a result depends on how they are rounded."""

from __future__ import annotations

import numpy as np

from hessbench.suites.definition.arrays import FloatArray

CHANGE = 2.0**-20
"""Large against the judge's own error, small against the curvature of anything."""


def changed(array: FloatArray, rng: np.random.Generator, change: float = CHANGE) -> FloatArray:
    """An array with relative changes of random signs; integers as they are."""
    if not np.issubdtype(array.dtype, np.floating):
        return array
    return array * (1 + change * rng.choice((-1.0, 1.0), array.shape))
