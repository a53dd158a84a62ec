"""What an objective gets as `xp` while its pattern is found: NumPy's names, and compositions for the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial, wraps
from types import SimpleNamespace
from typing import Any

import numpy as np

from hessbench.backends.sparsity.detection.arrays import ARRAYS, sort
from hessbench.backends.sparsity.detection.dependent import Dependent, holds
from hessbench.backends.sparsity.detection.elementwise import ELEMENTWISE, step
from hessbench.backends.standard import compositions

OWN = (
    *compositions.OPERATORS,
    *("moveaxis", "repeat", "tile", "take_along_axis", "count_nonzero", "isnan", "isinf", "isfinite", "trunc"),
    *("real", "imag", "signbit", "hypot", "full_like", "reciprocal"),
)
"""Compositions that are not needed: NumPy hands these over itself, and there is a rule."""


def _either(plain: Callable[..., Any], composed: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function; the composed one for arrays that depend on x."""

    @wraps(plain)
    def function(*args: Any, **kwargs: Any) -> Any:
        return (composed if any(map(holds, (*args, *kwargs.values()))) else plain)(*args, **kwargs)

    return function


def _handed(plain: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function; its rule where any argument depends on x: NumPy itself asks some arguments only.

    np.take(data, i) looks at the data, not at i, and np.full_like(data, value) not at the value.

    Returns:
        The function.
    """

    @wraps(plain)
    def function(*args: Any, **kwargs: Any) -> Any:
        found = next((a for a in (*args, *kwargs.values()) if isinstance(a, Dependent)), None)
        return plain(*args, **kwargs) if found is None else found.apply(plain, args, kwargs)

    return function


def asarray(a: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """NumPy's; what depends on x still does, also as an entry of a list. Whole numbers made of it are steps."""
    if not holds(a):
        return np.asarray(a, dtype=dtype, **kwargs)
    if not isinstance(a, Dependent):
        return np.stack([asarray(entry, dtype=dtype) for entry in a])
    if dtype is None or np.issubdtype(dtype, np.inexact):
        value = None if a.value is None else np.asarray(a.value, dtype=dtype)
        return a.trace.make(a.numbers, dtype or a.dtype, value)
    return step(a.trace, np.astype, a, dtype)


def full(shape: Any, fill_value: Any, *, dtype: Any = None, **kwargs: Any) -> Any:
    """NumPy's; the fill value may depend on x."""
    if not isinstance(fill_value, Dependent):
        return np.full(shape, fill_value, dtype=dtype, **kwargs)
    return np.broadcast_to(asarray(fill_value, dtype=dtype), shape)


def _of_dtype(plain: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's finfo or iinfo, of the dtype where they are asked about an array."""
    return lambda type: plain(type.dtype if isinstance(type, Dependent) else type)


def _astype(x: Any, dtype: Any, **kwargs: Any) -> Any:
    return asarray(x, dtype=dtype)


def _sort(x: Any, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    found = sort(x.trace, np.sort, x, axis)
    return np.flip(found, axis=axis) if descending else found


class Namespace:
    """NumPy with other functions in places."""

    def __init__(self) -> None:
        vars(self).update(vars(np))
        ruled = [f for f in {**ELEMENTWISE, **ARRAYS} if not isinstance(f, np.ufunc)]  # ufuncs ask all arguments
        vars(self).update({f.__name__: _handed(f) for f in ruled if vars(np).get(f.__name__) is f})
        composed: dict[str, Callable[..., Any]] = {
            k: partial(f, self) for k, f in compositions.COMPOSED.items() if k not in OWN
        }
        composed |= {"astype": _astype, "sort": _sort}
        for name, function in composed.items():
            setattr(self, name, _either(getattr(np, name), function))
        linalg: dict[str, Any] = {name: getattr(np.linalg, name) for name in np.linalg.__all__}
        for name, function in compositions.LINALG.items():
            linalg[name] = _either(linalg[name], partial(function, self))
        linalg |= {name: getattr(np, name) for name in ("matmul", "matrix_transpose", "tensordot", "vecdot")}
        vars(self).update(asarray=asarray, full=full, linalg=SimpleNamespace(**linalg))
        vars(self).update(finfo=_of_dtype(np.finfo), iinfo=_of_dtype(np.iinfo))

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)  # what NumPy itself loads at first use


@cache
def namespace() -> Any:
    """What an objective takes as `xp`."""
    return Namespace()
