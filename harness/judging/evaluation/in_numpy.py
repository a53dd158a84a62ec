"""f in NumPy at a working precision, as judges call it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray, Objective, cast
from hessbench.backends.numeric import extended_linalg
from hessbench.backends.numeric.evaluation import ending


def plain(objective: Objective, data: Sequence[FloatArray], dtype: np.dtype[Any]) -> Callable[[FloatArray], Any]:
    """F at one point in NumPy, in a working precision; NaN where linear algebra raises."""
    xp = extended_linalg.namespace if dtype == np.longdouble != np.float64 else np
    constants = [cast(array, str(dtype)) for array in data]
    return ending(lambda y: objective(xp, y, *constants), np.asarray(np.nan, dtype))
