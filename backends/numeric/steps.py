"""One step size for each coordinate, for formulas that are evaluated at a single one."""

from __future__ import annotations

import numpy as np

from hessbench.backends.contract.arrays import FloatArray


def steps(x: FloatArray, power: float) -> FloatArray:
    """Per-coordinate steps eps**power * max(|x_i|, 1), shape (n,)."""
    return x.dtype.type(np.finfo(x.dtype).eps ** power) * np.maximum(np.abs(x), x.dtype.type(1))
