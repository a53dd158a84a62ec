"""What goes in and comes out: arrays, and the objective over a namespace of them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

Array = Any
"""An array of some framework. NumPy arrays are annotated as `np.ndarray`."""

FloatArray = np.ndarray[Any, np.dtype[Any]]


class Objective(Protocol):
    """The portable objective f: R^n -> R, written once over an array namespace."""

    def __call__(self, xp: Any, x: Any, /, *data: Any) -> Any:
        """Return f(x), a scalar array of `xp`; `x` has shape (n,)."""


def cast(array: FloatArray, dtype: str | np.dtype[Any]) -> FloatArray:
    """Floating-point arrays in the given dtype; integers and Booleans as they are (labels, indices)."""
    array = np.asarray(array)
    if array.dtype == dtype:
        return array
    return array.astype(dtype) if np.issubdtype(array.dtype, np.floating) else array
