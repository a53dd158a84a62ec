"""NumPy as an objective sees it: its own names, and compositions of them for arrays that carry derivatives.

Plain arrays go to NumPy. Hyper-dual numbers and complex steps (`backends.numeric.lifted`) have rules for the core of
the vocabulary; the rest of the standard is composed of it, or is of values alone where there is no derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache, partial, wraps
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from hessbench.backends.contract.errors import NoRule
from hessbench.backends.numeric.lifted import Lifted, Namespace, value_of
from hessbench.backends.standard import compositions
from hessbench.backends.standard.attributes import attributes
from hessbench.backends.standard.lacking import NO_COMPLEX, names, stubs

LIFTED_LACK = {
    **names(
        NO_COMPLEX, "fft.fft fft.ifft fft.fftn fft.ifftn fft.rfft fft.irfft fft.rfftn fft.irfftn fft.hfft fft.ihfft"
    ),
    **names("it has no such decomposition", "linalg.eigh linalg.pinv linalg.qr linalg.svd linalg.svdvals"),
    **names("it has no rule for it", "unique_all unique_counts unique_inverse unique_values nextafter"),
}
"""What numbers with derivatives beside them cannot do; differences can."""

LIFTED = "NumPy's numbers with derivatives"

STEPS = (
    *("all", "any", "argmax", "argmin", "argsort", "ceil", "count_nonzero", "floor", "isfinite", "isinf", "isnan"),
    *("nonzero", "round", "searchsorted", "signbit", "trunc", "floor_divide", "empty_like"),
    *("logical_and", "logical_not", "logical_or", "logical_xor"),
)
"""What has no derivative: of values alone."""


def _of_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy on the values of its arguments."""
    return wraps(function)(lambda *args, **kwargs: function(*map(value_of, args), **kwargs))


def _for_lifted(plain: Callable[..., Any], composed: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function; for arrays with derivatives the composed one."""

    @wraps(plain)
    def either(*args: Any, **kwargs: Any) -> Any:
        found = composed if any(isinstance(a, Lifted) for a in args) else plain
        return found(*args, **kwargs)

    return either


def remainder(xp: Any, a: Any, b: Any) -> Any:
    """The rest of a division, by its quotient."""
    return a - b * xp.floor_divide(a, b)


def take_along_axis(xp: Any, x: Any, indices: Any, *, axis: int = -1) -> Any:
    """Entries along an axis, of each part."""
    if not isinstance(x, Lifted):
        return np.take_along_axis(x, value_of(indices), axis=axis)
    return type(x)(*(np.take_along_axis(part, indices, axis=axis) for part in x.parts))


def sort(xp: Any, x: Any, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """Entries in order, each with its derivatives."""
    found = take_along_axis(xp, x, np.argsort(value_of(x), axis=axis, stable=stable), axis=axis)
    return xp.flip(found, axis=axis) if descending else found


def astype(xp: Any, x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> Any:
    """The array in another dtype; what is no real number any more has no derivative."""
    inexact = np.issubdtype(dtype, np.inexact)  # a complex dtype is refused where derivatives are stored
    return xp.asarray(x, dtype=dtype) if inexact else value_of(x).astype(dtype)


@cache
def namespace() -> Namespace:
    """What an objective takes as `xp`."""
    xp = Namespace()
    own = {f.__name__: partial(f, xp) for f in (remainder, take_along_axis, sort, astype)}
    composed = {name: partial(f, xp) for name, f in compositions.COMPOSED.items() if name not in OPERATORS}
    for name, function in (composed | own).items():
        setattr(xp, name, _for_lifted(getattr(np, name), function))
    for name in STEPS:
        setattr(xp, name, _of_values(getattr(np, name)))
    inner = {name: getattr(np.fft, name) for name in np.fft.__all__}
    inner |= {name: _by_parts(inner[name]) for name in ("fftshift", "ifftshift")}
    vars(xp).update(linalg=_linalg(xp), fft=SimpleNamespace(**inner))
    return xp


def _by_parts(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that moves entries, of each part."""

    def moved(x: Any, **kwargs: Any) -> Any:
        if not isinstance(x, Lifted):
            return function(x, **kwargs)
        return type(x)(*(function(part, **kwargs) for part in x.parts))

    return moved


def _transposed(x: Lifted) -> Any:
    if x.ndim != 2:
        raise ValueError(f".T is for matrices, and this has shape {x.shape}; write xp.permute_dims")
    return np.matrix_transpose(cast("Any", x))


def standard_arrays() -> AbstractContextManager[None]:
    """A block in which numbers with derivatives have the standard's attributes and methods."""
    xp = namespace()
    added = {
        "T": property(_transposed),
        "mT": property(lambda x: np.matrix_transpose(x)),
        "__floordiv__": lambda a, b: xp.floor_divide(a, b),
        "__rfloordiv__": lambda b, a: xp.floor_divide(a, b),
        "__mod__": lambda a, b: xp.remainder(a, b),
        "__rmod__": lambda b, a: xp.remainder(a, b),
    }
    return attributes(Lifted, added)


OPERATORS = (
    *("add", "subtract", "multiply", "divide", "negative", "positive"),
    *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
    *(name for name in compositions.OPERATORS if name.startswith("bitwise")),
)
"""What NumPy hands over to such arrays itself."""


def _linalg(xp: Any) -> SimpleNamespace:
    """NumPy's `linalg`, with compositions for arrays that carry derivatives."""
    names_of = {name: getattr(np.linalg, name) for name in np.linalg.__all__}
    for name, function in compositions.LINALG.items():
        names_of[name] = _for_lifted(names_of[name], partial(function, xp))
    for name, refused in stubs(LIFTED, LIFTED_LACK, "linalg.", NoRule).items():  # a composition may ask for one
        names_of[name] = _for_lifted(names_of[name], refused)
    for name in ("matmul", "matrix_transpose", "tensordot", "vecdot"):
        names_of[name] = getattr(np, name)  # NumPy's other functions of these names are not handed over
    return SimpleNamespace(**names_of | {"matrix_rank": _of_values(np.linalg.matrix_rank)})
