"""The closed vocabulary (`backends.contract.namespace`) over `autograd.numpy`.

autograd wraps all of NumPy, but differentiates only part of it: what has no rule (`flip`, `take`, `vecdot`, shifts
along several axes), or a rule for some arguments only (`broadcast_to`, `where`, `diagonal`, `trace`), is written here
in terms of what has one. Everything else is autograd's own function, under the standard's name.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from hessbench.backends.autograd.lacks import LACKS
from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.standard import compositions, lacking

anp = Lazy("autograd.numpy")
linalg = Lazy("autograd.numpy.linalg")
fft = Lazy("autograd.numpy.fft")

Axis = int | tuple[int, ...] | None

RENAMED = {
    "acos": "arccos",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
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


STEPS = (
    *("all", "any", "argmax", "argmin", "argsort", "ceil", "count_nonzero", "floor", "isfinite", "isinf", "isnan"),
    *("logical_and", "logical_not", "logical_or", "logical_xor", "nonzero", "round", "searchsorted", "signbit"),
    *("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift", "trunc"),
)
"""What has no derivative: of values alone."""

NUMPYS = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64", "complex64", "complex128", "can_cast", "finfo", "iinfo", "isdtype", "result_type"),
    *("e", "inf", "nan", "newaxis", "pi"),
)
"""What is NumPy's own."""


def _of_values(name: str) -> Callable[..., Any]:
    """One of NumPy's functions on the values of arrays."""
    function = getattr(np, name)
    return lambda *arrays, **kwargs: function(*map(value_of, arrays), **kwargs)


def value_of(x: Any) -> Any:
    """What a box of autograd holds, which can be a box; anything else as it is."""
    while hasattr(x, "_value"):
        x = x._value
    return x


def broadcast_to(x: Array, shape: tuple[int, ...]) -> Array:
    """Repeated along new and unit axes; autograd's rule does not know new ones (autograd#384)."""
    return anp.broadcast_to(anp.reshape(x, (1,) * (len(shape) - anp.ndim(x)) + anp.shape(x)), shape)


def where(condition: Array, x: Array, y: Array) -> Array:
    """Entries of x or y; the three are made equally large first, which autograd's rule takes for granted."""
    shape = np.broadcast_shapes(anp.shape(condition), anp.shape(x), anp.shape(y))
    x, y = (a if anp.shape(a) == shape else broadcast_to(a, shape) for a in (x, y))
    return anp.where(condition, x, y)


def permute_dims(x: Array, axes: tuple[int, ...]) -> Array:
    """The axes in another order; autograd's way back is wrong where they are counted from the end."""
    return anp.transpose(x, tuple(axis % anp.ndim(x) for axis in axes))


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


def take(x: Array, indices: Array, *, axis: int | None = None) -> Array:
    """Elements along an axis, by index."""
    return x[(slice(None),) * ((axis or 0) % x.ndim) + (indices,)]


def take_along_axis(x: Array, indices: Array, *, axis: int = -1) -> Array:
    """Elements along an axis, by an index for each place."""
    index = list(np.ogrid[tuple(map(slice, indices.shape))])
    index[axis] = indices
    return x[tuple(index)]


def sort(x: Array, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """Elements in order."""
    found = take_along_axis(x, np.argsort(value_of(x), axis=axis, stable=stable), axis=axis)
    return flip(found, axis=axis) if descending else found


def astype(x: Array, dtype: Any, *, copy: bool = True, device: Any = None) -> Array:
    """The array in another dtype; the way back is NumPy's too, so integers are constants."""
    if not (np.issubdtype(dtype, np.inexact) and np.issubdtype(x.dtype, np.inexact)):
        return value_of(x).astype(dtype)
    if np.issubdtype(dtype, np.complexfloating) and np.issubdtype(x.dtype, np.floating):
        return x * np.ones((), dtype)  # the way back of autograd's own conversion is a complex gradient of a real x
    return (x if np.issubdtype(dtype, np.complexfloating) else anp.real(x)).astype(dtype)


def absolute(x: Array) -> Array:
    """Absolute values; of real numbers by `fabs`: the second derivative of autograd's `abs` rounds to eps/|x|."""
    return (anp.abs if np.iscomplexobj(value_of(x)) else anp.fabs)(x)


def sign(x: Array) -> Array:
    """The sign; autograd takes that of complex numbers for a constant."""
    return compositions.complex_sign(anp, x) if np.iscomplexobj(value_of(x)) else anp.sign(x)


def acosh(x: Array) -> Array:
    """The inverse of cosh; autograd's rule is that of numbers to the right of the imaginary axis."""
    return compositions.complex_acosh(anp, x) if np.iscomplexobj(value_of(x)) else anp.arccosh(x)


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
    return total * (anp.size(total) / anp.size(x) if anp.size(x) else np.nan)


def cumulative_sum(x: Array, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Array:
    """Running sums along an axis."""
    axis = (axis or 0) % x.ndim
    x = x if dtype is None else astype(x, dtype)
    if include_initial:
        x = anp.concatenate([np.zeros((*x.shape[:axis], 1, *x.shape[axis + 1 :]), x.dtype), x], axis)
    return anp.cumsum(x, axis)


def vecdot(a: Array, b: Array, *, axis: int = -1) -> Array:
    """Inner products along an axis; the first factor is conjugated."""
    return anp.sum((anp.conj(a) if np.iscomplexobj(value_of(a)) else a) * b, axis=axis)


def asarray(x: Any, *, dtype: Any = None, device: Any = None, copy: Any = None) -> Array:
    """An array from a scalar, a sequence or an array; derivatives are kept."""
    x = anp.array(x) if isinstance(x, (list, tuple)) or not hasattr(x, "astype") else x
    return x if dtype is None or x.dtype == dtype else astype(x, dtype)


def diagonal(x: Array, *, offset: int = 0) -> Array:
    """A diagonal of the last two axes; autograd goes back from those of square matrices only."""
    rows, columns = max(0, -offset), max(0, offset)
    i = np.arange(max(0, min(x.shape[-2] - rows, x.shape[-1] - columns)))
    return x[..., i + rows, i + columns]


def trace(x: Array, *, offset: int = 0, dtype: Any = None) -> Array:
    """The sums of a diagonal of the last two axes; autograd's are those of the first two."""
    return anp.sum(diagonal(x if dtype is None else astype(x, dtype), offset=offset), axis=-1)


def eigvalsh(x: Array) -> Array:
    """Eigenvalues; autograd has a rule for `eigh` only."""
    return linalg.eigh(x)[0]


def _in(dtype: str, create: Callable[..., Any]) -> Callable[..., Any]:
    """A creation function that follows the working dtype where it is given none."""
    return partial(_created, create, dtype)


def _created(
    create: Callable[..., Any], working: str, *args: Any, dtype: Any = None, device: Any = None, **kwargs: Any
) -> Array:
    widened = (np.complex64 for one in args if np.iscomplexobj(value_of(one)))
    return create(*args, dtype=dtype or np.result_type(working, *widened), **kwargs)


def _full(working: str, shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """Of whole numbers and Booleans in their own dtype, else in the working one."""
    own = np.asarray(value_of(fill_value)).dtype
    if own.kind in "biu":
        return anp.full(shape, fill_value, dtype=dtype or own)
    fill_value = fill_value if dtype is None else asarray(fill_value, dtype=dtype)
    return _created(anp.full, working, shape, fill_value, dtype=dtype)


def _linspace(start: Any, stop: Any, num: int, *, dtype: Any = None, endpoint: bool = True) -> Array:
    if endpoint:  # autograd's rule of linspace takes three arguments
        return anp.linspace(start, stop, num).astype(dtype)
    return (start + (stop - start) * anp.arange(num) / num).astype(dtype)


Eigh = namedtuple("Eigh", "eigenvalues eigenvectors")
Slogdet = namedtuple("Slogdet", "sign logabsdet")
SVD = namedtuple("SVD", "U S Vh")


def eigh(x: Array) -> Eigh:
    """Eigenvalues and eigenvectors."""
    return Eigh(*linalg.eigh(x))


def slogdet(x: Array) -> Slogdet:
    """Sign and logarithm of the determinant; autograd takes the sign for a constant, also that of complex matrices."""
    sign_of, size = linalg.slogdet(x)
    if np.iscomplexobj(value_of(x)):
        scale = np.exp(value_of(size) / x.shape[-1])[..., None, None]
        sign_of = sign(linalg.det(x / scale))
    return Slogdet(sign_of, size)


def solve(x1: Array, x2: Array) -> Array:
    """The solution of linear systems; both are stacked alike first, which autograd's rule takes for granted."""
    columns = x2[:, None] if x2.ndim == 1 else x2
    stack = np.broadcast_shapes(x1.shape[:-2], columns.shape[:-2])
    if not stack:
        return linalg.solve(x1, x2)
    solved = linalg.solve(*(broadcast_to(a, (*stack, *a.shape[-2:])) for a in (x1, columns)))
    return solved[..., 0] if x2.ndim == 1 else solved


def svd(x: Array, *, full_matrices: bool = True) -> SVD:
    """Singular values and vectors."""
    return SVD(*linalg.svd(x, full_matrices=full_matrices))


def svdvals(x: Array) -> Array:
    """Singular values; autograd has a rule for those with vectors only."""
    return linalg.svd(x, full_matrices=False)[1]


def cholesky(x: Array, *, upper: bool = False) -> Array:
    """The triangular factor."""
    if np.iscomplexobj(value_of(x)):
        raise Unsupported("xp.linalg.cholesky of complex matrices is not possible in autograd: its derivative is wrong")
    lower = linalg.cholesky(x)
    return matrix_transpose(lower) if upper else lower


def _rfft(x: Array, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """By `fft`: autograd's rule for real numbers is for even lengths."""
    n = n or x.shape[axis]
    found = fft.fft(x, n, axis, None if norm == "backward" else norm)
    return found[(slice(None),) * (axis % x.ndim) + (slice(n // 2 + 1),)]


def _irfft(x: Array, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """By `ifft` of the whole spectrum: autograd's rule is for even lengths, and wrong by n where norm is a word."""
    n = n or 2 * (x.shape[axis] - 1)
    half = anp.swapaxes(x, axis, -1)[..., : n // 2 + 1]
    mirrored = anp.conj(half[..., 1 : (n + 1) // 2][..., ::-1])
    between = np.zeros((*half.shape[:-1], n - half.shape[-1] - mirrored.shape[-1]))
    spectrum = anp.concatenate([half, between, mirrored], -1)
    return anp.swapaxes(anp.real(fft.ifft(spectrum, n, -1, None if norm == "backward" else norm)), axis, -1)


def _irfftn(x: Array, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Array:
    """Along the last axis of them `_irfft`, for the same reason."""
    axes = tuple(axes) if axes is not None else tuple(range(-len(s) if s else -x.ndim, 0))
    if len(axes) > 1:
        x = fft.ifftn(x, s[:-1] if s else None, axes[:-1], None if norm == "backward" else norm)
    return _irfft(x, s[-1] if s else None, axes[-1], norm)


def _rfftn(x: Array, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Array:
    """By `fftn`, for the same reason."""
    axes = tuple(axes) if axes is not None else tuple(range(-len(s) if s else -x.ndim, 0))
    found = fft.fftn(x, s, axes, None if norm == "backward" else norm)
    last = axes[-1] % x.ndim
    return found[(slice(None),) * last + (slice(found.shape[last] // 2 + 1),)]


def _hfft(x: Array, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    n = n or 2 * (x.shape[axis] - 1)
    factor = {"backward": n, "ortho": n**0.5, "forward": 1.0}[norm]
    return _irfft(anp.conj(x), n, axis) * factor


def _ihfft(x: Array, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    n = n or x.shape[axis]
    factor = {"backward": 1.0 / n, "ortho": n**-0.5, "forward": 1.0}[norm]
    return anp.conj(_rfft(x, n, axis)) * factor


@cache
def namespace(dtype: str) -> SimpleNamespace:
    """What an objective takes as `xp`, in one working dtype."""
    own = (
        *(broadcast_to, where, permute_dims, flip, roll, take, take_along_axis, sort, concat, matrix_transpose, mean),
        *(cumulative_sum, vecdot, astype, asarray, acosh, sign),
    )
    created = {"eye": anp.eye, "linspace": _linspace, "ones": anp.ones, "zeros": anp.zeros}
    xp = SimpleNamespace(
        **{name: getattr(anp, name) for name in (*SAME, "real", "imag", "conj")},
        **{name: getattr(anp, theirs) for name, theirs in RENAMED.items()},
        **{name: getattr(np, name) for name in NUMPYS},
        **{name: _of_values(name) for name in STEPS},
        **{function.__name__: function for function in own},
        **{name: _in(dtype, create) for name, create in created.items()},
        abs=absolute,
        arange=anp.arange,
        empty=_in(dtype, np.empty),
        full=partial(_full, dtype),
        empty_like=anp.zeros_like,
        from_dlpack=asarray,
    )
    vars(xp).update(lacking.stubs("autograd", LACKS))
    vars(xp).update(compositions.missing(xp, vars(xp)))
    matrices = {
        **{name: getattr(linalg, name) for name in ("det", "inv", "pinv")},
        **{f.__name__: f for f in (cholesky, diagonal, eigh, eigvalsh, slogdet, solve, svd, svdvals, trace)},
        **{"outer": anp.outer, "matrix_rank": _of_matrices("matrix_rank")},
        **lacking.stubs("autograd", LACKS, "linalg."),
    }
    xp.linalg = SimpleNamespace(**matrices, **compositions.missing_linalg(xp, matrices))
    names = ("fft", "ifft", "fftn", "ifftn", "fftshift", "ifftshift")
    xp.fft = SimpleNamespace(
        **{name: getattr(fft, name) for name in names},
        **{name: getattr(np.fft, name) for name in ("fftfreq", "rfftfreq")},
        rfft=_rfft,
        rfftn=_rfftn,
        irfft=_irfft,
        irfftn=_irfftn,
        hfft=_hfft,
        ihfft=_ihfft,
    )
    return xp


def _of_matrices(name: str) -> Callable[..., Any]:
    function = getattr(np.linalg, name)
    return lambda x, **kwargs: function(value_of(x), **kwargs)
