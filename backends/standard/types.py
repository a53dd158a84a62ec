"""Questions about dtypes, answered by NumPy, for frameworks whose dtypes are NumPy's or can be turned into them."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain(dtype: Any) -> np.dtype[Any]:
    """NumPy's dtype for an array, or for a dtype of some framework."""
    dtype = getattr(dtype, "dtype", dtype) if not isinstance(dtype, type) else dtype
    return np.dtype(getattr(dtype, "as_numpy_dtype", dtype))


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind: a name of the standard, a dtype, or several of them."""
    if isinstance(kind, tuple):
        return any(isdtype(dtype, one) for one in kind)
    return np.isdtype(plain(dtype), kind if isinstance(kind, str) else plain(kind))


def can_cast(from_: Any, to: Any) -> bool:
    """Whether one dtype can hold what another does."""
    return np.can_cast(plain(from_), plain(to))


def finfo(dtype: Any) -> Any:
    """Limits of a floating-point type."""
    return np.finfo(plain(dtype))


def iinfo(dtype: Any) -> Any:
    """Limits of an integer type."""
    return np.iinfo(plain(dtype))


def result_type(*arrays: Any) -> np.dtype[Any]:
    """The dtype of a sum of these; Python's numbers do not widen it."""
    given = [a if isinstance(a, (bool, int, float, complex)) else plain(a) for a in arrays]
    return np.result_type(*given)
