"""The closed vocabulary (`backends.contract.namespace`) over `autograd.numpy`.

autograd wraps all of NumPy, but differentiates only part of it: what has no rule (`flip`, `take`, `vecdot`, shifts
along several axes), or a rule for some arguments only (`broadcast_to`, `where`, `diagonal`, `trace`), is written here
in terms of what has one. Everything else is autograd's own function, under the standard's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

anp = Lazy("autograd.numpy")
linalg = Lazy("autograd.numpy.linalg")

Axis = int | tuple[int, ...] | None

RENAMED = {
    "abs": "fabs",  # the second derivative of autograd's `abs` is a difference that rounds to eps/|x| instead of 0
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "permute_dims": "transpose",
    "pow": "power",
}
"""The standard's name -> autograd's."""

SAME = (
    "cos",
    "cosh",
    "exp",
    "expand_dims",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "matmul",
    "max",
    "maximum",
    "min",
    "minimum",
    "ones_like",
    "prod",
    "reshape",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "sum",
    "tan",
    "tanh",
    "tensordot",
    "tril",
    "triu",
    "zeros_like",
)
"""What has the same name in both."""


def broadcast_to(x: Array, shape: tuple[int, ...]) -> Array:
    """Repeated along new and unit axes; autograd's rule does not know new ones (autograd#384)."""
    return anp.broadcast_to(anp.reshape(x, (1,) * (len(shape) - anp.ndim(x)) + anp.shape(x)), shape)


def where(condition: Array, x: Array, y: Array) -> Array:
    """Entries of x or y; the three are made equally large first, which autograd's rule takes for granted."""
    shape = np.broadcast_shapes(anp.shape(condition), anp.shape(x), anp.shape(y))
    x, y = (a if anp.shape(a) == shape else broadcast_to(a, shape) for a in (x, y))
    return anp.where(condition, x, y)


def flip(x: Array, *, axis: Axis = None) -> Array:
    """The order reversed along the axes (all of them by default)."""
    axes = range(x.ndim) if axis is None else [a % x.ndim for a in np.atleast_1d(axis)]
    return x[tuple(slice(None, None, -1 if i in axes else 1) for i in range(x.ndim))]


def roll(x: Array, shift: int | tuple[int, ...], *, axis: Axis = None) -> Array:
    """Elements shifted cyclically; one axis after the other."""
    if axis is None or isinstance(axis, int):
        return anp.roll(x, shift, axis=axis)
    for by, along in zip(np.broadcast_to(shift, len(axis)), axis, strict=True):
        x = anp.roll(x, int(by), axis=along)
    return x


def take(x: Array, indices: Array, *, axis: int = 0) -> Array:
    """Elements along an axis, by index."""
    return x[(slice(None),) * (axis % x.ndim) + (indices,)]


def concat(arrays: Sequence[Array], *, axis: int | None = 0) -> Array:
    """Arrays joined along an axis."""
    if axis is None:
        return anp.concatenate([anp.ravel(a) for a in arrays])
    return anp.concatenate(arrays, axis)


def matrix_transpose(x: Array) -> Array:
    """The last two axes exchanged."""
    return anp.swapaxes(x, -1, -2)


def mean(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Mean over axes."""
    total = anp.sum(x, axis=axis, keepdims=keepdims)
    return total * (anp.size(total) / anp.size(x))


def cumulative_sum(x: Array, *, axis: int = 0) -> Array:
    """Running sums along an axis."""
    return anp.cumsum(x, axis)


def vecdot(a: Array, b: Array, *, axis: int = -1) -> Array:
    """Inner products along an axis."""
    return anp.sum(a * b, axis=axis)


def asarray(x: Any, *, dtype: Any = None) -> Array:
    """An array from a scalar, a sequence or an array; derivatives are kept."""
    x = anp.array(x) if isinstance(x, (list, tuple)) or not hasattr(x, "astype") else x
    return x if dtype is None or x.dtype == dtype else x.astype(dtype)


def diagonal(x: Array) -> Array:
    """The diagonals of the last two axes; autograd goes back from those of square matrices only."""
    i = np.arange(min(x.shape[-2:]))
    return x[..., i, i]


def trace(x: Array) -> Array:
    """The sums of the diagonals of the last two axes; autograd's are those of the first two."""
    return anp.sum(diagonal(x), axis=-1)


def eigvalsh(x: Array) -> Array:
    """Eigenvalues; autograd has a rule for `eigh` only."""
    return linalg.eigh(x)[0]


def _in(dtype: str, create: Callable[..., Any]) -> Callable[..., Any]:
    """A creation function that follows the working dtype where it is given none."""
    return partial(_created, create, dtype)


def _created(create: Callable[..., Any], working: str, *args: Any, dtype: Any = None) -> Array:
    return create(*args, dtype=dtype or working)


def _linspace(start: Any, stop: Any, num: int, *, dtype: Any = None) -> Array:
    return anp.linspace(start, stop, num).astype(dtype)


@cache
def namespace(dtype: str) -> SimpleNamespace:
    """What an objective takes as `xp`, in one working dtype."""
    own = (broadcast_to, where, flip, roll, take, concat, matrix_transpose, mean, cumulative_sum, vecdot)
    created = {"eye": anp.eye, "full": anp.full, "linspace": _linspace, "ones": anp.ones, "zeros": anp.zeros}
    return SimpleNamespace(
        **{name: getattr(anp, name) for name in SAME},
        **{name: getattr(anp, theirs) for name, theirs in RENAMED.items()},
        **{function.__name__: function for function in own},
        **{name: _in(dtype, create) for name, create in created.items()},
        arange=anp.arange,
        asarray=asarray,
        e=np.e,
        inf=np.inf,
        nan=np.nan,
        newaxis=None,
        pi=np.pi,
        linalg=SimpleNamespace(
            **{name: getattr(linalg, name) for name in ("cholesky", "det", "inv", "slogdet", "solve")},
            diagonal=diagonal,
            eigvalsh=eigvalsh,
            outer=anp.outer,
            trace=trace,
        ),
    )
